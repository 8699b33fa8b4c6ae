//! The program as its users call it: exit codes, bad input, output files, interruption.

mod common;

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use common::tree;
use serde_json::Value;

fn cermat() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
    command.current_dir(tree("tests/samples")).env_remove("CERMAT_MODEL").env("NO_COLOR", "1");
    command.env("CERMAT_NO_CACHE", "1");
    command
}

fn run(arguments: &[&str]) -> Output {
    cermat().args(arguments).output().expect("the program runs")
}

fn with_input(arguments: &[&str], input: &[u8]) -> Output {
    common::with_input(cermat().args(arguments), input)
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("it ends by itself")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

fn json_lines(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Code and text of every finding, with the line.
fn findings(output: &Output) -> Vec<(u64, String, String)> {
    let mut out = Vec::new();
    for object in json_lines(output) {
        for finding in object["findings"].as_array().expect("a list") {
            out.push((
                finding["line"].as_u64().expect("a number"),
                finding["code"].as_str().expect("a code").to_owned(),
                finding["text"].as_str().expect("a text").to_owned(),
            ));
        }
    }
    out
}

#[test]
fn every_artifact_of_the_sample_article() {
    let output = run(&["check", "--no-model", "--format", "jsonl", "article.id.md"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let mut found = findings(&output);
    found.sort();
    let text = fs::read_to_string(tree("tests/samples/article.expected.tsv")).expect("a file");
    let mut expected: Vec<(u64, String, String)> = text
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            (cells[0].parse().expect("a line"), cells[1].to_owned(), cells[2].to_owned())
        })
        .collect();
    expected.sort();
    assert_eq!(found, expected);
    let kinds: std::collections::BTreeSet<&str> =
        expected.iter().map(|(_, code, _)| code.as_str()).collect();
    assert_eq!(kinds.len(), 9, "every text check has its artifact: {kinds:?}");
}

#[test]
fn spans_are_bytes_of_the_side() {
    let output = run(&["check", "--no-model", "--format", "jsonl", "article.id.md"]);
    for object in json_lines(&output).iter().filter(|object| !object["segment"].is_null()) {
        let target = object["target"].as_str().expect("a text");
        for finding in object["findings"].as_array().expect("a list") {
            let bound = |key: &str| finding[key].as_u64().expect("a number") as usize;
            assert_eq!(target.get(bound("start")..bound("end")), finding["text"].as_str());
        }
    }
}

#[test]
fn human_text_is_left_alone() {
    let output = run(&["check", "--no-model", "--format", "jsonl", "clean.id.txt"]);
    assert_eq!(findings(&output), []);
    assert_eq!(json_lines(&output).len(), 20);
}

#[test]
fn bad_files_are_named_and_the_rest_is_checked() {
    for (file, exit, message, segments) in [
        ("bad/empty.txt", 6, "no text in `bad/empty.txt`", 0),
        ("bad/nul.txt", 3, "NUL byte at line 2", 0),
        ("bad/utf8.txt", 3, "bad/utf8.txt:2: byte 31", 2),
        ("bad/columns.tsv", 3, "bad/columns.tsv:7: expected at least 2 columns", 7),
        ("bad/missing.txt", 3, "cannot read `bad/missing.txt`", 0),
    ] {
        let output = run(&["check", "--no-model", "--format", "jsonl", file]);
        let talk = stderr(&output);
        assert_eq!(code(&output), exit, "{file}: {talk}");
        assert!(talk.contains(message), "{file}: {talk}");
        let rows = json_lines(&output);
        let rows = rows.iter().filter(|object| !object["segment"].is_null()).count();
        assert_eq!(rows, segments, "{file}");
    }
    let output = run(&["check", "--no-model", "--format", "jsonl", "bad/nul.txt", "bad/crlf.txt"]);
    assert_eq!(code(&output), 3, "one file could not be read");
    assert_eq!(findings(&output), [(2, "LNG007".to_owned(), " .".to_owned())]);
}

#[test]
fn long_lines_and_odd_bytes_from_standard_input() {
    let mut long = "kata ".repeat(200_000).into_bytes();
    long.push(b'\n');
    let begun = Instant::now();
    let output = with_input(&["score", "--format", "jsonl", "-"], &long);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let rows = json_lines(&output);
    assert!(rows[0]["score"].is_null());
    assert!(rows[0]["skipped"].as_str().expect("a reason").contains("split it"), "{rows:?}");
    assert!(begun.elapsed() < Duration::from_secs(60));

    for input in [&b"\xff\xfe\x00"[..], b"\x00", b"\n\n\n", b"\r\r\r", b"\xef\xbb\xbf", b""] {
        let output = with_input(&["check", "--no-model", "-"], input);
        assert!(matches!(code(&output), 3 | 6), "{input:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("panicked"), "{input:?}");
    }
}

#[test]
fn the_gate() {
    let pairs = "pairs.tsv";
    assert_eq!(code(&run(&["check", "--no-model", "--fail-on", "major", pairs])), 1);
    assert_eq!(code(&run(&["check", "--no-model", "--fail-on", "critical", pairs])), 0);
    let output = run(&["check", "--no-model", "--fail-on", "major", pairs]);
    assert!(stderr(&output).contains("failed:"), "{}", stderr(&output));
    assert_eq!(code(&run(&["score", "--min-score", "100", pairs])), 1);
    assert_eq!(code(&run(&["score", "--min-score", "0", pairs])), 0);
}

#[test]
fn wrong_arguments() {
    for arguments in [
        &["check"][..],
        &["check", "--fail-on", "bad", "x"],
        &["check", "--min-score", "101", "x"],
        &["check", "--select", "XYZ", "clean.id.txt"],
        &["explain", "XYZ999"],
        &["nonsense"],
    ] {
        let output = run(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}: {}", stderr(&output));
        assert!(!stderr(&output).is_empty());
        assert!(stdout(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn without_a_library_or_a_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = folder.path().to_str().expect("a path");
    let output = run(&["score", "--onnxruntime", nowhere, "clean.id.txt"]);
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("--onnxruntime"), "{}", stderr(&output));
    let output = cermat()
        .args(["score", "clean.id.txt"])
        .env("CERMAT_DATA_DIR", nowhere)
        .env_remove("ORT_DYLIB_PATH")
        .env_remove("VIRTUAL_ENV")
        .output()
        .expect("the program runs");
    assert_eq!(code(&output), 4, "{}", stderr(&output));
    for place in ["beside the executable", "data folder", "fetch_onnxruntime.py", "ORT_DYLIB_PATH"]
    {
        assert!(stderr(&output).contains(place), "{place}: {}", stderr(&output));
    }
    let output = run(&["score", "--model", "no-such-model", "clean.id.txt"]);
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("no-such-model"));
    // A library that is none.
    let fake = folder.path().join("libonnxruntime.so");
    fs::write(&fake, b"no library").expect("written");
    let output = run(&["score", "--onnxruntime", fake.to_str().expect("a path"), "clean.id.txt"]);
    assert_eq!(code(&output), 4);
    assert!(!stderr(&output).contains("panicked"));
}

fn copy_model(name: &str, into: &Path) {
    let from = tree("models");
    fs::create_dir_all(into.join(name)).expect("a folder");
    fs::copy(from.join(format!("{name}.toml")), into.join(format!("{name}.toml"))).expect("copied");
    for entry in fs::read_dir(from.join(name)).expect("a folder") {
        let path = entry.expect("a file").path();
        fs::copy(&path, into.join(name).join(path.file_name().expect("a name"))).expect("copied");
    }
}

#[test]
fn a_damaged_model_is_named() {
    let bundled = cermat::model::default_model(&[tree("models")]).expect("bundled");
    let folder = tempfile::tempdir().expect("a folder");
    copy_model(&bundled.name, folder.path());
    let models = |arguments: &[&str]| {
        cermat().args(arguments).env("CERMAT_MODELS", folder.path()).output().expect("it runs")
    };
    assert_eq!(code(&models(&["models", "--verify"])), 0);
    let decoder = folder.path().join(&bundled.name).join("decoder.onnx");
    let mut bytes = fs::read(&decoder).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&decoder, &bytes).expect("written");
    let output = models(&["models", "--verify"]);
    assert_eq!(code(&output), 4, "{}", stderr(&output));
    let said = stdout(&output) + &stderr(&output);
    assert!(said.contains("decoder.onnx") && said.contains("SHA-256"), "{said}");
    fs::write(&decoder, &bytes[..middle]).expect("written");
    let output = models(&["score", "clean.id.txt"]);
    assert_eq!(code(&output), 4, "{}", stderr(&output));
    assert!(stderr(&output).contains("decoder.onnx"), "{}", stderr(&output));
}

#[test]
fn the_same_scores_whatever_the_workers_and_the_order() {
    let scores = |jobs: &str, input: &str| -> Vec<String> {
        let output =
            with_input(&["score", "--jobs", jobs, "--format", "jsonl", "-"], input.as_bytes());
        let mut rows: Vec<String> = json_lines(&output)
            .iter()
            .map(|row| format!("{} {} {}", row["target"], row["score"], row["evidence"]))
            .collect();
        rows.sort();
        rows
    };
    let text = fs::read_to_string(tree("tests/samples/clean.id.txt")).expect("read");
    let backwards: String = text.lines().rev().map(|line| format!("{line}\n")).collect();
    let one = scores("1", &text);
    assert_eq!(one.len(), 20);
    assert!(one.iter().all(|row| !row.contains(" null ")), "every sentence has a score");
    assert_eq!(one, scores("3", &text));
    assert_eq!(one, scores("2", &backwards));
}

#[test]
fn pairs_have_scores_in_both_directions() {
    let output = run(&["check", "--format", "jsonl", "pairs.tsv"]);
    let rows = json_lines(&output);
    assert_eq!(rows.len(), 6);
    for row in &rows {
        assert!(row["source"].is_string() && row["back_translation"].is_string(), "{row}");
        for key in ["forward_mean_log_prob", "reverse_mean_log_prob"] {
            assert!(row["evidence"][key].as_f64().is_some_and(|nats| nats < 0.0), "{row}");
        }
    }
    let texts: Vec<String> = findings(&output).into_iter().map(|(_, _, text)| text).collect();
    for text in ["last month", "kenyataan dan kenyataan", "akan akan"] {
        assert!(texts.iter().any(|found| found == text), "{text}: {texts:?}");
    }
}

#[test]
fn the_bundled_model_translates() {
    // The provisional model is weak; these it can do.
    let output = with_input(
        &["score", "--format", "jsonl", "-"],
        "Harga beras naik pada tahun 2023.\n".as_bytes(),
    );
    let rows = json_lines(&output);
    let back = rows[0]["back_translation"].as_str().expect("a text").to_lowercase();
    assert!(back.contains("price") && back.contains("2023"), "{back}");
}

#[test]
fn translate_gives_a_line_for_a_line() {
    let long = "Harga beras naik lagi bulan ini. ".repeat(200);
    let input =
        format!("\u{feff}Harga beras naik bulan ini.\r\n\n***\n{long}\nDia membaca buku itu.",);
    let output = with_input(&["translate"], input.as_bytes());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(lines[0].to_lowercase().contains("price"), "{}", lines[0]);
    assert_eq!(lines[1..3], ["", "***"]);
    // Too long for the model as a whole, and nothing is cut: every sentence is there.
    assert!(lines[3].matches('.').count() >= 200, "{}", lines[3]);
    assert!(lines[4].contains("book"), "{}", lines[4]);

    let alone = with_input(&["translate", "--jobs", "1"], b"Dia membaca buku itu.\n");
    assert_eq!(stdout(&alone).trim_end(), lines[4]);

    let output = with_input(&["translate", "--direction", "en-id"], b"She reads the book.\n\xff\n");
    assert_eq!(code(&output), 3);
    assert!(stdout(&output).contains("buku"), "{}", stdout(&output));
    assert_eq!(stdout(&output).lines().count(), 2);
    assert!(stderr(&output).contains("<stdin>:2:"), "{}", stderr(&output));

    let endless = "x".repeat(30_000);
    let output = with_input(&["translate"], format!("{endless}\nBuku.\n").as_bytes());
    assert_eq!((code(&output), stdout(&output).lines().count()), (3, 2));
    assert!(stderr(&output).contains("<stdin>:1:"), "{}", stderr(&output));

    assert_eq!(code(&with_input(&["translate"], b"")), 6);
    assert_eq!(code(&run(&["translate", "no-such-file.txt"])), 5);
}

#[test]
fn output_files_are_whole_or_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.jsonl");
    let name = file.to_str().expect("a path");
    let output =
        run(&["check", "--no-model", "--format", "jsonl", "--output", name, "article.id.md"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    assert!(fs::read_to_string(&file).expect("written").lines().count() > 25);
    let missing = folder.path().join("none/report.txt");
    let output =
        run(&["check", "--no-model", "-o", missing.to_str().expect("a path"), "pairs.tsv"]);
    assert_eq!(code(&output), 5, "{}", stderr(&output));
    assert!(stderr(&output).contains("report.txt"));
}

#[cfg(unix)]
#[test]
fn an_interruption_ends_soon_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report.jsonl");
    let long: String = (0..4000)
        .map(|i| format!("Kalimat nomor {i} menceritakan perjalanan panjang ke kota itu.\n"))
        .collect();
    let input = folder.path().join("long.txt");
    fs::write(&input, long).expect("written");
    let mut child = cermat()
        .args(["score", "--format", "jsonl", "--output"])
        .args([&report, &input])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it runs");
    std::thread::sleep(Duration::from_millis(2500));
    assert!(child.try_wait().expect("known").is_none(), "it is still at work");
    let begun = Instant::now();
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill runs").success());
    let status = child.wait().expect("it ends");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(status.code(), Some(130));
    let left: Vec<_> = fs::read_dir(folder.path())
        .expect("read")
        .map(|entry| entry.expect("a file").file_name())
        .collect();
    assert_eq!(left, ["long.txt"]);
}

#[test]
fn figures_on_labelled_data() {
    let items = r#"
{"text": "Mereka bertemu di di pasar.", "label": "artifact", "start": 15, "end": 20, "class": "loop"}
{"text": "Kafé itu tutup , lalu buka.", "spans": [{"start": 14, "end": 16, "class": "space"}, {"start": 0, "end": 4, "class": "sense"}]}
{"text": "Anak-anak bermain di taman.", "label": "clean", "domain": "a"}
{"text": "Ia datang .", "label": "clean", "domain": "b"}
{"en": "A house.", "mt": "Rumah rumah rumah.", "human": "Sebuah rumah.", "score": 3, "domain": "a"}
"#;
    let output = with_input(&["evaluate", "-", "--no-model", "--format", "json"], items.as_bytes());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let groups: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let all = &groups[0];
    let near = |value: &Value, expected: f64| {
        let value = value["value"].as_f64().expect("a figure");
        assert!((value - expected).abs() < 1e-9, "{value} is not {expected}: {all:#}");
    };
    near(&all["spans"]["recall"], 2.0 / 3.0);
    near(&all["spans"]["precision"], 2.0 / 3.0);
    near(&all["clean"]["flagged"], 0.5);
    assert_eq!(all["spans"]["classes"]["sense"], serde_json::json!([0, 1]));
    assert_eq!(all["clean"]["findings_per_1000"]["minor"], 500.0);
    assert_eq!(all["preference"], Value::Null, "no model, no score");

    let output = with_input(&["evaluate", "-", "--by", "domain", "--quiet"], items.as_bytes());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    assert!(text.contains("\ndomain=a (2 items)\n  better scores higher, %"), "{text}");

    let output = with_input(&["evaluate", "-", "--no-model"], b"{\"text\": 1}");
    assert_eq!(code(&output), 5);
    assert!(stderr(&output).contains("line 1: `text` is not a string"), "{}", stderr(&output));
}

#[test]
fn lists_and_explanations() {
    let list = stdout(&run(&["checks"]));
    for meta in cermat::checks::ALL {
        assert!(list.contains(meta.info.code), "{}", meta.info.code);
        let text = stdout(&run(&["explain", meta.info.name]));
        for part in
            ["What it does", "Why it matters", "Not reported", "Known misses", "False alarms"]
        {
            assert!(text.contains(part), "{}: {part}", meta.info.code);
        }
        assert!(!text.contains("FALSE_ALARMS"), "{}", meta.info.code);
    }
    assert!(stdout(&run(&["models"])).contains("default"));
    assert!(stdout(&run(&["completions", "bash"])).contains("cermat"));
    assert!(stdout(&run(&["man"])).contains(".TH"));
    assert!(stdout(&run(&["--help"])).contains("130"));
}

#[test]
fn several_reports_at_once_each_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    let report = |format: &str, name: &str| format!("--report={format}={}", file(name).display());
    let output = run(&[
        "check",
        "--no-model",
        "--format=jsonl",
        &report("sarif", "a.sarif"),
        &report("csv", "b=c.csv"),
        "article.id.md",
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let found = findings(&output).len();
    assert!(found > 0);
    let sarif = fs::read(file("a.sarif")).expect("written");
    let sarif: Value = serde_json::from_slice(&sarif).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"].as_array().expect("a list").len(), found);
    let csv = fs::read_to_string(file("b=c.csv")).expect("written");
    assert_eq!(csv.matches("\r\n").count(), found + 1);

    let mut child = cermat()
        .args(["check", "--no-model", &report("tsv", "closed"), "article.id.md"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    // A reader who has seen enough does not take the other report away.
    drop(child.stdout.take());
    assert!(child.wait().expect("it ends").success());
    let tsv = fs::read_to_string(file("closed")).expect("written");
    assert_eq!(tsv.lines().count(), found + 1);

    let nowhere = format!("--report=json={}", file("no/folder.json").display());
    let output = run(&["check", "--no-model", &report("csv", "d.csv"), &nowhere, "article.id.md"]);
    assert_eq!(code(&output), 5);
    let output =
        run(&["check", "--no-model", &report("csv", "e"), &report("tsv", "e"), "article.id.md"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("written twice"), "{}", stderr(&output));
    let left: Vec<_> = fs::read_dir(folder.path()).expect("read").flatten().collect();
    assert_eq!(left.len(), 3, "nothing half-written: {left:?}");

    let output = run(&["check", "--no-model", "--report", "xls=f", "article.id.md"]);
    assert_eq!(code(&output), 2);
    let text = stderr(&output);
    assert!(text.contains("no format `xls`") && text.contains("sarif"), "{text}");
}

/// Sources and targets of every segment.
fn pairs(output: &Output) -> Vec<(Option<String>, String)> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let objects = json_lines(output).into_iter().filter(|object| !object["segment"].is_null());
    objects.map(|o| (text(&o["source"]), text(&o["target"]).expect("a text"))).collect()
}

fn pair(source: &str, target: &str) -> (Option<String>, String) {
    (Some(source.to_owned()), target.to_owned())
}

#[test]
fn columns_and_fields_are_chosen_by_options_and_by_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("a.csv", "asal;lain;hasil\nOne shop.;x;Satu toko.\n");
    write("b.tsv", "x\tSatu toko.\tOne shop.\n");
    write("c.jsonl", "{\"q\": {\"en\": \"One shop.\"}, \"out\": [\"Satu toko.\"]}\nrusak\n");
    let check = |extra: &[&str]| {
        let mut arguments = vec!["check", "--no-model", "--format", "jsonl"];
        arguments.extend(extra);
        run(&arguments)
    };
    let expected = [pair("One shop.", "Satu toko.")];
    let output = check(&[&path("a.csv"), "--source-column", "Asal", "--target-column", "hasil"]);
    assert_eq!((code(&output), &pairs(&output)[..]), (0, &expected[..]), "{}", stderr(&output));
    let output = check(&[&path("b.tsv"), "--source-column", "3", "--target-column", "2"]);
    assert_eq!((code(&output), &pairs(&output)[..]), (0, &expected[..]), "{}", stderr(&output));
    let output = check(&[&path("c.jsonl"), "--source-field", "q.en", "--target-field", "out.0"]);
    assert_eq!((code(&output), &pairs(&output)[..]), (3, &expected[..]), "{}", stderr(&output));
    assert!(stderr(&output).contains("c.jsonl:2: not JSON: "), "{}", stderr(&output));
    let output = check(&[&path("a.csv"), "--target-column", "nama"]);
    assert_eq!(code(&output), 3);
    assert!(
        stderr(&output).contains("no column is called `nama`; there are `asal`, `lain`, `hasil`")
    );
    assert_eq!(code(&check(&[&path("a.csv"), "--target-column", "0"])), 2);

    write(
        "cermat.toml",
        "source-column = 'asal'\ntarget-column = 'hasil'\nsource-field = 'q.en'\n\
         target-field = 'out.0'\n[[overrides]]\nfiles = ['*.tsv']\nsource-column = 3\ntarget-column = 2\n",
    );
    let output = check(&[&path("a.csv"), &path("b.tsv"), &path("c.jsonl")]);
    assert_eq!(pairs(&output), [&expected[..]; 3].concat(), "{}", stderr(&output));
    assert_eq!(pairs(&check(&[&path("b.tsv"), "--target-column", "1"]))[0].1, "x");
}

#[test]
fn of_a_folder_the_files_of_the_target_language_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("id.po", "msgid \"One\"\nmsgstr \"Satu\"\n");
    write("fr.po", "msgid \"One\"\nmsgstr \"Un\"\n");
    write("app_en.arb", "{\"a\": \"Dua\"}");
    write("app_id.arb", "{\"a\": \"Tiga\"}");
    write("package.json", "{\"name\": \"x\"}");
    let folder = folder.path().display().to_string();
    let output = run(&["check", "--no-model", "--format", "jsonl", &folder]);
    assert_eq!(pairs(&output), [(None, "Tiga".to_owned()), pair("One", "Satu")]);
    // What is named is read.
    let named = format!("{folder}/fr.po");
    let output = run(&["check", "--no-model", "--format", "jsonl", &named]);
    assert_eq!(pairs(&output), [pair("One", "Un")]);
}

#[test]
fn suppressions_of_the_formats_that_have_comments() {
    let bad = "Toko itu buka buka , ya.";
    for (format, text) in [
        ("po", format!("#. cermat:ignore LNG: gaya\nmsgid \"x\"\nmsgstr \"{bad}\"\n")),
        ("csv", format!("source,target\n# cermat:ignore LNG: gaya\nx,\"{bad}\"\n")),
        (
            "vtt",
            format!("WEBVTT\n\nNOTE cermat:ignore LNG: gaya\n\n00:01.000 --> 00:02.000\n{bad}\n"),
        ),
    ] {
        let arguments = [
            "check",
            "--no-model",
            "--format",
            "jsonl",
            "--select",
            "LNG",
            "--input-format",
            format,
            "-",
        ];
        let output = with_input(&arguments, text.as_bytes());
        assert_eq!((code(&output), findings(&output)), (0, Vec::new()), "{format}");
        assert!(stderr(&output).contains("suppressed in their files: "), "{}", stderr(&output));
        let open = with_input(&arguments, text.replace("cermat:ignore", "cermat").as_bytes());
        assert!(!findings(&open).is_empty(), "{format}");
    }
}

#[test]
fn what_was_not_read_is_named_at_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("a.txt"), "Satu.\n").expect("written");
    fs::write(path("b.jsonl"), "{\"mt\": \"Dua.\"}\nx\n[]\n").expect("written");
    fs::write(path("c.json"), "{\"a\": \n\n\"b\" 3}").expect("written");
    let output = run(&[
        "check",
        "--no-model",
        &path("a.txt"),
        &path("c.json"),
        &path("b.jsonl"),
        &path("d.txt"),
    ]);
    assert_eq!(code(&output), 3);
    let stderr = stderr(&output);
    assert!(stderr.contains("c.json`, line 3: not JSON: expected `,` or `}`"), "{stderr}");
    let last = stderr.lines().last().expect("a line");
    let expected = format!(
        "cermat: not everything was read: `{}` (2 places), `{}`, `{}`",
        path("b.jsonl"),
        path("c.json"),
        path("d.txt")
    );
    assert_eq!(last, expected);
    // One file that was read and one that was not are two.
    let output = run(&["check", "--no-model", &path("a.txt"), &path("d.txt")]);
    let stderr = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    assert!(
        stderr.ends_with(&format!("not everything was read: `{}`\n", path("d.txt"))),
        "{stderr}"
    );
    // A gate that fails goes before, and what was not read is named all the same.
    let output =
        run(&["check", "--no-model", "--max-penalty", "0", &path("d.txt"), "article.id.md"]);
    assert_eq!(code(&output), 1);
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        stderr.contains(&format!("not everything was read: `{}`\n", path("d.txt"))),
        "{stderr}"
    );
}
#[test]
fn reports_from_stored_results_are_those_of_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let results = path("now.jsonl");
    let formats =
        ["text", "json", "tsv", "csv", "sarif", "github", "gitlab", "junit", "markdown", "html"];
    let reports = |run: &str| -> Vec<String> {
        let flag = |name: &&str| {
            ["--report".to_owned(), format!("{name}={}", path(&format!("{run}.{name}")))]
        };
        formats.iter().flat_map(flag).collect()
    };
    let read = |run: &str, name: &str| {
        fs::read_to_string(path(&format!("{run}.{name}"))).expect("written")
    };
    let of = |command: &[&str], run_name: &str| {
        let reports = reports(run_name);
        let arguments = command.iter().copied().chain(reports.iter().map(String::as_str));
        run(&arguments.collect::<Vec<_>>())
    };
    // Results name a file of which nothing could be read behind all others, and none without text.
    let bad = ["bad/columns.tsv", "bad/utf8.txt", "bad/nul.txt"];
    let files = [&["article.id.md", "pairs.tsv"][..], &bad].concat();
    let checked =
        of(&[&["check", "--no-model", "--format", "jsonl"][..], &files].concat(), "check");
    fs::write(&results, stdout(&checked)).expect("written");
    let reported = of(&["report", "--format", "jsonl", &results], "report");
    assert_eq!((code(&checked), code(&reported)), (3, 3), "{}", stderr(&reported));
    assert!(stdout(&reported) == stdout(&checked), "jsonl differs");
    for name in formats {
        assert!(read("report", name) == read("check", name), "{name} differs");
    }
    let gate = run(&["report", &results, "--fail-on", "minor"]);
    assert_eq!(code(&gate), 1);
    assert_eq!(code(&run(&["report", &results, "--max-penalty", "1"])), 1);
    assert_eq!(code(&run(&["report", &results, "--format", "features"])), 2);
    assert_eq!(code(&run(&["report", &path("none.jsonl")])), 3);
}

