//! The user's own folder of models: what is pulled and added is put there, whole or not at all.

use std::{
    fmt::Write as _,
    fs::{self, File, TryLockError},
    io::{self, Read, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::{
    ModelError, ModelFile, ModelFolder, ModelManifest,
    safety::{
        MAPPED_GRAPH_BYTES, MAPPED_TENSOR_BYTES, check_folder, take_weights_out, unsafe_name,
    },
};

/// A folder of models that cermat writes.
#[derive(Debug, Clone)]
pub struct Store {
    root: PathBuf,
}

/// Others that would change the same model wait until it is dropped.
#[derive(Debug)]
pub struct Guard(#[expect(dead_code, reason = "the lock goes with the file")] File);

impl Store {
    /// The models in `root`, which need not exist yet.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn name(&self, name: &str) -> Result<(), ModelError> {
        match unsafe_name(name) {
            Some(why) => Err(ModelError::Refused {
                path: self.root.clone(),
                message: format!("`{}` cannot be the name of a model: {why}", name.escape_debug()),
            }),
            None => Ok(()),
        }
    }

    /// Locks the model `name` against other processes; calls `waiting` when one of them has it.
    ///
    /// # Errors
    /// [`ModelError::Write`] where the folder cannot be written.
    pub fn lock(&self, name: &str, waiting: impl FnOnce()) -> Result<Guard, ModelError> {
        self.name(name)?;
        let path = self.root.join(format!(".{name}.lock"));
        fs::create_dir_all(&self.root).map_err(write(&self.root))?;
        let file = File::options().create(true).append(true).open(&path).map_err(write(&path))?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            waiting();
            file.lock().map_err(write(&path))?;
        }
        // Where locks are not to be had, one process at a time is the user's business.
        Ok(Guard(file))
    }

    /// The model `name`, if it is here.
    ///
    /// # Errors
    /// A manifest that is not valid.
    pub fn installed(&self, name: &str) -> Result<Option<ModelFolder>, ModelError> {
        self.name(name)?;
        let manifest = self.root.join(format!("{name}.toml"));
        if !manifest.is_file() {
            return Ok(None);
        }
        ModelFolder::from_manifest(&manifest).map(Some)
    }

    /// Where the files of `name` are put together. What an earlier run has left stays.
    ///
    /// # Errors
    /// [`ModelError::Write`].
    pub fn stage(&self, name: &str) -> Result<PathBuf, ModelError> {
        self.name(name)?;
        let stage = self.root.join(format!(".pull-{name}"));
        fs::create_dir_all(&stage).map_err(write(&stage))?;
        Ok(stage)
    }

    /// Makes the folder `stage` the model that `manifest` describes; one of the same name is
    /// replaced. A process that is killed in between leaves the old model, the new one, or none,
    /// never a mixture.
    ///
    /// # Errors
    /// [`ModelError::Write`].
    pub fn install(
        &self,
        stage: &Path,
        manifest: &ModelManifest,
    ) -> Result<ModelFolder, ModelError> {
        let name = &manifest.name;
        self.name(name)?;
        let folder = self.root.join(name);
        let path = self.root.join(format!("{name}.toml"));
        let text = toml::to_string(manifest).map_err(|error| ModelError::Config {
            path: path.clone(),
            message: error.to_string(),
        })?;
        self.remove(name)?;
        fs::rename(stage, &folder).map_err(write(&folder))?;
        write_whole(&path, text.as_bytes())?;
        ModelFolder::from_manifest(&path)
    }

    /// Throws away what an unfinished pull has left of `name`; whether there was something.
    ///
    /// # Errors
    /// [`ModelError::Write`].
    pub fn discard_stage(&self, name: &str) -> Result<bool, ModelError> {
        self.name(name)?;
        let stage = self.root.join(format!(".pull-{name}"));
        match fs::remove_dir_all(&stage) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(write(&stage)(error)),
        }
    }

    /// Takes the model `name` away; whether there was one. What a link leads to stays.
    ///
    /// # Errors
    /// [`ModelError::Write`].
    pub fn remove(&self, name: &str) -> Result<bool, ModelError> {
        self.name(name)?;
        let manifest = self.root.join(format!("{name}.toml"));
        let folder = self.root.join(name);
        let gone = |result: io::Result<()>, path: &Path| match result {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(write(path)(error)),
        };
        // The manifest first: a folder without one is no model.
        let was = gone(fs::remove_file(&manifest), &manifest)?;
        let linked = folder.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
        let removed = if linked { fs::remove_file(&folder) } else { fs::remove_dir_all(&folder) };
        Ok(gone(removed, &folder)? || was)
    }
}

/// Keeps the path of a failure to write.
pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> ModelError {
    let path = path.to_owned();
    move |source| ModelError::Write { path, source }
}

/// Writes a file whole or not at all.
///
/// # Errors
/// [`ModelError::Write`].
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), ModelError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let put = || {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    put().map_err(|error| {
        let _ = fs::remove_file(&temporary);
        write(path)(error)
    })
}

/// Size and SHA-256 (lower-case hexadecimal) of a file.
///
/// # Errors
/// Those of reading it.
pub fn measure(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut bytes) = (Sha256::new(), 0u64);
    let mut buffer = vec![0; 1 << 18];
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
    let hex = hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    Ok((bytes, hex))
}

/// Size and SHA-256 of the file `name` in `folder`.
///
/// # Errors
/// [`ModelError::Io`].
pub fn model_file(folder: &Path, name: &str) -> Result<ModelFile, ModelError> {
    let path = folder.join(name);
    let (bytes, sha256) =
        measure(&path).map_err(|source| ModelError::Io { path: path.clone(), source })?;
    Ok(ModelFile { path: name.to_owned(), bytes, sha256 })
}

/// What to do about a file that cannot be written.
pub(super) fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "no room left: free some, or name another place with CERMAT_DATA_DIR; what was read so far is kept"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "no permission: name a folder that can be written with CERMAT_DATA_DIR"
        }
        _ => "name a folder that can be written with CERMAT_DATA_DIR",
    }
}

/// Takes the weights out of the large graphs of a model that is put together in `folder`, so that
/// they are mapped (see [`take_weights_out`]). What its files are then, and for
/// [`ModelManifest::as_they_came`] what those graphs were before.
///
/// # Errors
/// Those of [`take_weights_out`] and [`check_folder`].
pub fn map_weights(
    folder: &Path,
    files: Vec<ModelFile>,
) -> Result<(Vec<ModelFile>, Vec<ModelFile>), ModelError> {
    let names: Vec<String> = files.iter().map(|file| file.path.clone()).collect();
    let (mut now, mut before) = (Vec::new(), Vec::new());
    for file in files {
        let data = format!("{}_data", file.path);
        let takes = file.path.ends_with(".onnx") && !names.contains(&data);
        let take = || take_weights_out(folder, &file.path, MAPPED_GRAPH_BYTES, MAPPED_TENSOR_BYTES);
        if takes && take()? {
            now.extend([model_file(folder, &file.path)?, model_file(folder, &data)?]);
            before.push(file);
        } else {
            now.push(file);
        }
    }
    if !before.is_empty() {
        check_folder(folder)?;
    }
    Ok((now, before))
}
