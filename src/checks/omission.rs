//! ACC002 `omission`: a stretch of the source that the target does not carry.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    document::SegmentText,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    model::ForcedDecoding,
    text::{Language, Side, Span},
};

declare_check! {
    /// ## What it does
    /// Reports a run of words of the source that the model would not have written from the target:
    /// each clearly less likely than the word that it prefers there, where the target is shorter than it
    /// would be with them.
    ///
    /// ## Why it matters
    /// MQM Omission. A fluent target hides what it leaves out; no check of the target alone can see
    /// it.
    ///
    /// ## Example
    /// - *He did not come because his daughter was ill.* – `Ia tidak datang.`
    ///
    /// ## Not reported
    /// Single words and short runs, which are free translations; names, numbers and words that are
    /// in the target as they are.
    ///
    /// ## Known misses
    /// What the model can guess from what stands before it.
    ///
    /// ## False alarms
    /// 8.3 per 1,000 of 121 pairs of FLORES-200 dev (167 before the length was asked for), one pair: too
    /// few to tell, so a preview. Of 53 such pairs without the part from a comma on it found 0.42, with
    /// `length-mismatch` 0.85. 2026-11-24, `cermat check --preview --select ACC002` with the
    /// bundled model.
    Omission {
        code: "ACC002",
        name: "omission",
        mqm: Omission,
        severity: Major,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::REVERSE,
    }
}

/// Options of `[checks.omission]` and, for the other side, `[checks.addition]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Gap {
    /// A run counts from this many words.
    min_words: usize,
    /// Its words are this much less likely than the model's own on average, in nats a word.
    min_loss: f32,
    /// The other side is shorter than it would be with the run by this much of it: what was said in
    /// other words leaves no gap.
    min_gap: f32,
}

impl Default for Gap {
    /// Set by hand; what they let through on development pairs, the docs of the checks say.
    fn default() -> Self {
        Self { min_words: 5, min_loss: 6.0, min_gap: 0.6 }
    }
}

/// Letters of Indonesian for one of English: the median of FLORES-200 dev and 5,000 pairs of
/// documentation, 2026-11-24.
const INDONESIAN_LETTERS: f32 = 1.08;

fn letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

/// Options of `[checks.omission]`.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
struct Omission(Gap);

/// A run of words without counterpart, and how much less likely they are than the model's own, in
/// nats a word.
pub(super) struct Run {
    pub(super) span: Span,
    pub(super) words: usize,
    pub(super) loss: f32,
}

impl Gap {
    /// The run of `side` with the greatest loss in all, if it is a gap. `other` is the side that the
    /// model wrote `forced` from.
    ///
    /// The run is the maximum-sum stretch of loss minus half of [`Gap::min_loss`], so that a likely
    /// `the` does not end it.
    pub(super) fn worst(
        &self,
        forced: &ForcedDecoding,
        side: &SegmentText,
        other: &SegmentText,
        language: Language,
    ) -> Option<Run> {
        let lower = other.text.to_lowercase();
        let tokens = forced.tokens.chunk_by(|_, next| !next.starts_word);
        let losses: Vec<(Span, f32)> = tokens
            .map(|tokens| {
                let span = tokens[1..].iter().fold(tokens[0].span, |all, t| all.cover(t.span));
                let text = span.of(&side.text).trim_matches(|c: char| !c.is_alphanumeric());
                // What is there letter by letter has its counterpart, whatever the model says.
                let kept = text.len() > 2 && lower.contains(&text.to_lowercase());
                let loss: f32 = tokens.iter().map(|t| t.best_log_prob - t.log_prob).sum();
                (span, if kept { 0.0 } else { loss.min(4.0 * self.min_loss) })
            })
            .collect();
        let (mut best, mut from, mut sum) = (None, 0, 0.0f32);
        let mut top = 0.0f32;
        for (i, (_, loss)) in losses.iter().enumerate() {
            if sum <= 0.0 {
                (from, sum) = (i, 0.0);
            }
            sum += loss - self.min_loss / 2.0;
            if sum > top {
                (best, top) = (Some((from, i)), sum);
            }
        }
        let (first, last) = best?;
        let run = &losses[first..=last];
        let loss = run.iter().map(|(_, loss)| loss).sum::<f32>() / run.len() as f32;
        let span = run[0].0.cover(run[run.len() - 1].0);
        // What the other side would have in letters.
        let ratio = match language {
            Language::En => INDONESIAN_LETTERS,
            Language::Id => 1.0 / INDONESIAN_LETTERS,
        };
        let gap = letters(&side.text) as f32 * ratio - letters(&other.text) as f32;
        let gap = gap / (letters(span.of(&side.text)) as f32 * ratio).max(1.0);
        (run.len() >= self.min_words && loss >= self.min_loss && gap >= self.min_gap)
            .then_some(Run { span, words: run.len(), loss })
    }
}

impl Check for Omission {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let (Some(source), Some(reverse)) = (&cx.segment.source, &cx.evidence.reverse) else {
            return;
        };
        if let Some(Run { span, words, loss }) =
            self.0.worst(reverse, source, &cx.segment.target, cx.segment.direction.source())
        {
            findings
                .push(format!("{words} words of the source with no counterpart in the target"))
                .label(cx.segment.id, Side::Source, span, "")
                .confidence(Confidence::Medium)
                .help("translate these words, or accept the segment in the baseline")
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
        text::{Span, words},
    };

    /// The marks of a pair whose source words lose so many nats each.
    fn found(source: &str, target: &str, losses: &[f32]) -> Vec<String> {
        let tokens = words(source).zip(losses).map(|(word, loss)| TokenScore {
            span: Span { ..word.span },
            log_prob: -loss - 0.1,
            best_log_prob: -0.1,
            starts_word: true,
        });
        let reverse = Some(ForcedDecoding {
            tokens: tokens.collect(),
            eos_log_prob: -0.1,
            alternatives: Vec::new(),
        });
        let document = pairs(&[(Some(source), target)]);
        let evidence = [Evidence { reverse, ..Evidence::default() }];
        findings(&META, &document, &evidence).iter().map(|f| marked(&document, f)).collect()
    }

    const SOURCE: &str = "He did not come because his daughter was ill";

    #[test]
    fn a_lost_clause() {
        let losses = [0.5, 1.0, 0.0, 0.4, 9.0, 7.0, 12.0, 2.0, 11.0];
        assert_eq!(found(SOURCE, "Ia tidak datang.", &losses), ["because his daughter was ill"]);
    }

    #[test]
    fn free_translations_and_words_that_stay() {
        let losses = [0.5, 9.0, 0.0, 8.0, 9.0, 9.0, 12.0, 9.0, 9.0];
        assert_eq!(found(SOURCE, "Ia absen karena putrinya sakit.", &losses), [""; 0]);
        let losses = [12.0; 6];
        let name = "Royal Nusantara Philharmonic Orchestra Society Hall";
        assert_eq!(found(name, &format!("Gedung {name}"), &losses), [""; 0]);
    }
}
