//! What checks say.
//!
//! MQM parts an *issue*, found by a tool, from an *error*, confirmed by a person: everything here
//! is an issue.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    document::SegmentId,
    text::{Side, Span},
};

/// MQM severities.
///
/// The weights 0, 1, 5 and 25 are those of the WMT MQM study (Freitag et al., TACL 9, 2021).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a look, no penalty.
    Neutral,
    /// Noticed, does not hinder the reader.
    Minor,
    /// Hinders or misleads the reader.
    Major,
    /// Makes the segment unusable.
    Critical,
}

impl Severity {
    /// From the least to the worst.
    pub const ALL: [Self; 4] = [Self::Neutral, Self::Minor, Self::Major, Self::Critical];

    /// Lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// MQM penalty points.
    #[must_use]
    pub fn weight(self) -> u32 {
        match self {
            Self::Neutral => 0,
            Self::Minor => 1,
            Self::Major => 5,
            Self::Critical => 25,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How sure a check is that a finding is a real error; apart from how bad it would be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Look at it.
    Low,
    /// More often right than wrong.
    Medium,
    /// Hardly ever wrong.
    High,
}

impl Confidence {
    /// Lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// MQM error types (themqm.org), those that checks use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(into = "&'static str")]
#[non_exhaustive]
pub enum Mqm {
    /// Accuracy: something not in the source.
    Addition,
    /// Accuracy: the target means something else.
    Mistranslation,
    /// Accuracy: something of the source is missing.
    Omission,
    /// Accuracy: left in the source language.
    Untranslated,
    /// Design and markup: broken or left-over markup.
    Markup,
    /// Linguistic conventions: punctuation.
    Punctuation,
    /// Linguistic conventions: a character set that does not belong.
    CharacterSet,
    /// Linguistic conventions: something said twice.
    Duplication,
    /// Linguistic conventions: spelling.
    Spelling,
    /// Linguistic conventions: grammar.
    Grammar,
    /// Locale conventions: numbers.
    NumberFormat,
    /// Locale conventions: dates and times.
    DateFormat,
    /// Style: not how the language says it.
    UnidiomaticStyle,
    /// Style: the text contradicts its own usage.
    InconsistentStyle,
    /// Terminology: one thing under several names.
    InconsistentTerminology,
    /// Terminology: not the term that was agreed on.
    WrongTerm,
}

impl Mqm {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Addition,
        Self::Mistranslation,
        Self::Omission,
        Self::Untranslated,
        Self::Markup,
        Self::Punctuation,
        Self::CharacterSet,
        Self::Duplication,
        Self::Spelling,
        Self::Grammar,
        Self::NumberFormat,
        Self::DateFormat,
        Self::UnidiomaticStyle,
        Self::InconsistentStyle,
        Self::InconsistentTerminology,
        Self::WrongTerm,
    ];

    /// `dimension/type`.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Addition => "accuracy/addition",
            Self::Mistranslation => "accuracy/mistranslation",
            Self::Omission => "accuracy/omission",
            Self::Untranslated => "accuracy/untranslated",
            Self::Markup => "design-and-markup/markup",
            Self::Punctuation => "linguistic-conventions/punctuation",
            Self::CharacterSet => "linguistic-conventions/character-set",
            Self::Duplication => "linguistic-conventions/duplication",
            Self::Spelling => "linguistic-conventions/spelling",
            Self::Grammar => "linguistic-conventions/grammar",
            Self::NumberFormat => "locale-conventions/number-format",
            Self::DateFormat => "locale-conventions/date-format",
            Self::UnidiomaticStyle => "style/unidiomatic-style",
            Self::InconsistentStyle => "style/inconsistent-style",
            Self::InconsistentTerminology => "terminology/inconsistent-use",
            Self::WrongTerm => "terminology/wrong-term",
        }
    }
}

impl From<Mqm> for &'static str {
    fn from(mqm: Mqm) -> Self {
        mqm.path()
    }
}

/// Where a check stands in its life, and the version since which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "state", content = "since")]
pub enum Status {
    /// Runs only when asked for: its false-alarm rate is not low enough yet.
    Preview(&'static str),
    /// Runs by default.
    Stable(&'static str),
}

/// What a check is: written once, in the check's file, by
/// [`declare_check!`](crate::checks).
#[derive(Debug)]
pub struct CheckInfo {
    /// MQM dimension and number, `ACC001`; never reused.
    pub code: &'static str,
    /// Kebab-case name, reads as "allow …".
    pub name: &'static str,
    /// Markdown: what, why, examples, near misses, known misses, false alarms.
    pub docs: &'static str,
    /// Type of the error it looks for.
    pub mqm: Mqm,
    /// Severity of its findings unless one says otherwise.
    pub severity: Severity,
    /// Whether it runs by default.
    pub status: Status,
}

impl CheckInfo {
    /// First paragraph of the first section of the docs, on one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let lines =
            self.docs.lines().map(str::trim).skip_while(|l| l.is_empty() || l.starts_with('#'));
        lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// A place a finding points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// In which segment.
    pub segment: SegmentId,
    /// On which side of it.
    pub side: Side,
    /// Where in that side's text.
    pub span: Span,
    /// What is there; may be empty for the first label, whose message says it.
    pub note: String,
}

/// A number that a finding rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// What was measured.
    pub name: Cow<'static, str>,
    /// How much.
    pub value: f32,
    /// In what: `nats`, `0–100`, …
    pub unit: Cow<'static, str>,
}

/// What the model would have written at a place, and how likely that was to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// A word.
    pub text: String,
    /// p(its first token | what stands before it, source), 0–1.
    pub probability: f32,
}

/// An issue a check suspects.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which check.
    pub check: &'static CheckInfo,
    /// Its segment; `None` for a finding on the whole document.
    pub segment: Option<SegmentId>,
    /// How bad, if it is real.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What is wrong: a fragment in lower case without a full stop.
    pub message: String,
    /// Where. The first label is *the* place; the others explain.
    pub labels: Vec<Label>,
    /// What to do, in the imperative.
    pub help: Option<String>,
    /// The text to put in place of the first label, when one is certain; empty to delete it.
    pub suggestion: Option<String>,
    /// Numbers it rests on.
    pub measures: Vec<Measure>,
    /// What the model expected in place of the first label, best first: an explanation, not a
    /// suggestion.
    pub expected: Vec<Expected>,
}

impl Finding {
    /// What may be put in place of the first label without a person looking at it. This is the one
    /// place that says what is safe: a suggestion of a check that is hardly ever wrong, for a real
    /// fault (a neutral finding is a matter of taste), in the target.
    #[must_use]
    pub fn safe_fix(&self) -> Option<(&Label, &str)> {
        let (label, text) = (self.labels.first()?, self.suggestion.as_deref()?);
        let safe = self.confidence == Confidence::High
            && self.severity > Severity::Neutral
            && label.side == Side::Target;
        safe.then_some((label, text))
    }
}

impl PartialEq for CheckInfo {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}
