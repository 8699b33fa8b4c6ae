//! MKP002 `encoding-error`: characters that were read in the wrong encoding, and entities.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::Span,
};

declare_check! {
    /// ## What it does
    /// Reports UTF-8 that was read as Windows-1252 (`â€œsiapâ€`, `Â°`), the replacement character
    /// `�`, and character references that are left in the text (`&amp;`, `&#39;`).
    ///
    /// ## Why it matters
    /// MQM Character set. Readers see rubbish, and search does not find the word.
    ///
    /// ## Example
    /// - `Suhu 30Â° terasa panas.` → `°`
    /// - `Tom &amp; Jerry tayang lagi.` → `&`
    ///
    /// ## Not reported
    /// Accented letters that are no pair of bytes (`Häßler`, `Naïf`), entities in code, and in
    /// Markdown, where they are not text but signs.
    ///
    /// ## Known misses
    /// Other encodings (`Ð¿Ñ€` of Cyrillic is found, Shift JIS is not), question marks in place of
    /// letters.
    ///
    /// ## False alarms
    /// 0.0 per 1,000 (95 % interval 0.0–0.3) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`.
    EncodingError {
        code: "MKP002",
        name: "encoding-error",
        mqm: CharacterSet,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.encoding-error]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct EncodingError {}

/// Windows-1252 from 0x80 on; what it leaves open stands for itself, as browsers read it.
const CP1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The byte that Windows-1252 shows as `c`, from 0x80 on.
fn byte(c: char) -> Option<u8> {
    if ('\u{a0}'..='\u{ff}').contains(&c) {
        return u8::try_from(u32::from(c)).ok();
    }
    CP1252.iter().position(|known| *known == c).map(|i| 0x80 + i as u8)
}

/// The character whose UTF-8 bytes begin `text` when read as Windows-1252, and how much of `text`
/// they are.
fn garbled(text: &str) -> Option<(char, usize)> {
    let mut chars = text.char_indices();
    let lead = byte(chars.next()?.1)?;
    let more = match lead {
        0xc2..=0xdf => 1,
        0xe0..=0xef => 2,
        0xf0..=0xf4 => 3,
        _ => return None,
    };
    let mut bytes = vec![lead];
    let mut end = 0;
    for (at, c) in chars.take(more) {
        bytes.push(byte(c)?);
        end = at + c.len_utf8();
    }
    let decoded = std::str::from_utf8(&bytes).ok()?;
    Some((decoded.chars().next()?, end))
}

/// References that a text may have kept: the named ones that occur, and numbers.
static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"&(?:amp|lt|gt|quot|apos|nbsp|copy|reg|trade|hellip|mdash|ndash|lsquo|rsquo|ldquo|rdquo|laquo|raquo|bull|middot|deg|eacute|egrave|agrave|ccedil|ntilde|ouml|uuml|auml|iuml|oacute|aacute|iacute|szlig|euro|pound|yen|times|divide|sect|para|plusmn|frac12|sup2|sup3|shy|zwj|zwnj|ensp|emsp|thinsp|#[0-9]{1,6}|#x[0-9A-Fa-f]{1,5});|&(?:nbsp|quot|amp|lt|gt)\b|\\u00[0-9A-Fa-f]{2}",
    )
    .expect("the pattern is valid")
});

/// What a reference stands for.
fn meaning(reference: &str) -> Option<char> {
    if let Some(number) = reference.strip_prefix("\\u") {
        return u32::from_str_radix(number, 16).ok().and_then(char::from_u32);
    }
    let name = reference.strip_prefix('&')?;
    let name = name.strip_suffix(';').unwrap_or(name);
    if let Some(number) = name.strip_prefix("#x") {
        return u32::from_str_radix(number, 16).ok().and_then(char::from_u32);
    }
    if let Some(number) = name.strip_prefix('#') {
        return number.parse().ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "ensp" | "emsp" => ' ',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "laquo" => '«',
        "raquo" => '»',
        "bull" => '•',
        "middot" => '·',
        "deg" => '°',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        "ntilde" => 'ñ',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "auml" => 'ä',
        "iuml" => 'ï',
        "oacute" => 'ó',
        "aacute" => 'á',
        "iacute" => 'í',
        "szlig" => 'ß',
        "euro" => '€',
        "pound" => '£',
        "yen" => '¥',
        "times" => '×',
        "divide" => '÷',
        "sect" => '§',
        "para" => '¶',
        "plusmn" => '±',
        "frac12" => '½',
        "sup2" => '²',
        "sup3" => '³',
        "thinsp" => ' ',
        _ => return None,
    })
}

impl Check for EncodingError {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let target = &cx.segment.target;
        let text = target.text.as_str();
        let mut from = 0;
        for (at, c) in text.char_indices() {
            if at < from || c.is_ascii() {
                continue;
            }
            if c == '\u{fffd}' {
                let end = text[at..].find(|c| c != '\u{fffd}').map_or(text.len(), |n| at + n);
                from = end;
                findings
                    .push("a character was lost in a wrong encoding")
                    .at(Span::new(at..end))
                    .confidence(Confidence::High)
                    .help("look it up in the original");
                continue;
            }
            // A run of garbled characters is one finding.
            let (mut end, mut decoded) = (at, String::new());
            while let Some((c, len)) = garbled(&text[end..]) {
                decoded.push(c);
                end += len;
            }
            // `â€` is a closing quotation mark whose last byte shows as nothing, `Ã ` an `à` whose
            // second byte became a space.
            if end == at && text[at..].starts_with("â€") {
                end = at + "â€".len();
                decoded.push('”');
            } else if end == at && text[at..].starts_with("Ã ") {
                end = at + "Ã".len();
                decoded.push('à');
            }
            if end == at || target.in_placeable(Span::new(at..end)) {
                continue;
            }
            from = end;
            findings
                .push(format!("`{decoded}` in a wrong encoding"))
                .at(Span::new(at..end))
                .confidence(Confidence::High)
                .suggest(decoded);
        }
        for found in REFERENCE.find_iter(text) {
            let span = Span::new(found.range());
            let Some(c) = meaning(found.as_str()).filter(|_| !target.in_placeable(span)) else {
                continue;
            };
            if marks::is_topic(text, span) {
                continue;
            }
            // The source has it too: it is text there.
            if cx.segment.source.as_ref().is_some_and(|s| s.text.contains(found.as_str())) {
                continue;
            }
            findings
                .push(format!("character reference left in the text: `{}`", found.as_str()))
                .at(span)
                .confidence(Confidence::High)
                .suggest(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{fixes, marks};

    #[test]
    fn bytes_and_references() {
        assert_eq!(fixes(&META, "Ia berkata â€œmajuâ€ lalu diam"), ["â€œ → “", "â€ → ”"]);
        assert_eq!(fixes(&META, "Ã la carte, 20Â°, cafÃ©"), ["Ã → à", "Â° → °", "Ã© → é"]);
        assert_eq!(fixes(&META, "Kopi &amp; teh&nbsp;manis &#39;baru&#x27;").len(), 4);
        assert_eq!(fixes(&META, "Budi &lt; Ani"), ["&lt; → <"]);
        assert_eq!(marks(&META, "harga\u{fffd}\u{fffd}naik"), ["\u{fffd}\u{fffd}"]);
    }

    #[test]
    fn letters_of_other_languages() {
        for text in [
            "Naïf dan Häßler minum café au lait di São Paulo, Å, Ñandú, ÑÄ",
            "H&M; R&D; AT&T &c.",
            "CO₂ ≤ 5 °C – “baik” … Rp5.000 • €5 ½ × 3",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
    }
}
