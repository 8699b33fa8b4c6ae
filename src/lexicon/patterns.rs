//! Lists of patterns of grammar with what to write instead: files that a translator can edit.
//!
//! A line is `pattern`, a tab, what to write instead (may be empty), a tab, a note, a tab, an
//! exception; the last cells may be left out. In a pattern
//!
//! - words are written as they are and found whole, whatever their capitals;
//! - `⟦…⟧` encloses the words that are wrong; without it the whole pattern is;
//! - `{class}` is any word of a class: a line `@class`, a tab, words with a space between two (`_`
//!   for a space inside one) gives its words. `{word}` is any word, `{Name}` one with a capital;
//! - `^` in front is the beginning of a sentence, `(?:a|b)` is a choice, `x?` may be missing; the
//!   rest is the syntax of the crate `regex`.
//!
//! What to write instead begins with `=` where it is certain enough to be put in place (`=` alone
//! takes the marked words out). A note that begins with `habit: ` says that people write so as well:
//! such a finding is neutral. The exception is a pattern too: what it overlaps is not reported.
//! Lines that begin with `#` are comments.

use std::{borrow::Cow, collections::HashMap, sync::OnceLock};

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use crate::text::Span;

/// Classes that every list may name.
const CLASSES: &str = include_str!("grammar/classes.tsv");
/// Compiled size of a pattern, in bytes; classes of several hundred words are large.
const SIZE: usize = 1 << 26;

/// A list, ready to search.
pub struct Patterns {
    any: RegexSet,
    rules: Vec<Rule>,
}

/// A line of a list.
struct Rule {
    pattern: Lazy,
    unless: Option<Lazy>,
    instead: Instead,
    note: Option<&'static str>,
    habit: bool,
}

/// A pattern that is compiled when it is first needed: most texts need few of them.
struct Lazy {
    source: String,
    compiled: OnceLock<Regex>,
}

impl Lazy {
    fn new(source: String) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    fn get(&self) -> &Regex {
        self.compiled.get_or_init(|| {
            RegexBuilder::new(&self.source)
                .case_insensitive(true)
                .size_limit(SIZE)
                .build()
                .unwrap_or_else(|error| panic!("`{}` is no pattern: {error}", self.source))
        })
    }
}

#[derive(Clone, Copy)]
enum Instead {
    Unknown,
    /// An idea for a person.
    Idea(&'static str),
    /// A text to put in place.
    Fix(&'static str),
}

/// A pattern found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The words that are wrong.
    pub span: Span,
    /// What a person may write instead.
    pub idea: Option<&'static str>,
    /// What can be put in place of `span`, with its capital.
    pub fix: Option<String>,
    /// What the pattern comes from.
    pub note: Option<&'static str>,
    /// Whether people write so as well.
    pub habit: bool,
}

impl Patterns {
    /// Reads a list.
    ///
    /// # Panics
    /// For a line that is no pattern: lists are part of the program, and tests read them all.
    #[must_use]
    pub fn read(list: &'static str) -> Self {
        let mut classes: HashMap<&str, String> = HashMap::new();
        classes.insert("word", "[a-z0-9-]+".to_owned());
        classes.insert("Name", r"(?-i:[A-Z][\w’'-]+)".to_owned());
        let (mut sources, mut rules) = (Vec::new(), Vec::new());
        for line in CLASSES.lines().chain(list.lines()) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut cells = line.split('\t');
            let first = cells.next().expect("a line has a first cell");
            if let Some(name) = first.strip_prefix('@') {
                let words: Vec<String> = cells
                    .flat_map(str::split_whitespace)
                    .map(|word| word.replace('_', " "))
                    .collect();
                classes.insert(name, format!("(?:{})", words.join("|")));
                continue;
            }
            let mut cell = || cells.next().filter(|cell| !cell.is_empty());
            let instead = match cell() {
                None => Instead::Unknown,
                Some(text) => match text.strip_prefix('=') {
                    Some(fix) => Instead::Fix(fix),
                    None => Instead::Idea(text),
                },
            };
            let note = cell();
            let habit = note.and_then(|note| note.strip_prefix("habit: "));
            let unless = cell().map(|unless| Lazy::new(exception(&spelled(unless, &classes))));
            let source = whole(&spelled(first, &classes));
            sources.push(source.clone());
            rules.push(Rule {
                pattern: Lazy::new(source),
                unless,
                instead,
                note: habit.or(note),
                habit: habit.is_some(),
            });
        }
        let any = RegexSetBuilder::new(&sources)
            .case_insensitive(true)
            .size_limit(SIZE)
            .dfa_size_limit(SIZE)
            .build()
            .unwrap_or_else(|error| panic!("a line is no pattern: {error}"));
        Self { any, rules }
    }

