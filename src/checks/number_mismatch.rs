//! ACC004 `number-mismatch`: a number that only one side has.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    quantities::{Dimension, Number, Numbers, ONE, degrees, roman, single_units},
};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Side, Span},
};

declare_check! {
    /// ## What it does
    /// Compares the numbers of a pair, read as each language writes them (`1,234.5` and `1.234,5`;
    /// `2.5 million` and `2,5 juta`; `three` and `tiga`; `7 p.m.` and `pukul 19.00`), and reports
    /// those of one side that the other has not.
    ///
    /// ## Why it matters
    /// MQM Mistranslation. A wrong number is the mistake that costs most and shows least: the
    /// sentence stays fluent.
    ///
    /// ## Example
    /// - *It grew by 15 percent.* – `Naik 51 persen.`
    /// - *It cost two million dollars.* – `Harganya dua miliar dolar.`
    ///
    /// ## Not reported
    /// Numbers below 13 that the other side may have in words or leave out (*one of them*), times of
    /// day counted to twelve on one side, ordinals in words and Roman numerals, units that were
    /// converted (`3,000 miles` – `4.800 km`) or left out where the other one stands (`200 pounds (90 kg)` –
    /// `90 kg`), a second currency in brackets, numbers in names and code (`Web3`, `GPT-4`).
    ///
    /// ## Known misses
    /// Numbers in words but for a wrong thousand, million or billion; a wrong number that
    /// the other side has elsewhere.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 of 5,997 pairs, FLORES-200 dev and documentation that people translated, in either
    /// direction: one of FLORES (1.0), which is a slip of the translator (`seventy` – `17`), none of
    /// documentation. Of 147 references of FLORES in which one digit was changed all were found, of 15
    /// in which a million became a billion and the like, all. 2026-11-24, `scripts/pair_recall.py`.
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

static TEMPERATURE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:temperatures?|degrees|suhu|derajat)\b|°").expect("the pattern is valid")
});

/// Every digit string of a text, whatever it belongs to: a number is not missing where its
/// digits stand in a name.
fn digits(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect()
}

impl Numbers<'_> {
    /// Whether `number` of the other side is here in some form.
    fn has(&self, number: &Number, digits: &[&str], roman: &[u128]) -> bool {
        let any = |pick: &dyn Fn(u128) -> bool| number.values.iter().any(|value| pick(*value));
        self.figures.iter().any(|other| other.equals(number))
            || any(&|value| self.spelled.values.contains(&value))
            || any(&|value| {
                value % ONE == 0 && digits.contains(&(value / ONE).to_string().as_str())
            })
            || any(&|value| value <= 60 * ONE && roman.contains(&value))
            || number.minutes.is_some_and(|minutes| self.has_time(minutes, digits))
            || self.has_share(number)
            || self.has_month_end(number)
    }

    /// `29 February` as the last day of the month.
    fn has_month_end(&self, number: &Number) -> bool {
        let day = number.values.iter().any(|value| (28 * ONE..=31 * ONE).contains(value));
        let ends = ["hari terakhir", "akhir ", "last day", "end of"];
        day && ends.iter().any(|end| self.text.contains(end))
    }

    /// `noon`, `setengah tujuh`, `a quarter past three`, `19 Uhr`: what tells a time in words.
    fn has_time(&self, minutes: u32, digits: &[&str]) -> bool {
        let lower = self.text.to_lowercase();
        let any = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let hour = minutes / 60;
        let said = |hour: u32| {
            let value = u128::from(hour) * ONE;
            self.spelled.values.contains(&value) || digits.contains(&hour.to_string().as_str())
        };
        match minutes % 60 {
            0 if hour == 0 => {
                any(&["noon", "midnight", "tengah hari", "tengah malam", "siang"]) || said(12)
            }
            0 => said(hour) || said(hour + 12),
            _ => any(&["past", "quarter to", "half", "setengah", "lewat", "lebih", "seperempat"]),
        }
    }

    /// `50 %` as `half`, `25 %` as `a quarter`.
    fn has_share(&self, number: &Number) -> bool {
        let share = number.unit.is_some_and(|unit| unit.name == "per cent");
        let halves = [(50, ONE / 2), (25, ONE / 4), (75, 3 * ONE / 4), (150, 3 * ONE / 2)];
        share
            && halves.iter().any(|(percent, value)| {
                number.values.contains(&(percent * ONE)) && self.spelled.values.contains(value)
            })
    }

    /// Whether `number` is one of this side's quantities in another unit.
    fn converts(&self, number: &Number, singles: &[Number]) -> bool {
        let Some(unit) = number.unit else { return false };
        let mut all = self.figures.iter().chain(&self.spelled.numbers).chain(singles);
        all.any(|other| other.unit.is_some_and(|its| unit.converts(number, its, other)))
    }

    /// The figures that the other side has not, and those that it has.
    fn missing(&self, other: &Numbers<'_>) -> (Vec<&Number>, Vec<&Number>) {
        if self.figures.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let digits = digits(other.text);
        let roman = roman(other.text);
        let (met, mut missing): (Vec<&Number>, Vec<&Number>) =
            self.figures.iter().partition(|number| other.has(number, &digits, &roman));
        if missing.is_empty() {
            return (missing, met);
        }
        let theirs = single_units(other.text);
        missing.retain(|number| !other.converts(number, &theirs));
        // `in the 90s`, of the weather.
        if missing
            .iter()
            .any(|n| n.unit.is_none_or(|unit| unit.dimension == Dimension::Temperature))
            && [self.text, other.text].iter().any(|text| TEMPERATURE.is_match(text))
        {
            let weather =
                |n: &&Number| n.unit.is_none_or(|unit| unit.dimension == Dimension::Temperature);
            missing.retain(|number| {
                !weather(number)
                    || !other
                        .figures
                        .iter()
                        .filter(|n| weather(n))
                        .any(|n| degrees(number, n) || degrees(n, number))
            });
        }
        if missing.is_empty() {
            return (missing, met);
        }
        // `200 pounds (90 kg)`: one of the two is enough; and so it is of two currencies.
        let ours = single_units(self.text);
        let again = |number: &&Number| {
            let spelled = self.spelled.numbers.iter().filter(|n| n.unit.is_some());
            let unit = number.unit.is_some_and(|unit| {
                let mut all = met.iter().copied().chain(spelled).chain(&ours);
                all.any(|other| other.unit.is_some_and(|its| unit.converts(number, its, other)))
            });
            let money = number.money.is_some_and(|money| {
                let other_money = |n: &&&Number| n.money.is_some_and(|its| !its.agrees(money));
                met.iter().any(|n| other_money(&n))
                    && !other.figures.iter().any(|n| n.money.is_some_and(|its| its.agrees(money)))
            });
            unit || money
        };
        missing.retain(|number| !again(number));
        (missing, met)
    }

    /// Numbers in words from a thousand on that the other side has not in any form.
    fn large_words(&self, other: &Numbers<'_>) -> Vec<&Number> {
        let large = |n: &&Number| n.values.iter().all(|value| *value >= 1000 * ONE);
        let met = |n: &&Number| {
            n.values.iter().any(|value| {
                other.spelled.values.contains(value)
                    || other.figures.iter().any(|number| number.values.contains(value))
            })
        };
        self.spelled.numbers.iter().filter(large).filter(|n| !met(n)).collect()
    }
}

