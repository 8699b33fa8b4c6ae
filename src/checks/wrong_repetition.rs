//! LNG001 `wrong-repetition`: words said twice where once, or another word, was meant.

use std::borrow::Cow;

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon,
    text::{Language, Span, Word},
};

declare_check! {
    /// ## What it does
    /// Reports words said twice where once, or another word, was meant: a small word or a phrase
    /// twice in a row (`dan dan`, `di kota itu di kota itu`), anything three times in a row, and
    /// one word on both sides of a conjunction (`kenyataan dan kenyataan`) with nothing after it
    /// that would tell the two apart.
    ///
    /// ## Why it matters
    /// MQM Accuracy/Mistranslation. Two words of the source came out as one (*virtual and real*
    /// → `kenyataan dan kenyataan`), or the model went in circles.
    ///
    /// ## Example
    /// - `pengalaman yang menggabungkan kenyataan dan kenyataan.` → `dunia maya dan kenyataan`
    /// - `Ia dan dan adiknya pergi.` → `dan`
    ///
    /// ## Not reported
    /// Reduplication (`anak-anak`, `pelan-pelan`, also written apart: `pelan pelan`), set phrases
    /// (`lagi dan lagi`), names (`Duran Duran`), words in quotation marks, and a second word with
    /// something that tells it apart (`instal atau instal ulang`).
    ///
    /// ## Known misses
    /// A wrong pair with a modifier (`orang tua dan orang muda` for *parents and youth*).
    ///
    /// ## False alarms
    /// 1.5 per 1,000 (95 % interval 0.9–2.3) of 11,698 human sentences, 2026-11-23,
    /// `scripts/false_alarms.py`; nearly all are slips of the writers (`dengan dengan`).
    WrongRepetition {
        code: "LNG001",
        name: "wrong-repetition",
        mqm: Mistranslation,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.wrong-repetition]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct WrongRepetition {
    /// Words that may stand on both sides of a conjunction, in lower case.
    allow: Vec<String>,
}

impl Default for WrongRepetition {
    fn default() -> Self {
        // Set phrases: again and again, more and more, far and away …
        let allow = [
            "lagi", "terus", "makin", "sama", "satu", "seribu", "banyak", "berulang", "jauh",
            "semua", "dia", "itu", "ini", "kau", "aku", "saya", "kami", "kita", "kamu", "anda",
            "mereka", "you", "they", "again", "more", "on", "over", "years", "days", "so", "such",
            "less", "through", "up", "round", "around", "worse", "better",
        ];
        Self { allow: allow.map(str::to_owned).to_vec() }
    }
}

/// Words that are never said twice: particles, prepositions, conjunctions, auxiliaries.
const SMALL_ID: &[&str] = &[
    "adalah",
    "agar",
    "akan",
    "antara",
    "atas",
    "atau",
    "bagi",
    "bahwa",
    "bisa",
    "dalam",
    "dan",
    "dapat",
    "dari",
    "dengan",
    "di",
    "hingga",
    "ialah",
    "itu",
    "jika",
    "juga",
    "karena",
    "ke",
    "kepada",
    "ketika",
    "maka",
    "menjadi",
    "merupakan",
    "namun",
    "oleh",
    "pada",
    "para",
    "sebagai",
    "sebuah",
    "sedang",
    "sehingga",
    "sejak",
    "seorang",
    "serta",
    "setelah",
    "suatu",
    "sudah",
    "supaya",
    "telah",
    "terhadap",
    "tetapi",
    "tidak",
    "untuk",
    "yaitu",
    "yakni",
    "yang",
];
const SMALL_EN: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "because", "but", "by", "can", "for", "from", "has",
    "have", "he", "if", "into", "is", "it", "of", "on", "or", "our", "she", "should", "than",
    "the", "their", "they", "this", "to", "was", "we", "were", "when", "which", "will", "with",
    "would", "you", "your",
];
const AND_ID: &[&str] = &["dan", "atau", "serta", "maupun"];
const AND_EN: &[&str] = &["and", "or"];
/// Longest phrase looked for, in words.
const PHRASE: usize = 8;

