//! `cermat report`: reports from results that are stored, and two runs compared; no model runs.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader, Read as _},
    path::Path,
};

use super::{
    Usage,
    args::{Cli, Colour, ReportArgs},
    cancel_on_interrupt,
    configs::{Configs, flag},
    exit::Exit,
    failures,
    output::{self, Output},
    reporter_format,
    reports::Reports,
    talk,
};
use crate::{
    compare::{Comparison, Run},
    config::Options,
    document::MAX_FILE_BYTES,
    fingerprint::Fingerprints,
    gate::Gates,
    model::{Cancel, InferError},
    report::{Issue, Row, Signature, Summary, Unread},
    reporter::{self, Format, Layout, Subject, visible},
    results::{Reader, Record, RecordError},
};

/// Builds reports.
pub(super) fn report(cli: &Cli, args: &ReportArgs) -> anyhow::Result<Exit> {
    let cancel = cancel_on_interrupt();
    let format = reporter_format(&args.format);
    let formats = args.report.iter().map(|report| report.format).chain([format]);
    if let Some(Format { name, .. }) = formats.into_iter().find(|format| format.name == "features")
    {
        let message = format!("no `{name}` from stored results: they do not hold what it prints");
        return Err(Usage(message).into());
    }
    let stdin = args.paths.iter().chain(&args.previous).filter(|path| path.as_os_str() == "-");
    if stdin.count() > 1 {
        return Err(Usage("standard input can be read once only".to_owned()).into());
    }
    let mut reader = Reader::default();
    let mut unread = Vec::new();
    let mut previous = None;
    if !args.previous.is_empty() {
        let mut run = Run::default();
        for path in &args.previous {
            unread.extend(lines(path, &cancel, |line| {
                let (record, signature) = reader.read(line)?;
                match &record {
                    Record::Row(row) => run.add_row(row),
                    Record::Document { file, issues, .. } => run.add_document(file, issues),
                }
                run.signature = run.signature.take().or(signature);
                Ok(())
            })?);
        }
        previous = Some(run);
    }

    let flags = Options {
        fail_on: args.fail_on,
        min_score: args.min_score.map(flag),
        max_penalty: args.max_penalty.map(flag),
        ..Options::default()
    };
    let layout = Layout {
        subject: Subject::Findings,
        width: output::width(),
        verbose: cli.verbose > 0,
        quiet: cli.quiet,
    };
    let (output, by_file) = (args.output.as_deref(), args.by_file.as_deref());
    let mut writer = Writer {
        reports: Reports::open(format, output, &args.report, by_file, layout, cli.color)?,
        by_file: by_file.map(|path| Output::open(Some(path), Colour::Never)).transpose()?,
        signature: None,
        run: previous.is_some().then(Run::default),
        configs: Configs::of_results(&args.config, flags)?,
        gates: Gates::default(),
        summary: Summary::default(),
        document: None,
        fingerprints: Fingerprints::default(),
        homes: HashMap::new(),
        twice: Vec::new(),
        mixed: false,
        quiet: cli.quiet,
    };
    if let Some(table) = &mut writer.by_file {
        reporter::file_header(table)?;
    }
    for (number, path) in args.paths.iter().enumerate() {
        unread.extend(lines(path, &cancel, |line| {
            let (record, signature) = reader.read(line)?;
            writer.record(record, signature, number)?;
            Ok(())
        })?);
        writer.close()?;
    }
    for broken in unread.chunk_by(|a, b| a.file == b.file) {
        writer.unread(&broken[0].file, broken.to_vec())?;
    }
    let foreign = reader.foreign();
    if !foreign.is_empty() && !cli.quiet {
        eprintln!(
            "cermat: not checks of this version, kept as they were written: {}",
            foreign.join(", ")
        );
    }
    writer.finish(previous.as_ref())
}

