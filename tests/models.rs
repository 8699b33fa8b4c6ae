//! Models of other families and how they run: pairs, precisions, devices, threads, mapped weights,
//! `cermat models bench`. By the program; sequences and values are compared in `equality.rs`.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use cermat::model::{MAPPED_GRAPH_BYTES, check_folder, folder_files, take_weights_out};
use common::tree;
use serde_json::Value;

/// A user's machine: a data folder and a folder for files.
struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
        command.args(arguments).stdin(Stdio::null()).env("NO_COLOR", "1");
        command.env("CERMAT_NO_CACHE", "1").env("CERMAT_DATA_DIR", self.path("data"));
        command.env("ORT_DYLIB_PATH", &common::runtime().path);
        command.env_remove("CERMAT_MODEL").env_remove("CERMAT_MODELS").env_remove("CERMAT_DEVICE");
        command.output().expect("the program runs")
    }

    /// What it prints; it passes.
    #[track_caller]
    fn passes(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", stderr(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// It ends with this code and says all of this, and nothing on standard output.
    #[track_caller]
    fn fails(&self, arguments: &[&str], code: i32, said: &[&str]) {
        let output = self.run(arguments);
        let talk = stderr(&output);
        assert_eq!(output.status.code(), Some(code), "{talk}");
        said.iter().for_each(|said| assert!(talk.contains(said), "{said}: {talk}"));
        assert!(!talk.contains("panicked") && output.stdout.is_empty(), "{talk}");
    }

    /// A text to translate.
    fn text(&self, text: &str) -> String {
        let path = self.path("in.txt");
        fs::write(&path, text).expect("written");
        path.to_string_lossy().into_owned()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn family(path: &str) -> String {
    tree("tests/fixtures/families").join(path).to_string_lossy().into_owned()
}

/// A copy of a fixture that a test may change.
fn copy(from: &str, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("a file").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path.to_string_lossy(), &to);
        } else {
            fs::copy(&path, to).expect("copied");
        }
    }
}

const LINES: &str = "Harga buku naik 12,5% sejak 2019.\nApakah Budi sudah melihat rumah itu?\n";

#[test]
fn two_models_of_one_direction_are_one() {
    let machine = Machine::new();
    let text = machine.text(LINES);
    let [one, other] = ["marian/merged/id-en", "marian/merged/en-id"].map(family);
    let translate = |model: &str, direction: &str| {
        machine.passes(&["translate", "--model", model, "--direction", direction, &text])
    };
    let both = format!("{one},{other}");
    let id_en = translate(&both, "id-en");
    let en_id = translate(&both, "en-id");
    assert_eq!(id_en.lines().count(), 2);
    assert_ne!(id_en, en_id);
    // Whatever the order, as a folder, and each alone.
    assert_eq!(translate(&format!("{other},{one}"), "id-en"), id_en);
    assert_eq!(translate(&family("marian/merged"), "en-id"), en_id);
    assert_eq!(translate(&one, "id-en"), id_en);
    assert_eq!(translate(&other, "en-id"), en_id);

    // Both directions are scored with the pair, and with one of its halves there is a reason.
    let check = ["check", "--format", "jsonl", "--direction", "id-en", "--model"];
    let pairs = machine.path("pairs.tsv");
    fs::write(&pairs, "Harga buku naik.\tThe book has risen.\n").expect("written");
    let pairs = pairs.to_string_lossy().into_owned();
    machine.passes(&[&check[..], &[&both, &pairs]].concat());
    machine.fails(
        &["translate", "--model", &one, "--direction", "en-id", &text],
        2,
        &["does not translate en-id", "--model"],
    );
    machine.fails(
        &["translate", "--model", &format!("{one},{one}"), &text],
        4,
        &["another model translates id-en already"],
    );
    machine.fails(&["translate", "--model", &format!("{one},"), &text], 4, &["no model ``"]);
}

#[test]
fn a_device_that_the_library_lacks_is_named_with_those_it_has() {
    let machine = Machine::new();
    let text = machine.text(LINES);
    let model = family("marian/merged/id-en");
    let library = common::runtime().path.display().to_string();
    // The library of the wheel for Linux runs on the processor alone; another one may have more.
    let has = |device: &str| {
        let found = cermat::onnx::Device::available(common::runtime());
        found.iter().any(|d| d.name() == device)
    };
    let mut lacking = 0;
    for device in ["cuda", "coreml", "directml", "openvino"].into_iter().filter(|d| !has(d)) {
        lacking += 1;
        let said = [format!("cannot run on `{device}`"), library.clone(), "has cpu".to_owned()];
        let said = said.each_ref().map(String::as_str);
        for arguments in [
            &["translate", "--model", &model, "--device", device, &text][..],
            &["check", "--model", &model, "--device", device, &text],
            &["models", "bench", "--device", device, &model],
        ] {
            machine.fails(arguments, 4, &[&said[..], &["--device", "--onnxruntime"]].concat());
        }
    }
    assert!(lacking > 0, "this library has them all: nothing was tested");
    machine.fails(
        &["translate", "--model", &model, "--device", "abacus", &text],
        2,
        &["abacus", "cpu, cuda, coreml"],
    );
    let plain = machine.passes(&["translate", "--model", &model, &text]);
    let cpu = machine.passes(&["translate", "--model", &model, "--device", "cpu", &text]);
    assert_eq!(plain, cpu);
}

