//! GRM002 `dummy-subject`: dummy subject.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports a subject that English or Chinese needs and Indonesian does not: *it is … that*,
    /// *there is a need to*, a topic taken up again by `ini` or `itu`.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Grammar. Indonesian says `Jelas bahwa …` and needs no *it*; the
    /// pronoun points at nothing.
    ///
    /// ## Example
    /// - `Itu adalah penting bahwa semua hadir.` → `Penting bahwa …`
    ///
    /// ## Not reported
    /// `Itu adalah rumah kami`, where the pronoun has a meaning; impersonal passives (`Diperkirakan
    /// …`).
    ///
    /// ## Known misses
    /// Subjects that stand far from their predicate. The patterns stand in
    /// `src/lexicon/grammar/dummy-subject.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/dummy-subject.tsv`.
    ///
    /// ## False alarms
    /// 0.1 per 1,000 (95 % interval 0.0–0.5) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    DummySubject {
        code: "GRM002",
        name: "dummy-subject",
        mqm: Grammar,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.dummy-subject]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct DummySubject {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/dummy-subject.tsv")));

impl Check for DummySubject {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Judge, "dummy subject");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Itu adalah jelas bahwa mereka menang."), ["Itu adalah jelas"]);
        assert_eq!(marks(&META, "Ada kebutuhan untuk rapat lagi."), ["Ada kebutuhan untuk"]);
        assert_eq!(marks(&META, "Antara kedua pihak itu, ini bukan pertengkaran."), ["ini bukan"]);
        assert_eq!(
            marks(&META, "Itu diyakini bahwa candi ini sangat tua."),
            ["Itu diyakini bahwa"]
        );
        assert_eq!(marks(&META, "Menanam pohon di kota, ini membutuhkan waktu."), [", ini"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Itu adalah sekolah kami.",
            "Ini kereta terakhir.",
            "Diketahui bahwa harga naik.",
            "Itu sebabnya mereka pulang.",
            "Diyakini bahwa candi ini sangat tua.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
