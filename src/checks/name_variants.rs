//! TRM003 `name-variants`: one name in several spellings in a document.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use super::{Check, DocumentContext, Findings, declare_check};
use crate::{
    document::SegmentId,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon,
    text::{Language, Side, Span, Word, words},
};

declare_check! {
    /// ## What it does
    /// Reports names that a document spells in several ways: the same letters with other spaces,
    /// hyphens or accents (`Wen Xin Yi Yan`, `Wenxinyiyan`, `Wenxin Yiyan`), with other capitals
    /// inside (`NetEase`, `Netease`), with a doubled letter at the end (`Zelensky`, `Zelenskyy`), with
    /// letters that transliterations change for one another (`Soerabaja`, `Surabaja`) or one more
    /// (`Dostoyevsky`, `Dostoevsky`), and places that have two names (`Kyiv`, `Kiev`).
    ///
    /// ## Why it matters
    /// MQM Terminology/Inconsistent use. The reader takes them for several names.
    ///
    /// ## Example
    /// - `Baidu mengembangkan "Wen Xin Yi Yan" … diwakili oleh Wenxinyiyan …`
    ///
    /// ## Not reported
    /// Names in capitals throughout (`GOOGLE`), abbreviations with what they stand for, names
    /// with an ending (`Jakarta`, `Jakarta's`), first names of two persons (`Stephen King`, `Steven
    /// Spielberg`), a name introduced as another one (`kini bernama`).
    ///
    /// ## Known misses
    /// Transliterations that differ in several letters, two names for one thing that the list of this
    /// check has not.
    ///
    /// ## False alarms
    /// 1.4 per 1,000 (95 % interval 0.8–2.2) of 11,839 human sentences in files of 25, 2026-11-24,
    /// `scripts/false_alarms.py`; most are slips (`YouTUbe`), some are names with and without
    /// their accents.
    NameVariants {
        code: "TRM003",
        name: "name-variants",
        mqm: InconsistentTerminology,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.name-variants]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NameVariants {
    /// Names of fewer letters are not compared.
    min_letters: usize,
    /// Names that are never reported, as written.
    allow: Vec<String>,
}

impl Default for NameVariants {
    fn default() -> Self {
        Self { min_letters: 6, allow: Vec::new() }
    }
}

/// Longest name, in words.
const LONGEST: usize = 5;
/// Places shown of each spelling.
const SHOWN: usize = 3;

/// Where a spelling stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    segment: SegmentId,
    span: Span,
}

impl Check for NameVariants {
    fn document(&self, cx: &DocumentContext<'_>, findings: &mut Findings<'_>) {
        // Letters of a name without spaces → spelling → places.
        let mut names: BTreeMap<String, BTreeMap<String, Vec<Place>>> = BTreeMap::new();
        let mut stands = Stands::default();
        let mut aliases: BTreeMap<usize, BTreeMap<String, Vec<Place>>> = BTreeMap::new();
        for segment in &cx.document.segments {
            let text = segment.target.text.as_str();
            let all: Vec<Word<'_>> = words(text).collect();
            for i in 0..all.len() {
                if is_name(all[i].text) {
                    stands.note(text, &all, i);
                    if let Some(group) = alias(text, &all, i)
                        && !segment.target.in_placeable(all[i].span)
                    {
                        let place = Place { segment: segment.id, span: all[i].span };
                        let spellings = aliases.entry(group).or_default();
                        spellings.entry(all[i].text.to_owned()).or_default().push(place);
                    }
                }
                for n in 1..=LONGEST.min(all.len() - i) {
                    let run = &all[i..i + n];
                    if n > 1 && !adjacent(text, &run[n - 2..]) {
                        break;
                    }
                    if !is_name(run[n - 1].text) {
                        break;
                    }
                    let span = run[0].span.cover(run[n - 1].span);
                    if segment.target.in_placeable(span) {
                        break;
                    }
                    let spelling = span.of(text);
                    // The first word of a sentence has its capital from there.
                    if i == 0 && n == 1 && is_common(spelling) {
                        continue;
                    }
                    let letters = letters(spelling);
                    if letters.chars().count() < self.min_letters
                        || self.allow.iter().any(|name| name == spelling)
                    {
                        continue;
                    }
                    let place = Place { segment: segment.id, span };
                    names
                        .entry(letters)
                        .or_default()
                        .entry(spelling.to_owned())
                        .or_default()
                        .push(place);
                }
            }
        }
        join_doubled(&mut names);
        join_alike(&mut names, &stands);
        names.retain(|_, spellings| variants(spellings));
        // `Xin Yi Yan` is no name of its own where `Wen Xin Yi Yan` is one.
        let groups: Vec<_> = names.into_values().collect();
        let mut covered: HashMap<SegmentId, Vec<(usize, Span)>> = HashMap::new();
        for (g, spellings) in groups.iter().enumerate() {
            for place in spellings.values().flatten() {
                covered.entry(place.segment).or_default().push((g, place.span));
            }
        }
        let inside = |g: usize, place: &Place| {
            covered.get(&place.segment).is_some_and(|spans| {
                spans.iter().any(|(other, span)| {
                    *other != g
                        && span.len() > place.span.len()
                        && span.start <= place.span.start
                        && place.span.end <= span.end
                })
            })
        };
        let mut kept: Vec<&BTreeMap<String, Vec<Place>>> = groups
            .iter()
            .enumerate()
            .filter(|(g, spellings)| !spellings.values().flatten().all(|p| inside(*g, p)))
            .map(|(_, spellings)| spellings)
            .collect();
        let start =
            |spellings: &&BTreeMap<String, Vec<Place>>| spellings.values().flatten().min().copied();
        kept.sort_by_key(start);
        for spellings in kept {
            report(spellings, findings);
        }
        let block = |place: &Place| cx.document.segments[place.segment.index()].block;
        for spellings in aliases.values().filter(|spellings| spellings.len() > 1) {
            // Two articles of one file may differ; one paragraph may not.
            let blocks: Vec<BTreeSet<_>> =
                spellings.values().map(|places| places.iter().map(block).collect()).collect();
            let together = (1..blocks.len())
                .any(|i| blocks[..i].iter().any(|other| !other.is_disjoint(&blocks[i])));
            if together {
                report(spellings, findings);
            }
        }
    }
}