impl Check for WrongRepetition {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let text = cx.segment.target.text.as_str();
        let language = cx.segment.direction.target();
        let quoted = cx.quoted();
        let all = cx.words();
        let lower: Vec<Cow<'_, str>> = all.iter().map(|word| word.lower()).collect();
        let line = Line { text, all, lower: &lower };
        let skip = |span: Span| {
            cx.segment.target.in_placeable(span) || quoted.iter().any(|q| q.overlaps(span))
        };
        let mut i = 0;
        while i < all.len() {
            if let Some((width, times)) = line.repeats(i, language) {
                let span = all[i].span.cover(all[i + width * times - 1].span);
                if !skip(span) {
                    report_repeat(&line, i, width, times, findings);
                    i += width * times;
                    continue;
                }
            }
            if let Some(span) = self.pair(&line, i, language).filter(|span| !skip(*span)) {
                findings
                    .push(format!("one word on both sides of `{}`", lower[i + 1]))
                    .at(span)
                    .confidence(Confidence::Medium)
                    .help(
                        "two words of the source came out as one: name the other, or say it once",
                    );
                i += 3;
                continue;
            }
            i += 1;
        }
    }
}

struct Line<'a> {
    text: &'a str,
    all: &'a [Word<'a>],
    lower: &'a [Cow<'a, str>],
}

impl Line<'_> {
    /// What stands between word `i` and the next.
    fn gap(&self, i: usize) -> &str {
        &self.text[self.all[i].span.range().end..self.all[i + 1].span.range().start]
    }

    fn spaced(&self, from: usize, to: usize) -> bool {
        (from..to).all(|i| self.gap(i).chars().all(|c| c == ' ' || c == '\u{a0}'))
    }

    /// Width and count of the repetition that begins at word `i`, if it is a wrong one.
    fn repeats(&self, i: usize, language: Language) -> Option<(usize, usize)> {
        let n = self.all.len();
        for width in 1..=PHRASE.min((n - i) / 2) {
            let mut times = 1;
            while i + width * (times + 1) <= n
                && self.lower[i..i + width]
                    == self.lower[i + width * times..i + width * (times + 1)]
                && self.spaced(i + width * (times - 1), i + width * (times + 1) - 1)
            {
                times += 1;
            }
            if times < 2 {
                continue;
            }
            let words = &self.all[i..i + width];
            let capital = |word: &Word<'_>| word.text.starts_with(char::is_uppercase);
            let number = |word: &Word<'_>| word.text.starts_with(|c: char| c.is_numeric());
            let wrong = if width == 1 {
                let small = match language {
                    Language::Id => SMALL_ID,
                    Language::En => SMALL_EN,
                };
                // `New York New York`, `Duran Duran`; `1 1 1`; `ha ha ha`, `la la la`.
                let word = &self.all[i];
                let second = &self.all[i + 1];
                (small.contains(&&*self.lower[i]) && !(capital(word) && capital(second)))
                    || (times > 2
                        && !capital(second)
                        && !number(word)
                        && word.text.chars().count() > 3)
            } else {
                !words.iter().all(capital)
                    && !words.iter().any(number)
                    && words.iter().map(|w| w.text.chars().count()).sum::<usize>() > 6
            };
            if wrong {
                return Some((width, times));
            }
        }
        None
    }
}

fn report_repeat(
    line: &Line<'_>,
    i: usize,
    width: usize,
    times: usize,
    findings: &mut Findings<'_>,
) {
    let phrase = line.all[i].span.cover(line.all[i + width - 1].span);
    let whole = phrase.cover(line.all[i + width * times - 1].span);
    let count = match times {
        2 => "twice".to_owned(),
        times => format!("{times} times"),
    };
    let severity = if width > 1 || times > 2 { Severity::Major } else { Severity::Minor };
    findings
        .push(format!("`{}` is said {count} in a row", phrase.of(line.text)))
        .at(whole)
        .severity(severity)
        .confidence(Confidence::High)
        .suggest(phrase.of(line.text))
        .help("say it once");
}

