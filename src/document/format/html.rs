//! HTML, as browsers read it: no page is broken, but for a tag with very many attributes.
//!
//! # What is read
//! The text of each block element (`p`, `li`, `td`, `h1` …) is a block, cut into sentences; so are
//! `title`, the texts that a reader sees of attributes (`alt`, `title`, `placeholder`, `aria-label`)
//! and the description of the page. At `<br>` a block is parted by the rule of `wrap.rs`. Left out are
//! scripts, styles, `pre` and other raw or foreign content, what has no letter or digit, and
//! elements with `translate="no"`, with the class `notranslate` or, below `body`, with a `lang` that is not
//! the target's.
//!
//! # What becomes of markup
//! Inline elements are transparent, whether they are closed or not. `code`, `kbd`, `samp`, `var` and
//! `tt`, and inline elements that are not to be translated, are placeables. White space is one space.
//! References (`&amp;`, `&#233;`) are decoded once; a tag written as `&lt;b&gt;` is text, which is what a page shows.

use std::{cell::Cell, collections::VecDeque, ops::Range, path::Path, rc::Rc};

use html5gum::{
    Emitter, Error, Readable, Reader, State, StringReader, Tokenizer, emitters::naive_next_state,
};

use super::{DocumentFormat, Problems, ReadOptions, body, has_extension};
use crate::{
    document::{
        Comments, Document, PlaceableKind, ReadError, SegmentText,
        block::{Blocks, Builder, part},
        languages, wrap, xml,
    },
    text::{OffsetMap, Span},
};

/// HTML: `.html`, `.htm` and `.xhtml`, and what begins with `<!DOCTYPE html` or `<html`.
pub(super) struct Html;

impl DocumentFormat for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        let begins = |start: &str| {
            let head = head.trim_start_matches('\u{feff}').trim_start();
            head.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
        };
        has_extension(path, &["html", "htm", "xhtml"])
            || begins("<!doctype html")
            || xml::root(head).is_some_and(|root| root.eq_ignore_ascii_case("html"))
    }

    fn comments(&self) -> Comments {
        Comments::Markup
    }

    fn literal(&self, text: &str) -> Vec<Range<usize>> {
        let mut raw = Vec::new();
        let mut open: Option<Range<usize>> = None;
        each_token(text, |token| match token {
            Token::Start { range, name, .. } if naive_next_state(name.as_bytes()).is_some() => {
                open = Some(range);
            }
            Token::Text(pieces) => {
                if let (Some(start), Some(last)) = (open.take(), pieces.last()) {
                    raw.push(start.end..last.range().end);
                }
            }
            _ => open = None,
        });
        raw
    }

    fn takes_raw(&self, text: &str) -> bool {
        xml::takes_raw(text)
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let to_file = OffsetMap::contiguous(0, text.len());
        let mut page = Page {
            writer: Writer::new(&text, &to_file),
            attributes: Vec::new(),
            language: options.direction.target().code(),
            blocks: Blocks::new(document, options),
            open: Vec::new(),
            protected: None,
        };
        let too_many = each_token(&text, |token| page.token(token));
        page.flush();
        let mut problems = Problems::default();
        for TooMany { at } in too_many {
            let message = format!(
                "a tag has over {MAX_ATTRIBUTES} attributes, and none of them is read; take some away"
            );
            problems.add(document, at, message);
        }
        problems.hand_to(document);
        document.text = text;
        Ok(())
    }
}

/// How many open elements are kept track of, as in browsers.
const MAX_DEPTH: usize = 512;

/// How many attributes a tag may have to be read with them. Chosen below what breaks the tokenizer: it
/// calls itself once for each, and a million of them overflow the stack.
const MAX_ATTRIBUTES: usize = 64;

/// Elements without content.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Elements whose text goes on with that around them. All others are blocks.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "mark", "nobr", "q", "ruby", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr", "rb", "rt", "rp", "math",
    "svg", "object", "script", "style", "template", "noscript", "link", "meta", "picture",
    "source",
];

