//! SentencePiece models as they are: `source.spm`, `target.spm`, `sentencepiece.bpe.model`.
//!
//! OPUS-MT and M2M100 have no `tokenizer.json` upstream, and one made from their files is not
//! exact: `tokenizers` adds in f64 where SentencePiece adds in f32, which breaks the ties of
//! repeated characters (`....`) otherwise, and replaces only the beginning of a letter with two
//! combining marks. Of 23,366 lines of software text and news, cut by two models, one came
//! out otherwise; of lines written to be hard, up to four. So normalisation and segmentation are done here as SentencePiece does them, step
//! by step, with the way back to the text's bytes.
//!
//! Source: `normalizer.cc`, `unigram_model.cc` (`EncodeOptimized`), `bpe_model.cc` and
//! `sentencepiece_model.proto` of SentencePiece 0.2; Kudo and Richardson, EMNLP 2018.

use std::{
    cmp::Ordering,
    collections::{BinaryHeap, HashMap},
    ops::Range,
};

/// Stands for a space.
const SPACE: &str = "▁";
/// What an unknown character costs beside the rarest piece.
const UNKNOWN_PENALTY: f32 = 10.0;
/// Prefixes of a text that the table of replacements may offer; of more, the rest is not seen.
const MOST_PREFIXES: usize = 32;

/// Bytes of a piece in a file that is taken: looking for pieces takes time by the longest.
const LONGEST_PIECE: usize = 1024;

/// A file that is no SentencePiece model, or one of a kind that is not known.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct ModelFileError(&'static str);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

#[derive(Debug, Clone, PartialEq)]
struct Piece {
    text: String,
    score: f32,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Unigram,
    Bpe,
}

/// A piece of a text: what it is called, and the bytes of the text that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segmented {
    pub(super) piece: String,
    pub(super) bytes: Range<usize>,
}

/// A model, read.
pub(super) struct SentencePiece {
    algorithm: Algorithm,
    pieces: Vec<Piece>,
    ids: HashMap<String, usize>,
    /// Bytes of the longest piece.
    longest: usize,
    lowest: f32,
    highest: f32,
    /// Symbols that are never cut or normalised.
    user_defined: Vec<String>,
    byte_fallback: bool,
    replacements: Replacements,
    dummy_prefix: bool,
    remove_extra_spaces: bool,
    escape_spaces: bool,
}

/// The fields of a protocol-buffer message, one after the other.
struct Fields<'a>(&'a [u8]);

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Word([u8; 4]),
}

const TRUNCATED: ModelFileError = ModelFileError("no SentencePiece model: it ends in a field");

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ModelFileError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(TRUNCATED)?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> Result<u64, ModelFileError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(ModelFileError("no SentencePiece model: a number of more than 64 bits"))
    }

    /// Number and value of the next field.
    fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, ModelFileError> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let key = self.number()?;
        let value = match key & 7 {
            0 => Value::Number(self.number()?),
            1 => {
                self.take(8)?;
                Value::Number(0)
            }
            2 => {
                let length = usize::try_from(self.number()?).map_err(|_| TRUNCATED)?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Word(self.take(4)?.try_into().expect("four bytes")),
            _ => return Err(ModelFileError("no SentencePiece model: a field of unknown type")),
        };
        Ok(Some((key >> 3, value)))
    }
}

