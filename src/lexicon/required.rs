//! The words that a text must have where a pattern matches it, so that most patterns are never
//! compiled and hardly one is searched for: [`patterns`](super::patterns) asks here first.
//!
//! A word is a run of ASCII letters, digits and `_`, as long as it goes: what `(?-u:\b)` parts. A
//! [`Unit`] is such a word, whatever its capitals, or two with one space between. From the syntax
//! tree of a pattern come sets of units, of each of which a text with a match has one at least. That
//! is a necessary condition and no more: what a pattern matches, its expression alone decides.
//!
//! Only where both sides of a word are certain (another word of the pattern, a sign, a border) does
//! it count, since a part of a word is no word of the text. The signs of a pattern are needed, too.

use std::{borrow::Cow, collections::HashMap};

use regex_syntax::ast::{
    self, Ast, ClassPerlKind, ClassSet, ClassSetItem, Flag, FlagsItemKind, GroupKind,
    RepetitionKind, RepetitionRange,
};
use rustc_hash::FxHashMap;

/// A word or two, hashed. Two that are one by accident cost a search in vain.
pub type Unit = u64;

/// Texts that a part of a pattern may stand for, at most; above, it is any text.
const TEXTS: usize = 512;
/// Pairs of words where two parts of a pattern meet, at most; above, the words count singly.
const PAIRS: usize = 64;

/// The units of a text.
#[derive(Debug, Clone, Default)]
pub struct Units {
    /// Each word, with the byte where it starts.
    words: Vec<(usize, Unit)>,
    pairs: Vec<Unit>,
    /// A bit for each character of ASCII that is no part of a word.
    signs: u128,
    /// Whether it has a character that is an ASCII letter but for its case: `ſ` and `K` (Kelvin).
    /// Then words are not what they seem, and every pattern has to be tried.
    folds: bool,
}

