//! Getting public models from a hub, file by file: the only module that talks to a network, and
//! only when it is asked to.
//!
//! - `client` gets one file: redirects, resuming, trying again, what the hub says of it;
//! - `cache` finds files that the hub's own tools have got before;
//! - `lock` remembers what was got, so that the same name never means another file.
//!
//! A pull goes on in `.pull-NAME` in the user's folder of models until every file is there, has
//! the right hash and has passed [`check_folder`]; then the folder is renamed.

mod cache;
mod client;
mod lock;

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::model::{
    Cancel, KnownFile, KnownModel, MAX_DATA_BYTES, ModelError, ModelFile, ModelFolder,
    ModelManifest, Store, check_folder, map_weights, measure,
};

use self::client::{Client, Want};
pub use self::lock::{Lock, LockedFile};

/// Where the hub is when nothing else is said.
pub const ENDPOINT: &str = "https://huggingface.co";

/// How a hub is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its address, `https://…` or `http://…`.
    pub endpoint: String,
    /// Sent to the endpoint, and to no other host.
    pub token: Option<String>,
    /// The folder in which the hub's own tools keep what they got.
    pub cache: Option<PathBuf>,
    /// Ask nobody.
    pub offline: bool,
    /// Certificates (PEM) to trust instead of Mozilla's.
    pub certificates: Option<PathBuf>,
    /// How often a request that failed for a passing reason is made, at most.
    pub tries: u32,
}

/// A file cannot be got.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HubError {
    /// The hub answers with a refusal or a failure.
    #[error("{url}: the hub answers {status}: {advice}")]
    Status {
        /// The file.
        url: String,
        /// HTTP status.
        status: u16,
        /// What it means and what to do.
        advice: String,
    },
    /// Somebody else answers.
    #[error(
        "{url}: a web page came instead of the file: something between here and the hub answers in its place; log in to the network with a browser, or set HTTPS_PROXY, then pull again"
    )]
    Page {
        /// The file.
        url: String,
    },
    /// Fewer bytes than there should be.
    #[error("{url}: only {got} of {expected} bytes came; pull again to go on from there")]
    Short {
        /// The file.
        url: String,
        /// Bytes that came.
        got: u64,
        /// Bytes there should be.
        expected: u64,
    },
    /// More bytes than there should be.
    #[error("{url}: {got} bytes are announced or came, expected {expected}; nothing was kept")]
    Long {
        /// The file.
        url: String,
        /// Bytes that came.
        got: u64,
        /// Bytes there should be.
        expected: u64,
    },
    /// Other bytes than there should be.
    #[error(
        "{url}: what came has SHA-256 {got}, expected {expected}; nothing was kept; pull again, and if it comes again, do not trust this hub or proxy"
    )]
    Hash {
        /// The file.
        url: String,
        /// Found.
        got: String,
        /// Promised by the pin, the lock or the hub.
        expected: String,
    },
    /// The hub has another file than the one that was pinned or locked.
    #[error(
        "{url}: the hub has another file now: SHA-256 {now}, {by} says {locked}; pull with --update to take the new one"
    )]
    Changed {
        /// The file.
        url: String,
        /// What the hub says.
        now: String,
        /// What was locked.
        locked: String,
        /// Who says so.
        by: String,
    },
    /// No connection, or one that broke too often.
    #[error(
        "{url}: no answer; check the network, HTTPS_PROXY and SSL_CERT_FILE; what came is kept, pull again to go on from there"
    )]
    Connection {
        /// The file.
        url: String,
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A redirect that cannot be followed.
    #[error("{url}: the hub redirects to `{to}`: {why}")]
    Redirect {
        /// The file.
        url: String,
        /// Where to.
        to: String,
        /// Why not.
        why: &'static str,
    },
    /// A file is wanted, and nobody may be asked.
    #[error("`{file}` of {repository} is not here, and --offline forbids to get it")]
    Offline {
        /// Its path in the repository.
        file: String,
        /// The repository.
        repository: String,
    },
    /// What the hub has is refused.
    #[error(
        "{repository} at {revision} is no model that cermat can take, and nothing of it was kept; NAME@REVISION pulls another revision"
    )]
    Unfit {
        /// The repository.
        repository: String,
        /// As asked for.
        revision: String,
        /// Which file and why.
        #[source]
        source: Box<ModelError>,
    },
    /// The settings are wrong. Exit code 2.
    #[error("{0}")]
    Settings(String),
    /// The user asked to stop.
    #[error("interrupted")]
    Cancelled,
    /// A file of the user's own cannot be read or written.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// What happens during a pull.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event<'a> {
    /// Another process pulls the same model.
    Waiting,
    /// A file is begun, or gone on with: its name, bytes that are here, bytes in all.
    File(&'a str, u64, Option<u64>),
    /// So many bytes of it are here.
    Bytes(u64),
    /// It is here, with the right hash.
    Done(&'a str, Origin),
    /// Something failed (what, in a few words) and is tried again after so many milliseconds.
    Again(String, u64),
}

/// Where a file came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The hub.
    Hub,
    /// The cache of the hub's own tools.
    Cache,
    /// An earlier pull that did not end.
    Earlier,
}

