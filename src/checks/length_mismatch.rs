//! LNG020 `length-mismatch`: the target is far too short or too long for its source.

use std::{cmp::Ordering, sync::LazyLock};

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    document::SegmentText,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Language, Side, Span, Word, words},
};

declare_check! {
    /// ## What it does
    /// Compares the lengths of source and target in letters, and reports a target that is shorter or
    /// longer than people's translations of that length are; sooner where it has fewer or more commas,
    /// stops and brackets as well, or a connective without a counterpart (`src/lexicon/connectives.tsv`).
    ///
    /// ## Why it matters
    /// MQM Omission or Addition. Much too short: a clause or a sentence is missing. Much too long:
    /// something was put in, or the pair belongs to two different texts.
    ///
    /// ## Example
    /// - *Turn the tap off, wait for two minutes, and then take the filter out.* – `Tutup keran.`
    ///
    /// ## Not reported
    /// Pairs with fewer than 40 letters on the longer side. Addresses, code and tags are not
    /// counted.
    ///
    /// ## Known misses
    /// A missing clause that is a small part of its sentence; `omission` and `addition` look for those
    /// with the model.
    ///
    /// ## False alarms
    /// 0.8 per 1,000 of 5,997 pairs, in either direction: 2.0 of FLORES-200 dev, 0.6 of 5,000 pairs of
    /// documentation. Of 300 references of FLORES without the part from a comma on, 0.79 were found, of
    /// 94 without one of their sentences 0.81, of 300 with a sentence of another pair 0.95. 2026-11-24,
    /// `scripts/pair_recall.py`, into Indonesian.
    LengthMismatch {
        code: "LNG020",
        name: "length-mismatch",
        mqm: Omission,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.length-mismatch]`. Bounds are lengths of the Indonesian side, in lengths of the
/// English one; each is given for a pair of `min_letters` and for one of 160 letters, which vary less.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct LengthMismatch {
    /// Lowest for a pair of `min_letters`; between it and 160 letters all steps between hold.
    min_ratio: f32,
    /// Highest for a pair of `min_letters`.
    max_ratio: f32,
    /// Lowest for a pair of 160 letters.
    min_ratio_long: f32,
    /// Highest for a pair of 160 letters.
    max_ratio_long: f32,
    /// Lowest for a pair of `min_letters` whose Indonesian side has fewer commas, stops and brackets.
    min_ratio_marks: f32,
    /// Highest for a pair of `min_letters` whose English side has fewer of them.
    max_ratio_marks: f32,
    /// As `min_ratio_marks`, for a pair of 160 letters.
    min_ratio_marks_long: f32,
    /// As `max_ratio_marks`, for a pair of 160 letters.
    max_ratio_marks_long: f32,
    /// Pairs whose longer side has fewer letters are not judged.
    min_letters: usize,
    /// Also look for connectives without a counterpart.
    connectives: bool,
}

impl Default for LengthMismatch {
    /// Those of long pairs and of pairs with fewer marks were fitted by hand on FLORES-200 dev and 5,000 pairs of
    /// documentation, in both directions (2026-11-24, `scripts/pair_recall.py`). Those of short pairs are
    /// wide by hand: people say `Berapa ongkosnya?` for *Could you tell me how much it costs?*
    fn default() -> Self {
        Self {
            min_ratio: 0.4,
            max_ratio: 3.5,
            min_ratio_long: 0.684,
            max_ratio_long: 1.82,
            min_ratio_marks: 0.657,
            max_ratio_marks: 2.5,
            min_ratio_marks_long: 0.79,
            max_ratio_marks_long: 1.57,
            min_letters: 40,
            connectives: true,
        }
    }
}

/// From this many letters on a pair is long.
const LONG: f32 = 160.0;

impl LengthMismatch {
    /// The bounds for a pair whose longer side has `letters`.
    ///
    /// Between the short and the long ones by the inverse of the length, as the spread of a sum over
    /// its length goes.
    fn bounds(&self, letters: usize, fewer: Option<Language>) -> (f32, f32) {
        let short = self.min_letters.max(1) as f32;
        let part = |letters: f32| 1.0 / letters - 1.0 / LONG;
        let weight = (part(letters as f32) / part(short.min(LONG - 1.0))).clamp(0.0, 1.0);
        let between = |short: f32, long: f32| (long.ln() + (short.ln() - long.ln()) * weight).exp();
        let low = match fewer {
            Some(Language::Id) => between(self.min_ratio_marks, self.min_ratio_marks_long),
            _ => between(self.min_ratio, self.min_ratio_long),
        };
        let high = match fewer {
            Some(Language::En) => between(self.max_ratio_marks, self.max_ratio_marks_long),
            _ => between(self.max_ratio, self.max_ratio_long),
        };
        (low, high)
    }
}

/// A row of `connectives.tsv`.
struct Connective {
    words: Regex,
    counterparts: Regex,
    bound: f32,
}

/// The connectives of English and those of Indonesian.
static CONNECTIVES: LazyLock<[Vec<Connective>; 2]> = LazyLock::new(|| {
    let mut out = [Vec::new(), Vec::new()];
    let rows = include_str!("../lexicon/connectives.tsv").lines();
    for row in rows.filter(|row| !row.starts_with('#')) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [language, words, counterparts, bound] = cells[..] else {
            unreachable!("a row of connectives.tsv has four cells: {row}")
        };
        let pattern = |words: &str| {
            Regex::new(&format!(r"(?i)(?:\b|^)(?:{words})(?:\b|$)")).expect("the pattern is valid")
        };
        out[usize::from(language == "id")].push(Connective {
            words: pattern(words),
            counterparts: pattern(counterparts),
            bound: bound.parse().expect("a bound is a number"),
        });
    }
    out
});

/// A connective of `side`, in `language`, that `other` has not in any form, where the lengths make
/// it likely that something else went with it.
fn lost(side: &SegmentText, language: Language, other: &SegmentText, ratio: f32) -> Option<Span> {
    let text = side.text.as_str();
    let all = &CONNECTIVES[usize::from(language == Language::Id)];
    let beyond = |bound: f32| match language {
        Language::En => ratio < bound,
        Language::Id => ratio > bound,
    };
    // A hyphen or tag beside it makes it part of a word or of code.
    let prose = |span: &Span| {
        let (before, after) = (&text[..span.range().start], &text[span.range().end..]);
        let glued = ['-', '_', '/', '`', '*', '<', '"', '“'];
        !before.ends_with(glued)
            && !after.starts_with(['-', '_', '/', '`', '*', '>', '"', '”'])
            && !before.to_lowercase().ends_with("klik ")
            && !before.to_lowercase().ends_with("ketuk ")
            && !side.in_placeable(*span)
    };
    all.iter().filter(|row| beyond(row.bound)).find_map(|row| {
        let found = row.words.find_iter(text).map(|m| Span::new(m.range()));
        let found: Vec<Span> = found.filter(prose).collect();
        let first = *found.first()?;
        let mut there = row.counterparts.find_iter(&other.text).count();
        // `A, b and c` becomes `a, b, c`, and two sentences.
        if matches!(first.of(text).to_lowercase().as_str(), "and" | "dan" | "serta") {
            there += marks(other).saturating_sub(marks(side));
        }
        (there < found.len()).then_some(first)
    })
}

