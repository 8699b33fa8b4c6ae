//! GRM008 `word-order`: order of words.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports an adjective, a noun that describes or a demonstrative before its noun, as in English
    /// and Chinese: `digital ekonomi`, `baru rumah`, `tersebut orang`.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Grammar. In Indonesian what describes a noun stands behind it.
    ///
    /// ## Example
    /// - `digital ekonomi` → `ekonomi digital`
    /// - `tersebut orang` → `orang tersebut`
    ///
    /// ## Not reported
    /// Words that stand before (`mantan pacar`, `perdana menteri`, `banyak orang`), predicates (`Itu
    /// rumah saya`).
    ///
    /// ## Known misses
    /// Adjectives and nouns that are not in the list. The patterns stand in
    /// `src/lexicon/grammar/word-order.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/word-order.tsv`.
    ///
    /// ## False alarms
    /// 0.4 per 1,000 (95 % interval 0.2–1.0) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    WordOrder {
        code: "GRM008",
        name: "word-order",
        mqm: Grammar,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.word-order]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct WordOrder {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/word-order.tsv")));

impl Check for WordOrder {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "order of words");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Mereka membangun digital ekonomi."), ["digital ekonomi"]);
        assert_eq!(marks(&META, "Ia membeli baru rumah."), ["baru rumah"]);
        assert_eq!(marks(&META, "Tersebut orang sudah pulang."), ["Tersebut orang"]);
        assert_eq!(marks(&META, "Mereka membuka regional kantor di Medan."), ["regional kantor"]);
        assert_eq!(marks(&META, "Peneliti membeli surya panel dari pabrik itu."), ["surya panel"]);
        assert_eq!(marks(&META, "Juri menolak itu keputusan."), ["itu keputusan"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Mantan menteri itu datang.",
            "Banyak orang hadir di rumah baru.",
            "Itu rumah kami.",
            "Ini kota yang indah.",
            "Ekonomi digital tumbuh.",
            "Mereka membuka kantor regional di Medan.",
            "Warga menyebut itu keputusan terbaik.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
