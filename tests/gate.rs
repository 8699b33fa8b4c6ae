//! The quality gate as CI uses it: configuration, thresholds, suppressions, baseline, git, cache,
//! and runs that are killed.

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use common::tree;
use serde_json::Value;
use tempfile::TempDir;

/// A scratch folder that nothing above it configures, and the program in it.
struct Scratch(TempDir);

impl Scratch {
    fn new(files: &[(&str, &str)]) -> Self {
        let scratch = Self(tempfile::tempdir().expect("a folder"));
        fs::create_dir(scratch.path(".git")).expect("made");
        for (name, text) in files {
            scratch.write(name, text);
        }
        scratch
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("read")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
        command.current_dir(self.0.path()).args(arguments).env("NO_COLOR", "1");
        command.env_remove("CERMAT_MODEL").env_remove("CERMAT_NO_CACHE");
        command.env("CERMAT_CACHE_DIR", self.path("cache"));
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run(self.command(arguments).output().expect("the program runs"))
    }

    /// Checks without a model.
    fn check(&self, arguments: &[&str]) -> Run {
        self.run(&[&["check", "--no-model", "--format", "jsonl"], arguments].concat())
    }
}

struct Run(Output);

impl Run {
    fn code(&self) -> i32 {
        self.0.status.code().expect("it ends by itself")
    }

    fn out(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).expect("UTF-8")
    }

    fn talk(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).expect("UTF-8")
    }

    /// `code text severity` of every finding.
    fn findings(&self) -> Vec<String> {
        let mut out = Vec::new();
        for line in self.out().lines() {
            let object: Value = serde_json::from_str(line).expect("JSON");
            for finding in object["findings"].as_array().expect("a list") {
                let part = |key: &str| finding[key].as_str().expect("a text").to_owned();
                out.push(format!("{} {} {}", part("code"), part("text"), part("severity")));
            }
        }
        out
    }
}

const TWICE: &str = "Dia membeli beras dan dan gula.\n";

#[test]
fn the_nearest_configuration_counts_and_flags_win() {
    let scratch = Scratch::new(&[
        (
            "cermat.toml",
            "select = ['LNG001']\nfail-on = 'minor'\n[checks.LNG001]\nseverity = 'neutral'",
        ),
        ("a.txt", TWICE),
        ("sub/cermat.toml", "[[overrides]]\nfiles = ['legal/*']\nfail-on = 'minor'"),
        ("sub/a.txt", TWICE),
        ("sub/legal/a.txt", TWICE),
    ]);
    let run = scratch.check(&["a.txt"]);
    assert_eq!(run.findings(), ["LNG001 dan dan neutral"], "{}", run.talk());
    assert_eq!(run.code(), 0, "neutral is under minor");
    assert_eq!(scratch.check(&["--fail-on", "neutral", "a.txt"]).code(), 1);
    assert!(scratch.check(&["--select", "ACC", "a.txt"]).findings().is_empty());
    let run = scratch.check(&["--no-config", "a.txt"]);
    assert_eq!(run.findings(), ["LNG001 dan dan minor"]);
    assert_eq!(scratch.check(&["sub/a.txt"]).findings(), ["LNG001 dan dan minor"]);
    assert_eq!(scratch.check(&["sub/a.txt"]).code(), 0);
    assert_eq!(scratch.check(&["sub/legal"]).code(), 1, "the override holds");
    assert_eq!(scratch.check(&["."]).code(), 1, "a file's own threshold counts among others");
    assert_eq!(scratch.check(&["."]).out().lines().count(), 3);
    let shown = scratch.run(&["config", "sub/legal/a.txt"]).out();
    assert!(
        shown.contains("sub/cermat.toml\n") && shown.contains("fail-on = \"minor\"\n"),
        "{shown}"
    );
    let shown = scratch.run(&["config"]).out();
    let parsed: toml::Table = shown.parse().expect("TOML");
    assert_eq!(parsed["select"].as_array().expect("a list").len(), 1, "{shown}");
    assert!(shown.contains("wrong-repetition (neutral)"), "{shown}");
    // The repository ends the search.
    fs::create_dir(scratch.path("sub/legal/.git")).expect("made");
    assert_eq!(scratch.check(&["sub/legal/a.txt"]).code(), 0);
    let run = scratch.check(&["--config", "sub/cermat.toml", "sub/legal/a.txt"]);
    assert_eq!(run.code(), 1, "{}", run.talk());
}

