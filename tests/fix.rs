//! `check --fix` and `--diff`.

mod common;

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn cermat(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
    command.current_dir(folder).env("NO_COLOR", "1").env("CERMAT_NO_CACHE", "1");
    command.args(["check", "--no-model"]).args(arguments).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Faults with safe suggestions, and one that a person has to look at.
const TEXT: &str = "Kami ke apotik.\n\nHarga beras naik , tetapi gaji tetap.\n\nWarga who mengungsi mendapat selimut.\n";

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).expect("written");
    }
    folder
}

fn contents(folder: &tempfile::TempDir, name: &str) -> String {
    text(&fs::read(folder.path().join(name)).expect("read"))
}

#[test]
fn safe_suggestions_are_put_in_once() {
    let folder = folder(&[("a.txt", TEXT.as_bytes()), ("b.md", TEXT.as_bytes())]);
    let output = cermat(folder.path(), &["--fix", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let fixed = "Kami ke apotek.\n\nHarga beras naik, tetapi gaji tetap.\n\nWarga who mengungsi mendapat selimut.\n";
    assert_eq!(contents(&folder, "a.txt"), fixed);
    assert_eq!(contents(&folder, "b.md"), fixed);
    let stderr = text(&output.stderr);
    assert!(stderr.contains("fixed 4 findings in 2 files; 2 without a safe fix"), "{stderr}");
    // What is left is reported.
    assert!(text(&output.stdout).contains("ACC001"));
    let again = cermat(folder.path(), &["--fix", "."]);
    assert!(text(&again.stderr).contains("fixed 0 findings in 0 files"));
    assert_eq!(contents(&folder, "a.txt"), fixed);
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 2, "nothing else is left");
}

#[test]
fn other_formats_and_encodings_stay_what_they_are() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let po = |word: &str| {
        format!(
            "msgid \"\"\nmsgstr \"Language: id\\n\"\n\nmsgid \"At the shop.\"\nmsgstr \"Kami ke {word}. \\\"Ya.\\\"\"\n"
        )
    };
    let xliff = |word: &str| {
        format!(
            "<xliff version='1.2'><file source-language='en' target-language='id'><body><trans-unit \
             id='1'><source>A &amp; b</source><target>Kami &amp; {word}.</target></trans-unit></body></file></xliff>"
        )
    };
    let json = |word: &str| format!("{{\"a\": \"Kami ke {word}. Caf\\u00e9 itu.\"}}\n");
    let utf16 = wide("\u{feff}Kami ke apotik 😀.\r\n");
    let folder = folder(&[
        ("a.txt", &utf16),
        ("id.po", po("apotik").as_bytes()),
        ("a.xlf", xliff("apotik").as_bytes()),
        ("id.json", json("apotik").as_bytes()),
    ]);
    let output = cermat(folder.path(), &["--fix", "."]);
    assert!(
        text(&output.stderr).contains("fixed 4 findings in 4 files"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(contents(&folder, "id.po"), po("apotek"));
    assert_eq!(contents(&folder, "a.xlf"), xliff("apotek"));
    assert_eq!(contents(&folder, "id.json"), json("apotek"));
    let fixed = fs::read(folder.path().join("a.txt")).expect("read");
    assert_eq!(fixed, wide("\u{feff}Kami ke apotek 😀.\r\n"));
}

#[test]
fn a_diff_changes_nothing_and_fits() {
    let folder = folder(&[("a.txt", TEXT.as_bytes())]);
    let output = cermat(folder.path(), &["--diff", "a.txt"]);
    assert_eq!(output.status.code(), Some(0));
    let diff = text(&output.stdout);
    assert!(diff.starts_with("--- a/a.txt\n+++ b/a.txt\n@@ "), "{diff}");
    assert!(diff.contains("\n-Kami ke apotik.\n+Kami ke apotek.\n"), "{diff}");
    assert!(!diff.contains("ACC001"), "no report among it");
    assert_eq!(contents(&folder, "a.txt"), TEXT);
    assert!(text(&output.stderr).contains("would fix 2 findings in 1 file"));
}

#[test]
fn standard_input_has_a_diff_but_no_fix() {
    let folder = folder(&[]);
    let run = |flag: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
        command.current_dir(folder.path()).args(["check", "--no-model", flag, "-"]);
        common::with_input(&mut command, TEXT.as_bytes())
    };
    let diff = run("--diff");
    assert_eq!(diff.status.code(), Some(0));
    assert!(text(&diff.stdout).contains("+Kami ke apotek."));
    let fix = run("--fix");
    assert_eq!(fix.status.code(), Some(2));
    assert!(text(&fix.stderr).contains("--diff"), "{}", text(&fix.stderr));
}

#[test]
fn the_source_and_other_columns_stay() {
    let rows = "source\ttarget\tnote\nWe live apotik ,x\tKami ke apotik.\tapotik ,y\r\n";
    let folder = folder(&[("p.tsv", rows.as_bytes())]);
    cermat(folder.path(), &["--fix", "p.tsv"]);
    let fixed = rows.replacen("ke apotik", "ke apotek", 1);
    assert_eq!(contents(&folder, "p.tsv"), fixed);
}

#[test]
fn code_comments_and_bad_lines_stay() {
    let markdown = "Pakai `apotik ,x` itu.\n\n<!-- cermat-ignore SPL001 -->\nKami ke apotik.\n\nMereka apotik.\n";
    let bad = b"Kami apotik.\n\xff\xfe apotik.\nMereka apotik.\n";
    let folder = folder(&[("a.md", markdown.as_bytes()), ("b.txt", bad)]);
    let output = cermat(folder.path(), &["--fix", "."]);
    assert_eq!(output.status.code(), Some(3), "a line could not be read");
    let a = contents(&folder, "a.md");
    assert!(a.contains("`apotik ,x`"), "{a}");
    assert!(a.contains("Mereka apotek."), "{a}");
    let b = fs::read(folder.path().join("b.txt")).expect("read");
    assert_eq!(b, b"Kami apotek.\n\xff\xfe apotik.\nMereka apotek.\n");
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = folder(&[("real.txt", TEXT.as_bytes())]);
    let (real, link) = (folder.path().join("real.txt"), folder.path().join("link.txt"));
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("set");
    symlink("real.txt", &link).expect("a link");
    cermat(folder.path(), &["--fix", "link.txt"]);
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
    assert_eq!(fs::metadata(&real).expect("there").permissions().mode() & 0o777, 0o640);
    assert!(contents(&folder, "real.txt").contains("apotek"));
}

#[test]
fn what_a_baseline_accepts_stays() {
    let folder = folder(&[("a.txt", b"Kami ke apotik.\n")]);
    let baseline = Command::new(env!("CARGO_BIN_EXE_cermat"))
        .current_dir(folder.path())
        .args(["baseline", "--no-model", "-o", "known.json", "a.txt"])
        .output()
        .expect("the program runs");
    assert!(baseline.status.success());
    fs::write(folder.path().join("a.txt"), "Kami ke apotik.\n\nMereka apotik.\n").expect("written");
    cermat(folder.path(), &["--fix", "--baseline", "known.json", "a.txt"]);
    assert_eq!(contents(&folder, "a.txt"), "Kami ke apotik.\n\nMereka apotek.\n");
}
