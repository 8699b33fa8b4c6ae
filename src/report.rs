//! Findings with their places in the file, and the sums over a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    document::{Document, SegmentId, format},
    engine::Judged,
    evidence::Evidence,
    finding::{CheckInfo, Confidence, Expected, Finding, Measure, Severity},
    text::{FileSpan, LineColumn, Side, Span, words},
};

/// Version of the JSON and JSONL contracts.
pub const SCHEMA: u32 = 1;

/// A place in a file, and what stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Segment, from 1.
    pub segment: u32,
    /// Which side of it.
    pub side: Side,
    /// Bytes of that side's text.
    pub span: Span,
    /// What stands there.
    pub text: String,
    /// Bytes of the file.
    pub file: Option<FileSpan>,
    /// Line and column.
    pub position: Option<LineColumn>,
    /// Line and column behind its last character.
    pub end: Option<LineColumn>,
    /// What is there to say about it.
    pub note: String,
}

/// A finding, resolved: what reporters print.
#[derive(Debug, Clone)]
pub struct Issue {
    /// Which check.
    pub check: &'static CheckInfo,
    /// What it is known by in another run; empty until
    /// [`Fingerprints::mark`](crate::fingerprint::Fingerprints::mark) has named it.
    pub fingerprint: String,
    /// How bad, if it is real.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What is wrong.
    pub message: String,
    /// *The* place first.
    pub places: Vec<Place>,
    /// What to do.
    pub help: Option<String>,
    /// Text to put in place of the first place.
    pub suggestion: Option<String>,
    /// Whether the file's bytes at the first place are what is marked, and may be replaced by the
    /// suggestion as it is: its format needs no escape for it.
    pub applicable: bool,
    /// Numbers it rests on, to four decimals, so that stored results come to the same.
    pub measures: Vec<Measure>,
    /// What the model expected in place of the first place, best first.
    pub expected: Vec<Expected>,
}

/// A segment, resolved.
#[derive(Debug, Clone)]
pub struct Row {
    /// File, as the user named it.
    pub file: String,
    /// Line of the target, from 1.
    pub line: u32,
    /// Segment, from 1.
    pub segment: u32,
    /// Text of the source.
    pub source: Option<String>,
    /// Text of the target.
    pub target: String,
    /// What is known.
    pub evidence: Evidence,
    /// What the checks say.
    pub issues: Vec<Issue>,
}

/// `value` to `digits` decimals: reports never print more than a score is worth, and noise in the
/// last bit does not reach them.
pub(crate) fn rounded(value: f32, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    let rounded = (f64::from(value) * scale).round() / scale;
    // No "-0".
    if rounded == 0.0 { 0.0 } else { rounded }
}

fn number(segment: SegmentId) -> u32 {
    segment.0 + 1
}

fn applicable(document: &Document, finding: &Finding) -> bool {
    let stands = || {
        let (label, text) = (finding.labels.first()?, finding.suggestion.as_deref()?);
        let place = document.in_text(label.segment, label.side, label.span)?;
        let side = document.segments.get(label.segment.index())?.side(label.side)?;
        let raw = document.text.get(place.start as usize..place.end as usize)?;
        let format = format::by_name(document.format)?;
        Some(
            raw == label.span.of(&side.text)
                && format.takes_raw(text)
                && document.encoding.encode(text).is_some(),
        )
    };
    stands().unwrap_or(false)
}

fn issue(document: &Document, finding: Finding) -> Issue {
    let applicable = applicable(document, &finding);
    let places = finding
        .labels
        .into_iter()
        .map(|label| {
            let segment = document.segments.get(label.segment.index());
            let side = segment.and_then(|segment| segment.side(label.side));
            Place {
                segment: number(label.segment),
                side: label.side,
                span: label.span,
                text: side.map_or("", |side| label.span.of(&side.text)).to_owned(),
                file: document.to_file(label.segment, label.side, label.span),
                position: document.position(label.segment, label.side, label.span),
                end: document.end(label.segment, label.side, label.span),
                note: label.note,
            }
        })
        .collect();
    let measure = |measure: Measure| Measure { value: rounded(measure.value, 4) as f32, ..measure };
    let expected = |expected: Expected| Expected {
        probability: rounded(expected.probability, 3) as f32,
        ..expected
    };
    Issue {
        check: finding.check,
        fingerprint: String::new(),
        severity: finding.severity,
        confidence: finding.confidence,
        message: finding.message,
        places,
        help: finding.help,
        suggestion: finding.suggestion,
        applicable,
        measures: finding.measures.into_iter().map(measure).collect(),
        expected: finding.expected.into_iter().map(expected).collect(),
    }
}

impl Row {
    /// Resolves a judged segment.
    #[must_use]
    pub fn new(document: &Document, judged: Judged<'_>) -> Self {
        let Judged { segment, evidence, findings } = judged;
        Self {
            file: document.name.clone(),
            line: document.line(segment.id),
            segment: number(segment.id),
            source: segment.source.as_ref().map(|source| source.text.clone()),
            target: segment.target.text.clone(),
            evidence,
            issues: findings.into_iter().map(|finding| issue(document, finding)).collect(),
        }
    }
}

/// The findings on a document as a whole, resolved.
#[must_use]
pub fn issues(document: &Document, findings: Vec<Finding>) -> Vec<Issue> {
    findings.into_iter().map(|finding| issue(document, finding)).collect()
}

impl Row {
    /// The score, 0–100, as every report prints it and every sum counts it: to one decimal, so that
    /// stored results come to the same.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        self.evidence.quality.map(|score| rounded(score, 1))
    }
}

