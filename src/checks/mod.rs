//! The checks, one file each.
//!
//! To add a check:
//! 1. write `src/checks/<name>.rs`: docs (what, why, examples, near misses, known misses, false
//!    alarms per 1,000 human sentences), options, logic, tests;
//! 2. add its `mod` line and its line in [`ALL`], in the order of the codes;
//! 3. measure it: `scripts/false_alarms.py` on human text, and write the rate into its docs;
//!    `scripts/check_table.py` writes the table below.
//!
//! A check is pure and total: it reads segments and evidence, pushes findings, and cannot fail.
//! `tests/checks.rs` holds the rest: every file is listed, codes are unique and in order.
//!
//! # Measured
#![doc = include_str!("measured.md")]

mod added_phrase;
mod addition;
mod boilerplate;
mod calque;
mod collocation;
mod comma_splice;
mod connective_choice;
mod contradiction;
mod copied_source;
mod currency_mismatch;
mod cut_off;
mod date_format;
mod date_mismatch;
mod doubled_connective;
mod dummy_subject;
mod encoding_error;
mod foreign_punctuation;
mod glossary_violation;
mod grammar;
mod honorific;
mod improbable_words;
mod inconsistent_translation;
mod length_mismatch;
mod literal_name;
mod lost_phrase;
mod low_score;
mod lower_case_start;
mod marks;
mod markup_residue;
mod meaning_drift;
mod missing_name;
mod misspelling;
mod mixed_coordination;
mod mixed_morphology;
mod name_mismatch;
mod name_variants;
mod negation_mismatch;
mod negator_choice;
mod number_calque;
mod number_format;
mod number_mismatch;
mod number_mix;
mod omission;
mod placeable_mismatch;
mod placeholder;
mod pleonasm;
mod plural_marking;
mod preposition_choice;
mod punctuation_mismatch;
mod punctuation_spacing;
mod quantities;
mod redundant_gloss;
mod register;
mod relative_pronoun;
mod repeated_text;
mod same_translation;
mod sentence_fragment;
mod swapped_names;
mod swapped_roles;
mod tense_marker;
#[cfg(test)]
mod tester;
mod unbalanced_punctuation;
mod unit_garble;
mod unit_mismatch;
mod untranslated;
mod word_class;
mod word_order;
mod wrong_capital;
mod wrong_repetition;
mod wrong_sense;

use std::cell::OnceCell;

use serde::de::DeserializeOwned;

use quantities::Numbers;

use crate::{
    document::{Document, Segment, SegmentId},
    evidence::{Evidence, EvidenceSet},
    finding::{CheckInfo, Confidence, Expected, Finding, Label, Measure, Severity},
    lexicon::{required::Units, syntax::Sentence},
    text::{Side, Span, Word, words},
};

