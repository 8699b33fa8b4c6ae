//! Model folders from somewhere else: each file damaged, cut, renamed, linked and too large, and
//! what is said of it. Exit code 4, never a panic, nothing read outside the folder.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cermat::model::{
    MAX_CONFIG_BYTES, MAX_DATA_BYTES, MAX_GRAPH_BYTES, MAX_JSON_DEPTH, MAX_PIECES_BYTES,
    MAX_TOKENIZER_BYTES, MAX_VOCABULARY, ModelError, check_folder, find_model, take_weights_out,
    unsafe_path,
};
use common::tree;

const ENCODER: &str = "encoder_model.onnx";
const DECODER: &str = "decoder_model_merged.onnx";

/// A copy of a small model, which a test may damage.
struct Folder {
    outside: tempfile::TempDir,
    path: PathBuf,
}

impl Folder {
    fn new() -> Self {
        let outside = tempfile::tempdir().expect("a folder");
        let path = outside.path().join("model");
        copy(&tree("tests/fixtures/tiny-merged"), &path);
        Self { outside, path }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn append(&self, name: &str, bytes: &[u8]) {
        let mut all = fs::read(self.file(name)).expect("read");
        all.extend(bytes);
        fs::write(self.file(name), all).expect("written");
    }

    /// M2M100 as it is upstream, with the encoder's weights in a file of their own.
    fn with_pieces() -> Self {
        let this = Self::new();
        fs::remove_dir_all(&this.path).expect("removed");
        copy(&tree("tests/fixtures/families/m2m100/split"), &this.path);
        for stem in ["encoder_model", "decoder_model", "decoder_with_past_model"] {
            fs::remove_file(this.file(&format!("{stem}_fp16.onnx"))).expect("removed");
        }
        assert!(take_weights_out(&this.path, ENCODER, 0, 64).expect("taken out"));
        this
    }

    /// Refused by the library, and by the program with exit code 4; both say all of this.
    #[track_caller]
    fn refused(&self, said: &[&str]) {
        let error = check_folder(&self.path).expect_err("refused");
        let output = self.program(&["translate", "--model"], &[]);
        let talk = stderr(&output);
        assert_eq!(output.status.code(), Some(4), "{talk}");
        for said in said {
            assert!(talk.contains(said), "{said}: {talk}");
        }
        assert!(talk.contains(&error.to_string()), "{error}: {talk}");
        assert!(!talk.contains("panicked"), "{talk}");
    }

    fn program(&self, before: &[&str], after: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
        command.args(before).arg(&self.path).args(after);
        command.env("ORT_DYLIB_PATH", &common::runtime().path).env("NO_COLOR", "1");
        command.env("CERMAT_DATA_DIR", self.outside.path().join("data"));
        command.env_remove("CERMAT_MODEL").env_remove("CERMAT_MODELS");
        command.stdin(std::process::Stdio::null()).output().expect("the program runs")
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("a file").path();
        fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

#[test]
fn a_model_as_it_should_be() {
    for name in ["tiny", "tiny-merged", "tiny-optimum"] {
        check_folder(&tree("tests/fixtures").join(name)).expect(name);
    }
    check_folder(&tree("models/cermat-mini")).expect("bundled");
    let folder = Folder::new();
    // Nothing to translate: the model was opened all the same.
    let output = folder.program(&["translate", "--model"], &[]);
    assert_eq!(output.status.code(), Some(6), "{}", stderr(&output));
}

#[test]
fn graphs_that_are_cut_damaged_or_of_another_kind() {
    let whole = fs::read(tree("tests/fixtures/tiny-merged").join(ENCODER)).expect("read");
    for (bytes, said) in [
        (&whole[..whole.len() / 2], "bytes are missing"),
        (&whole[..whole.len() - 1], "missing"),
        (b"", "no ONNX graph"),
        (b"<html></html>", "no ONNX graph"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "no ONNX graph"),
        (&[0xff; 64], "no ONNX graph"),
    ] {
        let folder = Folder::new();
        fs::write(folder.file(ENCODER), bytes).expect("written");
        folder.refused(&[ENCODER, said]);
    }
    // The right files under the wrong names.
    let folder = Folder::new();
    fs::copy(folder.file(DECODER), folder.file(ENCODER)).expect("copied");
    let output = folder.program(&["translate", "--model"], &[]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).contains("no input `attention_mask`"), "{}", stderr(&output));
    for name in [ENCODER, DECODER, "config.json", "tokenizer.json"] {
        let folder = Folder::new();
        fs::rename(folder.file(name), folder.file("other")).expect("renamed");
        let output = folder.program(&["translate", "--model"], &[]);
        assert_eq!(output.status.code(), Some(4), "{name}: {}", stderr(&output));
        let stem = name.split('_').next().expect("a name");
        assert!(stderr(&output).contains(stem), "{name}: {}", stderr(&output));
    }
    let folder = Folder::new();
    fs::remove_file(folder.file(ENCODER)).expect("removed");
    fs::remove_file(folder.file(DECODER)).expect("removed");
    folder.refused(&["no .onnx file is in it"]);
}

#[test]
fn graphs_of_another_type_or_another_model() {
    let folder = Folder::new();
    let mut bytes = fs::read(folder.file(ENCODER)).expect("read");
    // `input_ids`, then its type: a tensor (0a) of element type (08) int64 (07).
    let is_input =
        |at: &[u8]| at.starts_with(b"input_ids\x12") && (at[11], at[13], at[14]) == (0x0a, 8, 7);
    let at = bytes.windows(15).position(is_input).expect("an input");
    bytes[at + 14] = 6;
    fs::write(folder.file(ENCODER), bytes).expect("written");
    folder.refused(&[ENCODER, "`input_ids` holds int32, expected int64"]);

    let set = |key: &str, from: &str, to: &str| {
        let folder = Folder::new();
        let text = fs::read_to_string(folder.file("config.json")).expect("read");
        let (from, to) = (format!("\"{key}\": {from}"), format!("\"{key}\": {to}"));
        assert!(text.contains(&from), "{from}");
        fs::write(folder.file("config.json"), text.replace(&from, &to)).expect("written");
        folder
    };
    set("vocab_size", "350", "351").refused(&[DECODER, "`logits` ends with 350", "`vocab_size`"]);
    set("vocab_size", "350", "340").refused(&["tokenizer.json", "token of number", "`vocab_size`"]);
    set("d_model", "16", "32").refused(&[ENCODER, "`last_hidden_state` ends with 16", "`d_model`"]);

    for (key, from, to) in [
        ("d_model", "16", "\"16\""),
        ("d_model", "16", "16.5"),
        ("d_model", "16", "15"),
        ("d_model", "16", "null"),
        ("d_model", "16", "-16"),
        ("decoder_layers", "2", "100000"),
        ("decoder_attention_heads", "2", "0"),
        ("vocab_size", "350", "99999999999999999999"),
        ("max_position_embeddings", "256", "0"),
        ("pad_token_id", "1", "350"),
        ("eos_token_id", "2", "[2]"),
        ("model_type", "\"m2m_100\"", "7"),
    ] {
        set(key, from, to).refused(&["config.json", &format!("`{key}`")]);
    }
    let folder = set("model_type", "\"m2m_100\"", "\"bert\"");
    let output = folder.program(&["translate", "--model"], &[]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).contains("`model_type` is `bert`"), "{}", stderr(&output));
    for key in ["model_type", "d_model", "vocab_size", "decoder_start_token_id"] {
        let folder = Folder::new();
        let text = fs::read_to_string(folder.file("config.json")).expect("read");
        let text = text.replace(&format!("\"{key}\""), "\"x\"");
        fs::write(folder.file("config.json"), text).expect("written");
        folder.refused(&["config.json", &format!("`{key}` is missing")]);
    }
}

#[test]
fn json_that_is_none_too_deep_or_too_large() {
    let deep = format!("{}{}", "[".repeat(MAX_JSON_DEPTH + 1), "]".repeat(MAX_JSON_DEPTH + 1));
    for name in ["config.json", "tokenizer.json", "generation_config.json"] {
        let folder = Folder::new();
        fs::write(folder.file(name), &deep).expect("written");
        folder.refused(&[name, "nested more than"]);
    }
    for (name, limit) in [
        ("config.json", MAX_CONFIG_BYTES),
        ("tokenizer.json", MAX_TOKENIZER_BYTES),
        ("generation_config.json", MAX_CONFIG_BYTES),
        (ENCODER, MAX_GRAPH_BYTES),
    ] {
        let folder = Folder::new();
        let file = fs::OpenOptions::new().write(true).open(folder.file(name)).expect("opened");
        file.set_len(limit + 1).expect("a sparse file");
        folder.refused(&[name, &format!("at most {limit}")]);
    }
    for (name, text) in [
        ("config.json", "[]"),
        ("config.json", "{"),
        ("config.json", "\u{0}"),
        ("tokenizer.json", "{}"),
        ("tokenizer.json", "{\"model\": {\"vocab\": 7}}"),
        ("tokenizer.json", "{\"model\": {\"vocab\": {\"a\": -1}}}"),
    ] {
        let folder = Folder::new();
        fs::write(folder.file(name), text).expect("written");
        folder.refused(&[name]);
    }
    let folder = Folder::new();
    fs::write(folder.file("config.json"), b"\xff\xfe").expect("written");
    folder.refused(&["config.json", "not UTF-8"]);

    let tokens: Vec<String> = (0..=MAX_VOCABULARY).map(|i| format!("[\"{i}\",0]")).collect();
    let text = format!("{{\"model\": {{\"vocab\": [{}]}}}}", tokens.join(","));
    let folder = Folder::new();
    fs::write(folder.file("tokenizer.json"), text).expect("written");
    folder.refused(&["tokenizer.json", "tokens, at most"]);
}

#[cfg(unix)]
#[test]
fn links_that_lead_out() {
    use std::os::unix::fs::symlink;

    for name in ["config.json", "tokenizer.json", "generation_config.json", ENCODER, DECODER] {
        let folder = Folder::new();
        let elsewhere = folder.outside.path().join("elsewhere");
        fs::rename(folder.file(name), &elsewhere).expect("renamed");
        symlink(&elsewhere, folder.file(name)).expect("a link");
        folder.refused(&[name, "a link that leads out"]);
        // One that stays inside is no harm.
        let folder = Folder::new();
        fs::rename(folder.file(name), folder.file("kept")).expect("renamed");
        symlink("kept", folder.file(name)).expect("a link");
        check_folder(&folder.path).expect(name);
    }
    // A snapshot in the hub's own cache is made of links to its blobs.
    let folder = Folder::new();
    let home = folder.outside.path().join("hub/models--owner--name");
    let snapshot = home.join("snapshots/0123");
    fs::create_dir_all(&snapshot).expect("a folder");
    copy(&folder.path, &home.join("blobs"));
    for entry in fs::read_dir(&folder.path).expect("a folder") {
        let name = entry.expect("a file").file_name();
        symlink(Path::new("../../blobs").join(&name), snapshot.join(&name)).expect("a link");
    }
    check_folder(&snapshot).expect("a snapshot");
    fs::remove_file(snapshot.join("config.json")).expect("removed");
    symlink(folder.file("config.json"), snapshot.join("config.json")).expect("a link");
    check_folder(&snapshot).expect_err("it leads out of the cache");
}

/// A protobuf field of length-delimited bytes.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut varint = |mut value: usize| {
        while value > 0x7f {
            out.push(value as u8 & 0x7f | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
    };
    varint(usize::from(number) << 3 | 2);
    varint(content.len());
    out.extend(content);
    out
}

fn entry(key: &str, value: &str) -> Vec<u8> {
    field(13, &[field(1, key.as_bytes()), field(2, value.as_bytes())].concat())
}

/// `TensorProto` with its data in another file.
fn tensor(location: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let more = more.iter().flat_map(|(key, value)| entry(key, value));
    [field(8, b"w"), vec![14 << 3, 1], entry("location", location), more.collect()].concat()
}

/// More of the model's graph: an initializer.
fn initializer(tensor: &[u8]) -> Vec<u8> {
    field(7, &field(5, tensor))
}

#[test]
fn data_outside_the_folder() {
    for (location, said) in [
        ("/etc/passwd", "absolute"),
        ("../secret", "leads out"),
        ("data/../../secret", "leads out"),
        ("..\\secret", "backslash"),
        ("C:secret", "drive"),
        ("\\\\host\\share", "backslash"),
        ("./config.json", "no plain name"),
        ("", "it is empty"),
        ("a\u{0}b", "control"),
        ("config.json.", "dot"),
        (&"x".repeat(300), "too long"),
    ] {
        let folder = Folder::new();
        folder.append(ENCODER, &initializer(&tensor(location, &[])));
        folder.refused(&[ENCODER, "tensor `w`", said]);
        // The same whether the file is there or not: nothing is found out about other folders.
        let there = folder.outside.path().join("secret");
        let before = check_folder(&folder.path).expect_err("refused").to_string();
        fs::write(there, "secret").expect("written");
        assert_eq!(check_folder(&folder.path).expect_err("refused").to_string(), before);
    }
}

#[test]
fn data_in_graphs_inside_of_graphs() {
    let bad = tensor("../secret", &[]);
    let value = |field_number| field(5, &field(field_number, &bad));
    let graph = field(5, &bad);
    let node = |attribute: Vec<u8>| field(1, &field(5, &attribute));
    for more in [
        // A constant; tensors; the branches of an If; a graph in a graph; a sparse one.
        field(7, &field(1, &value(5))),
        field(7, &field(1, &value(10))),
        field(7, &node(field(6, &graph))),
        field(7, &node(field(11, &graph))),
        field(7, &node(field(6, &node(field(6, &graph))))),
        field(7, &field(15, &field(1, &bad))),
        field(7, &field(15, &field(2, &bad))),
        field(7, &node(field(22, &field(1, &bad)))),
        // A function of the model (field 25), training (20).
        [&[0xca, 0x01][..], &field(0, &field(7, &field(5, &field(5, &bad))))[1..]].concat(),
        [&[0xa2, 0x01][..], &field(0, &field(2, &graph))[1..]].concat(),
    ] {
        let folder = Folder::new();
        folder.append(ENCODER, &more);
        folder.refused(&[ENCODER, "../secret", "leads out"]);
    }
    let mut deep = graph;
    for _ in 0..40 {
        deep = node(field(6, &deep));
    }
    let folder = Folder::new();
    folder.append(ENCODER, &field(7, &deep));
    folder.refused(&[ENCODER, "nested more than"]);
}

#[test]
fn data_in_the_folder() {
    let folder = Folder::new();
    folder.append(ENCODER, &initializer(&tensor("w.data", &[("offset", "8"), ("length", "8")])));
    folder.refused(&["w.data"]);
    fs::write(folder.file("w.data"), [0; 15]).expect("written");
    folder.refused(&["w.data", "ends before the data of tensor `w`"]);
    fs::write(folder.file("w.data"), [0; 16]).expect("written");
    check_folder(&folder.path).expect("a file of the folder");
    fs::remove_file(folder.file("w.data")).expect("removed");
    fs::create_dir(folder.file("w.data")).expect("a folder");
    folder.refused(&["it is no file"]);

    for more in [("offset", "x"), ("offset", "-1"), ("location", "v.data")] {
        let folder = Folder::new();
        fs::write(folder.file("w.data"), [0; 16]).expect("written");
        folder.append(ENCODER, &initializer(&tensor("w.data", &[more])));
        folder.refused(&[ENCODER]);
    }
    let folder = Folder::new();
    fs::write(folder.file("w.data"), [0; 16]).expect("written");
    let huge = u64::MAX.to_string();
    let overflow = tensor("w.data", &[("offset", &huge), ("length", &huge)]);
    folder.append(ENCODER, &initializer(&overflow));
    folder.refused(&["ends before the data"]);
}

#[cfg(unix)]
#[test]
fn data_behind_a_link() {
    let folder = Folder::new();
    let secret = folder.outside.path().join("secret");
    fs::write(&secret, [0; 16]).expect("written");
    folder.append(ENCODER, &initializer(&tensor("w.data", &[])));
    std::os::unix::fs::symlink(&secret, folder.file("w.data")).expect("a link");
    folder.refused(&["w.data", "symbolic link"]);
    fs::remove_file(folder.file("w.data")).expect("removed");
    fs::hard_link(&secret, folder.file("w.data")).expect("a link");
    folder.refused(&["w.data", "hard link"]);

    let folder = Folder::new();
    fs::create_dir(folder.outside.path().join("dir")).expect("a folder");
    fs::write(folder.outside.path().join("dir/w.data"), [0; 16]).expect("written");
    std::os::unix::fs::symlink("../dir", folder.file("dir")).expect("a link");
    folder.append(ENCODER, &initializer(&tensor("dir/w.data", &[])));
    folder.refused(&["dir/w.data", "symbolic link"]);
}

#[test]
fn damage_of_any_kind_is_no_panic() {
    let mut random = fastrand::Rng::with_seed(7);
    for name in [ENCODER, DECODER, "config.json", "tokenizer.json"] {
        let folder = Folder::new();
        let whole = fs::read(folder.file(name)).expect("read");
        for _ in 0..40 {
            let mut bytes = whole.clone();
            for _ in 0..random.usize(1..8) {
                let at = random.usize(0..bytes.len());
                bytes[at] = random.u8(..);
            }
            bytes.truncate(random.usize(0..=bytes.len() * 2).max(1));
            fs::write(folder.file(name), bytes).expect("written");
            // Either is right; not to come back is not.
            let _ = check_folder(&folder.path);
        }
    }
}

#[test]
fn manifests_do_not_lead_out() {
    let text = fs::read_to_string(tree("models/cermat-mini.toml")).expect("read");
    let load = |stem: &str, text: &str| {
        let root = tempfile::tempdir().expect("a folder");
        fs::create_dir(root.path().join(stem)).expect("a folder");
        fs::write(root.path().join(format!("{stem}.toml")), text).expect("written");
        find_model(stem, &[root.path().to_owned()])
    };
    load("cermat-mini", &text).expect("valid");
    for path in ["../x", "/etc/passwd", "C:\\\\x", "a\\\\b", "a/../../x", "", "x/", "a\\u0000"] {
        let changed = text.replace("path = \"decoder.onnx\"", &format!("path = \"{path}\""));
        match load("cermat-mini", &changed) {
            Err(ModelError::Config { message, .. }) => {
                assert!(message.starts_with("`path` of a file"), "{message}");
            }
            other => panic!("{path}: {other:?}"),
        }
    }
    match load("renamed", &text) {
        Err(ModelError::Config { message, .. }) => assert!(message.contains("called otherwise")),
        other => panic!("{other:?}"),
    }
    for path in ["config.json", "onnx/encoder_model.onnx", "a.b-c_d", ".hidden", "a..b"] {
        assert_eq!(unsafe_path(path), None, "{path}");
    }
}

/// What is done to a file: its name, and the file, a place outside and the largest size.
type Damage = (&'static str, fn(&Path, &Path, u64));

const DAMAGES: [Damage; 5] = [
    ("corrupted", |file, _, _| {
        let mut bytes = fs::read(file).expect("read");
        let middle = bytes.len() / 2;
        bytes[middle..][..8].copy_from_slice(&[0xff; 8]);
        fs::write(file, bytes).expect("written");
    }),
    ("truncated", |file, _, _| {
        let bytes = fs::read(file).expect("read");
        fs::write(file, &bytes[..bytes.len() / 2]).expect("written");
    }),
    ("renamed", |file, outside, _| fs::rename(file, outside).expect("renamed")),
    ("linked", |file, outside, _| {
        fs::rename(file, outside).expect("renamed");
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside, file).expect("a link");
    }),
    ("oversized", |file, _, limit| {
        let file = fs::File::options().write(true).open(file).expect("opened");
        file.set_len(limit + 1).expect("a sparse file");
    }),
];

/// Files of two kinds of models, and the largest size of each.
const OF_PIECES: [(&str, u64); 6] = [
    ("config.json", MAX_CONFIG_BYTES),
    ("vocab.json", MAX_TOKENIZER_BYTES),
    ("sentencepiece.bpe.model", MAX_PIECES_BYTES),
    (ENCODER, MAX_GRAPH_BYTES),
    ("encoder_model.onnx_data", MAX_DATA_BYTES),
    ("decoder_with_past_model.onnx", MAX_GRAPH_BYTES),
];
const OF_JSON: [(&str, u64); 2] =
    [("tokenizer.json", MAX_TOKENIZER_BYTES), (DECODER, MAX_GRAPH_BYTES)];

#[test]
fn each_file_damaged_in_each_way_when_it_is_added_and_loaded() {
    let all = OF_PIECES.map(|file| (true, file)).into_iter().chain(OF_JSON.map(|f| (false, f)));
    for (pieces, (name, limit)) in all {
        for (way, damage) in DAMAGES {
            // A weight of another value is a model of its own: only a hash can tell, see below.
            let weights = name.ends_with("_data") || name.ends_with("x") || name.ends_with("model");
            if way == "corrupted" && weights {
                continue;
            }
            let folder = if pieces { Folder::with_pieces() } else { Folder::new() };
            damage(&folder.file(name), &folder.outside.path().join("elsewhere"), limit);
            let added = folder.program(&["models", "add"], &["--name", "own"]);
            let talk = stderr(&added);
            assert_eq!(added.status.code(), Some(4), "{name} {way}: {talk}");
            let stem = name.split(['.', '_']).next().expect("a name");
            assert!(talk.contains(stem) && !talk.contains("panicked"), "{name} {way}: {talk}");
            assert!(added.stdout.is_empty());
            assert!(!folder.outside.path().join("data/models/own").exists(), "{name} {way}");
            if way == "truncated" {
                let loaded = folder.program(&["translate", "--model"], &[]);
                assert_eq!(loaded.status.code(), Some(4), "{name} {way}: {}", stderr(&loaded));
                assert!(stderr(&loaded).contains(stem), "{name} {way}: {}", stderr(&loaded));
            }
        }
    }
}

#[test]
fn each_file_damaged_in_each_way_when_it_is_verified() {
    let folder = Folder::with_pieces();
    let added = folder.program(&["models", "add"], &["--name", "own"]);
    assert_eq!(added.status.code(), Some(0), "{}", stderr(&added));
    let models = folder.outside.path().join("data/models");
    let (own, kept) = (models.join("own"), folder.outside.path().join("kept"));
    copy(&own, &kept);
    let verify = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
        command.args(["models", "verify", "own"]).env_remove("CERMAT_MODELS");
        command.env("CERMAT_DATA_DIR", folder.outside.path().join("data"));
        command.output().expect("it runs")
    };
    assert_eq!(verify().status.code(), Some(0), "{}", stderr(&verify()));
    let elsewhere = folder.outside.path().join("elsewhere");
    for (name, limit) in OF_PIECES {
        for (way, damage) in DAMAGES {
            damage(&own.join(name), &elsewhere, limit);
            let output = verify();
            let said = stdout(&output);
            assert_eq!(output.status.code(), Some(4), "{name} {way}: {said}");
            assert!(said.contains(name), "{name} {way}: {said}");
            let _ = fs::remove_file(own.join(name));
            fs::copy(kept.join(name), own.join(name)).expect("copied");
        }
    }
    // The manifest itself.
    let manifest = models.join("own.toml");
    let whole = fs::read(&manifest).expect("read");
    for (way, damage) in DAMAGES.into_iter().filter(|(way, _)| *way != "linked") {
        damage(&manifest, &elsewhere, MAX_CONFIG_BYTES);
        let output = verify();
        let said = [stdout(&output), stderr(&output)].concat();
        assert_eq!(output.status.code(), Some(4), "{way}: {said}");
        assert!(said.contains("own") && !said.contains("panicked"), "{way}: {said}");
        fs::write(&manifest, &whole).expect("written");
    }
    assert_eq!(verify().status.code(), Some(0), "{}", stderr(&verify()));
}

