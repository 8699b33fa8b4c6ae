//! Model folders and their manifests.
//!
//! A model is data: `models/<name>.toml` says what it is, the folder `models/<name>/` holds its
//! files. A folder without a manifest, exported by the user, works too. A new model of a known
//! family adds no code.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    known::known_model,
    safety::{read_settings, unsafe_name, unsafe_path},
    store,
};
use crate::text::Direction;

/// A model cannot be used. Exit code 4.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// No model of that name.
    #[error("no model `{name}`; looked in {}", list(.looked))]
    NotFound {
        /// As asked for.
        name: String,
        /// The folders searched.
        looked: Vec<PathBuf>,
    },
    /// No model is marked as the default one.
    #[error("no bundled model; looked in {}", list(.looked))]
    NoDefault {
        /// The folders searched.
        looked: Vec<PathBuf>,
    },
    /// A manifest that is not valid.
    #[error("manifest `{path}` is not valid")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Line and key.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A file cannot be read.
    #[error("cannot read `{path}`")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file differs from its manifest.
    #[error("`{path}` has {what} {got}, its manifest says {expected}; get the file again")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// `size` or `SHA-256`.
        what: &'static str,
        /// Found.
        got: String,
        /// Promised.
        expected: String,
    },
    /// A model that is known, and not installed.
    #[error("model `{name}` is not installed; `cermat models pull {name}` gets it")]
    NotPulled {
        /// Its name.
        name: String,
    },
    /// A file that no model needs to have, or one that would lead out of the model's folder.
    #[error("`{path}` is refused: {message}")]
    Refused {
        /// The file or folder.
        path: PathBuf,
        /// Why, and what to do.
        message: String,
    },
    /// A file cannot be written. Exit code 5.
    #[error("cannot write `{path}`: {}", store::advice(.source))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A key of a configuration file is missing or wrong.
    #[error("`{path}`: {message}")]
    Config {
        /// The file.
        path: PathBuf,
        /// Names the key.
        message: String,
    },
    /// The tokenizer does not load.
    #[error("tokenizer `{path}` does not load; get the file again")]
    Tokenizer {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The runtime refuses a graph.
    #[error("ONNX Runtime cannot load `{path}`; {advice}")]
    Session {
        /// The file.
        path: PathBuf,
        /// What to do.
        advice: &'static str,
        /// What it says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A graph lacks a tensor.
    #[error(
        "`{path}` has no {kind} `{tensor}`; export the model with `optimum-cli export onnx --task text2text-generation-with-past`"
    )]
    Tensor {
        /// The file.
        path: PathBuf,
        /// `input` or `output`.
        kind: &'static str,
        /// Its name.
        tensor: String,
    },
}

fn list(paths: &[PathBuf]) -> String {
    let mut out = String::new();
    for path in paths {
        let comma = if out.is_empty() { "" } else { ", " };
        let _ = write!(out, "{comma}`{}`", path.display());
    }
    if out.is_empty() { "no folder".to_owned() } else { out }
}

/// A file of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelFile {
    /// Name inside the model's folder.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// `models/<name>.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ModelManifest {
    /// Name, that of the manifest and of the folder.
    pub name: String,
    /// One line for `cermat models`.
    pub description: String,
    /// Architecture: `m2m100`, `nllb`, `marian`.
    pub family: String,
    /// Whether it is the model used when none is named.
    #[serde(default)]
    pub default: bool,
    /// Directions it translates.
    pub directions: Vec<Direction>,
    /// Longest source and target in tokens, language and end tokens included.
    pub max_tokens: usize,
    /// SPDX expression, or a sentence where there is none.
    pub licence: String,
    /// Its model card, relative to the manifest's folder's parent.
    pub card: String,
    /// Date or revision of the export.
    pub revision: String,
    /// How the weights are stored.
    pub quantisation: String,
    /// Whether a segment scores the same in any batch.
    pub batch_invariant: bool,
    /// What it is good for, and what it costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub good_for: Option<String>,
    /// The repository it was pulled from, `OWNER/NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
    /// Every file of the folder.
    pub files: Vec<ModelFile>,
    /// Graphs as they came, before their weights were taken out into `PATH_data`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub as_they_came: Vec<ModelFile>,
}

impl ModelManifest {
    /// The files as they came.
    #[must_use]
    pub fn files_that_came(&self) -> Vec<ModelFile> {
        let before = |file: &ModelFile| self.as_they_came.iter().find(|b| b.path == file.path);
        let taken_out = |file: &ModelFile| {
            file.path
                .strip_suffix("_data")
                .is_some_and(|graph| self.as_they_came.iter().any(|before| before.path == graph))
        };
        let files = self.files.iter().filter(|file| !taken_out(file));
        files.map(|file| before(file).unwrap_or(file).clone()).collect()
    }
}

/// A model on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFolder {
    /// Its name: that of the manifest, or of the folder.
    pub name: String,
    /// Where its files are.
    pub path: PathBuf,
    /// Its manifest; `None` for a folder of the user's.
    pub manifest: Option<ModelManifest>,
}

impl ModelFolder {
    pub(super) fn from_manifest(path: &Path) -> Result<Self, ModelError> {
        let text = read_settings(path)?;
        let manifest: ModelManifest = toml::from_str(&text).map_err(|source| {
            ModelError::Manifest { path: path.to_owned(), source: Box::new(source) }
        })?;
        let folder = path.with_extension("");
        let wrong = |message| ModelError::Config { path: path.to_owned(), message };
        if unsafe_name(&manifest.name).is_some()
            || path.file_stem().is_none_or(|stem| stem != manifest.name.as_str())
        {
            let name = manifest.name.escape_debug();
            return Err(wrong(format!("`name` is `{name}`, the manifest is called otherwise")));
        }
        for file in &manifest.files {
            if let Some(why) = unsafe_path(&file.path) {
                let path = file.path.escape_debug();
                return Err(wrong(format!("`path` of a file is `{path}`: {why}")));
            }
        }
        Ok(Self { name: manifest.name.clone(), path: folder, manifest: Some(manifest) })
    }