const CODE: &[&str] = &["code", "kbd", "samp", "tt", "var"];

/// Elements whose content is no text of the page.
const LEFT_OUT: &[&str] = &[
    "script",
    "style",
    "pre",
    "template",
    "noscript",
    "svg",
    "math",
    "iframe",
    "object",
    "canvas",
    "xmp",
    "listing",
    "plaintext",
    "noembed",
    "noframes",
    "rt",
    "rp",
];

/// Elements that one of the same name ends.
const SIBLINGS: &[&str] = &["p", "li", "td", "th", "tr", "dt", "dd", "option"];

/// Attributes that a reader sees or hears.
const TEXTS: &[&str] = &["alt", "title", "placeholder", "aria-label"];

/// A stretch of text and where it stands.
#[derive(Debug)]
enum Piece {
    /// As it stands in the file.
    Copy(Range<usize>),
    /// Written otherwise.
    Decode(String, Range<usize>),
}

impl Piece {
    fn range(&self) -> &Range<usize> {
        match self {
            Self::Copy(range) | Self::Decode(_, range) => range,
        }
    }
}

/// An attribute of a tag.
#[derive(Debug, Default)]
struct Attribute {
    name: String,
    value: Vec<Piece>,
}

#[derive(Debug)]
enum Token {
    Text(Vec<Piece>),
    Start {
        name: String,
        attributes: Vec<Attribute>,
        range: Range<usize>,
    },
    End(String),
    /// A comment or a declaration.
    Other,
}

/// Hands every token of `text` to `take`; of a tag with too many attributes only its name. Those tags.
fn each_token(text: &str, mut take: impl FnMut(Token)) -> Vec<TooMany> {
    let mut all = Vec::new();
    let mut start = body(text);
    loop {
        let mut broken: Option<TooMany> = None;
        for token in tokens(text, start) {
            match token {
                Ok(token) => take(token),
                // What it had read before comes after its error, and then the same again.
                Err(_) if broken.is_some() => break,
                Err(error) => broken = Some(error),
            }
        }
        let Some(error) = broken else { return all };
        let (name, range) = tag(text, error.at);
        start = range.end;
        take(Token::Start { name, attributes: Vec::new(), range });
        all.push(error);
    }
}

/// Name and range of the start tag at `at`.
fn tag(text: &str, at: usize) -> (String, Range<usize>) {
    let inside = text.get(at + 1..).unwrap_or("");
    let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
    let name = &inside[..inside.find(is_end).unwrap_or(inside.len())];
    // A `>` in a quoted value does not end it.
    let (mut quote, mut before) = (None, b' ');
    let end = inside.bytes().position(|byte| {
        match quote {
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if byte == b'>' => return true,
            None if before == b'=' && matches!(byte, b'"' | b'\'') => quote = Some(byte),
            None => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
        false
    });
    let end = end.map_or(text.len(), |end| at + 1 + end + 1);
    (name.to_ascii_lowercase(), at..end)
}

fn tokens(text: &str, start: usize) -> impl Iterator<Item = Result<Token, TooMany>> {
    let tag = Rc::new(Cell::new(Progress::default()));
    let reader = Limited { inner: text[start..].to_reader(), tag: Rc::clone(&tag) };
    let emitter = Places { text, at: start, from: start, tag, ..Places::default() };
    Tokenizer::new_with_emitter(reader, emitter)
}

/// A tag with more than [`MAX_ATTRIBUTES`].
#[derive(Debug, thiserror::Error)]
#[error("a tag has over {MAX_ATTRIBUTES} attributes; take some away")]
struct TooMany {
    at: usize,
}

/// Where the tag starts that is being read, and how many attributes it has so far.
#[derive(Debug, Default, Clone, Copy)]
struct Progress {
    start: usize,
    attributes: usize,
}

/// Stops the tokenizer at a tag with too many attributes.
struct Limited<'t> {
    inner: StringReader<'t>,
    tag: Rc<Cell<Progress>>,
}

