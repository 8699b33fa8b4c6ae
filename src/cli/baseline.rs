//! `cermat baseline`, and `check --baseline`.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use super::{
    Cli, Exit, Job,
    args::{BaselineArgs, Colour, OutputArgs},
    output::Output,
};
use crate::{
    baseline::Baseline,
    report::{Issue, Row, Unread},
    reporter::{Format, Reporter, Subject},
};

/// A baseline in use.
pub(super) struct Known {
    path: PathBuf,
    baseline: Baseline,
    /// Codes of the checks that ran.
    ran: HashSet<String>,
}

/// The part of it on one file.
pub(super) struct KnownFile<'a> {
    baseline: &'a mut Baseline,
    name: String,
}

impl Known {
    pub(super) fn load(path: &Path) -> anyhow::Result<Self> {
        let path = std::path::absolute(path)?;
        Ok(Self { baseline: Baseline::load(&path)?, path, ran: HashSet::new() })
    }

    pub(super) fn file(&mut self, file: &Path, ran: &HashSet<&str>) -> KnownFile<'_> {
        self.ran.extend(ran.iter().map(|code| (*code).to_owned()));
        let name = self.baseline.name(file);
        self.baseline.begin(&name);
        KnownFile { baseline: &mut self.baseline, name }
    }

    /// Says what was hidden and what is gone; `prune`: takes that out.
    pub(super) fn report(mut self, cli: &Cli, prune: bool, in_part: bool) -> anyhow::Result<()> {
        let gone = self.baseline.gone(|code| self.ran.contains(code));
        if prune {
            self.baseline.prune(|code| self.ran.contains(code));
            self.write()?;
        }
        if !cli.quiet {
            eprintln!("cermat: known from the baseline: {}", self.baseline.hidden);
            if gone > 0 && !in_part {
                let path = self.path.display();
                let done = if prune { "taken out" } else { "`--prune` takes them out" };
                eprintln!("cermat: {gone} findings of `{path}` are gone; {done}");
            }
        }
        Ok(())
    }

    fn write(&self) -> anyhow::Result<()> {
        let mut out = Output::open(Some(&self.path), Colour::Never)?;
        self.baseline.write(&mut out)?;
        out.finish()
    }
}

impl KnownFile<'_> {
    /// Drops what is known of findings that have their fingerprints.
    pub(super) fn hide(&mut self, issues: &mut Vec<Issue>) {
        issues
            .retain(|issue| !self.baseline.knows(&self.name, issue.check.code, &issue.fingerprint));
    }
}

/// Findings go into the baseline, not to a reader.
static NOWHERE: Format =
    Format { name: "none", about: "nothing", evidence: false, build: |_| Box::new(Nowhere) };

struct Nowhere;

impl Reporter for Nowhere {
    fn row(&mut self, _: &Row, _: &mut dyn std::io::Write) -> std::io::Result<()> {
        Ok(())
    }

    fn document(
        &mut self,
        _: &str,
        _: &[Issue],
        _: &[Unread],
        _: &mut dyn std::io::Write,
    ) -> std::io::Result<()> {
        Ok(())
    }
}

pub(super) fn baseline(cli: &Cli, args: &BaselineArgs) -> anyhow::Result<Exit> {
    let path = std::path::absolute(&args.output)?;
    let known = match path.exists() {
        true => Known::load(&path)?,
        false => Known { baseline: Baseline::new(&path), path, ran: HashSet::new() },
    };
    let output = OutputArgs {
        output: None,
        report: Vec::new(),
        min_score: None,
        resume: false,
        no_cache: args.no_cache,
        by_file: None,
    };
    let job = Job {
        cli,
        input: &args.input,
        output: &output,
        format: &NOWHERE,
        subject: Subject::Findings,
        flags: args.checks.options(),
        known: Some(known),
        changes: None,
    };
    let (exit, known) = job.run((!args.no_model).then_some(&args.model))?;
    let mut known = known.expect("the job was given one");
    known.baseline.accept();
    known.write()?;
    if !cli.quiet {
        let path = args.output.display();
        eprintln!("cermat: `{path}` knows {} findings", known.baseline.len());
    }
    // Thresholds are for what comes after.
    Ok(if exit == Exit::GateFailed { Exit::Passed } else { exit })
}
