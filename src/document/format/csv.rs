//! Comma-separated values: a row, a segment.
//!
//! Fields are as in RFC 4180: a field that begins with `"` is quoted, may hold delimiters and line
//! ends, and doubles the quotes in it. As spreadsheets write them, the delimiter may also be `;`,
//! a tab or `|`: the one with which the first rows make a table. A line `sep=;` before them says it.
//! Columns are found as in tab-separated values (`tsv.rs`), by a header or by the options.
//!
//! A row is not cut into sentences. A row that lacks a column or its target, has more fields than
//! the header, or opens a quote that nothing closes, is a problem; the other rows are read. A line
//! `# cermat:ignore …` is a comment, also inside quotes.
//!
//! The crate `csv` says what is in a field, not where: it drops quotes, and nothing tells which
//! byte was one. What is read here is compared with it by a test.

use std::{ops::Range, path::Path};

use super::{
    DocumentFormat, Problems, ReadOptions, body, columns::Columns, has_extension, physical_lines,
    refusal,
};
use crate::{
    document::{Comments, Document, ReadError, SegmentText, block::Builder},
    text::OffsetMap,
};

/// Comma-separated values: `.csv`.
pub(super) struct Csv;

impl DocumentFormat for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn accepts(&self, path: &Path, _head: &str) -> bool {
        has_extension(path, &["csv"])
    }

    fn comments(&self) -> Comments {
        Comments::Hash
    }

    fn takes_raw(&self, text: &str) -> bool {
        // A field may be quoted or not, and the delimiter any of them.
        !text.contains(|c: char| c.is_control() || "\",;|".contains(c))
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let result = read_table(&text, document, options);
        document.text = text;
        result
    }
}

fn read_table(text: &str, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
    let (start, named) = separator(text, body(text));
    let delimiter = named.unwrap_or_else(|| detect(text, start, options));
    read_rows(text, start, delimiter, document, options)
}

/// Whether fields of a table without quoting are quoted all the same: every field that begins with a
/// quote ends with its partner, one of them holds a doubled quote, or a delimiter or a line end without
/// which the lines make no table, and all rows have the same number of fields.
pub(super) fn is_quoted(text: &str, start: usize, delimiter: u8) -> bool {
    // Lines that make a table without quoting may well be meant so.
    let delimiters = |line: Range<usize>| text[line].matches(char::from(delimiter)).count();
    let mut lines = physical_lines(text, start..text.len())
        .filter(|line| !text[line.clone()].trim().is_empty())
        .map(delimiters);
    let first = lines.next();
    let is_table = lines.all(|count| Some(count) == first);
    let mut is_seen = false;
    let mut width = None;
    for row in (Rows { text, at: start, delimiter }) {
        if row.unclosed.is_some() || *width.get_or_insert(row.fields.len()) != row.fields.len() {
            return false;
        }
        for field in row.fields {
            let Some(inside) = text[field].strip_prefix('"') else { continue };
            let Some(inside) = inside.strip_suffix('"') else { return false };
            let rest = inside.replace("\"\"", "");
            if rest.contains('"') {
                return false;
            }
            let delimiter = char::from(delimiter);
            let needs_quotes = !is_table && rest.contains([delimiter, '\n', '\r']);
            is_seen |= rest.len() < inside.len() || needs_quotes;
        }
    }
    is_seen
}

