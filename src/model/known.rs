//! Public models that cermat knows how to get.
//!
//! A known model is a pin, `models/known/<name>.toml`: which files of which repository at which
//! revision make a model, and what its licence is. A folder of models may hold more of them, so
//! that a new public model adds no code. Getting one is the module `hub`'s work.

use std::{fs, path::PathBuf};

use serde::Deserialize;

use super::{
    ModelError,
    safety::{read_settings, unsafe_name, unsafe_path},
};
use crate::text::Direction;

/// `models/known/<name>.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownModel {
    /// Name, that of the pin and of the model's folder.
    pub name: String,
    /// One line for `cermat models`.
    pub description: String,
    /// What it is good for, and what it costs.
    pub good_for: String,
    /// Architecture: `m2m100`, `nllb`, `marian`.
    pub family: String,
    /// Directions it translates.
    pub directions: Vec<Direction>,
    /// Longest source and target in tokens, language and end tokens included.
    pub max_tokens: usize,
    /// SPDX expression of the weights' licence.
    pub licence: String,
    /// Whether the licence forbids commercial use: then it has to be accepted before the pull.
    #[serde(default)]
    pub non_commercial: bool,
    /// Where its model card is.
    pub card: String,
    /// Repository on the hub, `OWNER/NAME`.
    pub repository: String,
    /// Commit, or a branch where no commit is known.
    pub revision: String,
    /// How the weights are stored.
    pub quantisation: String,
    /// Whether a segment scores the same in any batch.
    pub batch_invariant: bool,
    /// Whether cermat's makers have pulled exactly this and compared it with the reference.
    pub pulled: bool,
    /// Every file of the model.
    pub files: Vec<KnownFile>,
}

/// A file of a known model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KnownFile {
    /// Name inside the model's folder.
    pub path: String,
    /// Path inside the repository.
    pub from: String,
    /// Another repository than the model's.
    pub repository: Option<String>,
    /// Its revision.
    pub revision: Option<String>,
    /// Size, where it is known.
    pub bytes: Option<u64>,
    /// SHA-256, lower-case hexadecimal, where it is known; else the hub's own is locked at the
    /// first pull.
    pub sha256: Option<String>,
}

/// The pins that belong to the program.
static BUILT_IN: &[(&str, &str)] = &[
    ("m2m100-418m", include_str!("../../models/known/m2m100-418m.toml")),
    ("m2m100-1.2b", include_str!("../../models/known/m2m100-1.2b.toml")),
    ("nllb-200-distilled-600m", include_str!("../../models/known/nllb-200-distilled-600m.toml")),
    ("opus-mt-id-en", include_str!("../../models/known/opus-mt-id-en.toml")),
    ("opus-mt-en-id", include_str!("../../models/known/opus-mt-en-id.toml")),
];

impl KnownModel {
    fn parse(path: PathBuf, text: &str) -> Result<Self, ModelError> {
        let known: Self = toml::from_str(text)
            .map_err(|source| ModelError::Manifest { path: path.clone(), source: source.into() })?;
        match known.problem(path.file_stem().map(|stem| stem.to_string_lossy()).as_deref()) {
            Some(message) => Err(ModelError::Config { path, message }),
            None => Ok(known),
        }
    }

    /// What is wrong with it, by its key.
    fn problem(&self, stem: Option<&str>) -> Option<String> {
        if let Some(why) = unsafe_name(&self.name) {
            return Some(format!("`name` is `{}`: {why}", self.name.escape_debug()));
        }
        if stem != Some(self.name.as_str()) {
            return Some(format!("`name` is `{}`, the file is called otherwise", self.name));
        }
        for file in &self.files {
            for (key, path) in [("path", &file.path), ("from", &file.from)] {
                if let Some(why) = unsafe_path(path) {
                    return Some(format!("`{key}` of a file is `{}`: {why}", path.escape_debug()));
                }
            }
        }
        let repositories = self.files.iter().filter_map(|file| file.repository.as_ref());
        for repository in repositories.chain([&self.repository]) {
            let parts: Vec<&str> = repository.split('/').collect();
            if parts.len() != 2 || parts.iter().any(|part| unsafe_name(part).is_some()) {
                let repository = repository.escape_debug();
                return Some(format!("`repository` is `{repository}`, expected OWNER/NAME"));
            }
        }
        let revisions = self.files.iter().filter_map(|file| file.revision.as_ref());
        revisions
            .chain([&self.revision])
            .find_map(|revision| Some((revision, unsafe_revision(revision)?)))
            .map(|(revision, why)| format!("`revision` is `{}`: {why}", revision.escape_debug()))
    }

