//! Tab-separated values: a row, a segment.
//!
//! The columns are named by a header row, in any case and order: `source` or `src`, `target`,
//! `tgt`, `translation`, `mt` or `hypothesis`, or the language (`en`, `id`, `English`,
//! `Indonesian`), which the direction makes source or target. Other columns are passed over.
//! Without a header the first two columns are source and target; where no row has a tab, the only
//! column is the target.
//!
//! Fields are as in IANA `text/tab-separated-values`: there is no quoting and no escaping, so
//! quotes stay in the text. A row is not cut into sentences. White space at the edges of a field
//! stays, since it is what the translation has. A blank line is no row; a row that lacks a column
//! or its target is a problem with its line, and the other rows are read.

use std::{ops::Range, path::Path};

use super::{DocumentFormat, ReadOptions, body, has_extension, physical_lines};
use crate::{
    document::{Comments, Document, ReadError, ReadProblem, SegmentText, block::add_addresses},
    text::{Direction, Language},
};

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
        !text.contains(['\t', '\n', '\r'])
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let rows = || {
            physical_lines(&text, body(&text)..text.len())
                .filter(|row| !text[row.clone()].trim().is_empty())
        };
        let mut rest = rows();
        let columns = match rows().next().and_then(|row| header(&text[row], options.direction)) {
            Some(columns) => {
                rest.next();
                columns
            }
            None if rows().any(|row| text[row].contains('\t')) => Columns::pairs(),
            None => Columns { source: None, target: 0 },
        };
        for (block, row) in (0..).zip(rest) {
            match columns.of(&text, row.clone()) {
                Ok((source, target)) => {
                    document.push(block, options.direction, source, target);
                }
                Err(message) => {
                    let line = document.lines.line(row.start as u64);
                    document.problems.push(ReadProblem { line, message });
                }
            }
        }
        document.text = text;
        Ok(())
    }
}

/// Which columns hold source and target, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Columns {
    source: Option<usize>,
    target: usize,
}

impl Columns {
    fn pairs() -> Self {
        Self { source: Some(0), target: 1 }
    }

    /// Source and target of the row at `row`, or what is wrong with it.
    fn of(
        self,
        text: &str,
        row: Range<usize>,
    ) -> Result<(Option<SegmentText>, SegmentText), String> {
        let field = |column: usize| {
            let value = text[row.clone()].split('\t').nth(column)?;
            // A field is a part of `text`.
            let start = value.as_ptr() as usize - text.as_ptr() as usize;
            let mut field = SegmentText::contiguous(value, start as u64);
            add_addresses(&mut field);
            Some(field)
        };
        let expected = self.target.max(self.source.unwrap_or(0)) + 1;
        let found = text[row.clone()].split('\t').take(expected).count();
        if found < expected {
            let columns = if expected == 1 { "column" } else { "columns" };
            return Err(format!(
                "expected at least {expected} {columns} ({self}), found {found}; separate the \
                 columns by one tab"
            ));
        }
        let filled = |field: &SegmentText| !field.text.trim().is_empty();
        let target = field(self.target).filter(filled).ok_or_else(|| {
            format!(
                "the target (column {}) is empty; translate it or delete the row",
                self.target + 1
            )
        })?;
        Ok((self.source.and_then(field).filter(filled), target))
    }
}

impl std::fmt::Display for Columns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.source {
            Some(source) => write!(f, "source in {}, target in {}", source + 1, self.target + 1),
            None => write!(f, "target in {}", self.target + 1),
        }
    }
}

const SOURCE: &[&str] = &["source", "src", "source text", "source_text", "sumber", "teks sumber"];
const TARGET: &[&str] = &[
    "target",
    "tgt",
    "target text",
    "target_text",
    "translation",
    "terjemahan",
    "mt",
    "hypothesis",
    "hyp",
];
const ENGLISH: &[&str] = &["en", "eng", "eng_latn", "english", "inggris"];
const INDONESIAN: &[&str] = &["id", "ind", "ind_latn", "indonesian", "indonesia"];
/// Columns that go with others and say that a row is a header.
const OTHER: &[&str] = &[
    "line",
    "segment",
    "number",
    "no",
    "key",
    "file",
    "score",
    "domain",
    "context",
    "note",
    "notes",
    "comment",
    "reference",
    "ref",
    "back_translation",
];

/// The columns that a row names; `None` if it is no header.
fn header(row: &str, direction: Direction) -> Option<Columns> {
    let names: Vec<String> = row.split('\t').map(|name| name.trim().to_lowercase()).collect();
    // The first name of a list that is there: `target` goes before `mt`.
    let find =
        |list: &[&str]| list.iter().find_map(|wanted| names.iter().position(|name| name == wanted));
    let language = |language: Language| match language {
        Language::En => ENGLISH,
        Language::Id => INDONESIAN,
    };
    let target = find(TARGET).or_else(|| find(language(direction.target())))?;
    let source = find(SOURCE)
        .or_else(|| find(language(direction.source())))
        .filter(|source| *source != target);
    // One known name among others may be a text that happens to be that word.
    let all_known = names.iter().all(|name| {
        [SOURCE, TARGET, ENGLISH, INDONESIAN, OTHER]
            .iter()
            .any(|list| list.contains(&name.as_str()))
    });
    (source.is_some() || all_known).then_some(Columns { source, target })
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, read, read_in, targets};
    use super::*;

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
        assert_eq!(header("id\tsource\ttarget", Direction::EnId).unwrap().target, 2);
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
    fn a_row_of_text_is_no_header() {
        for row in ["Target\tSasaran", "Translation\tHasil", "Halo\tHello", ""] {
            assert_eq!(header(row, Direction::EnId), None, "{row}");
        }
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
