//! How well cermat does on data that people labelled: anyone can measure it on their own.
//!
//! | of items with | figure |
//! | --- | --- |
//! | a better translation | in how many it scores above the target; ties count half |
//! | a score | Pearson's r and Kendall's τ-b with cermat's |
//! | labelled spans | recall, precision and F1 of findings, by overlap and to the letter; recall by class |
//! | nothing wrong | false alarms for 1,000 segments |
//!
//! Each with a 95 % bootstrap interval over items.

mod labelled;
mod statistics;

use std::{collections::BTreeMap, ops::Range, path::Path};

use serde::Serialize;

pub use labelled::{Item, LabelError, LabelledSpan, Offsets, read};
pub use statistics::{Figure, bootstrap, kendall, mean, pearson};

use crate::{
    checks::SegmentContext,
    document::{Document, Segment, SegmentText, format},
    engine::{self, Configured},
    evidence::{Evidence, EvidenceSet, ScoreModel, gather},
    finding::{Finding, Severity},
    model::{DecodeOptions, InferError, TranslationModel},
    text::{Direction, Side},
};

/// Segments asked of the model at once.
const PART: usize = 512;

/// Fewest good and fewest bad segments that a scale is fitted to.
pub const MIN_CALIBRATION: usize = 100;

/// What cermat said of an item.
struct Outcome<'a> {
    item: &'a Item,
    score: Option<f64>,
    better_score: Option<f64>,
    /// Places of each finding in the target, in bytes, with its severity.
    findings: Vec<(Vec<Range<usize>>, Severity)>,
    segments: usize,
}

/// Figures on spans.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpanFigures {
    /// Of the labelled spans, those that a finding overlaps.
    pub recall: Figure,
    /// Of the findings, those that overlap a labelled span.
    pub precision: Option<Figure>,
    /// Harmonic mean of the two.
    pub f1: Option<Figure>,
    /// Recall where the span must be the same to the byte.
    pub exact_recall: Figure,
    /// Found and labelled, by class.
    pub classes: BTreeMap<String, (usize, usize)>,
}

/// Figures on text with nothing wrong in it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CleanFigures {
    /// Segments.
    pub segments: usize,
    /// Findings for 1,000 segments, by severity.
    pub findings_per_1000: BTreeMap<&'static str, f64>,
    /// Share of items with a finding.
    pub flagged: Figure,
}

/// Figures on a group of items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// `all`, or `key=value`.
    pub name: String,
    /// Items.
    pub items: usize,
    /// Share in which the better translation scores higher.
    pub preference: Option<Figure>,
    /// Pearson's r of scores.
    pub pearson: Option<Figure>,
    /// Kendall's τ-b of scores.
    pub kendall: Option<Figure>,
    /// Items with labelled spans.
    pub spans: Option<SpanFigures>,
    /// Items with nothing wrong.
    pub clean: Option<CleanFigures>,
}

/// How to evaluate.
pub struct Options<'a> {
    /// Of every item.
    pub direction: Direction,
    /// The checks that speak.
    pub checks: &'a [Configured],
    /// Of the search.
    pub decode: DecodeOptions,
    /// The score of the model.
    pub score: Option<&'a ScoreModel>,
    /// Group by this key of the items, or of their spans.
    pub by: Option<&'a str>,
}