fn name(path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// Hands each line of a file to `read`; what could not be read, of which the user has been told.
fn lines(
    path: &Path,
    cancel: &Cancel,
    mut read: impl FnMut(&[u8]) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<Unread>> {
    let file = name(path);
    let mut unread = Vec::new();
    let mut fail = |line: Option<u32>, message: String| {
        let failure = Unread { file: file.clone(), line, message };
        talk(&failure);
        unread.push(failure);
    };
    let opened: io::Result<Box<dyn BufRead>> = match path.as_os_str().as_encoded_bytes() {
        b"-" => Ok(Box::new(io::stdin().lock())),
        _ => File::open(path).map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead>),
    };
    let mut input = match opened {
        Ok(input) => input,
        Err(error) => {
            fail(None, format!("cannot read `{file}`: {error}"));
            return Ok(unread);
        }
    };
    let mut line = Vec::new();
    for number in 1.. {
        if cancel.is_cancelled() {
            return Err(InferError::Cancelled.into());
        }
        line.clear();
        // A file without line ends does not fill the memory.
        let length = (&mut input).take(MAX_FILE_BYTES).read_until(b'\n', &mut line);
        match length {
            Ok(0) => break,
            Ok(length) if length as u64 == MAX_FILE_BYTES => {
                fail(
                    Some(number),
                    format!("over {MAX_FILE_BYTES} bytes in one line; the rest is not read"),
                );
                break;
            }
            Ok(_) => {}
            Err(error) => {
                fail(Some(number), format!("cannot read on: {error}"));
                break;
            }
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match read(&line) {
            Ok(()) => {}
            // The reports or their settings, not the results.
            Err(error) if !error.is::<RecordError>() => return Err(error),
            Err(error) => fail(Some(number), format!("{error:#}")),
        }
    }
    Ok(unread)
}

/// Hands stored results to the reporters, a document at a time.
struct Writer {
    reports: Reports,
    by_file: Option<Output>,
    /// Of the first record; with it the reports have begun.
    signature: Option<Signature>,
    run: Option<Run>,
    /// For the thresholds.
    configs: Configs,
    gates: Gates,
    summary: Summary,
    /// The file whose segments are coming, the last of them, and its sums.
    document: Option<(String, u32, Summary)>,
    /// Of its findings.
    fingerprints: Fingerprints,
    /// In which of the results a file was.
    homes: HashMap<String, usize>,
    twice: Vec<String>,
    /// Of several runs, and the user has been told.
    mixed: bool,
    quiet: bool,
}

impl Writer {
    fn begin(&mut self, signature: Option<&Signature>) -> io::Result<()> {
        match (&self.signature, signature) {
            (None, signature) => {
                let unknown = || Signature {
                    cermat: "unknown".to_owned(),
                    model: "unknown".to_owned(),
                    score: "unknown".to_owned(),
                    beams: 0,
                };
                let known = signature.cloned().unwrap_or_else(unknown);
                self.reports.begin(&known)?;
                self.signature = Some(known);
                if let Some(run) = &mut self.run {
                    run.signature = signature.cloned();
                }
            }
            (Some(first), Some(other)) if first != other && !self.mixed && !self.quiet => {
                eprintln!(
                    "cermat: results of different runs: `{}` and `{}`; the report names the first",
                    visible(&first.line()),
                    visible(&other.line())
                );
                self.mixed = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn record(
        &mut self,
        record: Record,
        signature: Option<Signature>,
        home: usize,
    ) -> anyhow::Result<()> {
        self.begin(signature.as_ref())?;
        let ends = |(file, last, _): &(String, u32, Summary)| match &record {
            // A file that was named twice begins anew.
            Record::Row(row) => *file != row.file || row.segment <= *last,
            Record::Document { file: other, .. } => file != other,
        };
        if self.document.as_ref().is_some_and(ends) {
            self.close()?;
        }
        if self.document.is_none() {
            match self.homes.get(record.file()) {
                Some(first) if *first != home => self.twice.push(record.file().to_owned()),
                Some(_) => {}
                None => {
                    self.homes.insert(record.file().to_owned(), home);
                }
            }
        }
        match record {
            Record::Row(row) => Ok(self.row(*row)?),
            Record::Document { file, issues, unread } => {
                // A file of which nothing was read.
                if self.document.is_none()
                    && issues.is_empty()
                    && unread.iter().any(|unread| unread.line.is_none())
                {
                    return self.unread(&file, unread);
                }
                self.end_document(&file, issues, unread)
            }
        }
    }

    fn row(&mut self, mut row: Row) -> io::Result<()> {
        let (_, last, sums) =
            self.document.get_or_insert_with(|| (row.file.clone(), 0, Summary::default()));
        *last = row.segment;
        self.fingerprints.mark(&mut row.issues, &row.target);
        sums.add_row(&row);
        if let Some(run) = &mut self.run {
            run.add_row(&row);
        }
        self.reports.row(&row)
    }

    /// Ends the file whose segments were coming.
    fn close(&mut self) -> anyhow::Result<()> {
        match self.document.as_ref().map(|(file, ..)| file.clone()) {
            Some(file) => self.end_document(&file, Vec::new(), Vec::new()),
            None => Ok(()),
        }
    }

    fn end_document(
        &mut self,
        file: &str,
        mut issues: Vec<Issue>,
        unread: Vec<Unread>,
    ) -> anyhow::Result<()> {
        let mut sums = self.document.take().map_or_else(Summary::default, |(.., sums)| sums);
        sums.files = 1;
        std::mem::take(&mut self.fingerprints).mark(&mut issues, "");
        sums.add_issues(&issues);
        if let Some(run) = &mut self.run {
            run.add_document(file, &issues);
        }
        self.reports.document(file, &issues, &unread)?;
        sums.unread = unread;
        self.add(file, sums)
    }

    /// Counts what could not be read: lines of results, or a file the results name.
    fn unread(&mut self, file: &str, unread: Vec<Unread>) -> anyhow::Result<()> {
        if unread.is_empty() {
            return Ok(());
        }
        self.begin(None)?;
        let parts: Vec<Unread> =
            unread.iter().filter(|unread| unread.line.is_some()).cloned().collect();
        if !parts.is_empty() {
            self.reports.document(file, &[], &parts)?;
        }
        for whole in unread.iter().filter(|unread| unread.line.is_none()) {
            self.reports.unread(whole)?;
        }
        let mut sums = Summary::default();
        sums.unread = unread;
        self.add(file, sums)
    }

    fn add(&mut self, file: &str, mut sums: Summary) -> anyhow::Result<()> {
        if let Some(table) = &mut self.by_file {
            reporter::file_line(file, &sums, table)?;
        }
        self.summary.merge(&sums);
        sums.unread.clear();
        // No name at all is no path.
        let path = std::path::absolute(file).unwrap_or_else(|_| file.into());
        let gate = self.configs.of(&path)?.gate;
        self.gates.add(gate, &sums);
        Ok(())
    }

    fn finish(mut self, previous: Option<&Run>) -> anyhow::Result<Exit> {
        self.begin(None)?;
        if let Some((then, now)) = previous.zip(self.run.as_ref()) {
            self.reports.comparison(&Comparison::new(then, now))?;
        }
        let breaches = self.gates.judge();
        self.reports.finish(&self.summary, &breaches)?;
        if let Some(table) = self.by_file {
            table.finish()?;
        }
        if !self.quiet {
            if let Some(first) = self.twice.first() {
                let more = match self.twice.len() - 1 {
                    0 => String::new(),
                    more => format!(" and {more} more"),
                };
                eprintln!(
                    "cermat: in more than one of the results: `{}`{more}; all of it is counted. To compare two runs, give the earlier one to --previous",
                    visible(first)
                );
            }
            if !self.summary.unread.is_empty() {
                eprintln!("cermat: not everything was read: {}", failures(&self.summary.unread));
            }
            for breach in &breaches {
                eprintln!("cermat: failed: {}", breach.text());
            }
        }
        Ok(if !breaches.is_empty() {
            Exit::GateFailed
        } else if !self.summary.unread.is_empty() {
            Exit::Unreadable
        } else if self.summary.segments == 0 {
            eprintln!("cermat: nothing to report: no segment in the results");
            Exit::NothingToCheck
        } else {
            Exit::Passed
        })
    }
}
