//! `cermat translate`: a line in, a line out.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _, Write as _},
    path::Path,
};

use anyhow::Context as _;

use super::{Cli, Exit, args::TranslateArgs, open_model, output::Output, progress::Progress};
use crate::{
    document::{MAX_FILE_BYTES, sentence::sentences},
    model::{Cancel, DecodeOptions, InferError, Request, Skip, TranslationModel},
    onnx::Pool,
    text::Direction,
};

/// Lines read before they are translated together.
const LINES: usize = 512;

/// Lines from standard input or a file, their translations to standard output or a file: as many
/// lines as came in. A line without words comes out as it is; one that cannot be translated is
/// empty and named on stderr.
pub(super) fn translate(cli: &Cli, args: &TranslateArgs) -> anyhow::Result<Exit> {
    let cancel = super::cancel_on_interrupt();
    let mut pool = open_model(&args.model, &cancel, cli.verbose)?;
    let options = DecodeOptions { beams: args.model.beams.into(), ..DecodeOptions::default() };
    let (name, input) = open(&args.path)?;
    let mut input = input.take(MAX_FILE_BYTES);
    let mut output = Output::open(args.output.as_deref(), cli.color)?;
    let mut progress = Progress::new(cli.quiet);
    let (mut line_number, mut words, mut failed) = (0usize, false, false);
    loop {
        let lines = read_lines(&mut input).with_context(|| format!("cannot read `{name}`"))?;
        if lines.is_empty() {
            break;
        }
        progress.expect(lines.len());
        let texts: Vec<Result<&str, String>> = lines.iter().map(|line| text(line)).collect();
        let sources: Vec<&str> =
            texts.iter().map(|text| text.as_ref().map_or("", |text| *text)).collect();
        let mut done = |n| progress.done(n, None);
        let found = run(&mut pool, &sources, args.direction, &options, &cancel, &mut done)?;
        progress.suspend(|| -> anyhow::Result<()> {
            for (text, found) in texts.into_iter().zip(found) {
                line_number += 1;
                let found = match text {
                    Ok(_) => found,
                    Err(message) => Err(message),
                };
                words |= found.as_ref().is_ok_and(|found| !found.trim().is_empty());
                let found = found.unwrap_or_else(|message| {
                    failed = true;
                    eprintln!("cermat: {name}:{line_number}: not translated: {message}");
                    String::new()
                });
                writeln!(output, "{found}")?;
            }
            Ok(output.flush_segment()?)
        })?;
    }
    progress.finish();
    output.finish()?;
    Ok(if failed {
        Exit::Unreadable
    } else if words {
        Exit::Passed
    } else {
        eprintln!("cermat: nothing to translate: no text in `{name}`");
        Exit::NothingToCheck
    })
}

fn open(path: &Path) -> anyhow::Result<(String, Box<dyn BufRead>)> {
    if path.as_os_str() == "-" {
        return Ok(("<stdin>".to_owned(), Box::new(io::stdin().lock())));
    }
    let name = path.display().to_string();
    let file = File::open(path).with_context(|| format!("cannot read `{name}`"))?;
    Ok((name, Box::new(BufReader::new(file))))
}

/// The next [`LINES`] lines, line ends included; none at the end.
fn read_lines(input: &mut impl BufRead) -> io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    while lines.len() < LINES {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        lines.push(line);
    }
    Ok(lines)
}

/// A line without its end.
fn text(line: &[u8]) -> Result<&str, String> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line).map_err(|error| {
        format!("no UTF-8 from byte {} on; convert it", error.valid_up_to() + 1)
    })?;
    // A byte order mark is no part of the text.
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Translations of `sources`, or why there is none. What is too long for the model goes through
/// it sentence by sentence.
fn run(
    pool: &mut Pool,
    sources: &[&str],
    direction: Direction,
    options: &DecodeOptions,
    cancel: &Cancel,
    done: &mut dyn FnMut(usize),
) -> Result<Vec<Result<String, String>>, InferError> {
    let request = |source| Request { search: true, ..Request::new(source, direction) };
    let requests: Vec<Request<'_>> = sources.iter().map(|source| request(*source)).collect();
    let mut found = Vec::with_capacity(sources.len());
    for (response, source) in pool.run(&requests, options, done)?.into_iter().zip(sources) {
        if cancel.is_cancelled() {
            return Err(InferError::Cancelled);
        }
        found.push(match response {
            Ok(response) => Ok(one_line(response.hypothesis.map(|found| found.text))),
            Err(Skip::Empty) => Ok((*source).to_owned()),
            Err(whole @ Skip::TooLong { .. }) => {
                let parts = sentences(source, direction.source());
                let parts: Vec<Request<'_>> =
                    parts.iter().map(|span| request(span.of(source))).collect();
                if parts.len() < 2 {
                    Err(whole.to_string())
                } else {
                    let answers = pool.run(&parts, options, &mut |_| {})?;
                    let texts =
                        answers.into_iter().zip(&parts).map(|(answer, part)| match answer {
                            Ok(response) => {
                                Ok(one_line(response.hypothesis.map(|found| found.text)))
                            }
                            Err(Skip::Empty) => Ok(part.source.to_owned()),
                            Err(skip) => Err(format!("a sentence in it is {skip}")),
                        });
                    texts.collect::<Result<Vec<_>, _>>().map(|texts| texts.join(" "))
                }
            }
        });
    }
    Ok(found)
}

/// A translation holds no line end, whatever the model writes: lines are counted.
fn one_line(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    if text.contains(['\n', '\r']) { text.replace(['\n', '\r'], " ") } else { text }
}
