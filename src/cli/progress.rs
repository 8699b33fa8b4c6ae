//! Progress on stderr, for people at a terminal.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar is shown only for work that takes longer than this.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar over segments with rate and remaining time. Nothing is drawn where stderr is no terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    begun: Instant,
    shown: bool,
    /// Reports go to a terminal, too: most likely the same.
    shared: bool,
    /// Bytes of all input files, where known.
    total: Option<u64>,
    /// Bytes and segments of the files that were opened.
    opened: (u64, u64),
}

impl Progress {
    pub(super) fn new(quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        let template = "{bar:24} {pos}/{len} segments  {per_sec}  {eta} left  {msg}";
        let style = ProgressStyle::with_template(template).expect("the template is valid");
        bar.set_style(style);
        let (begun, total) = (Instant::now(), None);
        Self { bar, begun, shown: quiet, shared: false, total, opened: (0, 0) }
    }

    /// The input files have this many bytes together: what remains is estimated by them.
    pub(super) fn of_bytes(mut self, total: Option<u64>) -> Self {
        self.total = total;
        self
    }

    /// Whether reports are written to a terminal, so that the bar has to make room for them.
    pub(super) fn beside(mut self, shared: bool) -> Self {
        self.shared = shared;
        self
    }

    /// A file of this many bytes was opened.
    pub(super) fn file(&mut self, bytes: usize) {
        self.opened.0 += bytes as u64;
    }

    /// This many segments more are to be done.
    pub(super) fn expect(&mut self, segments: usize) {
        self.opened.1 += segments as u64;
        let (bytes, segments) = self.opened;
        let estimate = match self.total {
            Some(total) if total > bytes && bytes > 0 => {
                (segments as f64 * total as f64 / bytes as f64) as u64
            }
            _ => segments,
        };
        self.bar.set_length(estimate);
    }

    /// Whether anybody will see it.
    pub(super) fn is_seen(quiet: bool) -> bool {
        !quiet && !ProgressDrawTarget::stderr().is_hidden()
    }

    /// This many segments more are done, with so many findings until now.
    pub(super) fn done(&mut self, segments: usize, findings: Option<u64>) {
        if !self.shown && self.begun.elapsed() > PATIENCE {
            self.shown = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        if let Some(findings) = findings {
            self.bar.set_message(format!("{findings} findings"));
        }
        self.bar.inc(segments as u64);
    }

    /// Takes the bar away while something is written, since both may share a terminal.
    pub(super) fn suspend<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// The same for reports, which may go elsewhere: then the bar stays, and is drawn as often as people
    /// can see.
    pub(super) fn report<T>(&self, write: impl FnOnce() -> T) -> T {
        if self.shared { self.bar.suspend(write) } else { write() }
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar over the bytes of a file, one file after the other.
pub(super) struct Transfer {
    bar: ProgressBar,
    quiet: bool,
}

impl Transfer {
    pub(super) fn new(quiet: bool) -> Self {
        Self { bar: ProgressBar::hidden(), quiet }
    }

    /// A file of which `here` bytes are here already.
    pub(super) fn begin(&mut self, name: &str, here: u64, total: Option<u64>) {
        self.end();
        if self.quiet {
            return;
        }
        let target = ProgressDrawTarget::stderr();
        self.bar = ProgressBar::with_draw_target(Some(total.unwrap_or(here)), target);
        let template = "{bar:24} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left  {msg}";
        let style = ProgressStyle::with_template(template).expect("the template is valid");
        self.bar.set_style(style);
        self.bar.set_message(name.to_owned());
        // What is here already says nothing about the speed.
        self.bar.set_position(here);
        self.bar.reset_eta();
    }

    pub(super) fn at(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
