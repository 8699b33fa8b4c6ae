//! `cermat checks`, `cermat explain`, `cermat schema`.

use std::io::Write;

use super::{Exit, args::Colour, output::Output};
use crate::{
    checks::{self, CheckMeta},
    evidence::EvidenceSet,
    finding::Status,
    reporter,
};

const BOLD: anstyle::Style = anstyle::Style::new().bold();

pub(super) fn checks(colour: Colour) -> anyhow::Result<Exit> {
    let mut out = Output::open(None, colour)?;
    for meta in checks::ALL {
        let info = &meta.info;
        let preview = if matches!(info.status, Status::Preview(_)) { " (preview)" } else { "" };
        let model = if meta.needs.is_empty() { "" } else { " (needs the model)" };
        writeln!(
            out,
            "{BOLD}{} {:<22}{BOLD:#} {:<8} {:<36} {}{model}{preview}",
            info.code,
            info.name,
            info.severity,
            info.mqm.path(),
            info.summary(),
        )?;
    }
    out.finish()?;
    Ok(Exit::Passed)
}

pub(super) fn schema(format: &str) -> anyhow::Result<Exit> {
    let schema = reporter::schema(format).expect("one of the possible values");
    let mut out = Output::open(None, Colour::Never)?;
    writeln!(out, "{schema:#}")?;
    out.finish()?;
    Ok(Exit::Passed)
}

pub(super) fn explain(colour: Colour, meta: &CheckMeta) -> anyhow::Result<Exit> {
    let mut out = Output::open(None, colour)?;
    let info = &meta.info;
    writeln!(out, "{BOLD}{} {}{BOLD:#}", info.code, info.name)?;
    let (state, since) = match info.status {
        Status::Preview(since) => ("preview", since),
        Status::Stable(since) => ("stable", since),
    };
    let needs =
        if meta.needs.is_empty() { "nothing but the text".to_owned() } else { needs(meta.needs) };
    writeln!(
        out,
        "{} · {} · {state} since {since} · needs {needs}\n",
        info.mqm.path(),
        info.severity
    )?;
    for line in info.docs.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        match line.strip_prefix("## ") {
            Some(title) => writeln!(out, "{BOLD}{title}{BOLD:#}")?,
            None => writeln!(out, "{line}")?,
        }
    }
    out.finish()?;
    Ok(Exit::Passed)
}

fn needs(set: EvidenceSet) -> String {
    let names = set.iter_names().map(|(name, _)| name.to_lowercase().replace('_', "-"));
    names.collect::<Vec<_>>().join(", ")
}
