//! How a translation is built, beside its source: order of words around what was copied, forms of
//! verbs, affixes, names, emphasis, blanks. What a post-editor changes first, and what no
//! probability of a small model shows.
//!
//! No word is a feature: closed classes (function words) and forms (prefixes, capitals, code) are,
//! so that the trees do not learn the terms of one house.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use regex::Regex;

use crate::text::Language;

/// Names of the features, in the order of [`Form`]. Shares are of the tokens of the target.
///
/// - `english_order`, `indonesian_order`: a word that was copied, or code, that has a content word
///   behind it in the source, stands before one in the target (`Inprivate mode`), or behind one
///   (`mode Inprivate`).
///   `order_balance` is how many more of the latter, in number.
/// - `placeables_lost`, `placeables_new`, `placeables_crossed`, `placeables_adjacent`: code and names of files that are
///   on one side only; pairs whose order changed, for one of them; how many more stand side by side.
/// - `sentences`, `commas`, `marks_…`: how many more than in the source.
/// - `blanks_at_marks`, `double_blanks`: more of them than in the source, in number.
/// - `unasked_active`: the source begins with a bare verb (*Select …*) and the target with a verb in
///   meN-; `active_for_gerund`: it begins with *-ing*; `no_active_for_past`: it begins with *-ed* and the
///   target with no verb in meN-.
/// - `copied_words`, `copied_pairs`: words in lower case and two words in a row as in the source.
/// - `names_lost`, `names_kept`, `names_lowered`: words of the source with a capital inside a sentence
///   that are not, are, or are in lower case in the target.
/// - `said_again`: content words that come again, more than in the source.
/// - `emphasis_case`, `emphasis_words`: links and bold words whose first letter has another case, and
///   how many words more or less they hold.
/// - `words`: logarithm of the ratio of words; `function_words`: share of them in the target.
/// - `affix_…`: words of that form in an Indonesian target (0 in an English one).
pub(super) const FORM: [&str; 41] = [
    "english_order",
    "indonesian_order",
    "order_balance",
    "placeables_lost",
    "placeables_new",
    "placeables_crossed",
    "placeables_adjacent",
    "sentences",
    "commas",
    "marks_link",
    "marks_star",
    "marks_underscore",
    "marks_code",
    "marks_quote",
    "marks_parenthesis",
    "marks_colon",
    "blanks_at_marks",
    "double_blanks",
    "unasked_active",
    "active_for_gerund",
    "no_active_for_past",
    "copied_words",
    "copied_pairs",
    "names_lost",
    "names_kept",
    "names_lowered",
    "said_again",
    "emphasis_case",
    "emphasis_words",
    "words",
    "function_words",
    "affix_me",
    "affix_di",
    "affix_ter",
    "affix_ber",
    "affix_pe_an",
    "affix_ke_an",
    "affix_kan",
    "affix_nya",
    "affix_an",
    "affix_double",
];

/// Values of [`FORM`].
pub(super) type Form = [f32; FORM.len()];

/// Words of English that have a job rather than a meaning.
const FUNCTION_EN: &str = "the a an of in on at to for from by with and or is are was were be been that which who this \
    these those it its as if when you your can will not has have had do does use using per via than then into about \
    under over between within without more other all any each no only also such but so";
/// The same of Indonesian.
const FUNCTION_ID: &str = "yang di ke dari pada untuk dengan dan atau adalah ini itu tersebut oleh sebagai jika saat \
    ketika bila anda dapat bisa akan tidak telah sudah harus dalam agar karena serta ia mereka kami kita seperti \
    daripada hingga sampai secara tanpa lebih juga hanya tetapi namun maka lalu kemudian antara bagi setelah sebelum \
    selama semua setiap lain para akan belum sedang menjadi merupakan ada per via terhadap tentang mengenai melalui";

type Set = HashSet<&'static str>;

fn function_words(language: Language) -> &'static Set {
    static EN: LazyLock<Set> = LazyLock::new(|| FUNCTION_EN.split_whitespace().collect());
    static ID: LazyLock<Set> = LazyLock::new(|| FUNCTION_ID.split_whitespace().collect());
    match language {
        Language::En => &EN,
        Language::Id => &ID,
    }
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

