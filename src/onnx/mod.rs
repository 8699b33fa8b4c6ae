//! Translation models through ONNX Runtime: the only module that names `ort`.
//!
//! - `library` finds and loads the shared library;
//! - `device` is where it runs;
//! - `files` chooses the graphs of a folder;
//! - `session` builds a session and checks its tensors;
//! - `tokenizer` turns text into ids with byte spans, with `sentencepiece` for the models that have
//!   no `tokenizer.json`;
//! - `seq2seq` runs one batch on one thread: encoder once, then search (`search`) and forced
//!   decoding (`forced`);
//! - `pool` packs requests into batches, feeds workers and restores the order;
//! - `family` is what differs from one architecture to the next.

mod device;
mod family;
mod files;
mod forced;
mod library;
mod math;
mod pool;
mod search;
mod sentencepiece;
mod seq2seq;
mod session;
mod tokenizer;

pub use device::{Device, DeviceError};
pub use files::Precision;
pub use library::{LibraryError, Place, Runtime, VERSION};
pub use pool::{Pool, PoolOptions};

use std::error::Error;

use crate::model::InferError;

/// Keeps the cause of a failure of the runtime.
fn run_error<E: Error + Send + Sync + 'static>(what: &'static str) -> impl FnOnce(E) -> InferError {
    move |source| InferError::Run { what, source: Box::new(source) }
}
