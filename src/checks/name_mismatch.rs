//! ACC007 `name-mismatch`: a name that only one side has.

use std::cell::OnceCell;

use serde::Deserialize;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    document::{Segment, SegmentText},
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon::names::{exonyms, is_common},
    text::{Language, Side, Span, Word, words},
};

declare_check! {
    /// ## What it does
    /// Looks for the names of each side (people, places, brands) on the other one, as they are, in the
    /// other language's form (`Germany` – `Jerman`) or spelled another way (`Dostoevsky` –
    /// `Dostoyevski`), and reports a name in whose place the target has another one.
    ///
    /// ## Why it matters
    /// MQM Mistranslation. A name that became another changes who did what.
    ///
    /// ## Example
    /// - *Ms Hartono met Kowalski in Geneva.* – `Ibu Hartono bertemu Kowalski di Wina.`
    ///
    /// ## Not reported
    /// Names that only one side has (`missing-name` reports those), titles of several words that may be
    /// translated (`Supreme Court`), words that either language writes in lower case, abbreviations,
    /// months and weekdays, what stands in quotation marks. `exonyms.tsv` has the names that differ.
    ///
    /// ## Known misses
    /// Names that are words (`Mark`, `Bunga`); a family name that stands elsewhere in the
    /// sentence; names that begin a sentence.
    ///
    /// ## False alarms
    /// 0.5 per 1,000 of 5,997 pairs: none of FLORES-200 dev, 0.6 of 5,000 pairs of documentation, all of
    /// them example persons with names of the country. Of 300 references of FLORES in which a name became
    /// another, 0.58 were found. 2026-11-24, `scripts/pair_recall.py`.
    NameMismatch {
        code: "ACC007",
        name: "name-mismatch",
        mqm: Mistranslation,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.name-mismatch]` and of `[checks.missing-name]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct NameMismatch {
    /// Shorter names are not looked for, in letters.
    min_letters: usize,
    /// Names that are never reported, as written.
    allow: Vec<String>,
    /// How far into its side a name may stand from the one in its place, in lengths of the side.
    max_shift: f32,
}

impl Default for NameMismatch {
    /// Set by hand.
    fn default() -> Self {
        Self { min_letters: 3, allow: Vec::new(), max_shift: 0.4 }
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

/// One side of a pair, which is prepared once a name does not stand in it as it is.
struct Other<'a> {
    text: &'a str,
    ready: OnceCell<Text>,
}

impl<'a> Other<'a> {
    fn new(side: &'a SegmentText) -> Self {
        Self { text: &side.text, ready: OnceCell::new() }
    }

    fn has(&self, name: &str, language: Language) -> bool {
        self.text.contains(name)
            || self.ready.get_or_init(|| Text::new(self.text)).has(name, language)
    }
}

/// A text, ready to be searched.
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
        // `Thais`, `Ephesians`: the people of a place, several of one kind.
        let people =
            ["ians", "ians'", "ian", "eans", "ean", "ans", "an", "ese", "ish", "ites", "ers", "s"];
        if language == Language::En
            && people.iter().any(|end| {
                folded.strip_suffix(end).is_some_and(|stem| {
                    stem.chars().count() > 2
                        && (begins(stem)
                            || self.words.iter().any(|(word, bones)| {
                                stem.len() > 3
                                    && word.chars().next() == stem.chars().next()
                                    && *bones == skeleton(stem)
                            }))
                })
            })
        {
            return true;
        }
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
    let before = &text[..word.span.range().start];
    // `Merak–Bakauheni`: a name on either side.
    let inside =
        before.strip_suffix(['–', '—']).is_some_and(|before| before.ends_with(char::is_alphabetic));
    let before = match inside {
        true => before.trim_end_matches(['–', '—']),
        false => before.trim_end_matches(' '),
    };
    let opens = |c: char| ".!?:;\"“”‘([*#-–—|/>•…".contains(c);
    word.text.starts_with(char::is_uppercase)
        && !word.text.contains(|c: char| c.is_ascii_digit() || c == '_')
        && !before.is_empty()
        && !before.ends_with(opens)
}

/// Marks of a text in UTF-8 that was read as Latin-1 (`SÃ£o`): its accents are no letters.
fn garbled(text: &str) -> bool {
    text.contains(['Ã', 'Â']) || text.contains("â€")
}

/// Whether `word`, in lower case and of `language`, is a word rather than a name.
fn is_word(word: &str, language: Language) -> bool {
    // `Catalan` has `Katalan`; but `Laut` and `Utara` are words that stand in names.
    if is_common(word) && (language == Language::Id || exonyms(language, word).is_empty()) {
        return true;
    }
    match language {
        Language::En => {
            let stems =
                [("ies", "y"), ("ship", ""), ("ness", ""), ("ment", ""), ("ers", ""), ("ings", "")];
            stems.iter().any(|(end, instead)| {
                word.strip_suffix(end).is_some_and(|stem| is_common(&format!("{stem}{instead}")))
            })
        }
        Language::Id => {
            let bare =
                ["nya", "lah", "kan", "an", "i"].iter().find_map(|end| word.strip_suffix(end));
            [Some(word), bare].into_iter().flatten().any(|stem| {
                [
                    "peng", "pem", "pen", "per", "pe", "meng", "mem", "men", "me", "ber", "ter",
                    "di", "ke", "se", "",
                ]
                .iter()
                .filter_map(|start| stem.strip_prefix(start))
                .filter(|root| root.len() > 3)
                .any(|root| {
                    is_common(root)
                        || ["p", "t", "k", "s"].iter().any(|sound| {
                            root.starts_with(['a', 'e', 'i', 'o', 'u'])
                                && root.len() < stem.len()
                                && is_common(&format!("{sound}{root}"))
                        })
                })
            })
        }
    }
}

/// Months and weekdays are for `date-mismatch`, currencies for `currency-mismatch`.
pub(super) const NO_NAMES: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "januari",
    "februari",
    "maret",
    "mei",
    "juni",
    "juli",
    "agustus",
    "oktober",
    "desember",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "senin",
    "selasa",
    "rabu",
    "kamis",
    "jumat",
    "sabtu",
    "minggu",
    "mondays",
    "tuesdays",
    "wednesdays",
    "thursdays",
    "fridays",
    "saturdays",
    "sundays",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "okt",
    "des",
    "celsius",
    "fahrenheit",
    "masehi",
    "siklon",
    "samudera",
    "samudra",
    "jenderal",
    "agung",
    "perdana",
    "mahkamah",
    "laksamana",
    "marsekal",
    "allah",
    "tuhan",
    "god",
];

