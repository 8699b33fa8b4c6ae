//! ACC001 `untranslated`: words of the source language left in the target.

use std::{collections::HashSet, sync::LazyLock};

use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon::{self, Strength},
    text::{Language, Span, Word, lower, words},
};

declare_check! {
    /// ## What it does
    /// Reports words of the other language left standing in the target: a run of words that
    /// English texts write and Indonesian texts do not (`last Moon`, `full-line`), or the other
    /// way round for an English target; and a single English word between Indonesian ones
    /// (`dihukum for enam tahun`), where no Indonesian writer puts it so.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Untranslated. A machine leaves a word as it is when it takes it for a name,
    /// or when a pivot through English did not come out again.
    ///
    /// ## Example
    /// - `UBS last Moon menambahkan Metaverse ke daftarnya.` → `bulan lalu`
    /// - `Warga who mengungsi mendapat selimut.` → `yang`
    ///
    /// ## Not reported
    /// Loanwords (`game`, `startup`), compounds that Indonesian texts use (`real-time`), names
    /// and titles (`Bank of America`, `The Dark Side of the Moon`), what stands in quotation marks
    /// or in brackets, code and addresses.
    ///
    /// ## Known misses
    /// Single English words that Indonesian texts use now and then (`scene`, the words of
    /// `src/lexicon/alone.txt`), left-over words in capitals (`All in Metaverse`), words of a third
    /// language.
    ///
    /// ## False alarms
    /// 2.3 per 1,000 (95 % interval 1.6–3.3) of 11,839 human sentences of documentation, news
    /// and an encyclopedia, 2026-11-24, `scripts/false_alarms.py`: 0.6 in documentation, 7.7 in
    /// business news, where writers put in English terms (`secondary offering`).
    Untranslated {
        code: "ACC001",
        name: "untranslated",
        mqm: Untranslated,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.untranslated]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Untranslated {
    /// A run is reported at this many points: a sure word has 3, a likely one 2, a weak one 1.
    min_points: u32,
    /// Words that are never reported, in lower case.
    allow: Vec<String>,
}

impl Default for Untranslated {
    /// One sure word, or two of which one is likely. Set on 11,698 human sentences, 2026-11-23,
    /// `scripts/false_alarms.py`: with 2 points, 18.8 of 1,000 were reported instead of 9.8, for
    /// single words that journalists borrow (`listed`, `placement`).
    fn default() -> Self {
        Self { min_points: 3, allow: Vec::new() }
    }
}

/// Words that stand in the middle of English names.
const IN_NAMES: &[&str] = &[
    "a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "it", "me", "my", "of", "on",
    "or", "over", "the", "to", "up", "with", "you", "your",
];

/// English phrases that Indonesian writers use as they are.
static LOAN_PHRASES: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("../lexicon/loan_phrases.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
});
/// Their first words: most words begin no phrase.
static LOAN_STARTS: LazyLock<FxHashSet<&str>> = LazyLock::new(|| {
    LOAN_PHRASES.iter().filter_map(|phrase| words(phrase).next()).map(|word| word.text).collect()
});
/// Words of the longest of them.
const LOAN_WORDS: usize = 5;

/// English words that make clauses, not terms: with one of them a run is no borrowed term.
static CLAUSE: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("untranslated.clause"));

/// English words that no Indonesian text borrows, rarer than those that counting alone makes sure.
static CONNECTIVES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("untranslated.connectives"));

/// Small English words that stand alone between Indonesian words only where a machine left them,
/// or where the text is about code.
static SMALL: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("untranslated.small"));
/// Words before a small one that is the topic: `klausa by`, `kata kunci this`.
static CODE_TOPIC: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("untranslated.code-topic"));

/// English words that Indonesian writers put alone between their own.
static BORROWED_ALONE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::lines(include_str!("../lexicon/alone.txt")));

/// English words of both languages' texts that Indonesian writers never put alone.
static LEFT: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::lines(include_str!("../lexicon/left.txt")));

struct Candidate {
    span: Span,
    points: u32,
    capital: bool,
}

