//! The quality score: provisional, and all of it in this file.
//!
//! With a source
//!
//! ```text
//! score = 100 σ(8.491 + 0.877 mean log p(target | source)
//!                     + 0.426 min log p(word piece of target | source)
//!                     − 6.249 |ln(length of target / length of source / expected ratio)|)
//! ```
//!
//! and without one
//!
//! ```text
//! score = 100 σ(1.943 + 0.760 mean log p(target | back-translation))
//! ```
//!
//! with σ the logistic function, log-probabilities in nats, lengths in UTF-8 bytes plus 5, and an
//! expected ratio of 1.08 Indonesian bytes for one of English.
//!
//! # Origin
//! A logistic regression that tells good translations (references and six systems) from damaged
//! ones, on half of FLORES-200 dev, en→id, with the model `cermat-start`, 2026-11-23:
//! `scripts/fit_score.py FLORES_DEV`, a folder with FLORES-200 dev and the outputs of six systems.
//! On the other half its area under the ROC curve is 0.902 with a source and 0.687 without; the
//! median reference scores 84 and 60. Of 600 pairs of a machine's and a professional's translation
//! of Microsoft documentation, it prefers the professional's in 65.5 %.
//!
//! # What it is not
//! Not calibrated: 80 does not mean that 80 % of such translations are right. It is fitted on
//! whole-sentence damage, and blind to a wrong name or number. Without a source it sees only
//! broken language, and little of that (Pearson 0.26 with the judgements of one article of 37
//! sentences). It belongs to this model: another one needs other weights.

use super::Evidence;
use crate::model::ForcedDecoding;

/// Name of the formula, for the signature of a report.
pub const FORMULA: &str = "provisional-1";

/// Bytes of Indonesian for one of English: median of the references of FLORES-200 dev.
const INDONESIAN_FOR_ENGLISH: f32 = 1.08;

/// Quality estimate of a segment, 0–100, higher is better; `None` where the model said nothing.
#[must_use]
pub fn quality(evidence: &Evidence) -> Option<f32> {
    if evidence.skipped.is_some() {
        return None;
    }
    let logit = match (&evidence.forward, &evidence.reverse) {
        (Some(forward), Some(reverse)) => {
            // What p(source | target) reads ends with the source, so its length is known here.
            let ratio = length(forward) / length(reverse);
            // Either direction is compared with the ratio that is nearer: en→id has longer
            // targets, id→en shorter ones.
            let gap = (ratio / INDONESIAN_FOR_ENGLISH).ln().abs();
            let other_way = (ratio * INDONESIAN_FOR_ENGLISH).ln().abs();
            8.491 + 0.877 * forward.mean_log_prob() + 0.426 * forward.min_log_prob()
                - 6.249 * gap.min(other_way)
        }
        _ => 1.943 + 0.760 * evidence.round_trip.as_ref()?.forced.mean_log_prob(),
    };
    Some(100.0 / (1.0 + (-logit).exp()))
}

/// UTF-8 bytes of the text that was scored, plus 5: short texts vary more.
fn length(forced: &ForcedDecoding) -> f32 {
    forced.tokens.last().map_or(0, |token| token.span.end) as f32 + 5.0
}

#[cfg(test)]
mod tests {
    use super::quality;
    use crate::{
        evidence::{Evidence, RoundTrip},
        model::{ForcedDecoding, Skip, TokenScore},
        text::Span,
    };

    fn forced(bytes: usize, nats: f32) -> ForcedDecoding {
        let token = TokenScore {
            span: Span::new(0..bytes),
            log_prob: nats,
            best_log_prob: nats,
            starts_word: true,
        };
        ForcedDecoding { tokens: vec![token], eos_log_prob: nats }
    }

    fn pair(bytes: usize, nats: f32) -> Evidence {
        Evidence {
            forward: Some(forced(bytes, nats)),
            reverse: Some(forced(100, -1.0)),
            ..Evidence::default()
        }
    }

    #[test]
    fn better_evidence_scores_higher() {
        let score = |evidence: &Evidence| quality(evidence).expect("a score");
        assert!(score(&pair(105, -1.0)) > score(&pair(105, -3.0)));
        assert!(score(&pair(105, -2.0)) > score(&pair(50, -2.0)), "half of it is missing");
        assert!(score(&pair(105, -2.0)) > score(&pair(210, -2.0)), "half of it is added");
        for nats in [-1000.0, -1.0, 0.0] {
            assert!((0.0..=100.0).contains(&score(&pair(100, nats))));
        }
    }

    #[test]
    fn the_value_of_the_formula() {
        // 8.491 − 0.877 · 2 − 0.426 · 2 − 6.249 · ln(113.4 / 105 / 1.08) = 5.885
        let score = quality(&pair(108, -2.0)).expect("a score");
        let expected = 100.0
            / (1.0
                + (-(8.491 - 1.754 - 0.852 - 6.249 * (113.0f32 / 105.0 / 1.08).ln().abs())).exp());
        assert!((score - expected).abs() < 1e-3, "{score} {expected}");
    }

    #[test]
    fn without_a_source_the_round_trip_counts() {
        let round_trip = RoundTrip { hypothesis: None, forced: forced(10, -1.943 / 0.76) };
        let evidence = Evidence { round_trip: Some(round_trip), ..Evidence::default() };
        assert!((quality(&evidence).expect("a score") - 50.0).abs() < 1e-3);
    }

    #[test]
    fn nothing_said_nothing_scored() {
        assert_eq!(quality(&Evidence::default()), None);
        assert_eq!(quality(&Evidence { skipped: Some(Skip::Empty), ..pair(100, -1.0) }), None);
    }
}
