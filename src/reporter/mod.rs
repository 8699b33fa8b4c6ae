//! Output formats, one file each.
//!
//! To add a format:
//! 1. write `src/reporter/<name>.rs` with a type that implements [`Reporter`];
//! 2. add its `mod` line and its line in [`REPORTERS`];
//! 3. `tests/reporters.rs` writes the sample report with each and compares snapshots.
//!
//! File text is never trusted: each format defuses what its readers would take for markup or
//! control codes.

mod features;
mod json;
mod jsonl;
mod text;
mod tsv;

pub use tsv::{file_header, file_line};

use std::io::{self, Write};

use crate::{
    gate::Breach,
    report::{Issue, Row, Signature, Summary, Unread},
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

    /// After the last file.
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
        build: |_| Box::new(jsonl::Jsonl),
    },
    Format {
        name: "tsv",
        about: "one line a finding (check) or a segment (score)",
        evidence: false,
        build: |layout| match layout.subject {
            Subject::Findings => Box::new(tsv::Findings),
            Subject::Scores => Box::new(tsv::Scores),
        },
    },
    Format {
        name: "features",
        about: "one line a segment: what its score was computed from, to fit another score",
        evidence: false,
        build: |_| Box::new(features::FeatureTable),
    },
];

/// `value` to `digits` decimals: reports never print more than a score is worth, and noise in the
/// last bit does not reach them.
fn rounded(value: f32, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    let rounded = (f64::from(value) * scale).round() / scale;
    // No "-0".
    if rounded == 0.0 { 0.0 } else { rounded }
}
