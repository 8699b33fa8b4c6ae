//! Files that came from somewhere else: what may stand in a model's folder.
//!
//! Nothing here runs a model or needs a runtime. A folder is refused before anything is opened
//! that it names: paths that lead out of it, sizes and depths that no model has, and files that
//! contradict each other.

use std::{
    collections::BTreeSet,
    fmt, fs,
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{
    ModelError,
    graph::{self, External, Graph, GraphError},
};
use crate::text::Direction;

/// Largest graph: a protobuf message cannot be larger.
pub const MAX_GRAPH_BYTES: u64 = 2 << 30;
/// Largest file of weights beside a graph: four times the largest that models of this kind have.
pub const MAX_DATA_BYTES: u64 = 16 << 30;
/// Largest `tokenizer.json`: that of NLLB, with 256,206 tokens, has 17 to 33 MB.
pub const MAX_TOKENIZER_BYTES: u64 = 128 << 20;
/// Largest other JSON or TOML file.
pub const MAX_CONFIG_BYTES: u64 = 8 << 20;
/// Most tokens of a tokenizer: four times NLLB's.
pub const MAX_VOCABULARY: usize = 1 << 20;
/// Deepest JSON: tokenizers nest less than ten levels.
pub const MAX_JSON_DEPTH: usize = 64;
/// Largest SentencePiece model: that of NLLB has 5 MB.
pub const MAX_PIECES_BYTES: u64 = 64 << 20;
const LEADS_OUT: &str = "it is a link that leads out of the model's folder; copy the file there";
/// Longest name of a file, in bytes.
const MAX_NAME: usize = 200;

/// Why `path` cannot be the name of a file inside a model's folder, whatever the platform; `None`
/// when it can. Looks at the name only, never at the disk.
#[must_use]
pub fn unsafe_path(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        return Some("it is empty");
    }
    if path.len() > MAX_NAME {
        return Some("it is too long");
    }
    if path.contains('\\') {
        return Some("it has a backslash");
    }
    if path.contains(':') {
        return Some("it has a colon: a drive or a stream");
    }
    if path.chars().any(char::is_control) {
        return Some("it has a control character");
    }
    if path.starts_with('/') {
        return Some("it is absolute");
    }
    if path.split('/').any(|part| part == "..") {
        return Some("it leads out of the folder (`..`)");
    }
    if path.split('/').any(|part| part.is_empty() || part == ".") {
        return Some("it is no plain name");
    }
    // Windows drops both at the end of a name.
    if path.split('/').any(|part| part.ends_with(['.', ' '])) {
        return Some("a name in it ends with a dot or a space");
    }
    None
}

/// Why `name` cannot be a model's name; `None` when it can.
#[must_use]
pub fn unsafe_name(name: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > 64 {
        return Some("a name has 1 to 64 characters");
    }
    if !name.chars().all(plain) || !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Some(
            "a name has letters, digits, `-`, `_` and `.`, and begins with a letter or digit",
        );
    }
    if ["known", "locks"].iter().any(|own| name.eq_ignore_ascii_case(own)) {
        return Some("a folder beside the models has this name");
    }
    if name.ends_with('.') || name.contains("..") {
        return Some("a name neither ends with a dot nor has two in a row");
    }
    None
}

fn refused(path: &Path, message: impl Into<String>) -> ModelError {
    ModelError::Refused { path: path.to_owned(), message: message.into() }
}

/// The text of a manifest, a pin or a lock.
pub(crate) fn read_settings(path: &Path) -> Result<String, ModelError> {
    let file = fs::File::open(path).map_err(io_error(path))?;
    let bytes = file.metadata().map_err(io_error(path))?.len();
    if bytes > MAX_CONFIG_BYTES {
        let message = format!("it has {bytes} bytes, at most {MAX_CONFIG_BYTES} are read");
        return Err(refused(path, message));
    }
    let mut text = String::new();
    file.take(MAX_CONFIG_BYTES).read_to_string(&mut text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => refused(path, "it is not UTF-8"),
        _ => io_error(path)(error),
    })?;
    Ok(text)
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> ModelError {
    move |source| ModelError::Io { path: path.to_owned(), source }
}

