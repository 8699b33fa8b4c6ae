//! A pool of workers, each owning its sessions.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use super::{
    Runtime,
    family::{FAMILIES, HfConfig, Prompt},
    forced::{self, Scored, Target},
    search::{self, Found, Start},
    seq2seq::Seq2Seq,
    tokenizer::{Encoded, Tokenizer},
};
use crate::{
    model::{
        Alternative, Cancel, DecodeOptions, ForcedDecoding, Hypothesis, InferError, ModelError,
        ModelFolder, ModelInfo, Request, Response, Skip, States, TokenScore, TranslationModel,
        pack,
    },
    text::Direction,
};

/// How to run a model.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// Workers; each has its own copy of the weights and one thread.
    pub workers: usize,
    /// Padded source tokens in a batch.
    pub batch_tokens: usize,
    /// Requests in a batch.
    pub max_batch: usize,
    /// Asks running work to end.
    pub cancel: Cancel,
    /// Batches also where the model is not batch-invariant: for measuring only.
    pub force_batch: bool,
}

impl Default for PoolOptions {
    /// One worker a processor; batches of at most 1,024 tokens and 64 requests.
    fn default() -> Self {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        Self {
            workers,
            batch_tokens: 1024,
            max_batch: 64,
            cancel: Cancel::new(),
            force_batch: false,
        }
    }
}

/// A request as ids.
struct Item {
    direction: Direction,
    source: Vec<u32>,
    search: bool,
    force: Option<Vec<u32>>,
    alternatives: usize,
    /// What the translation that is searched for begins with.
    begin: Vec<u32>,
    states: bool,
}

/// The texts of a request as tokens.
struct Texts {
    source: Encoded,
    target: Option<Encoded>,
    begin: Vec<u32>,
}

/// Requests that run together.
struct Job {
    /// Their numbers, to restore the order.
    indices: Vec<usize>,
    items: Vec<Item>,
    options: DecodeOptions,
    prompts: Arc<Prompts>,
    reply: Sender<Reply>,
}

/// What stands around source and target, by direction.
type Prompts = HashMap<Direction, Prompt>;

type Reply = (Vec<usize>, Result<Vec<Answer>, InferError>);

/// What a worker found for one item.
#[derive(Default)]
struct Answer {
    found: Option<Found>,
    scored: Option<Vec<Scored>>,
    /// Of the source's tokens, those around them left out.
    states: Option<Vec<f32>>,
}

/// What a worker needs.
struct Spawner {
    runtime: Runtime,
    folder: PathBuf,
    config: Arc<HfConfig>,
    queue: Receiver<Job>,
    ready: Sender<Result<(), ModelError>>,
    cancel: Cancel,
}

impl Spawner {
    fn spawn(&self, number: usize) -> io::Result<JoinHandle<()>> {
        let (runtime, folder) = (self.runtime.clone(), self.folder.clone());
        let (config, queue) = (Arc::clone(&self.config), self.queue.clone());
        let (ready, cancel) = (self.ready.clone(), self.cancel.clone());
        let worker = move || work(&runtime, &folder, &config, &queue, &ready, &cancel);
        thread::Builder::new().name(format!("cermat-{number}")).spawn(worker)
    }
}

/// A model in several threads: implements [`TranslationModel`].
pub struct Pool {
    info: ModelInfo,
    tokenizer: Tokenizer,
    prompts: Arc<Prompts>,
    options: PoolOptions,
    jobs: Option<Sender<Job>>,
    spawner: Spawner,
    workers: Vec<JoinHandle<()>>,
}

