//! The figures: accuracy, correlations, bootstrap intervals.

use serde::Serialize;

/// Resamples of a bootstrap.
const RESAMPLES: usize = 1000;

/// A figure with its 95 % interval (percentile bootstrap over items, fixed seed).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// The figure on all items.
    pub value: f64,
    /// 2.5th percentile of the resamples.
    pub low: f64,
    /// 97.5th percentile of the resamples.
    pub high: f64,
    /// Items.
    pub items: usize,
}

/// `statistic` of `items` with its bootstrap interval; `None` where it is not defined.
pub fn bootstrap<T: Clone>(items: &[T], statistic: impl Fn(&[T]) -> Option<f64>) -> Option<Figure> {
    let value = statistic(items)?;
    // The same data give the same interval.
    let mut random = fastrand::Rng::with_seed(1);
    let mut sample = Vec::with_capacity(items.len());
    let mut values: Vec<f64> = Vec::with_capacity(RESAMPLES);
    for _ in 0..RESAMPLES {
        sample.clear();
        sample.extend((0..items.len()).map(|_| items[random.usize(..items.len())].clone()));
        values.extend(statistic(&sample));
    }
    values.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let index = (share * values.len().saturating_sub(1) as f64).round() as usize;
        values.get(index).copied().unwrap_or(value)
    };
    Some(Figure { value, low: at(0.025), high: at(0.975), items: items.len() })
}

/// Mean of `values`; `None` of none.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Pearson's r; `None` where one side does not vary.
#[must_use]
pub fn pearson(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as f64;
    let (a, b) = pairs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    for (x, y) in pairs {
        both += (x - a) * (y - b);
        first += (x - a).powi(2);
        second += (y - b).powi(2);
    }
    (first > 0.0 && second > 0.0).then(|| both / (first * second).sqrt())
}

/// Kendall's τ-b; `None` where one side does not vary.
///
/// # Source
/// Kendall, Biometrika 33 (1945). Quadratic in the number of pairs.
#[must_use]
pub fn kendall(pairs: &[(f64, f64)]) -> Option<f64> {
    let (mut both, mut first, mut second) = (0.0, 0.0, 0.0);
    let sign = |difference: f64| if difference == 0.0 { 0.0 } else { difference.signum() };
    for (i, (x, y)) in pairs.iter().enumerate() {
        for (u, v) in &pairs[..i] {
            let (a, b) = (sign(x - u), sign(y - v));
            both += a * b;
            first += a * a;
            second += b * b;
        }
    }
    (first > 0.0 && second > 0.0).then(|| both / f64::sqrt(first * second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        // numpy.corrcoef of the same lists; τ-b by its definition.
        let pairs = [(1.0, 2.0), (2.0, 1.0), (3.0, 4.0), (4.0, 4.0), (5.0, 3.0)];
        assert!((pearson(&pairs).unwrap() - 0.606_339_062_590_832_3).abs() < 1e-12);
        assert!((kendall(&pairs).unwrap() - 0.316_227_766_016_837_94).abs() < 1e-12);
        assert_eq!(pearson(&[(1.0, 1.0), (1.0, 2.0)]), None);
        assert_eq!(kendall(&[(1.0, 1.0)]), None);
        assert_eq!(mean(&[]), None);
    }

    #[test]
    fn the_interval_holds_the_value() {
        let items: Vec<f64> = (0..200).map(|i| f64::from(i % 10)).collect();
        let figure = bootstrap(&items, mean).unwrap();
        assert!((figure.value - 4.5).abs() < 1e-12);
        assert!(figure.low > 4.0 && figure.low < 4.5 && figure.high > 4.5 && figure.high < 5.0);
        assert_eq!(bootstrap(&items, mean), Some(figure), "the same seed");
        assert_eq!(bootstrap(&Vec::<f64>::new(), mean), None);
    }
}
