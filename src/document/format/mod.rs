//! Input formats, one file each.
//!
//! To add a format:
//! 1. write `src/document/format/<name>.rs` with a type that implements [`DocumentFormat`];
//! 2. add its `mod` line and its line in [`FORMATS`], before the formats that accept more;
//! 3. put a fixture into `tests/fixtures/formats/`; `tests/formats.rs` runs over all of them.

mod markdown;
mod plain;
mod tsv;

use std::path::Path;

use super::{Document, ReadError};
use crate::text::Direction;

/// What a reader is told about a file.
#[derive(Debug, Clone, Copy)]
pub struct ReadOptions {
    /// Direction of every segment.
    pub direction: Direction,
}

/// A way to read files.
pub trait DocumentFormat: Sync {
    /// Value of `--input-format`.
    fn name(&self) -> &'static str;

    /// Whether a file of this name, beginning with `head`, is of this format.
    fn accepts(&self, path: &Path, head: &str) -> bool;

    /// Cuts `text` into segments and appends them to `document`, whose `text` it is. What cannot
    /// be read becomes a [`super::ReadProblem`] with its line; the rest is read.
    ///
    /// # Errors
    /// [`ReadError::Format`] when nothing can be read.
    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError>;
}

/// Every format; the first that accepts a file reads it.
pub static FORMATS: &[&dyn DocumentFormat] = &[&markdown::Markdown, &tsv::Tsv, &plain::Plain];

/// The format of this name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static dyn DocumentFormat> {
    FORMATS.iter().copied().find(|format| format.name() == name)
}

/// Reads a file.
///
/// # Errors
/// [`ReadError`] when nothing of it can be read.
pub fn read_bytes(
    name: &str,
    path: &Path,
    bytes: Vec<u8>,
    format: Option<&dyn DocumentFormat>,
    options: &ReadOptions,
) -> Result<Document, ReadError> {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut document = Document::new(name, text);
    let format = format.unwrap_or(&plain::Plain);
    let _ = path;
    format.read(&mut document, options)?;
    Ok(document)
}