impl Units {
    /// Those of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let (mut words, mut pairs, mut signs) = (Vec::new(), Vec::new(), 0);
        let mut last: Option<(usize, Unit)> = None;
        let mut at = 0;
        while at < bytes.len() {
            if !is_word(bytes[at]) {
                signs |= sign(bytes[at]);
                at += 1;
                continue;
            }
            let start = at;
            let mut unit = 0;
            while at < bytes.len() && is_word(bytes[at]) {
                unit = step(unit, bytes[at]);
                at += 1;
            }
            words.push((start, unit));
            if let Some((end, before)) = last
                && end + 1 == start
                && bytes[end] == b' '
            {
                pairs.push(pair(before, unit));
            }
            last = Some((at, unit));
        }
        let folds = !text.is_ascii() && text.contains(is_folded);
        Self { words, pairs, signs, folds }
    }

    /// Whether one of `words` is there, or may be.
    #[must_use]
    pub fn has_any(&self, words: &[Unit]) -> bool {
        self.folds || self.words.iter().any(|(_, unit)| words.contains(unit))
    }

    /// The single words, each with the byte where it starts.
    pub(super) fn words(&self) -> impl Iterator<Item = (usize, Unit)> {
        self.words.iter().copied()
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The bit of a sign; none for other bytes.
fn sign(byte: u8) -> u128 {
    if byte.is_ascii_punctuation() && byte != b'_' { 1 << byte } else { 0 }
}

fn is_folded(c: char) -> bool {
    matches!(c, 'ſ' | '\u{212a}')
}

/// As `rustc_hash` mixes, a byte at a time.
fn step(unit: Unit, byte: u8) -> Unit {
    (unit.rotate_left(5) ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x517c_c1b7_2722_0a95)
}

fn pair(a: Unit, b: Unit) -> Unit {
    (a.rotate_left(17) ^ b).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// The unit of one word.
#[must_use]
pub fn word(word: &str) -> Unit {
    word.bytes().fold(0, step)
}

/// The word that `text` begins with; empty where it begins with none.
pub(super) fn first_word(text: &str) -> &str {
    let end = text.bytes().position(|byte| !is_word(byte)).unwrap_or(text.len());
    &text[..end]
}

/// Tells which patterns of a list a text may match.
#[derive(Debug, Default)]
pub struct Index {
    /// A bit for each unit in `sets`, at the place of its first [`BITS`] bits: most units of a text
    /// are in no set, and this says so from the fastest memory.
    known: Vec<u64>,
    /// Unit → the sets it stands in.
    sets: FxHashMap<Unit, Vec<u32>>,
    /// Set → the patterns that need it.
    patterns: Vec<Vec<u32>>,
    /// Pattern → how many sets it needs, and which signs.
    needs: Vec<(u32, u128)>,
    /// Patterns that need no set.
    always: Vec<u32>,
}

/// What a text must have for one pattern.
#[derive(Debug, Default)]
pub struct Needs {
    /// A unit of each.
    sets: Vec<Set>,
    /// All of these: as in [`Units`].
    signs: u128,
}

/// 2 KiB a list.
const BITS: u32 = 14;

/// Where the bit of a unit stands in [`Index::known`], and which it is.
fn bit(unit: Unit) -> (usize, u64) {
    let place = unit >> (Unit::BITS - BITS);
    ((place / 64) as usize, 1 << (place % 64))
}

impl Index {
    /// An index of patterns, each with what it needs.
    #[must_use]
    pub fn new(required: impl IntoIterator<Item = Needs>) -> Self {
        let mut index = Self { known: vec![0; 1 << (BITS - 6)], ..Self::default() };
        let mut numbers: HashMap<Set, u32> = HashMap::new();
        for (pattern, needed) in (0..).zip(required) {
            let mut count = 0;
            for set in needed.sets {
                let id = *numbers.entry(set).or_insert_with_key(|set| {
                    let id = u32::try_from(index.patterns.len()).expect("lists are short");
                    index.patterns.push(Vec::new());
                    for unit in set {
                        let (place, bit) = bit(*unit);
                        index.known[place] |= bit;
                        index.sets.entry(*unit).or_default().push(id);
                    }
                    id
                });
                let of = &mut index.patterns[id as usize];
                // The same set twice, as in `{person} dan {person}`.
                if of.last() != Some(&pattern) {
                    of.push(pattern);
                    count += 1;
                }
            }
            if count == 0 {
                index.always.push(pattern);
            }
            index.needs.push((count, needed.signs));
        }
        index
    }

    /// The patterns that a text with these units may match, in order.
    pub fn candidates(&self, text: &Units) -> Vec<u32> {
        if text.folds {
            return (0..).zip(&self.needs).map(|(pattern, _)| pattern).collect();
        }
        let mut sets: Vec<u32> = Vec::new();
        for unit in text.words.iter().map(|(_, unit)| unit).chain(&text.pairs) {
            let (place, bit) = bit(*unit);
            if self.known[place] & bit == 0 {
                continue;
            }
            if let Some(of) = self.sets.get(unit) {
                sets.extend(of);
            }
        }
        let needs = |pattern: u32| self.needs[pattern as usize];
        let mut found = self.always.clone();
        if !sets.is_empty() {
            sets.sort_unstable();
            sets.dedup();
            let of = sets.iter().flat_map(|set| &self.patterns[*set as usize]);
            let mut hits: Vec<u32> = of.copied().collect();
            hits.sort_unstable();
            let all = hits.chunk_by(|a, b| a == b);
            let all = all.filter(|hits| hits.len() == needs(hits[0]).0 as usize);
            found.extend(all.map(|hits| hits[0]));
            found.sort_unstable();
        }
        found.retain(|pattern| needs(*pattern).1 & !text.signs == 0);
        found
    }
}

/// Units of which a text must have one: sorted, each once.
pub type Set = Vec<Unit>;

/// A text that a pattern may match.
type Text = Cow<'static, str>;

/// What a part of a pattern can stand for.
#[derive(Debug, Clone)]
enum Part {
    /// One of these texts.
    Texts(Vec<Text>),
    /// One of these sequences.
    Choice(Vec<Vec<Part>>),
    /// Anything: whether it may begin and end with a character of words, and be nothing at all.
    Any { start: bool, end: bool, empty: bool },
}

impl Part {
    /// One character or more, of words or not.
    fn any(word: bool) -> Self {
        Self::Any { start: word, end: word, empty: false }
    }
}

/// A border, the start or the end: no character, but none of a word on one side of it.
const BORDER: Part = Part::Any { start: false, end: false, empty: false };
/// Nothing is known of it.
const UNKNOWN: Part = Part::Any { start: true, end: true, empty: true };

/// A class of words, for which a character of private use stands in a pattern.
#[derive(Debug, Clone)]
pub struct Class(Part);

/// The first such character.
const FIRST_CLASS: u32 = 0xe000;

/// The character that stands for the class of this number, from 0.
///
/// # Panics
/// For more classes than there are such characters.
#[must_use]
pub fn class(number: usize) -> char {
    let number = u32::try_from(number).ok().filter(|number| *number < 0x1000);
    number.and_then(|number| char::from_u32(FIRST_CLASS + number)).expect("few classes")
}

impl Class {
    /// One of `words`, each of which may be a pattern.
    #[must_use]
    pub fn new(words: &[&'static str]) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if words.len() > TEXTS || !words.iter().all(|word| word.chars().all(plain)) {
            return Self(UNKNOWN);
        }
        let text = |word: &&'static str| match word.contains('_') {
            true => Text::from(word.replace('_', " ")),
            false => Text::from(*word),
        };
        Self(Part::Texts(words.iter().map(text).collect()))
    }
}

/// What a text must have where `pattern` matches, whatever its capitals; nothing where it cannot be
/// told.
///
/// # Panics
/// For what is no pattern: lists are part of the program, and tests read them all.
#[must_use]
pub fn required(pattern: &str, classes: &[Class]) -> Needs {
    let ast = ast::parse::Parser::new()
        .parse(pattern)
        .unwrap_or_else(|error| panic!("`{pattern}` is no pattern: {error}"));
    let Some(parts) = (Reader { classes }).sequence(&ast) else {
        return Needs::default();
    };
    Needs { sets: needs(&parts, false, false), signs: signs(&parts) }
}

struct Reader<'a> {
    classes: &'a [Class],
}