/// Code, marks of Markdown and HTML, addresses, words, single marks.
static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"`[^`]*`|\*\*|__|https?://\S+|\[|\]\([^)]*\)|\]\[[^\]]*\]|\]|<[^>]+>|\w+(?:[-.'’/]\w+)*|[^\w\s]",
    )
});
static INNER: LazyLock<Regex> = LazyLock::new(|| regex(r"\p{Ll}\p{Lu}|\w[._/]\w"));
static BLANK_AT_MARK: LazyLock<Regex> = LazyLock::new(|| regex(r" [.,;:!?)](?:\s|$)"));
static DOUBLE_BLANK: LazyLock<Regex> = LazyLock::new(|| regex(r"\S  +\S"));
static SENTENCE_END: LazyLock<Regex> = LazyLock::new(|| regex(r"[.!?](?:\s|$)"));
static EMPHASIS_START: LazyLock<Regex> = LazyLock::new(|| regex(r"(?:\[|\*\*)(\w)"));
static EMPHASIS: LazyLock<Regex> = LazyLock::new(|| regex(r"\*\*([^*]+)\*\*|\[([^\]]+)\]"));
static ACTIVE: LazyLock<Regex> = LazyLock::new(|| regex(r"^(?:me[mnl]|meng|meny)"));
static AFFIXES: LazyLock<[Regex; 9]> = LazyLock::new(|| {
    [
        r"^me(?:m|n|ng|ny|l|r)?\w{3}",
        r"^di\w{4}",
        r"^ter\w{4}",
        r"^ber\w{3}",
        r"^pe\w+an$",
        r"^ke\w+an$",
        r"^\w+kan$",
        r"^\w+nya$",
        r"^\w{3,}an$",
    ]
    .map(regex)
});

struct Token<'a> {
    text: &'a str,
    lower: String,
    /// Code, a name of a file or a program, an abbreviation: never translated.
    placeable: bool,
    /// A word of a language.
    word: bool,
    /// A word that has a meaning of its own.
    content: bool,
}

impl Token<'_> {
    fn letter(&self) -> bool {
        self.text.starts_with(char::is_alphabetic)
    }

    fn capital(&self) -> bool {
        self.text.starts_with(char::is_uppercase)
    }
}

fn tokens(text: &str, language: Language) -> Vec<Token<'_>> {
    let function = function_words(language);
    let token = |text: &'_ str| -> (bool, bool) {
        let all_upper = text.chars().count() > 1 && text.chars().all(char::is_uppercase);
        let placeable = text.starts_with('`') || INNER.is_match(text) || all_upper;
        let digits = text.contains(|c: char| c.is_ascii_digit());
        (placeable, text.starts_with(char::is_alphabetic) && !placeable && !digits)
    };
    TOKEN
        .find_iter(text)
        .map(|found| {
            let text = found.as_str();
            let ((placeable, word), lower) = (token(text), text.to_lowercase());
            let content = text.starts_with(char::is_alphabetic)
                && !placeable
                && !function.contains(lower.as_str());
            Token { text, lower, placeable, word, content }
        })
        .collect()
}

