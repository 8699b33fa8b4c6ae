//! Plain text: a paragraph a line, or wrapped paragraphs between blank lines.
//!
//! The rule of `wrap.rs` tells one from the other. Nothing is markup here: what looks like it
//! stays in the text. A line without a letter or digit (`***`) is a segment too.

use std::{ops::Range, path::Path};

use super::{DocumentFormat, ReadOptions, body, lines};
use crate::{
    document::{
        Comments, Document, ReadError,
        block::{Blocks, Builder},
        wrap,
    },
    text::OffsetMap,
};

/// Plain text; accepts every file.
pub(super) struct Plain;

impl DocumentFormat for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn accepts(&self, _path: &Path, _head: &str) -> bool {
        true
    }

    fn comments(&self) -> Comments {
        Comments::Hash
    }

    fn takes_raw(&self, text: &str) -> bool {
        !text.contains(['\n', '\r'])
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let to_file = OffsetMap::contiguous(0, text.len());
        let mut blocks = Blocks::new(document, options);
        let mut paragraph: Vec<Range<usize>> = Vec::new();
        for line in lines(&text, body(&text)..text.len()) {
            if line.is_empty() || wrap::starts_item(&text[line.clone()]) {
                read_paragraph(&text, &to_file, &paragraph, &mut blocks);
                paragraph.clear();
            }
            if !line.is_empty() {
                paragraph.push(line);
            }
        }
        read_paragraph(&text, &to_file, &paragraph, &mut blocks);
        document.text = text;
        Ok(())
    }
}

fn read_paragraph(
    text: &str,
    to_file: &OffsetMap,
    lines: &[Range<usize>],
    blocks: &mut Blocks<'_>,
) {
    let contents: Vec<&str> = lines.iter().map(|line| &text[line.clone()]).collect();
    for group in wrap::groups(&contents, false) {
        let mut builder = Builder::new(text, to_file);
        let mut end = None;
        for line in &lines[group] {
            if let Some(end) = end {
                builder.decode(" ", end..line.start);
            }
            builder.copy(line.clone());
            end = Some(line.end);
        }
        blocks.push(builder.text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, read, targets};
    use super::Plain;

    #[test]
    fn each_line_is_a_block() {
        let document = read(&Plain, "Judul\nSatu. Dua **tiga. **\n\n  ***\n");
        assert_eq!(targets(&document), ["Judul", "Satu.", "Dua **tiga. **", "***"]);
        let blocks: Vec<_> = document.segments.iter().map(|segment| segment.block).collect();
        assert_eq!(blocks, [0, 1, 1, 2]);
    }

    #[test]
    fn wrapped_lines_are_joined_and_map_back() {
        let text = "Pemerintah kota meresmikan taman baru di tepi \r\n  sungai. Taman itu dibangun \
                    selama dua tahun\r\ndan dibuka untuk umum mulai hari ini.\r\n- satu\r\n- dua";
        let document = read(&Plain, text);
        assert_eq!(
            targets(&document),
            [
                "Pemerintah kota meresmikan taman baru di tepi sungai.",
                "Taman itu dibangun selama dua tahun dan dibuka untuk umum mulai hari ini.",
                "- satu",
                "- dua",
            ]
        );
        assert_eq!(place(&document, 0, "tepi sungai"), "tepi \r\n  sungai");
        assert_eq!(place(&document, 1, "dibuka"), "dibuka");
        assert_eq!(document.line(document.segments[3].id), 5);
    }
}
