//! `cermat models`: what there is, and getting, adding, comparing and removing it.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    Cli, Exit, OpenError, Usage,
    args::{AddArgs, Colour, ModelsArgs, ModelsCommand, PullArgs},
    cancel_on_interrupt,
    output::Output,
    paths,
    progress::Transfer,
};
use crate::{
    hub::{Event, Hub, Origin, Pull},
    model::{
        KnownModel, ModelError, ModelFolder, ModelManifest, Store, check_folder, default_model,
        find_model, folder_files, installed_models, known_model, known_models, map_weights,
        model_file, unsafe_name, unsafe_revision, write_whole,
    },
    onnx::{Pool, PoolOptions, Runtime},
};

const BOLD: anstyle::Style = anstyle::Style::new().bold();

pub(super) fn models(cli: &Cli, args: &ModelsArgs) -> anyhow::Result<Exit> {
    match &args.command {
        None if args.verify => verify(cli.color, None),
        None | Some(ModelsCommand::List) => list(cli.color),
        Some(ModelsCommand::Pull(args)) => pull(cli, args),
        Some(ModelsCommand::Bench(args)) => super::bench::bench(cli, args),
        Some(ModelsCommand::Add(args)) => add(cli, args),
        Some(ModelsCommand::Verify { model }) => verify(cli.color, model.as_deref()),
        Some(ModelsCommand::Remove { model }) => remove(cli, model),
        Some(ModelsCommand::Path { model }) => {
            say(cli.color, &find_model(model, &paths::model_roots())?.path)
        }
        Some(ModelsCommand::Default { model }) => default(cli, model.as_deref()),
    }
}

/// The model that is used when none is named: the user's choice, or the bundled one.
pub(super) fn chosen(roots: &[PathBuf]) -> Result<ModelFolder, ModelError> {
    match choice()? {
        Some(name) => find_model(&name, roots),
        None => default_model(roots),
    }
}

/// Data on standard output.
fn say(colour: Colour, path: &Path) -> anyhow::Result<Exit> {
    let mut out = Output::open(None, colour)?;
    writeln!(out, "{}", path.display())?;
    out.finish()?;
    Ok(Exit::Passed)
}

/// The user's folder for cermat.
fn data() -> anyhow::Result<PathBuf> {
    let message = "there is no home folder for models; set CERMAT_DATA_DIR";
    Ok(paths::data_folder().ok_or_else(|| Usage(message.to_owned()))?)
}

fn store() -> anyhow::Result<Store> {
    Ok(Store::new(data()?.join("models")))
}

fn choice_file() -> Option<PathBuf> {
    Some(paths::data_folder()?.join("default-model"))
}

/// The name that `models default` has written.
fn choice() -> Result<Option<String>, ModelError> {
    let Some(path) = choice_file() else { return Ok(None) };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ModelError::Io { path, source }),
    };
    let name = text.trim().to_owned();
    if unsafe_name(&name).is_some() {
        let message = "it should hold the name of a model; run `cermat models default NAME`";
        return Err(ModelError::Config { path, message: message.to_owned() });
    }
    Ok(Some(name))
}

fn forget_choice() -> Result<(), ModelError> {
    match choice_file().map(|path| (fs::remove_file(&path), path)) {
        Some((Err(source), path)) if source.kind() != io::ErrorKind::NotFound => {
            Err(ModelError::Write { path, source })
        }
        _ => Ok(()),
    }
}

fn list(colour: Colour) -> anyhow::Result<Exit> {
    let roots = paths::model_roots();
    let mut out = Output::open(None, colour)?;
    let mut exit = Exit::Passed;
    let found = installed_models(&roots);
    if found.is_empty() {
        let looked: Vec<String> = roots.iter().map(|root| root.display().to_string()).collect();
        writeln!(out, "no model is installed; looked in {}", looked.join(", "))?;
        exit = Exit::ModelMissing;
    }
    let default = chosen(&roots).map(|folder| folder.name).ok();
    let own = paths::data_folder().map(|folder| folder.join("models"));
    let mut names: Vec<String> = Vec::new();
    for model in found {
        match model.and_then(|model| model.check_sizes().map(|()| model)) {
            Ok(model) => {
                let pulled = own.as_ref().is_some_and(|own| model.path.starts_with(own));
                describe(
                    &mut out,
                    &model,
                    default.as_deref(),
                    if pulled { "installed" } else { "bundled" },
                )?;
                names.push(model.name);
            }
            Err(error) => {
                writeln!(out, "{:#}", anyhow::Error::from(error))?;
                exit = Exit::ModelMissing;
            }
        }
    }
    for known in known_models(&roots) {
        match known {
            Ok(known) if names.contains(&known.name) => {}
            Ok(known) => describe_known(&mut out, &known)?,
            Err(error) => {
                writeln!(out, "{:#}", anyhow::Error::from(error))?;
                exit = Exit::ModelMissing;
            }
        }
    }
    out.finish()?;
    Ok(exit)
}

