//! A pool of workers, each owning its sessions.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};

use super::{
    Device, Precision, Runtime,
    family::{FAMILIES, HfConfig, Prompt},
    files::GraphFiles,
    forced::{self, Scored, Target},
    search::{self, Found, Start},
    seq2seq::Seq2Seq,
    session::Opener,
    tokenizer::{Encoded, Side, Tokenizer},
};
use crate::{
    model::{
        Alternative, Cancel, DecodeOptions, ForcedDecoding, Hypothesis, InferError, ModelError,
        ModelFolder, ModelInfo, Request, Response, Skip, States, TokenScore, TranslationModel,
        check_folder, model_parts, pack,
    },
    text::Direction,
};

/// How to run a model.
#[derive(Debug, Clone)]
pub struct PoolOptions {
    /// Workers; each has its own copy of the weights. `None`: as [`PoolOptions::threads`] and the
    /// size of the model leave room for.
    pub workers: Option<usize>,
    /// Threads of a worker. `None`: one, or for a large model the processors by the workers.
    pub threads: Option<usize>,
    /// Where the model runs.
    pub device: Device,
    /// Which graphs are taken, where a folder has several. `None`: the most precise.
    pub precision: Option<Precision>,
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
    /// Batches of at most 1,024 tokens and 64 requests, on the CPU.
    fn default() -> Self {
        Self {
            workers: None,
            threads: None,
            device: Device::Cpu,
            precision: None,
            batch_tokens: 1024,
            max_batch: 64,
            cancel: Cancel::new(),
            force_batch: false,
        }
    }
}

/// Bytes of graphs from which on a model is large: then one worker has all the threads. Two
/// workers of one thread are faster than one of two, but each holds the weights once more, and
/// those of NLLB-200 600M are 3 GB.
const LARGE: u64 = 512 << 20;

impl PoolOptions {
    /// Workers, and threads of each, for a model whose graphs have `bytes`.
    fn plan(&self, bytes: u64) -> (usize, usize) {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let alone = bytes >= LARGE || self.device != Device::Cpu;
        let workers = match (self.workers, self.threads) {
            (Some(workers), _) => workers,
            (None, _) if alone => 1,
            (None, threads) => processors / threads.unwrap_or(1).max(1),
        };
        let workers = workers.max(1);
        let own = if alone { processors / workers } else { 1 };
        (workers, self.threads.unwrap_or(own).max(1))
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
    part: usize,
    prompts: Arc<Prompts>,
    reply: Sender<Reply>,
}

/// What stands around source and target, and which part of the model translates, by direction.
type Prompts = HashMap<Direction, (usize, Prompt)>;

/// The graphs of a part. Most models have one part; two of one direction each make a pair.
struct Graphs {
    files: GraphFiles,
    config: HfConfig,
}

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
    opener: Opener,
    parts: Arc<[Graphs]>,
    queue: Receiver<Job>,
    ready: Sender<Result<(), ModelError>>,
    cancel: Cancel,
}

impl Spawner {
    fn spawn(&self, number: usize) -> io::Result<JoinHandle<()>> {
        let (opener, parts) = (self.opener.clone(), Arc::clone(&self.parts));
        let (queue, ready, cancel) = (self.queue.clone(), self.ready.clone(), self.cancel.clone());
        let worker = move || work(&opener, &parts, &queue, &ready, &cancel);
        thread::Builder::new().name(format!("cermat-{number}")).spawn(worker)
    }
}

/// A part of a model, and the folder that it was asked for by.
struct Place<'a> {
    folder: &'a ModelFolder,
    path: PathBuf,
    /// Whether it is all that the folder has.
    whole: bool,
}

/// A model in several threads: implements [`TranslationModel`].
pub struct Pool {
    info: ModelInfo,
    /// By part.
    tokenizers: Vec<Tokenizer>,
    prompts: Arc<Prompts>,
    options: PoolOptions,
    jobs: Option<Sender<Job>>,
    spawner: Spawner,
    most_workers: usize,
    workers: Vec<JoinHandle<()>>,
}