impl SentencePiece {
    /// Reads a `ModelProto`.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ModelFileError> {
        let mut this = Self {
            algorithm: Algorithm::Unigram,
            pieces: Vec::new(),
            ids: HashMap::new(),
            longest: 0,
            lowest: f32::INFINITY,
            highest: f32::NEG_INFINITY,
            user_defined: Vec::new(),
            byte_fallback: false,
            replacements: Replacements::default(),
            dummy_prefix: true,
            remove_extra_spaces: true,
            escape_spaces: true,
        };
        let mut fields = Fields(bytes);
        while let Some((field, value)) = fields.next()? {
            match (field, value) {
                (1, Value::Bytes(piece)) => this.pieces.push(piece_of(piece)?),
                (2, Value::Bytes(trainer)) => this.trainer(trainer)?,
                (3, Value::Bytes(normalizer)) => this.normalizer(normalizer)?,
                _ => {}
            }
        }
        if !this.pieces.iter().any(|piece| piece.kind == Kind::Unknown) {
            return Err(ModelFileError("no SentencePiece model: it has no piece for the unknown"));
        }
        for (id, piece) in this.pieces.iter().enumerate() {
            if !matches!(piece.kind, Kind::Normal | Kind::UserDefined | Kind::Unused) {
                continue;
            }
            this.ids.insert(piece.text.clone(), id);
            this.longest = this.longest.max(piece.text.len());
            match piece.kind {
                Kind::Normal => {
                    this.lowest = this.lowest.min(piece.score);
                    this.highest = this.highest.max(piece.score);
                }
                Kind::UserDefined => this.user_defined.push(piece.text.clone()),
                _ => {}
            }
        }
        if !this.lowest.is_finite() || !this.highest.is_finite() {
            return Err(ModelFileError("no SentencePiece model: its pieces have no scores"));
        }
        Ok(this)
    }

    fn trainer(&mut self, bytes: &[u8]) -> Result<(), ModelFileError> {
        let mut fields = Fields(bytes);
        while let Some((field, value)) = fields.next()? {
            match (field, value) {
                (3, Value::Number(1)) => self.algorithm = Algorithm::Unigram,
                (3, Value::Number(2)) => self.algorithm = Algorithm::Bpe,
                (3, Value::Number(_)) => {
                    return Err(ModelFileError("a SentencePiece model of words or characters"));
                }
                (24, Value::Number(suffix)) if suffix != 0 => {
                    return Err(ModelFileError("a SentencePiece model with spaces as suffixes"));
                }
                (35, Value::Number(fallback)) => self.byte_fallback = fallback != 0,
                _ => {}
            }
        }
        Ok(())
    }

    fn normalizer(&mut self, bytes: &[u8]) -> Result<(), ModelFileError> {
        let mut fields = Fields(bytes);
        while let Some((field, value)) = fields.next()? {
            match (field, value) {
                (2, Value::Bytes(table)) => self.replacements = Replacements::parse(table)?,
                (3, Value::Number(on)) => self.dummy_prefix = on != 0,
                (4, Value::Number(on)) => self.remove_extra_spaces = on != 0,
                (5, Value::Number(on)) => self.escape_spaces = on != 0,
                _ => {}
            }
        }
        Ok(())
    }

    /// What the text's beginning becomes, and how many of its bytes that takes.
    fn prefix<'a>(&'a self, text: &'a str) -> (&'a str, usize) {
        let own = self.user_defined.iter().filter(|symbol| text.starts_with(symbol.as_str()));
        if let Some(symbol) = own.max_by_key(|symbol| symbol.len()) {
            return (&text[..symbol.len()], symbol.len());
        }
        if let Some(replaced) = self.replacements.longest(text) {
            return replaced;
        }
        let length = text.chars().next().map_or(0, char::len_utf8);
        (&text[..length], length)
    }

    /// The normalised text, and for each of its bytes and its end the place in `text`.
    fn normalise(&self, text: &str) -> (String, Vec<usize>) {
        let mut out = String::with_capacity(text.len() + text.len() / 2);
        let mut places = Vec::with_capacity(out.capacity());
        let space = if self.escape_spaces { SPACE } else { " " };
        let mut at = 0;
        if self.remove_extra_spaces {
            while at < text.len() {
                let (piece, length) = self.prefix(&text[at..]);
                if piece != " " {
                    break;
                }
                at += length;
            }
        }
        if at == text.len() {
            return (out, vec![at]);
        }
        let mut push = |out: &mut String, piece: &str, at: usize| {
            out.push_str(piece);
            places.extend(std::iter::repeat_n(at, piece.len()));
        };
        if self.dummy_prefix {
            push(&mut out, space, at);
        }
        let mut after_space = self.remove_extra_spaces;
        while at < text.len() {
            let (mut piece, length) = self.prefix(&text[at..]);
            while after_space && let Some(rest) = piece.strip_prefix(' ') {
                piece = rest;
            }
            if !piece.is_empty() {
                let mut buffer = [0; 4];
                for c in piece.chars() {
                    let c = if c == ' ' { space } else { c.encode_utf8(&mut buffer) };
                    push(&mut out, c, at);
                }
                after_space = piece.ends_with(' ');
            }
            at += length;
            after_space &= self.remove_extra_spaces;
        }
        if self.remove_extra_spaces {
            while out.ends_with(space) {
                out.truncate(out.len() - space.len());
                at = places[out.len()];
            }
        }
        places.truncate(out.len());
        places.push(at);
        (out, places)
    }

    /// The pieces of a text.
    pub(super) fn segment(&self, text: &str) -> Vec<Segmented> {
        let (normalised, places) = self.normalise(text);
        let pieces = match self.algorithm {
            Algorithm::Unigram => self.unigram(&normalised),
            Algorithm::Bpe => self.bpe(&normalised),
        };
        let mut out: Vec<Segmented> = Vec::with_capacity(pieces.len());
        let mut after_unknown = false;
        for (range, id) in pieces {
            let bytes = places[range.start]..places[range.end];
            let piece = &normalised[range];
            if id.is_some() {
                out.push(Segmented { piece: piece.to_owned(), bytes });
            } else if self.byte_fallback {
                out.extend(piece.bytes().map(|byte| Segmented {
                    piece: format!("<0x{byte:02X}>"),
                    bytes: bytes.clone(),
                }));
            } else if let Some(last) = out.last_mut().filter(|_| after_unknown) {
                // A run of unknown characters is one unknown piece.
                last.piece.push_str(piece);
                last.bytes.end = bytes.end;
            } else {
                out.push(Segmented { piece: piece.to_owned(), bytes });
            }
            after_unknown = id.is_none();
        }
        out
    }

    /// The likeliest segmentation, with f32 sums and the first of equals, as the original.
    fn unigram(&self, text: &str) -> Vec<(Range<usize>, Option<usize>)> {
        #[derive(Clone, Copy)]
        struct Node {
            id: Option<usize>,
            score: f32,
            start: Option<usize>,
        }
        let mut best = vec![Node { id: None, score: 0.0, start: None }; text.len() + 1];
        let unknown = self.lowest - UNKNOWN_PENALTY;
        for (start, c) in text.char_indices() {
            let so_far = best[start].score;
            let mut single = false;
            let mut offer = |end: usize, id: Option<usize>, score: f32| {
                let node: &mut Node = &mut best[end];
                let score = score + so_far;
                if node.start.is_none() || score > node.score {
                    *node = Node { id, score, start: Some(start) };
                }
            };
            let window = &text[start..];
            for (last, c) in window.char_indices() {
                let length = last + c.len_utf8();
                if length > self.longest {
                    break;
                }
                let Some(&id) = self.ids.get(&window[..length]) else { continue };
                let piece = &self.pieces[id];
                let score = match piece.kind {
                    Kind::Unused => continue,
                    // Always chosen.
                    Kind::UserDefined => length as f32 * self.highest - 0.1,
                    _ => piece.score,
                };
                offer(start + length, Some(id), score);
                single |= last == 0;
            }
            if !single {
                offer(start + c.len_utf8(), None, unknown);
            }
        }
        let mut pieces = Vec::new();
        let mut end = text.len();
        while end > 0 {
            let node = best[end];
            let start = node.start.expect("every character ends a piece");
            pieces.push((start..end, node.id));
            end = start;
        }
        pieces.reverse();
        pieces
    }

    /// Merges neighbours, the best-scored pair first, of equals the leftmost.
    fn bpe(&self, text: &str) -> Vec<(Range<usize>, Option<usize>)> {
        let mut symbols: Vec<Symbol> = Vec::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let own = self.user_defined.iter().filter(|symbol| rest.starts_with(symbol.as_str()));
            let own = own.map(String::len).max();
            let length = own.unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8));
            symbols.push(Symbol {
                range: at..at + length,
                previous: symbols.len().checked_sub(1),
                next: Some(symbols.len() + 1),
                frozen: own.is_some(),
            });
            at += length;
        }
        if let Some(last) = symbols.last_mut() {
            last.next = None;
        }
        let mut agenda = BinaryHeap::new();
        let mut origins: HashMap<String, usize> = HashMap::new();
        let mut offer = |symbols: &[Symbol], left: Option<usize>, right: Option<usize>| {
            let (Some(left), Some(right)) = (left, right) else { return None };
            if symbols[left].frozen || symbols[right].frozen {
                return None;
            }
            let piece = &text[symbols[left].range.start..symbols[right].range.end];
            let id = *self.ids.get(piece)?;
            if self.pieces[id].kind == Kind::Unused {
                // May have to be taken apart again.
                origins.insert(piece.to_owned(), symbols[left].range.len());
            }
            Some(Pair { score: self.pieces[id].score, left, right, size: piece.len() })
        };
        for right in 1..symbols.len() {
            agenda.extend(offer(&symbols, Some(right - 1), Some(right)));
        }
        while let Some(Pair { left, right, size, .. }) = agenda.pop() {
            let (first, second) = (symbols[left].range.clone(), symbols[right].range.clone());
            if first.is_empty() || second.is_empty() || first.len() + second.len() != size {
                continue;
            }
            symbols[left].range.end = second.end;
            symbols[right].range = second.end..second.end;
            let next = symbols[right].next;
            symbols[left].next = next;
            if let Some(next) = next {
                symbols[next].previous = Some(left);
            }
            agenda.extend(offer(&symbols, symbols[left].previous, Some(left)));
            agenda.extend(offer(&symbols, Some(left), next));
        }
        let mut pieces = Vec::new();
        let mut at = (!symbols.is_empty()).then_some(0);
        while let Some(i) = at {
            self.resegment(text, symbols[i].range.clone(), &origins, &mut pieces);
            at = symbols[i].next;
        }
        pieces
    }

    /// A piece, or the two that an unused one was made of.
    fn resegment(
        &self,
        text: &str,
        range: Range<usize>,
        origins: &HashMap<String, usize>,
        out: &mut Vec<(Range<usize>, Option<usize>)>,
    ) {
        // A stack, not recursion: the depth is the file's.
        let mut waiting = vec![range];
        while let Some(range) = waiting.pop() {
            let id = self.ids.get(&text[range.clone()]).copied();
            let unused = id.is_some_and(|id| self.pieces[id].kind == Kind::Unused);
            match origins.get(&text[range.clone()]).filter(|_| unused) {
                Some(&cut) => {
                    waiting.push(range.start + cut..range.end);
                    waiting.push(range.start..range.start + cut);
                }
                None => out.push((range, id)),
            }
        }
    }
}

