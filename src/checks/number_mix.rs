//! LOC003 `number-mix`: one sentence writes amounts in two ways.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    text::{Language, Side, Span},
};

declare_check! {
    /// ## What it does
    /// Reports a sentence that writes amounts of one kind in two ways: `US$5 juta` and `6 juta dolar
    /// AS` or `USD 6 juta`, `Rp5.000` and `Rp. 5.000,-`, `10 %` and `12 persen`, `3 km` and `4 kilometer`,
    /// `pukul 10.30` and `11:30`, a decimal point beside a decimal comma, and commas between
    /// thousands beside points.
    ///
    /// ## Why it matters
    /// MQM Style/Inconsistent style. The parts of the sentence were translated one by one.
    ///
    /// ## Example
    /// - `Rp. 5.000,- di samping Rp5.000` → `Rp5.000`
    ///
    /// ## Not reported
    /// Versions, sections, clock times and names with a figure (`Android 8.1`). `%` beside `persen`
    /// is neutral: writers mix them at will.
    ///
    /// ## Known misses
    /// Two ways in different sentences.
    ///
    /// ## False alarms
    /// 0.3 per 1,000 (95 % interval 0.1–0.7) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    NumberMix {
        code: "LOC003",
        name: "number-mix",
        mqm: InconsistentStyle,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.number-mix]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NumberMix {}

/// Ways of writing amounts of one kind, the one to keep first, and a sign without which a sentence has none of them.
struct Kind {
    signs: &'static [&'static str],
    ways: Vec<Regex>,
    /// Whether writers mix these at will.
    habit: bool,
}

const SCALE: &str = "(?:(?:ribu|juta|miliar|triliun) )?";

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let scaled = |pattern: &str| pattern.replace("SCALE", SCALE);
    let kind = |signs: &'static [&'static str], ways: &[&str], habit: bool| Kind {
        signs,
        ways: ways
            .iter()
            .map(|way| Regex::new(&scaled(way)).expect("the pattern is valid"))
            .collect(),
        habit,
    };
    vec![
        kind(
            &["$", "dolar", "USD"],
            &[
                r"\bUS\$[\u{a0} ]?[0-9][0-9.,]*",
                r"\b[0-9][0-9.,]* SCALEdolar(?: AS| Amerika(?: Serikat)?)?\b",
                r"\bUSD ?[0-9][0-9.,]*|\b[0-9][0-9.,]* SCALEUSD\b",
                r"(?:^|[^A-Za-z])(?P<mark>\$ ?[0-9][0-9.,]*)",
            ],
            false,
        ),
        kind(
            &["Rp", "rupiah", "IDR"],
            &[
                r"\bRp[0-9][0-9.]*(?:,[0-9]+)?",
                r"\bRp[\u{a0} ][0-9][0-9.]*(?:,-|,[0-9]+)?",
                r"\bRp\. ?[0-9][0-9.]*(?:,-|,00)?",
                r"\b[0-9][0-9.,]* SCALErupiah\b",
                r"\bIDR ?[0-9][0-9.,]*",
            ],
            false,
        ),
        kind(&["%"], &[r"\b[0-9][0-9.,]* persen\b|\b[0-9][0-9.,]*%", r"\b[0-9][0-9.,]* %"], false),
        kind(&["%"], &[r"\b[0-9][0-9.,]* persen\b", r"\b[0-9][0-9.,]*%"], true),
        kind(
            &["euro", "€", "EUR"],
            &[r"€ ?[0-9][0-9.,]*", r"\b[0-9][0-9.,]* SCALEeuro\b", r"\bEUR ?[0-9][0-9.,]*"],
            false,
        ),
        kind(
            &["yuan", "RMB", "¥", "renminbi"],
            &[
                r"\b[0-9][0-9.,]* SCALE(?:yuan|renminbi)\b",
                r"(?:\bRMB|¥) ?[0-9][0-9.,]*|\b[0-9][0-9.,]* SCALERMB\b",
            ],
            false,
        ),
        kind(&["kilometer"], &[r"\b[0-9][0-9.,]* kilometer\b", r"\b[0-9][0-9.,]* ?km\b"], false),
        kind(&["kilogram"], &[r"\b[0-9][0-9.,]* kilogram\b", r"\b[0-9][0-9.,]* ?kg\b"], false),
        kind(&["sentimeter"], &[r"\b[0-9][0-9.,]* sentimeter\b", r"\b[0-9][0-9.,]* ?cm\b"], false),
        kind(&["derajat"], &[r"\b[0-9][0-9.,]* derajat Celsius\b", r"\b[0-9][0-9.,]* ?°C"], false),
        kind(
            &["pukul", "jam"],
            &[
                r"\b[0-2]?[0-9]\.[0-5][0-9](?: WI[BT]| WITA|\b)",
                r"\b[0-2]?[0-9]:[0-5][0-9](?: WI[BT]| WITA|\b)",
            ],
            false,
        ),
    ]
});