impl Reader<'_> {
    /// The parts of `ast` one behind the other; `None` for flags that change what letters stand
    /// for.
    fn sequence(&self, ast: &Ast) -> Option<Vec<Part>> {
        match ast {
            Ast::Concat(concat) => {
                let mut parts = Vec::new();
                for ast in &concat.asts {
                    // The letters of a word are one part.
                    match (ast, parts.last_mut()) {
                        (Ast::Literal(literal), Some(Part::Texts(texts)))
                            if is_letter(literal.c)
                                && texts.len() == 1
                                && texts[0].ends_with(is_letter) =>
                        {
                            texts[0].to_mut().push(literal.c);
                        }
                        _ => parts.extend(self.sequence(ast)?),
                    }
                }
                Some(parts)
            }
            Ast::Group(group) => {
                if let GroupKind::NonCapturing(flags) = &group.kind {
                    harmless(flags)?;
                }
                self.sequence(&group.ast)
            }
            Ast::Flags(flags) => harmless(&flags.flags).map(|()| Vec::new()),
            _ => Some(vec![self.part(ast)?]),
        }
    }

    fn part(&self, ast: &Ast) -> Option<Part> {
        Some(match ast {
            Ast::Empty(_) => Part::Texts(vec![Text::default()]),
            Ast::Literal(literal) => self.literal(literal.c),
            Ast::Assertion(assertion) => match assertion.kind {
                ast::AssertionKind::NotWordBoundary => UNKNOWN,
                _ => BORDER,
            },
            Ast::ClassPerl(class) => Part::any(!is_sign(class)),
            Ast::ClassBracketed(class) => Part::any(class.negated || may_be_word(&class.kind)),
            Ast::Repetition(repetition) => {
                let inner = self.sequence(&repetition.ast)?;
                if let (RepetitionKind::ZeroOrOne, Some(mut texts)) =
                    (&repetition.op.kind, texts(&inner))
                {
                    texts.push(Text::default());
                    return Some(Part::Texts(texts));
                }
                let least = match &repetition.op.kind {
                    RepetitionKind::ZeroOrOne | RepetitionKind::ZeroOrMore => 0,
                    RepetitionKind::OneOrMore => 1,
                    RepetitionKind::Range(
                        RepetitionRange::Exactly(n)
                        | RepetitionRange::AtLeast(n)
                        | RepetitionRange::Bounded(n, _),
                    ) => *n,
                };
                let (start, end) = (edge(&inner, false), edge(&inner, true));
                let empty = least == 0 || start.empty;
                Part::Any { start: start.word, end: end.word, empty }
            }
            Ast::Alternation(alternation) => {
                let branches: Option<Vec<_>> =
                    alternation.asts.iter().map(|ast| self.sequence(ast)).collect();
                let branches = branches?;
                let all: Option<Vec<_>> = branches.iter().map(|branch| texts(branch)).collect();
                match all {
                    Some(all) if all.iter().map(Vec::len).sum::<usize>() <= TEXTS => {
                        Part::Texts(all.into_iter().flatten().collect())
                    }
                    _ => Part::Choice(branches),
                }
            }
            _ => UNKNOWN,
        })
    }

    fn literal(&self, c: char) -> Part {
        let class = u32::from(c).checked_sub(FIRST_CLASS);
        match class.and_then(|class| self.classes.get(class as usize)) {
            Some(Class(part)) => part.clone(),
            None if is_folded(c) => Part::any(true),
            None => Part::Texts(vec![c.to_string().into()]),
        }
    }
}

