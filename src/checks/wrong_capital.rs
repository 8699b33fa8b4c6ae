//! SPL003 `wrong-capital`: capital.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports a capital inside a sentence on a word that is no name (`lebih Tenang`, after a
    /// semicolon), and names of places without one (`ke bali`).
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Spelling. Capitals of headings, German or a lost sentence border
    /// came over.
    ///
    /// ## Example
    /// - `air Panas` → `panas`
    /// - `ke bali` → `Bali`
    ///
    /// ## Not reported
    /// Names, titles with a name, sapaan (`Bapak`), what is named by its screen.
    ///
    /// ## Known misses
    /// Nouns with a capital, which may be names. The patterns stand in `src/lexicon/grammar/wrong-
    /// capital.tsv`.
    ///
    /// ## False alarms
    /// 0.3 per 1,000 (95 % interval 0.1–0.9) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    WrongCapital {
        code: "SPL003",
        name: "wrong-capital",
        mqm: Spelling,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.wrong-capital]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct WrongCapital {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/wrong-capital.tsv")));

impl Check for WrongCapital {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "capital");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Ia lebih Tenang sekarang."), ["Tenang"]);
        assert_eq!(marks(&META, "Kami berlibur ke lombok."), ["lombok"]);
        assert_eq!(marks(&META, "Harga naik; Sebagai contoh, beras."), ["Sebagai"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Anda dan Bapak hadir.",
            "Ia makan gula jawa dan pisang ambon.",
            "Ia naik ke Gunung Merapi.",
            "Hari Raya Idulfitri tiba.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