impl NameMismatch {
    /// The names of `side`, which is in `language`, that `other` has not, and whether each stands in a
    /// title that may be translated.
    fn missing(
        &self,
        side: &SegmentText,
        language: Language,
        other: &Other<'_>,
    ) -> Vec<(Span, bool)> {
        let text = side.text.as_str();
        let quoted = marks::quoted(text);
        let all: Vec<Word<'_>> = words(text).collect();
        let broken = garbled(text) || garbled(other.text);
        // A word that may be translated beside the name makes it a title.
        let translatable = |i: usize| {
            let word = all[i].text;
            let lower = folded(bare(word));
            is_name(text, all[i]) && is_word(&lower, language) && !TITLES.contains(&lower.as_str())
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
        let mut out: Vec<(Span, bool)> = Vec::new();
        for i in 0..all.len() {
            let word = all[i];
            let name = bare(word.text);
            let span = Span { end: word.span.start + name.len() as u32, ..word.span };
            let lower = folded(name);
            let common = lower.split('-').any(|part| is_word(part, language));
            // `WHO`, `KPIs`: the other language may have its own, or the words.
            let short = name.trim_end_matches('s').chars().all(|c| !c.is_lowercase());
            if !is_name(text, word)
                || name.chars().count() < self.min_letters
                || common
                || short
                || lower.split('-').any(|part| NO_NAMES.contains(&part))
                || (broken && !name.is_ascii())
                || self.allow.iter().any(|allowed| allowed == name)
                || side.in_placeable(span)
                || marks::is_code(text, span)
                || quoted.iter().any(|quote| quote.overlaps(span))
                || other.has(name, language)
            {
                continue;
            }
            match out.last_mut() {
                Some((last, _)) if i > 0 && last.end == all[i - 1].span.end && joined(i - 1, i) => {
                    *last = last.cover(span);
                }
                _ => out.push((span, in_title(i))),
            }
        }
        out
    }
}

/// Without the English genitive.
fn bare(word: &str) -> &str {
    word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word)
}

