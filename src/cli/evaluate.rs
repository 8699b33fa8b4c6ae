//! `cermat evaluate`: figures on labelled data.

use std::{
    fs::File,
    io::{self, BufReader, Write as _},
    path::Path,
};

use anyhow::Context as _;

use super::{
    Cli, Exit,
    args::{CalibrateArgs, EvaluateArgs, FigureFormat, OffsetUnit},
    cancel_on_interrupt, choose, open_model, open_score,
    output::Output,
    progress::Progress,
};
use crate::{
    evaluate::{self, CleanFigures, Figure, Group, Item, Offsets, Options, SpanFigures},
    model::{DecodeOptions, TranslationModel},
};

fn read(path: &Path, offsets: Offsets, no_source: bool) -> anyhow::Result<Vec<Item>> {
    let name = path.display();
    let mut items = if path.as_os_str() == "-" {
        evaluate::read(io::stdin().lock(), offsets)
    } else {
        let file = File::open(path).with_context(|| format!("cannot read `{name}`"))?;
        evaluate::read(BufReader::new(file), offsets)
    }
    .with_context(|| format!("`{name}`"))?;
    if no_source {
        items.iter_mut().for_each(|item| item.source = None);
    }
    Ok(items)
}

pub(super) fn calibrate(cli: &Cli, args: &CalibrateArgs) -> anyhow::Result<Exit> {
    let items = read(&args.path, Offsets::CodePoints, args.no_source)?;
    let cancel = cancel_on_interrupt();
    let mut pool = open_model(&args.model, &cancel, cli.verbose)?;
    let score = open_score(&args.model, cli.quiet)?;
    let options = Options {
        direction: args.direction,
        checks: &[],
        decode: DecodeOptions { beams: args.model.beams.into(), ..DecodeOptions::default() },
        score: score.as_ref(),
        by: None,
    };
    let mut progress = Progress::new(cli.quiet);
    progress.expect(items.len());
    let mut done = |n| progress.done(n, None);
    let fitted = evaluate::calibrate(&items, &mut pool, &args.name, &options, &mut done)?;
    progress.finish();
    let Some(fitted) = fitted else {
        let least = evaluate::MIN_CALIBRATION;
        eprintln!(
            "cermat: nothing to fit to: `{}` has fewer than {least} good or {least} bad segments",
            args.path.display()
        );
        return Ok(Exit::NothingToCheck);
    };
    let mut output = Output::open(Some(&args.output), cli.color)?;
    writeln!(output, "{}", fitted.to_json())?;
    output.finish()?;
    Ok(Exit::Passed)
}

pub(super) fn evaluate(cli: &Cli, args: &EvaluateArgs) -> anyhow::Result<Exit> {
    let offsets = match args.offsets {
        OffsetUnit::CodePoints => Offsets::CodePoints,
        OffsetUnit::Bytes => Offsets::Bytes,
    };
    let name = args.path.display();
    let items = read(&args.path, offsets, args.no_source)?;
    let cancel = cancel_on_interrupt();
    let mut pool = match args.no_model {
        true => None,
        false => Some(open_model(&args.model, &cancel, cli.verbose)?),
    };
    let score = if args.no_model { None } else { open_score(&args.model, cli.quiet)? };
    let options = Options {
        direction: args.direction,
        checks: &choose(&args.checks)?,
        decode: DecodeOptions { beams: args.model.beams.into(), ..DecodeOptions::default() },
        score: score.as_ref(),
        by: args.by.as_deref(),
    };
    let mut progress = Progress::new(cli.quiet);
    progress.expect(items.len());
    let model = pool.as_mut().map(|pool| pool as &mut dyn TranslationModel);
    let groups = evaluate::evaluate(&items, model, &options, &mut |n| progress.done(n, None))?;
    progress.finish();
    let mut output = Output::open(None, cli.color)?;
    match args.format {
        FigureFormat::Json => {
            serde_json::to_writer_pretty(&mut output, &groups)?;
            writeln!(output)?;
        }
        FigureFormat::Text => {
            for group in &groups {
                write_group(group, &mut output)?;
            }
        }
    }
    output.finish()?;
    if items.is_empty() {
        eprintln!("cermat: nothing to evaluate: no item in `{name}`");
        return Ok(Exit::NothingToCheck);
    }
    Ok(Exit::Passed)
}

fn write_group(group: &Group, out: &mut Output) -> io::Result<()> {
    writeln!(out, "{} ({} items)", group.name, group.items)?;
    let mut line = |name: &str, figure: &Option<Figure>, scale: f64, digits: usize| {
        let Some(Figure { value, low, high, items }) = figure else { return Ok(()) };
        let [value, low, high] = [value, low, high].map(|x| format!("{:.digits$}", x * scale));
        writeln!(out, "  {name:<34} {value:>6}  [{low}, {high}]  of {items}")
    };
    line("better scores higher, %", &group.preference, 100.0, 1)?;
    line("score: Pearson", &group.pearson, 1.0, 3)?;
    line("score: Kendall", &group.kendall, 1.0, 3)?;
    if let Some(SpanFigures { recall, precision, f1, exact_recall, .. }) = &group.spans {
        line("spans: recall, %", &Some(*recall), 100.0, 1)?;
        line("spans: recall to the letter, %", &Some(*exact_recall), 100.0, 1)?;
        line("spans: precision, %", precision, 100.0, 1)?;
        line("spans: F1, %", f1, 100.0, 1)?;
    }
    if let Some(CleanFigures { flagged, .. }) = &group.clean {
        line("clean items flagged, %", &Some(*flagged), 100.0, 1)?;
    }
    if let Some(CleanFigures { segments, findings_per_1000, .. }) = &group.clean {
        for (severity, rate) in findings_per_1000 {
            writeln!(
                out,
                "  false alarms, {severity:<19} {rate:>6.1}  for 1,000 of {segments} segments"
            )?;
        }
    }
    if let Some(SpanFigures { classes, .. }) = &group.spans {
        for (class, (found, labelled)) in classes {
            writeln!(out, "    {class:<32} {found:>4}/{labelled}")?;
        }
    }
    writeln!(out)
}
