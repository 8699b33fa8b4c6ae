//! M2M100 (Fan et al., JMLR 22, 2021).
//!
//! Source `__id__ X </s>`; the decoder starts with `</s>` and is given the target language as its
//! first token. Upstream has `sentencepiece.bpe.model` and `vocab.json`, which do not name the
//! languages; conversions have a `tokenizer.json`, which does.

use super::{HfConfig, ModelFamily, Prompt, Tokenizer, language_prompt};
use crate::text::Language;

/// Ids of the languages follow those of the pieces, in the order of `FAIRSEQ_LANGUAGE_CODES` in
/// `tokenization_m2m_100.py` of transformers, of which this is the place of English …
const ENGLISH: u32 = 18;
/// … this that of Indonesian, …
const INDONESIAN: u32 = 37;
/// … and this their number.
const LANGUAGES: u32 = 100;

pub(super) struct M2m100;

/// `__id__`, `__en__`.
fn token(language: Language) -> &'static str {
    match language {
        Language::Id => "__id__",
        Language::En => "__en__",
    }
}

impl ModelFamily for M2m100 {
    fn name(&self) -> &'static str {
        "m2m100"
    }

    fn matches(&self, config: &HfConfig, tokenizer: &Tokenizer) -> bool {
        config.model_type == "m2m_100" && tokenizer.id(token(Language::Id)).is_some()
    }

    fn complete(&self, config: &HfConfig, tokenizer: &mut Tokenizer) {
        let pieces = tokenizer.vocabulary_size() as u32;
        // Other models of `model_type` m2m_100 have other languages.
        if config.model_type == "m2m_100" && pieces + LANGUAGES <= config.vocab_size as u32 {
            tokenizer.add_token(token(Language::En), pieces + ENGLISH);
            tokenizer.add_token(token(Language::Id), pieces + INDONESIAN);
        }
    }

    fn prompt(
        &self,
        config: &HfConfig,
        tokenizer: &Tokenizer,
        source: Language,
    ) -> Result<Prompt, String> {
        language_prompt(config, tokenizer, source, token)
    }
}
