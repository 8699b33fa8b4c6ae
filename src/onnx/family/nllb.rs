//! NLLB-200 (NLLB Team, 2022): the architecture of M2M100 with the language codes of FLORES-200.
//!
//! Its `tokenizer.json` has a source language inside its template, which is never used here:
//! prefix and suffix come from [`super::Prompt`].

use super::{HfConfig, ModelFamily, Tokenizer};
use crate::text::Language;

/// `ind_Latn`, `eng_Latn`.
pub(super) struct Nllb;

impl ModelFamily for Nllb {
    fn name(&self) -> &'static str {
        "nllb"
    }

    fn matches(&self, config: &HfConfig, tokenizer: &Tokenizer) -> bool {
        config.model_type == "m2m_100" && tokenizer.id(self.language_token(Language::Id)).is_some()
    }

    fn language_token(&self, language: Language) -> &'static str {
        match language {
            Language::Id => "ind_Latn",
            Language::En => "eng_Latn",
        }
    }
}
