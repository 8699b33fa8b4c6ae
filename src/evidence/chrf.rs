//! chrF, the character n-gram F-score.

use std::collections::HashMap;

/// Longest n-gram, in characters.
const ORDER: usize = 6;
/// Recall counts this many times as much as precision, squared.
const BETA_SQUARED: f64 = 4.0;

/// chrF2 of `hypothesis` against `reference`: n = 6, β = 2, no word n-grams, white space left
/// out, case kept, orders that occur in neither text left out of the mean.
///
/// # Units
/// 0–100, higher is more alike.
///
/// # Source
/// Popović, WMT 2015; equal to sacreBLEU 2.6, signature
/// `chrF2|nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no`, to the last digit it prints.
#[must_use]
pub fn chrf(hypothesis: &str, reference: &str) -> f32 {
    let chars = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<Vec<_>>();
    let (hypothesis, reference) = (chars(hypothesis), chars(reference));
    let (mut precision, mut recall, mut orders) = (0.0, 0.0, 0u32);
    let mut counts: HashMap<&[char], (u32, u32)> = HashMap::new();
    for n in 1..=ORDER.min(hypothesis.len()).min(reference.len()) {
        counts.clear();
        for gram in hypothesis.windows(n) {
            counts.entry(gram).or_default().0 += 1;
        }
        for gram in reference.windows(n) {
            counts.entry(gram).or_default().1 += 1;
        }
        let matched: u32 = counts.values().map(|(a, b)| a.min(b)).sum();
        precision += f64::from(matched) / (hypothesis.len() - n + 1) as f64;
        recall += f64::from(matched) / (reference.len() - n + 1) as f64;
        orders += 1;
    }
    if orders == 0 || precision + recall == 0.0 {
        return 0.0;
    }
    let (precision, recall) = (precision / f64::from(orders), recall / f64::from(orders));
    let f = (1.0 + BETA_SQUARED) * precision * recall / (BETA_SQUARED * precision + recall);
    (100.0 * f) as f32
}

#[cfg(test)]
mod tests {
    use super::chrf;

    // Expected values: sacrebleu 2.6.0, `CHRF().sentence_score(hypothesis, [reference]).score`.
    const EXPECTED: &[(&str, &str, f32)] = &[
        ("the cat sat on the mat", "the cat sat on the mat", 100.0000),
        ("the cat sat on the mat", "a dog stood by the door", 10.5854),
        (
            "UBS added Metaverse to its list last month",
            "UBS last Moon added Metaverse to its long-term investment list.",
            48.1024,
        ),
        ("a", "a", 100.0000),
        ("a", "b", 0.0000),
        ("ab", "abc", 63.6364),
        ("", "abc", 0.0000),
        ("abc", "", 0.0000),
        ("Kenyataan dan kenyataan.", "Virtual dan nyata.", 24.8307),
        ("héllo wörld “x”", "hello world \"x\"", 24.6950),
        ("aaaa aaaa aaaa", "aaaa", 59.7998),
        ("  spasi   ganda\tdan tab ", "spasi ganda dan tab", 100.0000),
        ("中文字符", "中文 字符 测试", 58.0110),
        ("Harga naik 5%.", "Prices rose by 5 percent.", 4.3403),
    ];

    #[test]
    fn equals_sacrebleu() {
        for (hypothesis, reference, expected) in EXPECTED {
            let score = chrf(hypothesis, reference);
            assert!((score - expected).abs() < 5e-5, "{hypothesis:?}: {score} is not {expected}");
        }
    }
}
