//! The command line: parses, calls the [engine](crate::engine), prints.
//!
//! stdout is data, stderr is talk.

#![expect(clippy::print_stderr, reason = "talking to the user is this module's work")]

mod args;
mod baseline;
mod bench;
mod configs;
mod evaluate;
mod exit;
mod fix;
mod git;
mod inputs;
mod lazy;
mod list;
mod models;
mod output;
mod paths;
mod progress;
mod reports;
mod store;
mod stored;
mod translate;

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fmt::Display,
    fs,
    io::{self, IsTerminal as _, Read},
    path::Path,
    sync::Arc,
    time::Instant,
};

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser as _};

pub use args::{Cli, Command};
pub use exit::Exit;
pub use paths::{library_places, model_roots};

use self::{
    args::{CheckArgs, ChecksArgs, Colour, InputArgs, ModelArgs, OutputArgs, ScoreArgs},
    baseline::{Known, KnownFile},
    configs::{Configs, flag},
    git::Changes,
    lazy::Lazy,
    output::Output,
    progress::Progress,
    reports::Reports,
    store::Journal,
};
use crate::{
    baseline::BaselineError,
    checks,
    config::{ConfigError, Options, Settings},
    document::{Document, MAX_FILE_BYTES, ReadError, Segment, format},
    engine::{Configured, Engine, EngineError, Event, Judged, Sink},
    evidence::{self, EvidenceSet, ScoreModel, cache::Cache},
    finding::Finding,
    fingerprint::Fingerprints,
    gate::Gates,
    hub::HubError,
    model::{
        Cancel, DecodeOptions, InferError, ModelError, ModelFolder, TranslationModel, find_model,
    },
    onnx::{DeviceError, LibraryError, Pool, Runtime},
    report::{self, Row, Signature, Summary, Unread},
    reporter::{self, Format, Layout, REPORTERS, Subject, visible},
    suppress::Suppressions,
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
    // Names and texts of files are in it.
    let mut text = visible(&format!("{error:#}"));
    if let Some(OpenError::Library(_)) = open_error(error) {
        text.push_str(
            "\nTo mend it: run `python3 scripts/fetch_onnxruntime.py` in cermat's source tree, or `pip install onnxruntime==",
        );
        text.push_str(crate::onnx::VERSION);
        text.push_str("`\nand set ORT_DYLIB_PATH to its libonnxruntime; `--no-model` runs the checks that need none.");
    }
    text
}

fn open_error(error: &anyhow::Error) -> Option<&OpenError> {
    error.chain().find_map(|error| error.downcast_ref())
}

fn exit_of(error: &anyhow::Error) -> Exit {
    if let Some(exit) = error.downcast_ref().map(hub_exit) {
        return exit;
    }
    match error.downcast_ref() {
        Some(ModelError::Write { .. }) => return Exit::Failed,
        Some(_) => return Exit::ModelMissing,
        None if open_error(error).is_some() => return Exit::ModelMissing,
        None => {}
    }
    match error.downcast_ref::<InferError>() {
        Some(InferError::Cancelled) => Exit::Interrupted,
        Some(InferError::Load(_)) => Exit::ModelMissing,
        Some(InferError::Direction { .. }) => Exit::Usage,
        _ if error.is::<Usage>() || error.is::<ConfigError>() || error.is::<BaselineError>() => {
            Exit::Usage
        }
        _ => Exit::Failed,
    }
}