/// Where the parts of the model in `folder` are: there, or in its folders `id-en` and `en-id`, one
/// direction each, as OPUS-MT has them.
#[must_use]
pub fn model_parts(folder: &Path) -> Vec<PathBuf> {
    let pair = Direction::ALL.map(|direction| folder.join(direction.code()));
    let pair: Vec<PathBuf> =
        pair.into_iter().filter(|part| part.join("config.json").is_file()).collect();
    if pair.is_empty() || folder.join("config.json").is_file() {
        return vec![folder.to_owned()];
    }
    pair
}

/// Checks every file in `folder` that is going to be read: where it really lies, how large it is,
/// what it claims. Graphs in the folder itself and in `onnx/` are looked at, and of a pair
/// ([`model_parts`]) both.
///
/// # Errors
/// [`ModelError::Refused`] and [`ModelError::Config`] name the file and the reason,
/// [`ModelError::Io`] a file that is missing.
pub fn check_folder(folder: &Path) -> Result<(), ModelError> {
    let real = folder.canonicalize().map_err(io_error(folder))?;
    let inside = Inside { home: hub_blobs(&real), folder: real };
    for part in model_parts(&inside.folder) {
        if !part.canonicalize().map_err(io_error(&part))?.starts_with(&inside.folder) {
            return Err(refused(&part, LEADS_OUT));
        }
        check_part(&inside, &part)?;
    }
    Ok(())
}

/// Tables of pieces, and files of SentencePiece.
const PIECES: [&str; 4] = ["vocab.json", "source.spm", "target.spm", "sentencepiece.bpe.model"];

fn check_part(inside: &Inside, folder: &Path) -> Result<(), ModelError> {
    let config = inside.read(&folder.join("config.json"), MAX_CONFIG_BYTES)?;
    let config = Config::parse(&folder.join("config.json"), &config)?;
    let there = |path: &PathBuf| path.symlink_metadata().is_ok();
    let small = ["generation_config.json", "tokenizer_config.json", "score.json"];
    for path in small.map(|name| folder.join(name)).iter().filter(|path| there(path)) {
        let text = inside.read(path, MAX_CONFIG_BYTES)?;
        check_depth(path, &text)?;
    }
    for path in PIECES.map(|name| folder.join(name)).iter().filter(|path| there(path)) {
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = inside.read(path, MAX_TOKENIZER_BYTES)?;
            check_pieces(path, &text, &config)?;
        } else {
            inside.check(path, MAX_PIECES_BYTES)?;
        }
    }
    let tokenizers = json_files(folder)?;
    for path in tokenizers.iter().filter(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("tokenizer"))
            && !path.ends_with("tokenizer_config.json")
    }) {
        let text = inside.read(path, MAX_TOKENIZER_BYTES)?;
        check_tokenizer(path, &text, &config)?;
    }
    let mut graphs = 0;
    for folder in [folder.to_owned(), folder.join("onnx")] {
        for path in files(&folder, "onnx")? {
            inside.check(&path, MAX_GRAPH_BYTES)?;
            check_graph(inside, &path, &config)?;
            graphs += 1;
        }
    }
    if graphs == 0 {
        let message =
            "no .onnx file is in it; export the model with optimum, or name another folder";
        return Err(refused(folder, message));
    }
    Ok(())
}

