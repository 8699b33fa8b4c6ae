//! ACC011 `copied-source`: the target is the source, or much of it.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    document::SegmentText,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon,
    text::{Language, Span, Word, words},
};

declare_check! {
    /// ## What it does
    /// Reports a target that is its source, and a long run of the source's words in the middle of a
    /// target that is translated otherwise.
    ///
    /// ## Why it matters
    /// MQM Untranslated. The sentence, or half of it, was left in the source language; scores of
    /// translation models often take the copy for a good translation.
    ///
    /// ## Example
    /// - *The report is due on Monday.* – `The report is due on Monday.`
    /// - *Press the key and wait until the light is green.* – `Tekan tombol and wait until the light is green.`
    ///
    /// ## Not reported
    /// Names, codes, numbers and addresses, what stands in quotation marks, runs without two words of the
    /// source language in lower case.
    ///
    /// ## Known misses
    /// A copy whose words were changed, short labels that are alike in both languages (*Status*).
    ///
    /// ## False alarms
    /// 0.7 per 1,000 of 1,500 pairs of documentation, none of 997 pairs of FLORES-200 dev, 2026-11-24,
    /// `scripts/pair_recall.py`. With the source as the target 1.00 of 500 pairs of FLORES were found,
    /// 0.91 with its second half.
    CopiedSource {
        code: "ACC011",
        name: "copied-source",
        mqm: Untranslated,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.copied-source]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct CopiedSource {
    /// Shortest run that is reported, in words; a target that is its source may be shorter.
    min_words: usize,
}

impl Default for CopiedSource {
    fn default() -> Self {
        Self { min_words: 5 }
    }
}

/// The words that are prose.
fn prose(side: &SegmentText) -> Vec<Word<'_>> {
    let text = side.text.as_str();
    words(text).filter(|w| !side.in_placeable(w.span) && !marks::is_code(text, w.span)).collect()
}

/// How many of `words` are of `language` and written in lower case.
fn foreign(words: &[Word<'_>], language: Language) -> usize {
    words.iter().filter(|word| lexicon::is_word(language, word.text)).count()
}

/// Whether `words` are written as a title: `Songs from the Big Chair`.
fn is_title(words: &[Word<'_>]) -> bool {
    const SMALL: [&str; 16] = [
        "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with",
        "dan", "di",
    ];
    let capital = |word: &Word<'_>| word.text.starts_with(|c: char| !c.is_lowercase());
    let ends = [words.first(), words.last()].into_iter().flatten().all(capital);
    ends && words.iter().all(|word| capital(word) || SMALL.contains(&word.text))
}

impl Check for CopiedSource {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let (target, direction) = (&cx.segment.target, cx.segment.direction);
        let (ours, theirs) = (prose(target), prose(source));
        let same = |a: &Word<'_>, b: &Word<'_>| a.text.eq_ignore_ascii_case(b.text);
        let alike = ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| same(a, b));
        let capital = |word: &Word<'_>| word.text.starts_with(char::is_uppercase);
        // `Bank of America` is a name, `Press enter` is not.
        let name = ours.iter().skip(1).any(capital);
        let needed = if name { 2 } else { 1 };
        if alike && ours.len() >= 2 && foreign(&ours, direction.source()) >= needed {
            let (first, last) = (ours[0], ours[ours.len() - 1]);
            findings
                .push("the target is the source")
                .at(first.span.cover(last.span))
                .confidence(Confidence::High)
                .help("translate it");
            return;
        }
        let quoted = cx.quoted();
        let mut i = 0;
        while i < ours.len() {
            // The longest run of the source that begins here.
            let run = (0..theirs.len())
                .map(|j| ours[i..].iter().zip(&theirs[j..]).take_while(|(a, b)| same(a, b)).count())
                .max()
                .unwrap_or(0);
            let words = &ours[i..i + run];
            if run < self.min_words || foreign(words, direction.source()) < 2 {
                i += 1;
                continue;
            }
            i += run;
            let span = words[0].span.cover(words[run - 1].span);
            // Words of the target's own language between them: it is a text in both.
            let own = foreign(words, direction.target());
            if own > 0 || is_title(words) || quoted.iter().any(|quote| quote.overlaps(span)) {
                continue;
            }
            findings
                .push(format!("{run} words of the source left as they are"))
                .at(Span { start: words[0].span.start, end: words[run - 1].span.end })
                .confidence(Confidence::High)
                .help("translate them");
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
    fn copies() {
        assert_eq!(
            found("The report is due on Monday.", "The report is due on Monday"),
            ["The report is due on Monday"]
        );
        assert_eq!(
            found(
                "Press the key and wait until the light is green.",
                "Tekan tombol and wait until the light is green."
            ),
            ["and wait until the light is green"]
        );
    }

    #[test]
    fn names_codes_and_quotations() {
        for (source, target) in [
            ("Bank of America Corporation", "Bank of America Corporation"),
            ("Status: OK", "Status: OK"),
            (
                "He sang \"Where have all the flowers gone\" twice.",
                "Ia menyanyikan \"Where have all the flowers gone\" dua kali.",
            ),
            ("Microsoft Office 365 for Mac users", "Pengguna Microsoft Office 365 for Mac"),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
