//! The command line: parses, calls the [engine](crate::engine), prints.
//!
//! stdout is data, stderr is talk.

#![expect(clippy::print_stderr, reason = "talking to the user is this module's work")]

mod args;
mod evaluate;
mod exit;
mod list;
mod output;
mod paths;
mod progress;
mod translate;

use std::{
    fmt::Display,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser as _};

pub use args::{Cli, Command};
pub use exit::Exit;
pub use paths::{library_places, model_roots};

use self::{
    args::{CheckArgs, ChecksArgs, InputArgs, ModelArgs, OutputArgs, ScoreArgs},
    output::Output,
    progress::Progress,
};
use crate::{
    checks::{self, CheckMeta},
    document::{Document, MAX_FILE_BYTES, ReadError, format},
    engine::{Configured, Engine, EngineError, Event, Judged, Sink},
    evidence::{self, EvidenceSet},
    finding::{Finding, Status},
    gate::Gate,
    model::{
        Cancel, DecodeOptions, InferError, ModelError, TranslationModel, default_model, find_model,
    },
    onnx::{LibraryError, Pool, PoolOptions, Runtime},
    report::{self, Row, Signature, Summary, Unread},
    reporter::{Layout, REPORTERS, Reporter, Subject},
};

/// Runs the program on the arguments of the process.
pub fn main() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are no errors.
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Passed };
            let _ = error.print();
            return exit;
        }
    };
    match dispatch(&cli) {
        Ok(exit) => exit,
        Err(error) => {
            if error.chain().any(is_broken_pipe) {
                // The reader has seen enough: `cermat … | head`.
                return Exit::Passed;
            }
            let exit = exit_of(&error);
            if exit == Exit::Interrupted {
                eprintln!("cermat: interrupted");
            } else {
                eprintln!("cermat: error: {}", describe(&error));
            }
            exit
        }
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// An error with its causes, and what to do.
fn describe(error: &anyhow::Error) -> String {
    let mut text = format!("{error:#}");
    if error.is::<LibraryError>() {
        text.push_str(
            "\nTo mend it: run `python3 scripts/fetch_onnxruntime.py` in cermat's source tree, or `pip install onnxruntime==",
        );
        text.push_str(crate::onnx::VERSION);
        text.push_str("`\nand set ORT_DYLIB_PATH to its libonnxruntime; `--no-model` runs the checks that need none.");
    }
    text
}

fn exit_of(error: &anyhow::Error) -> Exit {
    if error.is::<LibraryError>() || error.is::<ModelError>() {
        return Exit::ModelMissing;
    }
    match error.downcast_ref::<InferError>() {
        Some(InferError::Cancelled) => Exit::Interrupted,
        Some(InferError::Load(_)) => Exit::ModelMissing,
        Some(InferError::Direction { .. }) => Exit::Usage,
        _ if error.is::<Usage>() => Exit::Usage,
        _ => Exit::Failed,
    }
}

/// Arguments that are wrong in a way the parser cannot see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

fn dispatch(cli: &Cli) -> anyhow::Result<Exit> {
    match &cli.command {
        Command::Check(args) => check(cli, args),
        Command::Score(args) => score(cli, args),
        Command::Translate(args) => translate::translate(cli, args),
        Command::Evaluate(args) => evaluate::evaluate(cli, args),
        Command::Explain { check } => {
            let meta = checks::find(check).ok_or_else(|| {
                Usage(format!("no check `{check}`; `cermat checks` lists them all"))
            })?;
            list::explain(cli.color, meta)
        }
        Command::Checks => list::checks(cli.color),
        Command::Models { verify } => list::models(cli.color, *verify),
        Command::Completions { shell } => {
            let mut command = Cli::command();
            clap_complete::generate(*shell, &mut command, "cermat", &mut io::stdout());
            Ok(Exit::Passed)
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut io::stdout())?;
            Ok(Exit::Passed)
        }
    }
}

