//! ACC021 `lost-phrase`: a phrase of the source that the target does not seem to say.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::Side,
};

declare_check! {
    /// ## What it does
    /// Marks a phrase of the source without which the target is about as likely or likelier, and whose
    /// words have no like in the target: it may have been left out.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Omission. A target that says less than its source reads well, and nothing on
    /// its surface shows it.
    ///
    /// ## Example
    /// - *In June, the mayor opened the bridge.* `Wali kota membuka jembatan itu.`
    ///
    /// ## Not reported
    /// More than one phrase of a sentence, single words inside a phrase, sentences of fewer than
    /// five words.
    ///
    /// ## Known misses
    /// Single words, and phrases that the rest of the sentence implies.
    ///
    /// ## False alarms
    /// None of the 120 references of FLORES-200 dev that the threshold was set on, 25 per 1,000 of 200
    /// human pairs. Of 120 targets from which two to four words were taken 32 % are found.
    /// `cermat-mini`, 2026-11-24, `scripts/score/damage.py`. The threshold is the model's: another
    /// one needs another.
    LostPhrase {
        code: "ACC021",
        name: "lost-phrase",
        mqm: Omission,
        severity: Major,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::PHRASES,
    }
}

/// Options of `[checks.lost-phrase]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct LostPhrase {
    /// A phrase is reported from here on: the gain in nats a token less the similarity.
    min_missing: f32,
}

impl Default for LostPhrase {
    /// Just above the reference that misses most; see the docs.
    fn default() -> Self {
        Self { min_missing: -0.444 }
    }
}

impl Check for LostPhrase {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let help = "see whether the translation says it";
        report(cx, Side::Source, self.min_missing, "may be left out", help, findings);
    }
}

/// Reports the phrase of `side` that the other side says the least, if it is missing there.
pub(super) fn report(
    cx: &SegmentContext<'_>,
    side: Side,
    min_missing: f32,
    what: &str,
    help: &str,
    findings: &mut Findings<'_>,
) {
    let phrases = cx.evidence.phrases.iter().flatten().filter(|phrase| phrase.side == side);
    let worst = phrases.max_by(|a, b| a.missing().total_cmp(&b.missing()));
    let Some(phrase) = worst.filter(|phrase| phrase.missing() >= min_missing) else { return };
    let Some(text) = cx.segment.side(side) else { return };
    if text.in_placeable(phrase.span) {
        return;
    }
    findings
        .push(format!("`{}` {what}", phrase.span.of(&text.text)))
        .label(cx.segment.id, side, phrase.span, "")
        .confidence(Confidence::Low)
        .measure("gain without it", phrase.gain, "nats a token")
        .measure("similarity", phrase.similarity, "cosine")
        .help(help);
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::{
        checks::tester::{findings, marked, pairs},
        evidence::{Evidence, Phrase},
        text::{Side, Span},
    };

    #[test]
    fn the_phrase_that_is_missed_most() {
        let source = "In June, the mayor opened the bridge.";
        let document = pairs(&[(Some(source), "Wali kota membuka jembatan itu.")]);
        let phrase = |side, start, end, gain| Phrase {
            side,
            span: Span::new(start..end),
            gain,
            similarity: 0.5,
        };
        let phrases = |gain| {
            vec![
                phrase(Side::Source, 9, 18, -0.5),
                phrase(Side::Source, 0, 8, gain),
                phrase(Side::Target, 0, 9, 3.0),
            ]
        };
        let run = |gain| {
            let evidence = Evidence { phrases: Some(phrases(gain)), ..Evidence::default() };
            findings(&META, &document, &[evidence])
        };
        let found = run(0.25);
        assert_eq!(found.len(), 1);
        assert_eq!(marked(&document, &found[0]), "In June,");
        assert!(found[0].message.contains("may be left out"));
        assert!(run(0.0).is_empty());
    }
}
