//! Tab-separated values: a row, a segment.
//!
//! The columns are named by a header row, in any case and order: `source` or `src`, `target`,
//! `tgt`, `translation`, `mt` or `hypothesis`, or the language (`en`, `id`, `English`,
//! `Indonesian`), which the direction makes source or target. Other columns are passed over.
//! Without a header the first two columns are source and target; where no row has a tab, the only
//! column is the target. [`ReadOptions::source_column`] and [`ReadOptions::target_column`] name
//! others, by the names of a header or by their places.
//!
//! Fields are as in IANA `text/tab-separated-values`: there is no quoting and no escaping, so
//! quotes stay in the text. A file that would be no table that way, or in which quotes are doubled
//! in quoted fields, was written by a spreadsheet or a CSV library: it is read as those quote (`csv.rs`).
//! A row is not cut into sentences. White space at the edges of a field
//! stays, since it is what the translation has. A blank line is no row; a row that lacks a column
//! or its target is a problem with its line, and the other rows are read.

use std::{ops::Range, path::Path};

use super::{
    DocumentFormat, ReadOptions, body, columns::Columns, csv, has_extension, physical_lines,
    refusal,
};
use crate::document::{Comments, Document, ReadError, ReadProblem, SegmentText};

/// Tab-separated values: `.tsv` and `.tab`.
pub(super) struct Tsv;

impl DocumentFormat for Tsv {
    fn name(&self) -> &'static str {
        "tsv"
    }

    fn accepts(&self, path: &Path, _head: &str) -> bool {
        has_extension(path, &["tsv", "tab"])
    }

    fn comments(&self) -> Comments {
        Comments::Hash
    }

    fn takes_raw(&self, text: &str) -> bool {
        // A field may be quoted.
        !text.contains(['\t', '\n', '\r', '"'])
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let result = read_table(&text, document, options);
        document.text = text;
        result
    }
}

fn read_table(text: &str, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
    if csv::is_quoted(text, body(text), b'\t') {
        return csv::read_rows(text, body(text), b'\t', document, options);
    }
    let rows = || {
        physical_lines(text, body(text)..text.len())
            .filter(|row| !text[row.clone()].trim().is_empty())
    };
    let Some(first) = rows().next() else { return Ok(()) };
    let names: Vec<&str> = text[first.clone()].split('\t').collect();
    let is_wide = rows().any(|row| text[row].contains('\t'));
    let columns = Columns::find(&names, is_wide, options)
        .map_err(|message| refusal(document, first.start, message))?;
    for (block, row) in (0..).zip(rows().skip(usize::from(columns.has_header))) {
        match pick(columns, text, row.clone()) {
            Ok((source, target)) => {
                document.push(block, options.direction, source, target);
            }
            Err(message) => {
                let line = document.lines.line(row.start as u64);
                document.problems.push(ReadProblem { line, message });
            }
        }
    }
    Ok(())
}

/// Source and target of the row at `row`, or what is wrong with it.
fn pick(
    columns: Columns,
    text: &str,
    row: Range<usize>,
) -> Result<(Option<SegmentText>, SegmentText), String> {
    let fields: Vec<&str> = text[row].split('\t').collect();
    columns.pick(fields.len(), "separate the columns by one tab", |column| {
        // A field is a part of `text`.
        let start = fields[column].as_ptr() as usize - text.as_ptr() as usize;
        SegmentText::contiguous(fields[column], start as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, read, read_in, read_with, targets};
    use super::*;
    use crate::text::Direction;

    fn sources(document: &Document) -> Vec<Option<&str>> {
        document.segments.iter().map(|s| s.source.as_ref().map(|text| text.text.as_str())).collect()
    }

    #[test]
    fn two_columns_are_source_and_target() {
        let document =
            read(&Tsv, "\u{feff}One. Two.\tSatu. Dua.\tx\r\n\"Three\"\t\"Tiga\" \r\n\r\n\tEmpat");
        assert_eq!(sources(&document), [Some("One. Two."), Some("\"Three\""), None]);
        assert_eq!(targets(&document), ["Satu. Dua.", "\"Tiga\" ", "Empat"]);
        assert_eq!(place(&document, 1, "\"Tiga\""), "\"Tiga\"");
        assert!(document.problems.is_empty());
    }

    #[test]
    fn quoted_fields_are_read_where_the_file_shows_that_they_are() {
        let text = "source\ttarget\r\nOne.\t\"Satu.\r\nDua\ttiga.\"\r\nSay \"it\".\t\"Sebut \"\"itu\"\".\"\r\n";
        let document = read(&Tsv, text);
        assert_eq!(targets(&document), ["Satu.\r\nDua\ttiga.", "Sebut \"itu\"."]);
        assert_eq!(place(&document, 1, "\"itu\""), "\"\"itu\"\"");
        assert!(document.problems.is_empty());
        // Quotations, and a quote that is left open.
        for text in
            ["a\t\"Satu.\"\nb\tdua\n", "a\t\"satu\nb\tdua\"\n", "a\t\"satu\nb\tdua\nc\ttiga"]
        {
            let document = read(&Tsv, text);
            assert!(targets(&document)[0].starts_with('"'), "{text}");
            assert!(document.problems.is_empty());
        }
    }

    #[test]
    fn one_column_is_the_target() {
        let document = read(&Tsv, "Satu.\nDua.\n");
        assert_eq!(sources(&document), [None, None]);
        assert_eq!(targets(&document), ["Satu.", "Dua."]);
    }

    #[test]
    fn a_header_names_the_columns() {
        let document = read(&Tsv, "Line\tMT\tSource\n1\tSatu\tOne\n");
        assert_eq!((sources(&document), targets(&document)), (vec![Some("One")], vec!["Satu"]));
        assert_eq!(targets(&read(&Tsv, "target\nSatu\n")), ["Satu"]);
    }

    #[test]
    fn languages_are_sides_by_the_direction() {
        let text = "id\ten\nSatu\tOne\n";
        let document = read_in(&Tsv, text, Direction::EnId);
        assert_eq!((sources(&document), targets(&document)), (vec![Some("One")], vec!["Satu"]));
        let document = read_in(&Tsv, text, Direction::IdEn);
        assert_eq!((sources(&document), targets(&document)), (vec![Some("Satu")], vec!["One"]));
    }

    #[test]
    fn options_name_the_columns() {
        let options = ReadOptions {
            source_column: Some("asal".parse().unwrap()),
            target_column: Some("3".parse().unwrap()),
            ..ReadOptions::new(Direction::EnId)
        };
        let document = read_with(&Tsv, "no\tAsal\thasil\n1\tOne\tSatu\n", &options).unwrap();
        assert_eq!((sources(&document), targets(&document)), (vec![Some("One")], vec!["Satu"]));
        let error = read_with(&Tsv, "\n\na\tb\n", &options).unwrap_err().to_string();
        assert_eq!(error, "`test`, line 3: no column is called `asal`; there are `a`, `b`");
    }

    #[test]
    fn a_bad_row_is_a_problem_with_its_line() {
        let document = read(&Tsv, "One\tSatu\nTwo\nThree\t \nFour\tEmpat\n");
        assert_eq!(targets(&document), ["Satu", "Empat"]);
        let problems: Vec<_> =
            document.problems.iter().map(|problem| (problem.line, &*problem.message)).collect();
        assert_eq!(
            problems,
            [
                (
                    2,
                    "expected at least 2 columns (source in 1, target in 2), found 1; separate the \
                 columns by one tab"
                ),
                (3, "the target (column 2) is empty; translate it or delete the row"),
            ]
        );
    }
}
