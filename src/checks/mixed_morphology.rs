//! ACC005 `mixed-morphology`: English words in Indonesian clothes, and the other way round.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon,
    text::{Language, Word, words},
};

declare_check! {
    /// ## What it does
    /// Reports English words with Indonesian affixes put on by a hyphen (`di-send`, `men-submit`,
    /// `ter-input-kan`), and English plurals behind a word that already makes a plural (`para users`,
    /// `semua files`).
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
    /// took the affix in (`dikompresi`), code.
    ///
    /// ## Known misses
    /// Affixes without a hyphen (`ngeshare`), genitives of a single name before a verb
    /// (`Wendy's membuka`), which may be a brand.
    ///
    /// ## False alarms
    /// 2.1 per 1,000 (95 % interval 1.4–3.2) of 11,698 human sentences, 2026-11-23,
    /// `scripts/false_alarms.py`: 4.2 in documentation of software, whose translators write
    /// `di-refresh`; 0.5 elsewhere. A preview for that reason.
    MixedMorphology {
        code: "ACC005",
        name: "mixed-morphology",
        mqm: Untranslated,
        severity: Minor,
        status: Status::Preview("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.mixed-morphology]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct MixedMorphology {}

const PREFIXES: [&str; 13] =
    ["di", "me", "mem", "men", "meng", "meny", "menge", "ter", "ber", "nge", "pe", "pem", "peng"];
const SUFFIXES: [&str; 4] = ["kan", "an", "i", "nya"];
/// Words that make a plural of what follows.
const PLURAL: [&str; 9] =
    ["para", "semua", "beberapa", "banyak", "sejumlah", "berbagai", "seluruh", "kedua", "segala"];

/// The English word inside `di-send`, `ter-input-kan`.
fn root(word: &str) -> Option<&str> {
    let (prefix, rest) = word.split_once('-')?;
    let root = match rest.rsplit_once('-') {
        Some((root, suffix)) if SUFFIXES.contains(&suffix) => root,
        Some(_) => return None,
        None => rest,
    };
    let prefixed = PREFIXES.contains(&prefix.to_lowercase().as_str());
    let plain = root.len() > 2 && root.bytes().all(|b| b.is_ascii_lowercase());
    (prefixed && plain && !lexicon::is_word(Language::Id, root)).then_some(root)
}

/// The name in `Jakarta's` where an Indonesian noun follows, or another name goes before: brands such
/// as `Wendy's` stand alone.
fn genitive<'a>(text: &str, word: Word<'a>, last: Option<Word<'_>>) -> Option<&'a str> {
    let owner = word.text.strip_suffix("'s").or_else(|| word.text.strip_suffix("’s"))?;
    let rest = text[word.span.range().end..].strip_prefix(' ')?;
    let next = words(rest).next()?.text;
    let noun = next.len() > 6
        && next.ends_with("an")
        && ["ke", "pe", "per", "peng", "pem", "pen"].iter().any(|prefix| next.starts_with(prefix));
    let lower = next.starts_with(char::is_lowercase) && !matches!(next, "dan" | "atau" | "di");
    let named = last.is_some_and(|last| {
        last.span.start > 0
            && last.text.starts_with(char::is_uppercase)
            && text.get(last.span.range().end..word.span.range().start) == Some(" ")
    });
    let name = owner.starts_with(char::is_uppercase);
    (name && (noun || (lower && named))).then_some(owner)
}

/// Whether `word` is the plural of an English word, and no Indonesian word in `s`.
fn plural(word: &str) -> bool {
    let Some(singular) = word.strip_suffix('s').filter(|word| word.len() > 3) else { return false };
    word.bytes().all(|b| b.is_ascii_lowercase())
        && !word.ends_with("ss")
        && (lexicon::only(Language::En, word).is_some()
            || lexicon::only(Language::En, singular).is_some())
        && !lexicon::is_word(Language::Id, word)
}

impl Check for MixedMorphology {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        let target = &cx.segment.target;
        let text = target.text.as_str();
        let mut before: Option<Word<'_>> = None;
        for &word in cx.words() {
            let last = before.replace(word);
            if target.in_placeable(word.span) {
                continue;
            }
            if let Some(root) = root(word.text).filter(|_| !marks::is_code(text, word.span)) {
                findings
                    .push(format!("`{root}` with an Indonesian affix"))
                    .at(word.span)
                    .confidence(Confidence::Medium)
                    .help("translate the verb, or write the loanword as one word");
                continue;
            }
            let many = |last: Word<'_>| {
                PLURAL.contains(&&*last.lower())
                    && text.get(last.span.range().end..word.span.range().start) == Some(" ")
            };
            if let Some(owner) = genitive(text, word, last) {
                findings
                    .push(format!("English genitive of `{owner}`"))
                    .at(word.span)
                    .confidence(Confidence::Medium)
                    .help("Indonesian puts the owner behind what it owns");
                continue;
            }
            if plural(word.text) && last.is_some_and(many) && !marks::is_code(text, word.span) {
                findings
                    .push(format!("English plural `{}`", word.text))
                    .at(word.span)
                    .confidence(Confidence::Medium)
                    .help("translate it; Indonesian nouns have no plural ending");
            }
        }
    }
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
    }

    #[test]
    fn legitimate() {
        for text in [
            "Karyawan di-PHK, ruang ber-AC, ke-2, se-Jawa, ke-17",
            "Data dikompresi, diverifikasi, dan diunduh.",
            "Semua kelas, banyak kasus, para komisaris, berbagai jenis, seluruh akses, kedua proses",
            "Wendy's dan Domino's, gerai Wendy's membuka cabang",
            "Warga non-Jawa dan pro-rakyat, kupu-kupu, terus-menerus, berlari-lari",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
