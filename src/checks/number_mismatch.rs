//! ACC004 `number-mismatch`: a number that only one side has.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Language, Side, Span},
};

declare_check! {
    /// ## What it does
    /// Compares the numbers of a pair, read as each language writes them (`1,234.5` and `1.234,5`;
    /// `2.5 million` and `2,5 juta`; `three` and `tiga`), and reports those of one side that the
    /// other has not.
    ///
    /// ## Why it matters
    /// MQM Mistranslation. A wrong number is the mistake that costs most and shows least: the
    /// sentence stays fluent.
    ///
    /// ## Example
    /// - *It grew by 15 percent.* – `Naik 51 persen.`
    ///
    /// ## Not reported
    /// Numbers below 13 that the other side may have in words or leave out (*one of them*), times
    /// on a 12-hour clock, numbers in names and code (`Web3`, `GPT-4`), sentences in which a number
    /// was split or joined (`10–12`).
    ///
    /// ## Known misses
    /// Fractions in words, converted units and currencies (which are
    /// reported, and may be right), ordinals in words.
    ///
    /// ## False alarms
    /// 0.4 per 1,000 (95 % interval 0.1–2.3) of 2,461 pairs of documentation that a
    /// professional translated; 7.0 of 997 pairs of FLORES-200 dev, each of which does differ
    /// in a number (converted units, slips). Of 165 references of the latter in which one digit
    /// was changed, 155 were found. 2026-11-23, `cermat check --no-model --select ACC004`.
    NumberMismatch {
        code: "ACC004",
        name: "number-mismatch",
        mqm: Mistranslation,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.number-mismatch]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NumberMismatch {}

static FIGURES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?ix) (?P<figures> [0-9]+ (?:[.,][0-9]+)* )
        (?: [\ \u{a0}-]? (?P<scale> thousand | ribu | million | juta | billion | miliar | milyar | trillion | triliun | hundred | ratus | puluh | k | m | bn ) \b )?",
    )
    .expect("the pattern is valid")
});

/// A number as it stands in a text.
struct Number {
    span: Span,
    /// What it may be: `1.500` is a thousand and a half thousand, or one and a half.
    values: Vec<u128>,
}

/// Values are counted in thousandths, so that decimals compare as whole numbers.
const UNIT: u128 = 1000;

fn scale(word: &str) -> u128 {
    match word.to_lowercase().as_str() {
        "puluh" => 10,
        "hundred" | "ratus" => 100,
        "thousand" | "ribu" | "k" => 1_000,
        "million" | "juta" | "m" => 1_000_000,
        "billion" | "miliar" | "milyar" | "bn" => 1_000_000_000,
        "trillion" | "triliun" => 1_000_000_000_000,
        _ => 1,
    }
}

/// What `figures` may mean, in thousandths: with the point as a decimal sign, with the comma, and
/// with neither. A translation may keep the source's way of writing.
fn readings(figures: &str) -> Vec<u128> {
    let parse = |decimal: char, grouping: char| -> Option<u128> {
        let (whole, fraction) = match figures.rsplit_once(decimal) {
            Some((whole, fraction)) => (whole, fraction),
            None => (figures, ""),
        };
        let mut groups = whole.split(grouping);
        let first = groups.next()?;
        if whole.contains(decimal) || fraction.contains(grouping) || first.is_empty() {
            return None;
        }
        let groups: Vec<&str> = groups.collect();
        if groups.iter().any(|group| group.len() != 3) || (!groups.is_empty() && first.len() > 3) {
            return None;
        }
        let whole: u128 = format!("{first}{}", groups.concat()).parse().ok()?;
        let thousandths: u128 = format!("{:0<3.3}", fraction).parse().ok()?;
        whole.checked_mul(UNIT)?.checked_add(thousandths)
    };
    let mut values: Vec<u128> = [parse('.', ','), parse(',', '.')].into_iter().flatten().collect();
    values.dedup();
    values
}

/// Words of numbers below ten, as in `three` and `tiga`, and others that say as much.
const WORDS: [(&[&str], u128); 13] = [
    (&["zero", "nol"], 0),
    (&["one", "once", "single", "satu", "sekali", "sebuah", "seorang", "seekor", "a", "an"], 1),
    (&["two", "twice", "both", "dua", "kedua", "pair"], 2),
    (&["three", "tiga", "ketiga", "triple"], 3),
    (&["four", "empat", "keempat"], 4),
    (&["five", "lima", "kelima"], 5),
    (&["six", "enam", "keenam"], 6),
    (&["seven", "tujuh", "ketujuh"], 7),
    (&["eight", "delapan", "kedelapan"], 8),
    (&["nine", "sembilan", "kesembilan"], 9),
    (&["ten", "sepuluh", "kesepuluh"], 10),
    (&["eleven", "sebelas", "kesebelas"], 11),
    (&["twelve", "dozen", "selusin", "lusin"], 12),
];
/// Teens and tens of English, from 13 and 20 on.
const TEENS: [&str; 7] =
    ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];
