//! Tsv.

use std::path::Path;

use super::{DocumentFormat, ReadOptions};
use crate::document::{Document, ReadError};

/// Tsv.
pub(super) struct Tsv;

impl DocumentFormat for Tsv {
    fn name(&self) -> &'static str {
        "tsv"
    }

    fn accepts(&self, _path: &Path, _head: &str) -> bool {
        true
    }

    fn read(&self, _document: &mut Document, _options: &ReadOptions) -> Result<(), ReadError> {
        Ok(())
    }
}
