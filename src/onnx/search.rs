//! Greedy and beam search.
//!
//! Both give the sequences of Hugging Face transformers 4.57 `generate` (`num_beams`,
//! `early_stopping=False`, `length_penalty`), token for token: `tests/golden.rs`.

use super::{
    math::{argmax, log_sum_exp},
    seq2seq::{Encoded, Seq2Seq},
};
use crate::model::{Cancel, DecodeOptions, InferError, Stop};

/// A source whose translation is searched for.
pub(super) struct Start<'a> {
    /// What the decoder is given first; as long in every row of a batch.
    pub(super) prefix: &'a [u32],
    /// Ends a translation.
    pub(super) eos: u32,
    /// Never part of one. Their probability is not given to the others, as in transformers.
    pub(super) banned: &'a [u32],
    /// Most tokens of the translation, the end token not counted.
    pub(super) limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    /// Without prefix and end token.
    pub(super) ids: Vec<u32>,
    /// Sum of log p, the end token's included; nats.
    pub(super) log_prob: f32,
    pub(super) stopped: Option<Stop>,
}

/// Longest cycle that counts as going in circles, in tokens.
const LONGEST_CYCLE: usize = 8;
/// A cycle counts from this many rounds …
const CYCLE_ROUNDS: usize = 4;
/// … and this many tokens.
const CYCLE_TOKENS: usize = 12;

/// How much of `ids` to keep when its end goes in circles: up to the first round.
fn cycle(ids: &[u32]) -> Option<usize> {
    (1..=LONGEST_CYCLE).find_map(|period| {
        let pairs = ids.iter().rev().zip(ids.iter().rev().skip(period));
        let run = pairs.take_while(|(a, b)| a == b).count();
        let total = run + period;
        let circles = run > 0 && total >= CYCLE_ROUNDS * period && total >= CYCLE_TOKENS;
        circles.then(|| ids.len() - run)
    })
}

