//! ACC007 `name-mismatch`: a name that only one side has.

use serde::Deserialize;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    document::SegmentText,
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon::names::{exonyms, is_common},
    text::{Language, Side, Span, Word, words},
};

declare_check! {
    /// ## What it does
    /// Looks for the names of each side (people, places, brands, abbreviations) on the other one, as they
    /// are, in the other language's form (`Germany` – `Jerman`) or spelled another way
    /// (`Dostoevsky` – `Dostoyevski`), and reports those that are not there.
    ///
    /// ## Why it matters
    /// MQM Mistranslation. A name that is lost or became another changes who did what.
    ///
    /// ## Example
    /// - *Ms Hartono met Kowalski in Geneva.* – `Ibu Hartono bertemu Kowalski di Wina.`
    ///
    /// ## Not reported
    /// Titles of several words that may be translated (`Supreme Court`), words that either language
    /// writes in lower case, the first word of a sentence, what stands in quotation marks, an
    /// abbreviation whose words are there. `exonyms.tsv` has the names that differ.
    ///
    /// ## Known misses
    /// Names that are words (`Mark`, `Bunga`), the first word of a sentence, a family
    /// name left out beside the given one where both are common words.
    ///
    /// ## False alarms
    /// 4.0 per 1,000 of 1,500 pairs of documentation (example names that were made local), 30 of 997 of
    /// FLORES-200 dev, before names with forms in both languages were left out of those that only the
    /// target has: 2026-11-24, `scripts/pair_recall.py`. So a preview. Of 150 pairs of FLORES a
    /// name was taken out of, 0.53 were found, and 0.72 where it became another.
    NameMismatch {
        code: "ACC007",
        name: "name-mismatch",
        mqm: Mistranslation,
        severity: Major,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.name-mismatch]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NameMismatch {
    /// Shorter names are not looked for, in letters.
    min_letters: usize,
    /// Names that are never reported, as written.
    allow: Vec<String>,
}

impl Default for NameMismatch {
    fn default() -> Self {
        Self { min_letters: 3, allow: Vec::new() }
    }
}

/// Words before a name that say who somebody is: no part of a title that is translated.
const TITLES: &[&str] = &[
    "mr",
    "mrs",
    "ms",
    "dr",
    "sir",
    "lord",
    "lady",
    "president",
    "king",
    "queen",
    "prince",
    "princess",
    "minister",
    "senator",
    "governor",
    "professor",
    "prof",
    "general",
    "captain",
    "colonel",
    "judge",
    "mayor",
    "coach",
    "saint",
    "director",
    "presiden",
    "raja",
    "ratu",
    "pangeran",
    "putri",
    "menteri",
    "gubernur",
    "profesor",
    "jenderal",
    "kapten",
    "kolonel",
    "hakim",
    "bapak",
    "ibu",
    "pak",
    "bu",
    "tuan",
    "nyonya",
    "bupati",
    "kepala",
    "ketua",
    "direktur",
    "pelatih",
    "santo",
    "kota",
    "jalan",
    "provinsi",
    "pulau",
    "anda",
    "saya",
];

/// In lower case without accents.
fn folded(word: &str) -> String {
    word.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// The consonants by which spellings of one name agree: `Tchaikovsky`, `Chaikovski`.
fn skeleton(folded: &str) -> String {
    const SOUNDS: [(&str, &str); 22] = [
        ("tch", "k"),
        ("ph", "f"),
        ("sch", "s"),
        ("sh", "s"),
        ("sy", "s"),
        ("ch", "k"),
        ("kh", "h"),
        ("th", "t"),
        ("dh", "d"),
        ("gh", "g"),
        ("ck", "k"),
        ("qu", "k"),
        ("tz", "s"),
        ("ts", "s"),
        ("dj", "y"),
        ("tj", "k"),
        ("x", "ks"),
        ("c", "k"),
        ("q", "k"),
        ("w", "v"),
        ("z", "s"),
        ("j", "y"),
    ];
    let sounds = SOUNDS.iter().fold(folded.to_owned(), |word, (from, to)| word.replace(from, to));
    let mut out = String::new();
    for c in sounds.chars() {
        if c.is_alphanumeric() && !"aeiouyh".contains(c) && !out.ends_with(c) {
            out.push(c);
        }
    }
    out
}

/// One side of a pair, ready to be searched.
struct Text {
    folded: String,
    words: Vec<(String, String)>,
    initials: String,
}

impl Text {
    fn new(text: &str) -> Self {
        let words: Vec<_> = words(text)
            .map(|word| {
                let folded = folded(word.text);
                let skeleton = skeleton(&folded);
                (folded, skeleton)
            })
            .collect();
        let parts = words.iter().flat_map(|(word, _)| word.split('-'));
        let initials = parts.filter_map(|word| word.chars().next()).collect();
        Self { folded: folded(text), words, initials }
    }

    /// Whether `name` of a text in `language` is here in some form.
    fn has(&self, name: &str, language: Language) -> bool {
        let begins = |form: &str| {
            let at = self.folded.match_indices(form);
            at.into_iter().any(|(at, _)| {
                !self.folded[..at].ends_with(char::is_alphanumeric)
                    // `AS` is no beginning of `asli`.
                    && (form.len() > 3
                        || !self.folded[at + form.len()..].starts_with(char::is_alphanumeric))
            })
        };
        let folded = folded(name);
        if self.folded.contains(&folded)
            || exonyms(language, &name.to_lowercase()).iter().any(|form| begins(form))
        {
            return true;
        }
        if name.chars().all(char::is_uppercase) && self.initials.contains(&folded) {
            return true;
        }
        if folded.contains(['-', '.', '\'', '’']) {
            let mut parts = folded.split(['-', '.', '\'', '’']);
            if parts.all(|part| part.len() < 3 || is_common(part) || self.has(part, language)) {
                return true;
            }
        }
        let (letters, bones) = (folded.chars().count(), skeleton(&folded));
        self.words.iter().any(|(word, skeleton)| {
            let first = folded.chars().next() == word.chars().next();
            let start = folded.chars().zip(word.chars()).take_while(|(a, b)| a == b).count();
            (letters >= 4 && start >= 4)
                || (letters >= 4 && bones.len() >= 2 && bones == *skeleton && first)
                || (bones.len() >= 3 && skeleton.starts_with(&bones))
                || (skeleton.len() >= 3 && bones.starts_with(skeleton.as_str()))
                || (letters >= 5
                    && strsim::levenshtein(&folded, word) <= if letters < 7 { 1 } else { 2 })
        })
    }
}

/// A word with a capital that it does not have from the start of a sentence.
fn is_name(text: &str, word: Word<'_>) -> bool {
    let before = text[..word.span.range().start].trim_end_matches(' ');
    let opens = |c: char| ".!?:;\"“”‘([*#-–—|/>•…".contains(c);
    word.text.starts_with(char::is_uppercase)
        && !word.text.contains(|c: char| c.is_ascii_digit() || c == '_')
        && !before.is_empty()
        && !before.ends_with(opens)
}

impl NameMismatch {
    /// The names of `side`, which is in `language`, that `other` has not.
    fn missing(&self, side: &SegmentText, language: Language, other: &Text) -> Vec<Span> {
        let text = side.text.as_str();
        let quoted = marks::quoted(text);
        let all: Vec<Word<'_>> = words(text).collect();
        // A word that may be translated beside the name makes it a title.
        let translatable = |i: usize| {
            let word = all[i].text;
            let lower = folded(bare(word));
            is_name(text, all[i])
                && is_common(&lower)
                && exonyms(language, &lower).is_empty()
                && !TITLES.contains(&lower.as_str())
        };
        let joined = |i: usize, j: usize| {
            text.get(all[i].span.range().end..all[j].span.range().start) == Some(" ")
        };
        // Over `of`, `the`, `and`: `Academy of Sciences`.
        let small = |i: usize| {
            matches!(all[i].text, "of" | "the" | "and" | "for" | "in" | "dan" | "untuk" | "di")
        };
        let in_title = |i: usize| {
            let (mut before, mut after) = (i, i);
            while before > 0 && joined(before - 1, before) {
                before -= 1;
                if translatable(before) {
                    return true;
                }
                if !small(before) && !all[before].text.starts_with(char::is_uppercase) {
                    break;
                }
            }
            while after + 1 < all.len() && joined(after, after + 1) {
                after += 1;
                if translatable(after) {
                    return true;
                }
                if !small(after) && !all[after].text.starts_with(char::is_uppercase) {
                    break;
                }
            }
            false
        };
        let mut out: Vec<Span> = Vec::new();
        for i in 0..all.len() {
            let word = all[i];
            let name = bare(word.text);
            let span = Span { end: word.span.start + name.len() as u32, ..word.span };
            let lower = folded(name);
            let common = lower.split('-').any(is_common) && exonyms(language, &lower).is_empty();
            if !is_name(text, word)
                || name.chars().count() < self.min_letters
                || common
                || self.allow.iter().any(|allowed| allowed == name)
                || side.in_placeable(span)
                || marks::is_code(text, span)
                || quoted.iter().any(|quote| quote.overlaps(span))
                || in_title(i)
                || other.has(name, language)
            {
                continue;
            }
            match out.last_mut() {
                Some(last) if i > 0 && last.end == all[i - 1].span.end && joined(i - 1, i) => {
                    *last = last.cover(span);
                }
                _ => out.push(span),
            }
        }
        out
    }
}

/// Without the English genitive.
fn bare(word: &str) -> &str {
    word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word)
}

impl Check for NameMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let (target, direction) = (&cx.segment.target, cx.segment.direction);
        let lost = self.missing(source, direction.source(), &Text::new(&target.text));
        let new = self.missing(target, direction.target(), &Text::new(&source.text));
        // A name for a name is a wrong one; a name too few may be said by `ia`.
        let confidence = match (lost.is_empty(), new.is_empty()) {
            (false, false) => Confidence::High,
            _ => Confidence::Medium,
        };
        // `PBB`, `Laut`: what has a form in both languages may be said in other words there.
        let translated = |span: &Span| {
            let mut names = words(span.of(&target.text));
            names.all(|name| !exonyms(direction.target(), &folded(name.text)).is_empty())
        };
        let new: Vec<Span> =
            new.into_iter().filter(|span| !lost.is_empty() || !translated(span)).collect();
        for (i, span) in new.iter().enumerate() {
            let draft = findings
                .push(format!("the name `{}` is not in the source", span.of(&target.text)))
                .at(*span)
                .severity(if lost.is_empty() { Severity::Minor } else { Severity::Major })
                .confidence(confidence);
            if let Some(wanted) = lost.get(i) {
                let name = wanted.of(&source.text);
                draft
                    .label(cx.segment.id, Side::Source, *wanted, "this one is not in the target")
                    .help(format!("the source says `{name}`"));
            }
        }
        for span in lost.iter().skip(new.len()) {
            findings
                .push(format!("the name `{}` is not in the target", span.of(&source.text)))
                .label(cx.segment.id, Side::Source, *span, "")
                .severity(Severity::Minor)
                .confidence(confidence)
                .help("carry the name over, or add it to `allow` in [checks.name-mismatch]");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{META, folded, skeleton};
    use crate::checks::tester::pair_marks;

    fn found(source: &str, target: &str) -> Vec<String> {
        pair_marks(&META, source, target)
    }

    #[test]
    fn lost_and_wrong_names() {
        assert_eq!(found("Then Kowalski met us.", "Lalu ia menemui kami."), ["Kowalski"]);
        assert_eq!(
            found("We flew to Geneva with Hartono.", "Kami terbang ke Wina bersama Hartono."),
            ["Wina"]
        );
        assert_eq!(
            found("It was said by President Suharno.", "Itu dikatakan oleh Presiden Wibawanto."),
            ["Wibawanto"]
        );
        assert_eq!(found("They sold it to Toshiba.", "Mereka menjualnya."), ["Toshiba"]);
    }

    #[test]
    fn the_same_name_otherwise() {
        for (source, target) in [
            ("The car came from Germany in June.", "Mobil itu datang dari Jerman pada Juni."),
            ("They read Dostoevsky aloud.", "Mereka membaca Dostoyevski keras-keras."),
            ("He works for the UN in New Zealand.", "Ia bekerja untuk PBB di Selandia Baru."),
            ("It is made in China.", "Barang itu buatan Tiongkok."),
            ("The ruling of the Supreme Court stands.", "Putusan Mahkamah Agung berlaku."),
            ("We visited the Sydney Harbour Bridge.", "Kami ke Jembatan Pelabuhan Sydney."),
            ("She sang \"Yesterday Once More\".", "Ia menyanyikan \"Sekali Lagi Kemarin\"."),
            ("The board of Kartini's school met.", "Dewan sekolah Kartini bertemu."),
            ("It happened in Vietnamese waters.", "Itu terjadi di perairan Vietnam."),
            ("See the page on Thursday.", "Lihat halaman itu Kamis."),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }

    #[test]
    fn spellings_share_their_bones() {
        assert_eq!(skeleton(&folded("Tchaikovsky")), skeleton(&folded("Chaikovski")));
        assert_eq!(folded("Müller"), "muller");
    }
}
