//! Plans evidence, runs the model and the checks, and hands on what was found in the order of
//! the document. Prints nothing, and does not know who called: the command line, a gate or a
//! batch.

use std::{collections::HashMap, sync::Arc};

use rayon::prelude::*;

use crate::{
    checks::{self, Check, CheckMeta, DocumentContext, Findings, SegmentContext},
    document::{Document, Segment, SegmentId},
    evidence::{Evidence, EvidenceSet, ScoreModel, cache::Cache, gather},
    finding::{Finding, Status},
    model::{Cancel, DecodeOptions, InferError, TranslationModel},
    text::Direction,
};

/// Segments in the first part of a document, so that the first findings come soon. Every
/// later one is as large as all before it together, up to [`PART`].
const FIRST_PART: usize = 4;
/// Segments in a part at most: enough that each worker has batches of like length.
const PART: usize = 512;
/// Segments that one thread judges at a time at least: fewer are not worth the way to another one.
const SHARE: usize = 32;
/// Texts whose evidence is kept for when they come again.
const MEMORY: usize = 50_000;

/// What is told of the work in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A document with this many segments begins.
    Document {
        /// How many.
        segments: usize,
    },
    /// This many more segments are done.
    Done {
        /// How many.
        segments: usize,
    },
}

/// A segment, judged.
#[derive(Debug)]
pub struct Judged<'a> {
    /// The segment.
    pub segment: &'a Segment,
    /// What is known of it.
    pub evidence: Evidence,
    /// What the checks say, in the order of the text.
    pub findings: Vec<Finding>,
}

/// Takes what the engine finds, in the order of the document.
pub trait Sink {
    /// Why it cannot take more.
    type Error;

    /// The next segment.
    ///
    /// # Errors
    /// Ends the run.
    fn segment(&mut self, document: &Document, judged: Judged<'_>) -> Result<(), Self::Error>;

    /// After the last segment: the findings on the document as a whole.
    ///
    /// # Errors
    /// Ends the run.
    fn document(&mut self, document: &Document, findings: Vec<Finding>) -> Result<(), Self::Error>;
}

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum EngineError<E> {
    /// The model.
    #[error(transparent)]
    Infer(#[from] InferError),
    /// The sink.
    #[error(transparent)]
    Sink(E),
}

/// A check with its options.
pub struct Configured {
    /// What it is.
    pub meta: &'static CheckMeta,
    /// Ready to run.
    pub check: Box<dyn Check>,
}

/// What `checks` say of `document`, whose segments have this `evidence`.
#[must_use]
pub fn findings(checks: &[Configured], document: &Document, evidence: &[Evidence]) -> Vec<Finding> {
    let mut findings = on_document(checks, document, &Cancel::new());
    for (segment, evidence) in document.segments.iter().zip(evidence) {
        findings.extend(on_segment(checks, &SegmentContext::new(segment, evidence, document)));
    }
    findings
}

/// The checks that the score counts: those that run by default and read the text alone. Always the
/// same ones, so that a score does not depend on what else is looked for.
#[must_use]
pub fn scoring_checks() -> Vec<Configured> {
    let counted = |meta: &&&'static CheckMeta| {
        matches!(meta.info.status, Status::Stable(_)) && meta.needs.is_empty()
    };
    let configured = |&meta: &&'static CheckMeta| Configured {
        meta,
        check: (meta.build)(toml::Table::new()).expect("every option has a default"),
    };
    checks::ALL.iter().filter(counted).map(configured).collect()
}

/// The model's estimate lowered by what `checks` find in the segment.
#[must_use]
pub fn score(model: &ScoreModel, checks: &[Configured], cx: &SegmentContext<'_>) -> Option<f32> {
    let quality = cx.evidence.quality?;
    let findings = on_segment(checks, cx);
    Some(model.with_findings(quality, findings.iter().map(|finding| finding.severity as usize)))
}

