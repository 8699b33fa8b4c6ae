//! The cache of the hub's own tools (`huggingface_hub`, transformers): read, never written.
//!
//! ```text
//! models--OWNER--NAME/refs/main                 the commit that `main` was
//! models--OWNER--NAME/snapshots/COMMIT/PATH     a link to
//! models--OWNER--NAME/blobs/ETAG                the file; its SHA-256 where it is a large one
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::client::{Want, is_sha256};
use crate::model::unsafe_path;

/// A file that is there.
pub(super) struct Cached {
    pub(super) path: PathBuf,
    pub(super) commit: String,
    /// Where the cache knows it.
    pub(super) sha256: Option<String>,
}

/// The file in `cache`, if it is there and really lies in the cache.
pub(super) fn find(cache: &Path, want: &Want<'_>) -> Option<Cached> {
    let repository = cache.join(format!("models--{}", want.repository.replace('/', "--")));
    let commit = if is_commit(want.revision) {
        want.revision.to_owned()
    } else {
        fs::read_to_string(repository.join("refs").join(want.revision)).ok()?.trim().to_owned()
    };
    if unsafe_path(&commit).is_some() {
        return None;
    }
    let path = repository.join("snapshots").join(&commit).join(want.from).canonicalize().ok()?;
    if !path.is_file() || !path.starts_with(repository.canonicalize().ok()?) {
        return None;
    }
    let blob = path.file_name()?.to_string_lossy().into_owned();
    Some(Cached { sha256: is_sha256(&blob).then_some(blob), path, commit })
}

fn is_commit(revision: &str) -> bool {
    revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit())
}