/// Names of the files of a model in `folder`: configuration, tokenizers, graphs and the data that
/// these name; sorted. Call [`check_folder`] first.
///
/// # Errors
/// Those of reading the folder and its graphs.
pub fn folder_files(folder: &Path) -> Result<Vec<String>, ModelError> {
    let mut names = BTreeSet::new();
    for part in model_parts(folder) {
        let part = match part.strip_prefix(folder) {
            Ok(part) if part != Path::new("") => format!("{}/", part.display()),
            _ => String::new(),
        };
        for prefix in [part.clone(), format!("{part}onnx/")] {
            let here = folder.join(&prefix);
            for extension in ["json", "spm", "model", "onnx"] {
                for path in files(&here, extension)? {
                    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                        continue;
                    };
                    if unsafe_path(name).is_some() || !path.is_file() {
                        continue;
                    }
                    names.insert(format!("{prefix}{name}"));
                    if extension != "onnx" {
                        continue;
                    }
                    let graph = graph::read(&path).map_err(|error| {
                        refused(&path, format!("it is no ONNX graph: {error}; get the file again"))
                    })?;
                    names.extend(graph.external.iter().map(|e| format!("{prefix}{}", e.location)));
                }
            }
        }
    }
    Ok(names.into_iter().collect())
}

/// Graphs of at least this many bytes have their weights taken out when a model is pulled or added
/// ([`take_weights_out`]).
pub const MAPPED_GRAPH_BYTES: u64 = 64 << 20;
/// Smaller tensors stay in the graph: a page of them is not worth an entry.
pub const MAPPED_TENSOR_BYTES: u64 = 64 << 10;

/// Takes the weights out of the graph `name` of `folder`, into `NAME_data` beside it, where ONNX
/// Runtime maps them: it reads a graph whole, and holds every weight that it does not pack once
/// more. Whether it did: a graph of less than `graph_bytes`, and one that has data in other files,
/// is left alone, and so are tensors of less than `tensor_bytes`. Numbers stay the same. A file
/// `NAME_data` that is there is replaced.
///
/// # Errors
/// [`ModelError::Refused`] for what is no graph, [`ModelError::Write`].
pub fn take_weights_out(
    folder: &Path,
    name: &str,
    graph_bytes: u64,
    tensor_bytes: u64,
) -> Result<bool, ModelError> {
    let path = folder.join(name);
    let beside = |end: &str| folder.join(format!("{name}{end}"));
    let (data, new_graph, new_data) = (beside("_data"), beside(".new"), beside("_data.new"));
    if fs::metadata(&path).map_err(io_error(&path))?.len() < graph_bytes {
        return Ok(false);
    }
    let location = data.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let take = || -> Result<bool, GraphError> {
        if graph::take_out(&path, &new_graph, &new_data, location, tensor_bytes)? == 0 {
            return Ok(false);
        }
        fs::rename(&new_data, &data)?;
        fs::rename(&new_graph, &path)?;
        Ok(true)
    };
    let taken = take();
    if !matches!(taken, Ok(true)) {
        [&new_graph, &new_data].into_iter().for_each(|path| drop(fs::remove_file(path)));
    }
    taken.map_err(|error| match error {
        GraphError::Io(error) => super::store::write(&data)(error),
        GraphError::Format(message) => {
            refused(&path, format!("it is no ONNX graph: {message}; get the file again"))
        }
    })
}

/// The files of `folder` with this extension, sorted; none where there is no such folder.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, ModelError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io_error(folder)(error)),
    };
    let mut paths = BTreeSet::new();
    for entry in entries {
        let path = entry.map_err(io_error(folder))?.path();
        if path.extension().is_some_and(|e| e == extension) {
            paths.insert(path);
        }
    }
    Ok(paths.into_iter().collect())
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, ModelError> {
    files(folder, "json")
}

/// Where a folder's files may really lie.
struct Inside {
    /// The folder, links followed.
    folder: PathBuf,
    /// The blobs of the same repository, where the folder is a snapshot in the hub's own cache:
    /// there every file is a link.
    home: Option<PathBuf>,
}

/// `…/models--OWNER--NAME/blobs` for `…/models--OWNER--NAME/snapshots/COMMIT`.
fn hub_blobs(folder: &Path) -> Option<PathBuf> {
    let snapshots = folder.parent().filter(|parent| parent.ends_with("snapshots"))?;
    let repository = snapshots.parent()?;
    let name = repository.file_name()?.to_string_lossy();
    name.starts_with("models--").then(|| repository.join("blobs"))
}

