//! Text to ids and back.

use std::path::Path;

use crate::{
    model::{InferError, ModelError},
    text::Span,
};

/// A Hugging Face `tokenizer.json`.
///
/// Language and end tokens are never added here: they are the family's business (see
/// [`super::family`]), so a template inside the file does not matter.
pub(super) struct Tokenizer {
    inner: tokenizers::Tokenizer,
}

/// A text as ids.
pub(super) struct Encoded {
    /// Without language and end tokens.
    pub(super) ids: Vec<u32>,
    /// Where each stands in the text, in bytes; surrounding spaces excluded.
    pub(super) spans: Vec<Span>,
    /// Whether each begins a word.
    pub(super) starts_word: Vec<bool>,
}

impl Tokenizer {
    pub(super) fn open(path: &Path) -> Result<Self, ModelError> {
        let failed = |source| ModelError::Tokenizer { path: path.to_owned(), source };
        let mut inner = tokenizers::Tokenizer::from_file(path).map_err(failed)?;
        // Nothing may be cut or filled up silently, whatever the file says.
        inner.with_truncation(None).map_err(failed)?;
        inner.with_padding(None);
        // `</s>` in a text is text, not the end of it.
        inner.set_encode_special_tokens(true);
        Ok(Self { inner })
    }

    pub(super) fn id(&self, token: &str) -> Option<u32> {
        self.inner.token_to_id(token)
    }

    pub(super) fn vocabulary_size(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    pub(super) fn encode(&self, text: &str) -> Result<Encoded, InferError> {
        let failed = |source| InferError::Run { what: "tokenization", source };
        let encoding = self.inner.encode(text, false).map_err(failed)?;
        let mut spans = Vec::with_capacity(encoding.len());
        let mut starts_word = Vec::with_capacity(encoding.len());
        let mut end = 0;
        for &(start, stop) in encoding.get_offsets() {
            // Offsets are bytes of the text. A piece may carry its space (`▁kata`), and pieces of
            // one character (byte fallback) repeat its offsets.
            let piece = text.get(start..stop).unwrap_or("");
            let lead = piece.len() - piece.trim_start().len();
            let (start, stop) = (start + lead, (start + piece.trim_end().len()).max(start + lead));
            let first = text
                .get(..start)
                .is_some_and(|before| before.is_empty() || before.ends_with(char::is_whitespace));
            let repeats_offsets = start < end && !spans.is_empty();
            // `▁` alone stands before what is not merged with it (digits, say) and began the word.
            let after_space = spans
                .last()
                .is_some_and(|last: &Span| last.is_empty() && last.range().start == start);
            spans.push(Span::new(start..stop));
            starts_word.push(first && !repeats_offsets && !after_space);
            end = end.max(stop);
        }
        Ok(Encoded { ids: encoding.get_ids().to_vec(), spans, starts_word })
    }

    /// How a token is written, with the space before it where it begins a word; empty for one that
    /// stands for no text.
    pub(super) fn piece(&self, id: u32) -> String {
        let special = self.inner.get_added_tokens_decoder().contains_key(&id);
        let piece = self.inner.id_to_token(id).filter(|_| !special);
        piece.map_or_else(String::new, |piece| piece.replace('▁', " "))
    }

    pub(super) fn decode(&self, ids: &[u32]) -> Result<String, InferError> {
        let failed = |source| InferError::Run { what: "detokenization", source };
        let text = self.inner.decode(ids, true).map_err(failed)?;
        Ok(text.trim().to_owned())
    }
}