impl Limited<'_> {
    fn check(&self) -> Result<(), TooMany> {
        let Progress { start, attributes } = self.tag.get();
        if attributes > MAX_ATTRIBUTES { Err(TooMany { at: start }) } else { Ok(()) }
    }
}

impl Reader for Limited<'_> {
    type Error = TooMany;

    fn read_byte(&mut self) -> Result<Option<u8>, TooMany> {
        self.check()?;
        Ok(self.inner.read_byte().unwrap_or_else(|never| match never {}))
    }

    fn try_read_string(&mut self, s: &[u8], case_sensitive: bool) -> Result<bool, TooMany> {
        self.check()?;
        Ok(self.inner.try_read_string(s, case_sensitive).unwrap_or_else(|never| match never {}))
    }

    fn read_until<'b>(
        &'b mut self,
        needle: &[u8],
        char_buf: &'b mut [u8; 4],
    ) -> Result<Option<&'b [u8]>, TooMany> {
        self.check()?;
        Ok(self.inner.read_until(needle, char_buf).unwrap_or_else(|never| match never {}))
    }
}

/// Collects tokens with their places, which the tokenizer's own emitters do not keep inside a
/// text with references.
#[derive(Debug, Default)]
struct Places<'t> {
    text: &'t str,
    /// How far the tokenizer has read.
    at: usize,
    /// Up to where the text is told, or the value of the attribute.
    from: usize,
    tag: Rc<Cell<Progress>>,
    pieces: Vec<Piece>,
    is_end: bool,
    name: Vec<u8>,
    last_start: Vec<u8>,
    attributes: Vec<(Vec<u8>, Vec<Piece>)>,
    tokens: VecDeque<Token>,
}

impl Places<'_> {
    /// What was told up to here as `told`.
    fn piece(&mut self, told: &[u8]) -> Option<Piece> {
        let range = self.from..self.at.min(self.text.len());
        if range.is_empty() {
            return None;
        }
        let there = &self.text.as_bytes()[range.clone()];
        // The tokenizer makes `\n` of every line end; here it is white space either way.
        let is_line_end = told == b"\n" && there == b"\r";
        let behind_return = there.strip_prefix(b"\n") == Some(told);
        self.from = range.end;
        if there == told || is_line_end || behind_return {
            return Some(Piece::Copy(range));
        }
        Some(Piece::Decode(String::from_utf8_lossy(told).into_owned(), range))
    }

    fn flush(&mut self) {
        if !self.pieces.is_empty() {
            self.tokens.push_back(Token::Text(std::mem::take(&mut self.pieces)));
        }
    }
}

