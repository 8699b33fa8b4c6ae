//! Sums of exponentials over a vocabulary.
//!
//! A vocabulary is summed at every step, 8,000 numbers and more: a tenth of a translation's time
//! when written for any x86-64. `pulp` compiles these loops once more for AVX2 and picks at run
//! time.

use pulp::{Arch, Simd, WithSimd};

/// Lanes of a vector register that the compiler may fill; sums are kept apart by lane, so the
/// result does not depend on the machine.
const LANES: usize = 16;

/// e^x for x ≤ 0, relative error below 2e-7; 0 below −87. Without branches and conversions, so
/// that loops over it become vector code, which `f32::exp` prevents.
///
/// Source: range reduction and polynomial of Cephes `expf` (Moshier).
#[inline(always)]
fn exp(x: f32) -> f32 {
    // The constants are Cephes', to its last digit.
    #[expect(clippy::excessive_precision)]
    const LN2_HIGH: f32 = 0.693_359_375;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Adding 1.5 · 2^23 rounds to a whole number and leaves it in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = if x > -87.0 { x } else { -87.0 };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 0.5;
    let y = p * r * r + r + 1.0;
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    y * power
}

/// Largest value of a row.
pub(super) fn max(row: &[f32]) -> f32 {
    Arch::new().dispatch(Max(row))
}

struct Max<'a>(&'a [f32]);

impl WithSimd for Max<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f32 {
        max_loop(self.0)
    }
}

#[inline(always)]
fn max_loop(row: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let (chunks, rest) = row.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = if *value > *lane { *value } else { *lane };
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max)
}

/// ln Σ e^row, in nats.
pub(super) fn log_sum_exp(row: &[f32]) -> f32 {
    Arch::new().dispatch(LogSumExp(row))
}

struct LogSumExp<'a>(&'a [f32]);

impl WithSimd for LogSumExp<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> f32 {
        let row = self.0;
        let max = max_loop(row);
        if !max.is_finite() {
            return max;
        }
        let mut lanes = [0.0f32; LANES];
        let (chunks, rest) = row.as_chunks::<LANES>();
        for chunk in chunks {
            for (lane, value) in lanes.iter_mut().zip(chunk) {
                *lane += exp(value - max);
            }
        }
        let sum: f64 = lanes.iter().map(|lane| f64::from(*lane)).sum::<f64>()
            + rest.iter().map(|value| f64::from(exp(value - max))).sum::<f64>();
        max + sum.ln() as f32
    }
}

/// Index and value of the largest logit; of equal ones the first. 0 for an empty row.
pub(super) fn argmax(row: &[f32]) -> (usize, f32) {
    let best = max(row);
    (row.iter().position(|value| *value >= best).unwrap_or(0), best)
}

/// The `count` largest logits with their indices, largest first; of equal ones the first.
pub(super) fn top(row: &[f32], count: usize) -> Vec<(u32, f32)> {
    let mut best: Vec<(u32, f32)> = Vec::with_capacity(count + 1);
    if count == 0 {
        return best;
    }
    let mut least = f32::NEG_INFINITY;
    for (token, &logit) in (0..).zip(row) {
        if best.len() < count || logit > least {
            let at = best.partition_point(|(_, other)| *other >= logit);
            best.insert(at, (token, logit));
            best.truncate(count);
            least = best[best.len() - 1].1;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_come_first() {
        assert_eq!(top(&[1.0, 3.0, 3.0, 2.0], 3), [(1, 3.0), (2, 3.0), (3, 2.0)]);
        assert_eq!(top(&[1.0], 3), [(0, 1.0)]);
        assert_eq!(top(&[1.0], 0), []);
    }

    #[test]
    fn agrees_with_double_precision() {
        let row: Vec<f32> = (0..8003).map(|i| ((i * 7919) % 1013) as f32 * 0.031 - 20.0).collect();
        let exact = {
            let max = row.iter().copied().fold(f32::MIN, f32::max);
            let sum: f64 = row.iter().map(|x| f64::from(x - max).exp()).sum();
            f64::from(max) + sum.ln()
        };
        assert!((f64::from(log_sum_exp(&row)) - exact).abs() < 2e-6);
        assert_eq!(argmax(&[1.0, 3.0, 3.0, 2.0]), (1, 3.0));
        assert_eq!(argmax(&[]), (0, f32::NEG_INFINITY));
        for x in [0.0f32, -1e-6, -0.3, -1.0, -17.3, -80.0] {
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 2e-7, "{x}");
        }
        assert!(exp(-1e9) < 1e-37);
        assert_eq!(log_sum_exp(&[f32::NEG_INFINITY, 0.0]), 0.0);
    }
}
