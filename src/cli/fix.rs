//! `check --fix` and `check --diff`: safe suggestions put into the files.
//!
//! What is safe, [`Finding::safe_fix`] says. A fix is put in only where the file has the marked text
//! as it is, in its own encoding, and its format takes the new one as it is, and a file only where its
//! blocks and its sources are the same afterwards. A fix may uncover another, so each file is checked
//! again until nothing changes: a second run has nothing to do.

use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
};

use anyhow::Context as _;
use similar::TextDiff;

use super::{
    Changes, Cli, Exit, KnownFile, Usage, args::CheckArgs, baseline::Known, configs::Configs,
    inputs, paths, read, talk,
};
use crate::{
    config::{Options, Settings},
    document::{Document, Segment, format},
    engine::{Engine, Judged, Sink},
    evidence::EvidenceSet,
    finding::Finding,
    fingerprint::Fingerprints,
    model::{Cancel, DecodeOptions},
    report::{self, Issue, Row},
    reporter::visible,
    suppress::Suppressions,
};

/// A file is checked at most so often; each time but the first for what a fix has uncovered.
const ROUNDS: usize = 10;

/// New text for bytes of the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Edit {
    start: usize,
    end: usize,
    /// In the encoding of the file.
    text: Vec<u8>,
}

/// Takes the safe fixes out of the findings on one document.
struct Collector<'a> {
    settings: &'a Settings,
    suppressions: Suppressions,
    known: Option<KnownFile<'a>>,
    fingerprints: Fingerprints,
    bytes: &'a [u8],
    edits: Vec<Edit>,
    findings: usize,
}

impl Collector<'_> {
    /// Counts what is reported of `findings`, and keeps the edits in it.
    fn take(
        &mut self,
        document: &Document,
        findings: &[Finding],
        mut issues: Vec<Issue>,
        target: &str,
    ) {
        let all = issues.len();
        self.fingerprints.mark(&mut issues, target);
        if let Some(known) = &mut self.known {
            known.hide(&mut issues);
        }
        self.findings += issues.len();
        // Where some of them are known, it is not told which: those of a segment go together.
        if issues.len() < all {
            return;
        }
        self.edits
            .extend(findings.iter().filter_map(|finding| edit(document, self.bytes, finding)));
    }
}

/// The edit of the file that `finding` asks for, if it is safe.
fn edit(document: &Document, bytes: &[u8], finding: &Finding) -> Option<Edit> {
    let (label, text) = finding.safe_fix()?;
    let side = document.segments.get(label.segment.index())?.side(label.side)?;
    let place = document.to_file(label.segment, label.side, label.span)?;
    let (start, end) = (usize::try_from(place.start).ok()?, usize::try_from(place.end).ok()?);
    let marked = label.span.of(&side.text);
    let spelt = document.encoding.encode(marked)?;
    let raw = bytes.get(start..end)? == &*spelt && !marked.contains(['\n', '\r']);
    let takes = format::by_name(document.format).is_some_and(|format| format.takes_raw(text));
    let text = document.encoding.encode(text).filter(|new| *new != spelt)?;
    let text = text.into_owned();
    (raw && takes && !side.in_placeable(label.span)).then_some(Edit { start, end, text })
}

impl Sink for Collector<'_> {
    type Error = io::Error;

    fn segment(&mut self, document: &Document, mut judged: Judged<'_>) -> io::Result<()> {
        self.settings.apply(document, &mut judged.findings);
        self.suppressions.apply(document, &mut judged.findings);
        let findings = judged.findings.clone();
        let row = Row::new(document, judged);
        self.take(document, &findings, row.issues, &row.target);
        Ok(())
    }

    fn document(&mut self, document: &Document, mut findings: Vec<Finding>) -> io::Result<()> {
        self.settings.apply(document, &mut findings);
        self.suppressions.apply(document, &mut findings);
        let issues = report::issues(document, findings.clone());
        self.take(document, &findings, issues, "");
        Ok(())
    }
}

