//! LOC002 `date-format`: dates and times in another language's order.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::{Captures, Regex};
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Language, Span},
};

declare_check! {
    /// ## What it does
    /// Reports dates and times in Indonesian text that keep the order of English or Chinese, or their
    /// names: `Januari 5, 2023`, `pada Agustus 8`, `5 March`, `2023 tahun 1 bulan 5 hari`, `tahun 2016
    /// Oktober 2`, `2023/01/05`, `9 AM`, and dates and times that cannot be (`13/31/2023`, `31 April`,
    /// `pukul 25.10`).
    ///
    /// ## Why it matters
    /// MQM Locale conventions/Date format. `3/4/2023` is the third of April to an Indonesian; a
    /// foreign order beside it makes every date doubtful.
    ///
    /// ## Example
    /// - `Januari 5, 2023` → `5 Januari 2023`
    /// - `pukul 9 PM` → `pukul 21.00`
    ///
    /// ## Not reported
    /// ISO dates (`2023-01-05`), month and year (`Januari 2023`), times with a zone (`19.30 WIB`).
    ///
    /// ## Known misses
    /// `3/4/2023` that was meant as the fourth of March.
    ///
    /// ## False alarms
    /// 0.3 per 1,000 (95 % interval 0.1–0.7) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`; all are dates of English, in an encyclopedia.
    DateFormat {
        code: "LOC002",
        name: "date-format",
        mqm: DateFormat,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.date-format]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct DateFormat {}

const MONTHS: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];

/// English months that Indonesian writes otherwise, with their number.
const ENGLISH: [(&str, usize); 20] = [
    ("January", 1),
    ("February", 2),
    ("March", 3),
    ("May", 5),
    ("June", 6),
    ("July", 7),
    ("August", 8),
    ("October", 10),
    ("December", 12),
    ("Jan", 1),
    ("Feb", 2),
    ("Mar", 3),
    ("Apr", 4),
    ("Jun", 6),
    ("Jul", 7),
    ("Agu", 8),
    ("Aug", 8),
    ("Oct", 10),
    ("Des", 12),
    ("Dec", 12),
];

/// Signs of a date or a time; a text without them has none that this check could report.
static SIGNS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let months = MONTHS.iter().chain(ENGLISH.iter().map(|(name, _)| name));
    let others = ["/", "bulan", "am", "pm", "a.m", "p.m", "pukul", "jam "];
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(months.chain(&others))
        .expect("a list is far smaller than an automaton may be")
});

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let months = MONTHS.join("|");
    let english: Vec<&str> = ENGLISH.iter().map(|(name, _)| *name).collect();
    let (full, short) = english.split_at(9);
    let (full, short) = (full.join("|"), short.join("|"));
    Regex::new(&format!(
        r"(?x) \b (?:
            (?P<month>(?i:{months})|{full}|{short}) \.? \  (?:ke-)? (?P<day>[0-9]{{1,2}}) (?:st|nd|rd|th)? (?: ,\ ? | \ ) (?P<year>[12][0-9]{{3}}) \b
          | (?P<pre>[Tt]ahun\ )? (?P<y4>[12][0-9]{{3}}) ,? \  (?P<mon>(?i:{months})) \  (?P<d4>[0-9]{{1,2}}) \b
          | (?P<ed>[0-9]{{1,2}}) (?:st|nd|rd|th)? \ (?:of\ )? (?P<em>{full}) (?: ,? \  (?P<ey>[12][0-9]{{3}}) )? \b
          | (?P<em2>{full}) \ (?P<ed2>[0-9]{{1,2}}) (?:st|nd|rd|th)? \b
          | (?P<ord>[0-9]{{1,2}}) (?:st|nd|rd|th) \ (?P<om>(?i:{months})) \b
          | (?P<from>[0-9]{{1,2}}) \ dari \ (?:bulan\ )? (?P<fm>(?i:{months})) \b
          | (?P<bm>(?i:{months})) \ (?:ke-)? (?P<bd>[0-9]{{1,2}}) (?:st|nd|rd|th)? (?P<rest> [.,;)] | \ (?:dan|di|untuk|lalu|oleh|sebagai|saat|ketika|pukul|dengan|dalam|karena|setelah|sebelum|hingga|sampai|kemarin|mendatang|nanti|yang|ini|telah|akan|tahun|waktu)\b | $ )
          | (?P<y>[12][0-9]{{3}}) \ ?tahun,?\ ? (?P<m>[0-9]{{1,2}}) \ ?bulan (?: ,?\ ? (?P<d>[0-9]{{1,2}}) \ ?(?:hari|tanggal) )?
          | [Tt]ahun\ (?P<yb>[12][0-9]{{3}}) ,?\ bulan\ (?P<mb>[0-9]{{1,2}}) (?: ,?\ (?:hari|tanggal)\ (?P<db>[0-9]{{1,2}}) )?
          | (?P<md>[0-9]{{1,2}}) \ bulan \ (?P<dd>[0-9]{{1,2}}) \ (?:hari|tanggal) \ ,? (?:tahun\ )? (?P<yd>[12][0-9]{{3}})
          | [Bb]ulan\ (?P<mc>[0-9]{{1,2}}) ,?\ (?:tanggal|hari)\ (?P<dc>[0-9]{{1,2}})
          | (?P<a>[0-9]{{1,2}}) / (?P<b>[0-9]{{1,2}}) / (?P<slashed>[0-9]{{4}}) \b
          | (?P<ys>[12][0-9]{{3}}) / (?P<ms>[0-9]{{1,2}}) / (?P<ds>[0-9]{{1,2}}) \b
          | (?: (?:[Pp]ukul|[Jj]am) \  )? (?P<hour>[0-9]{{1,2}}) (?: [.:] (?P<minute>[0-9]{{2}}) )? \ ? (?P<half>[AaPp](?:[Mm]\b|\.\ ?[Mm]\.))
          | [Pp]ukul \ (?P<h>[0-9]{{1,2}}) [.:] (?P<min>[0-9]{{2}}) \b
          | (?P<late>[0-9]{{1,2}}) \ (?P<lm>(?i:{months})) \b
          | (?:[Tt]anggal\ )? ke-(?P<nth>[0-9]{{1,2}}) \ (?:bulan\ )? (?P<of>(?i:{months}))
        )"
    ))
    .expect("the pattern is valid")
});