/// Appends `piece`, to the one before if both are copies.
fn append(pieces: &mut Vec<Piece>, piece: Piece) {
    if let (Some(Piece::Copy(last)), Piece::Copy(next)) = (pieces.last_mut(), &piece)
        && last.end == next.start
    {
        last.end = next.end;
        return;
    }
    pieces.push(piece);
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Emitter for Places<'_> {
    type Token = Token;

    fn move_position(&mut self, offset: isize) {
        self.at = self.at.saturating_add_signed(offset);
    }

    fn set_last_start_tag(&mut self, last_start_tag: Option<&[u8]>) {
        self.last_start = last_start_tag.unwrap_or_default().to_vec();
    }

    fn emit_eof(&mut self) {
        self.flush();
    }

    fn emit_error(&mut self, _error: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Token> {
        self.tokens.pop_front()
    }

    fn emit_string(&mut self, c: &[u8]) {
        if let Some(piece) = self.piece(c) {
            append(&mut self.pieces, piece);
        }
    }

    fn start_open_tag(&mut self) {
        self.tag.set(Progress { start: self.at.saturating_sub(1), attributes: 0 });
    }

    fn init_start_tag(&mut self) {
        self.flush();
        self.is_end = false;
        self.name.clear();
        self.attributes.clear();
    }

    fn init_end_tag(&mut self) {
        self.is_end = true;
        self.name.clear();
        self.attributes.clear();
    }

    fn init_comment(&mut self) {}

    fn emit_current_tag(&mut self) -> Option<State> {
        self.flush();
        self.from = self.at;
        let name = lossy(&self.name);
        if self.is_end {
            self.tokens.push_back(Token::End(name));
            return None;
        }
        self.last_start.clone_from(&self.name);
        let attributes = self.attributes.drain(..);
        let attributes = attributes.map(|(name, value)| Attribute { name: lossy(&name), value });
        let attributes = attributes.collect();
        let range = self.tag.get().start..self.at;
        self.tokens.push_back(Token::Start { name, attributes, range });
        naive_next_state(&self.name)
    }

    fn emit_current_comment(&mut self) {
        self.flush();
        self.from = self.at;
        self.tokens.push_back(Token::Other);
    }

    fn emit_current_doctype(&mut self) {
        self.emit_current_comment();
    }

    fn set_self_closing(&mut self) {}

    fn set_force_quirks(&mut self) {}

    fn push_tag_name(&mut self, s: &[u8]) {
        self.name.extend(s);
    }

    fn push_comment(&mut self, _s: &[u8]) {}

    fn push_doctype_name(&mut self, _s: &[u8]) {}

    fn init_doctype(&mut self) {}

    fn init_attribute(&mut self) {
        self.attributes.push((Vec::new(), Vec::new()));
        self.tag.set(Progress { attributes: self.attributes.len(), ..self.tag.get() });
    }

    fn init_attribute_value(&mut self) {
        self.from = self.at;
    }

    fn push_attribute_name(&mut self, s: &[u8]) {
        if let Some((name, _)) = self.attributes.last_mut() {
            name.extend(s);
        }
    }

    fn push_attribute_value(&mut self, s: &[u8]) {
        let piece = self.piece(s);
        if let (Some((_, value)), Some(piece)) = (self.attributes.last_mut(), piece) {
            append(value, piece);
        }
    }

    fn set_doctype_public_identifier(&mut self, _value: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _value: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _s: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _s: &[u8]) {}

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end && !self.last_start.is_empty() && self.name == self.last_start
    }
}

/// What becomes of the text in an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Text,
    Protected,
    LeftOut,
}

#[derive(Debug)]
struct Element {
    name: String,
    mode: Mode,
}

struct Page<'t, 'd> {
    writer: Writer<'t>,
    /// Texts of attributes inside the block.
    attributes: Vec<SegmentText>,
    language: &'static str,
    blocks: Blocks<'d>,
    open: Vec<Element>,
    /// How many elements were open when a placeable began, and the length of the text.
    protected: Option<(usize, usize)>,
}

impl Page<'_, '_> {
    fn mode(&self) -> Mode {
        self.open.last().map_or(Mode::Text, |element| element.mode)
    }

    fn token(&mut self, token: Token) {
        match token {
            Token::Text(pieces) => {
                if self.mode() != Mode::LeftOut {
                    self.writer.pieces(&pieces);
                }
            }
            Token::Start { name, attributes, range } => self.start(name, &attributes, range),
            Token::End(name) => self.end(&name),
            Token::Other => {}
        }
    }

    fn start(&mut self, name: String, attributes: &[Attribute], range: Range<usize>) {
        if SIBLINGS.contains(&name.as_str()) && self.open.last().is_some_and(|e| e.name == name) {
            self.close(self.open.len() - 1);
        }
        let is_inline = INLINE.contains(&name.as_str());
        if name == "br" {
            if self.mode() != Mode::LeftOut {
                self.writer.line_end(range);
            }
        } else if !is_inline {
            self.flush();
        }
        let mode = self.mode_of(&name, is_inline, attributes);
        if mode == Mode::Text {
            self.texts(&name, attributes);
        }
        if VOID.contains(&name.as_str()) || self.open.len() == MAX_DEPTH {
            return;
        }
        if mode == Mode::Protected && self.protected.is_none() {
            self.protected = Some((self.open.len(), self.writer.builder.len()));
        }
        self.open.push(Element { name, mode });
    }