/// A number with a sign of decimals or of thousands in it.
static FIGURES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[0-9]+(?:[.,][0-9]+)+").expect("the pattern is valid"));

/// Words before a number with points that is no amount.
const LABELS: &[&str] = &[
    "versi",
    "pukul",
    "jam",
    "pasal",
    "bab",
    "butir",
    "tabel",
    "gambar",
    "nomor",
    "no",
    "ayat",
    "bagian",
    "subbab",
    "seri",
    "tipe",
    "model",
    "level",
    "v",
    "rilis",
    "lampiran",
    "peraturan",
    "dari",
    "hingga",
    "sampai",
    "mulai",
    "sejak",
    "skor",
    "kode",
    "rumus",
    "halaman",
];

/// How a number uses the point or the comma, where there is no doubt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signs {
    /// `2,5`.
    CommaDecimal,
    /// `2.5`.
    PointDecimal,
    /// `1.500`, which is no decimal beside `2,5`.
    PointThousands,
    /// `1,500`.
    CommaThousands,
}

fn signs(number: &str) -> Option<Signs> {
    let (head, tail) = number.split_at(number.find(['.', ','])?);
    let (sign, tail) = tail.split_at(1);
    let plain = tail.bytes().all(|b| b.is_ascii_digit());
    let thousands = head.len() <= 3
        && head != "0"
        && format!("{sign}{tail}").split(sign).skip(1).all(|part| part.len() == 3);
    match (sign, plain) {
        (",", true) if tail.len() < 3 => Some(Signs::CommaDecimal),
        (".", true) if tail.len() < 3 && head.len() <= 3 => Some(Signs::PointDecimal),
        (".", _) if thousands => Some(Signs::PointThousands),
        (",", _) if thousands => Some(Signs::CommaThousands),
        _ => None,
    }
}

/// A decimal point beside a decimal comma, and commas between thousands beside points.
fn mixed_signs(text: &str) -> Option<(Span, Span)> {
    let (mut decimal, mut thousands) = (None, None);
    let (mut point, mut comma) = (None, None);
    for found in FIGURES.find_iter(text) {
        let before = &text[..found.start()];
        let after = text[found.end()..].chars().next();
        let word = before.trim_end().rsplit(|c: char| c.is_whitespace() || c == '(').next();
        let word = word.unwrap_or_default();
        let label = word.trim_end_matches('.').to_lowercase();
        let has_point = found.as_str().contains('.');
        // Versions, clock times, scores, addresses, names of products (`Android 8.1`).
        let currency = ["rp", "us$", "usd", "idr", "$", "€"].contains(&label.as_str());
        let joined = before.ends_with(|c: char| c.is_alphanumeric() || "-–/_:.".contains(c))
            && !before.ends_with("Rp");
        let product = before.ends_with(' ')
            && !currency
            && word.starts_with(char::is_uppercase)
            && before.trim_end().len() > word.len();
        if joined
            || after.is_some_and(|c| c.is_alphabetic() || "-–/_:".contains(c))
            || has_point && LABELS.contains(&label.as_str())
            || product
        {
            continue;
        }
        let here = Some(Span::new(found.range()));
        // `2,125 persen` is a decimal.
        let next = text[found.end()..].trim_start().to_lowercase();
        let scaled = [
            "persen", "%", "juta", "miliar", "triliun", "poin", "ribu", "kali", "detik", "meter",
            "ton", "kilo",
        ]
        .iter()
        .any(|word| next.starts_with(word));
        match signs(found.as_str()) {
            // Exchange rates; what stands before a unit is LOC001's.
            Some(Signs::PointDecimal) if scaled || label == "rp" => {}
            Some(Signs::CommaThousands) if scaled && found.as_str().matches(',').count() == 1 => {}
            Some(Signs::CommaDecimal) => decimal = decimal.or(here),
            Some(Signs::PointDecimal) => point = point.or(here),
            Some(Signs::PointThousands) => thousands = thousands.or(here),
            Some(Signs::CommaThousands) => comma = comma.or(here),
            None => {}
        }
    }
    match (decimal, point, thousands, comma) {
        (Some(first), Some(span), ..) | (_, _, Some(first), Some(span)) => Some((span, first)),
        _ => None,
    }
}

