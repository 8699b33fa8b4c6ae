//! ACC032 `contradiction`: contradicts itself.

use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
};
use crate::{
    evidence::EvidenceSet,
    finding::Status,
    lexicon::patterns::Patterns,
    text::{Language, Span},
};

declare_check! {
    /// ## What it does
    /// Reports what contradicts itself within a clause: `tanpa izin boleh masuk`, `kalah dan menjadi
    /// juara`.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Mistranslation. A negation of the source was lost or went to the wrong place.
    ///
    /// ## Example
    /// - `aman sehingga dilarang`
    ///
    /// ## Not reported
    /// Double negation that is meant (`bukan tidak mungkin`, `mau tidak mau`).
    ///
    /// ## Known misses
    /// Contradictions with the rest of the text. The patterns stand in
    /// `src/lexicon/grammar/contradiction.tsv`, the rules over classes of words in
    /// `src/lexicon/syntax/contradiction.tsv`.
    ///
    /// ## False alarms
    /// 0.1 per 1,000 (95 % interval 0.0–0.5) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    Contradiction {
        code: "ACC032",
        name: "contradiction",
        mqm: Mistranslation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.contradiction]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Contradiction {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/contradiction.tsv")));

/// `naik dari 5 menjadi 3 persen`.
static CHANGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)\b(?: (?P<up> naik | meningkat | bertambah | melonjak | tumbuh | melambung )
            | turun | menurun | berkurang | merosot | anjlok | menyusut | menciut )\b
        [^.;:,()\d]{0,50}? \b dari \s (?: [a-z]+ \s ){0,2}? (?:rp\.?|us\$|\$)? \s?
        (?P<old>\d[\d.,]*\d|\d) \s? (?P<of> persen | % | [a-z]+ )? [^.;:,()\d]{0,40}?
        \b (?: menjadi | ke | hingga | sampai ) \s (?:rp\.?|us\$|\$)? \s?
        (?P<new>\d[\d.,]*\d|\d) \s? (?P<to> persen | % | [a-z]+ )?",
    )
    .expect("the pattern is valid")
});

/// In such a sentence a smaller number is the higher place.
static RANK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:peringkat|posisi|urutan|ranking|rangking|tempat|klasemen|kurs|rupiah|nilai tukar|versi|tanggal|pukul|jam)")
        .expect("the pattern is valid")
});

/// `dari 2010 hingga 2005`, `lahir pada 1950 dan wafat pada 1940`.
static YEARS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) \b (?: (?: dari | sejak | antara | pada ) \s (?: tahun \s )? (?P<a>[12]\d{3}) \s
                (?: hingga | sampai | dan ) \s (?: tahun \s )? (?P<b>[12]\d{3}) \b
            | (?: lahir | didirikan | dibangun | dimulai ) \b [^.;]{0,60}? \b (?P<c>[12]\d{3}) \b [^.;\d]{1,60}?
                \b (?: meninggal | wafat | tewas | dibubarkan | ditutup | berakhir | selesai | rampung ) \b
                [^.;\d]{0,40} (?:\d{1,2} [a-z\s]+)? \b (?P<d>[12]\d{3}) \b )",
    )
    .expect("the pattern is valid")
});

/// The number in Indonesian notation times the word behind it, if both are plain.
fn amount(digits: &str, unit: &str) -> Option<f64> {
    let plain: f64 = digits.replace('.', "").replace(',', ".").parse().ok()?;
    let thousands = digits
        .split('.')
        .skip(1)
        .all(|group| group.split(',').next().is_some_and(|g| g.len() == 3));
    let scale = match unit {
        "ribu" => 1e3,
        "juta" => 1e6,
        "miliar" | "milyar" => 1e9,
        "triliun" => 1e12,
        _ => 1.0,
    };
    thousands.then_some(plain * scale)
}

/// Numbers of a change that go the other way than its verb.
fn wrong_way(found: &Captures<'_>) -> bool {
    let word = |name: &str| found.name(name).map_or(String::new(), |m| m.as_str().to_lowercase());
    let scales = ["persen", "%", "ribu", "juta", "miliar", "milyar", "triliun"];
    let (mut old, new) = (word("of"), word("to"));
    if !scales.contains(&old.as_str()) {
        old.clone_from(&new);
    }
    let percent = |unit: &str| unit == "persen" || unit == "%";
    if percent(&old) != percent(&new) {
        return false;
    }
    let year = |text: &str| text.len() == 4 && (text.starts_with("19") || text.starts_with("20"));
    if year(&word("old")) || year(&word("new")) {
        return false;
    }
    match (amount(&word("old"), &old), amount(&word("new"), &new)) {
        (Some(old), Some(new)) if found.name("up").is_some() => new < old,
        (Some(old), Some(new)) => new > old,
        _ => false,
    }
}

/// What the numbers of `text` gainsay.
fn numbers(text: &str) -> Vec<(Span, &'static str)> {
    let mut out = Vec::new();
    if !RANK.is_match(text) {
        let changes = CHANGE.captures_iter(text).filter(wrong_way);
        out.extend(changes.filter_map(|found| {
            let span = found.name("old")?.start()..found.name("new")?.end();
            Some((Span::new(span), "the numbers go the other way than the verb"))
        }));
    }
    for found in YEARS.captures_iter(text) {
        let pair = found.name("a").zip(found.name("b")).or(found.name("c").zip(found.name("d")));
        let Some((first, second)) = pair else { continue };
        if second.as_str() < first.as_str() && !text.contains("SM") {
            let span = Span::new(first.start()..second.end());
            out.push((span, "the second year comes before the first"));
        }
    }
    out
}

impl Check for Contradiction {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "contradicts itself");
        let target = &cx.segment.target;
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        for (span, why) in numbers(&target.text) {
            if !target.in_placeable(span) {
                findings.push(why).at(span);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Orang tanpa helm boleh masuk."), ["boleh"]);
        assert_eq!(marks(&META, "Tim itu kalah dan menjadi juara."), ["menjadi juara"]);
        assert_eq!(marks(&META, "Ia kehilangan kunci sehingga ia bisa masuk."), ["bisa"]);
        assert_eq!(marks(&META, "Harga naik dari 7.500 menjadi 6.900."), ["7.500 menjadi 6.900"]);
        assert_eq!(marks(&META, "Angka itu turun dari 2 menjadi 3 persen."), ["2 menjadi 3"]);
        assert_eq!(marks(&META, "Ia tinggal di sana dari 2010 sampai 2004."), ["2010 sampai 2004"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Ia mau tidak mau pergi.",
            "Bukan tidak mungkin harga turun.",
            "Tanpa tiket dilarang masuk.",
            "Ia kehilangan kunci sehingga ia tidak bisa masuk.",
            "Laba naik dari 800 juta menjadi 1,2 miliar.",
            "Peringkatnya naik dari 8 menjadi 5.",
            "Angka itu turun dari 3 menjadi 2 persen.",
            "Ia tinggal di sana dari 2004 sampai 2010.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