/// Whether a content word stands before and behind each place of what may have been copied.
fn places<'a>(tokens: &'a [Token<'_>], known: &HashSet<&str>) -> HashMap<&'a str, Vec<[bool; 2]>> {
    let mut places: HashMap<&str, Vec<[bool; 2]>> = HashMap::new();
    for (at, token) in tokens.iter().enumerate() {
        let copied = token.letter()
            && token.lower.chars().count() > 2
            && known.contains(token.lower.as_str());
        if token.placeable || copied {
            let content = |at: usize| tokens.get(at).is_some_and(|token| token.content);
            let sides = [at.checked_sub(1).is_some_and(content), content(at + 1)];
            places.entry(&token.lower).or_default().push(sides);
        }
    }
    places
}

fn placeables<'a>(tokens: &'a [Token<'a>]) -> Vec<&'a str> {
    tokens.iter().filter(|token| token.placeable).map(|token| token.text).collect()
}

/// Pairs of placeables of the target that stand the other way round in the source, for one placeable.
fn crossed(source: &[&str], target: &[&str]) -> f32 {
    // Of very long lists the beginning: pairs are many.
    let order = target.iter().filter_map(|one| source.iter().position(|other| one == other));
    let order: Vec<usize> = order.take(64).collect();
    let later = |at: usize| order[at + 1..].iter().filter(|other| **other < order[at]).count();
    (0..order.len()).map(later).sum::<usize>() as f32 / (order.len() + 1) as f32
}

/// Placeables that stand right before another.
fn adjacent(tokens: &[Token<'_>]) -> f32 {
    tokens.windows(2).filter(|pair| pair[0].placeable && pair[1].placeable).count() as f32
}

/// Words with a capital where no sentence, link or heading begins.
fn inner_capitals<'a>(tokens: &'a [Token<'a>]) -> impl Iterator<Item = &'a Token<'a>> {
    tokens.windows(2).filter_map(|pair| {
        let begins = pair[0].text.starts_with(['.', '!', '?', '*', '#', '[']);
        (pair[1].word && pair[1].capital() && !begins).then_some(&pair[1])
    })
}

/// How many content words come again.
fn said_again(tokens: &[Token<'_>]) -> f32 {
    let content = tokens.iter().filter(|token| token.word && token.content);
    let (mut types, mut count) = (HashSet::new(), 0);
    for token in content {
        types.insert(token.lower.as_str());
        count += 1;
    }
    (count - types.len()) as f32
}

/// Case of the first letters and numbers of words of links and bold words.
fn emphasis(text: &str) -> (Vec<bool>, Vec<f32>) {
    let first = |found: regex::Captures<'_>| found[1].starts_with(char::is_uppercase);
    let words = |found: regex::Captures<'_>| {
        let inner = found.get(1).or_else(|| found.get(2));
        inner.map_or(0, |inner| inner.as_str().split_whitespace().count()) as f32
    };
    (
        EMPHASIS_START.captures_iter(text).map(first).collect(),
        EMPHASIS.captures_iter(text).map(words).collect(),
    )
}

/// [`FORM`] of a target in `language` beside its source.
pub(super) fn form(language: Language, source: &str, target: &str) -> Form {
    let (from, to) = (tokens(source, language.other()), tokens(target, language));
    let count = (to.len() + 1) as f32;
    let share = |number: usize| number as f32 / count;
    let known: HashSet<&str> = from.iter().map(|token| token.lower.as_str()).collect();
    let written: HashSet<&str> = to.iter().map(|token| token.text).collect();
    let lower: HashSet<&str> = to.iter().map(|token| token.lower.as_str()).collect();

    let (before, after) = (places(&from, &known), places(&to, &known));
    let (mut english, mut indonesian) = (0, 0);
    for (word, sides) in &after {
        if before.get(word).is_some_and(|sides| sides.iter().any(|[_, behind]| *behind)) {
            english += sides.iter().filter(|[front, behind]| *behind && !front).count();
            indonesian += sides.iter().filter(|[front, behind]| *front && !behind).count();
        }
    }
    let more = |pattern: &Regex| {
        pattern.find_iter(target).count() as f32 - pattern.find_iter(source).count() as f32
    };

    let sign =
        |mark: char| target.matches(mark).count() as f32 - source.matches(mark).count() as f32;
    let (in_source, in_target) = (placeables(&from), placeables(&to));
    let sets = [&in_source, &in_target].map(|list| list.iter().copied().collect::<HashSet<_>>());
    let lost = sets[0].difference(&sets[1]).count();
    let new = sets[1].difference(&sets[0]).count();
    let crossed = crossed(&in_source, &in_target);

    let first = |tokens: &[Token<'_>]| {
        tokens.iter().find(|token| token.word).map(|token| token.lower.clone()).unwrap_or_default()
    };
    let (asked, begun) = (first(&from), first(&to));
    let into_indonesian = language == Language::Id;
    let active = ACTIVE.is_match(&begun);
    let bare = !["ing", "ed", "s"].iter().any(|ending| asked.ends_with(ending))
        && !function_words(Language::En).contains(asked.as_str());
    let flag = |condition: bool| f32::from(u8::from(into_indonesian && condition));

    let copied = |token: &&Token<'_>| {
        token.word
            && token.lower == token.text
            && token.text.chars().count() > 3
            && known.contains(token.text)
            && !function_words(language).contains(token.text)
    };
    let pairs: HashSet<[&str; 2]> =
        from.windows(2).map(|pair| [pair[0].lower.as_str(), &pair[1].lower]).collect();
    let copied_pair = |pair: &&[Token<'_>]| {
        pair.iter().all(|token| token.word)
            && pairs.contains(&[pair[0].lower.as_str(), &pair[1].lower])
    };
    let names = |test: &dyn Fn(&Token<'_>) -> bool| {
        share(inner_capitals(&from).filter(|name| test(name)).count())
    };
    let ((case, length), (case_to, length_to)) = (emphasis(source), emphasis(target));
    let words = |tokens: &[Token<'_>]| tokens.iter().filter(|token| token.word).count() as f32;

    let affix = |pattern: &Regex| {
        let of_form = |token: &&Token<'_>| token.word && pattern.is_match(&token.lower);
        if into_indonesian { share(to.iter().filter(of_form).count()) } else { 0.0 }
    };
    let doubled = |token: &&Token<'_>| {
        token.word && token.lower.split_once('-').is_some_and(|(one, two)| two.starts_with(one))
    };
    let [me, di, ter, ber, pe_an, ke_an, kan, nya, an] = AFFIXES.each_ref().map(affix);
    [
        share(english),
        share(indonesian),
        indonesian as f32 - english as f32,
        lost as f32,
        new as f32,
        crossed,
        adjacent(&to) - adjacent(&from),
        more(&SENTENCE_END),
        sign(','),
        sign('['),
        sign('*'),
        sign('_'),
        sign('`'),
        sign('"'),
        sign('('),
        sign(':'),
        more(&BLANK_AT_MARK),
        more(&DOUBLE_BLANK),
        flag(active && bare),
        flag(active && asked.ends_with("ing")),
        flag(!active && asked.ends_with("ed")),
        share(to.iter().filter(copied).count()),
        share(to.windows(2).filter(copied_pair).count()),
        names(&|name| !lower.contains(name.lower.as_str())),
        names(&|name| written.contains(name.text)),
        names(&|name| !written.contains(name.text) && lower.contains(name.lower.as_str())),
        (said_again(&to) - said_again(&from)) / count,
        case.iter().zip(&case_to).filter(|(one, other)| one != other).count() as f32,
        length.iter().zip(&length_to).map(|(one, other)| (one - other).abs()).sum(),
        ((words(&to) + 2.0) / (words(&from) + 2.0)).ln(),
        share(
            to.iter()
                .filter(|token| {
                    token.word && function_words(language).contains(token.lower.as_str())
                })
                .count(),
        ),
        me,
        di,
        ter,
        ber,
        pe_an,
        ke_an,
        kan,
        nya,
        an,
        if into_indonesian { share(to.iter().filter(doubled).count()) } else { 0.0 },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(source: &str, target: &str) -> impl Fn(&str) -> f32 {
        let values = form(Language::Id, source, target);
        move |name: &str| values[FORM.iter().position(|known| *known == name).unwrap()]
    }

    #[test]
    fn order_around_what_was_copied() {
        let source = "In the Inprivate mode of `Edge`.";
        let english = of(source, "Dalam Inprivate mode dari `Edge`.");
        let indonesian = of(source, "Dalam mode Inprivate dari `Edge`.");
        let share = 1.0 / 7.0;
        assert_eq!((english("english_order"), english("indonesian_order")), (share, 0.0));
        assert_eq!((indonesian("english_order"), indonesian("indonesian_order")), (0.0, share));
    }

    #[test]
    fn placeables_and_marks() {
        let source = "Set `a` before `b`, then run c.exe.";
        let moved = of(source, "Atur sebelum `b` `a`. Lalu jalankan.");
        assert_eq!((moved("placeables_lost"), moved("placeables_new")), (1.0, 0.0));
        assert_eq!((moved("placeables_crossed"), moved("placeables_adjacent")), (1.0 / 3.0, 1.0));
        assert_eq!((moved("sentences"), moved("commas"), moved("marks_code")), (1.0, -1.0, 0.0));
    }

    #[test]
    fn forms_of_the_first_verb() {
        assert_eq!(of("Select the file.", "Memilih berkas.")("unasked_active"), 1.0);
        assert_eq!(of("Select the file.", "Pilih berkas.")("unasked_active"), 0.0);
        assert_eq!(of("Renewing it", "Memperbarui")("active_for_gerund"), 1.0);
        assert_eq!(of("Added a switch", "Sakelar ditambahkan")("no_active_for_past"), 1.0);
        let back = form(Language::En, "Memilih berkas.", "Select the file.");
        assert_eq!(back[FORM.iter().position(|name| *name == "unasked_active").unwrap()], 0.0);
    }

    #[test]
    fn names_emphasis_and_blanks() {
        let source = "Open **Settings** in Contoso Teams, see [Share files](x).";
        let kept = of(source, "Buka **Pengaturan** di Contoso Teams, lihat [Berbagi berkas](x).");
        let lost = of(source, "Buka **pengaturan** di teams  kami , lihat [berbagi](x).");
        assert_eq!((kept("names_lost"), kept("names_lowered")), (0.0, 0.0));
        assert!(lost("names_lost") > 0.0 && lost("names_lowered") > 0.0);
        assert_eq!((kept("emphasis_case"), lost("emphasis_case")), (0.0, 2.0));
        assert_eq!((kept("emphasis_words"), lost("emphasis_words")), (0.0, 1.0));
        assert_eq!((lost("blanks_at_marks"), lost("double_blanks")), (1.0, 1.0));
    }

    #[test]
    fn affixes_are_counted_in_indonesian_only() {
        let text = "Anak-anak membacakan pertanyaannya.";
        let get = of("", text);
        // Four tokens and one.
        let all = 5.0;
        assert_eq!(get("affix_me"), 1.0 / all);
        assert_eq!(get("affix_kan"), 1.0 / all);
        assert_eq!(get("affix_nya"), 1.0 / all);
        assert_eq!(get("affix_double"), 1.0 / all);
        let english = form(Language::En, text, text);
        assert!(english[FORM.len() - 10..].iter().all(|value| *value == 0.0));
    }

    #[test]
    fn every_pattern_compiles_and_values_are_finite() {
        LazyLock::force(&AFFIXES);
        for language in [Language::Id, Language::En] {
            assert!(form(language, "", "").iter().all(|value| value.is_finite()));
            assert!(form(language, "[**`", "** [x](").iter().all(|value| value.is_finite()));
        }
    }
}
