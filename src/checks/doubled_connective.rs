//! GRM001 `doubled-connective`: two conjunctions where one joins the clauses.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon::required::{self, Unit},
    text::{Language, Span},
};

declare_check! {
    /// ## What it does
    /// Reports a second conjunction that says again how two clauses hang together: *meskipun …,
    /// tetapi*, *karena …, sehingga* (or *oleh karena itu*), *selain itu, selain*, and two of one sense
    /// side by side (*namun, tetapi*; *dan serta*).
    ///
    /// ## Why it matters
    /// MQM Grammar. Chinese joins clauses in pairs (虽然……但是, 因为……所以), Indonesian with one
    /// conjunction; the second is a copy.
    ///
    /// ## Example
    /// - `Meski lelah, tetapi ia datang.` → `Meski lelah, ia datang.`
    /// - `Karena hujan, sehingga kami batal.`
    ///
    /// ## Not reported
    /// *Meskipun demikian, …* and *karena itu, …*, which join sentences; correlatives (*tidak
    /// hanya … tetapi juga*); *jika …, maka*; a second clause behind another comma.
    ///
    /// ## Known misses
    /// Pairs with more than one comma between them, *karena …, maka* (widely accepted). The rules
    /// over classes of words stand in `src/lexicon/syntax/doubled-connective.tsv`.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`; all are pairs as described. Pairs with *namun*, which many writers do
    /// not mind, are neutral: 1 per 1,000.
    DoubledConnective {
        code: "GRM001",
        name: "doubled-connective",
        mqm: Grammar,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.doubled-connective]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct DoubledConnective {}

static PAIR: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) (?: ^ | [.;:!?“\x22(] ) \s*
        (?:
            (?: meski(?:pun)? | walau(?:pun)? | kendati(?:pun)? | biarpun | sungguhpun )
            \s+ [^,.;:?!()]{3,120}? , \s* (?P<but> akan\ tetapi | tetapi | tapi | namun\ demikian | namun )
          | (?: karena | oleh\ karena | sebab | lantaran ) \s+ [^,.;:?!()]{3,120}? , \s* (?P<so> sehingga | oleh\ karena\ itu | oleh\ sebab\ itu | karena\ itu | maka\ dari\ itu | makanya )
          | (?: selain\ itu , \s* )? (?P<besides> selain\ itu , \s* selain )
        ) \b",
    )
    .expect("the pattern is valid")
});

/// Two conjunctions of one sense side by side: `namun, tetapi`.
static STACKED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) \b (?: (?: namun | akan\ tetapi | tetapi | tapi ) ,?\ (?: akan\ tetapi | tetapi | tapi | namun )
          | dan\ serta | serta\ dan | atau\ ataupun | ataupun\ atau | sehingga\ (?:oleh\ )?karena\ itu | sehingga\ maka | maka\ sehingga
          | jika\ (?:apabila|kalau|bila) | (?:apabila|kalau|bila)\ jika
          | meski(?:pun)?\ walau(?:pun)? | walau(?:pun)?\ meski(?:pun)? | agar\ untuk\ supaya | sebab\ karena | setelah\ sesudah
          | dan\ kemudian\ lalu | lalu\ dan\ kemudian | bahwa\ kalau\ bahwa ) \b",
    )
    .expect("the pattern is valid")
});

/// `tetapi juga guru juga hadir`.
static TWICE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\btetapi juga (?:[\w-]+ ){1,8}(?P<also>juga)\b").expect("the pattern is valid")
});

/// Words that make the first conjunction join sentences: `meskipun demikian`, `karena itu`.
static REFERS_BACK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^\W*(?:\w+\s+)?(?:meski|walau|kendati|biar|sungguh|karena|sebab)\w*\s+(?:demikian|begitu|itu)\s*,")
        .expect("the pattern is valid")
});

/// Words of which [`PAIR`] needs one of the first and one of the second, and [`TWICE`] both.
static NEEDED: LazyLock<[Vec<Unit>; 4]> = LazyLock::new(|| {
    let first = [
        "meski",
        "meskipun",
        "walau",
        "walaupun",
        "kendati",
        "kendatipun",
        "biarpun",
        "sungguhpun",
        "karena",
        "sebab",
        "lantaran",
        "selain",
    ];
    let second = ["tetapi", "tapi", "namun", "sehingga", "selain"];
    let words = |words: &[&str]| words.iter().map(|word| required::word(word)).collect();
    [words(&first), words(&second), words(&["tetapi"]), words(&["juga"])]
});