fn check(cli: &Cli, args: &CheckArgs) -> anyhow::Result<Exit> {
    let chosen = choose(&args.checks)?;
    let job = Job {
        cli,
        input: &args.input,
        output: &args.output,
        format: &args.format,
        subject: Subject::Findings,
        checks: chosen,
        gate: Gate { fail_on: args.fail_on, min_score: args.output.min_score },
    };
    job.run((!args.no_model).then_some(&args.model))
}

fn score(cli: &Cli, args: &ScoreArgs) -> anyhow::Result<Exit> {
    let job = Job {
        cli,
        input: &args.input,
        output: &args.output,
        format: &args.format,
        subject: Subject::Scores,
        checks: Vec::new(),
        gate: Gate { fail_on: None, min_score: args.output.min_score },
    };
    job.run(Some(&args.model))
}

/// The checks that `--select`, `--ignore` and `--preview` leave, with default options.
fn choose(args: &ChecksArgs) -> anyhow::Result<Vec<Configured>> {
    let ChecksArgs { select, ignore, preview } = args;
    let names = |meta: &CheckMeta, pattern: &str| {
        let pattern = pattern.trim();
        meta.info.name == pattern
            || (!pattern.is_empty()
                && meta.info.code.starts_with(pattern.to_ascii_uppercase().as_str()))
    };
    for pattern in select.iter().chain(ignore) {
        if !checks::ALL.iter().any(|meta| names(meta, pattern)) {
            let message = format!("no check is called `{pattern}`; `cermat checks` lists them");
            return Err(Usage(message).into());
        }
    }
    let mut chosen = Vec::new();
    for &meta in checks::ALL {
        let selected = select.iter().any(|pattern| names(meta, pattern));
        // Named by its full code or name, a preview check is asked for.
        let named =
            select.iter().any(|p| *p == meta.info.name || p.eq_ignore_ascii_case(meta.info.code));
        let stable = *preview || named || matches!(meta.info.status, Status::Stable(_));
        let ignored = ignore.iter().any(|pattern| names(meta, pattern));
        if (select.is_empty() || selected) && stable && !ignored {
            let check = (meta.build)(toml::Table::new()).expect("every option has a default");
            chosen.push(Configured { meta, check });
        }
    }
    Ok(chosen)
}

/// A model, ready to run.
fn open_model(args: &ModelArgs, cancel: &Cancel, verbose: u8) -> anyhow::Result<Pool> {
    let roots = paths::model_roots();
    let folder = match &args.model {
        Some(name) => find_model(name, &roots)?,
        None => default_model(&roots)?,
    };
    let runtime = Runtime::load(&paths::library_places(args.onnxruntime.as_deref()))?;
    if verbose > 0 {
        eprintln!("cermat: ONNX Runtime: {}", runtime.path.display());
        eprintln!("cermat: model: {}", folder.path.display());
    }
    let mut options = PoolOptions { cancel: cancel.clone(), ..PoolOptions::default() };
    if let Some(jobs) = args.jobs {
        options.workers = jobs.into();
    }
    Ok(Pool::open(&runtime, &folder, options)?)
}

/// Cancelled by Ctrl-C; a second one ends the process at once.
fn cancel_on_interrupt() -> Cancel {
    let cancel = Cancel::new();
    let asked = cancel.clone();
    // A handler that cannot be set leaves Ctrl-C as it was: the process ends at once.
    let _ = ctrlc::set_handler(move || {
        if asked.is_cancelled() {
            std::process::exit(Exit::Interrupted.code().into());
        }
        asked.cancel();
    });
    cancel
}

/// A run over files.
struct Job<'a> {
    cli: &'a Cli,
    input: &'a InputArgs,
    output: &'a OutputArgs,
    format: &'a str,
    subject: Subject,
    checks: Vec<Configured>,
    gate: Gate,
}

