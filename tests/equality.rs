//! Every family against transformers: sequences token for token, log-probabilities within 1e-4.
//!
//! `tests/fixtures/families` is made by `scripts/families.py --fixtures`. The whole comparison, all
//! layouts and 200 sentences a direction, wants what that program writes without the flag:
//!
//! ```text
//! scripts/families.py /tmp/families
//! CERMAT_FAMILIES=/tmp/families cargo test --test equality -- --include-ignored --nocapture
//! ```

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "it prints a table")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use cermat::{
    model::{DecodeOptions, Request, Response, TranslationModel as _},
    onnx::{PoolOptions, Precision},
};
use serde::Deserialize;

/// |Δ log p| of a token allowed, in nats.
const TOLERANCE: f32 = 1e-4;
/// The same between f16 and transformers' float64: a bound against nonsense, not a promise.
const HALF_TOLERANCE: f32 = 0.2;

#[derive(Deserialize)]
struct Golden {
    settings: Settings,
    dropped: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Settings {
    max_tokens: usize,
    beams: usize,
    length_penalty: f32,
}

#[derive(Deserialize)]
struct Case {
    direction: String,
    source: String,
    greedy: Expected,
    beam: Expected,
    target: String,
    target_ids: Vec<u32>,
    log_probs: Vec<f32>,
}

#[derive(Deserialize)]
struct Expected {
    ids: Vec<u32>,
    ended: bool,
    text: String,
    log_prob: f32,
}

/// What differs between a folder and the golden file.
#[derive(Debug, Default)]
struct Differences {
    cases: usize,
    greedy: usize,
    beam: usize,
    texts: usize,
    /// Targets that the tokenizer cut otherwise: their log-probabilities cannot be compared.
    tokens: usize,
    /// Largest |Δ log p| of a token.
    worst: f32,
    /// Largest |Δ log p| of a sequence found, by its tokens.
    worst_found: f32,
}

impl Differences {
    fn none(&self) -> bool {
        self.greedy + self.beam + self.texts + self.tokens == 0
            && self.worst < TOLERANCE
            && self.worst_found < TOLERANCE
    }
}

fn golden(folder: &Path) -> Golden {
    let path = folder.join("golden.json");
    serde_json::from_str(&fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path:?}: {e}")))
        .unwrap()
}

fn differences(golden: &Golden, folder: &Path, options: PoolOptions) -> Differences {
    let mut pool = common::open(&folder.to_string_lossy(), options);
    let requests: Vec<Request<'_>> = golden
        .cases
        .iter()
        .map(|case| Request {
            search: true,
            force: Some(&case.target),
            ..Request::new(&case.source, case.direction.parse().unwrap())
        })
        .collect();
    let mut out = Differences { cases: golden.cases.len(), ..Differences::default() };
    for beams in [1, golden.settings.beams] {
        let search = DecodeOptions {
            beams,
            length_penalty: golden.settings.length_penalty,
            max_tokens: golden.settings.max_tokens,
            max_ratio: f32::INFINITY,
            loop_guard: false,
        };
        let responses = pool.run(&requests, &search, &mut |_| {}).unwrap();
        for (case, response) in golden.cases.iter().zip(responses) {
            let Response { hypothesis, forced, .. } = response.expect("nothing is skipped");
            let (found, forced) = (hypothesis.unwrap(), forced.unwrap());
            let expected = if beams == 1 { &case.greedy } else { &case.beam };
            let same = found.ids == expected.ids && found.stopped.is_none() == expected.ended;
            if same {
                out.texts += usize::from(found.text != expected.text.trim());
                let tokens = expected.ids.len() as f32 + 1.0;
                let gap = (found.log_prob - expected.log_prob).abs() / tokens;
                out.worst_found = out.worst_found.max(gap);
            } else if beams == 1 {
                out.greedy += 1;
            } else {
                out.beam += 1;
            }
            let ours = forced.tokens.iter().map(|token| token.log_prob);
            let ours: Vec<f32> = ours.chain([forced.eos_log_prob]).collect();
            if ours.len() == case.log_probs.len() {
                let gaps = ours.iter().zip(&case.log_probs).map(|(a, b)| (a - b).abs());
                out.worst = gaps.fold(out.worst, f32::max);
            } else {
                out.tokens += usize::from(beams == 1);
            }
            assert_eq!(case.target_ids.len() + 1, case.log_probs.len());
        }
    }
    out
}

fn workers() -> PoolOptions {
    PoolOptions { workers: Some(2), threads: Some(1), ..PoolOptions::default() }
}

fn precision(precision: Precision) -> PoolOptions {
    PoolOptions { precision: Some(precision), ..workers() }
}

fn fixtures() -> PathBuf {
    common::tree("tests/fixtures/families")
}

#[test]
fn m2m100_with_its_sentencepiece_model() {
    let folder = fixtures().join("m2m100");
    let golden = golden(&folder);
    let found = differences(&golden, &folder.join("split"), workers());
    assert!(found.none() && found.cases >= 50, "{found:?}");
    let found = differences(&golden, &folder.join("split"), precision(Precision::Fp16));
    assert!(found.worst > TOLERANCE && found.worst < HALF_TOLERANCE, "{found:?}");
    assert!(found.greedy < found.cases / 2, "{found:?}");
}

#[test]
fn nllb_in_the_folders_of_the_hub() {
    let folder = fixtures().join("nllb");
    let found = differences(&golden(&folder), &folder.join("hub"), workers());
    assert!(found.none() && found.cases >= 50, "{found:?}");
}

#[test]
fn marian_as_a_pair() {
    let folder = fixtures().join("marian");
    let found = differences(&golden(&folder), &folder.join("merged"), workers());
    assert!(found.none() && found.cases >= 50, "{found:?}");
}

#[test]
fn a_marian_model_alone_has_one_direction() {
    let folder = fixtures().join("marian/merged/id-en");
    let pool = common::open(&folder.to_string_lossy(), workers());
    let directions: Vec<&str> = pool.info().directions.iter().map(|d| d.code()).collect();
    assert_eq!(directions, ["id-en"]);
    assert_eq!(pool.info().family, "marian");
}

/// A copy of `from` that a test may damage.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
}