const TENS: [&str; 8] =
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// The numbers in figures; `None` where the text has some that this cannot read.
fn numbers(text: &str, skip: impl Fn(Span) -> bool) -> Vec<Number> {
    let mut out = Vec::new();
    for found in FIGURES.captures_iter(text) {
        let figures = found.name("figures").expect("always there");
        let word = found.name("scale").map_or("", |m| m.as_str());
        // `k`, `m` and `bn` count only where they touch.
        let touches = found.name("scale").is_none_or(|m| m.start() == figures.end());
        let short = word.len() <= 2;
        let factor = if word.is_empty() || (short && !touches) { 1 } else { scale(word) };
        let end = if factor == 1 { figures.end() } else { found.get(0).map_or(0, |m| m.end()) };
        let span = Span::new(figures.start()..end);
        let before = text[..span.range().start].chars().next_back();
        let after = text[figures.end()..].chars().next();
        // Part of a name or of code: `Web3`, `GPT-4`, `#12`, `3D`.
        let named = before.is_some_and(|c| c.is_alphabetic() || "_#@/\\=&-–—.+*^:".contains(c))
            && !text[..span.range().start].ends_with("Rp")
            && !text[..span.range().start].ends_with("ke-");
        let named = named
            || (factor == 1
                && after.is_some_and(|c| {
                    (c.is_alphabetic() && c.is_ascii()) || "_/\\=:×^-–—*+".contains(c)
                }))
            || skip(span);
        if named {
            continue;
        }
        let values: Vec<u128> =
            readings(figures.as_str()).iter().filter_map(|v| v.checked_mul(factor)).collect();
        if !values.is_empty() {
            out.push(Number { span, values });
        }
    }
    out
}

/// Every digit string of a text, whatever it belongs to: a number is not missing where its
/// digits stand in a name.
fn digits(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect()
}

/// The numbers that a text says in words, in thousandths: of `dua juta tiga ratus` two, two
/// million, two million three and two million three hundred, since any part may be meant.
fn in_words(text: &str) -> Vec<u128> {
    let lower = text.to_lowercase();
    let mut out = Vec::new();
    // What was said of the number in progress: whole thousands and more, and the rest.
    let (mut whole, mut rest) = (0u128, 0u128);
    for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let unit = WORDS.iter().find(|(names, _)| names.contains(&word)).map(|(_, n)| *n);
        let teen = TEENS.iter().position(|name| *name == word).map(|i| 13 + i as u128);
        let ten = TENS.iter().position(|name| *name == word).map(|i| 20 + 10 * i as u128);
        if let Some(n) = unit.or(teen).or(ten) {
            // `five`, `twenty five`, `dua puluh lima`; after another unit a new number.
            let follows = n < 10 && (rest % 10 == 0) || rest % 100 == 0;
            rest = if follows { rest + n } else { n };
        } else if word == "belas" && rest % 10 > 0 {
            rest += 10;
        } else if let Some(word) = word.strip_prefix("se").filter(|w| ["ratus", "ribu"].contains(w))
        {
            if word == "ratus" {
                rest += 100;
            } else {
                whole += 1_000;
            }
        } else {
            let factor = if word.len() > 2 { scale(word) } else { 1 };
            match factor {
                1 => {
                    if word != "and" && word != "dan" {
                        (whole, rest) = (0, 0);
                    }
                    continue;
                }
                10 => rest = rest / 100 * 100 + rest % 10 * 10,
                100 => rest = rest / 1000 * 1000 + (rest % 100).max(1) * 100,
                factor => {
                    whole = whole.saturating_add(rest.max(1).saturating_mul(factor));
                    rest = 0;
                }
            }
        }
        out.push(whole.saturating_add(rest).saturating_mul(UNIT));
    }
    out
}

/// Numbers of `these` that are not in `those` nor, as words or digits, in `text`.
fn missing<'a>(these: &'a [Number], those: &[Number], text: &str) -> Vec<&'a Number> {
    let there: HashSet<u128> = those.iter().flat_map(|number| &number.values).copied().collect();
    let words = in_words(text);
    let digits = digits(text);
    let mut out = Vec::new();
    for number in these {
        let met = number.values.iter().any(|value| there.contains(value));
        // Saying a number twice is no mistake of its own.
        if met {
            continue;
        }
        let as_digits = number.values.iter().any(|value| {
            value % UNIT == 0 && digits.contains(&(value / UNIT).to_string().as_str())
        });
        if as_digits || number.values.iter().any(|value| words.contains(value)) {
            continue;
        }
        out.push(number);
    }
    out
}

