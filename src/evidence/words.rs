//! Which words of a target are likely wrong: an estimate for each word, from forced decoding.
//!
//! A logistic regression on [`WORD_FEATURES`], with and without a source; its weights stand in
//! `score.json` beside the model and are fitted by `scripts/score/words.py` on references in which
//! single words were damaged.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    model::{Alternative, ForcedDecoding, Request},
    text::Span,
};

/// Names of what a word is judged by, all but `tokens` in nats. *own* is log p without the source,
/// *gain* what the source adds.
///
/// log p of the word's first token; how much likelier the likeliest token was, where that is most;
/// gain of the first token; gain of the word; own log p of the word; log p of the token after it and
/// of that before it; number of tokens; mean log p of a token of the segment.
pub const WORD_FEATURES: [&str; 9] =
    ["first", "gap", "gain_first", "gain", "own", "next", "previous", "tokens", "mean"];

/// Doubtful words of a segment that are asked about at most.
const MOST_DOUBTFUL: usize = 6;
/// Likeliest tokens that are told at each position of a forced decoding.
pub(super) const ALTERNATIVES: usize = 3;
/// Tokens in which the expected word must end.
pub(super) const WORD_TOKENS: usize = 5;

/// A word and how likely it is wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WordScore {
    /// Where it stands, with the marks at it.
    pub span: Span,
    /// log p(word | what stands before it, source), in nats.
    pub log_prob: f32,
    /// Chance that it is wrong, 0–1, in a text of which one word in twenty is.
    pub risk: f32,
    /// Whether the risk is so high that the word is worth a look; see [`WordModel`].
    pub doubtful: bool,
    /// Words that the model held for likelier at this place, best first, with the log p of their
    /// first token; told for doubtful words only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expected: Vec<Alternative>,
}

/// Weights for one mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Weights {
    bias: f32,
    weights: BTreeMap<String, f32>,
    /// A word at this risk or above is doubtful.
    doubtful: f32,
}

/// The estimate, as it stands in `score.json`. A mode in which it is wrong more often than right
/// is left out there, and its segments have no [`WordScore`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WordModel {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    with_source: Option<Weights>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    without_source: Option<Weights>,
}

impl WordModel {
    /// What is wrong with it, if anything.
    pub(super) fn validate(&self) -> Result<(), String> {
        for mode in [&self.with_source, &self.without_source].into_iter().flatten() {
            if let Some(name) = mode.weights.keys().find(|n| !WORD_FEATURES.contains(&n.as_str())) {
                return Err(format!("no feature of words is called `{name}`"));
            }
        }
        Ok(())
    }

    fn mode(&self, with_source: bool) -> Option<&Weights> {
        if with_source { self.with_source.as_ref() } else { self.without_source.as_ref() }
    }

    /// An estimate for each word of the target; `None` where it has none for the mode. `forward` is
    /// given the source, or the back-translation where there is none; `own` is given neither.
    pub(super) fn words(
        &self,
        forward: &ForcedDecoding,
        own: &ForcedDecoding,
        with_source: bool,
    ) -> Option<Vec<WordScore>> {
        let mode = self.mode(with_source)?;
        let mean = forward.mean_log_prob();
        let mut at = 0;
        let mut words = Vec::new();
        for tokens in forward.tokens.chunk_by(|_, next| !next.starts_word) {
            let (start, end) = (at, at + tokens.len());
            at = end;
            let Some(alone) = own.tokens.get(start..end) else { break };
            let log_prob: f32 = tokens.iter().map(|token| token.log_prob).sum();
            let own: f32 = alone.iter().map(|token| token.log_prob).sum();
            let gap = tokens.iter().map(|token| token.best_log_prob - token.log_prob);
            let next = forward.tokens.get(end).map_or(forward.eos_log_prob, |next| next.log_prob);
            let previous = start.checked_sub(1).map_or(0.0, |i| forward.tokens[i].log_prob);
            let values = [
                tokens[0].log_prob,
                gap.fold(0.0, f32::max),
                tokens[0].log_prob - alone[0].log_prob,
                log_prob - own,
                own,
                next,
                previous,
                tokens.len() as f32,
                mean,
            ];
            let weighted = WORD_FEATURES
                .iter()
                .zip(values)
                .map(|(name, value)| mode.weights.get(*name).copied().unwrap_or_default() * value);
            let logit = mode.bias + weighted.sum::<f32>();
            let span =
                tokens[1..].iter().fold(tokens[0].span, |span, token| span.cover(token.span));
            let risk = 1.0 / (1.0 + (-logit).exp());
            let doubtful = risk >= mode.doubtful;
            words.push(WordScore { span, log_prob, risk, doubtful, expected: Vec::new() });
        }
        Some(words)
    }
}

/// The doubtful ones among `words`, by number, the worst first, and not more than can be asked
/// about.
pub(super) fn worst(words: &[WordScore]) -> Vec<usize> {
    let mut doubtful: Vec<usize> = (0..words.len()).filter(|&i| words[i].doubtful).collect();
    doubtful.sort_by(|&a, &b| words[b].risk.total_cmp(&words[a].risk));
    doubtful.truncate(MOST_DOUBTFUL);
    doubtful
}

/// A question to the model: which word begins with this token, at this place?
pub(super) struct Question {
    /// Number of the word.
    pub(super) word: usize,
    /// The target up to that word, and the token.
    prefix: String,
    log_prob: f32,
}

