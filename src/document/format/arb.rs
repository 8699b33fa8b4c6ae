//! Application Resource Bundle, as Flutter uses it: JSON of messages in the syntax of ICU.
//!
//! Read like other JSON files of strings (`json.rs`), which leaves out `@@locale` and the notes
//! (`@key`). ARB has no comments: use a baseline.

use std::path::Path;

use super::{
    DocumentFormat, ReadOptions, body, has_extension, is_nameless, json::read_strings, json_text,
};
use crate::document::{Document, ReadError};

/// Application Resource Bundle: `.arb`.
pub(super) struct Arb;

impl DocumentFormat for Arb {
    fn name(&self) -> &'static str {
        "arb"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        let head = &head[body(head)..];
        has_extension(path, &["arb"])
            || (is_nameless(path) && head.starts_with('{') && head.contains("\"@@"))
    }

    fn takes_raw(&self, text: &str) -> bool {
        json_text::takes_raw(text)
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        read_strings(document, options)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, read, targets};
    use super::*;
    use crate::document::PlaceableKind;

    #[test]
    fn branches_of_a_plural_are_read_one_by_one() {
        let text = "{\n  \"@@locale\": \"id\",\n  \"n\": \"{n, plural, =0{Tidak ada pesan} other{{n} pesan \\\"baru\\\"}}\",\n  \
                    \"@n\": {\"placeholders\": {\"n\": {\"type\": \"int\"}}},\n  \"hi\": \"Halo, {name}!\"\n}";
        let document = read(&Arb, text);
        assert_eq!(targets(&document), ["Tidak ada pesan", "{n} pesan \"baru\"", "Halo, {name}!"]);
        assert_eq!(place(&document, 1, "\"baru\""), "\\\"baru\\\"");
        for segment in &document.segments[1..] {
            assert_eq!(segment.target.placeables.len(), 1);
            assert_eq!(segment.target.placeables[0].kind, PlaceableKind::Code);
        }
    }
}
