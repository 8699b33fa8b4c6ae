//! What a translation model is; no ONNX here.

use std::fmt;

use serde::Serialize;

use crate::text::Span;

/// Why a segment was not translated or scored. Not a failure: the run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Skip {
    /// Nothing to say: no letter or digit in it.
    Empty,
    /// Over the model's limit; nothing is cut silently.
    TooLong {
        /// Its length in tokens, language and end tokens included.
        tokens: usize,
        /// What the model takes.
        limit: usize,
    },
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("no words in it"),
            Self::TooLong { tokens, limit } => {
                write!(f, "{tokens} tokens long, the model takes {limit}; split it")
            }
        }
    }
}

/// One token of a forced decoding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TokenScore {
    /// Where it stands in the target, surrounding spaces excluded; empty for a token that is
    /// only a space.
    pub span: Span,
    /// log p(token | what stands before it, source), in nats.
    pub log_prob: f32,
    /// log p of the token the model would have preferred, in nats; at least `log_prob`.
    pub best_log_prob: f32,
    /// Whether it begins a word, that is, follows a space or begins the text.
    pub starts_word: bool,
}

/// A target scored token by token.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ForcedDecoding {
    /// In the order of the target.
    pub tokens: Vec<TokenScore>,
    /// log p(end | whole target, source), in nats.
    pub eos_log_prob: f32,
}

impl ForcedDecoding {
    /// Sum over the tokens and the end, in nats.
    #[must_use]
    pub fn log_prob(&self) -> f32 {
        self.tokens.iter().map(|token| token.log_prob).sum::<f32>() + self.eos_log_prob
    }

    /// [`ForcedDecoding::log_prob`] divided by the number of tokens and the end, in nats a token.
    #[must_use]
    pub fn mean_log_prob(&self) -> f32 {
        self.log_prob() / (self.tokens.len() + 1) as f32
    }

    /// The worst token, in nats; that of the end when there is none.
    #[must_use]
    pub fn min_log_prob(&self) -> f32 {
        self.tokens.iter().map(|token| token.log_prob).fold(self.eos_log_prob, f32::min)
    }

    /// Words with the sum of their tokens' log-probabilities, in nats.
    pub fn words(&self) -> impl Iterator<Item = (Span, f32)> {
        self.tokens.chunk_by(|_, next| !next.starts_word).map(|tokens| {
            let span =
                tokens[1..].iter().fold(tokens[0].span, |span, token| span.cover(token.span));
            (span, tokens.iter().map(|token| token.log_prob).sum())
        })
    }
}
