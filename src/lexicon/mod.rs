//! Words that one of the two languages has and the other has not.
//!
//! Made by `scripts/lexicon.py` from counts in Indonesian and English texts; how, stands there.

pub mod forms;
pub mod glossary;
pub mod names;
pub mod patterns;
pub mod phrases;
pub mod required;
pub mod syntax;

use std::{collections::HashSet, sync::LazyLock};

use rustc_hash::FxHashMap;

use crate::text::Language;

/// How sure it is that a word in lower case belongs to one of the two languages only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Says something only in the company of others.
    Weak,
    /// Likely by itself.
    Likely,
    /// Sure by itself.
    Sure,
}

type Words = FxHashMap<&'static str, Strength>;

fn read(list: &'static str) -> Words {
    let line = |line: &'static str| {
        let (word, digit) = line.split_once(' ')?;
        let strength = match digit {
            "2" => Strength::Sure,
            "1" => Strength::Likely,
            _ => Strength::Weak,
        };
        Some((word, strength))
    };
    list.lines().filter_map(line).collect()
}

static ENGLISH: LazyLock<Words> = LazyLock::new(|| read(include_str!("english.txt")));
static INDONESIAN: LazyLock<Words> = LazyLock::new(|| read(include_str!("indonesian.txt")));
static COMPOUNDS: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("compounds.txt").lines().collect());

/// How sure it is that `word`, in lower case, is of `language` and not of the other one. `None`
/// for words of both, of neither, and those that are rare.
#[must_use]
pub fn only(language: Language, word: &str) -> Option<Strength> {
    let words = match language {
        Language::Id => &INDONESIAN,
        Language::En => &ENGLISH,
    };
    words.get(word).copied()
}

/// Whether `word`, in lower case, is a word of `language`'s own.
#[must_use]
pub fn is_word(language: Language, word: &str) -> bool {
    only(language, word).is_some()
}

/// Whether Indonesian texts write this compound of English words (`real-time`).
#[must_use]
pub fn is_loan_compound(word: &str) -> bool {
    COMPOUNDS.binary_search(&word).is_ok()
}

/// The words of a list of `words.tsv`.
///
/// # Panics
/// For a list that the file has not: lists are part of the program, and tests read them all.
#[must_use]
pub fn list(name: &str) -> HashSet<&'static str> {
    let line = include_str!("words.tsv")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('\t'))
        .unwrap_or_else(|| panic!("no list `{name}`"));
    line.split(' ').collect()
}

/// The words of a file with one a line; lines that begin with `#` are comments.
#[must_use]
pub fn lines(file: &'static str) -> HashSet<&'static str> {
    file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

#[cfg(test)]
mod tests {
    use super::{COMPOUNDS, Language, Strength, is_loan_compound, only};

    #[test]
    fn the_lists_part_the_languages() {
        assert_eq!(only(Language::En, "the"), Some(Strength::Sure));
        assert!(only(Language::En, "last").is_some());
        assert!(only(Language::Id, "bulan").is_some());
        for word in ["game", "file", "data", "online", "startup", "metaverse", "hype"] {
            assert_eq!(only(Language::En, word), None, "{word}");
            assert_eq!(only(Language::Id, word), None, "{word}");
        }
        assert!(is_loan_compound("built-in"));
        assert!(!is_loan_compound("full-line"));
        assert!(COMPOUNDS.is_sorted());
    }
}
