//! ACC020 `improbable-words`: words that the model holds for wrong where they stand.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::{EvidenceSet, WordScore},
    finding::{Confidence, Expected, Severity, Status},
    text::{Language, Span, words},
};

declare_check! {
    /// ## What it does
    /// Reports words that the model holds for improbable where they stand, given the source, and
    /// says what it expected instead.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Mistranslation. A wrong word in a right sentence lowers the score of the
    /// whole by little; the words themselves show where it is.
    ///
    /// ## Example
    /// - *He said that the government has not decided yet.* `Ia mengatakan bahwa air belum
    ///   memutuskan.`: the model expected `pemerintah`.
    ///
    /// ## Not reported
    /// Names, numbers, other scripts, words that the source has as well, sentences of fewer than four words, and
    /// text without a source, where the model is wrong more often than right.
    ///
    /// ## Known misses
    /// Most errors: the words that a machine gets wrong are those that a model of its kind would
    /// have written too. What a weak model does not know, it holds for improbable.
    ///
    /// ## False alarms
    /// 50 words for 1,000 references of FLORES-200 dev, where the threshold of `cermat-mini` is: 16 % of
    /// damaged words are found, and 79 % of the words that are marked in damaged sentences are wrong.
    /// With the release before, of less precision, 39 per 1,000 of 256 human pairs, and of machine words
    /// that professionals changed about 1 % was found. 2026-11-24,
    /// `scripts/score/words.py`, `scripts/score/README.md`.
    ImprobableWords {
        code: "ACC020",
        name: "improbable-words",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::WORDS,
    }
}

/// Options of `[checks.improbable-words]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct ImprobableWords {
    /// Words of a lower risk are not reported, 0–1; below the threshold of the model's
    /// `score.json` it changes nothing.
    min_risk: f32,
    /// Sentences of fewer words are not judged.
    min_words: usize,
    /// What the model expected is told from this probability on, 0–1.
    min_expected: f32,
}

impl Default for ImprobableWords {
    /// The model's own threshold; what is less likely than one in ten explains nothing.
    fn default() -> Self {
        Self { min_risk: 0.0, min_words: 4, min_expected: 0.1 }
    }
}

impl ImprobableWords {
    /// The word's place without the marks at it, if it is to be reported.
    fn suspect(&self, cx: &SegmentContext<'_>, word: &WordScore) -> Option<Span> {
        let target = &cx.segment.target;
        if !word.doubtful || word.risk < self.min_risk || target.in_placeable(word.span) {
            return None;
        }
        let text = word.span.of(&target.text);
        let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
        let start = word.span.range().start + text.find(bare)?;
        let first = bare.chars().next()?;
        // At the start of a sentence a capital says nothing.
        let name = first.is_uppercase()
            && target.text[..start].trim_end().ends_with(|c: char| !matches!(c, '.' | '!' | '?'));
        let known = |source: &str| words(source).any(|w| w.text.eq_ignore_ascii_case(bare));
        let copied = cx.segment.source.as_ref().is_some_and(|source| known(&source.text));
        let plain = bare.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '\'' | '’'));
        let said = plain && !name && !copied;
        said.then(|| Span::new(start..start + bare.len()))
    }
}

fn negates(word: &str, language: Language) -> bool {
    let word = word.to_lowercase();
    match language {
        Language::Id => matches!(&*word, "tidak" | "bukan" | "belum" | "jangan" | "tanpa" | "tak"),
        Language::En => matches!(&*word, "not" | "no" | "never" | "without" | "cannot"),
    }
}