/// The abbreviations of `side` that `other` has not: they may stand for a name that it has in full.
fn abbreviations(side: &SegmentText, other: &SegmentText) -> Vec<Span> {
    let short = |word: &Word<'_>| {
        (2..=6).contains(&word.text.len())
            && word.text.chars().all(|c| c.is_ascii_uppercase())
            && !other.text.contains(word.text)
    };
    words(&side.text).filter(short).map(|word| word.span).collect()
}

/// A name of many spellings as its commonest one is written: `Dostoyevskii` as `dostoevski`.
fn respelled(folded: &str) -> String {
    let vowels = [
        ("y", "i"),
        ("iev", "ev"),
        ("oe", "u"),
        ("ii", "i"),
        ("dj", "j"),
        ("tj", "c"),
        ("kh", "h"),
    ];
    vowels.iter().fold(folded.to_owned(), |name, (from, to)| name.replace(from, to))
}

/// Words of full names that changed a letter or two while the word beside them stayed: each of
/// `source` with the one of `target`.
fn misspelled(source: &SegmentText, target: &SegmentText) -> Vec<(Span, Span)> {
    let capital = |word: &Word<'_>| word.text.starts_with(char::is_uppercase);
    let joined = |text: &str, pair: &[Word<'_>]| {
        text.get(pair[0].span.range().end..pair[1].span.range().start) == Some(" ")
    };
    let full = |side: &SegmentText| -> Vec<(String, String, Span, Span)> {
        let all: Vec<Word<'_>> = words(&side.text).collect();
        let pairs =
            all.windows(2).filter(|pair| pair.iter().all(capital) && joined(&side.text, pair));
        let row = |pair: &[Word<'_>]| {
            (
                bare(pair[0].text).to_owned(),
                bare(pair[1].text).to_owned(),
                pair[0].span,
                pair[1].span,
            )
        };
        pairs.map(row).collect()
    };
    let is_plain = |word: &str| {
        let lower = folded(word);
        is_word(&lower, Language::Id)
            || is_word(&lower, Language::En)
            || NO_NAMES.contains(&lower.as_str())
            || TITLES.contains(&lower.as_str())
            || !exonyms(Language::En, &lower).is_empty()
            || !exonyms(Language::Id, &lower).is_empty()
            || word.chars().skip(1).all(char::is_uppercase)
    };
    let slip = |one: &str, other: &str| {
        let (a, b) = (folded(one), folded(other));
        let near = strsim::levenshtein(&a, &b);
        let letters = a.chars().count().min(b.chars().count());
        a != b
            && letters >= 4
            && near <= if letters < 7 { 1 } else { 2 }
            && respelled(&a) != respelled(&b)
            && !a.starts_with(b.as_str())
            && !b.starts_with(a.as_str())
            && !source.text.contains(other)
            && !target.text.contains(one)
            && !is_plain(one)
    };
    if garbled(&source.text) || garbled(&target.text) {
        return Vec::new();
    }
    let (ours, theirs) = (full(target), full(source));
    let mut out: Vec<(Span, Span)> = Vec::new();
    for (first, second, at_first, at_second) in &ours {
        for (their_first, their_second, there_first, there_second) in &theirs {
            let found = if first == their_first && !is_plain(first) && slip(their_second, second) {
                (*there_second, *at_second)
            } else if second == their_second && !is_plain(second) && slip(their_first, first) {
                (*there_first, *at_first)
            } else {
                continue;
            };
            if !out.contains(&found) {
                out.push(found);
            }
        }
    }
    out
}

/// Names of one side of a pair that the other has not.
pub(super) struct Unmatched {
    /// Names of the source, each with the one in its place.
    pub(super) replaced: Vec<(Span, Span)>,
    /// Other names of the source.
    pub(super) lost: Vec<Span>,
    /// Other names of the target.
    pub(super) new: Vec<Span>,
}

