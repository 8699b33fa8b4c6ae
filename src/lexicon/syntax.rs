//! Rules of grammar over words and their classes: files that a translator can edit.
//!
//! A regular expression ([`super::patterns`]) grows with its word lists; here a class is looked up
//! once for each word of the sentence, so that it may have thousands of words. A line of
//! `src/lexicon/syntax/<check>.tsv` is `rule`, a tab, what to write instead (may be empty), a tab, a
//! note, a tab, exceptions; the last cells may be left out. A rule is a row of items with spaces
//! between:
//!
//! - `a|b|c`: one of these words, whatever its capitals; `_` joins words, `me*kan` has any letters
//!   for `*`, a mark (`,`) stands for itself;
//! - `{class}`: a word of a class, one alternative among others: `ia|{person}`. Classes are lines
//!   `@class`, a tab, words (`-word`: not this one; `{other}`: those of another class) in
//!   `src/lexicon/syntax/classes.tsv`, `counted.tsv`, or before the first rule that names them. `{word}` is any
//!   word, `{name}` one with a capital inside the sentence, `{number}` one that begins with a digit;
//! - `!a|b`: none of these: another word, a mark or the border of the sentence;
//! - `{class}~a|b`: a word of the class but these;
//! - `x?`: may be missing; `…4`: up to four words, no marks (`…`: three); `*4`: the same with marks;
//! - `^` and `$`: the borders of the sentence; full stops and quotation marks at the border do not
//!   count; `$.`: a border with a full stop; `$` may be one alternative among others;
//! - `⟦…⟧` encloses the words that are wrong; without it the whole match is.
//!
//! `=` in front of what to write instead and `habit: ` in front of a note mean what they mean in
//! [`super::patterns`]. Exceptions are rules with ` / ` between two; a match that one of them overlaps
//! is not reported. Lines that begin with `#` are comments.

use std::{collections::HashMap, sync::LazyLock};

use super::patterns::{Hit, with_capital};
use crate::text::Span;

/// The lists, by the name of their check.
static LISTS: &[(&str, &str)] = &[
    ("comma-splice", include_str!("syntax/comma-splice.tsv")),
    ("connective-choice", include_str!("syntax/connective-choice.tsv")),
    ("contradiction", include_str!("syntax/contradiction.tsv")),
    ("cut-off", include_str!("syntax/cut-off.tsv")),
    ("doubled-connective", include_str!("syntax/doubled-connective.tsv")),
    ("dummy-subject", include_str!("syntax/dummy-subject.tsv")),
    ("mixed-coordination", include_str!("syntax/mixed-coordination.tsv")),
    ("negator-choice", include_str!("syntax/negator-choice.tsv")),
    ("pleonasm", include_str!("syntax/pleonasm.tsv")),
    ("preposition-choice", include_str!("syntax/preposition-choice.tsv")),
    ("relative-pronoun", include_str!("syntax/relative-pronoun.tsv")),
    ("sentence-fragment", include_str!("syntax/sentence-fragment.tsv")),
    ("swapped-roles", include_str!("syntax/swapped-roles.tsv")),
    ("tense-marker", include_str!("syntax/tense-marker.tsv")),
    ("word-class", include_str!("syntax/word-class.tsv")),
    ("word-order", include_str!("syntax/word-order.tsv")),
];
const CLASSES: [&str; 2] = [include_str!("syntax/classes.tsv"), include_str!("syntax/counted.tsv")];

static SYNTAX: LazyLock<Syntax> = LazyLock::new(|| {
    Syntax::read(&CLASSES, LISTS).unwrap_or_else(|problem| panic!("a list of rules: {problem}"))
});

/// What the rules of `check` find in `text`, whose words are `sentence`, in no order; spans may
/// overlap.
#[must_use]
pub fn find(check: &str, text: &str, sentence: &Sentence) -> Vec<Hit> {
    SYNTAX.find(check, text, sentence)
}

/// Words with their classes, and the rules over them.
struct Syntax {
    words: Vocabulary,
    rules: HashMap<&'static str, Vec<Rule>>,
}