impl WrongRepetition {
    /// `X dan X` at word `i`, where nothing tells the second from the first.
    fn pair(&self, line: &Line<'_>, i: usize, language: Language) -> Option<Span> {
        let and = match language {
            Language::Id => AND_ID,
            Language::En => AND_EN,
        };
        let word = line.lower.get(i)?;
        let second = line.lower.get(i + 2)?;
        if word != second
            || !and.contains(&&*line.lower[i + 1])
            || !line.spaced(i, i + 2)
            || word.chars().count() < 3
            || !word.chars().all(|c| c.is_alphabetic() || c == '-')
            || self.allow.iter().any(|allowed| allowed == word)
            || line.all[i + 2].text.starts_with(char::is_uppercase)
        {
            return None;
        }
        let span = line.all[i].span.cover(line.all[i + 2].span);
        let end = span.range().end;
        // What follows tells them apart, unless it begins something new: a mark, or a small word.
        let rest = &line.text[end..];
        let ends = rest.trim_start().is_empty()
            || rest.starts_with(['.', ',', ';', '?', '!', ')', '”', '*'])
            || (rest.starts_with(':') && !rest.starts_with("::"));
        // Small words that go on with the sentence, not with the noun (`yang` and `di` go on
        // with the noun).
        let goes_on = line.lower.get(i + 3).is_some_and(|next| {
            let words: &[&str] = match language {
                Language::Id => &["adalah", "akan", "juga", "telah", "sudah", "tidak", "karena"],
                Language::En => &["is", "are", "was", "were", "will", "because", "but"],
            };
            rest.starts_with(' ') && words.contains(&&**next)
        });
        // What stands before can tell them apart too: `antara hari libur dan libur`.
        (ends || goes_on).then_some(span).filter(|_| {
            // A word nobody knows is a name or a variable.
            lexicon::is_word(language, word) || word.len() > 4
        })
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{fixes, marks};

    #[test]
    fn pairs_that_were_two_words() {
        for (text, expected) in [
            ("yang menggabungkan kenyataan dan kenyataan.", "kenyataan dan kenyataan"),
            ("pihak penjual dan penjual", "penjual dan penjual"),
            ("Kota itu aman dan aman, kata dia.", "aman dan aman"),
        ] {
            assert_eq!(marks(&META, text), [expected], "{text}");
        }
    }

    #[test]
    fn words_in_a_row() {
        for (text, expected) in [
            ("Ia dan dan adiknya pergi.", "dan dan → dan"),
            ("Ini untuk untuk meningkatkan mutu.", "untuk untuk → untuk"),
            ("Ini sangat sangat sangat sangat baik.", "sangat sangat sangat sangat → sangat"),
            ("Ia tinggal di kota itu di kota itu.", "di kota itu di kota itu → di kota itu"),
        ] {
            assert_eq!(fixes(&META, text), [expected], "{text}");
        }
    }

    #[test]
    fn right_repetitions() {
        for text in [
            "Anak-anak, masing-masing, tiba-tiba.",
            "Satu per satu, hari demi hari, dari waktu ke waktu.",
            "New York, New York dan Duran Duran di Pago Pago.",
            "Pelan, pelan sekali. Pelan pelan saja.",
            "Ia mencoba lagi dan lagi.",
            "Kata \"sama\" dan \"sama\" dalam dua kamus itu berbeda.",
            "Instal atau instal ulang aplikasi itu.",
            "Orang tua dan orang muda.",
            "suka sama suka, makin lama makin besar, dari hati ke hati",
            "Johnson & Johnson, satu dan satu-satunya",
            "Barisnya 1 1 0 dan 2 atau 2.",
        ] {
            assert_eq!(marks(&META, text), [""; 0], "{text}");
        }
    }
}