/// Whether a text tells a time of day: hours are counted to twelve in one language, to twenty-four
/// in the other.
fn clock(text: &str, language: Language) -> bool {
    static ENGLISH: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)[0-9 ](?:[ap]m\b|[ap]\.m\.)|o['’]clock").expect("the pattern is valid")
    });
    static INDONESIAN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?i)\b(?:pukul|jam) [0-9]").expect("the pattern is valid"));
    match language {
        Language::En => ENGLISH.is_match(text),
        Language::Id => INDONESIAN.is_match(text),
    }
}

impl Check for NumberMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let target = &cx.segment.target;
        let of_source = numbers(&source.text, |span| source.in_placeable(span));
        let of_target = numbers(&target.text, |span| target.in_placeable(span));
        let lost = missing(&of_source, &of_target, &target.text);
        let new = missing(&of_target, &of_source, &source.text);
        let direction = cx.segment.direction;
        let clocks =
            clock(&source.text, direction.source()) && clock(&target.text, direction.target());
        // Below thirteen a number may be said otherwise (`a pair`, `kembar`).
        let small = |number: &Number| number.values.iter().all(|value| *value < 13 * UNIT);
        let told = |numbers: &[&Number]| numbers.iter().filter(|number| !small(number)).count();
        if clocks || told(&lost) + told(&new) == 0 {
            return;
        }
        for number in &new {
            if small(number) && told(&lost) == 0 {
                continue;
            }
            let text = number.span.of(&target.text);
            let draft = findings
                .push(format!("`{text}` is not in the source"))
                .at(number.span)
                .confidence(if lost.is_empty() { Confidence::Medium } else { Confidence::High });
            if let [only] = lost[..] {
                let wanted = only.span.of(&source.text);
                draft
                    .label(cx.segment.id, Side::Source, only.span, "this one is not in the target")
                    .help(format!("the source says `{wanted}`"));
            }
        }
        if new.iter().all(|number| small(number) && told(&lost) == 0) || new.is_empty() {
            for number in lost.iter().filter(|number| !small(number)) {
                let text = number.span.of(&source.text);
                findings.push(format!("`{text}` of the source is not in the target")).label(
                    cx.segment.id,
                    Side::Source,
                    number.span,
                    "",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{META, readings};
    use crate::checks::tester::pair_marks;

    fn found(source: &str, target: &str) -> Vec<String> {
        pair_marks(&META, source, target)
    }

    #[test]
    fn both_ways_of_writing() {
        assert_eq!(readings("1,234.5"), [1_234_500]);
        assert_eq!(readings("1.234,5"), [1_234_500]);
        assert_eq!(readings("1.500"), [1_500, 1_500_000]);
        assert_eq!(readings("2023"), [2_023_000]);
        assert_eq!(readings("1.2.3"), Vec::<u128>::new());
    }

    #[test]
    fn wrong_numbers() {
        assert_eq!(found("It grew by 15 percent.", "Naik 51 persen."), ["51"]);
        assert_eq!(
            found("In 1998 it cost $2.5 million.", "Pada 1998 harganya 25 juta dolar."),
            ["25 juta"]
        );
        assert_eq!(
            found("About 1,200 people came in 2021.", "Banyak orang datang pada 2021."),
            ["1,200"]
        );
        assert_eq!(found("Rp15,000", "Rp150.000"), ["150.000"]);
    }

    #[test]
    fn the_same_otherwise() {
        for (source, target) in [
            ("It grew by 1,234.5 points.", "Naik 1.234,5 poin."),
            ("They sold 2.5 million units.", "Mereka menjual 2,5 juta unit."),
            ("They sold 2.5 million units.", "Mereka menjual 2.500.000 unit."),
            ("Three people and 12 dogs", "3 orang dan dua belas anjing"),
            ("GPT-4 and Web3 cost 20 dollars.", "GPT-4 dan Web3 seharga 20 dolar."),
            ("At 9 PM the 100 guests left.", "Pukul 21.00 ke-100 tamu pulang."),
            ("One of them left.", "Salah satunya pergi."),
            ("The 1990s", "Tahun 1990-an"),
            ("Eighteen holes and forty-five balls", "18 lubang dan 45 bola"),
            ("Two million to three million years", "2 juta sampai 3 juta tahun"),
            (
                "It cost 300 thousand in 25 towns.",
                "Harganya tiga ratus ribu di dua puluh lima kota.",
            ),
            ("The 117 seats", "Seratus tujuh belas kursi"),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