#[test]
fn changed_weights_are_seen() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, damaged) = (fixtures().join("marian"), scratch.path().join("pair"));
    copy(&folder.join("merged"), &damaged);
    let graph = damaged.join("id-en/encoder_model.onnx");
    let mut bytes = fs::read(&graph).unwrap();
    // Sixteen weights behind the first tensor `[V, 16]` turn their signs.
    let marker = b"\x08\x10"; // `dims`
    let at = bytes.windows(2).position(|window| window == marker).unwrap() + 200;
    let at = at + (4 - at % 4);
    for i in (0..64).map(|i| at + i) {
        bytes[i] ^= 0x80;
    }
    fs::write(&graph, bytes).unwrap();
    let found = differences(&golden(&folder), &damaged, workers());
    assert!(!found.none(), "{found:?}");
}

#[test]
fn one_exchanged_piece_is_seen() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, damaged) = (fixtures().join("marian"), scratch.path().join("pair"));
    copy(&folder.join("merged"), &damaged);
    let path = damaged.join("id-en/vocab.json");
    let text = fs::read_to_string(&path).unwrap();
    let changed = text.replace("\"a\":", "\"¶\":").replace("\"e\":", "\"a\":");
    let changed = changed.replace("\"¶\":", "\"e\":");
    assert_ne!(text, changed);
    fs::write(&path, changed).unwrap();
    let found = differences(&golden(&folder), &damaged, workers());
    assert!(!found.none(), "{found:?}");
}

#[test]
fn the_wrong_side_is_seen() {
    // What merging the two tokenizers of a pair would do.
    let scratch = tempfile::tempdir().unwrap();
    let (folder, damaged) = (fixtures().join("marian"), scratch.path().join("pair"));
    copy(&folder.join("merged"), &damaged);
    fs::copy(damaged.join("id-en/source.spm"), damaged.join("id-en/target.spm")).unwrap();
    let found = differences(&golden(&folder), &damaged, workers());
    assert!(!found.none(), "{found:?}");
}

#[test]
#[ignore = "wants CERMAT_FAMILIES, the folder that scripts/families.py wrote"]
fn every_family_in_every_layout() {
    let root = std::env::var_os("CERMAT_FAMILIES").expect("CERMAT_FAMILIES is set");
    let root = PathBuf::from(root);
    let mut failed = Vec::new();
    println!(
        "| family | layout | precision | cases (dropped) | greedy differs | beam differs | \
         text differs | target cut otherwise | worst Δ log p of a token | of a sequence, by token |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for family in ["m2m100", "nllb", "marian"] {
        let golden = golden(&root.join(family));
        assert!(golden.cases.len() >= 400, "200 a direction");
        for (layout, precisions) in [
            ("split", &[Precision::Fp32, Precision::Fp16][..]),
            ("merged", &[Precision::Fp32]),
            ("hub", &[Precision::Fp32, Precision::Int8]),
        ] {
            for own in precisions {
                let folder = root.join(family).join(layout);
                let found = differences(&golden, &folder, precision(*own));
                println!(
                    "| {family} | {layout} | {} | {} ({}) | {} | {} | {} | {} | {:.1e} | {:.1e} |",
                    own.name(),
                    found.cases,
                    golden.dropped,
                    found.greedy,
                    found.beam,
                    found.texts,
                    found.tokens,
                    found.worst,
                    found.worst_found
                );
                let good = match own {
                    Precision::Fp32 => found.none(),
                    Precision::Fp16 => found.worst < HALF_TOLERANCE,
                    // Random weights suffer more than trained ones: it has to run, not to agree.
                    Precision::Int8 => found.worst.is_finite(),
                };
                if !good {
                    failed.push(format!("{family} {layout} {}: {found:?}", own.name()));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
