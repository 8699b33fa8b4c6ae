//! `cermat models` against a hub that is played on 127.0.0.1, faults included. No network.

mod common;
#[path = "common/hub.rs"]
mod hub;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use cermat::model::MAPPED_GRAPH_BYTES;
use common::tree;
use hub::{Answer, COMMIT, Hub, Server, sha256};

const FILES: [(&str, &str); 5] = [
    ("config.json", "config.json"),
    ("generation_config.json", "generation_config.json"),
    ("tokenizer.json", "tokenizer.json"),
    ("encoder_model.onnx", "onnx/encoder_model_quantized.onnx"),
    ("decoder_model_merged.onnx", "onnx/decoder_model_merged_quantized.onnx"),
];
const ENCODER: &str = FILES[3].1;
const DECODER: &str = FILES[4].1;

fn repository() -> BTreeMap<String, Vec<u8>> {
    FILES
        .iter()
        .map(|(name, path)| {
            let bytes = fs::read(tree("tests/fixtures/tiny-merged").join(name)).expect("read");
            ((*path).to_owned(), bytes)
        })
        .collect()
}

/// A user's machine: a data folder with the pin of a model, and a hub to get it from.
struct Machine {
    folder: tempfile::TempDir,
    hub: Hub,
}

impl Machine {
    fn new() -> Self {
        Self::with_pin("", "")
    }

