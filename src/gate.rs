//! Whether a run passes.

use serde::Serialize;

use crate::{finding::Severity, report::Summary};

/// What a run must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Gate {
    /// Fail on a finding of this severity or worse.
    pub fail_on: Option<Severity>,
    /// Fail when a segment scores below this, 0–100.
    pub min_score: Option<f32>,
    /// Fail above this MQM penalty: points ([`Severity::weight`]) per 1,000 words of the targets.
    pub max_penalty: Option<f64>,
}

/// A demand that does not hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "breach")]
pub enum Breach {
    /// A finding is too severe.
    Severity {
        /// The worst found.
        worst: Severity,
        /// What was allowed up to, this excluded.
        fail_on: Severity,
        /// Findings at `fail_on` or worse.
        findings: u64,
    },
    /// A segment scores too low.
    Score {
        /// The lowest score, 0–100.
        lowest: f32,
        /// What was demanded.
        min_score: f32,
    },
    /// Too many findings for so few words.
    Penalty {
        /// MQM points per 1,000 words of the targets.
        penalty: f64,
        /// What was allowed.
        max_penalty: f64,
    },
}

impl Breach {
    /// In a few words.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Severity { worst, fail_on, findings } => {
                format!("{findings} findings of severity {fail_on} or worse (worst: {worst})")
            }
            Self::Score { lowest, min_score } => {
                format!("lowest score {lowest:.1} is under {min_score:.1}")
            }
            Self::Penalty { penalty, max_penalty } => {
                format!("penalty {penalty:.1} per 1,000 words is over {max_penalty:.1}")
            }
        }
    }
}

impl Gate {
    /// Judges a run; no breach means it passes. Without scores `min_score` demands nothing.
    #[must_use]
    pub fn judge(&self, summary: &Summary) -> Vec<Breach> {
        let mut breaches = Vec::new();
        if let (Some(fail_on), Some(worst)) = (self.fail_on, summary.worst())
            && worst >= fail_on
        {
            let severe = Severity::ALL.into_iter().filter(|severity| *severity >= fail_on);
            let count = |severity: Severity| summary.severities.get(severity.name()).copied();
            let findings = severe.filter_map(count).sum();
            breaches.push(Breach::Severity { worst, fail_on, findings });
        }
        if let (Some(min_score), Some(lowest)) = (self.min_score, summary.min_score)
            && lowest < min_score
        {
            breaches.push(Breach::Score { lowest, min_score });
        }
        let penalty = summary.penalty_per_1000_words;
        if let Some(max_penalty) = self.max_penalty
            && penalty > max_penalty
        {
            breaches.push(Breach::Penalty { penalty, max_penalty });
        }
        breaches
    }
}

/// Judges files that have thresholds of their own: each group of files by its own sums.
#[derive(Debug, Default)]
pub struct Gates {
    groups: Vec<(Gate, Summary)>,
}

impl Gates {
    /// Counts a file that `gate` holds for.
    pub fn add(&mut self, gate: Gate, file: &Summary) {
        match self.groups.iter_mut().find(|(known, _)| *known == gate) {
            Some((_, summary)) => summary.merge(file),
            None => self.groups.push((gate, file.clone())),
        }
    }

    /// The breaches of every group.
    #[must_use]
    pub fn judge(&self) -> Vec<Breach> {
        self.groups.iter().flat_map(|(gate, summary)| gate.judge(summary)).collect()
    }
}
