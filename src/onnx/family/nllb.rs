//! NLLB-200 (NLLB Team, 2022): the architecture of M2M100 with the language codes of FLORES-200.
//!
//! Its `tokenizer.json` has a source language inside its template, which is never used here:
//! prefix and suffix come from [`super::Prompt`].

use super::{HfConfig, ModelFamily, Prompt, Tokenizer, language_prompt};
use crate::text::Language;

pub(super) struct Nllb;

/// `ind_Latn`, `eng_Latn`.
fn token(language: Language) -> &'static str {
    match language {
        Language::Id => "ind_Latn",
        Language::En => "eng_Latn",
    }
}

impl ModelFamily for Nllb {
    fn name(&self) -> &'static str {
        "nllb"
    }

    fn matches(&self, config: &HfConfig, tokenizer: &Tokenizer) -> bool {
        config.model_type == "m2m_100" && tokenizer.id(token(Language::Id)).is_some()
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