    /// Compiles every pattern and every exception.
    #[cfg(test)]
    pub(crate) fn check(&self) {
        for rule in &self.rules {
            rule.pattern.get();
            rule.unless.as_ref().map(Lazy::get);
        }
    }

    /// Every pattern in `text`, in order, not overlapping; the longest where several begin
    /// together.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<Hit> {
        let mut found = Vec::new();
        for index in self.any.matches(text) {
            let rule = &self.rules[index];
            for captures in rule.pattern.get().captures_iter(text) {
                let all = captures.get(0).expect("the whole match").range();
                let overlaps =
                    |except: regex::Match<'_>| except.start() < all.end && all.start < except.end();
                if rule.unless.as_ref().is_some_and(|r| r.get().find_iter(text).any(overlaps)) {
                    continue;
                }
                let marked = captures.name("mark").map_or(all.clone(), |mark| mark.range());
                if marked.is_empty() {
                    continue;
                }
                found.push(rule.hit(Span::new(marked), text));
            }
        }
        found.sort_by_key(|hit| (hit.span.start, std::cmp::Reverse(hit.span.end)));
        let mut last = 0;
        found.retain(|hit| {
            let free = hit.span.start >= last;
            if free {
                last = hit.span.end;
            }
            free
        });
        found
    }
}

impl Rule {
    fn hit(&self, span: Span, text: &str) -> Hit {
        let (idea, fix) = match self.instead {
            Instead::Unknown => (None, None),
            Instead::Idea(idea) => (Some(idea), None),
            Instead::Fix(fix) => (None, Some(with_capital(fix, span.of(text)))),
        };
        Hit { span, idea, fix, note: self.note, habit: self.habit }
    }
}

/// `fix`, with a capital where `marked` has one.
pub(super) fn with_capital(fix: &str, marked: &str) -> String {
    let mut letters = fix.chars();
    match letters.next() {
        Some(first) if marked.trim_start().starts_with(char::is_uppercase) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => fix.to_owned(),
    }
}

/// A pattern with its classes and marks put in.
fn spelled(pattern: &str, classes: &HashMap<&str, String>) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, behind)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = behind.split_once('}') else { break };
        match classes.get(name) {
            Some(words) => out.push_str(words),
            // A count: `[0-9]{4}`.
            None => {
                out.push('{');
                out.push_str(name);
                out.push('}');
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out.replace('⟦', "(?P<mark>").replace('⟧', ")")
}

/// An exception: as [`whole`], but `^` stands in front of its own alternative only.
fn exception(pattern: &str) -> String {
    if pattern.starts_with('^') { format!("(?:{pattern})") } else { whole(pattern) }
}

/// A pattern that begins and ends with whole words. ASCII borders keep the automaton fast, and
/// Indonesian words are of ASCII letters.
fn whole(pattern: &str) -> String {
    let (start, body): (&str, Cow<'_, str>) = match pattern.strip_prefix('^') {
        Some(body) => (r"^\W*", body.into()),
        None if pattern.starts_with(|c: char| c.is_alphanumeric() || "([".contains(c)) => {
            (r"(?-u:\b)", pattern.into())
        }
        None => ("", pattern.into()),
    };
    // A border belongs behind a word, not behind a full stop or the end of the text.
    let last = pattern.trim_end_matches(')');
    let word = last.ends_with(|c: char| c.is_alphanumeric() || "+*?".contains(c))
        && !last.ends_with(r"\.?")
        && !last.ends_with("]*")
        && !last.ends_with(' ');
    let end = if word { r"(?-u:\b)" } else { "" };
    format!("{start}(?:{body}){end}")
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    const LIST: &str = "# list\n@berry\tstroberi buah_ceri\nbanyak ⟦{berry}⟧\t=buah\tnote\tceri itu\n^⟦saya lapar⟧\tmakan\n";

    #[test]
    fn classes_marks_and_exceptions() {
        let list = Patterns::read(LIST);
        let found = |text: &'static str| -> Vec<(&str, Option<String>)> {
            list.find(text).into_iter().map(|hit| (hit.span.of(text), hit.fix)).collect()
        };
        assert_eq!(
            found("Banyak Buah ceri, banyak stroberi, banyak stroberian"),
            [("Buah ceri", Some("Buah".to_owned())), ("stroberi", Some("buah".to_owned()))]
        );
        assert_eq!(found("Banyak buah ceri itu manis."), []);
        assert_eq!(found("Saya lapar."), [("Saya lapar", None)]);
        assert_eq!(found("Kata saya lapar."), []);
    }
}