/// `bytes` with the edits that do not touch an earlier one, and how many those are.
fn applied(bytes: &[u8], mut edits: Vec<Edit>) -> (Vec<u8>, usize) {
    edits.sort();
    let (mut out, mut at, mut count) = (Vec::with_capacity(bytes.len()), 0, 0);
    for Edit { start, end, text } in edits {
        // One that begins where another ended may be about the same characters.
        if count > 0 && start <= at {
            continue;
        }
        out.extend_from_slice(&bytes[at..start]);
        out.extend_from_slice(&text);
        (at, count) = (end, count + 1);
    }
    out.extend_from_slice(&bytes[at..]);
    (out, count)
}

/// Whether an edited file says the same but for the words of its targets.
fn same_frame(old: &Document, new: &Document) -> bool {
    let sources = |document: &Document| -> Vec<Option<String>> {
        let source = |s: &Segment| s.source.as_ref().map(|source| source.text.clone());
        document.segments.iter().map(source).filter(Option::is_some).collect()
    };
    old.blocks().count() == new.blocks().count()
        && old.problems == new.problems
        && sources(old) == sources(new)
}

/// Replaces the file at `path` as a whole; its permissions stay, and a link stays a link.
fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let context = || format!("cannot write `{}`", path.display());
    let real = fs::canonicalize(path).with_context(context)?;
    let folder = real.parent().unwrap_or(Path::new("."));
    let permissions = fs::metadata(&real).with_context(context)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied)).with_context(context);
    }
    let mut file = tempfile::Builder::new()
        .prefix(".cermat-fix-")
        .tempfile_in(folder)
        .with_context(context)?;
    file.write_all(bytes).with_context(context)?;
    file.as_file().sync_all().with_context(context)?;
    file.as_file().set_permissions(permissions).with_context(context)?;
    file.persist(&real).map_err(|error| error.error).with_context(context)?;
    Ok(())
}

