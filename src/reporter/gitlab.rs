//! GitLab code quality: a JSON array, an object a finding
//! (docs.gitlab.com, "Code Quality report format").
//!
//! GitLab tells a finding that is new from one that the target branch has by its fingerprint, which
//! is the one of the baseline with the file's name.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Reporter, message, path, visible, write_json};
use crate::{
    finding::Severity,
    fingerprint::fingerprint,
    gate::Breach,
    report::{Issue, Row, Signature, Summary, Unread},
};

#[derive(Default)]
pub(super) struct GitLab {
    some: bool,
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Neutral => "info",
        Severity::Minor => "minor",
        Severity::Major => "major",
        Severity::Critical => "critical",
    }
}

impl GitLab {
    fn object(&mut self, value: &Value, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.some { b",\n" } else { b"\n" })?;
        self.some = true;
        write_json(out, value)
    }

    fn issue(&mut self, file: &str, issue: &Issue, out: &mut dyn Write) -> io::Result<()> {
        let first = issue.places.first();
        let (begin, end) = first
            .and_then(|place| place.position.zip(place.end))
            .map_or((1, 1), |(start, end)| (start.line, end.line));
        let value = json!({
            "description": message(issue),
            "check_name": format!("{} {}", issue.check.code, issue.check.name),
            "fingerprint": fingerprint(file, &issue.fingerprint, "", 0),
            "severity": severity(issue.severity),
            "location": {
                "path": path(file),
                "lines": { "begin": begin, "end": end },
            },
        });
        self.object(&value, out)
    }
}

impl Reporter for GitLab {
    fn begin(&mut self, _signature: &Signature, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "[")
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        row.issues.iter().try_for_each(|issue| self.issue(&row.file, issue, out))
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        _unread: &[Unread],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        issues.iter().try_for_each(|issue| self.issue(file, issue, out))
    }

    fn end(
        &mut self,
        summary: &Summary,
        _breaches: &[Breach],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for (unread, i) in summary.unread.iter().zip(0..) {
            let line = unread.line.unwrap_or(1);
            let value = json!({
                "description": visible(&unread.message),
                "check_name": "unreadable",
                "fingerprint": fingerprint(&unread.file, &unread.message, "unreadable", i),
                "severity": "blocker",
                "location": {
                    "path": path(&unread.file),
                    "lines": { "begin": line, "end": line },
                },
            });
            self.object(&value, out)?;
        }
        writeln!(out, "\n]")
    }
}
