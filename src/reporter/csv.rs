//! Comma-separated values (RFC 4180) with a header: the columns of the TSV. Every field is quoted.
//!
//! A field that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, a tab or a line end at
//! its start) gets an apostrophe before it, as OWASP's "CSV Injection" has it; control codes other than tab
//! and line end are written `\u{1b}`.

use std::io::{self, Write};

use super::{Reporter, Subject, deceives, tsv};
use crate::report::{Issue, Row, Signature, Unread};

fn field(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    // The full-width signs are formulas to some programs as well.
    let formula = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.trim_start_matches(' ').starts_with(formula) {
        out.push('\'');
    }
    for c in text.chars() {
        match c {
            '"' => out.push_str("\"\""),
            '\t' | '\n' | '\r' => out.push(c),
            c if deceives(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn record<'a>(
    out: &mut dyn Write,
    fields: impl IntoIterator<Item = impl AsRef<str> + 'a>,
) -> io::Result<()> {
    let fields: Vec<String> = fields.into_iter().map(|text| field(text.as_ref())).collect();
    write!(out, "{}\r\n", fields.join(","))
}

pub(super) struct Csv(pub(super) Subject);

impl Reporter for Csv {
    fn begin(&mut self, _signature: &Signature, out: &mut dyn Write) -> io::Result<()> {
        record(out, if self.0 == Subject::Findings { tsv::FINDING } else { tsv::SCORE })
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        match self.0 {
            Subject::Findings => self.document(&row.file, &row.issues, &[], out),
            Subject::Scores => record(out, tsv::score_fields(row)),
        }
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        _unread: &[Unread],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        issues.iter().try_for_each(|issue| record(out, tsv::finding_fields(file, issue)))
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn formulas_and_quotes() {
        assert_eq!(field("=cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\"");
        for start in ["+1", "-1", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1"] {
            assert!(field(start).starts_with("\"'"), "{start:?}");
        }
        assert_eq!(field("kata \"ini\", itu\n1=1"), "\"kata \"\"ini\"\", itu\n1=1\"");
        assert_eq!(field("a\u{1b}\u{202e}"), "\"a\\u{1b}\\u{202e}\"");
    }
}
