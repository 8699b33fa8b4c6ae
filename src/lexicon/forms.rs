//! The forms of a word: English inflection, and Indonesian affixes and reduplication.
//!
//! Without a dictionary of roots, as glossaries have words that none has. What comes out are
//! candidates: `memakan` may come from `makan`, `pakan` or `memakan`. The rules for Indonesian are those
//! of confix stripping (Adriani et al., ACM TALIP 6(4), 2007): particles and possessives, suffixes,
//! then at most two prefixes with the sound that they swallow.

use std::collections::BTreeSet;

use crate::text::Language;

/// Shortest root, in letters.
const ROOT: usize = 3;

/// How much two forms may differ and still be one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kinship {
    /// Inflection: `terms` of `term`, `buku-bukunya` of `buku`, `diunduh` of `unduh`.
    Inflected,
    /// Derivation as well: `pengunduhan` of `unduh`.
    Derived,
}

/// Whether `word` is a form of `term`, both in lower case and of `language`.
#[must_use]
pub fn is_form(language: Language, kinship: Kinship, term: &str, word: &str) -> bool {
    if term == word {
        return true;
    }
    let roots = |word: &str| match language {
        Language::En => english(word),
        Language::Id => indonesian(word, kinship),
    };
    match kinship {
        Kinship::Inflected => roots(word).contains(term),
        Kinship::Derived => !roots(word).is_disjoint(&roots(term)),
    }
}

fn english(word: &str) -> BTreeSet<String> {
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
    let mut out = BTreeSet::from([word.to_owned()]);
    let mut add = |stem: &str, ending: &str| {
        if stem.len() + ending.len() >= ROOT {
            out.insert(format!("{stem}{ending}"));
        }
    };
    for (suffix, endings) in [
        ("s", &["", "'"][..1]),
        ("es", &[""]),
        ("ies", &["y", "ie"]),
        ("ed", &["", "e"]),
        ("ied", &["y"]),
        ("ing", &["", "e"]),
    ] {
        let Some(stem) = word.strip_suffix(suffix) else { continue };
        for ending in endings {
            add(stem, ending);
        }
        // `stopped`, `planning`.
        let mut last = stem.chars().rev();
        if suffix.len() > 1 && last.next().is_some_and(|c| last.next() == Some(c)) {
            add(&stem[..stem.len() - 1], "");
        }
    }
    out
}

fn indonesian(word: &str, kinship: Kinship) -> BTreeSet<String> {
    let mut out = BTreeSet::from([word.to_owned()]);
    // Reduplication: `buku-buku`, `sayur-mayur`, `tarik-menarik`.
    let parts = word.split('-').filter(|part| part.len() >= ROOT);
    out.extend(parts.map(str::to_owned));
    let strip = |out: &mut BTreeSet<String>, suffixes: &[&str]| {
        let cut = |word: &String| -> Vec<String> {
            let stems = suffixes.iter().filter_map(|suffix| word.strip_suffix(suffix));
            stems.filter(|stem| stem.len() >= ROOT).map(str::to_owned).collect()
        };
        let cut: Vec<String> = out.iter().flat_map(cut).collect();
        out.extend(cut);
    };
    strip(&mut out, &["lah", "kah", "tah", "pun"]);
    strip(&mut out, &["nya", "ku", "mu"]);
    if kinship == Kinship::Derived {
        strip(&mut out, &["kan", "i", "an"]);
    }
    let times = if kinship == Kinship::Derived { 2 } else { 1 };
    for _ in 0..times {
        let stems: Vec<String> = out.iter().flat_map(|word| prefixed(word, kinship)).collect();
        out.extend(stems);
    }
    out
}

/// What `word` may be without one prefix.
fn prefixed(word: &str, kinship: Kinship) -> Vec<String> {
    let mut out = Vec::new();
    let mut add = |sound: &str, rest: &str| {
        if sound.len() + rest.len() >= ROOT {
            out.push(format!("{sound}{rest}"));
        }
    };
    let plain: &[&str] = match kinship {
        Kinship::Inflected => &["di", "ku", "kau"],
        Kinship::Derived => {
            &["di", "ku", "kau", "ke", "se", "ter", "te", "ber", "be", "bel", "per", "pel"]
        }
    };
    for prefix in plain {
        if let Some(rest) = word.strip_prefix(prefix) {
            add("", rest);
        }
    }
    // The nasal swallows k, t, s or p, and stands before other sounds.
    let heads: &[&str] = if kinship == Kinship::Derived { &["me", "pe"] } else { &["me"] };
    for head in heads {
        let Some(rest) = word.strip_prefix(head) else { continue };
        add("", rest);
        for (nasal, swallowed) in [("nge", ""), ("ng", "k"), ("ny", "s"), ("n", "t"), ("m", "p")] {
            if let Some(rest) = rest.strip_prefix(nasal) {
                add("", rest);
                if rest.starts_with(['a', 'e', 'i', 'o', 'u']) {
                    add(swallowed, rest);
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Kinship, is_form};
    use crate::text::Language;

    #[test]
    fn affixes_and_reduplication() {
        for (term, word) in [
            ("unduh", "mengunduh"),
            ("unduh", "diunduhnya"),
            ("unduh", "pengunduhan"),
            ("kirim", "mengirimkan"),
            ("tulis", "penulis"),
            ("sapu", "menyapu"),
            ("pakai", "memakainya"),
            ("buku", "buku-bukunya"),
            ("ajar", "pembelajaran"),
            ("baca", "terbaca"),
            ("cat", "mengecat"),
            ("guna", "berguna"),
            ("penggunaan", "menggunakan"),
            ("main", "permainan"),
        ] {
            assert!(is_form(Language::Id, Kinship::Derived, term, word), "{term} {word}");
        }
        assert!(is_form(Language::Id, Kinship::Inflected, "buku", "bukunya"));
        assert!(is_form(Language::Id, Kinship::Inflected, "unduh", "diunduh"));
        assert!(!is_form(Language::Id, Kinship::Inflected, "unduh", "pengunduhan"));
        for (term, word) in [("unduh", "unggah"), ("kirim", "krim"), ("buku", "baku")] {
            assert!(!is_form(Language::Id, Kinship::Derived, term, word), "{term} {word}");
        }
    }

    #[test]
    fn english_inflection() {
        for (term, word) in [
            ("file", "files"),
            ("query", "queries"),
            ("stop", "stopped"),
            ("use", "using"),
            ("box", "boxes"),
            ("user", "user's"),
        ] {
            assert!(is_form(Language::En, Kinship::Inflected, term, word), "{term} {word}");
        }
        assert!(!is_form(Language::En, Kinship::Inflected, "use", "user"));
    }
}
