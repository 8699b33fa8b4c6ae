//! Annotations of a GitHub workflow, one workflow command a line:
//! `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`.
//!
//! GitHub shows ten errors, ten warnings and ten notices of a step; the log has all of them. Text is
//! escaped as `actions/toolkit` does it, so it can neither end a command nor start one.

use std::io::{self, Write};

use super::{Reporter, message, path, visible};
use crate::{
    finding::Severity,
    gate::Breach,
    report::{Issue, Row, Summary, Unread},
};

pub(super) struct GitHub;

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25")
}

/// The value of a property. A line end stays one: it belongs to the name of a file.
fn property(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(data).collect();
    lines.join("%0A").replace(':', "%3A").replace(',', "%2C")
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Neutral => "notice",
        Severity::Minor => "warning",
        Severity::Major | Severity::Critical => "error",
    }
}

fn annotation(file: &str, issue: &Issue, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "::{} file={}", command(issue.severity), property(path(file)))?;
    let first = issue.places.first();
    if let Some((start, end)) = first.and_then(|place| place.position.zip(place.end)) {
        write!(out, ",line={},endLine={}", start.line, end.line)?;
        // GitHub takes columns within one line only.
        if start.line == end.line {
            write!(out, ",col={},endColumn={}", start.column, end.column)?;
        }
    }
    let title = format!("{} {}", issue.check.code, issue.check.name);
    writeln!(out, ",title={}::{}", property(&title), data(&message(issue)))
}

impl Reporter for GitHub {
    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        row.issues.iter().try_for_each(|issue| annotation(&row.file, issue, out))
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        _unread: &[Unread],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        issues.iter().try_for_each(|issue| annotation(file, issue, out))
    }

    fn end(
        &mut self,
        summary: &Summary,
        breaches: &[Breach],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for unread in &summary.unread {
            write!(out, "::error file={}", property(path(&unread.file)))?;
            if let Some(line) = unread.line {
                write!(out, ",line={line}")?;
            }
            writeln!(out, ",title=cermat could not read this::{}", data(&unread.message))?;
        }
        for breach in breaches {
            writeln!(out, "::error title=cermat failed::{}", data(&breach.text()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn escapes_as_the_toolkit_does() {
        assert_eq!(data("100 %\n::error::a"), "100 %25 ::error::a");
        assert_eq!(property("a:b,c%\nd"), "a%3Ab%2Cc%25%0Ad");
    }
}
