//! MKP001 `markup-residue`: signs of markup that the reader would see.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon,
    text::Span,
};

declare_check! {
    /// ## What it does
    /// Reports each sign of markup that is left in the text as text: `**` and `__` of Markdown,
    /// `[ ]` of a task list, HTML tags, back quotes around a word of the language, `[[…]]` and
    /// `'''` of a wiki. In a Markdown file these are the signs that do nothing, because they are
    /// misplaced; in a plain text all of them.
    ///
    /// ## Why it matters
    /// MQM Design and markup/Markup. A machine moves a sign away from the word it belongs to, and
    /// it no longer works.
    ///
    /// ## Example
    /// - `**Kedua, AIGC membantu pembuatan konten. **`
    /// - `Baca <a href="#">laporan lengkap.`
    ///
    /// ## Not reported
    /// Operators (`4**2`, `p*l`), stars of a hotel (`*****`), USSD codes (`*123#`), file names
    /// (`laporan_akhir.docx`), single stars of footnotes, code, pairs of tags that work, signs
    /// that the source has as well.
    ///
    /// ## Known misses
    /// Single `*` and `_`, links whose two halves came apart.
    ///
    /// ## False alarms
    /// 0.3 per 1,000 (95 % interval 0.1–0.9) of 11,698 human sentences, 2026-11-23,
    /// `scripts/false_alarms.py`; what it found is residue.
    MarkupResidue {
        code: "MKP001",
        name: "markup-residue",
        mqm: Markup,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.markup-residue]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct MarkupResidue {}

/// Tags of HTML that stand in running text.
const TAGS: &[&str] = &[
    "a",
    "abbr",
    "b",
    "big",
    "blockquote",
    "br",
    "center",
    "cite",
    "code",
    "del",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "td",
    "th",
    "tr",
    "u",
    "ul",
];

impl Check for MarkupResidue {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let target = &cx.segment.target;
        let text = target.text.as_str();
        let language = cx.segment.direction.target();
        let known = |word: &str| {
            word.split_whitespace().all(|w| lexicon::is_word(language, &w.to_lowercase()))
        };
        let mut residue = Residue::default();
        stars(text, &mut residue);
        underscores(text, known, &mut residue);
        tags(text, &mut residue);
        others(text, known, &mut residue);
        residue.0.sort_by_key(|(span, ..)| *span);
        for (span, what, replacement) in residue.0 {
            if target.in_placeable(span) {
                continue;
            }
            // In a pair the source decides: signs that it has are the author's.
            let sign = span.of(text).trim();
            if cx.segment.source.as_ref().is_some_and(|s| s.text.contains(sign)) {
                continue;
            }
            findings
                .push(format!("{what} left in the text: `{sign}`"))
                .at(span)
                .confidence(Confidence::High)
                .suggest(replacement)
                .help("take it away, or move it to the word it belongs to");
        }
    }
}