/// Nothing of value once `cancel` is set.
fn on_document(checks: &[Configured], document: &Document, cancel: &Cancel) -> Vec<Finding> {
    let cx = DocumentContext { document };
    let run = |Configured { meta, check }: &Configured| {
        let mut findings = Vec::new();
        if cancel.is_cancelled() {
            return findings;
        }
        check.document(&cx, &mut Findings::new(&meta.info, None, &mut findings));
        findings
    };
    if document.segments.len() < 2 * SHARE {
        checks.iter().flat_map(run).collect()
    } else {
        // The order of the checks stays.
        checks.par_iter().flat_map_iter(run).collect()
    }
}

fn on_segment(checks: &[Configured], cx: &SegmentContext<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Configured { meta, check } in checks {
        let mut out = Findings::new(&meta.info, Some(cx.segment.id), &mut findings);
        check.segment(cx, &mut out);
    }
    findings
}

type Key = (Direction, Option<String>, String);

/// The model and the checks of a run.
pub struct Engine {
    model: Option<Box<dyn TranslationModel>>,
    checks: Arc<[Configured]>,
    wanted: EvidenceSet,
    needs: EvidenceSet,
    options: DecodeOptions,
    score: Option<ScoreModel>,
    scoring: Vec<Configured>,
    cancel: Cancel,
    memory: HashMap<Key, Evidence>,
    caches: Vec<Cache>,
}

impl Engine {
    /// An engine that runs `checks` and computes the evidence they need and `wanted`. Without a
    /// model, only the checks that need no evidence say something.
    #[must_use]
    pub fn new(
        model: Option<Box<dyn TranslationModel>>,
        checks: Vec<Configured>,
        wanted: EvidenceSet,
        options: DecodeOptions,
        score: Option<ScoreModel>,
        cancel: Cancel,
    ) -> Self {
        let mut engine = Self {
            model,
            checks: Arc::default(),
            wanted,
            needs: wanted,
            options,
            scoring: if score.is_some() { scoring_checks() } else { Vec::new() },
            score,
            cancel,
            memory: HashMap::new(),
            caches: Vec::new(),
        };
        engine.use_checks(checks.into());
        engine
    }

    /// Looks for evidence in `cache` before the model is asked, and keeps there what it says. Of
    /// several caches the one that was added first is asked first.
    pub fn add_cache(&mut self, cache: Cache) {
        self.caches.push(cache);
    }

    /// Runs these checks from now on.
    pub fn use_checks(&mut self, checks: Arc<[Configured]>) {
        self.needs = checks.iter().fold(self.wanted, |needs, check| needs | check.meta.needs);
        self.checks = checks;
    }

    /// Checks that can say something in this run.
    pub fn speaking(&self) -> impl Iterator<Item = &'static CheckMeta> + '_ {
        let without = self.model.is_none();
        self.checks.iter().map(|c| c.meta).filter(move |meta| !without || meta.needs.is_empty())
    }

    /// Checks that say nothing in this run, for want of a model.
    pub fn silent(&self) -> impl Iterator<Item = &'static CheckMeta> + '_ {
        let without = self.model.is_none();
        self.checks.iter().map(|c| c.meta).filter(move |meta| without && !meta.needs.is_empty())
    }

    /// Judges `document`.
    ///
    /// # Errors
    /// [`EngineError`] when the model or the sink cannot go on; what was handed on stands.
    pub fn run<S: Sink>(
        &mut self,
        document: &Document,
        sink: &mut S,
        events: &mut dyn FnMut(Event),
    ) -> Result<(), EngineError<S::Error>> {
        self.run_selected(document, |_| true, sink, events)
    }

