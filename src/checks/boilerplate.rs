//! MKP005 `boilerplate`: page furniture.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports furniture of web pages inside the text: `Baca juga:`, `Lihat Asli`, `Iklan`,
    /// `Bagikan`.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Addition. Buttons and teasers were copied with the article and translated.
    ///
    /// ## Example
    /// - `Laba naik. Lihat Asli Dividen dibagikan.`
    ///
    /// ## Not reported
    /// The same words in a sentence (`Klik tombol Bagikan`).
    ///
    /// ## Known misses
    /// Teasers without such a word. The patterns stand in `src/lexicon/grammar/boilerplate.tsv`.
    ///
    /// ## False alarms
    /// 0.0 per 1,000 (95 % interval 0.0–0.3) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    Boilerplate {
        code: "MKP005",
        name: "boilerplate",
        mqm: Addition,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.boilerplate]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Boilerplate {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/boilerplate.tsv")));

impl Check for Boilerplate {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "page furniture");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Harga turun. Lihat Asli Stok habis."), ["Lihat Asli"]);
        assert_eq!(marks(&META, "Baca juga: Harga cabai naik"), ["Baca juga:"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Klik tombol Bagikan.",
            "Kami baca juga buku itu.",
            "Iklan itu lucu.",
            "Lihat Lampiran 3.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
