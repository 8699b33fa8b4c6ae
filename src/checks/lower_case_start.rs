//! SPL002 `lower-case-start`: a sentence that begins in lower case, or a full stop too many.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;
use serde::Deserialize;

use super::{Check, DocumentContext, Findings, SegmentContext, declare_check};
use crate::{
    document::Segment,
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon,
    text::{Language, Side, Span, words},
};

declare_check! {
    /// ## What it does
    /// Reports a lower-case word behind the end of a sentence in the same paragraph: the capital is
    /// missing, or the full stop is one too many (`sistem keuangan. digital`). Stops that cut a phrase
    /// are reported before a capital too: between two words that belong together (`kadar gula. Darah`),
    /// a figure and its unit (`30. Menit`), behind a word that goes on (`terbuat dari. Kayu`), and before
    /// a phrase without a predicate (`Di bagian utara kota.`).
    ///
    /// ## Why it matters
    /// MQM Spelling. Models that translate long Chinese sentences in pieces leave stops between
    /// them.
    ///
    /// ## Example
    /// - `Hujan reda. kami pulang.`
    /// - `alat yang cepat. dan murah`
    /// - `Ia berkata, "saya siap."` → `Saya`
    ///
    /// ## Not reported
    /// Names that begin so (`iPhone`, `tiket.com`), particles of names (`van`, `bin`), list items,
    /// what follows an ellipsis, an abbreviation or a quotation.
    ///
    /// ## Known misses
    /// Paragraphs of one or two words. The first sentence of a paragraph is reported as neutral:
    /// items of lists begin so as well.
    ///
    /// ## False alarms
    /// 1.1 per 1,000 (95 % interval 0.6–1.9) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`; all are missing capitals or stray stops.
    LowerCaseStart {
        code: "SPL002",
        name: "lower-case-start",
        mqm: Spelling,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.lower-case-start]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct LowerCaseStart {}

/// Words that go on with a sentence more likely than they begin one.
const GO_ON: &[&str] = &[
    "dan", "atau", "yang", "serta", "dengan", "dari", "ke", "di", "untuk", "sehingga", "maupun",
    "tetapi", "bahwa", "oleh",
];
/// Parts of names that stay in lower case.
const PARTICLES: &[&str] =
    &["van", "von", "de", "da", "del", "di", "bin", "binti", "al", "el", "ibn"];

/// The lower-case word that begins `segment`, if it is one of the language.
fn start(segment: &Segment) -> Option<Span> {
    let text = segment.target.text.as_str();
    // A letter at once: no quotation mark, bracket or list marker before it.
    text.chars().next().filter(|c| c.is_lowercase())?;
    let word = words(text).next()?;
    let plain = word.text.chars().all(|c| c.is_lowercase() || c == '-');
    let rest = &text[word.span.range().end..];
    let after = rest.chars().next();
    let address = after.is_some_and(|c| "./@_:()=\\".contains(c))
        && !rest.trim_start_matches(['.', ':']).starts_with([' ', '\n'])
        && rest.len() > 1;
    let marker = word.text.len() == 1 || (PARTICLES.contains(&word.text) && word.text != "di");
    (plain && !address && !marker && !segment.target.in_placeable(word.span)).then_some(word.span)
}

/// A whole sentence in quotation marks, from its first letter: `berkata, "saya siap."`, `"saya
/// siap," katanya`.
static QUOTATION: LazyLock<Regex> = LazyLock::new(|| {
    const SAY: &str = "kata|kata(?:nya)?|ujar(?:nya)?|berkata|menjawab|bertanya|tanya|jawab|tegas|menegaskan|mengatakan|tutur|ucap|berujar|menulis|berteriak|berseru|menambahkan|menjelaskan|mengaku|berpesan|menyatakan|bergumam|berbisik|memerintahkan|mengingatkan";
    Regex::new(&format!(
        r#"(?x) ^ (?: [^"“”]* [,:]\ ["“] (?P<word>\p{{Ll}}[\p{{Ll}}-]*) \ [^"“”]* [.!?]["”]
          | [^"“”]* \b(?:{SAY}) [^"“”,:]{{0,40}} [,:]\ ["“] (?P<said>\p{{Ll}}[\p{{Ll}}-]*) \ [^"“”]{{8,}} ,["”]
          | ["“] (?P<first>\p{{Ll}}[\p{{Ll}}-]*) \ [^"“”]{{4,}} [,.!?]["”] \ (?:{SAY})\b )"#
    ))
    .expect("the pattern is valid")
});

/// A stop behind a year, a per cent sign or a closing bracket, and a word in lower case.
static INSIDE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:[^.\s]+ ){2,}\(?(?:[12][0-9]{3}|[0-9,]+ ?%|[\p{L}0-9 ]+[)”"])\. (?P<word>\p{Ll}[\p{Ll}-]{2,}) "#)
        .expect("the pattern is valid")
});

/// A stop behind a figure, and its unit as if it began a sentence: `selama 30. Menit setiap pagi`.
static UNIT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[a-z] (?:Rp|US\$)?(?P<mark>[0-9][0-9.,]*\. (?i:menit|detik|persen|juta|miliar|triliun|ribu|kilometer|km|meter|kilogram|kg|gram|ton|liter|hektare|derajat|inci|watt|sentimeter|cm))\b")
        .expect("the pattern is valid")
});