#[cfg(unix)]
#[test]
fn a_part_of_a_pair_that_leads_out() {
    let folder = Folder::new();
    let pair = folder.outside.path().join("pair");
    fs::create_dir(&pair).expect("a folder");
    std::os::unix::fs::symlink(&folder.path, pair.join("id-en")).expect("a link");
    let error = check_folder(&pair).expect_err("refused").to_string();
    assert!(error.contains("id-en") && error.contains("a link that leads out"), "{error}");
}

#[test]
fn pieces_that_belong_to_another_model() {
    let folder = Folder::with_pieces();
    let text = fs::read_to_string(folder.file("vocab.json")).expect("read");
    let size = serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
    let size = size.as_object().expect("a table").len();
    let more = text.trim_end().trim_end_matches('}').to_owned() + ", \"zzz\": 99999}";
    fs::write(folder.file("vocab.json"), more).expect("written");
    folder.refused(&["vocab.json", "token of number 99999", "`vocab_size`"]);
    fs::write(folder.file("vocab.json"), "[1, {}]").expect("written");
    folder.refused(&["vocab.json"]);
    // Two pieces of one number, and none for what is unknown.
    for (text, said) in [
        (text.replacen(&format!(": {}", size - 1), ": 0", 1), "two pieces have one number"),
        (text.replacen("\"<unk>\"", "\"<x>\"", 1), "no piece `<unk>`"),
    ] {
        fs::write(folder.file("vocab.json"), text).expect("written");
        let output = folder.program(&["translate", "--model"], &[]);
        assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
        assert!(stderr(&output).contains(said), "{said}: {}", stderr(&output));
    }
}