/// A number in words of each side that the other has not, where both count the same or are the only
/// ones: `seven years`, `enam tahun`.
fn other_word<'a>(
    there: &'a Numbers<'_>,
    here: &'a Numbers<'_>,
) -> Option<(&'a Number, &'a Number)> {
    let unmet = |side: &'a Numbers<'_>, other: &Numbers<'_>| -> Vec<&'a Number> {
        let (digits, roman) = (digits(other.text), roman(other.text));
        let all = side.spelled.numbers.iter();
        all.filter(|number| !other.has(number, &digits, &roman)).collect()
    };
    if there.spelled.numbers.is_empty() || here.spelled.numbers.is_empty() {
        return None;
    }
    let (lost, new) = (unmet(there, here), unmet(here, there));
    let whole = |n: &Number| n.values.iter().all(|v| *v >= 2 * ONE && v % ONE == 0);
    for number in new.iter().filter(|n| whole(n)) {
        let Some(unit) = number.unit else { continue };
        let same = |other: &&&Number| whole(other) && other.unit == Some(unit);
        if let Some(other) = lost.iter().find(same) {
            return Some((other, number));
        }
    }
    let only = [there, here].iter().all(|side| {
        side.figures.is_empty() && side.spelled.numbers.len() == 1 && side.spelled.values.len() == 1
    });
    match (only, &lost[..], &new[..]) {
        (true, [lost], [new]) if [lost, new].iter().all(|n| whole(n) && n.values[0] > 2 * ONE) => {
            Some((lost, new))
        }
        _ => None,
    }
}

/// Whether two numbers differ by thousands: `two million`, `dua miliar`.
fn slipped(one: &Number, other: &Number) -> bool {
    one.values.iter().any(|a| {
        other.values.iter().any(|b| {
            let (small, large) = (*a.min(b), *a.max(b));
            small >= ONE
                && [1_000, 1_000_000, 1_000_000_000]
                    .iter()
                    .any(|k| small.checked_mul(*k) == Some(large))
        })
    })
}

