//! Reads back what `--format jsonl` wrote, for reports without inference and to compare runs.
//!
//! The contract is that of the JSONL reporter (`src/reporter/jsonl.rs`), version [`SCHEMA`]. What it
//! keeps of a forced decoding is a mean and a minimum: they come back as one of a single token.
//! Texts of stored results are as little trusted as those of any file: numbers and spans are checked
//! here, words are escaped by the reporters.

use std::collections::HashMap;

use serde::Deserialize;

use crate::{
    checks,
    evidence::{Alignment, Compared, Evidence, RoundTrip},
    finding::{CheckInfo, Confidence, Expected, Measure, Mqm, Severity, Status},
    model::{ForcedDecoding, TokenScore, UnknownSkip},
    report::{Issue, Place, Row, SCHEMA, Signature, Unread},
    text::{FileSpan, LineColumn, Side, Span},
};

/// Lines, columns and segments over this are no numbers of a file that was read
/// ([`MAX_FILE_BYTES`](crate::document::MAX_FILE_BYTES)).
const MAX_NUMBER: u32 = i32::MAX as u32;

/// Checks that this version does not have; more of them are no results of any cermat.
const MAX_FOREIGN: usize = 1000;

/// A line of stored results.
#[derive(Debug, Clone)]
pub enum Record {
    /// A segment.
    Row(Box<Row>),
    /// The findings on a document as a whole, and what of it could not be read.
    Document {
        /// The file.
        file: String,
        /// The findings.
        issues: Vec<Issue>,
        /// What could not be read.
        unread: Vec<Unread>,
    },
}

impl Record {
    /// The file it is about.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Self::Row(row) => &row.file,
            Self::Document { file, .. } => file,
        }
    }
}