/// Judges `items` and compares with their labels: a group of all, then the groups of
/// [`Options::by`].
///
/// # Errors
/// [`InferError`] when the model cannot go on.
pub fn evaluate(
    items: &[Item],
    model: Option<&mut dyn TranslationModel>,
    options: &Options<'_>,
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Group>, InferError> {
    let outcomes = outcomes(items, model, options, progress)?;
    let all: Vec<&Outcome<'_>> = outcomes.iter().collect();
    let mut groups = vec![group("all".to_owned(), &all, options.by)];
    if let Some(by) = options.by {
        let mut parts: BTreeMap<String, Vec<&Outcome<'_>>> = BTreeMap::new();
        for outcome in &outcomes {
            if let Some(value) = outcome.item.keys.get(by) {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                parts.entry(value).or_default().push(outcome);
            }
        }
        let name = |value: String| format!("{by}={value}");
        groups.extend(parts.into_iter().map(|(value, part)| group(name(value), &part, None)));
    }
    Ok(groups)
}

/// Fits the scale of [`Options::score`] to `items`: better translations and targets with nothing
/// wrong are good, those that something better is known of and those with labelled spans are bad.
/// A mode (with and without a source) with fewer than [`MIN_CALIBRATION`] of either keeps its
/// scale; `None` where both do.
///
/// # Errors
/// [`InferError`] when the model cannot go on.
pub fn calibrate(
    items: &[Item],
    model: &mut dyn TranslationModel,
    name: &str,
    options: &Options<'_>,
    progress: &mut dyn FnMut(usize),
) -> Result<Option<ScoreModel>, InferError> {
    let mut texts = Vec::new();
    for item in items {
        let wrong = item.spans.as_ref().is_some_and(|spans| !spans.is_empty());
        if item.better.is_some() || wrong {
            texts.push((false, document(item, &item.target, options.direction)));
        } else if item.spans.is_some() {
            texts.push((true, document(item, &item.target, options.direction)));
        }
        if let Some(better) = &item.better {
            texts.push((true, document(item, better, options.direction)));
        }
    }
    let segments: Vec<(bool, &Segment)> =
        texts.iter().flat_map(|(good, d)| d.segments.iter().map(|s| (*good, s))).collect();
    let Some(score) = options.score else { return Ok(None) };
    // With and without a source, bad and good.
    let mut raw: [[Vec<f32>; 2]; 2] = Default::default();
    for part in segments.chunks(PART) {
        let asked: Vec<&Segment> = part.iter().map(|(_, segment)| *segment).collect();
        let needs = EvidenceSet::QUALITY;
        let evidence = gather(model, &asked, needs, &options.decode, options.score, progress)?;
        for ((good, segment), evidence) in part.iter().zip(evidence) {
            let with_source = segment.source.is_some();
            let value = evidence.features.map(|features| score.raw(&features, with_source));
            raw[usize::from(with_source)][usize::from(*good)].extend(value);
        }
    }
    let mut fitted = None;
    for (with_source, [bad, good]) in [false, true].into_iter().zip(&raw) {
        if bad.len().min(good.len()) >= MIN_CALIBRATION {
            let from: &ScoreModel = fitted.as_ref().unwrap_or(score);
            fitted = Some(from.clone().rescaled(name.to_owned(), with_source, good, bad));
        }
    }
    Ok(fitted)
}

fn outcomes<'a>(
    items: &'a [Item],
    model: Option<&mut dyn TranslationModel>,
    options: &Options<'_>,
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Outcome<'a>>, InferError> {
    let scored = |item: &Item| item.better.is_some() || item.score.is_some();
    let mut needs = EvidenceSet::empty();
    if items.iter().any(scored) {
        needs |= EvidenceSet::QUALITY;
    }
    if items.iter().any(|item| item.spans.is_some()) {
        needs |= options.checks.iter().fold(needs, |needs, check| needs | check.meta.needs);
    }
    // The target of each item, and its better translation.
    let mut documents = Vec::new();
    for item in items {
        documents.push(Some(document(item, &item.target, options.direction)));
        let better = item.better.as_ref();
        documents.push(better.map(|better| document(item, better, options.direction)));
    }
    let segments: Vec<&Segment> =
        documents.iter().flatten().flat_map(|document| &document.segments).collect();
    let mut evidence = Vec::with_capacity(segments.len());
    match model {
        None => evidence.resize_with(segments.len(), Evidence::default),
        Some(model) => {
            for part in segments.chunks(PART) {
                evidence.extend(gather(
                    model,
                    part,
                    needs,
                    &options.decode,
                    options.score,
                    &mut |n| progress(n),
                )?);
            }
        }
    }
    let mut evidence = evidence.as_slice();
    let mut judge = |document: &Option<Document>| {
        let document = document.as_ref()?;
        let (own, rest) = evidence.split_at(document.segments.len());
        evidence = rest;
        Some((document.clone(), own))
    };
    let scoring = engine::scoring_checks();
    let score_of = |(document, evidence): (Document, &[Evidence])| {
        mean_score(options.score, &scoring, &document, evidence)
    };
    let mut outcomes = Vec::with_capacity(items.len());
    for (item, pair) in items.iter().zip(documents.chunks(2)) {
        let (target, own) = judge(&pair[0]).expect("every item has a target");
        let better = judge(&pair[1]);
        let findings = if item.spans.is_some() {
            engine::findings(options.checks, &target, own)
        } else {
            Vec::new()
        };
        outcomes.push(Outcome {
            item,
            findings: findings.iter().map(|finding| places(&target, finding)).collect(),
            segments: target.segments.len(),
            score: score_of((target, own)),
            better_score: better.and_then(score_of),
        });
    }
    Ok(outcomes)
}

/// An item as a document, whose text is the target: a pair is one segment, text without a source
/// is cut into sentences.
fn document(item: &Item, target: &str, direction: Direction) -> Document {
    let name = format!("line {}", item.line);
    if let Some(source) = &item.source {
        let mut document = Document::new(name, target);
        let source = SegmentText::contiguous(source.as_str(), 0);
        document.push(0, direction, Some(source), SegmentText::contiguous(target, 0));
        return document;
    }
    let plain = format::by_name("plain");
    let options = format::ReadOptions::new(direction);
    let bytes = target.as_bytes().to_vec();
    // What is no text (NUL) has nothing to score.
    format::read_bytes(&name, Path::new(""), bytes, plain, &options)
        .unwrap_or_else(|_| Document::new(name, target))
}

/// Mean score of a document's segments.
fn mean_score(
    score: Option<&ScoreModel>,
    checks: &[Configured],
    document: &Document,
    evidence: &[Evidence],
) -> Option<f64> {
    let segments = document.segments.iter().zip(evidence);
    let scores = segments.filter_map(|(segment, evidence)| {
        engine::score(score?, checks, &SegmentContext::new(segment, evidence, document))
    });
    mean(&scores.map(f64::from).collect::<Vec<_>>())
}

