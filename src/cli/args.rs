//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser};

use super::Exit;
use crate::{
    document::format::{Column, FORMATS},
    finding::Severity,
    model::Cancel,
    onnx::{Device, PoolOptions, Precision},
    reporter::{Format, REPORTERS, SCHEMAS},
    text::Direction,
};

/// Checks Indonesian–English translations: scores each sentence and marks what a machine got
/// wrong.
#[derive(Debug, Parser)]
#[command(name = "cermat", version, about, after_help = Exit::table(), max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Say more on stderr, and show sentences without findings; twice: the runtime too.
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Say nothing on stderr but errors, and print findings without their sentences.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Colours.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look for issues and show them with the back-translation and the score.
    Check(CheckArgs),
    /// Score each segment: one line a segment.
    Score(ScoreArgs),
    /// Accept the findings there are: write a file with which `check --baseline` reports new ones
    /// only.
    Baseline(BaselineArgs),
    /// Build reports from results that `check --format jsonl` wrote, without a model; compare two
    /// runs.
    Report(ReportArgs),
    /// Print the JSON Schema of the results.
    Schema {
        /// Of a whole report, or of a line of JSONL.
        #[arg(value_name = "FORMAT", default_value = "jsonl", value_parser = PossibleValuesParser::new(SCHEMAS))]
        format: String,
    },
    /// Translate: a line in, a line out.
    Translate(TranslateArgs),
    /// Measure cermat on data that people labelled.
    Evaluate(EvaluateArgs),
    /// Fit the scale of the score to labelled data of your own.
    Calibrate(CalibrateArgs),
    /// Explain a check: what it does, why, examples, near misses, known misses.
    Explain {
        /// Code or name, such as `ACC001` or `untranslated`.
        check: String,
    },
    /// List the checks.
    Checks,
    /// Show the settings that hold for a file, and where they come from.
    Config {
        /// A file, or a folder: what holds for the files in it.
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
    },
    /// List the models there are; get, add, verify or remove one.
    Models(ModelsArgs),
    /// Print a completion script.
    Completions {
        /// For this shell.
        shell: clap_complete::Shell,
    },
    /// Print the man page (roff).
    Man,
}
/// Where text comes from, and how it is read.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Files or folders; `-` is standard input. In folders: .md, .markdown, .txt, .tsv, .tab, .csv,
    /// .jsonl, .ndjson, .srt, .vtt, .html, .htm, .xhtml, .docx, .xlf, .xliff and those of some tools,
    /// .tmx and `strings.xml`, and the .po, .arb and .json whose path names the language of the targets
    /// (`id.po`, `app_id.arb`, `locales/id/a.json`), without what .gitignore names.
    #[arg(value_name = "PATH", required_unless_present = "files_from")]
    pub paths: Vec<PathBuf>,
    /// Also read the files and folders that the lines of this file name; `-` is standard input.
    #[arg(long, value_name = "LIST")]
    pub files_from: Option<PathBuf>,
    /// Which configuration.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Read every file as this format instead of by its name.
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(FORMATS.iter().map(|f| f.name())))]
    pub input_format: Option<String>,
    /// The source of TSV and CSV: a column of the header, or its number from 1.
    #[arg(long, value_name = "NAME|NUMBER")]
    pub source_column: Option<Column>,
    /// The target of TSV and CSV: a column of the header, or its number from 1.
    #[arg(long, value_name = "NAME|NUMBER")]
    pub target_column: Option<Column>,
    /// The source of JSON Lines: a key, or keys of nested objects joined by stops.
    #[arg(long, value_name = "FIELD")]
    pub source_field: Option<String>,
    /// The target of JSON Lines, likewise.
    #[arg(long, value_name = "FIELD")]
    pub target_field: Option<String>,
    /// From which language into which: `en-id` has Indonesian targets, `id-en` English ones
    /// [default: en-id].
    #[arg(long, value_name = "DIRECTION", value_parser = direction_parser())]
    pub direction: Option<Direction>,
}

