//! Bytes to documents: encoding, format, segments.

use std::{borrow::Cow, path::Path};

use super::{
    Comments, Document, MAX_FILE_BYTES, ReadError,
    directive::{blanked, directives},
    encoding::{self, Decoded, Encoding},
    format::{self, DocumentFormat, ReadOptions},
};
use crate::text::LineIndex;

/// How many bad lines are listed one by one; a file in another encoding has thousands.
pub(super) const MAX_LISTED: usize = 20;

/// How much of a file a format is shown to tell whether it is its own, in bytes.
pub(super) const HEAD: usize = 1024;

/// Reads the file of contents `bytes`, which the user knows as `name`.
///
/// `path` and the beginning of the text choose the format, unless `format` is given.
/// A file is UTF-8, UTF-16 with a byte order mark or without, or in the encoding of one byte a
/// character that it names (XML, PO, HTML). [`Document::text`] has it all: a byte order mark stays as a
/// character that belongs to no segment, and a line that is not valid UTF-8 is replaced by as many
/// spaces, with a [`ReadProblem`](super::ReadProblem); the other lines are read. A line ends at `\n`,
/// `\r\n` or a `\r` alone. An empty file has no segments.
///
/// # Errors
/// [`ReadError::TooLarge`] over [`MAX_FILE_BYTES`]; [`ReadError::Binary`] with the line of the
/// first NUL; [`ReadError::Format`] for UTF-32 with a byte order mark, and for what the format
/// refuses.
///
/// ```
/// use std::path::Path;
/// use cermat::{document::{format::ReadOptions, read_bytes}, text::Direction};
///
/// let options = ReadOptions::new(Direction::EnId);
/// let read = |bytes: &[u8]| read_bytes("a.txt", Path::new("a.txt"), bytes.to_vec(), None, &options);
///
/// let document = read(b"Satu. Dua.\nTi\xffga.\nEmpat.").unwrap();
/// assert_eq!(document.segments.len(), 3);
/// assert_eq!(document.problems[0].line, 2);
///
/// let error = read(b"satu\n\0").unwrap_err();
/// assert_eq!(error.to_string(), "`a.txt` is not a text file: NUL byte at line 2; give UTF-8 text");
/// ```
pub fn read_bytes(
    name: &str,
    path: &Path,
    bytes: Vec<u8>,
    format: Option<&dyn DocumentFormat>,
    options: &ReadOptions,
) -> Result<Document, ReadError> {
    let size = bytes.len() as u64;
    if size > MAX_FILE_BYTES {
        return Err(ReadError::TooLarge { path: name.to_owned(), bytes: size });
    }
    if encoding::is_utf32(&bytes) {
        return Err(ReadError::Format {
            path: name.to_owned(),
            line: 1,
            message: "the file begins with a UTF-32 byte order mark; save it as UTF-8".to_owned(),
        });
    }
    let utf16 = encoding::utf16(&bytes);
    let head = match &utf16 {
        Some(Decoded { text, .. }) => Cow::Borrowed(&text[..text.floor_char_boundary(HEAD)]),
        None => String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD)]),
    };
    let format = format.unwrap_or_else(|| format::detect(path, &head));
    let Decoded { text, encoding, problems } = match format.unpack(name, &bytes) {
        Some(unpacked) => {
            let (text, problems) = unpacked?;
            Decoded { text, encoding: Encoding::default(), problems }
        }
        None => {
            let bytes_of_text = utf16.as_ref().map_or(&*bytes, |utf16| utf16.text.as_bytes());
            if let Some(nul) = bytes_of_text.iter().position(|byte| *byte == 0) {
                let line = LineIndex::of_bytes(&bytes_of_text[..nul]).line(nul as u64);
                return Err(ReadError::Binary { path: name.to_owned(), line });
            }
            utf16.unwrap_or_else(|| encoding::decode(bytes))
        }
    };
    let mut document = Document::new(name, text);
    document.encoding = encoding;
    document.problems = problems;
    document.format = format.name();
    document.directives = directives(&document.text, format.comments());
    if format.comments() == Comments::Hash && !document.directives.is_empty() {
        let blanked = blanked(&document.text, &document.directives);
        let text = std::mem::replace(&mut document.text, blanked);
        format.read(&mut document, options)?;
        document.text = text;
    } else {
        if !document.directives.is_empty() {
            let quoted = format.literal(&document.text);
            let shown = |at| quoted.iter().any(|code| code.contains(&at));
            document.directives.retain(|directive| !shown(directive.range.start));
        }
        format.read(&mut document, options)?;
    }
    document.problems.sort_by_key(|problem| problem.line);
    Ok(document)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        document::format::FORMATS,
        text::{Direction, Side, Span},
    };

    const OPTIONS: ReadOptions = ReadOptions::new(Direction::EnId);

    fn read(bytes: &[u8]) -> Result<Document, ReadError> {
        read_bytes("a.txt", Path::new("a.txt"), bytes.to_vec(), None, &OPTIONS)
    }

    fn targets(document: &Document) -> Vec<&str> {
        document.segments.iter().map(|segment| segment.target.text.as_str()).collect()
    }

    #[test]
    fn a_bad_line_is_left_out_and_offsets_stay() {
        let document = read(b"Satu.\r\nDu\xe9a \xff.\r\nTiga.").unwrap();
        assert_eq!(targets(&document), ["Satu.", "Tiga."]);
        assert_eq!(document.problems.len(), 1);
        assert_eq!(document.problems[0].line, 2);
        assert!(document.problems[0].message.starts_with("byte 9 of the file (0xe9)"));
        let span = Span::new(0..4);
        let place = document.to_file(document.segments[1].id, Side::Target, span).unwrap();
        assert_eq!(place.start, 16);
        assert_eq!(document.line(document.segments[1].id), 3);
    }

    #[test]
    fn a_file_in_another_encoding_does_not_flood() {
        let document = read(&b"caf\xe9\n".repeat(1000)).unwrap();
        assert_eq!(document.problems.len(), MAX_LISTED + 1);
        let last = &document.problems[MAX_LISTED];
        assert_eq!(last.line, 21);
        assert!(last.message.starts_with("980 more lines"), "{}", last.message);
        // A sequence that the end of the file cuts off.
        assert_eq!(targets(&read(b"Satu.\n\xe2\x80").unwrap()), ["Satu."]);
    }

    #[test]
    fn marks_of_encodings() {
        let document = read("\u{feff}Satu. Dua.".as_bytes()).unwrap();
        assert_eq!(targets(&document), ["Satu.", "Dua."]);
        let place = document.to_file(document.segments[0].id, Side::Target, Span::new(0..5));
        assert_eq!(place.unwrap().start, 3);
        let position = document.position(document.segments[0].id, Side::Target, Span::new(0..5));
        assert_eq!(position.unwrap().column, 1);
        let document = read(b"\xfe\xff\0S\0a\0.\0\n\0D").unwrap();
        assert_eq!(targets(&document), ["Sa.", "D"]);
        let place = document.to_file(document.segments[1].id, Side::Target, Span::new(0..1));
        assert_eq!(place.unwrap().start, 10);
        assert_eq!(document.line(document.segments[1].id), 2);
        let error = read(b"\xff\xfeS\0\n\0\0\0").unwrap_err().to_string();
        assert!(error.contains("NUL byte at line 2"), "{error}");
        let error = read(b"\xff\xfe\0\0S\0\0\0").unwrap_err().to_string();
        assert!(error.contains("UTF-32"), "{error}");
    }

    #[test]
    fn empty_files_and_long_lines() {
        assert!(read(b"").unwrap().segments.is_empty());
        assert!(read(b"\r\n \n").unwrap().segments.is_empty());
        assert_eq!(targets(&read(b"satu\rdua\r\n\rtiga").unwrap()), ["satu", "dua", "tiga"]);
        for format in FORMATS {
            let units = [
                "kata ",
                "a. B ",
                "*",
                "`",
                "<b>",
                "[",
                "&amp; ",
                "![",
                "a@b.",
                "\t",
                "| ",
                "<",
                "&",
                "<p>",
                "<i></b>",
                "<!--",
                "<a b='",
                "a=\"b\" ",
                "<!-- --><![CDATA[",
                "<br>",
                "\u{e9}&",
                "\"",
                "a,\"b\n",
                "\\",
                "{",
                "{\"a\":",
                "{a, plural, b{",
                "}}",
                "# ",
                "msgid \"a\"\n",
                "1\n0:01 --> 0:02\na\n\n",
                "%s",
            ];
            for unit in units {
                let bytes = unit.repeat((1 << 18) / unit.len()).into_bytes();
                let start = std::time::Instant::now();
                let document = read_bytes("a", Path::new("a"), bytes, Some(*format), &OPTIONS);
                assert!(matches!(document, Ok(_) | Err(ReadError::Format { .. })));
                assert!(start.elapsed().as_secs() < 10, "{} {unit:?}", format.name());
            }
        }
    }

    /// Run with `--release --nocapture --ignored`.
    #[test]
    #[ignore = "a measurement"]
    fn speed() {
        let line = "Rumahnya di **Jl. Melati** No. 5, kata Budi. \"Ayo pergi!\" katanya, lalu \
                    mereka membeli buah &amp; sayur.\tHarganya Rp. 5.000 pada pukul 08.30. **\n";
        for (name, text) in [
            ("lines", line.repeat(20_000)),
            ("paragraphs", line.replace('\n', "\n\n").repeat(20_000)),
            ("one line", line.replace(['\n', '\t'], " ").repeat(20_000)),
        ] {
            for format in FORMATS {
                let bytes = text.clone().into_bytes();
                let (size, start) = (bytes.len() as f64 / 1e6, std::time::Instant::now());
                let read = read_bytes("a", Path::new("a"), bytes, Some(*format), &OPTIONS).unwrap();
                let seconds = start.elapsed().as_secs_f64();
                let (format, count) = (format.name(), read.segments.len());
                println!("{format}, {name}: {count} segments, {:.1} MB/s", size / seconds);
            }
        }
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                "a",
                "B",
                "kata ",
                "Dua. ",
                "\n",
                "\r",
                "\r\n",
                "\n\n",
                "\t",
                " ",
                "    ",
                "> ",
                "- ",
                "1. ",
                "# ",
                "---\n",
                "**",
                "*",
                "_",
                "`",
                "```\n",
                "[a](b)",
                "![",
                "](",
                "[^1]",
                "&amp;",
                "&#65;",
                "<b>",
                "</b>",
                "<div>",
                "<!--",
                "|",
                "|-|-|\n",
                "\\",
                "~~",
                "é",
                "漢。",
                "\u{feff}",
                "https://a.id",
                "source\ttarget\n",
                "===\n",
                "<br>",
                "key: x\n",
                "<p>",
                "<img alt='",
                "' title=\"",
                "<code>",
                "<script>",
                "&eacute",
                "&#x",
                "]]>",
                "<![CDATA[",
                "<xliff><file source-language='en' target-language='id'><trans-unit>",
                "<source>",
                "</source>",
                "<target>",
                "</target></trans-unit>",
                "<mrk mtype='seg' mid='1'>",
                "</mrk>",
                "<ph>",
                "</ph>",
                "<x/>",
                "<tmx><tu><tuv lang='id'><seg>",
                "</seg></tuv></tu>",
                "<resources><string>",
                "</string>",
                "\\u0041",
                "&nama;",
                "PK\u{3}\u{4}",
                "\"",
                "\"\"",
                ",",
                ";",
                "source,target\n",
                "{\"source\": \"a\", \"mt\": \"b \\ud83d\\ude00 \\n\"}\n",
                "{\"a\": \"b\", \"c\": [\"d\"]}",
                "{",
                "}",
                "\\u00e9",
                "{n, plural, other{",
                "%s",
                "msgid \"a\"\n",
                "msgid_plural \"b\"\n",
                "msgstr[0] \"c %s\\n\"\n",
                "msgstr \"d\"\n",
                "#, fuzzy\n",
                "1\n00:01 --> 00:02\n",
                "<i>",
                "WEBVTT\n\n",
            ])
            .prop_map(|piece| piece.as_bytes().to_vec()),
            any::<u8>().prop_map(|byte| vec![byte]),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in bytes(), index in 0..FORMATS.len()) {
            let size = bytes.len() as u64;
            let read = read_bytes("a", Path::new("a"), bytes, Some(FORMATS[index]), &OPTIONS);
            let Ok(document) = read else { return Ok(()) };
            let mut block = 0;
            for segment in &document.segments {
                prop_assert!(segment.block >= block);
                block = segment.block;
                for side in [Side::Source, Side::Target] {
                    let Some(text) = segment.side(side) else { continue };
                    prop_assert!(!text.text.trim().is_empty());
                    let mut end = 0;
                    for placeable in &text.placeables {
                        prop_assert!(placeable.span.start >= end);
                        end = placeable.span.end;
                        prop_assert!(!placeable.span.of(&text.text).is_empty());
                    }
                    for (at, c) in text.text.char_indices() {
                        let span = Span::new(at..at + c.len_utf8());
                        let place = document.to_file(segment.id, side, span).unwrap();
                        prop_assert!(place.start < place.end && place.end <= size);
                        let place = document.in_text(segment.id, side, span).unwrap();
                        let range = place.start as usize..place.end as usize;
                        prop_assert!(document.text.get(range).is_some());
                    }
                }
            }
        }
    }
}
