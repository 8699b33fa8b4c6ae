//! LNG010 `cut-off`: something is missing here.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports sentences that stop in the middle: a preposition, a conjunction or a comparison before
    /// the full stop, a number without its unit.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Omission. The machine lost the end of a phrase, or put a wrong word for a unit.
    ///
    /// ## Example
    /// - `lebih murah daripada.`
    /// - `untuk para .`
    ///
    /// ## Not reported
    /// Answers and headlines.
    ///
    /// ## Known misses
    /// Objects that are missing behind a verb. The patterns stand in
    /// `src/lexicon/grammar/cut-off.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/cut-off.tsv`.
    ///
    /// ## False alarms
    /// 0.3 per 1,000 (95 % interval 0.1–0.9) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    CutOff {
        code: "LNG010",
        name: "cut-off",
        mqm: Omission,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.cut-off]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct CutOff {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/cut-off.tsv")));

impl Check for CutOff {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "something is missing here");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Toko ini lebih murah daripada."), ["daripada"]);
        assert_eq!(marks(&META, "Bantuan ini dikirim kepada."), ["kepada"]);
        assert_eq!(marks(&META, "Dana sebesar 20 juta biaya."), ["biaya"]);
        assert_eq!(marks(&META, "Kecepatannya mencapai 90 dalam keadaan kosong."), ["90"]);
        assert_eq!(marks(&META, "Panitia akhirnya berhasil mengalahkan."), ["mengalahkan"]);
    }

    #[test]
    fn not_reported() {
        for text in
            ["Ia pulang ke rumah.", "Harganya 20 juta rupiah.", "Skor 3-2.", "Sudah. Belum."]
        {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
        assert_eq!(
            marks(&META, "Kecepatannya mencapai 90 kilometer per jam."),
            Vec::<String>::new()
        );
    }
}