/// Declares the `META` of a check: its docs are the rustdoc, the text of `cermat explain` and
/// the row in the README, so they are written once.
macro_rules! declare_check {
    (
        $(#[doc = $doc:literal])+
        $check:ty {
            code: $code:literal,
            name: $name:literal,
            mqm: $mqm:ident,
            severity: $severity:ident,
            status: $status:expr,
            needs: $needs:expr $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        pub(crate) static META: $crate::checks::CheckMeta = $crate::checks::CheckMeta {
            info: $crate::finding::CheckInfo {
                code: $code,
                name: $name,
                docs: concat!($($doc, "\n"),+),
                mqm: $crate::finding::Mqm::$mqm,
                severity: $crate::finding::Severity::$severity,
                status: $status,
            },
            needs: $needs,
            build: $crate::checks::build::<$check>,
        };
    };
}
pub(crate) use declare_check;

/// A check as the registry knows it.
pub struct CheckMeta {
    /// What it is.
    pub info: CheckInfo,
    /// The evidence it reads; the engine computes the union of these and nothing else.
    pub needs: EvidenceSet,
    /// Makes the check from its options, the table `[checks.<name>]`.
    pub build: fn(toml::Table) -> Result<Box<dyn Check>, toml::de::Error>,
}

impl CheckMeta {
    /// Whether `pattern` is its name, its code or a prefix of its code such as `LNG`.
    #[must_use]
    pub fn is_called(&self, pattern: &str) -> bool {
        let pattern = pattern.trim();
        let prefix = pattern.to_ascii_uppercase();
        self.info.name == pattern
            || (!pattern.is_empty() && self.info.code.starts_with(prefix.as_str()))
    }
}

fn build<C: Check + DeserializeOwned + 'static>(
    options: toml::Table,
) -> Result<Box<dyn Check>, toml::de::Error> {
    Ok(Box::new(options.try_into::<C>()?))
}

/// Every check, in the order of the codes.
pub static ALL: &[&CheckMeta] = &[
    &untranslated::META,
    &omission::META,
    &number_calque::META,
    &number_mismatch::META,
    &mixed_morphology::META,
    &negation_mismatch::META,
    &name_mismatch::META,
    &low_score::META,
    &addition::META,
    &copied_source::META,
    &unit_mismatch::META,
    &date_mismatch::META,
    &currency_mismatch::META,
    &swapped_names::META,
    &missing_name::META,
    &improbable_words::META,
    &lost_phrase::META,
    &added_phrase::META,
    &meaning_drift::META,
    &wrong_sense::META,
    &collocation::META,
    &contradiction::META,
    &unit_garble::META,
    &swapped_roles::META,
    &doubled_connective::META,
    &dummy_subject::META,
    &relative_pronoun::META,
    &sentence_fragment::META,
    &plural_marking::META,
    &negator_choice::META,
    &preposition_choice::META,
    &word_order::META,
    &mixed_coordination::META,
    &tense_marker::META,
    &word_class::META,
    &connective_choice::META,
    &wrong_repetition::META,
    &unbalanced_punctuation::META,
    &foreign_punctuation::META,
    &punctuation_spacing::META,
    &repeated_text::META,
    &redundant_gloss::META,
    &cut_off::META,
    &comma_splice::META,
    &length_mismatch::META,
    &punctuation_mismatch::META,
    &number_format::META,
    &date_format::META,
    &number_mix::META,
    &literal_name::META,
    &markup_residue::META,
    &encoding_error::META,
    &placeholder::META,
    &placeable_mismatch::META,
    &boilerplate::META,
    &misspelling::META,
    &lower_case_start::META,
    &wrong_capital::META,
    &calque::META,
    &pleonasm::META,
    &register::META,
    &honorific::META,
    &glossary_violation::META,
    &inconsistent_translation::META,
    &name_variants::META,
    &same_translation::META,
];

/// The check of this code or name.
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static CheckMeta> {
    ALL.iter().copied().find(|meta| {
        meta.info.code.eq_ignore_ascii_case(code_or_name) || meta.info.name == code_or_name
    })
}

/// What a check sees of one segment.
pub struct SegmentContext<'a> {
    /// The segment.
    pub segment: &'a Segment,
    /// What the model says of it; empty where no model ran.
    pub evidence: &'a Evidence,
    /// The document it stands in.
    pub document: &'a Document,
    words: OnceCell<Vec<Word<'a>>>,
    units: OnceCell<Units>,
    quoted: OnceCell<Vec<Span>>,
    sentence: OnceCell<Sentence>,
    numbers: OnceCell<Option<[Numbers<'a>; 2]>>,
}

impl<'a> SegmentContext<'a> {
    /// `segment` of `document`, of which this `evidence` is known.
    #[must_use]
    pub fn new(segment: &'a Segment, evidence: &'a Evidence, document: &'a Document) -> Self {
        Self {
            segment,
            evidence,
            document,
            words: OnceCell::new(),
            units: OnceCell::new(),
            quoted: OnceCell::new(),
            sentence: OnceCell::new(),
            numbers: OnceCell::new(),
        }
    }

    /// The words of the target: found once, for all the checks.
    pub fn words(&self) -> &[Word<'a>] {
        self.words.get_or_init(|| words(&self.segment.target.text).collect())
    }

    /// What lists of patterns ask for in the target.
    pub fn units(&self) -> &Units {
        self.units.get_or_init(|| Units::of(&self.segment.target.text))
    }

    /// What stands between marks in the target: [`marks::quoted`].
    pub(in crate::checks) fn quoted(&self) -> &[Span] {
        self.quoted.get_or_init(|| marks::quoted(&self.segment.target.text))
    }

    /// What rules over classes of words read of the target.
    pub fn sentence(&self) -> &Sentence {
        self.sentence.get_or_init(|| Sentence::of(&self.segment.target.text))
    }

    /// The numbers of source and target, where there is a source.
    pub(in crate::checks) fn numbers(&self) -> Option<&[Numbers<'a>; 2]> {
        let Segment { source, target, direction, .. } = self.segment;
        let read = || {
            let source = source.as_ref()?;
            let (from, to) = (direction.source(), direction.target());
            Some([Numbers::new(source, from), Numbers::new(target, to)])
        };
        self.numbers.get_or_init(read).as_ref()
    }
}

/// What a check sees of a document: its text. It runs before any inference, so that its findings
/// stand with their segments in reports that begin before the document ends.
#[derive(Clone, Copy)]
pub struct DocumentContext<'a> {
    /// The document.
    pub document: &'a Document,
}

