//! Input formats, one file each.
//!
//! To add a format:
//! 1. write `src/document/format/<name>.rs` with a type that implements [`DocumentFormat`];
//! 2. add its `mod` line and its line in [`FORMATS`], before the formats that accept more;
//! 3. put a fixture into `tests/fixtures/formats/`; `tests/formats.rs` runs over all of them.

mod android;
mod arb;
mod columns;
mod csv;
mod docx;
mod html;
mod json;
mod json_text;
mod jsonl;
mod markdown;
mod message;
mod plain;
mod po;
mod srt;
mod tmx;
mod tsv;
mod vtt;
mod xliff;

use std::{ops::Range, path::Path};

pub use super::read::read_bytes;
pub use columns::Column;

use super::{Comments, Document, ReadError, ReadProblem, read::MAX_LISTED};
use crate::text::Direction;

/// What a reader is told about a file.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// Direction of every segment.
    pub direction: Direction,
    /// The source of a table; `None`: by the header, or the first column.
    pub source_column: Option<Column>,
    /// The target of a table; `None`: by the header, or the second column.
    pub target_column: Option<Column>,
    /// The source of a JSON record, keys of nested objects joined by stops; `None`: by known names.
    pub source_field: Option<String>,
    /// The target of a JSON record, likewise.
    pub target_field: Option<String>,
}

impl ReadOptions {
    /// Nothing but the direction.
    #[must_use]
    pub const fn new(direction: Direction) -> Self {
        Self {
            direction,
            source_column: None,
            target_column: None,
            source_field: None,
            target_field: None,
        }
    }
}

/// The text of a file that is no text, and what of it could not be read.
pub type Unpacked = (String, Vec<ReadProblem>);

/// A way to read files.
pub trait DocumentFormat: Sync {
    /// Value of `--input-format`.
    fn name(&self) -> &'static str;

    /// Whether a file of this name, beginning with `head`, is of this format.
    fn accepts(&self, path: &Path, head: &str) -> bool;

    /// How a file of this format writes comments for cermat. A reader of a format with
    /// [`Comments::Hash`] never sees them.
    fn comments(&self) -> Comments {
        Comments::None
    }

    /// For a format whose files are no text: what is read of one as text, whose lines and offsets
    /// then stand for those of the file, and what could not be read. `None` for text.
    ///
    /// # Errors
    /// [`ReadError::Format`] when nothing can be read; `name` is how the user knows the file.
    fn unpack(&self, _name: &str, _bytes: &[u8]) -> Option<Result<Unpacked, ReadError>> {
        None
    }

    /// Stretches of `text` that show markup instead of using it: a comment in them is none.
    fn literal(&self, _text: &str) -> Vec<Range<usize>> {
        Vec::new()
    }

    /// Whether `text` may take the place of a stretch of prose in a file of this format as it is,
    /// and still be read as that text.
    fn takes_raw(&self, _text: &str) -> bool {
        false
    }

    /// Cuts `text` into segments and appends them to `document`, whose `text` it is. What cannot
    /// be read becomes a [`ReadProblem`] with its line; the rest is read.
    ///
    /// # Errors
    /// [`ReadError::Format`] when nothing can be read.
    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError>;
}

/// Every format; the first that accepts a file reads it.
pub static FORMATS: &[&dyn DocumentFormat] = &[
    &markdown::Markdown,
    &tsv::Tsv,
    &csv::Csv,
    &jsonl::Jsonl,
    &po::Po,
    &arb::Arb,
    &json::Json,
    &srt::Srt,
    &vtt::Vtt,
    &docx::Docx,
    &xliff::Xliff,
    &tmx::Tmx,
    &android::Android,
    &html::Html,
    &plain::Plain,
];

/// The format that calls itself `name`.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn DocumentFormat> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