/// Two words that belong together.
static TOGETHER: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::lines(include_str!("../lexicon/together.txt")));

/// Words that go on with a sentence, when a verb and a comma are missing behind them.
static GOES_ON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("lower-case-start.goes-on"));
/// Words no sentence ends with.
static UNFINISHED: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("lower-case-start.unfinished"));
/// Words that make a predicate.
static PREDICATES: LazyLock<HashSet<&str>> =
    LazyLock::new(|| lexicon::list("lower-case-start.predicates"));

/// Whether `word` makes a predicate, as far as its form tells.
fn predicate(word: &str) -> bool {
    let affix = ["me", "di", "ber", "ter"].iter().any(|prefix| word.starts_with(prefix));
    (affix && word.chars().count() > 4 && !word.ends_with("an")
        || word.starts_with("mem")
        || word.starts_with("men"))
        || PREDICATES.contains(word)
}

/// Whether `segment` is a phrase that goes on with the sentence before it: `Di bagian utara kota.`,
/// `Darah tanpa jarum.`
fn is_fragment(segment: &Segment) -> bool {
    let text = segment.target.text.trim();
    let Some(body) = text.strip_suffix('.') else { return false };
    if body.contains([',', ':', ';', '(', '"', '“', '.', '?', '!', '–', '/']) {
        return false;
    }
    let all: Vec<String> = words(body).map(|word| word.text.to_lowercase()).collect();
    let Some(first) = all.first() else { return false };
    if all.iter().any(|word| predicate(word)) {
        return false;
    }
    let goes_on = GOES_ON.contains(first.as_str());
    let inside = all[1..].iter().any(|word| {
        ["tanpa", "setiap", "di", "dari", "untuk", "ke", "dengan", "per", "pada"]
            .contains(&word.as_str())
    });
    let common = lexicon::is_word(Language::Id, first);
    (goes_on && (3..=8).contains(&all.len())) || (common && inside && (3..=5).contains(&all.len()))
}

/// `word` with a capital.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |c| c.to_uppercase().chain(letters).collect())
}

