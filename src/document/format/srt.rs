//! SubRip subtitles.
//!
//! Numbers and times are left out. The lines of a cue are joined by a space, except where another
//! speaker begins (`- Halo.`). Cues are joined to one block where a sentence visibly runs on: a
//! cue that ends no sentence is followed by one that starts in lower case. So a sentence over two
//! cues is one segment; a mark in it that reaches over both covers the time between them.
//!
//! Formatting (`<i>`, `<b>`, `<u>`, `<s>`, `<font …>`, `{\an8}`, `{b}`) works, and is not in the
//! text; other tags stay, for a check to report. A line that is no time but looks like one is a
//! problem; the text below it is read. The format has no comments: use a baseline.

use std::{ops::Range, path::Path, sync::LazyLock};

use regex::Regex;

use super::{
    DocumentFormat, Problems, ReadOptions, body, has_extension, is_nameless, lines, trimmed,
};
use crate::{
    document::{
        Document, ReadError, SegmentText,
        block::{Blocks, Builder},
        wrap,
    },
    text::{OffsetMap, Span},
};

/// SubRip subtitles: `.srt`.
pub(super) struct Srt;

static TIMES: LazyLock<Regex> = LazyLock::new(|| {
    let time = r"(?:[0-9]{1,4}:)?[0-9]{1,2}:[0-9]{2}(?:[,.][0-9]{1,3})?";
    Regex::new(&format!(r"^{time}\s*-->\s*{time}(?:\s|$)")).expect("the pattern is valid")
});

static FORMATTING: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?i)</?(?:i|b|u|s|font)(?:\s[^<>]*)?>|\{\\[^{}]*\}|\{/?[ibus]\}";
    Regex::new(pattern).expect("the pattern is valid")
});

impl DocumentFormat for Srt {
    fn name(&self) -> &'static str {
        "srt"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        let begins = |head: &str| {
            let mut lines = head.trim_start().lines();
            lines.next().is_some_and(is_number) && lines.next().is_some_and(is_times)
        };
        has_extension(path, &["srt"]) || (is_nameless(path) && begins(&head[body(head)..]))
    }

    fn takes_raw(&self, text: &str) -> bool {
        !text.contains(|c: char| c.is_control() || "<>&{}\\".contains(c))
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let mut problems = Problems::default();
        let mut cues: Vec<Vec<Range<usize>>> = Vec::new();
        // The line before, if it may be the number of a cue; and text before the first time.
        let mut number = None;
        let mut stray = None;
        for line in lines(&text, body(&text)..text.len()) {
            let content = &text[line.clone()];
            if seems_times(content) {
                if !is_times(content) {
                    problems.add(document, line.start, BAD_TIMES);
                }
                number = None;
                cues.push(Vec::new());
                continue;
            }
            if content.is_empty() {
                continue;
            }
            let next = is_number(content).then(|| line.clone());
            // A number that no time follows is text.
            let words = std::mem::replace(&mut number, next).into_iter();
            for line in words.chain((!is_number(content)).then_some(line)) {
                match cues.last_mut() {
                    Some(cue) => cue.push(line),
                    None => {
                        stray.get_or_insert(line.start);
                    }
                }
            }
        }
        if let Some((line, cue)) = number.zip(cues.last_mut()) {
            cue.push(line);
        }
        if let Some(at) = stray {
            problems.add(document, at, NO_TIMES);
        }
        problems.hand_to(document);
        push_cues(
            &text,
            &cues,
            &|line| decoded(&text, line, &FORMATTING, &|_| None),
            document,
            options,
        );
        document.text = text;
        Ok(())
    }
}

pub(super) const BAD_TIMES: &str = "not the times of a cue; write `00:00:01,000 --> 00:00:02,500`";
pub(super) const NO_TIMES: &str = "text without times before it is left out";

