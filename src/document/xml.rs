//! XML with limits, and with the place of everything in the file.
//!
//! Nothing outside the file is ever read, and no entity that a file declares is expanded: `&x;`
//! stands in the text as it is, with a problem. Namespaces are not resolved; names are compared
//! without their prefix.

use std::{borrow::Cow, collections::HashSet, ops::Range};

use quick_xml::{Reader, escape, events};

use super::{
    Document, Placeable, PlaceableKind, ReadError, ReadProblem, SegmentText,
    block::{Builder, Tags, part},
    read::MAX_LISTED,
};
use crate::text::{LineIndex, OffsetMap, Span};

/// How deep elements may lie in one another. Chosen, not measured: formats of strings nest some ten deep.
const MAX_DEPTH: usize = 256;

/// How many attributes an element may have. Chosen, not measured.
const MAX_ATTRIBUTES: usize = 256;

/// Where and why a file cannot be read on.
#[derive(Debug)]
pub(super) struct Broken {
    /// Byte of the text.
    at: usize,
    message: String,
}

/// A start tag.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    /// Without its prefix.
    pub(super) name: &'a str,
    /// The tag itself, from `<` to `>`.
    pub(super) range: Range<usize>,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
}

impl Tag<'_> {
    /// The decoded value of an attribute, named as it is written (`xml:lang`).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| &**value)
    }

    /// Whether its content may be translated, `inherited` if it does not say.
    pub(super) fn is_translated(&self, inherited: bool) -> bool {
        match self.get("translate") {
            Some("no") => false,
            Some("yes") => true,
            _ => inherited,
        }
    }
}

/// What stands in a file. An empty element is a start and an end.
#[derive(Debug)]
pub(super) enum Event<'a> {
    Start(Tag<'a>),
    /// The end of the element that was opened last.
    End,
    /// Text as it stands in the file.
    Text(Range<usize>),
    /// A character that is written otherwise.
    Char(char, Range<usize>),
    /// A reference to an entity that is not one of XML's.
    Entity(Range<usize>),
    /// The end of the file.
    Eof,
}

/// Reads a text event by event.
#[derive(Debug)]
pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    /// Where in `text` the reader began.
    base: usize,
    /// Where the elements begin that are open.
    open: Vec<(&'a str, usize)>,
    entities: HashSet<&'a str>,
    problems: Vec<(usize, String)>,
}

impl<'a> Xml<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let base = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut reader = Reader::from_str(&text[base..]);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        // `Tom & Jerry` is a mistake that leaves no doubt.
        config.allow_dangling_amp = true;
        Self {
            reader,
            text,
            base,
            open: Vec::new(),
            entities: HashSet::new(),
            problems: Vec::new(),
        }
    }

    /// What is read.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    fn position(&self) -> usize {
        self.base + usize::try_from(self.reader.buffer_position()).expect("a text in memory")
    }

    /// The next event; comments, instructions and the declaration of the type are passed over.
    pub(super) fn next(&mut self) -> Result<Event<'a>, Broken> {
        loop {
            let start = self.position();
            let event = self.reader.read_event().map_err(|error| {
                let at = usize::try_from(self.reader.error_position()).unwrap_or(0);
                let message = format!("{error}; mend the file");
                Broken { at: (self.base + at).min(self.text.len()), message }
            })?;
            let range = start..self.position();
            match event {
                events::Event::Start(start) => return self.start(&start, range).map(Event::Start),
                events::Event::End(_) => {
                    self.open.pop();
                    return Ok(Event::End);
                }
                events::Event::Text(_) => return Ok(Event::Text(range)),
                events::Event::CData(data) => {
                    let inside = range.start + "<![CDATA[".len();
                    return Ok(Event::Text(inside..inside + data.len()));
                }
                events::Event::GeneralRef(name) => return Ok(self.reference(&name, range)),
                events::Event::Eof => {
                    let Some((name, at)) = self.open.pop() else { return Ok(Event::Eof) };
                    let message = format!("`<{name}>` is not closed: the file ends before it does");
                    return Err(Broken { at, message });
                }
                events::Event::Empty(_)
                | events::Event::Comment(_)
                | events::Event::Decl(_)
                | events::Event::PI(_)
                | events::Event::DocType(_) => {}
            }
        }
    }

    fn start(
        &mut self,
        start: &events::BytesStart<'a>,
        range: Range<usize>,
    ) -> Result<Tag<'a>, Broken> {
        let broken = |message: String| Broken { at: range.start, message };
        // The name stands behind the `<`.
        let len = start.name().as_ref().len();
        let name = &self.text[range.start + 1..range.start + 1 + len];
        let mut attributes = Vec::new();
        for attribute in start.attributes().with_checks(false) {
            let attribute =
                attribute.map_err(|error| broken(format!("in `<{name}>`: {error}; mend it")))?;
            if attributes.len() == MAX_ATTRIBUTES {
                return Err(broken(format!("`<{name}>` has over {MAX_ATTRIBUTES} attributes")));
            }
            let raw: &str = &attribute.value;
            let key: &str = attribute.key.as_ref();
            // Both are parts of `text`.
            let part = |of: &str| {
                let start = of.as_ptr() as usize - self.text.as_ptr() as usize;
                &self.text[start..start + of.len()]
            };
            let raw = part(raw);
            attributes.push((part(key), escape::unescape(raw).unwrap_or(Cow::Borrowed(raw))));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(broken(format!("more than {MAX_DEPTH} elements in one another")));
        }
        self.open.push((name, range.start));
        let name = name.rsplit(':').next().unwrap_or(name);
        Ok(Tag { name, range, attributes })
    }

    fn reference(&mut self, name: &events::BytesRef<'a>, range: Range<usize>) -> Event<'a> {
        if let Ok(Some(c)) = name.resolve_char_ref() {
            return Event::Char(c, range);
        }
        if let Some(c) = escape::resolve_predefined_entity(name).and_then(|s| s.chars().next()) {
            return Event::Char(c, range);
        }
        let name = &self.text[range.clone()];
        if self.entities.len() < MAX_LISTED && self.entities.insert(name) {
            let message = format!(
                "`{name}` is not an entity of XML, and those that a file declares are not \
                 expanded; write the text itself"
            );
            self.problems.push((range.start, message));
        }
        Event::Entity(range)
    }

    /// Passes over the rest of the element that was opened last.
    pub(super) fn skip(&mut self) -> Result<(), Broken> {
        let depth = self.open.len();
        while self.open.len() >= depth {
            self.next()?;
        }
        Ok(())
    }

    /// Ends the reading of `document`: what was read before a break stands.
    fn finish(self, document: &mut Document, result: Result<(), Broken>) -> Result<(), ReadError> {
        for (at, message) in self.problems {
            let line = document.lines.line(at as u64);
            document.problems.push(ReadProblem { line, message });
        }
        result.or_else(|broken| broken.end(document))
    }
}