/// Which configuration holds.
#[derive(Debug, Args)]
pub struct ConfigArgs {
    /// This configuration instead of the nearest `cermat.toml` of each file.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// No configuration but flags.
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
}

fn direction_parser() -> impl clap::builder::TypedValueParser<Value = Direction> {
    use clap::builder::TypedValueParser as _;
    PossibleValuesParser::new(Direction::ALL.map(Direction::code))
        .map(|code| code.parse().expect("one of the possible values"))
}

fn severity_parser() -> impl clap::builder::TypedValueParser<Value = Severity> {
    use clap::builder::TypedValueParser as _;
    PossibleValuesParser::new(Severity::ALL.map(Severity::name)).map(|name| {
        let found = Severity::ALL.into_iter().find(|severity| severity.name() == name);
        found.expect("one of the possible values")
    })
}

fn device_parser() -> impl clap::builder::TypedValueParser<Value = Device> {
    use clap::builder::TypedValueParser as _;
    PossibleValuesParser::new(Device::ALL.map(Device::name)).map(|name| {
        let found = Device::ALL.into_iter().find(|device| device.name() == name);
        found.expect("one of the possible values")
    })
}

fn precision_parser() -> impl clap::builder::TypedValueParser<Value = Precision> {
    use clap::builder::TypedValueParser as _;
    PossibleValuesParser::new(Precision::ALL.map(Precision::name)).map(|name| {
        let found = Precision::ALL.into_iter().find(|precision| precision.name() == name);
        found.expect("one of the possible values")
    })
}

impl ModelArgs {
    /// How the model is to be run.
    pub(super) fn pool_options(&self, cancel: &Cancel) -> PoolOptions {
        PoolOptions {
            workers: self.jobs.map(usize::from),
            threads: self.threads.map(usize::from),
            device: self.device,
            precision: self.precision,
            cancel: cancel.clone(),
            ..PoolOptions::default()
        }
    }
}

/// Which model, and how it runs.
#[derive(Debug, Clone, Args)]
pub struct ModelArgs {
    /// Name of an installed model (see `cermat models`) or folder of an exported one; two with a comma
    /// between for models of one direction each.
    #[arg(long, env = "CERMAT_MODEL", value_name = "NAME|PATH")]
    pub model: Option<String>,
    /// Workers, each with its own copy of the weights [default: one a processor, for a large model
    /// one].
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
    /// Threads of a worker [default: one, for a large model all].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
    /// Where the model runs; the ONNX Runtime library has to know it.
    #[arg(long, env = "CERMAT_DEVICE", value_name = "DEVICE", default_value = "cpu", value_parser = device_parser())]
    pub device: Device,
    /// Which graphs of a folder that has several [default: the most precise].
    #[arg(long, value_name = "PRECISION", value_parser = precision_parser())]
    pub precision: Option<Precision>,
    /// Hypotheses the search keeps; 1 is greedy.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=16))]
    pub beams: u8,
    /// Score with this file instead of the model's own `score.json`.
    #[arg(long, value_name = "FILE")]
    pub score: Option<PathBuf>,
    /// ONNX Runtime library: the file, or the folder it is in.
    #[arg(long, value_name = "PATH")]
    pub onnxruntime: Option<PathBuf>,
}

/// What is written, and where.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Write to this file instead of standard output: whole, or not at all.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Also write a report of this format to this file, whole or not at all; may be given several
    /// times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_file)]
    pub report: Vec<ReportFile>,
    /// Fail (exit code 1) when a segment scores below this, 0–100.
    #[arg(long, value_name = "N", value_parser = score)]
    pub min_score: Option<f32>,
    /// Go on where a run that was killed stopped: reads OUTPUT.partial, which a run with --output
    /// keeps until it ends.
    #[arg(long, requires = "output")]
    pub resume: bool,
    /// Ask the model anew: neither read nor write the cache of what it has said.
    #[arg(long, env = "CERMAT_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_cache: bool,
    /// Also write a table to this file: a line a file, with its findings, penalty and scores (TSV).
    #[arg(long, value_name = "FILE")]
    pub by_file: Option<PathBuf>,
}

