//! Which words of two texts go together, by the encoder's states of both.

use serde::{Deserialize, Serialize};

use crate::{model::States, text::Span};

/// Two texts compared by what the encoder makes of them: of any two texts of which one
/// translates the other, target and source or target and back-translation.
///
/// # Source
/// The mean over tokens and BERTScore's greedy matching (Zhang et al., ICLR 2020), on words and with
/// the states of the translation model's own encoder.
///
/// # Cost
/// Both texts are encoded: what is translated or scored is encoded anyway, so that a pair costs one
/// encoder pass more and a text without a source none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alignment {
    /// Cosine of the means over the tokens, −1 to 1.
    pub similarity: f32,
    /// Mean over the target's words of the best cosine with a word of the source.
    pub precision: f32,
    /// The same over the source's words.
    pub recall: f32,
    /// The source's words, or those of the back-translation where there is no source.
    pub source: Vec<Aligned>,
    /// The target's words.
    pub target: Vec<Aligned>,
}

impl Alignment {
    /// Harmonic mean of precision and recall, 0–1.
    #[must_use]
    pub fn f_score(&self) -> f32 {
        let sum = self.precision + self.recall;
        if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 }
    }
}

/// A word and its counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Aligned {
    /// Where the word stands, with the marks at it.
    pub span: Span,
    /// Where the most similar word of the other text stands.
    pub counterpart: Span,
    /// Cosine of the two, −1 to 1.
    pub similarity: f32,
}

/// A word as the mean of its tokens' states, of length 1.
struct Word {
    span: Span,
    state: Vec<f32>,
}

fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter_mut().for_each(|x| *x /= length);
    vector
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The direction of the mean is that of the sum.
fn sum<'a>(size: usize, vectors: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    vectors.fold(vec![0.0; size], |mut sum, vector| {
        sum.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
        sum
    })
}

fn words(states: &States) -> Vec<Word> {
    let vectors: Vec<&[f32]> = states.values.chunks(states.size.max(1)).collect();
    let mut words = Vec::new();
    let mut at = 0;
    for tokens in states.tokens.chunk_by(|_, next| !next.1) {
        let span = tokens[1..].iter().fold(tokens[0].0, |span, token| span.cover(token.0));
        let own = &vectors[at..at + tokens.len()];
        words.push(Word { span, state: unit(sum(states.size, own.iter().copied())) });
        at += tokens.len();
    }
    words
}

/// Each of `words` with the most similar of `others`; of equal ones the first.
fn matched(words: &[Word], others: &[Word]) -> Vec<Aligned> {
    let best = |word: &Word| {
        let mut best: Option<Aligned> = None;
        for other in others {
            let similarity = cosine(&word.state, &other.state);
            if best.is_none_or(|best| similarity > best.similarity) {
                best = Some(Aligned { span: word.span, counterpart: other.span, similarity });
            }
        }
        best
    };
    words.iter().filter_map(best).collect()
}

/// Aligns the words of a source, or of a back-translation, and of a target; `None` where one has no
/// words.
pub(super) fn align(source: &States, target: &States) -> Option<Alignment> {
    let (sources, targets) = (words(source), words(target));
    if sources.is_empty() || targets.is_empty() {
        return None;
    }
    let mean = |states: &States| unit(sum(states.size, states.values.chunks(states.size.max(1))));
    let mean_of = |words: &[Aligned]| {
        words.iter().map(|word| word.similarity).sum::<f32>() / words.len().max(1) as f32
    };
    let (source_words, target_words) = (matched(&sources, &targets), matched(&targets, &sources));
    Some(Alignment {
        similarity: cosine(&mean(source), &mean(target)),
        precision: mean_of(&target_words),
        recall: mean_of(&source_words),
        source: source_words,
        target: target_words,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(tokens: &[(usize, bool, [f32; 2])]) -> States {
        let mut at = 0;
        let place = |(length, starts, _): &(usize, bool, [f32; 2])| {
            at += usize::from(*starts && at > 0);
            let span = Span::new(at..at + length);
            at += length;
            (span, *starts)
        };
        let places = tokens.iter().map(place).collect();
        let values = tokens.iter().flat_map(|(_, _, values)| *values).collect();
        States { tokens: places, size: 2, values }
    }

    #[test]
    fn words_find_the_most_similar_word() {
        // A word of two tokens along (1, 1), one along (0, 1).
        let source =
            states(&[(2, true, [2.0, 1.0]), (3, false, [0.0, 1.0]), (4, true, [0.0, 5.0])]);
        let target = states(&[(4, true, [0.0, 1.0]), (5, true, [3.0, 3.0]), (2, true, [1.0, 0.0])]);
        let alignment = align(&source, &target).unwrap();
        let pairs: Vec<(Span, Span)> =
            alignment.target.iter().map(|word| (word.span, word.counterpart)).collect();
        let (first, second) = (Span::new(0..5), Span::new(6..10));
        assert_eq!(
            pairs,
            [(Span::new(0..4), second), (Span::new(5..10), first), (Span::new(11..13), first)]
        );
        let of_target: Vec<f32> = alignment.target.iter().map(|word| word.similarity).collect();
        assert!((of_target[0] - 1.0).abs() < 1e-6 && (of_target[1] - 1.0).abs() < 1e-6);
        assert!((of_target[2] - 0.5f32.sqrt()).abs() < 1e-6);
        assert!((alignment.recall - 1.0).abs() < 1e-6);
        assert!(alignment.precision < alignment.f_score() && alignment.f_score() < 1.0);
        assert!(align(&source, &states(&[])).is_none());
    }

    #[test]
    fn a_text_is_its_own_translation() {
        let text = states(&[(3, true, [0.3, -1.0]), (4, true, [-2.0, 0.5])]);
        let alignment = align(&text, &text).unwrap();
        assert!((alignment.similarity - 1.0).abs() < 1e-6);
        assert!((alignment.f_score() - 1.0).abs() < 1e-6);
    }
}