impl Check for NumberMix {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        let text = target.text.as_str();
        if text.bytes().filter(u8::is_ascii_digit).count() < 2 {
            return;
        }
        let id = cx.segment.id;
        let mut report = |span: Span, first: Span, habit: bool| {
            if !target.in_placeable(span)
                && !span.overlaps(first)
                && span.range().start != first.range().end + 1
            {
                let other = first.of(text).trim_end_matches([',', '.', '-']);
                findings
                    .push(format!("written in another way than `{other}`"))
                    .at(span)
                    .label(id, Side::Target, first, "the other way")
                    .severity(if habit { Severity::Neutral } else { META.info.severity })
                    .confidence(Confidence::Medium)
                    .help("write amounts in one way");
            }
        };
        for kind in KINDS.iter() {
            if !kind.signs.iter().any(|sign| text.contains(sign)) {
                continue;
            }
            let mut found = kind.ways.iter().filter_map(|way| {
                let captures = way.captures(text)?;
                let found = captures.name("mark").or_else(|| captures.get(0))?;
                let end = found.as_str().trim_end_matches(['.', ',']).len();
                Some(Span::new(found.start()..found.start() + end))
            });
            let Some(first) = found.next() else { continue };
            for other in found {
                report(other, first, kind.habit);
            }
        }
        if let Some((span, first)) = mixed_signs(text) {
            report(span, first, false);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn two_ways() {
        assert_eq!(marks(&META, "Modal US$2 miliar dan 3 miliar dolar AS."), ["3 miliar dolar AS"]);
        assert_eq!(marks(&META, "Gula Rp. 12.000,- dan garam Rp4.000."), ["Rp. 12.000,-"]);
        assert_eq!(marks(&META, "Naik 5 persen, lalu 7 %."), ["7 %"]);
        assert_eq!(marks(&META, "Ia menerima US$300 dan USD 200."), ["USD 200"]);
        assert_eq!(marks(&META, "Suhunya naik 1,5 lalu turun 0.7 lagi."), ["0.7"]);
        assert_eq!(marks(&META, "Ada 1.500 guru dan 2,300 murid."), ["2,300"]);
        assert_eq!(marks(&META, "Jaraknya 3 kilometer, lalu 12 km lagi."), ["12 km"]);
        assert_eq!(marks(&META, "Dari pukul 09.30 hingga pukul 11:15."), ["11:15"]);
    }

    #[test]
    fn one_way() {
        for text in [
            "Rp4.000 dan Rp5.500,50",
            "US$2 dan US$3 juta",
            "Rp. 5",
            "Versi 14.2 berukuran 1,5 gigabita pada pukul 10.30.",
            "Ponsel Android 8.1 memakai 1,5 watt; Pasal 3.1 menetapkan 2,5 persen.",
            "Menang 6-4, 7-5 dalam 1,5 jam di 10.0.0.12.",
            "1.200 kilometer dengan 4,5 liter",
            "1.200 orang dan 2,125 persen",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