impl NameMismatch {
    /// Compares the names of a pair.
    pub(super) fn compare(&self, segment: &Segment) -> Option<Unmatched> {
        let (source, target) = (segment.source.as_ref()?, &segment.target);
        // Most pairs have no name but the first word.
        if ![source, target].iter().any(|side| {
            let mut all = words(&side.text);
            all.any(|word| is_name(&side.text, word))
        }) {
            return None;
        }
        let direction = segment.direction;
        let mut lost = self.missing(source, direction.source(), &Other::new(target));
        let mut new = self.missing(target, direction.target(), &Other::new(source));
        if !lost.is_empty() && abbreviations(target, source).len() >= lost.len() {
            lost.clear();
        }
        if !new.is_empty() && abbreviations(source, target).len() >= new.len() {
            new.clear();
        }
        let place =
            |side: &SegmentText, span: Span| span.start as f32 / side.text.len().max(1) as f32;
        // `PBB`, `Laut`: what has a form in both languages may be said in other words there.
        let translated = |span: &Span| {
            let mut names = words(span.of(&target.text));
            names.all(|name| !exonyms(direction.target(), &folded(name.text)).is_empty())
        };
        let mut replaced = misspelled(source, target);
        let mut rest = Vec::new();
        for (span, title) in new {
            let at = place(target, span);
            let far = |other: &(Span, bool)| (place(source, other.0) - at).abs();
            let nearest = (0..lost.len()).min_by(|a, b| far(&lost[*a]).total_cmp(&far(&lost[*b])));
            match nearest.filter(|i| far(&lost[*i]) <= self.max_shift) {
                Some(i) => replaced.push((lost.remove(i).0, span)),
                None if title || translated(&span) => {}
                None => rest.push(span),
            }
        }
        lost.retain(|(_, title)| !title);
        let lost = lost.into_iter().map(|(span, _)| span).collect();
        Some(Unmatched { replaced, lost, new: rest })
    }
}

impl Check for NameMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(names) = self.compare(cx.segment) else { return };
        let Some(source) = &cx.segment.source else { return };
        for (wanted, span) in names.replaced {
            let name = wanted.of(&source.text);
            findings
                .push(format!(
                    "the name `{}` is not in the source",
                    span.of(&cx.segment.target.text)
                ))
                .at(span)
                .label(cx.segment.id, Side::Source, wanted, "this one is not in the target")
                .confidence(Confidence::High)
                .help(format!("the source says `{name}`"));
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
    fn wrong_names() {
        assert_eq!(
            found("We flew to Geneva with Hartono.", "Kami terbang ke Wina bersama Hartono."),
            ["Wina"]
        );
        assert_eq!(
            found("It was said by President Suharno.", "Itu dikatakan oleh Presiden Wibawanto."),
            ["Wibawanto"]
        );
        assert_eq!(
            found("The prize went to Sartika Wulandari.", "Hadiahnya jatuh ke Sartika Wulandasi."),
            ["Wulandasi"]
        );
        assert_eq!(
            found("It sails the Gresik–Bawean route.", "Kapal itu melayani rute Gresik–Masalembu."),
            ["Masalembu"]
        );
    }

    #[test]
    fn the_same_name_otherwise() {
        for (source, target) in [
            ("The car came from Germany in June.", "Mobil itu datang dari Jerman pada Juni."),
            ("They read Fyodor Dostoevsky.", "Mereka membaca Fyodor Dostoyevski."),
            ("The BMG warned Lumajang.", "Badan Meteorologi memperingatkan Lumajang."),
            ("They read Dostoevsky aloud.", "Mereka membaca Dostoyevski keras-keras."),
            ("He works for the UN in New Zealand.", "Ia bekerja untuk PBB di Selandia Baru."),
            ("It is made in China.", "Barang itu buatan Tiongkok."),
            ("The ruling of the Supreme Court stands.", "Putusan Mahkamah Agung berlaku."),
            ("We visited the Sydney Harbour Bridge.", "Kami ke Jembatan Pelabuhan Sydney."),
            ("She sang \"Yesterday Once More\".", "Ia menyanyikan \"Sekali Lagi Kemarin\"."),
            ("The board of Kartini's school met.", "Dewan sekolah Kartini bertemu."),
            ("It happened in Vietnamese waters.", "Itu terjadi di perairan Vietnam."),
            ("See the page on Thursday.", "Lihat halaman itu Kamis."),
            ("Then Kowalski met us.", "Lalu ia menemui kami."),
            ("The KPIs of the WHO differ.", "Indikator badan itu berbeda."),
            ("The people were Ephesians.", "Mereka itu orang Efesus."),
            ("It is due on Jan 4 in Boston.", "Tenggatnya 4 Januari di Boston."),
            ("We flew to São Tomé.", "Kami terbang ke SÃ£o TomÃ©."),
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