/// The first format that accepts a file of this name, beginning with `head`.
#[must_use]
pub fn detect(path: &Path, head: &str) -> &'static dyn DocumentFormat {
    let accepts = |format: &&dyn DocumentFormat| format.accepts(path, head);
    FORMATS.iter().copied().find(accepts).unwrap_or(&plain::Plain)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    extensions.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// Whether the name of a file tells nothing (`-`, `data`), so that its beginning may.
fn is_nameless(path: &Path) -> bool {
    path.extension().is_none()
}

/// Why `document` is not read at all: what is wrong at byte `at`.
fn refusal(document: &Document, at: usize, message: impl Into<String>) -> ReadError {
    let line = document.lines.line(at as u64);
    ReadError::Format { path: document.name.clone(), line, message: message.into() }
}

/// What could not be read, in the order of the file: so many one by one, and then their number.
#[derive(Debug, Default)]
struct Problems {
    listed: Vec<ReadProblem>,
    unlisted: Option<(u32, usize)>,
}

impl Problems {
    /// What is wrong at byte `at` of `document`.
    fn add(&mut self, document: &Document, at: usize, message: impl Into<String>) {
        let line = document.lines.line(at as u64);
        if self.listed.len() < MAX_LISTED {
            self.listed.push(ReadProblem { line, message: message.into() });
        } else {
            self.unlisted.get_or_insert((line, 0)).1 += 1;
        }
    }

    fn hand_to(self, document: &mut Document) {
        document.problems.extend(self.listed);
        if let Some((line, count)) = self.unlisted {
            let message =
                format!("{count} more places from here on cannot be read and are left out");
            document.problems.push(ReadProblem { line, message });
        }
    }
}

/// Where the text starts: behind the byte order mark, if there is one.
fn body(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}

/// The lines of `range`, without their ends: `\n`, `\r\n` or a `\r` alone.
fn physical_lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let rest = text.get(at..range.end).filter(|rest| !rest.is_empty())?;
        let len = rest.bytes().position(|byte| matches!(byte, b'\n' | b'\r'));
        let len = len.unwrap_or(rest.len());
        let line = at..at + len;
        at = line.end + if rest[len..].starts_with("\r\n") { 2 } else { 1 };
        Some(line)
    })
}

/// The same, each trimmed of white space.
fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    physical_lines(text, range).map(|line| trimmed(text, line))
}

/// `range` without the white space at its edges.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let content = &text[range.clone()];
    let start = range.end - content.trim_start().len();
    start..(range.start + content.trim_end().len()).max(start)
}

#[cfg(test)]
mod tester {
    use super::*;
    use crate::text::{Side, Span};

    pub(super) fn read(format: &dyn DocumentFormat, text: &str) -> Document {
        read_in(format, text, Direction::EnId)
    }

    pub(super) fn read_in(
        format: &dyn DocumentFormat,
        text: &str,
        direction: Direction,
    ) -> Document {
        read_with(format, text, &ReadOptions::new(direction)).unwrap()
    }

    pub(super) fn read_with(
        format: &dyn DocumentFormat,
        text: &str,
        options: &ReadOptions,
    ) -> Result<Document, ReadError> {
        let mut document = Document::new("test", text);
        format.read(&mut document, options)?;
        assert_eq!(document.text, text);
        Ok(document)
    }

    pub(super) fn sources(document: &Document) -> Vec<Option<&str>> {
        document.segments.iter().map(|s| s.source.as_ref().map(|text| text.text.as_str())).collect()
    }

    /// Line and message of each problem.
    pub(super) fn problems(document: &Document) -> Vec<(u32, &str)> {
        document.problems.iter().map(|problem| (problem.line, &*problem.message)).collect()
    }

    pub(super) fn targets(document: &Document) -> Vec<&str> {
        document.segments.iter().map(|segment| segment.target.text.as_str()).collect()
    }

    /// Source and target of each segment.
    pub(super) fn pairs(document: &Document) -> Vec<(Option<&str>, &str)> {
        document
            .segments
            .iter()
            .map(|segment| {
                (segment.source.as_ref().map(|s| s.text.as_str()), segment.target.text.as_str())
            })
            .collect()
    }

