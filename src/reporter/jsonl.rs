//! JSON Lines: one object a segment, in input order.
//!
//! Schema version 1, as JSON Schema in `schema.json` beside this file (`cermat schema jsonl`). Keys
//! are added without a new version; none changes its meaning or goes. [`crate::results`] reads it.
//!
//! | key | value |
//! | --- | --- |
//! | `schema` | 1 |
//! | `file` | as named on the command line; `<stdin>` |
//! | `line` | of the target, from 1 |
//! | `segment` | number in the file, from 1; `null` in the object on the whole document |
//! | `source` | text, or `null` |
//! | `target` | text |
//! | `back_translation` | text, or `null` without a model |
//! | `score` | 0–100, or `null` |
//! | `skipped` | why there is no score, where the model skipped the segment |
//! | `evidence` | numbers: log-probabilities in nats a token, chrF 0–100 |
//! | `findings` | list of objects, see below |
//! | `signature` | what it was made with: `cermat` (version), `model`, `score`, `beams` |
//!
//! A finding: `code`, `name`, `severity`, `confidence`, `mqm`, `fingerprint` (what it is known by in
//! another run), `side` (`source` or `target`),
//! `start`, `end` (UTF-8 bytes of that side's text), `text`, `line`, `column` (code points, from
//! 1), `end_line`, `end_column` (behind its last character), `file_start`, `file_end` (bytes of the
//! file), `message`, `help`, `suggestion` (text to put in its place, `null` where none is certain),
//! `applicable` (with a suggestion: whether it may be put there as it is, without an escape),
//! `note` (on its place, where there is something to say), `places` (the other places it points
//! at), `measures` (numbers it rests on), `expected` (what the model would have written there:
//! `text`, `probability` 0–1; where there is something). The findings on the document as a whole
//! come in a last object with `segment: null`, with their `segment` inside; what could not be read
//! is there as `unread`, also for a file of which nothing could be read. A file without segments has
//! that object alone.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::{Reporter, rounded, write_json};
use crate::{
    evidence::Evidence,
    model::ForcedDecoding,
    report::{Issue, Place, Row, SCHEMA, Signature, Unread},
};

#[derive(Default)]
pub(super) struct Jsonl {
    signature: Value,
    /// A segment of the file has been written.
    some: bool,
}

impl Jsonl {
    fn line(&self, mut value: Value, out: &mut dyn Write) -> io::Result<()> {
        value["signature"] = self.signature.clone();
        write_json(out, &value)?;
        writeln!(out)
    }
}

impl Reporter for Jsonl {
    fn begin(&mut self, signature: &Signature, _out: &mut dyn Write) -> io::Result<()> {
        self.signature = json!(signature);
        Ok(())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        self.some = true;
        self.line(row_value(row), out)
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        unread: &[Unread],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if std::mem::take(&mut self.some) && issues.is_empty() && unread.is_empty() {
            return Ok(());
        }
        self.line(document_value(file, issues, unread), out)
    }

    fn unread(&mut self, unread: &Unread, out: &mut dyn Write) -> io::Result<()> {
        let value = document_value(&unread.file, &[], std::slice::from_ref(unread));
        self.line(value, out)
    }
}

/// A segment as JSON.
pub(super) fn row_value(row: &Row) -> Value {
    let mut value = json!({
        "schema": SCHEMA,
        "file": row.file,
        "line": row.line,
        "segment": row.segment,
        "source": row.source,
        "target": row.target,
        "back_translation": row.evidence.back_translation.as_ref().map(|back| &back.text),
        "score": row.score(),
    });
    if let Some(skip) = &row.evidence.skipped {
        value["skipped"] = json!(skip.to_string());
    }
    value["evidence"] = evidence_value(&row.evidence);
    value["findings"] = row.issues.iter().map(|issue| issue_value(issue, false)).collect();
    value
}

/// The findings on a whole document as JSON.
pub(super) fn document_value(file: &str, issues: &[Issue], unread: &[Unread]) -> Value {
    json!({
        "schema": SCHEMA,
        "file": file,
        "segment": null,
        "findings": issues.iter().map(|issue| issue_value(issue, true)).collect::<Vec<_>>(),
        "unread": unread,
    })
}

