//! `locks/NAME@REVISION.toml`: what was got at the first pull. Later pulls of the same revision
//! must give the same bytes.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::model::{KnownModel, ModelError, ModelFile, read_settings, write_whole};

/// What was got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lock {
    /// The model.
    pub name: String,
    /// Its repository.
    pub repository: String,
    /// As asked for: a commit or a branch.
    pub revision: String,
    /// In the order of the pin.
    #[serde(default)]
    pub files: Vec<LockedFile>,
}

/// A file that was got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LockedFile {
    /// Name inside the model's folder.
    pub path: String,
    /// Where it came from.
    pub repository: String,
    /// The commit, as the hub said (`X-Repo-Commit`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Size.
    pub bytes: u64,
    /// SHA-256, lower-case hexadecimal. For large files the hub said the same (`X-Linked-Etag`).
    pub sha256: String,
}

impl Lock {
    pub(super) fn new(known: &KnownModel, revision: &str) -> Self {
        let (name, repository) = (known.name.clone(), known.repository.clone());
        Self { name, repository, revision: revision.to_owned(), files: Vec::new() }
    }

    /// Where the lock of a model is, in a folder of models.
    #[must_use]
    pub fn path(root: &Path, name: &str, revision: &str) -> PathBuf {
        root.join("locks").join(format!("{name}@{}.toml", revision.replace('/', "+")))
    }

    /// Reads one; `None` where there is none.
    ///
    /// # Errors
    /// [`ModelError::Manifest`] for one that is not valid, [`ModelError::Io`].
    pub fn read(path: &Path) -> Result<Option<Self>, ModelError> {
        let text = match read_settings(path) {
            Ok(text) => text,
            Err(ModelError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let lock = toml::from_str(&text).map_err(|source| ModelError::Manifest {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        Ok(Some(lock))
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), ModelError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(|source| ModelError::Write { path: folder.to_owned(), source })?;
        }
        let text = toml::to_string(self).map_err(|error| ModelError::Config {
            path: path.to_owned(),
            message: error.to_string(),
        })?;
        write_whole(path, text.as_bytes())
    }

    pub(super) fn put(&mut self, file: LockedFile) {
        self.files.retain(|other| other.path != file.path);
        self.files.push(file);
    }

    /// Only the files of the pin, in its order.
    pub(super) fn order(&mut self, known: &KnownModel) {
        let place = |path: &str| known.files.iter().position(|file| file.path == path);
        self.files.retain(|file| place(&file.path).is_some());
        self.files.sort_by_key(|file| place(&file.path));
    }

    pub(super) fn model_files(&self) -> Vec<ModelFile> {
        let file = |file: &LockedFile| ModelFile {
            path: file.path.clone(),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
        };
        self.files.iter().map(file).collect()
    }
}
