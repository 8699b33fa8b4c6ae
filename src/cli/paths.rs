//! Where things are: the ONNX Runtime library, models, input files. The only module that reads the
//! environment.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use crate::{hub, onnx::Place, text::Language};

fn set(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The user's folder for what can be made again: `CERMAT_CACHE_DIR`, or by the platform's custom.
pub(super) fn cache_folder() -> Option<PathBuf> {
    if let Some(folder) = set("CERMAT_CACHE_DIR") {
        return Some(folder);
    }
    if cfg!(target_os = "macos") {
        return Some(set("HOME")?.join("Library/Caches/cermat"));
    }
    if cfg!(windows) {
        return Some(set("LOCALAPPDATA")?.join("cermat/cache"));
    }
    let cache = set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    Some(cache.or_else(|| Some(set("HOME")?.join(".cache")))?.join("cermat"))
}

/// The user's folder for cermat: `CERMAT_DATA_DIR`, or by the platform's custom.
pub(super) fn data_folder() -> Option<PathBuf> {
    if let Some(folder) = set("CERMAT_DATA_DIR") {
        return Some(folder);
    }
    if cfg!(target_os = "macos") {
        return Some(set("HOME")?.join("Library/Application Support/cermat"));
    }
    if cfg!(windows) {
        return Some(set("LOCALAPPDATA")?.join("cermat"));
    }
    // XDG Base Directory Specification: a relative path is to be ignored.
    let data = set("XDG_DATA_HOME").filter(|path| path.is_absolute());
    Some(data.or_else(|| Some(set("HOME")?.join(".local/share")))?.join("cermat"))
}

/// How the hub is reached, with the variables of its own tools.
pub(super) fn hub_settings(offline: bool, tries: u8) -> hub::Settings {
    let text = |name| env::var(name).ok().filter(|value: &String| !value.trim().is_empty());
    let cache = set("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let cache = cache.or_else(|| Some(set("HOME").or_else(|| set("USERPROFILE"))?.join(".cache")));
    let home = set("HF_HOME").or_else(|| Some(cache?.join("huggingface")));
    let in_home = |name| Some(home.as_ref()?.join(name));
    let token = text("HF_TOKEN")
        .or_else(|| fs::read_to_string(set("HF_TOKEN_PATH").or_else(|| in_home("token"))?).ok());
    let token = token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
    let says_yes =
        |value: String| ["1", "on", "yes", "true"].contains(&value.trim().to_lowercase().as_str());
    hub::Settings {
        endpoint: text("HF_ENDPOINT")
            .map_or_else(|| hub::ENDPOINT.to_owned(), |v| v.trim().to_owned()),
        token,
        cache: set("HF_HUB_CACHE").or_else(|| in_home("hub")),
        offline: offline || text("HF_HUB_OFFLINE").is_some_and(says_yes),
        certificates: set("SSL_CERT_FILE"),
        tries: tries.into(),
    }
}

/// The executable's folder, links followed.
fn executable_folder() -> Option<PathBuf> {
    let executable = env::current_exe().ok()?;
    let executable = executable.canonicalize().unwrap_or(executable);
    executable.parent().map(Path::to_owned)
}

/// Tells this build of the program from any other: size and time of the executable.
pub(super) fn build() -> String {
    let metadata = env::current_exe().and_then(fs::metadata);
    let told = metadata.and_then(|metadata| Ok((metadata.len(), metadata.modified()?)));
    told.map_or_else(|_| String::new(), |(bytes, modified)| format!("{bytes} {modified:?}"))
}

/// Where to look for the ONNX Runtime library, in this order.
pub fn library_places(flag: Option<&Path>) -> Vec<Place> {
    let place = |name, path, named| Place { name, path, named };
    if let Some(path) = flag {
        return vec![place("--onnxruntime", path.to_owned(), true)];
    }
    if let Some(path) = env::var_os("ORT_DYLIB_PATH").filter(|value| !value.is_empty()) {
        return vec![place("ORT_DYLIB_PATH", path.into(), true)];
    }
    let mut places = Vec::new();
    let executable = executable_folder();
    if let Some(folder) = &executable {
        places.push(place("beside the executable", folder.clone(), false));
    }
    if let Some(folder) = data_folder() {
        let folder = folder.join("onnxruntime").join(crate::onnx::VERSION);
        places.push(place("data folder", folder, false));
    }
    // A Python that cermat was installed into, or that is active.
    let mut prefixes: Vec<PathBuf> = Vec::new();
    prefixes.extend(env::var_os("VIRTUAL_ENV").map(PathBuf::from));
    prefixes.extend(executable.and_then(|folder| folder.parent().map(Path::to_owned)));
    for prefix in prefixes {
        let Ok(entries) = fs::read_dir(prefix.join("lib")) else { continue };
        let mut pythons: Vec<PathBuf> =
            entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        pythons.retain(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python3"))
        });
        pythons.sort();
        places.extend(pythons.into_iter().map(|python| {
            place("Python site-packages", python.join("site-packages/onnxruntime/capi"), false)
        }));
    }
    places
}

/// Folders that hold models and their manifests, in the order of search.
pub fn model_roots() -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = Vec::new();
    roots.extend(env::var_os("CERMAT_MODELS").filter(|v| !v.is_empty()).map(PathBuf::from));
    if let Some(folder) = executable_folder() {
        roots.push(folder.join("models"));
        roots.extend(folder.parent().map(|prefix| prefix.join("share/cermat/models")));
    }
    roots.extend(data_folder().map(|folder| folder.join("models")));
    // Built in a source tree and run from it.
    roots.push(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/models")));
    roots.retain(|root| root.is_dir());
    roots.dedup();
    roots
}

/// Extensions that are read when a folder is named.
const EXTENSIONS: &[&str] = &[
    "md", "markdown", "txt", "tsv", "tab", "csv", "jsonl", "ndjson", "srt", "vtt", "html", "htm",
    "xhtml", "xlf", "xliff", "sdlxliff", "mqxliff", "mxliff", "txlf", "tmx", "docx",
];
/// The same for file names, whatever others of their extension hold.
const NAMES: &[&str] = &["strings.xml"];
/// Extensions of files of which a folder has one for each language.
const BY_LANGUAGE: &[&str] = &["po", "arb", "json"];

fn is_named(path: &Path) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| NAMES.contains(&name))
}

