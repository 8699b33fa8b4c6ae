//! ACC006 `negation-mismatch`: one side denies what the other says.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    document::SegmentText,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Language, Side, Span},
};

declare_check! {
    /// ## What it does
    /// Counts the negations of both sides of a pair (`not`, `never`, `without` and `tidak`, `bukan`,
    /// `tanpa`, `belum`) and reports one that has no counterpart, nor any word on the other side that
    /// denies in its own way (`unable`, `lack`, `deprecated`; `kecuali`, `gagal`, `kurang`).
    ///
    /// ## Why it matters
    /// MQM Mistranslation. The sentence stays fluent and says the contrary.
    ///
    /// ## Example
    /// - *Do not open the cover.* – `Buka tutupnya.`
    /// - *The shop is open.* – `Toko itu tidak buka.`
    ///
    /// ## Not reported
    /// Fixed phrases (`not only`, `no later than`, `tidak hanya`, `paling tidak`, `jika tidak` for
    /// *otherwise*), `No. 4`, words inside code and addresses. An Indonesian negation that the English
    /// source has not is left to the model: without one, or where it expects it (`tidak digunakan
    /// lagi` for *deprecated*), it is not reported.
    ///
    /// ## Known misses
    /// A negation that moved to another clause, one that is lost beside a word that may stand for it.
    ///
    /// ## False alarms
    /// Without a model 0.7 per 1,000 of 1,500 pairs of documentation that people translated, and 4.0 of 997
    /// pairs of FLORES-200 dev. English to Indonesian, 2026-11-24, `scripts/pair_recall.py`.
    /// Where a negation was taken out of the target, 0.87 of 60 such pairs of documentation and 0.75 of
    /// 115 of FLORES were found.
    NegationMismatch {
        code: "ACC006",
        name: "negation-mismatch",
        mqm: Mistranslation,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.negation-mismatch]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct NegationMismatch {
    /// A negation that only the target has is fine where the model gives it at least this
    /// log-probability, in nats, from the source.
    expected_log_prob: f32,
}

impl Default for NegationMismatch {
    /// One in twenty: e⁻³. Set by hand.
    fn default() -> Self {
        Self { expected_log_prob: -3.0 }
    }
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

/// What negates, what denies in its own way, and phrases that do neither.
struct Words {
    strong: Regex,
    weak: Regex,
    fixed: Regex,
}

static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words {
    strong: pattern(
        r"(?i)\b(?:not|cannot|never|without|neither|no|none|nobody|nothing|nowhere)\b|n['’]t\b",
    ),
    weak: pattern(
        r"(?ix)\b(?: nor | non\w* | un-?\w{3,} | unless | lack\w* | fail\w* | refus\w* | reject\w* | hardly
        | barely | scarcely | rarely | seldom | few | little | less | impossible | avoid\w* | prevent\w*
        | prohibit\w* | forbid\w* | bann?(?:ed|s)? | absence | absent | except\w* | den(?:y|ied|ies|ying)
        | missing | other\ than | too | otherwise | in(?:valid | correct | visible | accura | complete
        | accessib | dependen | ability | active | sufficien | adequate | compatib | consisten | secur
        | defini | determin | appropriat | effectiv | eligib | frequen | direct | formal | efficien | evitab
        | expensive | finite | nocen | significan | capab | experienced | tangib | organic | sensitiv
        | justice | equality | stability | toleran | decisive)\w*
        | ir(?:regular|relevan|responsib|respective|reversib)\w*
        | im(?:matur|prop|perfect|polite|balanc|mobil|moral|mortal|possib)\w* | il(?:legal|litera|logical)\w*
        | dis\w{4,} | mis\w{4,} | \w+less | despite | accidental\w* | anonymous | zero | empty
        | deprecat\w* | obsolete | devoid | depriv\w* | offline | against | stop\w* | ceas\w* | block\w*
        | exclud\w* | wrong | beyond | hard | difficult\w* | neglect\w* | uncertain | doubt\w*
        | instead | rather | reluctan\w* | off | out\ of | away | suboptimal | postpone\w* | limited )\b",
    ),
    fixed: pattern(
        r"(?ix)\b(?: not\ only | not\ just | no\ (?:later|sooner|wonder|matter|doubt|longer\ than
        |more\ than|fewer\ than|less\ than|smaller\ than|larger\ than|earlier\ than|one\ but) | nothing\ but | cannot\ but
        | last\ but\ not\ least | or\ not | not\ to\ mention | no\ problem | why\ not | not\ least
        | if\ not | no\.?\ ?[0-9]+ )\b",
    ),
});

