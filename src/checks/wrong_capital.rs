//! SPL003 `wrong-capital`: capital.

use std::{collections::HashSet, sync::LazyLock};

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
    marks,
};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon::{self, patterns::Patterns},
    text::{Language, Span, Word},
};

declare_check! {
    /// ## What it does
    /// Reports a capital inside a sentence on a word that is no name (`lebih Tenang`, `para Tersangka`,
    /// after a semicolon), and names of places, peoples, languages, religions, days and months without
    /// one (`ke bali`, `suku dayak`, `hari senin`).
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Spelling. Capitals of headings, German or a lost sentence border
    /// came over.
    ///
    /// ## Example
    /// - `air Panas` → `panas`
    /// - `ke bali` → `Bali`
    ///
    /// ## Not reported
    /// Names, titles with a name, sapaan (`Bapak`), what is named by its screen, kinds named after a
    /// place (`kunci inggris`, `gula jawa`), texts without any capital, sentences with many of them.
    ///
    /// ## Known misses
    /// Nouns that laws and contracts write with a capital (`Perusahaan`), but behind `para` or before
    /// `tersebut`; ambiguous names (`medan`, `solo`). The words stand in `src/lexicon/lower.txt`, the
    /// patterns in `src/lexicon/grammar/wrong-capital.tsv`.
    ///
    /// ## False alarms
    /// 0.9 per 1,000 (95 % interval 0.5–1.7) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    WrongCapital {
        code: "SPL003",
        name: "wrong-capital",
        mqm: Spelling,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.wrong-capital]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct WrongCapital {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/wrong-capital.tsv")));

/// Words without a capital inside a sentence.
static LOWER: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::lines(include_str!("../lexicon/lower.txt")));

/// Names that are hardly ever another word, in lower case: places, peoples, languages, religions,
/// days, months, feasts, brands.
static PROPER: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let list = "
        jakarta bandung surabaya yogyakarta jogjakarta semarang makassar palembang pontianak banjarmasin samarinda balikpapan
        denpasar manado mataram jayapura bogor bekasi depok tangerang cirebon sukabumi garut tasikmalaya purwokerto magelang
        kediri madiun jember banyuwangi gorontalo ternate tidore aceh papua sumatra sumatera kalimantan sulawesi maluku riau
        jambi lampung bengkulu banten madura flores bali batam pekanbaru cilacap surakarta
        indonesia malaysia singapura thailand vietnam filipina kamboja myanmar brunei jepang korea tiongkok china cina taiwan india
        pakistan bangladesh australia amerika inggris prancis perancis jerman belanda italia spanyol portugal rusia ukraina turki
        mesir arab irak iran israel palestina suriah yaman afghanistan kanada meksiko brasil argentina eropa afrika asia swedia
        norwegia denmark finlandia polandia yunani swiss austria belgia hungaria rumania kenya nigeria ethiopia maroko tunisia
        qatar peru kolombia venezuela kuba skotlandia irlandia islandia uzbekistan kazakhstan mongolia nepal
        london paris tokyo beijing shanghai seoul bangkok moskow washington sydney berlin madrid kairo mekah makkah madinah
        hongkong dubai osaka shenzhen guangzhou hangzhou
        islam kristen katolik hindu buddha protestan konghucu yahudi alquran
        dayak batak minangkabau betawi bugis toraja asmat tionghoa sunda baduy sasak jawa mandarin latin
        senin selasa rabu kamis jumat sabtu januari februari maret april mei juni juli agustus september oktober november
        desember idulfitri iduladha nyepi waisak imlek ramadan ramadhan
        facebook instagram whatsapp youtube microsoft samsung toyota huawei alibaba tencent pancasila
        atlantik pasifik antartika arktik kutub_utara himalaya merapi sahara amazon eropa";
    list.split_whitespace().collect()
});

