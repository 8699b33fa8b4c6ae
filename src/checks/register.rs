//! STY003 `register`: another register.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports words of conversation in formal text (`Menteri bilang`, `makasih`, `ngasih`) and
    /// phrases that address the reader as no Indonesian writer does (`Anda harus tahu bahwa`).
    ///
    /// ## Why it matters
    /// MQM Style/Inconsistent style. A model trained on subtitles writes like subtitles.
    ///
    /// ## Example
    /// - `Menteri bilang anggaran cukup.` → `mengatakan`
    ///
    /// ## Not reported
    /// Quotations, and texts that are in that style throughout.
    ///
    /// ## Known misses
    /// Words that both styles have. The patterns stand in `src/lexicon/grammar/register.tsv`.
    ///
    /// ## False alarms
    /// 0.0 per 1,000 (95 % interval 0.0–0.3) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    Register {
        code: "STY003",
        name: "register",
        mqm: InconsistentStyle,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.register]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Register {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/register.tsv")));

impl Check for Register {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "another register");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Gubernur bilang dana cukup."), ["bilang"]);
        assert_eq!(marks(&META, "Rapat dinas selesai, makasih."), ["makasih"]);
        assert_eq!(marks(&META, "Anda harus tahu bahwa harga naik."), ["Anda harus tahu bahwa"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "\"Gue capek banget,\" katanya.",
            "Anda dapat membayar di sini.",
            "Perlu diketahui, harga naik.",
            "Kamu mau ikut nggak?",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
