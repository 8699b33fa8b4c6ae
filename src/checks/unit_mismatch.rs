//! ACC012 `unit-mismatch`: the same number of something else.

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    quantities::{Unit, changed},
};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::Side,
};

declare_check! {
    /// ## What it does
    /// Compares what the numbers of a pair count, and reports a number that both sides have with
    /// different units: `5 km` and `5 mil`, `30 °C` and `30 °F`, `10 minutes` and `10 jam`.
    ///
    /// ## Why it matters
    /// MQM Mistranslation. The number looks right, so nobody looks at what stands behind it.
    ///
    /// ## Example
    /// - *It is 12 miles away.* – `Jaraknya 12 kilometer.`
    ///
    /// ## Not reported
    /// Converted quantities (`12 miles` – `19 km`), numbers that stand with both units or without a
    /// unit on one side, the number one.
    ///
    /// ## Known misses
    /// Units that are not in the table (`src/checks/quantities.rs`), a unit that was left out.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 of 5,997 pairs (FLORES-200 dev none, documentation one of 5,000, in which miles were made
    /// kilometres). Of 51 references of FLORES in which a unit was changed, 0.90 were found. In the
    /// 5,982 machine translations of FLORES it marks two, both wrong. 2026-11-24, `scripts/pair_recall.py`.
    UnitMismatch {
        code: "ACC012",
        name: "unit-mismatch",
        mqm: Mistranslation,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.unit-mismatch]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct UnitMismatch {}

impl Check for UnitMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some([there, here]) = cx.numbers() else { return };
        let may_agree = |one: &Unit, other: &Unit| !one.differs(other);
        for number in changed(here, there, |n| n.unit, may_agree, Unit::eq) {
            findings
                .push(format!(
                    "`{}` counts {}, in the source {}",
                    number.here.span.of(here.text),
                    number.kind.name,
                    number.wanted.name
                ))
                .at(number.here.span)
                .label(cx.segment.id, Side::Source, number.there.span, "")
                .confidence(Confidence::High)
                .help("keep the unit, or convert the number with it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::pair_marks;

    fn found(source: &str, target: &str) -> Vec<String> {
        pair_marks(&META, source, target)
    }

    #[test]
    fn other_units() {
        assert_eq!(found("It is 12 miles away.", "Jaraknya 12 kilometer."), ["12"]);
        assert_eq!(found("Heat it to 90°F.", "Panaskan sampai 90 °C."), ["90"]);
        assert_eq!(found("She weighs 60 pounds.", "Beratnya 60 kg."), ["60"]);
        assert_eq!(found("Wait ten minutes.", "Tunggu sepuluh jam."), ["sepuluh"]);
        assert_eq!(found("A 48-hour strike", "Pemogokan selama 48 hari"), ["48"]);
        assert_eq!(found("It grew by 5 %.", "Pertumbuhannya 5 km."), ["5"]);
        assert_eq!(found("Two million acres burned.", "Dua juta hektare terbakar."), ["Dua juta"]);
    }

    #[test]
    fn the_same_units_otherwise() {
        for (source, target) in [
            ("It is 12 miles away.", "Jaraknya 12 mil."),
            ("It is 12 miles away.", "Jaraknya 19 km."),
            ("It is 12 miles (19 km) away.", "Jaraknya 19 km (12 mil)."),
            ("90 km/h", "90 kilometer per jam"),
            ("A 3-day trip in 3 towns", "Perjalanan 3 hari di 3 kota"),
            ("She is 30 years old.", "Umurnya 30."),
            ("100 square metres", "100 meter persegi"),
            ("At 7 hours a day, 7 days a week", "7 hari seminggu, 7 jam sehari"),
            ("It rose by 5 percentage points.", "Naik 5 persen."),
            ("It takes one minute.", "Hanya satu jam."),
            ("16 GB of memory", "memori 16 gigabita"),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