impl Pool {
    /// Opens the model in `folder`. Returns once the first worker has loaded it; the others
    /// follow when there is work for them.
    ///
    /// # Errors
    /// [`ModelError`] names the file, the tensor or the key that is wrong.
    pub fn open(
        runtime: &Runtime,
        folder: &ModelFolder,
        options: PoolOptions,
    ) -> Result<Self, ModelError> {
        folder.check_sizes()?;
        crate::model::check_folder(&folder.path)?;
        let path = &folder.path;
        let config_path = path.join("config.json");
        let config = Arc::new(HfConfig::open(&config_path)?);
        let (jobs, queue) = unbounded();
        let (ready, loaded) = bounded(options.workers.max(1));
        let spawner = Spawner {
            runtime: runtime.clone(),
            folder: path.clone(),
            config: Arc::clone(&config),
            queue,
            ready,
            cancel: options.cancel.clone(),
        };
        // The first worker opens the graphs while the tokenizer is read here.
        let io = |source| ModelError::Io { path: path.clone(), source };
        let mut workers = vec![spawner.spawn(0).map_err(io)?];
        let described = Self::describe(folder, &config, &config_path);
        let first = loaded.recv().unwrap_or(Ok(()));
        let (info, tokenizer, prompts) = match (described, first) {
            (Ok(described), Ok(())) => described,
            (Err(error), _) | (_, Err(error)) => {
                // A process must not end in the middle of opening a graph.
                drop(jobs);
                let _ = workers.remove(0).join();
                return Err(error);
            }
        };
        let (prompts, jobs) = (Arc::new(prompts), Some(jobs));
        Ok(Self { info, tokenizer, prompts, options, jobs, spawner, workers })
    }

    /// What the files other than the graphs say.
    fn describe(
        folder: &ModelFolder,
        config: &HfConfig,
        config_path: &Path,
    ) -> Result<(ModelInfo, Tokenizer, Prompts), ModelError> {
        let path = &folder.path;
        let wrong = |message| ModelError::Config { path: config_path.to_owned(), message };
        let tokenizer = Tokenizer::open(&path.join("tokenizer.json"))?;
        if tokenizer.vocabulary_size() > config.vocab_size {
            return Err(wrong(format!(
                "`vocab_size` is {}, tokenizer.json has {} tokens",
                config.vocab_size,
                tokenizer.vocabulary_size()
            )));
        }
        let manifest = folder.manifest.as_ref();
        let family = FAMILIES.iter().find(|family| match manifest {
            Some(manifest) => family.name() == manifest.family,
            None => family.matches(config, &tokenizer),
        });
        let family = family.ok_or_else(|| {
            let known: Vec<&str> = FAMILIES.iter().map(|family| family.name()).collect();
            wrong(format!(
                "`model_type` is `{}`: no architecture that cermat knows ({})",
                config.model_type,
                known.join(", ")
            ))
        })?;
        let directions = manifest
            .map_or_else(|| Direction::ALL.to_vec(), |manifest| manifest.directions.clone());
        let mut prompts = HashMap::new();
        for &direction in &directions {
            let prompt = family.prompt(config, &tokenizer, direction.source()).map_err(wrong)?;
            prompts.insert(direction, prompt);
        }
        let info = ModelInfo {
            name: folder.name.clone(),
            family: family.name().to_owned(),
            directions,
            max_tokens: manifest
                .map_or(config.max_position_embeddings, |manifest| manifest.max_tokens)
                .min(config.max_position_embeddings),
            batch_invariant: manifest
                .map_or_else(|| batch_invariant(path), |manifest| manifest.batch_invariant),
        };
        Ok((info, tokenizer, prompts))
    }

    fn prompt(&self, direction: Direction) -> Result<&Prompt, InferError> {
        self.prompts
            .get(&direction)
            .ok_or_else(|| InferError::Direction { model: self.info.name.clone(), direction })
    }