fn is_letter(c: char) -> bool {
    c.is_ascii() && is_word(c as u8)
}

fn harmless(flags: &ast::Flags) -> Option<()> {
    let fine = |item: &ast::FlagsItem| {
        matches!(
            item.kind,
            FlagsItemKind::Negation
                | FlagsItemKind::Flag(Flag::CaseInsensitive | Flag::Unicode | Flag::SwapGreed)
        )
    };
    flags.items.iter().all(fine).then_some(())
}

/// Whether no character of `class` is one of a word.
fn is_sign(class: &ast::ClassPerl) -> bool {
    matches!(
        (&class.kind, class.negated),
        (ClassPerlKind::Space, false) | (ClassPerlKind::Word, true)
    )
}

fn may_be_word(set: &ClassSet) -> bool {
    match set {
        ClassSet::BinaryOp(_) => true,
        ClassSet::Item(item) => item_may_be_word(item),
    }
}

fn item_may_be_word(item: &ClassSetItem) -> bool {
    match item {
        ClassSetItem::Empty(_) => false,
        ClassSetItem::Literal(literal) => is_letter(literal.c) || is_folded(literal.c),
        // Whatever lies in between.
        ClassSetItem::Range(_) | ClassSetItem::Ascii(_) | ClassSetItem::Unicode(_) => true,
        ClassSetItem::Perl(class) => !is_sign(class),
        ClassSetItem::Bracketed(class) => class.negated || may_be_word(&class.kind),
        ClassSetItem::Union(union) => union.items.iter().any(item_may_be_word),
    }
}

/// Every text that `parts` stand for, if they are few.
fn texts(parts: &[Part]) -> Option<Vec<Text>> {
    match parts {
        [Part::Texts(texts)] => Some(texts.clone()),
        _ => parts.iter().try_fold(vec![Text::default()], |before, part| match part {
            Part::Texts(texts) => product(&before, texts),
            _ => None,
        }),
    }
}

fn product(before: &[Text], behind: &[Text]) -> Option<Vec<Text>> {
    if before.len() * behind.len() > TEXTS {
        return None;
    }
    let with = |a: &Text| behind.iter().map(|b| Text::from(format!("{a}{b}"))).collect::<Vec<_>>();
    Some(before.iter().flat_map(with).collect())
}

/// What a sequence shows on the side that it is met from.
#[derive(Clone, Copy)]
struct Edge {
    /// Whether a word character may be the first to be met.
    word: bool,
    /// Whether there may be nothing to meet.
    empty: bool,
}