/// Bits of the classes of a word.
type Tags = u128;
/// Classes that need no list.
const BUILT_IN: [&str; 4] = ["word", "name", "number", "nya"];
const WORD: Tags = 1;
const NAME: Tags = 1 << 1;
const NUMBER: Tags = 1 << 2;
const NYA: Tags = 1 << 3;
/// Clitics behind a word that is looked up without them.
const CLITICS: [&str; 6] = ["nya", "lah", "kah", "ku", "mu", "pun"];

/// What is known of words.
#[derive(Default)]
struct Vocabulary {
    /// Numbers of the words that rules name.
    ids: HashMap<&'static str, usize>,
    classes: HashMap<&'static str, Tags>,
    tags: HashMap<&'static str, Tags>,
    /// Class members of several words, by their first word.
    phrases: HashMap<&'static str, Vec<(Vec<&'static str>, Tags)>>,
    /// Class members with `*`, and what is excepted from a class.
    globs: Vec<(Glob, Tags)>,
    not: HashMap<&'static str, Tags>,
}

/// `me*kan`: what a word begins with, ends with.
#[derive(Clone, Copy)]
struct Glob {
    head: &'static str,
    tail: &'static str,
}

impl Glob {
    fn of(text: &'static str) -> Option<Self> {
        text.split_once('*').map(|(head, tail)| Self { head, tail })
    }

    fn fits(self, word: &str) -> bool {
        word.len() >= self.head.len() + self.tail.len() + 2
            && word.starts_with(self.head)
            && word.ends_with(self.tail)
    }
}

/// A sentence, word by word, with a border in front and behind: the same for the rules of every check.
pub struct Sentence {
    tokens: Vec<Token>,
    /// Tags and numbers that any word has, to leave out rules at once.
    tags: Tags,
    ids: Vec<u64>,
}

struct Token {
    span: Span,
    /// In lower case.
    text: String,
    id: Option<usize>,
    tags: Tags,
    /// Classes of the phrases that begin here, with the number of their words.
    phrases: Vec<(usize, Tags)>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Mark,
    Start,
    End,
    /// The end, with a full stop.
    Stop,
}

struct Rule {
    items: Vec<Item>,
    /// Items between `⟦` and `⟧`.
    mark: (usize, usize),
    unless: Vec<Rule>,
    instead: Option<&'static str>,
    note: Option<&'static str>,
}

struct Item {
    kind: ItemKind,
    optional: bool,
}

enum ItemKind {
    Start,
    /// The end; of a sentence with a full stop only.
    End(bool),
    /// Up to so many words; with marks or not.
    Gap(usize, bool),
    Words {
        among: Set,
        without: Set,
        negated: bool,
    },
}

/// Words in the alternatives of an item.
#[derive(Default)]
struct Set {
    ids: Vec<usize>,
    tags: Tags,
    globs: Vec<Glob>,
    phrases: Vec<Vec<usize>>,
    /// The end of the sentence.
    end: bool,
}

