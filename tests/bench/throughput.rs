//! Translation and forced decoding, timed: one row of `scripts/bench`.
//!
//! ```text
//! cargo bench --bench throughput -- MODEL SOURCE.txt TARGET.txt BATCH [WORKERS]
//! ```
//!
//! SOURCE is Indonesian, TARGET English, a sentence a line. Prints two lines of tab-separated
//! values: `translate` or `force`, sentences a second, target tokens a second, peak memory of the
//! process in MiB, seconds to open the model. Greedy search; nothing is timed before a first
//! batch has run. Run by `cargo test` or without arguments it does nothing.

#![allow(clippy::print_stdout, reason = "it is a program")]

use std::{path::Path, time::Instant};

use cermat::{
    cli::library_places,
    model::{DecodeOptions, Request, TranslationModel as _, find_model},
    onnx::{Pool, PoolOptions, Runtime},
    text::Direction,
};

/// Peak resident memory in MiB; 0 where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let [model, source, target, batch, rest @ ..] = arguments.as_slice() else { return };
    let runtime = Runtime::load(&library_places(None)).expect("ONNX Runtime");
    let begun = Instant::now();
    let folder = find_model(model, &[]).expect("a model");
    let options = PoolOptions {
        workers: Some(rest.first().map_or(1, |n| n.parse().expect("a number"))),
        max_batch: batch.parse().expect("a number"),
        // The number of sentences alone decides, as it does for the others.
        batch_tokens: usize::MAX,
        ..PoolOptions::default()
    };
    let mut pool = Pool::open(&runtime, &folder, options).expect("a model that opens");
    let opened = begun.elapsed().as_secs_f64();
    let read = |path: &str| std::fs::read_to_string(Path::new(path)).expect("a text");
    let (source, target) = (read(source), read(target));
    let pairs: Vec<(&str, &str)> = source.lines().zip(target.lines()).collect();
    for (name, search) in [("translate", true), ("force", false)] {
        let requests: Vec<Request<'_>> = pairs
            .iter()
            .map(|(source, target)| Request {
                search,
                force: (!search).then_some(*target),
                ..Request::new(source, Direction::IdEn)
            })
            .collect();
        let warm = requests.len().min(8);
        pool.run(&requests[..warm], &DecodeOptions::default(), &mut |_| {}).expect("it runs");
        let begun = Instant::now();
        let answers = pool.run(&requests, &DecodeOptions::default(), &mut |_| {}).expect("it runs");
        let seconds = begun.elapsed().as_secs_f64();
        let tokens: usize = answers
            .iter()
            .flatten()
            .map(|answer| {
                let found = answer.hypothesis.as_ref().map_or(0, |found| found.ids.len() + 1);
                found + answer.forced.as_ref().map_or(0, |forced| forced.tokens.len() + 1)
            })
            .sum();
        println!(
            "{name}\t{:.1}\t{:.0}\t{}\t{opened:.3}",
            pairs.len() as f64 / seconds,
            tokens as f64 / seconds,
            peak()
        );
    }
}
