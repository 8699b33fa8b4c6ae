//! The files of a run, one after the other: none of them is kept in memory.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{args::InputArgs, paths};
use crate::report::Unread;

/// A file to read.
pub(super) struct Input {
    pub(super) path: PathBuf,
    /// Whether it was found in a folder, so that nobody has named it.
    pub(super) is_found: bool,
}

type Found = Result<Input, Unread>;

/// The files that the arguments name, folders walked, in their order.
pub(super) fn inputs(input: &InputArgs) -> anyhow::Result<impl Iterator<Item = Found>> {
    let listed: Box<dyn Iterator<Item = Found>> = match &input.files_from {
        None => Box::new(std::iter::empty()),
        Some(list) => Box::new(listed(list)?),
    };
    let named = input.paths.iter().flat_map(|path| walk(path));
    Ok(named.chain(listed))
}

fn walk(path: &Path) -> impl Iterator<Item = Found> + use<> {
    let name = path.display().to_string();
    let is_found = path.is_dir();
    paths::files(path).map(move |file| {
        file.map(|path| Input { path, is_found }).map_err(|error| Unread {
            file: name.clone(),
            line: None,
            message: error.to_string(),
        })
    })
}

/// The files and folders that the lines of `list` name; an empty line names none.
fn listed(list: &Path) -> anyhow::Result<impl Iterator<Item = Found> + use<>> {
    let name = list.display().to_string();
    let lines: Box<dyn BufRead> = match list.as_os_str() == "-" {
        true => Box::new(BufReader::new(io::stdin())),
        false => {
            let file =
                File::open(list).with_context(|| format!("cannot read the list `{name}`"))?;
            Box::new(BufReader::new(file))
        }
    };
    let mut number = 0;
    Ok(lines.lines().flat_map(move |line| -> Box<dyn Iterator<Item = Found>> {
        number += 1;
        match line {
            Ok(line) if line.trim().is_empty() => Box::new(std::iter::empty()),
            Ok(line) => Box::new(walk(Path::new(line.trim_end_matches('\r')))),
            Err(error) => {
                let message = format!("{error}; file names are read as UTF-8");
                Box::new(std::iter::once(Err(Unread {
                    file: name.clone(),
                    line: Some(number),
                    message,
                })))
            }
        }
    }))
}

/// Bytes of all files together, for the time that remains; `None` where that is not known before
/// they are read.
pub(super) fn total_bytes(input: &InputArgs) -> Option<u64> {
    let is_stdin = |path: &Path| path.as_os_str() == "-";
    if input.files_from.as_deref().is_some_and(is_stdin) || input.paths.iter().any(|p| is_stdin(p))
    {
        return None;
    }
    let size = |input: Input| input.path.metadata().map_or(0, |metadata| metadata.len());
    Some(inputs(input).ok()?.filter_map(Result::ok).map(size).sum())
}