/// Reads the rows of a table whose fields may be quoted.
pub(super) fn read_rows(
    text: &str,
    start: usize,
    delimiter: u8,
    document: &mut Document,
    options: &ReadOptions,
) -> Result<(), ReadError> {
    let mut rows = Rows { text, at: start, delimiter };
    let mut ahead = Rows { text, at: start, delimiter }.peekable();
    let Some(first) = ahead.peek() else { return Ok(()) };
    let at = first.start();
    let names = first.texts(text);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let is_wide = ahead.take(SAMPLE).any(|row| row.fields.len() > 1);
    let columns = Columns::find(&names, is_wide, options)
        .map_err(|message| refusal(document, at, message))?;
    let mut most = usize::MAX;
    if columns.has_header {
        rows.next();
        most = names.len();
    }
    let hint = format!("the delimiter is {}", shown(delimiter));
    let to_file = OffsetMap::contiguous(0, text.len());
    let mut problems = Problems::default();
    for (block, row) in (0..).zip(rows) {
        if let Some(quote) = row.unclosed {
            let message = "the quote that opens here is never closed, and the line is left out; \
                           close it, or double the quotes in a quoted field";
            problems.add(document, quote, message);
            continue;
        }
        let blank = |field: &Range<usize>| text[field.clone()].trim().is_empty();
        let found = row.fields.len() - row.fields.iter().rev().take_while(|f| blank(f)).count();
        if found > most {
            let message = format!(
                "{found} fields, but the header has {most}; quote what holds a delimiter ({})",
                shown(delimiter)
            );
            problems.add(document, row.start(), message);
            continue;
        }
        let field = |column: usize| unquoted(text, &to_file, row.fields[column].clone());
        match columns.pick(row.fields.len(), &hint, field) {
            Ok((source, target)) => document.push(block, options.direction, source, target),
            Err(message) => problems.add(document, row.start(), message),
        }
    }
    problems.hand_to(document);
    Ok(())
}

/// Rows that tell the delimiter.
const SAMPLE: usize = 20;
/// Bytes that may hold them.
const SAMPLE_BYTES: usize = 1 << 16;

/// Before others where nothing else decides.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

fn shown(delimiter: u8) -> String {
    if delimiter == b'\t' { "a tab".to_owned() } else { format!("`{}`", char::from(delimiter)) }
}

/// Where the rows start, and the delimiter that a line `sep=;` names, as Excel writes it.
fn separator(text: &str, start: usize) -> (usize, Option<u8>) {
    let rest = &text[start..];
    let named = rest.get(..4).filter(|name| name.eq_ignore_ascii_case("sep="));
    let delimiter = named.and_then(|_| rest.as_bytes().get(4)).copied();
    let behind = rest.get(5..).unwrap_or("");
    match delimiter {
        Some(delimiter) if delimiter.is_ascii() && delimiter != b'"' => {
            let end = ["\r\n", "\n", "\r"].iter().find(|end| behind.starts_with(**end));
            end.map_or((start, None), |end| (start + 5 + end.len(), Some(delimiter)))
        }
        _ => (start, None),
    }
}

/// The delimiter with which the first rows make a table: a header that is known, then as many
/// fields in every row, then any second field.
fn detect(text: &str, start: usize, options: &ReadOptions) -> u8 {
    let end = text.floor_char_boundary((start + SAMPLE_BYTES).min(text.len()));
    let whole = end == text.len();
    let fit = |delimiter: &u8| {
        let rows = Rows { text: &text[..end], at: start, delimiter: *delimiter };
        let mut rows: Vec<Row> = rows.take(SAMPLE + 1).collect();
        // The last row may be cut off.
        if rows.len() > 1 && (!whole || rows.len() > SAMPLE) {
            rows.pop();
        }
        let Some(first) = rows.first() else { return (false, false, false) };
        let names = first.texts(text);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let header = Columns::find(&names, names.len() > 1, options);
        let count = first.fields.len();
        (
            header.is_ok_and(|columns| columns.has_header),
            count > 1 && rows.iter().all(|row| row.fields.len() == count),
            rows.iter().any(|row| row.fields.len() > 1),
        )
    };
    // Of equals the last is the greatest.
    DELIMITERS.into_iter().rev().max_by_key(fit).unwrap_or(b',')
}

/// A row that is not blank.
#[derive(Debug)]
struct Row {
    /// Bytes of the file, quotes included.
    fields: Vec<Range<usize>>,
    /// The quote that was opened and is never closed.
    unclosed: Option<usize>,
}