impl Check for LowerCaseStart {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let target = &cx.segment.target;
        let text = target.text.as_str();
        let quoted = text.contains(['"', '“']).then(|| QUOTATION.captures(text)).flatten();
        let first = |found: regex::Captures<'_>| {
            ["word", "said", "first"].iter().find_map(|name| {
                let word = found.name(name)?;
                Some((Span::new(word.range()), capital(word.as_str())))
            })
        };
        if let Some((span, right)) = quoted.and_then(first)
            && !target.in_placeable(span)
        {
            findings
                .push("the quoted sentence begins in lower case")
                .at(span)
                .confidence(Confidence::Medium)
                .suggest(right);
        }
        if cx.segment.direction.target() == Language::Id {
            inside(cx.segment, findings);
        }
        let segments = &cx.document.segments;
        let first = cx.segment.id.index().checked_sub(1).and_then(|i| segments.get(i));
        let first = first.is_none_or(|before| before.block != cx.segment.block);
        let whole = text.trim_end().ends_with(['.', '!', '?']) && words(text).count() > 2;
        if let Some(span) = start(cx.segment).filter(|_| first && whole) {
            findings
                .push("the paragraph begins in lower case")
                .at(span)
                .severity(Severity::Neutral)
                .confidence(Confidence::Medium)
                .help(format!("write `{}`, if a sentence begins here", capital(span.of(text))));
        }
    }

    fn document(&self, cx: &DocumentContext<'_>, findings: &mut Findings<'_>) {
        for pair in cx.document.segments.windows(2) {
            let [before, segment] = pair else { continue };
            if before.block != segment.block || before.direction != segment.direction {
                continue;
            }
            if segment.direction.target() == Language::Id && stray_stop(before, segment, findings) {
                continue;
            }
            let stop = before.target.text.trim_end();
            let ends =
                stop.ends_with(['.', '?', '!']) && !stop.ends_with("..") && !stop.ends_with("…");
            // Code, numbers and short labels before it: `hlm. 23`, `1. satu`.
            let said = words(stop).filter(|w| w.text.chars().all(char::is_alphabetic)).count() >= 2;
            let word = words(stop).last().map_or("", |w| w.text);
            let sentence =
                word.chars().count() > 2 && word.chars().all(|c| c.is_alphabetic() || c == '-');
            let sentence = sentence
                || stop.ends_with("%.")
                || word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
            let Some(span) = start(segment) else { continue };
            let cry = stop.ends_with(['!', '?']);
            if !ends || !(said || cry) || !sentence {
                continue;
            }
            let text = span.of(&segment.target.text);
            let goes_on = GO_ON.contains(&text);
            let mut on = findings.on(segment.id);
            let draft = if goes_on || !stop.ends_with('.') {
                on.push(format!("lower case behind `{}`", stop.chars().next_back().unwrap_or('.')))
            } else {
                on.push("the sentence begins in lower case, or the full stop before it is stray")
            };
            let draft = draft.at(span).confidence(if goes_on {
                Confidence::Medium
            } else {
                Confidence::High
            });
            if goes_on {
                draft.help("the stop before it is probably stray");
            } else {
                draft.help(format!("write `{}`, or take the stop away", capital(text)));
            }
        }
    }
}

/// Reports a stop inside a sentence that was not split there.
fn inside(segment: &Segment, findings: &mut Findings<'_>) {
    let target = &segment.target;
    let text = target.text.as_str();
    if !text.contains(". ") {
        return;
    }
    if let Some(mark) = UNIT.captures(text).and_then(|found| found.name("mark")) {
        let span = Span::new(mark.range());
        if !target.in_placeable(span) {
            findings
                .push("a full stop between a figure and its unit")
                .at(span)
                .confidence(Confidence::High)
                .suggest(mark.as_str().replacen(". ", " ", 1).to_lowercase());
        }
    }
    for word in INSIDE.captures_iter(text).filter_map(|found| found.name("word")) {
        let span = Span::new(word.range());
        if !target.in_placeable(span) && lexicon::is_word(Language::Id, word.as_str()) {
            findings
                .push("the sentence begins in lower case, or the full stop before it is stray")
                .at(span)
                .confidence(Confidence::Medium)
                .help(format!("write `{}`, or take the stop away", capital(word.as_str())));
        }
    }
}

/// Whether `segment` begins with the unit of the figure that `head` ends with.
fn counted(head: &str, segment: &Segment) -> bool {
    let text = segment.target.text.as_str();
    let Some(first) = words(text).next() else { return false };
    let noun = [
        "jam", "hari", "minggu", "bulan", "tahun", "orang", "unit", "buah", "rupiah", "dolar",
        "yuan", "kali", "halaman",
    ]
    .contains(&first.text.to_lowercase().as_str());
    UNIT.is_match(&format!("{head}. {}", first.text))
        || noun && !words(text).any(|word| predicate(&word.text.to_lowercase()))
}

