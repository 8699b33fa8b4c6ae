//! GRM003 `relative-pronoun`: question word as a relative.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports question words used as relatives, after *where*, *which*, *with whom*: `kota di mana`,
    /// `orang dengan siapa`.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Grammar. Indonesian joins such clauses with `yang`, `tempat` or
    /// `ketika`.
    ///
    /// ## Example
    /// - `desa di mana kakek tinggal` → `tempat`
    ///
    /// ## Not reported
    /// Questions, direct (`Di mana rumahmu?`) and indirect (`tahu kapan harus diam`), and `di mana-
    /// mana`.
    ///
    /// ## Known misses
    /// Nouns that are not in the list of the file. The patterns stand in
    /// `src/lexicon/grammar/relative-pronoun.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/relative-pronoun.tsv`.
    ///
    /// ## False alarms
    /// 0.1 per 1,000 (95 % interval 0.0–0.5) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    RelativePronoun {
        code: "GRM003",
        name: "relative-pronoun",
        mqm: Grammar,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.relative-pronoun]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RelativePronoun {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/relative-pronoun.tsv")));

impl Check for RelativePronoun {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "question word as a relative");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Ini desa di mana kakek lahir."), ["di mana"]);
        assert_eq!(marks(&META, "Guru dengan siapa ia belajar sudah pensiun."), ["dengan siapa"]);
        assert_eq!(marks(&META, "Cara bagaimana pompa bekerja belum jelas."), ["bagaimana"]);
        assert_eq!(
            marks(&META, "Kapak dengan mana ia menebang pohon sudah tumpul."),
            ["dengan mana"]
        );
        assert_eq!(marks(&META, "Nasabah siapa menabung di sini mendapat hadiah."), ["siapa"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Di mana stasiun terdekat?",
            "Yang mana kursimu?",
            "Entah di mana dompetnya.",
            "Ia tahu kapan harus pulang.",
            "Sampah ada di mana-mana.",
            "Ia bertanya kepada siapa surat itu dikirim.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
