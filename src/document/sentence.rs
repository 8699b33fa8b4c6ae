//! Sentence segmentation for Indonesian and English.
//!
//! A sentence ends at a stop (`.` `?` `!` `…`) with the quotes, brackets and markers that close
//! right behind it, where white space follows; CJK stops (`。` `！` `？`) end one without white
//! space. Then come the exceptions, in this order:
//!
//! - Nothing but punctuation is never a sentence: it stays with the sentence before (a stray
//!   ` **` at the end of a block), or, at the start, with the one after (`** "Harga`).
//! - Punctuation that follows the white space belongs to the sentence before: `dll. ,` `. . .`.
//! - Behind a closing quote or bracket, lower case goes on with the sentence:
//!   `"Ayo pergi!" katanya.`
//! - An ellipsis before lower case is a pause.
//! - Abbreviations, initials (`J. K. Rowling`), unlisted degrees (`S.Kom.`), list markers (`1.`
//!   `a.` `IV.` at the start of a sentence) and numbered labels (`Bab 1.`). What may end a
//!   sentence nevertheless is told by the table of the abbreviation in `abbreviations.toml`.
//!
//! A full stop before a lower-case word that none of these explains *does* end a sentence
//! (`bidang lain. bidang komprehensif`): the lower case is then the mistake, and both halves are
//! easier to judge apart. A stop without white space behind it never does (`besar.Dua`): the
//! missing space is for a check to find, inside one segment.
//!
//! # Why own rules
//! The starting point is UAX #29 (sentence boundaries), which knows no abbreviations. Measured on
//! an AMD EPYC with Indonesian news text, before this was written:
//!
//! - SRX 2.0 rules with the crate `srx` 0.1.4: 43 MB/s line by line, but 4 MB/s on a line of 1 MB.
//!   It finds no overlapping matches of one rule, so that `J. K. Rowling` was split before
//!   `Rowling`; a rule whose expression does not compile is left out without an error; without
//!   look-around, quotations, list markers and the "at least one word" rule cannot be said.
//! - `sentencex` 0.1.33: 136 MB/s by line, 9 MB/s on 1 MB; splits at `Jl.` and `Rp.`, its lists
//!   cannot be changed from outside, and it depends on a command-line parser.
//!
//! One pass over the bytes with a word list decides the same in linear time, at 180 MB/s on one line
//! of 15 MB (test `speed`, release build, same machine).

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

use super::{Placeable, PlaceableKind};
use crate::text::{Language, Span};

/// The sentences of `text`: in order, not overlapping, trimmed of white space, together holding
/// everything but white space.
///
/// `text` is one block (a paragraph, a heading, a cell): a line end in it is white space.
/// Text without a letter or digit is one sentence; an empty or blank one has none.
///
/// # Units
/// Byte offsets into `text`, on character boundaries.
///
/// ```
/// use cermat::{document::sentence::sentences, text::Language};
///
/// let text = "Kantornya di Jl. Sudirman No. 5. \"Ayo!\" katanya.";
/// let parts: Vec<_> = sentences(text, Language::Id).iter().map(|span| span.of(text)).collect();
/// assert_eq!(parts, ["Kantornya di Jl. Sudirman No. 5.", "\"Ayo!\" katanya."]);
/// ```
#[must_use]
pub fn sentences(text: &str, language: Language) -> Vec<Span> {
    sentences_around(text, language, &[])
}

/// Like [`sentences`], with stops inside `placeables` passed over. A tag behind a stop closes with
/// it. `placeables` are sorted and do not overlap.
#[must_use]
pub fn sentences_around(text: &str, language: Language, placeables: &[Placeable]) -> Vec<Span> {
    Cutter::new(text, &RULES[language as usize], placeables).cut()
}

/// Whether `line` ends with a stop, closing quotes, brackets and markers aside.
pub(super) fn ends_sentence(line: &str) -> bool {
    let line = line.trim_end_matches(|c: char| {
        c.is_whitespace() || is_closing_mark(c) || matches!(c, '“' | '‘')
    });
    line.chars().next_back().is_some_and(|c| stop(c).is_some())
}

