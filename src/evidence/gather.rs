//! Asks the model for what is needed, in as few passes as can be.

use super::{
    Compared, Evidence, EvidenceSet, RoundTrip, ScoreModel, WordModel,
    align::align,
    chrf, contrast,
    features::{Judged, features},
    words::{ALTERNATIVES, Question, WORD_TOKENS, worst},
};
use crate::{
    document::Segment,
    model::{DecodeOptions, Hypothesis, InferError, Request, Response, States, TranslationModel},
};

fn compared(hypothesis: Hypothesis, reference: Option<&str>) -> Compared {
    Compared {
        chrf: reference.map(|reference| chrf(&hypothesis.text, reference)),
        log_prob: hypothesis.log_prob,
        tokens: hypothesis.ids.len(),
        stopped: hypothesis.stopped.is_some(),
        text: hypothesis.text,
    }
}

/// Which evidence an answer is.
#[derive(Clone, Copy)]
enum Part {
    Forward,
    Back,
    Own,
}

fn source_of(segment: &Segment) -> Option<&str> {
    segment.source.as_ref().map(|source| &*source.text)
}

/// What the score reads; `None` where some of it is missing.
fn judged<'a>(segment: &'a Segment, evidence: &'a Evidence) -> Option<Judged<'a>> {
    let source = match source_of(segment) {
        Some(source) => source,
        None => &evidence.back_translation.as_ref()?.text,
    };
    Some(Judged {
        language: segment.direction.target(),
        source,
        target: &segment.target.text,
        forward: match &evidence.round_trip {
            Some(round_trip) => &round_trip.forced,
            None => evidence.forward.as_ref()?,
        },
        own: evidence.own.as_ref()?,
    })
}

/// The states of a segment's texts, until they are compared.
#[derive(Default)]
struct Encoded {
    /// Of the source, or of the back-translation.
    source: Option<States>,
    target: Option<States>,
}

