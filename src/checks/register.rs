//! STY003 `register`: another register.

use std::{collections::HashSet, sync::LazyLock};

use serde::Deserialize;

use super::{
    Check, Findings, SegmentContext, declare_check,
    grammar::{self, Quoted},
    marks,
};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon::{self, patterns::Patterns},
    text::Language,
};

declare_check! {
    /// ## What it does
    /// Reports words of conversation in a sentence with words of offices, courts and news (`Menteri
    /// bilang`, `hakim nggak menerima`, `makasih`, `ngasih`) and
    /// phrases that address the reader as no Indonesian writer does (`Anda harus tahu bahwa`).
    ///
    /// ## Why it matters
    /// MQM Style/Inconsistent style. A model trained on subtitles writes like subtitles.
    ///
    /// ## Example
    /// - `Menteri bilang anggaran cukup.` → `mengatakan`
    ///
    /// ## Not reported
    /// Quotations, and texts that are in that style throughout.
    ///
    /// ## Known misses
    /// Words that both styles have. The patterns stand in `src/lexicon/grammar/register.tsv`.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    Register {
        code: "STY003",
        name: "register",
        mqm: InconsistentStyle,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.register]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Register {}

static LIST: LazyLock<Patterns> =
    LazyLock::new(|| Patterns::read(include_str!("../lexicon/grammar/register.tsv")));

/// Words of conversation that formal text never has.
static SLANG: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("register.slang"));
/// Words that are of conversation, and that writers use now and then in news as well.
static LOOSE: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("register.loose"));
/// Of those, the ones that count only where two words of the sentence are formal.
static FORMAL: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("register.formal"));
/// Words of a text that is a conversation throughout.
static SPEECH: LazyLock<HashSet<&str>> = LazyLock::new(|| lexicon::list("register.speech"));

/// Words of conversation in a sentence that is formal otherwise.
fn slang(cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
    let target = &cx.segment.target;
    let text = target.text.as_str();
    let all = cx.words();
    let mut hits: Vec<(usize, bool)> = Vec::new();
    for (i, word) in all.iter().enumerate() {
        // Capitals are names: `Lo`, `Lu`, `Kok`.
        let begins = i == 0 && word.text.chars().count() > 3;
        if !word.text.starts_with(char::is_lowercase) && !begins {
            continue;
        }
        let lower = word.text.to_lowercase();
        if SLANG.contains(lower.as_str()) {
            hits.push((i, true));
        } else if LOOSE.contains(lower.as_str()) {
            hits.push((i, false));
        }
    }
    if hits.is_empty() {
        return;
    }
    let lower: Vec<String> = all.iter().map(|word| word.text.to_lowercase()).collect();
    let formal = lower.iter().filter(|word| FORMAL.contains(word.as_str())).count();
    let spoken = lower.iter().enumerate().filter(|(i, word)| {
        !hits.iter().any(|(hit, _)| hit == i) && SPEECH.contains(word.as_str())
    });
    // A capital at the start, and no more than two words of conversation: formal otherwise.
    let upper = text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase);
    if formal == 0
        || spoken.count() > 0
        || hits.len() > 2
        || !upper
        || text.trim_end().ends_with(['!', '?'])
    {
        return;
    }
    let quoted = cx.quoted();
    let listed = LIST.find(text);
    let open = text.contains(['"', '“', '‘']);
    for (i, sure) in hits {
        let span = all[i].span;
        let reports = i > 0 && ["lalu", "terus", "terlalu"].contains(&lower[i - 1].as_str());
        if reports
            || listed.iter().any(|hit| hit.span.overlaps(span))
            || (!sure && (formal < LOOSE_FORMAL || open))
            || (lower[i] == "kasih"
                && i > 0
                && ["terima", "berterima"].contains(&lower[i - 1].as_str()))
            || quoted.iter().any(|quote| quote.overlaps(span))
            || target.in_placeable(span)
            || marks::is_code(text, span)
        {
            continue;
        }
        findings
            .push("another register: a word of conversation")
            .at(span)
            .confidence(Confidence::Medium)
            .help("write it as formal Indonesian does");
    }
}

/// Formal words that a sentence must have before a loose one is another register.
const LOOSE_FORMAL: usize = 3;

impl Check for Register {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        grammar::report(&LIST, cx, findings, Quoted::Skip, "another register");
        if cx.segment.direction.target() == Language::Id {
            slang(cx, findings);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::marks;

    #[test]
    fn reported() {
        super::LIST.check();
        assert_eq!(marks(&META, "Gubernur bilang dana cukup."), ["bilang"]);
        assert_eq!(marks(&META, "Rapat dinas selesai, makasih."), ["makasih"]);
        assert_eq!(marks(&META, "Anda harus tahu bahwa harga naik."), ["Anda harus tahu bahwa"]);
        assert_eq!(marks(&META, "Hakim menyatakan terdakwa nggak bersalah."), ["nggak"]);
        assert_eq!(marks(&META, "Direksi menetapkan dividen dan anggaran cuma sekali."), ["cuma"]);
        assert_eq!(marks(&META, "Anda tahu, pajak itu naik."), ["Anda tahu"]);
    }

    #[test]
    fn not_reported() {
        for text in [
            "\"Gue capek banget,\" katanya.",
            "Anda dapat membayar di sini.",
            "Perlu diketahui, harga naik.",
            "Kamu mau ikut nggak?",
            "Aku cuma mau bilang bahwa harganya bagus banget.",
            "\"Kita nggak takut,\" kata menteri itu.",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