/// What an abbreviation does to the full stop behind it; see `abbreviations.toml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Never,
    Number,
    Capital,
    Starter,
}

/// A table of `abbreviations.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Table {
    never: Vec<String>,
    number: Vec<String>,
    capital: Vec<String>,
    starter: Vec<String>,
    labels: Vec<String>,
    starters: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    common: Table,
    id: Table,
    en: Table,
}

#[derive(Debug)]
struct Rules {
    language: Language,
    /// Lower-cased abbreviation → as listed, and what it does.
    abbreviations: HashMap<String, (String, Class)>,
    labels: Vec<String>,
    starters: Vec<String>,
}

/// Longest abbreviation looked up, in bytes: keeps the look back from a stop short.
const MAX_ABBREVIATION: usize = 16;

/// How many opening marks are passed over to find the letter that follows a stop.
const MAX_OPENING: usize = 16;

static RULES: LazyLock<[Rules; 2]> = LazyLock::new(|| {
    let Tables { common, id, en } = toml::from_str(include_str!("abbreviations.toml"))
        .expect("the file is part of the program and a test reads it");
    let rules = |language, table: Table| {
        let mut abbreviations = HashMap::new();
        for (list, class) in [
            (&common.never, Class::Never),
            (&common.number, Class::Number),
            (&common.capital, Class::Capital),
            (&common.starter, Class::Starter),
            (&table.never, Class::Never),
            (&table.number, Class::Number),
            (&table.capital, Class::Capital),
            (&table.starter, Class::Starter),
        ] {
            for entry in list {
                abbreviations.insert(entry.to_lowercase(), (entry.clone(), class));
            }
        }
        Rules { language, abbreviations, labels: table.labels, starters: table.starters }
    };
    let (id, en) = (rules(Language::Id, id), rules(Language::En, en));
    // In the order of `Language`.
    [id, en]
});

impl Rules {
    fn class(&self, word: &str) -> Option<Class> {
        let (entry, class) = self.abbreviations.get(&word.to_lowercase())?;
        let any_case = !entry.contains(char::is_uppercase);
        (any_case || entry == word || entry.to_uppercase() == word).then_some(*class)
    }
}

/// Kinds of stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// `.`
    Dot,
    /// `…`
    Ellipsis,
    /// `?` `!`
    Mark,
    /// `。` `！` `？`: needs no white space.
    Wide,
}

fn stop(c: char) -> Option<Stop> {
    Some(match c {
        '.' => Stop::Dot,
        '…' => Stop::Ellipsis,
        '?' | '!' | '‼' | '⁇' | '⁈' | '⁉' => Stop::Mark,
        '。' | '．' | '｡' | '！' | '？' => Stop::Wide,
        _ => return None,
    })
}

/// First bytes of the characters of [`stop`] in UTF-8.
fn may_be_stop(byte: u8) -> bool {
    matches!(byte, b'.' | b'?' | b'!' | 0xe2 | 0xe3 | 0xef)
}

/// Quotes and brackets that only close.
fn closes(c: char) -> bool {
    matches!(
        c,
        '”' | '’' | '»' | '›' | ')' | ']' | '}' | '》' | '〉' | '」' | '』' | '）' | '】' | '］'
    )
}

/// What belongs to a sentence when it stands right behind its stop.
fn is_closing_mark(c: char) -> bool {
    closes(c) || matches!(c, '"' | '\'' | '*' | '_' | '~' | '`')
}

/// What may stand between white space and the first word of a sentence.
fn is_opening_mark(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '“'
            | '”'
            | '‘'
            | '’'
            | '„'
            | '«'
            | '‹'
            | '('
            | '['
            | '{'
            | '《'
            | '「'
            | '（'
            | '*'
            | '_'
            | '~'
            | '`'
            | '-'
            | '–'
            | '—'
            | '¿'
            | '¡'
    )
}

/// The first letter or digit behind a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Lower,
    Digit,
    /// A capital, a letter without case, or a symbol.
    Upper,
}

