//! LNG006 `foreign-punctuation`: East Asian marks and letters in Latin text.

use serde::Deserialize;
use unicode_script::{Script, UnicodeScript as _};

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    text::Span,
};

declare_check! {
    /// ## What it does
    /// Reports East Asian punctuation and full-width characters (`，` `。` `《》` `Ａ`), and letters
    /// of scripts that neither language writes where they touch a Latin word or make a long run
    /// outside brackets and quotation marks.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Character set. They come from a Chinese or Japanese source, and
    /// a missing partner often marks a lost title.
    ///
    /// ## Example
    /// - `Harga naik，stok turun.` → `, `
    /// - `Rencana Kota 2024》 diumumkan.`
    /// - `Tahun lalu了 ia pindah.`
    ///
    /// ## Not reported
    /// Letters quoted or explained: `Tato "愛"`, `Kanji 日`, `Wenxin Yiyan (文心一言)`; Greek letters
    /// of formulas; what the source has as well.
    ///
    /// ## Known misses
    /// Look-alikes within one script.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    ForeignPunctuation {
        code: "LNG006",
        name: "foreign-punctuation",
        mqm: CharacterSet,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.foreign-punctuation]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct ForeignPunctuation {
    /// Letters of another script, between spaces, are reported from this many on.
    min_letters: usize,
}

impl Default for ForeignPunctuation {
    fn default() -> Self {
        Self { min_letters: 4 }
    }
}

/// What stands for an East Asian mark in Latin text, and whether a space follows it.
fn latin(mark: char) -> Option<(&'static str, bool)> {
    Some(match mark {
        '，' | '、' | '､' => (",", true),
        '。' | '．' | '｡' => (".", true),
        '：' => (":", true),
        '；' => (";", true),
        '？' => ("?", true),
        '！' => ("!", true),
        '（' => ("(", false),
        '）' => (")", false),
        '【' | '〔' | '［' => ("[", false),
        '】' | '〕' | '］' => ("]", false),
        '《' | '》' | '〈' | '〉' | '「' | '」' | '『' | '』' | '〝' | '〞' | '＂' => {
            ("\"", false)
        }
        '～' | '〜' => ("–", false),
        '％' => ("%", false),
        '\u{3000}' => (" ", false),
        '・' | '〃' | '〆' | '※' => return None,
        _ => return None,
    })
}

/// Marks that open and close.
const PAIRS: &[(char, char)] = &[
    ('《', '》'),
    ('〈', '〉'),
    ('「', '」'),
    ('『', '』'),
    ('（', '）'),
    ('【', '】'),
    ('〔', '〕'),
];

fn is_east_asian_mark(c: char) -> bool {
    latin(c).is_some() || matches!(c, '・' | '〃' | '〆' | '※' | '￥')
}

/// Full-width letters and digits: U+FF10…FF5A.
fn full_width(c: char) -> Option<char> {
    let ascii = char::from_u32((c as u32).checked_sub(0xFEE0)?)?;
    (('０'..='ｚ').contains(&c) && ascii.is_ascii_alphanumeric()).then_some(ascii)
}

/// Letters and their marks; the sound mark `ー` is common to two scripts.
fn is_foreign_letter(c: char) -> bool {
    c == 'ー'
        || full_width(c).is_none()
            && !is_east_asian_mark(c)
            && !matches!(
                c.script(),
                Script::Latin
                    | Script::Common
                    | Script::Inherited
                    | Script::Greek
                    | Script::Unknown
            )
}

