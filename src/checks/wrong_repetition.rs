//! LNG001 `wrong-repetition`: words said twice where once, or another word, was meant.

use std::{collections::HashSet, sync::LazyLock};

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
    /// one word, or two or three, on both sides of a conjunction (`kenyataan dan kenyataan`) with
    /// nothing after it that would tell the two apart: the sentence ends there, or goes on with a
    /// small word or a verb. Adjectives and verbs are reported whatever follows.
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
    /// (`lagi dan lagi`), what lasts (`menunggu dan menunggu`), names (`Duran Duran`), words in
    /// quotation marks, and a second word with something that tells it apart (`instal atau instal
    /// ulang`, `dokter dan dokter gigi`, `paket atau paket yang rusak`).
    ///
    /// ## Known misses
    /// A wrong pair with a modifier (`orang tua dan orang muda` for *parents and youth*).
    ///
    /// ## False alarms
    /// 1.9 per 1,000 (95 % interval 1.2–2.8) of 11,839 human sentences, 2026-11-24,
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
            "mereka", "lebih", "sedikit", "demi", "ya", "tidak", "belum", "bukan", "besok",
            "kapan", "siapa", "apa", "hidup", "you", "they", "again", "more", "on", "over",
            "years", "days", "so", "such", "less", "through", "up", "round", "around", "worse",
            "better",
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
const AND_ID: &[&str] =
    &["dan", "atau", "serta", "maupun", "ataupun", "tetapi", "tapi", "sekaligus"];
const AND_EN: &[&str] = &["and", "or"];
/// Longest X of `X dan X`, in words.
const PAIR: usize = 3;
/// Words that go on with the sentence and not with the noun before them. `yang` is none: `paket
/// atau paket yang rusak`.
static GOES_ON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("wrong-repetition.goes-on"));
/// Words that make the second X another thing or a stronger one.
const TELLS_APART: &[&str] = &[
    "kembali",
    "ulang",
    "lagi",
    "sekali",
    "lebih",
    "sepenuhnya",
    "seluruhnya",
    "sebagian",
    "sendiri",
    "lain",
    "lainnya",
    "terus",
    "benar",
    "sungguh",
    "banget",
];
/// Verbs that people say twice for how long it lasts.
static DURATIVE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("wrong-repetition.durative"));
/// Adjectives; beside themselves they are a mistake whatever follows.
static QUALITY: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("wrong-repetition.quality"));
/// Longest phrase looked for, in words.
const PHRASE: usize = 8;

impl Check for WrongRepetition {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let text = cx.segment.target.text.as_str();
        let language = cx.segment.direction.target();
        let (quoted, all) = (cx.quoted(), cx.words());
        let lower: Vec<String> = all.iter().map(|word| word.text.to_lowercase()).collect();
        let line = Line { text, all, lower: &lower };
        let skip = |span: Span| {
            cx.segment.target.in_placeable(span) || quoted.iter().any(|q| q.overlaps(span))
        };
        let mut i = 0;
        while i < all.len() {
            if let Some((width, times)) = line.repeats(i, language) {
                let span = all[i].span.cover(all[i + width * times - 1].span);
                // `kata di di awal`: the word is the topic.
                let topic = i > 0 && ["kata", "huruf", "suku"].contains(&lower[i - 1].as_str());
                if !skip(span) && !topic {
                    report_repeat(&line, i, width, times, findings);
                    i += width * times;
                    continue;
                }
            }
            if let Some((span, total, severity)) =
                self.pair(&line, i, language).filter(|(span, ..)| !skip(*span))
            {
                findings
                    .push(format!("one word on both sides of `{}`", lower[i + (total - 1) / 2]))
                    .at(span)
                    .severity(severity)
                    .confidence(Confidence::Medium)
                    .help(
                        "two words of the source came out as one: name the other, or say it once",
                    );
                i += total;
                continue;
            }
            i += 1;
        }
    }
}

struct Line<'a> {
    text: &'a str,
    all: &'a [Word<'a>],
    lower: &'a [String],
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
                (small.contains(&self.lower[i].as_str()) && !(capital(word) && capital(second)))
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

