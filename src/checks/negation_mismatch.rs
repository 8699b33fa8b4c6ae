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
    /// Looks for a counterpart of each negation (`not`, `never`, `without`; `tidak`, `bukan`, `tanpa`,
    /// `belum`): a negation that stands about as far into the other side, or a word there that
    /// denies in its own way (`unable`, `lack`, `unless`, `-less`; `kecuali`, `gagal`, `dilarang`).
    /// Reports a negation that has none.
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
    /// *otherwise*), two negations that make an affirmation (`not impossible`), `not … until`, `No. 4`,
    /// words inside code and addresses, a negation of the target that the model expects there.
    ///
    /// ## Known misses
    /// A negation that is lost beside a word that may stand for it; an opposite without a negation
    /// (`rarely` for `often`).
    ///
    /// ## False alarms
    /// 0.7 per 1,000 of 5,997 pairs, in either direction: 1.0 of FLORES-200 dev, 0.6 of 5,000 pairs of
    /// documentation; two of the four are mistakes of the translator. Where a negation was taken out
    /// of the target, 0.87 of 115 pairs of FLORES were found. 2026-11-24, `scripts/pair_recall.py`, without a model.
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
    /// How far into its side a negation may stand from its counterpart, in lengths of the side.
    max_shift: f32,
    /// How far from a word that denies in its own way.
    max_shift_denial: f32,
    /// How far from a word that may deny.
    max_shift_hint: f32,
}

impl Default for NegationMismatch {
    /// `expected_log_prob`: one in twenty, e⁻³, set by hand. The distances were tried on FLORES-200 dev and 5,000
    /// pairs of documentation (2026-11-24): with 0.3 to 0.4, 0.35 to 0.5 and 0.12 to 0.2 findings change by about
    /// 1 per 1,000 pairs and recall by 0.03.
    fn default() -> Self {
        Self {
            expected_log_prob: -3.0,
            max_shift: 0.35,
            max_shift_denial: 0.5,
            max_shift_hint: 0.15,
        }
    }
}

/// Counterparts may always be this far apart, in letters: in a label everything is far away.
const NEAR: f32 = 20.0;
/// Two words that deny in their own way are counterparts within this distance.
const SAME_DENIAL: f32 = 0.12;

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid")
}

/// What negates; what denies in its own way; what may, where it stands near; and phrases that only
/// look like a negation.
struct Words {
    strong: Regex,
    denials: Regex,
    hints: Regex,
    fixed: Regex,
}

