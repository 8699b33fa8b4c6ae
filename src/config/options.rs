//! The schema of `cermat.toml`: every key is optional. What the keys mean stands in
//! [the module's docs](super).

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Value};

use crate::{document::format::Column, finding::Severity, text::Direction};

/// A table `[checks.<name>]`: `severity` and the options of the check.
pub type CheckTable = BTreeMap<Spanned<String>, Spanned<Value>>;

/// One layer of options.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Options {
    /// Direction of every segment.
    pub direction: Option<Direction>,
    /// Format that every file is read as.
    pub input_format: Option<Spanned<String>>,
    /// Source of a table.
    pub source_column: Option<Column>,
    /// Target of a table.
    pub target_column: Option<Column>,
    /// Source of a JSON record.
    pub source_field: Option<String>,
    /// Target of a JSON record.
    pub target_field: Option<String>,
    /// Checks that run.
    pub select: Option<Vec<Spanned<String>>>,
    /// Checks that do not.
    pub ignore: Option<Vec<Spanned<String>>>,
    /// Whether preview checks run.
    pub preview: Option<bool>,
    /// Marked texts that are no findings.
    pub ignore_words: Option<Vec<String>>,
    /// Glossary files.
    pub glossary: Option<Vec<Spanned<String>>>,
    /// Severity that fails.
    pub fail_on: Option<Severity>,
    /// Lowest score allowed, 0–100.
    pub min_score: Option<Spanned<f32>>,
    /// Highest MQM penalty allowed, points per 1,000 words of the targets.
    pub max_penalty: Option<Spanned<f64>>,
    /// By name or code.
    pub checks: BTreeMap<Spanned<String>, CheckTable>,
    /// Globs of an override.
    pub files: Option<Spanned<Vec<String>>>,
    /// Layers for some files only.
    pub overrides: Option<Vec<Spanned<Options>>>,
}