/// What `parts` show from the front, or from the `back`.
fn edge(parts: &[Part], back: bool) -> Edge {
    let mut found = Edge { word: false, empty: true };
    for at in 0..parts.len() {
        let of = match &parts[if back { parts.len() - 1 - at } else { at }] {
            Part::Texts(texts) => {
                let first = |text: &Text| {
                    let mut letters = text.chars();
                    if back { letters.next_back() } else { letters.next() }
                };
                Edge {
                    word: texts.iter().filter_map(first).any(is_letter),
                    empty: texts.iter().any(|text| text.is_empty()),
                }
            }
            Part::Any { start, end, empty } => {
                Edge { word: if back { *end } else { *start }, empty: *empty }
            }
            Part::Choice(branches) => {
                let none = Edge { word: false, empty: false };
                branches
                    .iter()
                    .map(|branch| edge(branch, back))
                    .fold(none, |a, b| Edge { word: a.word || b.word, empty: a.empty || b.empty })
            }
        };
        found.word |= of.word;
        if !of.empty {
            return Edge { empty: false, ..found };
        }
    }
    found
}

/// The signs that every text of `parts` has.
fn signs(parts: &[Part]) -> u128 {
    let of = |part: &Part| match part {
        Part::Texts(texts) => {
            let of = |text: &Text| text.bytes().fold(0, |signs, byte| signs | sign(byte));
            texts.iter().map(of).reduce(|a, b| a & b).unwrap_or(0)
        }
        Part::Choice(branches) => {
            branches.iter().map(|branch| signs(branch)).reduce(|a, b| a & b).unwrap_or(0)
        }
        Part::Any { .. } => 0,
    };
    parts.iter().fold(0, |signs, part| signs | of(part))
}

/// Parts that stand for texts, put together up to a space or to what is no text.
struct Run {
    texts: Vec<Text>,
    /// Parts from here …
    start: usize,
    /// … to here.
    end: usize,
}

/// The sets that `parts` need. `left` and `right`: whether it is certain that no word goes on there.
fn needs(parts: &[Part], left: bool, right: bool) -> Vec<Set> {
    let closed = |edge: Edge, outside: bool| !edge.word && (!edge.empty || outside);
    let before = |at: usize| closed(edge(&parts[..at], true), left);
    let behind = |at: usize| closed(edge(&parts[at..], false), right);
    let is_space = |part: &Part| matches!(part, Part::Texts(texts) if texts == &[" "]);
    let mut sets: Vec<Set> = Vec::new();
    let mut runs: Vec<Run> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Texts(_) if is_space(part) => {}
            Part::Texts(texts) => {
                let last = runs.last_mut().filter(|run| run.end == at);
                match last.and_then(|run| Some((product(&run.texts, texts)?, run))) {
                    Some((product, run)) => {
                        run.texts = product;
                        run.end = at + 1;
                    }
                    None => runs.push(Run { texts: texts.clone(), start: at, end: at + 1 }),
                }
            }
            Part::Choice(branches) => {
                let (left, right) = (before(at), behind(at + 1));
                // One set of each branch: the one with the fewest units says most.
                let best = |branch: &Vec<Part>| {
                    needs(branch, left, right).into_iter().min_by_key(Vec::len)
                };
                let best: Option<Vec<Set>> = branches.iter().map(best).collect();
                sets.extend(best.map(|sets| sets.into_iter().flatten().collect::<Set>()));
            }
            Part::Any { .. } => {}
        }
    }
    let words: Vec<Vec<Words>> = runs
        .iter()
        .map(|run| {
            let (left, right) = (before(run.start), behind(run.end));
            run.texts.iter().map(|text| Words::of(text, left, right)).collect()
        })
        .collect();
    let mut paired = vec![false; runs.len()];
    for at in 1..runs.len() {
        let joined = runs[at - 1].end + 1 == runs[at].start && is_space(&parts[runs[at - 1].end]);
        if !joined {
            continue;
        }
        let ends: Option<Vec<Unit>> = words[at - 1].iter().map(|words| words.last).collect();
        let starts: Option<Vec<Unit>> = words[at].iter().map(|words| words.first).collect();
        let (Some(ends), Some(starts)) = (ends.map(sorted), starts.map(sorted)) else { continue };
        if ends.len() * starts.len() <= PAIRS {
            sets.push(ends.iter().flat_map(|a| starts.iter().map(|b| pair(*a, *b))).collect());
            (paired[at - 1], paired[at]) = (true, true);
        }
    }
    for (words, paired) in words.iter().zip(paired) {
        let units: Option<Set> = words.iter().map(|words| words.unit).collect();
        // Words of a pair are needed anyway.
        let is_new = !paired || words.iter().all(|words| words.is_pair);
        sets.extend(units.filter(|_| is_new));
    }
    let mut sets: Vec<Set> = sets.into_iter().map(sorted).collect();
    sets.sort_unstable();
    sets.dedup();
    sets
}

