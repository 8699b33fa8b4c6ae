//! A model that is opened when something is asked of it: a run whose evidence is all known needs
//! none.

use super::{OpenError, args::ModelArgs, open_model};
use crate::{
    model::{
        Cancel, DecodeOptions, InferError, ModelFolder, ModelInfo, Request, Response, Skip,
        TranslationModel,
    },
    onnx::Pool,
};

pub(super) struct Lazy {
    info: ModelInfo,
    args: ModelArgs,
    cancel: Cancel,
    verbose: u8,
    pool: Option<Pool>,
}

impl Lazy {
    /// `None` for a folder that does not say what it is before it is opened, or lacks a file.
    pub(super) fn new(
        folder: &ModelFolder,
        args: &ModelArgs,
        cancel: &Cancel,
        verbose: u8,
    ) -> Option<Self> {
        let manifest = folder.manifest.as_ref()?;
        folder.check_sizes().ok()?;
        let info = ModelInfo {
            name: manifest.name.clone(),
            family: manifest.family.clone(),
            directions: manifest.directions.clone(),
            max_tokens: manifest.max_tokens,
            batch_invariant: manifest.batch_invariant,
        };
        Some(Self { info, args: args.clone(), cancel: cancel.clone(), verbose, pool: None })
    }

    fn pool(&mut self) -> Result<&mut Pool, OpenError> {
        match &mut self.pool {
            Some(pool) => Ok(pool),
            none => Ok(none.insert(open_model(&self.args, &self.cancel, self.verbose)?)),
        }
    }
}

impl TranslationModel for Lazy {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn run(
        &mut self,
        requests: &[Request<'_>],
        options: &DecodeOptions,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Result<Response, Skip>>, InferError> {
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        let pool = self.pool().map_err(|error| InferError::Run {
            what: "opening the model",
            source: Box::new(error),
        })?;
        pool.run(requests, options, progress)
    }
}
