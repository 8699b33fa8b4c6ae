//! Standard output, or a file that is written whole or not at all.

use std::{
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anstream::{AutoStream, ColorChoice};
use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use super::args::Colour;

/// Where a report goes.
pub(super) enum Output {
    /// Data for a pipe or a terminal; flushed after each segment.
    Stdout(BufWriter<Box<dyn Write>>),
    /// A temporary file beside the one it becomes.
    File { temporary: BufWriter<AutoStream<fs::File>>, guard: NamedTempFile, path: PathBuf },
}

impl Output {
    pub(super) fn open(path: Option<&Path>, colour: Colour) -> Result<Self> {
        let Some(path) = path else {
            let choice = match colour {
                Colour::Auto => AutoStream::choice(&io::stdout()),
                Colour::Always => ColorChoice::Always,
                Colour::Never => ColorChoice::Never,
            };
            let stream: Box<dyn Write> = Box::new(AutoStream::new(io::stdout(), choice));
            return Ok(Self::Stdout(BufWriter::new(stream)));
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let context = || format!("cannot write `{}`", path.display());
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".cermat-{name}-");
        sweep(folder, &prefix);
        let guard =
            tempfile::Builder::new().prefix(&prefix).tempfile_in(folder).with_context(context)?;
        // Says to others that it is no leftover; where locks are not to be had, nothing is swept.
        let _ = guard.as_file().try_lock();
        let choice =
            if colour == Colour::Always { ColorChoice::Always } else { ColorChoice::Never };
        let file = guard.reopen().with_context(context)?;
        let temporary = BufWriter::new(AutoStream::new(file, choice));
        Ok(Self::File { temporary, guard, path: path.to_owned() })
    }

    /// What was written reaches a reader at once.
    pub(super) fn flush_segment(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File { .. } => Ok(()),
        }
    }

    /// Puts the file in its place. An output that is dropped without this leaves nothing.
    pub(super) fn finish(self) -> Result<()> {
        match self {
            Self::Stdout(mut out) => Ok(out.flush()?),
            Self::File { mut temporary, guard, path } => {
                let context = || format!("cannot write `{}`", path.display());
                temporary.flush().with_context(context)?;
                guard.as_file().sync_all().with_context(context)?;
                // Temporary files are private; a report is as readable as its user's other files,
                // or as the one it replaces.
                #[cfg(unix)]
                {
                    use std::os::unix::fs::PermissionsExt as _;
                    let mode = fs::metadata(&path).map_or(0o644, |old| old.permissions().mode());
                    let permissions = fs::Permissions::from_mode(mode);
                    guard.as_file().set_permissions(permissions).with_context(context)?;
                }
                guard.persist(&path).map_err(|error| error.error).with_context(context)?;
                Ok(())
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(data),
            Self::File { temporary, .. } => temporary.write(data),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::File { temporary, .. } => temporary.flush(),
        }
    }
}

/// Removes what runs that were killed have left of the same output. A file that a living run
/// writes is locked.
fn sweep(folder: &Path, prefix: &str) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(prefix)
            && fs::File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Columns of the terminal, or 100 where there is none; lines longer than 120 read badly.
pub(super) fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0)).clamp(40, 120)
}
