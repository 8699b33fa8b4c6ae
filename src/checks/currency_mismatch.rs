//! ACC014 `currency-mismatch`: the same sum in another currency.

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    quantities::{Money, changed},
};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::Side,
};

declare_check! {
    /// ## What it does
    /// Compares the sums of money of a pair, and reports one that both sides have in different
    /// currencies: `$500` and `Rp500`.
    ///
    /// ## Why it matters
    /// MQM Mistranslation. A sum that kept its number and changed its currency is wrong by a factor of
    /// thousands.
    ///
    /// ## Example
    /// - *The fine is $500.* – `Dendanya Rp500.`
    ///
    /// ## Not reported
    /// `$` for any dollar and `¥` for yen or yuan, sums that stand with both currencies or without
    /// one on one side. A million that became a billion is reported by `number-mismatch`.
    ///
    /// ## Known misses
    /// Currencies that are not in the table (`src/checks/quantities.rs`), sums converted at a wrong rate.
    ///
    /// ## False alarms
    /// 0 per 1,000 of 5,997 pairs (FLORES-200 dev and documentation). Of 6 references of FLORES with another
    /// currency, 5 were found. 2026-11-24, `scripts/pair_recall.py`.
    CurrencyMismatch {
        code: "ACC014",
        name: "currency-mismatch",
        mqm: Mistranslation,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.currency-mismatch]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct CurrencyMismatch {}

impl Check for CurrencyMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some([there, here]) = cx.numbers() else { return };
        for number in changed(here, there, |n| n.money, Money::agrees, Money::agrees) {
            findings
                .push(format!(
                    "`{}` is in {}, in the source in {}",
                    number.here.span.of(here.text),
                    number.kind.name,
                    number.wanted.name
                ))
                .at(number.here.span)
                .label(cx.segment.id, Side::Source, number.there.span, "")
                .confidence(Confidence::High)
                .help("keep the currency, or convert the sum with it");
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
    fn other_currencies() {
        assert_eq!(found("The fine is $500.", "Dendanya Rp500."), ["500"]);
        assert_eq!(found("It earned €2.5 million.", "Labanya 2,5 juta dolar."), ["2,5 juta"]);
        assert_eq!(found("He owes 300 yen.", "Utangnya 300 yuan."), ["300"]);
        assert_eq!(found("Two thousand pounds", "Dua ribu rupiah"), ["Dua ribu"]);
    }

    #[test]
    fn the_same_money() {
        for (source, target) in [
            ("The fine is $500.", "Dendanya US$500."),
            ("The fine is US$500.", "Dendanya 500 dolar AS."),
            ("It cost 20 dollars (Rp300,000).", "Harganya 20 dolar (Rp300.000)."),
            ("Rp 5 million", "5 juta rupiah"),
            ("¥300", "300 yen"),
            ("The £20 note", "Uang 20 pound sterling"),
            ("20 people paid $20.", "20 orang membayar $20."),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
