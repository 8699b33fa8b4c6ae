//! Numbers about a segment, apart from opinions on it.
//!
//! Everything below this layer has sessions, threads and failure; everything above it is pure and
//! deterministic. [`Evidence`] holds what the model and the text say of one segment; a field is
//! `None` where it was not asked for, needs a source that is not there, or was skipped with a
//! [`Skip`].

mod align;
pub mod cache;
mod chrf;
mod contrast;
mod features;
mod form;
mod gather;
mod score;
mod words;

use bitflags::bitflags;
use serde::{Deserialize, Serialize};

pub use align::{Aligned, Alignment};
pub use chrf::chrf;
pub use contrast::Phrase;
pub use features::{FEATURES, Features};
pub use gather::gather;
pub use score::{FILE as SCORE_FILE, ScoreModel};
pub use words::{WORD_FEATURES, WordModel, WordScore};

use crate::model::{ForcedDecoding, Skip};

bitflags! {
    /// Which evidence a check or the score reads.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct EvidenceSet: u8 {
        /// [`Evidence::back_translation`]: one search.
        const BACK_TRANSLATION = 1;
        /// [`Evidence::forward`]: one forced pass. Needs a source.
        const FORWARD = 1 << 1;
        /// [`Evidence::reverse`]: one forced pass. Needs a source.
        const REVERSE = 1 << 2;
        /// [`Evidence::round_trip`] with its hypothesis: one search and one forced pass on top of
        /// the back-translation. Of segments without a source.
        const ROUND_TRIP = 1 << 3;
        /// [`Evidence::quality`] and [`Evidence::features`]: two forced passes, and without a
        /// source the back-translation before them.
        const QUALITY = 1 << 4;
        /// [`Evidence::words`]: the passes of [`EvidenceSet::QUALITY`], and for each doubtful word
        /// up to three short searches, six words a segment at most.
        const WORDS = 1 << 5;
        /// [`Evidence::alignment`]: the encoder on both sides. Without a source, the
        /// back-translation before it.
        const ALIGNMENT = 1 << 6;
        /// [`Evidence::phrases`]: what alignment, forward and reverse cost, and up to eight forced
        /// passes. Needs a source.
        const PHRASES = 1 << 7;
    }
}

/// A text the model wrote, compared with one it should resemble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// What the model wrote.
    pub text: String,
    /// Sum of the model's log-probabilities of it, that of the end among them, in nats.
    pub log_prob: f32,
    /// Tokens of it, without the end.
    pub tokens: usize,
    /// chrF (n = 6, β = 2, no word n-grams, no spaces), 0–100, against the text it should
    /// resemble; `None` where there is none.
    pub chrf: Option<f32>,
    /// Whether the search had to stop it: a loop, or the length limit.
    pub stopped: bool,
}

impl Compared {
    /// [`Compared::log_prob`] divided by the number of tokens and the end, in nats a token: how
    /// sure the model was of what it wrote.
    ///
    /// # Source
    /// The feature "TP" of Fomicheva et al., TACL 8 (2020).
    #[must_use]
    pub fn mean_log_prob(&self) -> f32 {
        self.log_prob / (self.tokens + 1) as f32
    }
}

/// The round trip of a target: into the source language and back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoundTrip {
    /// The back-translation translated again, chrF against the target; `None` where only the
    /// score was asked for, which does not read it.
    pub hypothesis: Option<Compared>,
    /// log p(target | back-translation).
    pub forced: ForcedDecoding,
}

/// All that is known of one segment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The target translated into the source language; chrF against the source where there is one.
    pub back_translation: Option<Compared>,
    /// log p(target | source).
    pub forward: Option<ForcedDecoding>,
    /// log p(source | target).
    pub reverse: Option<ForcedDecoding>,
    /// log p(target): forced decoding from an empty source.
    pub own: Option<ForcedDecoding>,
    /// The target seen from its back-translation.
    pub round_trip: Option<RoundTrip>,
    /// Quality estimate, 0–100, higher is better; see [`ScoreModel`].
    pub quality: Option<f32>,
    /// What the quality estimate was computed from.
    pub features: Option<Features>,
    /// The target's words and how likely each is wrong; see [`WordModel`]. `None` where the model's
    /// `score.json` has no estimate for the mode: that of `cermat-mini` needs a source.
    pub words: Option<Vec<WordScore>>,
    /// The words of source and target that go together.
    pub alignment: Option<Alignment>,
    /// Phrases of either side that the other may not say.
    pub phrases: Option<Vec<Phrase>>,
    /// Why the model said nothing.
    pub skipped: Option<Skip>,
}