#[test]
fn a_wrong_configuration_is_said_before_any_work() {
    let scratch = Scratch::new(&[("cermat.toml", "\nfail-at = 'minor'"), ("a.txt", TWICE)]);
    for arguments in [&["a.txt"][..], &["."], &["--config", "cermat.toml", "a.txt"]] {
        let run = scratch.check(arguments);
        assert_eq!(run.code(), 2, "{}", run.talk());
        for part in ["cermat.toml`, line 2", "fail-at", "`fail-on`"] {
            assert!(run.talk().contains(part), "{part}: {}", run.talk());
        }
        assert!(run.out().is_empty());
    }
    assert_eq!(scratch.check(&["--no-config", "a.txt"]).code(), 0);
    let run = scratch.check(&["--config", "none.toml", "a.txt"]);
    assert_eq!(run.code(), 2);
    assert!(run.talk().contains("none.toml"));
}

#[test]
fn direction_format_and_words_come_from_the_file() {
    let scratch = Scratch::new(&[
        ("cermat.toml", "direction = 'id-en'\ninput-format = 'tsv'\nignore-words = ['DAN dan']"),
        ("a.txt", "Beras.\tRice rice and and sugar."),
        ("b.txt", TWICE),
    ]);
    let run = scratch.check(&["--select", "LNG001", "a.txt", "b.txt"]);
    assert_eq!(run.findings(), ["LNG001 and and minor"], "{}", run.talk());
    assert!(run.out().contains(r#""source":"Beras.""#), "{}", run.out());
}

#[test]
fn the_penalty_is_per_thousand_words() {
    // One minor finding, a point, in 6 words.
    let scratch = Scratch::new(&[("a.txt", TWICE)]);
    assert_eq!(scratch.check(&["--max-penalty", "166.7", "a.txt"]).code(), 0);
    let run = scratch.check(&["--max-penalty", "166.6", "a.txt"]);
    assert_eq!(run.code(), 1);
    assert!(run.talk().contains("penalty 166.7 per 1,000 words"), "{}", run.talk());
    let text = scratch.run(&["check", "--no-model", "a.txt"]).out();
    assert!(text.contains("penalty 166.7 per 1,000 words"), "{text}");
    assert_eq!(scratch.check(&["--max-penalty", "-1", "a.txt"]).code(), 2);
}

#[test]
fn comments_suppress_the_next_block_or_the_file() {
    let scratch = Scratch::new(&[
        (
            "a.md",
            "<!-- cermat-ignore LNG001: as in the source -->\n\nIa dan dan dia. Kami dan dan kita.\n\n\
             Beras dan dan gula.\n\n```html\n<!-- cermat-ignore XYZ -->\n```\n",
        ),
        ("a.txt", "# cermat:ignore wrong-repetition: x\nIa dan dan dia.\n\nKami dan dan kita.\n"),
        ("a.tsv", "He.\tIa dan dan dia.\n# cermat:ignore LNG\nWe.\tKami dan dan kita.\n"),
        ("b.txt", "Ia dan dan dia.\n\n# cermat:ignore-file LNG001: x\n"),
        (
            "a.html",
            "<!-- cermat-ignore LNG001: x -->\n<p>Ia dan dan dia.</p><p>Kami dan dan kita.</p>\n\
             <script>// <!-- cermat-ignore XYZ: x --></script>\n",
        ),
        (
            "a.xlf",
            "<xliff version=\"1.2\"><file source-language=\"en\" target-language=\"id\"><body>\n\
             <!-- cermat-ignore LNG001: x -->\n<trans-unit id=\"1\"><source>He.</source>\n\
             <target>Ia dan dan dia.</target></trans-unit>\n<trans-unit id=\"2\"><source>We.\
             </source><target>Kami dan <![CDATA[dan]]> kita.</target></trans-unit></body></file></xliff>",
        ),
        (
            "a.tmx",
            "<tmx version=\"1.4\"><header srclang=\"en\"/><body>\n<tu><tuv xml:lang=\"id\"><seg>Ia \
             dan dan dia.</seg></tuv></tu>\n<!-- cermat-ignore LNG: x --><tu><tuv xml:lang=\"id\">\
             <seg>Kami dan dan kita.</seg></tuv></tu></body></tmx>",
        ),
        (
            "res/strings.xml",
            "<resources>\n<!-- cermat-ignore LNG001: x -->\n<string name=\"a\">Ia dan dan dia.\\nIa \
             dan dan dia.</string>\n<string name=\"b\">Kami dan dan kita.</string></resources>",
        ),
    ]);
    let found = |file: &str| {
        let run = scratch.check(&["--select", "LNG001", file]);
        assert_eq!(run.code(), 0, "{}", run.talk());
        assert!(!run.out().contains("cermat:ignore") && !run.out().contains("cermat-ignore"));
        assert!(run.talk().contains("suppressed in their files: "), "{}", run.talk());
        assert!(!run.talk().contains("unused") && !run.talk().contains("XYZ"), "{}", run.talk());
        (run.findings().len(), run.out().lines().count())
    };
    scratch.write("in.md", "Ia dan <!-- cermat-ignore LNG001 --> dan dia.\n\nIa dan dan dia.\n");
    assert_eq!(found("a.md"), (1, 3));
    assert_eq!(found("in.md"), (1, 2));
    assert_eq!(found("a.txt"), (1, 2));
    assert_eq!(found("a.tsv"), (1, 2));
    assert_eq!(found("b.txt"), (0, 1));
    assert_eq!(found("a.html"), (1, 2));
    assert_eq!(found("a.xlf"), (1, 2));
    assert_eq!(found("a.tmx"), (1, 2));
    assert_eq!(found("res/strings.xml"), (1, 3));
    // What is suppressed does not fail.
    assert_eq!(scratch.check(&["--fail-on", "minor", "b.txt"]).code(), 0);
}

#[test]
fn a_suppression_that_does_nothing_is_named() {
    let scratch = Scratch::new(&[(
        "a.md",
        "<!-- cermat-ignore LNG001: gone -->\nSemua baik.\n\n<!-- cermat-ignore XYZ1 -->\n\
         <!-- cermat-ignore -->\n<!-- cermat-ignore ACC009: needs the model -->\nIa.\n\n\
         <!-- cermat-ignore LNG001: end -->\n",
    )]);
    let run = scratch.check(&["a.md"]);
    assert_eq!(run.code(), 0);
    for part in [
        "a.md:1: unused suppression of `LNG001`",
        "a.md:4: no check is called `XYZ1`",
        "a.md:5: the suppression names no check",
        "a.md:9: no text follows",
    ] {
        assert!(run.talk().contains(part), "{part}: {}", run.talk());
    }
    assert!(!run.talk().contains("suppression of `ACC009`"), "it did not run: {}", run.talk());
    assert!(!scratch.check(&["--select", "ACC", "a.md"]).talk().contains("of `LNG001`"));
}

#[test]
fn a_baseline_hides_what_is_known_wherever_it_moves() {
    let scratch = Scratch::new(&[
        ("docs/a.md", "Ia dan dan dia.\n\nIa dan dan dia.\n\nKami dan\ndan kita.\n"),
        ("docs/b.txt", "Beras dan dan gula.\n"),
    ]);
    let flags = ["--no-model", "--select", "LNG001"];
    let run = scratch.run(&[&["baseline", "docs", "-o", "ci/known.json"], &flags[..]].concat());
    assert_eq!(run.code(), 5, "no folder yet");
    fs::create_dir(scratch.path("ci")).expect("made");
    let run = scratch.run(&[&["baseline", "docs", "-o", "ci/known.json"], &flags[..]].concat());
    assert_eq!(run.code(), 0, "{}", run.talk());
    assert!(run.talk().contains("knows 4 findings"), "{}", run.talk());
    let known = scratch.read("ci/known.json");
    assert!(known.contains("\"../docs/a.md\"") && known.contains("\"LNG001 "), "{known}");
    let check = |arguments: &[&str]| {
        let flags = ["--select", "LNG001", "--fail-on", "minor", "--baseline", "ci/known.json"];
        scratch.check(&[&flags[..], arguments].concat())
    };
    let run = check(&["docs"]);
    assert_eq!((run.code(), run.findings().len()), (0, 0), "{}", run.talk());
    assert!(run.talk().contains("known from the baseline: 4"), "{}", run.talk());
    // Moved, wrapped anew, one of two alike gone, and a new one.
    scratch.write(
        "docs/a.md",
        "# Baru\n\nKami dan dan kita.\n\nIa dan dan dia.\n\nAyah dan dan ibu.\n",
    );
    let run = check(&["docs"]);
    assert_eq!((run.code(), run.findings().len()), (1, 1), "{:?}", run.findings());
    assert!(run.out().contains("Ayah"));
    assert!(
        run.talk().contains("1 findings of") && run.talk().contains("--prune"),
        "{}",
        run.talk()
    );
    let run = check(&["--prune", "docs"]);
    assert_eq!(run.code(), 1);
    let pruned = scratch.read("ci/known.json");
    assert_eq!(pruned.matches("LNG001").count(), 3, "{pruned}");
    assert!(!check(&["docs"]).talk().contains("gone"));
    scratch.write("ci/known.json", "{}");
    let run = check(&["docs"]);
    assert_eq!(run.code(), 2);
    assert!(run.talk().contains("is no baseline"), "{}", run.talk());
}

#[test]
fn stored_results_give_the_reports_of_the_run_that_stored_them() {
    let scratch = Scratch::new(&[
        (
            "cermat.toml",
            "fail-on = 'major'\n\n[[overrides]]\nfiles = ['lax/**']\nmax-penalty = 1.5\nfail-on = 'critical'\n",
        ),
        ("a.txt", "Dia membeli beras dan dan gula.\n\nHarga last Moon naik (UBS ).\n"),
        ("empty.md", ""),
        (
            "lax/b.tsv",
            "source\ttarget\nOne.\tDia membeli beras dan dan gula.\nTwo.\nThree.\tTiga.\n",
        ),
        (
            "names.txt",
            "Baidu dan \"Wen Xin Yi Yan\" diluncurkan.\n\nWenxinyiyan diluncurkan lagi oleh Baidu.\n",
        ),
        ("nul.txt", "\0"),
        ("z.xlf", "<xliff>"),
    ]);
    let formats = [
        "json", "sarif", "gitlab", "junit", "html", "markdown", "github", "tsv", "csv", "text",
        "jsonl",
    ];
    let reports = |run: &str| -> Vec<String> {
        formats.iter().flat_map(|f| ["--report".to_owned(), format!("{f}={run}.{f}")]).collect()
    };
    let first = reports("first");
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    let files =
        ["a.txt", "empty.md", "lax/b.tsv", "a.txt", "names.txt", "nul.txt", "z.xlf", "none.txt"];
    let run = scratch
        .check(&[&["-o", "run.jsonl", "--by-file", "first.files"], &first[..], &files].concat());
    let second = reports("second");
    let second: Vec<&str> = second.iter().map(String::as_str).collect();
    let again =
        scratch.run(&[&["report", "run.jsonl", "--by-file", "second.files"], &second[..]].concat());
    assert_eq!(run.code(), 1, "{}", run.talk());
    assert_eq!(again.code(), 1, "{}", again.talk());
    let failed = |run: &Run| {
        run.talk()
            .lines()
            .filter(|line| line.contains("failed:"))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(failed(&run).len(), 2, "{}", run.talk());
    assert_eq!(failed(&run), failed(&again));
    for format in formats.iter().chain(&["files"]) {
        let read = |run: &str| scratch.read(&format!("{run}.{format}"));
        assert_eq!(read("first"), read("second"), "{format}");
    }
    // Without the configuration nothing is demanded.
    assert_eq!(scratch.run(&["report", "--no-config", "run.jsonl"]).code(), 3);
}

#[test]
fn what_files_are_called_and_say_is_escaped_on_stderr() {
    let scratch = Scratch::new(&[("a\u{202e}.xlf", "<xliff><\u{202e}::error::&x;]]>")]);
    let run = scratch.check(&["a\u{202e}.xlf", "none\n::error::\u{1b}[31m.txt"]);
    assert_eq!(run.code(), 3);
    let talk = run.talk();
    assert!(talk.contains("not closed") && talk.contains("not everything was read"), "{talk}");
    assert!(!talk.contains(['\u{202e}', '\u{1b}']) && !talk.contains("\n::error::"), "{talk}");
}

#[test]
fn fingerprints_do_not_depend_on_what_the_baseline_hides() {
    let twice = format!("{TWICE}\nSatu.\n\n{TWICE}");
    let scratch = Scratch::new(&[("a.txt", TWICE)]);
    let flags = ["--select", "LNG001"];
    let run = scratch
        .run(&[&["baseline", "--no-model", "-o", "known.json", "a.txt"], &flags[..]].concat());
    assert_eq!(run.code(), 0, "{}", run.talk());
    scratch.write("a.txt", &twice);
    let prints = |more: &[&str]| -> Vec<String> {
        let arguments = [&["--report", "sarif=a.sarif", "a.txt"], &flags[..], more].concat();
        assert_eq!(scratch.check(&arguments).code(), 0);
        let sarif: Value = serde_json::from_str(&scratch.read("a.sarif")).expect("JSON");
        let results = sarif["runs"][0]["results"].as_array().expect("a list").clone();
        results
            .iter()
            .map(|r| r["partialFingerprints"]["cermat/v1"].as_str().expect("a text").to_owned())
            .collect()
    };
    let (all, new) = (prints(&[]), prints(&["--baseline", "known.json"]));
    assert_eq!((all.len(), new.len()), (2, 1));
    assert_eq!(all[1], new[0]);
}

fn git(scratch: &Scratch, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"];
    let status = Command::new("git")
        .current_dir(scratch.0.path())
        .args([&identity[..], arguments].concat())
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("git runs").success(), "{arguments:?}");
}

#[test]
fn only_changed_lines_are_looked_at() {
    let scratch = Scratch::new(&[
        ("a.md", "Ia dan dan dia.\n\nKami dan dan kita.\n\nAyah dan dan\nibu.\n"),
        ("b b.txt", TWICE),
    ]);
    let flags = ["--select", "LNG001", "--changed-since"];
    let check = |arguments: &[&str]| scratch.check(&[&flags[..], arguments].concat());
    fs::remove_dir(scratch.path(".git")).expect("removed");
    let run = check(&["HEAD", "a.md"]);
    assert_eq!(run.code(), 2);
    assert!(run.talk().contains("no git repository"), "{}", run.talk());
    git(&scratch, &["init", "-q"]);
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-qm", "one"]);
    let run = check(&["HEAD", "."]);
    assert_eq!((run.code(), run.findings().len()), (0, 0), "{}", run.talk());
    scratch.write("a.md", "Ia dan dan dia.\n\nMereka dan dan kita.\n\nAyah dan dan\nibu baru.\n");
    scratch.write("baru é.txt", TWICE);
    let run = check(&["HEAD", "."]);
    assert_eq!(run.findings().len(), 3, "{}", run.out());
    let segments =
        || run.out().lines().filter(|line| !line.contains("\"segment\":null")).collect::<String>();
    assert!(!segments().contains("Ia dan") && !segments().contains("b b.txt"), "{}", run.out());
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-qm", "two"]);
    // What is no text for git is changed as a whole; a return alone ends no line for it.
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    fs::write(scratch.path("wide.txt"), utf16("\u{feff}Satu.\n\nIa dan dan dia.\n"))
        .expect("written");
    fs::write(scratch.path("mac.txt"), "Satu.\r\rIa dan dan dia.\r").expect("written");
    git(&scratch, &["add", "."]);
    git(&scratch, &["commit", "-qm", "more"]);
    fs::write(scratch.path("wide.txt"), utf16("\u{feff}Satu.\n\nKami dan dan kita.\n"))
        .expect("written");
    fs::write(scratch.path("mac.txt"), "Satu.\r\rKami dan dan kita.\r").expect("written");
    assert_eq!(check(&["HEAD", "wide.txt", "mac.txt"]).findings().len(), 2);
    git(&scratch, &["rm", "-qf", "wide.txt", "mac.txt"]);
    git(&scratch, &["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(check(&["HEAD~1", "."]).findings().len(), 3);
    // What another branch has changed since does not count.
    git(&scratch, &["checkout", "-qb", "side", "HEAD~1"]);
    scratch.write("b b.txt", "Gula dan dan beras.\n");
    git(&scratch, &["commit", "-qam", "three"]);
    let run = check(&["main", "."]);
    assert_eq!(run.findings().len(), 1, "{}", run.out());
    let run = check(&["no-such", "."]);
    assert_eq!(run.code(), 2);
    assert!(run.talk().contains("no revision `no-such`"), "{}", run.talk());
    let clone = Scratch::new(&[]);
    let url = format!("file://{}", scratch.0.path().display());
    git(&clone, &["clone", "-q", "--depth", "1", &url, "clone"]);
    let run = clone.check(&["--changed-since", "HEAD~1", "clone"]);
    assert_eq!(run.code(), 2);
    assert!(run.talk().contains("shallow") && run.talk().contains("fetch-depth"), "{}", run.talk());
}

#[test]
fn files_come_from_lists_and_go_into_a_table() {
    let scratch = Scratch::new(&[
        ("in/a.txt", TWICE),
        ("in/b.txt", "Semua baik.\n"),
        ("c.tsv", "a\tb\nc\n"),
        ("list", "in\r\n\nc.tsv\nmissing.txt\n"),
    ]);
    let run = scratch.check(&["--files-from", "list", "--by-file", "table.tsv"]);
    assert_eq!(run.code(), 3, "{}", run.talk());
    assert_eq!(run.out().lines().filter(|line| line.contains("\"target\"")).count(), 3);
    let talk = run.talk();
    assert!(talk.contains("not everything was read: `c.tsv`, `missing.txt`"), "{talk}");
    let table = scratch.read("table.tsv");
    let rows: Vec<&str> = table.lines().collect();
    assert!(rows[0].starts_with("file\tsegments\twords\tfindings\tcritical\tmajor"), "{table}");
    assert_eq!(
        rows[1],
        format!("{}\t1\t6\t1\t0\t0\t1\t0\t166.7\t\t\t0", Path::new("in/a.txt").display())
    );
    assert_eq!((rows.len(), rows[4].ends_with("\t1")), (5, true), "{table}");
    let empty = scratch.check(&["--files-from", "none"]);
    assert_eq!(empty.code(), 5);
}

/// The tiny model, and lines that it takes.
fn tiny(lines: usize) -> (Scratch, String) {
    let words = ["kota", "rumah", "pasar", "buku", "laut", "hujan", "jalan"];
    let line = |i: usize| {
        let word = |n: usize| words[(i / 7usize.pow(n as u32)) % 7];
        format!("{} {} {} {} {i}.\n", word(0), word(1), word(2), word(3))
    };
    let text: String = (0..lines).map(line).collect();
    (Scratch::new(&[("in.txt", &text)]), tree("tests/fixtures/tiny").display().to_string())
}

#[test]
fn evidence_is_kept_for_the_next_run() {
    let (scratch, model) = tiny(40);
    let score = |arguments: &[&str]| {
        let run = scratch.run(
            &[&["score", "--format", "jsonl", "--model", &model, "in.txt"], arguments].concat(),
        );
        assert_eq!(run.code(), 0, "{}", run.talk());
        run.out()
    };
    let plain = score(&["--no-cache"]);
    assert!(!scratch.path("cache").exists());
    assert_eq!(score(&[]), plain, "with an empty cache");
    assert_eq!(score(&[]), plain, "with a full one");
    let logs = || {
        let context = fs::read_dir(scratch.path("cache/evidence")).expect("read").next();
        let folder = context.expect("one").expect("read").path();
        let logs = fs::read_dir(folder).expect("read").map(|log| log.expect("read").path());
        logs.collect::<Vec<_>>()
    };
    let log = logs().pop().expect("a log");
    let size = fs::metadata(&log).expect("there").len();
    assert!(size > 1000);
    // It is read: what it says is what is printed.
    let mut bytes = fs::read(&log).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x20;
    fs::write(&log, &bytes).expect("written");
    assert_eq!(score(&[]), plain, "damage is made good");
    assert!(fs::metadata(&log).expect("there").len() > size, "by a new record");
    let mut both: Vec<_> = (0..2)
        .map(|_| {
            let mut command =
                scratch.command(&["score", "-f", "jsonl", "--model", &model, "in.txt"]);
            command.stdout(Stdio::piped()).spawn().expect("it runs")
        })
        .collect();
    for child in both.drain(..) {
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), plain);
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_was_killed_goes_on_and_gives_the_same_bytes() {
    let (scratch, model) = tiny(700);
    let arguments = |output: &'static str| {
        vec![
            "score",
            "--format",
            "jsonl",
            "--no-cache",
            "--jobs",
            "1",
            "in.txt",
            "--output",
            output,
        ]
    };
    let run = |output, more: &[&str]| {
        let run = scratch.run(&[&arguments(output)[..], &["--model", &model], more].concat());
        assert_eq!(run.code(), 0, "{}", run.talk());
    };
    run("whole.jsonl", &[]);
    assert!(!scratch.path("whole.jsonl.partial").exists());
    let journal = scratch.path("out.jsonl.partial");
    let mut kills = 0;
    let mut kept = 0;
    while kills < 3 {
        let mut more = vec!["--model", &model];
        if kills > 0 {
            more.push("--resume");
        }
        let mut child = scratch.command(&[&arguments("out.jsonl")[..], &more].concat());
        let mut child = child.stderr(Stdio::null()).spawn().expect("it runs");
        let begun = Instant::now();
        let len = || fs::metadata(&journal).map_or(0, |metadata| metadata.len());
        while len() <= kept && begun.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(2));
        }
        assert!(child.try_wait().expect("known").is_none(), "killed in the middle");
        child.kill().expect("killed");
        child.wait().expect("it ends");
        assert!(len() > kept, "what was found is kept, and grows");
        kept = len();
        kills += 1;
        assert!(!scratch.path("out.jsonl").exists(), "whole or not at all");
    }
    run("out.jsonl", &["--resume"]);
    assert_eq!(scratch.read("out.jsonl"), scratch.read("whole.jsonl"));
    assert_eq!(scratch.read("out.jsonl").lines().count(), 700);
    let left = fs::read_dir(scratch.0.path()).expect("read");
    let left = left.map(|file| file.expect("a file").file_name().into_string().expect("UTF-8"));
    let mut left: Vec<String> = left.collect();
    left.sort();
    assert_eq!(left, [".git", "in.txt", "out.jsonl", "whole.jsonl"], "nothing else is left");
    let run = scratch.run(&["score", "--resume", "in.txt"]);
    assert_eq!(run.code(), 2, "there is nothing to resume without --output");
}
