//! GRM007 `preposition-choice`: preposition.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports prepositions that a verb or adjective does not take in Indonesian, copied from
    /// English: `tertarik dalam`, `menderita dari`.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Grammar. The preposition of the source came along with its verb.
    ///
    /// ## Example
    /// - `tertarik dalam seni` → `tertarik pada`
    ///
    /// ## Not reported
    /// `terbuat dari`, `terdiri dari`, `tergantung dari` and others that writers use every day.
    ///
    /// ## Known misses
    /// Prepositions apart from their verb. The patterns stand in
    /// `src/lexicon/grammar/preposition-choice.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/preposition-choice.tsv`.
    ///
    /// ## False alarms
    /// 0.6 per 1,000 (95 % interval 0.3–1.2) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    PrepositionChoice {
        code: "GRM007",
        name: "preposition-choice",
        mqm: Grammar,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.preposition-choice]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct PrepositionChoice {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/preposition-choice.tsv")));

impl Check for PrepositionChoice {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "preposition");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Ia tertarik dalam musik."), ["dalam"]);
        assert_eq!(marks(&META, "Adik menderita dari demam."), ["dari"]);
        assert_eq!(marks(&META, "Harga itu berbeda daripada yang kemarin."), ["daripada"]);
        assert_eq!(marks(&META, "Kota itu dinamai setelah raja pertama."), ["setelah"]);
        assert_eq!(marks(&META, "Mereka bertunangan kepada orang lain."), ["kepada"]);
        assert_eq!(marks(&META, "Kucing tidur pada bawah meja."), ["pada"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Kursi itu terbuat dari bambu.",
            "Ia bergantung pada ibunya.",
            "Massa turun ke jalan.",
            "Lebih tinggi daripada adiknya.",
            "Kota itu dinamai menurut raja pertama.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