/// A part of a text that may still be merged; empty once it was.
struct Symbol {
    range: Range<usize>,
    previous: Option<usize>,
    next: Option<usize>,
    frozen: bool,
}

/// Two neighbours that make a piece.
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    size: usize,
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pair {}

fn piece_of(bytes: &[u8]) -> Result<Piece, ModelFileError> {
    let mut piece = Piece { text: String::new(), score: 0.0, kind: Kind::Normal };
    let mut fields = Fields(bytes);
    while let Some((field, value)) = fields.next()? {
        match (field, value) {
            (1, Value::Bytes(text)) => {
                let text = std::str::from_utf8(text)
                    .map_err(|_| ModelFileError("no SentencePiece model: a piece is no UTF-8"))?;
                if text.len() > LONGEST_PIECE {
                    return Err(ModelFileError("a SentencePiece piece of more than 1,024 bytes"));
                }
                piece.text = text.to_owned();
            }
            (2, Value::Word(word)) => piece.score = f32::from_le_bytes(word),
            (3, Value::Number(kind)) => {
                piece.kind = match kind {
                    1 => Kind::Normal,
                    2 => Kind::Unknown,
                    3 => Kind::Control,
                    4 => Kind::UserDefined,
                    5 => Kind::Unused,
                    6 => Kind::Byte,
                    _ => return Err(ModelFileError("a SentencePiece piece of unknown type")),
                }
            }
            _ => {}
        }
    }
    Ok(piece)
}

