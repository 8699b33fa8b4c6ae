//! STY004 `honorific`: honorific word by word.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon::patterns::Patterns,
    text::{Language, Span},
};

declare_check! {
    /// ## What it does
    /// Reports *Mr*, *Mrs*, *Comrade*, *Teacher* word by word before names: `Tuan Jokowi`, `Kamerad
    /// Li`.
    ///
    /// ## Why it matters
    /// MQM Style/Unidiomatic style. Indonesian texts give the office, `Bapak` and `Ibu`, or the name
    /// alone.
    ///
    /// ## Example
    /// - `Kamerad Li` → `Li`
    ///
    /// ## Not reported
    /// `tuan rumah`, `Tuan Guru`, `Guru Besar`, names of characters.
    ///
    /// ## Known misses
    /// Honorifics behind names. The patterns stand in `src/lexicon/grammar/honorific.tsv`.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    Honorific {
        code: "STY004",
        name: "honorific",
        mqm: UnidiomaticStyle,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.honorific]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Honorific {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/honorific.tsv")));

/// Honorifics of English and Chinese, as words and abbreviations.
const WORDS: &[&str] = &["Tuan", "Nyonya", "Nona", "Tn", "Ny", "Nn", "Mr", "Mrs", "Ms"];
/// What follows them in titles and names of Indonesian: `Tuan Guru`, `Tuan Krabs`.
const TITLES: &[&str] = &[
    "Guru", "Rumah", "Tanah", "Besar", "Muda", "Krabs", "Putri", "Imam", "Syekh", "Haji", "Raja",
    "Kecil", "Bean", "Ripley", "Smith", "Robot", "Potato", "Darcy", "Holmes", "Puff", "Meneer",
    "Dalloway",
];

/// `Ny. Clinton`, `Tuan David Miller`: an honorific before any name.
fn before_names(cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
    let target = &cx.segment.target;
    let text = target.text.as_str();
    if !WORDS.iter().any(|word| text.contains(word)) {
        return;
    }
    for pair in cx.words().windows(2) {
        let [word, name] = pair else { continue };
        let gap = &text[word.span.range().end..name.span.range().start];
        let short = word.text.len() < 4;
        let span = match gap {
            ". " | "." if short => Span::new(word.span.range().start..word.span.range().end + 1),
            " " if !short || word.text.starts_with('M') => word.span,
            _ => continue,
        };
        let plain = name.text.chars().skip(1).any(char::is_lowercase);
        if !WORDS.contains(&word.text)
            || !name.text.starts_with(char::is_uppercase)
            || !plain
            || TITLES.contains(&name.text)
            || target.in_placeable(span)
            || cx.quoted().iter().any(|quote| quote.overlaps(span))
            || LIST.find(text).iter().any(|hit| hit.span.overlaps(span))
        {
            continue;
        }
        findings
            .push("honorific word by word: *Mr*, *Mrs*")
            .at(span)
            .severity(if short && !word.text.starts_with('M') {
                META.info.severity
            } else {
                Severity::Neutral
            })
            .confidence(Confidence::Medium)
            .help("give the office, or the name alone");
    }
}

impl Check for Honorific {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        grammar::report(&LIST, cx, findings, Quoted::Skip, "honorific word by word");
        before_names(cx, findings);
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Kamerad Wang berpidato."), ["Kamerad"]);
        assert_eq!(marks(&META, "Tn. Presiden tiba."), ["Tn."]);
        assert_eq!(marks(&META, "Kata Ny. Clinton, hujan turun."), ["Ny."]);
        assert_eq!(marks(&META, "Buku itu karya Nyonya Anna Wells."), ["Nyonya"]);
        assert_eq!(marks(&META, "Kata Mrs. Wells, harga naik."), ["Mrs."]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Tuan rumah menang.",
            "Tuan Guru Bajang hadir.",
            "Guru Besar itu pensiun.",
            "Nyonya rumah ramah.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