fn hub_exit(error: &HubError) -> Exit {
    match error {
        HubError::Settings(_) => Exit::Usage,
        HubError::Cancelled => Exit::Interrupted,
        HubError::Model(ModelError::Write { .. }) => Exit::Failed,
        _ => Exit::ModelMissing,
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
        Command::Baseline(args) => baseline::baseline(cli, args),
        Command::Report(args) => stored::report(cli, args),
        Command::Schema { format } => list::schema(format),
        Command::Translate(args) => translate::translate(cli, args),
        Command::Evaluate(args) => evaluate::evaluate(cli, args),
        Command::Calibrate(args) => evaluate::calibrate(cli, args),
        Command::Explain { check } => {
            let meta = checks::find(check).ok_or_else(|| {
                Usage(format!("no check `{check}`; `cermat checks` lists them all"))
            })?;
            list::explain(cli.color, meta)
        }
        Command::Checks => list::checks(cli.color),
        Command::Config { path } => configs::show(path, cli.color),
        Command::Models(args) => models::models(cli, args),
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
    let flags = Options {
        fail_on: args.fail_on,
        min_score: args.output.min_score.map(flag),
        max_penalty: args.max_penalty.map(flag),
        ..args.checks.options()
    };
    if args.fix || args.diff {
        let ended = fix::fix(cli, args, flags.clone())?;
        if let Some(exit) = ended {
            return Ok(exit);
        }
    }
    let job = Job {
        cli,
        input: &args.input,
        output: &args.output,
        format: reporter_format(&args.format),
        subject: Subject::Findings,
        flags,
        known: args.baseline.as_deref().map(Known::load).transpose()?,
        changes: args.changed_since.as_deref().map(Changes::since),
    };
    let (exit, known) = job.run((!args.no_model).then_some(&args.model))?;
    if let Some(known) = known {
        known.report(cli, args.prune, args.changed_since.is_some())?;
    }
    Ok(exit)
}

fn score(cli: &Cli, args: &ScoreArgs) -> anyhow::Result<Exit> {
    let job = Job {
        cli,
        input: &args.input,
        output: &args.output,
        format: reporter_format(&args.format),
        subject: Subject::Scores,
        flags: Options { min_score: args.output.min_score.map(flag), ..Options::default() },
        known: None,
        changes: None,
    };
    Ok(job.run(Some(&args.model))?.0)
}

/// The format of this name, one that the parser has let through.
fn reporter_format(name: &str) -> &'static Format {
    let format = REPORTERS.iter().find(|format| format.name == name);
    format.expect("one of the possible values")
}

/// The checks that `--select`, `--ignore` and `--preview` leave, with default options.
fn choose(args: &ChecksArgs) -> anyhow::Result<Arc<[Configured]>> {
    Ok(Settings::new(args.options()).map_err(Usage)?.checks)
}

/// The folder of the model that is asked for, or the two of a pair: `id-en,en-id`.
fn model_folders(args: &ModelArgs) -> Result<Vec<ModelFolder>, ModelError> {
    let roots = paths::model_roots();
    match &args.model {
        // A comma may be part of a path.
        Some(name) if name.contains(',') && !Path::new(name).exists() => {
            name.split(',').map(|name| find_model(name, &roots)).collect()
        }
        Some(name) => Ok(vec![find_model(name, &roots)?]),
        None => Ok(vec![models::chosen(&roots)?]),
    }
}