impl Check for ForeignPunctuation {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let target = &cx.segment.target;
        let text = target.text.as_str();
        if text.is_ascii() {
            return;
        }
        // What the source has too is the author's.
        let in_source =
            |piece: &str| cx.segment.source.as_ref().is_some_and(|s| s.text.contains(piece));
        let chars: Vec<(usize, char)> = text.char_indices().collect();
        let pairs = marks::matched(text, |_| false).pairs;
        let enclosed = |at: usize| pairs.iter().any(|(open, close)| open.at < at && at < close.at);
        let beside_letters = |i: usize| {
            [i.checked_sub(1), Some(i + 1)]
                .into_iter()
                .flatten()
                .any(|j| chars.get(j).is_some_and(|(_, c)| is_foreign_letter(*c)))
        };
        let end = |i: usize| chars[i].0 + chars[i].1.len_utf8();
        let mut i = 0;
        while i < chars.len() {
            let (at, c) = chars[i];
            let mut j = i + 1;
            if full_width(c).is_some() {
                while j < chars.len() && full_width(chars[j].1).is_some() {
                    j += 1;
                }
                let span = Span::new(at..end(j - 1));
                if !target.in_placeable(span) && !in_source(span.of(text)) {
                    let plain: String = span.of(text).chars().filter_map(full_width).collect();
                    findings
                        .push("full-width characters")
                        .at(span)
                        .confidence(Confidence::High)
                        .suggest(plain);
                }
            } else if is_east_asian_mark(c) {
                let span = Span::new(at..end(i));
                // A mark among its own letters belongs to them.
                let own = beside_letters(i) && enclosed(at);
                if !own && !target.in_placeable(span) && !in_source(span.of(text)) {
                    mark(text, span, c, findings);
                }
            } else if is_foreign_letter(c) {
                let goes_on =
                    |c: char| is_foreign_letter(c) || matches!(c, '・' | '\u{200c}'..='\u{200f}');
                while j < chars.len() && goes_on(chars[j].1) {
                    j += 1;
                }
                let span = Span::new(at..end(j - 1));
                let before = text[..at].chars().next_back();
                let after = text[end(j - 1)..].chars().next();
                let latin = |c: Option<char>| c.is_some_and(|c| c.script() == Script::Latin);
                let enclosed = enclosed(at);
                let glued = (latin(before) || latin(after)) && !enclosed;
                // `bahasa Arab: …`.
                let head = text[..at].trim_end();
                let quoted = enclosed
                    || head.ends_with([':', ';'])
                    || before.is_some_and(|c| "(\"“‘'[/（《「".contains(c))
                    || after.is_some_and(|c| ")\"”’']/）》」".contains(c));
                let long = j - i >= self.min_letters;
                if (glued || (long && !quoted))
                    && !target.in_placeable(span)
                    && !in_source(span.of(text))
                {
                    let severity = if long { Severity::Major } else { Severity::Minor };
                    findings
                        .push(format!("letters of another script: {}", c.script().full_name()))
                        .at(span)
                        .severity(severity)
                        .confidence(if glued { Confidence::High } else { Confidence::Medium })
                        .help(
                            "translate or transcribe it; a name in its own script goes in brackets",
                        );
                }
            }
            i = j;
        }
    }
}

fn mark(text: &str, span: Span, c: char, findings: &mut Findings<'_>) {
    let partner = PAIRS.iter().find_map(|(open, close)| match c {
        c if c == *open => Some((*close, true)),
        c if c == *close => Some((*open, false)),
        _ => None,
    });
    let range = span.range();
    let alone = partner.is_some_and(|(partner, opens)| {
        if opens {
            !text[range.end..].contains(partner)
        } else {
            !text[..range.start].contains(partner)
        }
    });
    let draft = findings.push(format!("East Asian punctuation: `{c}`")).at(span);
    let draft = draft.confidence(Confidence::High);
    let next = text[range.end..].chars().next();
    if alone {
        // Only taken away where Latin marks do its work.
        draft.suggest("").help("take it away, or give it its partner");
    } else if let Some((plain, spaced)) = latin(c) {
        let space = spaced && next.is_some_and(char::is_alphanumeric);
        draft.suggest(format!("{plain}{}", if space { " " } else { "" }));
    } else {
        draft.help("use the mark that the target language has");
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{findings, fixes, marks, pairs};

    #[test]
    fn east_asian_marks() {
        for (text, expected) in [
            ("Harga naik，stok turun.", vec!["， → , "]),
            ("Pabrik tutup。", vec!["。 → ."]),
            ("Buku 《Bumi》 laris.", vec!["《 → \"", "》 → \""]),
            ("Rencana \"Kota 2023\"》, untuk", vec!["》 → "]),
            ("Merah、kuning, dan hijau.", vec!["、 → , "]),
            ("Tahun lalu了 ia pindah.", vec!["了"]),
            ("Pilih 「Ya」 untuk lanjut.", vec!["「 → \"", "」 → \""]),
            ("Kode ＡＢ１２ itu.", vec!["ＡＢ１２ → AB12"]),
            ("Перевод не сделан, kata dia.", vec!["Перевод", "сделан"]),
        ] {
            assert_eq!(fixes(&META, text), expected, "{text}");
        }
    }

    #[test]
    fn quoted_and_explained_letters() {
        for text in [
            "Tato \"愛\" itu berarti cinta.",
            "Kanji 日 berarti matahari.",
            "Wenxin Yiyan (文心一言) buatan Baidu.",
            "Jakarta–Bogor, \"Tunggu …\", 25 °C, 5 µm, sudut α, TNFα, “ya”, ‘tidak’.",
        ] {
            assert_eq!(marks(&META, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_the_source_has() {
        let document = pairs(&[(Some("Press 「OK」 now"), "Tekan 「OK」 sekarang")]);
        assert!(findings(&META, &document, &[]).is_empty());
    }
}