/// Things whose kind is named after a place, and in lower case: `kunci inggris`, `gula jawa`.
static KINDS: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("wrong-capital.kinds"));
/// Words before a name that has to be one of its kind, so that an ambiguous word is sure.
const KIND_OF_NAME: [(&str, &[&str]); 4] = [
    ("bali", &["pulau", "ke", "di", "dari", "provinsi", "suku", "bahasa", "orang", "masyarakat"]),
    ("jawa", &["pulau", "suku", "bahasa", "orang", "masyarakat", "tanah", "laut"]),
    ("latin", &["bahasa", "huruf", "amerika", "aksara"]),
    ("amazon", &["sungai", "perusahaan", "raksasa"]),
];
/// Words of screens: what follows has the capital that it has there.
static SCREEN: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("wrong-capital.screen"));
/// Common nouns that laws and contracts write with a capital, and other text does not.
static DEFINED: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("wrong-capital.defined"));
/// Words that make the next one a common noun.
const DETERMINERS: &[&str] = &[
    "para", "seorang", "sebuah", "seekor", "suatu", "beberapa", "banyak", "setiap", "sejumlah",
    "semua", "berbagai", "puluhan", "ratusan", "ribuan", "sang", "si",
];

/// Capitals word by word.
fn capitals(cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
    let target = &cx.segment.target;
    let text = target.text.as_str();
    // Chat and headings without any capital are a style of their own.
    if !text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase) {
        return;
    }
    let all = cx.words();
    let gap = |i: usize| &text[all[i].span.range().end..all[i + 1].span.range().start];
    // Bold names, paths and heads of lists have the capitals of a screen.
    let style = text.contains("**") || text.contains('>') || text.trim_end().ends_with(':');
    let mut screen: Option<bool> = None;
    let mut hits: Vec<(Span, String, &str, Severity)> = Vec::new();
    for i in 1..all.len() {
        let word = all[i];
        let begins = word.text.starts_with(char::is_uppercase);
        if !begins && !word.text.starts_with(char::is_lowercase) || word.text.len() < 3 {
            continue;
        }
        let before = gap(i - 1);
        let last = all[i - 1].text;
        if !begins {
            if !matches!(before, " " | ", " | "-" | " (") || !PROPER.contains(word.text) {
                continue;
            }
            let last_lower = last.to_lowercase();
            let sure = KIND_OF_NAME
                .iter()
                .find(|(name, _)| *name == word.text)
                .is_none_or(|(_, kinds)| kinds.contains(&last_lower.as_str()))
                || all.get(i + 1).is_some_and(|next| {
                    ["Tengah", "Barat", "Timur", "Selatan", "Utara", "Pos"].contains(&next.text)
                });
            // `kunci inggris`, `jawa timur` in a name of one style, `Minggu pagi, mei` …
            if !sure
                || KINDS.contains(last_lower.as_str())
                || last_lower == "ke" && word.text == "mei"
            {
                continue;
            }
            hits.push((
                word.span,
                with_capital(word.text),
                "a name without its capital",
                Severity::Minor,
            ));
            continue;
        }
        if word.text.chars().skip(1).any(|c| !c.is_lowercase())
            || !(last.starts_with(char::is_lowercase)
                || i == 1 && DETERMINERS.contains(&last.to_lowercase().as_str()))
        {
            continue;
        }
        let lower = word.text.to_lowercase();
        let next = all.get(i + 1).map(|next| (gap(i), next.text));
        let alone = match next {
            Some((" ", next)) => next.starts_with(char::is_lowercase),
            Some((between, _)) => {
                between.starts_with([',', '.', ';', ')']) && !between.starts_with(".\u{a0}")
            }
            None => true,
        };
        if before == "; "
            && alone
            && lexicon::is_word(Language::Id, &lower)
            && lower != "anda"
            && !COURTESY.contains(&lower.as_str())
        {
            hits.push((word.span, lower, "a capital behind a semicolon", Severity::Minor));
            continue;
        }
        if before != " " || !alone {
            continue;
        }
        let determined = DETERMINERS.contains(&last.to_lowercase().as_str());
        let pointed = next.is_some_and(|(_, next)| ["tersebut", "itu", "ini"].contains(&next));
        let common = LOWER.contains(lower.as_str())
            || (determined || pointed) && DEFINED.contains(lower.as_str());
        if !common || all.len() < 5 || !lexicon::is_word(Language::Id, &last.to_lowercase()) {
            continue;
        }
        let certain = determined || pointed && DEFINED.contains(lower.as_str());
        if !certain && (style || others(all, i, text) > 0) {
            continue;
        }
        let on_screen = *screen.get_or_insert_with(|| {
            all.iter().any(|word| SCREEN.contains(word.text.to_lowercase().as_str()))
        });
        if on_screen && !(determined && (pointed || !legal(all))) {
            continue;
        }
        // Without a word that makes it a common noun it may be the name of a screen.
        let severity = if certain { Severity::Minor } else { Severity::Neutral };
        hits.push((word.span, lower, "a capital on a common word", severity));
    }
    // Many of them are a style: a law, a heading.
    if hits.is_empty() || hits.len() > MOST {
        return;
    }
    let quoted = cx.quoted();
    let listed = LIST.find(text);
    for (span, right, what, severity) in hits {
        if target.in_placeable(span)
            || listed.iter().any(|hit| hit.span.overlaps(span))
            || marks::is_code(text, span)
            || quoted.iter().any(|quote| quote.overlaps(span))
        {
            continue;
        }
        findings
            .push(format!("capital: {what}"))
            .at(span)
            .severity(severity)
            .confidence(Confidence::Medium)
            .suggest(right);
    }
}

