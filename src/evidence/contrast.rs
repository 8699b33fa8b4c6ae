//! Which phrases of one side have nothing to do with the other: contrastive conditioning.
//!
//! # Source
//! Vamvas and Sennrich, ACL 2022 (arXiv 2203.01927): where the target is likelier given the source
//! without a phrase, the target leaves that phrase out; the other way round it adds one. Theirs are
//! the constituents of a parser; ours the words from one function word to the next.

use serde::{Deserialize, Serialize};

use super::align::{Aligned, Alignment};
use crate::{
    model::{ForcedDecoding, Request},
    text::{Direction, Language, Side, Span},
};

/// Longest phrase, in words.
const LONGEST: usize = 4;
/// Phrases of each side that are tried: those whose words are the least similar to any of the
/// other side.
const TRIED: usize = 4;
/// Fewer words are no sentence without a phrase.
const FEWEST_WORDS: usize = 5;

/// A phrase and what leaving it out does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Phrase {
    /// On which side it stands.
    pub side: Side,
    /// Where.
    pub span: Span,
    /// What log p of the other side, in nats a token, gains when the phrase is left out. Above 0,
    /// the other side says it better without.
    pub gain: f32,
    /// Mean over its words of [`Aligned::similarity`], −1 to 1.
    pub similarity: f32,
}

impl Phrase {
    /// How likely the other side does not say it: higher is more. The gain less the similarity:
    /// together they tell more than each by itself (`scripts/score/README.md`).
    #[must_use]
    pub fn missing(&self) -> f32 {
        self.gain - self.similarity
    }
}

/// A text without one of its phrases.
pub(super) struct Trial {
    side: Side,
    span: Span,
    similarity: f32,
    rest: String,
}

impl Trial {
    /// The other side's likelihood, given the rest.
    pub(super) fn request<'a>(
        &'a self,
        source: &'a str,
        target: &'a str,
        direction: Direction,
    ) -> Request<'a> {
        let (direction, force) = match self.side {
            Side::Source => (direction, target),
            Side::Target => (direction.reversed(), source),
        };
        Request { force: Some(force), ..Request::new(&self.rest, direction) }
    }

    /// The phrase, given what the whole and the rest make of the other side.
    pub(super) fn phrase(
        &self,
        forward: &ForcedDecoding,
        reverse: &ForcedDecoding,
        rest: &ForcedDecoding,
    ) -> Phrase {
        let whole = if self.side == Side::Source { forward } else { reverse };
        Phrase {
            side: self.side,
            span: self.span,
            gain: rest.mean_log_prob() - whole.mean_log_prob(),
            similarity: self.similarity,
        }
    }
}

/// The phrases of both sides that are worth a trial.
pub(super) fn trials(
    source: &str,
    target: &str,
    direction: Direction,
    alignment: &Alignment,
) -> Vec<Trial> {
    let sides = [
        (Side::Source, source, direction.source(), &alignment.source),
        (Side::Target, target, direction.target(), &alignment.target),
    ];
    let of_side = |(side, text, language, words): (Side, &str, Language, &Vec<Aligned>)| {
        let mut trials: Vec<Trial> = phrases(text, language)
            .into_iter()
            .filter_map(|span| {
                let own: Vec<f32> =
                    words.iter().filter(|w| w.span.overlaps(span)).map(|w| w.similarity).collect();
                let similarity = own.iter().sum::<f32>() / own.len() as f32;
                let (before, after) = (&text[..span.range().start], &text[span.range().end..]);
                let rest = format!("{} {}", before.trim_end(), after.trim_start());
                let rest = rest.trim().to_owned();
                (!own.is_empty()).then_some(Trial { side, span, similarity, rest })
            })
            .collect();
        trials.sort_by(|a, b| a.similarity.total_cmp(&b.similarity));
        trials.truncate(TRIED);
        trials
    };
    sides.into_iter().flat_map(of_side).collect()
}

