//! What transformers makes of a model, as `scripts/golden.py` and `scripts/families.py` write it.
#![allow(dead_code, reason = "no test file uses all of it")]

use std::{fs, path::Path};

use cermat::model::{DecodeOptions, Request};
use serde::Deserialize;

#[derive(Deserialize)]
pub struct Golden {
    pub settings: Settings,
    /// Sentences left out because they hang on a tie.
    #[serde(default)]
    pub dropped: usize,
    pub cases: Vec<Case>,
}

#[derive(Deserialize)]
pub struct Settings {
    pub max_tokens: usize,
    pub beams: usize,
    pub length_penalty: f32,
}

#[derive(Deserialize)]
pub struct Case {
    pub direction: String,
    pub source: String,
    pub greedy: Expected,
    pub beam: Expected,
    pub target: String,
    pub target_ids: Vec<u32>,
    /// Nats of each of `target_ids` and of the end.
    pub log_probs: Vec<f32>,
    /// The same by ONNX Runtime from graphs of less precision; empty where there are none.
    #[serde(default)]
    pub fp16: Vec<f32>,
    #[serde(default)]
    pub int8: Vec<f32>,
}

#[derive(Deserialize)]
pub struct Expected {
    pub ids: Vec<u32>,
    pub ended: bool,
    pub text: String,
    pub log_prob: f32,
}

impl Golden {
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        serde_json::from_str(&text).expect("a golden file")
    }

    /// Search and forced decoding of every case.
    pub fn requests(&self) -> Vec<Request<'_>> {
        let cases = self.cases.iter();
        cases
            .map(|case| {
                let direction = case.direction.parse().expect("a direction");
                let plain = Request::new(&case.source, direction);
                Request { search: true, force: Some(&case.target), ..plain }
            })
            .collect()
    }
}

impl Settings {
    /// The search that was compared with: no guards.
    pub fn search(&self, beams: usize) -> DecodeOptions {
        DecodeOptions {
            beams,
            length_penalty: self.length_penalty,
            max_tokens: self.max_tokens,
            max_ratio: f32::INFINITY,
            loop_guard: false,
        }
    }
}
