//! DOCX: documents of word processors, read only.
//!
//! The text of the document is a paragraph a line: a line number is that of the paragraph among
//! those that have text. First comes the body with its tables and text boxes, then footnotes,
//! endnotes, headers and footers. A paragraph is a block, cut into sentences. Left out are tracked
//! deletions, hidden text, formulas, comments and the codes of fields. Formatting is transparent.

use std::{
    fmt::Write as _,
    io::{Cursor, Read as _},
    path::Path,
};

use zip::ZipArchive;

use super::{DocumentFormat, ReadOptions, Unpacked, has_extension, lines};
use crate::{
    document::{
        Document, ReadError, ReadProblem,
        block::{Blocks, Builder},
        xml::{Broken, Event, Xml},
    },
    text::{LineIndex, OffsetMap},
};

/// DOCX: `.docx` and `.docm`, and zip archives of any name.
pub(super) struct Docx;

/// Largest part of an archive that is read, unpacked, in bytes.
const MAX_PART: u64 = 1 << 28;

/// How many times its packed size a part may have, over [`FREE`]. 300,000 paragraphs of the same
/// sentence have 294 times (zlib at level 6), a table of random words 77.
const MAX_RATIO: u64 = 500;

/// Parts up to this size, in bytes, may be packed at any ratio.
const FREE: u64 = 1 << 20;

/// How many files an archive may hold.
const MAX_FILES: usize = 10_000;

impl DocumentFormat for Docx {
    fn name(&self) -> &'static str {
        "docx"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        has_extension(path, &["docx", "docm"]) || head.starts_with("PK\u{3}\u{4}")
    }

    fn unpack(&self, name: &str, bytes: &[u8]) -> Option<Result<Unpacked, ReadError>> {
        let refused = |message| ReadError::Format { path: name.to_owned(), line: 1, message };
        Some(unpack(bytes).map_err(refused))
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let to_file = OffsetMap::contiguous(0, text.len());
        let mut blocks = Blocks::new(document, options);
        for line in lines(&text, 0..text.len()) {
            let mut builder = Builder::new(&text, &to_file);
            builder.copy(line);
            blocks.push(builder.text);
        }
        document.text = text;
        Ok(())
    }
}

/// The text of the archive, or why there is none.
fn unpack(bytes: &[u8]) -> Result<Unpacked, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| {
        format!("not a DOCX file, or a damaged one: {error}; save it again as DOCX")
    })?;
    if archive.len() > MAX_FILES {
        return Err(format!("the archive holds {} files, over {MAX_FILES}", archive.len()));
    }
    let main = main_part(&mut archive)?;
    let mut parts: Vec<String> = vec![main.clone()];
    let folder = main.rfind('/').map_or("", |at| &main[..=at]);
    for kind in ["footnotes", "endnotes", "header", "footer"] {
        let is_part = |name: &String| {
            let number = name.strip_prefix(folder).and_then(|name| name.strip_prefix(kind));
            number
                .and_then(|rest| rest.strip_suffix(".xml"))
                .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let names = archive.file_names().filter_map(Result::ok).map(|name| name.into_owned());
        let mut found: Vec<String> = names.filter(is_part).collect();
        found.sort_by_key(|name| (name.len(), name.clone()));
        parts.extend(found);
    }
    let mut text = String::new();
    let mut problems = Vec::new();
    for part in parts {
        let read = read_part(&mut archive, &part).and_then(|xml| {
            let broken = paragraphs(&xml, &mut text).err();
            broken.map_or(Ok(()), |broken| {
                let (line, message) = broken.place(&LineIndex::new(&xml));
                Err(format!("`{part}`, line {line}: {message}"))
            })
        });
        if let Err(message) = read {
            if text.is_empty() && part == main {
                return Err(message);
            }
            let line = u32::try_from(text.lines().count().max(1)).unwrap_or(u32::MAX);
            let message = format!("{message}; what stands before was read");
            problems.push(ReadProblem { line, message });
        }
    }
    Ok((text, problems))
}

