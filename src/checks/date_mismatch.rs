//! ACC013 `date-mismatch`: another day.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    document::SegmentText,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Language, Side, Span},
};

declare_check! {
    /// ## What it does
    /// Compares the months, days and weekdays of a pair, and reports a month that became another one, a day
    /// of the same month that did, a weekday, and a time that became its opposite (yesterday and tomorrow, last
    /// and next week, morning and night, BC and AD). `4/3/2023` is read as each language reads it.
    ///
    /// ## Why it matters
    /// MQM Mistranslation. A reader cannot see a wrong date; who copies `4/3` from English turns
    /// April into March.
    ///
    /// ## Example
    /// - *It opens on April 3, 2023.* – `Dibuka pada 4/3/2023.`
    /// - *See you on Tuesday.* – `Sampai jumpa hari Kamis.`
    ///
    /// ## Not reported
    /// A date that only one side has, numeric dates of English that may be read either way,
    /// abbreviations (`Jan.`), `may` and `march` in lower case. Days from 13 on belong to
    /// `number-mismatch`.
    ///
    /// ## Known misses
    /// A wrong date beside the right one.
    ///
    /// ## False alarms
    /// 0 per 1,000 of 5,997 pairs (FLORES-200 dev and documentation). Of references of FLORES with another
    /// month 27 of 29 were found, with another weekday 10 of 10, with another day below 13 8 of 8.
    /// 2026-11-24, `scripts/pair_recall.py`.
    DateMismatch {
        code: "ACC013",
        name: "date-mismatch",
        mqm: Mistranslation,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.date-mismatch]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct DateMismatch {}

/// How both languages write the months, and the weekdays from Monday on.
const MONTHS: [&str; 12] = [
    "January|Januari|Jan",
    "February|Februari|Pebruari|Feb",
    "March|Maret|Mar",
    "April|Apr",
    "May|Mei",
    "June|Juni|Jun",
    "July|Juli|Jul",
    "August|Agustus|Aug|Agu|Ags|Agt",
    "September|Sept|Sep",
    "October|Oktober|Oct|Okt",
    "November|Nopember|Nov",
    "December|Desember|Dec|Des",
];
const WEEKDAYS: [&str; 7] = [
    "Monday|Mondays|Senin",
    "Tuesday|Tuesdays|Selasa",
    "Wednesday|Wednesdays|Rabu",
    "Thursday|Thursdays|Kamis",
    "Friday|Fridays|Jumat|Jum'at|Jum’at",
    "Saturday|Saturdays|Sabtu",
    "Sunday|Sundays|Minggu|Ahad",
];
const NAMES: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Months that are words or names as well count only beside a number or a preposition.
const DOUBTFUL: [&str; 17] = [
    "May", "March", "Mar", "Jan", "Sep", "Sept", "Dec", "Des", "Jun", "Jul", "Nov", "Oct", "Okt",
    "Apr", "Feb", "Aug", "Agu",
];

fn numbered(names: &[&'static str]) -> HashMap<&'static str, u32> {
    let rows = (1..).zip(names);
    rows.flat_map(|(number, names)| names.split('|').map(move |name| (name, number))).collect()
}

static MONTH_OF: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| numbered(&MONTHS));
static WEEKDAY_OF: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| numbered(&WEEKDAYS));

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let months = MONTHS.join("|");
    Regex::new(&format!(
        r"(?x)
          \b (?P<d1>[0-9]{{1,2}}) (?:st|nd|rd|th)? (?:\ of)? \ (?P<m1>{months}) \b
        | \b (?P<m2>{months}) \.? \ (?P<d2>[0-9]{{1,2}}) (?:st|nd|rd|th)? \b
        | (?P<before> \b (?i: in | of | since | until | by | from | to | last | next | this | early | late | mid | during | and | or
            | pada | bulan | sejak | hingga | sampai | dari | dan ) [\ -] )?
          \b (?P<m3>{months}) \b (?: \.? \ (?P<d3>[0-9]{{1,2}}) (?:st|nd|rd|th)? \b )? (?P<year> \ [12][0-9]{{3}} \b )?
        | \b (?P<a>[0-9]{{1,2}}) / (?P<b>[0-9]{{1,2}}) / (?:[0-9]{{4}}|[0-9]{{2}}) \b
        | \b [12][0-9]{{3}} - (?P<iso_month>[01][0-9]) - (?P<iso_day>[0-3][0-9]) \b
        "
    ))
    .expect("the pattern is valid")
});