impl Syntax {
    fn read(
        classes: &[&'static str],
        lists: &[(&'static str, &'static str)],
    ) -> Result<Self, String> {
        let mut words = Vocabulary::default();
        for (index, name) in BUILT_IN.iter().enumerate() {
            words.classes.insert(name, 1 << index);
        }
        for line in classes.iter().copied().flat_map(content) {
            words.class(line)?;
        }
        let mut rules = HashMap::new();
        for &(check, list) in lists {
            let of_list: &mut Vec<Rule> = rules.entry(check).or_default();
            for line in content(list) {
                if line.starts_with('@') {
                    words.class(line)?;
                } else {
                    let rule = words.rule(line).map_err(|why| format!("{check}: `{line}`: {why}"));
                    of_list.push(rule?);
                }
            }
        }
        Ok(Self { words, rules })
    }

    fn find(&self, check: &str, text: &str, sentence: &Sentence) -> Vec<Hit> {
        let rules = self.rules.get(check).into_iter().flatten();
        rules.flat_map(|rule| rule.find(sentence, text)).collect()
    }
}

/// The lines of a list but comments and empty ones.
fn content(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

impl Vocabulary {
    /// Reads `@class`, a tab, words.
    fn class(&mut self, line: &'static str) -> Result<(), String> {
        let mut parts = line[1..].split_whitespace();
        let name = parts.next().ok_or("`@` without a name")?;
        let next = self.classes.len();
        if next >= Tags::BITS as usize {
            return Err("too many classes".to_owned());
        }
        let bit = 1 << next;
        if self.classes.insert(name, bit).is_some() {
            return Err(format!("two classes `{name}`"));
        }
        for word in parts {
            if let Some(other) = word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                let of = *self.classes.get(other).ok_or(format!("no class `{other}`"))?;
                self.tags
                    .values_mut()
                    .filter(|tags| **tags & of != 0)
                    .for_each(|tags| *tags |= bit);
                self.globs
                    .iter_mut()
                    .filter(|(_, tags)| tags & of != 0)
                    .for_each(|glob| glob.1 |= bit);
                let phrases = self.phrases.values_mut().flatten();
                phrases.filter(|(_, tags)| tags & of != 0).for_each(|phrase| phrase.1 |= bit);
                let not: Vec<_> =
                    self.not.iter_mut().filter(|(_, tags)| **tags & of != 0).collect();
                not.into_iter().for_each(|(_, tags)| *tags |= bit);
            } else if let Some(not) = word.strip_prefix('-') {
                *self.not.entry(not).or_default() |= bit;
                self.tags.entry(not).or_default();
            } else if let Some(glob) = Glob::of(word) {
                self.globs.push((glob, bit));
            } else if let Some((first, rest)) = word.split_once('_') {
                self.phrases.entry(first).or_default().push((rest.split('_').collect(), bit));
            } else {
                *self.tags.entry(word).or_default() |= bit;
                if let Some(not) = self.not.get_mut(word) {
                    *not &= !bit;
                }
            }
        }
        Ok(())
    }

    fn rule(&mut self, line: &'static str) -> Result<Rule, String> {
        let mut cells = line.split('\t');
        let mut rule = self.items(cells.next().unwrap_or_default())?;
        let mut cell = || cells.next().filter(|cell| !cell.is_empty());
        (rule.instead, rule.note) = (cell(), cell());
        if let Some(unless) = cell() {
            rule.unless = unless.split(" / ").map(|r| self.items(r)).collect::<Result<_, _>>()?;
        }
        Ok(rule)
    }

    fn items(&mut self, text: &'static str) -> Result<Rule, String> {
        let (mut items, mut mark) = (Vec::new(), (0, usize::MAX));
        for part in text.split_whitespace() {
            let (part, from) = part.strip_prefix('⟦').map_or((part, false), |rest| (rest, true));
            let (part, to) = part.strip_suffix('⟧').map_or((part, false), |rest| (rest, true));
            if from {
                mark.0 = items.len();
            }
            items.push(self.item(part)?);
            if to {
                mark.1 = items.len();
            }
        }
        if items.is_empty() {
            return Err("a rule without words".to_owned());
        }
        mark.1 = mark.1.min(items.len());
        Ok(Rule { items, mark, unless: Vec::new(), instead: None, note: None })
    }

    fn item(&mut self, part: &'static str) -> Result<Item, String> {
        let (part, optional) = match part.strip_suffix('?') {
            Some(rest) if !rest.is_empty() => (rest, true),
            _ => (part, false),
        };
        let count = |rest: &str| if rest.is_empty() { Some(3) } else { rest.parse().ok() };
        let gap = |mark: char| part.strip_prefix(mark).and_then(count);
        let kind = if part == "^" {
            ItemKind::Start
        } else if part == "$" || part == "$." {
            ItemKind::End(part == "$.")
        } else if let Some(most) = gap('…') {
            ItemKind::Gap(most, false)
        } else if let Some(most) = gap('*') {
            ItemKind::Gap(most, true)
        } else {
            let (part, negated) = match part.strip_prefix('!') {
                Some(rest) if !rest.is_empty() => (rest, true),
                _ => (part, false),
            };
            let (among, without) = part.split_once('~').unwrap_or((part, ""));
            let (among, without) = (self.set(among)?, self.set(without)?);
            ItemKind::Words { among, without, negated }
        };
        Ok(Item { kind, optional })
    }

    fn set(&mut self, text: &'static str) -> Result<Set, String> {
        let mut set = Set::default();
        for word in text.split('|').filter(|word| !word.is_empty()) {
            if let Some(class) = word.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                set.tags |= self.classes.get(class).ok_or(format!("no class `{class}`"))?;
            } else if word == "$" {
                set.end = true;
            } else if word.contains('_') {
                let phrase = word.split('_').map(|word| self.id(word)).collect();
                set.phrases.push(phrase);
            } else if let Some(glob) = Glob::of(word) {
                set.globs.push(glob);
            } else {
                set.ids.push(self.id(word));
            }
        }
        Ok(set)
    }

