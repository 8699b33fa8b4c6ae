//! Output formats, one file each.
//!
//! To add a format:
//! 1. write `src/reporter/<name>.rs` with a type that implements [`Reporter`];
//! 2. add its `mod` line and its line in [`REPORTERS`];
//! 3. `tests/reporters.rs` writes the sample report with each and compares snapshots.
//!
//! File text is never trusted: each format defuses what its readers would take for markup or
//! control codes.

mod csv;
mod features;
mod github;
mod gitlab;
mod html;
mod json;
mod jsonl;
mod junit;
mod markdown;
mod sarif;
mod schema;
mod text;
mod tsv;

pub use schema::{SCHEMAS, schema};
pub use tsv::{file_header, file_line};

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use serde::Serialize;

use crate::{
    compare::Comparison,
    gate::Breach,
    report::{Issue, Row, Signature, Summary, Unread, rounded},
};

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Findings: `cermat check`.
    Findings,
    /// Scores of segments: `cermat score`.
    Scores,
}

/// How text is laid out for people.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// What is printed.
    pub subject: Subject,
    /// Columns of the terminal.
    pub width: usize,
    /// Every segment, also those without findings; nothing folded.
    pub verbose: bool,
    /// Findings without the sentences they stand in.
    pub quiet: bool,
}

/// Writes a report as it comes: a document at a time, a segment at a time.
pub trait Reporter {
    /// Before anything else.
    ///
    /// # Errors
    /// When `out` fails; so do all below.
    fn begin(&mut self, _signature: &Signature, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// The next segment.
    ///
    /// # Errors
    /// When `out` fails.
    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()>;

    /// After the last segment of a file: findings on it as a whole, and what of it could not be
    /// read.
    ///
    /// # Errors
    /// When `out` fails.
    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        unread: &[Unread],
        out: &mut dyn Write,
    ) -> io::Result<()>;

    /// A file of which nothing could be read, in its place among the others; [`Reporter::end`] has it
    /// in the sums, too.
    ///
    /// # Errors
    /// When `out` fails.
    fn unread(&mut self, _unread: &Unread, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// How the run differs from an earlier one, where there is one; after the last file.
    ///
    /// # Errors
    /// When `out` fails.
    fn comparison(&mut self, _comparison: &Comparison, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// At the end.
    ///
    /// # Errors
    /// When `out` fails.
    fn end(
        &mut self,
        _summary: &Summary,
        _breaches: &[Breach],
        _out: &mut dyn Write,
    ) -> io::Result<()> {
        Ok(())
    }
}

/// A format as the registry knows it.
#[derive(Debug)]
pub struct Format {
    /// Value of `--format`.
    pub name: &'static str,
    /// One line for the help.
    pub about: &'static str,
    /// Whether it prints evidence: then all of it is gathered, also what the score does not read.
    pub evidence: bool,
    /// Makes a reporter.
    pub build: fn(Layout) -> Box<dyn Reporter>,
}

/// Every format.
pub static REPORTERS: &[Format] = &[
    Format {
        name: "text",
        about: "for people: sentences with their findings underlined",
        evidence: false,
        build: |layout| Box::new(text::Text::new(layout)),
    },
    Format {
        name: "json",
        about: "one object with every segment and the summary",
        evidence: true,
        build: |_| Box::new(json::Json::default()),
    },
    Format {
        name: "jsonl",
        about: "one object a segment, in input order",
        evidence: true,
        build: |_| Box::<jsonl::Jsonl>::default(),
    },
    Format {
        name: "tsv",
        about: "one line a finding (check) or a segment (score)",
        evidence: false,
        build: |layout| Box::new(tsv::Tsv(layout.subject)),
    },
    Format {
        name: "csv",
        about: "as tsv, for spreadsheets: formulas in the text do not run",
        evidence: false,
        build: |layout| Box::new(csv::Csv(layout.subject)),
    },
    Format {
        name: "sarif",
        about: "SARIF 2.1.0, for code scanning",
        evidence: false,
        build: |_| Box::<sarif::Sarif>::default(),
    },
    Format {
        name: "github",
        about: "annotations of a GitHub workflow",
        evidence: false,
        build: |_| Box::new(github::GitHub),
    },
    Format {
        name: "gitlab",
        about: "GitLab code quality",
        evidence: false,
        build: |_| Box::<gitlab::GitLab>::default(),
    },
    Format {
        name: "junit",
        about: "JUnit XML: a suite a file, a case a segment",
        evidence: false,
        build: |_| Box::<junit::JUnit>::default(),
    },
    Format {
        name: "markdown",
        about: "a summary, such as for $GITHUB_STEP_SUMMARY",
        evidence: false,
        build: |_| Box::<markdown::Markdown>::default(),
    },
    Format {
        name: "html",
        about: "a page for people: overview, and a table to sort, filter and search",
        evidence: false,
        build: |_| Box::<html::Html>::default(),
    },
    Format {
        name: "features",
        about: "one line a segment: what its score was computed from, to fit another score",
        evidence: false,
        build: |_| Box::new(features::FeatureTable),
    },
];

/// Control codes and marks that turn the direction of writing: with them a text would forge a
/// terminal's output, or look like another one.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}')
}

fn push_visible(out: &mut String, c: char) {
    match c {
        '\t' | '\n' | '\r' => out.push(' '),
        c if deceives(c) => out.extend(c.escape_unicode()),
        c => out.push(c),
    }
}

/// `text` as it can be shown, on one line.
pub(crate) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|c| push_visible(&mut out, c));
    out
}

/// Writes JSON in which what [`deceives`] is escaped: the same value, harmless to look at.
fn write_json(out: &mut dyn Write, value: &impl Serialize) -> io::Result<()> {
    struct Harmless;

    impl serde_json::ser::Formatter for Harmless {
        fn write_string_fragment<W: ?Sized + Write>(
            &mut self,
            out: &mut W,
            fragment: &str,
        ) -> io::Result<()> {
            let mut rest = fragment;
            while let Some((at, c)) = rest.char_indices().find(|(_, c)| deceives(*c)) {
                out.write_all(&rest.as_bytes()[..at])?;
                // All of them are in the basic plane.
                write!(out, "\\u{:04x}", u32::from(c))?;
                rest = &rest[at + c.len_utf8()..];
            }
            out.write_all(rest.as_bytes())
        }
    }

    value.serialize(&mut serde_json::Serializer::with_formatter(out, Harmless))?;
    Ok(())
}

/// A file's name as other tools have it, who know no `./`.
fn path(file: &str) -> &str {
    file.strip_prefix("./").unwrap_or(file)
}

/// What is wrong and what to put there, for formats with one line a finding.
fn message(issue: &Issue) -> String {
    let mut text = visible(&issue.message);
    match issue.suggestion.as_deref() {
        Some("") => text.push_str(" → delete"),
        Some(suggestion) => {
            let _ = write!(text, " → `{}`", visible(suggestion));
        }
        None => {
            if let Some(help) = &issue.help {
                let _ = write!(text, " (help: {})", visible(help));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{visible, write_json};

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        let text = "a\u{1b}[31mb\u{202e}c\n";
        assert_eq!(visible(text), "a\\u{1b}[31mb\\u{202e}c ");
        let mut json = Vec::new();
        write_json(&mut json, &text).expect("written");
        assert_eq!(json, br#""a\u001b[31mb\u202ec\n""#);
        assert_eq!(serde_json::from_slice::<String>(&json).expect("JSON"), text);
    }
}