    /// Lines for the pin itself, and for its first file.
    fn with_pin(lines: &str, first: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut pin = format!(
            "name = \"small\"\ndescription = \"d\"\ngood-for = \"tests\"\nfamily = \"m2m100\"\n\
             directions = [\"en-id\", \"id-en\"]\nmax-tokens = 256\nlicence = \"MIT\"\n\
             card = \"c\"\nrepository = \"owner/name\"\nrevision = \"main\"\n\
             quantisation = \"float32\"\nbatch-invariant = true\npulled = false\n{lines}"
        );
        for (i, (path, from)) in FILES.iter().enumerate() {
            let first = if i == 0 { first } else { "" };
            pin.push_str(&format!("[[files]]\npath = \"{path}\"\nfrom = \"{from}\"\n{first}"));
        }
        let known = folder.path().join("data/models/known");
        fs::create_dir_all(&known).expect("a folder");
        fs::write(known.join("small.toml"), pin).expect("written");
        Self { folder, hub: Hub::start(repository()) }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn model(&self) -> PathBuf {
        self.data().join("models/small")
    }

    fn part(&self, name: &str) -> PathBuf {
        self.data().join("models/.pull-small").join(format!("{name}.part"))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cermat"));
        for name in [
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "ALL_PROXY",
            "NO_PROXY",
            "http_proxy",
            "https_proxy",
            "all_proxy",
            "no_proxy",
            "HF_TOKEN",
            "HF_TOKEN_PATH",
            "HF_HUB_CACHE",
            "HF_HUB_OFFLINE",
            "SSL_CERT_FILE",
            "CERMAT_MODEL",
            "CERMAT_MODELS",
            "CERMAT_ACCEPT_LICENCE",
        ] {
            command.env_remove(name);
        }
        command
            .env("NO_COLOR", "1")
            .env("CERMAT_NO_CACHE", "1")
            .env("CERMAT_DATA_DIR", self.data())
            .env("HF_HOME", self.folder.path().join("hf"))
            .env("HF_ENDPOINT", &self.hub.server.address)
            .env("CERMAT_RETRIES", "2");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().expect("the program runs")
    }

    fn pull(&self) -> Output {
        self.run(&["models", "pull", "small"])
    }

    /// The pull fails with this exit code and says all of this; nothing is installed.
    #[track_caller]
    fn fails(&self, output: &Output, code: i32, said: &[&str]) {
        let talk = stderr(output);
        assert_eq!(output.status.code(), Some(code), "{talk}");
        for said in said {
            assert!(talk.contains(said), "{said}: {talk}");
        }
        assert!(!talk.contains("panicked"), "{talk}");
        assert!(output.stdout.is_empty());
        assert!(!self.model().exists() && !self.data().join("models/small.toml").exists());
    }

    /// The pull worked and the model is what the repository holds.
    #[track_caller]
    fn works(&self, output: &Output) {
        assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
        let files = self.hub.files.lock().expect("no panic");
        for (name, path) in FILES {
            assert!(fs::read(self.model().join(name)).expect("there") == files[path], "{name}");
        }
        let names: Vec<_> = fs::read_dir(self.model()).expect("a folder").collect();
        assert_eq!(names.len(), FILES.len(), "{names:?}");
        assert!(!self.data().join("models/.pull-small").exists());
    }
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

#[test]
fn from_the_pull_to_the_translation() {
    let machine = Machine::new();
    let listed = stdout(&machine.run(&["models"]));
    assert!(listed.contains("small (known, not installed)"), "{listed}");
    let output = machine.run(&["translate", "--model", "small"]);
    machine.fails(&output, 4, &["cermat models pull small"]);

    let mut command = machine.command();
    let output = command.args(["models", "pull", "small"]).env("HF_TOKEN", "hf_secret").output();
    let output = output.expect("it runs");
    machine.works(&output);
    assert_eq!(stdout(&output).trim(), machine.model().to_string_lossy());
    // The hub saw the token; the host it redirects to did not.
    let (hub, store) = (machine.hub.server.asked(), machine.hub.store.asked());
    assert_eq!((hub.len(), store.len()), (5, 2));
    assert!(hub.iter().all(|asked| asked.headers["authorization"] == "Bearer hf_secret"));
    assert!(!format!("{store:?}").contains("secret"), "{store:?}");
    // After the first answer everything is asked of one commit.
    assert!(hub[0].path.contains("/main/"), "{hub:?}");
    assert!(hub[1..].iter().all(|asked| asked.path.contains(COMMIT)), "{hub:?}");

    let lock = fs::read_to_string(machine.data().join("models/locks/small@main.toml"));
    let lock = lock.expect("a lock");
    for part in [COMMIT, "owner/name", &sha256(&repository()[DECODER])] {
        assert!(lock.contains(part), "{part}: {lock}");
    }

    let listed = stdout(&machine.run(&["models", "list"]));
    assert!(listed.contains("small (installed)") && listed.contains("licence: MIT"), "{listed}");
    assert!(!listed.contains("small (known"), "{listed}");
    let output = machine.run(&["models", "verify", "small"]);
    assert!(stdout(&output).contains("verified"), "{}", stderr(&output));
    assert_eq!(
        stdout(&machine.run(&["models", "path", "small"])),
        format!("{}\n", machine.model().display())
    );

    let library = &common::runtime().path;
    let translate = |arguments: &[&str]| {
        let input = machine.folder.path().join("in.txt");
        fs::write(&input, "Dia membaca buku.\n").expect("written");
        let mut command = machine.command();
        command.args(["translate", "--onnxruntime"]).arg(library).args(arguments).arg(input);
        let output = command.output().expect("it runs");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        stdout(&output)
    };
    let by_name = translate(&["--model", "small"]);
    assert_eq!(by_name.lines().count(), 1);
    assert_ne!(by_name, translate(&[]));
    assert_eq!(stdout(&machine.run(&["models", "default", "small"])), "small\n");
    assert_eq!(by_name, translate(&[]));
    assert!(stdout(&machine.run(&["models"])).contains("small (installed, default)"));

    // A second pull asks nobody.
    machine.hub.server.forget();
    machine.works(&machine.pull());
    assert!(machine.hub.server.asked().is_empty());

    // A file that was damaged is seen, and got again.
    let damaged = machine.model().join("encoder_model.onnx");
    fs::write(&damaged, b"x").expect("written");
    let output = machine.run(&["models", "verify", "small"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stdout(&output).contains("encoder_model.onnx"), "{}", stdout(&output));
    machine.works(&machine.pull());

    let output = machine.run(&["models", "remove", "small"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("the default again"), "{}", stderr(&output));
    assert!(!machine.model().exists());
    assert_eq!(stdout(&machine.run(&["models", "default"])), "cermat-mini\n");
    let output = machine.run(&["models", "remove", "cermat-mini"]);
    machine.fails(&output, 2, &["neither pulled nor added"]);
}

#[test]
fn every_refusal_says_what_to_do() {
    for (status, tries, said) in [
        (401, 1, "set HF_TOKEN"),
        (403, 1, "accept its terms"),
        (404, 1, "no such file, revision or repository"),
        (418, 1, "check HF_ENDPOINT"),
        (429, 2, "too many requests"),
        (500, 2, "out of order"),
        (503, 2, "out of order"),
    ] {
        let machine = Machine::new();
        machine.hub.fault(move |_, _| Answer::new(status, b"no").with("Retry-After", 0));
        let output = machine.pull();
        machine.fails(&output, 4, &[&format!("answers {status}"), "/owner/name/resolve/", said]);
        assert_eq!(machine.hub.server.asked().len(), tries, "{status}");
    }
    let machine = Machine::new();
    machine.hub.fault(|_, _| Answer::new(401, b"no"));
    let output =
        machine.command().args(["models", "pull", "small"]).env("HF_TOKEN", "old").output();
    machine.fails(&output.expect("it runs"), 4, &["the token is not accepted"]);
}

#[test]
fn what_passes_is_tried_again() {
    let machine = Machine::new();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    machine.hub.fault(move |_, answer| match counter.fetch_add(1, Ordering::SeqCst) {
        0 => Answer::new(429, b"").with("Retry-After", 1),
        _ => answer,
    });
    let begun = Instant::now();
    machine.works(&machine.pull());
    assert!(begun.elapsed() >= Duration::from_secs(1), "Retry-After is honoured");
    assert_eq!(count.load(Ordering::SeqCst), 6);

    // A server that asks for an hour is not waited for.
    let machine = Machine::new();
    machine.hub.fault(|_, _| Answer::new(429, b"").with("Retry-After", 3600));
    let begun = Instant::now();
    machine.fails(&machine.pull(), 4, &["try again in 3600 s"]);
    assert!(begun.elapsed() < Duration::from_secs(600));

    // Nobody listens.
    let machine = Machine::new();
    let mut command = machine.command();
    command.env("HF_ENDPOINT", "http://127.0.0.1:9").args(["models", "pull", "small"]);
    let output = command.output().expect("it runs");
    machine.fails(&output, 4, &["no answer", "trying again", "HTTPS_PROXY"]);
}

#[test]
fn a_web_page_is_no_file() {
    let page = b"<!DOCTYPE html><html>Please log in to the Wi-Fi</html>";
    let portal = Server::start(|_| {
        Answer::new(200, b"<html>log in</html>").with("Content-Type", "text/html; charset=utf-8")
    });
    let address = portal.address.clone();
    let faults: [Box<dyn Fn() -> Answer + Send + Sync>; 3] = [
        Box::new(|| Answer::new(200, page).with("Content-Type", "text/html")),
        Box::new(|| Answer::new(200, page)),
        Box::new(move || Answer::new(302, b"").with("Location", format!("{address}/login"))),
    ];
    for fault in faults {
        let machine = Machine::new();
        machine.hub.fault(move |_, _| fault());
        machine.fails(&machine.pull(), 4, &["a web page came", "log in to the network"]);
        assert!(!machine.part("config.json").exists());
    }
}

#[test]
fn a_broken_download_goes_on() {
    let machine = Machine::new();
    machine.hub.store_fault(|asked, answer| match asked.headers.get("range") {
        None => Answer { cut: Some(40_000), ..answer },
        Some(_) => answer,
    });
    let output = machine.pull();
    machine.works(&output);
    assert!(stderr(&output).contains("trying again"), "{}", stderr(&output));
    let asked = machine.hub.store.asked();
    assert_eq!(asked.len(), 4);
    for (i, asked) in asked.iter().enumerate() {
        let range = asked.headers.get("range").map(String::as_str);
        assert_eq!(range, (i % 2 == 1).then_some("bytes=40000-"), "{asked:?}");
        assert_eq!(asked.headers.contains_key("if-range"), i % 2 == 1);
    }
}

/// A run that ends in the middle of the decoder.
fn half(machine: &Machine) {
    machine.hub.store_fault(|asked, answer| {
        let cut = asked.path.contains("decoder").then_some(50_000);
        Answer { cut, ..answer }
    });
    let mut command = machine.command();
    let output = command.args(["models", "pull", "small", "--retries", "1"]).output();
    machine.fails(&output.expect("it runs"), 4, &["pull again to go on from there"]);
    let part = fs::metadata(machine.part("decoder_model_merged.onnx")).expect("a part");
    assert_eq!(part.len(), 50_000);
    machine.hub.heal();
    machine.hub.server.forget();
    machine.hub.store.forget();
}

#[test]
fn the_next_run_goes_on() {
    let machine = Machine::new();
    half(&machine);
    let output = machine.pull();
    machine.works(&output);
    assert!(stderr(&output).contains("encoder_model.onnx (from an earlier pull)"));
    let asked = machine.hub.store.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0].headers["range"], "bytes=50000-");
}

#[test]
fn a_file_that_changed_meanwhile_begins_anew() {
    let machine = Machine::new();
    half(&machine);
    // The same graph, with something after it: field 2 of the model, its producer.
    let more = [&repository()[DECODER][..], b"\x12\x04test"].concat();
    machine.hub.files.lock().expect("no panic").insert(DECODER.to_owned(), more);
    machine.works(&machine.pull());
    let asked = machine.hub.store.asked();
    assert!(asked.iter().all(|asked| !asked.headers.contains_key("range")), "{asked:?}");
}

#[test]
fn a_part_with_wrong_bytes_is_thrown_away() {
    let machine = Machine::new();
    half(&machine);
    let part = machine.part("decoder_model_merged.onnx");
    let mut bytes = fs::read(&part).expect("read");
    bytes[100] ^= 1;
    fs::write(&part, bytes).expect("written");
    machine.works(&machine.pull());
    assert_eq!(machine.hub.store.asked().len(), 2, "the rest, then everything");
}

#[test]
fn wrong_bytes_short_files_and_long_ones() {
    let machine = Machine::new();
    machine.hub.store_fault(|_, mut answer| {
        if let Some(byte) = answer.body.get_mut(1000) {
            *byte ^= 1;
        }
        answer
    });
    machine.fails(&machine.pull(), 4, &["SHA-256", "nothing was kept"]);
    assert!(!machine.part("encoder_model.onnx").exists());
    assert_eq!(machine.hub.store.asked().len(), 1);

    // Whole, as the server says, and shorter than the hub says.
    let machine = Machine::new();
    machine
        .hub
        .store_fault(|_, answer| Answer::new(200, &answer.body[..60_000.min(answer.body.len())]));
    machine.fails(&machine.pull(), 4, &["only 60000 of 65799 bytes came"]);

    let machine = Machine::new();
    machine.hub.store_fault(|_, answer| Answer::new(200, &[&answer.body[..], &[0; 100]].concat()));
    machine.fails(&machine.pull(), 4, &["65899", "expected 65799"]);
    assert!(!machine.part("encoder_model.onnx").exists());

    // A server that knows no ranges, after one that broke.
    let machine = Machine::new();
    half(&machine);
    let whole = repository()[DECODER].clone();
    machine.hub.store_fault(move |_, _| Answer::new(200, &whole));
    machine.works(&machine.pull());
}

#[test]
fn redirects_that_lead_nowhere() {
    for (to, said) in [("", "no address"), ("ftp://x/y", "no address"), ("/again", "in circles")] {
        let machine = Machine::new();
        machine.hub.fault(move |_, _| Answer::new(302, b"").with("Location", to));
        machine.fails(&machine.pull(), 4, &[said]);
        assert!(machine.hub.server.asked().len() <= 11);
    }
    // A repository that has moved.
    let machine = Machine::new();
    machine.hub.fault(|asked, answer| {
        if asked.path.starts_with("/owner/name/") && !asked.path.contains("moved") {
            return Answer::new(307, b"").with("Location", format!("{}?moved", asked.path));
        }
        answer
    });
    machine
        .hub
        .files
        .lock()
        .expect("no panic")
        .extend(repository().into_iter().map(|(path, bytes)| (format!("{path}?moved"), bytes)));
    let output = machine.pull();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
}

#[test]
fn the_lock_holds() {
    let machine = Machine::new();
    machine.works(&machine.pull());
    let change = |path: &str, bytes: &[u8]| {
        machine.run(&["models", "remove", "small"]);
        let mut files = machine.hub.files.lock().expect("no panic");
        *files = repository();
        files.get_mut(path).expect("there").extend(bytes);
        machine.hub.store.forget();
    };
    change(ENCODER, b"\x12\x04test");
    machine.fails(&machine.pull(), 4, &["another file now", "small@main.toml", "--update"]);
    assert!(machine.hub.store.asked().is_empty(), "refused before its bytes come");
    // The hub says no hash of a small file.
    change("config.json", b" ");
    machine.fails(&machine.pull(), 4, &["another file now", "config.json"]);
    let output = machine.run(&["models", "pull", "small", "--update"]);
    machine.works(&output);
    machine.run(&["models", "remove", "small"]);
    machine.works(&machine.pull());

    // A pin with a hash of its own.
    let right = format!("sha256 = \"{}\"\n", sha256(&repository()["config.json"]));
    let machine = Machine::with_pin("", &right);
    machine.works(&machine.pull());
    let machine = Machine::with_pin("", &format!("sha256 = \"{}\"\n", "0".repeat(64)));
    machine.fails(&machine.pull(), 4, &["the pin of `small`"]);
}

#[test]
fn two_at_once_get_one_model() {
    let machine = Machine::new();
    machine.hub.store_fault(|_, answer| Answer { pause: Duration::from_millis(10), ..answer });
    let spawn = || {
        let mut command = machine.command();
        command.args(["models", "pull", "small"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("it runs")
    };
    let both = [spawn(), spawn()].map(|child| child.wait_with_output().expect("it ends"));
    both.iter().for_each(|output| machine.works(output));
    assert_eq!(machine.hub.store.asked().len(), 2, "each file once");
    let talk: String = both.iter().map(stderr).collect();
    assert!(talk.contains("another cermat gets this model; waiting"), "{talk}");
}

#[test]
fn without_asking_anybody() {
    let machine = Machine::new();
    let output = machine.run(&["models", "pull", "small", "--offline"]);
    machine.fails(&output, 4, &["config.json", "--offline forbids"]);
    let output =
        machine.command().args(["models", "pull", "small"]).env("HF_HUB_OFFLINE", "1").output();
    machine.fails(&output.expect("it runs"), 4, &["--offline forbids"]);

    // The hub's own tools have it.
    let home = machine.folder.path().join("hf/hub/models--owner--name");
    let snapshot = home.join("snapshots").join(COMMIT);
    fs::create_dir_all(home.join("refs")).expect("a folder");
    fs::create_dir_all(snapshot.join("onnx")).expect("a folder");
    fs::write(home.join("refs/main"), COMMIT).expect("written");
    for (path, bytes) in repository() {
        fs::write(snapshot.join(path), bytes).expect("written");
    }
    let output = machine.run(&["models", "pull", "small", "--offline"]);
    machine.works(&output);
    assert!(stderr(&output).contains("from the hub's cache"), "{}", stderr(&output));
    assert!(machine.hub.server.asked().is_empty());
}

#[cfg(unix)]
#[test]
fn a_cache_that_leads_elsewhere_is_not_used() {
    let machine = Machine::new();
    let snapshot = machine.folder.path().join("hf/hub/models--owner--name/snapshots").join(COMMIT);
    fs::create_dir_all(&snapshot).expect("a folder");
    let secret = machine.folder.path().join("secret");
    fs::write(&secret, "{}").expect("written");
    std::os::unix::fs::symlink(&secret, snapshot.join("config.json")).expect("a link");
    let output = machine.run(&["models", "pull", &format!("small@{COMMIT}"), "--offline"]);
    machine.fails(&output, 4, &["--offline forbids"]);
}

#[cfg(unix)]
#[test]
fn no_room_and_no_permission() {
    let machine = Machine::new();
    // A file may have 32 blocks of 512 bytes: the disk is full as far as the program can tell.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 32; exec \"$0\" models pull small"]);
    command.arg(env!("CARGO_BIN_EXE_cermat")).env("CERMAT_DATA_DIR", machine.data());
    command.env("HF_ENDPOINT", &machine.hub.server.address).env("HF_HOME", machine.folder.path());
    let output = command.output().expect("it runs");
    machine.fails(&output, 5, &["no room left", "encoder_model.onnx.part", "CERMAT_DATA_DIR"]);
    // With room again it goes on.
    machine.works(&machine.pull());
    let resumed = machine.hub.store.asked();
    assert!(resumed.iter().any(|asked| asked.headers.contains_key("range")), "{resumed:?}");

    let machine = Machine::new();
    let file = machine.folder.path().join("file");
    fs::write(&file, "").expect("written");
    for place in [file.as_path(), Path::new("/proc/cermat"), Path::new("/sys/cermat")] {
        let known = machine.data().join("models");
        let mut command = machine.command();
        command.args(["models", "pull", "small"]).env("CERMAT_DATA_DIR", place);
        let output = command.env("CERMAT_MODELS", known).output().expect("it runs");
        machine.fails(&output, 5, &["cannot write", "CERMAT_DATA_DIR"]);
    }
}

#[test]
fn a_licence_is_accepted_once() {
    let machine = Machine::with_pin("non-commercial = true\n", "");
    machine.fails(&machine.pull(), 2, &["FORBIDS COMMERCIAL USE", "--accept-licence"]);
    assert!(machine.hub.server.asked().is_empty());
    machine.works(&machine.run(&["models", "pull", "small", "--accept-licence"]));
    machine.run(&["models", "remove", "small"]);
    machine.works(&machine.pull());

    let machine = Machine::with_pin("non-commercial = true\n", "");
    let mut command = machine.command();
    let output =
        command.args(["models", "pull", "small"]).env("CERMAT_ACCEPT_LICENCE", "1").output();
    machine.works(&output.expect("it runs"));
}

#[test]
fn names_and_revisions() {
    let machine = Machine::new();
    machine.fails(
        &machine.run(&["models", "pull", "no-such"]),
        2,
        &["no known model", "opus-mt-id-en"],
    );
    machine.fails(&machine.run(&["models", "pull", "small@../x"]), 2, &["is no revision"]);
    for name in ["../small", "a/b", "", "known", "Locks"] {
        let output = machine.run(&["models", "remove", name]);
        machine.fails(&output, 2, &["no name of a model"]);
    }
    machine.works(&machine.run(&["models", "pull", "small@refs/pr/1"]));
    let asked = machine.hub.server.asked();
    assert!(asked[0].path.contains("/resolve/refs%2Fpr%2F1/"), "{asked:?}");
    assert!(machine.data().join("models/locks/small@refs+pr+1.toml").is_file());

    for (name, value, said) in [
        ("HF_ENDPOINT", "hub", "expected an address"),
        ("HF_TOKEN", "a b", "HF_TOKEN"),
        ("SSL_CERT_FILE", "/no/such/file.pem", "SSL_CERT_FILE"),
        ("SSL_CERT_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "no certificate"),
    ] {
        let machine = Machine::new();
        let output = machine.command().args(["models", "pull", "small"]).env(name, value).output();
        machine.fails(&output.expect("it runs"), 2, &[said]);
        assert!(machine.hub.server.asked().is_empty());
    }
}

#[test]
fn a_proxy_is_used() {
    let machine = Machine::new();
    let proxy = Server::start(|_| Answer::new(407, b""));
    let mut command = machine.command();
    command.env("HF_ENDPOINT", "http://hub.invalid").env("HTTP_PROXY", &proxy.address);
    command.env("ALL_PROXY", &proxy.address);
    let output = command.args(["models", "pull", "small"]).output().expect("it runs");
    machine.fails(&output, 4, &["HTTPS_PROXY"]);
    let asked = proxy.asked();
    assert!(!asked.is_empty() && asked[0].path.contains("hub.invalid"), "{asked:?}");
}

#[test]
fn what_is_pulled_is_checked_before_it_is_installed() {
    let machine = Machine::new();
    // The graph goes on: an initializer whose data are in /etc/passwd.
    let entry = [&b"\x0a\x08location\x12\x0b"[..], b"/etc/passwd"].concat();
    let mut tensor = b"\x42\x01w\x70\x01\x6a".to_vec();
    tensor.push(entry.len() as u8);
    tensor.extend(entry);
    let mut graph = vec![0x2a, tensor.len() as u8];
    graph.extend(tensor);
    let mut more = vec![0x3a, graph.len() as u8];
    more.extend(graph);
    machine.hub.files.lock().expect("no panic").get_mut(ENCODER).expect("there").extend(more);
    machine.fails(&machine.pull(), 4, &["encoder_model.onnx", "/etc/passwd", "it is absolute"]);
    assert!(!machine.data().join("models/locks").exists());
}

#[test]
fn the_hubs_own_files_are_judged() {
    let whole = repository();
    let cut = &whole[ENCODER][..whole[ENCODER].len() / 2];
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    for (path, bytes, said) in [
        (ENCODER, cut, &["encoder_model.onnx", "bytes are missing"][..]),
        (ENCODER, pointer, &["encoder_model.onnx", "no ONNX graph"]),
        (ENCODER, &whole[DECODER], &["encoder_model.onnx", "no input `attention_mask`"]),
        (DECODER, &whole[ENCODER], &["decoder_model_merged.onnx", "`encoder_attention_mask`"]),
        ("config.json", b"{", &["config.json", "not valid JSON"]),
        ("config.json", b"{}", &["config.json", "`model_type` is missing"]),
        ("tokenizer.json", b"{}", &["tokenizer.json", "no tokenizer"]),
        ("tokenizer.json", b"\xff\xfe", &["tokenizer.json", "not UTF-8"]),
    ] {
        let machine = Machine::new();
        machine.hub.files.lock().expect("no panic").insert(path.to_owned(), bytes.to_vec());
        machine.fails(&machine.pull(), 4, said);
        assert!(!machine.data().join("models/locks").exists(), "{path}");
        // Nothing of it is left to go on from: when the hub is mended, so is the pull.
        *machine.hub.files.lock().expect("no panic") = repository();
        machine.works(&machine.pull());
    }
    // A size that no file of a model has, and a file that is not there.
    let machine = Machine::new();
    machine.hub.fault(|asked, mut answer| {
        if asked.path.ends_with(".onnx") {
            answer.headers.retain(|(name, _)| name != "X-Linked-Size");
            return answer.with("X-Linked-Size", 1u64 << 40);
        }
        answer
    });
    machine.fails(&machine.pull(), 4, &["1099511627776 bytes are announced", "nothing was kept"]);
    assert!(!machine.part("encoder_model.onnx").exists());
    let machine = Machine::new();
    machine.hub.files.lock().expect("no panic").remove("tokenizer.json");
    machine.fails(&machine.pull(), 4, &["answers 404", "tokenizer.json", "no such file"]);
}

#[test]
fn a_rest_of_something_else_is_not_taken() {
    let machine = Machine::new();
    half(&machine);
    machine.hub.store_fault(|asked, mut answer| {
        if asked.headers.contains_key("range") {
            answer.headers.retain(|(name, _)| name != "Content-Range");
            return answer.with("Content-Range", "bytes 7-99/100");
        }
        answer
    });
    machine.works(&machine.pull());
}

#[test]
fn a_large_graph_is_pulled_once_and_mapped() {
    let machine = Machine::new();
    // An initializer of 64 MiB, behind the graph: its raw data (9) in a tensor (5) in a graph (7).
    let field = |number: u8, content: Vec<u8>| {
        let mut out = vec![number << 3 | 2];
        let length = content.len();
        out.extend((0..4).map(|i| (length >> (7 * i)) as u8 & 0x7f | 0x80));
        out.push((length >> 28) as u8);
        out.extend(content);
        out
    };
    let count = (MAPPED_GRAPH_BYTES / 4) as usize;
    let mut tensor = vec![0x08];
    tensor.extend((0..4).map(|i| (count >> (7 * i)) as u8 & 0x7f | 0x80));
    tensor.extend([0, 0x10, 1, 0x42, 3, b'p', b'a', b'd']);
    tensor.extend(field(9, vec![0; count * 4]));
    let more = field(7, field(5, tensor));
    machine.hub.files.lock().expect("no panic").get_mut(ENCODER).expect("there").extend(more);
    let output = machine.pull();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let data = machine.model().join("encoder_model.onnx_data");
    assert_eq!(fs::metadata(&data).expect("there").len(), MAPPED_GRAPH_BYTES);
    let output = machine.run(&["models", "verify", "small"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    // It is known for what the lock says, though its files are others.
    machine.hub.server.forget();
    assert_eq!(machine.pull().status.code(), Some(0));
    assert!(machine.hub.server.asked().is_empty());
    machine.run(&["models", "remove", "small"]);
    machine.works(&machine.run(&["models", "pull", "small", "--as-is"]));
}

#[cfg(unix)]
#[test]
fn an_interruption_keeps_what_came() {
    let machine = Machine::new();
    machine.hub.store_fault(|_, answer| Answer { pause: Duration::from_millis(100), ..answer });
    let mut command = machine.command();
    command.args(["models", "pull", "small"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it runs");
    let part = machine.part("encoder_model.onnx");
    let begun = Instant::now();
    while !part.exists() && begun.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(400));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("sent");
    let output = child.wait_with_output().expect("it ends");
    machine.fails(&output, 130, &["interrupted"]);
    assert!(fs::metadata(&part).expect("a part").len() > 0);
    // Who does not want to go on gets rid of it.
    assert_eq!(machine.run(&["models", "remove", "small"]).status.code(), Some(0));
    assert!(!part.exists());
    machine.hub.heal();
    machine.works(&machine.pull());
}

/// A hub behind TLS that has nothing; its authority is one that nobody knows.
fn behind_tls() -> String {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
    use std::io::{Read as _, Write as _};

    let pem = |name: &str| tree("tests/fixtures/tls").join(name);
    let certificate = CertificateDer::from_pem_file(pem("server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(pem("server.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a pair");
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("https://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).expect("valid");
            let mut stream = rustls::StreamOwned::new(connection, stream);
            let mut buffer = [0; 4096];
            if stream.read(&mut buffer).is_ok_and(|read| read > 0) {
                let answer = b"HTTP/1.1 404 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                let _ = stream.write_all(answer);
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    address
}

#[test]
fn an_authority_of_ones_own_is_trusted_when_it_is_named() {
    let machine = Machine::new();
    let address = behind_tls();
    let pull = |certificates: Option<PathBuf>| {
        let mut command = machine.command();
        command.args(["models", "pull", "small"]).env("HF_ENDPOINT", &address);
        command.envs(certificates.map(|path| ("SSL_CERT_FILE", path)));
        command.output().expect("it runs")
    };
    machine.fails(&pull(None), 4, &["SSL_CERT_FILE", "certificate"]);
    machine.fails(&pull(Some(tree("tests/fixtures/tls/ca.pem"))), 4, &["answers 404"]);
}
