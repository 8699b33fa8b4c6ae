//! SPL002 `lower-case-start`: a sentence that begins in lower case, or a full stop too many.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Check, DocumentContext, Findings, SegmentContext, declare_check};
use crate::{
    document::Segment,
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    text::{Span, words},
};

declare_check! {
    /// ## What it does
    /// Reports a lower-case word behind the end of a sentence in the same paragraph: the capital is
    /// missing, or the full stop is one too many (`sistem keuangan. digital`).
    ///
    /// ## Why it matters
    /// MQM Spelling. Models that translate long Chinese sentences in pieces leave stops between
    /// them.
    ///
    /// ## Example
    /// - `Hujan reda. kami pulang.`
    /// - `alat yang cepat. dan murah`
    /// - `Ia berkata, "saya siap."` → `Saya`
    ///
    /// ## Not reported
    /// Names that begin so (`iPhone`, `tiket.com`), particles of names (`van`, `bin`), list items,
    /// what follows an ellipsis, an abbreviation or a quotation.
    ///
    /// ## Known misses
    /// Paragraphs of one or two words. The first sentence of a paragraph is reported as neutral:
    /// items of lists begin so as well.
    ///
    /// ## False alarms
    /// 1.1 per 1,000 (95 % interval 0.6–1.9) of 11,698 human sentences, 2026-11-23,
    /// `scripts/false_alarms.py`; all are missing capitals or stray stops.
    LowerCaseStart {
        code: "SPL002",
        name: "lower-case-start",
        mqm: Spelling,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.lower-case-start]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct LowerCaseStart {}

/// Words that go on with a sentence more likely than they begin one.
const GO_ON: [&str; 14] = [
    "dan", "atau", "yang", "serta", "dengan", "dari", "ke", "di", "untuk", "sehingga", "maupun",
    "tetapi", "bahwa", "oleh",
];
/// Parts of names that stay in lower case.
const PARTICLES: [&str; 11] =
    ["van", "von", "de", "da", "del", "di", "bin", "binti", "al", "el", "ibn"];

/// The lower-case word that begins `segment`, if it is one of the language.
fn start(segment: &Segment) -> Option<Span> {
    let text = segment.target.text.as_str();
    // A letter at once: no quotation mark, bracket or list marker before it.
    text.chars().next().filter(|c| c.is_lowercase())?;
    let word = words(text).next()?;
    let plain = word.text.chars().all(|c| c.is_lowercase() || c == '-');
    let rest = &text[word.span.range().end..];
    let after = rest.chars().next();
    let address = after.is_some_and(|c| "./@_:()=\\".contains(c))
        && !rest.trim_start_matches(['.', ':']).starts_with([' ', '\n'])
        && rest.len() > 1;
    let marker = word.text.len() == 1 || (PARTICLES.contains(&word.text) && word.text != "di");
    (plain && !address && !marker && !segment.target.in_placeable(word.span)).then_some(word.span)
}

/// A whole sentence in quotation marks, from its first letter: `berkata, "saya siap."`.
static QUOTATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^[^"“”]*[,:] ["“](?P<word>\p{Ll}[\p{Ll}-]*) [^"“”]*[.!?]["”]"#)
        .expect("the pattern is valid")
});

/// `word` with a capital.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |c| c.to_uppercase().chain(letters).collect())
}

