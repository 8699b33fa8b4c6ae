//! GRM004 `sentence-fragment`: no whole sentence.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

declare_check! {
    /// ## What it does
    /// Reports clauses that are no sentence: a subject hidden behind a preposition (`Dengan data itu
    /// menunjukkan`), a subordinate clause between full stops (`Karena pabrik sudah pindah.`).
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Grammar. Subject and predicate of the source came apart, or a long
    /// sentence was cut.
    ///
    /// ## Example
    /// - `Dalam rapat itu membahas anggaran.` → `Rapat itu membahas …`
    ///
    /// ## Not reported
    /// Short answers (`Karena macet.`), a clause with its main clause (`Dengan data itu, kami
    /// yakin.`).
    ///
    /// ## Known misses
    /// Subjects and predicates with many words in between. The patterns stand in
    /// `src/lexicon/grammar/sentence-fragment.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/sentence-fragment.tsv`.
    ///
    /// ## False alarms
    /// 0.6 per 1,000 (95 % interval 0.3–1.2) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    SentenceFragment {
        code: "GRM004",
        name: "sentence-fragment",
        mqm: Grammar,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.sentence-fragment]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct SentenceFragment {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/sentence-fragment.tsv")));

impl Check for SentenceFragment {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "no whole sentence");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Dengan tabel itu menunjukkan kenaikan."), ["Dengan"]);
        assert_eq!(marks(&META, "Bagi pelamar diminta menunggu."), ["Bagi"]);
        assert_eq!(marks(&META, "Karena toko itu sudah pindah."), ["Karena"]);
        assert_eq!(marks(&META, "Pada survei ini bertujuan mengukur kepuasan warga."), ["Pada"]);
        assert_eq!(
            marks(&META, "Kepada seluruh peserta diharapkan hadir tepat waktu."),
            ["Kepada"]
        );
    }

    #[test]
    fn not_reported() {
        for text in [
            "Karena hujan.",
            "Dengan tabel itu, kita paham.",
            "Menurut laporan, harga turun.",
            "Karena toko itu sudah pindah, kami pulang.",
            "Pada survei ini, peneliti mengukur kepuasan warga.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