/// A file, or a part of one, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// The file.
    pub file: String,
    /// Where, from 1; `None` for the whole file.
    pub line: Option<u32>,
    /// Why, and what to do.
    pub message: String,
}

/// Sums over a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Files that were read.
    pub files: u64,
    /// Segments.
    pub segments: u64,
    /// Words of the targets.
    pub words: u64,
    /// Segments with a score.
    pub scored: u64,
    /// Segments the model skipped.
    pub skipped: u64,
    /// Mean score, 0–100.
    pub mean_score: Option<f64>,
    /// Lowest score, 0–100.
    pub min_score: Option<f32>,
    /// MQM penalty points for each 1,000 words of the targets.
    pub penalty_per_1000_words: f64,
    /// Findings by severity.
    pub severities: BTreeMap<&'static str, u64>,
    /// Findings by check code.
    pub checks: BTreeMap<&'static str, u64>,
    /// Findings.
    pub findings: u64,
    /// What could not be read.
    pub unread: Vec<Unread>,
    #[serde(skip)]
    points: u64,
    #[serde(skip)]
    score_sum: f64,
    #[serde(skip)]
    resamples: Resamples,
    #[serde(skip)]
    worst: Option<Severity>,
}

impl Summary {
    /// Counts a segment.
    pub fn add_row(&mut self, row: &Row) {
        self.segments += 1;
        self.words += words(&row.target).count() as u64;
        self.skipped += u64::from(row.evidence.skipped.is_some());
        if let Some(score) = row.score() {
            self.scored += 1;
            self.score_sum += score;
            self.resamples.add(row, score);
            self.mean_score = Some(self.score_sum / self.scored as f64);
            let score = score as f32;
            self.min_score = Some(self.min_score.map_or(score, |min| min.min(score)));
        }
        self.add_issues(&row.issues);
    }

    /// Counts findings.
    pub fn add_issues(&mut self, issues: &[Issue]) {
        for issue in issues {
            self.findings += 1;
            self.points += u64::from(issue.severity.weight());
            *self.severities.entry(issue.severity.name()).or_default() += 1;
            *self.checks.entry(issue.check.code).or_default() += 1;
            self.worst = self.worst.max(Some(issue.severity));
        }
        self.set_penalty();
    }

    fn set_penalty(&mut self) {
        if self.words > 0 {
            self.penalty_per_1000_words = self.points as f64 * 1000.0 / self.words as f64;
        }
    }

    /// Counts what `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.files += other.files;
        self.segments += other.segments;
        self.words += other.words;
        self.scored += other.scored;
        self.skipped += other.skipped;
        self.score_sum += other.score_sum;
        self.resamples.merge(&other.resamples);
        if self.scored > 0 {
            self.mean_score = Some(self.score_sum / self.scored as f64);
        }
        self.min_score = match (self.min_score, other.min_score) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        for (name, count) in &other.severities {
            *self.severities.entry(name).or_default() += count;
        }
        for (code, count) in &other.checks {
            *self.checks.entry(code).or_default() += count;
        }
        self.findings += other.findings;
        self.unread.extend(other.unread.iter().cloned());
        self.points += other.points;
        self.worst = self.worst.max(other.worst);
        self.set_penalty();
    }

    /// Where the mean score lies in 95 of 100 documents drawn from these segments.
    #[must_use]
    pub fn score_interval(&self) -> Option<[f64; 2]> {
        (self.scored > 1).then(|| self.resamples.interval())
    }

    /// The worst severity found.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.worst
    }
}

/// A Poisson bootstrap of the mean score (Chamandy et al., 2012), which needs no list of the scores:
/// each segment counts in each resample as often as a draw from Poisson(1) says. The draw depends
/// on file and segment alone, so the interval does not depend on the order.
#[derive(Debug, Clone, Default, PartialEq)]
struct Resamples(Vec<(f64, f64)>);

impl Resamples {
    const COUNT: usize = 500;
    /// P(at most n) of Poisson(1), n from 0.
    const POISSON: [f64; 7] = [0.3679, 0.7358, 0.9197, 0.9810, 0.9963, 0.9994, 0.9999];

    fn add(&mut self, row: &Row, score: f64) {
        self.0.resize(Self::COUNT, (0.0, 0.0));
        let seed = row.file.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut random = fastrand::Rng::with_seed(seed.wrapping_add(u64::from(row.segment)));
        for (weight, sum) in &mut self.0 {
            let draw = random.f64();
            let times = Self::POISSON.iter().filter(|below| draw > **below).count() as f64;
            *weight += times;
            *sum += times * score;
        }
    }

    fn merge(&mut self, other: &Self) {
        self.0.resize(self.0.len().max(other.0.len()), (0.0, 0.0));
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            own.0 += other.0;
            own.1 += other.1;
        }
    }

    fn interval(&self) -> [f64; 2] {
        let drawn = self.0.iter().filter(|(weight, _)| *weight > 0.0);
        let mut means: Vec<f64> = drawn.map(|(weight, sum)| sum / weight).collect();
        means.sort_by(f64::total_cmp);
        [0.025, 0.975].map(|share| {
            let last = means.len().saturating_sub(1);
            means.get((share * last as f64).round() as usize).copied().unwrap_or_default()
        })
    }
}

/// What a report was made with, so that another can be compared with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Version of the program.
    pub cermat: String,
    /// Model, or `none`.
    pub model: String,
    /// Name of the score, or `none`.
    pub score: String,
    /// Beams of the search.
    pub beams: usize,
}

impl Signature {
    /// On one line, in the manner of sacreBLEU.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { cermat, model, score, beams } = self;
        format!("cermat:{cermat}|model:{model}|score:{score}|beams:{beams}")
    }
}
