//! What the score reads of a segment: a fixed list of numbers.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::form::{FORM, form};
use crate::{
    lexicon,
    model::ForcedDecoding,
    text::{Language, words},
};

/// Names of the features, in the order of [`Features`].
///
/// *forward* is p(target | source), *own* p(target) and *gain* what the source adds to each token,
/// forward − own. p(source | target) is not among them: it costs a pass and adds nothing
/// (`scripts/score/README.md`). Means, minima and standard deviations are over
/// tokens, the end among them, in nats; the rest are shares of tokens or words, differences of
/// shares, or logarithms of ratios. Without a source the back-translation stands for it.
///
/// The first are of probabilities and of the texts as words, the others of their form (`form.rs`).
pub const FEATURES: [&str; WORDS.len() + FORM.len()] = {
    let mut names = [""; WORDS.len() + FORM.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = if at < WORDS.len() { WORDS[at] } else { FORM[at - WORDS.len()] };
        at += 1;
    }
    names
};

/// The first of [`FEATURES`].
const WORDS: [&str; 30] = [
    "forward_mean",
    "forward_min",
    "forward_deviation",
    "forward_best",
    "forward_low",
    "own_mean",
    "own_min",
    "own_deviation",
    "own_low",
    "gain_mean",
    "gain_min",
    "gain_deviation",
    "gain_negative",
    "gain_lost",
    "tokens",
    "length",
    "length_gap",
    "foreign",
    "copied",
    "capitals",
    "new_capitals",
    "lost_capitals",
    "repeated",
    "types",
    "punctuation",
    "brackets",
    "spacing",
    "word_length",
    "numbers",
    "negations",
];

/// Values of [`FEATURES`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f32>", into = "Vec<f32>")]
pub struct Features(pub(super) Box<[f32; FEATURES.len()]>);

impl Deref for Features {
    type Target = [f32; FEATURES.len()];

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl TryFrom<Vec<f32>> for Features {
    type Error = String;

    fn try_from(values: Vec<f32>) -> Result<Self, String> {
        let wrong = |values: Vec<f32>| {
            format!("{} features where there are {}", values.len(), FEATURES.len())
        };
        values.try_into().map(|values| Self(Box::new(values))).map_err(wrong)
    }
}

impl From<Features> for Vec<f32> {
    fn from(features: Features) -> Self {
        features.0.to_vec()
    }
}

/// UTF-8 bytes of Indonesian for one of English: median of the references of FLORES-200 dev.
const INDONESIAN_FOR_ENGLISH: f32 = 1.08;
/// A token that the model holds for improbable, in nats.
const LOW: f32 = -5.0;
/// The same where it knows nothing of the source.
const LOW_OWN: f32 = -7.0;

/// What a segment is judged by.
#[derive(Clone, Copy)]
pub(super) struct Judged<'a> {
    /// Language of the target.
    pub(super) language: Language,
    /// Source, or the back-translation where there is none.
    pub(super) source: &'a str,
    pub(super) target: &'a str,
    /// p(target | source).
    pub(super) forward: &'a ForcedDecoding,
    /// p(target), from an empty source.
    pub(super) own: &'a ForcedDecoding,
}