    fn mode_of(&self, name: &str, is_inline: bool, attributes: &[Attribute]) -> Mode {
        let outer = self.mode();
        if outer == Mode::LeftOut && self.open.last().is_some_and(|e| is_left_out(&e.name)) {
            return outer;
        }
        if is_left_out(name) {
            return Mode::LeftOut;
        }
        let of = |wanted: &str| {
            let found = attributes.iter().find(|a| a.name == wanted)?;
            Some(self.writer.value(found))
        };
        let is_foreign = || {
            let tag = of("lang").or_else(|| of("xml:lang")).unwrap_or_default();
            !tag.trim().is_empty() && !languages::is_same(&tag, self.language)
        };
        let untranslated = match of("translate").as_deref().map(str::trim) {
            Some("no") => true,
            Some("yes" | "") => return Mode::Text,
            _ => {
                let class = of("class").unwrap_or_default();
                class.split_whitespace().any(|class| class == "notranslate")
                    || !matches!(name, "html" | "body") && is_foreign()
            }
        };
        let is_code = CODE.contains(&name);
        match outer {
            Mode::Text if untranslated && !is_inline => Mode::LeftOut,
            Mode::Text if untranslated || is_code => Mode::Protected,
            outer => outer,
        }
    }

    /// The texts of a tag's attributes.
    fn texts(&mut self, name: &str, attributes: &[Attribute]) {
        let is = |name: &str, values: &[&str]| {
            let found = attributes.iter().find(|attribute| attribute.name == name);
            found.is_some_and(|a| values.contains(&self.writer.value(a).as_str()))
        };
        let is_description = name == "meta"
            && (is("name", &["description", "twitter:description", "twitter:title"])
                || is("property", &["og:description", "og:title"]));
        for attribute in attributes {
            let is_text = TEXTS.contains(&attribute.name.as_str())
                || is_description && attribute.name == "content";
            if is_text {
                let mut writer = Writer::new(self.writer.text, self.writer.to_file);
                writer.pieces(&attribute.value);
                self.attributes.push(writer.builder.text);
            }
        }
    }

    fn end(&mut self, name: &str) {
        if !INLINE.contains(&name) {
            self.flush();
        }
        if let Some(at) = self.open.iter().rposition(|element| element.name == name) {
            self.close(at);
        }
    }

    /// Closes all elements from the one at `depth` on.
    fn close(&mut self, depth: usize) {
        if let Some((at, start)) = self.protected
            && at >= depth
        {
            self.writer.builder.mark(start, PlaceableKind::Code);
            self.protected = None;
        }
        self.open.truncate(depth);
    }

    /// Ends a block.
    fn flush(&mut self) {
        if let Some((_, start)) = &mut self.protected {
            self.writer.builder.mark(*start, PlaceableKind::Code);
            *start = 0;
        }
        let new = Writer::new(self.writer.text, self.writer.to_file);
        let Writer { builder, breaks, .. } = std::mem::replace(&mut self.writer, new);
        let text = builder.text;
        let has_words = |text: &SegmentText| text.text.contains(char::is_alphanumeric);
        if breaks.is_empty() {
            if has_words(&text) {
                self.blocks.push(text);
            }
        } else {
            let mut lines: Vec<Range<usize>> = Vec::new();
            let mut from = 0;
            for at in breaks.into_iter().chain([text.text.len()]) {
                let line = super::trimmed(&text.text, from..at);
                if !line.is_empty() {
                    lines.push(line);
                }
                from = at;
            }
            let contents: Vec<&str> = lines.iter().map(|line| &text.text[line.clone()]).collect();
            for group in wrap::groups(&contents, true) {
                let span = lines[group.start].start..lines[group.end - 1].end;
                let part = part(&text, Span::new(span));
                if has_words(&part) {
                    self.blocks.push(part);
                }
            }
        }
        for text in std::mem::take(&mut self.attributes) {
            if has_words(&text) {
                self.blocks.push(text);
            }
        }
    }
}

