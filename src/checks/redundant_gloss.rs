//! LNG009 `redundant-gloss`: a word explained in brackets by itself.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::Span,
};

declare_check! {
    /// ## What it does
    /// Reports brackets that say again what stands before them: `UBS (UBS)`.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Duplication. The source gives a name in two languages or
    /// scripts (瑞银 (UBS)), and both came out the same.
    ///
    /// ## Example
    /// - `UBS (UBS ) menambahkan` → `UBS`
    ///
    /// ## Not reported
    /// Abbreviations with what they stand for, and brackets with more in them.
    ///
    /// ## Known misses
    /// Glosses that differ by a letter (`Nikolas (Nicolas)`), where both may be meant.
    ///
    /// ## False alarms
    /// 0.0 per 1,000 (95 % interval 0.0–0.3) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    RedundantGloss {
        code: "LNG009",
        name: "redundant-gloss",
        mqm: Duplication,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.redundant-gloss]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RedundantGloss {}

impl Check for RedundantGloss {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let target = &cx.segment.target;
        let text = target.text.as_str();
        for (open, close) in &marks::matched(text, |span| target.in_placeable(span)).pairs {
            if open.mark != '(' {
                continue;
            }
            let gloss = text[open.at + 1..close.at].trim();
            let before = text[..open.at].trim_end();
            // A call or an option is written without a space: `file(file)`.
            if gloss.is_empty() || before.len() == open.at || !gloss.contains(char::is_alphabetic) {
                continue;
            }
            let Some(start) = before.len().checked_sub(gloss.len()) else { continue };
            let Some(term) = before.get(start..) else { continue };
            let whole_word = before[..start]
                .chars()
                .next_back()
                .is_none_or(|c| !c.is_alphanumeric() && c != '-');
            let same = term == gloss || term.to_lowercase() == gloss.to_lowercase();
            if !same || !whole_word {
                continue;
            }
            // The source says it twice as well.
            if cx.segment.source.as_ref().is_some_and(|s| s.text.contains(&format!("({gloss})"))) {
                continue;
            }
            findings
                .push(format!("the brackets say `{term}` again"))
                .at(Span::new(start..close.at + 1))
                .confidence(Confidence::High)
                .suggest(term)
                .help("leave the brackets out, or give the name in full");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{fixes, marks};

    #[test]
    fn the_same_again() {
        assert_eq!(fixes(&META, "UBS (UBS ) last Moon"), ["UBS (UBS ) → UBS"]);
        assert_eq!(
            fixes(&META, "Ia ke Bank Dunia (bank dunia)."),
            ["Bank Dunia (bank dunia) → Bank Dunia"]
        );
    }

    #[test]
    fn real_glosses() {
        for text in [
            "Bank Dunia (World Bank), OJK (Otoritas Jasa Keuangan), X (dahulu Twitter)",
            "Jalankan file(file) dan 5 (5), (UBS)",
            "Partai itu (Itu) bukan aitu (itu).",
        ] {
            let found = marks(&META, text);
            assert!(found.len() <= 1 && found.iter().all(|f| f == "itu (Itu)"), "{found:?}");
        }
    }
}
