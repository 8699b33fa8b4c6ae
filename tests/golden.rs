//! Search and forced decoding against transformers, and against themselves in other batches.
//!
//! `tests/golden/tiny.json` is made by `scripts/golden.py` from the model of
//! `scripts/tiny_model.py`; its schema stands in the former.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;
#[path = "common/golden.rs"]
mod file;

use cermat::{
    model::{DecodeOptions, Request, Response, TranslationModel as _},
    onnx::{Pool, PoolOptions},
    text::Direction,
};
use file::Golden;

/// |Δ log p| allowed, in nats.
const TOLERANCE: f32 = 1e-4;

fn golden() -> Golden {
    Golden::read(&common::tree("tests/golden/tiny.json"))
}

fn run(pool: &mut Pool, requests: &[Request<'_>], options: &DecodeOptions) -> Vec<Response> {
    let responses = pool.run(requests, options, &mut |_| {}).unwrap();
    responses.into_iter().map(|response| response.expect("nothing is skipped")).collect()
}

fn workers(workers: usize) -> PoolOptions {
    PoolOptions { workers: Some(workers), ..PoolOptions::default() }
}

fn compare(folder: &str) {
    let golden = golden();
    assert!(golden.cases.len() >= 50);
    let requests = golden.requests();
    let mut pool = common::open(folder, workers(2));
    for beams in [1, golden.settings.beams] {
        let responses = run(&mut pool, &requests, &golden.settings.search(beams));
        for (case, response) in golden.cases.iter().zip(&responses) {
            let what = format!("{folder}, {} beam(s), {} {:?}", beams, case.direction, case.source);
            let expected = if beams == 1 { &case.greedy } else { &case.beam };
            let found = response.hypothesis.as_ref().unwrap();
            assert_eq!(found.ids, expected.ids, "{what}");
            assert_eq!(found.text, expected.text.trim(), "{what}");
            assert_eq!(found.stopped.is_none(), expected.ended, "{what}");
            let gap = (found.log_prob - expected.log_prob).abs();
            let tokens = expected.ids.len() as f32 + 1.0;
            assert!(gap < TOLERANCE * tokens, "{what}: {} {}", found.log_prob, expected.log_prob);

            let forced = response.forced.as_ref().unwrap();
            let ours = forced.tokens.iter().map(|token| token.log_prob);
            let ours: Vec<f32> = ours.chain([forced.eos_log_prob]).collect();
            assert_eq!(ours.len(), case.log_probs.len(), "{what}");
            for (ours, theirs) in ours.iter().zip(&case.log_probs) {
                assert!((ours - theirs).abs() < TOLERANCE, "{what}: {ours} {theirs}");
            }
        }
    }
}

#[test]
fn equals_transformers() {
    compare("tests/fixtures/tiny");
}

#[test]
fn equals_transformers_in_optimums_layout() {
    compare("tests/fixtures/tiny-optimum");
}

#[test]
fn equals_transformers_in_the_merged_layout() {
    compare("tests/fixtures/tiny-merged");
}

/// How far the scores of two runs are apart, in nats, and how many translations differ.
fn apart(one: &[Response], other: &[Response]) -> (f32, usize) {
    let mut worst = 0.0f32;
    let mut different = 0;
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (a.forced.as_ref().unwrap(), b.forced.as_ref().unwrap());
        worst = worst.max((a.eos_log_prob - b.eos_log_prob).abs());
        for (a, b) in a.tokens.iter().zip(&b.tokens) {
            assert_eq!(a.span, b.span);
            worst = worst.max((a.log_prob - b.log_prob).abs());
        }
    }
    for (a, b) in one.iter().zip(other) {
        different +=
            usize::from(a.hypothesis.as_ref().unwrap().ids != b.hypothesis.as_ref().unwrap().ids);
    }
    (worst, different)
}

