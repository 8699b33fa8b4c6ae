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

use std::{
    collections::HashMap,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use regex_automata::{
    Match,
    meta::{Config, Regex},
    util::syntax,
};

use super::required::{self, Class, Index, Units, required};
use crate::text::Span;

/// Classes that every list may name.
const CLASSES: &str = include_str!("grammar/classes.tsv");
/// Compiled size of a pattern, in bytes; classes of several hundred words are large.
const SIZE: usize = 1 << 26;
/// Searches after which a pattern gets its automata. Without them it is compiled in 0.15 ms of CPU
/// time, with them in 0.59 ms (mean of the 977 patterns, release build, 2026-11-24), and most patterns
/// are asked a few times in a run; the number itself was chosen, not tuned.
const SEARCHES: u32 = 50;

/// Threads that read a list at most.
const MOST_THREADS: usize = 4;
/// Patterns that are read in about a millisecond, ten times as long as a thread takes to start.
const WORTH_A_THREAD: usize = 32;

/// A list, ready to search.
pub struct Patterns {
    /// Which rules a text may match, by the words that it has.
    index: Index,
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
    /// For the first searches.
    plain: OnceLock<Regex>,
    /// With automata; it finds the same.
    fast: OnceLock<Regex>,
    searches: AtomicU32,
}

impl Lazy {
    fn new(source: String) -> Self {
        let (plain, fast) = (OnceLock::new(), OnceLock::new());
        Self { source, plain, fast, searches: AtomicU32::new(0) }
    }

    fn get(&self) -> &Regex {
        if self.searches.fetch_add(1, Ordering::Relaxed) < SEARCHES {
            let plain = Config::new().hybrid(false).dfa(false).onepass(false).auto_prefilter(false);
            self.plain.get_or_init(|| self.compile(plain))
        } else {
            self.fast.get_or_init(|| self.compile(Config::new()))
        }
    }

    fn compile(&self, config: Config) -> Regex {
        Regex::builder()
            .configure(config.nfa_size_limit(Some(SIZE)))
            .syntax(syntax::Config::new().case_insensitive(true))
            .build(&self.source)
            .unwrap_or_else(|error| panic!("`{}` is no pattern: {error}", self.source))
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
        let mut classes = Classes::default();
        let (mut sources, mut rules) = (Vec::new(), Vec::new());
        for line in CLASSES.lines().chain(list.lines()) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let mut cells = line.split('\t');
            let first = cells.next().expect("a line has a first cell");
            if let Some(name) = first.strip_prefix('@') {
                classes.add(name, cells.flat_map(str::split_whitespace).collect());
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
            let unless = cell().map(|unless| Lazy::new(exception(&classes.spelled(unless))));
            let pattern = classes.spelled(first);
            let (start, end) = borders(&pattern);
            let marked = classes.marked(first);
            let marked = marked.strip_prefix('^').unwrap_or(&marked);
            sources.push(format!("{start}(?:{marked}){end}"));
            rules.push(Rule {
                pattern: Lazy::new(whole(&pattern)),
                unless,
                instead,
                note: habit.or(note),
                habit: habit.is_some(),
            });
        }
        // Threads of their own: one of rayon's that waits here would take up a segment, which may
        // ask for this very list.
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let share = sources.len().div_ceil(threads).max(WORTH_A_THREAD);
        let needs = |part: &[String]| -> Vec<_> {
            part.iter().map(|source| required(source, &classes.required)).collect()
        };
        let needed = std::thread::scope(|scope| {
            let mut parts = sources.chunks(share);
            let first = parts.next().unwrap_or_default();
            let others: Vec<_> = parts.map(|part| scope.spawn(|| needs(part))).collect();
            let mut needed = needs(first);
            for other in others {
                needed.extend(other.join().expect("every pattern is valid, as tests say"));
            }
            needed
        });
        Self { index: Index::new(needed), rules }
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
        self.find_with(text, &Units::of(text))
    }

    /// As [`Patterns::find`], with the units of `text`: they are the same for every list.
    #[must_use]
    pub fn find_with(&self, text: &str, units: &Units) -> Vec<Hit> {
        self.search(text, self.index.candidates(units))
    }

    /// As [`Patterns::find`], by every expression.
    #[cfg(test)]
    pub(crate) fn find_by_all(&self, text: &str) -> Vec<Hit> {
        self.search(text, (0..).take(self.rules.len()))
    }

    fn search(&self, text: &str, rules: impl IntoIterator<Item = u32>) -> Vec<Hit> {
        let mut found = Vec::new();
        for index in rules {
            let rule = &self.rules[index as usize];
            for captures in rule.pattern.get().captures_iter(text) {
                let all = captures.get_match().expect("the whole match").range();
                let overlaps = |except: Match| except.start() < all.end && all.start < except.end();
                if rule.unless.as_ref().is_some_and(|r| r.get().find_iter(text).any(overlaps)) {
                    continue;
                }
                let marked =
                    captures.get_group_by_name("mark").map_or(all.clone(), |mark| mark.range());
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

/// The classes that a pattern may name.
struct Classes {
    /// Name → expression, and its place in `required`.
    known: HashMap<&'static str, (String, usize)>,
    required: Vec<Class>,
}

impl Default for Classes {
    fn default() -> Self {
        let mut classes = Self { known: HashMap::new(), required: Vec::new() };
        classes.put("word", "[a-z0-9-]+".to_owned(), &["[a-z0-9-]+"]);
        let name = r"(?-i:[A-Z][\w’'-]+)";
        classes.put("Name", name.to_owned(), &[name]);
        classes
    }
}

impl Classes {
    fn add(&mut self, name: &'static str, words: Vec<&'static str>) {
        let source = format!("(?:{})", words.join("|").replace('_', " "));
        self.put(name, source, &words);
    }

    fn put(&mut self, name: &'static str, source: String, words: &[&'static str]) {
        self.known.insert(name, (source, self.required.len()));
        self.required.push(Class::new(words));
    }

    /// `pattern` with its classes and marks put in.
    fn spelled(&self, pattern: &str) -> String {
        self.put_in(pattern, |out, (source, _)| out.push_str(source))
    }

    /// `pattern` with the characters of [`required`] for its classes.
    fn marked(&self, pattern: &str) -> String {
        self.put_in(pattern, |out, (_, place)| out.push(required::class(*place)))
    }

    fn put_in(&self, pattern: &str, put: impl Fn(&mut String, &(String, usize))) -> String {
        let mut out = String::new();
        let mut rest = pattern;
        while let Some((before, behind)) = rest.split_once('{') {
            out.push_str(before);
            let Some((name, after)) = behind.split_once('}') else { break };
            match self.known.get(name) {
                Some(class) => put(&mut out, class),
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
}

/// An exception: as [`whole`], but `^` stands in front of its own alternative only.
fn exception(pattern: &str) -> String {
    if pattern.starts_with('^') { format!("(?:{pattern})") } else { whole(pattern) }
}

/// A pattern that begins and ends with whole words.
fn whole(pattern: &str) -> String {
    let (start, end) = borders(pattern);
    let body = pattern.strip_prefix('^').unwrap_or(pattern);
    format!("{start}(?:{body}){end}")
}

/// What stands before and behind a pattern so that its words are whole. ASCII borders keep the
/// automaton fast, and Indonesian words are of ASCII letters.
fn borders(pattern: &str) -> (&'static str, &'static str) {
    let start = if pattern.starts_with('^') {
        r"^\W*"
    } else if pattern.starts_with(|c: char| c.is_alphanumeric() || "([".contains(c)) {
        r"(?-u:\b)"
    } else {
        ""
    };
    // A border belongs behind a word, not behind a full stop or the end of the text.
    let last = pattern.trim_end_matches(')');
    let word = last.ends_with(|c: char| c.is_alphanumeric() || "+*?".contains(c))
        && !last.ends_with(r"\.?")
        && !last.ends_with("]*")
        && !last.ends_with(' ');
    (start, if word { r"(?-u:\b)" } else { "" })
}

/// Every list of `src/lexicon/grammar`, by its name, for tests.
#[cfg(test)]
pub(crate) static LISTS: std::sync::LazyLock<Vec<(String, Patterns)>> =
    std::sync::LazyLock::new(|| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/lexicon/grammar");
        let files = std::fs::read_dir(folder).expect("the folder is there");
        let mut paths: Vec<_> = files.map(|file| file.expect("it can be read").path()).collect();
        paths.retain(|path| !path.ends_with("classes.tsv"));
        paths.sort();
        let read = |path: std::path::PathBuf| {
            let text = std::fs::read_to_string(&path).expect("it can be read").leak();
            let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
            (name, Patterns::read(text))
        };
        paths.into_iter().map(read).collect()
    });

#[cfg(test)]
mod tests {
    use regex_syntax::hir::{Class, Hir, HirKind};

    use super::{LISTS, Patterns, Units};

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

    /// Writes a text that `hir` matches, if borders and anchors allow; `turn` chooses where there
    /// is a choice.
    fn example(hir: &Hir, turn: usize, out: &mut String) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => {
                out.push_str(std::str::from_utf8(&literal.0).expect("patterns are text"));
            }
            HirKind::Class(Class::Unicode(class)) => {
                out.push(class.ranges()[turn % class.ranges().len()].start());
            }
            HirKind::Class(Class::Bytes(_)) => out.push('a'),
            HirKind::Repetition(repetition) => {
                for _ in 0..repetition.min.max((turn % 2) as u32) {
                    example(&repetition.sub, turn, out);
                }
            }
            HirKind::Capture(capture) => example(&capture.sub, turn, out),
            HirKind::Concat(parts) => {
                for (at, part) in parts.iter().enumerate() {
                    example(part, turn + at, out);
                }
            }
            HirKind::Alternation(branches) => {
                example(&branches[turn % branches.len()], turn / 2, out);
            }
        }
    }

    #[test]
    fn what_a_pattern_matches_has_the_words_that_it_needs() {
        let (mut matched, mut all) = (0, 0);
        for (name, list) in &*LISTS {
            for (number, rule) in (0..).zip(&list.rules) {
                let source = &rule.pattern.source;
                let hir = regex_syntax::parse(source).expect("a pattern");
                let mut matches = false;
                for turn in 0..12 {
                    let mut text = String::new();
                    example(&hir, turn, &mut text);
                    for text in [format!("{text}."), text.to_uppercase(), format!("Di {text} itu")]
                    {
                        let candidates = list.index.candidates(&Units::of(&text));
                        let passed = candidates.contains(&number);
                        if !passed || !matches {
                            let found = rule.pattern.get().is_match(&text);
                            assert!(passed || !found, "{name}: `{source}` in `{text}`");
                            matches |= found;
                        }
                    }
                }
                all += 1;
                matched += usize::from(matches);
            }
        }
        assert!(matched * 10 > all * 9, "{matched} of {all} patterns met a text that they match");
    }

    #[test]
    fn letters_that_fold_to_ascii_are_found() {
        let list = Patterns::read("saya makan\t\n");
        for text in ["Saya makan", "Saya ma\u{212a}an"] {
            assert_eq!(list.find(text), list.find_by_all(text), "{text}");
            assert_eq!(list.find(text).len(), 1, "{text}");
        }
    }
}