impl Row {
    fn start(&self) -> usize {
        self.fields.first().map_or(0, |field| field.start)
    }

    fn texts(&self, text: &str) -> Vec<String> {
        let to_file = OffsetMap::contiguous(0, text.len());
        self.fields.iter().map(|field| unquoted(text, &to_file, field.clone()).text).collect()
    }
}

/// Rows from a place on.
struct Rows<'t> {
    text: &'t str,
    at: usize,
    delimiter: u8,
}

impl Rows<'_> {
    /// The field at `self.at`, and where a quote in it stays open.
    fn field(&mut self) -> (Range<usize>, Option<usize>) {
        let bytes = self.text.as_bytes();
        let start = self.at;
        if bytes.get(start) == Some(&b'"') {
            let mut at = start + 1;
            loop {
                match self.text[at..].find('"') {
                    None => return (start..start, Some(start)),
                    Some(quote) => at += quote + 1,
                }
                if bytes.get(at) != Some(&b'"') {
                    break;
                }
                at += 1;
            }
            self.at = at;
        }
        let ends = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\n' | b'\r');
        let rest = &bytes[self.at..];
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
        (start..self.at, None)
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let bytes = self.text.as_bytes();
        while self.at < bytes.len() {
            let mut fields = Vec::new();
            let mut unclosed = None;
            loop {
                let (field, open) = self.field();
                fields.push(field);
                if let Some(quote) = open {
                    // Reading goes on with the next line. Once at most: whatever opens a quote
                    // behind it is closed, or would have closed this one.
                    let rest = &bytes[quote..];
                    let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
                    self.at = quote + rest.iter().position(ends).unwrap_or(rest.len());
                    unclosed = open;
                }
                match bytes.get(self.at) {
                    Some(byte) if *byte == self.delimiter && open.is_none() => self.at += 1,
                    Some(b'\r') if bytes.get(self.at + 1) == Some(&b'\n') => {
                        self.at += 2;
                        break;
                    }
                    Some(_) => {
                        self.at += 1;
                        break;
                    }
                    None => break,
                }
            }
            let is_blank = fields.len() == 1 && self.text[fields[0].clone()].trim().is_empty();
            if unclosed.is_some() || !is_blank {
                return Some(Row { fields, unclosed });
            }
        }
        None
    }
}