    fn id(&mut self, word: &'static str) -> usize {
        let next = self.ids.len();
        *self.ids.entry(word).or_insert(next)
    }

    fn sentence(&self, text: &str) -> Sentence {
        let mut tokens = vec![Token::border(0, Kind::Start)];
        let mut rest = text.char_indices().peekable();
        while let Some((start, first)) = rest.next() {
            if first.is_whitespace() {
                continue;
            }
            let mut end = start + first.len_utf8();
            let kind = if first.is_alphanumeric() { Kind::Word } else { Kind::Mark };
            if kind == Kind::Word {
                // A mark belongs to a word between two letters or digits: `anak-anak`, `1.234`.
                while let Some(&(at, next)) = rest.peek() {
                    let goes_on = |c: char| c.is_alphanumeric();
                    let after = text[at + next.len_utf8()..].chars().next();
                    let before = text[..at].chars().next_back();
                    let number = before.is_some_and(|c| c.is_ascii_digit())
                        && after.is_some_and(|c| c.is_ascii_digit());
                    let joins = "-'’".contains(next) && after.is_some_and(goes_on)
                        || ".,:".contains(next) && number;
                    if !goes_on(next) && !joins {
                        break;
                    }
                    end = at + next.len_utf8();
                    rest.next();
                }
            }
            tokens.push(self.token(&text[start..end], start, kind, tokens.len() == 1));
        }
        // Quotation marks in front and what closes a sentence say nothing of its grammar.
        while tokens.get(1).is_some_and(is_edge) {
            tokens.remove(1);
        }
        let mut stop = false;
        while let Some(edge) = tokens.pop_if(|token| is_edge(token)) {
            stop |= edge.text == ".";
        }
        tokens.push(Token::border(text.len(), if stop { Kind::Stop } else { Kind::End }));
        for at in 0..tokens.len() {
            let Some(phrases) = self.phrases.get(tokens[at].text.as_str()) else { continue };
            for (words, tags) in phrases {
                let behind = tokens.iter().skip(at + 1).take(words.len());
                if behind.map(|token| token.text.as_str()).eq(words.iter().copied()) {
                    let found = (words.len() + 1, *tags | WORD);
                    tokens[at].phrases.push(found);
                }
            }
        }
        let mut ids = vec![0; self.ids.len().div_ceil(64)];
        tokens.iter().filter_map(|token| token.id).for_each(|id| ids[id / 64] |= 1 << (id % 64));
        let every =
            |token: &Token| token.phrases.iter().fold(token.tags, |all, (_, tags)| all | tags);
        let tags = tokens.iter().fold(0, |all, token| all | every(token));
        Sentence { tokens, tags, ids }
    }

    fn token(&self, text: &str, start: usize, kind: Kind, first: bool) -> Token {
        let span = Span::new(start..start + text.len());
        let lower = text.to_lowercase();
        let id = self.ids.get(lower.as_str()).copied();
        let mut tags = 0;
        if kind == Kind::Word {
            tags = WORD | self.tags_of(&lower);
            if !first && text.starts_with(char::is_uppercase) {
                tags |= NAME;
            }
            if text.starts_with(|c: char| c.is_ascii_digit()) {
                tags |= NUMBER;
            }
            if lower.ends_with("nya") {
                tags |= NYA;
            }
        }
        Token { span, text: lower, id, tags, phrases: Vec::new(), kind }
    }

    fn tags_of(&self, word: &str) -> Tags {
        let listed = self.tags.get(word).copied();
        let mut tags = listed.unwrap_or(0);
        let bare = || CLITICS.iter().find_map(|clitic| word.strip_suffix(clitic));
        let base = if listed.is_none() { bare().filter(|bare| bare.len() > 2) } else { None };
        if let Some(base) = base {
            tags |= self.tags.get(base).copied().unwrap_or(0);
        }
        for (glob, of) in &self.globs {
            if glob.fits(base.unwrap_or(word)) {
                tags |= of;
            }
        }
        let not = |word: &str| self.not.get(word).copied().unwrap_or(0);
        tags & !not(word) & !base.map_or(0, not)
    }
}