/// The words of `all` that belong to a phrase Indonesian writers borrow.
fn borrowed(text: &str, all: &[Word<'_>]) -> HashSet<usize> {
    let lower = lower(text);
    let mut found = HashSet::new();
    // Lower case may move offsets; where it does, no phrase is known.
    if lower.len() != text.len() {
        return found;
    }
    for i in 0..all.len() {
        if !LOAN_STARTS.contains(all[i].span.of(&lower)) {
            continue;
        }
        for n in (2..=LOAN_WORDS.min(all.len() - i)).rev() {
            let span = all[i].span.cover(all[i + n - 1].span);
            if LOAN_PHRASES.contains(span.of(&lower)) {
                found.extend(i..i + n);
                break;
            }
        }
    }
    found
}

/// Whether `span` stands between `<` and `>`: `<your organization name>`.
fn in_angles(text: &str, span: Span) -> bool {
    let before = &text[..span.range().start];
    let Some(open) = before.rfind('<') else { return false };
    !before[open..].contains('>') && text[span.range().end..].contains('>')
}

impl Check for Untranslated {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let text = cx.segment.target.text.as_str();
        let language = cx.segment.direction.target();
        let quoted = cx.quoted();
        let all = cx.words();
        let borrowed = borrowed(text, all);
        let capital = |i: usize| all[i].text.starts_with(char::is_uppercase);
        let joined = |i: usize, j: usize| {
            text.get(all[i].span.range().end..all[j].span.range().start) == Some(" ")
        };
        let alone = Alone { text, all, language };
        let mut run: Vec<Candidate> = Vec::new();
        for i in 0..all.len() {
            let word = all[i];
            let mut points = self.points(language, word.text);
            if points.is_none_or(|points| points < ALONE)
                && self.candidate(word.text)
                && alone.is_left_over(i)
            {
                points = Some(ALONE);
            }
            let inside = |span: &Span| span.overlaps(word.span);
            if points.is_some()
                && (cx.segment.target.in_placeable(word.span)
                    || borrowed.contains(&i)
                    || in_angles(text, word.span)
                    || quoted.iter().any(inside)
                    || marks::is_code(text, word.span))
            {
                points = None;
            }
            // `Bank of America`, `Guns and Roses`: a small word beside a name is part of it.
            if points.is_some() && IN_NAMES.contains(&word.text) {
                let before = i > 0 && capital(i - 1) && joined(i - 1, i);
                let after = i + 1 < all.len() && capital(i + 1) && joined(i, i + 1);
                if before || after {
                    points = None;
                }
            }
            if run.is_empty() || !joined(i - 1, i) || points.is_none() {
                self.report(std::mem::take(&mut run), text, findings);
            }
            if let Some(points) = points {
                // `However, harga naik`: the sentence has its capital, the word none.
                let capital = capital(i) && !(i == 0 && points >= ALONE && alone.begins());
                run.push(Candidate { span: word.span, points, capital });
            }
        }
        self.report(run, text, findings);
    }
}

/// Points of a word that no Indonesian writer puts alone into a sentence.
const ALONE: u32 = 3;

/// The words around one.
struct Alone<'a> {
    text: &'a str,
    all: &'a [Word<'a>],
    language: Language,
}

impl Alone<'_> {
    /// Whether word `i` is of the target's language, or a number.
    fn own(&self, i: usize) -> bool {
        let word = self.all[i].text;
        word.starts_with(|c: char| c.is_ascii_digit())
            || word.starts_with(char::is_lowercase)
                && lexicon::is_word(self.language, word.split('-').next().unwrap_or(word))
    }

    fn gap(&self, i: usize) -> &str {
        &self.text[self.all[i].span.range().end..self.all[i + 1].span.range().start]
    }

    /// Whether the first word is followed by the target's language.
    fn begins(&self) -> bool {
        self.all.len() > 2
            && matches!(self.gap(0), " " | ", ")
            && (self.own(1)
                || (SMALL.contains(self.all[1].text) || self.all[1].text == "to") && self.own(2))
            && SENTENCE_STARTS.contains(self.all[0].text.to_lowercase().as_str())
    }

    /// Whether word `i`, one of English, stands alone in a sentence of Indonesian and is none that
    /// writers borrow.
    fn is_left_over(&self, i: usize) -> bool {
        if self.language != Language::Id {
            return false;
        }
        let word = self.all[i].text;
        if i == 0 {
            return self.begins();
        }
        if !word.starts_with(char::is_lowercase)
            || !self
                .text
                .trim_start_matches(|c: char| !c.is_alphanumeric())
                .starts_with(|c: char| !c.is_lowercase())
        {
            return false;
        }
        let before = matches!(self.gap(i - 1), " " | ", ")
            && (self.own(i - 1)
                || i == 1 && lexicon::is_word(self.language, &self.all[0].text.to_lowercase()));
        let after = match self.all.get(i + 1) {
            Some(_) => matches!(self.gap(i), " " | ", " | ". ") && self.own(i + 1),
            None => self.text.trim_end().ends_with(['.', '!', '?']),
        };
        if !before || !after {
            return false;
        }
        if SMALL.contains(word) {
            let number = self.all[i - 1].text.starts_with(|c: char| c.is_ascii_digit());
            return !number && !CODE_TOPIC.contains(self.all[i - 1].text.to_lowercase().as_str());
        }
        let known = lexicon::only(Language::En, word);
        LEFT.contains(word)
            || known.is_some_and(|s| s >= Strength::Likely) && !BORROWED_ALONE.contains(word)
    }
}

/// English words that begin a sentence with a capital and are no names.
static SENTENCE_STARTS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("untranslated.sentence-starts"));

impl Untranslated {
    /// Whether `word` may be judged by what stands around it: one of English that nobody allowed.
    fn candidate(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        let known = lexicon::is_word(Language::En, &lower)
            || SMALL.contains(lower.as_str())
            || LEFT.contains(lower.as_str())
            || CONNECTIVES.contains(lower.as_str());
        known && !self.allow.contains(&lower)
    }

