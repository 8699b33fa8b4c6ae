//! Asks the model for what is needed, in as few passes as can be.

use super::{
    Compared, Evidence, EvidenceSet, RoundTrip, ScoreModel, chrf,
    features::{Judged, features},
};
use crate::{
    document::Segment,
    model::{DecodeOptions, Hypothesis, InferError, Request, Response, TranslationModel},
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

/// The evidence `needs` for each of `segments`, in their order.
///
/// # Cost
/// The target is encoded once for its back-translation and for p(source | target). Without a
/// source the back-translation is encoded once for the round trip and for p(target |
/// back-translation). So a pair costs one search and three forced passes, a segment without a
/// source two searches and two forced passes. The score alone costs two forced passes, and without
/// a source one search besides.
///
/// A segment the model cannot take has its reason in [`Evidence::skipped`]. Without a `score` for
/// the model there is no [`Evidence::quality`].
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
    let wants = |set: EvidenceSet| needs.intersects(set | EvidenceSet::QUALITY);
    // Without a source everything goes by the back-translation.
    let translate = |paired: bool| {
        needs.contains(EvidenceSet::BACK_TRANSLATION) || (!paired && wants(EvidenceSet::ROUND_TRIP))
    };

    let mut requests = Vec::new();
    let mut owners = Vec::new();
    for (i, segment) in segments.iter().enumerate() {
        let (target, source) = (&*segment.target.text, source_of(segment));
        let (forward, back) = (segment.direction, segment.direction.reversed());
        let reverse = source.filter(|_| needs.contains(EvidenceSet::REVERSE));
        let search = translate(source.is_some());
        if search || reverse.is_some() {
            requests.push(Request { source: target, direction: back, search, force: reverse });
            owners.push((i, Part::Back));
        }
        let force = Some(target);
        if let Some(source) = source.filter(|_| wants(EvidenceSet::FORWARD)) {
            requests.push(Request { source, direction: forward, search: false, force });
            owners.push((i, Part::Forward));
        }
        if needs.contains(EvidenceSet::QUALITY) {
            requests.push(Request { source: "", direction: forward, search: false, force });
            owners.push((i, Part::Own));
        }
    }
    let answers = model.run(&requests, options, &mut |_| {})?;
    for ((i, part), answer) in owners.into_iter().zip(answers) {
        let evidence = &mut evidence[i];
        match (part, answer) {
            (Part::Back, Ok(Response { hypothesis, forced })) => {
                evidence.back_translation = hypothesis.map(|h| compared(h, source_of(segments[i])));
                evidence.reverse = forced;
            }
            (Part::Forward, Ok(Response { forced, .. })) => evidence.forward = forced,
            (Part::Own, Ok(Response { forced, .. })) => evidence.own = forced,
            (_, Err(skip)) => evidence.skipped = Some(skip),
        }
    }

    // Without a source, the back-translation stands for it.
    let mut requests = Vec::new();
    let mut owners = Vec::new();
    for (i, segment) in segments.iter().enumerate() {
        let back = evidence[i].back_translation.as_ref().map(|back| &*back.text);
        let Some(back) = back.filter(|_| segment.source.is_none()) else { continue };
        let (target, direction) = (&*segment.target.text, segment.direction);
        let search = needs.contains(EvidenceSet::ROUND_TRIP);
        if wants(EvidenceSet::ROUND_TRIP) {
            requests.push(Request { source: back, direction, search, force: Some(target) });
            owners.push(i);
        }
    }
    let answers = model.run(&requests, options, &mut |_| {})?;
    let mut round_trips = Vec::with_capacity(owners.len());
    for (i, answer) in owners.into_iter().zip(answers) {
        match answer {
            Ok(Response { hypothesis, forced }) => {
                let target = Some(&*segments[i].target.text);
                let hypothesis = hypothesis.map(|h| compared(h, target));
                let forced = forced.expect("asked for");
                round_trips.push((i, RoundTrip { hypothesis, forced }));
            }
            // A back-translation without words says nothing; one too long is the model's fault.
            Err(skip) => evidence[i].skipped = Some(skip),
        }
    }
    for (i, round_trip) in round_trips {
        evidence[i].round_trip = Some(round_trip);
    }
    if needs.contains(EvidenceSet::QUALITY) {
        for (segment, evidence) in segments.iter().zip(&mut evidence) {
            evidence.features = judged(segment, evidence)
                .filter(|_| evidence.skipped.is_none())
                .map(|judged| Box::new(features(&judged)));
            evidence.quality = score
                .zip(evidence.features.as_deref())
                .map(|(score, features)| score.score(features, segment.source.is_some()));
        }
    }
    progress(segments.len());
    Ok(evidence)
}