/// Whether a mark at the border of a sentence belongs to the border.
fn is_edge(token: &Token) -> bool {
    token.kind == Kind::Mark && ".!\"“”'‘’*_".contains(token.text.as_str())
}

impl Token {
    fn border(at: usize, kind: Kind) -> Self {
        let (text, phrases) = (String::new(), Vec::new());
        Self { span: Span::new(at..at), text, id: None, tags: 0, phrases, kind }
    }
}

/// A match: its tokens, and those that are wrong.
struct Match {
    all: (usize, usize),
    mark: (usize, usize),
}

impl Rule {
    /// Whether every item has a word in `sentence` that it may stand for.
    fn can_match(&self, sentence: &Sentence) -> bool {
        self.items.iter().all(|item| match &item.kind {
            ItemKind::Words { among, negated: false, .. } if !item.optional => {
                among.end
                    || !among.globs.is_empty()
                    || among.tags & sentence.tags != 0
                    || among.ids.iter().any(|&id| sentence.has(id))
                    || among.phrases.iter().any(|phrase| phrase.iter().all(|&id| sentence.has(id)))
            }
            _ => true,
        })
    }

    fn find(&self, sentence: &Sentence, text: &str) -> Vec<Hit> {
        if !self.can_match(sentence) {
            return Vec::new();
        }
        let overlaps = |hit: &Match, except: &Rule| {
            except.can_match(sentence)
                && (0..hit.all.1)
                    .filter_map(|start| except.at(sentence, start))
                    .any(|other| hit.all.0 < other.all.1)
        };
        (0..sentence.tokens.len())
            .filter_map(|start| self.at(sentence, start))
            .filter(|hit| !self.unless.iter().any(|except| overlaps(hit, except)))
            .filter_map(|hit| {
                let marked = sentence.tokens.get(hit.mark.0..hit.mark.1)?;
                let (first, last) = (marked.first()?, marked.last()?);
                Some(self.hit(first.span.cover(last.span), text))
            })
            .collect()
    }

    fn at(&self, sentence: &Sentence, start: usize) -> Option<Match> {
        let mut borders = vec![start; self.items.len() + 1];
        let end = self.rest(&sentence.tokens, 0, start, &mut borders)?;
        borders[self.items.len()] = end;
        Some(Match { all: (start, end), mark: (borders[self.mark.0], borders[self.mark.1]) })
    }

    /// The end of a match of the items from `item` on at `at`; where each begins, in `borders`.
    fn rest(
        &self,
        tokens: &[Token],
        item: usize,
        at: usize,
        borders: &mut [usize],
    ) -> Option<usize> {
        let Some(this) = self.items.get(item) else { return Some(at) };
        borders[item] = at;
        let mut go = |next: usize| {
            let end = self.rest(tokens, item + 1, next, borders);
            borders[item] = at;
            end
        };
        let found = match &this.kind {
            ItemKind::Start => (tokens.get(at)?.kind == Kind::Start).then(|| go(at + 1)).flatten(),
            ItemKind::End(stop) => {
                let kind = tokens.get(at)?.kind;
                let ends = kind == Kind::Stop || kind == Kind::End && !stop;
                ends.then(|| go(at + 1)).flatten()
            }
            ItemKind::Gap(most, marks) => {
                let may =
                    |token: &Token| token.kind == Kind::Word || *marks && token.kind == Kind::Mark;
                let mut most_far = 0;
                while most_far < *most && tokens.get(at + most_far).is_some_and(may) {
                    most_far += 1;
                }
                (0..=most_far).find_map(|words| go(at + words))
            }
            ItemKind::Words { among, without, negated } => {
                let token = tokens.get(at)?;
                if *negated {
                    let none = among.lengths(tokens, at).is_empty();
                    if none { go(at + 1) } else { None }
                } else if matches!(token.kind, Kind::End | Kind::Stop) {
                    if among.end { go(at + 1) } else { None }
                } else if token.kind == Kind::Start {
                    None
                } else {
                    let lengths = among.lengths(tokens, at);
                    let but = !without.lengths(tokens, at).is_empty();
                    lengths.into_iter().filter(|_| !but).find_map(|words| go(at + words))
                }
            }
        };
        found.or_else(|| if this.optional { go(at) } else { None })
    }