    /// Points of a word in a target in `language`; `None` where it is not foreign.
    fn points(&self, language: Language, word: &str) -> Option<u32> {
        let foreign = language.other();
        if word.chars().skip(1).any(char::is_uppercase) || !word.is_ascii() {
            return None;
        }
        let lower = lower(word);
        if self.allow.iter().any(|allowed| *allowed == lower) {
            return None;
        }
        let points = |part: &str| {
            if foreign == Language::En && CONNECTIVES.contains(part) {
                return Some(3);
            }
            match lexicon::only(foreign, part)? {
                Strength::Weak => Some(1),
                Strength::Likely => Some(2),
                Strength::Sure => Some(3),
            }
        };
        if lower.contains('-') {
            // `full-line`: every part is foreign, and nobody writes it so.
            if lexicon::is_loan_compound(&lower) || foreign == Language::Id {
                return None;
            }
            // `per-piece`: Indonesian has `per`, and writes it apart.
            if let Some(rest) = lower.strip_prefix("per-") {
                return points(rest).map(|points| points + 2);
            }
            let parts: Option<Vec<u32>> = lower.split('-').map(points).collect();
            let sum = parts.filter(|parts| parts.len() > 1)?.iter().sum::<u32>();
            // That nobody writes it so counts for something.
            return Some(sum + 1);
        }
        points(&lower)
    }

    fn report(&self, mut run: Vec<Candidate>, text: &str, findings: &mut Findings<'_>) {
        // Capitals alone are a name; more than one in a row at an end is one as well.
        let lower = run.iter().filter(|candidate| !candidate.capital).count();
        if lower == 0 {
            return;
        }
        while run.len() > lower + 1 && run.last().is_some_and(|c| c.capital) {
            run.pop();
        }
        let points: u32 = run.iter().map(|candidate| candidate.points).sum();
        if points < self.min_points {
            return;
        }
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
        let span = first.span.cover(last.span);
        // A noun or two are a term that some writer borrowed; a clause is no term.
        let in_clause = |c: &Candidate| CLAUSE.contains(c.span.of(text).to_lowercase().as_str());
        let begins_name = first.capital && first.span.start > 0;
        let severity = match run.iter().any(in_clause) {
            _ if begins_name => Severity::Neutral,
            true => Severity::Major,
            false => Severity::Minor,
        };
        let confidence = match run.len() {
            1 => Confidence::Medium,
            _ if points >= 4 && severity == Severity::Major => Confidence::High,
            _ => Confidence::Medium,
        };
        let plural = if run.len() == 1 { "word" } else { "words" };
        findings
            .push(format!("{plural} left untranslated: `{}`", span.of(text)))
            .at(span)
            .severity(severity)
            .confidence(confidence)
            .help("translate it; a name or a term that stays goes into quotation marks or italics");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::{
        checks::tester::{findings, marked, marks},
        document::{Document, SegmentText},
        text::Direction,
    };

    #[test]
    fn left_over_english() {
        for (text, expected) in [
            ("UBS (UBS ) last Moon menambahkan Metaverse.", "last Moon"),
            ("Tencent mengumumkan pembatalan pekerjaan full-line XR.", "full-line"),
            ("Pabrik itu tutup last month.", "last month"),
            ("Warga who mengungsi mendapat selimut.", "who"),
            ("Ia pulang because of sakit.", "because of"),
            ("Layanan full-chain segera hadir.", "full-chain"),
            ("Ongkos angkutan, meanwhile, tetap sama.", "meanwhile"),
            ("Ia menunggu for dua jam di sana.", "for"),
            ("Kapal itu tenggelam beneath ombak besar.", "beneath"),
            ("Pemerintah announced aturan baru kemarin.", "announced"),
            ("However, harga gula turun lagi.", "However"),
            ("Ongkosnya dihitung per-piece saja.", "per-piece"),
        ] {
            assert_eq!(marks(&META, text), [expected], "{text}");
        }
    }

    #[test]
    fn names_titles_and_loanwords_stay() {
        for text in [
            "Ia pemain bass Moon Safari.",
            "Anak saya suka Sailor Moon.",
            "Startup, game, GPU, dan metaverse sudah lazim dipakai.",
            "Album \"The Dark Side of the Moon\" diputar.",
            "Rapat daring via Zoom Meeting dengan Bank of America.",
            "Pertandingan final Indonesia Open.",
            "Pemrosesan real-time dan front-end.",
            "Pembelajaran mesin (machine learning from data) makin maju.",
            "Sate, ayam, dan air putih untuk Made.",
            "Jalankan /usr/bin/which atau users.list().",
            "Klausa by dan kata kunci this dipakai di sini.",
        ] {
            assert_eq!(marks(&META, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn left_over_indonesian_in_english() {
        let mut document = Document::new("test", "He came bulan lalu with her.");
        let target = SegmentText::contiguous("He came bulan lalu with her.", 0);
        document.push(0, Direction::IdEn, None, target);
        let found = findings(&META, &document, &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(marked(&document, &found[0]), "bulan lalu");
    }
}