/// Looks for one kind of issue. Pure and total: no I/O, no clock, no error.
pub trait Check: Send + Sync {
    /// Judges one segment.
    fn segment(&self, _cx: &SegmentContext<'_>, _findings: &mut Findings<'_>) {}

    /// Judges a document as a whole. Findings on a segment of it go through [`Findings::on`].
    fn document(&self, _cx: &DocumentContext<'_>, _findings: &mut Findings<'_>) {}
}

/// Takes the findings of one check and fills in what the check must not get wrong: code, MQM
/// type, default severity, segment.
pub struct Findings<'a> {
    check: &'static CheckInfo,
    segment: Option<SegmentId>,
    out: &'a mut Vec<Finding>,
}

impl<'a> Findings<'a> {
    /// Collects into `out` for `check` on `segment` (`None`: the whole document).
    pub fn new(
        check: &'static CheckInfo,
        segment: Option<SegmentId>,
        out: &'a mut Vec<Finding>,
    ) -> Self {
        Self { check, segment, out }
    }

    /// The same sink for a segment of the document.
    pub fn on(&mut self, segment: SegmentId) -> Findings<'_> {
        Findings { check: self.check, segment: Some(segment), out: self.out }
    }

    /// Adds a finding: what is wrong, a fragment in lower case without a full stop. Its
    /// confidence is medium until said otherwise.
    pub fn push(&mut self, message: impl Into<String>) -> Draft<'_> {
        self.out.push(Finding {
            check: self.check,
            segment: self.segment,
            severity: self.check.severity,
            confidence: Confidence::Medium,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            suggestion: None,
            measures: Vec::new(),
            expected: Vec::new(),
        });
        Draft { finding: self.out.last_mut().expect("just pushed") }
    }
}

/// A finding that is being written.
pub struct Draft<'a> {
    finding: &'a mut Finding,
}

impl Draft<'_> {
    /// Points at `span` of the target of the finding's own segment. The first label is *the*
    /// place.
    ///
    /// # Panics
    /// For a finding on the whole document, which has no segment of its own: use
    /// [`Draft::label`].
    pub fn at(self, span: Span) -> Self {
        let segment = self.finding.segment.expect("a finding on a segment");
        self.label(segment, Side::Target, span, "")
    }

    /// Points at a place in any segment and says what is there.
    pub fn label(
        self,
        segment: SegmentId,
        side: Side,
        span: Span,
        note: impl Into<String>,
    ) -> Self {
        self.finding.labels.push(Label { segment, side, span, note: note.into() });
        self
    }

    /// Not the check's default severity.
    pub fn severity(self, severity: Severity) -> Self {
        self.finding.severity = severity;
        self
    }

    /// How sure the check is.
    pub fn confidence(self, confidence: Confidence) -> Self {
        self.finding.confidence = confidence;
        self
    }

    /// What to do, in the imperative.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.finding.help = Some(help.into());
        self
    }

    /// The text to put in place of the first label, when it is certain; empty to delete it.
    pub fn suggest(self, replacement: impl Into<String>) -> Self {
        self.finding.suggestion = Some(replacement.into());
        self
    }

    /// What the model expected in place of the first label, best first.
    pub fn expected(self, expected: Vec<Expected>) -> Self {
        self.finding.expected = expected;
        self
    }

    /// A number the finding rests on.
    pub fn measure(self, name: &'static str, value: f32, unit: &'static str) -> Self {
        self.finding.measures.push(Measure { name: name.into(), value, unit: unit.into() });
        self
    }
}
