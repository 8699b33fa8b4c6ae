//! Blocks of running text, cut into segments.

use std::ops::Range;

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
    pub(super) fn push(&mut self, mut text: SegmentText) {
        add_addresses(&mut text);
        text.placeables.sort_by_key(|placeable| placeable.span.start);
        let direction = self.options.direction;
        let spans = sentences_around(&text.text, direction.target(), &text.placeables);
        let mut placeables = text.placeables.iter().copied().peekable();
        for span in &spans {
            let mut inside = Vec::new();
            while let Some(next) = placeables.next_if(|next| next.span.start < span.end) {
                let (start, end) = (next.span.start.max(span.start), next.span.end.min(span.end));
                if start < end {
                    let span = Span { start: start - span.start, end: end - span.start };
                    inside.push(Placeable { span, ..next });
                }
            }
            let target = SegmentText {
                text: span.of(&text.text).to_owned(),
                offsets: text.offsets.slice(*span),
                placeables: inside,
            };
            self.document.push(self.next, direction, None, target);
        }
        self.next += u32::from(!spans.is_empty());
    }
}
