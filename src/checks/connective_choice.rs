//! GRM012 `connective-choice`: conjunction of another sense.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports a conjunction of the wrong sense, from words like *as*, *since*, *in case*: `bawa
    /// payung dalam kasus hujan`.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Mistranslation. One English or Chinese conjunction has several meanings, and
    /// Indonesian has a word for each.
    ///
    /// ## Example
    /// - `dalam kasus hujan` → `kalau-kalau hujan`
    ///
    /// ## Not reported
    /// The same words in their own sense (`sejak 2010`, `dalam kasus ini`).
    ///
    /// ## Known misses
    /// Most conjunctions, which only the source decides. The patterns stand in
    /// `src/lexicon/grammar/connective-choice.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/connective-choice.tsv`.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    ConnectiveChoice {
        code: "GRM012",
        name: "connective-choice",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.connective-choice]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct ConnectiveChoice {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/connective-choice.tsv")));

impl Check for ConnectiveChoice {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "conjunction of another sense");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Bawa payung dalam kasus hujan."), ["dalam kasus"]);
        assert_eq!(marks(&META, "Ia tidak masuk sejak sakit."), ["sejak"]);
        assert_eq!(
            marks(&META, "Bahkan jika ia sudah pindah tahun lalu, ia tetap datang."),
            ["Bahkan jika"]
        );
        assert_eq!(marks(&META, "Wasit belum dapat memastikan jika pemain itu cedera."), ["jika"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Dalam kasus ini hakim menolak.",
            "Ia bekerja di sini sejak 2010.",
            "Kemudian mereka pulang.",
            "Sementara itu, harga naik.",
            "Bahkan jika kalah nanti, mereka tetap lolos.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