#[test]
fn threads_and_workers_do_not_matter() {
    let machine = Machine::new();
    let text = machine.text(&LINES.repeat(8));
    for model in [family("m2m100/split"), family("nllb/hub"), family("marian/merged")] {
        let translate = |more: &[&str]| {
            let arguments =
                ["translate", "--direction", "id-en", "--beams", "2", "--model", &model];
            machine.passes(&[&arguments[..], more, &[&text]].concat())
        };
        let one = translate(&["--threads", "1", "--jobs", "1"]);
        assert_eq!(one.lines().count(), 16);
        assert_eq!(one, translate(&["--threads", "2", "--jobs", "1"]), "{model}");
        assert_eq!(one, translate(&["--threads", "1", "--jobs", "3"]), "{model}");
        assert_eq!(one, translate(&[]), "{model}");
    }
    machine.fails(
        &["translate", "--threads", "0", &text],
        2,
        &["--threads", "0 is not in 1..=256"],
    );
}

#[test]
fn figures_of_a_model_in_every_format() {
    let machine = Machine::new();
    let model = family("marian/merged");
    let bench = |format: &str| {
        machine.passes(&["models", "bench", "--jobs", "1", "--format", format, &model])
    };
    let json: Value = serde_json::from_str(&bench("json")).expect("JSON");
    assert_eq!(json["family"], "marian");
    assert_eq!(json["device"], "cpu");
    assert_eq!(json["workers"], 1);
    assert!(json["load_seconds"].as_f64().expect("a number") > 0.0);
    let figures = json["measurements"].as_array().expect("a list");
    let kinds: Vec<String> = figures
        .iter()
        .map(|f| format!("{} {}", f["task"].as_str().unwrap_or(""), f["batch"]))
        .collect();
    assert_eq!(
        kinds,
        ["translate 1", "translate 8", "translate 32", "force 1", "force 8", "force 32"]
    );
    for figure in figures {
        let sentences = figure["sentences_per_second"].as_f64().expect("a number");
        assert!(sentences > 0.0 && figure["tokens_per_second"].as_f64() > Some(sentences));
    }
    if cfg!(target_os = "linux") {
        let memory = |key: &str| json[key].as_u64().expect("a number");
        assert!(memory("before_mib") < memory("memory_mib"));
        assert!(memory("memory_mib") <= memory("peak_mib"));
    }

    let tsv = bench("tsv");
    let rows: Vec<Vec<&str>> = tsv.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 7);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{tsv}");
    let column = |name: &str| rows[0].iter().position(|cell| *cell == name).expect("a column");
    for row in &rows[1..] {
        let speed: f64 = row[column("sentences_per_second")].parse().expect("a number");
        assert!(speed > 0.0 && row[column("model")] == "merged" && row[column("device")] == "cpu");
    }
    let text = bench("text");
    assert!(text.contains("sentences/s") && text.contains("loaded in"), "{text}");
    machine.fails(&["models", "bench", "/no/such/model"], 4, &["no model", "/no/such/model"]);
}

#[test]
fn folders_of_every_family_are_added_whole() {
    let machine = Machine::new();
    let text = machine.text(LINES);
    for (name, folder, needed) in [
        ("a", "m2m100/split", "sentencepiece.bpe.model"),
        ("b", "nllb/hub", "onnx/decoder_model_merged.onnx"),
        ("c", "marian/merged", "en-id/target.spm"),
    ] {
        let folder = family(folder);
        machine.passes(&["models", "add", &folder, "--name", name]);
        let there = machine.path("data/models").join(name);
        assert!(there.join(needed).is_file(), "{needed}");
        let translate = |model: &str| {
            machine.passes(&["translate", "--direction", "id-en", "--model", model, &text])
        };
        assert_eq!(translate(name), translate(&folder), "{name}");
        let verified = machine.passes(&["models", "verify", name]);
        assert!(verified.contains("verified"), "{verified}");
        fs::remove_file(there.join(needed)).expect("removed");
        machine.fails(&["translate", "--model", name, &text], 4, &[needed]);
    }
}

/// A protobuf field of length-delimited bytes, its length as a varint of five bytes.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = content.len();
    for last in [false, false, false, false, true] {
        out.push(length as u8 & 0x7f | if last { 0 } else { 0x80 });
        length >>= 7;
    }
    out.extend(content);
    out
}

/// Makes a graph large: one more initializer, `pad`, of zeros.
fn grow(graph: &Path, bytes: usize) {
    let mut all = fs::read(graph).expect("read");
    // dims 1, data_type 2 (FLOAT), name 8, raw_data 9; initializer 5 of the graph 7.
    let mut tensor = vec![0x08];
    let mut count = bytes / 4;
    while count > 0x7f {
        tensor.push(count as u8 & 0x7f | 0x80);
        count >>= 7;
    }
    tensor.push(count as u8);
    tensor.extend([0x10, 1]);
    tensor.extend(field(8, b"pad"));
    tensor.extend(field(9, &vec![0; bytes / 4 * 4]));
    all.extend(field(7, &field(5, &tensor)));
    fs::write(graph, all).expect("written");
}

