//! Byte offsets as lines and columns.

use serde::Serialize;

/// A place as editors show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LineColumn {
    /// From 1.
    pub line: u32,
    /// In Unicode code points, from 1.
    pub column: u32,
}

/// How many bytes of a long line lie between two columns that are known: a file may be one line.
const STRIDE: usize = 4096;

/// The line starts of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u64>,
    /// Bytes inside of long lines, ascending, and how many columns stand before each on its line.
    marks: Vec<(u64, u32)>,
}

impl LineIndex {
    /// Indexes `text`; a line ends at `\n`, `\r\n` or a `\r` alone.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut index = Self::of_bytes(text.as_bytes());
        let ends = index.starts.iter().skip(1).map(|end| *end as usize).chain([text.len()]);
        for (start, end) in index.starts.iter().map(|start| *start as usize).zip(ends) {
            let (mut from, mut column) = (start, 0);
            while end - from > STRIDE {
                let to = text.floor_char_boundary(from + STRIDE);
                column += columns(&text[from..to], from == start);
                index.marks.push((to as u64, column));
                from = to;
            }
        }
        index
    }

    /// The lines of bytes that need not be UTF-8.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut starts = vec![0];
        starts.extend(
            bytes
                .iter()
                .enumerate()
                .filter(|(i, b)| match b {
                    b'\n' => true,
                    b'\r' => bytes.get(i + 1) != Some(&b'\n'),
                    _ => false,
                })
                .map(|(i, _)| i as u64 + 1),
        );
        Self { starts, marks: Vec::new() }
    }

    /// The line, from 1, that holds byte `offset`.
    #[must_use]
    pub fn line(&self, offset: u64) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= offset).max(1))
            .unwrap_or(u32::MAX)
    }

    /// The first byte of `line` (from 1); `None` past the end.
    #[must_use]
    pub fn start(&self, line: u32) -> Option<u64> {
        self.starts.get((line as usize).checked_sub(1)?).copied()
    }

    /// Line and column of byte `offset` of `text`, the text that was indexed. A byte order mark
    /// is no column.
    #[must_use]
    pub fn line_column(&self, text: &str, offset: u64) -> LineColumn {
        let line = self.line(offset);
        let start = self.start(line).unwrap_or(0);
        let passed = self.marks.partition_point(|(at, _)| *at <= offset);
        let mark = passed.checked_sub(1).map(|last| self.marks[last]).filter(|(at, _)| *at > start);
        let (from, before) = mark.unwrap_or((start, 0));
        let rest = text.get(from as usize..offset as usize).unwrap_or("");
        let column = before.saturating_add(columns(rest, from == start)).saturating_add(1);
        LineColumn { line, column }
    }
}

/// How many columns `text` is, a stretch of a line, or its beginning.
fn columns(text: &str, at_start: bool) -> u32 {
    let text = if at_start { text.trim_start_matches('\u{feff}') } else { text };
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_code_points() {
        let text = "satu\r\n“dua” x\n";
        let index = LineIndex::new(text);
        let x = text.find('x').unwrap() as u64;
        assert_eq!(index.line_column(text, x), LineColumn { line: 2, column: 7 });
        assert_eq!(index.line(text.len() as u64), 3);
        assert_eq!(index.line_column("", 0), LineColumn { line: 1, column: 1 });
    }

    #[test]
    fn a_return_alone_ends_a_line_and_a_byte_order_mark_is_no_column() {
        let text = "\u{feff}satu\rdua\r\n\rempat";
        let index = LineIndex::new(text);
        let at = |word| index.line_column(text, text.find(word).unwrap() as u64);
        assert_eq!(at("satu"), LineColumn { line: 1, column: 1 });
        assert_eq!(at("dua"), LineColumn { line: 2, column: 1 });
        assert_eq!(at("empat"), LineColumn { line: 4, column: 1 });
    }

    #[test]
    fn columns_of_long_lines() {
        let line = "“é😀 x”".repeat(3000);
        let text = format!("\u{feff}{line}\n{line}\r\n{line}");
        let index = LineIndex::new(&text);
        assert!(index.marks.len() > 10);
        for (at, _) in text.char_indices().skip(1).step_by(101) {
            let before = &text[..at];
            let start = before.rfind('\n').map_or('\u{feff}'.len_utf8(), |at| at + 1);
            let column = before[start..].chars().count() as u32 + 1;
            let line = before.matches('\n').count() as u32 + 1;
            assert_eq!(index.line_column(&text, at as u64), LineColumn { line, column });
        }
    }
}