/// Names of one place or people that a text should not mix.
const ALIASES: &[&[&str]] = &[
    &["china", "tiongkok", "cina", "tiongkok"],
    &["kyiv", "kiev"],
    &["münchen", "munich", "munchen", "muenchen"],
    &["beijing", "peking"],
    &["makau", "macau", "macao", "aomen"],
    &["prancis", "perancis"],
    &["mekah", "mekkah", "makkah", "mecca"],
    &["sumatra", "sumatera"],
    &["muhammad", "mohammad", "mohamad"],
    &["venesia", "venezia", "venice"],
    &["firenze", "florence"],
    &["wina", "vienna", "wien"],
    &["praha", "prague"],
    &["kairo", "cairo"],
    &["jenewa", "geneva"],
    &["moskow", "moskwa", "moscow", "moskva"],
    &["yerusalem", "jerusalem"],
    &["damaskus", "damascus"],
    &["ukraina", "ukraine"],
    &["belanda", "netherlands"],
    &["jepang", "japan"],
    &["jerman", "germany"],
    &["brasil", "brazil"],
    &["italia", "italy"],
    &["rusia", "russia"],
    &["mesir", "egypt"],
    &["yunani", "greece"],
    &["swedia", "sweden"],
    &["lisabon", "lisbon", "lisboa"],
    &["warsawa", "warsaw", "warszawa"],
    &["kopenhagen", "copenhagen"],
    &["kordoba", "cordoba", "córdoba"],
    &["napoli", "naples"],
    &["köln", "cologne", "koln"],
    &["kolkata", "kalkuta", "calcutta"],
    &["odessa", "odesa"],
    &["kharkiv", "kharkov"],
    &["zürich", "zurich", "zuerich"],
    &["istanbul", "istambul"],
    &["aljir", "algiers", "aljazair"],
    &["alquran", "quran", "qur'an", "al-qur'an"],
];
/// Words that introduce another name for the same thing.
const INTRODUCE: &[&str] = &[
    "alias", "dikenal", "bernama", "dahulu", "dulu", "kini", "sebutan", "disebut", "nama", "ejaan",
    "istilah", "sekarang", "dieja", "kata",
];