/// Reports a stop between `before` and `segment` that cuts a phrase in two.
fn stray_stop(before: &Segment, segment: &Segment, findings: &mut Findings<'_>) -> bool {
    let (stop, text) = (before.target.text.trim_end(), segment.target.text.as_str());
    let Some(head) = stop.strip_suffix('.').filter(|head| !head.ends_with('.')) else {
        return false;
    };
    let (Some(last), Some(first)) = (words(head).last(), words(text).next()) else { return false };
    if last.span.range().end != head.len() || first.span.start != 0 {
        return false;
    }
    let (a, b) = (last.text.to_lowercase(), first.text.to_lowercase());
    let figure = head[last.span.range().start..].starts_with(|c: char| c.is_ascii_digit());
    let what = if TOGETHER.contains(format!("{a} {b}").as_str()) {
        "a full stop between two words that belong together"
    } else if figure && counted(head, segment) {
        "a full stop between a figure and its unit"
    } else if UNFINISHED.contains(last.text) && words(head).count() > 2 {
        "a full stop behind a word that goes on"
    } else if first.text.starts_with(char::is_uppercase)
        && is_fragment(segment)
        && words(head).count() > 2
        && words(head).any(|word| predicate(&word.text.to_lowercase()))
    {
        "what follows the full stop is no sentence of its own"
    } else {
        return false;
    };
    if segment.target.in_placeable(first.span) {
        return false;
    }
    let stop = Span::new(last.span.range().start..stop.len());
    findings
        .on(segment.id)
        .push(what)
        .at(first.span)
        .label(before.id, Side::Target, stop, "the stop")
        .confidence(Confidence::Medium)
        .help("take the stop before it away");
    true
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::{
        checks::tester::{findings, marked},
        document::format::{ReadOptions, by_name},
        document::read_bytes,
        text::Direction,
    };

    fn found(text: &str) -> Vec<String> {
        let options = ReadOptions::new(Direction::EnId);
        let document = read_bytes(
            "test",
            std::path::Path::new("test.txt"),
            text.as_bytes().to_vec(),
            by_name("text"),
            &options,
        );
        let document = document.expect("text");
        findings(&META, &document, &[]).iter().map(|finding| marked(&document, finding)).collect()
    }

    #[test]
    fn behind_a_stop() {
        assert_eq!(found("Pasar sudah tutup. mereka pulang lebih awal."), ["mereka"]);
        assert_eq!(found("Mesin itu cepat sekali. dan harganya murah."), ["dan"]);
        assert_eq!(found("Acara selesai! terima kasih semua."), ["terima"]);
    }

    #[test]
    fn of_a_quotation_and_a_paragraph() {
        assert_eq!(found("Ibu berpesan, \"jangan pulang malam.\""), ["jangan"]);
        assert_eq!(found("toko itu sudah tutup."), ["toko"]);
        assert_eq!(found("\"Ya,\" katanya, \"kami siap sekarang.\""), [""; 0]);
    }

    #[test]
    fn stops_that_cut_a_phrase() {
        assert_eq!(found("Alat itu mengukur tekanan. Darah tanpa jarum."), ["Darah"]);
        assert_eq!(found("Kami menunggu selama 20. Menit di sana."), ["Menit"]);
        assert_eq!(found("Meja itu dibuat dari. Kayu jati lama."), ["Kayu"]);
        assert_eq!(found("Jaringan itu mencakup seluruh desa. Di sisi barat sungai."), ["Di"]);
        assert_eq!(
            found("Kota itu berkembang sejak 1990. penduduknya makin banyak."),
            ["penduduknya"]
        );
        assert_eq!(found("\"kami sudah siap,\" kata dia."), ["kami"]);
    }

    #[test]
    fn not_a_start() {
        for text in [
            "Hujan sudah reda. Di kejauhan, pelangi tampak.",
            "Ia tinggal di kota. Dari sana ia berangkat.",
            "Acara pada 3 s.d. 7 Mei di alun-alun. Mobil itu ada.",
            "Harganya naik 5 persen pada 2021. Tahun berikutnya turun.",
            "Hadiah sudah habis. iPhone dibagikan kemarin.",
            "Pesan tiket sekarang. tiket.com memberi potongan.",
            "Pemain itu cedera. van Basten menggantikannya.",
            "Lihat hlm. 23 dan dsb. yang lain, s.d. Rp10.000.",
            "Ia diam... lalu pergi.",
            "\"Sudah makan?\" tanyanya.",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }
}
