//! LOC002 `date-format`: dates and times in another language's order.

use std::sync::LazyLock;

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
    /// Reports dates and times in Indonesian text that keep the order of English or Chinese:
    /// `Januari 5, 2023`, `2023 tahun 1 bulan 5 hari`, `pukul 9 AM`, and dates that cannot be
    /// (`13/31/2023`).
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
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,698 human sentences, 2026-11-23,
    /// `scripts/false_alarms.py`; all three are dates in English order, in an encyclopedia.
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

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let months = MONTHS.join("|");
    Regex::new(&format!(
        r"(?x) \b (?:
            (?P<month>{months}) \ (?P<day>[0-9]{{1,2}}) ,\ ? (?P<year>[0-9]{{4}})
          | (?P<y>[12][0-9]{{3}}) \ ?tahun\ ? (?P<m>[0-9]{{1,2}}) \ ?bulan (?: \ ? (?P<d>[0-9]{{1,2}}) \ ?hari )?
          | (?P<a>[0-9]{{1,2}}) / (?P<b>[0-9]{{1,2}}) / (?P<slashed>[0-9]{{4}})
          | (?:[Pp]ukul|[Jj]am) \ (?P<hour>[0-9]{{1,2}}) (?: [.:] (?P<minute>[0-9]{{2}}) )? \ ? (?P<half>[AaPp](?:[Mm]\b|\.[Mm]\.))
          | (?:[Tt]anggal\ )? ke-(?P<nth>[0-9]{{1,2}}) \ (?P<of>{months})
        )"
    ))
    .expect("the pattern is valid")
});

/// What is wrong, and what to write.
fn judge(found: &Captures<'_>) -> Option<(&'static str, Option<String>)> {
    let number = |name: &str| found.name(name).and_then(|m| m.as_str().parse::<usize>().ok());
    let text = |name: &str| found.name(name).map_or("", |m| m.as_str());
    if let Some(day) = number("day") {
        let date = format!("{day} {} {}", text("month"), text("year"));
        return (1..=31).contains(&day).then_some(("month before day", Some(date)));
    }
    if let Some(month) = number("m") {
        let name = MONTHS.get(month.checked_sub(1)?)?;
        let date = match number("d") {
            Some(day) => format!("{day} {name} {}", text("y")),
            None => format!("{name} {}", text("y")),
        };
        return Some(("a Chinese date, word by word", Some(date)));
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
    let day = number("nth")?;
    Some(("days of a month are no ordinals", Some(format!("{day} {}", text("of")))))
}

impl Check for DateFormat {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        for found in PATTERN.captures_iter(&target.text) {
            let span = Span::new(found.get(0).expect("the whole match").range());
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
    }

    #[test]
    fn indonesian_dates() {
        for text in [
            "17 Agustus 1945, 2024-08-17, Agustus 2024, 11 September, '98",
            "pukul 19.30 WIB, jam 9 pagi, abad ke-7, ulang tahun ke-7",
            "10/11/2022",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
