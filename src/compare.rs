//! How a run differs from an earlier one of the same texts: which segments and findings are better,
//! worse, new or gone.
//!
//! # What is matched with what
//! Segments, each once, in the order of the file:
//! 1. of one file with the same source and target, wherever they have moved to;
//! 2. of one file with the same source: the translation was edited;
//! 3. of different files with the same source and target: the file was renamed;
//! 4. without a source, where as many unmatched segments stand between the same neighbours in both
//!    runs: the sentence was edited.
//!
//! Findings, within segments that match: of the same check on the same text, then of the same check.
//! Those on whole documents match by file, check and text. White space and Unicode normalisation do
//! not count ([`fingerprint`]).

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    rc::Rc,
};

use serde::Serialize;

use crate::{
    finding::{CheckInfo, Severity},
    fingerprint::fingerprint,
    report::{Issue, Row, Signature, Summary},
};

/// What became of a segment or of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// A segment: a lower score or, with the same score or none, findings that weigh more. A
    /// finding: a higher severity.
    Worse,
    /// Not there before.
    New,
    /// No longer there.
    Gone,
    /// The other way round than worse.
    Better,
    /// Neither.
    Same,
}

impl Change {
    /// From the worst to the best.
    pub const ALL: [Self; 5] = [Self::Worse, Self::New, Self::Gone, Self::Better, Self::Same];

    /// Lower-case name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::New => "new",
            Self::Gone => "gone",
            Self::Better => "better",
            Self::Same => "same",
        }
    }
}

/// How many there are of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// [`Change::Better`].
    pub better: u64,
    /// [`Change::Worse`].
    pub worse: u64,
    /// [`Change::New`].
    pub new: u64,
    /// [`Change::Gone`].
    pub gone: u64,
    /// [`Change::Same`].
    pub same: u64,
}

impl Counts {
    fn add(&mut self, change: Change) {
        let count = match change {
            Change::Better => &mut self.better,
            Change::Worse => &mut self.worse,
            Change::New => &mut self.new,
            Change::Gone => &mut self.gone,
            Change::Same => &mut self.same,
        };
        *count += 1;
    }

    /// In a few words: `1 worse, 2 new, 40 same`.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { better, worse, new, gone, same } = self;
        format!("{worse} worse, {new} new, {gone} gone, {better} better, {same} same")
    }
}

/// A segment that is not the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedSegment {
    /// What became of it.
    pub change: Change,
    /// Its file; of the earlier run when it is gone.
    pub file: String,
    /// Its line, from 1; of the earlier run when it is gone.
    pub line: u32,
    /// Which of this run's segments it is, from 0, over all files; `None` when it is gone.
    #[serde(skip)]
    pub index: Option<usize>,
    /// Score now, 0–100.
    pub score: Option<f64>,
    /// Score then.
    pub previous_score: Option<f64>,
    /// The target; that of the earlier run when it is gone.
    pub target: String,
    /// The target before it was edited.
    pub previous_target: Option<String>,
}

/// A finding that is not the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChangedFinding {
    /// What became of it.
    pub change: Change,
    /// Its file; of the earlier run when it is gone.
    pub file: String,
    /// Its line, from 1; of the earlier run when it is gone.
    pub line: Option<u32>,
    /// Code of its check.
    pub code: &'static str,
    /// Name of its check.
    pub name: &'static str,
    /// Its severity; of the earlier run when it is gone.
    pub severity: Severity,
    /// Its severity in the earlier run, when that was another.
    pub previous_severity: Option<Severity>,
    /// What is wrong.
    pub message: String,
    /// What is marked.
    pub text: String,
}

/// The sums of one of the two runs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sums {
    /// What it was made with, where the results say so.
    pub signature: Option<Signature>,
    /// Segments.
    pub segments: u64,
    /// Findings.
    pub findings: u64,
    /// Mean score, 0–100.
    pub mean_score: Option<f64>,
    /// MQM penalty points per 1,000 words of the targets.
    pub penalty_per_1000_words: f64,
}

/// How a run differs from an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The earlier run.
    pub previous: Sums,
    /// This run.
    pub current: Sums,
    /// What became of the segments.
    pub segments: Counts,
    /// What became of the findings.
    pub findings: Counts,
    /// The segments that are not the same: worse ones first, in order; what scores drop most first
    /// among them.
    pub changed_segments: Vec<ChangedSegment>,
    /// The findings that are not the same: worse ones first, and the severest first among them.
    pub changed_findings: Vec<ChangedFinding>,
}

impl Comparison {
    /// Whether the scores of the two runs come from the same model and can be compared: `None` where
    /// the results do not say.
    #[must_use]
    pub fn same_scale(&self) -> Option<bool> {
        let (then, now) = self.previous.signature.as_ref().zip(self.current.signature.as_ref())?;
        Some((&then.model, &then.score, then.beams) == (&now.model, &now.score, now.beams))
    }
}

