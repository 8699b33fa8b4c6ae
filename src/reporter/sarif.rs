//! SARIF 2.1.0 (OASIS): results as they come, then the rules that they name and what could not be
//! read.
//!
//! - What the file, the settings or the baseline suppress is not there at all: GitHub code scanning
//!   ignores `suppressions` and would open an alert.
//! - `partialFingerprints` holds the fingerprint of the baseline, so results survive moved lines.
//! - Columns count code points, the last one excluded.
//! - A fix is given where the marked text stands in the file as it is, and the suggestion needs no
//!   escape there ([`Issue::applicable`]).

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::{Reporter, path, visible, write_json};
use crate::{
    finding::{CheckInfo, Severity, Status},
    gate::Breach,
    report::{Issue, Place, Row, Signature, Summary, Unread},
};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

#[derive(Default)]
pub(super) struct Sarif {
    rules: Vec<&'static CheckInfo>,
    signature: Value,
    some: bool,
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Neutral => "note",
        Severity::Minor => "warning",
        Severity::Major | Severity::Critical => "error",
    }
}

/// The reference to a file as RFC 3986 has it, below the root of the sources where it is relative.
fn artifact(file: &str) -> Value {
    let path = path(file).bytes().fold(String::new(), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(byte.into());
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    });
    if path.starts_with('/') {
        json!({ "uri": format!("file://{path}") })
    } else if path.split('/').any(|part| part == "..") {
        json!({ "uri": path })
    } else {
        json!({ "uri": path, "uriBaseId": "%SRCROOT%" })
    }
}

fn region(place: &Place) -> Option<Value> {
    let (start, end) = place.position.zip(place.end)?;
    Some(json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    }))
}

fn location(file: &str, place: Option<&Place>) -> Value {
    let mut physical = json!({ "artifactLocation": artifact(file) });
    if let Some(mut region) = place.and_then(region) {
        if let Some(place) = place {
            region["snippet"] = json!({ "text": place.text });
        }
        physical["region"] = region;
    }
    json!({ "physicalLocation": physical })
}

/// Text for a message, in which `[…](…)` would be a link.
fn plain(text: &str) -> String {
    visible(text).replace("](", "] (")
}

fn fix(file: &str, issue: &Issue) -> Option<Value> {
    let (place, text) = (issue.places.first()?, issue.suggestion.as_ref()?);
    if !issue.applicable {
        return None;
    }
    let description = match text.as_str() {
        "" => "Delete it".to_owned(),
        text => format!("Replace it by `{}`", plain(text)),
    };
    Some(json!({
        "description": { "text": description },
        "artifactChanges": [{
            "artifactLocation": artifact(file),
            "replacements": [{
                "deletedRegion": region(place)?,
                "insertedContent": { "text": text },
            }],
        }],
    }))
}

fn rule(check: &CheckInfo) -> Value {
    let summary = check.summary();
    let docs = check.docs.trim();
    let status = match check.status {
        Status::Stable(_) => "stable",
        Status::Preview(_) => "preview",
    };
    json!({
        "id": check.code,
        "name": check.name,
        "shortDescription": { "text": check.name.replace('-', " ") },
        "fullDescription": { "text": summary },
        "help": { "text": docs, "markdown": docs },
        "defaultConfiguration": { "level": level(check.severity) },
        "properties": {
            "tags": ["translation", format!("mqm/{}", check.mqm.path())],
            "severity": check.severity,
            "status": status,
        },
    })
}

impl Sarif {
    fn result(&mut self, file: &str, issue: &Issue, out: &mut dyn Write) -> io::Result<()> {
        let known = self.rules.iter().position(|check| *check == issue.check);
        let index = known.unwrap_or_else(|| {
            self.rules.push(issue.check);
            self.rules.len() - 1
        });
        let mut text = plain(&issue.message);
        if let Some(help) = &issue.help {
            let _ = write!(text, "; {}", plain(help));
        }
        let mut value = json!({
            "ruleId": issue.check.code,
            "ruleIndex": index,
            "level": level(issue.severity),
            "message": { "text": text },
            "locations": [location(file, issue.places.first())],
            "partialFingerprints": { "cermat/v1": issue.fingerprint },
            "properties": { "severity": issue.severity, "confidence": issue.confidence },
        });
        if let [_, others @ ..] = &issue.places[..]
            && !others.is_empty()
        {
            let related = others.iter().zip(1..).map(|(place, id)| {
                let mut value = location(file, Some(place));
                value["id"] = json!(id);
                if !place.note.is_empty() {
                    value["message"] = json!({ "text": plain(&place.note) });
                }
                value
            });
            value["relatedLocations"] = related.collect();
        }
        if let Some(fix) = fix(file, issue) {
            value["fixes"] = json!([fix]);
        }
        out.write_all(if self.some { b",\n" } else { b"\n" })?;
        self.some = true;
        write_json(out, &value)
    }
}

impl Reporter for Sarif {
    fn begin(&mut self, signature: &Signature, out: &mut dyn Write) -> io::Result<()> {
        self.signature = json!(signature);
        write!(
            out,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"columnKind\":\"unicodeCodePoints\",\n\"results\":["
        )
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        row.issues.iter().try_for_each(|issue| self.result(&row.file, issue, out))
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        _unread: &[Unread],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        issues.iter().try_for_each(|issue| self.result(file, issue, out))
    }

    fn end(
        &mut self,
        summary: &Summary,
        _breaches: &[Breach],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let driver = json!({
            "name": "cermat",
            "version": self.signature["cermat"],
            "semanticVersion": self.signature["cermat"],
            "rules": self.rules.iter().map(|check| rule(check)).collect::<Vec<_>>(),
        });
        let notifications = summary.unread.iter().map(|unread| {
            let mut physical = json!({ "artifactLocation": artifact(&unread.file) });
            if let Some(line) = unread.line {
                physical["region"] = json!({ "startLine": line });
            }
            json!({
                "level": "error",
                "message": { "text": plain(&unread.message) },
                "locations": [{ "physicalLocation": physical }],
            })
        });
        let invocation = json!({
            "executionSuccessful": summary.unread.is_empty(),
            "toolExecutionNotifications": notifications.collect::<Vec<_>>(),
        });
        write!(out, "\n],\n\"tool\":{{\"driver\":")?;
        write_json(out, &driver)?;
        write!(out, "}},\n\"invocations\":[")?;
        write_json(out, &invocation)?;
        write!(out, "],\n\"properties\":{{\"signature\":")?;
        write_json(out, &self.signature)?;
        writeln!(out, "}}}}]}}")
    }
}

#[cfg(test)]
mod tests {
    use super::artifact;

    #[test]
    fn files_are_references() {
        let uri = |file| artifact(file)["uri"].as_str().expect("a string").to_owned();
        assert_eq!(uri("./docs/a b:c%.md"), "docs/a%20b%3Ac%25.md");
        assert_eq!(uri("é\n.md"), "%C3%A9%0A.md");
        assert_eq!(uri("/tmp/a.md"), "file:///tmp/a.md");
        assert_eq!(artifact("../a.md").get("uriBaseId"), None);
    }
}