    /// Bytes of all files; `None` where one is not known.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

/// Why `revision` cannot be a revision of a repository; `None` when it can.
#[must_use]
pub fn unsafe_revision(revision: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if !revision.chars().all(plain) {
        return Some("a revision has letters, digits, `-`, `_`, `.` and `/`");
    }
    unsafe_path(revision)
}

/// Every known model: those in `known/` of `roots`, then the program's own. Of two with one name
/// the first counts; a pin that is not valid comes as its error.
#[must_use]
pub fn known_models(roots: &[PathBuf]) -> Vec<Result<KnownModel, ModelError>> {
    let mut found: Vec<Result<KnownModel, ModelError>> = Vec::new();
    let mut add = |known: Result<KnownModel, ModelError>| {
        let is = |name: &str| found.iter().flatten().any(|other| other.name == name);
        if !known.as_ref().is_ok_and(|known| is(&known.name)) {
            found.push(known);
        }
    };
    for root in roots {
        let entries = fs::read_dir(root.join("known")).into_iter().flatten();
        let mut paths: Vec<PathBuf> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
        paths.sort();
        for path in paths {
            add(read_settings(&path).and_then(|text| KnownModel::parse(path, &text)));
        }
    }
    for (name, text) in BUILT_IN {
        add(KnownModel::parse(format!("{name}.toml").into(), text));
    }
    found
}

/// The known model of this name.
///
/// # Errors
/// Those of its pin; a pin that is not valid hides no other.
pub fn known_model(name: &str, roots: &[PathBuf]) -> Result<Option<KnownModel>, ModelError> {
    let mut failure = None;
    for known in known_models(roots) {
        match known {
            Ok(known) if known.name == name => return Ok(Some(known)),
            Ok(_) => {}
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let named = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == name);
    match failure {
        Some(ModelError::Manifest { path, source }) if named(&path) => {
            Err(ModelError::Manifest { path, source })
        }
        Some(ModelError::Config { path, message }) if named(&path) => {
            Err(ModelError::Config { path, message })
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::{BUILT_IN, KnownModel, known_model, known_models};
    use crate::model::ModelError;

    #[test]
    fn the_programs_own_are_valid() {
        for known in known_models(&[]) {
            let known = known.expect("valid");
            let quantised = known.files.iter().any(|file| file.from.contains("quantized"));
            assert_eq!(quantised, known.quantisation == "int8", "{}", known.name);
            let non_commercial = known.licence.contains("NC");
            assert_eq!(known.non_commercial, non_commercial, "{}", known.name);
            let needed: &[&str] = match known.family.as_str() {
                "marian" => &["config.json", "source.spm", "target.spm", "vocab.json"],
                _ => &["config.json", "tokenizer.json"],
            };
            for needed in needed {
                assert!(known.files.iter().any(|file| file.path == *needed), "{}", known.name);
            }
        }
        assert_eq!(known_models(&[]).len(), BUILT_IN.len());
        assert!(known_model("no-such-model", &[]).expect("valid").is_none());
    }

    #[test]
    fn a_pin_that_leads_elsewhere_is_not_valid() {
        let text = BUILT_IN[3].1;
        for (from, to, key) in [
            ("path = \"config.json\"", "path = \"../config.json\"", "path"),
            ("from = \"config.json\"", "from = \"/etc/passwd\"", "from"),
            ("Xenova/opus-mt-id-en", "Xenova/opus/../x", "repository"),
            ("revision = \"", "revision = \"../", "revision"),
            ("name = \"opus-mt-id-en\"", "name = \"a/b\"", "name"),
            ("name = \"opus-mt-id-en\"", "name = \"another\"", "name"),
        ] {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text, "{from}");
            match KnownModel::parse("opus-mt-id-en.toml".into(), &changed) {
                Err(ModelError::Config { message, .. }) => {
                    assert!(message.starts_with(&format!("`{key}`")), "{message}");
                }
                other => panic!("{to}: {other:?}"),
            }
        }
    }
}