fn is_number(line: &str) -> bool {
    !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `line` is meant to hold the times of a cue.
pub(super) fn seems_times(line: &str) -> bool {
    line.starts_with(|c: char| c.is_ascii_digit()) && line.contains("->") && line.contains(':')
}

/// Whether `line` holds the times of a cue.
pub(super) fn is_times(line: &str) -> bool {
    TIMES.is_match(line.trim())
}

/// The line at `range` without what `markup` matches, or with what `meaning` makes of it.
pub(super) fn decoded(
    text: &str,
    range: Range<usize>,
    markup: &Regex,
    meaning: &dyn Fn(&str) -> Option<char>,
) -> SegmentText {
    let to_file = OffsetMap::contiguous(0, text.len());
    let mut builder = Builder::new(text, &to_file);
    let mut at = range.start;
    for found in markup.find_iter(&text[range.clone()]) {
        let place = range.start + found.start()..range.start + found.end();
        builder.copy(at..place.start);
        at = place.end;
        if let Some(c) = meaning(found.as_str()) {
            builder.decode(c.encode_utf8(&mut [0; 4]), place);
        }
    }
    builder.copy(at..range.end);
    builder.text
}

/// Appends the texts of cues, each given by its lines, to `document`.
pub(super) fn push_cues(
    text: &str,
    cues: &[Vec<Range<usize>>],
    decode: &dyn Fn(Range<usize>) -> SegmentText,
    document: &mut Document,
    options: &ReadOptions,
) {
    let mut blocks = Blocks::new(document, options);
    let mut block = SegmentText::default();
    // Where the text of the block ends in the file, and the line that it ends with.
    let mut end: Option<(usize, String)> = None;
    for cue in cues {
        let mut is_first = true;
        for line in cue {
            let decoded = sliced(decode(line.clone()));
            if decoded.text.is_empty() {
                continue;
            }
            let speaks = decoded.text.starts_with(['-', '–', '—', '‐'])
                || text[line.clone()].starts_with("<v");
            let start = decoded.offsets.to_file(Span { start: 0, end: 0 });
            let start = start.map_or(line.start, |place| place.start as usize);
            let joins = |last: &str| !speaks && (!is_first || wrap::runs_on(last, &decoded.text));
            match &end {
                Some((end, last)) if joins(last) && *end < start => {
                    block.text.push(' ');
                    block.offsets.push(1, *end as u64, (start - end) as u64);
                }
                _ => blocks.push(std::mem::take(&mut block)),
            }
            block.text.push_str(&decoded.text);
            block.offsets.append(&decoded.offsets);
            end = Some((line.end, decoded.text));
            is_first = false;
        }
    }
    blocks.push(block);
}

/// Without the white space at the edges.
fn sliced(text: SegmentText) -> SegmentText {
    let inner = trimmed(&text.text, 0..text.text.len());
    if inner.len() == text.text.len() {
        return text;
    }
    let span = Span::new(inner);
    let offsets = text.offsets.slice(span);
    SegmentText { text: span.of(&text.text).to_owned(), offsets, placeables: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, problems, read, targets};
    use super::*;

    #[test]
    fn cues_without_numbers_and_times() {
        let text = "\u{feff}1\r\n00:00:01,000 --> 00:00:02,500 X1:5\r\n<i>Dia sudah\r\npergi</i>,\r\n\r\n\
                    2\r\n00:00:03,000 --> 00:00:04,000\r\n{\\an8}katanya. Lalu?\r\n\r\n\
                    3\r\n00:00:05,000 --> 00:00:06,000\r\n- Halo.\r\n- <font color=\"red\">Hai</font>, 3 < 4.\r\n4\r\n";
        let document = read(&Srt, text);
        assert_eq!(problems(&document), []);
        assert_eq!(
            targets(&document),
            ["Dia sudah pergi, katanya.", "Lalu?", "- Halo.", "- Hai, 3 < 4.", "4"]
        );
        let blocks: Vec<u32> = document.segments.iter().map(|segment| segment.block).collect();
        assert_eq!(blocks, [0, 0, 1, 2, 2]);
        assert_eq!(place(&document, 0, "sudah pergi"), "sudah\r\npergi");
        assert_eq!(place(&document, 0, "katanya"), "katanya");
        assert!(place(&document, 0, "pergi, katanya").contains("-->"));
    }

    #[test]
    fn a_cue_without_a_blank_line_before_it_and_one_with_blank_lines_in_it() {
        let text =
            "1\n00:01 --> 00:02\nSatu.\n2\n00:00:03.000 --> 00:00:04.000\nDua\n\n1945\n\nTiga.\n";
        assert_eq!(targets(&read(&Srt, text)), ["Satu.", "Dua 1945 Tiga."]);
        assert!(read(&Srt, "\n\n").segments.is_empty());
    }

    #[test]
    fn what_looks_like_a_time_is_a_problem() {
        let text = "Judul\r1\r00:00:01,000 -> pagi\rSatu --> dua.\r\r2\r00:00:03,000 --> 00:00:04,000\rDua.\r";
        let document = read(&Srt, text);
        assert_eq!(targets(&document), ["Satu --> dua.", "Dua."]);
        assert_eq!(problems(&document), [(3, BAD_TIMES), (1, NO_TIMES)]);
    }
}