impl Check for NumberMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let target = &cx.segment.target;
        let Some([there, here]) = cx.numbers() else { return };
        let (mut lost, _) = there.missing(here);
        let (mut new, _) = here.missing(there);
        // A million in words that became a billion.
        let (words_there, words_here) = (there.large_words(here), here.large_words(there));
        for number in &words_there {
            if new.iter().chain(&words_here).any(|other| slipped(number, other)) {
                lost.push(number);
            }
        }
        for number in &words_here {
            if lost.iter().any(|other| slipped(number, other)) {
                new.push(number);
            }
        }
        let told = |numbers: &[&Number]| numbers.iter().filter(|number| !number.is_small()).count();
        if told(&lost) + told(&new) == 0 {
            if let Some((wanted, number)) = other_word(there, here) {
                let (text, wanted_text) =
                    (number.span.of(&target.text), wanted.span.of(&source.text));
                findings
                    .push(format!("`{text}` is not in the source"))
                    .at(number.span)
                    .confidence(Confidence::High)
                    .label(
                        cx.segment.id,
                        Side::Source,
                        wanted.span,
                        "this one is not in the target",
                    )
                    .help(format!("the source says `{wanted_text}`"));
            }
            return;
        }
        for number in &new {
            if number.is_small() && told(&lost) == 0 {
                continue;
            }
            let text = number.span.of(&target.text);
            let draft = findings
                .push(format!("`{text}` is not in the source"))
                .at(number.span)
                .confidence(if lost.is_empty() { Confidence::Medium } else { Confidence::High });
            let wanted = match lost[..] {
                [only] => Some(only),
                _ => lost.iter().copied().find(|other| slipped(number, other)),
            };
            if let Some(only) = wanted {
                let wanted = only.span.of(&source.text);
                let scale = if slipped(number, only) { ", in other thousands" } else { "" };
                draft
                    .label(cx.segment.id, Side::Source, only.span, "this one is not in the target")
                    .help(format!("the source says `{wanted}`{scale}"));
            }
        }
        if new.iter().all(|number| number.is_small() && told(&lost) == 0) || new.is_empty() {
            for number in lost.iter().filter(|number| !number.is_small()) {
                let span: Span = number.span;
                let text = span.of(&source.text);
                findings.push(format!("`{text}` of the source is not in the target")).label(
                    cx.segment.id,
                    Side::Source,
                    span,
                    "",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::pair_marks;

    fn found(source: &str, target: &str) -> Vec<String> {
        pair_marks(&META, source, target)
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
        assert_eq!(
            found("It cost two million dollars.", "Harganya dua miliar dolar."),
            ["dua miliar"]
        );
        assert_eq!(found("It starts at 7 p.m.", "Mulai pukul 17.00."), ["17.00"]);
        assert_eq!(found("Walk 3 miles north.", "Berjalanlah 9 km ke utara."), ["9"]);
        assert_eq!(found("It took eight weeks.", "Perlu lima minggu."), ["lima"]);
        assert_eq!(found("Only five voters came.", "Hanya empat pemilih datang."), ["empat"]);
        assert_eq!(found("In the 19th century", "Pada abad ke-18"), ["18"]);
        assert_eq!(found("From 1996 to 1999", "Dari 1996-1998"), ["1998"]);
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
            ("It weighs 200 pounds (90 kg).", "Beratnya 90 kg."),
            ("The wind blew at 149 mph.", "Angin bertiup 240 km/jam."),
            ("Gold costs $1,900 per ounce.", "Emas seharga $1.900 per ons (28,35 gram)."),
            ("It was minus 40 degrees Fahrenheit.", "Suhunya minus 40 derajat Celsius."),
            ("It was 98 °F outside.", "Suhu di luar 37 °C."),
            ("For a hundred years", "Selama seabad"),
            ("His ninetieth birthday", "Ulang tahunnya yang ke-90"),
            ("The nineteenth century", "Abad ke-19"),
            ("King Louis XIV", "Raja Louis ke-14"),
            ("two-and-a-half thousand people", "2.500 orang"),
            ("some 500 K users", "sekitar 500 ribu pengguna"),
            ("It costs Rp 50-100 million.", "Biayanya Rp50 juta hingga Rp100 juta."),
            ("The 1996-97 season", "Musim 1996-1997"),
            ("In the '80s", "Pada tahun 1980-an"),
            ("At 9:30 in the evening", "Pada pukul 21.30"),
            ("About 50 percent agreed.", "Kira-kira setengahnya setuju."),
            ("He paid 15,000 euros (£12,900).", "Ia membayar 15.000 euro."),
            ("Some four dozen huts", "Sekitar 50 pondok"),
            ("Temperatures were in the 90s.", "Suhunya sekitar 32-37 derajat."),
            ("Winds of 100-200 miles/hour", "Angin 160-320 km / jam"),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