/// What the files other than the graphs say.
struct Described {
    info: ModelInfo,
    tokenizers: Vec<Tokenizer>,
    prompts: Prompts,
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
        Self::open_all(runtime, std::slice::from_ref(folder), options)
    }

    /// Opens models of one direction each as one: OPUS-MT id-en with en-id.
    ///
    /// # Errors
    /// As [`Pool::open`]; also when two of them translate in one direction.
    pub fn open_all(
        runtime: &Runtime,
        folders: &[ModelFolder],
        options: PoolOptions,
    ) -> Result<Self, ModelError> {
        let mut places = Vec::new();
        for folder in folders {
            folder.check_sizes()?;
            check_folder(&folder.path)?;
            let parts = model_parts(&folder.path);
            let whole = parts.len() == 1;
            places.extend(parts.into_iter().map(|path| Place { folder, path, whole }));
        }
        let open = |place: &Place<'_>| {
            let config = HfConfig::open(&place.path.join("config.json"))?;
            Ok(Graphs { files: GraphFiles::find(&place.path, options.precision)?, config })
        };
        let graphs: Arc<[Graphs]> = places.iter().map(open).collect::<Result<_, ModelError>>()?;
        let bytes = graphs.iter().map(|graphs| graphs.files.bytes()).sum();
        let (most_workers, threads) = options.plan(bytes);
        let (jobs, queue) = unbounded();
        let (ready, loaded) = bounded(most_workers);
        let spawner = Spawner {
            opener: Opener { runtime: runtime.clone(), device: options.device, threads },
            parts: Arc::clone(&graphs),
            queue,
            ready,
            cancel: options.cancel.clone(),
        };
        // The first worker opens the graphs while the tokenizer is read here.
        let io = |source| ModelError::Io { path: places[0].path.clone(), source };
        let mut workers = vec![spawner.spawn(0).map_err(io)?];
        let described = Self::describe(&places, &graphs, options.precision.is_some());
        let first = loaded.recv().unwrap_or(Ok(()));
        let Described { info, tokenizers, prompts } = match (described, first) {
            (Ok(described), Ok(())) => described,
            (Err(error), _) | (_, Err(error)) => {
                // A process must not end in the middle of opening a graph.
                drop(jobs);
                let _ = workers.remove(0).join();
                return Err(error);
            }
        };
        let (prompts, jobs) = (Arc::new(prompts), Some(jobs));
        Ok(Self { info, tokenizers, prompts, options, jobs, spawner, most_workers, workers })
    }

    fn describe(
        places: &[Place<'_>],
        graphs: &[Graphs],
        chosen: bool,
    ) -> Result<Described, ModelError> {
        let mut names: Vec<&str> = places.iter().map(|place| place.folder.name.as_str()).collect();
        names.dedup();
        let mut info = ModelInfo {
            name: names.join(","),
            family: String::new(),
            directions: Vec::new(),
            max_tokens: usize::MAX,
            batch_invariant: true,
        };
        let (mut tokenizers, mut prompts) = (Vec::new(), HashMap::new());
        for (part, (place, Graphs { files, config })) in places.iter().zip(graphs).enumerate() {
            let Place { folder, path, whole } = place;
            let manifest = folder.manifest.as_ref();
            let wrong = |message| ModelError::Config { path: path.join("config.json"), message };
            let mut tokenizer = Tokenizer::open(path)?;
            FAMILIES.iter().for_each(|family| family.complete(config, &mut tokenizer));
            if tokenizer.vocabulary_size() > config.vocab_size {
                return Err(wrong(format!(
                    "`vocab_size` is {}, the tokenizer has {} tokens",
                    config.vocab_size,
                    tokenizer.vocabulary_size()
                )));
            }
            let family = FAMILIES.iter().find(|family| match manifest {
                Some(manifest) => family.name() == manifest.family,
                None => family.matches(config, &tokenizer),
            });
            let family = family.ok_or_else(|| {
                let known: Vec<&str> = FAMILIES.iter().map(|family| family.name()).collect();
                wrong(format!(
                    "`model_type` is `{}`: no architecture that cermat knows ({}), or its \
                     tokenizer has no Indonesian and English",
                    config.model_type,
                    known.join(", ")
                ))
            })?;
            let own = match manifest {
                Some(manifest) if *whole => manifest.directions.clone(),
                _ => family.directions(path).map_err(wrong)?,
            };
            for direction in own {
                let prompt =
                    family.prompt(config, &tokenizer, direction.source()).map_err(wrong)?;
                if prompts.insert(direction, (part, prompt)).is_some() {
                    return Err(wrong(format!(
                        "another model translates {direction} already; a pair has one for each \
                         direction"
                    )));
                }
                info.directions.push(direction);
            }
            tokenizers.push(tokenizer);
            family.name().clone_into(&mut info.family);
            let most = manifest.map_or(usize::MAX, |manifest| manifest.max_tokens);
            info.max_tokens = info.max_tokens.min(most).min(config.max_position_embeddings);
            info.batch_invariant &= match manifest {
                // The manifest speaks of the files that are taken when none are asked for.
                Some(manifest) if !chosen => manifest.batch_invariant,
                _ => files.paths().into_iter().all(batch_invariant),
            };
        }
        Ok(Described { info, tokenizers, prompts })
    }

    /// Workers at most, and threads of each.
    #[must_use]
    pub fn workers(&self) -> (usize, usize) {
        (self.most_workers, self.spawner.opener.threads)
    }

    /// From now on at most this many requests in a batch, and no other limit: for measuring.
    pub fn set_max_batch(&mut self, requests: usize) {
        self.options.max_batch = requests;
        self.options.batch_tokens = usize::MAX;
    }

    /// The part that translates in `direction`, and what stands around source and target.
    fn prompt(&self, direction: Direction) -> Result<&(usize, Prompt), InferError> {
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
        let (part, prompt) = self.prompt(request.direction)?;
        let tokenizer = &self.tokenizers[*part];
        let text = tokenizer.encode(request.source, Side::Source)?;
        let mut source = prompt.source_prefix.clone();
        source.extend(&text.ids);
        source.extend(&prompt.source_suffix);
        let limit = self.info.max_tokens;
        if source.len() > limit {
            return Ok(Err(Skip::TooLong { tokens: source.len(), limit }));
        }
        let encode = |target| tokenizer.encode(target, Side::Target);
        let target = request.force.map(encode).transpose()?;
        let begin = encode(request.prefix)?.ids;
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

    fn response(&self, part: usize, answer: Answer, texts: Texts) -> Result<Response, InferError> {
        let Texts { source, target, begin } = texts;
        let tokenizer = &self.tokenizers[part];
        let hypothesis = answer
            .found
            .map(|found| {
                let whole = [&begin[..], &found.ids].concat();
                Ok(Hypothesis {
                    text: tokenizer.decode(&whole)?,
                    ids: found.ids,
                    log_prob: found.log_prob,
                    stopped: found.stopped,
                })
            })
            .transpose()?;
        let alternative = |(token, log_prob): &(u32, f32)| -> Result<Alternative, InferError> {
            Ok(Alternative { text: tokenizer.piece(*token), log_prob: *log_prob })
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
        let max_batch = if self.info.batch_invariant || self.options.force_batch {
            self.options.max_batch
        } else {
            1
        };
        let (reply, answers) = unbounded();
        let jobs = self.jobs.as_ref().expect("open until dropped");
        let mut waiting = 0;
        for part in 0..self.tokenizers.len() {
            let of_part = |direction| self.prompts.get(&direction).is_some_and(|(p, _)| *p == part);
            let live: Vec<usize> =
                live.iter().copied().filter(|&i| of_part(requests[i].direction)).collect();
            // A request costs its source or its target, whichever is longer: both are padded.
            let lengths: Vec<usize> = live
                .iter()
                .filter_map(|&i| items[i].as_ref())
                .map(|item| {
                    let forced = item.force.as_ref().map_or(0, Vec::len);
                    item.source.len().max(forced).max(item.begin.len())
                })
                .collect();
            for batch in pack(&lengths, self.options.batch_tokens, max_batch) {
                let indices: Vec<usize> = batch.iter().map(|&j| live[j]).collect();
                let batch = indices.iter().filter_map(|&i| items[i].take()).collect();
                let job = Job {
                    indices,
                    items: batch,
                    options: *options,
                    part,
                    prompts: Arc::clone(&self.prompts),
                    reply: reply.clone(),
                };
                jobs.send(job).map_err(|_| InferError::WorkerLost)?;
                waiting += 1;
            }
        }
        drop(reply);
        // Loading a worker slows the others down, so it waits until there is more than they do.
        while self.workers.len() < self.most_workers.min(waiting) {
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
                        let (part, _) = self.prompt(requests[i].direction)?;
                        results[i] = Some(Ok(self.response(*part, answer, texts)?));
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

/// Whether a graph scales activations by row. The operator `DynamicQuantizeLinear`,
/// which ONNX Runtime's own dynamic quantisation uses, takes one scale for a whole batch, padding
/// included: what a segment scores then depends on its neighbours (by 0.1 nats and more). A graph
/// is a protocol buffer, where an operator's name stands as it is.
fn batch_invariant(graph: &Path) -> bool {
    const NAME: &[u8] = b"DynamicQuantizeLinear";
    let search = || -> io::Result<bool> {
        let mut file = File::open(graph)?;
        // Graphs of gigabytes are looked through, not held.
        let mut window = vec![0; 1 << 20];
        let mut kept = 0;
        loop {
            let read = file.read(&mut window[kept..])?;
            let filled = kept + read;
            if memchr::memmem::find(&window[..filled], NAME).is_some() {
                return Ok(true);
            }
            if read == 0 {
                return Ok(false);
            }
            // The name may stand across two readings.
            kept = filled.min(NAME.len() - 1);
            window.copy_within(filled - kept..filled, 0);
        }
    };
    search().is_ok_and(|found| !found)
}

/// A worker's life: load, then answer until the queue is closed.
fn work(
    opener: &Opener,
    parts: &[Graphs],
    queue: &Receiver<Job>,
    ready: &Sender<Result<(), ModelError>>,
    cancel: &Cancel,
) {
    let open = |part: &Graphs| Seq2Seq::open(opener, &part.files, &part.config);
    let mut models = match parts.iter().map(open).collect::<Result<Vec<Seq2Seq>, _>>() {
        Ok(models) => {
            let _ = ready.try_send(Ok(()));
            models
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
            run_batch(&mut models[job.part], &job.items, &job.prompts, &job.options, cancel)
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
    let prompt = |item: &Item| &prompts[&item.direction].1;
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
                banned: &prompt(&items[i]).banned,
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