impl Check for DoubledConnective {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        let has_all = |needed: &[Vec<Unit>]| needed.iter().all(|words| cx.units().has_any(words));
        let twice = has_all(&NEEDED[2..]).then(|| TWICE.captures_iter(&target.text));
        for also in twice.into_iter().flatten().filter_map(|found| found.name("also")) {
            let span = Span::new(also.range());
            if !target.in_placeable(span) {
                findings
                    .push("`juga` after `tetapi juga`: one is enough")
                    .at(span)
                    .confidence(Confidence::High)
                    .help("leave one of the two out");
            }
        }
        for found in STACKED.find_iter(&target.text) {
            let span = Span::new(found.range());
            // `dan kata "tetapi"`, `tapi, tapi` of a stutter in speech.
            let parts: Vec<&str> = found.as_str().split([' ', ',']).collect();
            if !target.in_placeable(span) && parts.first() != parts.last() {
                findings
                    .push("two conjunctions of one sense side by side")
                    .at(span)
                    .confidence(Confidence::High)
                    .help("leave one of the two out");
            }
        }
        let pairs = has_all(&NEEDED[..2]).then(|| PAIR.captures_iter(&target.text));
        for found in pairs.into_iter().flatten() {
            let whole = found.get(0).expect("the whole match").as_str();
            if REFERS_BACK.is_match(whole) && found.name("besides").is_none() {
                continue;
            }
            let second = found.name("but").or(found.name("so")).or(found.name("besides"));
            let second = second.expect("one of the three");
            let span = Span::new(second.range());
            if target.in_placeable(span) {
                continue;
            }
            let first = whole.trim_start_matches(|c: char| !c.is_alphabetic());
            let first = first.split_whitespace().next().unwrap_or_default().to_lowercase();
            let draft = if found.name("besides").is_some() {
                findings.push("`selain` twice").at(span).suggest("Selain")
            } else {
                findings
                    .push(format!(
                        "`{}` after `{first}`: one conjunction is enough",
                        second.as_str()
                    ))
                    .at(span)
            };
            // Editors let it stand, people write it.
            let is_habit = second.as_str().eq_ignore_ascii_case("namun");
            let severity = if is_habit { Severity::Neutral } else { META.info.severity };
            let draft = draft.severity(severity).confidence(Confidence::High);
            draft.help("leave one of the two out");
        }
        grammar::report_rules(cx, findings, Quoted::Skip, "two conjunctions where one is enough");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn two_for_one() {
        assert_eq!(marks(&META, "Walaupun harganya naik, tetapi peminatnya banyak."), ["tetapi"]);
        assert_eq!(marks(&META, "Ia pulang. Kendati sakit, namun ia senang."), ["namun"]);
        assert_eq!(marks(&META, "Karena jalan banjir, sehingga bus terlambat."), ["sehingga"]);
        assert_eq!(marks(&META, "Tetapi, namun warga menolak."), ["Tetapi, namun"]);
        assert_eq!(
            marks(&META, "Karena listrik padam, oleh karena itu rapat ditunda."),
            ["oleh karena itu"]
        );
        assert_eq!(marks(&META, "Selain itu, selain murah, ia ringan."), ["Selain itu, selain"]);
        assert_eq!(marks(&META, "Tidak hanya ibu, tetapi juga ayah kami juga datang."), ["juga"]);
        assert_eq!(marks(&META, "Namun, tetapi toko itu tetap buka."), ["Namun, tetapi"]);
        assert_eq!(
            marks(&META, "Karena listrik padam, oleh karena itu toko tutup."),
            ["oleh karena itu"]
        );
    }

    #[test]
    fn one_each() {
        for text in [
            "Meskipun demikian, tetapi juga begitu, harga tetap naik.",
            "Ia tidak hanya pintar, tetapi juga rajin.",
            "Jika hujan turun, maka acara ditunda.",
            "Ia lelah, tetapi datang.",
            "Karena itu, sehingga kini, belum ada kabar.",
            "Meskipun mahal, barang itu laku, tetapi stoknya habis.",
            "Selain itu, harganya murah.",
            "Karena itu, toko tutup.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