#[test]
fn the_weights_of_a_large_graph_are_mapped() {
    let machine = Machine::new();
    let text = machine.text(LINES);
    let folder = machine.path("large");
    copy(&tree("tests/fixtures/tiny-merged").to_string_lossy(), &folder);
    let encoder = folder.join("encoder_model.onnx");
    let small = fs::metadata(&encoder).expect("there").len();
    grow(&encoder, MAPPED_GRAPH_BYTES as usize);
    let from = folder.to_string_lossy().into_owned();
    let translate = |model: &str| machine.passes(&["translate", "--model", model, &text]);
    let expected = translate(&from);

    machine.passes(&["models", "add", &from, "--name", "mapped"]);
    let there = machine.path("data/models/mapped");
    let bytes = |name: &str| fs::metadata(there.join(name)).expect("there").len();
    assert!(bytes("encoder_model.onnx") < small + 1024, "the large tensor is gone");
    assert_eq!(bytes("encoder_model.onnx_data"), MAPPED_GRAPH_BYTES);
    assert_eq!(translate("mapped"), expected);
    machine.passes(&["models", "verify", "mapped"]);
    // The graph as it came is remembered.
    let manifest = fs::read_to_string(machine.path("data/models/mapped.toml")).expect("read");
    assert!(manifest.contains("[[as-they-came]]"), "{manifest}");
    // A file of weights that is cut, changed or gone is seen.
    let data = there.join("encoder_model.onnx_data");
    let whole = fs::File::options().write(true).open(&data).expect("opened");
    whole.set_len(MAPPED_GRAPH_BYTES - 1).expect("cut");
    machine.fails(&["translate", "--model", "mapped", &text], 4, &["encoder_model.onnx_data"]);
    fs::remove_file(&data).expect("removed");
    machine.fails(&["translate", "--model", "mapped", &text], 4, &["encoder_model.onnx_data"]);

    machine.passes(&["models", "add", &from, "--name", "whole", "--as-is"]);
    assert!(!machine.path("data/models/whole/encoder_model.onnx_data").exists());
    assert_eq!(
        fs::read(machine.path("data/models/whole/encoder_model.onnx")).expect("read").len() as u64,
        fs::metadata(&encoder).expect("there").len()
    );
}

#[test]
fn weights_that_are_taken_out_are_the_same() {
    // Every initializer of real graphs, branches of a merged decoder included.
    let machine = Machine::new();
    let text = machine.text(LINES);
    for (number, name) in
        ["tiny", "tiny-merged", "tiny-optimum", "families/m2m100/split"].into_iter().enumerate()
    {
        let from = tree("tests/fixtures").join(name).to_string_lossy().into_owned();
        let folder = machine.path(&number.to_string());
        copy(&from, &folder);
        let graphs = folder_files(&folder).expect("files");
        let mut taken = 0;
        for graph in graphs.iter().filter(|name| name.ends_with(".onnx")) {
            taken += usize::from(take_weights_out(&folder, graph, 0, 64).expect("taken out"));
            // Once is enough.
            assert!(!take_weights_out(&folder, graph, 0, 64).expect("left alone"));
        }
        assert!(taken > 1, "{name}");
        check_folder(&folder).expect("a folder as it should be");
        let folder = folder.to_string_lossy().into_owned();
        for direction in ["id-en", "en-id"] {
            let translate = |model: &str| {
                machine.passes(&["translate", "--direction", direction, "--model", model, &text])
            };
            assert_eq!(translate(&folder), translate(&from), "{name}");
        }
    }
    // A graph that is none stays as it is.
    let folder = machine.path("bad");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("x.onnx"), [0xff; 99]).expect("written");
    take_weights_out(&folder, "x.onnx", 0, 64).expect_err("no graph");
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 1);
}

#[test]
fn a_merged_decoder_that_a_converter_has_broken() {
    let machine = Machine::new();
    let text = machine.text(LINES);
    let folder = machine.path("broken");
    copy(&tree("tests/fixtures/tiny-merged").to_string_lossy(), &folder);
    for stem in ["encoder_model", "decoder_model_merged"] {
        fs::rename(folder.join(format!("{stem}.onnx")), folder.join(format!("{stem}_fp16.onnx")))
            .expect("renamed");
    }
    // An output that no node makes: what ONNX Runtime says of such conversions.
    let graph = folder.join("decoder_model_merged_fp16.onnx");
    let mut bytes = fs::read(&graph).expect("read");
    let node = [field(1, b"no-such-value"), field(2, b"y"), field(4, b"Cast")].concat();
    bytes.extend(field(7, &field(1, &node)));
    fs::write(&graph, bytes).expect("written");
    machine.fails(
        &["translate", "--model", &folder.to_string_lossy(), &text],
        4,
        &[
            "decoder_model_merged_fp16.onnx",
            "break merged decoders",
            "--precision",
            "no-such-value",
        ],
    );
}