/// Reads the text of `document` as XML: `read` is given the events, the way back to the file, and the
/// document to add to, whose text is with the events meanwhile.
pub(super) fn read(
    document: &mut Document,
    read: impl for<'t> FnOnce(&mut Xml<'t>, &'t OffsetMap, &mut Document) -> Result<(), Broken>,
) -> Result<(), ReadError> {
    let text = std::mem::take(&mut document.text);
    let to_file = OffsetMap::contiguous(0, text.len());
    let mut xml = Xml::new(&text);
    let result = read(&mut xml, &to_file, document);
    let result = xml.finish(document, result);
    document.text = text;
    result
}

impl Broken {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// Ends the reading of `document`: what was read before stands.
    pub(super) fn end(self, document: &mut Document) -> Result<(), ReadError> {
        let (line, message) = self.place(&document.lines);
        if document.segments.is_empty() {
            return Err(ReadError::Format { path: document.name.clone(), line, message });
        }
        let message = format!("{message}; what stands before was read");
        document.problems.push(ReadProblem { line, message });
        Ok(())
    }

    /// The line in the text, and the message.
    pub(super) fn place(self, lines: &LineIndex) -> (u32, String) {
        (lines.line(self.at as u64), self.message)
    }
}

/// What becomes of an element inside a text.
#[derive(Debug)]
pub(super) enum Inline {
    /// Its content is text like that around it.
    Transparent,
    /// It has no text for a reader.
    Drop,
    /// The tag is carried over as it stands.
    Tag,
    /// Its content is code of another format: a tag, a variable.
    Native,
    /// Its content is not to be translated.
    Protected,
    /// What it stands for is told by an attribute.
    Stands(String),
    /// A character.
    Char(char),
    /// A segment of its own, by its name.
    Segment(String),
}

/// The content of an element with inline elements.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Of the whole element, or of what is outside [`Content::parts`].
    pub(super) text: SegmentText,
    /// Its segments, where it is cut into such.
    pub(super) parts: Vec<(String, SegmentText)>,
}

/// Whether `text` says in XML what it says.
pub(super) fn takes_raw(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || "<>&".contains(c))
}

