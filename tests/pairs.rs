//! Checks of pairs as users call them: `--glossary`, and what a table of pairs reports.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

fn check(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
    command.current_dir(folder).env("NO_COLOR", "1").env("CERMAT_NO_CACHE", "1");
    command.env_remove("CERMAT_MODEL");
    command.args(["check", "--no-model", "--quiet", "--format", "jsonl"]).args(arguments);
    command.output().expect("the program runs")
}

/// Line, code and message of every finding.
fn findings(output: &Output) -> Vec<(u64, String, String)> {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    let mut out = Vec::new();
    for line in text.lines() {
        let row: Value = serde_json::from_str(line).expect("JSON");
        for finding in row["findings"].as_array().expect("a list") {
            let said = |name: &str| finding[name].as_str().expect("a text").to_owned();
            let line = row["line"].as_u64().expect("a number");
            out.push((line, said("code"), said("message")));
        }
    }
    out
}

const PAIRS: &str = "source\ttarget\n\
    He is downloading the files.\tIa sedang mengunduh berkas-berkasnya.\n\
    Delete every file.\tHapuslah semua arsip itu.\n\
    Delete this file.\tHapuslah fail ini.\n\
    The download has ended.\tPengunduhannya sudah berakhir.\n\
    The host is down.\tTuan rumahnya sedang mati.\n";

fn violations(output: &Output) -> Vec<(u64, String)> {
    let all = findings(output).into_iter().filter(|(_, code, _)| code == "TRM001");
    all.map(|(line, _, message)| (line, message)).collect()
}

#[test]
fn a_glossary_of_tabs_knows_affixes_and_forbidden_terms() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    fs::write(folder.join("pairs.tsv"), PAIRS).expect("written");
    let terms =
        "source\ttarget\nfile\tberkas\nfile\t!fail\ndownload\tunduh\nhost\tinang\tcomputers\n";
    fs::write(folder.join("terms.tsv"), terms).expect("written");
    let plain = check(folder, &["--direction", "en-id", "pairs.tsv"]);
    assert_eq!(violations(&plain), []);
    let output = check(folder, &["--direction", "en-id", "--glossary", "terms.tsv", "pairs.tsv"]);
    let expected = [
        (3, "`file` is to be `berkas`"),
        (4, "`fail` is not to stand for `file`"),
        (6, "`host` is to be `inang`"),
    ];
    assert_eq!(violations(&output), expected.map(|(line, text)| (line, text.to_owned())));
}

#[test]
fn a_glossary_of_tbx_says_the_same() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    fs::write(folder.join("pairs.tsv"), PAIRS).expect("written");
    let concept = |english: &str, indonesian: &str, bad: &str| {
        let bad = match bad {
            "" => String::new(),
            bad => format!(
                "<termSec><term>{bad}</term><termNote type=\"administrativeStatus\">deprecatedTerm-admn-sts\
                 </termNote></termSec>"
            ),
        };
        format!(
            "<conceptEntry><langSec xml:lang=\"en\"><termSec><term>{english}</term></termSec></langSec>\
             <langSec xml:lang=\"id\"><termSec><term>{indonesian}</term></termSec>{bad}</langSec></conceptEntry>"
        )
    };
    let terms = format!(
        "<?xml version=\"1.0\"?><tbx><text><body>{}{}{}</body></text></tbx>",
        concept("file", "berkas", "fail"),
        concept("download", "unduh", ""),
        concept("host", "inang", "")
    );
    fs::write(folder.join("terms.tbx"), terms).expect("written");
    let output = check(folder, &["--direction", "en-id", "--glossary", "terms.tbx", "pairs.tsv"]);
    let lines: Vec<u64> = violations(&output).iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4, 6]);
}

#[test]
fn a_wrong_glossary_is_named_with_its_line() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    fs::write(folder.join("pairs.tsv"), PAIRS).expect("written");
    fs::write(folder.join("terms.tsv"), "file\tberkas\nhost\n").expect("written");
    let output = check(folder, &["--direction", "en-id", "--glossary", "terms.tsv", "pairs.tsv"]);
    assert!(!output.status.success() && output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("terms.tsv") && said.contains("line 2"), "{said}");
    assert!(said.contains("give a term, a tab and its translation"), "{said}");
}

#[test]
fn each_kind_of_mismatch_has_its_code() {
    let scratch = tempfile::tempdir().expect("a folder");
    let folder = scratch.path();
    let rows = [
        ("The bridge is 12 miles long.", "Panjang jembatan itu 12 kilometer.", "ACC012"),
        ("It opens on April 3, 2023.", "Dibuka pada 4/3/2023.", "ACC013"),
        ("The fine is $500.", "Dendanya Rp500.", "ACC014"),
        ("Persib beat Arema on Sunday.", "Arema mengalahkan Persib pada hari Minggu.", "ACC015"),
        ("It cost 25 million dollars.", "Harganya 25 miliar dolar.", "ACC004"),
        ("Do not open the cover.", "Buka penutupnya.", "ACC006"),
        ("We flew to Geneva with Hartono.", "Kami terbang ke Wina bersama Hartono.", "ACC007"),
        (
            "See https://example.org/a for more.",
            "Lihat https://example.org/b untuk lainnya.",
            "MKP004",
        ),
    ];
    let table: String =
        rows.iter().map(|(source, target, _)| format!("{source}\t{target}\n")).collect();
    fs::write(folder.join("pairs.tsv"), format!("source\ttarget\n{table}")).expect("written");
    let output = check(folder, &["--direction", "en-id", "pairs.tsv"]);
    let found = findings(&output);
    for ((_, target, code), line) in rows.iter().zip(2..) {
        assert!(
            found.iter().any(|(at, its, _)| *at == line && its == code),
            "{code} {target}: {found:?}"
        );
    }
    for (line, code, message) in &found {
        let expected = rows[*line as usize - 2].2;
        let pair = ["ACC", "MKP", "LNG02"].iter().any(|family| code.starts_with(family));
        assert!(!pair || code == expected, "{line} {code} {message}");
    }
}
