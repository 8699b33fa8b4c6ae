//! TRM002 `inconsistent-translation`: one source, several translations.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Check, DocumentContext, Findings, declare_check};
use crate::{
    document::Segment,
    evidence::EvidenceSet,
    finding::Status,
    text::{Side, Span, words},
};

declare_check! {
    /// ## What it does
    /// Reports a source that a document translates in a second way.
    ///
    /// ## Why it matters
    /// MQM Terminology/Inconsistent use. The reader looks for a difference that is none.
    ///
    /// ## Example
    /// - *Turn the device off.* – `Matikan perangkat.` … *Turn the device off.* – `Padamkan alat itu.`
    ///
    /// ## Not reported
    /// Sources of fewer than three words, whose sense depends on their place (*Open*); translations that
    /// differ in capitals or punctuation only. A third translation is reported, a repeated second one is
    /// not.
    ///
    /// ## Known misses
    /// Sources that differ by a letter, terms inside sentences; a glossary holds those.
    ///
    /// ## False alarms
    /// 4.7 per 1,000 of 1,500 pairs of documentation, of many pages in one file, 2026-11-24,
    /// `scripts/pair_recall.py`. So a preview.
    InconsistentTranslation {
        code: "TRM002",
        name: "inconsistent-translation",
        mqm: InconsistentTerminology,
        severity: Minor,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.inconsistent-translation]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct InconsistentTranslation {
    /// Sources of fewer words may have several translations.
    min_words: usize,
}

impl Default for InconsistentTranslation {
    fn default() -> Self {
        Self { min_words: 3 }
    }
}

/// The words of a text in lower case, and how many they are.
pub(super) fn key(text: &str) -> (String, usize) {
    let all: Vec<String> = words(text).map(|word| word.text.to_lowercase()).collect();
    (all.join(" "), all.len())
}

/// The whole of one side.
pub(super) fn whole(segment: &Segment, side: Side) -> Span {
    Span::new(0..segment.side(side).map_or(0, |side| side.text.len()))
}

impl Check for InconsistentTranslation {
    fn document(&self, cx: &DocumentContext<'_>, findings: &mut Findings<'_>) {
        // Source → each of its translations, with the segment that has it first.
        let mut seen: HashMap<String, Vec<(String, &Segment)>> = HashMap::new();
        for segment in &cx.document.segments {
            let Some(source) = &segment.source else { continue };
            let (source, count) = key(&source.text);
            if count < self.min_words {
                continue;
            }
            let target = key(&segment.target.text).0;
            let known = seen.entry(source).or_default();
            if known.iter().any(|(other, _)| *other == target) {
                continue;
            }
            if let Some((_, first)) = known.first() {
                findings
                    .on(segment.id)
                    .push("the same source is translated otherwise before")
                    .at(whole(segment, Side::Target))
                    .label(first.id, Side::Target, whole(first, Side::Target), "there")
                    .help("translate it alike, or accept it");
            }
            known.push((target, segment));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{findings, marked, pairs};

    #[test]
    fn a_second_translation_once() {
        let source = Some("Turn the device off.");
        let document = pairs(&[
            (source, "Matikan perangkat."),
            (source, "matikan perangkat"),
            (source, "Padamkan alat itu."),
            (source, "Padamkan alat itu."),
            (Some("Open"), "Buka"),
            (Some("Open"), "Terbuka"),
        ]);
        let found = findings(&META, &document, &[]);
        let texts: Vec<String> = found.iter().map(|finding| marked(&document, finding)).collect();
        assert_eq!(texts, ["Padamkan alat itu."]);
    }
}
