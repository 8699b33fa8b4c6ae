//! Forced decoding in one teacher-forced pass.

use super::{
    math::{log_sum_exp, max, top},
    seq2seq::{Encoded, Seq2Seq},
};
use crate::model::{Cancel, InferError};

/// Logits held at once, in bytes: a vocabulary of 256,000 needs 1 MB a token.
const LOGITS_BYTES: usize = 64 << 20;

/// A target to be scored.
pub(super) struct Target<'a> {
    /// What the decoder is given first.
    pub(super) prefix: &'a [u32],
    /// Without the end token.
    pub(super) ids: &'a [u32],
    /// Ends it.
    pub(super) eos: u32,
    /// How many of the likeliest tokens to tell at each position.
    pub(super) alternatives: usize,
}

/// One token: log p of it, and of the token that the model would have preferred; nats.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scored {
    pub(super) log_prob: f32,
    pub(super) best: f32,
    /// The likeliest tokens with their log p, best first.
    pub(super) likeliest: Vec<(u32, f32)>,
}

/// Scores row `i` of `encoded` against `targets[i]`: one value a token and one for the end.
///
/// Rows are taken in groups, so that the logits of a group stay within [`LOGITS_BYTES`].
pub(super) fn force(
    model: &mut Seq2Seq,
    encoded: &Encoded,
    targets: &[Target<'_>],
    pad: u32,
    cancel: &Cancel,
) -> Result<Vec<Vec<Scored>>, InferError> {
    let budget = (LOGITS_BYTES / 4 / model.sizes().vocabulary.max(1)).max(1);
    let width = |target: &Target<'_>| target.prefix.len() + target.ids.len();
    let mut order: Vec<usize> = (0..targets.len()).collect();
    order.sort_by_key(|&i| std::cmp::Reverse(width(&targets[i])));
    let mut scores = vec![Vec::new(); targets.len()];
    let mut rest = &order[..];
    while let [longest, ..] = rest {
        if cancel.is_cancelled() {
            return Err(InferError::Cancelled);
        }
        let length = width(&targets[*longest]);
        let (group, later) = rest.split_at((budget / length.max(1)).clamp(1, rest.len()));
        rest = later;
        let mut ids = vec![i64::from(pad); group.len() * length];
        for (row, &i) in ids.chunks_mut(length).zip(group) {
            let tokens = targets[i].prefix.iter().chain(targets[i].ids);
            row.iter_mut().zip(tokens).for_each(|(slot, id)| *slot = i64::from(*id));
        }
        let logits = encoded.with_rows(group, |encoded| model.pass(encoded, ids))?;
        let logits = logits.view()?;
        for (row, &i) in group.iter().enumerate() {
            let target = &targets[i];
            let labels = target.ids.iter().chain(std::iter::once(&target.eos));
            // Position p predicts the token after it: the last of the prefix the first label.
            let first = target.prefix.len() - 1;
            scores[i] = labels
                .enumerate()
                .map(|(t, label)| {
                    let row = logits.at(row, first + t);
                    let total = log_sum_exp(row);
                    let own = row.get(*label as usize).copied().unwrap_or(f32::NEG_INFINITY);
                    let mut likeliest = top(row, target.alternatives);
                    likeliest.iter_mut().for_each(|(_, logit)| *logit -= total);
                    Scored { log_prob: own - total, best: max(row) - total, likeliest }
                })
                .collect();
        }
    }
    Ok(scores)
}
