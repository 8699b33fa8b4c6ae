//! Options, checked and final: what a run reads.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::RangeInclusive,
    path::Path,
    sync::Arc,
};

use serde::Deserialize as _;
use toml::{Spanned, Table};

use super::{Options, Wrong, options::CheckTable};
use crate::{
    checks::{self, CheckMeta},
    document::{
        Document,
        format::{self, DocumentFormat, FORMATS, ReadOptions},
    },
    engine::Configured,
    finding::{Finding, Severity, Status},
    gate::Gate,
    lexicon::glossary,
    text::Direction,
};

/// What holds for one input file.
#[derive(Clone)]
pub struct Settings {
    /// The direction of every segment, and what else a reader is told.
    pub reading: ReadOptions,
    /// The format it is read as; `None`: by its name and content.
    pub input_format: Option<&'static dyn DocumentFormat>,
    /// The checks that run, with their options.
    pub checks: Arc<[Configured]>,
    /// Severities that are not the checks' own, by code.
    pub severities: HashMap<&'static str, Severity>,
    /// Marked texts that are no findings, in lower case.
    pub ignored_words: HashSet<String>,
    /// Thresholds.
    pub gate: Gate,
}

impl Settings {
    /// The settings that `options` come to. Built in are: Indonesian targets, every stable check,
    /// no thresholds.
    ///
    /// # Errors
    /// A message that names what is wrong, for options that no [`super::Config`] has checked.
    pub fn new(options: Options) -> Result<Self, String> {
        check(&options).map_err(|wrong| wrong.message)?;
        let mut tables: BTreeMap<&'static str, Table> = BTreeMap::new();
        let mut severities = HashMap::new();
        for (name, table) in &options.checks {
            let Some(meta) = checks::find(name.get_ref()) else { continue };
            for (key, value) in table {
                let (key, value) = (key.get_ref(), value.get_ref());
                if key == SEVERITY {
                    let severity = Severity::deserialize(value.clone());
                    severities.insert(meta.info.code, severity.map_err(|e| e.to_string())?);
                } else {
                    let table = tables.entry(meta.info.code).or_default();
                    table.insert(key.clone(), value.clone());
                }
            }
        }
        let direction = options.direction.unwrap_or(Direction::EnId);
        let terms = terms(&options, direction)?;
        if !terms.is_empty() {
            let table = tables.entry(GLOSSARY_CHECK).or_default();
            if let toml::Value::Array(all) =
                table.entry("terms").or_insert_with(|| toml::Value::Array(Vec::new()))
            {
                all.extend(terms);
            }
        }
        let mut chosen = Vec::new();
        for meta in selected(&options) {
            let table = tables.remove(meta.info.code).unwrap_or_default();
            let check = (meta.build)(table)
                .map_err(|error| format!("[checks.{}]: {}", meta.info.name, error.message()))?;
            chosen.push(Configured { meta, check });
        }
        let words = options.ignore_words.unwrap_or_default();
        Ok(Self {
            reading: ReadOptions {
                direction,
                source_column: options.source_column,
                target_column: options.target_column,
                source_field: options.source_field,
                target_field: options.target_field,
            },
            input_format: options.input_format.and_then(|name| format::by_name(name.get_ref())),
            checks: chosen.into(),
            severities,
            ignored_words: words.iter().map(|word| word.trim().to_lowercase()).collect(),
            gate: Gate {
                fail_on: options.fail_on,
                min_score: options.min_score.map(Spanned::into_inner),
                max_penalty: options.max_penalty.map(Spanned::into_inner),
            },
        })
    }

    /// Gives `findings` their severities, and drops those that mark ignored words.
    pub fn apply(&self, document: &Document, findings: &mut Vec<Finding>) {
        if !self.ignored_words.is_empty() {
            findings.retain(|finding| {
                let marked = finding.labels.first().and_then(|label| {
                    let segment = document.segments.get(label.segment.index())?;
                    Some(label.span.of(&segment.side(label.side)?.text))
                });
                let is_word = |text: &str| self.ignored_words.contains(&text.trim().to_lowercase());
                !marked.is_some_and(is_word)
            });
        }
        for finding in findings {
            if let Some(severity) = self.severities.get(finding.check.code) {
                finding.severity = *severity;
            }
        }
    }
}

const SEVERITY: &str = "severity";
/// The check that takes the terms of the glossaries.
const GLOSSARY_CHECK: &str = "TRM001";