/// The group of names that word `i` belongs to, unless it is part of a longer name or introduced
/// as another one.
fn alias(text: &str, all: &[Word<'_>], i: usize) -> Option<usize> {
    let lower = all[i].text.to_lowercase();
    let group = ALIASES.iter().position(|names| names.contains(&lower.as_str()))?;
    let longer = all.get(i + 1).is_some_and(|next| {
        next.text.starts_with(char::is_uppercase) && adjacent(text, &[all[i], *next])
    });
    let bracket = text[..all[i].span.range().start].ends_with(['(', '"', '“']);
    let introduced = all.iter().any(|word| INTRODUCE.contains(&word.text));
    (!longer && !bracket && !introduced).then_some(group)
}

/// How single names stand: alone, or beside other words with a capital.
#[derive(Default)]
struct Stands {
    /// Letters of names with nothing beside them somewhere.
    alone: BTreeSet<String>,
    /// Letters of names that end a longer one somewhere, or stand alone.
    last: BTreeSet<String>,
}

impl Stands {
    fn note(&mut self, text: &str, all: &[Word<'_>], i: usize) {
        let beside = |a: usize, b: usize| {
            all[a].text.starts_with(char::is_uppercase)
                && all[b].text.starts_with(char::is_uppercase)
                && adjacent(text, &[all[a], all[b]])
        };
        if i + 1 < all.len() && beside(i, i + 1) {
            return;
        }
        let key = letters(all[i].text);
        // The first word of a sentence has its capital from there.
        if i == 0 || !beside(i - 1, i) || i == 1 && is_common(all[0].text) {
            self.alone.insert(key.clone());
        }
        self.last.insert(key);
    }
}

/// Shortest names, in letters, that are compared by sound, and by all letters but one.
const SOUND: usize = 6;
const ONE_LETTER: usize = 8;

/// What is left of a name when letters that transliterations change for one another are one:
/// `Tchaikovsky` and `Chaikovski`, `Soerabaja` and `Surabaja`.
fn sound(letters: &str) -> String {
    let mut out = letters.to_owned();
    // `Soerabaja`, but not `Dostoevsky`.
    if out.get(1..3) == Some("oe") {
        out.replace_range(1..3, "u");
    }
    for (from, to) in [
        ("tsch", "c"),
        ("tch", "c"),
        ("tj", "c"),
        ("sch", "s"),
        ("ou", "u"),
        ("oo", "u"),
        ("dj", "j"),
        ("ph", "f"),
        ("th", "t"),
        ("kh", "k"),
        ("gh", "g"),
        ("dh", "d"),
        ("bh", "b"),
        ("sh", "s"),
        ("sj", "s"),
        ("sy", "s"),
        ("zh", "s"),
        ("ck", "k"),
        ("q", "k"),
        ("x", "ks"),
        ("z", "s"),
        ("ee", "i"),
        ("ij", "i"),
        ("y", "i"),
        ("v", "f"),
        ("w", "f"),
        ("ch", "c"),
        ("c", "k"),
    ] {
        out = out.replace(from, to);
    }
    let mut last = None;
    out.retain(|c| last.replace(c) != Some(c));
    out
}

/// Puts single names together that sound alike, or of which one has a letter more.
fn join_alike(names: &mut BTreeMap<String, BTreeMap<String, Vec<Place>>>, stands: &Stands) {
    let mut sounds: HashMap<String, Vec<String>> = HashMap::new();
    let mut shorter: HashMap<String, Vec<String>> = HashMap::new();
    let single = |key: &String| {
        stands.last.contains(key)
            && names[key].keys().all(|name| {
                let lower = name.to_lowercase();
                !name.contains([' ', '-', '\u{a0}'])
                    && !ALIASES.iter().any(|names| names.contains(&lower.as_str()))
                    && !lexicon::names::is_common(&lower)
            })
    };
    for key in names.keys().filter(|key| key.chars().count() >= SOUND && single(key)) {
        sounds.entry(sound(key)).or_default().push(key.clone());
    }
    let mut pairs: Vec<(String, String)> = Vec::new();
    for keys in sounds.values().filter(|keys| keys.len() > 1) {
        pairs.extend(keys[1..].iter().map(|key| (keys[0].clone(), key.clone())));
    }
    let long = |sound: &&String| sound.chars().count() >= ONE_LETTER;
    for sound in sounds.keys().filter(long) {
        // The first letter and the ending carry grammar and other names: `Roberto`, `Martins`.
        let places: Vec<(usize, char)> = sound.char_indices().skip(1).collect();
        for (at, c) in places.iter().take(places.len().saturating_sub(2)) {
            let cut = format!("{}{}", &sound[..*at], &sound[at + c.len_utf8()..]);
            shorter.entry(cut).or_default().push(sound.clone());
        }
    }
    for (cut, longer) in &shorter {
        if let Some(short) = sounds.get(cut) {
            for long in longer {
                pairs.push((short[0].clone(), sounds[long][0].clone()));
            }
        }
    }
    pairs.retain(|(a, b)| a != b && (stands.alone.contains(a) || stands.alone.contains(b)));
    pairs.sort();
    for (into, key) in pairs {
        if !names.contains_key(&into) {
            continue;
        }
        if let Some(spellings) = names.remove(&key) {
            let joint = names.entry(into).or_default();
            for (spelling, places) in spellings {
                joint.entry(spelling).or_default().extend(places);
            }
        }
    }
}

fn adjacent(text: &str, pair: &[Word<'_>]) -> bool {
    matches!(&text[pair[0].span.range().end..pair[1].span.range().start], " " | "\u{a0}" | "-")
}

/// A word with a capital that is not all capitals.
fn is_name(word: &str) -> bool {
    let first = word.starts_with(char::is_uppercase);
    let letters = word.chars().filter(|c| c.is_alphabetic());
    let capitals = letters.clone().filter(|c| c.is_uppercase()).count();
    first && !word.contains(['\'', '_']) && !word.contains('’') && (capitals < letters.count())
}

fn is_common(word: &str) -> bool {
    let lower = word.to_lowercase();
    lexicon::is_word(Language::Id, &lower) || lexicon::is_word(Language::En, &lower)
}

/// What is left of a name without spaces, hyphens, accents and capitals.
fn letters(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    name.nfd().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Puts `zelenskyy` to `zelensky`.
fn join_doubled(names: &mut BTreeMap<String, BTreeMap<String, Vec<Place>>>) {
    let doubled: Vec<(String, String)> = names
        .keys()
        .filter_map(|key| {
            let last = key.chars().next_back()?;
            let short = &key[..key.len() - last.len_utf8()];
            (short.ends_with(last) && names.contains_key(short))
                .then(|| (key.clone(), short.to_owned()))
        })
        .collect();
    for (key, short) in doubled {
        if let Some(spellings) = names.remove(&key) {
            for (spelling, places) in spellings {
                names.entry(short.clone()).or_default().entry(spelling).or_default().extend(places);
            }
        }
    }
}

/// Whether these are spellings of one name, and not one name and a sentence's capital.
fn variants(spellings: &BTreeMap<String, Vec<Place>>) -> bool {
    if spellings.len() < 2 {
        return false;
    }
    // `Microsoft Office` and `Microsoft office` do not come here: every word has its capital.
    // Two common words written together or apart are a matter of spelling, not of names.
    let parts: BTreeSet<&str> =
        spellings.keys().flat_map(|s| s.split([' ', '-', '\u{a0}'])).collect();
    !parts.iter().all(|part| is_common(part))
}

fn report(spellings: &BTreeMap<String, Vec<Place>>, findings: &mut Findings<'_>) {
    let mut order: Vec<(&String, &Vec<Place>)> = spellings.iter().collect();
    order.sort_by_key(|(_, places)| places.first());
    let list: Vec<String> =
        order.iter().map(|(spelling, places)| format!("`{spelling}` ({})", places.len())).collect();
    let mut draft = findings
        .push(format!("one name, {} spellings: {}", list.len(), list.join(", ")))
        .confidence(Confidence::Medium)
        .help("choose one spelling");
    // The first place of each spelling first, then some more; before all a spelling that departs
    // from the first.
    order.rotate_left(1);
    for round in 0..SHOWN {
        for (_, places) in &order {
            if let Some(place) = places.get(round) {
                draft = draft.label(place.segment, Side::Target, place.span, "");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{findings, targets};

    fn messages(texts: &[&str]) -> Vec<String> {
        let document = targets(texts);
        findings(&META, &document, &[]).into_iter().map(|f| f.message).collect()
    }

    #[test]
    fn spellings_of_one_name() {
        assert_eq!(
            messages(&[
                "Baidu membuat \"Wen Xin Yi Yan\".",
                "Model Wenxinyiyan dan ChatGPT.",
                "Uji Wenxin Yiyan dan Wenxin Yiyan."
            ]),
            ["one name, 3 spellings: `Wen Xin Yi Yan` (1), `Wenxinyiyan` (1), `Wenxin Yiyan` (2)"]
        );
        assert_eq!(messages(&["Dari Huawei.", "Dari Hua Wei."]).len(), 1);
        assert_eq!(messages(&["Kata Zelensky.", "Kata Zelenskyy."]).len(), 1);
        assert_eq!(messages(&["Dari NetEase.", "Dari Netease."]).len(), 1);
        assert_eq!(messages(&["Kota Soerabaja dulu.", "Kini di Surabaja itu."]).len(), 1);
        assert_eq!(messages(&["Ini karya Dostoyevsky.", "Itu novel Dostoevsky."]).len(), 1);
        assert_eq!(messages(&["Ia tiba di Kyiv, dan warga Kiev mengungsi."]).len(), 1);
    }

    #[test]
    fn different_names() {
        for texts in [
            ["SBY dan Susilo Bambang Yudhoyono.", "Solo atau Surakarta."],
            ["Kata GOOGLE dan Google.", "Kata Google."],
            ["Jakarta Selatan dan Jakarta.", "Selatan Jakarta."],
            ["Perusahaan itu besar.", "Kata Perusahaan itu."],
            ["Buku Stephen King.", "Film Steven Spielberg."],
            ["Ia terbang ke Kiev (kini Kyiv).", "Kota Kiev ramai."],
            ["Roberto pergi.", "Robert datang."],
        ] {
            assert_eq!(messages(&texts), [""; 0], "{texts:?}");
        }
    }
}