/// A report and where it goes: `FORMAT=FILE`.
#[derive(Debug, Clone)]
pub struct ReportFile {
    /// The format.
    pub format: &'static Format,
    /// The file.
    pub path: PathBuf,
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let (name, path) = text.split_once('=').unwrap_or((text, ""));
    let Some(format) = REPORTERS.iter().find(|format| format.name == name) else {
        let names: Vec<&str> = REPORTERS.iter().map(|format| format.name).collect();
        return Err(format!("no format `{name}`; there are {}", names.join(", ")));
    };
    match path {
        "" => Err(format!("name its file: {name}=FILE")),
        path => Ok(ReportFile { format, path: path.into() }),
    }
}

fn score(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(score) if (0.0..=100.0).contains(&score) => Ok(score),
        _ => Err("give a number from 0 to 100".to_owned()),
    }
}

/// Which checks run.
#[derive(Debug, Args)]
pub struct ChecksArgs {
    /// Run these checks only: codes, names or prefixes such as `LNG`, with commas between.
    #[arg(long, value_name = "CHECKS", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Leave these checks out.
    #[arg(long, value_name = "CHECKS", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Also run checks whose false-alarm rate is not low enough yet.
    #[arg(long)]
    pub preview: bool,
    /// Hold pairs to the terms of this file, TSV (source, tab, target) or TBX; may be given several
    /// times.
    #[arg(long, value_name = "FILE")]
    pub glossary: Vec<PathBuf>,
}

fn penalty(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(penalty) if penalty >= 0.0 => Ok(penalty),
        _ => Err("give a number from 0".to_owned()),
    }
}

/// `cermat check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Run the checks that need no model, and no others.
    #[arg(long, conflicts_with_all = ["model", "min_score"])]
    pub no_model: bool,
    /// Which checks.
    #[command(flatten)]
    pub checks: ChecksArgs,
    /// Format of the report.
    #[arg(long, short, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    pub format: String,
    /// Output.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Fail (exit code 1) on a finding of this severity or worse.
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser())]
    pub fail_on: Option<Severity>,
    /// Fail (exit code 1) above this MQM penalty per 1,000 words of the targets: a minor finding
    /// counts 1, a major one 5, a critical one 25.
    #[arg(long, value_name = "N", value_parser = penalty)]
    pub max_penalty: Option<f64>,
    /// Report only findings that this file does not know; `cermat baseline` writes it.
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Take findings that are gone out of the baseline.
    #[arg(long, requires = "baseline", conflicts_with = "changed_since")]
    pub prune: bool,
    /// Look only at segments on lines that have changed since the branch left this git revision.
    #[arg(long, value_name = "REV")]
    pub changed_since: Option<String>,
    /// Put the safe suggestions of the checks that need no model into the files, then check what
    /// is left. A file is replaced whole or not at all.
    #[arg(long)]
    pub fix: bool,
    /// Print what --fix would change as a unified diff, and do nothing else.
    #[arg(long, conflicts_with_all = ["fix", "output", "report", "by_file", "resume", "prune"])]
    pub diff: bool,
}

/// `cermat baseline`.
#[derive(Debug, Args)]
pub struct BaselineArgs {
    /// Input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Run the checks that need no model, and no others.
    #[arg(long, conflicts_with = "model")]
    pub no_model: bool,
    /// Which checks.
    #[command(flatten)]
    pub checks: ChecksArgs,
    /// The file to write. What it says of files that are not checked now stays.
    #[arg(long, short, value_name = "FILE", default_value = "cermat-baseline.json")]
    pub output: PathBuf,
    /// Ask the model anew: neither read nor write the cache of what it has said.
    #[arg(long, env = "CERMAT_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_cache: bool,
}

