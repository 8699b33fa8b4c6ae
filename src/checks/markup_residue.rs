//! MKP001 `markup-residue`: signs of markup that the reader would see.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon,
    text::Span,
};

declare_check! {
    /// ## What it does
    /// Reports each sign of markup that is left in the text as text: `**` and `__` of Markdown,
    /// `[ ]` of a task list, links (`[kata](alamat.html)`), signs at the start of a line (`> `,
    /// `## `), a word between single `*` or `_`, HTML tags, back quotes around a word of the
    /// language, `[[…]]` and `'''` of a wiki, tags of BBCode (`[b]`) and of subtitles, commands of
    /// LaTeX. In a Markdown file these are the signs that do nothing, because they are misplaced;
    /// in a plain text all of them.
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
    /// that the source has as well or that are the topic (`tag <br> dipakai`).
    ///
    /// ## Known misses
    /// A single `*` or `_` without its partner, links whose two halves came apart.
    ///
    /// ## False alarms
    /// 0.3 per 1,000 (95 % interval 0.1–0.9) of 11,839 human sentences, 2026-11-24,
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
    "ref",
    "nowiki",
    "section",
    "article",
    "header",
    "footer",
    "nav",
    "figure",
    "figcaption",
    "button",
    "label",
    "iframe",
    "style",
    "script",
    "tbody",
    "thead",
    "color",
    "size",
    "sprite",
    "link",
    "wbr",
    "video",
    "audio",
    "svg",
    "dl",
    "dt",
    "dd",
    "body",
    "html",
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
        signs(text, &mut residue);
        residue.0.sort_by_key(|(span, ..)| *span);
        for (span, what, replacement) in residue.0 {
            if target.in_placeable(span) || (marks::is_topic(text, span) && span.start > 0) {
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

/// A link of Markdown, tags of BBCode and of subtitles, commands of LaTeX, comments, notes, a
/// word between single stars or strokes.
static SIGNS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
          (?P<link> !?\[ (?P<words>[^\]\[]{0,120}) \] \ ?\( (?: (?:https?:|mailto:|www\.|\#|\.{0,2}/) [^)\s]* | [\w./-]+\.(?:html?|md|php|png|jpe?g|gif|pdf|aspx?)[^)\s]* ) \) )
        | (?P<bb> \[/?(?:b|i|u|s|url|img|quote|size|color|center|list|code|spoiler|font|left|right|/\*)(?:=[^\]]{0,80})?\] )
        | (?P<subtitle> \{\\ (?:an?[0-9]|[ibus][01]|pos|fad|fs[0-9]|move|clip|org|fn|r\b|c&|k[0-9]) [^}]{0,40} \} | \\[Nh]\b | \d\d:\d\d:\d\d[,.]\d{3} \ -->\ [\d:,.]+ )
        | (?P<latex> \\(?:textbf|textit|emph|section|subsection|item|cite|ref|begin|end|footnote|textrm|underline|paragraph|label|caption)\b (?:\{[^}]{0,60}\})? )
        | (?P<comment> <!-- .{0,200}? (?:-->|$) )
        | (?P<note> \[\^ [\w-]{1,20} \] | \{[.\#][\w-]{1,30}\} )
        | (?P<strike> ~~ (?P<struck>[^~]{1,80}) ~~ )
        | (?P<mark> == (?P<marked>[^=\s][^=]{0,80}) == )
        | (?P<escape> \\[*_\#`~\[\]>|] | \\n(?:\b|[A-Z\ ]) | \\x22 )
        ",
    )
    .expect("the pattern is valid")
});
/// Signs of Markdown and wikis at the start of a line.
static START: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x) ^ (?P<sign> (?:>\ ){1,3} | \#{1,6}\ (?:\#\ )? | :::\ ?\w* \ ? | ={2,4}\ ) [^\s=\#*>]",
    )
    .expect("the pattern is valid")
});

fn signs(text: &str, out: &mut Residue) {
    const ANY: &[char] = &['[', '\\', '{', '<', '~', '=', '\''];
    if let Some(found) = START.captures(text).and_then(|found| found.name("sign")) {
        let rest = &text[found.end()..];
        // `# 5` is a number and `> 5` an amount.
        let short = found.as_str().starts_with('>') && rest.split_whitespace().count() < 3;
        if !short && rest.starts_with(char::is_alphabetic) || rest.starts_with(['"', '“', '[']) {
            out.push(found.range(), "sign of a heading, a quotation or a list", "");
        }
    }
    // `| a | b |`: a row of a table.
    if text.starts_with("| ") && text.trim_end().ends_with('|') && text.matches('|').count() > 2 {
        out.push(0..text.trim_end().len(), "row of a table", &text.replace('|', " "));
    }
    emphasis(text, out);
    if !text.contains(ANY) && !text.contains("-->") {
        return;
    }
    for found in SIGNS.captures_iter(text) {
        let range = found.get(0).expect("the whole match").range();
        let inner = |name: &str| found.name(name).map(|m| m.as_str().to_owned());
        let (what, instead) = if let Some(words) = inner("words") {
            ("Markdown link", words)
        } else if let Some(words) = inner("struck").or_else(|| inner("marked")) {
            ("sign of emphasis", words)
        } else if found.name("bb").is_some() {
            ("BBCode tag", String::new())
        } else if found.name("subtitle").is_some() {
            ("sign of subtitles", String::new())
        } else if found.name("latex").is_some() {
            ("LaTeX command", String::new())
        } else if found.name("comment").is_some() {
            ("HTML comment", String::new())
        } else if found.name("note").is_some() {
            ("Markdown note", String::new())
        } else {
            ("escape sign", " ".to_owned())
        };
        // `C:\new`, a path.
        let path = what == "escape sign"
            && text[..range.start]
                .ends_with(|c: char| c.is_alphanumeric() || c == ':' || c == '\\')
            && !text[range.start..].starts_with("\\n ");
        let span = Span::new(range.clone());
        let taken = out.0.iter().any(|(other, ..)| other.overlaps(span));
        if !path && !taken {
            out.push(range, what, &instead);
        }
    }
}

/// `*penting*` and `_penting_`: one word or a few between single signs.
fn emphasis(text: &str, out: &mut Residue) {
    const WORDS: usize = 6;
    for sign in ['*', '_'] {
        let places: Vec<usize> = text.match_indices(sign).map(|(at, _)| at).collect();
        let [open, close] = places[..] else { continue };
        let inner = &text[open + 1..close];
        let before = text[..open].chars().next_back();
        let after = text[close + 1..].chars().next();
        let apart =
            |c: Option<char>| c.is_none_or(|c| c.is_whitespace() || "\"“”(),.;:!?".contains(c));
        let letters =
            inner.starts_with(char::is_alphabetic) && inner.ends_with(char::is_alphabetic);
        let prose = inner.chars().all(|c| c.is_alphabetic() || " -'’".contains(c));
        if apart(before)
            && apart(after)
            && letters
            && prose
            && inner.split(' ').count() <= WORDS
            && inner.chars().count() > 1
        {
            out.push(open..close + 1, "Markdown sign", inner);
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
            ("Buka [Bantuan](bantuan.html) dulu.", vec!["[Bantuan](bantuan.html) → Bantuan"]),
            ("> Saksi itu bungkam.", vec![">  → "]),
            ("## Latar belakang", vec!["##  → "]),
            ("{\\an8}Cepat lari!", vec!["{\\an8} → "]),
            ("Ini [b]penting sekali.", vec!["[b] → "]),
            ("Ini *penting* sekali.", vec!["*penting* → penting"]),
            ("Rapat ~~ditunda~~ selesai.", vec!["~~ditunda~~ → ditunda"]),
            ("Lihat \\textbf{bab dua} itu.", vec!["\\textbf{bab dua} → "]),
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
            "Tag <br> dipakai untuk berpindah baris dalam HTML.",
            "Kolom bertanda * wajib diisi. Tagar #JagaLaut populer. 12 * 4 = 48",
            "Tekan tombol # lalu > 5 dan C:\\new\\[a](b), rina_w@contoh.id",
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