/// Capitals on common words inside the sentence, but for word `i` and `Anda`.
fn others(all: &[Word<'_>], i: usize, text: &str) -> usize {
    (1..all.len())
        .filter(|k| {
            let word = all[*k].text;
            let between = &text[all[k - 1].span.range().end..all[*k].span.range().start];
            *k != i
                && word != "Anda"
                && word.starts_with(char::is_uppercase)
                && word.chars().skip(1).all(char::is_lowercase)
                && !between.trim_start().starts_with(['.', '!', '?', ':'])
                && lexicon::names::is_common(&word.to_lowercase())
        })
        .count()
}

/// Whether this is a law or a contract, which defines words and writes them with a capital.
fn legal(all: &[Word<'_>]) -> bool {
    all.iter().any(|word| {
        ["pasal", "ayat", "dimaksud", "undang-undang", "klik", "pilih", "tombol", "menu"]
            .contains(&word.text.to_lowercase().as_str())
    })
}

/// More capitals than this in a sentence are a style of its writer.
const MOST: usize = 3;
/// Words of address, which keep their capital.
const COURTESY: &[&str] =
    &["bapak", "ibu", "saudara", "saudari", "tuan", "nyonya", "kakak", "adik", "tuhan", "allah"];

fn with_capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |c| c.to_uppercase().chain(letters).collect())
}

impl Check for WrongCapital {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        if cx.segment.direction.target() != Language::Id {
            return;
        }
        grammar::report(&LIST, cx, findings, Quoted::Skip, "capital");
        capitals(cx, findings);
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Ia lebih Tenang sekarang."), ["Tenang"]);
        assert_eq!(marks(&META, "Kami berlibur ke lombok."), ["lombok"]);
        assert_eq!(marks(&META, "Harga naik; Sebagai contoh, beras."), ["Sebagai"]);
        assert_eq!(marks(&META, "Kain itu ringan; Selanjutnya dijahit."), ["Selanjutnya"]);
        assert_eq!(marks(&META, "Warga suku asmat tiba hari kamis."), ["asmat", "kamis"]);
        assert_eq!(marks(&META, "Polisi memeriksa para Saksi di sana."), ["Saksi"]);
        assert_eq!(marks(&META, "Ia membeli Sepatu baru kemarin."), ["Sepatu"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "Anda dan Bapak hadir.",
            "Ia makan gula jawa dan pisang ambon.",
            "Ia naik ke Gunung Merapi.",
            "Hari Raya Idulfitri tiba.",
            "Ia memakai kunci inggris dan makan jeruk bali.",
            "Klik tombol Sepatu untuk melanjutkan.",
            "hujan turun di jakarta hari kamis",
            "Perang Dunia II berakhir; Anda tahu itu.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