    /// Tells this model from any other, also of the same name: the hashes of its manifest, or the
    /// names, sizes and times of the files of a folder without one.
    #[must_use]
    pub fn identity(&self) -> String {
        if let Some(manifest) = &self.manifest {
            let hashes: Vec<&str> = manifest.files.iter().map(|f| f.sha256.as_str()).collect();
            return format!("{} {}", manifest.revision, hashes.join(" "));
        }
        // Graphs may lie in `onnx/`, and the two models of a pair in folders of their own.
        let folders = ["", "onnx", "id-en", "id-en/onnx", "en-id", "en-id/onnx"];
        let entries = folders.iter().filter_map(|name| fs::read_dir(self.path.join(name)).ok());
        let files = entries.flatten().flatten();
        let mut files: Vec<String> = files
            .filter_map(|file| {
                let metadata = file.metadata().ok()?;
                let (name, modified) = (file.file_name(), metadata.modified().ok()?);
                Some(format!("{name:?} {} {modified:?}", metadata.len()))
            })
            .collect();
        files.sort();
        format!("{} {}", self.path.display(), files.join(" "))
    }

    /// Compares the size of every file with the manifest: cheap, at every start. A folder
    /// without a manifest has nothing to compare.
    ///
    /// # Errors
    /// [`ModelError::Io`] for a missing file, [`ModelError::Corrupt`] for another size.
    pub fn check_sizes(&self) -> Result<(), ModelError> {
        for file in self.files() {
            let path = self.path.join(&file.path);
            let bytes = fs::metadata(&path)
                .map_err(|source| ModelError::Io { path: path.clone(), source })?
                .len();
            if bytes != file.bytes {
                return Err(ModelError::Corrupt {
                    path,
                    what: "size",
                    got: bytes.to_string(),
                    expected: file.bytes.to_string(),
                });
            }
        }
        Ok(())
    }

    /// Compares the SHA-256 of every file with the manifest.
    ///
    /// # Errors
    /// As [`ModelFolder::check_sizes`].
    pub fn verify(&self) -> Result<(), ModelError> {
        self.check_sizes()?;
        for file in self.files() {
            let path = self.path.join(&file.path);
            let io = |source| ModelError::Io { path: path.clone(), source };
            let (_, got) = store::measure(&path).map_err(io)?;
            if got != file.sha256 {
                let expected = file.sha256.clone();
                return Err(ModelError::Corrupt { path, what: "SHA-256", got, expected });
            }
        }
        Ok(())
    }

    fn files(&self) -> &[ModelFile] {
        self.manifest.as_ref().map_or(&[], |manifest| &manifest.files)
    }

    /// Bytes of all files named by the manifest.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files().iter().map(|file| file.bytes).sum()
    }
}

/// Every model with a manifest in `roots`; of two with one name the first counts. A manifest
/// that is not valid comes as its error, and hides nothing.
#[must_use]
pub fn installed_models(roots: &[PathBuf]) -> Vec<Result<ModelFolder, ModelError>> {
    let mut found: Vec<Result<ModelFolder, ModelError>> = Vec::new();
    for root in roots {
        let Ok(entries) = fs::read_dir(root) else { continue };
        let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
        paths.retain(|path| path.with_extension("").is_dir());
        paths.sort();
        for path in paths {
            let model = ModelFolder::from_manifest(&path);
            let known = |name: &str| found.iter().flatten().any(|other| other.name == name);
            if model.as_ref().is_ok_and(|model| known(&model.name)) {
                continue;
            }
            found.push(model);
        }
    }
    found
}

/// The model that is used when none is named: the first in `roots` marked `default = true`.
///
/// # Errors
/// [`ModelError::NoDefault`] names the folders searched.
pub fn default_model(roots: &[PathBuf]) -> Result<ModelFolder, ModelError> {
    let mut failure = None;
    for model in installed_models(roots) {
        match model {
            Ok(model) if model.manifest.as_ref().is_some_and(|m| m.default) => return Ok(model),
            Ok(_) => {}
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    Err(failure.unwrap_or_else(|| ModelError::NoDefault { looked: roots.to_vec() }))
}

/// The model of this name in `roots`, or the folder at this path.
///
/// # Errors
/// [`ModelError::NotFound`] names the folders searched.
pub fn find_model(name_or_path: &str, roots: &[PathBuf]) -> Result<ModelFolder, ModelError> {
    for root in roots {
        let manifest = root.join(format!("{name_or_path}.toml"));
        if !name_or_path.contains(['/', '\\']) && manifest.is_file() {
            return ModelFolder::from_manifest(&manifest);
        }
    }
    let path = Path::new(name_or_path);
    if path.is_dir() {
        // The folder of a model with a manifest beside it is that model.
        let canonical = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let mut manifest = canonical.clone().into_os_string();
        manifest.push(".toml");
        let manifest = PathBuf::from(manifest);
        if manifest.is_file() {
            return ModelFolder::from_manifest(&manifest);
        }
        let name = canonical
            .file_name()
            .map_or_else(|| name_or_path.to_owned(), |name| name.to_string_lossy().into_owned());
        return Ok(ModelFolder { name, path: canonical, manifest: None });
    }
    if known_model(name_or_path, roots)?.is_some() {
        return Err(ModelError::NotPulled { name: name_or_path.to_owned() });
    }
    Err(ModelError::NotFound { name: name_or_path.to_owned(), looked: roots.to_vec() })
}