    fn hit(&self, span: Span, text: &str) -> Hit {
        let fix = self.instead.and_then(|text| text.strip_prefix('='));
        let habit = self.note.and_then(|note| note.strip_prefix("habit: "));
        Hit {
            span,
            idea: if fix.is_some() { None } else { self.instead },
            fix: fix.map(|fix| with_capital(fix, span.of(text))),
            note: habit.or(self.note),
            habit: habit.is_some(),
        }
    }
}

impl Set {
    /// How many tokens at `at` each fitting alternative covers, the longest first.
    fn lengths(&self, tokens: &[Token], at: usize) -> Vec<usize> {
        let token = &tokens[at];
        let mut lengths = Vec::new();
        let fits = |phrase: &&Vec<usize>| {
            let behind = tokens.iter().skip(at).take(phrase.len());
            behind.map(|token| token.id).eq(phrase.iter().map(|&id| Some(id)))
        };
        lengths.extend(self.phrases.iter().filter(fits).map(Vec::len));
        let of_class = |phrase: &&(usize, Tags)| phrase.1 & self.tags & !WORD != 0;
        lengths.extend(token.phrases.iter().filter(of_class).map(|phrase| phrase.0));
        let single = token.tags & self.tags != 0
            || token.id.is_some_and(|id| self.ids.contains(&id))
            || self.globs.iter().any(|glob| glob.fits(&token.text));
        if single {
            lengths.push(1);
        }
        lengths
    }
}

impl Sentence {
    /// The words of `text`, with their classes.
    ///
    /// # Panics
    /// For a list that is no list of rules: they are part of the program, and tests read them all.
    #[must_use]
    pub fn of(text: &str) -> Self {
        SYNTAX.words.sentence(text)
    }

    fn has(&self, id: usize) -> bool {
        self.ids[id / 64] & (1 << (id % 64)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::{SYNTAX, Syntax};

    const CLASSES: &str =
        "# classes\n@fruit\tapel jeruk buah_ceri\n@red\tmerah *-merah\n@verb\tme* -merah -mereka\n";
    const LIST: &str = "{red} ⟦{fruit}⟧\t=buah\tnote\tmerah apel itu\n\
                        ^ ⟦saya|kami {verb}~memakan⟧ …2 {number}?\tbaik\n\
                        {word} ⟦,⟧ !dan|yang\t\thabit: comma\n";

    fn found(text: &str) -> Vec<(String, Option<String>)> {
        let syntax = Syntax::read(&[CLASSES], &[("x", LIST)]).expect("a list");
        let hits = syntax.find("x", text, &syntax.words.sentence(text));
        hits.into_iter().map(|hit| (hit.span.of(text).to_owned(), hit.fix)).collect()
    }

    fn marks(text: &str) -> Vec<String> {
        found(text).into_iter().map(|(marked, _)| marked).collect()
    }

    #[test]
    fn classes_marks_and_exceptions() {
        assert_eq!(found("Merah Buah ceri jatuh."), [("Buah ceri".into(), Some("Buah".into()))]);
        assert_eq!(marks("Kemerah-merah apelnya."), ["apelnya"]);
        assert_eq!(marks("Merah apel itu, dan merah jeruk."), ["jeruk"]);
        assert_eq!(marks("Merah pisang."), Vec::<String>::new());
    }

    #[test]
    fn borders_gaps_and_negation() {
        assert_eq!(marks("“Saya membeli 3 apel.”"), ["Saya membeli"]);
        assert_eq!(marks("Kata saya membeli."), Vec::<String>::new());
        assert_eq!(marks("Kami memakan apel."), Vec::<String>::new());
        assert_eq!(marks("Ini, itu."), [","]);
        assert_eq!(marks("Ini, yang itu."), Vec::<String>::new());
    }

    #[test]
    fn the_lists_are_lists() {
        assert!(SYNTAX.rules.values().all(|rules| rules.iter().all(|rule| !rule.items.is_empty())));
        assert!(Syntax::read(&["@a\tb {c}"], &[]).is_err());
        assert!(Syntax::read(&[], &[("x", "{none} kata")]).is_err());
    }
}
