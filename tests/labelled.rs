//! What the checks find of labelled examples (`tests/samples/labelled`), so that a change that finds less, or more where
//! nothing is wrong, is seen. `cargo test --test labelled -- --nocapture` prints the figures.

mod common;

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::Path,
    process::Command,
};

use serde_json::Value;

fn items(file: &str) -> Vec<Value> {
    let path = Path::new("tests/samples/labelled").join(file);
    let text = fs::read_to_string(path).expect("the file is there");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn run(args: &[&str], input: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
    let output = common::with_input(command.args(args), input.as_bytes());
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Percent of the artifacts whose span is marked, and of the clean items that are.
fn artifacts(file: &str) -> (f64, f64) {
    let path = format!("tests/samples/labelled/{file}");
    let json = run(&["evaluate", &path, "--no-model", "--format", "json"], "");
    let groups: Value = serde_json::from_str(&json).expect("JSON");
    let percent = |value: &Value| 100.0 * value.as_f64().expect("a figure");
    let all = &groups[0];
    (percent(&all["spans"]["recall"]["value"]), percent(&all["clean"]["flagged"]["value"]))
}

/// Percent of the wrong pairs, and of the right ones, in which something is found.
fn pairs(file: &str) -> (f64, f64) {
    let items = items(file);
    let mut found = HashSet::new();
    for direction in ["en-id", "id-en"] {
        let chosen: Vec<usize> =
            (0..items.len()).filter(|i| items[*i]["direction"] == direction).collect();
        let cell = |i: usize, key: &str| {
            let text = items[i][key].as_str().expect("a text");
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let rows: String = chosen
            .iter()
            .map(|&i| format!("{}\t{}\n", cell(i, "source"), cell(i, "text")))
            .collect();
        let args = ["check", "-", "--input-format", "tsv", "--no-model", "--format", "jsonl"];
        let args = [&args[..], &["--no-config", "--direction", direction]].concat();
        for line in run(&args, &format!("source\ttarget\n{rows}")).lines() {
            let row: Value = serde_json::from_str(line).expect("JSON");
            if let (Some(line), Some(findings)) = (row["line"].as_u64(), row["findings"].as_array())
                && !findings.is_empty()
            {
                // Line 1 is the header.
                found.insert(chosen[usize::try_from(line).expect("a small number") - 2]);
            }
        }
    }
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (i, item) in items.iter().enumerate() {
        let count = counts.entry(item["label"].as_str().expect("a label")).or_default();
        count.0 += usize::from(found.contains(&i));
        count.1 += 1;
    }
    let percent = |label: &str| 100.0 * counts[label].0 as f64 / counts[label].1 as f64;
    (percent("artifact"), percent("clean"))
}

/// Measured on 2026-11-24: 94.7, 62.3, 91.7, 63.9 % found, 0.8, 1.5, 1.4, 18.1 % flagged wrongly.
#[test]
fn as_much_is_found_as_before() {
    for (what, (found, wrong), at_least, at_most) in [
        ("artifacts, tuned", artifacts("artifacts-tuned.jsonl"), 93.0, 2.0),
        ("artifacts, unseen", artifacts("artifacts-unseen.jsonl"), 60.0, 3.0),
        ("pairs, tuned", pairs("pairs-tuned.jsonl"), 90.0, 4.0),
        ("pairs, unseen", pairs("pairs-unseen.jsonl"), 61.0, 20.0),
    ] {
        println!("{what}: {found:.1} % found, {wrong:.1} % of the near misses flagged");
        assert!(found >= at_least, "{what}: only {found:.1} % found");
        assert!(wrong <= at_most, "{what}: {wrong:.1} % of the near misses flagged");
    }
}