/// The evidence `needs` for each of `segments`, in their order.
///
/// # Cost
/// The target is encoded once for its back-translation and for p(source | target). Without a
/// source the back-translation is encoded once for the round trip and for p(target |
/// back-translation). So a pair costs one search and three forced passes, a segment without a
/// source two searches and two forced passes. The score alone costs two forced passes, and without
/// a source one search besides. What words, alignment and phrases cost stands at [`EvidenceSet`].
///
/// A segment the model cannot take has its reason in [`Evidence::skipped`]. Without a `score` for
/// the model there is no [`Evidence::quality`] and there are no [`Evidence::words`].
///
/// # Errors
/// [`InferError`] when the model cannot go on at all.
pub fn gather(
    model: &mut dyn TranslationModel,
    segments: &[&Segment],
    needs: EvidenceSet,
    options: &DecodeOptions,
    score: Option<&ScoreModel>,
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Evidence>, InferError> {
    let mut evidence = vec![Evidence::default(); segments.len()];
    if needs.is_empty() {
        return Ok(evidence);
    }
    let mut states: Vec<Encoded> = Vec::new();
    states.resize_with(segments.len(), Encoded::default);
    first_passes(model, segments, needs, options, &mut evidence, &mut states)?;
    round_trips(model, segments, needs, options, &mut evidence, &mut states)?;
    for (evidence, states) in evidence.iter_mut().zip(states) {
        let both = states.source.zip(states.target);
        evidence.alignment = both.and_then(|(source, target)| align(&source, &target));
    }
    if needs.contains(EvidenceSet::QUALITY) {
        for (segment, evidence) in segments.iter().zip(&mut evidence) {
            evidence.features = judged(segment, evidence)
                .filter(|_| evidence.skipped.is_none())
                .map(|judged| features(&judged));
            evidence.quality = score
                .zip(evidence.features.as_ref())
                .map(|(score, features)| score.score(features, segment.source.is_some()));
        }
    }
    if needs.contains(EvidenceSet::WORDS) {
        if let Some(words) = score.and_then(ScoreModel::words) {
            judge_words(model, segments, words, &mut evidence)?;
        }
        // They have served, and are many.
        for evidence in &mut evidence {
            let round_trip = evidence.round_trip.as_mut().map(|trip| &mut trip.forced);
            let forced = [evidence.forward.as_mut(), evidence.reverse.as_mut(), round_trip];
            forced.into_iter().flatten().for_each(|forced| forced.alternatives.clear());
        }
    }
    if needs.contains(EvidenceSet::PHRASES) {
        try_phrases(model, segments, options, &mut evidence)?;
    }
    progress(segments.len());
    Ok(evidence)
}

/// What needs no answer of the model but texts.
fn first_passes(
    model: &mut dyn TranslationModel,
    segments: &[&Segment],
    needs: EvidenceSet,
    options: &DecodeOptions,
    evidence: &mut [Evidence],
    states: &mut [Encoded],
) -> Result<(), InferError> {
    let wants = |set: EvidenceSet| needs.intersects(set);
    let aligned = wants(EvidenceSet::ALIGNMENT | EvidenceSet::PHRASES);
    let forwards = EvidenceSet::FORWARD | EvidenceSet::QUALITY | EvidenceSet::WORDS;
    let alternatives = if wants(EvidenceSet::WORDS) { ALTERNATIVES } else { 0 };
    let mut requests = Vec::new();
    let mut owners = Vec::new();
    for (i, segment) in segments.iter().enumerate() {
        let (target, source) = (&*segment.target.text, source_of(segment));
        let (forward, back) = (segment.direction, segment.direction.reversed());
        let force = source.filter(|_| wants(EvidenceSet::REVERSE | EvidenceSet::PHRASES));
        let search = wants(EvidenceSet::BACK_TRANSLATION)
            || (source.is_none() && wants(by_the_back_translation()));
        if search || force.is_some() || (aligned && source.is_some()) {
            let request = Request::new(target, back);
            requests.push(Request { search, force, states: aligned, ..request });
            owners.push((i, Part::Back));
        }
        let force = Some(target).filter(|_| wants(forwards | EvidenceSet::PHRASES));
        if let Some(source) = source.filter(|_| force.is_some() || aligned) {
            let request = Request::new(source, forward);
            requests.push(Request { force, alternatives, states: aligned, ..request });
            owners.push((i, Part::Forward));
        }
        if wants(EvidenceSet::QUALITY | EvidenceSet::WORDS) {
            requests.push(Request { force: Some(target), ..Request::new("", forward) });
            owners.push((i, Part::Own));
        }
    }
    let answers = model.run(&requests, options, &mut |_| {})?;
    for ((i, part), answer) in owners.into_iter().zip(answers) {
        let evidence = &mut evidence[i];
        match (part, answer) {
            (Part::Back, Ok(response)) => {
                let reference = source_of(segments[i]);
                evidence.back_translation = response.hypothesis.map(|h| compared(h, reference));
                evidence.reverse = response.forced;
                states[i].target = response.states;
            }
            (Part::Forward, Ok(response)) => {
                evidence.forward = response.forced;
                states[i].source = response.states;
            }
            (Part::Own, Ok(response)) => evidence.own = response.forced,
            (_, Err(skip)) => evidence.skipped = Some(skip),
        }
    }
    Ok(())
}

/// What goes by the back-translation where there is no source.
fn by_the_back_translation() -> EvidenceSet {
    EvidenceSet::ROUND_TRIP | EvidenceSet::QUALITY | EvidenceSet::WORDS | EvidenceSet::ALIGNMENT
}

/// Without a source, the back-translation stands for it.
fn round_trips(
    model: &mut dyn TranslationModel,
    segments: &[&Segment],
    needs: EvidenceSet,
    options: &DecodeOptions,
    evidence: &mut [Evidence],
    states: &mut [Encoded],
) -> Result<(), InferError> {
    let search = needs.contains(EvidenceSet::ROUND_TRIP);
    let alternatives = if needs.contains(EvidenceSet::WORDS) { ALTERNATIVES } else { 0 };
    let aligned = needs.contains(EvidenceSet::ALIGNMENT);
    let mut requests = Vec::new();
    let mut owners = Vec::new();
    for (i, segment) in segments.iter().enumerate() {
        let back = evidence[i].back_translation.as_ref().map(|back| &*back.text);
        let Some(back) = back.filter(|_| segment.source.is_none()) else { continue };
        if needs.intersects(by_the_back_translation()) {
            let request = Request::new(back, segment.direction);
            let force = Some(&*segment.target.text);
            requests.push(Request { search, force, alternatives, states: aligned, ..request });
            owners.push(i);
        }
    }
    let answers = model.run(&requests, options, &mut |_| {})?;
    let mut trips = Vec::with_capacity(owners.len());
    for (i, answer) in owners.into_iter().zip(answers) {
        match answer {
            Ok(response) => {
                let target = Some(&*segments[i].target.text);
                let hypothesis = response.hypothesis.map(|h| compared(h, target));
                let forced = response.forced.expect("asked for");
                states[i].source = response.states;
                trips.push((i, RoundTrip { hypothesis, forced }));
            }
            // A back-translation without words says nothing; one too long is the model's fault.
            Err(skip) => evidence[i].skipped = Some(skip),
        }
    }
    for (i, trip) in trips {
        evidence[i].round_trip = Some(trip);
    }
    Ok(())
}

/// [`Evidence::words`], and for doubtful ones the words that the model expected instead.
fn judge_words(
    model: &mut dyn TranslationModel,
    segments: &[&Segment],
    estimate: &WordModel,
    evidence: &mut [Evidence],
) -> Result<(), InferError> {
    let mut questions = Vec::new();
    for (i, (segment, evidence)) in segments.iter().zip(&mut *evidence).enumerate() {
        let Some(judged) = judged(segment, evidence) else { continue };
        let with_source = segment.source.is_some();
        let words = estimate.words(judged.forward, judged.own, with_source);
        let Some(words) = words else { continue };
        for word in worst(&words) {
            let target = judged.target;
            let about = Question::about(word, &words, judged.forward, target);
            questions.extend(about.into_iter().map(|question| (i, question)));
        }
        evidence.words = Some(words);
    }
    let sources: Vec<String> = questions
        .iter()
        .map(|(i, _)| {
            let back = evidence[*i].back_translation.as_ref().map(|back| &*back.text);
            source_of(segments[*i]).or(back).unwrap_or_default().to_owned()
        })
        .collect();
    let requests: Vec<Request<'_>> = questions
        .iter()
        .zip(&sources)
        .map(|((i, question), source)| {
            question.request(Request::new(source, segments[*i].direction))
        })
        .collect();
    let options =
        DecodeOptions { max_tokens: WORD_TOKENS, loop_guard: false, ..DecodeOptions::default() };
    let answers = model.run(&requests, &options, &mut |_| {})?;
    for ((i, question), answer) in questions.iter().zip(answers) {
        // What the model cannot take was too long by the one token that was put to it.
        let Ok(Response { hypothesis: Some(hypothesis), .. }) = answer else { continue };
        let words = evidence[*i].words.as_mut().expect("what a question is about");
        let (text, ended) = (&hypothesis.text, hypothesis.stopped.is_none());
        question.answer(text, ended, &segments[*i].target.text, &mut words[question.word]);
    }
    Ok(())
}

/// [`Evidence::phrases`].
fn try_phrases(
    model: &mut dyn TranslationModel,
    segments: &[&Segment],
    options: &DecodeOptions,
    evidence: &mut [Evidence],
) -> Result<(), InferError> {
    let mut trials = Vec::new();
    for (i, (segment, evidence)) in segments.iter().zip(&mut *evidence).enumerate() {
        let (Some(source), Some(alignment)) = (source_of(segment), &evidence.alignment) else {
            continue;
        };
        let target = &segment.target.text;
        let own = contrast::trials(source, target, segment.direction, alignment);
        trials.extend(own.into_iter().map(|trial| (i, trial)));
        evidence.phrases = Some(Vec::new());
    }
    let requests: Vec<Request<'_>> = trials
        .iter()
        .map(|(i, trial)| {
            let segment = segments[*i];
            let source = source_of(segment).unwrap_or_default();
            trial.request(source, &segment.target.text, segment.direction)
        })
        .collect();
    let answers = model.run(&requests, options, &mut |_| {})?;
    for ((i, trial), answer) in trials.iter().zip(answers) {
        let evidence = &mut evidence[*i];
        // A rest without words cannot be compared.
        let Ok(Response { forced: Some(rest), .. }) = answer else { continue };
        if let (Some(forward), Some(reverse)) = (&evidence.forward, &evidence.reverse) {
            let phrase = trial.phrase(forward, reverse, &rest);
            evidence.phrases.get_or_insert_default().push(phrase);
        }
    }
    Ok(())
}
