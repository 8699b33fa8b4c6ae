//! LNG020 `length-mismatch`: the target is far too short or too long for its source.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    document::SegmentText,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Language, Side, Span},
};

declare_check! {
    /// ## What it does
    /// Compares the lengths of source and target in letters, and reports a target that is shorter or
    /// longer than people's translations are.
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
    /// A missing clause in a long sentence; `omission` and `addition` look for those with the model.
    ///
    /// ## False alarms
    /// 0.8 per 1,000 of 7,935 pairs of documentation and FLORES-200 dev, with these bounds, 2026-11-24.
    /// Of 489 pairs of FLORES without the part from a comma on, 0.64 were found, of 500 with a
    /// sentence of another pair 0.84, both with a higher bound of 1.75 (`scripts/pair_recall.py`).
    LengthMismatch {
        code: "LNG020",
        name: "length-mismatch",
        mqm: Omission,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.length-mismatch]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct LengthMismatch {
    /// Lowest length of the Indonesian side, in lengths of the English one.
    min_ratio: f32,
    /// Highest.
    max_ratio: f32,
    /// Pairs whose longer side has fewer letters are not judged.
    min_letters: usize,
}

impl Default for LengthMismatch {
    /// Of 7,935 human pairs of documentation and FLORES-200 dev with 40 letters or more, 2 are below and
    /// 4 above these bounds; with 1.75 above, 16 were (2026-11-24).
    fn default() -> Self {
        Self { min_ratio: 0.66, max_ratio: 2.0, min_letters: 40 }
    }
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
        if (self.min_ratio..=self.max_ratio).contains(&ratio) {
            return;
        }
        let short = here < there;
        // Far beyond the bounds nothing else is possible.
        let far = ratio < self.min_ratio * 0.75 || ratio > self.max_ratio * 1.4;
        let percent = 100.0 * here as f32 / there as f32;
        let whole = |side: &SegmentText| Span::new(0..side.text.len());
        findings
            .push(format!(
                "the target is very {}: {percent:.0} % of its source",
                if short { "short" } else { "long" }
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