#[test]
fn a_folder_is_added() {
    for link in [false, true] {
        let folder = Folder::new();
        let more = ["--name", "own", "--licence", "CC0-1.0"];
        let flag: &[&str] = if link { &["--link"] } else { &[] };
        let output = folder.program(&["models", "add"], &[&more[..], flag].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let there = folder.outside.path().join("data/models/own");
        assert_eq!(stdout(&output).trim(), there.to_string_lossy());
        assert_eq!(there.symlink_metadata().expect("there").is_symlink(), link);
        let models = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
            command.arg("models").args(arguments).env_remove("CERMAT_MODELS");
            command.env("CERMAT_DATA_DIR", folder.outside.path().join("data"));
            command.output().expect("it runs")
        };
        let listed = stdout(&models(&[]));
        assert!(listed.contains("own (installed)") && listed.contains("CC0-1.0"), "{listed}");
        assert_eq!(models(&["verify", "own"]).status.code(), Some(0));
        let again = folder.program(&["models", "add"], &more);
        assert_eq!(again.status.code(), Some(2));
        assert!(stderr(&again).contains("already"), "{}", stderr(&again));
        // What is linked changes with its folder, and that is seen.
        let mut bytes = fs::read(folder.file(ENCODER)).expect("read");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(folder.file(ENCODER), bytes).expect("written");
        let verified = models(&["verify", "own"]);
        assert_eq!(verified.status.code(), Some(if link { 4 } else { 0 }), "{}", stdout(&verified));
        assert_eq!(models(&["remove", "own"]).status.code(), Some(0));
        assert!(!there.exists() && folder.file(ENCODER).exists());
    }
    let folder = Folder::new();
    fs::write(folder.file(ENCODER), b"x").expect("written");
    let output = folder.program(&["models", "add"], &["--name", "own"]);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    let output = folder.program(&["models", "add"], &["--name", "../own"]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(!folder.outside.path().join("data/models/own").exists());
}