/// How many letters more `side` would have if its abbreviations that `other` has not were said in
/// words, at eight letters a word.
fn abbreviated(side: &SegmentText, other: &SegmentText) -> usize {
    let short = |word: &Word<'_>| {
        let letters = word.text.chars().count();
        (2..=6).contains(&letters)
            && word.text.chars().all(char::is_uppercase)
            && !other.text.contains(word.text)
    };
    words(&side.text).filter(short).map(|word| 7 * word.text.len()).sum()
}

/// Commas, stops and brackets outside placeables: a clause seldom goes without one.
fn marks(side: &SegmentText) -> usize {
    let counts = |(at, c): &(usize, char)| {
        ",;:.!?()–—".contains(*c) && !side.in_placeable(Span::new(*at..*at + c.len_utf8()))
    };
    side.text.char_indices().filter(counts).count()
}

/// Letters and digits outside placeables.
fn letters(side: &SegmentText) -> usize {
    let counts = |(at, c): &(usize, char)| {
        c.is_alphanumeric() && !side.in_placeable(Span::new(*at..*at + c.len_utf8()))
    };
    side.text.char_indices().filter(counts).count()
}

impl Check for LengthMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let target = &cx.segment.target;
        let (there, here) = (letters(source), letters(target));
        if there.max(here) < self.min_letters || there == 0 || here == 0 {
            return;
        }
        let (indonesian, english) = match cx.segment.direction.target() {
            Language::Id => (here, there),
            Language::En => (there, here),
        };
        let ratio = indonesian as f32 / english as f32;
        let fewer = match marks(target).cmp(&marks(source)) {
            Ordering::Less => Some(cx.segment.direction.target()),
            Ordering::Greater => Some(cx.segment.direction.source()),
            Ordering::Equal => None,
        };
        let (low, high) = self.bounds(there.max(here), fewer);
        let lost = || {
            let sides = [(source, target), (target, source)];
            let languages = [cx.segment.direction.source(), cx.segment.direction.target()];
            let mut all = sides.into_iter().zip(languages).enumerate();
            all.find_map(|(i, ((side, other), language))| {
                let written_out = abbreviated(other, side) > 0;
                let span = lost(side, language, other, ratio).filter(|_| !written_out)?;
                Some((i == 0, span))
            })
        };
        if (low..=high).contains(&ratio) {
            let Some((of_source, span)) = self.connectives.then(lost).flatten() else { return };
            let text = span.of(if of_source { &source.text } else { &target.text });
            let percent = 100.0 * here as f32 / there as f32;
            let draft = findings.push(if of_source {
                format!(
                    "`{text}` of the source has no counterpart, and the target is {percent:.0} % as long"
                )
            } else {
                format!("`{text}` is not in the source, and the target is {percent:.0} % as long")
            });
            let draft = match of_source {
                true => draft.label(cx.segment.id, Side::Source, span, ""),
                false => draft.at(span),
            };
            draft
                .confidence(Confidence::Medium)
                .help(if of_source {
                    "look for what is missing"
                } else {
                    "look for what was put in"
                })
                .measure("Indonesian : English, in letters", ratio, "ratio");
            return;
        }
        let (more_there, more_here) = (abbreviated(source, target), abbreviated(target, source));
        let (indonesian, english) = match cx.segment.direction.target() {
            Language::Id => (here + more_here, there + more_there),
            Language::En => (there + more_there, here + more_here),
        };
        if (low..=high).contains(&(indonesian as f32 / english as f32)) {
            return;
        }
        let short = here < there;
        // Far beyond the bounds nothing else is possible.
        let far = ratio < self.min_ratio * 0.75 || ratio > self.max_ratio * 1.4;
        let percent = 100.0 * here as f32 / there as f32;
        let whole = |side: &SegmentText| Span::new(0..side.text.len());
        findings
            .push(format!(
                "the target is {}: {percent:.0} % of its source",
                match (far, short) {
                    (true, true) => "very short",
                    (false, true) => "short",
                    (true, false) => "very long",
                    (false, false) => "long",
                }
            ))
            .at(whole(target))
            .label(cx.segment.id, Side::Source, whole(source), "")
            .confidence(if far { Confidence::High } else { Confidence::Medium })
            .help(if short { "look for what is missing" } else { "look for what was put in" })
            .measure("Indonesian : English, in letters", ratio, "ratio");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{findings, pairs};

    fn found(source: &str, target: &str) -> Vec<String> {
        let document = pairs(&[(Some(source), target)]);
        findings(&META, &document, &[]).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn too_short_and_too_long() {
        let source = "Turn the tap off, wait for two minutes, and then take the filter out.";
        assert_eq!(found(source, "Tutup keran."), ["the target is very short: 19 % of its source"]);
        let long = "Tutup keran itu, tunggu dua menit, lalu keluarkan saringannya. Setelah itu \
                    cucilah saringan dengan air bersih dan pasang kembali seperti semula.";
        assert_eq!(found(source, long).len(), 1);
        let source = "The museum, which had been closed for repairs since the fire in the spring, will open its \
                      doors again next week, the mayor told reporters on Tuesday evening.";
        let whole = "Museum itu, yang ditutup untuk perbaikan sejak kebakaran pada musim semi, akan membuka \
                     pintunya lagi pekan depan, kata wali kota kepada wartawan pada Selasa malam.";
        assert_eq!(found(source, whole), Vec::<String>::new());
        let part = "Museum itu akan membuka pintunya lagi pekan depan, kata wali kota kepada para wartawan \
                    pada hari Selasa malam.";
        assert_eq!(found(source, part), ["the target is short: 72 % of its source"]);
    }

    #[test]
    fn usual_lengths_and_short_labels() {
        for (source, target) in [
            (
                "Turn the tap off, wait for two minutes, and then take the filter out.",
                "Tutup keran, tunggu dua menit, lalu keluarkan saringannya.",
            ),
            ("OK", "Baiklah, lanjutkan"),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