static INDONESIAN: LazyLock<Words> = LazyLock::new(|| Words {
    strong: pattern(
        r"(?i)\b(?:tidak\w*|tak|bukan|bukanlah|tanpa|jangan\w*|belum|tiada|nggak|gak|enggak|ndak|tdk)\b",
    ),
    weak: pattern(
        r"(?ix)\b(?: setidak\w* | kecuali | kurang | gagal\w* | kegagalan | non\w* | mustahil | menolak
        | ditolak | penolakan | sulit | alih-alih | daripada | mencegah | dicegah | menghindari | dihindari
        | hindari | terhindar | dilarang | larang\w* | melarang | anti\w* | ketiadaan | hilang | kehilangan
        | selain | jarang | kosong | absen | bebas | nihil | nol | nir\w+ | aman | berbeda | berhenti
        | batal\w* | sebaliknya | justru | melainkan | minimal | maksimal | sedikit | habis | ilegal
        | nyaris | hampir | apa\ pun | apapun )\b",
    ),
    fixed: pattern(
        r"(?ix)\b(?: (?:tidak|tak|bukan)\ (?:hanya|cuma|sekadar|sekedar|saja|lain|mustahil)
        | (?:paling\ |setidak|se)tidak(?:nya)? | setidak-tidaknya
        | (?:tidak|tak)\ (?:heran|ayal|kurang|kalah|jauh|sedikit|jarang|lama|lepas|luput|sengaja|terkecuali
        |pelak|ubahnya|langsung|lagi|sadar|lebih) | bagaimana\ tidak | mau\ tidak\ mau
        | (?:atau|apa)\ (?:tidak|belum|bukan) | jika\ tidak | kalau\ tidak | bukankah | bukan\ main
        | tidak\ apa )\b",
    ),
});

/// English words in `un-` that deny nothing.
const NO_UN: &[&str] = &[
    "unanim", "uncle", "under", "undul", "unicode", "unicorn", "unif", "unio", "uniq", "unis",
    "unit", "univ", "until", "unto", "unix",
];

fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::Id => &INDONESIAN,
    }
}

/// The negations of a text, and how many of its words may stand for one of the other side.
fn negations(side: &SegmentText, language: Language) -> (Vec<Span>, usize) {
    let (text, words) = (side.text.as_str(), words(language));
    let fixed: Vec<Span> = words.fixed.find_iter(text).map(|m| Span::new(m.range())).collect();
    let prose = |span: Span| {
        !side.in_placeable(span)
            && !super::marks::is_code(text, span)
            && !fixed.iter().any(|phrase| phrase.overlaps(span))
    };
    let spans = |pattern: &Regex| -> Vec<Span> {
        let all = pattern.find_iter(text).map(|m| Span::new(m.range()));
        all.filter(|span| prose(*span)).collect()
    };
    let denies = |span: &Span| {
        let word = span.of(text).to_lowercase();
        !NO_UN.iter().any(|prefix| word.starts_with(prefix))
    };
    let weak = spans(&words.weak).into_iter().filter(denies).count();
    (spans(&words.strong), weak + fixed.len())
}