/// How a coordination of a word with itself ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pair {
    /// Nothing tells the second from the first, and the sentence ends there.
    Bare,
    /// Nothing tells the second from the first, and the sentence goes on.
    Within,
    /// A word follows that may belong to both.
    Doubtful,
    /// A word follows that could belong to the second alone.
    Told,
}

impl WrongRepetition {
    /// `X dan X` at word `i`, X being one word or a few, where nothing tells the second from the
    /// first: its place and how many words it has.
    fn pair(
        &self,
        line: &Line<'_>,
        i: usize,
        language: Language,
    ) -> Option<(Span, usize, Severity)> {
        (1..=PAIR).find_map(|n| self.pair_of(line, i, n, language))
    }

    fn pair_of(
        &self,
        line: &Line<'_>,
        i: usize,
        n: usize,
        language: Language,
    ) -> Option<(Span, usize, Severity)> {
        let and = match language {
            Language::Id => AND_ID,
            Language::En => AND_EN,
        };
        let conjunction = line.lower.get(i + n)?.as_str();
        if !and.contains(&conjunction) {
            return None;
        }
        // `dan juga`.
        let also = usize::from(line.lower.get(i + n + 1).is_some_and(|word| word == "juga"));
        let second = i + n + 1 + also;
        let total = second + n - i;
        let first = &line.lower[i..i + n];
        if line.lower.get(second..second + n)? != first || !line.spaced(i, i + total - 1) {
            return None;
        }
        let letters = first.iter().map(|word| word.chars().count()).sum::<usize>();
        let plain = |word: &String| word.chars().all(|c| c.is_alphabetic() || c == '-');
        let name = |k: usize| line.all[k].text.starts_with(char::is_uppercase);
        if letters < 3
            || !first.iter().all(plain)
            || (second..second + n).any(name)
            || (n == 1 && self.allow.contains(&first[0]))
            || (n > 1 && (first[0] == first[1] || and.contains(&first[1].as_str())))
            || first.iter().any(|word| small(language).contains(&word.as_str()))
        {
            return None;
        }
        // A word nobody knows is a name or a variable.
        let word = &first[n - 1];
        if !lexicon::is_word(language, word) && word.len() <= 4 {
            return None;
        }
        let span = line.all[i].span.cover(line.all[i + total - 1].span);
        let judged = match language {
            Language::Id => told_apart(line, i, total, word),
            Language::En => told_apart_en(line, i, total),
        };
        let severity = match judged {
            Pair::Bare => Severity::Major,
            Pair::Within => Severity::Minor,
            Pair::Doubtful => Severity::Neutral,
            Pair::Told => return None,
        };
        Some((span, total, severity))
    }
}

/// Words that are never said twice in a row, nor coordinated with themselves by mistake.
fn small(language: Language) -> &'static [&'static str] {
    match language {
        Language::Id => SMALL_ID,
        Language::En => SMALL_EN,
    }
}

/// Whether a text goes no further than `rest`, or begins something new.
fn ends(rest: &str) -> bool {
    rest.trim_start().is_empty()
        || rest.starts_with(['.', ',', ';', '?', '!', ')', '”', '*', '…'])
        || (rest.starts_with(':') && !rest.starts_with("::"))
}

fn told_apart_en(line: &Line<'_>, i: usize, total: usize) -> Pair {
    let rest = &line.text[line.all[i + total - 1].span.range().end..];
    let next = line.lower.get(i + total).map_or("", String::as_str);
    let goes_on = ["is", "are", "was", "were", "will", "because", "but"].contains(&next);
    if ends(rest) || (goes_on && rest.starts_with(' ')) { Pair::Bare } else { Pair::Told }
}

