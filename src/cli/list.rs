//! `cermat checks`, `cermat explain`, `cermat models`, `cermat schema`.

use std::io::Write;

use super::{Exit, args::Colour, output::Output, paths};
use crate::{
    checks::{self, CheckMeta},
    evidence::EvidenceSet,
    finding::Status,
    model::installed_models,
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

pub(super) fn models(colour: Colour, verify: bool) -> anyhow::Result<Exit> {
    let roots = paths::model_roots();
    let mut out = Output::open(None, colour)?;
    let mut exit = Exit::Passed;
    let found = installed_models(&roots);
    if found.is_empty() {
        let looked: Vec<String> = roots.iter().map(|root| root.display().to_string()).collect();
        writeln!(out, "no model is installed; looked in {}", looked.join(", "))?;
        exit = Exit::ModelMissing;
    }
    for model in found {
        let checked = model.and_then(|model| {
            if verify { model.verify() } else { model.check_sizes() }.map(|()| model)
        });
        match checked {
            Ok(model) => {
                let Some(manifest) = &model.manifest else { continue };
                let default = if manifest.default { " (default)" } else { "" };
                let directions: Vec<&str> = manifest.directions.iter().map(|d| d.code()).collect();
                writeln!(out, "{BOLD}{}{BOLD:#}{default}: {}", model.name, manifest.description)?;
                writeln!(
                    out,
                    "  {} · {} · {:.1} MB · {} · licence: {}",
                    manifest.family,
                    directions.join(", "),
                    model.bytes() as f64 / 1e6,
                    manifest.quantisation,
                    manifest.licence,
                )?;
                let verified = if verify { " (verified)" } else { "" };
                writeln!(out, "  {}{verified}", model.path.display())?;
            }
            Err(error) => {
                writeln!(out, "{:#}", anyhow::Error::from(error))?;
                exit = Exit::ModelMissing;
            }
        }
    }
    out.finish()?;
    Ok(exit)
}