fn places(document: &Document, finding: &Finding) -> (Vec<Range<usize>>, Severity) {
    let labels = finding.labels.iter().filter(|label| label.side == Side::Target);
    let spans = labels.filter_map(|label| document.in_text(label.segment, label.side, label.span));
    let places = spans.map(|span| span.start as usize..span.end as usize).collect();
    (places, finding.severity)
}

/// What of one item is labelled and found.
#[derive(Clone, Default)]
struct Counts {
    labelled: usize,
    found: usize,
    exact: usize,
    findings: usize,
    right: usize,
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    // A mark may be empty: where something is missing.
    a.start < b.end.max(b.start + 1) && b.start < a.end.max(a.start + 1)
}

fn counts(outcome: &Outcome<'_>, spans: &[LabelledSpan]) -> Counts {
    let places = || outcome.findings.iter().flat_map(|(places, _)| places);
    let mut counts = Counts::default();
    for span in spans.iter().filter(|span| span.counts) {
        counts.labelled += 1;
        counts.found += usize::from(places().any(|place| overlap(place, &span.range)));
        counts.exact += usize::from(places().any(|place| *place == span.range));
    }
    for (places, _) in &outcome.findings {
        let hit = |counts: bool| {
            let spans = spans.iter().filter(move |span| span.counts == counts);
            spans.into_iter().any(|span| places.iter().any(|place| overlap(place, &span.range)))
        };
        if hit(true) {
            counts.right += 1;
            counts.findings += 1;
        } else if !hit(false) {
            counts.findings += 1;
        }
    }
    counts
}

fn group(name: String, outcomes: &[&Outcome<'_>], by: Option<&str>) -> Group {
    let preferred: Vec<f64> = outcomes
        .iter()
        .filter_map(|outcome| Some((outcome.score?, outcome.better_score?)))
        .map(
            |(worse, better)| {
                if better == worse { 0.5 } else { f64::from(u8::from(better > worse)) }
            },
        )
        .collect();
    let scores: Vec<(f64, f64)> =
        outcomes.iter().filter_map(|outcome| Some((outcome.score?, outcome.item.score?))).collect();
    let marked: Vec<Counts> = outcomes
        .iter()
        .filter_map(|outcome| Some(counts(outcome, outcome.item.spans.as_ref()?)))
        .collect();
    let share = |part: fn(&Counts) -> usize, whole: fn(&Counts) -> usize| {
        bootstrap(&marked, |counts| {
            let whole: usize = counts.iter().map(whole).sum();
            let part: usize = counts.iter().map(part).sum();
            (whole > 0).then(|| part as f64 / whole as f64)
        })
    };
    let mut classes: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for outcome in outcomes {
        for span in outcome.item.spans.iter().flatten().filter(|span| span.counts) {
            let key = by.and_then(|by| span.keys.get(by)).and_then(|value| value.as_str());
            let class = classes.entry(key.unwrap_or(&span.class).to_owned()).or_default();
            let mut places = outcome.findings.iter().flat_map(|(places, _)| places);
            class.0 += usize::from(places.any(|place| overlap(place, &span.range)));
            class.1 += 1;
        }
    }
    let spans = share(|c| c.found, |c| c.labelled).map(|recall| SpanFigures {
        recall,
        precision: share(|c| c.right, |c| c.findings),
        f1: bootstrap(&marked, |counts| {
            let sum = |part: fn(&Counts) -> usize| counts.iter().map(part).sum::<usize>() as f64;
            let recall = sum(|c| c.found) / sum(|c| c.labelled);
            let precision = sum(|c| c.right) / sum(|c| c.findings);
            Some(2.0 * recall * precision / (recall + precision)).filter(|f1| f1.is_finite())
        }),
        exact_recall: share(|c| c.exact, |c| c.labelled).expect("recall is defined"),
        classes,
    });
    let clean: Vec<&&Outcome<'_>> = outcomes
        .iter()
        .filter(|outcome| outcome.item.spans.as_ref().is_some_and(Vec::is_empty))
        .collect();
    let flagged: Vec<f64> =
        clean.iter().map(|outcome| f64::from(u8::from(!outcome.findings.is_empty()))).collect();
    let clean = bootstrap(&flagged, mean).map(|flagged| {
        let segments: usize = clean.iter().map(|outcome| outcome.segments).sum();
        let mut findings_per_1000 = BTreeMap::new();
        for (_, severity) in clean.iter().flat_map(|outcome| &outcome.findings) {
            *findings_per_1000.entry(severity.name()).or_default() += 1000.0 / segments as f64;
        }
        CleanFigures { segments, findings_per_1000, flagged }
    });
    Group {
        name,
        items: outcomes.len(),
        preference: bootstrap(&preferred, mean),
        pearson: bootstrap(&scores, pearson),
        kendall: bootstrap(&scores, kendall),
        spans,
        clean,
    }
}
