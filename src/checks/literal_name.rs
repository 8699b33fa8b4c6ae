//! LOC004 `literal-name`: name word by word.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports names of works, firms, places and persons rendered word by word or by their Chinese
    /// sounds: `Pemain Siap Satu`, `Awan Alibaba`, `Zhou Xingchi`.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Mistranslation. Readers know them by another name and cannot find them by this
    /// one.
    ///
    /// ## Example
    /// - `Awan Alibaba` → `Alibaba Cloud`
    ///
    /// ## Not reported
    /// Names with an Indonesian form of their own (`Bank Dunia`, `Laskar Pelangi`).
    ///
    /// ## Known misses
    /// Names that are not in the list. The patterns stand in `src/lexicon/grammar/literal-name.tsv`.
    ///
    /// ## False alarms
    /// 0.1 per 1,000 (95 % interval 0.0–0.5) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    LiteralName {
        code: "LOC004",
        name: "literal-name",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.literal-name]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct LiteralName {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/literal-name.tsv")));

impl Check for LiteralName {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Judge, "name word by word");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Film \"Pemain Siap Satu\" laris."), ["Pemain Siap Satu"]);
        assert_eq!(marks(&META, "Zhou Xingchi menyutradarai film itu."), ["Zhou Xingchi"]);
        assert_eq!(marks(&META, "Pabrikan Beras Kecil untung."), ["Beras Kecil"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Bank Dunia memberi pinjaman.",
            "Ia menonton Laskar Pelangi.",
            "Xi Jinping berkunjung.",
            "Gedung Putih menolak.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
