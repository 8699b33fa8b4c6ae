//! STY002 `pleonasm`: said twice.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports the same thing said twice: `adalah merupakan`, `agar supaya`, `naik ke atas`, `seperti
    /// A, B, dll.`.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Duplication. It is the commonest slip of editors, and of machines
    /// that render both halves of a pair.
    ///
    /// ## Example
    /// - `adalah merupakan` → `merupakan`
    ///
    /// ## Not reported
    /// What people say in quotation marks; `naik ke kelas enam`, `antara lain`.
    ///
    /// ## Known misses
    /// Repetitions in other words. The patterns stand in `src/lexicon/grammar/pleonasm.tsv`, the
    /// rules over classes of words in `src/lexicon/syntax/pleonasm.tsv`.
    ///
    /// ## False alarms
    /// 0.6 per 1,000 (95 % interval 0.3–1.2) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    Pleonasm {
        code: "STY002",
        name: "pleonasm",
        mqm: Duplication,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.pleonasm]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Pleonasm {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/pleonasm.tsv")));

impl Check for Pleonasm {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "said twice");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Ini adalah merupakan awal."), ["adalah merupakan"]);
        assert_eq!(marks(&META, "Kami datang agar supaya jelas."), ["agar supaya"]);
        assert_eq!(marks(&META, "Buah seperti apel, jeruk, dll. dijual."), [", dll."]);
        assert_eq!(
            marks(&META, "Menteri memutuskan keputusan itu kemarin."),
            ["memutuskan keputusan"]
        );
        assert_eq!(marks(&META, "Harga telur naik meningkat lagi."), ["naik meningkat"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Ia turun tangan.",
            "Anak itu naik ke kelas dua.",
            "Antara lain beras dan gula.",
            "Mereka saling membantu.",
            "Menteri memutuskan hal itu kemarin.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