/// The features of a segment.
pub(super) fn features(judged: &Judged<'_>) -> Features {
    let values = |forced: &ForcedDecoding| -> Vec<f32> {
        let tokens = forced.tokens.iter().map(|token| token.log_prob);
        tokens.chain([forced.eos_log_prob]).collect()
    };
    let [forward, own] = [judged.forward, judged.own].map(values);
    let gain: Vec<f32> = forward.iter().zip(&own).map(|(forward, own)| forward - own).collect();
    let best: Vec<f32> = judged.forward.tokens.iter().map(|token| token.best_log_prob).collect();
    let below = |values: &[f32], limit: f32| share(values, |value| *value < limit);

    let (source, target) = (Text::new(judged.source), Text::new(judged.target));
    let length = |text: &str| text.len() as f32 + 5.0;
    let expected = match judged.language {
        Language::Id => INDONESIAN_FOR_ENGLISH,
        Language::En => 1.0 / INDONESIAN_FOR_ENGLISH,
    };
    let ratio = (length(judged.target) / length(judged.source) / expected).ln();
    let other = judged.language.other();
    let in_source = |word: &str| source.lower.iter().any(|known| known == word);
    let capital = |word: &&str| word.starts_with(char::is_uppercase);
    let inner = |text: &Text<'_>| share(text.words.get(1..).unwrap_or_default(), capital);
    let place = |test: &dyn Fn(&str, &str) -> bool| {
        let pairs = target.words.iter().zip(&target.lower).skip(1);
        pairs.filter(|(word, lower)| test(word, lower)).count() as f32 / target.count()
    };
    let signs = |text: &str, set: &str| text.chars().filter(|c| set.contains(*c)).count() as f32;
    let difference =
        |set: &str| (signs(judged.target, set) - signs(judged.source, set)).abs() / source.count();
    let lower_case: Vec<&&str> =
        target.words.iter().filter(|word| !word.contains(char::is_uppercase)).collect();
    let letters: usize = lower_case.iter().map(|word| word.chars().count()).sum();
    let of_words: [f32; WORDS.len()] = [
        mean(&forward),
        least(&forward),
        deviation(&forward),
        mean(&best),
        below(&forward, LOW),
        mean(&own),
        least(&own),
        deviation(&own),
        below(&own, LOW_OWN),
        mean(&gain),
        least(&gain),
        deviation(&gain),
        below(&gain, 0.0),
        below(&gain, -1.0),
        forward.len() as f32,
        ratio,
        ratio.abs(),
        share(&target.lower, |word| lexicon::is_word(other, word)),
        share(&target.lower, |word| in_source(word)),
        inner(&target) - inner(&source),
        place(&|word, lower| capital(&word) && !in_source(lower)),
        place(&|word, _| {
            !capital(&word)
                && source.words.iter().any(|known| capital(known) && known.eq_ignore_case(word))
        }),
        target.lower.windows(2).filter(|pair| pair[0] == pair[1]).count() as f32 / target.count(),
        target.types() as f32 / target.count(),
        difference(".,;:!?"),
        difference("()[]{}\"`*“”"),
        spacing(judged.target) / target.count(),
        letters as f32 / lower_case.len().max(1) as f32,
        target.numbers_missing(&source) + source.numbers_missing(&target),
        (negations(&target, judged.language) - negations(&source, other)).abs(),
    ];
    let mut values = Box::new([0.0; FEATURES.len()]);
    values[..WORDS.len()].copy_from_slice(&of_words);
    values[WORDS.len()..].copy_from_slice(&form(judged.language, judged.source, judged.target));
    Features(values)
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

fn least(values: &[f32]) -> f32 {
    values.iter().copied().fold(0.0, f32::min)
}

fn deviation(values: &[f32]) -> f32 {
    let mean = mean(values);
    let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>();
    (squares / values.len().max(1) as f32).sqrt()
}

fn share<T>(values: &[T], test: impl Fn(&T) -> bool) -> f32 {
    values.iter().filter(|value| test(value)).count() as f32 / values.len().max(1) as f32
}

/// A text as words.
struct Text<'a> {
    words: Vec<&'a str>,
    lower: Vec<String>,
}

impl<'a> Text<'a> {
    fn new(text: &'a str) -> Self {
        let words: Vec<&str> = words(text).map(|word| word.text).collect();
        let lower = words.iter().map(|word| word.to_lowercase()).collect();
        Self { words, lower }
    }

    fn count(&self) -> f32 {
        self.words.len().max(1) as f32
    }

    fn types(&self) -> usize {
        self.lower.iter().collect::<std::collections::HashSet<_>>().len()
    }