/// Reads the content of the element that was opened last. Its text is that of the file, but a line
/// end with white space around it is one space, and at the edges none; with `preserve` white space
/// stays.
pub(super) fn content<'a>(
    xml: &mut Xml<'a>,
    to_file: &'a OffsetMap,
    preserve: bool,
    treat: impl Fn(&Tag<'a>) -> Inline,
) -> Result<Content, Broken> {
    let text = xml.text;
    let mut writer = Writer { builder: Builder::new(text, to_file), preserve, break_at: None };
    let mut content = Content::default();
    // How each open element ends, and how long the text was when it began.
    let mut open: Vec<(Inline, usize, Range<usize>)> = Vec::new();
    // The text outside a segment, while one is read.
    let mut outside: Option<Writer<'_>> = None;
    loop {
        match xml.next()? {
            Event::Text(range) => writer.text(range),
            Event::Char(c, range) => writer.char(c, range),
            Event::Entity(range) => writer.verbatim(range, PlaceableKind::Code),
            Event::Eof => return Ok(content),
            Event::Start(tag) => {
                let (mut inline, range) = (treat(&tag), tag.range);
                let in_placeable = open
                    .iter()
                    .any(|(inline, ..)| matches!(inline, Inline::Native | Inline::Protected));
                match inline {
                    Inline::Drop => {
                        xml.skip()?;
                        continue;
                    }
                    Inline::Tag if !in_placeable => {
                        xml.skip()?;
                        writer.verbatim(range, PlaceableKind::Tag);
                        continue;
                    }
                    Inline::Stands(ref stands) if !in_placeable => {
                        xml.skip()?;
                        writer.stands(stands, range);
                        continue;
                    }
                    Inline::Char(c) => {
                        xml.skip()?;
                        writer.char(c, range);
                        continue;
                    }
                    Inline::Segment(_) if outside.is_none() && !in_placeable => {
                        let builder = Builder::new(text, to_file);
                        let new = Writer { builder, preserve, break_at: None };
                        outside = Some(std::mem::replace(&mut writer, new));
                    }
                    _ if in_placeable => inline = Inline::Transparent,
                    Inline::Segment(_) => inline = Inline::Transparent,
                    _ => {}
                }
                open.push((inline, writer.builder.len(), range));
            }
            Event::End => {
                let Some((inline, start, range)) = open.pop() else { break };
                let is_blank =
                    writer.builder.text.text[start.min(writer.builder.len())..].trim().is_empty();
                match inline {
                    Inline::Native if is_blank => writer.verbatim(range, PlaceableKind::Tag),
                    Inline::Native => writer.builder.mark(start, PlaceableKind::Tag),
                    Inline::Protected if !is_blank => {
                        writer.builder.mark(start, PlaceableKind::Code);
                    }
                    Inline::Segment(name) => {
                        if let Some(outside) = outside.take() {
                            let segment = std::mem::replace(&mut writer, outside);
                            content.parts.push((name, segment.finish()));
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    content.text = writer.finish();
    Ok(content)
}

#[derive(Debug)]
struct Writer<'a> {
    builder: Builder<'a>,
    preserve: bool,
    /// Where the text ends in a space that was a line end.
    break_at: Option<usize>,
}

impl Writer<'_> {
    fn text(&mut self, range: Range<usize>) {
        if self.preserve {
            self.builder.copy(range);
            return;
        }
        let text = &self.builder.origin()[range.clone()];
        let is_space = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
        let mut from = 0;
        while let Some(at) = text[from..].find(['\n', '\r']) {
            let at = from + at;
            let start = from + text[from..at].trim_end_matches(is_space).len();
            let end = text.len() - text[at..].trim_start_matches(is_space).len();
            self.builder.copy(range.start + from..range.start + start);
            let is_bare = text[start..end].bytes().all(|byte| matches!(byte, b'\n' | b'\r'));
            if is_bare && self.builder.len() > 0 && end < text.len() {
                // No editor has indented it: it may well be part of the text.
                self.builder.copy(range.start + start..range.start + end);
            } else if self.builder.len() > 0 && self.break_at != Some(self.builder.len()) {
                self.builder.decode(" ", range.start + start..range.start + end);
                self.break_at = Some(self.builder.len());
            }
            from = end;
        }
        if from < text.len() {
            self.builder.copy(range.start + from..range.end);
        }
    }

    fn char(&mut self, c: char, range: Range<usize>) {
        // XML allows no others; here they would only be taken for something else.
        if c != '\0' {
            self.builder.decode(c.encode_utf8(&mut [0; 4]), range);
        }
    }

    /// What stands at `range`, as a placeable on one line.
    fn verbatim(&mut self, range: Range<usize>, kind: PlaceableKind) {
        let start = self.builder.len();
        let text = &self.builder.origin()[range.clone()];
        if text.contains(['\n', '\r']) {
            let text = text.replace(['\n', '\r'], " ");
            self.builder.decode(&text, range);
        } else {
            self.builder.copy(range);
        }
        self.builder.mark(start, kind);
    }

    fn stands(&mut self, stands: &str, range: Range<usize>) {
        let start = self.builder.len();
        self.builder.decode(&stands.replace(['\n', '\r'], " "), range);
        self.builder.mark(start, PlaceableKind::Tag);
    }

    fn finish(self) -> SegmentText {
        let mut text = self.builder.text;
        text.placeables.sort_by_key(|placeable| placeable.span.start);
        if self.break_at == Some(text.text.len()) {
            text = part(&text, Span::new(0..text.text.len() - 1));
        }
        text
    }
}

/// Marks the tags written inside a text, `&lt;b&gt;` in a file, as those in Markdown are.
pub(super) fn mark_tags(text: &mut SegmentText) {
    if !text.text.contains('<') {
        return;
    }
    let mut tags = Tags::default();
    let mut from = 0;
    while let Some(at) = text.text[from..].find('<') {
        let start = from + at;
        from = start + 1;
        let rest = &text.text[from..];
        let name = rest.strip_prefix('/').unwrap_or(rest);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            continue;
        }
        let Some(len) = rest.find(['<', '>']) else { break };
        if rest[len..].starts_with('>') {
            let end = from + len + 1;
            let span = Span::new(start..end);
            let behind = text.placeables.partition_point(|p| p.span.end <= span.start);
            if text.placeables.get(behind).is_none_or(|known| !known.span.overlaps(span)) {
                tags.add(&text.text[start..end], span, false);
            }
            from = end;
        }
    }
    let kind = PlaceableKind::Tag;
    text.placeables.extend(tags.paired().map(|span| Placeable { span, kind }));
    text.placeables.sort_by_key(|placeable| placeable.span.start);
}

/// The CDATA sections of `text`: what looks like a comment in them is none.
pub(super) fn cdata(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("<!") {
        let start = from + at;
        let rest = &text[start..];
        let end = if rest.starts_with("<![CDATA[") {
            "]]>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else {
            from = start + 2;
            continue;
        };
        from = rest.find(end).map_or(text.len(), |len| start + len + end.len());
        if end == "]]>" {
            found.push(start..from);
        }
    }
    found
}

/// The name of the first element, without its prefix, behind declarations and comments.
pub(super) fn root(head: &str) -> Option<&str> {
    let mut rest = head.trim_start_matches('\u{feff}').trim_start();
    loop {
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!") {
            // The declarations inside a type are in brackets.
            match rest.find(['[', '>']) {
                Some(at) if rest[at..].starts_with('[') => "]>",
                _ => ">",
            }
        } else {
            break;
        };
        let at = rest.find(end)?;
        rest = rest[at + end.len()..].trim_start();
    }
    let name = rest.strip_prefix('<')?;
    let len = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))?;
    name[..len].rsplit(':').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_element_tells_the_format() {
        assert_eq!(
            root("\u{feff}<?xml version='1.0'?>\n<!-- <a> -->\n<tmx version=\"1.4\">"),
            Some("tmx")
        );
        assert_eq!(root("<!DOCTYPE r [<!ENTITY a 'b>'>\n]> <x:r/>"), Some("r"));
        assert_eq!(root("<!doctype html><html lang=id>"), Some("html"));
        for none in ["", "teks <b>", "<", "<!--", "<a"] {
            assert_eq!(root(none), None, "{none}");
        }
    }

    #[test]
    fn sections_and_comments_hide_each_other() {
        let text = "<![CDATA[ <!-- ]]> <!-- <![CDATA[ --> <![CDATA[x";
        let found: Vec<_> = cdata(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["<![CDATA[ <!-- ]]>", "<![CDATA[x"]);
    }

    #[test]
    fn limits() {
        let read = |text: &str| {
            let mut xml = Xml::new(text);
            loop {
                match xml.next() {
                    Ok(Event::Eof) => return "whole".to_owned(),
                    Ok(_) => {}
                    Err(broken) => return format!("{}: {}", broken.at, broken.message),
                }
            }
        };
        assert_eq!(read(&format!("{}{}", "<a>".repeat(256), "</a>".repeat(256))), "whole");
        assert_eq!(read(&"<a>".repeat(257)), "768: more than 256 elements in one another");
        let many: String = (0..257).map(|n| format!(" a{n}=''")).collect();
        assert_eq!(read(&format!("<a{many}/>")), "0: `<a>` has over 256 attributes");
        assert_eq!(read("<a>\n<b>x"), "4: `<b>` is not closed: the file ends before it does");
        assert!(read("<a></b>").contains("mend the file"));
        assert!(read("<a b='>").starts_with("0: "), "{}", read("<a b='>"));
    }
}
