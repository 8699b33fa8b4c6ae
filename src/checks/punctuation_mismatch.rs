//! LNG021 `punctuation-mismatch`: a mark that only one side has.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    document::SegmentText,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Side, Span},
};

declare_check! {
    /// ## What it does
    /// Compares the marks of a pair that every translation keeps: a question mark, exclamation mark, colon
    /// or dots at the end, brackets, quotation marks, the mark or number of a list item; and
    /// reports what one side has and the other has nowhere.
    ///
    /// ## Why it matters
    /// MQM Punctuation. A question became a statement, a remark in brackets went missing, a
    /// quotation is no longer one.
    ///
    /// ## Example
    /// - *Is it open?* – `Sudah buka.`
    /// - *1. Open the lid.* – `Buka tutupnya.`
    ///
    /// ## Not reported
    /// Another number of brackets or quotation marks where both sides have some, brackets round a short
    /// ending or an abbreviation (`list(s)`, `(PSA)`), a full stop at the end, marks inside code and
    /// addresses, a unit or other figures in brackets, brackets that became commas, a question that
    /// is told (*why it broke*).
    ///
    /// ## Known misses
    /// Commas, dashes, a question inside a sentence.
    ///
    /// ## False alarms
    /// Of 5,997 pairs (FLORES-200 dev and documentation) 0.7 per 1,000 into Indonesian and 0.8 into English; FLORES
    /// alone 2.0 and 4.0, most of them slips of the translator. Of 56 pairs of FLORES whose remark in brackets
    /// was taken out, 0.66 were found. 2026-11-24, `scripts/pair_recall.py`.
    PunctuationMismatch {
        code: "LNG021",
        name: "punctuation-mismatch",
        mqm: Punctuation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.punctuation-mismatch]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct PunctuationMismatch {
    /// Also compare brackets.
    brackets: bool,
    /// Also compare quotation marks.
    quotes: bool,
    /// Also look for colons inside a sentence.
    colons: bool,
}

impl Default for PunctuationMismatch {
    fn default() -> Self {
        Self { brackets: true, quotes: true, colons: true }
    }
}

const QUOTES: [char; 5] = ['"', '“', '”', '«', '»'];

/// The mark at the end, behind which only quotation marks and brackets close.
fn end(side: &SegmentText) -> Option<(char, Span)> {
    let closes = |c: char| c.is_whitespace() || "\"'”’)]»*_`".contains(c);
    let text = side.text.trim_end_matches(closes);
    let mark = text.chars().next_back()?;
    let span = Span::new(text.len() - mark.len_utf8()..text.len());
    let kind = match mark {
        '?' | '!' | ':' => mark,
        '…' => '…',
        '.' if text.ends_with("...") => '…',
        _ => return None,
    };
    (!side.in_placeable(span)).then_some((kind, span))
}

/// The mark or number that makes a list item.
fn item(text: &str) -> Option<Span> {
    let body = text.trim_start();
    let start = text.len() - body.len();
    let first = body.split(' ').next().filter(|first| first.len() < body.len())?;
    let number = first.strip_suffix(['.', ')']).map(|n| n.trim_start_matches('('));
    let counted = number.is_some_and(|number| {
        !number.is_empty()
            && (number.len() <= 2 && number.chars().all(|c| c.is_ascii_digit())
                || number.len() == 1
                    && first.ends_with(')')
                    && number.chars().all(|c| c.is_ascii_lowercase()))
    });
    let mark = matches!(first, "-" | "*" | "•" | "–");
    (counted || mark).then(|| Span::new(start..start + first.len()))
}

/// The first colon inside a sentence that introduces something.
fn colon(side: &SegmentText) -> Option<Span> {
    let text = side.text.as_str();
    let all = text.match_indices(": ").map(|(at, _)| Span::new(at..at + 1));
    let mut spans = all.filter(|span| {
        let before = text[..span.range().start].chars().next_back();
        before.is_some_and(char::is_alphabetic) && !side.in_placeable(*span)
    });
    spans.next()
}

/// What may stand for a colon.
static INTRODUCES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)[:–—;(]| - |\b(?:yaitu|yakni|ialah|adalah|seperti|bahwa|misalnya|berupa|namely|such as|that|as follows|which)\b",
    )
    .expect("the pattern is valid")
});

/// A question that is told: `The question is why`.
static ASKS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(?:why|whether|how|what|who|which|where|when|if|question\w*|wonder\w*|mengapa|kenapa|apakah|bagaimana|apa|siapa|mana|kapan|berapa|pertanyaan\w*)\b",
    )
    .expect("the pattern is valid")
});

/// A remark in round brackets that no translation leaves out.
fn remark(side: &SegmentText) -> Option<Span> {
    let text = side.text.as_str();
    let found = marks::matched(text, |span| side.in_placeable(span));
    let pairs = found.pairs.iter().filter(|(open, _)| open.mark == '(');
    let spans = pairs.map(|(open, close)| Span::new(open.at..close.at + 1));
    let mut spans = spans.filter(|span| {
        let inner = &text[span.start as usize + 1..span.end as usize - 1];
        // `list(s)`, `](address)`, `call()`.
        let before = text[..span.range().start].chars().next_back();
        // `(149 miles per hour)`: a unit that the reader does not need.
        before.is_none_or(char::is_whitespace)
            && inner.split_whitespace().count() >= 2
            && !inner.contains(|c: char| c.is_ascii_digit())
    });
    spans.next()
}