impl Job<'_> {
    fn run(self, model: Option<&ModelArgs>) -> anyhow::Result<Exit> {
        let begun = Instant::now();
        let cancel = cancel_on_interrupt();
        let options = DecodeOptions {
            beams: model.map_or(1, |model| model.beams.into()),
            ..DecodeOptions::default()
        };
        let pool = match model {
            Some(args) => Some(open_model(args, &cancel, self.cli.verbose)?),
            None => None,
        };
        let info = pool.as_ref().map(|pool| pool.info().clone());
        if let Some(info) = &info {
            for direction in [self.input.direction, self.input.direction.reversed()] {
                if !info.directions.contains(&direction) {
                    let model = info.name.clone();
                    return Err(InferError::Direction { model, direction }.into());
                }
            }
        }
        let signature = Signature {
            cermat: env!("CARGO_PKG_VERSION"),
            model: info.as_ref().map_or_else(|| "none".to_owned(), |info| info.name.clone()),
            score: if info.is_some() { evidence::FORMULA } else { "none" },
            beams: options.beams,
        };
        let format = REPORTERS.iter().find(|format| format.name == self.format);
        let format = format.expect("one of the possible values");
        let wanted = if format.evidence {
            EvidenceSet::all()
        } else {
            EvidenceSet::BACK_TRANSLATION | EvidenceSet::QUALITY
        };
        let pool = pool.map(|pool| Box::new(pool) as Box<dyn TranslationModel>);
        let mut engine = Engine::new(pool, self.checks, wanted, options, cancel.clone());
        let silent: Vec<&str> = engine.silent().map(|meta| meta.info.code).collect();
        if !silent.is_empty() && !self.cli.quiet {
            eprintln!("cermat: skipped for want of a model: {}", silent.join(", "));
        }

        let layout = Layout {
            subject: self.subject,
            width: output::width(),
            verbose: self.cli.verbose > 0,
            quiet: self.cli.quiet,
        };
        let mut reporter = (format.build)(layout);
        let mut output = Output::open(self.output.output.as_deref(), self.cli.color)?;
        let mut progress = Progress::new(self.cli.quiet);
        let mut summary = Summary::default();
        reporter.begin(&signature, &mut output)?;

        for file in inputs(&self.input.paths) {
            if cancel.is_cancelled() {
                return Err(InferError::Cancelled.into());
            }
            let document = match file.and_then(|path| read(&path, self.input)) {
                Ok(document) => document,
                Err(unread) => {
                    progress.suspend(|| talk(&unread));
                    summary.unread.push(unread);
                    continue;
                }
            };
            summary.files += 1;
            let unread: Vec<Unread> = document
                .problems
                .iter()
                .map(|problem| Unread {
                    file: document.name.clone(),
                    line: Some(problem.line),
                    message: problem.message.clone(),
                })
                .collect();
            progress.suspend(|| unread.iter().for_each(talk));
            let findings = std::cell::Cell::new(summary.findings);
            let cell = std::cell::RefCell::new(&mut progress);
            let mut writer = Writer {
                reporter: &mut *reporter,
                output: &mut output,
                summary: &mut summary,
                unread: &unread,
                progress: &cell,
                findings: &findings,
            };
            let mut events = |event| match event {
                Event::Document { segments } => cell.borrow_mut().expect(segments),
                Event::Done { segments } => cell.borrow_mut().done(segments, Some(findings.get())),
            };
            engine.run(&document, &mut writer, &mut events).map_err(|error| match error {
                EngineError::Infer(error) => anyhow::Error::from(error),
                EngineError::Sink(error) => anyhow::Error::from(error),
            })?;
            summary.unread.extend(unread);
        }
        progress.finish();

        let breaches = self.gate.judge(&summary);
        reporter.end(&summary, &breaches, &mut output)?;
        output.finish()?;
        if !self.cli.quiet {
            for breach in &breaches {
                eprintln!("cermat: failed: {}", breach.text());
            }
            if self.cli.verbose > 0 {
                let seconds = begun.elapsed().as_secs_f64();
                let rate = summary.segments as f64 / seconds.max(1e-3);
                eprintln!("cermat: {} segments in {seconds:.2} s ({rate:.1}/s)", summary.segments);
            }
        }
        Ok(if !breaches.is_empty() {
            Exit::GateFailed
        } else if !summary.unread.is_empty() {
            Exit::Unreadable
        } else if summary.segments == 0 {
            eprintln!("cermat: nothing to check: no text in {}", names(&self.input.paths));
            Exit::NothingToCheck
        } else {
            Exit::Passed
        })
    }
}