    /// The request as ids, or why it is skipped. Beside it the tokens of its texts.
    fn item(&self, request: &Request<'_>) -> Result<Result<(Item, Texts), Skip>, InferError> {
        let words = |text: &str| text.chars().any(char::is_alphanumeric);
        // No source at all is a question: how likely is the target by itself?
        let own = request.source.is_empty() && !request.search;
        if !(own || words(request.source)) || request.force.is_some_and(|target| !words(target)) {
            return Ok(Err(Skip::Empty));
        }
        let prompt = self.prompt(request.direction)?;
        let text = self.tokenizer.encode(request.source)?;
        let mut source = prompt.source_prefix.clone();
        source.extend(&text.ids);
        source.extend(&prompt.source_suffix);
        let limit = self.info.max_tokens;
        if source.len() > limit {
            return Ok(Err(Skip::TooLong { tokens: source.len(), limit }));
        }
        let target = request.force.map(|target| self.tokenizer.encode(target)).transpose()?;
        let begin = self.tokenizer.encode(request.prefix)?.ids;
        let longest = target.as_ref().map_or(0, |target| target.ids.len()).max(begin.len());
        let tokens = longest + prompt.decoder_prefix.len();
        if tokens > limit {
            return Ok(Err(Skip::TooLong { tokens, limit }));
        }
        let item = Item {
            direction: request.direction,
            source,
            search: request.search,
            force: target.as_ref().map(|target| target.ids.clone()),
            alternatives: request.alternatives,
            begin: begin.clone(),
            states: request.states,
        };
        Ok(Ok((item, Texts { source: text, target, begin })))
    }

    fn response(&self, answer: Answer, texts: Texts) -> Result<Response, InferError> {
        let Texts { source, target, begin } = texts;
        let hypothesis = answer
            .found
            .map(|found| {
                let whole = [&begin[..], &found.ids].concat();
                Ok(Hypothesis {
                    text: self.tokenizer.decode(&whole)?,
                    ids: found.ids,
                    log_prob: found.log_prob,
                    stopped: found.stopped,
                })
            })
            .transpose()?;
        let alternative = |(token, log_prob): &(u32, f32)| -> Result<Alternative, InferError> {
            Ok(Alternative { text: self.tokenizer.piece(*token), log_prob: *log_prob })
        };
        let alternatives = answer.scored.iter().flat_map(|scored| &scored[..scored.len() - 1]);
        let alternatives = alternatives
            .filter(|scored| !scored.likeliest.is_empty())
            .map(|scored| scored.likeliest.iter().map(alternative).collect())
            .collect::<Result<Vec<_>, _>>()?;
        let forced = answer.scored.zip(target).map(|(scored, target)| {
            let places = target.spans.iter().zip(&target.starts_word);
            let tokens = places.zip(&scored).map(|((span, starts_word), scored)| TokenScore {
                span: *span,
                log_prob: scored.log_prob,
                best_log_prob: scored.best,
                starts_word: *starts_word,
            });
            ForcedDecoding {
                tokens: tokens.collect(),
                eos_log_prob: scored.last().map_or(0.0, |end| end.log_prob),
                alternatives,
            }
        });
        let states = answer.states.map(|values| States {
            size: values.len() / source.ids.len().max(1),
            tokens: source.spans.into_iter().zip(source.starts_word).collect(),
            values,
        });
        Ok(Response { hypothesis, forced, states })
    }
}

