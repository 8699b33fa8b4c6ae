//! Indonesian–English translation-quality checker: neural quality estimation that is also a
//! linter. The user guide is `README.md`; this is the map for those who change the code.
//!
//! ```text
//! file ─▶ document::format ─▶ Segment ─▶ evidence::gather ─▶ Evidence ─▶ Check ─▶ Finding
//!                                          │ uses                                   │
//!                                    TranslationModel (onnx)                        ▼
//!                              bytes ◀─ Reporter ◀─ Row, Issue, Summary ◀─ report ◀─ Engine
//!                                                         └─▶ Gate ─▶ exit code
//! ```
//!
//! # Layers
//! A module uses only those to its left (`tests/architecture.rs`):
//!
//! [`text`] · [`document`], [`lexicon`] · [`model`] · `onnx`, `hub` · [`evidence`] · [`finding`] ·
//! [`checks`] · [`engine`] · [`evaluate`] · [`report`] · [`fingerprint`], [`suppress`], [`results`] ·
//! [`baseline`], [`compare`] · [`gate`] · [`reporter`] · `config` · `cli`
//!
//! | module | what it is |
//! | --- | --- |
//! | [`text`] | spans, offset maps, lines, words, languages; no files |
//! | [`document`] | readers of file formats; sentences; each segment with its way back to the file |
//! | [`lexicon`] | words that only one of the two languages has |
//! | [`model`] | what a translation model is; model folders, manifests, what may stand in them; packing of batches |
//! | `onnx` | ONNX Runtime: the only user of `ort` and `tokenizers` |
//! | `hub` | public models over HTTP, when they are asked for: the only user of `ureq` |
//! | [`evidence`] | numbers about a segment: back-translation, forced decoding, chrF, alignment, risk of words, the score |
//! | [`finding`] | what checks say |
//! | [`checks`] | opinions on text and evidence: pure, total, one file each |
//! | [`engine`] | plans evidence, runs model and checks, hands on in order |
//! | [`evaluate`] | how well all this does on data that people labelled |
//! | [`report`], [`fingerprint`] | places in the file; what a finding is known by in the next run |
//! | [`suppress`], [`baseline`] | findings that a comment or an earlier run has accepted |
//! | [`results`], [`compare`] | stored results read back, and two runs compared |
//! | [`gate`], [`reporter`] | pass or fail, output formats |
//! | `config` | `cermat.toml`: options, layers, settings |
//! | `cli` | the program: arguments, environment, files, progress, exit codes |
//!
//! Three seams. *Evidence* parts numbers from opinions: sessions, threads and failure below it, pure
//! functions above it. *Segment text* parts words from markup: checks count in decoded text, and
//! only [`report`] turns a span into a place in the file. *Report* parts results from formats.
//!
//! # Features
//! `onnx` and `cli`, both on by default. Without `onnx` the checks that need no model still run.
//!
//! # Decisions
//! - **Graphs of our own for our own model** (`scripts/graphs.py`), beside optimum's layouts: one
//!   decoder, a quarter of the nodes; 11.8 MB where optimum's layout had 19, 0.1 s to open where it
//!   took 0.34, and 1.2 to 1.6 times the sentences a second.
//! - **Scores do not depend on the batch.** Nothing in the bundled model is rounded by what stands
//!   in another row; a model whose graphs scale a whole tensor at once (`DynamicQuantizeLinear`)
//!   runs in batches of one (`onnx::Pool`). `tests/golden.rs` holds it to 1e-4 nats, and the values to transformers'.
//! - **One thread a session, one session a worker.** Two workers of one thread were faster than one
//!   of two threads in 15 of 16 measured pairs.
//! - **A score is data** (`score.json` beside the model): trees over named features, fitted by ranking
//!   translations of one source, and lowered by what the text checks find. The model's probabilities
//!   alone rank systems backwards; `scripts/score/README.md` has the figures.
//! - **What the model expected is an explanation, no suggestion**: it stands in `expected` of a
//!   finding, never in `suggestion`. A weak model is sure of wrong words, too.
//! - **Alignment by the encoder's states**, not by cross-attention: every layout of graphs hands them
//!   out, and the same numbers compare texts that nobody forced.
//! - **The model lies beside the executable**, not in it; measured in `models/README.md`.
//! - **Downloads are our own, on ureq** (`hub`): the hub's own client for Rust neither resumes nor
//!   compares hashes. rustls with ring, so that a C compiler is all that a build needs.
//! - **Foreign folders are judged before they are opened** (`model::check_folder`): where files
//!   really lie, how large they are, whether they belong together. A small walk over the fields of
//!   `onnx.proto3` finds data in other files and shapes without a runtime.
//! - **Large graphs are taken apart when they are installed** (`model::map_weights`): ONNX Runtime maps
//!   weights in a file of their own and copies those in a graph; half the memory, see `models/README.md`.
//! - **Checks on a document run before inference** and see text only: their findings on single
//!   segments stand with those segments while the report streams.
//! - **To resume is to look up.** A journal keeps what the model said, not what was reported: a run
//!   that goes on does everything again but inference, so that every format, every sum and the exit
//!   code come out as if it had never stopped.
//! - **Sentence segmentation is our own** (`document::sentence`). The libraries split at `Jl.`, `Rp.`
//!   or `Dr.`, and the rules of the one that can be taught (SRX) cannot see markup and offsets.
//! - **The text report is our own**, not annotate-snippets: a sentence is wrapped to the terminal
//!   with its back-translation under it, and repeated passages are folded.
//! - **Placeables of Markdown are named where they stand**; emphasis that works is taken out of the
//!   text, so that what is left of `**` is residue.
//! - **XML and HTML are read event by event** (`quick-xml`, `html5gum`), not into trees: every event
//!   has its bytes, depth and attributes are counted, and no entity is expanded. The emitter of the
//!   HTML tokenizer is our own, since a place is wanted inside a text with references.
//! - **The text of a DOCX file stands for the file**: a paragraph is a line of it.
//! - **An encoding is read where the file says it** (`document::encoding`): a byte order mark, zeros where
//!   UTF-16 has them, a declaration. What is guessed (chardetng) is only named in the message: a wrong
//!   guess would read as wrong words.
//! - **JSON is read as raw values of `serde_json`**, and only the escapes of strings here
//!   (`document::format::json_text` says what was weighed): no library maps decoded bytes back. The
//!   same holds for CSV, whose reader is compared with the crate `csv` by a test, and for PO.
//! - **A folder gives the files of the target language**: of PO, ARB and JSON there is one for each
//!   language, and `fr.po` or `package.json` judged as Indonesian would be noise. What is named is read.
//! - **Patterns are looked for by the words that they need** (`lexicon::required`), and compiled
//!   singly when a text has these words: first without automata, with them once a pattern has been
//!   asked often. A `RegexSet` a list was compiled before the first sentence was judged, and searched
//!   for each. CPU seconds of `check --no-model`, before and after in turns on two shared CPUs,
//!   2026-11-24 (as `scripts/bench text` does): one sentence 0.29 → 0.036 (1.78 → 0.21 thousand
//!   million instructions), an article of 97 lines 0.49 → 0.13, 988 lines 0.80 → 0.19, 20,000 lines
//!   6.3 → 1.3. Compiling each pattern without automata takes a quarter of the time.
//! - **Words are found once a sentence** (`checks::SegmentContext`), for all checks and lists;
//!   segments of a part are judged on all CPUs, and handed on in order.
//! - **A lexicon made by counting** tells foreign words, not a language identifier: those judge
//!   sentences, and a word of five letters is too short for them.

pub mod baseline;
pub mod checks;
#[cfg(feature = "cli")]
pub mod cli;
pub mod compare;
#[cfg(feature = "cli")]
pub mod config;
pub mod document;
pub mod engine;
pub mod evaluate;
pub mod evidence;
pub mod finding;
pub mod fingerprint;
pub mod gate;
#[cfg(feature = "cli")]
pub mod hub;
pub mod lexicon;
pub mod model;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod report;
pub mod reporter;
pub mod results;
pub mod suppress;
pub mod text;