impl Inside {
    /// A file of at most `limit` bytes that lies where it says.
    fn check(&self, path: &Path, limit: u64) -> Result<(), ModelError> {
        let real = path.canonicalize().map_err(io_error(path))?;
        let home = self.home.as_ref().is_some_and(|home| real.starts_with(home));
        if !real.starts_with(&self.folder) && !home {
            return Err(refused(path, LEADS_OUT));
        }
        let metadata = fs::metadata(&real).map_err(io_error(path))?;
        if !metadata.is_file() {
            return Err(refused(path, "it is no file"));
        }
        if metadata.len() > limit {
            let message = format!("it has {} bytes, at most {limit} are read", metadata.len());
            return Err(refused(path, message));
        }
        Ok(())
    }

    /// The text of such a file.
    fn read(&self, path: &Path, limit: u64) -> Result<String, ModelError> {
        self.check(path, limit)?;
        let mut text = String::new();
        let file = fs::File::open(path).map_err(io_error(path))?;
        file.take(limit).read_to_string(&mut text).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => refused(path, "it is not UTF-8"),
            _ => io_error(path)(error),
        })?;
        Ok(text)
    }

    /// The file of external data named `location`: the name is judged before the disk is asked,
    /// so that a graph cannot find out what exists elsewhere.
    fn external(&self, graph: &Path, external: &External) -> Result<(), ModelError> {
        let told = |why: &str| {
            let (tensor, location) = (&external.tensor, &external.location);
            let message = format!(
                "the data of tensor `{}` are to be read from `{}`, and that is not allowed: {why}",
                tensor.escape_debug(),
                location.escape_debug()
            );
            refused(graph, message)
        };
        if let Some(why) = unsafe_path(&external.location) {
            return Err(told(why));
        }
        let mut path = graph.parent().unwrap_or(&self.folder).to_owned();
        let mut metadata = None;
        for part in Path::new(&external.location).components() {
            let Component::Normal(part) = part else { return Err(told("it is no plain name")) };
            path.push(part);
            let found = path.symlink_metadata().map_err(io_error(&path))?;
            if found.is_symlink() {
                return Err(told("it is a symbolic link; copy the file into the folder"));
            }
            metadata = Some(found);
        }
        let metadata = metadata.ok_or_else(|| told("it is empty"))?;
        if !metadata.is_file() {
            return Err(told("it is no file"));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            if metadata.nlink() > 1 {
                return Err(told("it is a hard link; copy the file into the folder"));
            }
        }
        if !path.canonicalize().map_err(io_error(&path))?.starts_with(&self.folder) {
            return Err(told("it leads out of the folder"));
        }
        if metadata.len() > MAX_DATA_BYTES {
            let bytes = metadata.len();
            let message = format!("it has {bytes} bytes, at most {MAX_DATA_BYTES} are read");
            return Err(refused(&path, message));
        }
        let end = external.offset.checked_add(external.length);
        if end.is_none_or(|end| end > metadata.len()) {
            let (tensor, bytes) = (external.tensor.escape_debug(), metadata.len());
            let message = format!("it ends before the data of tensor `{tensor}`: {bytes} bytes");
            return Err(refused(&path, message));
        }
        Ok(())
    }
}

