//! ACC009 `low-score`: the model holds the whole segment for a bad translation.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    text::Span,
};

declare_check! {
    /// ## What it does
    /// Reports a segment whose quality score is low, with its back-translation beside it.
    ///
    /// ## Why it matters
    /// A translation can be wrong as a whole without a single sign of it on the surface: only
    /// the round trip through a model shows it.
    ///
    /// ## Example
    /// - A target that the model cannot find its way back to from its own back-translation.
    ///
    /// ## Not reported
    /// Segments of fewer than four words, whose scores say little.
    ///
    /// ## Known misses
    /// Fluent translations of something else than the source, when there is no source.
    ///
    /// ## False alarms
    /// 1.7 per 1,000 of 1,200 human sentences of four words or more without a source, 1 of the 997
    /// references of FLORES-200 dev with theirs, 2026-11-23, with the score `trees-1`.
    LowScore {
        code: "ACC009",
        name: "low-score",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::QUALITY,
    }
}

/// Options of `[checks.low-score]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct LowScore {
    /// Scores below this are reported, 0–100.
    below: f32,
    /// Scores below this are major, with a source.
    major_below: f32,
    /// Fewer words are not judged.
    min_words: usize,
}

impl Default for LowScore {
    /// Set so that few human sentences are reported; see the docs. Of 300 sources of FLORES-200
    /// dev with the translation of another sentence, 64 % are reported, 27 % as major.
    fn default() -> Self {
        Self { below: 8.0, major_below: 3.0, min_words: 4 }
    }
}

impl Check for LowScore {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let text = cx.segment.target.text.as_str();
        let paired = cx.segment.source.is_some();
        let Some(score) = cx.evidence.quality.filter(|score| *score < self.below) else { return };
        if crate::text::words(text).count() < self.min_words {
            return;
        }
        let severity =
            if paired && score < self.major_below { Severity::Major } else { Severity::Minor };
        findings
            .push(format!("the whole sentence scores low: {score:.0} of 100"))
            .at(Span::new(0..text.len()))
            .severity(severity)
            .confidence(Confidence::Low)
            .measure("score", score, "0–100")
            .help("compare the back-translation with what was meant");
    }
}

#[cfg(test)]
mod tests {
    use super::{META, Severity};
    use crate::{
        checks::tester::{findings, pairs, targets},
        evidence::Evidence,
    };

    #[test]
    fn low_scores_of_whole_sentences() {
        let document =
            targets(&["Ini kalimat yang kacau sekali.", "Ini kalimat yang baik.", "Buku."]);
        let scores = [Some(7.0), Some(80.0), Some(1.0)];
        let evidence = scores.map(|quality| Evidence { quality, ..Evidence::default() });
        let found = findings(&META, &document, &evidence);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].segment.map(|segment| segment.0), Some(0));
        assert!(findings(&META, &document, &[]).is_empty(), "without evidence nothing is said");

        let pair = (Some("The dog barks at the cat."), "Ini kalimat lain sama sekali.");
        let document = pairs(&[pair, pair, pair]);
        let scores = [Some(2.0), Some(7.0), Some(25.0)];
        let evidence = scores.map(|quality| Evidence { quality, ..Evidence::default() });
        let found = findings(&META, &document, &evidence);
        let severities: Vec<_> = found.iter().map(|f| f.severity).collect();
        assert_eq!(severities, [Severity::Major, Severity::Minor]);
    }
}