#[derive(Debug)]
struct Seen {
    file: Rc<str>,
    line: u32,
    /// Source and target.
    text: String,
    /// The source, where there is one.
    source: Option<String>,
    target: String,
    score: Option<f64>,
    findings: Vec<SeenFinding>,
}

#[derive(Debug)]
struct SeenFinding {
    check: &'static CheckInfo,
    severity: Severity,
    line: Option<u32>,
    message: String,
    text: String,
    /// Check and marked text.
    key: String,
}

impl SeenFinding {
    fn new(issue: &Issue) -> Self {
        let place = issue.places.first();
        let text = place.map_or("", |place| &place.text);
        Self {
            check: issue.check,
            severity: issue.severity,
            line: place.and_then(|place| place.position).map(|at| at.line),
            message: issue.message.clone(),
            text: text.to_owned(),
            key: fingerprint(issue.check.code, "", text, 0),
        }
    }
}

/// As reports print it: what is not to be seen is no change.
fn printed(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// What a run found, kept in memory to be compared.
#[derive(Debug, Default)]
pub struct Run {
    /// What it was made with.
    pub signature: Option<Signature>,
    summary: Summary,
    segments: Vec<Seen>,
    documents: BTreeMap<String, Vec<SeenFinding>>,
    file: Option<Rc<str>>,
}

impl Run {
    /// Adds a segment.
    pub fn add_row(&mut self, row: &Row) {
        self.summary.add_row(row);
        let file = match &self.file {
            Some(file) if **file == *row.file => Rc::clone(file),
            _ => Rc::from(row.file.as_str()),
        };
        self.file = Some(Rc::clone(&file));
        let source = row.source.as_deref();
        self.segments.push(Seen {
            file,
            line: row.line,
            text: fingerprint("", source.unwrap_or_default(), &row.target, 0),
            source: source.map(|source| fingerprint("", source, "", 0)),
            target: row.target.clone(),
            score: row.score(),
            findings: row.issues.iter().map(SeenFinding::new).collect(),
        });
    }

    /// Adds the findings on a document as a whole.
    pub fn add_document(&mut self, file: &str, issues: &[Issue]) {
        self.summary.add_issues(issues);
        if !issues.is_empty() {
            let findings = self.documents.entry(file.to_owned()).or_default();
            findings.extend(issues.iter().map(SeenFinding::new));
        }
    }

    fn sums(&self) -> Sums {
        Sums {
            signature: self.signature.clone(),
            segments: self.summary.segments,
            findings: self.summary.findings,
            mean_score: self.summary.mean_score.map(printed),
            penalty_per_1000_words: printed(self.summary.penalty_per_1000_words),
        }
    }
}

/// For each segment of the earlier run the one of this run, and the other way round.
struct Pairs {
    of_then: Vec<Option<usize>>,
    of_now: Vec<Option<usize>>,
}

impl Pairs {
    fn new(then: &[Seen], now: &[Seen]) -> Self {
        let mut pairs = Self { of_then: vec![None; then.len()], of_now: vec![None; now.len()] };
        pairs.by(then, now, |seen| Some((Some(Rc::clone(&seen.file)), seen.text.clone())));
        pairs.by(then, now, |seen| Some((Some(Rc::clone(&seen.file)), seen.source.clone()?)));
        pairs.by(then, now, |seen| Some((None, seen.text.clone())));
        pairs.by_neighbours(then, now);
        pairs
    }

    fn join(&mut self, then: usize, now: usize) {
        self.of_then[then] = Some(now);
        self.of_now[now] = Some(then);
    }

    /// Joins what has the same key, the first with the first.
    fn by(
        &mut self,
        then: &[Seen],
        now: &[Seen],
        key: impl Fn(&Seen) -> Option<(Option<Rc<str>>, String)>,
    ) {
        let mut free: HashMap<_, VecDeque<usize>> = HashMap::new();
        for (i, seen) in then.iter().enumerate() {
            if self.of_then[i].is_none()
                && let Some(key) = key(seen)
            {
                free.entry(key).or_default().push_back(i);
            }
        }
        for (i, seen) in now.iter().enumerate() {
            if self.of_now[i].is_none()
                && let Some(key) = key(seen)
                && let Some(old) = free.get_mut(&key).and_then(VecDeque::pop_front)
            {
                self.join(old, i);
            }
        }
    }

    fn by_neighbours(&mut self, then: &[Seen], now: &[Seen]) {
        let lone = |seen: &[Seen], paired: &[Option<usize>], i: usize, file: &str| {
            seen.get(i).is_some_and(|s| *s.file == *file && s.source.is_none())
                && paired[i].is_none()
        };
        let mut starts: HashMap<&str, usize> = HashMap::new();
        for (i, seen) in then.iter().enumerate() {
            starts.entry(&seen.file).or_insert(i);
        }
        let mut i = 0;
        while i < now.len() {
            let file = &*now[i].file;
            if !lone(now, &self.of_now, i, file) {
                i += 1;
                continue;
            }
            let begin = i;
            while lone(now, &self.of_now, i, file) {
                i += 1;
            }
            // Behind the neighbour before, or at the start of the file.
            let before = begin.checked_sub(1).filter(|b| *now[*b].file == *file);
            let first = match before {
                Some(before) => self.of_now[before].map(|old| old + 1),
                None => starts.get(file).copied(),
            };
            let Some(first) = first else { continue };
            let len = i - begin;
            let all = (first..first + len).all(|old| lone(then, &self.of_then, old, file));
            // Up to the neighbour behind, or the end of the file.
            let next = now.get(i).filter(|next| *next.file == *file);
            let ends = match next {
                Some(_) => self.of_now[i] == Some(first + len),
                None => then.get(first + len).is_none_or(|old| *old.file != *file),
            };
            if all && ends {
                (0..len).for_each(|at| self.join(first + at, begin + at));
            }
        }
    }
}

impl Comparison {
    /// Compares `now` with the earlier run `then`.
    #[must_use]
    pub fn new(then: &Run, now: &Run) -> Self {
        let mut comparison = Self {
            previous: then.sums(),
            current: now.sums(),
            segments: Counts::default(),
            findings: Counts::default(),
            changed_segments: Vec::new(),
            changed_findings: Vec::new(),
        };
        let pairs = Pairs::new(&then.segments, &now.segments);
        for (i, seen) in now.segments.iter().enumerate() {
            let old = pairs.of_now[i].map(|old| &then.segments[old]);
            comparison.segment(i, old, seen);
        }
        for (old, pair) in then.segments.iter().zip(&pairs.of_then) {
            if pair.is_none() {
                comparison.gone(old);
            }
        }
        for (file, findings) in &now.documents {
            let old = then.documents.get(file).map_or(&[][..], |old| old);
            comparison.findings(file, old, findings, false);
        }
        for (file, findings) in &then.documents {
            if !now.documents.contains_key(file) {
                comparison.findings(file, findings, &[], false);
            }
        }
        let drop = |segment: &ChangedSegment| {
            segment.score.zip(segment.previous_score).map_or(0.0, |(now, then)| now - then)
        };
        comparison
            .changed_segments
            .sort_by(|a, b| a.change.cmp(&b.change).then(drop(a).total_cmp(&drop(b))));
        comparison
            .changed_findings
            .sort_by_key(|finding| (finding.change, std::cmp::Reverse(finding.severity)));
        comparison
    }

    fn segment(&mut self, index: usize, old: Option<&Seen>, seen: &Seen) {
        let old_findings = old.map_or(&[][..], |old| &old.findings);
        let edited = old.is_some_and(|old| old.text != seen.text);
        self.findings(&seen.file, old_findings, &seen.findings, edited);
        let change = match old {
            None => Change::New,
            Some(old) => {
                let weight = |findings: &[SeenFinding]| -> u32 {
                    findings.iter().map(|finding| finding.severity.weight()).sum()
                };
                // Higher is better on both.
                let rank = |seen: &Seen, scored: bool| {
                    let score = if scored { seen.score } else { None };
                    (score.unwrap_or_default(), -f64::from(weight(&seen.findings)))
                };
                let scored = old.score.is_some() && seen.score.is_some();
                match rank(seen, scored).partial_cmp(&rank(old, scored)) {
                    Some(std::cmp::Ordering::Less) => Change::Worse,
                    Some(std::cmp::Ordering::Greater) => Change::Better,
                    _ => Change::Same,
                }
            }
        };
        self.segments.add(change);
        if change != Change::Same {
            self.changed_segments.push(ChangedSegment {
                change,
                file: seen.file.to_string(),
                line: seen.line,
                index: Some(index),
                score: seen.score,
                previous_score: old.and_then(|old| old.score),
                target: seen.target.clone(),
                previous_target: old.filter(|_| edited).map(|old| old.target.clone()),
            });
        }
    }

    fn gone(&mut self, old: &Seen) {
        self.findings(&old.file, &old.findings, &[], false);
        self.segments.add(Change::Gone);
        self.changed_segments.push(ChangedSegment {
            change: Change::Gone,
            file: old.file.to_string(),
            line: old.line,
            index: None,
            score: None,
            previous_score: old.score,
            target: old.target.clone(),
            previous_target: None,
        });
    }

    /// Findings at one place in both runs. Where the text was `edited`, a check that marks another
    /// stretch of it still says the same.
    fn findings(&mut self, file: &str, then: &[SeenFinding], now: &[SeenFinding], edited: bool) {
        let mut pair = vec![None; now.len()];
        let mut free = vec![true; then.len()];
        for exact in [true, false] {
            if !exact && !edited {
                break;
            }
            for (finding, pair) in now.iter().zip(&mut pair).filter(|(_, pair)| pair.is_none()) {
                let alike = |(i, old): &(usize, &SeenFinding)| {
                    free[*i]
                        && if exact { old.key == finding.key } else { old.check == finding.check }
                };
                if let Some((i, old)) = then.iter().enumerate().find(alike) {
                    free[i] = false;
                    *pair = Some(old);
                }
            }
        }
        for (finding, pair) in now.iter().zip(pair) {
            let change = match pair {
                None => Change::New,
                Some(old) if finding.severity > old.severity => Change::Worse,
                Some(old) if finding.severity < old.severity => Change::Better,
                Some(_) => Change::Same,
            };
            self.finding(change, file, finding, pair.map(|old| old.severity));
        }
        for (old, _) in then.iter().zip(free).filter(|(_, free)| *free) {
            self.finding(Change::Gone, file, old, None);
        }
    }

    fn finding(
        &mut self,
        change: Change,
        file: &str,
        finding: &SeenFinding,
        previous: Option<Severity>,
    ) {
        self.findings.add(change);
        if change != Change::Same {
            self.changed_findings.push(ChangedFinding {
                change,
                file: file.to_owned(),
                line: finding.line,
                code: finding.check.code,
                name: finding.check.name,
                severity: finding.severity,
                previous_severity: previous,
                message: finding.message.clone(),
                text: finding.text.clone(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Comparison, Run};
    use crate::{evidence::Evidence, report::Row};

    /// A run of `file|source|target|score` lines.
    fn run(lines: &[&str]) -> Run {
        let mut run = Run::default();
        for (line, text) in (1..).zip(lines) {
            let fields: Vec<&str> = text.split('|').collect();
            let evidence = Evidence { quality: fields[3].parse().ok(), ..Evidence::default() };
            run.add_row(&Row {
                file: fields[0].to_owned(),
                line,
                segment: line,
                source: (!fields[1].is_empty()).then(|| fields[1].to_owned()),
                target: fields[2].to_owned(),
                evidence,
                issues: Vec::new(),
            });
        }
        run
    }

    fn changes(then: &[&str], now: &[&str]) -> Vec<(Change, u32, Option<String>)> {
        let comparison = Comparison::new(&run(then), &run(now));
        let total = comparison.segments;
        assert_eq!(total.better + total.worse + total.new + total.same, now.len() as u64);
        let changed = comparison.changed_segments.into_iter();
        changed.map(|segment| (segment.change, segment.line, segment.previous_target)).collect()
    }

    #[test]
    fn moved_lines_match() {
        let then = ["a||Satu.|50", "a||Dua.|60", "a||Tiga.|70"];
        assert_eq!(changes(&then, &["a||Tiga.|70", "a||Satu.|50", "a||Dua. |60"]), []);
        let moved = ["b||Satu.|50", "b||Dua.|60", "b||Tiga.|70"];
        assert_eq!(changes(&then, &moved), [], "the file was renamed");
    }

    #[test]
    fn scores_that_move_and_segments_that_come_and_go() {
        let then = ["a||Satu.|50", "a||Dua.|60", "a||Tiga.|70.04", "a||Empat.|80"];
        let now = ["a||Nol.|10", "a||Dua.|61", "a||Lain.|1", "a||Tiga.|70", "a||Empat.|79.9"];
        assert_eq!(
            changes(&then, &now),
            [
                (Change::Worse, 1, Some("Satu.".to_owned())),
                (Change::Worse, 5, None),
                (Change::New, 3, None),
                (Change::Better, 2, None),
            ],
        );
        assert_eq!(changes(&then, &now[1..]).iter().filter(|c| c.0 == Change::Gone).count(), 1);
    }

    #[test]
    fn an_edited_translation_is_known_by_its_source() {
        let then = ["a|One.|Satu.|50", "a|Two.|Dwi.|20"];
        let now = ["a|Two.|Dua.|90", "a|Three.|Tiga.|70", "a|One.|Satu.|50"];
        assert_eq!(
            changes(&then, &now),
            [(Change::New, 2, None), (Change::Better, 1, Some("Dwi.".to_owned()))]
        );
    }

    #[test]
    fn repeated_sentences_are_matched_one_to_one() {
        let then = ["a||Ya.|50", "a||Ya.|50"];
        let now = ["a||Ya.|50", "a||Ya.|50", "a||Ya.|50"];
        assert_eq!(changes(&then, &now), [(Change::New, 3, None)]);
        assert_eq!(changes(&now, &then), [(Change::Gone, 3, None)]);
    }
}