/// The content of the field at `range`. What stands behind a closing quote belongs to it.
fn unquoted(text: &str, to_file: &OffsetMap, range: Range<usize>) -> SegmentText {
    let mut builder = Builder::new(text, to_file);
    let field = &text[range.clone()];
    let Some(mut rest) = field.strip_prefix('"') else {
        builder.copy(range);
        return builder.text;
    };
    loop {
        let at = range.end - rest.len();
        let Some(quote) = rest.find('"') else {
            builder.copy(at..range.end);
            return builder.text;
        };
        builder.copy(at..at + quote);
        rest = &rest[quote + 1..];
        match rest.strip_prefix('"') {
            Some(behind) => {
                builder.decode("\"", at + quote..at + quote + 2);
                rest = behind;
            }
            None => {
                builder.copy(range.end - rest.len()..range.end);
                return builder.text;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tester::{place, problems, read, read_with, sources, targets};
    use super::*;
    use crate::text::Direction;

    #[test]
    fn quoted_fields_map_back() {
        let text = "\u{feff}source,target\r\n\"One, \"\"two\"\"\",\"Satu, \"\"dua\"\"\r\ndan tiga\"\r\n\r\nThree,Ti\"g\"a\r\n";
        let document = read(&Csv, text);
        assert_eq!(sources(&document), [Some("One, \"two\""), Some("Three")]);
        assert_eq!(targets(&document), ["Satu, \"dua\"\r\ndan tiga", "Ti\"g\"a"]);
        assert_eq!(place(&document, 0, "\"dua\""), "\"\"dua\"\"");
        assert_eq!(place(&document, 0, "tiga"), "tiga");
        assert_eq!(document.line(document.segments[0].id), 2);
        assert_eq!(document.line(document.segments[1].id), 5);
        assert!(document.problems.is_empty());
    }

    #[test]
    fn the_delimiter_is_found() {
        for (text, target) in [
            ("source;target\nOne, two;Satu, dua\n", "Satu, dua"),
            ("One, two;Satu\nThree;Empat, lima, enam\n", "Satu"),
            ("en\tid\nOne\tSatu, dua\n", "Satu, dua"),
            ("One|Satu\nTwo, three|Dua\n", "Satu"),
            ("sep=;\r\nOne,x;Satu\r\n", "Satu"),
            ("One,Satu\rTwo,Dua\r", "Satu"),
            ("\"One; two\",\"Satu; dua\"\n", "Satu; dua"),
            ("Satu.\nDua\n", "Satu."),
            ("target\n\"Halo, dunia\"\n", "Halo, dunia"),
        ] {
            assert_eq!(targets(&read(&Csv, text)).first(), Some(&target), "{text:?}");
        }
    }

    #[test]
    fn bad_rows_are_problems_and_the_others_are_read() {
        let text = "source,target\nOne,Satu\nTwo\nThree,Tiga, empat\nFive,\nSix,Enam,,\n\
                    Seven,\"Tujuh\nEight,Delapan\n";
        let document = read(&Csv, text);
        assert_eq!(targets(&document), ["Satu", "Enam", "Delapan"]);
        let problems = problems(&document);
        let lines: Vec<u32> = problems.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 4, 5, 7]);
        assert_eq!(
            problems[0].1,
            "expected at least 2 columns (source in 1, target in 2), found 1; the delimiter is `,`"
        );
        assert_eq!(
            problems[1].1,
            "3 fields, but the header has 2; quote what holds a delimiter (`,`)"
        );
        assert_eq!(problems[2].1, "the target (column 2) is empty; translate it or delete the row");
        assert!(problems[3].1.starts_with("the quote that opens here"));
        assert!(read(&Csv, "\u{feff}").segments.is_empty());
        assert!(read(&Csv, "\r\n\r\n").segments.is_empty());
        assert_eq!(read(&Csv, "\"").problems.len(), 1);
    }

    #[test]
    fn options_name_the_columns() {
        let options = ReadOptions {
            source_column: Some("Asal".parse().unwrap()),
            target_column: Some("hasil".parse().unwrap()),
            ..ReadOptions::new(Direction::EnId)
        };
        let document = read_with(&Csv, "\"asal\";x;\"hasil\"\nOne;,;Satu\n", &options).unwrap();
        assert_eq!((sources(&document), targets(&document)), (vec![Some("One")], vec!["Satu"]));
        let error = read_with(&Csv, "a,b\n", &options).unwrap_err().to_string();
        assert_eq!(error, "`test`, line 1: no column is called `hasil`; there are `a`, `b`");
    }

    fn fields() -> impl Strategy<Value = String> {
        let piece =
            prop::sample::select(vec!["a", "B ", "\"", "\"\"", ",", "\n", "\r\n", "\r", "é"]);
        prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn fields_are_those_of_the_csv_crate(text in fields()) {
            let rows: Vec<Row> = Rows { text: &text, at: 0, delimiter: b',' }.collect();
            prop_assume!(rows.iter().all(|row| row.unclosed.is_none()));
            let ours: Vec<Vec<String>> = rows.iter().map(|row| row.texts(&text)).collect();
            let mut reader = ::csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let theirs = reader.records().map(|record| {
                record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()
            });
            // A row that is blank is none here.
            let is_text = |row: &Vec<String>| row.len() > 1 || !row[0].trim().is_empty();
            let theirs: Vec<_> = theirs.filter(is_text).collect();
            let ours: Vec<_> = ours.into_iter().filter(is_text).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
