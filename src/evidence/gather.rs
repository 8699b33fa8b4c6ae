//! Asks the model for what is needed, in as few passes as can be.

use super::{Compared, Evidence, EvidenceSet, RoundTrip, chrf, quality};
use crate::{
    document::Segment,
    model::{DecodeOptions, Hypothesis, InferError, Request, Response, Skip, TranslationModel},
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

/// The evidence `needs` for each of `segments`, in their order.
///
/// # Cost
/// The target is encoded once for its back-translation and for p(source | target). Without a
/// source the back-translation is encoded once for the round trip and for p(target |
/// back-translation). So a pair costs one search and two forced passes, a segment without a
/// source two searches and one forced pass.
///
/// A segment the model cannot take has its reason in [`Evidence::skipped`].
///
/// # Errors
/// [`InferError`] when the model cannot go on at all.
pub fn gather(
    model: &mut dyn TranslationModel,
    segments: &[&Segment],
    needs: EvidenceSet,
    options: &DecodeOptions,
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
        let (target, source) = (&segment.target.text, segment.source.as_ref().map(|s| &*s.text));
        let reverse = source.filter(|_| wants(EvidenceSet::REVERSE));
        let search = translate(source.is_some());
        if search || reverse.is_some() {
            let direction = segment.direction.reversed();
            requests.push(Request { source: target, direction, search, force: reverse });
            owners.push((i, true));
        }
        if let Some(source) = source.filter(|_| wants(EvidenceSet::FORWARD)) {
            let direction = segment.direction;
            requests.push(Request { source, direction, search: false, force: Some(target) });
            owners.push((i, false));
        }
    }
    let answers = model.run(&requests, options, &mut |_| {})?;
    for ((i, backwards), answer) in owners.into_iter().zip(answers) {
        let (segment, evidence) = (segments[i], &mut evidence[i]);
        match answer {
            Ok(Response { hypothesis, forced }) if backwards => {
                let source = segment.source.as_ref().map(|source| &*source.text);
                evidence.back_translation = hypothesis.map(|h| compared(h, source));
                evidence.reverse = forced;
            }
            Ok(Response { forced, .. }) => evidence.forward = forced,
            Err(skip) => evidence.skipped = Some(skip),
        }
    }

    let mut requests = Vec::new();
    let mut owners = Vec::new();
    for (i, segment) in segments.iter().enumerate() {
        let back = evidence[i].back_translation.as_ref();
        let Some(back) = back.filter(|_| segment.source.is_none()) else { continue };
        if wants(EvidenceSet::ROUND_TRIP) {
            let (source, direction) = (back.text.as_str(), segment.direction);
            let force = Some(segment.target.text.as_str());
            requests.push(Request { source, direction, search: true, force });
            owners.push(i);
        }
    }
    let answers = model.run(&requests, options, &mut |_| {})?;
    let mut round_trips: Vec<(usize, Result<RoundTrip, Skip>)> = Vec::with_capacity(owners.len());
    for (i, answer) in owners.into_iter().zip(answers) {
        let round_trip = answer.map(|Response { hypothesis, forced }| RoundTrip {
            hypothesis: hypothesis.map(|h| compared(h, Some(&segments[i].target.text))),
            forced: forced.expect("asked for"),
        });
        round_trips.push((i, round_trip));
    }
    for (i, round_trip) in round_trips {
        match round_trip {
            Ok(round_trip) => evidence[i].round_trip = Some(round_trip),
            // A back-translation without words says nothing; one too long is the model's fault.
            Err(skip) => evidence[i].skipped = Some(skip),
        }
    }
    if needs.contains(EvidenceSet::QUALITY) {
        for evidence in &mut evidence {
            evidence.quality = quality(evidence);
        }
    }
    progress(segments.len());
    Ok(evidence)
}
