//! GRM006 `negator-choice`: negator.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports `tidak` before a noun, `bukan` before a verb or an adjective, `tidak` where `belum` is
    /// meant.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Grammar. English has one *not*; Indonesian has three, and the wrong
    /// one says something else.
    ///
    /// ## Example
    /// - `Ini tidak buku saya.` → `bukan`
    ///
    /// ## Not reported
    /// Contrast (`bukan menolak, melainkan menunda`), set phrases (`tidak apa-apa`, `bukan main`).
    ///
    /// ## Known misses
    /// Nouns and verbs that are not in the list. The patterns stand in
    /// `src/lexicon/grammar/negator-choice.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/negator-choice.tsv`.
    ///
    /// ## False alarms
    /// 0.1 per 1,000 (95 % interval 0.0–0.5) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    NegatorChoice {
        code: "GRM006",
        name: "negator-choice",
        mqm: Grammar,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.negator-choice]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NegatorChoice {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/negator-choice.tsv")));

impl Check for NegatorChoice {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "negator");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Ini tidak rumah mereka."), ["tidak"]);
        assert_eq!(marks(&META, "Ia bukan tidur lagi sejak tadi."), ["bukan"]);
        assert_eq!(marks(&META, "Sampai sekarang surat itu tidak tiba."), ["tidak"]);
        assert_eq!(marks(&META, "Lumba-lumba tidak ikan."), ["tidak"]);
        assert_eq!(marks(&META, "Jamur itu bukan beracun."), ["bukan"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Ini bukan rumah mereka.",
            "Ia bukan tidur, melainkan merenung.",
            "Tidak apa-apa, tidak ada masalah.",
            "Bukan main ramainya.",
            "Lumba-lumba bukan ikan.",
            "Jamur itu bukan beracun, melainkan pahit.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
