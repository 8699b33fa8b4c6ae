//! ACC030 `wrong-sense`: wrong sense.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports a word in the wrong one of its meanings, told by the words beside it: `eksplorasi
    /// gratis`, `perkembangan suara`.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Mistranslation. A word of the source has several meanings; its translation does
    /// not fit the words beside it.
    ///
    /// ## Example
    /// - `tautan produksi` → `tahapan`
    ///
    /// ## Not reported
    /// The same words where they fit (`parkir gratis`, `paduan suara`).
    ///
    /// ## Known misses
    /// Pairs that are not in the list; the checks with a model see more. The patterns stand in
    /// `src/lexicon/grammar/wrong-sense.tsv`.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    WrongSense {
        code: "ACC030",
        name: "wrong-sense",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.wrong-sense]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct WrongSense {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/wrong-sense.tsv")));

impl Check for WrongSense {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Judge, "wrong sense");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Ini eksplorasi gratis."), ["gratis"]);
        assert_eq!(marks(&META, "Ia membuat tautan produksi."), ["tautan"]);
        assert_eq!(marks(&META, "Seekor anak segel tidur di pasir."), ["segel"]);
        assert_eq!(marks(&META, "Ia mencetak gol dari tendangan gratis."), ["tendangan gratis"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Parkir gratis di sini.",
            "Paduan suara tampil.",
            "Daftar hadir lengkap.",
            "Klik tautan unduhan.",
            "Segel botol itu rusak.",
            "Klik tombol kiri tetikus.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
