//! Text to ids and back.

use std::{collections::HashMap, fs, path::Path};

use super::sentencepiece::{Segmented, SentencePiece};
use crate::{
    model::{InferError, ModelError},
    text::Span,
};

/// Which side of a translation a text is: OPUS-MT cuts each with a model of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Source,
    Target,
}

/// How a model's text becomes ids, by what lies in its folder.
///
/// Language and end tokens are never added here: they are the family's business (see
/// [`super::family`]), so a template inside the file does not matter.
pub(super) enum Tokenizer {
    /// A Hugging Face `tokenizer.json`.
    Json(Box<tokenizers::Tokenizer>),
    /// SentencePiece models with a `vocab.json`, as OPUS-MT and M2M100 have them upstream.
    Pieces(Box<Pieces>),
}

/// SentencePiece models, and the ids of their pieces.
pub(super) struct Pieces {
    source: SentencePiece,
    /// `None`: as the source.
    target: Option<SentencePiece>,
    ids: HashMap<String, u32>,
    texts: HashMap<u32, String>,
    unknown: u32,
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

/// Tokens of `vocab.json` that no decoding shows.
const SPECIAL: [&str; 4] = ["<s>", "<pad>", "</s>", "<unk>"];

impl Tokenizer {
    /// Opens what `folder` has: `source.spm` and `target.spm`, which are exact, before a
    /// `tokenizer.json` that somebody merged out of them, and that before
    /// `sentencepiece.bpe.model`.
    pub(super) fn open(folder: &Path) -> Result<Self, ModelError> {
        let [source, target] = ["source.spm", "target.spm"].map(|name| folder.join(name));
        let [json, shared] =
            ["tokenizer.json", "sentencepiece.bpe.model"].map(|name| folder.join(name));
        let vocabulary = folder.join("vocab.json");
        if source.is_file() && target.is_file() {
            Pieces::open(&source, Some(&target), &vocabulary)
        } else if json.is_file() || !shared.is_file() {
            Self::open_json(&json)
        } else {
            Pieces::open(&shared, None, &vocabulary)
        }
    }

    fn open_json(path: &Path) -> Result<Self, ModelError> {
        let failed = |source| ModelError::Tokenizer { path: path.to_owned(), source };
        let mut inner = tokenizers::Tokenizer::from_file(path).map_err(failed)?;
        // Nothing may be cut or filled up silently, whatever the file says.
        inner.with_truncation(None).map_err(failed)?;
        inner.with_padding(None);
        // `</s>` in a text is text, not the end of it.
        inner.set_encode_special_tokens(true);
        Ok(Self::Json(Box::new(inner)))
    }

    pub(super) fn id(&self, token: &str) -> Option<u32> {
        match self {
            Self::Json(inner) => inner.token_to_id(token),
            Self::Pieces(pieces) => pieces.ids.get(token).copied(),
        }
    }

    /// Names an id that the files do not: languages of M2M100 come after its `vocab.json`.
    pub(super) fn add_token(&mut self, token: &str, id: u32) {
        if let Self::Pieces(pieces) = self {
            // Not among the texts: no decoding shows it.
            pieces.ids.entry(token.to_owned()).or_insert(id);
        }
    }

    pub(super) fn vocabulary_size(&self) -> usize {
        match self {
            Self::Json(inner) => inner.get_vocab_size(true),
            Self::Pieces(pieces) => pieces.texts.len(),
        }
    }

    pub(super) fn encode(&self, text: &str, side: Side) -> Result<Encoded, InferError> {
        match self {
            Self::Json(inner) => {
                let failed = |source| InferError::Run { what: "tokenization", source };
                let encoding = inner.encode(text, false).map_err(failed)?;
                let offsets = encoding.get_offsets().iter().copied();
                Ok(Encoded::new(encoding.get_ids().to_vec(), offsets, text))
            }
            Self::Pieces(pieces) => Ok(pieces.encode(text, side)),
        }
    }

    pub(super) fn decode(&self, ids: &[u32]) -> Result<String, InferError> {
        match self {
            Self::Json(inner) => {
                let failed = |source| InferError::Run { what: "detokenization", source };
                Ok(inner.decode(ids, true).map_err(failed)?.trim().to_owned())
            }
            Self::Pieces(pieces) => {
                let texts = ids.iter().filter_map(|id| pieces.texts.get(id));
                let texts = texts.filter(|text| !SPECIAL.contains(&text.as_str()));
                let text: String = texts.map(String::as_str).collect();
                Ok(text.replace('▁', " ").trim().to_owned())
            }
        }
    }
}

impl Pieces {
    fn open(
        source: &Path,
        target: Option<&Path>,
        vocabulary: &Path,
    ) -> Result<Tokenizer, ModelError> {
        let model = |path: &Path| -> Result<SentencePiece, ModelError> {
            let bytes = fs::read(path)
                .map_err(|source| ModelError::Io { path: path.to_owned(), source })?;
            SentencePiece::parse(&bytes).map_err(|error| ModelError::Tokenizer {
                path: path.to_owned(),
                source: Box::new(error),
            })
        };
        let wrong = |message| ModelError::Config { path: vocabulary.to_owned(), message };
        let text = fs::read_to_string(vocabulary)
            .map_err(|source| ModelError::Io { path: vocabulary.to_owned(), source })?;
        let ids: HashMap<String, u32> = serde_json::from_str(&text)
            .map_err(|error| wrong(format!("no object of pieces and their numbers: {error}")))?;
        let unknown = ids.get("<unk>").copied();
        let unknown = unknown.ok_or_else(|| wrong("no piece `<unk>`".to_owned()))?;
        let texts: HashMap<u32, String> =
            ids.iter().map(|(text, id)| (*id, text.clone())).collect();
        if texts.len() != ids.len() {
            return Err(wrong("two pieces have one number".to_owned()));
        }
        Ok(Tokenizer::Pieces(Box::new(Self {
            source: model(source)?,
            target: target.map(model).transpose()?,
            ids,
            texts,
            unknown,
        })))
    }

    fn encode(&self, text: &str, side: Side) -> Encoded {
        let model = match (side, &self.target) {
            (Side::Target, Some(target)) => target,
            _ => &self.source,
        };
        let pieces = model.segment(text);
        let id = |Segmented { piece, .. }: &Segmented| {
            self.ids.get(piece.as_str()).copied().unwrap_or(self.unknown)
        };
        let ids = pieces.iter().map(id).collect();
        Encoded::new(
            ids,
            pieces.into_iter().map(|piece| (piece.bytes.start, piece.bytes.end)),
            text,
        )
    }
}

impl Encoded {
    /// Ids with their offsets in `text`, in bytes.
    fn new(ids: Vec<u32>, offsets: impl Iterator<Item = (usize, usize)>, text: &str) -> Self {
        let mut spans: Vec<Span> = Vec::with_capacity(ids.len());
        let mut starts_word = Vec::with_capacity(ids.len());
        let mut end = 0;
        for (start, stop) in offsets {
            // A piece may carry its space (`▁kata`), and pieces of one character (byte fallback)
            // repeat its offsets.
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
        Self { ids, spans, starts_word }
    }
}
