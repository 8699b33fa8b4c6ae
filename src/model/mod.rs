//! What a translation model is; no ONNX here.

mod batch;
mod graph;
mod known;
mod manifest;
mod safety;
mod store;

use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::{Deserialize, Serialize};

use crate::text::{Direction, Span};

pub use batch::{Batch, pack};
pub use known::{KnownFile, KnownModel, known_model, known_models, unsafe_revision};
pub use manifest::{
    ModelError, ModelFile, ModelFolder, ModelManifest, default_model, find_model, installed_models,
};
pub use safety::{
    MAPPED_GRAPH_BYTES, MAPPED_TENSOR_BYTES, MAX_CONFIG_BYTES, MAX_DATA_BYTES, MAX_GRAPH_BYTES,
    MAX_JSON_DEPTH, MAX_PIECES_BYTES, MAX_TOKENIZER_BYTES, MAX_VOCABULARY, check_folder,
    folder_files, model_parts, take_weights_out, unsafe_name, unsafe_path,
};
pub use store::{Guard, Store, map_weights, measure, model_file, write_whole};

#[cfg(feature = "cli")]
pub(crate) use safety::read_settings;

/// What is known of a loaded model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ModelInfo {
    /// As in its manifest, or the name of its folder.
    pub name: String,
    /// Architecture: `m2m100`, `nllb`, `marian`.
    pub family: String,
    /// Directions it translates.
    pub directions: Vec<Direction>,
    /// Longest source and longest target, in tokens, language and end tokens included.
    pub max_tokens: usize,
    /// Whether a segment scores the same in any batch. Where it does not (activations quantised
    /// with one scale for a whole tensor), every segment runs in a batch of its own.
    pub batch_invariant: bool,
}

/// How to search for a translation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecodeOptions {
    /// Hypotheses kept at each step; 1 is greedy search.
    pub beams: usize,
    /// A finished hypothesis scores its log-probability divided by its length to this power.
    pub length_penalty: f32,
    /// A translation is stopped at this many tokens …
    pub max_tokens: usize,
    /// … or at this many for each token of the source, with [`DecodeOptions::SLACK`] on top.
    pub max_ratio: f32,
    /// Stop a translation that repeats itself; see [`Stop::Loop`].
    pub loop_guard: bool,
}

impl DecodeOptions {
    /// Tokens allowed beyond [`DecodeOptions::max_ratio`], so that a very short source is not
    /// stopped early.
    pub const SLACK: usize = 10;

    /// The longest translation of a source of `source_tokens`.
    #[must_use]
    pub fn limit(&self, source_tokens: usize) -> usize {
        let by_ratio = (source_tokens as f32 * self.max_ratio).ceil() as usize;
        by_ratio.saturating_add(Self::SLACK).min(self.max_tokens)
    }
}

impl Default for DecodeOptions {
    /// Greedy, at most 256 tokens and twice the source, with the loop guard.
    fn default() -> Self {
        Self { beams: 1, length_penalty: 1.0, max_tokens: 256, max_ratio: 2.0, loop_guard: true }
    }
}

/// Why a search was ended before the model ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// It reached [`DecodeOptions::limit`].
    Length,
    /// It went in circles: the same one to eight tokens, at least four times and at least
    /// twelve tokens long. The repetitions are cut off but for one.
    Loop,
}

/// A translation the model wrote.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// Detokenised, with [`Request::prefix`].
    pub text: String,
    /// Token ids, language and end tokens and the prefix left out.
    pub ids: Vec<u32>,
    /// Sum of log p over `ids` and the end token, in nats.
    pub log_prob: f32,
    /// Set when the search had to end it.
    pub stopped: Option<Stop>,
}

/// What is wanted of the model for one source. The encoder runs once, whatever is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// Text in the language `direction.source()`; empty to score `force` by itself.
    pub source: &'a str,
    /// From which language into which.
    pub direction: Direction,
    /// Search for a translation.
    pub search: bool,
    /// Score this translation by forced decoding.
    pub force: Option<&'a str>,
    /// How many of the likeliest tokens to tell at each position of the forced decoding.
    pub alternatives: usize,
    /// Search for a translation that begins with these words; empty for any.
    pub prefix: &'a str,
    /// Hand out the encoder's states of the source.
    pub states: bool,
}

impl<'a> Request<'a> {
    /// A request that wants nothing yet.
    #[must_use]
    pub fn new(source: &'a str, direction: Direction) -> Self {
        Self {
            source,
            direction,
            search: false,
            force: None,
            alternatives: 0,
            prefix: "",
            states: false,
        }
    }
}

