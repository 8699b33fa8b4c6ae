//! `cermat.toml`: options as the file has them, layers of them, settings of one input file.
//!
//! The file that counts for an input is the nearest one in its folder or above, up to the root of
//! its repository (the folder that holds `.git`) or of the file system. There is no file of the
//! user's own: a laptop and CI agree. Layers, the later wins: built in, the file, each of its
//! `[[overrides]]` whose `files` match, in their order, and flags.
//!
//! ```toml
//! direction = "en-id"          # or "id-en"
//! input-format = "markdown"    # instead of by name
//! source-column = "asal"       # of TSV and CSV: a name of the header, or a number from 1
//! target-column = 3
//! source-field = "src.text"    # of JSON Lines: a key, or keys joined by stops
//! target-field = "mt"
//! select = ["LNG", "ACC001"]   # codes, names or prefixes; all stable checks when left out
//! ignore = ["STY"]             # left out of those; overrides add to it
//! preview = false              # also checks whose false-alarm rate is not low enough yet
//! ignore-words = ["Metaverse"] # findings that mark one of these texts are dropped
//! glossary = ["terms.tsv"]     # TSV or TBX, relative to this file; overrides and flags add to it
//! fail-on = "major"            # neutral, minor, major or critical
//! min-score = 20               # 0 to 100
//! max-penalty = 12.5           # MQM points per 1,000 words of the targets
//!
//! [checks.untranslated]        # name or code
//! severity = "minor"           # besides the check's own options
//!
//! [[overrides]]
//! files = ["legal/**"]         # globs, relative to the folder of the file; `*` stops at `/`
//! fail-on = "minor"            # any key but `overrides`
//! ```
//!
//! `--select` also puts the file's `ignore` out of force. Files whose thresholds differ are judged
//! apart, each group by its own sums.

mod layers;
mod options;
mod settings;

use std::{fs, io, path::Path, path::PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

pub use options::{CheckTable, Options};
pub use settings::{Settings, check_pattern};

use crate::text::LineIndex;

/// Name of the file that is looked for.
pub const FILE_NAME: &str = "cermat.toml";

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The operating system refused.
    #[error("cannot read `{path}`")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A key or a value is wrong.
    #[error("`{path}`, line {line}: {message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where, from 1.
        line: u32,
        /// What is wrong and what is allowed.
        message: String,
    },
}

/// A configuration file, checked.
#[derive(Debug)]
pub struct Config {
    /// Where it is.
    pub path: PathBuf,
    options: Options,
    overrides: Vec<(GlobSet, Options)>,
}

/// A wrong key or value: what, and bytes of the file.
struct Wrong {
    message: String,
    at: std::ops::Range<usize>,
}

impl Config {
    /// The nearest configuration file for what lies in `folder`, an absolute path.
    #[must_use]
    pub fn find(folder: &Path) -> Option<PathBuf> {
        for folder in folder.ancestors() {
            let path = folder.join(FILE_NAME);
            if path.is_file() {
                return Some(path);
            }
            if folder.join(".git").exists() {
                break;
            }
        }
        None
    }