/// A model that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum OpenError {
    Library(#[from] LibraryError),
    Device(#[from] DeviceError),
    Model(#[from] ModelError),
}

/// A model, ready to run.
fn open_model(args: &ModelArgs, cancel: &Cancel, verbose: u8) -> Result<Pool, OpenError> {
    let folders = model_folders(args)?;
    let runtime = Runtime::load(&paths::library_places(args.onnxruntime.as_deref()))?;
    if verbose > 0 {
        eprintln!("cermat: ONNX Runtime: {}", runtime.path.display());
        for folder in &folders {
            eprintln!("cermat: model: {}", folder.path.display());
        }
    }
    args.device.check(&runtime)?;
    Ok(Pool::open_all(&runtime, &folders, args.pool_options(cancel))?)
}

/// The score of the model that is asked for.
fn open_score(args: &ModelArgs, quiet: bool) -> anyhow::Result<Option<ScoreModel>> {
    if let Some(path) = &args.score {
        return Ok(Some(ScoreModel::read(path)?));
    }
    let folders = model_folders(args)?;
    // That of a pair lies in its first folder.
    let Some(folder) = folders.first() else { return Ok(None) };
    let score = ScoreModel::open(&folder.path)?;
    if score.is_none() && !quiet {
        eprintln!(
            "cermat: no scores: model `{}` has no {} (see scripts/score/README.md)",
            folder.name,
            evidence::SCORE_FILE
        );
    }
    Ok(score)
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
    format: &'static Format,
    subject: Subject,
    flags: Options,
    known: Option<Known>,
    changes: Option<Changes>,
}

impl Job<'_> {
    /// Runs it; how it ended, and what became of the baseline.
    fn run(mut self, model: Option<&ModelArgs>) -> anyhow::Result<(Exit, Option<Known>)> {
        let begun = Instant::now();
        let cancel = cancel_on_interrupt();
        let quiet = self.cli.quiet;
        let mut configs = Configs::new(self.input, std::mem::take(&mut self.flags))?;
        let options = DecodeOptions {
            beams: model.map_or(1, |model| model.beams.into()),
            ..DecodeOptions::default()
        };
        let store = match model {
            Some(args) => Some(self.store(args, options, &cancel)?),
            None => None,
        };
        let score = match model {
            Some(args) => open_score(args, quiet)?,
            None => None,
        };
        let (model, caches, journal) = store.unwrap_or_default();
        let info = model.as_ref().map(|model| model.info().clone());
        let signature = Signature {
            cermat: env!("CARGO_PKG_VERSION").to_owned(),
            model: info.as_ref().map_or_else(|| "none".to_owned(), |info| info.name.clone()),
            score: score.as_ref().map_or_else(|| "none".to_owned(), |score| score.name.clone()),
            beams: options.beams,
        };
        let reports = self.output.report.iter().map(|report| report.format);
        let wanted = if reports.chain([self.format]).any(|format| format.evidence) {
            EvidenceSet::all() - EvidenceSet::WORDS - EvidenceSet::PHRASES
        } else {
            EvidenceSet::BACK_TRANSLATION | EvidenceSet::QUALITY
        };
        let mut engine = Engine::new(model, Vec::new(), wanted, options, score, cancel.clone());
        caches.into_iter().for_each(|cache| engine.add_cache(cache));

        let layout = Layout {
            subject: self.subject,
            width: output::width(),
            verbose: self.cli.verbose > 0,
            quiet,
        };
        let OutputArgs { output, report, by_file, .. } = self.output;
        let (output, by_file) = (output.as_deref(), by_file.as_deref());
        let mut reports =
            Reports::open(self.format, output, report, by_file, layout, self.cli.color)?;
        let mut by_file = match by_file {
            Some(path) => Some(Output::open(Some(path), Colour::Never)?),
            None => None,
        };
        if let Some(table) = &mut by_file {
            reporter::file_header(table)?;
        }
        let bytes = if Progress::is_seen(quiet) { inputs::total_bytes(self.input) } else { None };
        let shared = output.is_none() && io::stdout().is_terminal();
        let mut progress = Progress::new(quiet).of_bytes(bytes).beside(shared);
        let mut summary = Summary::default();
        let mut gates = Gates::default();
        let mut silent = BTreeSet::new();
        let mut suppressed = 0;
        let mut inputs = 0_u64;
        reports.begin(&signature)?;

        for file in inputs::inputs(self.input)? {
            if cancel.is_cancelled() {
                return Err(InferError::Cancelled.into());
            }
            let read = match file {
                Ok(inputs::Input { path, is_found }) => {
                    let absolute = std::path::absolute(&path)?;
                    let settings = configs.of(&absolute)?;
                    let language = settings.reading.direction.target();
                    if is_found && !paths::is_translation(&path, language) {
                        continue;
                    }
                    read(&path, &settings).map(|document| (document, absolute, settings))
                }
                Err(unread) => Err(unread),
            };
            inputs += 1;
            let (document, path, settings) = match read {
                Ok(read) => read,
                Err(unread) => {
                    progress.suspend(|| talk(&unread));
                    reports.unread(&unread)?;
                    let mut one = Summary::default();
                    one.unread.push(unread);
                    if let Some(table) = &mut by_file {
                        reporter::file_line(&one.unread[0].file, &one, table)?;
                    }
                    summary.merge(&one);
                    continue;
                }
            };
            if let Some(info) = &info {
                let direction = settings.reading.direction;
                for direction in [direction, direction.reversed()] {
                    if !info.directions.contains(&direction) {
                        let model = info.name.clone();
                        return Err(InferError::Direction { model, direction }.into());
                    }
                }
            }
            if self.subject == Subject::Findings {
                engine.use_checks(Arc::clone(&settings.checks));
            }
            let ran: HashSet<&str> = engine.speaking().map(|meta| meta.info.code).collect();
            let new: Vec<&str> =
                engine.silent().map(|m| m.info.code).filter(|code| silent.insert(*code)).collect();
            if !new.is_empty() && !quiet {
                eprintln!("cermat: skipped for want of a model: {}", new.join(", "));
            }
            let lines = match &mut self.changes {
                Some(changes) => Some(changes.of(&path, &document)?),
                None => None,
            };
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
            progress.file(document.text.len());
            let mut known = self.known.as_mut().map(|known| known.file(&path, &ran));
            let before = summary.findings;
            let mut one = Summary::default();
            one.files = 1;
            let mut suppressions = Suppressions::new(&document);
            let findings = std::cell::Cell::new(before);
            let cell = std::cell::RefCell::new(&mut progress);
            let mut writer = Writer {
                reports: &mut reports,
                summary: &mut one,
                unread: &unread,
                progress: &cell,
                before,
                findings: &findings,
                settings: &settings,
                suppressions: &mut suppressions,
                fingerprints: Fingerprints::default(),
                known: known.as_mut(),
            };
            let mut events = |event| match event {
                Event::Document { segments } => cell.borrow_mut().expect(segments),
                Event::Done { segments } => cell.borrow_mut().done(segments, Some(findings.get())),
            };
            let selected = |segment: &Segment| {
                lines.as_ref().is_none_or(|lines| lines.holds(&document, segment))
            };
            engine.run_selected(&document, selected, &mut writer, &mut events).map_err(
                |error| match error {
                    EngineError::Infer(error) => anyhow::Error::from(error),
                    EngineError::Sink(error) => anyhow::Error::from(error),
                },
            )?;
            suppressed += suppressions.hidden;
            if lines.is_none() && self.subject == Subject::Findings && !quiet {
                let idle = suppressions.idle(|meta| ran.contains(meta.info.code));
                progress.suspend(|| {
                    for idle in idle {
                        let (file, message) = (visible(&document.name), visible(&idle.message));
                        eprintln!("cermat: {file}:{}: {message}", idle.line);
                    }
                });
            }
            one.unread = unread;
            if let Some(table) = &mut by_file {
                reporter::file_line(&document.name, &one, table)?;
            }
            summary.merge(&one);
            // The sums of a group name no failures: the whole run does.
            one.unread.clear();
            gates.add(settings.gate, &one);
        }
        progress.finish();

        let breaches = gates.judge();
        reports.finish(&summary, &breaches)?;
        if let Some(table) = by_file {
            table.finish()?;
        }
        if let Some(journal) = journal {
            journal.finish();
        }
        if !quiet {
            if suppressed > 0 {
                eprintln!("cermat: suppressed in their files: {suppressed}");
            }
            if !summary.unread.is_empty() && inputs > 1 {
                eprintln!("cermat: not everything was read: {}", failures(&summary.unread));
            }
            for breach in &breaches {
                eprintln!("cermat: failed: {}", breach.text());
            }
            if self.cli.verbose > 0 {
                let seconds = begun.elapsed().as_secs_f64();
                let rate = summary.segments as f64 / seconds.max(1e-3);
                eprintln!("cermat: {} segments in {seconds:.2} s ({rate:.1}/s)", summary.segments);
            }
        }
        let exit = if !breaches.is_empty() {
            Exit::GateFailed
        } else if !summary.unread.is_empty() {
            Exit::Unreadable
        } else if summary.segments == 0 && self.changes.is_none() {
            eprintln!("cermat: nothing to check: no text in {}", names(self.input));
            Exit::NothingToCheck
        } else {
            Exit::Passed
        };
        Ok((exit, self.known))
    }
}

/// A model, and what is known of its answers.
type Store = (Option<Box<dyn TranslationModel>>, Vec<Cache>, Option<Journal>);

impl Job<'_> {
    /// Where evidence comes from.
    fn store(
        &self,
        args: &ModelArgs,
        options: DecodeOptions,
        cancel: &Cancel,
    ) -> anyhow::Result<Store> {
        let folders = model_folders(args)?;
        // What the model says depends on these and on the text.
        let identities: Vec<String> = folders.iter().map(ModelFolder::identity).collect();
        let (runtime, identity) = (crate::onnx::VERSION, identities.join(" "));
        let score = args.score.as_ref().map(fs::read).transpose()?;
        let (device, precision) = (args.device, args.precision);
        let how = format!("{options:?} {device:?} {precision:?}");
        let context = format!("{} {runtime} {identity} {how} {score:?}", paths::build());
        let mut caches = Vec::new();
        if !self.output.no_cache {
            caches.extend(store::cache(&context, self.cli.quiet));
        }
        let warm = self.output.resume || caches.iter().any(|cache| !cache.is_empty());
        let lazy = match folders.as_slice() {
            [folder] if warm => Lazy::new(folder, args, cancel, self.cli.verbose),
            _ => None,
        };
        let model: Box<dyn TranslationModel> = match lazy {
            Some(lazy) => Box::new(lazy),
            None => Box::new(open_model(args, cancel, self.cli.verbose)?),
        };
        let mut journal = None;
        if let Some(output) = &self.output.output {
            let (guard, cache) = Journal::open(output, &context, self.output.resume, cancel)?;
            caches.insert(0, cache);
            journal = Some(guard);
        }
        Ok((Some(model), caches, journal))
    }
}