/// The part that holds the body, by the relations of the archive.
fn main_part(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<String, String> {
    const USUAL: &str = "word/document.xml";
    if archive.index_for_name(USUAL).is_some() {
        return Ok(USUAL.to_owned());
    }
    let none = || format!("the archive has no `{USUAL}`: this is no DOCX file");
    let relations = read_part(archive, "_rels/.rels").map_err(|_| none())?;
    let mut xml = Xml::new(&relations);
    while let Ok(event) = xml.next() {
        match event {
            Event::Start(tag)
                if tag.get("Type").is_some_and(|t| t.ends_with("/officeDocument")) =>
            {
                let target = tag.get("Target").unwrap_or("").trim_start_matches('/').to_owned();
                let is_word = target.starts_with("word/");
                return if is_word { Ok(target) } else { Err(none()) };
            }
            Event::Eof => break,
            _ => {}
        }
    }
    Err(none())
}

fn read_part(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<String, String> {
    let file = archive.by_name(name).map_err(|error| format!("`{name}`: {error}"))?;
    let packed = file.compressed_size().max(1);
    let limit = MAX_PART.min(packed.saturating_mul(MAX_RATIO).max(FREE));
    // What the archive says of the size is not to be trusted.
    let mut bytes = Vec::new();
    file.take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("`{name}` cannot be unpacked: {error}"))?;
    if bytes.len() as u64 > limit {
        return Err(format!(
            "`{name}` has over {limit} bytes unpacked, {packed} packed: more than documents have"
        ));
    }
    let text = String::from_utf8(bytes);
    text.map_err(|_| format!("`{name}` is not UTF-8; save the document again as DOCX"))
}

/// Appends the paragraphs of a part to `out`, one a line.
fn paragraphs(part: &str, out: &mut String) -> Result<(), Broken> {
    let mut xml = Xml::new(part);
    // Paragraphs that are open: those of a text box stand inside another.
    let mut open: Vec<String> = Vec::new();
    // What each open element ends.
    let mut elements: Vec<Kind> = Vec::new();
    let mut result = Ok(());
    loop {
        let event = match xml.next() {
            Ok(event) => event,
            Err(broken) => {
                result = Err(broken);
                break;
            }
        };
        let in_text = elements.last() == Some(&Kind::Text);
        match event {
            Event::Start(tag) => {
                let mut add = |text: &str| {
                    if let Some(paragraph) = open.last_mut() {
                        paragraph.push_str(text);
                    }
                };
                let kind = match tag.name {
                    "p" => Kind::Paragraph,
                    "t" if elements.last() == Some(&Kind::Run) => Kind::Text,
                    "r" => Kind::Run,
                    "rPr" if elements.last() == Some(&Kind::Run) => Kind::RunProperties,
                    "vanish" if elements.last() == Some(&Kind::RunProperties) => {
                        let is_on = !matches!(tag.get("w:val"), Some("0" | "false" | "off"));
                        xml.skip()?;
                        if is_on {
                            // The rest of the properties, then of the run.
                            for _ in 0..2 {
                                xml.skip()?;
                                elements.pop();
                            }
                        }
                        continue;
                    }
                    "del" | "moveFrom" | "oMath" | "oMathPara" | "Fallback" | "rt" => {
                        xml.skip()?;
                        continue;
                    }
                    name => {
                        match name {
                            "tab" | "br" | "cr" | "ptab" if elements.last() == Some(&Kind::Run) => {
                                add(" ");
                            }
                            "noBreakHyphen" => add("-"),
                            _ => {}
                        }
                        Kind::Other
                    }
                };
                if kind == Kind::Paragraph {
                    open.push(String::new());
                }
                elements.push(kind);
            }
            Event::End => {
                let ended = elements.pop();
                if ended == Some(Kind::Paragraph) {
                    end_paragraph(open.pop(), out);
                }
            }
            Event::Text(range) if in_text => add_text(&mut open, &part[range]),
            Event::Char(c, _) if in_text => add_text(&mut open, c.encode_utf8(&mut [0; 4])),
            Event::Entity(range) if in_text => add_text(&mut open, &part[range]),
            Event::Eof => break,
            _ => {}
        }
    }
    for paragraph in open.into_iter().rev() {
        end_paragraph(Some(paragraph), out);
    }
    result
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Paragraph,
    Run,
    RunProperties,
    Text,
    Other,
}

fn add_text(open: &mut [String], text: &str) {
    if let Some(paragraph) = open.last_mut() {
        let is_end = |c: char| matches!(c, '\n' | '\r' | '\0');
        paragraph.extend(text.chars().map(|c| if is_end(c) { ' ' } else { c }));
    }
}

fn end_paragraph(paragraph: Option<String>, out: &mut String) {
    let text = paragraph.unwrap_or_default();
    if !text.trim().is_empty() {
        writeln!(out, "{}", text.trim()).expect("a string takes all");
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;
    use crate::text::Direction;

    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            let options = SimpleFileOptions::default();
            zip.start_file(*name, options).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn read(bytes: &[u8]) -> Result<Document, ReadError> {
        let options = ReadOptions::new(Direction::EnId);
        let path = Path::new("a.docx");
        super::super::read_bytes("a.docx", path, bytes.to_vec(), None, &options)
    }

    fn body(content: &str) -> Result<Document, ReadError> {
        read(&archive(&[("word/document.xml", content.as_bytes())]))
    }

    #[test]
    fn a_paragraph_is_a_line() {
        let main = "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>Satu</w:t></w:r><w:r><w:t \
                    xml:space='preserve'> &amp; dua. Tiga</w:t><w:tab/><w:t>x</w:t></w:r><w:del><w:r>\
                    <w:delText>y</w:delText></w:r></w:del><w:ins><w:r><w:noBreakHyphen/><w:t>y\
                    </w:t></w:r></w:ins></w:p><w:p/><w:tbl><w:tr><w:tc><w:p><w:r><w:rPr><w:b/>\
                    <w:vanish w:val='0'/></w:rPr><w:t>Sel</w:t></w:r><w:r><w:rPr><w:vanish/><w:b/></w:rPr>\
                    <w:t>rahasia</w:t></w:r><w:r><w:instrText>PAGE</w:instrText></w:r></w:p></w:tc></w:tr>\
                    </w:tbl><w:p><w:r><w:t>Luar</w:t><w:pict><w:p><w:r><w:t>Dalam</w:t></w:r></w:p>\
                    </w:pict></w:r></w:p></w:body></w:document>";
        let note = "<w:footnotes><w:footnote><w:p><w:r><w:t>Catatan.</w:t></w:r></w:p></w:footnote>\
                    </w:footnotes>";
        let head = "<w:hdr><w:p><w:r><w:t>Kepala</w:t></w:r></w:p></w:hdr>";
        let document = read(&archive(&[
            ("word/header1.xml", head.as_bytes()),
            ("word/document.xml", main.as_bytes()),
            ("word/footnotes.xml", note.as_bytes()),
            ("word/comments.xml", note.as_bytes()),
        ]))
        .unwrap();
        assert_eq!(document.text, "Satu & dua. Tiga x-y\nSel\nDalam\nLuar\nCatatan.\nKepala\n");
        assert_eq!(document.segments.len(), 7);
        assert_eq!(document.line(document.segments[2].id), 2);
        assert!(document.problems.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let refused = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
        assert!(refused(b"kata").contains("not a DOCX file"));
        let whole = archive(&[("word/document.xml", b"<w:p><w:r><w:t>Satu</w:t></w:r></w:p>")]);
        assert!(refused(&whole[..whole.len() / 2]).contains("damaged"));
        let sheet = archive(&[("xl/workbook.xml", b"<a/>")]);
        assert!(refused(&sheet).contains("no `word/document.xml`"));
        let broken = body("<w:p><w:r><w:t>Satu</w:t></w:r></w:p>\n<w:p><w:r><w:t>Du").unwrap();
        assert_eq!(broken.segments.len(), 2);
        assert!(broken.problems[0].message.contains("`word/document.xml`, line 2"));
        assert!(body("").unwrap().segments.is_empty());
    }

    #[test]
    fn the_body_may_have_another_name() {
        let relations = "<Relationships><Relationship Type='http://x/officeDocument' \
                         Target='/word/document2.xml'/></Relationships>";
        let document = read(&archive(&[
            ("_rels/.rels", relations.as_bytes()),
            ("word/document2.xml", b"<w:p><w:r><w:t>Satu</w:t></w:r></w:p>"),
        ]));
        assert_eq!(document.unwrap().text, "Satu\n");
    }

    #[test]
    fn bombs_do_not_go_off() {
        let bomb = format!("<w:p><w:r><w:t>{}</w:t></w:r></w:p>", " ".repeat(20 << 20));
        let error = body(&bomb).unwrap_err().to_string();
        assert!(error.contains("more than documents have"), "{error}");
        let many: Vec<(String, &[u8])> =
            (0..=MAX_FILES).map(|n| (format!("{n}.xml"), &b""[..])).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|(name, b)| (name.as_str(), *b)).collect();
        assert!(read(&archive(&many)).unwrap_err().to_string().contains("over 10000"));
        assert!(body(&"<w:p>".repeat(300)).unwrap_err().to_string().contains("256 elements"));
    }
}
