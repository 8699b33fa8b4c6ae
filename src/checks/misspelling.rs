//! SPL001 `misspelling`: words that the dictionary writes otherwise, fused or split.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon::phrases::Phrases,
    text::Language,
};

declare_check! {
    /// ## What it does
    /// Reports words of a list that the Indonesian dictionary (KBBI) and spelling rules (EYD) write
    /// otherwise: prepositions that are fused (`diantaranya`), passives that are split (`di makan`),
    /// and common misspellings (`linier`, `mempopulerkan`).
    ///
    /// ## Why it matters
    /// MQM Spelling. A model learns the spelling of the web.
    ///
    /// ## Example
    /// - `diantaranya` → `di antaranya`
    /// - `di makan` → `dimakan`
    ///
    /// Forms that writers themselves use (`dimana`, `diatas`: at least one in twenty) are neutral:
    /// worth a look, no penalty.
    ///
    /// ## Not reported
    /// Capitalised words inside a sentence (`Institut Teknologi Sepuluh Nopember`), quoted words,
    /// code. Forms that careful writers use every day are not in the list.
    ///
    /// ## Known misses
    /// What is not in `src/lexicon/spelling.tsv`: it is a list of habits, no dictionary.
    ///
    /// ## False alarms
    /// 0.8 per 1,000 (95 % interval 0.5–1.6) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`: 0.2 in documentation, 1.0 in an encyclopedia. All are
    /// spellings that KBBI and EYD do not have (`dimana`, `diantaranya`): writers misspell more
    /// often than models.
    Misspelling {
        code: "SPL001",
        name: "misspelling",
        mqm: Spelling,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.misspelling]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Misspelling {}

pub(super) static LIST: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::read(include_str!("../lexicon/spelling.tsv")));

impl Check for Misspelling {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        let text = target.text.as_str();
        let found = LIST.find_with(text, cx.units());
        if found.is_empty() {
            return;
        }
        let quoted = cx.quoted();
        for (span, entry) in found {
            let written = span.of(text);
            let first_letter = text.find(char::is_alphanumeric).unwrap_or(0);
            let capital = written.starts_with(char::is_uppercase);
            let name = capital && span.range().start != first_letter
                || written.chars().skip(1).any(char::is_uppercase);
            let alone = quoted.iter().any(|quote| quote.range() == span.range());
            if name || alone || target.in_placeable(span) || marks::is_code(text, span) {
                continue;
            }
            let Some(right) = entry.suggestion else { continue };
            let right = if capital {
                let mut letters = right.chars();
                letters.next().map_or(String::new(), |c| c.to_uppercase().chain(letters).collect())
            } else {
                right.to_owned()
            };
            let habit = entry.note == Some("habit");
            findings
                .push(format!("written `{right}`"))
                .at(span)
                .severity(if habit { Severity::Neutral } else { META.info.severity })
                .confidence(Confidence::High)
                .suggest(right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LIST, META};
    use crate::checks::tester::{fixes, marks};

    #[test]
    fn fused_split_and_misspelt() {
        assert_eq!(fixes(&META, "Banyak kota, diantaranya Medan."), ["diantaranya → di antaranya"]);
        assert_eq!(fixes(&META, "Nasi itu di makan kucing."), ["di makan → dimakan"]);
        assert_eq!(fixes(&META, "Lagipula harganya murah."), ["Lagipula → Lagi pula"]);
    }

    #[test]
    fn right_or_not_ours() {
        for text in [
            "di antaranya, keluar rumah, ke luar negeri, daripada, walaupun, sekalipun",
            "Institut Teknologi Sepuluh Nopember; PT Resiko Bersama",
            "kata \"resiko\" tidak baku",
            "berkas resiko.txt dan $resiko",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn the_list_is_sound() {
        let mut seen = std::collections::HashSet::new();
        for entry in LIST.entries() {
            let phrase = entry.phrase();
            assert!(seen.insert(phrase.clone()), "{phrase} twice");
            let right = entry.suggestion.expect("every line says what is right");
            assert!(LIST.find(right).is_empty(), "{right} is itself in the list");
        }
    }
}
