//! GRM010 `tense-marker`: time and aspect disagree.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports *akan* with a time that is past, *telah* or *sudah* with one to come: `Kemarin ia akan
    /// tiba`.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Mistranslation. The machine read the tense of the source from a single sentence.
    ///
    /// ## Example
    /// - `Kemarin ia akan tiba.` → `tiba`
    ///
    /// ## Not reported
    /// Plans that failed (`sedianya akan`), the future seen from the past, `akan tetapi`.
    ///
    /// ## Known misses
    /// Years without a word that makes them past. The patterns stand in
    /// `src/lexicon/grammar/tense-marker.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/tense-marker.tsv`.
    ///
    /// ## False alarms
    /// 0.3 per 1,000 (95 % interval 0.1–0.7) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    TenseMarker {
        code: "GRM010",
        name: "tense-marker",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.tense-marker]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct TenseMarker {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/tense-marker.tsv")));

impl Check for TenseMarker {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "time and aspect disagree");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Kemarin mereka akan berangkat."), ["akan berangkat"]);
        assert_eq!(marks(&META, "Besok ayah telah pulang."), ["telah pulang"]);
        assert_eq!(marks(&META, "Tiga pekan yang lalu mereka akan menikah."), ["akan menikah"]);
        assert_eq!(marks(&META, "Bulan depan toko itu telah dibuka."), ["telah dibuka"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Kemarin acara itu sedianya akan dibuka.",
            "Besok sudah Minggu.",
            "Besok kami akan pulang.",
            "Kemarin ia mengatakan akan pulang.",
            "Semula toko itu akan dibuka pada Maret.",
            "Bulan depan toko itu akan dibuka.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
