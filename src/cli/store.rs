//! Where evidence is kept: the user's cache, and the journal beside an output file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::paths;
use crate::{
    evidence::cache::{Cache, LIMIT_BYTES},
    model::Cancel,
};

/// The user's cache. One that cannot be opened is said and done without.
pub(super) fn cache(context: &str, quiet: bool) -> Option<Cache> {
    let folder = paths::cache_folder()?.join("evidence");
    match Cache::open(&folder, context, LIMIT_BYTES) {
        Ok(cache) => Some(cache),
        Err(error) => {
            if !quiet {
                eprintln!("cermat: no cache: cannot write `{}`: {error}", folder.display());
            }
            None
        }
    }
}

/// `OUTPUT.partial`: what the model has said so far, for `--resume`. It goes when the run has
/// ended well, or was interrupted by its user and is not to be resumed.
pub(super) struct Journal {
    path: PathBuf,
    cancel: Cancel,
    resume: bool,
    done: bool,
}

impl Journal {
    pub(super) fn open(
        output: &Path,
        context: &str,
        resume: bool,
        cancel: &Cancel,
    ) -> anyhow::Result<(Self, Cache)> {
        let mut path = output.as_os_str().to_owned();
        path.push(".partial");
        let path = PathBuf::from(path);
        let cache = Cache::journal(&path, context, resume)
            .with_context(|| format!("cannot write the journal `{}`", path.display()))?;
        Ok((Self { path, cancel: cancel.clone(), resume, done: false }, cache))
    }

    /// The output is in its place.
    pub(super) fn finish(mut self) {
        self.done = true;
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        let empty = fs::metadata(&self.path).is_ok_and(|metadata| metadata.len() == 0);
        if self.done || empty || (self.cancel.is_cancelled() && !self.resume) {
            // It may have gone already; there is nobody to tell.
            let _ = fs::remove_file(&self.path);
        } else {
            let path = self.path.display();
            eprintln!("cermat: what was found is kept in `{path}`; `--resume` goes on from there");
        }
    }
}