fn independent(folder: &str, search: &DecodeOptions) {
    let golden = golden();
    let requests = golden.requests();
    let single = |options: PoolOptions| PoolOptions { max_batch: 1, ..options };
    let alone = run(&mut common::open(folder, single(workers(1))), &requests, search);
    let ways = [
        ("one worker, batches", workers(1)),
        ("three workers, batches", workers(3)),
        ("batches of 8", PoolOptions { max_batch: 8, ..workers(2) }),
        ("batches of few tokens", PoolOptions { batch_tokens: 64, ..workers(2) }),
    ];
    for (way, options) in ways {
        let mut pool = common::open(folder, options);
        let (worst, different) = apart(&alone, &run(&mut pool, &requests, search));
        assert!(worst < TOLERANCE, "{folder}, {way}: {worst} nats apart");
        assert_eq!(different, 0, "{folder}, {way}");

        let backwards: Vec<Request<'_>> = requests.iter().rev().copied().collect();
        let mut reversed = run(&mut pool, &backwards, search);
        reversed.reverse();
        let (worst, different) = apart(&alone, &reversed);
        assert!(worst < TOLERANCE, "{folder}, {way}, reversed: {worst} nats apart");
        assert_eq!(different, 0, "{folder}, {way}, reversed");
    }
}

#[test]
fn batch_order_and_workers_do_not_matter() {
    let golden = golden();
    independent("tests/fixtures/tiny", &golden.settings.search(1));
    independent("tests/fixtures/tiny-optimum", &golden.settings.search(1));
    independent("tests/fixtures/tiny-merged", &golden.settings.search(4));
}

#[test]
fn batch_order_and_workers_do_not_matter_to_the_bundled_model() {
    let bundled = cermat::model::default_model(&[common::tree("models")]).unwrap();
    independent(
        &bundled.path.to_string_lossy(),
        &DecodeOptions { max_tokens: 40, ..DecodeOptions::default() },
    );
}

#[test]
fn a_changed_target_scores_otherwise() {
    // What the comparisons above would miss if every score were a constant.
    let golden = golden();
    let mut pool = common::open("tests/fixtures/tiny", workers(1));
    let search = golden.settings.search(1);
    let requests = golden.requests();
    let swapped: Vec<Request<'_>> =
        requests.iter().map(|r| Request { source: "Buku lain", ..*r }).collect();
    let (one, other) = (run(&mut pool, &requests, &search), run(&mut pool, &swapped, &search));
    let (worst, different) = apart(&one, &other);
    assert!(worst > 0.1 && different > 10, "{worst} nats, {different} translations");
}

#[test]
fn guards_end_loops_and_long_translations() {
    let golden = golden();
    let mut pool = common::open("tests/fixtures/tiny", workers(1));
    let requests = golden.requests();
    let guarded = DecodeOptions { max_tokens: 200, ..DecodeOptions::default() };
    let responses = run(&mut pool, &requests, &guarded);
    let stopped = |kind| {
        let of = |r: &&Response| r.hypothesis.as_ref().unwrap().stopped == Some(kind);
        responses.iter().filter(of).count()
    };
    assert!(stopped(cermat::model::Stop::Loop) > 0);
    for (request, response) in requests.iter().zip(&responses) {
        let found = response.hypothesis.as_ref().unwrap();
        // Tokens are at most as many as bytes, with the language and end tokens.
        assert!(found.ids.len() <= guarded.limit(request.source.len() + 3), "{}", found.text);
    }
}

#[test]
fn spans_of_tokens_cover_the_words() {
    let mut pool = common::open("tests/fixtures/tiny", workers(1));
    let target = "Harga 1.000 “naik” di Zürich 世界!";
    let request = Request { force: Some(target), ..Request::new("x", Direction::EnId) };
    let responses = run(&mut pool, &[request], &DecodeOptions::default());
    let forced = responses[0].forced.as_ref().unwrap();
    let words: Vec<&str> = forced.words().map(|(span, _)| span.of(target)).collect();
    assert_eq!(words, ["Harga", "1.000", "“naik”", "di", "Zürich", "世界!"]);
    let sum: f32 = forced.words().map(|(_, nats)| nats).sum();
    assert!((sum + forced.eos_log_prob - forced.log_prob()).abs() < 1e-3);
}