fn evidence_value(evidence: &Evidence) -> Value {
    let mut map = Map::new();
    let mut put = |name: &str, value: f32| {
        map.insert(name.to_owned(), json!(rounded(value, 4)));
    };
    let mut forced = |name: &str, forced: &Option<ForcedDecoding>| {
        if let Some(forced) = forced {
            put(&format!("{name}_mean_log_prob"), forced.mean_log_prob());
            put(&format!("{name}_min_log_prob"), forced.min_log_prob());
        }
    };
    forced("forward", &evidence.forward);
    forced("reverse", &evidence.reverse);
    forced("own", &evidence.own);
    if let Some(round_trip) = &evidence.round_trip {
        forced("round_trip", &Some(round_trip.forced.clone()));
    }
    if let Some(back) = &evidence.back_translation {
        put("back_translation_mean_log_prob", back.mean_log_prob());
    }
    if let Some(alignment) = &evidence.alignment {
        put("alignment_similarity", alignment.similarity);
        put("alignment_f_score", alignment.f_score());
    }
    if let Some(chrf) = evidence.back_translation.as_ref().and_then(|back| back.chrf) {
        put("back_translation_chrf", chrf);
    }
    if let Some(back) = evidence.round_trip.as_ref().and_then(|trip| trip.hypothesis.as_ref()) {
        put("round_trip_hypothesis_mean_log_prob", back.mean_log_prob());
        if let Some(chrf) = back.chrf {
            put("round_trip_chrf", chrf);
        }
    }
    Value::Object(map)
}

fn place_value(place: &Place) -> Value {
    json!({
        "segment": place.segment,
        "line": place.position.map(|position| position.line),
        "column": place.position.map(|position| position.column),
        "end_line": place.end.map(|end| end.line),
        "end_column": place.end.map(|end| end.column),
        "file_start": place.file.map(|bytes| bytes.start),
        "file_end": place.file.map(|bytes| bytes.end),
        "side": place.side,
        "start": place.span.start,
        "end": place.span.end,
        "text": place.text,
        "note": place.note,
    })
}

fn issue_value(issue: &Issue, with_segment: bool) -> Value {
    let first = issue.places.first();
    let position = first.and_then(|place| place.position);
    let mut value = json!({
        "code": issue.check.code,
        "name": issue.check.name,
        "severity": issue.severity,
        "confidence": issue.confidence,
        "mqm": issue.check.mqm,
        "fingerprint": issue.fingerprint,
        "side": first.map(|place| place.side),
        "start": first.map(|place| place.span.start),
        "end": first.map(|place| place.span.end),
        "text": first.map(|place| &place.text),
        "line": position.map(|position| position.line),
        "column": position.map(|position| position.column),
        "end_line": first.and_then(|place| place.end).map(|end| end.line),
        "end_column": first.and_then(|place| place.end).map(|end| end.column),
        "file_start": first.and_then(|place| place.file).map(|bytes| bytes.start),
        "file_end": first.and_then(|place| place.file).map(|bytes| bytes.end),
        "message": issue.message,
        "help": issue.help,
        "suggestion": issue.suggestion,
    });
    if issue.suggestion.is_some() {
        value["applicable"] = json!(issue.applicable);
    }
    if let Some(place) = first.filter(|place| !place.note.is_empty()) {
        value["note"] = json!(place.note);
    }
    if with_segment {
        value["segment"] = json!(first.map(|place| place.segment));
    }
    if let [_, others @ ..] = &issue.places[..]
        && !others.is_empty()
    {
        value["places"] = others.iter().map(place_value).collect();
    }
    if !issue.expected.is_empty() {
        let expected = issue.expected.iter().map(|expected| {
            json!({ "text": expected.text, "probability": rounded(expected.probability, 3) })
        });
        value["expected"] = expected.collect();
    }
    if !issue.measures.is_empty() {
        let measures = issue.measures.iter().map(|measure| {
            json!({ "name": measure.name, "value": rounded(measure.value, 4), "unit": measure.unit })
        });
        value["measures"] = measures.collect();
    }
    value
}
