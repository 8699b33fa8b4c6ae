//! Files as segments.
//!
//! A reader of [`mod@format`] takes the bytes of a file and yields a [`Document`]: its segments in
//! the order of the file, each with a map from its text back to the file's bytes, and the
//! problems that did not stop it. Checks never see a file, only segments.
//!
//! [`read_bytes`] does it all: it decodes the bytes, finds the format and reads.

mod address;
mod block;
mod directive;
mod encoding;
pub mod format;
mod languages;
mod read;
pub mod sentence;
mod wrap;
mod xml;

pub use directive::{Comments, Directive};
pub use encoding::Encoding;
pub use read::read_bytes;

use std::{fmt, ops::Range};

use serde::Serialize;

use crate::text::{Direction, FileSpan, LineColumn, LineIndex, OffsetMap, Side, Span};

/// Larger files are refused: offsets into a segment are 32 bits wide.
pub const MAX_FILE_BYTES: u64 = 1 << 30;

/// One side of a segment: decoded text and where it came from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SegmentText {
    /// As a reader sees it, markup removed.
    pub text: String,
    /// The way back to the file's bytes.
    pub offsets: OffsetMap,
    /// Stretches that are not prose; sorted, not overlapping.
    pub placeables: Vec<Placeable>,
}

impl SegmentText {
    /// Text that stands in the file as it is from byte `file_start` on.
    #[must_use]
    pub fn contiguous(text: impl Into<String>, file_start: u64) -> Self {
        let text = text.into();
        let offsets = OffsetMap::contiguous(file_start, text.len());
        Self { text, offsets, placeables: Vec::new() }
    }

    /// Whether `span` touches a placeable: code, a link target, a tag.
    #[must_use]
    pub fn in_placeable(&self, span: Span) -> bool {
        let behind = self.placeables.partition_point(|known| known.span.end <= span.start);
        self.placeables.get(behind).is_some_and(|known| known.span.overlaps(span))
    }
}

/// A stretch that is carried over, not translated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placeable {
    /// Where in the segment's text.
    pub span: Span,
    /// What it is.
    pub kind: PlaceableKind,
}

/// Kinds of [`Placeable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceableKind {
    /// Inline code.
    Code,
    /// A web or mail address, or a path.
    Url,
    /// An inline tag.
    Tag,
}

/// Number of a segment in its document, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SegmentId(pub u32);

impl SegmentId {
    /// As an index into [`Document::segments`].
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for SegmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What is translated, scored and judged at once: a sentence of running text, or a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its number in the document.
    pub id: SegmentId,
    /// The paragraph, heading, list item or row it belongs to. Segments of one block follow one
    /// another; quotation marks and brackets may span them.
    pub block: u32,
    /// Language of source and target.
    pub direction: Direction,
    /// What was translated; `None` for text of which only the translation is known.
    pub source: Option<SegmentText>,
    /// The translation: what is judged.
    pub target: SegmentText,
}

impl Segment {
    /// The text of `side`; `None` for a source that is not known.
    #[must_use]
    pub fn side(&self, side: Side) -> Option<&SegmentText> {
        match side {
            Side::Source => self.source.as_ref(),
            Side::Target => Some(&self.target),
        }
    }
}

/// A part of a file that could not be read; the rest was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadProblem {
    /// Where, from 1.
    pub line: u32,
    /// What is wrong and what to do, a fragment without a full stop.
    pub message: String,
}

/// A file, read.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// As the user named it; `<stdin>` for standard input.
    pub name: String,
    /// Name of the [format](mod@format) it was read as; empty for one that was not read.
    pub format: &'static str,
    /// The whole file, decoded.
    pub text: String,
    /// How the file spells it.
    pub encoding: Encoding,
    /// In the order of the file.
    pub segments: Vec<Segment>,
    /// What could not be read.
    pub problems: Vec<ReadProblem>,
    /// Comments that tell cermat what to leave alone.
    pub directives: Vec<Directive>,
    /// Lines of `text`.
    pub lines: LineIndex,
}

impl Document {
    /// A document without segments yet.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let lines = LineIndex::new(&text);
        Self { name: name.into(), text, lines, ..Self::default() }
    }

    /// Appends a segment and numbers it.
    pub fn push(
        &mut self,
        block: u32,
        direction: Direction,
        source: Option<SegmentText>,
        target: SegmentText,
    ) {
        let id = SegmentId(u32::try_from(self.segments.len()).expect("fewer segments than bytes"));
        self.segments.push(Segment { id, block, direction, source, target });
    }

    /// Where `span` of a segment's side stands in [`Document::text`].
    #[must_use]
    pub fn in_text(&self, segment: SegmentId, side: Side, span: Span) -> Option<FileSpan> {
        self.segments.get(segment.index())?.side(side)?.offsets.to_file(span)
    }

    /// Where `span` of a segment's side stands in the file, in its own bytes.
    #[must_use]
    pub fn to_file(&self, segment: SegmentId, side: Side, span: Span) -> Option<FileSpan> {
        Some(self.encoding.to_file(&self.text, self.in_text(segment, side, span)?))
    }

    /// Line and column of the start of `span`.
    #[must_use]
    pub fn position(&self, segment: SegmentId, side: Side, span: Span) -> Option<LineColumn> {
        let place = self.in_text(segment, side, span)?;
        Some(self.lines.line_column(&self.text, place.start))
    }

    /// Line and column behind the last character of `span`.
    #[must_use]
    pub fn end(&self, segment: SegmentId, side: Side, span: Span) -> Option<LineColumn> {
        let place = self.in_text(segment, side, span)?;
        Some(self.lines.line_column(&self.text, place.end))
    }

    /// The line, from 1, on which a segment's target starts.
    #[must_use]
    pub fn line(&self, segment: SegmentId) -> u32 {
        let start = Span { start: 0, end: 0 };
        self.in_text(segment, Side::Target, start).map_or(1, |place| self.lines.line(place.start))
    }

    /// The blocks: ranges of indices into [`Document::segments`].
    pub fn blocks(&self) -> impl Iterator<Item = Range<usize>> {
        let mut start = 0;
        self.segments.chunk_by(|a, b| a.block == b.block).map(move |chunk| {
            let range = start..start + chunk.len();
            start = range.end;
            range
        })
    }
}

/// A file that cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The operating system refused.
    #[error("cannot read `{path}`")]
    Io {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Over [`MAX_FILE_BYTES`].
    #[error("`{path}` has {bytes} bytes; files up to {MAX_FILE_BYTES} bytes are read, split it")]
    TooLarge {
        /// The file.
        path: String,
        /// Its size.
        bytes: u64,
    },
    /// NUL bytes: not a text.
    #[error("`{path}` is not a text file: NUL byte at line {line}; give UTF-8 text")]
    Binary {
        /// The file.
        path: String,
        /// Where the first NUL stands.
        line: u32,
    },
    /// The text is not what its format says.
    #[error("`{path}`, line {line}: {message}")]
    Format {
        /// The file.
        path: String,
        /// Where, from 1.
        line: u32,
        /// What is wrong and what to do.
        message: String,
    },
}
