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
#[path = "common/golden.rs"]
mod file;

use std::{
    fs,
    path::{Path, PathBuf},
};

use cermat::{
    model::{DecodeOptions, ForcedDecoding, Request, Response, TranslationModel as _},
    onnx::{PoolOptions, Precision},
};
use file::{Case, Golden};

/// |Δ log p| of a token allowed, in nats.
const TOLERANCE: f32 = 1e-4;
/// The same between f16 and transformers' float64. Measured: at most 0.02, `models/README.md`.
const HALF_TOLERANCE: f32 = 0.05;
/// The mean of it between eight bits and float64. Measured: at most 0.05, `models/README.md`.
const INT8_MEAN: f64 = 0.1;

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
    /// The mean of it.
    mean: f64,
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
    Golden::read(&folder.join("golden.json"))
}

/// Values of a forced decoding, the end's last.
fn values(forced: &ForcedDecoding) -> Vec<f32> {
    let tokens = forced.tokens.iter().map(|token| token.log_prob);
    tokens.chain([forced.eos_log_prob]).collect()
}

fn differences(golden: &Golden, folder: &Path, options: PoolOptions) -> Differences {
    let mut pool = common::open(&folder.to_string_lossy(), options);
    let requests = golden.requests();
    let mut out = Differences { cases: golden.cases.len(), ..Differences::default() };
    let (mut sum, mut count) = (0.0, 0);
    for beams in [1, golden.settings.beams] {
        let responses = pool.run(&requests, &golden.settings.search(beams), &mut |_| {}).unwrap();
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
            let ours = values(&forced);
            if ours.len() == case.log_probs.len() {
                for (ours, theirs) in ours.iter().zip(&case.log_probs) {
                    let gap = (ours - theirs).abs();
                    out.worst = out.worst.max(gap);
                    (sum, count) = (sum + f64::from(gap), count + 1);
                }
            } else {
                out.tokens += usize::from(beams == 1);
            }
            assert_eq!(case.target_ids.len() + 1, case.log_probs.len());
        }
    }
    out.mean = sum / f64::from(count.max(1));
    out
}

/// Largest |Δ log p| to what ONNX Runtime makes of the same graphs, called sentence by sentence.
fn to_runtime(
    golden: &Golden,
    folder: &Path,
    precision: Precision,
    theirs: fn(&Case) -> &[f32],
) -> f32 {
    let options = PoolOptions { max_batch: 1, precision: Some(precision), ..workers() };
    let mut pool = common::open(&folder.to_string_lossy(), options);
    let requests: Vec<Request<'_>> =
        golden.requests().into_iter().map(|request| Request { search: false, ..request }).collect();
    let responses = pool.run(&requests, &DecodeOptions::default(), &mut |_| {}).unwrap();
    let mut worst = 0.0f32;
    for (case, response) in golden.cases.iter().zip(responses) {
        let ours = values(&response.expect("nothing is skipped").forced.unwrap());
        assert_eq!(ours.len(), theirs(case).len(), "{}", case.target);
        let gaps = ours.iter().zip(theirs(case)).map(|(a, b)| (a - b).abs());
        worst = gaps.fold(worst, f32::max);
    }
    worst
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
         text differs | target cut otherwise | worst Δ log p of a token | mean | \
         of a sequence, by token | worst Δ to ONNX Runtime |"
    );
    println!("|{}", " --- |".repeat(12));
    for family in ["m2m100", "nllb", "marian"] {
        let golden = golden(&root.join(family));
        assert!(golden.cases.len() >= 400, "200 a direction");
        for (layout, own) in [
            ("split", Precision::Fp32),
            ("split", Precision::Fp16),
            ("merged", Precision::Fp32),
            ("merged", Precision::Fp16),
            ("hub", Precision::Fp32),
            ("hub", Precision::Int8),
        ] {
            let folder = root.join(family).join(layout);
            let found = differences(&golden, &folder, precision(own));
            let runtime = match (layout, own) {
                ("merged", Precision::Fp16) => {
                    Some(to_runtime(&golden, &folder, own, |case| &case.fp16))
                }
                ("hub", Precision::Int8) => {
                    Some(to_runtime(&golden, &folder, own, |case| &case.int8))
                }
                _ => None,
            };
            println!(
                "| {family} | {layout} | {} | {} ({}) | {} | {} | {} | {} | {:.1e} | {:.1e} | \
                 {:.1e} | {} |",
                own.name(),
                found.cases,
                golden.dropped,
                found.greedy,
                found.beam,
                found.texts,
                found.tokens,
                found.worst,
                found.mean,
                found.worst_found,
                runtime.map_or_else(String::new, |worst| format!("{worst:.1e}")),
            );
            let good = match own {
                Precision::Fp32 => found.none(),
                Precision::Fp16 => found.tokens == 0 && found.worst < HALF_TOLERANCE,
                Precision::Int8 => found.tokens == 0 && found.mean < INT8_MEAN,
            };
            if !good || runtime.is_some_and(|worst| worst > TOLERANCE) {
                failed.push(format!("{family} {layout} {}: {found:?} {runtime:?}", own.name()));
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
