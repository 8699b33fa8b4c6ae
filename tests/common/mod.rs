//! What the integration tests share.
#![allow(dead_code, reason = "no test file uses all of it")]

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use cermat::{
    cli::library_places,
    model::find_model,
    onnx::{Pool, PoolOptions, Runtime},
};

/// The ONNX Runtime library, loaded once a process from where the program looks for it.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        Runtime::load(&library_places(None)).unwrap_or_else(|error| {
            panic!("{error}\nscripts/test sets the library up; or set ORT_DYLIB_PATH")
        })
    })
}

/// A path in the source tree.
pub fn tree(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs `command` with this on its standard input.
pub fn with_input(command: &mut Command, input: &[u8]) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the program runs");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.to_vec();
    // Beside the reading: a program that answers early would wait for it.
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().expect("it ends");
    let _ = writer.join();
    output
}

/// A model of `tests/fixtures/`, or the folder at this path.
pub fn open(folder: &str, options: PoolOptions) -> Pool {
    let folder = find_model(&tree(folder).to_string_lossy(), &[]).expect("a model folder");
    Pool::open(runtime(), &folder, options).unwrap_or_else(|error| panic!("{folder:?}: {error}"))
}