    /// Judges the segments of `document` that are `selected`, and no others. The document checks
    /// see it all; of their findings, those that point at a selected segment are handed on.
    ///
    /// # Errors
    /// As for [`Engine::run`].
    pub fn run_selected<S: Sink>(
        &mut self,
        document: &Document,
        selected: impl Fn(&Segment) -> bool,
        sink: &mut S,
        events: &mut dyn FnMut(Event),
    ) -> Result<(), EngineError<S::Error>> {
        let segments: Vec<&Segment> = document.segments.iter().filter(|s| selected(s)).collect();
        events(Event::Document { segments: segments.len() });
        self.memory.clear();
        // Document checks read text alone, so they run before any inference: their findings on
        // single segments must stand with those segments.
        let on_document = on_document(&self.checks, document, &self.cancel);
        let mut by_segment: HashMap<SegmentId, Vec<Finding>> = HashMap::new();
        let mut whole = Vec::new();
        for finding in on_document {
            match finding.segment {
                Some(segment) => by_segment.entry(segment).or_default().push(finding),
                None => whole.push(finding),
            }
        }
        if segments.len() < document.segments.len() {
            whole.retain(|finding| {
                let points =
                    |id: SegmentId| document.segments.get(id.index()).is_some_and(&selected);
                finding.labels.iter().any(|label| points(label.segment))
            });
        }
        let mut rest = &segments[..];
        let mut size = FIRST_PART;
        while !rest.is_empty() {
            if self.cancel.is_cancelled() {
                return Err(InferError::Cancelled.into());
            }
            let (part, later) = rest.split_at(size.min(rest.len()));
            rest = later;
            size = (segments.len() - rest.len()).clamp(FIRST_PART, PART);
            let evidence = self.evidence(part, events)?;
            let (checks, model, scoring) = (&*self.checks, self.score.as_ref(), &self.scoring);
            let cancel = &self.cancel;
            let said: Vec<_> = part
                .par_iter()
                .zip(&evidence)
                .with_min_len(SHARE)
                .map(|(segment, evidence)| {
                    if cancel.is_cancelled() {
                        return (None, Vec::new());
                    }
                    let cx = SegmentContext::new(segment, evidence, document);
                    let lowered = model.map(|model| score(model, scoring, &cx));
                    (lowered.unwrap_or(evidence.quality), on_segment(checks, &cx))
                })
                .collect();
            if self.cancel.is_cancelled() {
                return Err(InferError::Cancelled.into());
            }
            for ((&segment, mut evidence), (quality, mut findings)) in
                part.iter().zip(evidence).zip(said)
            {
                evidence.quality = quality;
                findings.extend(by_segment.remove(&segment.id).unwrap_or_default());
                // The order of the text, and of the codes where two begin together.
                findings.sort_by_key(|finding| {
                    (finding.labels.first().map(|label| label.span), finding.check.code)
                });
                let judged = Judged { segment, evidence, findings };
                sink.segment(document, judged).map_err(EngineError::Sink)?;
            }
        }
        sink.document(document, whole).map_err(EngineError::Sink)
    }

    /// The evidence for each segment of `part`. A text that came before in the document is not
    /// run again.
    fn evidence(
        &mut self,
        part: &[&Segment],
        events: &mut dyn FnMut(Event),
    ) -> Result<Vec<Evidence>, InferError> {
        let needs = self.needs;
        let Some(model) = self.model.as_deref_mut() else {
            events(Event::Done { segments: part.len() });
            return Ok(vec![Evidence::default(); part.len()]);
        };
        if self.memory.len() > MEMORY {
            self.memory.clear();
        }
        let key = |segment: &Segment| -> Key {
            let source = segment.source.as_ref().map(|source| source.text.clone());
            (segment.direction, source, segment.target.text.clone())
        };
        let mut fresh: Vec<&Segment> = Vec::new();
        let mut asked = std::collections::HashSet::new();
        for &segment in part {
            let key = key(segment);
            if self.memory.contains_key(&key) || !asked.insert(key.clone()) {
                continue;
            }
            match self.caches.iter_mut().find_map(|cache| cache.get(segment, needs)) {
                Some(evidence) => drop(self.memory.insert(key, evidence)),
                None => fresh.push(segment),
            }
        }
        // Several groups, so that progress shows and an interruption is seen in between.
        events(Event::Done { segments: part.len() - fresh.len() });
        let found = gather(model, &fresh, needs, &self.options, self.score.as_ref(), &mut |n| {
            events(Event::Done { segments: n });
        })?;
        for (segment, evidence) in fresh.iter().zip(found) {
            self.caches.iter_mut().for_each(|cache| cache.put(segment, needs, &evidence));
            self.memory.insert(key(segment), evidence);
        }
        Ok(part.iter().map(|segment| self.memory[&key(segment)].clone()).collect())
    }
}