fn names(paths: &[PathBuf]) -> String {
    let names: Vec<String> = paths.iter().map(|path| format!("`{}`", path.display())).collect();
    names.join(", ")
}

fn talk(unread: &Unread) {
    match unread.line {
        Some(line) => eprintln!("cermat: {}:{line}: {}", unread.file, unread.message),
        None => eprintln!("cermat: {}", unread.message),
    }
}

/// Hands segments from the engine to the reporter.
struct Writer<'a> {
    reporter: &'a mut dyn Reporter,
    output: &'a mut Output,
    summary: &'a mut Summary,
    unread: &'a [Unread],
    progress: &'a std::cell::RefCell<&'a mut Progress>,
    findings: &'a std::cell::Cell<u64>,
}

impl Sink for Writer<'_> {
    type Error = io::Error;

    fn segment(&mut self, document: &Document, judged: Judged<'_>) -> io::Result<()> {
        let row = Row::new(document, judged);
        self.summary.add_row(&row);
        self.findings.set(self.summary.findings);
        let Self { reporter, output, progress, .. } = self;
        progress.borrow().suspend(|| {
            reporter.row(&row, *output)?;
            output.flush_segment()
        })
    }

    fn document(&mut self, document: &Document, findings: Vec<Finding>) -> io::Result<()> {
        let issues = report::issues(document, findings);
        self.summary.add_issues(&issues);
        let Self { reporter, output, progress, unread, .. } = self;
        progress.borrow().suspend(|| {
            reporter.document(&document.name, &issues, unread, *output)?;
            output.flush()
        })
    }
}

/// The files that `paths` name, folders walked.
fn inputs(paths: &[PathBuf]) -> impl Iterator<Item = Result<PathBuf, Unread>> {
    paths.iter().flat_map(|path| {
        paths::files(path).into_iter().map(|file| {
            file.map_err(|error| Unread {
                file: path.display().to_string(),
                line: None,
                message: error.to_string(),
            })
        })
    })
}

fn read(path: &Path, input: &InputArgs) -> Result<Document, Unread> {
    let stdin = path.as_os_str() == "-";
    let name = if stdin { "<stdin>".to_owned() } else { path.display().to_string() };
    let unread = |message: &dyn Display| Unread {
        file: name.clone(),
        line: None,
        message: message.to_string(),
    };
    let bytes = if stdin {
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .take(MAX_FILE_BYTES + 1)
            .read_to_end(&mut bytes)
            .context("cannot read standard input")
            .map(|_| bytes)
    } else {
        fs::metadata(path)
            .and_then(|metadata| match metadata.len() {
                // Not read at all: it may not fit into memory.
                len if len > MAX_FILE_BYTES => Err(io::ErrorKind::FileTooLarge.into()),
                _ => fs::read(path),
            })
            .with_context(|| format!("cannot read `{name}`"))
    };
    let bytes = bytes.map_err(|error| unread(&format!("{error:#}")))?;
    let format = input.input_format.as_deref().and_then(format::by_name);
    let options = format::ReadOptions { direction: input.direction };
    format::read_bytes(&name, path, bytes, format, &options).map_err(|error: ReadError| {
        let error = anyhow::Error::from(error);
        unread(&format!("{error:#}"))
    })
}
