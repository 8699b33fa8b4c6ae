//! GRM011 `word-class`: class of word.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports a noun or place where an adjective or verb is due, and a missing *ber-*: `arena
    /// intensitas tinggi`, `relatif bawah`.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Grammar. Source words without endings came over as bare nouns.
    ///
    /// ## Example
    /// - `wilayah penduduk padat` → `berpenduduk`
    ///
    /// ## Not reported
    /// Compounds that need no prefix (`skala besar`, `warna merah`, `roda empat`).
    ///
    /// ## Known misses
    /// Nouns that are not in the list. The patterns stand in `src/lexicon/grammar/word-class.tsv`,
    /// the rules over classes of words in `src/lexicon/syntax/word-class.tsv`.
    ///
    /// ## False alarms
    /// 0.3 per 1,000 (95 % interval 0.1–0.9) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    WordClass {
        code: "GRM011",
        name: "word-class",
        mqm: Grammar,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.word-class]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct WordClass {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/word-class.tsv")));

impl Check for WordClass {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "class of word");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Ini latihan intensitas tinggi."), ["intensitas tinggi"]);
        assert_eq!(marks(&META, "Harganya relatif bawah."), ["bawah"]);
        assert_eq!(marks(&META, "Ia hasil lulus."), ["hasil"]);
        assert_eq!(marks(&META, "Harga yang fluktuasi merugikan petani."), ["fluktuasi"]);
        assert_eq!(marks(&META, "Keputusan itu mengejut banyak orang."), ["mengejut"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Ia memakai baju warna biru.",
            "Proyek skala besar itu selesai.",
            "Hasil panen naik.",
            "Lantai bawah sepi.",
            "Harga yang berfluktuasi merugikan petani.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