struct Cutter<'a> {
    text: &'a str,
    rules: &'a Rules,
    placeables: &'a [Placeable],
    /// Index of the first placeable that ends behind the current stop.
    placeable: usize,
    /// Start of the current sentence.
    start: usize,
    /// First letter or digit at or behind `start`.
    first_word: usize,
    /// End of the last letter or digit: behind it no sentence can start.
    last_word: usize,
    /// Straight double quotes before `quotes_to`.
    quotes: usize,
    quotes_to: usize,
    sentences: Vec<Span>,
}

impl<'a> Cutter<'a> {
    fn new(text: &'a str, rules: &'a Rules, placeables: &'a [Placeable]) -> Self {
        let last_word = text
            .char_indices()
            .rev()
            .find(|(_, c)| c.is_alphanumeric())
            .map_or(0, |(at, c)| at + c.len_utf8());
        let start = skip_space(text, 0);
        let mut cutter = Self {
            text,
            rules,
            placeables,
            placeable: 0,
            start,
            first_word: 0,
            last_word,
            quotes: 0,
            quotes_to: 0,
            sentences: Vec::new(),
        };
        cutter.start_at(start);
        cutter
    }

    fn cut(mut self) -> Vec<Span> {
        let mut at = 0;
        // Whether only white space lies between the stop before and `at`: `. . .`
        let mut spaced = false;
        while let Some(first) = self.next_stop(at) {
            spaced &= first == at;
            let was_spaced = std::mem::take(&mut spaced);
            if let Some(inside) = self.placeable_at(first) {
                at = inside.span.range().end;
                continue;
            }
            let run = self.run(first);
            let close = self.close(run.end);
            let after = skip_space(self.text, close.end);
            let gap = after > close.end;
            if !gap && !run.wide {
                at = close.end;
                continue;
            }
            let (close, after) = self.attach(close, after);
            if after >= self.last_word {
                break;
            }
            let here = self.char_at(after);
            if matches!(here, ',' | ';' | ':') || self.stop_starts(after) {
                at = after;
                spaced = true;
                continue;
            }
            if self.ends(first, &run, &close, after, was_spaced) {
                self.sentences.push(Span::new(self.start..close.end));
                self.start_at(after);
            }
            at = after;
        }
        let end = self.text.trim_end().len();
        if self.start < end {
            self.sentences.push(Span::new(self.start..end));
        }
        self.sentences
    }

    fn start_at(&mut self, start: usize) {
        self.start = start;
        self.first_word =
            self.text[start..].find(char::is_alphanumeric).map_or(self.text.len(), |n| start + n);
    }

    fn char_at(&self, at: usize) -> char {
        self.text[at..].chars().next().unwrap_or(' ')
    }

    /// The first stop at or behind `at` that a letter or digit follows somewhere.
    fn next_stop(&self, at: usize) -> Option<usize> {
        let mut at = at;
        loop {
            let bytes = self.text.as_bytes().get(at..self.last_word)?;
            at += bytes.iter().position(|byte| may_be_stop(*byte))?;
            let c = self.char_at(at);
            if stop(c).is_some() {
                return Some(at);
            }
            at += c.len_utf8();
        }
    }

    /// Whether a stop starts at `at` that is no part of a word (`.NET`).
    fn stop_starts(&self, at: usize) -> bool {
        let mut chars = self.text[at..].chars();
        chars.next().is_some_and(|c| stop(c).is_some())
            && !chars.next().is_some_and(char::is_alphanumeric)
    }

