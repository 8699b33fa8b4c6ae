//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, builder::PossibleValuesParser};

use super::Exit;
use crate::{
    document::format::FORMATS,
    finding::Severity,
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
    /// List the models that are installed.
    Models {
        /// Compare every file with the SHA-256 of its manifest.
        #[arg(long)]
        verify: bool,
    },
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
    /// Files or folders; `-` is standard input. In folders: .md, .markdown, .txt, .tsv, .tab,
    /// without what .gitignore names.
    #[arg(value_name = "PATH", required_unless_present = "files_from")]
    pub paths: Vec<PathBuf>,
    /// Also read the files and folders that the lines of this file name; `-` is standard input.
    #[arg(long, value_name = "LIST")]
    pub files_from: Option<PathBuf>,
    /// This configuration instead of the nearest `cermat.toml` of each file.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// No configuration but flags.
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
    /// Read every file as this format instead of by its name.
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(FORMATS.iter().map(|f| f.name())))]
    pub input_format: Option<String>,
    /// From which language into which: `en-id` has Indonesian targets, `id-en` English ones
    /// [default: en-id].
    #[arg(long, value_name = "DIRECTION", value_parser = direction_parser())]
    pub direction: Option<Direction>,
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

/// Which model, and how it runs.
#[derive(Debug, Clone, Args)]
pub struct ModelArgs {
    /// Name of an installed model (see `cermat models`) or folder of an exported one.
    #[arg(long, env = "CERMAT_MODEL", value_name = "NAME|PATH")]
    pub model: Option<String>,
    /// Worker threads [default: one a processor].
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub jobs: Option<u16>,
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
