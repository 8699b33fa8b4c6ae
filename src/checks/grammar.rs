//! What the checks that read a list of patterns or rules share.

use super::{Findings, SegmentContext};
use crate::{
    finding::{Confidence, Severity},
    lexicon::{
        patterns::{Hit, Patterns},
        syntax,
    },
    text::{Language, Span},
};

/// What to do with words in quotation marks or brackets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoted {
    /// Nothing: they are somebody else's, or the topic.
    Skip,
    /// As with the rest: titles and new terms stand so.
    Judge,
}

/// Reports every pattern of `list`, and what the rules of the check find, in an Indonesian target,
/// but in what is no prose. `what` is the message, before the note of the pattern.
pub(super) fn report(
    list: &Patterns,
    cx: &SegmentContext<'_>,
    findings: &mut Findings<'_>,
    quotes: Quoted,
    what: &str,
) {
    if cx.segment.direction.target() == Language::Id {
        let hits = list.find_with(&cx.segment.target.text, cx.units());
        report_hits(hits, cx, findings, quotes, what);
        report_rules(cx, findings, quotes, what);
    }
}

/// As [`report`], for a check with rules only.
pub(super) fn report_rules(
    cx: &SegmentContext<'_>,
    findings: &mut Findings<'_>,
    quotes: Quoted,
    what: &str,
) {
    if cx.segment.direction.target() == Language::Id {
        let mut hits = syntax::find(findings.check.name, &cx.segment.target.text, cx.sentence());
        hits.sort_by_key(|hit| (hit.span.start, std::cmp::Reverse(hit.span.end)));
        report_hits(hits, cx, findings, quotes, what);
    }
}

/// Whether the check has reported a part of `span` already.
fn is_reported(findings: &Findings<'_>, span: Span) -> bool {
    let own = findings.out.iter().rev().take_while(|finding| {
        std::ptr::eq(finding.check, findings.check) && finding.segment == findings.segment
    });
    own.filter_map(|finding| finding.labels.first()).any(|label| label.span.overlaps(span))
}

fn report_hits(
    hits: Vec<Hit>,
    cx: &SegmentContext<'_>,
    findings: &mut Findings<'_>,
    quotes: Quoted,
    what: &str,
) {
    let target = &cx.segment.target;
    let text = target.text.as_str();
    if hits.is_empty() {
        return;
    }
    let quoted = if quotes == Quoted::Skip { cx.quoted() } else { &[] };
    for hit in hits {
        let inside = quoted.iter().any(|quote| {
            quote.start <= hit.span.start
                && hit.span.end <= quote.end
                && quote.len() + 3 < text.len()
        });
        if inside || target.in_placeable(hit.span) || is_reported(findings, hit.span) {
            continue;
        }
        let message = match hit.note {
            Some(note) if note != what => format!("{what}: {note}"),
            _ => what.to_owned(),
        };
        let mut draft = findings.push(message).at(hit.span);
        if hit.habit {
            draft = draft.severity(Severity::Neutral);
        }
        match (hit.fix, hit.idea) {
            (Some(fix), _) => {
                draft.confidence(Confidence::High).suggest(fix);
            }
            (None, Some(idea)) => {
                draft.confidence(Confidence::Medium).help(format!("say for instance `{idea}`"));
            }
            (None, None) => {
                draft.confidence(Confidence::Medium);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{checks, lexicon::patterns::LISTS};

    /// The index of words leaves out no pattern that matches.
    #[test]
    fn documented_examples_are_found_as_by_every_expression() {
        let article = include_str!("../../tests/samples/article.id.md");
        let mut found = 0;
        for (name, list) in &*LISTS {
            let check = checks::find(name).expect("a list has the name of its check");
            let examples = check.info.docs.split('`').skip(1).step_by(2);
            for text in examples.chain(article.lines()) {
                let hits = list.find(text);
                assert_eq!(hits, list.find_by_all(text), "{name}: {text}");
                found += hits.len();
            }
        }
        assert!(found > 20, "{found}");
    }
}
