//! ACC034 `swapped-roles`: who does what.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports a thing that does what only persons do, and roles that are the wrong way round: `surat
    /// itu menulis ibu`.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Mistranslation. Passive and converse verbs of Chinese lose who does what.
    ///
    /// ## Example
    /// - `pencuri menangkap polisi`
    ///
    /// ## Not reported
    /// What things do in pictures of the language (`film itu mencuri perhatian`).
    ///
    /// ## Known misses
    /// Two persons whose roles are swapped. The patterns stand in
    /// `src/lexicon/grammar/swapped-roles.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/swapped-roles.tsv`.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    SwappedRoles {
        code: "ACC034",
        name: "swapped-roles",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.swapped-roles]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct SwappedRoles {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/swapped-roles.tsv")));

impl Check for SwappedRoles {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "who does what");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Surat itu menulis kakek."), ["Surat itu menulis kakek"]);
        assert_eq!(marks(&META, "Pencuri menangkap polisi."), ["Pencuri menangkap polisi"]);
        assert_eq!(
            marks(&META, "Jembatan lama itu membangun pemerintah pada 1950."),
            ["membangun pemerintah"]
        );
        assert_eq!(marks(&META, "Badai itu dilanda kota kecil tersebut."), ["dilanda kota"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Polisi menangkap pencuri.",
            "Film itu mencuri perhatian penonton.",
            "Buku itu terjual.",
            "Murid mengajari guru.",
            "Pemerintah membangun jembatan itu pada 1950.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
