//! Tab-separated values (IANA `text/tab-separated-values`) with a header. A tab, a line end or a
//! backslash inside a field is written `\t`, `\n`, `\r`, `\\`, so that a line is a record, and
//! other control codes and marks of direction as `\u{1b}`, so that a text cannot forge a terminal's
//! output.

use std::io::{self, Write};

use super::{Reporter, Subject, deceives};
use crate::{
    finding::Severity,
    report::{Issue, Row, Signature, Summary, Unread},
    text::Side,
};

fn line(out: &mut dyn Write, fields: &[String]) -> io::Result<()> {
    writeln!(out, "{}", fields.join("\t"))
}

pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if deceives(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

fn header(out: &mut dyn Write, names: &[&str]) -> io::Result<()> {
    writeln!(out, "{}", names.join("\t"))
}

/// Columns of the table of findings.
pub(super) const FINDING: &[&str] = &[
    "file",
    "line",
    "column",
    "segment",
    "code",
    "name",
    "severity",
    "confidence",
    "side",
    "start",
    "end",
    "text",
    "message",
    "suggestion",
];

/// The fields of a finding, as they are.
pub(super) fn finding_fields(file: &str, issue: &Issue) -> Vec<String> {
    let first = issue.places.first();
    let position = first.and_then(|place| place.position);
    let number = |value: Option<u32>| value.map_or_else(String::new, |n| n.to_string());
    let side = first.map_or("", |place| match place.side {
        Side::Source => "source",
        Side::Target => "target",
    });
    vec![
        file.to_owned(),
        number(position.map(|position| position.line)),
        number(position.map(|position| position.column)),
        number(first.map(|place| place.segment)),
        issue.check.code.to_owned(),
        issue.check.name.to_owned(),
        issue.severity.to_string(),
        issue.confidence.to_string(),
        side.to_owned(),
        number(first.map(|place| place.span.start)),
        number(first.map(|place| place.span.end)),
        first.map_or_else(String::new, |place| place.text.clone()),
        issue.message.clone(),
        issue.suggestion.clone().unwrap_or_default(),
    ]
}

/// Columns of the table of segments.
pub(super) const SCORE: &[&str] =
    &["file", "line", "segment", "score", "skipped", "source", "target", "back_translation"];

/// The fields of a segment, as they are.
pub(super) fn score_fields(row: &Row) -> Vec<String> {
    let evidence = &row.evidence;
    vec![
        row.file.clone(),
        row.line.to_string(),
        row.segment.to_string(),
        row.score().map_or_else(String::new, |score| format!("{score:.1}")),
        evidence.skipped.map_or_else(String::new, |skip| skip.to_string()),
        row.source.clone().unwrap_or_default(),
        row.target.clone(),
        evidence.back_translation.as_ref().map_or_else(String::new, |back| back.text.clone()),
    ]
}

fn escaped(out: &mut dyn Write, fields: &[String]) -> io::Result<()> {
    line(out, &fields.iter().map(|field| escape(field)).collect::<Vec<_>>())
}

/// One line a finding, or a segment.
pub(super) struct Tsv(pub(super) Subject);

impl Reporter for Tsv {
    fn begin(&mut self, _signature: &Signature, out: &mut dyn Write) -> io::Result<()> {
        header(out, if self.0 == Subject::Findings { FINDING } else { SCORE })
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        match self.0 {
            Subject::Findings => self.document(&row.file, &row.issues, &[], out),
            Subject::Scores => escaped(out, &score_fields(row)),
        }
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        _unread: &[Unread],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        issues.iter().try_for_each(|issue| escaped(out, &finding_fields(file, issue)))
    }
}

/// The header of the table of files.
///
/// # Errors
/// When `out` fails.
pub fn file_header(out: &mut dyn Write) -> io::Result<()> {
    let mut names = vec!["file", "segments", "words", "findings"];
    names.extend(Severity::ALL.iter().rev().map(|severity| severity.name()));
    names.extend(["penalty_per_1000_words", "mean_score", "min_score", "unread"]);
    header(out, &names)
}

/// A file's line in the table of files.
///
/// # Errors
/// When `out` fails.
pub fn file_line(file: &str, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let score = |score: Option<f64>| score.map_or_else(String::new, |score| format!("{score:.1}"));
    let mut fields = vec![escape(file)];
    fields.extend([summary.segments, summary.words, summary.findings].map(|n| n.to_string()));
    fields.extend(
        Severity::ALL.iter().rev().map(|severity| {
            summary.severities.get(severity.name()).copied().unwrap_or(0).to_string()
        }),
    );
    fields.push(format!("{:.1}", summary.penalty_per_1000_words));
    fields.extend([score(summary.mean_score), score(summary.min_score.map(f64::from))]);
    fields.push(summary.unread.len().to_string());
    line(out, &fields)
}