static WEEKDAY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"\b(?:{})\b", WEEKDAYS.join("|"))).expect("the pattern is valid")
});

/// A time and its opposite: each in English and in Indonesian.
struct Opposites([[Regex; 2]; 2]);

static OPPOSITES: LazyLock<[Opposites; 5]> = LazyLock::new(|| {
    let months = MONTHS.join("|");
    let days = WEEKDAYS.join("|");
    let periods = format!("(?:week|month|year|{days})");
    let jangka = format!("(?:pekan|minggu|bulan|tahun|{days})");
    let when = format!("(?:bulan )?(?:{months}|tahun|pekan|abad|[12][0-9]{{3}})");
    let rows = [
        [r"(?i)\byesterday\b".to_owned(), r"(?i)\bkemarin\b".to_owned()],
        [r"(?i)\btomorrow\b".to_owned(), r"(?i)\b(?:besok|esok)\b".to_owned()],
        [format!(r"(?i)\blast {periods}\b"), format!(r"(?i)\b{jangka} (?:lalu|kemarin|silam)\b")],
        [format!(r"(?i)\bnext {periods}\b"), format!(r"(?i)\b{jangka} (?:depan|mendatang)\b")],
        [r"(?i)\b(?:mornings?|dawn)\b".to_owned(), r"(?i)\b(?:pagi|subuh|dini hari)\b".to_owned()],
        [r"(?i)\b(?:evenings?|nights?|tonight)\b".to_owned(), r"(?i)\bmalam\b".to_owned()],
        [r"\bBCE?\b".to_owned(), r"\bSM\b|[Ss]ebelum Masehi".to_owned()],
        [r"\b(?:AD|CE)\b".to_owned(), r"\bMasehi\b|[0-9] M\b".to_owned()],
        [
            format!(r"\bearly (?:in )?(?:{months}|[12][0-9]{{3}}|this|last|next|on)\b"),
            format!(r"\b[Aa]wal {when}"),
        ],
        [
            format!(r"\blate (?:in )?(?:{months}|[12][0-9]{{3}}|this|last|next)\b"),
            format!(r"\b[Aa]khir {when}"),
        ],
    ];
    let mut all = rows
        .into_iter()
        .map(|row| row.map(|pattern| Regex::new(&pattern).expect("the pattern is valid")));
    std::array::from_fn(|_| {
        Opposites(std::array::from_fn(|_| all.next().expect("five pairs of two rows")))
    })
});

/// A time of the source that the target has only as its opposite: `yesterday` – `besok`.
fn opposite(source: &SegmentText, target: &SegmentText, from: Language) -> Option<(Span, Span)> {
    let (of_source, of_target) = match from {
        Language::En => (0, 1),
        Language::Id => (1, 0),
    };
    let find = |regex: &Regex, side: &SegmentText| {
        regex.find(&side.text).map(|found| Span::new(found.range()))
    };
    OPPOSITES.iter().find_map(|Opposites([one, other])| {
        [(one, other), (other, one)].into_iter().find_map(|(one, other)| {
            let there = find(&one[of_source], source)?;
            let here = find(&other[of_target], target)?;
            let either =
                other[of_source].is_match(&source.text) || one[of_target].is_match(&target.text);
            (!either).then_some((there, here))
        })
    })
}

/// A date or a month: what it may be.
struct Mention {
    span: Span,
    /// Month, from 1, and day.
    readings: Vec<(u32, Option<u32>)>,
}

