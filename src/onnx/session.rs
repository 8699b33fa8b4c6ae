//! Sessions with their tensors checked.

use std::path::Path;

use ort::session::{
    Session,
    builder::{GraphOptimizationLevel, SessionBuilder},
};

use super::Runtime;
use crate::model::ModelError;

/// Opens `path` for one thread.
///
/// One intra-op thread a session: two workers of one thread each were faster than one worker of
/// two threads in 15 of 16 measured pairs.
pub(super) fn open(runtime: &Runtime, path: &Path) -> Result<Session, ModelError> {
    let failed = |source: ort::Error| ModelError::Session {
        path: path.to_owned(),
        source: Box::new(source),
    };
    if !path.is_file() {
        return Err(ModelError::Io {
            path: path.to_owned(),
            source: std::io::ErrorKind::NotFound.into(),
        });
    }
    #[expect(clippy::result_large_err, reason = "ort gives the builder back; it goes no further")]
    let builder = |builder: SessionBuilder| -> Result<SessionBuilder, ort::Error<SessionBuilder>> {
        builder
            .with_optimization_level(GraphOptimizationLevel::Level3)?
            .with_intra_threads(1)?
            .with_inter_threads(1)?
            // A plan of memory is kept for every shape that is seen, and nearly every batch has
            // a new one.
            .with_memory_pattern(false)?
            .with_intra_op_spinning(false)
    };
    let plain = Session::builder(&runtime.environment).map_err(failed)?;
    builder(plain).map_err(|e| failed(e.into()))?.commit_from_file(path).map_err(failed)
}

/// Refuses a graph that lacks one of these tensors, by name.
pub(super) fn require(
    session: &Session,
    path: &Path,
    inputs: &[&str],
    outputs: &[&str],
) -> Result<(), ModelError> {
    let missing = |kind, tensor: &str| ModelError::Tensor {
        path: path.to_owned(),
        kind,
        tensor: tensor.to_owned(),
    };
    for name in inputs {
        if !session.inputs().iter().any(|outlet| outlet.name() == *name) {
            return Err(missing("input", name));
        }
    }
    for name in outputs {
        if !session.outputs().iter().any(|outlet| outlet.name() == *name) {
            return Err(missing("output", name));
        }
    }
    Ok(())
}
