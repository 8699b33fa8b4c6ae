//! Android string resources: `strings.xml`.
//!
//! Each `<string>` and each `<item>` of an array or a plural is a block, cut into sentences; the
//! source language is in another file, so there is only the target; its language is that of the folder
//! (`values-in`, `values-en-rUS`), where it names one. Left out are those with
//! `translatable="false"` and those that only refer to another (`@string/ok`).
//!
//! Text is read as Android does: white space is one space unless it stands in `"`; `\'`, `\"`, `\@`,
//! `\?`, `\\`, `\t` and `\u0020` are characters; `\n` ends a line, beyond which no sentence goes.
//! Styles (`<b>`) are transparent, `<xliff:g>` is a placeable, and so are tags in CDATA or written as
//! `&lt;b&gt;` if they are closed.

use std::{ops::Range, path::Path};

use super::{DocumentFormat, ReadOptions, has_extension};
use crate::{
    document::{
        Comments, Document, PlaceableKind, ReadError,
        block::{Blocks, Builder},
        languages,
        xml::{self, Broken, Event, Xml},
    },
    text::{Direction, Language, OffsetMap},
};

/// Android resources: `strings.xml`, and XML whose first element is `resources`.
pub(super) struct Android;

impl DocumentFormat for Android {
    fn name(&self) -> &'static str {
        "android"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        let is_named = path.file_name().is_some_and(|name| name == "strings.xml");
        match xml::root(head) {
            Some(root) => {
                root == "resources" && (has_extension(path, &["xml"]) || path.extension().is_none())
            }
            None => is_named,
        }
    }

    fn comments(&self) -> Comments {
        Comments::Markup
    }

    fn literal(&self, text: &str) -> Vec<Range<usize>> {
        xml::cdata(text)
    }

    fn takes_raw(&self, text: &str) -> bool {
        // White space at the edges of a string is dropped, and some signs have a backslash.
        xml::takes_raw(text) && !text.contains(['\'', '"', '\\', '@', '?'])
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let mut options = options.clone();
        if let Some(language) = folder_language(Path::new(&document.name)) {
            options.direction = match language {
                Language::Id => Direction::EnId,
                Language::En => Direction::IdEn,
            };
        }
        xml::read(document, |xml, to_file, document| {
            resources(xml, to_file, &mut Blocks::new(document, &options))
        })
    }
}

/// The language that the folder of a file names: `values-in`, `values-id-rID`, `values-b+id`.
fn folder_language(path: &Path) -> Option<Language> {
    let folder = path.parent()?.file_name()?.to_str()?.strip_prefix("values-")?;
    let tag = folder.strip_prefix("b+").unwrap_or(folder);
    languages::language(tag.split('+').next()?)
}