static ENGLISH: LazyLock<Words> = LazyLock::new(|| Words {
    strong: pattern(
        r"(?i)\b(?:not|cannot|never|without|neither|no|none|nobody|nothing|nowhere)\b|n['’]t\b",
    ),
    denials: pattern(
        r"(?ix)\b(?: nor | non-?\w* | un-?\w{3,} | unless | lack\w* | fail\w* | refus\w* | reject\w* | hardly
        | barely | scarcely | rarely | seldom | impossible | avoid\w* | prevent\w* | prohibit\w* | forbid\w*
        | bann?(?:ed|s|ing)? | absence | absent | except(?:ing|ed)? | den(?:y|ied|ies|ying|ial) | missing
        | in(?:valid | correct | visible | accura | complete | access[ai]b | dependable | ability | active
        | sufficien | adequate | compatib | consisten | secur | defini | determin | appropriat | effectiv | eligib
        | frequen | direct | formal | efficien | evitab | expensive | finite | nocen | significan | capab
        | experienced | tangib | organic | sensitiv | justice | equality | stability | toleran | decisive
        | hospitable | opportun | discriminate | humane | edible | audible | flexib | explicab | conceivab
        | destructib | exact | operative | soluble | animate | credib)\w*
        | ir(?:regular|relevan|responsib|respective|reversib|reconcil|replaceab|resist|ration)\w*
        | im(?:matur|prop|perfect|polite|balanc|mobil|moral|mortal|possib|plausib|measurab|passab|penetrab)\w*
        | il(?:legal|litera|logical|legib|legitima)\w*
        | dis(?:abl|agree|allow|appear|approv|connect|continu|honest|like|miss|obe|order|organi|qualif|regard
        |satisf|trust)\w*
        | \w+less(?:ly|ness)? | \w+-free | deprecat\w* | obsolete | devoid | depriv\w* | offline | exclud\w*
        | neglect\w* | yet\ to | free\ (?:of|from) | anything\ but | far\ from | ignor\w* | omit\w* | obscur\w*
        | deficien\w* | ambigu\w* | vague\w* | exempt\w* | illicit\w* | abstain\w* | abnormal\w* | asynchron\w*
        | asymmetr\w* | drones? | null | void | abolish\w* | cancel\w* | before )\b",
    ),
    hints: pattern(
        r"(?ix)\b(?: few | little | less | other\ than | too | otherwise | dis\w{4,} | mis\w{4,} | despite
        | accidental\w* | anonymous | zero | empty | against | stop\w* | ceas\w* | block\w* | wrong | beyond
        | hard | difficult\w* | uncertain | doubt\w* | instead | rather | reluctan\w* | off | out\ of | away
        | negative | independen\w* | suboptimal | postpone\w* | limited | clear(?:ed)? | short\ (?:on|of) | soft
        | degenerate | trespass\w* | almost | nearly | remain\w* | spare\w* | bare\w* | skip\w* | drop\w*
        | leav\w*\ out | edited\ out | wild | until )\b",
    ),
    fixed: pattern(
        r"(?ix)\b(?: not\ (?:only|just|merely|simply|least|even|to\ mention) | not-to-exceed
        | no\ (?:later|sooner|wonder|matter|doubt|longer\ than|more\ than|fewer\ than|less\ than|smaller\ than
        |larger\ than|earlier\ than|one\ but|problem) | nothing\ but | cannot\ but | last\ but\ not\ least
        | or\ not | why\ not | if\ not | no\.?\ ?[0-9]+ )\b
        | \b(?:no|none|nobody|nothing|never)\ (?:\w+\ ){0,4}(?:but|except|other\ than)\b
        | (?:\b(?:not|never|no)|n['’]t)\ (?:(?:be|an?|the|so|very|too|at\ all|entirely|totally|completely)\ )*
          (?:un(?:[ac-hj-su-z]|im|in[tv]|tr|to[uw])|il|im[pm]|in[acdeosv]|irr|dis)\w{3,}
        | (?:\b(?:(?:is|are|was|were|will|would|did|does|has|have|had|can|could|may)\ not|never|no)
          |(?:is|are|was|were|wo|would|did|does|has|have|had|ca|could)n['’]t)\ (?:\w+\ ){0,6}until\b
        | ,\ (?:is|are|was|were|do|does|did|have|has|had|ca|could|wo|would|should)n['’]t\ (?:\w+)\?
        | \A\W*(?:is|are|was|were|do|does|did|have|has|had|ca|could|wo|would|should)n['’]t\ [^.!?]*\?",
    ),
});

static INDONESIAN: LazyLock<Words> = LazyLock::new(|| Words {
    strong: pattern(
        r"(?i)\b(?:tidak\w*|tak|bukan|bukanlah|tanpa|jangan\w*|belum|tiada|nggak|gak|enggak|ndak|tdk)\b",
    ),
    denials: pattern(
        r"(?ix)\b(?: kecuali | gagal\w* | kegagalan | non\w* | mustahil | menolak | ditolak | penolakan | alih-alih
        | mencegah | dicegah | pencegahan | menghindari\w* | dihindari | hindari | terhindar\w* | dilarang | larang\w*
        | melarang | anti\w* | ketiadaan | kehilangan | nihil | nol | nir\w+ | batal\w* | dibatalkan | sebaliknya
        | melainkan | ilegal | enggan | mengabaikan | abaikan | diabaikan | menyangkal | membantah | tuna\w+ | luput
        | sia-sia | percuma | hampa | mangkir | sebelum )\b",
    ),
    hints: pattern(
        r"(?ix)\b(?: kurang\w* | sulit | sukar | susah | daripada | hilang | menghilang\w* | selain | jarang | kosong
        | bebas | aman | berbeda | berhenti | hentikan | dihentikan | menghentikan | justru | minimal | maksimal
        | sedikit | habis | nyaris | hampir | lolos | gratis | tertinggal | ketinggalan | terlewat\w* | melewatkan
        | putus | terputus | langka | minim | mati | salah | keliru | luring | usang | satu-satunya | cacat
        | independen | absen )\b",
    ),
    fixed: pattern(
        r"(?ix)\b(?: (?:tidak|tak|bukan)\ (?:hanya|cuma|sekadar|sekedar|saja|lain|mustahil)
        | (?:paling\ |setidak|se)tidak(?:nya)? | setidak-tidaknya | tidaknya
        | (?:tidak|tak)\ (?:heran|ayal|kurang|kalah|jauh|sedikit|jarang|lama|lepas|luput|sengaja|terkecuali
        |pelak|ubahnya|langsung|lagi|sadar|lebih|terelakkan|terhindarkan|boleh\ terlewati) | bagaimana\ tidak
        | mau\ tidak\ mau | (?:atau|apa)\ (?:tidak|belum|bukan) | jika\ tidak | kalau\ tidak | bukankah | bukan\ main
        | tidak\ apa | belum\ lama )\b | ,\ (?:bukan|tidak)\?",
    ),
});

