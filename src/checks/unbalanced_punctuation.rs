//! LNG005 `unbalanced-punctuation`: a quotation mark or bracket without its partner.

use serde::Deserialize;

use super::{Check, DocumentContext, Findings, declare_check, marks};
use crate::{
    document::Segment,
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    text::{Side, Span, words},
};

declare_check! {
    /// ## What it does
    /// Reports an opening quotation mark or bracket that is not closed before its paragraph ends,
    /// a closing one that nothing opened, and a pair of two kinds (`“…"`).
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Punctuation. The reader does not see where the quotation ends;
    /// often a part of it is missing.
    ///
    /// ## Example
    /// - `Ia menjawab, "Belum tahu.`
    /// - `“Siap," katanya.` → `“Siap,” katanya.`
    ///
    /// ## Not reported
    /// Marks whose partner stands in another sentence of the paragraph, numbers of items (`a)`),
    /// inches (`32"`), apostrophes, emoticons, code. East Asian marks are LNG006's.
    ///
    /// ## Known misses
    /// Closing single quotation marks, which are apostrophes as well.
    ///
    /// ## False alarms
    /// 1.4 per 1,000 (95 % interval 0.9–2.3) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`, most of them true. Where text was cut into a sentence a line, a
    /// mark whose partner may stand in another line is neutral, of low confidence: 13 per 1,000.
    UnbalancedPunctuation {
        code: "LNG005",
        name: "unbalanced-punctuation",
        mqm: Punctuation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.unbalanced-punctuation]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct UnbalancedPunctuation {}

/// Words between a bracket and the edge of a line where it may have been cut.
const EDGE: usize = 4;

impl Check for UnbalancedPunctuation {
    fn document(&self, cx: &DocumentContext<'_>, findings: &mut Findings<'_>) {
        let alone = cx.document.blocks().nth(1).is_none();
        for block in cx.document.blocks() {
            paragraph(&cx.document.segments[block], alone, findings);
        }
    }
}

/// A paragraph as one text: a quotation may run over several sentences. `alone`: no other
/// paragraph can have the partner.
fn paragraph(segments: &[Segment], alone: bool, findings: &mut Findings<'_>) {
    let mut text = String::new();
    let mut starts = Vec::with_capacity(segments.len());
    for segment in segments {
        starts.push(text.len());
        text.push_str(&segment.target.text);
        text.push('\n');
    }
    let place = |at: usize| {
        let i = starts.partition_point(|start| *start <= at) - 1;
        (i, at - starts[i])
    };
    let skip = |span: Span| {
        let (i, at) = place(span.range().start);
        let here = Span::new(at..at + span.len());
        segments[i].target.in_placeable(here)
    };
    single_quotes(segments, findings);
    let matched = marks::matched(&text, skip);
    for mark in &matched.alone {
        let (i, at) = place(mark.at);
        let what = match mark.mark {
            '"' | '“' | '”' | '«' | '»' => "quotation mark",
            _ => "bracket",
        };
        let opens = matches!(mark.mark, '(' | '[' | '{' | '“' | '«');
        let message = match mark.mark {
            '"' => "quotation mark without a partner".to_owned(),
            _ if opens => format!("{what} is not closed"),
            _ => format!("nothing opens this {what}"),
        };
        // Files with a sentence a line cut paragraphs apart: a quotation that ends with `,"` or
        // opens a line may have its other end in a neighbour, and so may brackets around an
        // abbreviation. Worth a look, but no penalty.
        let (before, after) = segments[i].target.text.split_at(at);
        let before = before.trim_end();
        let few = |text: &str| text.split_whitespace().count() <= EDGE;
        let cut = !alone
            && if what == "quotation mark" {
                before.is_empty() || before.ends_with([',', '.', '!', '?', ':'])
            } else {
                i == 0 && !opens && few(before) || i + 1 == segments.len() && opens && few(after)
            };
        findings
            .on(segments[i].id)
            .push(message)
            .at(Span::new(at..at + mark.mark.len_utf8()))
            .confidence(if cut { Confidence::Low } else { Confidence::Medium })
            .severity(if cut { Severity::Neutral } else { META.info.severity })
            .help("put the partner where the quotation or the aside ends, or take this one away");
    }
    for (open, close) in &matched.pairs {
        let (good, bad) = match (open.mark, close.mark) {
            ('“', '"') => ("”", close),
            ('"', '”') => ("“", open),
            _ => continue,
        };
        let (i, at) = place(bad.at);
        let (j, partner) = place(if bad.at == open.at { close.at } else { open.at });
        let other = if bad.at == open.at { close } else { open };
        findings
            .on(segments[i].id)
            .push(format!("quotation marks of two kinds: `{}` and `{}`", open.mark, close.mark))
            .at(Span::new(at..at + bad.mark.len_utf8()))
            .label(
                segments[j].id,
                Side::Target,
                Span::new(partner..partner + other.mark.len_utf8()),
                "its partner",
            )
            .confidence(Confidence::High)
            .suggest(good)
            .help("use one kind");
    }
}

/// Reports a straight single quotation mark that opens before a word and has no partner: `bahwa
/// 'lembayung berarti merah`. At the end of a word it may be an apostrophe.
fn single_quotes(segments: &[Segment], findings: &mut Findings<'_>) {
    for segment in segments {
        let text = segment.target.text.as_str();
        if !text.contains(['\'', '‘']) {
            continue;
        }
        let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (mut opens, mut closes) = (Vec::new(), 0);
        for (at, mark) in text.char_indices().filter(|(_, c)| matches!(c, '\'' | '‘' | '’')) {
            let before = text[..at].chars().next_back();
            let after = text[at + mark.len_utf8()..].chars().next();
            let start = before.is_none_or(|c| c.is_whitespace() || "(\"“[".contains(c));
            // `'98`, `'80-an`, `'n'`.
            if mark != '’' && start && after.is_some_and(char::is_alphabetic) {
                opens.push((at, mark));
            } else if !letter(after) && !start {
                closes += 1;
            }
        }
        let [(at, mark)] = opens[..] else { continue };
        // `'kan`, `'tuk`, `'kali`: shortened words; names such as 'Abd.
        let word = words(&text[at + mark.len_utf8()..]).next().map_or("", |word| word.text);
        let short = [
            "kan", "tuk", "tu", "gitu", "ndak", "nggak", "gak", "lah", "dah", "til", "em", "cause",
            "bout", "n",
        ]
        .contains(&word.to_lowercase().as_str());
        let name = word.starts_with(char::is_uppercase) && at > 0;
        let rest = text[at..].split_whitespace().count();
        let span = Span::new(at..at + mark.len_utf8());
        if closes > 0
            || short
            || name
            || rest < 2
            || word.chars().count() < 4
            || segment.target.in_placeable(span)
        {
            continue;
        }
        findings
            .on(segment.id)
            .push("quotation mark without a partner")
            .at(span)
            .confidence(Confidence::Medium)
            .help("put the partner where the quotation ends, or take this one away");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::{
        checks::tester::{fixes, marks},
        document::{Document, SegmentText},
        text::Direction,
    };

    #[test]
    fn marks_without_a_partner() {
        assert_eq!(marks(&META, "Ia menjawab, \"Belum tahu."), ["\""]);
        assert_eq!(marks(&META, "(lihat Tabel 2 untuk rinciannya."), ["("]);
        assert_eq!(marks(&META, "Disebut kota hujan\" sejak dulu."), ["\""]);
        assert_eq!(marks(&META, "Nama lain [alias Dul itu."), ["["]);
        assert_eq!(fixes(&META, "“Siap,\" katanya."), ["\" → ”"]);
        assert_eq!(marks(&META, "Istilah 'jalan pintas berarti lain."), ["'"]);
    }

    #[test]
    fn marks_that_are_right() {
        for text in [
            "a) gula, b) garam",
            "Jum'at dan Ma'ruf memakai apostrof.",
            "TV 32\" itu murah.",
            "\"Kata 'maaf' itu sulit,\" ujarnya.",
            "Reformasi '98 :) (ya)",
            "Penyanyi era '80-an, 'kan, dan 'kata itu' serta Ma'ruf",
            "\"Rencana 2023\"》, kata dia.",
        ] {
            assert_eq!(marks(&META, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_quotation_runs_over_sentences() {
        let mut document = Document::new("test", "\"Satu. Dua.\"\n\"Tiga.\n");
        for (block, text, start) in [(0, "\"Satu.", 0), (0, "Dua.\"", 7), (1, "\"Tiga.", 13)] {
            document.push(block, Direction::EnId, None, SegmentText::contiguous(text, start));
        }
        let found = crate::checks::tester::findings(&META, &document, &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].segment.map(|segment| segment.0), Some(2));
    }
}
