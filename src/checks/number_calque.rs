//! ACC003 `number-calque`: numbers counted in units of ten thousand and a hundred million.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Language, Span},
};

declare_check! {
    /// ## What it does
    /// Reports numbers of figures and a Chinese unit in words: `3 sepuluh ribu` (3万), `2 ratus
    /// juta` (2亿), `8 ribu sepuluh ribu`, also behind a word (`ratusan sepuluh ribu`).
    ///
    /// ## Why it matters
    /// MQM Mistranslation. Nobody counts so in Indonesian, and a reader who guesses is wrong by a
    /// factor of ten.
    ///
    /// ## Example
    /// - `3 sepuluh ribu orang` → `30.000`
    /// - `2 ratus juta` → `200 juta`
    ///
    /// ## Not reported
    /// Numbers in words alone (`dua ratus juta`, `sepuluh ribu rupiah`), *puluhan ribu*.
    ///
    /// ## Known misses
    /// Numbers that came out with the right words and the wrong power of ten.
    ///
    /// ## False alarms
    /// 0.0 per 1,000 (95 % interval 0.0–0.3) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    NumberCalque {
        code: "ACC003",
        name: "number-calque",
        mqm: Mistranslation,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.number-calque]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NumberCalque {}

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) \b (?: (?P<figures> [0-9]+ (?:[.,][0-9]+)* ) \ (?P<unit>
            (?: (?:ribu|ratus|puluh)\ )? (?:sepuluh|seratus)\ (?:ribu|juta|miliar)
          | (?:ratus|puluh)\ (?:ribu|juta|miliar)
          | (?:puluhan|ratusan|ribuan)\ (?:ribu|juta|miliar)
          | ribu\ (?:ribu|juta|miliar|puluh|ratus) | juta\ (?:ribu|juta) | ratus\ (?:puluh|ratus) | miliar\ (?:ribu|miliar)
          | (?:wan|yi)\ (?:yuan|orang|unit)
        ) | (?i: (?P<words> (?:puluhan|ratusan|ribuan|belasan|beberapa|jutaan|seratus|seribu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sebelas|belas|puluh|ratus|ribu)
              \ (?:sepuluh|seratus)\ (?:ribu|juta|miliar)
          | (?:ribu|ribuan|seribu)\ (?:ribu|juta)
          | (?:sepuluh|puluh)\ ribu\ (?:ribu|juta)
          | (?:setengah|satu\ setengah)\ sepuluh\ (?:ribu|juta) ) ) ) \b",
    )
    .expect("the pattern is valid")
});

/// Zeros of a unit in words; none where they cannot be told.
fn zeros(unit: &str) -> usize {
    let power = |word| match word {
        "puluh" | "sepuluh" => 1,
        "ratus" | "seratus" => 2,
        "ribu" => 3,
        "juta" => 6,
        "miliar" => 9,
        _ => 0,
    };
    // `8 puluhan ribu` is vague.
    if unit.contains("an ") || unit.starts_with("wan") || unit.starts_with("yi") {
        return 0;
    }
    unit.split(' ').map(power).sum()
}

/// The number as Indonesian writes it: points between thousands up to a million, then words.
fn written(figures: &str, zeros: usize) -> Option<String> {
    let (whole, fraction) = match figures.split_once(',') {
        Some((whole, fraction)) => (whole.replace('.', ""), fraction),
        None => (figures.replace('.', ""), ""),
    };
    let more = zeros.checked_sub(fraction.len())?;
    let digits = format!("{whole}{fraction}{}", "0".repeat(more));
    let digits = digits.trim_start_matches('0');
    for (power, name) in [(12, "triliun"), (9, "miliar"), (6, "juta")] {
        if digits.len() > power {
            let (whole, rest) = digits.split_at(digits.len() - power);
            let rest = rest.trim_end_matches('0');
            // More than three decimals are clearer in figures.
            if rest.len() <= 3 {
                let comma = if rest.is_empty() { "" } else { "," };
                return Some(format!("{}{comma}{rest} {name}", grouped(whole)));
            }
        }
    }
    (!digits.is_empty()).then(|| grouped(digits))
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push('.');
        }
        out.push(digit);
    }
    out
}

impl Check for NumberCalque {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        for found in PATTERN.captures_iter(&target.text) {
            let span = Span::new(found.get(0).expect("the whole match").range());
            if target.in_placeable(span) {
                continue;
            }
            let draft = findings
                .push("a Chinese unit of numbers, word by word")
                .at(span)
                .confidence(Confidence::High);
            let figures = found.name("figures").zip(found.name("unit"));
            if let Some((figures, unit)) = figures
                && let zeros @ 1.. = zeros(unit.as_str())
                && let Some(number) = written(figures.as_str(), zeros)
            {
                draft.suggest(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{fixes, marks};

    #[test]
    fn units_of_ten_thousand() {
        assert_eq!(fixes(&META, "sekitar 5 sepuluh ribu penonton"), ["5 sepuluh ribu → 50.000"]);
        assert_eq!(fixes(&META, "1,5 sepuluh ribu unit"), ["1,5 sepuluh ribu → 15.000"]);
        assert_eq!(fixes(&META, "senilai 3 ratus juta yuan"), ["3 ratus juta → 300 juta"]);
        assert_eq!(fixes(&META, "8 ribu sepuluh ribu"), ["8 ribu sepuluh ribu → 80 juta"]);
        assert_eq!(fixes(&META, "12 ratus juta"), ["12 ratus juta → 1,2 miliar"]);
        assert_eq!(marks(&META, "beberapa sepuluh ribu orang"), ["beberapa sepuluh ribu"]);
        assert_eq!(marks(&META, "ratusan sepuluh ribu botol"), ["ratusan sepuluh ribu"]);
    }

    #[test]
    fn numbers_in_words() {
        for text in [
            "dua ratus juta",
            "puluhan ribu, setengah juta",
            "sepuluh ribu rupiah",
            "50 juta, 3 ribu",
            "tujuh dari sepuluh ribu orang, dua puluh ribu, ratusan ribu, tiga ratus juta",
            "seribu dua ratus lima puluh ribu",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
