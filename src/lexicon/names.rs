//! Names in both languages, and words that are no names: files that a translator can edit.
//!
//! `exonyms.tsv` has an English name a line, a tab, and the Indonesian forms with commas between;
//! `common.txt` has words that either language writes in lower case.

use std::sync::LazyLock;

use rustc_hash::{FxHashMap, FxHashSet};

use super::is_word;
use crate::text::Language;

static COMMON: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    include_str!("common.txt").lines().filter(|line| !line.starts_with('#')).collect()
});

type Forms = FxHashMap<String, Vec<String>>;

/// Forms of the other language, in lower case: of English names, and of the first words of
/// Indonesian ones.
static EXONYMS: LazyLock<(Forms, Forms)> = LazyLock::new(|| {
    let (mut english, mut indonesian) = (Forms::default(), Forms::default());
    let lines = include_str!("exonyms.tsv").lines().filter(|line| !line.starts_with('#'));
    for (name, forms) in lines.filter_map(|line| line.split_once('\t')) {
        let name = name.to_lowercase();
        for form in forms.split(',').map(|form| form.trim().to_lowercase()) {
            let first = form.split(' ').next().unwrap_or(&form).to_owned();
            indonesian.entry(first).or_default().push(name.clone());
            english.entry(name.clone()).or_default().push(form);
        }
    }
    (english, indonesian)
});

/// What the other language may write for `name`, a word of `language`, all in lower case.
#[must_use]
pub fn exonyms(language: Language, name: &str) -> &'static [String] {
    let forms = match language {
        Language::En => &EXONYMS.0,
        Language::Id => &EXONYMS.1,
    };
    forms.get(name).map_or(&[], Vec::as_slice)
}

/// Whether `word`, in lower case, is a word of one of the languages, inflected or not, and so no
/// name by itself.
#[must_use]
pub fn is_common(word: &str) -> bool {
    let known = |word: &str| {
        COMMON.contains(word) || is_word(Language::En, word) || is_word(Language::Id, word)
    };
    known(word)
        || ["s", "es", "ed", "d", "ly", "er", "or", "nya"]
            .iter()
            .any(|end| word.strip_suffix(end).is_some_and(|stem| stem.len() > 2 && known(stem)))
        || word
            .strip_suffix("ing")
            .is_some_and(|stem| stem.len() > 2 && (known(stem) || known(&format!("{stem}e"))))
}

#[cfg(test)]
mod tests {
    use super::{Language, exonyms, is_common};

    #[test]
    fn names_of_both_sides() {
        assert_eq!(exonyms(Language::En, "germany"), ["jerman"]);
        assert!(exonyms(Language::Id, "jerman").contains(&"germany".to_owned()));
        assert!(exonyms(Language::En, "rowling").is_empty());
    }

    #[test]
    fn common_words_are_no_names() {
        for word in ["bridge", "bridges", "painting", "jembatan", "quickly"] {
            assert!(is_common(word), "{word}");
        }
        for word in ["rowling", "tolstoy", "geneva"] {
            assert!(!is_common(word), "{word}");
        }
    }
}
