//! ACC032 `contradiction`: contradicts itself.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports what contradicts itself within a clause: `tanpa izin boleh masuk`, `kalah dan menjadi
    /// juara`.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Mistranslation. A negation of the source was lost or went to the wrong place.
    ///
    /// ## Example
    /// - `aman sehingga dilarang`
    ///
    /// ## Not reported
    /// Double negation that is meant (`bukan tidak mungkin`, `mau tidak mau`).
    ///
    /// ## Known misses
    /// Contradictions with the rest of the text. The patterns stand in
    /// `src/lexicon/grammar/contradiction.tsv`.
    ///
    /// ## False alarms
    /// 0.0 per 1,000 (95 % interval 0.0–0.3) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    Contradiction {
        code: "ACC032",
        name: "contradiction",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.contradiction]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Contradiction {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/contradiction.tsv")));

impl Check for Contradiction {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "contradicts itself");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Orang tanpa helm boleh masuk."), ["boleh"]);
        assert_eq!(marks(&META, "Tim itu kalah dan menjadi juara."), ["menjadi juara"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Ia mau tidak mau pergi.",
            "Bukan tidak mungkin harga turun.",
            "Tanpa tiket dilarang masuk.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
