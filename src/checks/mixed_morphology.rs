//! ACC005 `mixed-morphology`: English words in Indonesian clothes, and the other way round.

use std::{collections::HashSet, sync::LazyLock};

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon::{self, Strength},
    text::{Language, Word, words},
};

declare_check! {
    /// ## What it does
    /// Reports English words with Indonesian affixes (`di-send`, `men-submit`, `ter-input-kan`,
    /// `diupload`), English plurals in Indonesian sentences (`para users`, `documents tambahan`)
    /// and on Indonesian words (`gurus`), and English genitives (`Jakarta's`, `pemerintah's`).
    /// Verbs of computing that its writers use so every day (`di-download`) are neutral.
    ///
    /// ## Why it matters
    /// MQM Untranslated. The model had the grammar and not the word.
    ///
    /// ## Example
    /// - `Berkas di-send kemarin.`
    /// - `Para users mengeluh.`
    ///
    /// ## Not reported
    /// Affixes on abbreviations, names and figures (`di-PHK`, `se-Jawa`, `ke-2`), loanwords that
    /// took the affix in (`dikompresi`), brands (`Wendy's`), English names (`King's College`),
    /// plurals that writers borrow (`tools`, `fans`), words in quotation marks, code.
    ///
    /// ## Known misses
    /// Genitives in lists (`Jakarta's, Bogor's`), which look like brands.
    ///
    /// ## False alarms
    /// 0.6 per 1,000 (95 % interval 0.3–1.2) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`. Verbs of computing with an affix (`di-refresh`), which translators of
    /// documentation write 3 times in 1,000 sentences, are neutral.
    MixedMorphology {
        code: "ACC005",
        name: "mixed-morphology",
        mqm: Untranslated,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.mixed-morphology]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct MixedMorphology {}

const PREFIXES: &[&str] = &[
    "di", "me", "mem", "men", "meng", "meny", "menge", "ter", "ber", "nge", "ng", "pe", "pem",
    "pen", "peng", "ke",
];
const SUFFIXES: &[&str] = &["kan", "an", "i", "in", "nya", "kannya"];
/// Words that make a plural of what follows.
const PLURAL: &[&str] = &[
    "para", "semua", "beberapa", "banyak", "sejumlah", "berbagai", "seluruh", "kedua", "segala",
    "ribu", "juta", "miliar", "ratusan", "ribuan", "puluhan", "jutaan", "belasan", "dua", "tiga",
    "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas", "belas",
    "puluh", "ratus", "setiap", "tiap", "sebagian",
];
/// English verbs of computing that people who write about it put an affix on every day: a
/// finding on them is neutral. At least three times each in 289,370 Indonesian sentences.
static COMPUTING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("mixed-morphology.computing"));
/// English verbs in use in both languages, which Indonesian text with its affix writes otherwise.
static IN_USE: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("mixed-morphology.in-use"));
/// Names that end in 's.
static BRANDS: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("mixed-morphology.brands"));
/// Words before a brand.
const BRANDED: &[&str] = &[
    "merek",
    "gerai",
    "restoran",
    "toko",
    "kedai",
    "jaringan",
    "waralaba",
    "lembaga",
    "pemeringkat",
    "penyakit",
    "sindrom",
    "label",
    "situs",
    "film",
    "novel",
    "band",
    "grup",
    "album",
    "lagu",
    "hotel",
    "bernama",
    "majalah",
];

/// The English word inside `di-send`, `ter-input-kan`.
fn root(word: &str) -> Option<&str> {
    let (prefix, rest) = word.split_once('-')?;
    let root = match rest.rsplit_once('-') {
        Some((root, suffix)) if SUFFIXES.contains(&suffix) => root,
        Some(_) => return None,
        None => rest,
    };
    let lower = prefix.to_lowercase();
    let prefixed = PREFIXES.contains(&lower.as_str());
    let plain = root.len() > 2 && root.bytes().all(|b| b.is_ascii_lowercase());
    let own = |word: &str| lexicon::is_word(Language::Id, word);
    // `ke-` and `ng-` are for words that are surely English: `ke-dua` is a slip.
    let english = !matches!(lower.as_str(), "ke" | "ng") || lexicon::is_word(Language::En, root);
    let suffixed = SUFFIXES.iter().any(|s| root.strip_suffix(s).is_some_and(own));
    (prefixed && plain && english && !own(root) && !suffixed).then_some(root)
}

