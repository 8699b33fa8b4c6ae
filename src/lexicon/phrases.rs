//! Lists of phrases with what to write instead: files that a translator can edit.
//!
//! A line is `phrase`, a tab, `suggestion` (may be empty: none is certain), and, behind a second
//! tab, a note. Lines that begin with `#` are comments. A phrase is found whatever its capitals,
//! as whole words; `…` in it stands for one to three words.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::required::{Unit, Units, first_word, word};
use crate::text::Span;

/// A list, ready to search.
pub struct Phrases {
    /// The first word of a phrase → the entries that begin with it.
    starts: FxHashMap<Unit, Vec<u32>>,
    entries: Vec<Entry>,
}

/// A line of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What is looked for, or what stands before its `…`.
    head: &'static str,
    /// What stands behind `…`.
    tail: Option<&'static str>,
    /// What to write instead, if that is certain.
    pub suggestion: Option<&'static str>,
    /// Why, or what it comes from.
    pub note: Option<&'static str>,
}

/// Words that `…` may stand for.
const GAP: usize = 3;

impl Phrases {
    /// Reads a list.
    ///
    /// # Panics
    /// For a line without a tab, or one that does not begin with a letter or digit of ASCII: lists
    /// are part of the program, and tests read them all.
    #[must_use]
    pub fn read(list: &'static str) -> Self {
        let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let entries: Vec<Entry> = lines
            .map(|line| {
                let mut cells = line.split('\t');
                let phrase = cells.next().expect("a line has a first cell");
                let some = |cell: &&str| !cell.is_empty();
                let suggestion = cells.next().expect("a phrase, a tab, a suggestion");
                let (head, tail) = match phrase.split_once(" … ") {
                    Some((head, tail)) => (head, Some(tail)),
                    None => (phrase, None),
                };
                let suggestion = Some(suggestion).filter(some);
                Entry { head, tail, suggestion, note: cells.next().filter(some) }
            })
            .collect();
        let mut starts: FxHashMap<Unit, Vec<u32>> = FxHashMap::default();
        for (number, entry) in (0..).zip(&entries) {
            let first = first_word(entry.head);
            assert!(!first.is_empty(), "`{}` does not begin with a word", entry.head);
            starts.entry(word(first)).or_default().push(number);
        }
        Self { starts, entries }
    }

    /// Every phrase in `text`, longest first where several begin together, not overlapping.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<(Span, &Entry)> {
        self.find_with(text, &Units::of(text))
    }

    /// As [`Phrases::find`], with the units of `text`: they are the same for every list.
    #[must_use]
    pub fn find_with(&self, text: &str, units: &Units) -> Vec<(Span, &Entry)> {
        let mut found: Vec<(Span, &Entry)> = Vec::new();
        for (start, unit) in units.words() {
            for number in self.starts.get(&unit).into_iter().flatten() {
                let entry = &self.entries[*number as usize];
                found.extend(entry.at(text, start).map(|span| (span, entry)));
            }
        }
        found.sort_by_key(|(span, entry)| (span.start, Reverse(span.end), entry.head.len()));
        let mut last = 0;
        found.retain(|(span, _)| {
            let free = span.range().start >= last;
            if free {
                last = span.range().end;
            }
            free
        });
        found
    }

    /// How many phrases it has.
    #[cfg(test)]
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }
}

impl Entry {
    /// Its place in `text`, if it stands whole at `start`.
    fn at(&self, text: &str, start: usize) -> Option<Span> {
        let head = start + self.head.len();
        if !text.get(start..head)?.eq_ignore_ascii_case(self.head) {
            return None;
        }
        let end = match self.tail {
            None => head,
            Some(tail) => tail_end(text, head, tail)?,
        };
        let word = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let before = text[..start].chars().next_back();
        let after = text[end..].chars().next();
        let whole = !before.is_some_and(word) && !after.is_some_and(word);
        whole.then(|| Span::new(start..end))
    }

    /// As it stands in the list.
    #[must_use]
    pub fn phrase(&self) -> String {
        match self.tail {
            Some(tail) => format!("{} … {tail}", self.head),
            None => self.head.to_owned(),
        }
    }
}

/// Where `tail` ends, if it stands one to [`GAP`] words behind `from`.
fn tail_end(text: &str, from: usize, tail: &str) -> Option<usize> {
    let mut rest = text.get(from..)?.strip_prefix(' ')?;
    for _ in 0..GAP {
        let (word, behind) = rest.split_once(' ')?;
        if word.is_empty() || word.ends_with([',', '.', ';', ':']) {
            return None;
        }
        rest = behind;
        if rest.get(..tail.len()).is_some_and(|start| start.eq_ignore_ascii_case(tail)) {
            return Some(text.len() - rest.len() + tail.len());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Phrases;

    #[test]
    fn whole_words_and_gaps() {
        let list = Phrases::read(
            "# list\ndi rumah\tdirumah\napel … jatuh\t\tdari pohon\ndi rumah sakit\tx\n",
        );
        let found = |text: &'static str| -> Vec<&str> {
            list.find(text).iter().map(|(span, _)| span.of(text)).collect()
        };
        assert_eq!(found("Di Rumah sakit, di rumahnya, di rumah"), ["Di Rumah sakit", "di rumah"]);
        assert_eq!(
            found("apel merah besar jatuh; apel jatuh; apel, yang jatuh"),
            ["apel merah besar jatuh"]
        );
        assert_eq!(list.entries().len(), 3);
        assert_eq!(list.entries()[1].phrase(), "apel … jatuh");
    }
}