impl Check for ImprobableWords {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let all = cx.evidence.words.as_deref().unwrap_or_default();
        if all.len() < self.min_words {
            return;
        }
        let text = &cx.segment.target.text;
        let suspects: Vec<(usize, Span)> = all
            .iter()
            .enumerate()
            .filter_map(|(i, word)| Some((i, self.suspect(cx, word)?)))
            .collect();
        // Neighbours are one phrase.
        for run in suspects.chunk_by(|(i, _), (j, _)| i + 1 == *j) {
            let span = run.iter().fold(run[0].1, |span, (_, other)| span.cover(*other));
            let risk = run.iter().map(|(i, _)| all[*i].risk).fold(0.0, f32::max);
            let negation =
                run.iter().any(|(_, span)| negates(span.of(text), cx.segment.direction.target()));
            let expected = |word: &WordScore| -> Vec<Expected> {
                let words = word.expected.iter().map(|alternative| Expected {
                    text: alternative.text.clone(),
                    probability: alternative.log_prob.exp(),
                });
                words.filter(|word| word.probability >= self.min_expected).collect()
            };
            // What comes after a wrong word is expected after it.
            let expected = expected(&all[run[0].0]);
            let what = if run.len() == 1 { "an improbable word" } else { "improbable words" };
            findings
                .push(what)
                .at(span)
                .severity(if negation { Severity::Major } else { Severity::Minor })
                .confidence(Confidence::Low)
                .measure("risk", risk, "0–1")
                .expected(expected)
                .help("see whether that is what the source says");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::{
        checks::tester::{findings, marked, pairs},
        document::Document,
        evidence::{Evidence, WordScore},
        finding::{Finding, Severity},
        model::Alternative,
        text::Span,
    };

    /// The findings where the words that `doubtful` names are doubtful, each with `expected`.
    fn found(
        source: Option<&str>,
        target: &str,
        doubtful: &[&str],
        expected: &[(&str, f32)],
    ) -> (Document, Vec<Finding>) {
        let document = pairs(&[(source, target)]);
        let score = |word: &str| {
            let at = word.as_ptr() as usize - target.as_ptr() as usize;
            let doubtful = doubtful.contains(&word);
            let alternatives = expected.iter().map(|(text, probability)| Alternative {
                text: (*text).to_owned(),
                log_prob: f32::ln(*probability),
            });
            WordScore {
                span: Span::new(at..at + word.len()),
                log_prob: -9.0,
                risk: if doubtful { 0.8 } else { 0.1 },
                doubtful,
                expected: alternatives.filter(|_| doubtful).collect(),
            }
        };
        let words = Some(target.split(' ').map(score).collect());
        let evidence = [Evidence { words, ..Evidence::default() }];
        let findings = findings(&META, &document, &evidence);
        (document, findings)
    }

    #[test]
    fn doubtful_words_are_merged_and_explained() {
        let source = Some("The bank raised its interest rates again.");
        let target = "Bank itu menyanyikan jendela bunganya lagi.";
        let expected = [("menaikkan", 0.75), ("menurunkan", 0.25), ("naik", 0.05)];
        let (document, found) = found(source, target, &["menyanyikan", "jendela"], &expected);
        assert_eq!(found.len(), 1);
        assert_eq!(marked(&document, &found[0]), "menyanyikan jendela");
        let words: Vec<&str> = found[0].expected.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(words, ["menaikkan", "menurunkan"]);
        assert_eq!((found[0].severity, &found[0].suggestion), (Severity::Minor, &None));
    }

    #[test]
    fn a_negation_is_major() {
        let (document, found) = found(None, "Dia bukan, pergi ke pasar.", &["bukan,"], &[]);
        assert_eq!(marked(&document, &found[0]), "bukan");
        assert_eq!(found[0].severity, Severity::Major);
    }

    #[test]
    fn names_numbers_and_what_the_source_has() {
        let source = Some("The startup of Zuckerberg lost 13.7 billion.");
        let target = "Menurut startup Zuckerberg itu rugi 13,7 miliar.";
        let doubtful = ["startup", "Zuckerberg", "13,7", "–"];
        assert!(found(source, target, &doubtful, &[]).1.is_empty());
        let (document, first) = found(source, target, &["Menurut"], &[]);
        assert_eq!(marked(&document, &first[0]), "Menurut", "a capital at the start");
        assert!(found(None, "Gajah itu makan.", &["makan."], &[]).1.is_empty(), "too short");
        let without = findings(&META, &pairs(&[(source, target)]), &[]);
        assert!(without.is_empty(), "without evidence nothing is said");
    }
}
