//! TRM003 `name-variants`: one name in several spellings in a document.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;
use serde::Deserialize;

use super::{Check, DocumentContext, Findings, declare_check};
use crate::{
    document::{Segment, SegmentId},
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon,
    text::{Language, Side, Span, Word, lower, words},
};

declare_check! {
    /// ## What it does
    /// Reports names that a document spells in several ways: the same letters with other spaces,
    /// hyphens or accents (`Wen Xin Yi Yan`, `Wenxinyiyan`, `Wenxin Yiyan`), with other capitals
    /// inside (`NetEase`, `Netease`), or with a doubled letter at the end (`Zelensky`,
    /// `Zelenskyy`).
    ///
    /// ## Why it matters
    /// MQM Terminology/Inconsistent use. The reader takes them for several names.
    ///
    /// ## Example
    /// - `Baidu mengembangkan "Wen Xin Yi Yan" … diwakili oleh Wenxinyiyan …`
    ///
    /// ## Not reported
    /// Names in capitals throughout (`GOOGLE`), abbreviations with what they stand for, names
    /// with an ending (`Jakarta`, `Jakarta's`).
    ///
    /// ## Known misses
    /// Transliterations that differ in letters (`Tchaikovsky`, `Chaikovski`), two names for one
    /// thing (`China`, `Tiongkok`).
    ///
    /// ## False alarms
    /// 1.1 per 1,000 (95 % interval 0.6–1.9) of 11,698 human sentences in files of 25, 2026-11-23,
    /// `scripts/false_alarms.py`; most are slips (`YouTUbe`), some are names with and without
    /// their accents.
    NameVariants {
        code: "TRM003",
        name: "name-variants",
        mqm: InconsistentTerminology,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.name-variants]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NameVariants {
    /// Names of fewer letters are not compared.
    min_letters: usize,
    /// Names that are never reported, as written.
    allow: Vec<String>,
}

impl Default for NameVariants {
    fn default() -> Self {
        Self { min_letters: 6, allow: Vec::new() }
    }
}

/// Longest name, in words.
const LONGEST: usize = 5;
/// Segments that a thread reads at a time at least.
const SHARE: usize = 64;
/// Places shown of each spelling.
const SHOWN: usize = 3;

/// Where a spelling stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    segment: SegmentId,
    span: Span,
}

impl Check for NameVariants {
    fn document(&self, cx: &DocumentContext<'_>, findings: &mut Findings<'_>) {
        // Letters of a name without spaces → spelling → places.
        let mut names: BTreeMap<String, BTreeMap<String, Vec<Place>>> = BTreeMap::new();
        let segments = cx.document.segments.par_iter().with_min_len(SHARE);
        let found: Vec<_> = segments.flat_map_iter(|segment| self.names(segment)).collect();
        for (letters, spelling, place) in found {
            let spellings = names.entry(letters).or_default();
            match spellings.get_mut(spelling) {
                Some(places) => places.push(place),
                None => drop(spellings.insert(spelling.to_owned(), vec![place])),
            }
        }
        join_doubled(&mut names);
        names.retain(|_, spellings| variants(spellings));
        // `Xin Yi Yan` is no name of its own where `Wen Xin Yi Yan` is one.
        let groups: Vec<_> = names.into_values().collect();
        let mut covered: HashMap<SegmentId, Vec<(usize, Span)>> = HashMap::new();
        for (g, spellings) in groups.iter().enumerate() {
            for place in spellings.values().flatten() {
                covered.entry(place.segment).or_default().push((g, place.span));
            }
        }
        let inside = |g: usize, place: &Place| {
            covered.get(&place.segment).is_some_and(|spans| {
                spans.iter().any(|(other, span)| {
                    *other != g
                        && span.len() > place.span.len()
                        && span.start <= place.span.start
                        && place.span.end <= span.end
                })
            })
        };
        let mut kept: Vec<&BTreeMap<String, Vec<Place>>> = groups
            .iter()
            .enumerate()
            .filter(|(g, spellings)| !spellings.values().flatten().all(|p| inside(*g, p)))
            .map(|(_, spellings)| spellings)
            .collect();
        let start =
            |spellings: &&BTreeMap<String, Vec<Place>>| spellings.values().flatten().min().copied();
        kept.sort_by_key(start);
        for spellings in kept {
            report(spellings, findings);
        }
    }
}

impl NameVariants {
    /// The names in the target of `segment`: its letters, as written, and where.
    fn names<'a>(&self, segment: &'a Segment) -> Vec<(String, &'a str, Place)> {
        let text = segment.target.text.as_str();
        let mut names = Vec::new();
        let all: Vec<Word<'_>> = words(text).collect();
        for i in 0..all.len() {
            for n in 1..=LONGEST.min(all.len() - i) {
                let run = &all[i..i + n];
                if !is_name(run[n - 1].text) || (n > 1 && !adjacent(text, &run[n - 2..])) {
                    break;
                }
                let span = run[0].span.cover(run[n - 1].span);
                if segment.target.in_placeable(span) {
                    break;
                }
                let spelling = span.of(text);
                // The first word of a sentence has its capital from there.
                if i == 0 && n == 1 && is_common(spelling) {
                    continue;
                }
                let letters = letters(spelling);
                if letters.chars().count() < self.min_letters
                    || self.allow.iter().any(|name| name == spelling)
                {
                    continue;
                }
                names.push((letters, spelling, Place { segment: segment.id, span }));
            }
        }
        names
    }
}