/// Number of a month by its Indonesian or English name.
fn month(name: &str) -> Option<usize> {
    MONTHS
        .iter()
        .position(|month| month.eq_ignore_ascii_case(name))
        .map(|index| index + 1)
        .or_else(|| ENGLISH.iter().find(|(month, _)| *month == name).map(|(_, number)| *number))
}

/// `day month year`, where there is such a day.
fn date(day: usize, month: usize, year: &str) -> Option<String> {
    let days = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let (name, last) = (MONTHS.get(month.checked_sub(1)?)?, days.get(month - 1)?);
    let date = format!("{day} {name} {year}");
    (1..=*last).contains(&day).then(|| date.trim_end().to_owned())
}

/// What is wrong, and what to write.
fn judge(found: &Captures<'_>) -> Option<(&'static str, Option<String>)> {
    let number = |name: &str| found.name(name).and_then(|m| m.as_str().parse::<usize>().ok());
    let text = |name: &str| found.name(name).map_or("", |m| m.as_str());
    if let Some(day) = number("day") {
        let date = date(day, month(text("month"))?, text("year"))?;
        return Some(("month before day", Some(date)));
    }
    if let Some(day) = number("d4") {
        let date = date(day, month(text("mon"))?, text("y4"))?;
        return Some(("year and month before day", Some(date)));
    }
    for (d, m, y) in [("ed", "em", "ey"), ("ed2", "em2", "")] {
        if let Some(day) = number(d) {
            let date = date(day, month(text(m))?, text(y))?;
            return Some(("an English month", Some(date)));
        }
    }
    for (d, m) in [("ord", "om"), ("from", "fm")] {
        if let Some(day) = number(d) {
            return Some(("an English date, word by word", Some(date(day, month(text(m))?, "")?)));
        }
    }
    if let Some(day) = number("bd") {
        return Some(("month before day", Some(date(day, month(text("bm"))?, "")?)));
    }
    for (y, m, d) in [("y", "m", "d"), ("yb", "mb", "db"), ("yd", "md", "dd"), ("", "mc", "dc")] {
        let Some(month) = number(m) else { continue };
        let suggestion = match number(d) {
            Some(day) => date(day, month, text(y)),
            None => MONTHS.get(month.checked_sub(1)?).map(|name| format!("{name} {}", text(y))),
        };
        return Some(("a Chinese date, word by word", Some(suggestion?)));
    }
    if let (Some(a), Some(b)) = (number("a"), number("b")) {
        let possible = (1..=31).contains(&a) && (1..=12).contains(&b);
        let american = (1..=12).contains(&a) && (13..=31).contains(&b);
        return match (possible, american) {
            (true, _) => None,
            (_, true) => Some(("month before day", Some(format!("{b}/{a}/{}", text("slashed"))))),
            _ => Some(("there is no such date", None)),
        };
    }
    if let (Some(month), Some(day)) = (number("ms"), number("ds")) {
        return Some(("year before month and day", Some(date(day, month, text("ys"))?)));
    }
    if let Some(hour) = number("hour") {
        let afternoon = text("half").starts_with(['P', 'p']);
        let hour = match (hour, afternoon) {
            (12, false) => 0,
            (1..=11, true) => hour + 12,
            (1..=12, _) => hour,
            _ => return Some(("there is no such time", None)),
        };
        let minute = number("minute").unwrap_or(0);
        return Some((
            "hours run to 24 in Indonesian",
            Some(format!("pukul {hour:02}.{minute:02}")),
        ));
    }
    if let (Some(hour), Some(minute)) = (number("h"), number("min")) {
        let possible = hour < 24 && minute < 60 || hour == 24 && minute == 0;
        return (!possible).then_some(("there is no such time", None));
    }
    if let Some(day) = number("late") {
        let possible = date(day, month(text("lm"))?, "").is_some();
        return (!possible && day > 0).then_some(("there is no such date", None));
    }
    let day = number("nth")?;
    Some(("days of a month are no ordinals", Some(date(day, month(text("of"))?, "")?)))
}

