//! LNG011 `comma-splice`: two clauses and a comma.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports two whole clauses with only a comma in between, as Chinese writes them.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Punctuation. Indonesian joins them with a conjunction or parts them
    /// with a full stop.
    ///
    /// ## Example
    /// - `Ia sakit, ia tidak datang.`
    ///
    /// ## Not reported
    /// Lists of clauses, a clause that another depends on, adverbials.
    ///
    /// ## Known misses
    /// Clauses of more than a few words. The patterns stand in
    /// `src/lexicon/grammar/comma-splice.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/comma-splice.tsv`.
    ///
    /// ## False alarms
    /// 0.4 per 1,000 (95 % interval 0.2–1.0) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    CommaSplice {
        code: "LNG011",
        name: "comma-splice",
        mqm: Punctuation,
        severity: Minor,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.comma-splice]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct CommaSplice {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/comma-splice.tsv")));

impl Check for CommaSplice {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "two clauses and a comma");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Ia lapar, ia makan banyak."), ["lapar, ia"]);
        assert_eq!(marks(&META, "Hujan turun, jalan basah."), ["turun, jalan"]);
        assert_eq!(
            marks(&META, "Petani itu memanen padi, tetangganya menjemur gabah."),
            ["padi, tetangganya"]
        );
        assert_eq!(marks(&META, "Hakim menunda sidang, para saksi pulang."), ["sidang, para"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Jika hujan, kami tinggal.",
            "Setelah itu, ia pulang.",
            "Bukan dia, melainkan saya.",
            "Ibu pergi, ayah tidur, dan adik bermain.",
            "Setelah memanen padi, petani itu beristirahat.",
            "Ia berkata, tetangganya menjemur gabah.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