/// What the glossaries say, as values of the option `terms`.
fn terms(options: &Options, direction: Direction) -> Result<Vec<toml::Value>, String> {
    let mut all = Vec::new();
    for file in options.glossary.iter().flatten() {
        let terms = glossary::read(Path::new(file.get_ref()), direction)
            .map_err(|error| error.to_string())?;
        for term in terms {
            all.push(toml::Value::try_from(term).map_err(|error| error.to_string())?);
        }
    }
    Ok(all)
}

/// The checks that `select`, `ignore` and `preview` leave.
fn selected(options: &Options) -> impl Iterator<Item = &'static CheckMeta> {
    let any = |patterns: &Option<Vec<Spanned<String>>>, meta: &CheckMeta| {
        patterns.iter().flatten().any(|pattern| meta.is_called(pattern.get_ref()))
    };
    checks::ALL.iter().copied().filter(move |meta| {
        // Named by its full code or name, a preview check is asked for.
        let named = options.select.iter().flatten().any(|pattern| {
            let pattern = pattern.get_ref().trim();
            pattern == meta.info.name || pattern.eq_ignore_ascii_case(meta.info.code)
        });
        let wanted = options.preview.unwrap_or(false)
            || named
            || matches!(meta.info.status, Status::Stable(_));
        (options.select.is_none() || any(&options.select, meta))
            && wanted
            && !any(&options.ignore, meta)
    })
}

/// Whether `pattern` is the code or name of a check, or a prefix of codes.
///
/// # Errors
/// A message that says what it may have been meant to be.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    if checks::ALL.iter().any(|meta| meta.is_called(pattern)) {
        return Ok(());
    }
    let distance = |meta: &&&CheckMeta| strsim::damerau_levenshtein(meta.info.name, pattern);
    let hint = match checks::ALL.iter().min_by_key(distance) {
        Some(near) if distance(&near) <= 3 => format!("; did you mean `{}`?", near.info.name),
        _ => "; `cermat checks` lists them".to_owned(),
    };
    Err(format!("no check is called `{pattern}`{hint}"))
}

/// Looks for what the types of [`Options`] cannot see.
pub(super) fn check(options: &Options) -> Result<(), Wrong> {
    let at = |at: std::ops::Range<usize>| move |message| Wrong { message, at };
    for pattern in options.select.iter().chain(&options.ignore).flatten() {
        check_pattern(pattern.get_ref()).map_err(at(pattern.span()))?;
    }
    if let Some(name) = &options.input_format
        && format::by_name(name.get_ref()).is_none()
    {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
        let message = format!("no format `{}`; there are {}", name.get_ref(), names.join(", "));
        return Err(at(name.span())(message));
    }
    if let Some(score) = &options.min_score {
        number("min-score", f64::from(*score.get_ref()), 0.0..=100.0).map_err(at(score.span()))?;
    }
    if let Some(penalty) = &options.max_penalty {
        let range = 0.0..=f64::MAX;
        number("max-penalty", *penalty.get_ref(), range).map_err(at(penalty.span()))?;
    }
    for (name, table) in &options.checks {
        let meta = checks::find(name.get_ref());
        let meta = meta.ok_or_else(|| {
            let called = check_pattern(name.get_ref()).err();
            let prefix = || format!("`{}` is a prefix; name one check", name.get_ref());
            Wrong { message: called.unwrap_or_else(prefix), at: name.span() }
        })?;
        check_table(meta, table)?;
    }
    Ok(())
}

fn number(key: &str, value: f64, range: RangeInclusive<f64>) -> Result<(), String> {
    if range.contains(&value) {
        return Ok(());
    }
    let to = if *range.end() == f64::MAX { String::new() } else { format!(" to {}", range.end()) };
    Err(format!("{key}: give a number from {}{to}", range.start()))
}

/// Every option has a default, so each can be tried alone: so an error has its key.
fn check_table(meta: &CheckMeta, table: &CheckTable) -> Result<(), Wrong> {
    for (key, value) in table {
        let result = if key.get_ref() == SEVERITY {
            Severity::deserialize(value.get_ref().clone()).map(|_| ())
        } else {
            let alone = [(key.get_ref().clone(), value.get_ref().clone())];
            (meta.build)(alone.into_iter().collect()).map(|_| ())
        };
        result.map_err(|error| Wrong {
            message: error.message().trim_end().replace('\n', "; "),
            at: key.span(),
        })?;
    }
    Ok(())
}