    /// The placeable that covers byte `at`. Calls come in the order of the text.
    fn placeable_at(&mut self, at: usize) -> Option<&'a Placeable> {
        let behind = |placeable: &&Placeable| placeable.span.range().end <= at;
        self.placeable += self.placeables[self.placeable..].iter().take_while(behind).count();
        self.placeables.get(self.placeable).filter(|placeable| placeable.span.range().start <= at)
    }

    /// The end of the tag that starts at `at`.
    fn tag_at(&self, at: usize) -> Option<usize> {
        let index = self.placeables.partition_point(|other| other.span.range().start < at);
        let tag = self.placeables.get(index)?;
        let range = tag.span.range();
        (tag.kind == PlaceableKind::Tag && range.start == at && range.end > at).then_some(range.end)
    }

    fn run(&self, first: usize) -> Run {
        let mut run = Run { end: first, dots: 0, marks: false, wide: false };
        for c in self.text[first..].chars() {
            match stop(c) {
                Some(Stop::Dot) => run.dots += 1,
                // An ellipsis is three dots in one.
                Some(Stop::Ellipsis) => run.dots += 3,
                Some(Stop::Mark) => run.marks = true,
                Some(Stop::Wide) => run.wide = true,
                None => break,
            }
            run.end += c.len_utf8();
        }
        run
    }

    /// What closes right behind a stop that ends at `at`.
    fn close(&self, at: usize) -> Close {
        let mut close = Close { end: at, quoted: false };
        loop {
            if let Some(end) = self.tag_at(close.end) {
                close.end = end;
                continue;
            }
            let rest = &self.text[close.end..];
            let mut chars = rest.chars();
            let Some(c) = chars.next() else { return close };
            if is_closing_mark(c) {
                close.quoted |= closes(c) || matches!(c, '"' | '\'');
            } else if matches!(c, '“' | '‘') {
                // A quote of the wrong side.
                if chars.next().is_some_and(|c| !c.is_whitespace()) {
                    return close;
                }
                close.quoted = true;
            } else if let Some(len) = note_mark(rest) {
                close.end += len;
                continue;
            } else {
                return close;
            }
            close.end += c.len_utf8();
        }
    }

    /// Takes closing marks that stand between white space with what they close.
    fn attach(&mut self, mut close: Close, mut after: usize) -> (Close, usize) {
        loop {
            let mut chars = self.text[after..].chars();
            let Some(c) = chars.next() else { break };
            let apart = chars.next().is_none_or(|c| c.is_whitespace() || closes(c));
            // A straight quote between white space closes when it is the second of a pair.
            if !apart || !(closes(c) || (c == '"' && self.quotes_before(after) % 2 == 1)) {
                break;
            }
            close = Close { end: after + c.len_utf8(), quoted: true };
            after = skip_space(self.text, close.end);
        }
        (close, after)
    }

    fn quotes_before(&mut self, at: usize) -> usize {
        if let Some(new) = self.text.as_bytes().get(self.quotes_to..at) {
            self.quotes += new.iter().filter(|byte| **byte == b'"').count();
            self.quotes_to = at;
        }
        self.quotes
    }

    /// Whether the sentence ends at the stops `run` from `first` on, when its next character
    /// stands at `after`.
    fn ends(&self, first: usize, run: &Run, close: &Close, after: usize, spaced: bool) -> bool {
        // `[...]` `(?)` `(!)`
        let bracketed = self.text[..first].ends_with(['(', '[', '（']) && close.quoted;
        if self.first_word >= first || bracketed {
            return false;
        }
        if run.wide {
            return true;
        }
        let (next, word) = self.next_word(after);
        if close.quoted && next == Next::Lower {
            return false;
        }
        if run.marks {
            return self.rules.class(self.word_before(run.end)) != Some(Class::Never);
        }
        if run.dots > 1 || spaced {
            return next != Next::Lower;
        }
        match self.class(first) {
            None => true,
            Some(Class::Never) => false,
            Some(_) if next == Next::Lower => false,
            Some(Class::Number) => next != Next::Digit,
            // `S.H., M.H.` with its comma forgotten.
            Some(Class::Capital) if !close.quoted => !starts_abbreviation(word),
            Some(Class::Capital | Class::Starter) => {
                let end = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
                self.rules.starters.iter().any(|starter| *starter == word[..end])
            }
        }
    }

    /// The first letter, digit or symbol from `at` on, and the text from there.
    fn next_word(&self, at: usize) -> (Next, &'a str) {
        let mut at = at;
        for _ in 0..MAX_OPENING {
            if let Some(end) = self.tag_at(at) {
                at = end;
                continue;
            }
            let c = self.char_at(at);
            if !is_opening_mark(c) && !c.is_whitespace() {
                break;
            }
            at = (at + c.len_utf8()).min(self.text.len());
        }
        let rest = &self.text[at..];
        let next = match rest.chars().next() {
            Some(c) if c.is_lowercase() => Next::Lower,
            Some(c) if c.is_numeric() => Next::Digit,
            _ => Next::Upper,
        };
        (next, rest)
    }

    /// Letters, digits and stops that end at `end`; empty if there are none, or too many for an
    /// abbreviation.
    fn word_before(&self, end: usize) -> &'a str {
        let mut start = end;
        for (at, c) in self.text[..end].char_indices().rev() {
            if !c.is_alphanumeric() && !matches!(c, '.' | '!') {
                break;
            }
            if end - at > MAX_ABBREVIATION {
                return "";
            }
            start = at;
        }
        &self.text[start..end]
    }

    /// What the word before the full stop at `dot` is; `None` for an ordinary word.
    fn class(&self, dot: usize) -> Option<Class> {
        let word = self.word_before(dot);
        let start = dot - word.len();
        let before = &self.text[..start];
        if word.is_empty() || before.ends_with(['-', '‑', '_', '@', '\'', '’', '…']) {
            return None;
        }
        if let Some(class) = self.rules.class(word) {
            return Some(class);
        }
        let starts_sentence = start == self.first_word;
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            let marker = word.len() <= 3
                && (starts_sentence
                    || before.trim_end().ends_with([':', ';'])
                    || self.label(start));
            return marker.then_some(Class::Never);
        }
        let mut chars = word.chars();
        if let (Some(letter), None) = (chars.next(), chars.next()) {
            let initial =
                letter.is_uppercase() && !(self.rules.language == Language::En && word == "I");
            let marker = starts_sentence && letter.is_alphabetic() && letter.is_ascii();
            return if marker { Some(Class::Never) } else { initial.then_some(Class::Starter) };
        }
        let roman = word.len() <= 5 && word.bytes().all(|byte| b"IVXLC".contains(&byte));
        if starts_sentence && roman {
            return Some(Class::Never);
        }
        dotted(word)
    }

    /// Whether the number at `start` follows a label at the start of the sentence: `Bab 1.`
    fn label(&self, start: usize) -> bool {
        let lead = &self.text[self.first_word..start];
        lead.len() <= MAX_ABBREVIATION
            && self.rules.labels.contains(&lead.trim_end().to_lowercase())
    }
}