/// The files of `unread`, each once, with the number of places.
fn failures(unread: &[Unread]) -> String {
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for Unread { file, .. } in unread {
        *files.entry(file).or_default() += 1;
    }
    let name = |(file, count): (&str, usize)| match count {
        1 => format!("`{}`", visible(file)),
        _ => format!("`{}` ({count} places)", visible(file)),
    };
    // Each was named when it failed; this is the reminder at the end.
    const SHOWN: usize = 20;
    let more = files.len().saturating_sub(SHOWN);
    let mut shown: Vec<String> = files.into_iter().take(SHOWN).map(name).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown.join(", ")
}

fn names(input: &InputArgs) -> String {
    let paths = input.paths.iter().chain(&input.files_from);
    paths
        .map(|path| format!("`{}`", visible(&path.display().to_string())))
        .collect::<Vec<_>>()
        .join(", ")
}

fn talk(unread: &Unread) {
    match unread.line {
        Some(line) => {
            eprintln!("cermat: {}:{line}: {}", visible(&unread.file), visible(&unread.message));
        }
        None => eprintln!("cermat: {}", visible(&unread.message)),
    }
}

/// Hands segments from the engine to the reporter.
struct Writer<'a> {
    reports: &'a mut Reports,
    summary: &'a mut Summary,
    unread: &'a [Unread],
    progress: &'a std::cell::RefCell<&'a mut Progress>,
    /// Findings in the files before.
    before: u64,
    findings: &'a std::cell::Cell<u64>,
    settings: &'a Settings,
    suppressions: &'a mut Suppressions,
    fingerprints: Fingerprints,
    known: Option<&'a mut KnownFile<'a>>,
}