/// `cermat score`.
#[derive(Debug, Args)]
pub struct ScoreArgs {
    /// Input.
    #[command(flatten)]
    pub input: InputArgs,
    /// Model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Format of the report.
    #[arg(long, short, value_name = "FORMAT", default_value = "tsv", value_parser = formats())]
    pub format: String,
    /// Output.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// `cermat report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Results, as `cermat check --format jsonl` writes them; `-` is standard input.
    #[arg(value_name = "RESULTS", required = true)]
    pub paths: Vec<PathBuf>,
    /// Compare with the results of an earlier run: segments and findings that are better, worse, new
    /// or gone, wherever their lines have moved to. May be given several times, for a run in several
    /// files.
    #[arg(long, value_name = "RESULTS")]
    pub previous: Vec<PathBuf>,
    /// Format of the report.
    #[arg(long, short, value_name = "FORMAT", default_value = "text", value_parser = formats())]
    pub format: String,
    /// Write to this file instead of standard output: whole, or not at all.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Also write a report of this format to this file, whole or not at all; may be given several
    /// times.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_file)]
    pub report: Vec<ReportFile>,
    /// Also write a table to this file: a line a file, with its findings, penalty and scores (TSV).
    #[arg(long, value_name = "FILE")]
    pub by_file: Option<PathBuf>,
    /// Which thresholds hold: those of the files' configuration, and the flags below.
    #[command(flatten)]
    pub config: ConfigArgs,
    /// Fail (exit code 1) when a segment scores below this, 0–100.
    #[arg(long, value_name = "N", value_parser = score)]
    pub min_score: Option<f32>,
    /// Fail (exit code 1) on a finding of this severity or worse.
    #[arg(long, value_name = "SEVERITY", value_parser = severity_parser())]
    pub fail_on: Option<Severity>,
    /// Fail (exit code 1) above this MQM penalty per 1,000 words of the targets.
    #[arg(long, value_name = "N", value_parser = penalty)]
    pub max_penalty: Option<f64>,
}

/// `cermat translate`.
#[derive(Debug, Args)]
pub struct TranslateArgs {
    /// A text file, a segment a line; `-` is standard input.
    #[arg(value_name = "PATH", default_value = "-")]
    pub path: PathBuf,
    /// From which language into which.
    #[arg(long, value_name = "DIRECTION", default_value_t = Direction::IdEn, value_parser = direction_parser())]
    pub direction: Direction,
    /// Model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Write to this file instead of standard output: whole, or not at all.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `cermat evaluate`.
#[derive(Debug, Args)]
pub struct EvaluateArgs {
    /// JSON Lines, an object an item: `target`, and `source`, `better`, `score`, `spans` or
    /// `label` where they are known; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// From which language into which.
    #[arg(long, value_name = "DIRECTION", default_value_t = Direction::EnId, value_parser = direction_parser())]
    pub direction: Direction,
    /// Model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Without a model: the spans of the checks that need none.
    #[arg(long, conflicts_with = "model")]
    pub no_model: bool,
    /// Which checks.
    #[command(flatten)]
    pub checks: ChecksArgs,
    /// Also by the values of this key, such as `domain` or `class`.
    #[arg(long, value_name = "KEY")]
    pub by: Option<String>,
    /// What `start` and `end` of spans count.
    #[arg(long, value_enum, default_value_t = OffsetUnit::CodePoints, value_name = "UNIT")]
    pub offsets: OffsetUnit,
    /// Leave the sources out, to measure the score without them.
    #[arg(long)]
    pub no_source: bool,
    /// Format of the figures.
    #[arg(long, short, value_enum, default_value_t = FigureFormat::Text, value_name = "FORMAT")]
    pub format: FigureFormat,
}

/// `cermat calibrate`.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// JSON Lines as for `evaluate`; items with `better`, `spans` or `label`.
    #[arg(value_name = "FILE")]
    pub path: PathBuf,
    /// Write the score here, for `--score`: whole, or not at all.
    #[arg(long, short, value_name = "FILE")]
    pub output: PathBuf,
    /// Its name in the signature of reports.
    #[arg(long, value_name = "NAME", default_value = "own")]
    pub name: String,
    /// From which language into which.
    #[arg(long, value_name = "DIRECTION", default_value_t = Direction::EnId, value_parser = direction_parser())]
    pub direction: Direction,
    /// Model.
    #[command(flatten)]
    pub model: ModelArgs,
    /// Leave the sources out, to fit the score without them.
    #[arg(long)]
    pub no_source: bool,
}