fn extension(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// Whether a file that was found in a folder is a translation into `language`: those of which there
/// is one for each language must be named by it (`id.po`, `app_id.arb`, `locales/id/a.json`),
/// subtitles must not be named by the other one (`film.en.srt`).
pub(super) fn is_translation(path: &Path, language: Language) -> bool {
    let names = |language: Language| -> &[&str] {
        match language {
            Language::Id => &["id", "in", "ind", "indonesian"],
            Language::En => &["en", "eng", "english"],
        }
    };
    let says = |part: &OsStr, language| {
        let part = part.to_string_lossy().to_lowercase();
        part.split(|c: char| !c.is_alphanumeric()).any(|word| names(language).contains(&word))
    };
    let stem = path.file_stem().unwrap_or_default();
    match extension(path).as_str() {
        "srt" | "vtt" => says(stem, language) || !says(stem, language.other()),
        by_language if BY_LANGUAGE.contains(&by_language) || is_named(path) => {
            // The nearest name that says a language decides: `locales/id/en.json` is English.
            let folders = path.parent().into_iter().flat_map(Path::ancestors);
            let parts = std::iter::once(stem).chain(folders.filter_map(Path::file_name).take(3));
            let mut said = parts.filter_map(|part| {
                let said = says(part, language);
                (said || says(part, language.other())).then_some(said)
            });
            said.next().unwrap_or(false)
        }
        _ => true,
    }
}

/// The files under `path`, sorted; `path` itself where it is no folder. Files that .gitignore
/// names, hidden ones and those of other types are left out.
pub(super) fn files(path: &Path) -> Box<dyn Iterator<Item = Result<PathBuf, ignore::Error>>> {
    if !path.is_dir() {
        return Box::new(std::iter::once(Ok(path.to_owned())));
    }
    let wanted = |path: &Path| {
        let extension = extension(path);
        EXTENSIONS.iter().chain(BY_LANGUAGE).any(|known| *known == extension) || is_named(path)
    };
    let walk = ignore::WalkBuilder::new(path).sort_by_file_path(Path::cmp).build();
    Box::new(walk.filter_map(move |entry| match entry {
        Ok(entry) if entry.file_type().is_some_and(|t| t.is_dir()) => None,
        Ok(entry) => wanted(entry.path()).then(|| Ok(entry.into_path())),
        Err(error) => Some(Err(error)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn translations_are_told_from_sources_by_their_path() {
        let into_id = |path: &str| is_translation(Path::new(path), Language::Id);
        for path in [
            "po/id.po",
            "lib/l10n/app_id.arb",
            "locales/id/common.json",
            "locale/id/LC_MESSAGES/django.po",
            "values-in/a.json",
            "res/values-in/strings.xml",
            "res/values-b+id/strings.xml",
            "id-ID.json",
            "film.srt",
            "film.id.vtt",
            "en/a.md",
            "a.csv",
        ] {
            assert!(into_id(path), "{path}");
        }
        for path in [
            "po/fr.po",
            "lib/l10n/app_en.arb",
            "package.json",
            "locales/id/en.json",
            "film.en.srt",
            "res/values/strings.xml",
            "res/values-fr/strings.xml",
        ] {
            assert!(!into_id(path), "{path}");
        }
        assert!(is_translation(Path::new("locales/en/a.json"), Language::En));
    }
}