/// Which beginnings of a text become what: a double array (Darts) of keys, and the replacements,
/// each ended by a NUL.
#[derive(Default)]
struct Replacements {
    units: Vec<u32>,
    texts: String,
}

impl Replacements {
    fn parse(table: &[u8]) -> Result<Self, ModelFileError> {
        if table.is_empty() {
            return Ok(Self::default());
        }
        const WRONG: ModelFileError =
            ModelFileError("no SentencePiece model: its table of replacements is damaged");
        let (size, rest) = table.split_first_chunk::<4>().ok_or(WRONG)?;
        let size = u32::from_le_bytes(*size) as usize;
        let (units, texts) = rest.split_at_checked(size).ok_or(WRONG)?;
        let (units, odd) = units.as_chunks::<4>();
        if units.is_empty() || !odd.is_empty() {
            return Err(WRONG);
        }
        let texts = std::str::from_utf8(texts).map_err(|_| WRONG)?.to_owned();
        Ok(Self { units: units.iter().map(|unit| u32::from_le_bytes(*unit)).collect(), texts })
    }

    /// The replacement of the longest beginning that has one, and the length of that beginning.
    fn longest(&self, text: &str) -> Option<(&str, usize)> {
        let offset = |unit: u32| ((unit >> 10) << ((unit & (1 << 9)) >> 6)) as usize;
        let mut position = offset(*self.units.first()?);
        let mut found = None;
        let mut count = 0;
        for (i, byte) in text.bytes().enumerate() {
            position ^= usize::from(byte);
            let Some(&unit) = self.units.get(position) else { break };
            if unit & ((1 << 31) | 0xff) != u32::from(byte) {
                break;
            }
            position ^= offset(unit);
            if (unit >> 8) & 1 == 1 && count < MOST_PREFIXES {
                let value = self.units.get(position).map(|unit| unit & ((1 << 31) - 1));
                found = value.map(|value| (value as usize, i + 1)).or(found);
                count += 1;
            }
        }
        let (value, length) = found?;
        let replacement = self.texts.get(value..)?;
        // A damaged table may end between the bytes of a character: then nothing is replaced.
        text.is_char_boundary(length).then_some(())?;
        Some((replacement.split('\0').next().unwrap_or(""), length))
    }
}