/// The phrases of `text`: each begins with function words, goes on with words of content and ends
/// before the next function word, at a mark, or when it is long. Words that only stand between are
/// in none.
fn phrases(text: &str, language: Language) -> Vec<Span> {
    let function = match language {
        Language::Id => FUNCTION_ID,
        Language::En => FUNCTION_EN,
    };
    let at = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
    let all: Vec<&str> = text.split_whitespace().collect();
    let mut phrases = Vec::new();
    if all.len() < FEWEST_WORDS {
        return phrases;
    }
    let mut current: Vec<&str> = Vec::new();
    let mut content = false;
    let mut end = |current: &mut Vec<&str>, content: &mut bool| {
        if let (true, [first, .., last] | [first @ last]) = (*content, &current[..]) {
            phrases.push(Span::new(at(first)..at(last) + last.len()));
        }
        current.clear();
        *content = false;
    };
    for word in all {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        let is_function = bare.is_empty() || function.contains(&bare.as_str());
        if (is_function && content) || current.len() >= LONGEST {
            end(&mut current, &mut content);
        }
        current.push(word);
        content |= !is_function;
        if word.ends_with(['.', ',', ';', ':', '!', '?']) {
            end(&mut current, &mut content);
        }
    }
    end(&mut current, &mut content);
    phrases
}

const FUNCTION_EN: &[&str] = &[
    "a", "about", "after", "an", "and", "are", "as", "at", "be", "been", "before", "being",
    "between", "but", "by", "can", "could", "did", "do", "does", "during", "for", "from", "had",
    "has", "have", "he", "her", "his", "i", "in", "into", "is", "it", "its", "may", "might",
    "must", "my", "not", "of", "on", "or", "our", "over", "she", "should", "than", "that", "the",
    "their", "then", "these", "they", "this", "those", "through", "to", "under", "was", "we",
    "were", "which", "who", "whom", "will", "with", "would", "you", "your",
];
const FUNCTION_ID: &[&str] = &[
    "adalah", "agar", "akan", "anda", "antara", "atau", "bahwa", "bisa", "bukan", "dalam", "dan",
    "dapat", "dari", "dengan", "di", "dia", "harus", "hingga", "ia", "ini", "itu", "jika", "juga",
    "kami", "karena", "ke", "ketika", "kita", "lebih", "mereka", "namun", "oleh", "pada", "para",
    "saat", "saya", "sebagai", "sebelum", "sebuah", "secara", "sedang", "seorang", "seperti",
    "serta", "setelah", "suatu", "sudah", "telah", "tersebut", "tetapi", "tidak", "untuk", "yang",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_begin_with_function_words() {
        let of = |text: &'static str, language| -> Vec<&str> {
            phrases(text, language).into_iter().map(|span| span.of(text)).collect()
        };
        assert_eq!(
            of("In 1981, the old house of the painter was sold.", Language::En),
            ["In 1981,", "the old house", "of the painter", "was sold."]
        );
        assert_eq!(
            of("Anak-anak di desa itu belum pernah melihat salju", Language::Id),
            ["Anak-anak", "di desa", "itu belum pernah melihat", "salju"]
        );
        assert!(of("Ia pergi.", Language::Id).is_empty());
    }

    #[test]
    fn the_least_similar_phrases_are_tried() {
        let (source, target) =
            ("The mayor opened a bridge in June.", "Wali kota membuka jembatan.");
        let aligned = |text: &str, low: &str| -> Vec<Aligned> {
            let at = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
            text.split(' ')
                .map(|word| Aligned {
                    span: Span::new(at(word)..at(word) + word.len()),
                    counterpart: Span::new(0..1),
                    similarity: if word == low { 0.25 } else { 0.75 },
                })
                .collect()
        };
        let alignment = Alignment {
            similarity: 0.8,
            precision: 0.8,
            recall: 0.8,
            source: aligned(source, "June."),
            target: aligned(target, ""),
        };
        let trials = trials(source, target, Direction::EnId, &alignment);
        let texts: Vec<&str> = trials.iter().map(|trial| trial.rest.as_str()).collect();
        assert_eq!(
            texts,
            ["The mayor opened a bridge", "a bridge in June.", "The mayor opened in June."]
        );
        let request = trials[0].request(source, target, Direction::EnId);
        assert_eq!((request.direction, request.force), (Direction::EnId, Some(target)));
        let forced = |nats| ForcedDecoding { eos_log_prob: nats, ..ForcedDecoding::default() };
        let phrase = trials[0].phrase(&forced(-2.0), &forced(-9.0), &forced(-1.5));
        assert_eq!((phrase.side, phrase.gain, phrase.similarity), (Side::Source, 0.5, 0.5));
        assert_eq!(phrase.missing(), 0.0);
    }
}
