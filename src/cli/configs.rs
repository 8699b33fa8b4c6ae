//! Which settings hold for which file: the nearest `cermat.toml`, and flags.

use std::{
    collections::{BTreeSet, HashMap},
    io::Write as _,
    path::{Path, PathBuf},
    rc::Rc,
};

use toml::Spanned;

use super::{
    Exit, Usage,
    args::{ChecksArgs, Colour, ConfigArgs, InputArgs},
    output::Output,
};
use crate::{
    config::{Config, ConfigError, FILE_NAME, Options, Settings},
    document::format::{Column, ReadOptions},
    gate::Gate,
};

/// Settings of files, each configuration read once.
pub(super) struct Configs {
    flags: Options,
    /// `--config`.
    named: Option<Rc<Config>>,
    nearest: bool,
    /// What was found for a folder.
    folders: HashMap<PathBuf, Option<Rc<Config>>>,
    loaded: HashMap<PathBuf, Rc<Config>>,
    settings: HashMap<(Option<PathBuf>, Vec<usize>), Rc<Settings>>,
}

/// A flag's value stands in no file.
pub(super) fn flag<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

impl ChecksArgs {
    /// As options.
    pub(super) fn options(&self) -> Options {
        let list = |list: &[String]| {
            (!list.is_empty()).then(|| list.iter().cloned().map(flag).collect::<Vec<_>>())
        };
        Options {
            select: list(&self.select),
            ignore: list(&self.ignore),
            preview: self.preview.then_some(true),
            glossary: (!self.glossary.is_empty()).then(|| {
                self.glossary.iter().map(|path| flag(path.display().to_string())).collect()
            }),
            ..Options::default()
        }
    }
}

/// `cermat config`.
pub(super) fn show(path: &Path, colour: Colour) -> anyhow::Result<Exit> {
    let path = std::path::absolute(path)?;
    let file = if path.is_dir() { path.join("file") } else { path };
    let config = match file.parent().and_then(Config::find) {
        Some(path) => Some(Config::load(&path)?),
        None => None,
    };
    let options = config.as_ref().map(|config| config.options(&config.matching(&file)));
    let settings = Settings::new(options.unwrap_or_default()).map_err(Usage)?;
    let mut out = Output::open(None, colour)?;
    match &config {
        Some(config) => writeln!(out, "# from {}", config.path.display())?,
        None => writeln!(out, "# built in: no {FILE_NAME} here or above")?,
    }
    let ReadOptions { direction, source_column, target_column, source_field, target_field } =
        settings.reading;
    writeln!(out, "direction = \"{direction}\"")?;
    if let Some(format) = settings.input_format {
        writeln!(out, "input-format = \"{}\"", format.name())?;
    }
    for (key, column) in [("source-column", source_column), ("target-column", target_column)] {
        match column {
            Some(Column::Number(number)) => writeln!(out, "{key} = {number}")?,
            Some(Column::Name(name)) => writeln!(out, "{key} = {}", toml::Value::from(name))?,
            None => {}
        }
    }
    for (key, field) in [("source-field", source_field), ("target-field", target_field)] {
        if let Some(field) = field {
            writeln!(out, "{key} = {}", toml::Value::from(field))?;
        }
    }
    let Gate { fail_on, min_score, max_penalty } = settings.gate;
    if let Some(severity) = fail_on {
        writeln!(out, "fail-on = \"{severity}\"")?;
    }
    if let Some(score) = min_score {
        writeln!(out, "min-score = {score}")?;
    }
    if let Some(penalty) = max_penalty {
        writeln!(out, "max-penalty = {penalty}")?;
    }
    if !settings.ignored_words.is_empty() {
        let words: BTreeSet<&str> = settings.ignored_words.iter().map(String::as_str).collect();
        writeln!(out, "ignore-words = {}", toml::Value::try_from(words)?)?;
    }
    writeln!(out, "select = [")?;
    for check in settings.checks.iter() {
        let info = &check.meta.info;
        let severity = settings.severities.get(info.code).unwrap_or(&info.severity);
        writeln!(out, "    \"{}\", # {} ({severity})", info.code, info.name)?;
    }
    writeln!(out, "]")?;
    out.finish()?;
    Ok(Exit::Passed)
}

impl Configs {
    /// Reads the configurations of the inputs that are named, so that what is wrong with them is
    /// said before any work.
    pub(super) fn new(input: &InputArgs, flags: Options) -> anyhow::Result<Self> {
        let flags = Options {
            direction: input.direction,
            input_format: input.input_format.clone().map(flag),
            source_column: input.source_column.clone(),
            target_column: input.target_column.clone(),
            source_field: input.source_field.clone(),
            target_field: input.target_field.clone(),
            ..flags
        };
        let mut new = Self::of_results(&input.config, flags)?;
        for path in &input.paths {
            let inside = if path.is_dir() { path.join("file") } else { path.clone() };
            new.of(&std::path::absolute(inside)?)?;
        }
        Ok(new)
    }

    /// The same for files that are not read again: their results are stored.
    pub(super) fn of_results(which: &ConfigArgs, flags: Options) -> anyhow::Result<Self> {
        Settings::new(flags.clone()).map_err(Usage)?;
        let named = match &which.config {
            Some(path) => Some(Rc::new(Config::load(&std::path::absolute(path)?)?)),
            None => None,
        };
        Ok(Self {
            flags,
            nearest: named.is_none() && !which.no_config,
            named,
            folders: HashMap::new(),
            loaded: HashMap::new(),
            settings: HashMap::new(),
        })
    }

    /// The settings of `file`, an absolute path.
    pub(super) fn of(&mut self, file: &Path) -> anyhow::Result<Rc<Settings>> {
        let config = match &self.named {
            Some(config) => Some(Rc::clone(config)),
            None if self.nearest => self.find(file.parent().unwrap_or(file))?,
            None => None,
        };
        let overrides = config.as_ref().map_or_else(Vec::new, |config| config.matching(file));
        let key = (config.as_ref().map(|config| config.path.clone()), overrides);
        if let Some(known) = self.settings.get(&key) {
            return Ok(Rc::clone(known));
        }
        let mut options = config.map_or_else(Options::default, |config| config.options(&key.1));
        if self.flags.select.is_some() {
            options.ignore = None;
        }
        let settings = Settings::new(options.under(self.flags.clone())).map_err(Usage)?;
        Ok(Rc::clone(self.settings.entry(key).or_insert(Rc::new(settings))))
    }

    fn find(&mut self, folder: &Path) -> Result<Option<Rc<Config>>, ConfigError> {
        if let Some(known) = self.folders.get(folder) {
            return Ok(known.clone());
        }
        let found = match Config::find(folder) {
            None => None,
            Some(path) => Some(match self.loaded.get(&path) {
                Some(config) => Rc::clone(config),
                None => {
                    let config = Rc::new(Config::load(&path)?);
                    self.loaded.insert(path, Rc::clone(&config));
                    config
                }
            }),
        };
        self.folders.insert(folder.to_owned(), found.clone());
        Ok(found)
    }
}
