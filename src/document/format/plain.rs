//! Plain.

use std::path::Path;

use super::{DocumentFormat, ReadOptions};
use crate::document::{Document, ReadError};

/// Plain.
pub(super) struct Plain;

impl DocumentFormat for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn accepts(&self, _path: &Path, _head: &str) -> bool {
        true
    }

    fn read(&self, _document: &mut Document, _options: &ReadOptions) -> Result<(), ReadError> {
        Ok(())
    }
}
