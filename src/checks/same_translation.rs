//! TRM004 `same-translation`: different sources, one translation.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    Check, DocumentContext, Findings, declare_check,
    inconsistent_translation::{key, whole},
};
use crate::{
    document::Segment,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::Side,
};

declare_check! {
    /// ## What it does
    /// Reports a translation that a document has already given to another source, one that
    /// has few words in common with this one.
    ///
    /// ## Why it matters
    /// MQM Mistranslation. A row was filled with the translation of its neighbour, or an entry of a
    /// translation memory was taken for the wrong source.
    ///
    /// ## Example
    /// - *Turn the device off.* – `Matikan perangkat itu.` … *Read the label first.* – `Matikan perangkat itu.`
    ///
    /// ## Not reported
    /// Translations of fewer than three words, sources that share half of their words or more.
    ///
    /// ## Known misses
    /// Wrong rows whose translation stands nowhere else.
    ///
    /// ## False alarms
    /// 0 per 1,000 of 1,500 pairs of documentation and of 997 pairs of FLORES-200 dev, 2026-11-24,
    /// `scripts/pair_recall.py`.
    SameTranslation {
        code: "TRM004",
        name: "same-translation",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.same-translation]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct SameTranslation {
    /// Translations of fewer words are not compared.
    min_words: usize,
    /// Sources that share this much of their words may be translated alike.
    max_overlap: f32,
}

impl Default for SameTranslation {
    fn default() -> Self {
        Self { min_words: 3, max_overlap: 0.5 }
    }
}

/// The share of the words of the longer text that both have.
fn overlap(one: &str, other: &str) -> f32 {
    let (mut a, mut b): (Vec<&str>, Vec<&str>) =
        (one.split(' ').collect(), other.split(' ').collect());
    let longer = a.len().max(b.len());
    a.sort_unstable();
    b.sort_unstable();
    let mut common = 0;
    for word in a {
        if let Ok(at) = b.binary_search(&word) {
            b.remove(at);
            common += 1;
        }
    }
    common as f32 / longer as f32
}

impl Check for SameTranslation {
    fn document(&self, cx: &DocumentContext<'_>, findings: &mut Findings<'_>) {
        let mut seen: HashMap<String, Vec<(String, &Segment)>> = HashMap::new();
        for segment in &cx.document.segments {
            let Some(source) = &segment.source else { continue };
            let (target, count) = key(&segment.target.text);
            if count < self.min_words {
                continue;
            }
            let source = key(&source.text).0;
            let known = seen.entry(target).or_default();
            if known.iter().any(|(other, _)| *other == source) {
                continue;
            }
            let near = known.iter().any(|(other, _)| overlap(other, &source) >= self.max_overlap);
            if let (Some((_, first)), false) = (known.first(), near) {
                findings
                    .on(segment.id)
                    .push("another source has the same translation")
                    .at(whole(segment, Side::Target))
                    .label(segment.id, Side::Source, whole(segment, Side::Source), "")
                    .label(first.id, Side::Source, whole(first, Side::Source), "the other source")
                    .confidence(Confidence::Medium)
                    .help("look which of the two it translates");
            }
            known.push((source, segment));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{findings, pairs};

    #[test]
    fn one_translation_of_two_sources() {
        let document = pairs(&[
            (Some("Turn the device off."), "Matikan perangkat itu."),
            (Some("Read the label first."), "Matikan perangkat itu."),
            (Some("Turn off the device."), "Matikan perangkat itu."),
            (Some("Off"), "Mati"),
            (Some("Dead"), "Mati"),
        ]);
        assert_eq!(findings(&META, &document, &[]).len(), 1);
    }
}
