//! One JSON object: `schema`, `signature`, `segments` (as in JSONL), `documents` (the findings on
//! whole documents), `summary`, `breaches`, `passed`; with an earlier run also `comparison`. As JSON
//! Schema: `cermat schema json`.

use std::io::{self, Write};

use serde_json::json;

use super::{
    Reporter,
    jsonl::{document_value, row_value},
    rounded, write_json,
};
use crate::{
    compare::Comparison,
    gate::Breach,
    report::{Issue, Row, SCHEMA, Signature, Summary, Unread},
};

/// Segments are written as they come; only what stands after them is kept.
#[derive(Default)]
pub(super) struct Json {
    rows: u64,
    documents: Vec<serde_json::Value>,
    comparison: Option<serde_json::Value>,
}

impl Reporter for Json {
    fn begin(&mut self, signature: &Signature, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{{\"schema\":{SCHEMA},\"signature\":")?;
        write_json(out, signature)?;
        write!(out, ",\n\"segments\":[")
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.rows == 0 { b"\n" } else { b",\n" })?;
        self.rows += 1;
        write_json(out, &row_value(row))
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        unread: &[Unread],
        _out: &mut dyn Write,
    ) -> io::Result<()> {
        if !issues.is_empty() || !unread.is_empty() {
            self.documents.push(document_value(file, issues, unread));
        }
        Ok(())
    }

    fn comparison(&mut self, comparison: &Comparison, _out: &mut dyn Write) -> io::Result<()> {
        self.comparison = Some(json!(comparison));
        Ok(())
    }

    fn end(
        &mut self,
        summary: &Summary,
        breaches: &[Breach],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        write!(out, "\n],\n\"documents\":")?;
        write_json(out, &self.documents)?;
        write!(out, ",\n\"summary\":")?;
        let mut sums = json!(summary);
        if let Some(interval) = summary.score_interval() {
            sums["mean_score_95"] = json!(interval.map(|score| rounded(score as f32, 1)));
        }
        write_json(out, &sums)?;
        if let Some(comparison) = &self.comparison {
            write!(out, ",\n\"comparison\":")?;
            write_json(out, comparison)?;
        }
        writeln!(out, ",\n\"breaches\":{},\n\"passed\":{}}}", json!(breaches), breaches.is_empty())
    }
}