/// Why a line cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Not JSON, or a key is missing or of another type.
    #[error("no line of `cermat check --format jsonl`: {0}")]
    Json(#[from] serde_json::Error),
    /// Another contract.
    #[error("schema version {found}; this version of cermat reads {SCHEMA}: check the files anew")]
    Schema {
        /// Its version.
        found: u64,
    },
    /// A value that no report holds.
    #[error("`{key}` is {value}; expected {expected}")]
    Value {
        /// Where.
        key: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
    /// A finding whose kind this version does not know.
    #[error("no MQM type `{0}` in this version of cermat: read it with the version that wrote it")]
    Mqm(String),
    /// A reason this version does not know.
    #[error(transparent)]
    Skip(#[from] UnknownSkip),
    /// More unknown checks than any version has.
    #[error("over {MAX_FOREIGN} checks that this version of cermat does not have")]
    Foreign,
}

fn wrong(key: &'static str, value: impl ToString, expected: &'static str) -> RecordError {
    RecordError::Value { key, value: value.to_string(), expected }
}

#[derive(Deserialize)]
struct Version {
    schema: u64,
}

#[derive(Deserialize)]
struct Stored {
    file: String,
    line: Option<u32>,
    segment: Option<u32>,
    source: Option<String>,
    target: Option<String>,
    back_translation: Option<String>,
    score: Option<f32>,
    skipped: Option<String>,
    #[serde(default)]
    evidence: HashMap<String, f32>,
    findings: Vec<StoredIssue>,
    #[serde(default)]
    unread: Vec<Unread>,
    signature: Option<Signature>,
}

#[derive(Deserialize)]
struct StoredIssue {
    code: String,
    name: String,
    severity: Severity,
    confidence: Confidence,
    mqm: String,
    message: String,
    help: Option<String>,
    suggestion: Option<String>,
    #[serde(default)]
    applicable: bool,
    #[serde(default)]
    fingerprint: String,
    /// Without a side it has no place.
    side: Option<Side>,
    segment: Option<u32>,
    #[serde(flatten)]
    place: StoredPlace,
    #[serde(default)]
    places: Vec<StoredOther>,
    #[serde(default)]
    measures: Vec<Measure>,
    #[serde(default)]
    expected: Vec<Expected>,
}

#[derive(Deserialize)]
struct StoredOther {
    segment: u32,
    side: Side,
    #[serde(flatten)]
    place: StoredPlace,
}

#[derive(Deserialize)]
struct StoredPlace {
    start: Option<u32>,
    end: Option<u32>,
    text: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
    end_line: Option<u32>,
    end_column: Option<u32>,
    file_start: Option<u64>,
    file_end: Option<u64>,
    #[serde(default)]
    note: String,
}

impl StoredPlace {
    fn resolve(self, segment: u32, side: Side) -> Result<Place, RecordError> {
        let (start, end) = (self.start.unwrap_or(0), self.end.unwrap_or(0));
        if start > end {
            return Err(wrong("start", format!("{start}, end {end}"), "no more than `end`"));
        }
        let at = |line: Option<u32>, column: Option<u32>| match line.zip(column) {
            Some((line, column)) => Ok(Some(LineColumn {
                line: number("line", line)?,
                column: number("column", column)?,
            })),
            None => Ok::<_, RecordError>(None),
        };
        let file = self.file_start.zip(self.file_end).filter(|(start, end)| start <= end);
        Ok(Place {
            segment: number("segment", segment)?,
            side,
            span: Span { start, end },
            text: self.text.unwrap_or_default(),
            file: file.map(|(start, end)| FileSpan { start, end }),
            position: at(self.line, self.column)?,
            end: at(self.end_line, self.end_column)?,
            note: self.note,
        })
    }
}

fn number(key: &'static str, value: u32) -> Result<u32, RecordError> {
    if (1..=MAX_NUMBER).contains(&value) {
        Ok(value)
    } else {
        Err(wrong(key, value, "a number from 1, below 2^31"))
    }
}

/// Reads lines, and remembers checks that this version does not have.
#[derive(Debug, Default)]
pub struct Reader {
    foreign: HashMap<String, &'static CheckInfo>,
}

impl Reader {
    /// Codes of checks that this version of cermat does not have, sorted. Their findings are kept as
    /// they were written.
    #[must_use]
    pub fn foreign(&self) -> Vec<&str> {
        let mut codes: Vec<&str> = self.foreign.keys().map(String::as_str).collect();
        codes.sort_unstable();
        codes
    }

    /// Reads a line; with it what it was made with, where it says so.
    ///
    /// # Errors
    /// [`RecordError`] says what is wrong with it; the next line can be read all the same.
    pub fn read(&mut self, line: &[u8]) -> Result<(Record, Option<Signature>), RecordError> {
        let Version { schema } = serde_json::from_slice(line)?;
        if schema != u64::from(SCHEMA) {
            return Err(RecordError::Schema { found: schema });
        }
        let mut stored: Stored = serde_json::from_slice(line)?;
        let signature = stored.signature.take();
        let record = match stored.segment {
            Some(segment) => Record::Row(Box::new(self.row(segment, stored)?)),
            None => {
                let issues = self.issues(stored.findings, None)?;
                Record::Document { file: stored.file, issues, unread: stored.unread }
            }
        };
        Ok((record, signature))
    }

    fn row(&mut self, segment: u32, stored: Stored) -> Result<Row, RecordError> {
        let segment = number("segment", segment)?;
        let line = stored.line.ok_or_else(|| wrong("line", "missing", "a number from 1"))?;
        let target = stored.target.ok_or_else(|| wrong("target", "missing", "a text"))?;
        if let Some(score) = stored.score
            && !(0.0..=100.0).contains(&score)
        {
            return Err(wrong("score", score, "a number from 0 to 100"));
        }
        let mut evidence = evidence(&stored.evidence, stored.back_translation);
        evidence.quality = stored.score;
        evidence.skipped = stored.skipped.map(|text| text.parse()).transpose()?;
        let issues = self.issues(stored.findings, Some(segment))?;
        for place in issues.iter().filter_map(|issue| issue.places.first()) {
            let text = match place.side {
                Side::Source => stored.source.as_deref().unwrap_or_default(),
                Side::Target => &target,
            };
            if text.get(place.span.range()).is_none() {
                let span = format!("{}..{}", place.span.start, place.span.end);
                return Err(wrong("start", span, "a stretch of the segment's text"));
            }
        }
        Ok(Row {
            file: stored.file,
            line: number("line", line)?,
            segment,
            source: stored.source,
            target,
            evidence,
            issues,
        })
    }

    fn issues(
        &mut self,
        stored: Vec<StoredIssue>,
        segment: Option<u32>,
    ) -> Result<Vec<Issue>, RecordError> {
        stored.into_iter().map(|stored| self.issue(stored, segment)).collect()
    }

    fn issue(&mut self, stored: StoredIssue, segment: Option<u32>) -> Result<Issue, RecordError> {
        let check = self.check(&stored)?;
        let mut places = Vec::new();
        if let Some((side, segment)) = stored.side.zip(segment.or(stored.segment)) {
            places.push(stored.place.resolve(segment, side)?);
        }
        for other in stored.places {
            places.push(other.place.resolve(other.segment, other.side)?);
        }
        let is_hex = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
        if !matches!(stored.fingerprint.len(), 0 | 32) || !stored.fingerprint.bytes().all(is_hex) {
            return Err(wrong("fingerprint", stored.fingerprint, "32 hexadecimal digits"));
        }
        Ok(Issue {
            check,
            fingerprint: stored.fingerprint,
            severity: stored.severity,
            confidence: stored.confidence,
            message: stored.message,
            places,
            help: stored.help,
            suggestion: stored.suggestion,
            applicable: stored.applicable,
            measures: stored.measures,
            expected: stored.expected,
        })
    }

    /// The check of this version, or what the finding says of one of another version.
    fn check(&mut self, stored: &StoredIssue) -> Result<&'static CheckInfo, RecordError> {
        let StoredIssue { code, name, .. } = stored;
        if let Some(meta) = checks::ALL.iter().find(|meta| meta.info.code == code) {
            return Ok(&meta.info);
        }
        if let Some(check) = self.foreign.get(code) {
            return Ok(check);
        }
        // Reporters print both as they are.
        let (letters, digits) = code.split_at_checked(3).unwrap_or_default();
        if !letters.bytes().all(|c| c.is_ascii_uppercase())
            || digits.len() != 3
            || !digits.bytes().all(|c| c.is_ascii_digit())
        {
            return Err(wrong("code", code, "three capitals and three digits"));
        }
        let kebab = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        if name.is_empty() || name.len() > 64 || !name.bytes().all(kebab) {
            return Err(wrong("name", name, "small letters, digits and hyphens"));
        }
        if self.foreign.len() == MAX_FOREIGN {
            return Err(RecordError::Foreign);
        }
        let mqm = mqm(&stored.mqm).ok_or_else(|| RecordError::Mqm(stored.mqm.clone()))?;
        // Once a code, and only so many of them: checks live as long as the program.
        let check: &CheckInfo = Box::leak(Box::new(CheckInfo {
            code: Box::leak(code.clone().into_boxed_str()),
            name: Box::leak(name.clone().into_boxed_str()),
            docs: "## What it does\nA check of another version of cermat.\n",
            mqm,
            severity: stored.severity,
            status: Status::Stable("another version"),
        }));
        self.foreign.insert(code.clone(), check);
        Ok(check)
    }
}

fn mqm(path: &str) -> Option<Mqm> {
    Mqm::ALL.into_iter().find(|mqm| mqm.path() == path)
}

fn evidence(stored: &HashMap<String, f32>, back_translation: Option<String>) -> Evidence {
    let get = |name: &str| stored.get(name).copied();
    let forced = |name: &str| {
        let mean = get(&format!("{name}_mean_log_prob"))?;
        let min = get(&format!("{name}_min_log_prob"))?.min(mean);
        let token = TokenScore {
            span: Span { start: 0, end: 0 },
            log_prob: min,
            best_log_prob: min,
            starts_word: true,
        };
        Some(ForcedDecoding {
            tokens: vec![token],
            eos_log_prob: 2.0 * mean - min,
            ..ForcedDecoding::default()
        })
    };
    let compared = |text: String, name: &str, chrf: &str| Compared {
        text,
        log_prob: get(name).unwrap_or_default(),
        tokens: 0,
        chrf: get(chrf),
        stopped: false,
    };
    let hypothesis = "round_trip_hypothesis_mean_log_prob";
    let alignment = get("alignment_similarity").zip(get("alignment_f_score"));
    Evidence {
        back_translation: back_translation
            .map(|text| compared(text, "back_translation_mean_log_prob", "back_translation_chrf")),
        forward: forced("forward"),
        reverse: forced("reverse"),
        own: forced("own"),
        alignment: alignment.map(|(similarity, f_score)| Alignment {
            similarity,
            precision: f_score,
            recall: f_score,
            source: Vec::new(),
            target: Vec::new(),
        }),
        round_trip: forced("round_trip").map(|forced| RoundTrip {
            hypothesis: get(hypothesis)
                .map(|_| compared(String::new(), hypothesis, "round_trip_chrf")),
            forced,
        }),
        ..Evidence::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Record};

    fn error(line: &str) -> String {
        Reader::default().read(line.as_bytes()).expect_err(line).to_string()
    }

    const FINDING: &str = r#"{"code":"CODE","name":"from-elsewhere","severity":"major",
        "confidence":"high","mqm":"accuracy/omission","side":"target","start":0,"end":4,"text":"Satu",
        "line":1,"column":1,"message":"m","help":null,"suggestion":null}"#;

    fn line(code: &str) -> String {
        let finding = FINDING.replace("CODE", code).replace('\n', " ");
        format!(
            r#"{{"schema":1,"file":"a","line":1,"segment":1,"target":"Satu.","findings":[{finding}]}}"#
        )
    }

    #[test]
    fn a_check_of_another_version_is_kept() {
        let mut reader = Reader::default();
        let (record, _) = reader.read(line("ZZZ999").as_bytes()).expect("read");
        let Record::Row(row) = record else { panic!("a segment") };
        let check = row.issues[0].check;
        assert_eq!((check.code, check.name), ("ZZZ999", "from-elsewhere"));
        assert_eq!(reader.foreign(), ["ZZZ999"]);
        let (record, _) = reader.read(line("ACC001").as_bytes()).expect("read");
        let Record::Row(row) = record else { panic!("a segment") };
        assert_eq!(row.issues[0].check.name, "untranslated", "this version's own");
    }

    #[test]
    fn the_types_of_all_checks_can_be_read() {
        for meta in crate::checks::ALL {
            assert_eq!(super::mqm(meta.info.mqm.path()), Some(meta.info.mqm), "add it to Mqm::ALL");
        }
    }

    #[test]
    fn wrong_lines_say_what_is_wrong() {
        for (text, message) in [
            ("{", "no line of `cermat check --format jsonl`: EOF while parsing"),
            (r#"{"file":"a"}"#, "missing field `schema`"),
            (
                r#"{"schema":2,"anything":"else"}"#,
                "schema version 2; this version of cermat reads 1",
            ),
            (
                r#"{"schema":1,"file":"a","segment":1,"target":"","findings":[]}"#,
                "`line` is missing",
            ),
            (
                &line("ACC001").replace(r#""mqm""#, r#""fingerprint":"<b>","mqm""#),
                "`fingerprint` is <b>; expected 32 hexadecimal digits",
            ),
            (&line("<b>"), "`code` is <b>; expected three capitals"),
            (&line("ÄÄ1"), "`code` is ÄÄ1"),
            (&line("ACC001").replace(r#""end":4"#, r#""end":40"#), "`start` is 0..40"),
            (&line("ACC001").replace(r#""start":0"#, r#""start":5"#), "`start` is 5, end 4"),
            (&line("ACC001").replace(r#""line":1"#, r#""line":0"#), "`line` is 0"),
            (&line("ZZZ999").replace("accuracy/omission", "a/b"), "no MQM type `a/b`"),
            (
                &line("ACC001").replace(r#""segment":1"#, r#""segment":1,"score":101"#),
                "`score` is 101",
            ),
            (
                &line("ACC001").replace(r#""segment":1"#, r#""segment":1,"skipped":"bored""#),
                "no such reason to skip a segment: `bored`",
            ),
        ] {
            let said = error(text);
            assert!(said.contains(message), "{said}");
        }
    }
}
