//! GRM005 `plural-marking`: plural or classifier.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon::patterns::Patterns,
    text::Language,
};

declare_check! {
    /// ## What it does
    /// Reports a plural marked twice (`banyak rumah-rumah`) and a classifier of another kind of thing
    /// (`sebuah guru`, `dua orang kambing`).
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Grammar. Indonesian marks a plural once, if at all, and counts
    /// persons, animals and things with words of their own.
    ///
    /// ## Example
    /// - `para guru-guru` → `para guru`
    /// - `sebuah dokter` → `seorang`
    ///
    /// ## Not reported
    /// Words that are doubled by nature (`semua laki-laki`, `banyak undang-undang`).
    ///
    /// ## Known misses
    /// Persons and animals that are not in the classes of the list. The patterns stand in
    /// `src/lexicon/grammar/plural-marking.tsv`.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    PluralMarking {
        code: "GRM005",
        name: "plural-marking",
        mqm: Grammar,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.plural-marking]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct PluralMarking {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/plural-marking.tsv")));

/// Words that say that there are several.
const MANY: [&str; 27] = [
    "banyak", "para", "beberapa", "berbagai", "sejumlah", "semua", "seluruh", "segala", "setiap",
    "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "ratusan",
    "ribuan", "puluhan", "jutaan", "belasan", "sebelas", "selusin", "berjenis", "aneka",
];
/// Words that are doubled by nature: no plurals, or kinds of their own.
const BY_NATURE: [&str; 43] = [
    "laki", "kupu", "kura", "undang", "anak", "orang", "mata", "paru", "sayur", "buah", "obat",
    "hal", "rata", "tiba", "bayang", "langit", "cita", "oleh", "biri", "kunang", "lumba", "alun",
    "jari", "gado", "ubun", "pura", "sama", "satu", "dua", "macam", "baik", "hati", "layang",
    "alang", "ondel", "tanda", "seluk", "masing", "jenis", "bagian", "kisi", "gerak", "kanak",
];

/// `banyak rumah-rumah`: a word of number before a doubled noun.
fn doubled(cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
    let target = &cx.segment.target;
    let text = target.text.as_str();
    let mut before: Option<crate::text::Word<'_>> = None;
    for &word in cx.words() {
        let Some(last) = before.replace(word) else { continue };
        let Some((one, two)) = word.text.split_once('-') else { continue };
        let beside = text.get(last.span.range().end..word.span.range().start) == Some(" ");
        let noun = one.len() > 2 && one == two && one.bytes().all(|b| b.is_ascii_lowercase());
        if beside
            && noun
            && (MANY.contains(&last.text.to_lowercase().as_str())
                || last.text.bytes().all(|b| b.is_ascii_digit()) && last.text.len() < 4)
            && !BY_NATURE.contains(&one)
            && !target.in_placeable(word.span)
        {
            let many = last.text.to_lowercase();
            // People write `semua tugas-tugas` now and then.
            let habit = matches!(many.as_str(), "semua" | "seluruh" | "segala" | "beberapa");
            findings
                .push(format!("`{many}` already says that there are several"))
                .at(word.span)
                .severity(if habit { Severity::Neutral } else { Severity::Minor })
                .confidence(Confidence::High)
                .suggest(one);
        }
    }
}

impl Check for PluralMarking {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "plural or classifier");
        if cx.segment.direction.target() == Language::Id {
            doubled(cx, findings);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Banyak gedung-gedung di sana."), ["gedung-gedung"]);
        assert_eq!(marks(&META, "Ia sebuah perawat."), ["sebuah"]);
        assert_eq!(
            marks(&META, "Ada 12 gedung-gedung dan seorang anak harimau."),
            ["seorang", "gedung-gedung"]
        );
        assert_eq!(marks(&META, "Kami punya tiga orang sapi."), ["orang"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Para perawat berkumpul.",
            "Semua laki-laki pulang.",
            "Banyak undang-undang baru.",
            "Ada sebuah gedung dan dua ekor sapi.",
            "Gedung-gedung itu tinggi.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
