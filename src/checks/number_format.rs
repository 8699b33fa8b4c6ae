//! LOC001 `number-format`: numbers written as in English, in Indonesian text.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Language, Span},
};

declare_check! {
    /// ## What it does
    /// Reports numbers in Indonesian text that use the point and the comma as English does where
    /// what stands beside them leaves no doubt: a decimal point before a unit (`3.1 persen`), and
    /// commas between thousands behind a currency (`Rp2,000`) or twice (`1,234,567`).
    ///
    /// ## Why it matters
    /// MQM Locale conventions/Number format. To an Indonesian `Rp2,000` is two rupiah, and `3.125
    /// orang` are three thousand people.
    ///
    /// ## Example
    /// - `3.1 persen` → `3,1 persen`
    /// - `Rp2,000` → `Rp2.000`
    ///
    /// ## Not reported
    /// Versions, addresses, times (`pukul 10.30`), chapters, scores, code; a single comma with
    /// three digits behind it (`2,125 persen`), which may be either.
    ///
    /// ## Known misses
    /// Numbers without a unit, and the mixed styles of one document where each is legal.
    ///
    /// ## False alarms
    /// 1.3 per 1,000 (95 % interval 0.8–2.1) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`; most are slips of business news (`8.1 miliar` beside `7,6
    /// miliar`).
    NumberFormat {
        code: "LOC001",
        name: "number-format",
        mqm: NumberFormat,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.number-format]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NumberFormat {}

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
          (?P<currency> \b(?:Rp|IDR|US\$|USD)\.?\ ? | [$€£¥] ) (?P<money> [0-9]{1,3}(?:,[0-9]{3})+ (?:\.[0-9]{1,2})? ) \b
        | \b (?P<thousands> [0-9]{1,3}(?:,[0-9]{3}){2,} (?:\.[0-9]+)? ) \b
        | (?P<before> \b (?: Rp | IDR | US\$ | USD | SGD | S\$ | RM )\.?\ ? | [$€£¥] | \b )
          (?P<decimal> [0-9]{1,3}\.[0-9]{1,2} )
          (?: \ ? (?: % | °\ ?[CF]\b | [GMTk][Bb]\b | mAh\b | [kMG]?Hz\b | [kMG]Wh?\b )
            | (?: \ | \u{a0} | -) (?: persen | juta | miliar | milyar | triliun | ribu
            | sentimeter | milimeter | mililiter | miligram | meter | kilometer | km | cm | mm | kg | kilogram | gram | ons | kuintal
            | ton | liter | ml | mg | hektare | hektar | derajat | inci | tahun | bulan | minggu | hari | jam | menit | detik | kali
            | watt | kilowatt | megawatt | volt | ampere | gigabita | megabita | terabita | gigabyte | megabyte
            | mil | knot | poin | kalori | piksel | megapiksel | dolar | euro | yuan | dB | desibel ) \b )
        ",
    )
    .expect("the pattern is valid")
});

/// Points become commas and commas points.
fn swapped(number: &str) -> String {
    let swap = |c| match c {
        '.' => ',',
        ',' => '.',
        c => c,
    };
    number.chars().map(swap).collect()
}

impl Check for NumberFormat {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        let text = target.text.as_str();
        if !text.bytes().any(|b| b.is_ascii_digit()) {
            return;
        }
        for found in PATTERN.captures_iter(text) {
            let number = found.name("money").or(found.name("thousands")).or(found.name("decimal"));
            let number = number.expect("one of the three");
            let span = Span::new(number.range());
            let before = &text[..span.range().start];
            // `192.168.0.1`, `v1.5`, `3-1.5`, `1.1.5 tahun`.
            let joined = before.ends_with(|c: char| c.is_alphanumeric() || ".,:/-_".contains(c));
            let is_money = found.name("money").is_some();
            // `Rp 12,977 miliar`: three decimals.
            let one_comma = number.as_str().matches(',').count() == 1;
            let scaled = ["ribu", "juta", "miliar", "milyar", "triliun"];
            let next = text[span.range().end..].trim_start().to_lowercase();
            let decimals =
                is_money && one_comma && scaled.iter().any(|word| next.starts_with(word));
            let word = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
            let label = word.to_lowercase();
            let labelled = [
                "versi", "pukul", "jam", "bab", "pasal", "tabel", "gambar", "no.", "nomor",
                "butir", "bagian", "ayat", "subbab", "android", "ios", "windows", "python", "usb",
            ];
            // `10.30 hari Senin` and `08.15 menit` are clock times.
            let clock = found.name("decimal").is_some()
                && ["hari", "jam", "menit"].iter().any(|word| next.starts_with(word))
                && number.as_str().split_once('.').is_some_and(|(_, minute)| minute.len() == 2);
            let with_currency = found.name("before").is_some_and(|before| !before.is_empty());
            if decimals
                || clock
                || target.in_placeable(span)
                || (joined && !is_money && !with_currency)
                || (!is_money && labelled.contains(&label.as_str()))
                || text[span.range().end..].starts_with(['_', '-', '/'])
                || (found.name("thousands").is_some() && marks::is_code(text, span))
            {
                continue;
            }
            let message = if found.name("decimal").is_some() {
                "decimal point of English; Indonesian has a comma"
            } else {
                "commas between thousands, as in English; Indonesian has points"
            };
            findings
                .push(message)
                .at(span)
                .confidence(Confidence::High)
                .suggest(swapped(number.as_str()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{fixes, marks};

    #[test]
    fn english_numbers() {
        assert_eq!(fixes(&META, "Inflasi 4.2 persen."), ["4.2 → 4,2"]);
        assert_eq!(fixes(&META, "Harganya Rp15,000 per kilogram."), ["15,000 → 15.000"]);
        assert_eq!(
            fixes(&META, "Laba US$1,250.50 dan 2,345,678 orang"),
            ["1,250.50 → 1.250,50", "2,345,678 → 2.345.678"]
        );
        assert_eq!(fixes(&META, "naik 0.5%"), ["0.5 → 0,5"]);
        assert_eq!(fixes(&META, "Asetnya Rp7.2 triliun."), ["7.2 → 7,2"]);
        assert_eq!(
            fixes(&META, "Baterai 4.5 jam, waktu 58.27 detik"),
            ["4.5 → 4,5", "58.27 → 58,27"]
        );
    }

    #[test]
    fn other_numbers() {
        for text in [
            "Rp1.234,56 dan Rp1.000.000, 3,5 juta, 1.200 orang",
            "192.168.0.1, versi 2.0, pukul 10.30, skor 21-15",
            "versi 2.5 tahun lalu, Pasal 3.1 persen itu",
            "rapat 10.30 hari Senin, Android 4.4 tahun itu",
            "2,125 persen; 10.000 km; 1.500 ton; Rp 12,977 miliar",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