fn sorted(mut units: Vec<Unit>) -> Vec<Unit> {
    units.sort_unstable();
    units.dedup();
    units
}

/// The words of a text that stand whole in every text where it stands.
struct Words {
    /// The one that says most.
    unit: Option<Unit>,
    /// Whether that is a pair.
    is_pair: bool,
    /// The word at the very start, and at the very end.
    first: Option<Unit>,
    last: Option<Unit>,
}

impl Words {
    fn of(text: &str, left: bool, right: bool) -> Self {
        let bytes = text.as_bytes();
        let mut whole: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let start = at;
            while at < bytes.len() && is_word(bytes[at]) {
                at += 1;
            }
            if at > start && (start > 0 || left) && (at < bytes.len() || right) {
                whole.push((start, at));
            }
            at += 1;
        }
        let unit = |&(start, end): &(usize, usize)| word(&text[start..end]);
        let pairs =
            whole.windows(2).filter(|pair| pair[0].1 + 1 == pair[1].0 && bytes[pair[0].1] == b' ');
        let longest = pairs.max_by_key(|pair| pair[1].1 - pair[0].0);
        let single = whole.iter().max_by_key(|(start, end)| end - start);
        Self {
            unit: match longest {
                Some(both) => Some(pair(unit(&both[0]), unit(&both[1]))),
                None => single.map(unit),
            },
            is_pair: longest.is_some(),
            first: whole.first().filter(|word| word.0 == 0).map(unit),
            last: whole.last().filter(|word| word.1 == bytes.len()).map(unit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Class, Index, Units, class, required};

    fn passes(pattern: &str, text: &str) -> bool {
        let berries = Class::new(&["stroberi", "buah_ceri"]);
        let pattern = pattern.replace("{berry}", &class(0).to_string());
        Index::new([required(&pattern, &[berries])]).candidates(&Units::of(text)) == [0]
    }

    #[test]
    fn whole_words_side_by_side() {
        let pattern = r"(?-u:\b)(?:buku|surat) lama(?-u:\b)";
        for text in ["BUKU lama", "Sebuah surat lama."] {
            assert!(passes(pattern, text), "{text}");
        }
        for text in ["buku baru", "buku, lama", "bukuan lama", "buku lamaran", ""] {
            assert!(!passes(pattern, text), "{text}");
        }
    }

    #[test]
    fn what_may_be_missing_is_not_needed() {
        let pattern = r"(?-u:\b)tata (?:baru )?(?:[a-z]+ )?kota(?-u:\b)";
        for text in ["tata baru kota", "tata kota", "tata letak kota"] {
            assert!(passes(pattern, text), "{text}");
        }
        assert!(!passes(pattern, "tata letak"));
        // `kota` may be the beginning of a word, and `me` is one.
        assert!(passes(r"(?-u:\b)me[a-z]+ kota[a-z]*", "apa saja"));
        assert!(passes(r"(?x) buku\ lama", "flags change what a letter is"));
    }

    #[test]
    fn classes_and_signs() {
        assert!(passes("banyak {berry}[.]", "Banyak buah ceri."));
        assert!(!passes("(?-u:\\b)banyak {berry}[.]", "Banyak sayur."));
        assert!(passes("; (?:namun|tetapi)", "pergi; namun"));
        assert!(!passes("; (?:namun|tetapi)", "pergi, namun"));
    }
}