fn mentions(side: &SegmentText, language: Language) -> Vec<Mention> {
    let text = side.text.as_str();
    let mut out = Vec::new();
    for found in DATE.captures_iter(text) {
        let mut span = Span::new(found.get(0).expect("the whole match").range());
        let number = |name: &str| found.name(name).and_then(|m| m.as_str().parse::<u32>().ok());
        let month = |name: &str| found.name(name).and_then(|m| MONTH_OF.get(m.as_str()).copied());
        let mut readings = Vec::new();
        if let Some(month) = month("m1").or(month("m2")) {
            readings.push((month, number("d1").or(number("d2"))));
        } else if let (Some(month), Some(name)) = (month("m3"), found.name("m3")) {
            let end = found.name("d3").map_or(name.end(), |day| day.end());
            span = Span::new(name.start()..end);
            let known = ["before", "year", "d3"].iter().any(|part| found.name(part).is_some());
            if DOUBTFUL.contains(&name.as_str()) && !known {
                continue;
            }
            readings.push((month, number("d3")));
        } else if let (Some(a), Some(b)) = (number("a"), number("b")) {
            readings.push((b, Some(a)));
            if language == Language::En {
                readings.push((a, Some(b)));
            }
        } else {
            let Some(month) = number("iso_month") else { continue };
            readings.push((month, number("iso_day")));
        }
        readings.retain(|(month, day)| {
            (1..=12).contains(month) && day.is_none_or(|day| (1..=31).contains(&day))
        });
        if !readings.is_empty() && !side.in_placeable(span) {
            out.push(Mention { span, readings });
        }
    }
    out
}

/// The weekdays of a text, each with the days that it may be.
fn weekdays(side: &SegmentText, language: Language) -> Vec<(Span, [u32; 2])> {
    let text = side.text.as_str();
    let all = WEEKDAY.find_iter(text).filter_map(|m| {
        let span = Span::new(m.range());
        // `Minggu lalu` at the start is a week.
        let week = m.as_str() == "Minggu" && text[..m.start()].trim_end().is_empty();
        let day = WEEKDAY_OF[m.as_str()];
        // `malam Minggu` is the night before Sunday, or that of Sunday.
        let eve = language == Language::Id
            && ["malam ", "Malam "].iter().any(|night| text[..m.start()].ends_with(night));
        let other = if eve { (day + 5) % 7 + 1 } else { day };
        (!week && !side.in_placeable(span)).then_some((span, [day, other]))
    });
    all.collect()
}

impl Mention {
    fn month_of(&self, other: &Mention) -> bool {
        self.readings.iter().any(|(month, _)| other.readings.iter().any(|(its, _)| its == month))
    }
}

impl Check for DateMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let (target, direction) = (&cx.segment.target, cx.segment.direction);
        let mut report = |here: Span, there: Span, what: &str, help: String| {
            findings
                .push(format!("`{}` is another {what} than in the source", here.of(&target.text)))
                .at(here)
                .label(cx.segment.id, Side::Source, there, "")
                .confidence(Confidence::High)
                .help(help);
        };
        if let Some((there, here)) = opposite(source, target, direction.source()) {
            report(here, there, "time", format!("the source says `{}`", there.of(&source.text)));
        }
        let ours = mentions(target, direction.target());
        if !ours.is_empty() {
            let theirs = mentions(source, direction.source());
            let lost = theirs.iter().find(|one| !ours.iter().any(|other| one.month_of(other)));
            let new = ours.iter().find(|one| !theirs.iter().any(|other| one.month_of(other)));
            if let (Some(lost), Some(new)) = (lost, new) {
                let month = NAMES[lost.readings[0].0 as usize - 1];
                let crossed = |(month, day): &(u32, Option<u32>)| {
                    lost.readings.iter().any(|(m, d)| Some(*m) == *day && *d == Some(*month))
                };
                let help = match new.readings.iter().any(crossed) {
                    true => format!("put the day first: the source says {month}"),
                    false => format!("the source says {month}"),
                };
                report(new.span, lost.span, "month", help);
            } else if let Some((here, there, day)) = other_day(&ours, &theirs) {
                report(here, there, "day", format!("the source says the {day}."));
            }
        }
        let ours = weekdays(target, direction.target());
        if ours.is_empty() {
            return;
        }
        let theirs = weekdays(source, direction.source());
        let same = |days: &[u32; 2], its: &[u32; 2]| days.iter().any(|day| its.contains(day));
        let lost = theirs.iter().find(|(_, days)| !ours.iter().any(|(_, its)| same(days, its)));
        let new = ours.iter().find(|(_, days)| !theirs.iter().any(|(_, its)| same(days, its)));
        if let (Some((there, _)), Some((here, _))) = (lost, new) {
            let wanted = there.of(&source.text);
            report(*here, *there, "weekday", format!("the source says {wanted}"));
        }
    }
}