/// Words that say *almost not*, and what may stand for them in the other language.
struct Weak {
    words: Regex,
    counterparts: Regex,
}

static WEAK_ENGLISH: LazyLock<Weak> = LazyLock::new(|| Weak {
    words: pattern(
        r"(?i)\b(?:hardly|scarcely|rarely|seldom)\b|(?-i:\bFew)\b|(?:^|[^a] )\bvery few\b",
    ),
    counterparts: pattern(
        r"(?ix)\b(?: hampir | nyaris | jarang\w* | sulit\w* | sukar | susah\w* | tidak\w* | tak | belum | bukan | tanpa
        | sedikit\w* | baru | hanya | cuma | segelintir | langka | minim\w* | kurang | kecil | sekadar | sesekali
        | kadang\w* | begitu | se\w+nya )\b",
    ),
});

static WEAK_INDONESIAN: LazyLock<Weak> = LazyLock::new(|| Weak {
    words: pattern(r"(?i)\bjarang(?:lah)?\b"),
    counterparts: pattern(
        r"(?ix)\b(?: rar\w+ | seldom | hardly | infrequen\w+ | few\w* | little | less | uncommon\w* | unusual\w*
        | scarce\w* | never | not | no | occasion\w* | sporad\w* | barely | sparse\w* | sometimes | unlikely
        | limited | exception\w* | cannot ) \b | n['’]t\b",
    ),
});

/// English words in `un-` that deny nothing.
const NO_UN: &[&str] = &[
    "unanim",
    "uncle",
    "uncover",
    "under",
    "undul",
    "unfold",
    "unfortunat",
    "unicode",
    "unicorn",
    "unif",
    "uninstall",
    "unio",
    "uniq",
    "unis",
    "unit",
    "univ",
    "unleash",
    "unload",
    "unlock",
    "unpack",
    "until",
    "unto",
    "unveil",
    "unix",
];

fn words(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::Id => &INDONESIAN,
    }
}

/// A text whose negations are looked for.
struct Text<'a> {
    side: &'a SegmentText,
    language: Language,
    words: &'static Words,
    /// Phrases that only look like a negation.
    fixed: Vec<Span>,
}

