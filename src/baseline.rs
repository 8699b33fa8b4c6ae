//! Findings that are known and accepted: only new ones count.
//!
//! The file is JSON, one finding a line, so that a change of it can be read:
//!
//! ```json
//! {
//!   "version": 1,
//!   "files": {
//!     "docs/id/a.md": [
//!       "LNG001 0c1d…"
//!     ]
//!   }
//! }
//! ```
//!
//! Files are named relative to the folder of the baseline, with `/`; a finding by the code of its
//! check and its [fingerprint](crate::fingerprint).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Write},
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};

const VERSION: u32 = 1;

/// A baseline that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// The operating system refused.
    #[error("cannot read the baseline `{path}`; `cermat baseline` writes one")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is no baseline.
    #[error("`{path}` is no baseline; `cermat baseline` writes one")]
    Json {
        /// The file.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: serde_json::Error,
    },
    /// A later program wrote it.
    #[error("the baseline `{path}` has version {found}, this program reads version {VERSION}")]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    version: u32,
    files: BTreeMap<String, BTreeSet<String>>,
}

/// Known findings, by file.
#[derive(Debug, Default)]
pub struct Baseline {
    /// Files are named relative to it.
    folder: PathBuf,
    files: BTreeMap<String, BTreeSet<String>>,
    /// Entries that were met in this run, by file.
    met: BTreeMap<String, BTreeSet<String>>,
    /// Findings that were known.
    pub hidden: u64,
}

impl Baseline {
    /// An empty one, to be written to the absolute path `path`.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        Self { folder, ..Self::default() }
    }

    /// Reads the one at the absolute path `path`.
    ///
    /// # Errors
    /// [`BaselineError`].
    pub fn load(path: &Path) -> Result<Self, BaselineError> {
        let text = fs::read_to_string(path)
            .map_err(|source| BaselineError::Io { path: path.to_owned(), source })?;
        let contents: Contents = serde_json::from_str(&text)
            .map_err(|source| BaselineError::Json { path: path.to_owned(), source })?;
        if contents.version != VERSION {
            let (path, found) = (path.to_owned(), contents.version);
            return Err(BaselineError::Version { path, found });
        }
        Ok(Self { files: contents.files, ..Self::new(path) })
    }

    /// What a file at the absolute path `file` is called in the baseline.
    #[must_use]
    pub fn name(&self, file: &Path) -> String {
        let (from, to) = (normal(&self.folder), normal(file));
        let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        let up = std::iter::repeat_n("..".to_owned(), from.len() - shared);
        up.chain(to[shared..].iter().cloned()).collect::<Vec<_>>().join("/")
    }

    /// Says that `file`, a name of [`Baseline::name`], was checked.
    pub fn begin(&mut self, file: &str) {
        self.met.entry(file.to_owned()).or_default();
    }

    /// Whether the finding of check `code` with this fingerprint is known in `file`; notes that
    /// it is there.
    pub fn knows(&mut self, file: &str, code: &str, fingerprint: &str) -> bool {
        let entry = format!("{code} {fingerprint}");
        let known = self.files.get(file).is_some_and(|entries| entries.contains(&entry));
        self.met.entry(file.to_owned()).or_default().insert(entry);
        self.hidden += u64::from(known);
        known
    }

    /// Entries of files that were checked, by checks that `ran`, that are no longer found.
    pub fn gone(&self, ran: impl Fn(&str) -> bool) -> usize {
        let gone = |(file, met): (&String, &BTreeSet<String>)| {
            let known = self.files.get(file).into_iter().flatten();
            known.filter(|entry| !met.contains(*entry) && ran(code(entry))).count()
        };
        self.met.iter().map(gone).sum()
    }

    /// Forgets the entries that [`Baseline::gone`] counts, and those of files that are not there.
    pub fn prune(&mut self, ran: impl Fn(&str) -> bool) {
        let Self { folder, files, met, .. } = self;
        for (file, entries) in &mut *files {
            if let Some(met) = met.get(file) {
                entries.retain(|entry| met.contains(entry) || !ran(code(entry)));
            }
        }
        files.retain(|file, entries| !entries.is_empty() && folder.join(file).exists());
    }

    /// Takes over everything that was met in this run.
    pub fn accept(&mut self) {
        for (file, met) in std::mem::take(&mut self.met) {
            if met.is_empty() {
                self.files.remove(&file);
            } else {
                self.files.insert(file, met);
            }
        }
    }

    /// How many findings it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.values().map(BTreeSet::len).sum()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes it.
    ///
    /// # Errors
    /// When `out` fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let contents = Contents { version: VERSION, files: self.files.clone() };
        serde_json::to_writer_pretty(&mut *out, &contents)?;
        writeln!(out)
    }
}

fn code(entry: &str) -> &str {
    entry.split(' ').next().unwrap_or(entry)
}

/// The components of an absolute path, without `.` and `..`.
fn normal(path: &Path) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for component in path.components() {
        match component {
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir => drop(out.pop()),
            part => out.push(part.as_os_str().to_string_lossy().into_owned()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_folder_of_the_baseline() {
        let baseline = Baseline::new(Path::new("/r/ci/baseline.json"));
        assert_eq!(baseline.name(Path::new("/r/ci/a.md")), "a.md");
        assert_eq!(baseline.name(Path::new("/r/./docs/x/../a.md")), "../docs/a.md");
    }

    #[test]
    fn what_is_gone_is_counted_and_pruned() {
        let mut baseline = Baseline::new(Path::new("/nowhere/baseline.json"));
        for (file, code, print) in
            [("a", "LNG001", "1"), ("a", "ACC001", "2"), ("b", "LNG001", "3")]
        {
            assert!(!baseline.knows(file, code, print));
        }
        baseline.accept();
        assert_eq!((baseline.len(), baseline.hidden), (3, 0));
        baseline.begin("a");
        assert!(baseline.knows("a", "LNG001", "1"));
        assert!(!baseline.knows("a", "LNG001", "new"));
        assert_eq!(baseline.gone(|_| true), 1, "`b` was not checked");
        assert_eq!(baseline.gone(|code| code == "LNG001"), 0);
    }
}
