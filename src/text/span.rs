//! Ranges of text, and the way from a segment's text back to the file.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Half-open range of UTF-8 byte offsets into one side of one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `range`.
    ///
    /// # Panics
    /// If an offset does not fit in 32 bits; readers refuse lines that long (see
    /// [`crate::document::MAX_FILE_BYTES`]).
    #[must_use]
    pub fn new(range: Range<usize>) -> Self {
        let offset = |n| u32::try_from(n).expect("readers refuse texts of 4 GiB");
        Self { start: offset(range.start), end: offset(range.end) }
    }

    /// The smallest span that holds both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether the two share at least one byte.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it covers no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The same as a range of `usize`, for slicing.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The bytes of `text` that it covers; empty where it does not fit `text`.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }
}

/// Range of bytes in the file on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FileSpan {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

/// The two sides of a translation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// What was translated.
    Source,
    /// The translation: what is judged.
    Target,
}

/// Maps byte offsets of a segment's text to byte offsets of its file.
///
/// The text of a segment is made of stretches copied from the file; between them lie bytes
/// that are markup, escapes or line ends. Inside a stretch that was copied, offsets differ by a
/// constant; a stretch that was *decoded* (`&amp;` read as `&`) maps as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OffsetMap {
    /// Sorted, adjacent in the text: `(text_start, text_len, file_start, file_len)`.
    runs: Vec<Run>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    text_start: u32,
    text_len: u32,
    file_start: u64,
    file_len: u64,
}

impl OffsetMap {
    /// A text that stands in the file as it is, from byte `file_start` on.
    #[must_use]
    pub fn contiguous(file_start: u64, len: usize) -> Self {
        let mut map = Self::default();
        map.push(len, file_start, len as u64);
        map
    }

    /// Appends the next stretch: `text_len` bytes of text that stand for `file_len` bytes of
    /// the file from `file_start`. Stretches come in the order of the text.
    pub fn push(&mut self, text_len: usize, file_start: u64, file_len: u64) {
        let text_len = u32::try_from(text_len).expect("readers refuse texts of 4 GiB");
        if let Some(last) = self.runs.last_mut() {
            let copied = |len: u32, bytes: u64| u64::from(len) == bytes;
            if last.file_start + last.file_len == file_start
                && copied(last.text_len, last.file_len)
                && copied(text_len, file_len)
            {
                last.text_len += text_len;
                last.file_len += file_len;
                return;
            }
        }
        let text_start = self.text_len();
        self.runs.push(Run { text_start, text_len, file_start, file_len });
    }

    /// Appends the stretches of `other`, whose text follows this one's.
    pub fn append(&mut self, other: &Self) {
        for run in &other.runs {
            self.push(run.text_len as usize, run.file_start, run.file_len);
        }
    }

    fn text_len(&self) -> u32 {
        self.runs.last().map_or(0, |run| run.text_start + run.text_len)
    }

    /// Where `span` stands in the file, from the first byte it covers to the last; `None` when
    /// it lies outside the text.
    #[must_use]
    pub fn to_file(&self, span: Span) -> Option<FileSpan> {
        if span.end > self.text_len() || span.start > span.end {
            return None;
        }
        let start = self.position(span.start, false)?;
        // The end of a span belongs to its last byte: markup that follows is not covered.
        let end = if span.is_empty() { start } else { self.position(span.end, true)? };
        Some(FileSpan { start, end })
    }

    fn position(&self, offset: u32, is_end: bool) -> Option<u64> {
        let index = self.runs.partition_point(|run| {
            if is_end { run.text_start < offset } else { run.text_start <= offset }
        });
        let run = self.runs.get(index.checked_sub(1)?)?;
        let inside = offset - run.text_start;
        if u64::from(run.text_len) == run.file_len {
            return Some(run.file_start + u64::from(inside));
        }
        // A decoded stretch has no inside: its start for a start, its end for an end.
        Some(if is_end || inside >= run.text_len {
            run.file_start + run.file_len
        } else {
            run.file_start
        })
    }

    /// The map of the part `span` of the text, whose offsets then count from `span.start`.
    #[must_use]
    pub fn slice(&self, span: Span) -> Self {
        let mut map = Self::default();
        let first = self.runs.partition_point(|run| run.text_start + run.text_len <= span.start);
        for run in self.runs[first..].iter().take_while(|run| run.text_start < span.end) {
            let (start, end) =
                (run.text_start.max(span.start), (run.text_start + run.text_len).min(span.end));
            if start >= end {
                continue;
            }
            if u64::from(run.text_len) == run.file_len {
                let file_start = run.file_start + u64::from(start - run.text_start);
                map.push((end - start) as usize, file_start, u64::from(end - start));
            } else {
                map.push((end - start) as usize, run.file_start, run.file_len);
            }
        }
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_skip_markup_and_keep_decoded_stretches_whole() {
        // File: `a **b** &amp; c`, text: `a b & c`.
        let mut map = OffsetMap::default();
        map.push(2, 0, 2);
        map.push(1, 4, 1);
        map.push(1, 7, 1);
        map.push(1, 8, 5);
        map.push(2, 13, 2);
        let file = |start, end| map.to_file(Span { start, end }).unwrap();
        assert_eq!(file(2, 3), FileSpan { start: 4, end: 5 });
        assert_eq!(file(0, 3), FileSpan { start: 0, end: 5 });
        assert_eq!(file(4, 5), FileSpan { start: 8, end: 13 });
        assert_eq!(file(6, 7), FileSpan { start: 14, end: 15 });
        assert_eq!(file(3, 3), FileSpan { start: 7, end: 7 });
        assert_eq!(map.to_file(Span { start: 6, end: 8 }), None);
    }

    #[test]
    fn a_slice_maps_like_the_whole() {
        let mut map = OffsetMap::default();
        map.push(4, 10, 4);
        map.push(3, 20, 3);
        let part = map.slice(Span { start: 2, end: 6 });
        assert_eq!(part.to_file(Span { start: 0, end: 4 }), Some(FileSpan { start: 12, end: 22 }));
        assert_eq!(part.to_file(Span { start: 2, end: 3 }), Some(FileSpan { start: 20, end: 21 }));
    }
}