fn adjacent(text: &str, pair: &[Word<'_>]) -> bool {
    matches!(&text[pair[0].span.range().end..pair[1].span.range().start], " " | "\u{a0}" | "-")
}

/// A word with a capital that is not all capitals.
fn is_name(word: &str) -> bool {
    let first = word.starts_with(char::is_uppercase);
    let letters = word.chars().filter(|c| c.is_alphabetic());
    let capitals = letters.clone().filter(|c| c.is_uppercase()).count();
    first && !word.contains(['\'', '_']) && !word.contains('’') && (capitals < letters.count())
}

fn is_common(word: &str) -> bool {
    let lower = lower(word);
    lexicon::is_word(Language::Id, &lower) || lexicon::is_word(Language::En, &lower)
}

/// What is left of a name without spaces, hyphens, accents and capitals.
fn letters(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    if name.is_ascii() {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        return letters.map(|c| c.to_ascii_lowercase()).collect();
    }
    name.nfd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Puts `zelenskyy` to `zelensky`.
fn join_doubled(names: &mut BTreeMap<String, BTreeMap<String, Vec<Place>>>) {
    let doubled: Vec<(String, String)> = names
        .keys()
        .filter_map(|key| {
            let last = key.chars().next_back()?;
            let short = &key[..key.len() - last.len_utf8()];
            (short.ends_with(last) && names.contains_key(short))
                .then(|| (key.clone(), short.to_owned()))
        })
        .collect();
    for (key, short) in doubled {
        if let Some(spellings) = names.remove(&key) {
            for (spelling, places) in spellings {
                names.entry(short.clone()).or_default().entry(spelling).or_default().extend(places);
            }
        }
    }
}

/// Whether these are spellings of one name, and not one name and a sentence's capital.
fn variants(spellings: &BTreeMap<String, Vec<Place>>) -> bool {
    if spellings.len() < 2 {
        return false;
    }
    // `Microsoft Office` and `Microsoft office` do not come here: every word has its capital.
    // Two common words written together or apart are a matter of spelling, not of names.
    let parts: BTreeSet<&str> =
        spellings.keys().flat_map(|s| s.split([' ', '-', '\u{a0}'])).collect();
    !parts.iter().all(|part| is_common(part))
}

fn report(spellings: &BTreeMap<String, Vec<Place>>, findings: &mut Findings<'_>) {
    let mut order: Vec<(&String, &Vec<Place>)> = spellings.iter().collect();
    order.sort_by_key(|(_, places)| places.first());
    let list: Vec<String> =
        order.iter().map(|(spelling, places)| format!("`{spelling}` ({})", places.len())).collect();
    let mut draft = findings
        .push(format!("one name, {} spellings: {}", list.len(), list.join(", ")))
        .confidence(Confidence::Medium)
        .help("choose one spelling");
    // The first place of each spelling first, then some more; before all a spelling that departs
    // from the first.
    order.rotate_left(1);
    for round in 0..SHOWN {
        for (_, places) in &order {
            if let Some(place) = places.get(round) {
                draft = draft.label(place.segment, Side::Target, place.span, "");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{findings, targets};

    fn messages(texts: &[&str]) -> Vec<String> {
        let document = targets(texts);
        findings(&META, &document, &[]).into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn spellings_of_one_name() {
        assert_eq!(
            messages(&[
                "Baidu membuat \"Wen Xin Yi Yan\".",
                "Model Wenxinyiyan dan ChatGPT.",
                "Uji Wenxin Yiyan dan Wenxin Yiyan."
            ]),
            ["one name, 3 spellings: `Wen Xin Yi Yan` (1), `Wenxinyiyan` (1), `Wenxin Yiyan` (2)"]
        );
        assert_eq!(messages(&["Dari Huawei.", "Dari Hua Wei."]).len(), 1);
        assert_eq!(messages(&["Kata Zelensky.", "Kata Zelenskyy."]).len(), 1);
        assert_eq!(messages(&["Dari NetEase.", "Dari Netease."]).len(), 1);
    }

    #[test]
    fn different_names() {
        for texts in [
            ["SBY dan Susilo Bambang Yudhoyono.", "Solo atau Surakarta."],
            ["Kata GOOGLE dan Google.", "Kata Google."],
            ["Jakarta Selatan dan Jakarta.", "Selatan Jakarta."],
            ["Perusahaan itu besar.", "Kata Perusahaan itu."],
        ] {
            assert_eq!(messages(&texts), [""; 0], "{texts:?}");
        }
    }
}