impl Question {
    /// The questions about the word `number` of `target`.
    pub(super) fn about(
        number: usize,
        words: &[WordScore],
        forced: &ForcedDecoding,
        target: &str,
    ) -> Vec<Self> {
        let start = words[number].span.range().start;
        let token = forced.tokens.iter().position(|token| token.span.range().start >= start);
        let alternatives = token.and_then(|token| forced.alternatives.get(token));
        let before = target.get(..start).unwrap_or("").trim_end();
        let begins_word = |alternative: &&Alternative| {
            alternative.text.trim_start().chars().next().is_some_and(char::is_alphanumeric)
                && (alternative.text.starts_with(' ') || before.is_empty())
        };
        let question = |alternative: &Alternative| Self {
            word: number,
            prefix: format!("{before} {}", alternative.text.trim_start()).trim_start().to_owned(),
            log_prob: alternative.log_prob,
        };
        alternatives.into_iter().flatten().filter(begins_word).map(question).collect()
    }

    /// The same as a request; `request` has source and direction.
    pub(super) fn request<'a>(&'a self, request: Request<'a>) -> Request<'a> {
        Request { search: true, prefix: &self.prefix, ..request }
    }

    /// Adds what the model answered to the words expected in place of `word`. `translation` begins
    /// with the prefix; `ended`: the model ended it. A word that goes on where the search had to
    /// stop is not known.
    pub(super) fn answer(
        &self,
        translation: &str,
        ended: bool,
        target: &str,
        word: &mut WordScore,
    ) {
        let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let number = self.prefix.split_whitespace().count() - 1;
        let mut words = translation.split_whitespace().skip(number);
        let Some(expected) = words.next().map(bare) else { return };
        let same = |other: &str| expected.to_lowercase() == bare(other).to_lowercase();
        if expected.is_empty()
            || (words.next().is_none() && !ended)
            || same(word.span.of(target))
            || word.expected.iter().any(|known| same(&known.text))
        {
            return;
        }
        word.expected.push(Alternative { text: expected, log_prob: self.log_prob });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TokenScore;

    const JSON: &str = r#"{
        "with-source": {"bias": -4, "weights": {"first": -0.5, "gap": 0.25}, "doubtful": 0.5},
        "without-source": {"bias": -2, "weights": {"own": -0.1}, "doubtful": 0.9}
    }"#;

    /// `Dia makan gajah.`, the last word of two tokens.
    fn forced(nats: [f32; 4]) -> ForcedDecoding {
        let places = [(0, 3, true), (4, 9, true), (10, 13, true), (13, 16, false)];
        let token = |((start, end, starts_word), log_prob): (_, f32)| TokenScore {
            span: Span::new(start..end),
            log_prob,
            best_log_prob: -1.0,
            starts_word,
        };
        let alternative = |text: &str, log_prob| Alternative { text: text.to_owned(), log_prob };
        let none = Vec::new();
        let likely =
            vec![alternative(" na", -0.5), alternative("lah", -1.5), alternative(" gajah", -3.0)];
        ForcedDecoding {
            tokens: places.into_iter().zip(nats).map(token).collect(),
            eos_log_prob: -0.5,
            alternatives: vec![none.clone(), none.clone(), likely, none],
        }
    }

    #[test]
    fn risks_of_words() {
        let model: WordModel = serde_json::from_str(JSON).unwrap();
        let (forward, own) = (forced([-1.0, -2.0, -9.0, -3.0]), forced([-2.0, -5.0, -20.0, -10.0]));
        let words = model.words(&forward, &own, true).unwrap();
        assert_eq!(words.iter().map(|word| word.log_prob).collect::<Vec<_>>(), [-1.0, -2.0, -12.0]);
        // −4 + 0.5 · 9 + 0.25 · 8.
        assert!((words[2].risk - 1.0 / (1.0 + (-2.5f32).exp())).abs() < 1e-6);
        assert_eq!(worst(&words), [2]);
        let alone = model.words(&forward, &own, false).unwrap();
        assert!((alone[2].risk - 1.0 / (1.0 + (-1.0f32).exp())).abs() < 1e-6);
        assert!(worst(&alone).is_empty());
        assert_eq!(model.words(&forward, &ForcedDecoding::default(), true), Some(Vec::new()));
        let none: WordModel = serde_json::from_str("{}").unwrap();
        assert_eq!(none.words(&forward, &own, true), None);
    }

    #[test]
    fn what_was_expected_is_a_whole_word() {
        let model: WordModel = serde_json::from_str(JSON).unwrap();
        let (target, forward) = ("Dia makan gajah.", forced([-1.0, -2.0, -9.0, -3.0]));
        let mut words = model.words(&forward, &forward, true).unwrap();
        let questions = Question::about(2, &words, &forward, target);
        let prefixes: Vec<&str> = questions.iter().map(|q| q.prefix.as_str()).collect();
        assert_eq!(prefixes, ["Dia makan na", "Dia makan gajah"]);
        let mut ask = |translation: &str, ended| {
            questions[0].answer(translation, ended, target, &mut words[2]);
            words[2].expected.iter().map(|word| word.text.clone()).collect::<Vec<_>>()
        };
        assert!(ask("Dia makan nasigor", false).is_empty(), "it may go on");
        assert!(ask("Dia makan Gajah itu", false).is_empty(), "that is what stands there");
        assert_eq!(ask("Dia makan nasi, lalu", false), ["nasi"]);
        assert_eq!(ask("Dia makan nasi.", true), ["nasi"], "once is enough");
        assert_eq!(ask("Dia makan nangka.", true), ["nasi", "nangka"]);
    }

    #[test]
    fn weights_have_known_names() {
        let model: WordModel = serde_json::from_str(JSON).unwrap();
        assert_eq!(model.validate(), Ok(()));
        let wrong: WordModel = serde_json::from_str(&JSON.replace("gap", "gape")).unwrap();
        assert!(wrong.validate().unwrap_err().contains("`gape`"));
    }
}
