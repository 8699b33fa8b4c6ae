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
        } else if json.is_file() {
            Self::open_json(&json)
        } else if shared.is_file() {
            Pieces::open(&shared, None, &vocabulary)
        } else {
            let message = "no tokenizer is in it: it takes source.spm with target.spm, or \
                           tokenizer.json, or sentencepiece.bpe.model";
            Err(ModelError::Config { path: folder.to_owned(), message: message.to_owned() })
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

    /// How a token is written, with the space before it where it begins a word; empty for one that
    /// stands for no text.
    pub(super) fn piece(&self, id: u32) -> String {
        let piece = match self {
            Self::Json(inner) => {
                let special = inner.get_added_tokens_decoder().contains_key(&id);
                inner.id_to_token(id).filter(|_| !special)
            }
            Self::Pieces(pieces) => {
                pieces.texts.get(&id).filter(|text| !SPECIAL.contains(&text.as_str())).cloned()
            }
        };
        piece.map_or_else(String::new, |piece| piece.replace('▁', " "))
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
            let io = |source| ModelError::Io { path: path.to_owned(), source };
            let bytes = fs::read(path).map_err(io)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Direction;

    #[derive(serde::Deserialize)]
    struct Line {
        #[serde(default)]
        part: String,
        direction: String,
        #[serde(alias = "text")]
        source: String,
        source_ids: Vec<u32>,
        target: Option<String>,
        target_ids: Vec<u32>,
    }

    #[derive(serde::Deserialize)]
    struct Golden {
        cases: Vec<Line>,
    }

    /// Lines that are cut otherwise than transformers cuts them; those with a space at an end are
    /// compared as the rest.
    fn differing<'a>(tokenizer: &Tokenizer, lines: impl Iterator<Item = &'a Line>) -> Vec<String> {
        let mut found = Vec::new();
        for line in lines {
            let target = line.target.as_ref().unwrap_or(&line.source);
            for (text, side, expected) in [
                (&line.source, Side::Source, &line.source_ids),
                (target, Side::Target, &line.target_ids),
            ] {
                let encoded = tokenizer.encode(text, side).expect("ids");
                // What the family puts around a source is not the tokenizer's.
                let around = usize::from(line.part.is_empty() && side == Side::Source);
                let end = expected.len() - usize::from(side == Side::Source);
                if encoded.ids != expected[around..end] {
                    found.push(format!("{side:?} {text:?}: {:?} {expected:?}", encoded.ids));
                }
                let mut last = 0;
                for span in &encoded.spans {
                    assert!(text.get(span.range()).is_some(), "{text:?} {span:?}");
                    assert!(span.range().start >= last, "{text:?} {span:?}");
                    last = span.range().start;
                }
            }
        }
        found
    }

    fn fixtures() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/families")
    }

    fn cases(family: &str) -> Vec<Line> {
        let text = fs::read_to_string(fixtures().join(family).join("golden.json")).expect("read");
        serde_json::from_str::<Golden>(&text).expect("cases").cases
    }

    #[test]
    fn cuts_as_transformers_does() {
        for (family, folder) in [("m2m100", "m2m100/split"), ("nllb", "nllb/hub")] {
            let tokenizer = Tokenizer::open(&fixtures().join(folder)).expect("a tokenizer");
            assert_eq!(differing(&tokenizer, cases(family).iter()), Vec::<String>::new());
        }
        let mut cases = cases("marian");
        for direction in Direction::ALL {
            let part = direction.code();
            let own = fixtures().join("marian/merged").join(part);
            let tokenizer = Tokenizer::open(&own).expect("a tokenizer");
            cases.iter_mut().for_each(|case| case.part = case.direction.clone());
            let lines = cases.iter().filter(|case| case.part == part);
            assert_eq!(differing(&tokenizer, lines), Vec::<String>::new());
        }
    }

    /// See the head of `tests/equality.rs`.
    #[test]
    #[ignore = "wants CERMAT_FAMILIES, the folder that scripts/families.py wrote"]
    #[allow(clippy::print_stdout, reason = "it prints a table")]
    fn cuts_thousands_of_lines_as_transformers_does() {
        let root = std::env::var_os("CERMAT_FAMILIES").expect("CERMAT_FAMILIES is set");
        let mut exact = true;
        for family in ["m2m100", "nllb", "marian"] {
            let root = Path::new(&root).join(family);
            let lines = fs::read_to_string(root.join("tokens.jsonl")).expect("lines");
            let lines: Vec<Line> =
                lines.lines().map(|line| serde_json::from_str(line).expect("a line")).collect();
            for layout in ["split", "hub"] {
                for part in ["", "id-en", "en-id"] {
                    let own: Vec<&Line> = lines.iter().filter(|line| line.part == part).collect();
                    if own.is_empty() {
                        continue;
                    }
                    let tokenizer =
                        Tokenizer::open(&root.join(layout).join(part)).expect("a tokenizer");
                    let found = differing(&tokenizer, own.iter().copied());
                    println!(
                        "{family} {layout} {part}: {} of {} differ",
                        found.len(),
                        2 * own.len()
                    );
                    found.iter().take(5).for_each(|line| println!("  {line}"));
                    // A tokenizer.json made out of a SentencePiece model is not exact.
                    exact &= found.is_empty() || matches!(tokenizer, Tokenizer::Json(_));
                }
            }
        }
        assert!(exact);
    }
}
