//! Runs one check on sentences, for the tests at the end of each check's file.

use super::{CheckMeta, DocumentContext, Findings, SegmentContext};
use crate::{
    document::{Document, SegmentText},
    evidence::Evidence,
    finding::Finding,
    text::Direction,
};

/// A document of Indonesian targets, one segment and one block each.
pub(crate) fn targets(texts: &[&str]) -> Document {
    let rows: Vec<_> = texts.iter().map(|text| (None, *text)).collect();
    pairs(&rows)
}

/// A document of English sources and Indonesian targets, one segment and one block each.
pub(crate) fn pairs(rows: &[(Option<&str>, &str)]) -> Document {
    let text: String = rows.iter().map(|(_, target)| format!("{target}\n")).collect();
    let mut document = Document::new("test", text);
    let mut start = 0;
    for (block, (source, target)) in (0..).zip(rows) {
        let source = source.map(|source| SegmentText::contiguous(source, 0));
        document.push(block, Direction::EnId, source, SegmentText::contiguous(*target, start));
        start += target.len() as u64 + 1;
    }
    document
}

/// The findings of a check on `document`, with no evidence but what is given (one per segment;
/// an empty slice for none).
pub(crate) fn findings(
    meta: &'static CheckMeta,
    document: &Document,
    evidence: &[Evidence],
) -> Vec<Finding> {
    let check = (meta.build)(toml::Table::new()).expect("every option has a default");
    let mut evidence = evidence.to_vec();
    evidence.resize_with(document.segments.len(), Evidence::default);
    let mut out = Vec::new();
    for (segment, evidence) in document.segments.iter().zip(&evidence) {
        let cx = SegmentContext::new(segment, evidence, document);
        check.segment(&cx, &mut Findings::new(&meta.info, Some(segment.id), &mut out));
    }
    let cx = DocumentContext { document };
    check.document(&cx, &mut Findings::new(&meta.info, None, &mut out));
    out
}

/// What the check marks in one Indonesian sentence: the text of each finding's first label.
pub(crate) fn marks(meta: &'static CheckMeta, text: &str) -> Vec<String> {
    let document = targets(&[text]);
    findings(meta, &document, &[]).iter().map(|finding| marked(&document, finding)).collect()
}

/// What the check marks in a pair of an English source and an Indonesian target.
pub(crate) fn pair_marks(meta: &'static CheckMeta, source: &str, target: &str) -> Vec<String> {
    let document = pairs(&[(Some(source), target)]);
    findings(meta, &document, &[]).iter().map(|finding| marked(&document, finding)).collect()
}

/// As [`marks`], with `→ suggestion` after each mark that has one.
pub(crate) fn fixes(meta: &'static CheckMeta, text: &str) -> Vec<String> {
    let document = targets(&[text]);
    let show = |finding: &Finding| match &finding.suggestion {
        Some(suggestion) => format!("{} → {suggestion}", marked(&document, finding)),
        None => marked(&document, finding),
    };
    findings(meta, &document, &[]).iter().map(show).collect()
}

/// Text of a finding's first label.
pub(crate) fn marked(document: &Document, finding: &Finding) -> String {
    let label = finding.labels.first().expect("every finding points somewhere");
    let segment = &document.segments[label.segment.index()];
    label.span.of(&segment.side(label.side).expect("side is known").text).to_owned()
}