fn is_left_out(name: &str) -> bool {
    LEFT_OUT.contains(&name)
}

struct Writer<'t> {
    text: &'t str,
    to_file: &'t OffsetMap,
    builder: Builder<'t>,
    /// Where in the text `<br>` stands.
    breaks: Vec<usize>,
}

impl<'t> Writer<'t> {
    fn new(text: &'t str, to_file: &'t OffsetMap) -> Self {
        Self { text, to_file, builder: Builder::new(text, to_file), breaks: Vec::new() }
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            match piece {
                Piece::Copy(range) => self.copy(range.clone()),
                Piece::Decode(text, range) if text.trim_matches(is_space).is_empty() => {
                    self.space(range.clone());
                }
                Piece::Decode(text, range) => self.builder.decode(text, range.clone()),
            }
        }
    }

    fn copy(&mut self, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let rest = &self.text[at..range.end];
            let words = words(rest);
            self.builder.copy(at..at + words);
            at += words;
            let rest = &rest[words..];
            let space = rest.len() - rest.trim_start_matches(is_space).len();
            if space > 0 {
                self.space(at..at + space);
            }
            at += space;
        }
    }

    fn space(&mut self, range: Range<usize>) {
        if !self.builder.text.text.is_empty() && !self.builder.text.text.ends_with(' ') {
            self.builder.decode(" ", range);
        }
    }

    fn line_end(&mut self, range: Range<usize>) {
        self.space(range);
        self.breaks.push(self.builder.len());
    }

    fn value(&self, attribute: &Attribute) -> String {
        let mut value = String::new();
        for piece in &attribute.value {
            match piece {
                Piece::Copy(range) => value.push_str(&self.text[range.clone()]),
                Piece::Decode(text, _) => value.push_str(text),
            }
        }
        value.make_ascii_lowercase();
        value
    }
}

/// White space of HTML: a no-break space is none.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}')
}

