//! ACC031 `collocation`: not said so.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports words that Indonesian does not put together, copied from English: `hujan berat`,
    /// `mengambil mandi`.
    ///
    /// ## Why it matters
    /// MQM Style/Unidiomatic style. Each word is right, but the language says it with another.
    ///
    /// ## Example
    /// - `hujan berat` → `hujan lebat`
    ///
    /// ## Not reported
    /// Pairs that are established (`mengambil keputusan`).
    ///
    /// ## Known misses
    /// Pairs that are not in the list. The patterns stand in `src/lexicon/grammar/collocation.tsv`.
    ///
    /// ## False alarms
    /// 0.3 per 1,000 (95 % interval 0.1–0.9) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    Collocation {
        code: "ACC031",
        name: "collocation",
        mqm: UnidiomaticStyle,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.collocation]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Collocation {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/collocation.tsv")));

impl Check for Collocation {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Judge, "not said so");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Hujan berat turun."), ["berat"]);
        assert_eq!(marks(&META, "Ia mengambil mandi."), ["mengambil"]);
        assert_eq!(marks(&META, "Kami bekerja di sekitar jam."), ["di sekitar jam"]);
        assert_eq!(
            marks(&META, "Di bawah latar belakang inflasi, toko itu tutup."),
            ["Di bawah latar belakang"]
        );
    }

    #[test]
    fn not_reported() {
        for text in [
            "Hujan lebat turun.",
            "Ia mengambil keputusan.",
            "Kami mencapai kesepakatan.",
            "Ia memberi tahu kami.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
