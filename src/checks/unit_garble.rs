//! ACC033 `unit-garble`: impossible unit.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports units that cannot measure what they stand with: `kecepatan 20 kg`, `kkal/bulan`.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Mistranslation. An abbreviation of the source was read as another one (千卡, a
    /// thousand cards, as kilocalories).
    ///
    /// ## Example
    /// - `tegangan 220 km` → `volt`
    ///
    /// ## Not reported
    /// Units that fit (`2.000 kkal/hari`, `5 mg/kg`).
    ///
    /// ## Known misses
    /// Quantities without their name. The patterns stand in `src/lexicon/grammar/unit-garble.tsv`.
    ///
    /// ## False alarms
    /// 0.0 per 1,000 (95 % interval 0.0–0.3) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    UnitGarble {
        code: "ACC033",
        name: "unit-garble",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.unit-garble]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct UnitGarble {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/unit-garble.tsv")));

impl Check for UnitGarble {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "impossible unit");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Tegangan 110 km berbahaya."), ["km"]);
        assert_eq!(marks(&META, "Memori 8 kilokalori terpasang."), ["kilokalori"]);
        assert_eq!(marks(&META, "Mobil melaju 60 kg per jam."), ["kg"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Kebutuhannya 2.000 kkal/hari.",
            "Listrik 150 kWh/bulan.",
            "Kecepatan 60 km/jam.",
            "Dosis 5 mg/kg berat badan.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
