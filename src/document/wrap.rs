//! Which line ends part blocks, and which only wrap a paragraph.
//!
//! Files with a paragraph a line, without blank lines between, are as common as prose wrapped by
//! an editor; joining the lines of the first or parting those of the second spoils every sentence.
//! One rule for all formats decides, for a run of lines that are neither blank nor begin a list
//! item. They are **hard-wrapped**, and joined, if
//!
//! - the longest has 40 to 120 characters, as editors wrap;
//! - every line but the last is full: the first word of the next would have made it longer than
//!   the longest line;
//! - at least one sentence visibly runs on: a line that ends no sentence is followed by one that
//!   starts in lower case.
//!
//! Otherwise each line is a block of its own. Markdown, where a single line end means nothing,
//! also joins any two lines between which a sentence visibly runs on.

use std::ops::Range;

use super::sentence::ends_sentence;

/// Lengths of the longest line of wrapped prose, in characters.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=120;

/// Groups `lines` (trimmed, not blank, in order) into blocks. `soft`: the format joins lines of a
/// paragraph.
pub(super) fn groups(lines: &[&str], soft: bool) -> Vec<Range<usize>> {
    let hard_wrapped = is_hard_wrapped(lines);
    let mut groups: Vec<Range<usize>> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        match groups.last_mut() {
            Some(group) if hard_wrapped || (soft && runs_on(lines[index - 1], line)) => {
                group.end = index + 1;
            }
            _ => groups.push(index..index + 1),
        }
    }
    groups
}

fn is_hard_wrapped(lines: &[&str]) -> bool {
    let length = |line: &str| line.chars().count();
    // Bytes first: most files fail here, without a character counted.
    if lines.len() < 2 || lines.iter().any(|line| line.len() > 4 * WIDTHS.end()) {
        return false;
    }
    let width = lines.iter().map(|line| length(line)).max().unwrap_or(0);
    let full = |pair: &[&str]| {
        let word = pair[1].split_whitespace().next().unwrap_or("");
        length(pair[0]) + 1 + length(word) > width
    };
    WIDTHS.contains(&width)
        && lines.windows(2).all(full)
        && lines.windows(2).any(|pair| runs_on(pair[0], pair[1]))
}

/// Whether a sentence visibly goes on from `line` to `next`.
pub(super) fn runs_on(line: &str, next: &str) -> bool {
    let first = next.chars().find(|c| c.is_alphanumeric() || c.is_whitespace());
    first.is_some_and(char::is_lowercase) && !ends_sentence(line)
}

/// Whether a line begins with the mark of a list item.
pub(super) fn starts_item(line: &str) -> bool {
    let mark = line.split_whitespace().next().unwrap_or("");
    let number = mark.strip_suffix(['.', ')']).unwrap_or("");
    matches!(mark, "-" | "*" | "+" | "•" | "–" | "·")
        || ((1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "one group is what is meant")]
mod tests {
    use super::*;

    #[test]
    fn prose_wrapped_by_an_editor_is_joined() {
        let lines = [
            "Pemerintah kota meresmikan taman baru di tepi",
            "sungai. Taman itu dibangun selama dua tahun",
            "dan dibuka untuk umum mulai hari ini.",
        ];
        assert_eq!(groups(&lines, false), [0..3]);
    }

    #[test]
    fn a_paragraph_a_line_is_not() {
        let lines = [
            "Judul berita yang cukup panjang tanpa titik",
            "Sumber: Kantor Berita, Penulis: Budi",
            "Pemerintah kota meresmikan taman baru di tepi sungai pada hari ini dan semua orang datang.",
            "Selesai.",
        ];
        assert_eq!(groups(&lines, false).len(), 4);
        // Each line full, but none runs on.
        assert_eq!(groups(&lines[..2], true).len(), 2);
        // Short lines are a list or a poem.
        assert_eq!(groups(&["apel merah", "jeruk"], false).len(), 2);
        assert_eq!(groups(&[], false).len(), 0);
    }

    #[test]
    fn markdown_joins_a_sentence_that_runs_on() {
        let lines = ["Taman itu,", "yang baru, dibuka.", "Semua datang."];
        assert_eq!(groups(&lines, true), [0..2, 2..3]);
        assert_eq!(groups(&lines, false).len(), 3);
    }

    #[test]
    fn items() {
        for item in ["- a", "1. a", "12) a", "• a", "*\ta"] {
            assert!(starts_item(item), "{item}");
        }
        for text in ["-a", "1.a", "2023. a", "** \"Harga", "", "a"] {
            assert!(!starts_item(text), "{text}");
        }
    }
}