fn directions(directions: &[crate::text::Direction]) -> String {
    directions.iter().map(|d| d.code()).collect::<Vec<_>>().join(", ")
}

fn describe(
    out: &mut Output,
    model: &ModelFolder,
    default: Option<&str>,
    state: &str,
) -> anyhow::Result<()> {
    let Some(manifest) = &model.manifest else { return Ok(()) };
    let default = if default == Some(model.name.as_str()) { ", default" } else { "" };
    writeln!(out, "{BOLD}{}{BOLD:#} ({state}{default}): {}", model.name, manifest.description)?;
    writeln!(
        out,
        "  {} · {} · {:.1} MB · {} · licence: {}",
        manifest.family,
        directions(&manifest.directions),
        model.bytes() as f64 / 1e6,
        manifest.quantisation,
        licence(&manifest.licence),
    )?;
    if let Some(good_for) = &manifest.good_for {
        writeln!(out, "  good for: {good_for}")?;
    }
    writeln!(out, "  {}", model.path.display())?;
    Ok(())
}

fn describe_known(out: &mut Output, known: &KnownModel) -> anyhow::Result<()> {
    writeln!(out, "{BOLD}{}{BOLD:#} (known, not installed): {}", known.name, known.description)?;
    let size = match known.bytes() {
        Some(bytes) => format!("{:.1} MB", bytes as f64 / 1e6),
        None => "size known at the pull".to_owned(),
    };
    writeln!(
        out,
        "  {} · {} · {size} · {} · licence: {}",
        known.family,
        directions(&known.directions),
        known.quantisation,
        licence(&known.licence),
    )?;
    writeln!(out, "  good for: {}", known.good_for)?;
    let untried = if known.pulled { "" } else { " (not yet pulled by cermat's makers)" };
    writeln!(out, "  get it: cermat models pull {}{untried}", known.name)?;
    Ok(())
}

/// A licence, with a warning where it forbids commercial use.
fn licence(licence: &str) -> String {
    if licence.contains("-NC") {
        format!("{licence} — NOT FOR COMMERCIAL USE")
    } else {
        licence.to_owned()
    }
}

fn verify(colour: Colour, name: Option<&str>) -> anyhow::Result<Exit> {
    let roots = paths::model_roots();
    let found = match name {
        Some(name) => vec![find_model(name, &roots)],
        None => installed_models(&roots),
    };
    let mut out = Output::open(None, colour)?;
    let mut exit = Exit::Passed;
    for model in found {
        let checked = model.and_then(|model| {
            model.verify()?;
            check_folder(&model.path)?;
            Ok(model)
        });
        match checked {
            Ok(model) if model.manifest.is_some() => {
                writeln!(out, "{}: verified: {}", model.name, model.path.display())?;
            }
            // No manifest, no hashes.
            Ok(model) => writeln!(
                out,
                "{}: no manifest to compare with; `cermat models add` makes one: {}",
                model.name,
                model.path.display()
            )?,
            Err(error) => {
                writeln!(out, "{:#}", anyhow::Error::from(error))?;
                exit = Exit::ModelMissing;
            }
        }
    }
    out.finish()?;
    Ok(exit)
}