/// How figures are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FigureFormat {
    /// For people.
    Text,
    /// One object.
    Json,
}

/// What offsets count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OffsetUnit {
    /// Unicode code points, as Python and JSON tools count.
    CodePoints,
    /// UTF-8 bytes, as cermat's own reports count.
    Bytes,
}

fn formats() -> PossibleValuesParser {
    let value = |format: &crate::reporter::Format| {
        clap::builder::PossibleValue::new(format.name).help(format.about)
    };
    PossibleValuesParser::new(REPORTERS.iter().map(value))
}

/// `cermat models`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ModelsArgs {
    /// What to do; nothing: `list`.
    #[command(subcommand)]
    pub command: Option<ModelsCommand>,
    /// Compare every file with the SHA-256 of its manifest, as `verify` does.
    #[arg(long)]
    pub verify: bool,
}

/// What to do with models.
#[derive(Debug, Subcommand)]
pub enum ModelsCommand {
    /// List the models that are bundled, installed or known.
    List,
    /// Get a known model from the hub.
    Pull(PullArgs),
    /// Measure how fast a model is on this machine, and what memory it takes.
    Bench(super::bench::BenchArgs),
    /// Check a folder that optimum has written and take it over as a model.
    Add(AddArgs),
    /// Compare every file with the SHA-256 of its manifest.
    Verify {
        /// This model only.
        #[arg(value_name = "NAME|PATH")]
        model: Option<String>,
    },
    /// Remove a model that was pulled or added.
    Remove {
        /// Its name.
        #[arg(value_name = "NAME")]
        model: String,
    },
    /// Print the folder of a model.
    Path {
        /// Its name.
        #[arg(value_name = "NAME")]
        model: String,
    },
    /// Print or choose the model that is used when none is named.
    Default {
        /// From now on this one.
        #[arg(value_name = "NAME")]
        model: Option<String>,
    },
}

/// `cermat models pull`.
#[derive(Debug, Args)]
#[command(
    after_help = "Environment: HF_ENDPOINT, HF_TOKEN, HF_TOKEN_PATH, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE as for the hub's own tools; HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY; SSL_CERT_FILE (PEM) instead of Mozilla's certificates."
)]
pub struct PullArgs {
    /// Name of a known model (see `cermat models`); `@REVISION` takes another commit or branch than
    /// the pinned one.
    #[arg(value_name = "NAME[@REVISION]")]
    pub model: String,
    /// Accept a licence that forbids commercial use; it is remembered.
    #[arg(long, env = "CERMAT_ACCEPT_LICENCE", value_parser = clap::builder::FalseyValueParser::new())]
    pub accept_licence: bool,
    /// Ask nobody: take what an earlier pull or the hub's cache on this machine has.
    #[arg(long)]
    pub offline: bool,
    /// Take what the hub has now, whatever the first pull has locked.
    #[arg(long)]
    pub update: bool,
    /// Leave the weights in the graphs; those of a large graph are taken out otherwise, into a file
    /// that is mapped instead of read.
    #[arg(long)]
    pub as_is: bool,
    /// Tries for a request that fails for a passing reason.
    #[arg(long, env = "CERMAT_RETRIES", value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=20))]
    pub retries: u8,
}

/// `cermat models add`.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// The folder: config.json, tokenizer.json, encoder and decoder graphs.
    #[arg(value_name = "PATH")]
    pub path: PathBuf,
    /// The model's name [default: the folder's].
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Link to the folder instead of copying it; it must stay where it is, as it is.
    #[arg(long)]
    pub link: bool,
    /// Leave the weights in the graphs; those of a large graph are taken out otherwise, into a file
    /// that is mapped instead of read.
    #[arg(long)]
    pub as_is: bool,
    /// The weights' licence.
    #[arg(long, value_name = "TEXT", default_value = "not stated")]
    pub licence: String,
    /// ONNX Runtime library: the file, or the folder it is in.
    #[arg(long, value_name = "PATH")]
    pub onnxruntime: Option<PathBuf>,
}
