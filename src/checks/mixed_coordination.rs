//! GRM009 `mixed-coordination`: unlike forms joined.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports a noun and a verb, or adjectives and a noun, joined by *dan*: `membaca dan penulisan`.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Grammar. What is joined has the same form; *reading and writing*
    /// came out in two.
    ///
    /// ## Example
    /// - `membaca dan penulisan` → `membaca dan menulis`
    ///
    /// ## Not reported
    /// Clauses (`ibu memasak dan ayah mencuci`), pairs of nouns.
    ///
    /// ## Known misses
    /// Pairs with other words in between. The patterns stand in
    /// `src/lexicon/grammar/mixed-coordination.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/mixed-coordination.tsv`.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    MixedCoordination {
        code: "GRM009",
        name: "mixed-coordination",
        mqm: Grammar,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.mixed-coordination]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct MixedCoordination {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/mixed-coordination.tsv")));

impl Check for MixedCoordination {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "unlike forms joined");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Hobinya menyanyi dan penulisan."), ["penulisan"]);
        assert_eq!(marks(&META, "Tugasnya pengelolaan dan mengawasi."), ["mengawasi"]);
        assert_eq!(marks(&META, "Layanan itu murah, cepat, dan keamanan."), ["keamanan"]);
        assert_eq!(
            marks(&META, "Tugas mereka meliputi pengecatan, pengukuran, dan memasang pipa."),
            ["memasang"]
        );
        assert_eq!(
            marks(&META, "Ia gemar memancing, melukis, dan penulisan puisi."),
            ["penulisan"]
        );
    }

    #[test]
    fn not_reported() {
        for text in [
            "Hobinya membaca dan menulis.",
            "Ibu memasak dan ayah mencuci.",
            "Pengelolaan dan pengawasan dana.",
            "Tugas mereka meliputi pengecatan dan pemasangan pipa.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