impl<'a> Text<'a> {
    fn new(side: &'a SegmentText, language: Language) -> Self {
        Self { side, language, words: words(language), fixed: Vec::new() }
    }

    /// Whether there is anything to look for.
    fn negates(&self) -> bool {
        self.words.strong.is_match(&self.side.text)
    }

    fn find(&self, pattern: &Regex) -> Vec<Span> {
        let text = self.side.text.as_str();
        let all = pattern.find_iter(text).map(|m| Span::new(m.range()));
        let prose = |span: &Span| {
            !self.side.in_placeable(*span)
                && !super::marks::is_code(text, *span)
                && !self.fixed.iter().any(|phrase| phrase.overlaps(*span))
        };
        all.filter(prose).collect()
    }

    fn strong(&mut self) -> Vec<Span> {
        self.fixed = self.find(&self.words.fixed);
        self.find(&self.words.strong)
    }

    fn denials(&self) -> Vec<Span> {
        let denies = |span: &Span| {
            let word = span.of(&self.side.text).to_lowercase();
            !NO_UN.iter().any(|prefix| word.starts_with(prefix))
        };
        // `non-refundable` touches a hyphen as code does.
        let text = self.side.text.as_str();
        let all = self.words.denials.find_iter(text).map(|m| Span::new(m.range()));
        let free = |span: &Span| {
            !self.side.in_placeable(*span)
                && !self.fixed.iter().any(|phrase| phrase.overlaps(*span))
        };
        all.filter(free).filter(denies).collect()
    }

    /// How far into the text `span` begins, 0 to 1.
    fn place(&self, span: Span) -> f32 {
        span.start as f32 / self.side.text.len().max(1) as f32
    }
}

/// Pairs of `ones` and `others`, the nearest first, each at most once and no farther than `limit`
/// of the other. Returns which of each have a partner.
fn pair_up(ones: &[f32], others: &[(f32, f32)]) -> (Vec<bool>, Vec<bool>) {
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for (i, one) in ones.iter().enumerate() {
        for (j, (other, limit)) in others.iter().enumerate() {
            let distance = (one - other).abs();
            if distance <= *limit {
                pairs.push((distance, i, j));
            }
        }
    }
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut met, mut used) = (vec![false; ones.len()], vec![false; others.len()]);
    for (_, i, j) in pairs {
        if !met[i] && !used[j] {
            (met[i], used[j]) = (true, true);
        }
    }
    (met, used)
}

/// What is not marked in `met`.
fn left<T: Copy>(all: &[T], met: &[bool]) -> Vec<T> {
    all.iter().zip(met).filter(|(_, met)| !**met).map(|(one, _)| *one).collect()
}

impl NegationMismatch {
    /// The negations of `source` and of `target` without a counterpart.
    fn unmatched(&self, source: &mut Text<'_>, target: &mut Text<'_>) -> (Vec<Span>, Vec<Span>) {
        let length = (source.side.text.len() + target.side.text.len()).max(1) as f32 / 2.0;
        let within = |limit: f32| limit.max(NEAR / length);
        let (lost, new) = (source.strong(), target.strong());
        let places = |text: &Text<'_>, spans: &[Span]| -> Vec<f32> {
            spans.iter().map(|span| text.place(*span)).collect()
        };
        let at = |places: &[f32], limit: f32| -> Vec<(f32, f32)> {
            places.iter().map(|place| (*place, within(limit))).collect()
        };
        let (met, used) =
            pair_up(&places(source, &lost), &at(&places(target, &new), self.max_shift));
        let (lost, new) = (left(&lost, &met), left(&new, &used));
        if lost.is_empty() && new.is_empty() {
            return (lost, new);
        }
        // `illegal` and `ilegal` have nothing to say about the negations.
        let (there, here) = (places(source, &source.denials()), places(target, &target.denials()));
        let (met, used) = pair_up(&there, &at(&here, SAME_DENIAL));
        let (mut there, mut here) = (left(&there, &met), left(&here, &used));
        there.extend(places(source, &source.fixed));
        here.extend(places(target, &target.fixed));
        let rest = |text: &Text<'_>, spans: Vec<Span>, other: &Text<'_>, denials: &[f32]| {
            // Indonesian says many an English word with a negation, and says it again where English has a
            // pronoun: one such word is enough for all.
            if spans.is_empty() || (text.language == Language::Id && !denials.is_empty()) {
                return Vec::new();
            }
            let mut counterparts = at(denials, self.max_shift_denial);
            let hints = places(other, &other.find(&other.words.hints));
            counterparts.extend(at(&hints, self.max_shift_hint));
            let (met, _) = pair_up(&places(text, &spans), &counterparts);
            left(&spans, &met)
        };
        (rest(source, lost, target, &here), rest(target, new, source, &there))
    }
}

