//! M2M100 (Fan et al., JMLR 22, 2021).
//!
//! Source `__id__ X </s>`; the decoder starts with `</s>` and is given the target language as its
//! first token.

use super::{HfConfig, ModelFamily, Tokenizer};
use crate::text::Language;

/// `__id__`, `__en__`.
pub(super) struct M2m100;

impl ModelFamily for M2m100 {
    fn name(&self) -> &'static str {
        "m2m100"
    }

    fn matches(&self, config: &HfConfig, tokenizer: &Tokenizer) -> bool {
        config.model_type == "m2m_100" && tokenizer.id(self.language_token(Language::Id)).is_some()
    }

    fn language_token(&self, language: Language) -> &'static str {
        match language {
            Language::Id => "__id__",
            Language::En => "__en__",
        }
    }
}
