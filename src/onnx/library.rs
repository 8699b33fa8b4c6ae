//! Finding and loading the ONNX Runtime library.

use std::{
    fs,
    path::{Path, PathBuf},
};

use ort::environment::Environment;

/// Version that the set-up script installs and that the tests run with.
pub const VERSION: &str = "1.31.1";

/// A place where the library may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How a person calls it: `--onnxruntime`, `data folder`.
    pub name: &'static str,
    /// The file, or a folder that may hold it.
    pub path: PathBuf,
    /// Whether the user named it: then nothing else is tried.
    pub named: bool,
}

/// The library was found nowhere, or does not load. Exit code 4.
#[derive(Debug, thiserror::Error)]
#[error("ONNX Runtime was not found; looked at:{}", lines(.looked))]
pub struct LibraryError {
    /// Each place and why it did not do.
    pub looked: Vec<(Place, String)>,
}

fn lines(looked: &[(Place, String)]) -> String {
    looked
        .iter()
        .map(|(place, why)| format!("\n  {:<22} {}: {why}", place.name, place.path.display()))
        .collect()
}

/// What the library is called on this platform, the pinned version first.
fn file_names() -> [String; 2] {
    if cfg!(target_os = "macos") {
        [format!("libonnxruntime.{VERSION}.dylib"), "libonnxruntime.dylib".to_owned()]
    } else if cfg!(windows) {
        ["onnxruntime.dll".to_owned(), "onnxruntime.dll".to_owned()]
    } else {
        [format!("libonnxruntime.so.{VERSION}"), "libonnxruntime.so".to_owned()]
    }
}

/// The library in `path`: the file itself, or in a folder the pinned version before any other.
fn in_place(path: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.to_owned());
    }
    let names = file_names();
    if let Some(file) = names.iter().map(|name| path.join(name)).find(|file| file.is_file()) {
        return Some(file);
    }
    // Another version: the wheel of the user's own Python, say. The highest name counts.
    let prefix = &names[1];
    let mut others: Vec<PathBuf> = fs::read_dir(path)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
            name.is_some_and(|name| {
                name.starts_with(prefix.as_str())
                    || (cfg!(target_os = "macos")
                        && name.starts_with("libonnxruntime.")
                        && name.ends_with(".dylib"))
            })
        })
        .collect();
    others.sort();
    others.pop()
}

/// The loaded library. One a process.
#[derive(Clone)]
pub struct Runtime {
    pub(super) environment: Environment,
    /// Where it was loaded from.
    pub path: PathBuf,
}

impl Runtime {
    /// Loads the library from the first place that has one.
    ///
    /// # Errors
    /// [`LibraryError`] lists every place looked at and why it did not do.
    pub fn load(places: &[Place]) -> Result<Self, LibraryError> {
        let mut looked = Vec::new();
        for place in places {
            let why = match in_place(&place.path) {
                None => "not there".to_owned(),
                // Never `ort::init`: without a library it panics, `init_from` returns an error.
                Some(path) => match ort::init_from(&path) {
                    Err(error) => error.to_string(),
                    // The library's own telemetry is off: cermat talks to nobody.
                    Ok(builder) => {
                        match builder.with_name("cermat").with_telemetry(false).build() {
                            Ok(environment) => return Ok(Self { environment, path }),
                            Err(error) => error.to_string(),
                        }
                    }
                },
            };
            looked.push((place.clone(), why));
            if place.named {
                break;
            }
        }
        Err(LibraryError { looked })
    }
}