impl Check for LowerCaseStart {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let target = &cx.segment.target;
        let text = target.text.as_str();
        let quotation = text.contains(['"', '“']).then(|| QUOTATION.captures(text)).flatten();
        if let Some(word) = quotation.and_then(|found| found.name("word")) {
            let span = Span::new(word.range());
            if !target.in_placeable(span) {
                findings
                    .push("the quoted sentence begins in lower case")
                    .at(span)
                    .confidence(Confidence::Medium)
                    .suggest(capital(word.as_str()));
            }
        }
        let segments = &cx.document.segments;
        let first = cx.segment.id.index().checked_sub(1).and_then(|i| segments.get(i));
        let first = first.is_none_or(|before| before.block != cx.segment.block);
        let whole = first && text.trim_end().ends_with(['.', '!', '?']) && cx.words().len() > 2;
        if let Some(span) = start(cx.segment).filter(|_| whole) {
            findings
                .push("the paragraph begins in lower case")
                .at(span)
                .severity(Severity::Neutral)
                .confidence(Confidence::Medium)
                .help(format!("write `{}`, if a sentence begins here", capital(span.of(text))));
        }
    }

    fn document(&self, cx: &DocumentContext<'_>, findings: &mut Findings<'_>) {
        for pair in cx.document.segments.windows(2) {
            let [before, segment] = pair else { continue };
            if before.block != segment.block || before.direction != segment.direction {
                continue;
            }
            let stop = before.target.text.trim_end();
            let ends =
                stop.ends_with(['.', '?', '!']) && !stop.ends_with("..") && !stop.ends_with("…");
            if !ends {
                continue;
            }
            let Some(span) = start(segment) else { continue };
            // Code, numbers and short labels before it: `hlm. 23`, `1. satu`.
            let said = words(stop).filter(|w| w.text.chars().all(char::is_alphabetic)).count() >= 2;
            let word = words(stop).last().map_or("", |w| w.text);
            let sentence =
                word.chars().count() > 2 && word.chars().all(|c| c.is_alphabetic() || c == '-');
            let cry = stop.ends_with(['!', '?']);
            if !(said || cry) || !sentence {
                continue;
            }
            let text = span.of(&segment.target.text);
            let goes_on = GO_ON.contains(&text);
            let mut on = findings.on(segment.id);
            let draft = if goes_on || !stop.ends_with('.') {
                on.push(format!("lower case behind `{}`", stop.chars().next_back().unwrap_or('.')))
            } else {
                on.push("the sentence begins in lower case, or the full stop before it is stray")
            };
            let draft = draft.at(span).confidence(if goes_on {
                Confidence::Medium
            } else {
                Confidence::High
            });
            if goes_on {
                draft.help("the stop before it is probably stray");
            } else {
                draft.help(format!("write `{}`, or take the stop away", capital(text)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::{
        checks::tester::{findings, marked},
        document::format::{ReadOptions, by_name},
        document::read_bytes,
        text::Direction,
    };

    fn found(text: &str) -> Vec<String> {
        let options = ReadOptions::new(Direction::EnId);
        let document = read_bytes(
            "test",
            std::path::Path::new("test.txt"),
            text.as_bytes().to_vec(),
            by_name("text"),
            &options,
        );
        let document = document.expect("text");
        findings(&META, &document, &[]).iter().map(|finding| marked(&document, finding)).collect()
    }

    #[test]
    fn behind_a_stop() {
        assert_eq!(found("Pasar sudah tutup. mereka pulang lebih awal."), ["mereka"]);
        assert_eq!(found("Mesin itu cepat sekali. dan harganya murah."), ["dan"]);
        assert_eq!(found("Acara selesai! terima kasih semua."), ["terima"]);
    }

    #[test]
    fn of_a_quotation_and_a_paragraph() {
        assert_eq!(found("Ibu berpesan, \"jangan pulang malam.\""), ["jangan"]);
        assert_eq!(found("toko itu sudah tutup."), ["toko"]);
        assert_eq!(found("\"Ya,\" katanya, \"kami siap sekarang.\""), [""; 0]);
    }

    #[test]
    fn not_a_start() {
        for text in [
            "Hadiah sudah habis. iPhone dibagikan kemarin.",
            "Pesan tiket sekarang. tiket.com memberi potongan.",
            "Pemain itu cedera. van Basten menggantikannya.",
            "Lihat hlm. 23 dan dsb. yang lain, s.d. Rp10.000.",
            "Ia diam... lalu pergi.",
            "\"Sudah makan?\" tanyanya.",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