/// A date of ours in a month of theirs whose days are all others, each below 13.
fn other_day(ours: &[Mention], theirs: &[Mention]) -> Option<(Span, Span, u32)> {
    for one in ours {
        let [(month, Some(day))] = one.readings[..] else { continue };
        let of_month = |other: &&Mention| other.readings.iter().any(|(its, _)| *its == month);
        let there: Vec<&Mention> = theirs.iter().filter(of_month).collect();
        let days: Vec<u32> =
            there.iter().flat_map(|m| &m.readings).filter_map(|(_, day)| *day).collect();
        let single = there.iter().all(|m| m.readings.len() == 1 && m.readings[0].1.is_some());
        if single && !there.is_empty() && day < 13 && days.iter().all(|d| *d < 13 && *d != day) {
            return Some((one.span, there[0].span, days[0]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::pair_marks;

    fn found(source: &str, target: &str) -> Vec<String> {
        pair_marks(&META, source, target)
    }

    #[test]
    fn other_dates() {
        assert_eq!(found("It opens on April 3, 2023.", "Dibuka pada 4/3/2023."), ["4/3/2023"]);
        assert_eq!(found("On 5 June 1998", "Pada 5 Juli 1998"), ["5 Juli"]);
        assert_eq!(found("In March we met.", "Pada bulan Mei kami bertemu."), ["Mei"]);
        assert_eq!(found("On 5 June 1998", "Pada 8 Juni 1998"), ["8 Juni"]);
        assert_eq!(found("Open from March 2 on", "Buka mulai 12 Maret"), ["12 Maret"]);
        assert_eq!(found("They left yesterday.", "Mereka berangkat besok."), ["besok"]);
        assert_eq!(found("It opens next month.", "Dibuka bulan lalu."), ["bulan lalu"]);
        assert_eq!(found("In 40 BC it burned.", "Pada 40 Masehi kota itu terbakar."), ["Masehi"]);
        assert_eq!(found("See you on Tuesday.", "Sampai jumpa hari Kamis."), ["Kamis"]);
        assert_eq!(found("Dated 2024-03-09", "Tertanggal 9 April 2024"), ["9 April"]);
    }

    #[test]
    fn the_same_date() {
        for (source, target) in [
            ("It opens on April 3, 2023.", "Dibuka pada 3/4/2023."),
            ("On 4/3/2023 it opened.", "Pada 3 April 2023 dibuka."),
            ("On the 5th of June", "Pada tanggal 5 Juni"),
            ("You may march on.", "Anda boleh maju terus pada bulan Mei."),
            ("From May 5 to June 7", "Dari 5 Mei sampai 7 Juni"),
            ("It is due on Jan. 4.", "Tenggatnya 4 Januari."),
            ("Last week, on Sunday", "Minggu lalu, hari Minggu"),
            ("Every Friday", "Setiap hari Jum'at"),
            ("In August", "Pada bulan itu"),
            ("We met late last night.", "Kami bertemu larut malam kemarin."),
            ("Good night and good morning", "Selamat pagi"),
            ("June spoke in July.", "June berbicara pada Juli."),
            ("We play on Saturday night.", "Kami bermain pada malam Minggu."),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
