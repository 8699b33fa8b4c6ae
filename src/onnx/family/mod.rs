//! What differs from one architecture to the next; the search is shared.
//!
//! To add a family:
//! 1. write `src/onnx/family/<name>.rs` with a type that implements [`ModelFamily`];
//! 2. add its `mod` line and its line in [`FAMILIES`];
//! 3. make golden sequences and log-probabilities for it (`scripts/golden.py`).

mod m2m100;
mod marian;
mod nllb;

use std::path::Path;

use serde::Deserialize;

use super::tokenizer::Tokenizer;
use crate::{
    model::ModelError,
    text::{Direction, Language},
};

/// The keys of `config.json` that the search needs.
#[derive(Debug, Deserialize)]
pub(super) struct HfConfig {
    pub(super) model_type: String,
    pub(super) d_model: usize,
    pub(super) decoder_layers: usize,
    pub(super) decoder_attention_heads: usize,
    pub(super) vocab_size: usize,
    pub(super) eos_token_id: u32,
    pub(super) pad_token_id: u32,
    pub(super) decoder_start_token_id: u32,
    pub(super) max_position_embeddings: usize,
    /// Marian: whether source and target share a vocabulary.
    pub(super) share_encoder_decoder_embeddings: Option<bool>,
}

impl HfConfig {
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let config = |message: String| ModelError::Config { path: path.to_owned(), message };
        let text = std::fs::read_to_string(path)
            .map_err(|source| ModelError::Io { path: path.to_owned(), source })?;
        let this: Self = serde_json::from_str(&text).map_err(|error| config(error.to_string()))?;
        let (d, h) = (this.d_model, this.decoder_attention_heads);
        if h == 0 || d == 0 || d % h != 0 {
            let message = format!("`d_model` {d} is no multiple of `decoder_attention_heads` {h}");
            return Err(config(message));
        }
        Ok(this)
    }
}

/// What stands around source and target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prompt {
    /// Before the tokens of a source, by its language.
    pub(super) source_prefix: Vec<u32>,
    /// After them.
    pub(super) source_suffix: Vec<u32>,
    /// What the decoder is given before the first token of a target in the other language.
    pub(super) decoder_prefix: Vec<u32>,
    /// Ends a target.
    pub(super) eos: u32,
    /// Fills up a batch.
    pub(super) pad: u32,
    /// Never part of a translation that is searched for.
    pub(super) banned: Vec<u32>,
}

/// An architecture.
pub(super) trait ModelFamily: Sync {
    /// As in manifests.
    fn name(&self) -> &'static str;

    /// Whether a folder without a manifest is of this family.
    fn matches(&self, config: &HfConfig, tokenizer: &Tokenizer) -> bool;

    /// Directions that a model without a manifest translates, by its folder.
    fn directions(&self, _folder: &Path) -> Result<Vec<Direction>, String> {
        Ok(Direction::ALL.to_vec())
    }

    /// Names tokens that the tokenizer's files leave out.
    fn complete(&self, _config: &HfConfig, _tokenizer: &mut Tokenizer) {}

    /// What stands around a source in `source` and its translation.
    fn prompt(
        &self,
        config: &HfConfig,
        tokenizer: &Tokenizer,
        source: Language,
    ) -> Result<Prompt, String>;
}

/// The prompt of a model of many languages: `source` before the source, and the other one forced
/// upon the decoder.
fn language_prompt(
    config: &HfConfig,
    tokenizer: &Tokenizer,
    source: Language,
    token: fn(Language) -> &'static str,
) -> Result<Prompt, String> {
    let id = |language| {
        let token = token(language);
        tokenizer.id(token).ok_or_else(|| format!("the tokenizer has no token `{token}`"))
    };
    Ok(Prompt {
        source_prefix: vec![id(source)?],
        source_suffix: vec![config.eos_token_id],
        decoder_prefix: vec![config.decoder_start_token_id, id(source.other())?],
        eos: config.eos_token_id,
        pad: config.pad_token_id,
        banned: Vec::new(),
    })
}

/// Every family.
pub(super) static FAMILIES: &[&dyn ModelFamily] = &[&m2m100::M2m100, &nllb::Nllb, &marian::Marian];