impl Sink for Writer<'_> {
    type Error = io::Error;

    fn segment(&mut self, document: &Document, mut judged: Judged<'_>) -> io::Result<()> {
        self.sift(document, &mut judged.findings);
        let mut row = Row::new(document, judged);
        self.fingerprints.mark(&mut row.issues, &row.target);
        if let Some(known) = &mut self.known {
            known.hide(&mut row.issues);
        }
        self.summary.add_row(&row);
        self.findings.set(self.before + self.summary.findings);
        let Self { reports, progress, .. } = self;
        progress.borrow().report(|| reports.row(&row))
    }

    fn document(&mut self, document: &Document, mut findings: Vec<Finding>) -> io::Result<()> {
        self.sift(document, &mut findings);
        let mut issues = report::issues(document, findings);
        self.fingerprints.mark(&mut issues, "");
        if let Some(known) = &mut self.known {
            known.hide(&mut issues);
        }
        self.summary.add_issues(&issues);
        let Self { reports, progress, unread, .. } = self;
        progress.borrow().report(|| reports.document(&document.name, &issues, unread))
    }
}

impl Writer<'_> {
    /// Settings and suppressions.
    fn sift(&mut self, document: &Document, findings: &mut Vec<Finding>) {
        self.settings.apply(document, findings);
        self.suppressions.apply(document, findings);
    }
}

fn read(path: &Path, settings: &Settings) -> Result<Document, Unread> {
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
        fs::metadata(path).with_context(|| format!("cannot read `{name}`")).and_then(|metadata| {
            match metadata.len() {
                // Not read at all: it may not fit into memory.
                bytes if bytes > MAX_FILE_BYTES => {
                    Err(ReadError::TooLarge { path: name.clone(), bytes }.into())
                }
                _ => fs::read(path).with_context(|| format!("cannot read `{name}`")),
            }
        })
    };
    let bytes = bytes.map_err(|error| unread(&format!("{error:#}")))?;
    format::read_bytes(&name, path, bytes, settings.input_format, &settings.reading).map_err(
        |error: ReadError| {
            let error = anyhow::Error::from(error);
            unread(&format!("{error:#}"))
        },
    )
}
