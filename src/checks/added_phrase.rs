//! ACC022 `added-phrase`: a phrase of the target that the source does not seem to say.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, lost_phrase::report};
use crate::{evidence::EvidenceSet, finding::Status, text::Side};

declare_check! {
    /// ## What it does
    /// Marks a phrase of the target without which the source is about as likely or likelier, and whose
    /// words have no like in the source: it may have been added.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Addition. What a machine makes up reads as well as the rest.
    ///
    /// ## Example
    /// - *The mayor opened the bridge.* `Wali kota membuka jembatan itu pada bulan Juni.`
    ///
    /// ## Not reported
    /// More than one phrase of a sentence, single words inside a phrase, sentences of fewer than
    /// five words.
    ///
    /// ## Known misses
    /// Single words, and phrases that only spell out what the source implies.
    ///
    /// ## False alarms
    /// 20 per 1,000 of the 120 references of FLORES-200 dev that the threshold was set on, 35 per 1,000 of
    /// 200 human pairs. Of 120 sources from which two to four words were taken 22 % are found.
    /// `cermat-mini`, 2026-11-24, `scripts/score/damage.py`. The threshold is the model's: another
    /// one needs another.
    AddedPhrase {
        code: "ACC022",
        name: "added-phrase",
        mqm: Addition,
        severity: Major,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::PHRASES,
    }
}

/// Options of `[checks.added-phrase]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct AddedPhrase {
    /// A phrase is reported from here on: the gain in nats a token less the similarity.
    min_missing: f32,
}

impl Default for AddedPhrase {
    /// At 20 for 1,000 references; see the docs.
    fn default() -> Self {
        Self { min_missing: -0.461 }
    }
}

impl Check for AddedPhrase {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let help = "see whether the source says it";
        report(cx, Side::Target, self.min_missing, "may be added", help, findings);
    }
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
    fn a_phrase_of_the_target() {
        let target = "Wali kota membuka jembatan itu pada bulan Juni.";
        let document = pairs(&[(Some("The mayor opened the bridge."), target)]);
        let phrase = |side, gain| Phrase { side, span: Span::new(31..47), gain, similarity: 0.5 };
        let run = |side| {
            let phrases = Some(vec![phrase(side, 0.1), phrase(side, -0.4)]);
            findings(&META, &document, &[Evidence { phrases, ..Evidence::default() }])
        };
        let found = run(Side::Target);
        assert_eq!(found.len(), 1);
        assert_eq!(marked(&document, &found[0]), "pada bulan Juni.");
        assert!(run(Side::Source).is_empty());
    }
}
