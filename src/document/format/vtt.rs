//! WebVTT subtitles.
//!
//! Read like SubRip (`srt.rs`). The header, notes, styles, regions, identifiers and settings of
//! cues are left out; tags of WebVTT (`<i>`, `<c.loud>`, `<v Budi>`, `<00:01.000>`) are not in the
//! text, and its character references are decoded. A new voice (`<v …>` at the start of a line)
//! begins a block. `NOTE cermat:ignore …` holds for the next cue.

use std::{ops::Range, path::Path, sync::LazyLock};

use regex::Regex;

use super::{
    DocumentFormat, Problems, ReadOptions, body, has_extension, is_nameless, lines,
    srt::{BAD_TIMES, NO_TIMES, decoded, is_times, push_cues, seems_times},
};
use crate::document::{Comments, Document, ReadError};

/// WebVTT subtitles: `.vtt`.
pub(super) struct Vtt;

static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"</?(?:i|b|u|c|v|lang|ruby|rt)(?:[.\s][^<>]*)?>|<[0-9][0-9:.]*>|&(?:amp|lt|gt|nbsp|lrm|rlm|quot|#39);";
    Regex::new(pattern).expect("the pattern is valid")
});

fn meaning(markup: &str) -> Option<char> {
    Some(match markup {
        "&amp;" => '&',
        "&lt;" => '<',
        "&gt;" => '>',
        "&quot;" => '"',
        "&#39;" => '\'',
        "&nbsp;" => '\u{a0}',
        "&lrm;" => '\u{200e}',
        "&rlm;" => '\u{200f}',
        _ => return None,
    })
}

impl DocumentFormat for Vtt {
    fn name(&self) -> &'static str {
        "vtt"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        let begins = |head: &str| head[body(head)..].starts_with("WEBVTT");
        has_extension(path, &["vtt"]) || (is_nameless(path) && begins(head))
    }

    fn comments(&self) -> Comments {
        Comments::Note
    }

    fn takes_raw(&self, text: &str) -> bool {
        !text.contains(|c: char| c.is_control() || "<>&{}\\".contains(c))
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let mut problems = Problems::default();
        let mut cues: Vec<Vec<Range<usize>>> = Vec::new();
        let rows: Vec<Range<usize>> = lines(&text, body(&text)..text.len()).collect();
        let is_blank = |row: &Range<usize>| row.is_empty();
        for block in rows.split(is_blank).filter(|block| !block.is_empty()) {
            let first = &text[block[0].clone()];
            let word = first.split_whitespace().next().unwrap_or("");
            if matches!(word, "WEBVTT" | "NOTE" | "STYLE" | "REGION") {
                continue;
            }
            // The times, behind an identifier if there is one.
            let times = block.iter().take(2).position(|row| seems_times(&text[row.clone()]));
            let Some(times) = times else {
                problems.add(document, block[0].start, NO_TIMES);
                continue;
            };
            let mut cue = Vec::new();
            for (index, row) in block.iter().enumerate().skip(times) {
                let content = &text[row.clone()];
                if !seems_times(content) {
                    cue.push(row.clone());
                    continue;
                }
                if !is_times(content) {
                    problems.add(document, row.start, BAD_TIMES);
                }
                if index > times {
                    cues.push(std::mem::take(&mut cue));
                }
            }
            cues.push(cue);
        }
        problems.hand_to(document);
        push_cues(&text, &cues, &|line| decoded(&text, line, &MARKUP, &meaning), document, options);
        document.text = text;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, problems, read, targets};
    use super::*;

    #[test]
    fn cues_without_what_stands_around_them() {
        let text = "\u{feff}WEBVTT - Judul\nKind: captions\n\nNOTE\nCatatan.\n\nSTYLE\n::cue { color: red }\n\n\
                    awal\n00:01.000 --> 00:02.000 align:start\n<v Budi>Tom &amp; <c.loud>Jerry</c>\n<00:01.500>sudah pulang.\n\n\
                    00:03.000 --> 01:00:04.000\n<v.x Ani>Baik.\n<v Budi>lalu?\n\nTanpa waktu.\n";
        let document = read(&Vtt, text);
        assert_eq!(targets(&document), ["Tom & Jerry sudah pulang.", "Baik.", "lalu?"]);
        assert_eq!(place(&document, 0, "&"), "&amp;");
        assert_eq!(place(&document, 0, "Jerry sudah"), "Jerry</c>\n<00:01.500>sudah");
        assert_eq!(problems(&document), [(19, NO_TIMES)]);
        assert!(read(&Vtt, "WEBVTT\r\n").segments.is_empty());
    }
}