/// Searches for a translation of each row of `encoded`.
pub(super) fn search(
    model: &mut Seq2Seq,
    encoded: Encoded,
    starts: &[Start<'_>],
    options: &DecodeOptions,
    cancel: &Cancel,
) -> Result<Vec<Found>, InferError> {
    if options.beams <= 1 {
        greedy(model, encoded, starts, options, cancel)
    } else {
        beam(model, encoded, starts, options, cancel)
    }
}

fn prefixes(starts: &[Start<'_>]) -> Vec<i64> {
    starts.iter().flat_map(|start| start.prefix).map(|id| i64::from(*id)).collect()
}

fn greedy(
    model: &mut Seq2Seq,
    encoded: Encoded,
    starts: &[Start<'_>],
    options: &DecodeOptions,
    cancel: &Cancel,
) -> Result<Vec<Found>, InferError> {
    let mut found: Vec<Found> =
        starts.iter().map(|_| Found { ids: Vec::new(), log_prob: 0.0, stopped: None }).collect();
    // Which source each row of the batch stands for, and whether it still grows.
    let mut rows: Vec<(usize, bool)> = (0..starts.len()).map(|i| (i, true)).collect();
    let (mut logits, mut cache) = model.start(encoded, prefixes(starts))?;
    // Steps of finished rows since the last time that they were dropped.
    let mut wasted = 0;
    loop {
        if cancel.is_cancelled() {
            return Err(InferError::Cancelled);
        }
        let mut next = Vec::with_capacity(rows.len());
        let view = logits.view()?;
        for (row, (i, grows)) in rows.iter_mut().enumerate() {
            let (start, found) = (&starts[*i], &mut found[*i]);
            if !*grows {
                next.push(i64::from(start.eos));
                continue;
            }
            let row = view.last(row);
            let (token, logit) = best(row, start.banned);
            found.log_prob += logit - log_sum_exp(row);
            next.push(i64::from(token));
            if token == start.eos {
                *grows = false;
                continue;
            }
            found.ids.push(token);
            if let Some(keep) = options.loop_guard.then(|| cycle(&found.ids)).flatten() {
                found.ids.truncate(keep);
                found.stopped = Some(Stop::Loop);
                *grows = false;
            } else if found.ids.len() >= start.limit {
                found.stopped = Some(Stop::Length);
                *grows = false;
            }
        }
        let growing = rows.iter().filter(|(_, grows)| *grows).count();
        if growing == 0 {
            return Ok(found);
        }
        // A finished row costs as much as a growing one. Dropping it means copying the others'
        // keys and values, which costs less than a step of theirs: it is done once as much has
        // been wasted, so that never more than twice the least is spent.
        wasted += cache.rows() - growing;
        if wasted >= growing {
            wasted = 0;
            let kept: Vec<usize> = (0..rows.len()).filter(|row| rows[*row].1).collect();
            cache.select(&kept)?;
            next = kept.iter().map(|row| next[*row]).collect();
            rows = kept.iter().map(|row| rows[*row]).collect();
        }
        logits = model.next(&mut cache, next)?;
    }
}

/// The likeliest token that is not banned, and its logit.
fn best(row: &[f32], banned: &[u32]) -> (u32, f32) {
    let (token, logit) = argmax(row);
    if !banned.contains(&(token as u32)) {
        return (token as u32, logit);
    }
    let allowed = (0u32..).zip(row).filter(|(token, _)| !banned.contains(token));
    // Of equal ones the first, as `argmax`.
    let first = |best: (u32, f32), (token, logit): (u32, &f32)| {
        if *logit > best.1 { (token, *logit) } else { best }
    };
    allowed.fold((0, f32::NEG_INFINITY), first)
}

/// A hypothesis that still grows.
#[derive(Clone)]
struct Running {
    ids: Vec<u32>,
    log_prob: f32,
}

/// A hypothesis that ended.
struct Finished {
    found: Found,
    score: f32,
}

/// The beam of one source.
struct Beam {
    running: Vec<Running>,
    finished: Vec<Finished>,
    done: bool,
}

/// The best continuations of a beam, best first: `(running hypothesis, token, log p)`.
fn candidates(
    beam: &Beam,
    rows: &[&[f32]],
    count: usize,
    banned: &[u32],
) -> Vec<(usize, u32, f32)> {
    let mut best: Vec<(usize, u32, f32)> = Vec::with_capacity(count + 1);
    for (hypothesis, (running, row)) in beam.running.iter().zip(rows).enumerate() {
        let offset = running.log_prob - log_sum_exp(row);
        let mut worst = if best.len() < count { f32::NEG_INFINITY } else { best[count - 1].2 };
        for (token, logit) in row.iter().enumerate() {
            let log_prob = offset + logit;
            if (log_prob > worst || best.len() < count) && !banned.contains(&(token as u32)) {
                let at = best.partition_point(|(_, _, other)| *other >= log_prob);
                best.insert(at, (hypothesis, token as u32, log_prob));
                best.truncate(count);
                worst = if best.len() < count { f32::NEG_INFINITY } else { best[count - 1].2 };
            }
        }
    }
    best
}

impl Beam {
    /// Takes one step and returns, for each hypothesis that goes on, which one it continues.
    fn step(&mut self, rows: &[&[f32]], start: &Start<'_>, options: &DecodeOptions) -> Vec<usize> {
        let width = options.beams;
        let candidates = candidates(self, rows, 2 * width, start.banned);
        // What the decoder is given counts towards the length but for its start, as in
        // transformers: a forced language token.
        let length = self.running[0].ids.len() + start.prefix.len();
        let normalised =
            |log_prob: f32, length: usize| log_prob / (length as f32).powf(options.length_penalty);
        let last_step = self.running[0].ids.len() + 1 >= start.limit;
        let mut running = Vec::with_capacity(width);
        let mut parents = Vec::with_capacity(width);
        for (rank, (parent, token, log_prob)) in candidates.into_iter().enumerate() {
            let ends = token == start.eos;
            if ends || last_step {
                if rank < width {
                    let mut ids = self.running[parent].ids.clone();
                    let stopped = (!ends).then_some(Stop::Length);
                    if !ends {
                        ids.push(token);
                    }
                    let score = normalised(log_prob, length);
                    self.finished.push(Finished { found: Found { ids, log_prob, stopped }, score });
                }
            } else if running.len() < width {
                let mut ids = self.running[parent].ids.clone();
                ids.push(token);
                running.push(Running { ids, log_prob });
                parents.push(parent);
            }
        }
        self.finished.sort_by(|a, b| b.score.total_cmp(&a.score));
        self.finished.truncate(width);
        if last_step || running.is_empty() {
            self.done = true;
            return parents;
        }
        self.running = running;
        if self.finished.len() == width {
            let best = normalised(self.running[0].log_prob, length);
            self.done = best <= self.finished[width - 1].score;
        }
        let best = &self.running[0];
        if let Some(keep) = options.loop_guard.then(|| cycle(&best.ids)).flatten() {
            // The search goes in circles and will not come out: what is finished counts.
            if self.finished.is_empty() {
                let ids = best.ids[..keep].to_vec();
                let found = Found { ids, log_prob: best.log_prob, stopped: Some(Stop::Loop) };
                self.finished.push(Finished { found, score: f32::NEG_INFINITY });
            }
            self.done = true;
        }
        parents
    }
}

fn beam(
    model: &mut Seq2Seq,
    encoded: Encoded,
    starts: &[Start<'_>],
    options: &DecodeOptions,
    cancel: &Cancel,
) -> Result<Vec<Found>, InferError> {
    let width = options.beams;
    let mut beams: Vec<Beam> = starts
        .iter()
        .map(|_| Beam {
            running: vec![Running { ids: Vec::new(), log_prob: 0.0 }],
            finished: Vec::new(),
            done: false,
        })
        .collect();
    // The sources still searched for, in the order of the rows; `width` rows each from the
    // second step on.
    let mut active: Vec<usize> = (0..starts.len()).collect();
    let (mut logits, mut cache) = model.start(encoded, prefixes(starts))?;
    loop {
        if cancel.is_cancelled() {
            return Err(InferError::Cancelled);
        }
        let view = logits.view()?;
        let (mut kept, mut next, mut still) = (Vec::new(), Vec::new(), Vec::new());
        let mut row = 0;
        let mut same_sources = true;
        for &i in &active {
            let beam = &mut beams[i];
            let first_row = row;
            row += beam.running.len();
            let rows: Vec<&[f32]> = (first_row..row).map(|row| view.last(row)).collect();
            let before = rows.len();
            let parents = beam.step(&rows, &starts[i], options);
            same_sources &= !beam.done && before == width && beam.running.len() == width;
            if beam.done {
                continue;
            }
            still.push(i);
            for (parent, running) in parents.iter().zip(&beam.running) {
                kept.push(first_row + parent);
                next.push(i64::from(*running.ids.last().expect("just grown")));
            }
        }
        active = still;
        if active.is_empty() {
            break;
        }
        if same_sources {
            let unmoved = kept.iter().enumerate().all(|(to, from)| to == *from);
            if !unmoved {
                cache.select_own(&kept)?;
            }
        } else {
            cache.select(&kept)?;
        }
        logits = model.next(&mut cache, next)?;
    }
    let best = |mut beam: Beam| match beam.finished.is_empty() {
        false => beam.finished.swap_remove(0).found,
        true => Found { ids: Vec::new(), log_prob: 0.0, stopped: Some(Stop::Length) },
    };
    Ok(beams.into_iter().map(best).collect())
}

#[cfg(test)]
mod tests {
    use super::cycle;

    #[test]
    fn cycles_need_rounds_and_length() {
        assert_eq!(cycle(&[5; 11]), None);
        assert_eq!(cycle(&[5; 12]), Some(1));
        let mut ids = vec![9, 9, 1];
        ids.extend([2, 3, 4].repeat(3));
        assert_eq!(cycle(&ids), None);
        ids.extend([2, 3, 4]);
        assert_eq!(cycle(&ids), Some(6));
        assert_eq!(cycle(&[]), None);
        assert_eq!(cycle(&(0..40).collect::<Vec<_>>()), None);
    }
}