impl Check for NegationMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let (target, direction) = (&cx.segment.target, cx.segment.direction);
        let (lost, source_weak) = negations(source, direction.source());
        let (new, target_weak) = negations(target, direction.target());
        let (there, here) = (lost.len() + source_weak, new.len() + target_weak);
        // Indonesian says many an English word with a negation: a count tells nothing there.
        let indonesian = direction.source() == Language::Id;
        if lost.len() > here && (here == 0 || !indonesian) {
            let confidence = if here == 0 { Confidence::High } else { Confidence::Medium };
            // Of several, nobody knows which.
            let spans = if here == 0 { &lost[..1] } else { &lost[..] };
            let first = spans[0].of(&source.text);
            let message = match here {
                0 => format!("`{first}` of the source is not in the target"),
                _ => format!("the source has {} negations, the target {here}", lost.len()),
            };
            let mut draft = findings.push(message).confidence(confidence);
            for span in spans {
                draft = draft.label(cx.segment.id, Side::Source, *span, "");
            }
            draft.help("say whether it is so or not, as the source does");
        } else if !new.is_empty() && (there == 0 || (new.len() > there && indonesian)) {
            let expected = |span: &&Span| {
                let forward = cx.evidence.forward.as_ref()?;
                let word = forward.words().find(|(word, _)| word.overlaps(**span))?;
                Some(word.1)
            };
            let odd = new.iter().min_by(|a, b| {
                let order = |span| expected(&span).unwrap_or(0.0);
                order(*a).total_cmp(&order(*b))
            });
            let Some(odd) = odd else { return };
            let log_prob = expected(&odd);
            if log_prob.is_some_and(|log_prob| log_prob >= self.expected_log_prob) {
                return;
            }
            // Without the model it may be the Indonesian for a word that denies by itself.
            if !indonesian && log_prob.is_none() {
                return;
            }
            let draft = findings
                .push(format!("`{}` is not in the source", odd.of(&target.text)))
                .at(*odd)
                .help("say whether it is so or not, as the source does");
            if let Some(log_prob) = log_prob {
                draft.measure("log p(word | source)", log_prob, "nats");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::{
        checks::tester::{findings, marked, pair_marks, pairs},
        document::{Document, SegmentText},
        evidence::Evidence,
        model::{ForcedDecoding, TokenScore},
        text::{Direction, Span},
    };

    fn found(source: &str, target: &str) -> Vec<String> {
        pair_marks(&META, source, target)
    }

    #[test]
    fn lost_and_added() {
        assert_eq!(found("Do not open the cover.", "Buka tutupnya."), ["not"]);
        assert_eq!(found("She hasn't paid yet.", "Ia sudah membayar."), ["n't"]);
        assert_eq!(found("They left without a word.", "Mereka pergi sambil berkata."), ["without"]);
        assert_eq!(
            found("He did not eat and never slept.", "Ia tidak makan dan selalu tidur."),
            ["not"],
            "one of two"
        );
    }

    #[test]
    fn into_english() {
        let mut document = Document::new("test", "");
        let source = SegmentText::contiguous("Kami belum menerima surat itu.", 0);
        let target = SegmentText::contiguous("We have received the letter.", 0);
        document.push(0, Direction::IdEn, Some(source), target);
        let found = findings(&META, &document, &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(marked(&document, &found[0]), "belum");
    }

    #[test]
    fn denied_in_other_words() {
        for (source, target) in [
            ("Not only rice but also corn.", "Bukan hanya beras, tetapi juga jagung."),
            ("At least five people came.", "Paling tidak lima orang datang."),
            ("Otherwise, call us.", "Jika tidak, hubungi kami."),
            ("The call failed.", "Panggilan tidak berhasil."),
            ("This field is deprecated.", "Bidang ini tidak digunakan lagi."),
            ("Nothing happened.", "Tidak terjadi apa-apa."),
            ("No one except him knew.", "Hanya ia yang tahu, kecuali ibunya."),
            ("Law No. 13 is in force.", "Undang-Undang Nomor 13 berlaku."),
            ("He is unable to walk.", "Ia tidak bisa berjalan."),
            ("Don't go out without a coat.", "Jangan keluar tanpa mantel."),
            ("No later than Monday.", "Selambat-lambatnya Senin."),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }

    #[test]
    fn the_model_may_expect_it() {
        let document = pairs(&[(Some("The tool is dated."), "Alat itu tidak baru.")]);
        let token = |start, end, log_prob| TokenScore {
            span: Span { start, end },
            log_prob,
            best_log_prob: 0.0,
            starts_word: true,
        };
        let with = |log_prob| {
            let tokens = vec![token(0, 4, -1.0), token(5, 8, -1.0), token(9, 14, log_prob)];
            let forward = Some(ForcedDecoding { tokens, ..ForcedDecoding::default() });
            findings(&META, &document, &[Evidence { forward, ..Evidence::default() }]).len()
        };
        assert_eq!((with(-0.5), with(-6.0)), (0, 1));
    }
}
