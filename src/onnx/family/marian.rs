//! Marian as OPUS-MT ships it (Tiedemann and Thottingal, EAMT 2020): one model a direction.
//!
//! Source `X </s>`, without a language token; the decoder starts with `<pad>`, which a translation
//! never holds. Each side has a SentencePiece model of its own, and one table of ids.

use std::{fs, path::Path};

use serde::Deserialize;

use super::{HfConfig, ModelFamily, Prompt, Tokenizer};
use crate::text::{Direction, Language};

pub(super) struct Marian;

/// The keys of `tokenizer_config.json` that say which languages these are.
#[derive(Default, Deserialize)]
struct Languages {
    source_lang: Option<String>,
    target_lang: Option<String>,
}

impl ModelFamily for Marian {
    fn name(&self) -> &'static str {
        "marian"
    }

    fn matches(&self, config: &HfConfig, _: &Tokenizer) -> bool {
        config.model_type == "marian"
    }

    fn directions(&self, folder: &Path) -> Result<Vec<Direction>, String> {
        let path = folder.join("tokenizer_config.json");
        let languages: Languages = fs::read_to_string(path)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let language = |code: &Option<String>| match code.as_deref() {
            Some("id" | "ind" | "ind_Latn") => Some(Language::Id),
            Some("en" | "eng" | "eng_Latn") => Some(Language::En),
            _ => None,
        };
        let said = match (language(&languages.source_lang), language(&languages.target_lang)) {
            (Some(source), Some(target)) if source != target => {
                Direction::ALL.into_iter().find(|direction| direction.source() == source)
            }
            _ => None,
        };
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let named = name.and_then(|name| {
            Direction::ALL.into_iter().find(|direction| name.ends_with(direction.code()))
        });
        match (said, named) {
            (Some(said), Some(named)) if said != named => Err(format!(
                "tokenizer_config.json says that it translates {said}, the folder is named {named}"
            )),
            (Some(direction), _) | (None, Some(direction)) => Ok(vec![direction]),
            (None, None) => {
                let pair = match (languages.source_lang, languages.target_lang) {
                    (Some(source), Some(target)) => format!("`{source}` to `{target}`"),
                    _ => "not said".to_owned(),
                };
                Err(format!(
                    "a Marian model translates in one direction, which tokenizer_config.json has \
                     to say (`source_lang`, `target_lang`: {pair}); or end the folder's name with \
                     `id-en` or `en-id`"
                ))
            }
        }
    }

    fn prompt(&self, config: &HfConfig, _: &Tokenizer, _: Language) -> Result<Prompt, String> {
        if config.share_encoder_decoder_embeddings == Some(false) {
            return Err("`share_encoder_decoder_embeddings` is false: a Marian model with two \
                        vocabularies, which cermat does not know"
                .to_owned());
        }
        Ok(Prompt {
            source_prefix: Vec::new(),
            source_suffix: vec![config.eos_token_id],
            decoder_prefix: vec![config.decoder_start_token_id],
            eos: config.eos_token_id,
            pad: config.pad_token_id,
            banned: vec![config.pad_token_id],
        })
    }
}