    /// Why `format` refuses `text`.
    pub(super) fn refused(format: &dyn DocumentFormat, text: &str) -> String {
        let mut document = Document::new("test", text);
        let options = ReadOptions::new(Direction::EnId);
        format.read(&mut document, &options).unwrap_err().to_string()
    }

    /// What stands in the file where a segment has `part`.
    pub(super) fn place<'a>(document: &'a Document, segment: usize, part: &str) -> &'a str {
        let segment = &document.segments[segment];
        let start = segment.target.text.find(part).unwrap();
        let span = Span::new(start..start + part.len());
        let place = document.to_file(segment.id, Side::Target, span).unwrap();
        &document.text[place.start as usize..place.end as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_tells_its_format() {
        let name = |path: &str| detect(Path::new(path), "").name();
        assert_eq!(name("a/b.TSV"), "tsv");
        assert_eq!(name("b.tab"), "tsv");
        assert_eq!(name("README.md"), "markdown");
        assert_eq!(name("b.Markdown"), "markdown");
        assert_eq!(name("b.HTM"), "html");
        assert_eq!(name("b.sdlxliff"), "xliff");
        assert_eq!(name("b.tmx"), "tmx");
        assert_eq!(name("values-in/strings.xml"), "android");
        assert_eq!(name("b.docx"), "docx");
        assert_eq!(name("b.txt"), "plain");
        assert_eq!(name("b.xml"), "plain");
        assert_eq!(name("-"), "plain");
        assert_eq!(name("a.csv"), "csv");
        assert_eq!(name("a.ndjson"), "jsonl");
        assert_eq!(name("id.po"), "po");
        assert_eq!(name("app_id.arb"), "arb");
        assert_eq!(name("id.json"), "json");
        assert_eq!(name("a.SRT"), "srt");
        assert_eq!(name("a.vtt"), "vtt");
    }

    #[test]
    fn the_beginning_tells_it_where_the_name_does_not() {
        for (head, format) in [
            ("\u{feff}WEBVTT\n", "vtt"),
            ("1\r\n00:00:01,000 --> 00:00:02,000\r\nHalo.", "srt"),
            ("# Komentar\nmsgid \"\"\nmsgstr \"\"\n", "po"),
            ("{\"source\": \"One\", \"target\": \"Satu\"}\n{", "jsonl"),
            ("{\n  \"@@locale\": \"id\",", "arb"),
            ("{\n  \"halo\": \"Halo\"\n}", "json"),
            ("Halo, dunia.\n{x}", "plain"),
        ] {
            assert_eq!(detect(Path::new("-"), head).name(), format, "{head}");
            assert_eq!(detect(Path::new("a.txt"), head).name(), "plain");
        }
    }

    #[test]
    fn the_beginning_of_a_file_tells_what_its_name_does_not() {
        let name = |path: &str, head: &str| detect(Path::new(path), head).name();
        assert_eq!(name("b.xml", "<?xml version='1.0'?>\n<!-- a -->\n<resources>"), "android");
        assert_eq!(name("-", "<xliff version='1.2'>"), "xliff");
        assert_eq!(name("-", "\u{feff}<?xml?><!DOCTYPE tmx SYSTEM \"tmx14.dtd\"><tmx >"), "tmx");
        assert_eq!(name("a.txt", "\n<!DOCTYPE html>"), "html");
        assert_eq!(name("-", "<html lang=id>"), "html");
        assert_eq!(name("a", "PK\u{3}\u{4}"), "docx");
        assert_eq!(name("a.md", "<html>"), "markdown");
        assert_eq!(name("strings.xml", "<a>"), "plain");
        assert_eq!(name("b.xml", "<project>"), "plain");
    }

    #[test]
    fn every_format_has_a_name_of_its_own() {
        for format in FORMATS {
            assert_eq!(by_name(format.name()).unwrap().name(), format.name());
        }
        assert!(by_name("doc").is_none());
    }
}
