//! STY004 `honorific`: honorific word by word.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{evidence::EvidenceSet, finding::Status, lexicon::patterns::Patterns};

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
    /// 0.1 per 1,000 (95 % interval 0.0–0.5) of 11,839 human sentences, 2026-11-24,
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

impl Check for Honorific {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "honorific word by word");
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