fn quotes(side: &SegmentText) -> Vec<Span> {
    let all = side.text.char_indices().filter(|(_, c)| QUOTES.contains(c));
    let spans = all.map(|(at, c)| Span::new(at..at + c.len_utf8()));
    spans.filter(|span| !side.in_placeable(*span)).collect()
}

impl Check for PunctuationMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let target = &cx.segment.target;
        let id = cx.segment.id;
        let last = |side: &SegmentText| {
            let end = side.text.trim_end().len();
            let start = side.text[..end].char_indices().next_back().map_or(0, |(at, _)| at);
            Span::new(start..end)
        };
        match (end(source), end(target)) {
            (Some((wanted, there)), here) if here.is_none_or(|(mark, _)| mark != wanted) => {
                findings
                    .push(format!("the source ends with `{wanted}`, the target does not"))
                    .at(here.map_or_else(|| last(target), |(_, span)| span))
                    .label(id, Side::Source, there, "")
                    .confidence(Confidence::High)
                    .help(format!("end it with `{wanted}`"));
            }
            (None, Some(('?', _))) if ASKS.is_match(&source.text) => {}
            (None, Some((mark, here))) => {
                findings
                    .push(format!("the target ends with `{mark}`, the source does not"))
                    .at(here)
                    .confidence(Confidence::High);
            }
            _ => {}
        }
        let mut compare =
            |what: &str, there: Option<Span>, here: Option<Span>| match (there, here) {
                (Some(span), None) => {
                    let text = span.of(&source.text);
                    findings
                        .push(format!("{what} of the source has no counterpart: `{text}`"))
                        .label(id, Side::Source, span, "");
                }
                (None, Some(span)) => {
                    findings.push(format!("{what} that the source has not")).at(span);
                }
                _ => {}
            };
        compare("a list mark", item(&source.text), item(&target.text));
        if self.brackets {
            // Between commas or dashes it is still a remark.
            let set_off = |side: &SegmentText| side.text.matches([',', '–', '—']).count();
            let gone = |one: &SegmentText, other: &SegmentText| {
                !other.text.contains('(') && set_off(other) <= set_off(one)
            };
            let there = remark(source).filter(|_| gone(source, target));
            compare("a remark in brackets", there, None);
        }
        if self.colons {
            // A comma may stand for it; that before the last `and` is none.
            let commas = |side: &SegmentText| {
                let last = [", and ", ", or ", ", dan ", ", atau ", ", serta "];
                let last: usize = last.iter().map(|last| side.text.matches(last).count()).sum();
                side.text.matches(',').count().saturating_sub(last)
            };
            let there = colon(source)
                .filter(|_| !INTRODUCES.is_match(&target.text) && commas(target) <= commas(source));
            compare("a colon", there, None);
        }
        // `â€“` has a quotation mark that is none.
        let garbled = [source, target].iter().any(|side| side.text.contains("â€"));
        if self.quotes && !garbled {
            let (there, here) = (quotes(source), quotes(target));
            // One alone is inches, or half of a quotation that another segment ends.
            let any = |side: &SegmentText| side.text.contains(['\'', '’', '‘', '`', '*', '„', '_']);
            let pair = |spans: &[Span]| (spans.len() > 1).then(|| spans[0]);
            if there.is_empty() && !any(source) || here.is_empty() && !any(target) {
                compare("a quotation", pair(&there), pair(&here));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::pair_marks;

    fn found(source: &str, target: &str) -> Vec<String> {
        pair_marks(&META, source, target)
    }

    #[test]
    fn marks_of_one_side() {
        assert_eq!(found("Is it open?", "Sudah buka."), ["."]);
        assert_eq!(found("It is open.", "Sudah buka?"), ["?"]);
        assert_eq!(found("Stop!", "Berhenti?"), ["?"]);
        assert_eq!(found("1. Open the lid.", "Buka tutupnya."), ["1."]);
        assert_eq!(
            found("It fell (as in last year) again.", "Harganya turun lagi."),
            ["(as in last year)"]
        );
        assert_eq!(
            found("Bring two things: rice and oil.", "Bawa dua barang beras dan minyak."),
            [":"]
        );
        assert_eq!(found("He said \"no\".", "Ia menolak."), ["\""]);
    }

    #[test]
    fn marks_of_both() {
        for (source, target) in [
            ("\"Is it open?\"", "“Sudah buka?”"),
            ("Wait...", "Tunggu…"),
            ("- Rice", "* Beras"),
            ("Edit the list(s).", "Sunting daftarnya."),
            ("Use the tool (PSA).", "Gunakan alat itu."),
            ("The tool \"x\" is new.", "Alat *x* itu baru."),
            ("It costs $5.", "Harganya $5."),
            ("The pump (a new one) broke.", "Pompa itu, yang masih baru, rusak."),
            ("I do not know why it broke.", "Mengapa rusak?"),
            ("Run it at 60 mph (97 km/h).", "Jalankan dengan 97 km/jam."),
            ("Bring two things: rice and oil.", "Bawa dua barang, yaitu beras dan minyak."),
            ("3.5 million came.", "3,5 juta datang."),
            ("A 32\" screen", "Layar 32 inci"),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