/// The answer to a [`Request`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Response {
    /// If it was searched for.
    pub hypothesis: Option<Hypothesis>,
    /// If a translation was to be scored.
    pub forced: Option<ForcedDecoding>,
    /// If they were to be handed out.
    pub states: Option<States>,
}

/// What the encoder makes of a text: a vector for each token, language and end tokens left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct States {
    /// Where each token stands, surrounding spaces excluded, and whether it begins a word.
    pub tokens: Vec<(Span, bool)>,
    /// Numbers of a vector.
    pub size: usize,
    /// The vectors, one after the other; of no unit.
    pub values: Vec<f32>,
}

/// The model could not run. What concerns one segment only is a [`Skip`], not an error.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InferError {
    /// The runtime reports a failure.
    #[error("{what} failed")]
    Run {
        /// Which graph or step.
        what: &'static str,
        /// What the runtime says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A tensor is not what the architecture promises.
    #[error("tensor `{tensor}` has shape {got:?}, expected {expected}; export the model again")]
    Shape {
        /// Its name.
        tensor: String,
        /// Its shape.
        got: Vec<i64>,
        /// What it should be.
        expected: String,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Cancelled,
    /// A worker ended without an answer.
    #[error("a worker thread ended early")]
    WorkerLost,
    /// A worker could not load the model.
    #[error("failed to load the model")]
    Load(#[source] Arc<ModelError>),
    /// The model does not translate in this direction.
    #[error("model `{model}` does not translate {direction}; choose another with --model")]
    Direction {
        /// Its name.
        model: String,
        /// What was asked.
        direction: Direction,
    },
}

/// Asks a run to end soon; cheap to clone and to look at.
#[derive(Debug, Clone, Default)]
pub struct Cancel(Arc<AtomicBool>);

impl Cancel {
    /// A fresh one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A model of one or more directions. Takes any number of requests and batches them itself.
pub trait TranslationModel: Send {
    /// What it is.
    fn info(&self) -> &ModelInfo;

    /// Answers `requests` in their order; a request the model cannot take is skipped with its
    /// reason. `progress` is told of every few requests that are done.
    ///
    /// # Units and shapes
    /// Log-probabilities are natural logarithms (nats), at most 0, not divided by length. Forced
    /// decoding is one teacher-forced pass: for a source `x` and a target `y` of `T` tokens it
    /// gives `log p(y[t] | y[..t], x)` for each `t` and that of the end token.
    ///
    /// # Order
    /// An answer does not depend on the other requests, their order or the number of workers,
    /// within 1e-4 nats (`tests/golden.rs`).
    ///
    /// # Errors
    /// [`InferError`] when the model cannot go on at all.
    ///
    /// # Source
    /// The mean over `T` is the feature "TP" of Fomicheva et al., TACL 8 (2020).
    fn run(
        &mut self,
        requests: &[Request<'_>],
        options: &DecodeOptions,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Result<Response, Skip>>, InferError>;
}

/// Why a segment was not translated or scored. Not a failure: the run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// No [`Skip`] says this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this version of cermat knows no such reason to skip a segment: `{0}`")]
pub struct UnknownSkip(String);

impl FromStr for Skip {
    type Err = UnknownSkip;

    /// From what its `Display` writes.
    fn from_str(text: &str) -> Result<Self, UnknownSkip> {
        let long = || {
            let (tokens, rest) = text.split_once(' ')?;
            let limit = rest.strip_prefix("tokens long, the model takes ")?;
            let limit = limit.strip_suffix("; split it")?;
            Some(Self::TooLong { tokens: tokens.parse().ok()?, limit: limit.parse().ok()? })
        };
        let skip = if text == Self::Empty.to_string() { Some(Self::Empty) } else { long() };
        skip.ok_or_else(|| UnknownSkip(text.to_owned()))
    }
}

/// One token of a forced decoding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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

/// A token that the model held for likely at some place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// As it would be written, with the space before it; empty for the end.
    pub text: String,
    /// log p(token | what stands before it, source), in nats.
    pub log_prob: f32,
}

/// A target scored token by token.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ForcedDecoding {
    /// In the order of the target.
    pub tokens: Vec<TokenScore>,
    /// log p(end | whole target, source), in nats.
    pub eos_log_prob: f32,
    /// For each of `tokens` the likeliest tokens, best first; empty unless
    /// [`Request::alternatives`] asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<Vec<Alternative>>,
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

#[cfg(test)]
mod tests {
    use super::Skip;

    #[test]
    fn a_skip_is_read_back_from_what_it_says() {
        for skip in [Skip::Empty, Skip::TooLong { tokens: 700, limit: 512 }] {
            assert_eq!(skip.to_string().parse(), Ok(skip));
        }
        assert!("x tokens long, the model takes y; split it".parse::<Skip>().is_err());
    }
}
