//! STY001 `calque`: idioms and set phrases translated word by word.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon::phrases::Phrases,
    text::Language,
};

declare_check! {
    /// ## What it does
    /// Reports idioms, set phrases and terms of English and Chinese that were translated word by
    /// word, from a list: `memukul paku di kepala`, `dengan inovasi sebagai intinya`, `permainan
    /// jumlah nol`.
    ///
    /// ## Why it matters
    /// MQM Unidiomatic style. Each word is right and the phrase says nothing, or something else.
    ///
    /// ## Example
    /// - `sekali dalam bulan biru` → *sangat jarang*
    ///
    /// ## Not reported
    /// Pictures that Indonesian has itself (`kambing hitam`, `gunung es`, `tulang punggung`).
    ///
    /// ## Known misses
    /// What is not in `src/lexicon/calques.tsv`, and phrases with other words in between.
    ///
    /// ## False alarms
    /// 0.1 per 1,000 (95 % interval 0.0–0.5) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    Calque {
        code: "STY001",
        name: "calque",
        mqm: UnidiomaticStyle,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.calque]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Calque {}

static LIST: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::read(include_str!("../lexicon/calques.tsv")));

impl Check for Calque {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        for (span, entry) in LIST.find_with(&target.text, cx.units()) {
            if target.in_placeable(span) {
                continue;
            }
            let message = match entry.note {
                Some(note) => format!("word by word from *{note}*"),
                None => "an idiom, word by word".to_owned(),
            };
            let draft = findings.push(message).at(span).confidence(Confidence::Medium);
            if let Some(instead) = entry.suggestion {
                draft.help(format!("say for instance `{instead}`"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{LIST, META};
    use crate::checks::tester::marks;

    #[test]
    fn word_by_word() {
        assert_eq!(
            marks(&META, "Komentarnya Memukul Paku di Kepala, dan ujian itu sepotong kue."),
            ["Memukul Paku di Kepala", "sepotong kue"]
        );
        assert_eq!(
            marks(&META, "Kami maju dengan inovasi teknologi sebagai intinya."),
            ["dengan inovasi teknologi sebagai intinya"]
        );
        assert_eq!(marks(&META, "Gula di sini murah, itu lutut tawon!"), ["lutut tawon"]);
    }

    #[test]
    fn pictures_of_its_own() {
        for text in [
            "Ia dijadikan kambing hitam; itu hanya puncak gunung es.",
            "Indonesia diwakili oleh Menteri Luar Negeri.",
            "Petani menjadi tulang punggung. Penyanyi itu sedang naik daun.",
            "Pesawat mendarat, bank menyuntikkan modal.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn the_list_is_sound() {
        let mut seen = std::collections::HashSet::new();
        for entry in LIST.entries() {
            assert!(seen.insert(entry.phrase()), "{} twice", entry.phrase());
        }
    }
}
