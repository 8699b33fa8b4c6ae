//! The registry of checks: every file is listed, codes are unique and in order, docs are whole.

mod common;

use std::{collections::BTreeSet, fs};

use cermat::checks::ALL;
use common::tree;

#[test]
fn every_check_file_is_listed() {
    let text = fs::read_to_string(tree("src/checks/mod.rs")).expect("read");
    let mut files = BTreeSet::new();
    for entry in fs::read_dir(tree("src/checks")).expect("read") {
        let path = entry.expect("a file").path();
        let body = fs::read_to_string(&path).expect("read");
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        if body.contains("\ndeclare_check! {") {
            files.insert(name);
        }
    }
    for file in &files {
        assert!(text.contains(&format!("&{file}::META")), "src/checks/{file}.rs is not in ALL");
    }
    assert_eq!(files.len(), ALL.len());
    let names: BTreeSet<String> = ALL.iter().map(|meta| meta.info.name.replace('-', "_")).collect();
    assert_eq!(files, names, "a check's file has its name");
}

#[test]
fn codes_are_unique_and_in_order() {
    let codes: Vec<&str> = ALL.iter().map(|meta| meta.info.code).collect();
    assert!(codes.is_sorted() && codes.windows(2).all(|pair| pair[0] != pair[1]), "{codes:?}");
    for code in codes {
        let (letters, digits) = code.split_at(3);
        assert!(letters.chars().all(|c| c.is_ascii_uppercase()), "{code}");
        assert!(digits.len() == 3 && digits.chars().all(|c| c.is_ascii_digit()), "{code}");
    }
}

#[test]
fn docs_have_every_part() {
    let parts = [
        "## What it does",
        "## Why it matters",
        "## Example",
        "## Not reported",
        "## Known misses",
        "## False alarms",
    ];
    for meta in ALL {
        let mut from = 0;
        for part in parts {
            let at = meta.info.docs[from..].find(part);
            from += at.unwrap_or_else(|| panic!("{}: no `{part}`, or not there", meta.info.code));
        }
        let rate = &meta.info.docs[from..];
        assert!(rate.contains("per 1,000") && rate.contains("2026"), "{}: {rate}", meta.info.code);
        assert!(!meta.info.summary().is_empty());
    }
}

#[test]
fn every_check_builds_with_its_defaults_and_refuses_unknown_options() {
    for meta in ALL {
        assert!((meta.build)(toml::Table::new()).is_ok(), "{}", meta.info.code);
        let mut options = toml::Table::new();
        options.insert("no-such-option".to_owned(), toml::Value::Boolean(true));
        assert!((meta.build)(options).is_err(), "{}", meta.info.code);
    }
}

/// The table of checks in README.md is written from the registry: `UPDATE=1 cargo test --test checks`.
#[test]
fn the_readme_lists_every_check() {
    let mut table = String::from("| code | name | severity | finds |\n| --- | --- | --- | --- |\n");
    for meta in ALL {
        let info = &meta.info;
        let summary = info.summary();
        // The first sentence, or what stands before a list.
        let short = summary.split(": - ").next().unwrap_or(&summary).trim_end_matches(':');
        let short = short.strip_prefix("Reports ").unwrap_or(short);
        let preview = matches!(info.status, cermat::finding::Status::Preview(_));
        let row = format!(
            "| `{}` | `{}` | {}{} | {} |\n",
            info.code,
            info.name,
            info.severity,
            if preview { ", preview" } else { "" },
            short.replace('|', "\\|")
        );
        table.push_str(&row);
    }
    section("checks", &table);
}

/// The table of exit codes in README.md is written from the program's own.
#[test]
fn the_readme_lists_every_exit_code() {
    let mut table = String::from("| code | meaning |\n| --- | --- |\n");
    for exit in cermat::cli::Exit::ALL {
        table.push_str(&format!("| {} | {} |\n", exit.code(), exit.meaning()));
    }
    section("exit codes", &table);
}

fn section(name: &str, expected: &str) {
    let path = tree("README.md");
    let text = fs::read_to_string(&path).expect("read");
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- end of {name} -->"));
    let from =
        text.find(&begin).unwrap_or_else(|| panic!("README.md has no `{begin}`")) + begin.len();
    let to = from + text[from..].find(&end).expect("an end");
    if text[from..to] != *expected {
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, format!("{}{expected}{}", &text[..from], &text[to..]))
                .expect("written");
        } else {
            panic!("the {name} in README.md are old; run UPDATE=1 cargo test --test checks");
        }
    }
}