#[test]
fn broken_lines_of_results_are_named_and_the_rest_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = stdout(&run(&["check", "--no-model", "--format", "jsonl", "pairs.tsv"]));
    let line = good.lines().next().expect("a line");
    let path = folder.path().join("broken.jsonl");
    let broken = format!(
        "{line}\n{{\"schema\":1\n\n{}\n{line}\n",
        line.replace("\"schema\":1", "\"schema\":2")
    );
    fs::write(&path, broken).expect("written");
    let output = run(&["report", &path.display().to_string(), "--format", "jsonl"]);
    assert_eq!(code(&output), 3);
    let told = stderr(&output);
    assert!(told.contains("broken.jsonl:2: no line of `cermat check --format jsonl`"), "{told}");
    assert!(
        told.contains("broken.jsonl:4: schema version 2; this version of cermat reads 1"),
        "{told}"
    );
    let lines = json_lines(&output);
    assert_eq!(lines.len(), 3);
    assert_eq!(
        lines[2]["unread"].as_array().expect("a list").len(),
        2,
        "the reports name them too"
    );
    let empty = with_input(&["report", "-"], b"");
    assert_eq!(code(&empty), 6);
}

#[test]
fn two_runs_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.txt");
    let check = |text: &str, name: &str| {
        fs::write(&file, text).expect("written");
        let out = folder.path().join(name).display().to_string();
        let path = file.display().to_string();
        let output =
            run(&["check", "--no-model", "--no-config", "--format", "jsonl", "-o", &out, &path]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        out
    };
    let then =
        check("UBS (UBS ) naik lagi.\nMereka last Moon datang.\nBersih sekali.\n", "then.jsonl");
    let now = check(
        "Baris baru di sini.\n\nBersih sekali.\nUBS naik lagi.\nMereka last Moon datang.\n",
        "now.jsonl",
    );
    let output = run(&["report", &now, "--previous", &then, "--format", "json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let comparison = &serde_json::from_str::<Value>(&stdout(&output)).expect("JSON")["comparison"];
    assert_eq!(comparison["segments"]["same"], 2, "two have only moved: {comparison}");
    assert_eq!(comparison["segments"]["new"], 2);
    assert_eq!(comparison["segments"]["gone"], 1);
    assert_eq!(comparison["findings"]["new"], 0);
    assert!(comparison["findings"]["gone"].as_u64().expect("n") > 0);
    let same = run(&["report", &now, "--previous", &now]);
    assert!(
        stdout(&same).contains("segments: 0 worse, 0 new, 0 gone, 0 better, 4 same"),
        "{}",
        stdout(&same)
    );
    // An earlier run that cannot be read leaves the report as it is.
    let none = run(&["report", &now, "--previous", "none.jsonl"]);
    assert_eq!(code(&none), 3);
    assert!(stdout(&none).contains("in 4 segments"));
}

#[test]
fn schemas_are_printed() {
    for format in ["json", "jsonl"] {
        let output = run(&["schema", format]);
        assert_eq!(code(&output), 0);
        let schema: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        assert!(schema["$ref"].is_string() && schema["$defs"]["finding"].is_object());
    }
}