    /// Reads and checks the file at `path`.
    ///
    /// # Errors
    /// [`ConfigError::Io`], or [`ConfigError::Invalid`] for the first key or value that is wrong.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = fs::read_to_string(path)
            .map_err(|source| ConfigError::Io { path: path.to_owned(), source })?;
        Self::parse(path, &text)
    }

    /// Checks `text`, the contents of `path`.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] for the first key or value that is wrong.
    ///
    /// ```
    /// use std::path::Path;
    /// use cermat::config::Config;
    ///
    /// let error = Config::parse(Path::new("cermat.toml"), "\nfail-on = 'bad'").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "`cermat.toml`, line 2: unknown variant `bad`, expected one of `neutral`, `minor`, \
    ///      `major`, `critical`",
    /// );
    /// ```
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        Self::checked(path, text).map_err(|Wrong { message, at }| ConfigError::Invalid {
            path: path.to_owned(),
            line: LineIndex::new(text).line(at.start as u64),
            message,
        })
    }

    fn checked(path: &Path, text: &str) -> Result<Self, Wrong> {
        let mut options: Options = toml::from_str(text).map_err(|error| Wrong {
            message: error.message().trim_end().replace('\n', "; "),
            at: error.span().unwrap_or(0..0),
        })?;
        if let Some(files) = &options.files {
            let message = "`files` belongs into a table `[[overrides]]`".to_owned();
            return Err(Wrong { message, at: files.span() });
        }
        settings::check(&options)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        options.in_folder(folder);
        let mut overrides = Vec::new();
        for layer in options.overrides.take().unwrap_or_default() {
            let at = layer.span();
            let mut layer = layer.into_inner();
            if let Some(inner) = layer.overrides.as_ref().and_then(|list| list.first()) {
                let message = "an override has no `overrides` of its own".to_owned();
                return Err(Wrong { message, at: inner.span() });
            }
            let Some(files) = &layer.files else {
                let message = "an override needs `files`, a list of globs".to_owned();
                return Err(Wrong { message, at });
            };
            let mut globs = GlobSetBuilder::new();
            for glob in files.get_ref() {
                let built = GlobBuilder::new(glob).literal_separator(true).build();
                globs.add(
                    built
                        .map_err(|error| Wrong { message: error.to_string(), at: files.span() })?,
                );
            }
            let globs = globs.build().map_err(|error| Wrong { message: error.to_string(), at })?;
            settings::check(&layer)?;
            layer.in_folder(folder);
            overrides.push((globs, layer));
        }
        Ok(Self { path: path.to_owned(), options, overrides })
    }

    /// Which overrides hold for `file`: a path as absolute as that of the configuration.
    #[must_use]
    pub fn matching(&self, file: &Path) -> Vec<usize> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let Ok(relative) = file.strip_prefix(folder) else { return Vec::new() };
        let matches = |(index, (globs, _)): (usize, &(GlobSet, Options))| {
            globs.is_match(relative).then_some(index)
        };
        self.overrides.iter().enumerate().filter_map(matches).collect()
    }

    /// The options under these overrides.
    #[must_use]
    pub fn options(&self, overrides: &[usize]) -> Options {
        let layers = overrides.iter().filter_map(|index| self.overrides.get(*index));
        layers.fold(self.options.clone(), |options, (_, layer)| options.under(layer.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{document::format::Column, finding::Severity};

    fn wrong(text: &str) -> String {
        Config::parse(Path::new("c.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_what_is_allowed() {
        for (text, line, part) in [
            ("\nfail_on = 'major'", 2, "unknown field `fail_on`, expected one of"),
            ("min-score = 101", 1, "min-score: give a number from 0 to 100"),
            ("max-penalty = -1", 1, "max-penalty: give a number from 0"),
            ("preview = 'yes'", 1, "expected a boolean"),
            ("direction = 'id-jv'", 1, "id-jv"),
            ("\nsource-column = 0", 2, "columns are counted from 1"),
            ("target-column = true", 1, "the name of a column or its number"),
            ("target-field = 3", 1, "expected a string"),
            ("input-format = 'doc'", 1, "no format `doc`; there are markdown"),
            ("select = [\n 'LNG',\n 'XYZ']", 3, "no check is called `XYZ`"),
            (
                "[checks.untranslatd]",
                1,
                "no check is called `untranslatd`; did you mean `untranslated`",
            ),
            ("[checks.untranslated]\nseverity = 'bad'", 2, "expected one of `neutral`"),
            ("[checks.untranslated]\n\nnothing = 1", 3, "unknown field `nothing`"),
            ("files = ['a']", 1, "`[[overrides]]`"),
            ("\n[[overrides]]\npreview = true", 2, "needs `files`"),
            ("[[overrides]]\nfiles = ['a[']", 2, "a["),
            ("[[overrides]]\nfiles = ['a']\nmin-score = 'x'", 3, "expected f32"),
            ("a = ", 1, ""),
        ] {
            let error = wrong(text);
            assert!(error.starts_with(&format!("`c.toml`, line {line}: ")), "{text}: {error}");
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn the_later_layer_wins() {
        let text = "fail-on = 'major'\nignore = ['STY']\nignore-words = ['a']\n\
                    source-column = 'en'\ntarget-column = 'id'\nsource-field = 'a.b'\n\
                    [checks.ACC001]\nseverity = 'minor'\n\
                    [[overrides]]\nfiles = ['legal/**', '*.txt']\nfail-on = 'minor'\n\
                    target-column = 2\n\
                    ignore = ['LNG']\nignore-words = ['b']";
        let config = Config::parse(Path::new("/r/cermat.toml"), text).unwrap();
        assert!(config.matching(Path::new("/r/a/b.txt")).is_empty(), "`*` stops at `/`");
        assert!(config.matching(Path::new("/other/legal/b.md")).is_empty());
        assert_eq!(config.matching(Path::new("/r/b.txt")), [0]);
        assert_eq!(config.matching(Path::new("/r/legal/x/y.md")), [0]);
        let flags =
            Options { min_score: Some(toml::Spanned::new(0..0, 5.0)), ..Options::default() };
        let settings = |overrides: &[usize]| {
            Settings::new(config.options(overrides).under(flags.clone())).unwrap()
        };
        let (plain, legal) = (settings(&[]), settings(&[0]));
        assert_eq!(plain.gate.fail_on, Some(Severity::Major));
        assert_eq!(legal.gate.fail_on, Some(Severity::Minor));
        assert_eq!(legal.gate.min_score, Some(5.0));
        assert_eq!(plain.reading.target_column, Some(Column::Name("id".to_owned())));
        assert_eq!(legal.reading.target_column, Some(Column::Number(2)));
        assert_eq!(legal.reading.source_column, Some(Column::Name("en".to_owned())));
        assert_eq!(legal.reading.source_field.as_deref(), Some("a.b"));
        let has = |settings: &Settings, prefix: &str| {
            settings.checks.iter().any(|check| check.meta.info.code.starts_with(prefix))
        };
        assert!(has(&plain, "LNG") && !has(&plain, "STY"));
        assert!(!has(&legal, "LNG") && !has(&legal, "STY") && has(&legal, "ACC"));
        assert_eq!(legal.severities["ACC001"], Severity::Minor);
        assert!(legal.ignored_words.contains("a") && legal.ignored_words.contains("b"));
        assert!(!plain.ignored_words.contains("b"));
    }
}
