//! cermat.

pub mod checks;
#[cfg(feature = "cli")]
pub mod cli;
pub mod document;
pub mod engine;
pub mod evidence;
pub mod finding;
pub mod gate;
pub mod lexicon;
pub mod model;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod report;
pub mod reporter;
pub mod text;
