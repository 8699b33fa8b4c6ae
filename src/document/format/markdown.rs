//! Markdown.

use std::path::Path;

use super::{DocumentFormat, ReadOptions};
use crate::document::{Document, ReadError};

/// Markdown.
pub(super) struct Markdown;

impl DocumentFormat for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn accepts(&self, _path: &Path, _head: &str) -> bool {
        true
    }

    fn read(&self, _document: &mut Document, _options: &ReadOptions) -> Result<(), ReadError> {
        Ok(())
    }
}