fn check_graph(inside: &Inside, path: &Path, config: &Config) -> Result<(), ModelError> {
    let Graph { inputs, outputs, external } = graph::read(path).map_err(|error| match error {
        GraphError::Io(source) => io_error(path)(source),
        GraphError::Format(message) => {
            refused(path, format!("it is no ONNX graph: {message}; get the file again"))
        }
    })?;
    for external in &external {
        inside.external(path, external)?;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let needed: [&[&str]; 2] = if name.starts_with("encoder") {
        [&["input_ids", "attention_mask"], &["last_hidden_state"]]
    } else if name.starts_with("decoder") {
        [&["input_ids", "encoder_attention_mask"], &["logits"]]
    } else {
        [&[], &[]]
    };
    for (kind, outlets, needed) in [("input", &inputs, needed[0]), ("output", &outputs, needed[1])]
    {
        let missing = needed.iter().find(|name| outlets.iter().all(|o| o.name != **name));
        if let Some(tensor) = missing {
            let tensor = (*tensor).to_owned();
            return Err(ModelError::Tensor { path: path.to_owned(), kind, tensor });
        }
    }
    for outlet in inputs.iter().chain(&outputs) {
        let allowed: &[u64] = match outlet.name.as_str() {
            "input_ids" | "attention_mask" | "encoder_attention_mask" => &[graph::INT64],
            "logits" | "last_hidden_state" | "encoder_hidden_states" => {
                &[graph::FLOAT, graph::FLOAT16]
            }
            _ => continue,
        };
        if !allowed.contains(&outlet.element) {
            let expected: Vec<&str> =
                allowed.iter().map(|element| element_name(*element)).collect();
            return Err(refused(
                path,
                format!(
                    "tensor `{}` holds {}, expected {}; export the model with optimum",
                    outlet.name,
                    element_name(outlet.element),
                    expected.join(" or ")
                ),
            ));
        }
    }
    for (name, expected, key) in [
        ("logits", config.vocab_size, "vocab_size"),
        ("last_hidden_state", config.d_model, "d_model"),
    ] {
        let Some(outlet) = outputs.iter().find(|outlet| outlet.name == name) else { continue };
        let last = outlet.shape.last().copied().flatten();
        if let Some(got) = last.filter(|got| *got != expected) {
            let message = format!(
                "`{name}` ends with {got} values, `{key}` in config.json is {expected}: the files belong to different models"
            );
            return Err(refused(path, message));
        }
    }
    Ok(())
}

/// As ONNX calls it.
fn element_name(element: u64) -> &'static str {
    const NAMES: [&str; 17] = [
        "nothing",
        "float32",
        "uint8",
        "int8",
        "uint16",
        "int16",
        "int32",
        "int64",
        "strings",
        "bool",
        "float16",
        "float64",
        "uint32",
        "uint64",
        "complex64",
        "complex128",
        "bfloat16",
    ];
    usize::try_from(element).ok().and_then(|i| NAMES.get(i).copied()).unwrap_or("another type")
}

/// What of `config.json` other files are compared with.
struct Config {
    vocab_size: u64,
    d_model: u64,
}

impl Config {
    /// # Errors
    /// [`ModelError::Config`] names the key.
    fn parse(path: &Path, text: &str) -> Result<Self, ModelError> {
        let wrong = |message: String| ModelError::Config { path: path.to_owned(), message };
        check_depth(path, text)?;
        let value: Value = serde_json::from_str(text)
            .map_err(|error| wrong(format!("it is not valid JSON: {error}")))?;
        let object = value.as_object().ok_or_else(|| wrong("it is no JSON object".to_owned()))?;
        match object.get("model_type") {
            Some(Value::String(_)) => {}
            Some(other) => {
                return Err(wrong(format!("`model_type` is {}, expected a text", short(other))));
            }
            None => return Err(wrong("`model_type` is missing".to_owned())),
        }
        let number = |key: &str, range: std::ops::RangeInclusive<u64>| {
            let value = object.get(key).ok_or_else(|| wrong(format!("`{key}` is missing")))?;
            value.as_u64().filter(|number| range.contains(number)).ok_or_else(|| {
                let (from, to) = (range.start(), range.end());
                wrong(format!(
                    "`{key}` is {}, expected a whole number from {from} to {to}",
                    short(value)
                ))
            })
        };
        let d_model = number("d_model", 1..=1 << 16)?;
        number("decoder_layers", 1..=256)?;
        let heads = number("decoder_attention_heads", 1..=1024)?;
        if !d_model.is_multiple_of(heads) {
            let message =
                format!("`d_model` {d_model} is no multiple of `decoder_attention_heads` {heads}");
            return Err(wrong(message));
        }
        let vocab_size = number("vocab_size", 1..=MAX_VOCABULARY as u64)?;
        number("max_position_embeddings", 2..=1 << 20)?;
        for key in ["eos_token_id", "pad_token_id", "decoder_start_token_id"] {
            number(key, 0..=vocab_size - 1)?;
        }
        Ok(Self { vocab_size, d_model })
    }
}

