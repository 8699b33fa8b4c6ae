//! The reports of a run: the one on standard output or in `--output`, and those of `--report`.

use std::{
    io::{self, Write as _},
    path::Path,
};

use super::{
    Usage,
    args::{Colour, ReportFile},
    output::Output,
};
use crate::{
    compare::Comparison,
    gate::Breach,
    report::{Issue, Row, Signature, Summary, Unread},
    reporter::{Format, Layout, Reporter},
};

/// Hands everything to each of them.
pub(super) struct Reports(Vec<(Box<dyn Reporter>, Output)>);

impl Reports {
    pub(super) fn open(
        main: &'static Format,
        main_path: Option<&Path>,
        others: &[ReportFile],
        by_file: Option<&Path>,
        layout: Layout,
        colour: Colour,
    ) -> anyhow::Result<Self> {
        let mut seen: Vec<&Path> = main_path.into_iter().chain(by_file).collect();
        let mut reports = vec![((main.build)(layout), Output::open(main_path, colour)?)];
        for report in others {
            let path = report.path.as_path();
            if seen.contains(&path) {
                return Err(Usage(format!("`{}` is written twice", path.display())).into());
            }
            seen.push(path);
            let output = Output::open(Some(path), Colour::Never)?;
            reports.push(((report.format.build)(layout), output));
        }
        Ok(Self(reports))
    }

    /// A reader of standard output who has seen enough does not end the other reports.
    fn each(
        &mut self,
        mut write: impl FnMut(&mut dyn Reporter, &mut Output) -> io::Result<()>,
    ) -> io::Result<()> {
        let several = self.0.len() > 1;
        let mut closed = None;
        for (i, (reporter, output)) in self.0.iter_mut().enumerate() {
            match (write(&mut **reporter, output), &output) {
                (Err(error), Output::Stdout(_))
                    if several && error.kind() == io::ErrorKind::BrokenPipe =>
                {
                    closed = Some(i);
                }
                (written, _) => written?,
            }
        }
        closed.map(|i| self.0.remove(i));
        Ok(())
    }

    pub(super) fn begin(&mut self, signature: &Signature) -> io::Result<()> {
        self.each(|reporter, output| reporter.begin(signature, output))
    }

    /// Writes a segment; what goes to standard output reaches its reader at once.
    pub(super) fn row(&mut self, row: &Row) -> io::Result<()> {
        self.each(|reporter, output| {
            reporter.row(row, output)?;
            output.flush_segment()
        })
    }

    pub(super) fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        unread: &[Unread],
    ) -> io::Result<()> {
        self.each(|reporter, output| {
            reporter.document(file, issues, unread, output)?;
            output.flush_segment()
        })
    }

    pub(super) fn unread(&mut self, unread: &Unread) -> io::Result<()> {
        self.each(|reporter, output| {
            reporter.unread(unread, output)?;
            output.flush_segment()
        })
    }

    pub(super) fn comparison(&mut self, comparison: &Comparison) -> io::Result<()> {
        self.each(|reporter, output| reporter.comparison(comparison, output))
    }

    /// Ends all of them, and only then puts files in their places.
    pub(super) fn finish(mut self, summary: &Summary, breaches: &[Breach]) -> anyhow::Result<()> {
        self.each(|reporter, output| {
            reporter.end(summary, breaches, output)?;
            output.flush()
        })?;
        self.0.into_iter().try_for_each(|(_, output)| output.finish())
    }
}