impl Check for NegationMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let (target, direction) = (&cx.segment.target, cx.segment.direction);
        let mut there = Text::new(source, direction.source());
        let mut here = Text::new(target, direction.target());
        let weak = match direction.source() {
            Language::En => &WEAK_ENGLISH,
            Language::Id => &WEAK_INDONESIAN,
        };
        if let Some(found) = weak.words.find(&source.text)
            && !weak.counterparts.is_match(&target.text)
            && !source.in_placeable(Span::new(found.range()))
        {
            findings
                .push(format!("`{}` of the source is not in the target", found.as_str().trim()))
                .label(cx.segment.id, Side::Source, Span::new(found.range()), "")
                .confidence(Confidence::Medium)
                .help("say how seldom or how few, as the source does");
        }
        if !there.negates() && !here.negates() {
            return;
        }
        let (lost, new) = self.unmatched(&mut there, &mut here);
        // One here and one there: the same, far away.
        if lost.len() == 1 && new.len() == 1 {
            return;
        }
        for span in lost {
            findings
                .push(format!("`{}` of the source is not in the target", span.of(&source.text)))
                .label(cx.segment.id, Side::Source, span, "")
                .confidence(Confidence::High)
                .help("say whether it is so or not, as the source does");
        }
        for span in new {
            let log_prob = cx.evidence.forward.as_ref().and_then(|forward| {
                let word = forward.words().find(|(word, _)| word.overlaps(span))?;
                Some(word.1)
            });
            if log_prob.is_some_and(|log_prob| log_prob >= self.expected_log_prob) {
                continue;
            }
            let draft = findings
                .push(format!("`{}` is not in the source", span.of(&target.text)))
                .at(span)
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
        assert_eq!(found("The shop is open today.", "Toko itu tidak buka hari ini."), ["tidak"]);
        assert_eq!(
            found("He did not eat and never slept.", "Ia tidak makan dan selalu tidur."),
            ["never"],
            "one of two"
        );
        assert_eq!(found("Few voters came.", "Beberapa pemilih datang."), ["Few"]);
        assert_eq!(found("It rarely rains here.", "Di sini sering hujan."), ["rarely"]);
        let until = "Do not press the button until the lamp is green.";
        assert_eq!(found(until, "Tekan tombol itu sampai lampunya hijau."), ["not"]);
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
            ("It is not impossible to win.", "Kita mungkin saja menang."),
            ("The bridge was not opened until May.", "Jembatan itu baru dibuka pada Mei."),
            ("Unpaid bills are listed first.", "Tagihan yang belum dibayar ditulis lebih dahulu."),
            ("A homeless man slept there.", "Seorang lelaki yang tidak punya rumah tidur di sana."),
            ("Unless it rains, we walk.", "Kita berjalan kaki jika hari tidak hujan."),
            ("Few voters came.", "Hanya sedikit pemilih datang."),
            ("Isn't that your brother?", "Itu adikmu, kan?"),
            ("It is cold, isn't it?", "Dingin, ya?"),
            ("This wood is illegal.", "Kayu ini ilegal."),
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