/// The English word inside `diupload`, `mensubmit`.
fn fused(word: &str) -> Option<&str> {
    if word.len() < 7 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let known =
        |word: &str| lexicon::is_word(Language::Id, word) || lexicon::names::is_common(word);
    let inside = |rest: &'_ str, sure: bool| {
        let english = |root: &str| {
            IN_USE.contains(root)
                || (sure
                    && root.len() > 4
                    && lexicon::only(Language::En, root).is_some_and(|s| s >= Strength::Likely))
        };
        SUFFIXES
            .iter()
            .map(|suffix| rest.strip_suffix(suffix))
            .chain([Some(rest)])
            .flatten()
            .map(str::len)
            .find(|len| english(&rest[..*len]) && !lexicon::is_word(Language::Id, &rest[..*len]))
    };
    for (prefix, sure) in [
        ("meng", true),
        ("men", true),
        ("mem", true),
        ("me", false),
        ("di", true),
        ("ter", false),
        ("nge", false),
    ] {
        if let Some(rest) = word.strip_prefix(prefix)
            && let Some(len) = inside(rest, sure)
            && !known(word)
            && !["memusingkan"].contains(&word)
        {
            return Some(&rest[..len]);
        }
    }
    None
}

/// The owner in `Jakarta's`, unless it is a brand or a part of an English name.
fn genitive<'a>(text: &str, word: Word<'a>, last: Option<Word<'_>>) -> Option<&'a str> {
    let owner = word.text.strip_suffix("'s").or_else(|| word.text.strip_suffix("’s"))?;
    if owner.chars().count() < 3 {
        return None;
    }
    let lower = owner.to_lowercase();
    if BRANDS.contains(lower.as_str()) {
        return None;
    }
    let rest = &text[word.span.range().end..];
    let next = rest.strip_prefix(' ').and_then(|rest| words(rest).next()).map(|word| word.text);
    let behind = last.map(|last| last.text.to_lowercase());
    let behind = behind.as_deref().unwrap_or_default();
    let english = |word: &str| {
        lexicon::is_word(Language::En, &word.to_lowercase())
            && !lexicon::is_word(Language::Id, &word.to_lowercase())
    };
    // `King's College`, `Schindler's List`, `world's best`.
    let name = next.is_some_and(|next| next.starts_with(char::is_uppercase) || english(next))
        || BRANDED.contains(&behind)
        || english(behind);
    // `Wendy's dan`, `gerai Wendy's`: a name that ends so stands alone, and one in a list too.
    let listed = matches!(next, Some("dan" | "atau" | "serta" | "adalah" | "merupakan"))
        || rest.starts_with([',', ')', '"', '”', '/', '-']);
    let own = lexicon::is_word(Language::Id, &lower);
    (own || (!name && !listed && !english(owner))).then_some(owner)
}

/// Plurals that Indonesian writers take over: alone they say nothing.
static BORROWED_PLURALS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("mixed-morphology.borrowed-plurals"));

/// Whether `word` is the plural of an English word, and no Indonesian word in `s`.
fn plural(word: &str) -> bool {
    let Some(singular) = word.strip_suffix('s').filter(|word| word.len() > 3) else { return false };
    let english = |word: &str| lexicon::is_word(Language::En, word);
    let ies = singular.strip_suffix("ie").is_some_and(|stem| english(&format!("{stem}y")));
    let es = singular.strip_suffix('e').is_some_and(english);
    word.bytes().all(|b| b.is_ascii_lowercase())
        && !word.ends_with("ss")
        && (english(word) || english(singular) || ies || es || IN_USE_NOUNS.contains(singular))
        && !lexicon::is_word(Language::Id, word)
        && ![
            "species", "series", "always", "perhaps", "besides", "less", "status", "bonus",
            "virus", "process",
        ]
        .contains(&word)
}

/// English nouns in use in both languages.
static IN_USE_NOUNS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("mixed-morphology.in-use-nouns"));

/// An Indonesian noun with an English plural: `gurus`, `karyawans`.
fn own_plural(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_lowercase())
        && word.strip_suffix('s').is_some_and(|stem| {
            stem.len() > 3
                && !stem.ends_with(['s', 'i'])
                && lexicon::only(Language::Id, stem).is_some_and(|s| s >= Strength::Likely)
        })
        && !lexicon::is_word(Language::Id, word)
        && !lexicon::is_word(Language::En, word)
}