/// A run of stops.
struct Run {
    end: usize,
    dots: usize,
    marks: bool,
    wide: bool,
}

/// What closes behind a run of stops.
struct Close {
    end: usize,
    /// Whether a quote or bracket is among it.
    quoted: bool,
}

fn skip_space(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start().len()
}

/// Length of a note mark (`[12]`) that `rest` starts with.
fn note_mark(rest: &str) -> Option<usize> {
    let digits = rest.strip_prefix('[')?.bytes().take_while(u8::is_ascii_digit).count();
    let is_mark = (1..=3).contains(&digits) && rest.as_bytes().get(digits + 1) == Some(&b']');
    is_mark.then_some(digits + 2)
}

/// Whether `text` starts with an abbreviation of several stops: `M.H.`
fn starts_abbreviation(text: &str) -> bool {
    let letters = text.chars().take(5).take_while(|c| c.is_alphabetic()).count();
    let mut rest = text.chars().skip(letters);
    (1..=4).contains(&letters)
        && rest.next() == Some('.')
        && rest.next().is_some_and(char::is_alphabetic)
}

/// What an abbreviation with inner stops is that no table lists: `U.N` may end a sentence before
/// a starter, a degree (`S.Kom`, `A.Md.Keb`) before any capital.
fn dotted(word: &str) -> Option<Class> {
    let parts = || word.split('.').map(|part| part.chars().count());
    let letters = word.chars().all(|c| c.is_alphabetic() || c == '.');
    if !letters || parts().count() < 2 || parts().any(|len| len == 0) {
        return None;
    }
    if parts().all(|len| len == 1) {
        return Some(Class::Starter);
    }
    let degree = word.split('.').all(|part| part.starts_with(char::is_uppercase))
        && parts().next().is_some_and(|len| len <= 2)
        && parts().all(|len| len <= 4);
    degree.then_some(Class::Capital)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(text: &str, language: Language) -> Vec<&str> {
        sentences(text, language).into_iter().map(|span| span.of(text)).collect()
    }

    /// `parts` joined by a space are split where they were joined.
    #[track_caller]
    fn id(parts: &[&str]) {
        assert_eq!(split(&parts.join(" "), Language::Id), parts);
    }

    #[track_caller]
    fn en(parts: &[&str]) {
        assert_eq!(split(&parts.join(" "), Language::En), parts);
    }

    #[test]
    fn the_word_lists_are_well_formed() {
        let tables: Tables = toml::from_str(include_str!("abbreviations.toml")).unwrap();
        for table in [&tables.common, &tables.id, &tables.en] {
            for entry in
                [&table.never, &table.number, &table.capital, &table.starter].into_iter().flatten()
            {
                assert!(entry.len() <= MAX_ABBREVIATION, "too long to be found: {entry}");
                assert!(!entry.ends_with('.'), "written without its last stop: {entry}");
                assert!(!entry.contains(char::is_whitespace), "has a space: {entry}");
            }
            assert!(table.labels.iter().all(|label| *label == label.to_lowercase()));
        }
        assert_eq!(RULES[Language::Id as usize].language, Language::Id);
        assert_eq!(RULES[Language::En as usize].language, Language::En);
    }

    #[test]
    fn indonesian_titles_and_addresses_go_on() {
        id(&["Rumahnya di Jl. Melati No. 5, Gg. Buntu, Kel. Menteng, Kec. Gambir, Kab. Bogor."]);
        id(&["Harganya Rp. 1.500.000.", "Murah sekali."]);
        id(&["Kepada Yth. Bpk. Ir. H. Joko, Drs. Amir, dan Hj. Siti, S.H. di tempat."]);
        id(&["Prof. Dr. Budi dan dr. Sari dari PT. Maju dan CV. Jaya datang.", "Tn. Ali tidak."]);
        id(&["Surat a.n. Budi, u.p. Sdr. Amir, d.a. kantor tgl. 5 dibaca.", "Lihat hlm. 12."]);
        id(&["JL. SUDIRMAN NO. 7 RT. 05 RW. 02"]);
        id(&["Lahir 17 Agt. 1945, wafat 5 Des. 2001.", "Rapat Sen. 5 Okt. pagi."]);
    }

    #[test]
    fn some_abbreviations_may_end_a_sentence() {
        id(&["Ada meja, kursi, dll.", "Mereka membelinya."]);
        id(&["Apel, jeruk, dll. yang manis.", "Budi dkk. pergi."]);
        id(&["Amir, dsb.", "Ia menjabat.", "Budi, dst.", "Siti dkk.", "Hal tsb.", "PT Maju Tbk."]);
        id(&["Doa kepada Allah SWT.", "Dia Maha Esa.", "Nabi Muhammad SAW. bersabda."]);
        id(&["Budi, S.H.", "Ia hakim.", "Budi, S.H. M.Hum. hadir.", "Ani, S.Kom.", "Ia ahli."]);
        id(&[
            "Ia lulus Ph.D.",
            "Lalu bekerja di Apple Inc. California.",
            "Di Apple Inc.",
            "Ia betah.",
        ]);
    }

    #[test]
    fn english_abbreviations() {
        en(&["Mr. and Mrs. Smith met Dr. Lee on St. Mary St. vs. the U.S. Army.", "It rained."]);
        en(&["Fruit, e.g. apples, i.e. food, etc.", "They left the U.S.", "The end."]);
        en(&[
            "See No. 5 and Fig. 3.",
            "Is it so?",
            "No.",
            "We met in Jan. 2020.",
            "So do I.",
            "Fine.",
        ]);
        en(&["Apple Inc. CEO Tim Cook spoke at 5 p.m. on Friday.", "At 5 p.m.", "Police came."]);
        en(&[
            "Yahoo! Inc. was sold.",
            "J. K. Rowling and John F. Kennedy Jr. came.",
            "He sat.",
            "OK.",
        ]);
    }

    #[test]
    fn initials_and_letters() {
        id(&["Buku J. K. Rowling dan B. J. Habibie laku.", "Ini vitamin C.", "Namun ia sakit."]);
    }

    #[test]
    fn numbers_times_and_lists() {
        id(&["Nilainya 1.234,5 atau 3.14 pada pukul 08.30.", "Lalu turun ke 5.", "Ia naik."]);
        id(&["1. Siapkan alat.", "2. Masak air.", "3. Sajikan."]);
        id(&["Langkah: 1. Siapkan alat.", "a. Buka.", "b. Tutup."]);
        id(&["IV. Metode penelitian"]);
        id(&["Bab 1. Pendahuluan"]);
        id(&["Umurnya 5.", "Ia kecil.", "Pada 2023.", "5 orang datang ke-2.", "Lalu pergi."]);
    }

    #[test]
    fn ellipses_and_mixed_stops() {
        id(&["Saya... tidak tahu… entahlah.", "Mungkin...", "Besok…", "Apa?!", "Ya!!!", "Baik."]);
        id(&["Kutipan [...] Lalu (…) Ia (?) Pergi."]);
        id(&["... Lalu ia pergi."]);
        id(&["Ia diam . . . lalu pergi.", "Ia diam . . .", "Mereka pergi."]);
        id(&["Apakah benar?", "tidak."]);
    }

    #[test]
    fn quotes_and_brackets_close_with_their_stop() {
        id(&[
            "Ia berkata, \"Ayo pergi.\"",
            "Lalu pulang.",
            "(Benar.)",
            "Kata “itu.”",
            "«Ya.»",
            "Ok.",
        ]);
        id(&["\"Ayo pergi!\" katanya.", "\"Apa?\" tanya Budi.", "“Ya.” jawabnya (…) pelan."]);
        id(&["Dia (lihat hlm. 5.) pergi.", "Judul \"2023.\"》", "Lalu."]);
        id(&["Ia berkata, \" Ayo pergi. \"", "Lalu pulang."]);
        id(&["(Ia pergi. )", "Lalu pulang.", "Benar.[12]", "Salah.“", "Ya."]);
    }

    #[test]
    fn addresses_and_versions_hold_together() {
        id(&["Lihat https://contoh.co.id/a.b?c=d!e dan budi.s@contoh.com, berkas a.b.txt v2.0.1."]);
        id(&[
            "Buka www.contoh.co.id.",
            "Pakai v2.0.1.",
            "Unduh laporan.pdf.",
            "Pakai .NET di sini.",
        ]);
        id(&["Ia pakai ini.", ".NET bagus."]);
    }

    #[test]
    fn stray_markers_go_with_their_neighbour() {
        id(&["Ini teknologi yang mendukung pengalaman. **"]);
        id(&["**Jelas tidak cukup untuk dunia maya.", "**Anda harus tahu."]);
        id(&["** \"Longsoran harga\" itu jelas.", "Selain itu, \"perhatian\" kurang. **"]);
        id(&["Selesai.**", "_Lalu_ pulang.", "Mantap.", "😀 Lalu pergi. 😀"]);
        id(&["***"]);
        id(&[". ** Lalu"]);
    }

    #[test]
    fn spacing_mistakes() {
        id(&["Angkanya sangat besar.Dua orang datang .", "Misalnya ini ; Lalu , itu."]);
        id(&["Dari satu bidang ke bidang lain.", "bidang komprehensif"]);
        id(&["Ada ini, dll. , dan itu."]);
    }

    #[test]
    fn wide_stops_need_no_space() {
        assert_eq!(split("Ini。Itu！Apa？」Ya", Language::Id), ["Ini。", "Itu！", "Apa？」", "Ya"]);
        id(&["Ini。", "Itu"]);
    }

    #[test]
    fn blank_text_has_no_sentence() {
        assert!(split("", Language::Id).is_empty());
        assert!(split(" \n\u{a0}\t", Language::Id).is_empty());
        assert_eq!(split(" \n satu\ndua. Tiga \n", Language::Id), ["satu\ndua.", "Tiga"]);
    }

    #[test]
    fn stops_inside_placeables_do_not_count() {
        let text = "Tulis a. B </b>. Lalu pergi.</b> Ya";
        let tag = |start| Placeable { span: Span::new(start..start + 4), kind: PlaceableKind::Tag };
        let code = Placeable { span: Span::new(6..10), kind: PlaceableKind::Code };
        let spans = sentences_around(text, Language::Id, &[code, tag(11), tag(28)]);
        let parts: Vec<_> = spans.iter().map(|span| span.of(text)).collect();
        assert_eq!(parts, ["Tulis a. B </b>.", "Lalu pergi.</b>", "Ya"]);
    }

    #[test]
    fn lines_that_end_a_sentence() {
        assert!(ends_sentence("Selesai. **"));
        assert!(ends_sentence("\"Selesai!\""));
        assert!(!ends_sentence("Selesai,"));
        assert!(!ends_sentence(""));
    }

    /// Were it quadratic, a quarter of a megabyte of one unit would take minutes.
    #[test]
    fn time_is_linear() {
        for unit in [
            "kata ", ".", ". ", ") ", "\" ", ".\" ", ". ) ", "a.b.", "[1", ".[1] ", "* ", ". * ",
            "。",
        ] {
            for tail in ["", "x"] {
                let text = unit.repeat((1 << 18) / unit.len()) + tail;
                let start = std::time::Instant::now();
                let count = sentences(&text, Language::Id).len();
                assert!(count <= text.len());
                assert!(start.elapsed().as_secs() < 5, "{unit:?}");
            }
        }
    }

    /// Run with `--release --nocapture --ignored`.
    #[test]
    #[ignore = "a measurement"]
    fn speed() {
        let unit = "Rumahnya di Jl. Melati No. 5, kata Budi. \"Ayo pergi!\" katanya, lalu mereka \
                    membeli buah, sayur, dll. Harganya Rp. 5.000 pada pukul 08.30 di pasar itu. ";
        let text = unit.repeat(100_000);
        for (name, text) in [("prose", text.as_str()), ("no stops", &"kata ".repeat(3_000_000))] {
            let start = std::time::Instant::now();
            let count = sentences(text, Language::Id).len();
            let rate = text.len() as f64 / 1e6 / start.elapsed().as_secs_f64();
            println!("{name}: {count} sentences, {rate:.0} MB/s");
        }
    }

    /// Text made of what the rules look at, and of anything.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            prop::sample::select(vec![
                ".", "?", "!", "…", "。", "？", " ", "\n", "\u{a0}", "\"", "”", "“", "(", ")",
                "[1]", "*", "_", "Jl", "dll", "No", "S.H", "a", "B", "12", "é", "漢", "😀", ",",
                "-", "'", "Ia", "kata", "Kata",
            ])
            .prop_map(String::from),
            any::<char>().prop_map(String::from),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn sentences_cover_all_but_white_space(text in text(), english in any::<bool>()) {
            let language = if english { Language::En } else { Language::Id };
            let mut end = 0;
            for span in sentences(&text, language) {
                let range = span.range();
                prop_assert!(text[end..range.start].trim().is_empty());
                let sentence = &text[range.clone()];
                prop_assert_eq!(sentence, sentence.trim());
                prop_assert!(!sentence.is_empty());
                end = range.end;
            }
            prop_assert!(text[end..].trim().is_empty());
        }
    }
}