impl Check for DateFormat {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        let digit = target.text.bytes().any(|b| b.is_ascii_digit());
        if !digit || !SIGNS.is_match(target.text.as_str()) {
            return;
        }
        for found in PATTERN.captures_iter(&target.text) {
            let whole = found.get(0).expect("the whole match");
            let rest = found.name("rest").map_or("", |rest| rest.as_str());
            let span = Span::new(whole.start()..whole.end() - rest.len());
            // `selama April 5,16 persen`; the dates of references keep their language.
            let text = target.text.as_str();
            let decimal =
                !rest.is_empty() && text[whole.end()..].starts_with(|c: char| c.is_ascii_digit());
            let reference = text.trim_start().starts_with('^')
                || text[..whole.start()].ends_with('(')
                || text.contains("Diakses");
            if decimal || reference {
                continue;
            }
            let Some((message, suggestion)) = judge(&found) else { continue };
            if target.in_placeable(span) {
                continue;
            }
            let draft = findings.push(message).at(span).confidence(Confidence::High);
            if let Some(suggestion) = suggestion {
                draft.suggest(suggestion);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{fixes, marks};

    #[test]
    fn foreign_orders() {
        assert_eq!(
            fixes(&META, "Pada Agustus 17, 1945 ia lahir."),
            ["Agustus 17, 1945 → 17 Agustus 1945"]
        );
        assert_eq!(
            fixes(&META, "Pada 2024 tahun 8 bulan 17 hari"),
            ["2024 tahun 8 bulan 17 hari → 17 Agustus 2024"]
        );
        assert_eq!(fixes(&META, "Mulai pukul 9 PM."), ["pukul 9 PM → pukul 21.00"]);
        assert_eq!(
            fixes(&META, "tertanggal 12/25/2022 dan 25/12/2022"),
            ["12/25/2022 → 25/12/2022"]
        );
        assert_eq!(marks(&META, "tertanggal 32/13/2022"), ["32/13/2022"]);
        assert_eq!(fixes(&META, "hari ke-7 Mei").len(), 1);
        assert_eq!(fixes(&META, "Ia tiba pada Juli 9 dan pulang."), ["Juli 9 → 9 Juli"]);
        assert_eq!(
            fixes(&META, "Dibuka tahun 2019 Mei 4 lalu."),
            ["tahun 2019 Mei 4 → 4 Mei 2019"]
        );
        assert_eq!(fixes(&META, "Toko buka 7:30 am."), ["7:30 am → pukul 07.30"]);
        assert_eq!(fixes(&META, "Pada 3 March 2020 ia pergi."), ["3 March 2020 → 3 Maret 2020"]);
        assert_eq!(fixes(&META, "sejak 2021/11/30"), ["2021/11/30 → 30 November 2021"]);
        assert_eq!(marks(&META, "Tanggal 31 April, pukul 26.00."), ["31 April", "pukul 26.00"]);
    }

    #[test]
    fn indonesian_dates() {
        for text in [
            "17 Agustus 1945, 2024-08-17, Agustus 2024, 11 September, '98",
            "pukul 19.30 WIB, jam 9 pagi, abad ke-7, ulang tahun ke-7",
            "10/11/2022",
            "Januari 20 orang, Maret 2 kapal, selama 2 tahun 6 bulan, 2 bulan 5 hari",
            "pukul 24.00, 30 Juni, tahun ajaran 2023/2024, data_2024-03-15, Mei 98",
            "ia am is 3, pukul 07.05",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