/// What stands behind `X dan X` in Indonesian: modifiers follow their noun (`dokter dan dokter
/// gigi`), so that a small word or a verb there leaves both the same.
fn told_apart(line: &Line<'_>, i: usize, total: usize, word: &str) -> Pair {
    let conjunction = line.lower[i + (total - 1) / 2].as_str();
    let before = i.checked_sub(1).map_or("", |k| line.lower[k].as_str());
    let rest = &line.text[line.all[i + total - 1].span.range().end..];
    // `terus menunggu dan menunggu`: said again on purpose.
    let lasting = DURATIVE.contains(word) || ["terus", "hanya", "selalu"].contains(&before);
    if ends(rest) {
        return if lasting { Pair::Told } else { Pair::Bare };
    }
    let Some(next) = line.lower.get(i + total).filter(|_| rest.starts_with(' ')) else {
        return Pair::Told;
    };
    if line.all[i + total].text.starts_with(char::is_uppercase) || before == next || lasting {
        return Pair::Told;
    }
    let next = next.as_str();
    // `tabel dan tabel itu sendiri`.
    let itself = ["itu", "ini"].contains(&next)
        && line.lower.get(i + total + 1).is_some_and(|word| word == "sendiri");
    let verb = is_active(word);
    // `mengirim atau mengirim dengan pos`, `aman dan aman sekali`.
    let adds = TELLS_APART.contains(&next)
        || (verb || conjunction == "atau")
            && ["dengan", "secara", "tidak", "sebagai"].contains(&next);
    if itself || adds {
        return Pair::Told;
    }
    if GOES_ON.contains(next) || is_active(next) || is_passive(next) || verb || is_quality(word) {
        return Pair::Within;
    }
    // `pertumbuhan dan pertumbuhan sektor`, but also `perencanaan dan perencanaan teknis`.
    let abstract_noun = word.ends_with("an") && word.starts_with(['p', 'k']) && word.len() > 7;
    if conjunction == "dan" && (abstract_noun || next == "yang") {
        Pair::Doubtful
    } else {
        Pair::Told
    }
}

/// A verb with meN-.
fn is_active(word: &str) -> bool {
    let nasal = ["mem", "men", "meng", "meny"].iter().any(|prefix| word.starts_with(prefix));
    nasal && word.len() > 6 && !["menengah", "menteri", "mentimun", "memoria"].contains(&word)
}

/// A verb with di- and an ending or a length that no noun has.
fn is_passive(word: &str) -> bool {
    word.starts_with("di")
        && word.len() > 6
        && !word.starts_with("digital")
        && ![
            "dinding",
            "direktur",
            "distrik",
            "disiplin",
            "dimensi",
            "diploma",
            "dinamis",
            "direksi",
            "diagram",
            "diameter",
            "diagnosis",
            "disertasi",
            "diabetes",
            "distribusi",
            "diskusi",
            "diplomat",
            "diskriminasi",
            "direktorat",
            "dinasti",
        ]
        .contains(&word)
}

/// An adjective of those that machines confuse.
fn is_quality(word: &str) -> bool {
    QUALITY.contains(word)
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
            ("Mobil itu hemat dan hemat bahan bakar.", "hemat dan hemat"),
            ("Data pelanggan dan pelanggan disimpan di sini.", "pelanggan dan pelanggan"),
            ("Ada guru dan guru di ruang rapat.", "guru dan guru"),
            ("Mereka menyusun dan menyusun anggaran.", "menyusun dan menyusun"),
            ("Biaya rumah sakit dan rumah sakit untuk warga.", "rumah sakit dan rumah sakit"),
            ("Bentuknya sederhana tetapi sederhana.", "sederhana tetapi sederhana"),
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
            "Dokter dan dokter gigi di kota dan kota kecil.",
            "Paket atau paket yang rusak; kabel dan kabel lain.",
            "Mereka terus berlatih dan berlatih. Ia menunggu dan menunggu.",
            "Tabel dan tabel itu sendiri; ditera atau ditera ulang.",
            "Lebih dan lebih banyak orang datang.",
            "Kamar dan kamar mandi serta pemerintah dan pemerintah daerah.",
        ] {
            assert_eq!(marks(&META, text), [""; 0], "{text}");
        }
    }
}
