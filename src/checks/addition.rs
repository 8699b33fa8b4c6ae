//! ACC010 `addition`: a stretch of the target that the source does not have.

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    omission::{Gap, Run},
};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
};

declare_check! {
    /// ## What it does
    /// Reports a run of words of the target that the model would not have written from the source:
    /// each clearly less likely than the word that it prefers there, where the source is shorter than it
    /// would be with them.
    ///
    /// ## Why it matters
    /// MQM Addition. The reader takes for said what nobody said; machines put in what they have
    /// often seen beside it.
    ///
    /// ## Example
    /// - *He did not come.* – `Ia tidak datang karena harus menjaga putrinya di rumah sakit.`
    ///
    /// ## Not reported
    /// Single words and short runs, which are free translations; names, numbers and words that are
    /// in the source as they are.
    ///
    /// ## Known misses
    /// What the model can guess from what stands before it.
    ///
    /// ## False alarms
    /// 16.5 per 1,000 of 121 pairs of FLORES-200 dev (142 before the length was asked for): too many, so a
    /// preview. 2026-11-24, `cermat check --preview --select ACC010` with the bundled model.
    Addition {
        code: "ACC010",
        name: "addition",
        mqm: Addition,
        severity: Major,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::FORWARD,
    }
}

/// Options of `[checks.addition]`.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Addition(Gap);

impl Check for Addition {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let (Some(source), Some(forward)) = (&cx.segment.source, &cx.evidence.forward) else {
            return;
        };
        if let Some(Run { span, words, loss }) =
            self.0.worst(forward, &cx.segment.target, source, cx.segment.direction.target())
        {
            findings
                .push(format!("{words} words of the target with no counterpart in the source"))
                .at(span)
                .confidence(Confidence::Medium)
                .help("leave them out, or accept the segment in the baseline")
                .measure("mean loss against the model's own words", loss, "nats a word");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::{
        checks::tester::{findings, marked, pairs},
        evidence::Evidence,
        model::{ForcedDecoding, TokenScore},
        text::words,
    };

    #[test]
    fn words_that_nobody_said() {
        let target = "Ia tidak datang karena harus menjaga putrinya di rumah sakit";
        let found = |losses: [f32; 10]| -> Vec<String> {
            let tokens = words(target).zip(losses).map(|(word, loss)| TokenScore {
                span: word.span,
                log_prob: -loss,
                best_log_prob: 0.0,
                starts_word: true,
            });
            let forward = Some(ForcedDecoding {
                tokens: tokens.collect(),
                eos_log_prob: 0.0,
                alternatives: Vec::new(),
            });
            let document = pairs(&[(Some("He did not come."), target)]);
            let evidence = [Evidence { forward, ..Evidence::default() }];
            findings(&META, &document, &evidence).iter().map(|f| marked(&document, f)).collect()
        };
        let lost = [0.1, 0.0, 2.0, 10.0, 9.0, 12.0, 9.0, 3.0, 5.0, 0.5];
        assert_eq!(found(lost), ["karena harus menjaga putrinya di rumah"]);
        assert_eq!(found([3.0; 10]), [""; 0]);
    }
}
