//! ACC015 `swapped-names`: who did it to whom.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, name_mismatch::NO_NAMES};
use crate::{
    document::SegmentText,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon::names::exonyms,
    text::{Language, Side, Span, Word, words},
};

declare_check! {
    /// ## What it does
    /// Looks at two names, or nouns for persons (`src/lexicon/roles.tsv`), around a verb
    /// (`Sriwijaya mengalahkan Majapahit`) and at the same names in the
    /// other language, and reports a pair in which they changed places although both verbs are active
    /// or both passive, or kept them although one is active and the other passive.
    ///
    /// ## Why it matters
    /// MQM Mistranslation. The winner becomes the loser, and the sentence stays fluent.
    ///
    /// ## Example
    /// - *Persib beat Arema on Sunday.* – `Arema mengalahkan Persib pada hari Minggu.`
    ///
    /// ## Not reported
    /// Names that either side has twice or that are joined (`Persib and Arema`), verbs that say the
    /// same from the other side (*lost to*, *bought from*, *followed*), genitives, relative clauses.
    ///
    /// ## Known misses
    /// Nouns that are not in the list, names far from the verb, verbs without an affix.
    ///
    /// ## False alarms
    /// 0 per 1,000 of 5,997 pairs (FLORES-200 dev and documentation). In the 5,982 machine translations
    /// of FLORES it marks one, which has the wrong voice. Such sentences are rare: only 3 of FLORES have
    /// two names around a verb, and of two names that changed places anywhere in a sentence, 0.01 of 158
    /// pairs were found. 2026-11-24, `scripts/pair_recall.py`.
    SwappedNames {
        code: "ACC015",
        name: "swapped-names",
        mqm: Mistranslation,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.swapped-names]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct SwappedNames {
    /// Names with more words between them are not judged.
    max_words: usize,
}

impl Default for SwappedNames {
    /// Set by hand: the verb, its auxiliaries and a title.
    fn default() -> Self {
        Self { max_words: 6 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voice {
    Active,
    Passive,
}

/// Words in `me-` and `di-` that are no verbs with an agent and a patient.
const NO_VERBS: &[&str] = &[
    "dalam",
    "dengan",
    "dia",
    "digital",
    "diktator",
    "dinas",
    "dinding",
    "dingin",
    "dini",
    "dinosaurus",
    "diplomat",
    "direktur",
    "diri",
    "dirinya",
    "diskusi",
    "distrik",
    "divisi",
    "media",
    "medali",
    "medan",
    "medis",
    "melainkan",
    "melalui",
    "melawan",
    "memang",
    "menang",
    "mengenai",
    "mengingat",
    "menit",
    "menjadi",
    "menjelang",
    "menteri",
    "menuju",
    "menurut",
    "merah",
    "mereka",
    "merek",
    "merupakan",
    "mesin",
    "meski",
    "meskipun",
    "meter",
    "metode",
    "mewakili",
    "menyerupai",
    "bertemu",
    "menghadapi",
];

/// Verbs that say the same of the other person: who buys was sold to, who follows is preceded.
const CONVERSE: &[&str] = &[
    "belajar",
    "bought",
    "buy",
    "fell",
    "follow",
    "followed",
    "follows",
    "get",
    "got",
    "inherited",
    "kalah",
    "learned",
    "lose",
    "loses",
    "lost",
    "married",
    "membeli",
    "menerima",
    "mengikuti",
    "menikahi",
    "menikah",
    "menggantikan",
    "mengganti",
    "mendahului",
    "mewarisi",
    "meminjam",
    "meminjamkan",
    "menjual",
    "menyewa",
    "met",
    "preceded",
    "receive",
    "received",
    "receives",
    "replaced",
    "replaces",
    "sold",
    "sell",
    "sells",
    "succeeded",
    "succeeds",
    "succumbed",
    "borders",
    "border",
    "berbatasan",
    "joined",
    "resembles",
    "faced",
    "face",
    "played",
    "play",
    "mendapat",
    "mendapatkan",
    "memperoleh",
];

/// Words that join names or begin another clause.
const JOINS: &[&str] = &[
    "and",
    "or",
    "who",
    "that",
    "which",
    "whose",
    "whom",
    "when",
    "while",
    "but",
    "as",
    "if",
    "dan",
    "atau",
    "yang",
    "ketika",
    "saat",
    "sementara",
    "tetapi",
    "namun",
    "sebagai",
    "serta",
    "agar",
    "untuk",
    "bahwa",
    "karena",
    "because",
    "where",
    "tempat",
    "of",
    "than",
    "daripada",
    "dari",
    "between",
    "antara",
    "adalah",
    "ialah",
    "in",
    "on",
    "at",
    "into",
    "with",
    "to",
    "for",
    "near",
    "pada",
    "di",
    "ke",
    "dalam",
    "dengan",
    "kepada",
    "terhadap",
];

/// The voice of the verb between the names at `first` and `second` of `all`; `None` without one.
fn voice(
    text: &str,
    all: &[Word<'_>],
    first: usize,
    second: usize,
    language: Language,
) -> Option<Voice> {
    let between = &all[first + 1..second];
    let gap = &text[all[first].span.range().end..all[second].span.range().start];
    if between.is_empty()
        || gap.contains([',', ';', ':', '.', '(', ')', '"', '“', '”', '–', '—', '!', '?', '/'])
    {
        return None;
    }
    if gap.starts_with("'s") || gap.starts_with("’s") {
        return None;
    }
    let lower: Vec<String> = between.iter().map(|word| word.text.to_lowercase()).collect();
    let any = |list: &[&str]| lower.iter().any(|word| list.contains(&word.as_str()));
    if any(JOINS) || any(CONVERSE) {
        return None;
    }
    match language {
        Language::Id => {
            // The verb leads: adverbs and auxiliaries are before it, titles behind.
            let verb = lower.iter().find_map(|word| {
                if word.len() < 6 || NO_VERBS.contains(&word.as_str()) {
                    None
                } else if word.starts_with("me") {
                    Some(Voice::Active)
                } else {
                    word.starts_with("di").then_some(Voice::Passive)
                }
            })?;
            let by = lower.iter().any(|word| word == "oleh");
            (verb == Voice::Passive || !by).then_some(verb)
        }
        Language::En => {
            let be = ["was", "were", "been", "be", "being", "got", "gets", "is", "are"];
            let by = lower.iter().any(|word| word == "by");
            if by || any(&be) {
                return (by && any(&be)).then_some(Voice::Passive);
            }
            let no = ["was", "has", "his", "its", "this", "does", "always", "as", "us"];
            let verb = |word: &String| {
                let form = word.ends_with("ed") || word.ends_with('s');
                let word = word.as_str();
                word.len() > 2 && (form || IRREGULAR.contains(&word)) && !no.contains(&word)
            };
            lower.iter().any(verb).then_some(Voice::Active)
        }
    }
}

/// Past forms that do not end in `-ed`, and plain forms behind an auxiliary.
const IRREGULAR: &[&str] = &[
    "beat",
    "beaten",
    "bit",
    "broke",
    "brought",
    "built",
    "caught",
    "chose",
    "chosen",
    "cut",
    "drew",
    "drove",
    "fed",
    "fought",
    "found",
    "gave",
    "given",
    "held",
    "hit",
    "hurt",
    "kept",
    "knew",
    "known",
    "led",
    "left",
    "made",
    "overtook",
    "overthrew",
    "overthrown",
    "overcame",
    "paid",
    "put",
    "ran",
    "saw",
    "seen",
    "sent",
    "shot",
    "shown",
    "slain",
    "sought",
    "spoke",
    "struck",
    "sued",
    "swept",
    "took",
    "taken",
    "taught",
    "threw",
    "thrown",
    "told",
    "understood",
    "won",
    "wrote",
    "written",
    "defeat",
    "kill",
    "attack",
    "accuse",
    "arrest",
    "invade",
    "support",
    "criticize",
    "criticise",
    "thank",
    "help",
    "visit",
    "hire",
    "fire",
    "sue",
    "name",
    "praise",
    "warn",
    "thrash",
    "outplay",
];

/// The rows of `roles.tsv` of each noun of either language.
static ROLES: LazyLock<FxHashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut out: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    let rows = include_str!("../lexicon/roles.tsv").lines().filter(|row| !row.starts_with('#'));
    for (number, row) in rows.enumerate() {
        for noun in row.split(['\t', '|']) {
            out.entry(noun).or_default().push(number);
        }
    }
    out
});

/// The rows of a common noun that does things, `bibiku` as `bibi`.
fn roles(word: &str) -> &'static [usize] {
    let lower = bare(word).to_lowercase();
    let stem = ["ku", "mu", "nya"].iter().find_map(|end| lower.strip_suffix(end));
    let mut forms = [Some(lower.as_str()), stem].into_iter().flatten();
    forms.find_map(|form| ROLES.get(form)).map_or(&[], Vec::as_slice)
}

/// The names of a text and its nouns that do things, those that it has once, as numbers of its words.
fn names(side: &SegmentText, all: &[Word<'_>]) -> Vec<usize> {
    let is = |i: &usize| {
        let word = all[*i];
        let lower = bare(word.text).to_lowercase();
        (word.text.starts_with(char::is_uppercase) || !roles(word.text).is_empty())
            && word.text.chars().count() > 2
            && !NO_NAMES.contains(&lower.as_str())
            && !side.in_placeable(word.span)
            && all.iter().filter(|other| bare(other.text) == bare(word.text)).count() == 1
    };
    (0..all.len()).filter(is).collect()
}

fn bare(word: &str) -> &str {
    word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word)
}

/// Whether two words are one name in two languages.
fn same(english: &str, indonesian: &str) -> bool {
    let rows = roles(indonesian);
    bare(english) == bare(indonesian)
        || roles(english).iter().any(|row| rows.contains(row))
        || exonyms(Language::En, &bare(english).to_lowercase())
            .iter()
            .any(|form| *form == indonesian.to_lowercase())
}

impl Check for SwappedNames {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let (target, direction) = (&cx.segment.target, cx.segment.direction);
        let theirs: Vec<Word<'_>> = words(&source.text).collect();
        let ours = cx.words();
        let (there, here) = (names(source, &theirs), names(target, ours));
        let indonesian = direction.target() == Language::Id;
        let counterpart = |i: usize| {
            let mut all = there.iter().filter(|j| {
                let (one, other) = (ours[i].text, theirs[**j].text);
                if indonesian { same(other, one) } else { same(one, other) }
            });
            all.next().copied().filter(|_| all.next().is_none())
        };
        for pair in here.windows(2) {
            let (first, second) = (pair[0], pair[1]);
            if second - first > self.max_words + 1 {
                continue;
            }
            let (Some(a), Some(b)) = (counterpart(first), counterpart(second)) else { continue };
            let (low, high) = (a.min(b), a.max(b));
            if a == b
                || high - low > self.max_words + 1
                || there.iter().any(|j| low < *j && *j < high)
            {
                continue;
            }
            let one = voice(&target.text, ours, first, second, direction.target());
            let other = voice(&source.text, &theirs, low, high, direction.source());
            let (Some(one), Some(other)) = (one, other) else { continue };
            if (one == other) == (a < b) {
                continue;
            }
            let span = |all: &[Word<'_>], from: usize, to: usize| -> Span {
                all[from].span.cover(all[to].span)
            };
            let (x, y) = (bare(theirs[low].text), bare(theirs[high].text));
            let (who, whom) = if other == Voice::Active { (x, y) } else { (y, x) };
            findings
                .push("the names around the verb changed places")
                .at(span(ours, first, second))
                .label(cx.segment.id, Side::Source, span(&theirs, low, high), "")
                .confidence(Confidence::High)
                .help(format!("in the source {who} does it, to {whom}"));
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
    fn changed_places() {
        assert_eq!(
            found("Persib beat Arema on Sunday.", "Arema mengalahkan Persib pada hari Minggu."),
            ["Arema mengalahkan Persib"]
        );
        assert_eq!(
            found("Germany invaded Poland in 1939.", "Polandia menyerbu Jerman pada 1939."),
            ["Polandia menyerbu Jerman"]
        );
        assert_eq!(
            found("Kartono was accused by Sudirga.", "Sudirga dituduh oleh Kartono."),
            ["Sudirga dituduh oleh Kartono"]
        );
        assert_eq!(
            found("Persib has beaten Arema.", "Persib telah dikalahkan oleh Arema."),
            ["Persib telah dikalahkan oleh Arema"]
        );
        assert_eq!(
            found("The driver sued the passenger.", "Penumpang itu menggugat sopirnya."),
            ["Penumpang itu menggugat sopirnya"]
        );
    }

    #[test]
    fn the_same_roles() {
        for (source, target) in [
            ("Persib beat Arema.", "Persib mengalahkan Arema."),
            ("Persib beat Arema.", "Arema dikalahkan Persib."),
            ("The driver sued the passenger.", "Penumpang digugat oleh sopir."),
            ("The driver's wife sued the guard.", "Istri sopir menggugat penjaga."),
            ("Arema was beaten by Persib.", "Persib mengalahkan Arema."),
            ("Arema lost to Persib.", "Persib mengalahkan Arema."),
            ("Persib and Arema met.", "Arema dan Persib bertemu."),
            ("Kartono's visit to Sudirga", "Sudirga menerima kunjungan Kartono"),
            ("Kartono, who beat Sudirga, left.", "Sudirga, yang mengalahkan Kartono, pergi."),
            ("Persib was founded in March.", "Persib didirikan pada bulan Maret."),
            ("Arema is shown with Persib.", "Arema diperlihatkan bersama Persib."),
            ("Arema sold Kartono to Persib.", "Persib membeli Kartono dari Arema."),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