/// Fixes the files, or with `--diff` prints what that would change. `None`: go on and check.
///
/// # Errors
/// A file that cannot be written ends the run; those before it are fixed.
pub(super) fn fix(cli: &Cli, args: &CheckArgs, flags: Options) -> anyhow::Result<Option<Exit>> {
    let stdin = |path: &Path| path.as_os_str() == "-";
    let lists_stdin = args.input.files_from.as_deref().is_some_and(stdin);
    if args.fix && (lists_stdin || args.input.paths.iter().any(|path| stdin(path))) {
        let message = "--fix needs files, not standard input; --diff prints what would change";
        return Err(Usage(message.to_owned()).into());
    }
    let mut configs = Configs::new(&args.input, flags)?;
    let mut known = args.baseline.as_deref().map(Known::load).transpose()?;
    let mut changes = args.changed_since.as_deref().map(Changes::since);
    let options = DecodeOptions::default();
    let wanted = EvidenceSet::empty();
    let mut engine = Engine::new(None, Vec::new(), wanted, options, None, Cancel::new());
    let mut out = io::stdout().lock();
    let (mut fixed, mut files, mut left, mut seen, mut unreadable) = (0, 0, 0, 0, false);
    for path in inputs::inputs(&args.input)? {
        // What cannot be read, the check that follows says; without one it is said here.
        let inputs::Input { path, is_found } = match path {
            Ok(input) => input,
            Err(unread) => {
                unreadable = true;
                if args.diff {
                    talk(&unread);
                }
                continue;
            }
        };
        let absolute = std::path::absolute(&path)?;
        let settings = configs.of(&absolute)?;
        if is_found && !paths::is_translation(&path, settings.reading.direction.target()) {
            continue;
        }
        let original = match read(&path, &settings) {
            Ok(document) => document,
            Err(unread) => {
                unreadable = true;
                if args.diff {
                    talk(&unread);
                }
                continue;
            }
        };
        seen += original.segments.len();
        unreadable |= !original.problems.is_empty();
        // Lines that are no UTF-8 are blank in the document, and stay as they are in the file.
        let before = match stdin(&path) {
            true => original.encoding.encode(&original.text).unwrap_or_default().into_owned(),
            false => {
                fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?
            }
        };
        engine.use_checks(settings.checks.clone());
        let ran = engine.speaking().map(|meta| meta.info.code).collect();
        let lines = match &mut changes {
            Some(changes) => Some(changes.of(&absolute, &original)?),
            None => None,
        };
        let is_utf8 = original.encoding.is_utf8();
        let text_before = (!is_utf8).then(|| original.text.clone());
        let (mut bytes, mut document, mut count) = (before.clone(), original, 0);
        for round in 0..ROUNDS {
            let mut collector = Collector {
                settings: &settings,
                suppressions: Suppressions::new(&document),
                known: known.as_mut().map(|known| known.file(&absolute, &ran)),
                fingerprints: Fingerprints::default(),
                bytes: &bytes,
                edits: Vec::new(),
                findings: 0,
            };
            let selected = |segment: &Segment| {
                lines.as_ref().is_none_or(|lines| lines.holds(&document, segment))
            };
            engine.run_selected(&document, selected, &mut collector, &mut |_| {}).map_err(
                |error| match error {
                    crate::engine::EngineError::Infer(error) => anyhow::Error::from(error),
                    crate::engine::EngineError::Sink(error) => anyhow::Error::from(error),
                },
            )?;
            let Collector { edits, findings, .. } = collector;
            // A fix changes what the baseline knows a segment by.
            let last = edits.is_empty() || (round > 0 && known.is_some());
            if last {
                left += findings;
                break;
            }
            let (new, edited) = applied(&bytes, edits);
            let name = document.name.clone();
            let (format, options) = (settings.input_format, &settings.reading);
            let again = format::read_bytes(&name, &path, new.clone(), format, options);
            let Some(again) = again.ok().filter(|again| same_frame(&document, again)) else {
                if !cli.quiet {
                    let name = visible(&name);
                    eprintln!("cermat: {name}: not fixed: the fixes would change its structure");
                }
                left += findings;
                break;
            };
            (bytes, document, count) = (new, again, count + edited);
        }
        if count == 0 {
            continue;
        }
        fixed += count;
        files += 1;
        if args.diff {
            // Lines of UTF-16 are no lines of bytes: then the diff shows the text.
            let (old, new) = match &text_before {
                Some(text) => (text.as_bytes(), document.text.as_bytes()),
                None => (&before[..], &bytes[..]),
            };
            let diff = TextDiff::configure().diff_lines(old, new);
            let name = &document.name;
            let mut text = Vec::new();
            let (old, new) = (format!("a/{name}"), format!("b/{name}"));
            diff.unified_diff().context_radius(3).header(&old, &new).to_writer(&mut text)?;
            if out.is_terminal() {
                // On a terminal, text from files is escaped; in a pipe, a patch has to fit.
                for line in String::from_utf8_lossy(&text).lines() {
                    writeln!(out, "{}", visible(line))?;
                }
            } else {
                out.write_all(&text)?;
            }
        } else {
            replace(&path, &bytes)?;
        }
    }
    out.flush()?;
    if !cli.quiet {
        let verb = if args.diff { "would fix" } else { "fixed" };
        let s = |n: usize| if n == 1 { "" } else { "s" };
        eprintln!(
            "cermat: {verb} {fixed} finding{} in {files} file{}; {left} without a safe fix need a \
             person",
            s(fixed),
            s(files)
        );
    }
    Ok(args.diff.then_some(match (unreadable, seen) {
        (true, _) => Exit::Unreadable,
        (false, 0) => Exit::NothingToCheck,
        _ => Exit::Passed,
    }))
}

#[cfg(test)]
mod tests {
    use super::{Edit, applied};

    fn edit(start: usize, end: usize, text: &str) -> Edit {
        Edit { start, end, text: text.into() }
    }

    #[test]
    fn of_edits_that_touch_the_first_is_made() {
        let edits = vec![edit(4, 7, "x"), edit(0, 3, "A"), edit(2, 5, "y"), edit(7, 7, "!")];
        let (text, count) = applied(b"abc def ghi", edits);
        assert_eq!((&*String::from_utf8(text).unwrap(), count), ("A x ghi", 2));
        let (text, count) = applied(b"abc", vec![edit(0, 0, "-"), edit(3, 3, "+")]);
        assert_eq!((&*String::from_utf8(text).unwrap(), count), ("-abc+", 2));
    }
}