/// A hub.
pub struct Hub {
    settings: Settings,
    client: Client,
}

/// How a model is wanted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pull<'a> {
    /// Another revision than the pinned one.
    pub revision: Option<&'a str>,
    /// Take what the hub has now, whatever was locked.
    pub update: bool,
    /// Leave the weights in the graphs (see [`map_weights`]).
    pub as_is: bool,
}

impl Hub {
    /// Prepares; says nothing to anybody yet.
    ///
    /// # Errors
    /// [`HubError::Settings`] for an address or certificates that are not valid.
    pub fn new(settings: Settings) -> Result<Self, HubError> {
        let client = Client::new(&settings)?;
        Ok(Self { settings, client })
    }

    /// Gets `known` into `store`. A model that is there already, whole and of the same revision,
    /// is left alone.
    ///
    /// # Errors
    /// [`HubError`] says which file and what to do.
    pub fn pull(
        &self,
        known: &KnownModel,
        pull: Pull<'_>,
        store: &Store,
        on: &mut dyn FnMut(Event<'_>),
        cancel: &Cancel,
    ) -> Result<ModelFolder, HubError> {
        let revision = pull.revision.unwrap_or(&known.revision);
        let _guard = store.lock(&known.name, || on(Event::Waiting))?;
        let lock_path = Lock::path(store.root(), &known.name, revision);
        let lock = if pull.update { None } else { Lock::read(&lock_path)? };
        let lock = lock.filter(|lock| lock.repository == known.repository);
        if let (Some(lock), Some(folder)) = (&lock, store.installed(&known.name)?) {
            let same =
                folder.manifest.as_ref().is_some_and(|m| m.files_that_came() == lock.model_files());
            if same && folder.check_sizes().is_ok() {
                return Ok(folder);
            }
        }
        let stage = store.stage(&known.name)?;
        // What an earlier pull has finished, if it wanted the same.
        let unfinished_path = stage.join(UNFINISHED);
        let mut unfinished = Lock::read(&unfinished_path).unwrap_or_default().filter(|earlier| {
            (&earlier.repository, earlier.revision.as_str()) == (&known.repository, revision)
                && !pull.update
        });
        if unfinished.is_none() {
            clear(&stage)?;
        }
        let here = unfinished.get_or_insert_with(|| Lock::new(known, revision));
        here.write(&unfinished_path)?;
        // All files come from the commit that the first one came from.
        let mut commits: HashMap<String, String> = HashMap::new();
        for earlier in lock.iter().chain([&*here]) {
            for file in &earlier.files {
                if let Some(commit) = &file.commit {
                    commits.insert(file.repository.clone(), commit.clone());
                }
            }
        }
        for file in &known.files {
            if cancel.is_cancelled() {
                return Err(HubError::Cancelled);
            }
            let repository = file.repository.as_ref().unwrap_or(&known.repository);
            let named = match &file.repository {
                Some(_) => file.revision.as_deref().unwrap_or("main"),
                None => revision,
            };
            let want = Want {
                repository,
                revision: commits.get(repository).map_or(named, String::as_str),
                from: &file.from,
                promise: promise(known, file, lock.as_ref(), &lock_path, pull),
                bytes: file.bytes.filter(|_| pull.revision.is_none() && !pull.update),
                target: stage.join(&file.path),
                name: &file.path,
            };
            let earlier = here.files.iter().find(|earlier| earlier.path == file.path).cloned();
            let got = self.get(&want, earlier, on, cancel)?;
            if let Some(commit) = &got.commit {
                commits.insert(repository.clone(), commit.clone());
            }
            here.put(got);
            here.write(&unfinished_path)?;
        }
        let mut lock = here.clone();
        lock.order(known);
        if let Err(error) = check_folder(&stage) {
            // The bytes are what the hub has; there is no use in going on with them.
            clear(&stage)?;
            let (repository, revision) = (known.repository.clone(), revision.to_owned());
            return Err(HubError::Unfit { repository, revision, source: error.into() });
        }
        let revision = commits.get(&known.repository).map_or(revision, String::as_str);
        let files = lock.model_files();
        let (files, before) =
            if pull.as_is { (files, Vec::new()) } else { map_weights(&stage, files)? };
        let manifest = manifest(known, revision, files, before);
        lock.write(&lock_path)?;
        tidy(&stage, &manifest)?;
        Ok(store.install(&stage, &manifest)?)
    }

    /// One file: finished by an earlier pull, in the hub's cache, or from the hub.
    fn get(
        &self,
        want: &Want<'_>,
        earlier: Option<LockedFile>,
        on: &mut dyn FnMut(Event<'_>),
        cancel: &Cancel,
    ) -> Result<LockedFile, HubError> {
        if let Some(parent) = want.target.parent() {
            fs::create_dir_all(parent).map_err(write(parent))?;
        }
        let promised = want.promise.as_ref().map(|promise| promise.sha256.as_str());
        if let Some(earlier) = earlier
            && promised.is_none_or(|sha256| sha256 == earlier.sha256)
            && measure(&want.target).is_ok_and(|(_, sha256)| sha256 == earlier.sha256)
        {
            on(Event::Done(want.name, Origin::Earlier));
            return Ok(earlier);
        }
        let cached = self.settings.cache.as_deref().and_then(|cache| cache::find(cache, want));
        if let Some(cached) = cached {
            let part = want.part();
            let copied = fs::copy(&cached.path, &part).and_then(|_| measure(&part));
            let (bytes, sha256) = copied.map_err(write(&part))?;
            let right = promised.or(cached.sha256.as_deref()).is_none_or(|other| other == sha256)
                && want.bytes.is_none_or(|other| other == bytes);
            if right {
                fs::rename(&part, &want.target).map_err(write(&want.target))?;
                on(Event::Done(want.name, Origin::Cache));
                return Ok(want.locked(Some(cached.commit), bytes, sha256));
            }
            fs::remove_file(&part).map_err(write(&part))?;
        }
        if self.settings.offline {
            return Err(HubError::Offline {
                file: want.from.to_owned(),
                repository: want.repository.to_owned(),
            });
        }
        let got = self.client.get(want, on, cancel)?;
        on(Event::Done(want.name, Origin::Hub));
        Ok(got)
    }
}

/// What an unfinished pull has finished, in its folder.
const UNFINISHED: &str = ".unfinished.toml";

/// The hash that a file must have, and who says so.
#[derive(Debug, Clone)]
struct Promise {
    sha256: String,
    by: String,
}

fn promise(
    known: &KnownModel,
    file: &KnownFile,
    lock: Option<&Lock>,
    lock_path: &Path,
    pull: Pull<'_>,
) -> Option<Promise> {
    // A pin speaks of its own revision.
    if let Some(sha256) = file.sha256.as_ref().filter(|_| pull.revision.is_none()) {
        let by = format!("the pin of `{}`", known.name);
        return Some(Promise { sha256: sha256.clone(), by });
    }
    let locked = lock?.files.iter().find(|locked| locked.path == file.path)?;
    Some(Promise { sha256: locked.sha256.clone(), by: format!("`{}`", lock_path.display()) })
}

fn manifest(
    known: &KnownModel,
    revision: &str,
    files: Vec<ModelFile>,
    as_they_came: Vec<ModelFile>,
) -> ModelManifest {
    ModelManifest {
        name: known.name.clone(),
        description: known.description.clone(),
        family: known.family.clone(),
        default: false,
        directions: known.directions.clone(),
        max_tokens: known.max_tokens,
        licence: known.licence.clone(),
        card: known.card.clone(),
        revision: revision.to_owned(),
        quantisation: known.quantisation.clone(),
        batch_invariant: known.batch_invariant,
        good_for: Some(known.good_for.clone()),
        repository: Some(known.repository.clone()),
        files,
        as_they_came,
    }
}

/// Empties a folder.
fn clear(folder: &Path) -> Result<(), ModelError> {
    fs::remove_dir_all(folder).and_then(|()| fs::create_dir_all(folder)).map_err(write(folder))
}

/// Removes what is no file of the model from the top of the folder.
fn tidy(folder: &Path, manifest: &ModelManifest) -> Result<(), ModelError> {
    for entry in fs::read_dir(folder).map_err(write(folder))? {
        let path = entry.map_err(write(folder))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let kept = |file: &ModelFile| file.path.split('/').next() == Some(name.as_str());
        if path.is_file() && !manifest.files.iter().any(kept) {
            fs::remove_file(&path).map_err(write(&path))?;
        }
    }
    Ok(())
}

fn write(path: &Path) -> impl FnOnce(io::Error) -> ModelError {
    let path = path.to_owned();
    move |source| ModelError::Write { path, source }
}

/// A file larger than this is no file of a model.
const MAX_BYTES: u64 = MAX_DATA_BYTES;