/// How much of `text` goes before white space that is not one space between words.
fn words(text: &str) -> usize {
    let bytes = text.as_bytes();
    let is_space = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0xc);
    let mut at = 0;
    while at < bytes.len() {
        if is_space(bytes[at]) {
            let between = at > 0 && bytes[at] == b' ';
            if !between || bytes.get(at + 1).is_none_or(|next| is_space(*next)) {
                return at;
            }
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, read, read_in, targets};
    use super::*;
    use crate::text::Direction;

    #[track_caller]
    fn html(text: &str, expected: &[&str]) -> Document {
        let document = read(&Html, text);
        assert_eq!(targets(&document), expected);
        document
    }

    fn codes(document: &Document, segment: usize) -> Vec<&str> {
        let target = &document.segments[segment].target;
        target.placeables.iter().map(|p| p.span.of(&target.text)).collect()
    }

    #[test]
    fn blocks_of_every_kind() {
        html(
            "\u{feff}<!DOCTYPE html><html lang=en><head><title>Judul &amp; isi</title><meta \
             name=description content='Ringkasan.'><style>p { a }</style></head><body><h1>Kepala</h1>\
             <p>Satu. <b>Dua</b><p>Tiga<ul><li>empat<li>lima</ul><table><tr><td>a</td><td>b</table>\
             sisa <img src=x alt='Peta &amp; jalan' title=Taman> lagi <input placeholder='Nama'>\
             <script>var a = '<p>x</p>';</script><pre>kode</pre><textarea>isian <b></textarea> | </body>",
            &[
                "Judul & isi",
                "Ringkasan.",
                "Kepala",
                "Satu.",
                "Dua",
                "Tiga",
                "empat",
                "lima",
                "a",
                "b",
                "sisa lagi",
                "Peta & jalan",
                "Taman",
                "Nama",
                "isian <b>",
            ],
        );
    }

    #[test]
    fn places_go_through_references_and_tags() {
        let text = "<p>Caf&eacute; \r\n  &lt;b&gt; A&amp;B &notit; & x &#8220;ka<i>ta</i>&#x201d;<!-- c --> \
                    akhir&nbsp;kata &copy 3 < 4 é&é</p>";
        let document = html(text, &["Café <b> A&B ¬it; & x “kata” akhir\u{a0}kata © 3 < 4 é&é"]);
        assert_eq!(place(&document, 0, "Café"), "Caf&eacute;");
        assert_eq!(place(&document, 0, "é <b>"), "&eacute; \r\n  &lt;b&gt;");
        assert_eq!(place(&document, 0, "A&B"), "A&amp;B");
        assert_eq!(place(&document, 0, "& x"), "& x");
        assert_eq!(place(&document, 0, "kata"), "ka<i>ta");
        assert_eq!(place(&document, 0, "”"), "&#x201d;");
        assert_eq!(place(&document, 0, "akhir\u{a0}kata"), "akhir&nbsp;kata");
        assert_eq!(place(&document, 0, "© 3"), "&copy 3");
        assert_eq!(place(&document, 0, "< 4 é&é"), "< 4 é&é");
        let document = html("<img alt='&amp; &eacute;t<é' title=&lt;a>", &["& ét<é", "<a"]);
        assert_eq!(place(&document, 0, "&"), "&amp;");
        assert_eq!(place(&document, 0, "ét"), "&eacute;t");
        assert_eq!(place(&document, 1, "<a"), "&lt;a");
    }

    #[test]
    fn what_is_not_to_be_translated() {
        let document = html(
            "<p>Tekan <kbd>Ctrl <b>S</b></kbd> di <span translate=no>Big App</span>, <i lang=en>the app</i> \
             <i lang=id-ID>itu</i>.</p><div translate=no>a<p>b<div translate=yes>Ya</div></div>\
             <div class='x notranslate'>c</div><p lang=fr>Oui</p><p>Akhir <code>kode",
            &["Tekan Ctrl S di Big App, the app itu.", "Ya", "Akhir kode"],
        );
        assert_eq!(codes(&document, 0), ["Ctrl S", "Big App", "the app"]);
        assert_eq!(codes(&document, 2), ["kode"]);
        let document = read_in(&Html, "<p lang=en>Yes</p><p lang=id>Ya</p>", Direction::IdEn);
        assert_eq!(targets(&document), ["Yes"]);
    }

    #[test]
    fn a_break_parts_lines_that_do_not_run_on() {
        html(
            "<p>Jalan Melati 5<br>Kota Lama<br/>yang<br>\n<br>\n<br>Telepon</p>",
            &["Jalan Melati 5", "Kota Lama yang", "Telepon"],
        );
    }

    #[test]
    fn tag_soup() {
        html("</p></i>Satu<b><p>dua</b><i>tiga</p>empat<", &["Satu", "duatiga", "empat<"]);
        html("Satu<!-- dua <p>tiga", &["Satu"]);
        html("<a href=\"x>Satu", &[]);
        let many = format!("<p>Satu.\n<p {}>Dua.", "a=\"b\" ".repeat(1_000_000));
        let document = html(&many, &["Satu.", "Dua."]);
        assert_eq!(document.problems[0].line, 2);
        let many = format!("Satu <P t='> a=\"' {}>Dua.</p><i {0}>Tiga</i>", "a = '>' ".repeat(65));
        let document = html(&many, &["Satu", "Dua.", "Tiga"]);
        assert_eq!(document.problems.len(), 2);
        html(&format!("Satu <p {}", "a ".repeat(65)), &["Satu"]);
        let deep = format!("{}dalam{}luar", "<div>".repeat(3000), "</div>".repeat(3000));
        html(&deep, &["dalam", "luar"]);
    }

    #[test]
    fn comments_in_scripts_are_none() {
        let text = "<!-- a --><script>x <!-- b --></script><p>&amp;<!-- c --></p><title>d<!-- e --></title>";
        let raw: Vec<_> = Html.literal(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(raw, ["x <!-- b -->", "d<!-- e -->"]);
    }
}
