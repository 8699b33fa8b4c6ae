//! Blocks of running text, cut into segments.

use std::{collections::HashMap, ops::Range};

use super::{
    Document, Placeable, PlaceableKind, SegmentText, address::addresses, format::ReadOptions,
    sentence::sentences_around,
};
use crate::text::{OffsetMap, Span};

/// Puts the text of a block together from stretches of its origin.
#[derive(Debug)]
pub(super) struct Builder<'a> {
    /// What offsets handed to the builder count in.
    origin: &'a str,
    /// From there to the file.
    to_file: &'a OffsetMap,
    pub(super) text: SegmentText,
}

impl<'a> Builder<'a> {
    pub(super) fn new(origin: &'a str, to_file: &'a OffsetMap) -> Self {
        Self { origin, to_file, text: SegmentText::default() }
    }

    /// What ranges count in.
    pub(super) fn origin(&self) -> &'a str {
        self.origin
    }

    /// Bytes of text so far.
    pub(super) fn len(&self) -> usize {
        self.text.text.len()
    }

    /// Appends what stands at `range`, as it is.
    pub(super) fn copy(&mut self, range: Range<usize>) {
        self.text.text.push_str(&self.origin[range.clone()]);
        self.text.offsets.append(&self.to_file.slice(Span::new(range)));
    }

    /// Appends `text`, which stands for the bytes at `range`.
    pub(super) fn decode(&mut self, text: &str, range: Range<usize>) {
        let Some(file) = self.to_file.to_file(Span::new(range)) else { return };
        self.text.text.push_str(text);
        self.text.offsets.push(text.len(), file.start, file.end - file.start);
    }

    /// Marks what was appended since the text had `start` bytes.
    pub(super) fn mark(&mut self, start: usize, kind: PlaceableKind) {
        if start < self.len() {
            let span = Span::new(start..self.len());
            self.text.placeables.push(Placeable { span, kind });
        }
    }
}

/// Adds the addresses in the text to its placeables, except inside others.
pub(super) fn add_addresses(text: &mut SegmentText) {
    let found: Vec<_> = addresses(&text.text).collect();
    if found.is_empty() {
        return;
    }
    text.placeables.sort_by_key(|placeable| placeable.span.start);
    let known = &text.placeables;
    let new = found.into_iter().filter(|new| {
        let behind = known.partition_point(|old| old.span.end <= new.span.start);
        known.get(behind).is_none_or(|old| !old.span.overlaps(new.span))
    });
    let new: Vec<_> = new.collect();
    text.placeables.extend(new);
    text.placeables.sort_by_key(|placeable| placeable.span.start);
}

/// The part `span` of a text; a placeable that reaches out of it is cut.
pub(super) fn part(text: &SegmentText, span: Span) -> SegmentText {
    let first = text.placeables.partition_point(|placeable| placeable.span.end <= span.start);
    let inside = text.placeables[first..].iter().take_while(|next| next.span.start < span.end);
    let placeables = inside
        .map(|next| {
            let (start, end) = (next.span.start.max(span.start), next.span.end.min(span.end));
            let span = Span { start: start - span.start, end: end - span.start };
            Placeable { span, ..*next }
        })
        .collect();
    SegmentText {
        text: span.of(&text.text).to_owned(),
        offsets: text.offsets.slice(span),
        placeables,
    }
}

/// The tags in a text, to tell those that work from those left over.
#[derive(Debug, Default)]
pub(super) struct Tags(Vec<InlineTag>);

#[derive(Debug)]
struct InlineTag {
    name: String,
    closes: bool,
    /// Has no partner: `<br>`, `<x/>`.
    is_empty: bool,
    span: Span,
}

impl Tags {
    /// Adds the tag `html` at `span`; `is_empty`: it needs no partner.
    pub(super) fn add(&mut self, html: &str, span: Span, is_empty: bool) {
        let inner = html.trim_start_matches('<');
        let closes = inner.starts_with('/');
        let inner = inner.trim_start_matches('/');
        let end = inner.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let name = inner[..end.unwrap_or(inner.len())].to_ascii_lowercase();
        let is_empty = is_empty
            || html.ends_with("/>")
            || ["br", "hr", "img", "wbr", "input"].contains(&name.as_str());
        self.0.push(InlineTag { name, closes, is_empty, span });
    }

    /// Those that have a partner or need none, in no order.
    pub(super) fn paired(&self) -> impl Iterator<Item = Span> {
        let mut open: HashMap<&str, Vec<Span>> = HashMap::new();
        let mut paired = Vec::new();
        for tag in &self.0 {
            if tag.is_empty {
                paired.push(tag.span);
            } else if !tag.closes {
                open.entry(&tag.name).or_default().push(tag.span);
            } else if let Some(start) = open.get_mut(&*tag.name).and_then(Vec::pop) {
                paired.extend([start, tag.span]);
            }
        }
        paired.into_iter()
    }
}

/// Appends blocks to a document.
#[derive(Debug)]
pub(super) struct Blocks<'a> {
    document: &'a mut Document,
    options: &'a ReadOptions,
    next: u32,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(document: &'a mut Document, options: &'a ReadOptions) -> Self {
        let next = document.segments.last().map_or(0, |last| last.block + 1);
        Self { document, options, next }
    }

    /// Appends a block of the target: a segment for each of its sentences. A blank block is none.
    pub(super) fn push(&mut self, text: SegmentText) {
        self.next += u32::from(self.sentences(text));
    }

    /// The same, where a sentence never goes beyond the end of a line of `text`.
    pub(super) fn push_lines(&mut self, text: &SegmentText) {
        let mut from = 0;
        let mut any = false;
        for line in text.text.split('\n') {
            any |= self.sentences(part(text, Span::new(from..from + line.len())));
            from += line.len() + 1;
        }
        self.next += u32::from(any);
    }

    /// Appends the sentences of `text`; whether there were any.
    fn sentences(&mut self, mut text: SegmentText) -> bool {
        add_addresses(&mut text);
        text.placeables.sort_by_key(|placeable| placeable.span.start);
        let direction = self.options.direction;
        let spans = sentences_around(&text.text, direction.target(), &text.placeables);
        for span in &spans {
            self.document.push(self.next, direction, None, part(&text, *span));
        }
        !spans.is_empty()
    }
}