fn pull(cli: &Cli, args: &PullArgs) -> anyhow::Result<Exit> {
    let roots = paths::model_roots();
    let (name, revision) = match args.model.split_once('@') {
        Some((name, revision)) => (name, Some(revision)),
        None => (args.model.as_str(), None),
    };
    if let Some(why) = revision.and_then(unsafe_revision) {
        return Err(Usage(format!("`{}` is no revision: {why}", args.model)).into());
    }
    let Some(known) = known_model(name, &roots)? else {
        let known = known_models(&roots).into_iter().flatten();
        let names: Vec<String> = known.map(|known| known.name).collect();
        let names = names.join(", ");
        return Err(Usage(format!(
            "no known model `{name}`; there are {names}; a folder of your own: `cermat models add`"
        ))
        .into());
    };
    accept(&known, args.accept_licence)?;
    let hub = Hub::new(paths::hub_settings(args.offline, args.retries))?;
    let quiet = cli.quiet;
    if !quiet {
        eprintln!(
            "cermat: {}: {} at {}, licence {}",
            known.name,
            known.repository,
            revision.unwrap_or(&known.revision),
            licence(&known.licence)
        );
        if !known.pulled {
            eprintln!(
                "cermat: this pin comes from the hub's public listing; cermat's makers have not pulled it"
            );
        }
    }
    let cancel = cancel_on_interrupt();
    let mut transfer = Transfer::new(quiet);
    let mut on = |event: Event<'_>| match event {
        Event::Waiting if !quiet => eprintln!("cermat: another cermat gets this model; waiting"),
        Event::Waiting => {}
        Event::File(name, here, total) => transfer.begin(name, here, total),
        Event::Bytes(bytes) => transfer.at(bytes),
        Event::Done(name, origin) => {
            transfer.end();
            if !quiet {
                let origin = match origin {
                    Origin::Hub => "",
                    Origin::Cache => " (from the hub's cache on this machine)",
                    Origin::Earlier => " (from an earlier pull)",
                };
                eprintln!("cermat: have {name}{origin}");
            }
        }
        Event::Again(error, wait) => {
            transfer.end();
            if !quiet {
                eprintln!("cermat: {error}; trying again in {:.1} s", wait as f64 / 1e3);
            }
        }
    };
    let how = Pull { revision, update: args.update, as_is: args.as_is };
    let folder = hub.pull(&known, how, &store()?, &mut on, &cancel);
    transfer.end();
    say(cli.color, &folder?.path)
}

/// Licences that were accepted, by model.
type Accepted = BTreeMap<String, String>;

/// Refuses a model whose licence has to be accepted and was not, and remembers that it was.
fn accept(known: &KnownModel, now: bool) -> anyhow::Result<()> {
    if !known.non_commercial {
        return Ok(());
    }
    let path = data()?.join("accepted-licences.toml");
    let mut accepted: Accepted = match fs::read_to_string(&path) {
        Ok(text) => toml::from_str(&text).with_context(|| format!("`{}`", path.display()))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Accepted::new(),
        Err(source) => return Err(ModelError::Io { path, source }.into()),
    };
    if accepted.get(&known.name) == Some(&known.licence) {
        return Ok(());
    }
    if !now {
        return Err(Usage(format!(
            "the licence of `{}`, {}, FORBIDS COMMERCIAL USE of the model (see {}); `--accept-licence` or CERMAT_ACCEPT_LICENCE=1 accepts it, once",
            known.name, known.licence, known.card
        ))
        .into());
    }
    accepted.insert(known.name.clone(), known.licence.clone());
    let text = toml::to_string(&accepted)?;
    let folder = data()?;
    fs::create_dir_all(&folder).map_err(|source| ModelError::Write { path: folder, source })?;
    write_whole(&path, text.as_bytes())?;
    Ok(())
}

