//! Sessions with their tensors checked.

use std::path::Path;

use ort::{
    session::{
        Session,
        builder::{GraphOptimizationLevel, SessionBuilder},
    },
    value::{Outlet, TensorElementType},
};

use super::{Device, Runtime};
use crate::model::ModelError;

/// How sessions are opened.
#[derive(Clone)]
pub(super) struct Opener {
    pub(super) runtime: Runtime,
    pub(super) device: Device,
    /// Threads inside a session.
    pub(super) threads: usize,
}

impl Opener {
    /// Opens `path`.
    pub(super) fn open(&self, path: &Path) -> Result<Session, ModelError> {
        let failed = |source: ort::Error| ModelError::Session {
            path: path.to_owned(),
            advice: advice(path),
            source: Box::new(source),
        };
        if !path.is_file() {
            return Err(ModelError::Io {
                path: path.to_owned(),
                source: std::io::ErrorKind::NotFound.into(),
            });
        }
        #[expect(clippy::result_large_err, reason = "ort gives the builder back")]
        let builder = |builder: SessionBuilder| -> Result<_, ort::Error<SessionBuilder>> {
            let builder = builder
                .with_optimization_level(GraphOptimizationLevel::Level3)?
                .with_intra_threads(self.threads)?
                .with_inter_threads(1)?
                // A plan of memory is kept for every shape that is seen, and nearly every batch
                // has a new one.
                .with_memory_pattern(false)?
                .with_intra_op_spinning(false)?;
            match self.device.provider() {
                Some(provider) => builder.with_execution_providers([provider]),
                None => Ok(builder),
            }
        };
        let plain = Session::builder(&self.runtime.environment).map_err(failed)?;
        builder(plain).map_err(|e| failed(e.into()))?.commit_from_file(path).map_err(failed)
    }
}

/// What to do about a graph that the runtime refuses.
fn advice(path: &Path) -> &'static str {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let half = name.contains("_fp16") || name.contains("_float16");
    if half && name.contains("_merged") {
        // The converter puts the casts of a branch where the branch does not see them.
        "converters to 16 bits break merged decoders: take other graphs with --precision, or \
         convert the split decoders and merge those (models/README.md)"
    } else {
        "get it or export it again, or load another library with --onnxruntime"
    }
}

/// Type of the numbers that are not ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Float {
    F32,
    F16,
}

impl Float {
    fn of(outlets: &[Outlet], path: &Path, tensor: &str) -> Result<Self, ModelError> {
        let outlet = outlets.iter().find(|outlet| outlet.name() == tensor);
        match outlet.and_then(|outlet| outlet.dtype().tensor_type()) {
            Some(TensorElementType::Float32) => Ok(Self::F32),
            Some(TensorElementType::Float16) => Ok(Self::F16),
            other => {
                let is = other.map_or("no tensor".to_owned(), |other| other.to_string());
                let message = format!("tensor `{tensor}` is {is}, expected f32 or f16");
                Err(ModelError::Config { path: path.to_owned(), message })
            }
        }
    }

    /// That of an output.
    pub(super) fn of_output(
        session: &Session,
        path: &Path,
        tensor: &str,
    ) -> Result<Self, ModelError> {
        Self::of(session.outputs(), path, tensor)
    }

    /// Refuses an input of the other type.
    pub(super) fn expect_input(
        self,
        session: &Session,
        path: &Path,
        tensor: &str,
    ) -> Result<(), ModelError> {
        let own = Self::of(session.inputs(), path, tensor)?;
        if own == self {
            return Ok(());
        }
        let message = format!(
            "input `{tensor}` is {own:?}, the graph before it hands out {self:?}; take graphs of \
             one conversion"
        );
        Err(ModelError::Config { path: path.to_owned(), message })
    }
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