impl Check for MixedMorphology {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        let text = target.text.as_str();
        let mut before: Option<Word<'_>> = None;
        for (at, &word) in cx.words().iter().enumerate() {
            let last = before.replace(word);
            let next = cx.words().get(at + 1).copied();
            let Some((what, severity, help)) = judge(text, word, last, next) else { continue };
            if target.in_placeable(word.span) || cx.quoted().iter().any(|q| q.overlaps(word.span)) {
                continue;
            }
            findings
                .push(what)
                .at(word.span)
                .severity(severity)
                .confidence(Confidence::Medium)
                .help(help);
        }
    }
}

/// What is foreign about the form of `word`, how bad it is, and what to do.
fn judge(
    text: &str,
    word: Word<'_>,
    last: Option<Word<'_>>,
    next: Option<Word<'_>>,
) -> Option<(String, Severity, &'static str)> {
    let hyphen = word.text.contains('-');
    if hyphen || word.text.len() > 6 {
        let inside = if hyphen { root(word.text) } else { fused(word.text) };
        if let Some(root) = inside.filter(|_| !marks::is_code(text, word.span)) {
            let severity =
                if COMPUTING.contains(root) { Severity::Neutral } else { META.info.severity };
            return Some((
                format!("`{root}` with an Indonesian affix"),
                severity,
                "translate the verb, or write the loanword as one word",
            ));
        }
    }
    if !word.text.ends_with('s') {
        return None;
    }
    if let Some(owner) = genitive(text, word, last) {
        return Some((
            format!("English genitive of `{owner}`"),
            META.info.severity,
            "Indonesian puts the owner behind what it owns",
        ));
    }
    let beside =
        |a: Word<'_>, b: Word<'_>| text.get(a.span.range().end..b.span.range().start) == Some(" ");
    let last = last.filter(|last| beside(*last, word))?;
    let lower = last.text.to_lowercase();
    let many = PLURAL.contains(&lower.as_str()) || lower.starts_with(|c: char| c.is_ascii_digit());
    let own = |word: &str| lexicon::is_word(Language::Id, word);
    let plural_help = "translate it; Indonesian nouns have no plural ending";
    let found = if own_plural(word.text) && (many || own(&lower)) {
        true
    } else if !plural(word.text) {
        false
    } else {
        let goes_on = match next {
            Some(next) => {
                let gap = text.get(word.span.range().end..next.span.range().start);
                matches!(gap, Some(" " | ", ")) && (own(&next.text.to_lowercase()))
            }
            None => text.trim_end().ends_with('.'),
        };
        many || (own(&lower) && goes_on && !BORROWED_PLURALS.contains(word.text))
    };
    (found && !marks::is_code(text, word.span))
        .then(|| (format!("English plural `{}`", word.text), META.info.severity, plural_help))
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn english_in_indonesian_clothes() {
        assert_eq!(
            marks(&META, "Dokumen itu di-send lalu men-submit formulir."),
            ["di-send", "men-submit"]
        );
        assert_eq!(marks(&META, "Nilai ter-input-kan dua kali."), ["ter-input-kan"]);
        assert_eq!(marks(&META, "Para users dan semua files hilang."), ["users", "files"]);
        assert_eq!(
            marks(&META, "Laba Bank Jago's naik, dan Bandung's keindahan terkenal."),
            ["Jago's", "Bandung's"]
        );
        assert_eq!(
            marks(&META, "Pidato Sukarno's di sidang pemerintah's."),
            ["Sukarno's", "pemerintah's"]
        );
        assert_eq!(
            marks(&META, "Ia membawa documents lama dan lima tickets."),
            ["documents", "tickets"]
        );
        assert_eq!(marks(&META, "Para gurus menolak."), ["gurus"]);
        assert_eq!(
            marks(&META, "Foto itu diupload lalu mensubmit ulang."),
            ["diupload", "mensubmit"]
        );
    }

    #[test]
    fn legitimate() {
        for text in [
            "Karyawan di-PHK, ruang ber-AC, ke-2, se-Jawa, ke-17",
            "Data dikompresi, diverifikasi, dan diunduh.",
            "Semua kelas, banyak kasus, para komisaris, berbagai jenis, seluruh akses, kedua proses",
            "Wendy's dan Domino's, gerai Wendy's membuka cabang",
            "Ia kuliah di King's College dan menonton Schindler's List.",
            "Gerai Nando's buka, kata \"users\" dipakai, dan tools itu gratis.",
            "Petugas didampingi, mengover, terrain, melasti, memusingkan",
            "Warga non-Jawa dan pro-rakyat, kupu-kupu, terus-menerus, berlari-lari",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
