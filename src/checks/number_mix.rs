//! LOC003 `number-mix`: one sentence writes amounts in two ways.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Language, Span},
};

declare_check! {
    /// ## What it does
    /// Reports a sentence that writes amounts of one kind in two ways: `US$5 juta` and `6 juta dolar
    /// AS`, `Rp5.000` and `Rp. 5.000,-`, `10 %` and `12 persen`.
    ///
    /// ## Why it matters
    /// MQM Style/Inconsistent style. The parts of the sentence were translated one by one.
    ///
    /// ## Example
    /// - `Rp. 5.000,- di samping Rp5.000` → `Rp5.000`
    ///
    /// ## Not reported
    /// `%` without a space beside `persen`, which writers mix at will in tables and text.
    ///
    /// ## Known misses
    /// Two ways in different sentences.
    ///
    /// ## False alarms
    /// 0.1 per 1,000 (95 % interval 0.0–0.5) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    NumberMix {
        code: "LOC003",
        name: "number-mix",
        mqm: InconsistentStyle,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.number-mix]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NumberMix {}

/// Two ways of writing an amount; the second is the one to change.
static WAYS: LazyLock<[(Regex, Regex); 3]> = LazyLock::new(|| {
    [
        (r"US\$ ?[0-9]", r"\b[0-9][0-9.,]* (?:(?:ribu|juta|miliar|triliun) )?dolar(?: AS)?\b"),
        (r"\bRp[0-9][0-9.]*(?:[^0-9.,]|$)", r"\bRp\. ?[0-9][0-9.]*(?:,-|,00)?"),
        (r"\b[0-9][0-9,]* persen\b", r"\b[0-9][0-9,]* %"),
    ]
    .map(|(one, other)| {
        let compile = |pattern| Regex::new(pattern).expect("the pattern is valid");
        (compile(one), compile(other))
    })
});

impl Check for NumberMix {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        if !target.text.contains(|c: char| c.is_ascii_digit()) {
            return;
        }
        for (one, other) in WAYS.iter() {
            let Some(second) = other.find(&target.text) else { continue };
            let Some(first) = one.find(&target.text) else { continue };
            let span = Span::new(second.range());
            if !target.in_placeable(span) {
                let first = first.as_str().trim_end_matches(|c: char| !c.is_alphanumeric());
                findings
                    .push(format!("written in another way than `{first}`"))
                    .at(span)
                    .confidence(Confidence::Medium)
                    .help("write amounts in one way");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn two_ways() {
        assert_eq!(marks(&META, "Modal US$2 miliar dan 3 miliar dolar AS."), ["3 miliar dolar AS"]);
        assert_eq!(marks(&META, "Gula Rp. 12.000,- dan garam Rp4.000."), ["Rp. 12.000,-"]);
        assert_eq!(marks(&META, "Naik 7 % dari 5 persen."), ["7 %"]);
    }

    #[test]
    fn one_way() {
        for text in ["Rp4.000 dan Rp5.500,50", "US$2 dan US$3 juta", "5% dan 7 persen", "Rp. 5"] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