    /// Words with digits that the other text has not, whatever the separators.
    fn numbers_missing(&self, other: &Self) -> f32 {
        let digits = |word: &&str| -> Option<String> {
            let digits: String = word.chars().filter(char::is_ascii_digit).collect();
            (!digits.is_empty()).then_some(digits)
        };
        let known: Vec<String> = other.words.iter().filter_map(digits).collect();
        self.words.iter().filter_map(digits).filter(|number| !known.contains(number)).count() as f32
    }
}

trait EqIgnoreCase {
    fn eq_ignore_case(&self, other: &str) -> bool;
}

impl EqIgnoreCase for &str {
    fn eq_ignore_case(&self, other: &str) -> bool {
        self.to_lowercase() == other.to_lowercase()
    }
}

/// Words that negate, in number.
fn negations(text: &Text<'_>, language: Language) -> f32 {
    let negates = |word: &String| match language {
        Language::Id => matches!(
            word.as_str(),
            "tidak" | "bukan" | "belum" | "jangan" | "tanpa" | "tak" | "bukanlah" | "tidaklah"
        ),
        Language::En => {
            matches!(word.as_str(), "not" | "no" | "never" | "without" | "cannot" | "none")
                || word.ends_with("n't")
                || word.ends_with("n’t")
        }
    };
    text.lower.iter().filter(|word| negates(word)).count() as f32
}

/// Blanks before or missing after a mark, doubled blanks, in number.
fn spacing(text: &str) -> f32 {
    let chars: Vec<char> = text.chars().collect();
    let wrong = |pair: &&[char]| {
        matches!(pair, [' ', ' ' | ',' | '.' | ';' | ':' | '!' | '?' | ')'] | ['(', ' '])
            || (matches!(pair[0], ',' | ';') && pair[1].is_alphabetic())
            || (pair[0].is_alphabetic() && pair[1] == '(')
    };
    chars.windows(2).filter(wrong).count() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::TokenScore, text::Span};

    fn forced(nats: &[f32]) -> ForcedDecoding {
        let token = |log_prob: &f32| TokenScore {
            span: Span::new(0..1),
            log_prob: *log_prob,
            best_log_prob: -0.5,
            starts_word: true,
        };
        let tokens = nats.iter().map(token).collect();
        ForcedDecoding { tokens, eos_log_prob: -1.0, ..ForcedDecoding::default() }
    }

    fn of(source: &str, target: &str) -> impl Fn(&str) -> f32 {
        let (forward, own) = (forced(&[-1.0, -7.0]), forced(&[-3.0, -5.0]));
        let values = features(&Judged {
            language: Language::Id,
            source,
            target,
            forward: &forward,
            own: &own,
        });
        move |name: &str| values[FEATURES.iter().position(|known| *known == name).unwrap()]
    }

    #[test]
    fn values_of_features() {
        let get =
            of("He did not buy 1,500 books in Bali.", "Dia beli beli 1.600 the buku ,di bali");
        assert_eq!(get("forward_mean"), -3.0);
        assert_eq!(get("forward_min"), -7.0);
        assert!((get("forward_low") - 1.0 / 3.0).abs() < 1e-6);
        // Gains: 2, −2 and, of the end, 0.
        assert_eq!((get("gain_mean"), get("gain_min")), (0.0, -2.0));
        assert_eq!(get("numbers"), 2.0, "1,500 is lost, 1.600 is new");
        assert_eq!(get("negations"), 1.0);
        assert!((get("repeated") - 1.0 / 8.0).abs() < 1e-6);
        assert!((get("foreign") - 1.0 / 8.0).abs() < 1e-6);
        assert!((get("lost_capitals") - 1.0 / 8.0).abs() < 1e-6);
        assert!((get("spacing") - 2.0 / 8.0).abs() < 1e-6);
        let same = of("Harga 1,500", "Harga 1.500");
        assert_eq!((same("numbers"), same("negations")), (0.0, 0.0));
    }

    #[test]
    fn empty_texts_have_finite_features() {
        let nothing = ForcedDecoding::default();
        let judged = Judged {
            language: Language::En,
            source: "",
            target: "",
            forward: &nothing,
            own: &nothing,
        };
        assert!(features(&judged).iter().all(|value| value.is_finite()));
    }
}