#[derive(Default)]
struct Residue(Vec<(Span, &'static str, String)>);

impl Residue {
    fn push(&mut self, range: std::ops::Range<usize>, what: &'static str, replacement: &str) {
        self.0.push((Span::new(range), what, replacement.to_owned()));
    }
}

/// Runs of two or three stars. The space that the sign leaves behind goes with it.
fn stars(text: &str, out: &mut Residue) {
    let mut from = 0;
    while let Some(start) = text[from..].find('*').map(|i| from + i) {
        let end = start + text[start..].bytes().take_while(|b| *b == b'*').count();
        from = end;
        let before = text[..start].chars().next_back();
        let after = text[end..].chars().next();
        let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '\\');
        // `4**2`, `x ** 2`, a rating, a hidden word (`d**k`).
        let both =
            before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
        let power = (digit(before) || digit(text[..start].trim_end().chars().next_back()))
            && digit(text[end..].trim_start().chars().next());
        if !(2..=3).contains(&(end - start)) || both || power {
            continue;
        }
        let (mut low, mut high) = (start, end);
        let blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
        if blank(before) && blank(after) {
            // `** kata` at the start and `. **` at the end leave one blank too many.
            if after.is_none() {
                low = text[..start].trim_end().len();
            } else {
                high = end + (text[end..].len() - text[end..].trim_start().len());
            }
        } else if after.is_none() && blank(before) {
            low = text[..start].trim_end().len();
        }
        out.push(low..high, "Markdown sign", "");
    }
}

/// `__dalam__`, but not `__init__`.
fn underscores(text: &str, known: impl Fn(&str) -> bool, out: &mut Residue) {
    let mut from = 0;
    while let Some(start) = text[from..].find("__").map(|i| from + i) {
        let inner = start + 2;
        let Some(end) = text[inner..].find("__").map(|i| inner + i) else { break };
        let word = &text[inner..end];
        let whole =
            text[..start].chars().next_back().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        from = inner;
        if whole && !word.is_empty() && !word.contains('_') && known(word) {
            out.push(start..end + 2, "Markdown sign", word);
            from = end + 2;
        }
    }
}

/// `<a href="#">`, `</b>`, `<br/>`. Pairs that work are placeables and do not come here.
fn tags(text: &str, out: &mut Residue) {
    for (start, _) in text.match_indices('<') {
        let inner = text[start + 1..].strip_prefix('/').unwrap_or(&text[start + 1..]);
        let name: String = inner.chars().take_while(char::is_ascii_alphanumeric).collect();
        if !TAGS.contains(&name.to_ascii_lowercase().as_str()) {
            continue;
        }
        let rest = &inner[name.len()..];
        let Some(close) = rest.find(['>', '<']).filter(|i| rest[*i..].starts_with('>')) else {
            continue;
        };
        // `<b>`, `<b/>`, `<a href=…>`; not `i < a > b`, nor a placeholder with words in it.
        let attributes = rest[..close].trim_end_matches('/').trim();
        if !attributes.is_empty() && !attributes.contains('=') {
            continue;
        }
        let end = text.len() - rest.len() + close + 1;
        out.push(start..end, "HTML tag", "");
    }
}

/// `[ ]` of a task list, back quotes around words, signs of a wiki.
fn others(text: &str, known: impl Fn(&str) -> bool, out: &mut Residue) {
    for start in ["- [ ] ", "- [x] ", "* [ ] ", "* [x] ", "[ ] ", "[x] "] {
        if text.starts_with(start) {
            out.push(0..start.len(), "task list sign", "");
            break;
        }
    }
    let mut from = 0;
    while let Some(start) = text[from..].find('`').map(|i| from + i) {
        let Some(end) = text[start + 1..].find('`').map(|i| start + 1 + i) else { break };
        let word = &text[start + 1..end];
        if !word.is_empty() && known(word) {
            out.push(start..end + 1, "Markdown sign", word);
        }
        from = end + 1;
    }
    for sign in ["[[", "]]", "'''", "{{", "}}"] {
        let wiki = match sign {
            "[[" | "]]" => {
                text.contains("[[") && text.contains("]]") || text.matches(sign).count() == 1
            }
            "'''" => true,
            _ => false,
        };
        for (at, _) in text.match_indices(sign).filter(|_| wiki) {
            out.push(at..at + sign.len(), "wiki sign", "");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{findings, fixes, marks, pairs};

    #[test]
    fn signs_that_are_seen() {
        for (text, expected) in [
            ("**Harga telur kembali naik.", vec!["** → "]),
            ("Menteri membuka rapat **", vec![" ** → "]),
            ("** \"Longsoran\" itu. **", vec!["**  → ", " ** → "]),
            ("**Karena pabrik sudah tutup. **", vec!["** → ", " ** → "]),
            ("game, ** hilang\" Saluran\"", vec!["**  → "]),
            ("- [ ] Siapkan kartu identitas.", vec!["- [ ]  → "]),
            ("Baca <a href=\"#\">laporan lengkap.", vec!["<a href=\"#\"> → "]),
            ("Petugas memadamkan api __dalam__ dua jam.", vec!["__dalam__ → dalam"]),
            ("Hasilnya `selama` tiga bulan.", vec!["`selama` → selama"]),
        ] {
            assert_eq!(fixes(&META, text), expected, "{text}");
        }
    }

    #[test]
    fn signs_that_belong() {
        for text in [
            "Rumus luasnya p*l, bukan p+l.",
            "Nilai 4**2 dan 4 ** 2 sama dengan 16.",
            "Hotel bintang ***** itu sudah dijual.",
            "Ketik *123# untuk mengecek pulsa.",
            "Nama berkasnya laporan_akhir_2.docx dan __init__.py.",
            "Bunga mulai 0,5%*; syarat berlaku.",
            "Jika i < a > b, jalankan `git status` di <nama folder>.",
        ] {
            assert_eq!(marks(&META, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn what_the_source_has() {
        let document = pairs(&[(Some("**Note** this"), "**Catatan** ini")]);
        assert!(findings(&META, &document, &[]).is_empty());
    }
}