fn resources<'t>(
    xml: &mut Xml<'t>,
    to_file: &'t OffsetMap,
    blocks: &mut Blocks<'_>,
) -> Result<(), Broken> {
    let mut is_android = false;
    loop {
        match xml.next()? {
            Event::Start(tag) if tag.name == "resources" => is_android = true,
            Event::Start(tag) if !is_android => {
                let message = "the first element is not `<resources>`: no strings of Android";
                return Err(Broken::new(tag.range.start, message));
            }
            Event::Start(tag) if tag.get("translatable") == Some("false") => xml.skip()?,
            Event::Start(tag) => match tag.name {
                // Their items come next.
                "string-array" | "plurals" => {}
                "string" | "item" => {
                    let mut writer = Writer::new(xml.text(), to_file);
                    writer.read(xml)?;
                    if !is_reference(&writer.builder.text.text) {
                        let mut content = writer.builder.text;
                        content.placeables.sort_by_key(|placeable| placeable.span.start);
                        xml::mark_tags(&mut content);
                        blocks.push_lines(&content);
                    }
                }
                _ => xml.skip()?,
            },
            Event::Eof if !is_android => {
                return Err(Broken::new(0, "there is no `<resources>`: no strings of Android"));
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// `@string/ok`, `@android:string/cancel`, `?attr/name`.
fn is_reference(text: &str) -> bool {
    let text = text.trim();
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '+' | '/');
    text.strip_prefix(['@', '?']).is_some_and(|rest| rest.contains('/') && rest.chars().all(name))
}

struct Writer<'t> {
    text: &'t str,
    builder: Builder<'t>,
    quoted: bool,
    /// White space now is part of that before.
    spaced: bool,
    /// Where a backslash stands whose character has not come yet.
    escape: Option<usize>,
    /// Digits that `\u` still wants, and its number so far.
    unicode: Option<(u8, u32)>,
}

impl<'t> Writer<'t> {
    fn new(text: &'t str, to_file: &'t OffsetMap) -> Self {
        let builder = Builder::new(text, to_file);
        Self { text, builder, quoted: false, spaced: true, escape: None, unicode: None }
    }

    /// Reads the element that was opened last.
    fn read(&mut self, xml: &mut Xml<'t>) -> Result<(), Broken> {
        // How long the text was when a placeable began.
        let mut open: Vec<Option<usize>> = Vec::new();
        loop {
            match xml.next()? {
                Event::Start(tag) => {
                    let inside = open.iter().any(Option::is_some);
                    open.push((tag.name == "g" && !inside).then(|| self.builder.len()));
                }
                Event::Text(range) => self.stretch(range),
                Event::Char(c, range) => self.char(c, range),
                Event::Entity(range) => {
                    let start = self.builder.len();
                    self.builder.copy(range);
                    self.spaced = false;
                    self.builder.mark(start, PlaceableKind::Code);
                }
                Event::End => match open.pop() {
                    Some(start) => {
                        if let Some(start) = start {
                            self.builder.mark(start, PlaceableKind::Code);
                        }
                    }
                    None => return Ok(()),
                },
                Event::Eof => return Ok(()),
            }
        }
    }

    fn stretch(&mut self, range: Range<usize>) {
        let is_special = |c: char| matches!(c, '\\' | '"' | ' ' | '\t' | '\n' | '\r');
        let mut at = range.start;
        while let Some(c) = self.text[at..range.end].chars().next() {
            let plain = self.text[at..range.end].find(is_special).unwrap_or(range.end - at);
            if plain > 0 && self.escape.is_none() {
                self.builder.copy(at..at + plain);
                self.spaced = false;
                at += plain;
            } else {
                self.char(c, at..at + c.len_utf8());
                at += c.len_utf8();
            }
        }
    }

    fn char(&mut self, c: char, range: Range<usize>) {
        if let Some((digits, number)) = self.unicode {
            let start = self.escape.unwrap_or(range.start);
            if let Some(digit) = c.to_digit(16) {
                let number = number * 16 + digit;
                self.unicode = Some((digits - 1, number));
                if digits == 1 {
                    (self.unicode, self.escape) = (None, None);
                    self.decode(char::from_u32(number).unwrap_or('\u{fffd}'), start..range.end);
                }
                return;
            }
            // Not four digits: what stands there stays.
            (self.unicode, self.escape) = (None, None);
            self.builder.copy(start..range.start);
            self.spaced = false;
        }
        if let Some(start) = self.escape {
            if c == 'u' {
                self.unicode = Some((4, 0));
                return;
            }
            self.escape = None;
            let meant = match c {
                'n' => '\n',
                't' => '\t',
                c => c,
            };
            self.decode(meant, start..range.end);
            return;
        }
        match c {
            '\\' => self.escape = Some(range.start),
            '"' => self.quoted = !self.quoted,
            ' ' | '\t' | '\n' | '\r' => {
                if self.quoted || !self.spaced {
                    self.decode(' ', range);
                    self.spaced = !self.quoted;
                }
            }
            c => self.decode(c, range),
        }
    }

    fn decode(&mut self, c: char, range: Range<usize>) {
        self.spaced = false;
        // As it stands in the file: neighbours are then one stretch.
        if self.text[range.clone()].starts_with(c) && range.len() == c.len_utf8() {
            self.builder.copy(range);
        } else if c != '\0' {
            self.builder.decode(c.encode_utf8(&mut [0; 4]), range);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, read, refused, targets};
    use super::*;

    fn strings(body: &str) -> Document {
        read(&Android, &format!("<?xml version='1.0'?>\n<resources>\n{body}\n</resources>\n"))
    }

    #[test]
    fn strings_arrays_and_plurals() {
        let document = strings(
            "<string name='a'>Satu. Dua.</string><string name='b' translatable='false'>X</string>\
             <string name='c'>@string/a</string><string name='d'>@android:string/ok</string>\
             <color name='e'>#fff</color><string-array name='f'><item>Tiga</item><item>Empat</item>\
             </string-array><plurals name='g'><item quantity='other'>%d <xliff:g \
             id='x'>Lima</xliff:g> <b>tebal</b></item></plurals><string name='h'/>",
        );
        assert_eq!(targets(&document), ["Satu.", "Dua.", "Tiga", "Empat", "%d Lima tebal"]);
        let blocks: Vec<_> = document.segments.iter().map(|segment| segment.block).collect();
        assert_eq!(blocks, [0, 0, 1, 2, 3]);
        let target = &document.segments[4].target;
        assert_eq!(target.placeables[0].span.of(&target.text), "Lima");
        assert!(document.segments.iter().all(|segment| segment.source.is_none()));
    }

    #[test]
    fn the_folder_tells_the_language() {
        let direction = |folder: &str| {
            let text = "<resources><string name='a'>Satu</string></resources>";
            let mut document = Document::new(format!("res/{folder}/strings.xml"), text);
            Android.read(&mut document, &ReadOptions::new(Direction::EnId)).unwrap();
            document.segments[0].direction
        };
        for (folder, expected) in [
            ("values", Direction::EnId),
            ("values-in", Direction::EnId),
            ("values-id-rID", Direction::EnId),
            ("values-b+id+ID", Direction::EnId),
            ("values-land", Direction::EnId),
            ("values-en-rUS", Direction::IdEn),
            ("values-b+en", Direction::IdEn),
        ] {
            assert_eq!(direction(folder), expected, "{folder}");
        }
    }

    #[test]
    fn characters_are_read_as_android_reads_them() {
        let text = r#"<string name='a'>
            Jum\'at  \"ini\" \u00e9\u0020&amp; \@b
            "  dua  " &#169; \u12 \x</string>"#;
        let document = strings(text);
        assert_eq!(targets(&document), ["Jum'at \"ini\" é & @b   dua   © \\u12 x"]);
        assert_eq!(place(&document, 0, "Jum'at"), "Jum\\'at");
        assert_eq!(place(&document, 0, "é"), "\\u00e9");
        assert_eq!(place(&document, 0, "&"), "&amp;");
    }

    #[test]
    fn no_sentence_goes_beyond_a_line() {
        let document = strings("<string name='a'>Judul\\n\\nIsi\\nlagi. Akhir</string>");
        assert_eq!(targets(&document), ["Judul", "Isi", "lagi.", "Akhir"]);
        assert!(document.segments.iter().all(|segment| segment.block == 0));
    }

    #[test]
    fn tags_in_text() {
        let document = strings(
            "<string name='a'><![CDATA[<b>Satu</b> <i>dua]]> &lt;u&gt;x&lt;/u&gt;</string>",
        );
        assert_eq!(targets(&document), ["<b>Satu</b> <i>dua <u>x</u>"]);
        assert_eq!(document.segments[0].target.placeables.len(), 4);
    }

    #[test]
    fn what_is_broken() {
        for text in ["kata", "", "<a/>", "<resources><string>"] {
            assert!(!refused(&Android, text).is_empty());
        }
        let document = read(&Android, "<resources><string name='a'>Satu</string>\n<string name=>");
        assert_eq!(targets(&document), ["Satu"]);
        assert_eq!(document.problems[0].line, 2);
    }
}