fn add(cli: &Cli, args: &AddArgs) -> anyhow::Result<Exit> {
    let roots = paths::model_roots();
    let from = &args.path;
    let from =
        from.canonicalize().map_err(|source| ModelError::Io { path: from.clone(), source })?;
    let name = match &args.name {
        Some(name) => name.clone(),
        None => from.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    };
    if let Some(why) = unsafe_name(&name) {
        return Err(
            Usage(format!("`{name}` cannot be the name of a model: {why}; give --name")).into()
        );
    }
    let taken = installed_models(&roots).into_iter().flatten().any(|model| model.name == name)
        || known_model(&name, &roots)?.is_some();
    if taken {
        return Err(Usage(format!("there is a model `{name}` already; give another --name")).into());
    }
    check_folder(&from)?;
    let names = folder_files(&from)?;
    // The runtime has the last word on what the graphs are.
    let opened = || -> Result<_, OpenError> {
        let runtime = Runtime::load(&paths::library_places(args.onnxruntime.as_deref()))?;
        let folder = ModelFolder { name: name.clone(), path: from.clone(), manifest: None };
        let pool = Pool::open(
            &runtime,
            &folder,
            PoolOptions { workers: Some(1), ..PoolOptions::default() },
        )?;
        Ok(crate::model::TranslationModel::info(&pool).clone())
    };
    let info = opened()?;
    let store = store()?;
    let _guard =
        store.lock(&name, || eprintln!("cermat: another cermat adds this model; waiting"))?;
    let stage = store.stage(&name)?;
    let write = |path: &Path| {
        let path = path.to_owned();
        move |source| ModelError::Write { path, source }
    };
    fs::remove_dir_all(&stage).map_err(write(&stage))?;
    if args.link {
        link(&from, &stage).map_err(write(&stage))?;
    } else {
        for name in &names {
            let to = stage.join(name);
            let parent = to.parent().unwrap_or(&stage);
            fs::create_dir_all(parent).map_err(write(parent))?;
            fs::copy(from.join(name), &to).map_err(write(&to))?;
        }
        // What was copied is what was checked, also when somebody writes there meanwhile.
        check_folder(&stage)?;
    }
    let files = names.iter().map(|name| model_file(&stage, name)).collect::<Result<Vec<_>, _>>()?;
    let keep = args.link || args.as_is;
    let (files, as_they_came) =
        if keep { (files, Vec::new()) } else { map_weights(&stage, files)? };
    let manifest = ModelManifest {
        name: name.clone(),
        description: format!("added from {}", from.display()),
        family: info.family,
        default: false,
        directions: info.directions,
        max_tokens: info.max_tokens,
        licence: args.licence.clone(),
        card: "none".to_owned(),
        revision: "local".to_owned(),
        quantisation: "as exported".to_owned(),
        batch_invariant: info.batch_invariant,
        good_for: None,
        repository: None,
        files,
        as_they_came,
    };
    let folder = store.install(&stage, &manifest)?;
    if !cli.quiet {
        eprintln!("cermat: added `{name}`; use it with --model {name}");
    }
    say(cli.color, &folder.path)
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(windows)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_dir(from, to)
}

fn remove(cli: &Cli, name: &str) -> anyhow::Result<Exit> {
    let store = store()?;
    if unsafe_name(name).is_some() {
        return Err(Usage(format!("`{name}` is no name of a model")).into());
    }
    let _guard =
        store.lock(name, || eprintln!("cermat: another cermat uses this model; waiting"))?;
    // A model whose manifest is damaged can be removed too, and so can half a model.
    let own = store.discard_stage(name)? | store.remove(name)?;
    if !own {
        let elsewhere = find_model(name, &paths::model_roots())?;
        return Err(Usage(format!(
            "`{name}` was neither pulled nor added: it belongs to `{}`",
            elsewhere.path.display()
        ))
        .into());
    }
    let was_default = choice()?.as_deref() == Some(name);
    if was_default {
        forget_choice()?;
    }
    if !cli.quiet {
        eprintln!("cermat: removed `{name}`");
        if was_default {
            eprintln!("cermat: it was the default; the bundled model is the default again");
        }
    }
    Ok(Exit::Passed)
}

fn default(cli: &Cli, name: Option<&str>) -> anyhow::Result<Exit> {
    let roots = paths::model_roots();
    if let Some(name) = name {
        if unsafe_name(name).is_some() {
            let message =
                format!("`{name}` is no name of a model; `cermat models add` gives a folder one");
            return Err(Usage(message).into());
        }
        let folder = find_model(name, &roots)?;
        if default_model(&roots).is_ok_and(|bundled| bundled.name == folder.name) {
            forget_choice()?;
        } else if let Some(path) = choice_file() {
            let data = data()?;
            fs::create_dir_all(&data).map_err(|source| ModelError::Write { path: data, source })?;
            write_whole(&path, format!("{}\n", folder.name).as_bytes())?;
        }
    }
    let mut out = Output::open(None, cli.color)?;
    writeln!(out, "{}", chosen(&roots)?.name)?;
    out.finish()?;
    Ok(Exit::Passed)
}