/// A value for a message.
fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{} …", &text[..at]),
        None => text,
    }
}

/// Refuses JSON nested too deep, before a parser sees it.
fn check_depth(path: &Path, text: &str) -> Result<(), ModelError> {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_JSON_DEPTH {
                    let message = format!("its JSON is nested more than {MAX_JSON_DEPTH} deep");
                    return Err(refused(path, message));
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// `vocab.json`: pieces and their numbers.
fn check_pieces(path: &Path, text: &str, config: &Config) -> Result<(), ModelError> {
    check_depth(path, text)?;
    if !text.trim_start().starts_with('{') {
        return Err(refused(path, "it is no table of pieces and their numbers"));
    }
    let vocabulary: Vocabulary = serde_json::from_str(text)
        .map_err(|error| refused(path, format!("it is no table of pieces: {error}")))?;
    check_vocabulary(path, vocabulary.tokens, vocabulary.end, config)
}

fn check_tokenizer(path: &Path, text: &str, config: &Config) -> Result<(), ModelError> {
    check_depth(path, text)?;
    let tokenizer: Tokenizer = serde_json::from_str(text)
        .map_err(|error| refused(path, format!("it is no tokenizer: {error}")))?;
    let added =
        tokenizer.added_tokens.iter().map(|token| token.id.saturating_add(1)).max().unwrap_or(0);
    let vocab = tokenizer.model.vocab;
    let tokens = vocab.tokens.max(tokenizer.added_tokens.len());
    check_vocabulary(path, tokens, vocab.end.max(added), config)
}

/// Refuses too many tokens, and numbers that the graphs do not have; `end` is one more than the
/// highest.
fn check_vocabulary(
    path: &Path,
    tokens: usize,
    end: u64,
    config: &Config,
) -> Result<(), ModelError> {
    if tokens > MAX_VOCABULARY {
        let message = format!("it has {tokens} tokens, at most {MAX_VOCABULARY} are read");
        return Err(refused(path, message));
    }
    if end > config.vocab_size {
        let (last, vocab_size) = (end - 1, config.vocab_size);
        let message = format!(
            "it has a token of number {last}, `vocab_size` in config.json is {vocab_size}: the files belong to different models"
        );
        return Err(refused(path, message));
    }
    Ok(())
}

/// The part of `tokenizer.json` that is counted.
#[derive(serde::Deserialize)]
struct Tokenizer {
    model: Model,
    #[serde(default)]
    added_tokens: Vec<Added>,
}

#[derive(serde::Deserialize)]
struct Model {
    vocab: Vocabulary,
}

#[derive(serde::Deserialize)]
struct Added {
    id: u64,
}

/// How many tokens there are, and one more than the highest number.
struct Vocabulary {
    tokens: usize,
    end: u64,
}

impl<'de> Deserialize<'de> for Vocabulary {
    /// Counts without keeping anything: a map from token to number (BPE) or a list (Unigram).
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Count;

        impl<'de> Visitor<'de> for Count {
            type Value = Vocabulary;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a vocabulary")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vocabulary, A::Error> {
                let (mut tokens, mut end) = (0, 0);
                while let Some((IgnoredAny, id)) = map.next_entry::<IgnoredAny, u64>()? {
                    tokens += 1;
                    end = end.max(id.checked_add(1).ok_or_else(|| de::Error::custom("a number"))?);
                }
                Ok(Vocabulary { tokens, end })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vocabulary, A::Error> {
                let mut tokens = 0;
                while let Some(IgnoredAny) = seq.next_element()? {
                    tokens += 1;
                }
                Ok(Vocabulary { tokens, end: tokens as u64 })
            }
        }

        deserializer.deserialize_any(Count)
    }
}