impl TranslationModel for Pool {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn run(
        &mut self,
        requests: &[Request<'_>],
        options: &DecodeOptions,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Result<Response, Skip>>, InferError> {
        let mut results: Vec<Option<Result<Response, Skip>>> = Vec::new();
        results.resize_with(requests.len(), || None);
        let mut items: Vec<Option<Item>> = Vec::with_capacity(requests.len());
        let mut texts: Vec<Option<Texts>> = Vec::with_capacity(requests.len());
        for (request, result) in requests.iter().zip(&mut results) {
            match self.item(request)? {
                Ok((item, its_texts)) => {
                    items.push(Some(item));
                    texts.push(Some(its_texts));
                }
                Err(skip) => {
                    items.push(None);
                    texts.push(None);
                    *result = Some(Err(skip));
                }
            }
        }
        let live: Vec<usize> = (0..items.len()).filter(|&i| items[i].is_some()).collect();
        progress(requests.len() - live.len());
        // A request costs its source or its target, whichever is longer: both are padded.
        let lengths: Vec<usize> = live
            .iter()
            .filter_map(|&i| items[i].as_ref())
            .map(|item| {
                let forced = item.force.as_ref().map_or(0, Vec::len);
                item.source.len().max(forced).max(item.begin.len())
            })
            .collect();
        let max_batch = if self.info.batch_invariant || self.options.force_batch {
            self.options.max_batch
        } else {
            1
        };
        let (reply, answers) = unbounded();
        let jobs = self.jobs.as_ref().expect("open until dropped");
        let mut waiting = 0;
        for batch in pack(&lengths, self.options.batch_tokens, max_batch) {
            let indices: Vec<usize> = batch.iter().map(|&j| live[j]).collect();
            let batch = indices.iter().filter_map(|&i| items[i].take()).collect();
            let job = Job {
                indices,
                items: batch,
                options: *options,
                prompts: Arc::clone(&self.prompts),
                reply: reply.clone(),
            };
            jobs.send(job).map_err(|_| InferError::WorkerLost)?;
            waiting += 1;
        }
        drop(reply);
        // Loading a worker slows the others down, so it waits until there is more than they do.
        while self.workers.len() < self.options.workers.min(waiting) {
            match self.spawner.spawn(self.workers.len()) {
                Ok(worker) => self.workers.push(worker),
                // The first one is there and does it all.
                Err(_) => break,
            }
        }
        while waiting > 0 {
            match answers.recv_timeout(Duration::from_millis(50)) {
                Ok((indices, batch)) => {
                    waiting -= 1;
                    progress(indices.len());
                    for (i, answer) in indices.into_iter().zip(batch?) {
                        let texts = texts[i].take().expect("of a request that was not skipped");
                        results[i] = Some(Ok(self.response(answer, texts)?));
                    }
                }
                Err(RecvTimeoutError::Timeout) if self.options.cancel.is_cancelled() => {
                    return Err(InferError::Cancelled);
                }
                Err(RecvTimeoutError::Timeout) => {
                    if self.workers.iter().all(JoinHandle::is_finished) {
                        return Err(InferError::WorkerLost);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Err(InferError::WorkerLost),
            }
        }
        Ok(results.into_iter().map(|result| result.expect("every request was answered")).collect())
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.jobs = None;
        // After an interruption a worker ends at its next step; one in the middle of a long pass
        // is not waited for.
        let patience = Instant::now() + Duration::from_millis(500);
        for worker in self.workers.drain(..) {
            while self.options.cancel.is_cancelled()
                && !worker.is_finished()
                && Instant::now() < patience
            {
                thread::sleep(Duration::from_millis(5));
            }
            if !self.options.cancel.is_cancelled() || worker.is_finished() {
                // A panic of a worker was already reported as `WorkerLost`.
                let _ = worker.join();
            }
        }
    }
}

/// Whether the graphs in `folder` scale activations by row. The operator `DynamicQuantizeLinear`,
/// which ONNX Runtime's own dynamic quantisation uses, takes one scale for a whole batch, padding
/// included: what a segment scores then depends on its neighbours (by 0.1 nats and more). A graph
/// is a protocol buffer, where an operator's name stands as it is.
fn batch_invariant(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.filter_map(Result::ok).map(|entry| entry.path()).all(|path| {
        path.extension().is_none_or(|extension| extension != "onnx")
            || std::fs::read(&path)
                .is_ok_and(|bytes| memchr::memmem::find(&bytes, b"DynamicQuantizeLinear").is_none())
    })
}

/// A worker's life: load, then answer until the queue is closed.
fn work(
    runtime: &Runtime,
    folder: &Path,
    config: &HfConfig,
    queue: &Receiver<Job>,
    ready: &Sender<Result<(), ModelError>>,
    cancel: &Cancel,
) {
    let mut model = match Seq2Seq::open(runtime, folder, config) {
        Ok(model) => {
            let _ = ready.try_send(Ok(()));
            model
        }
        Err(error) => {
            // The opener hears the first word only; a later worker that fails leaves the work
            // to the others.
            let _ = ready.try_send(Err(error));
            return;
        }
    };
    for job in queue {
        let answer = if cancel.is_cancelled() {
            Err(InferError::Cancelled)
        } else {
            run_batch(&mut model, &job.items, &job.prompts, &job.options, cancel)
        };
        // Nobody waits any more when the run was interrupted.
        let _ = job.reply.send((job.indices, answer));
    }
}

/// One batch: the encoder once, then search and forced decoding on what it made.
fn run_batch(
    model: &mut Seq2Seq,
    items: &[Item],
    prompts: &Prompts,
    options: &DecodeOptions,
    cancel: &Cancel,
) -> Result<Vec<Answer>, InferError> {
    let prompt = |item: &Item| &prompts[&item.direction];
    let sources: Vec<&[u32]> = items.iter().map(|item| item.source.as_slice()).collect();
    let Some(pad) = items.first().map(|item| prompt(item).pad) else { return Ok(Vec::new()) };
    let encoded = model.encode(&sources, pad)?;
    let mut answers: Vec<Answer> = items.iter().map(|_| Answer::default()).collect();
    for (row, (item, answer)) in items.iter().zip(&mut answers).enumerate() {
        if item.states {
            let prompt = prompt(item);
            let end = item.source.len() - prompt.source_suffix.len();
            let states = encoded.hidden(row, end)?;
            let around = states.len() / end.max(1) * prompt.source_prefix.len();
            answer.states = Some(states[around..].to_vec());
        }
    }

    let forced: Vec<usize> = (0..items.len()).filter(|&i| items[i].force.is_some()).collect();
    if !forced.is_empty() {
        let targets: Vec<Target<'_>> = forced
            .iter()
            .map(|&i| Target {
                prefix: &prompt(&items[i]).decoder_prefix,
                ids: items[i].force.as_deref().unwrap_or_default(),
                eos: prompt(&items[i]).eos,
                alternatives: items[i].alternatives,
            })
            .collect();
        let scores = encoded
            .with_rows(&forced, |encoded| forced::force(model, encoded, &targets, pad, cancel))?;
        for (i, scored) in forced.into_iter().zip(scores) {
            answers[i].scored = Some(scored);
        }
    }

    // What is given to the decoder first must be as long in all rows of a search.
    let mut searched: Vec<usize> = (0..items.len()).filter(|&i| items[i].search).collect();
    searched.sort_by_key(|&i| items[i].begin.len());
    let mut encoded = Some(encoded);
    let groups: Vec<&[usize]> =
        searched.chunk_by(|&a, &b| items[a].begin.len() == items[b].begin.len()).collect();
    for (number, searched) in groups.iter().enumerate() {
        let prefixes: Vec<Vec<u32>> = searched
            .iter()
            .map(|&i| [&prompt(&items[i]).decoder_prefix[..], &items[i].begin].concat())
            .collect();
        let starts: Vec<Start<'_>> = searched
            .iter()
            .zip(&prefixes)
            .map(|(&i, prefix)| Start {
                prefix,
                eos: prompt(&items[i]).eos,
                limit: options.limit(items[i].source.len()),
            })
            .collect();
        let whole = encoded.take().expect("put back for every group but the last");
        let encoded = if number + 1 == groups.len() {
            whole.into_rows(searched)?
        } else {
            let rows = whole.select(searched)?;
            encoded = Some(whole);
            rows
        };
        let found = search::search(model, encoded, &starts, options, cancel)?;
        for (&i, found) in searched.iter().zip(found) {
            answers[i].found = Some(found);
        }
    }
    Ok(answers)
}
