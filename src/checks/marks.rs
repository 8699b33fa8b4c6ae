//! Quotation marks and brackets, for several checks.

use crate::text::Span;

/// Pairs of marks that open and close. The straight quotation mark is its own partner.
pub(super) const PAIRS: &[(char, char)] =
    &[('(', ')'), ('[', ']'), ('{', '}'), ('“', '”'), ('«', '»'), ('"', '"')];

/// A mark without a partner, or with one of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) at: usize,
    pub(super) mark: char,
}

impl Mark {
    pub(super) fn span(self) -> Span {
        Span::new(self.at..self.at + self.mark.len_utf8())
    }
}

/// How the marks of a text go together.
#[derive(Debug, Default)]
pub(super) struct Matched {
    /// Opening and closing mark.
    pub(super) pairs: Vec<(Mark, Mark)>,
    /// Marks without a partner.
    pub(super) alone: Vec<Mark>,
}

/// Pairs up the marks of `text` but for those that `skip` leaves out.
///
/// A straight quotation mark closes when one is open, and opens otherwise; where one that looks
/// like an opening mark (a space before, none after) meets an open one, the open one is alone.
/// `a)` and `1)` at the start of an item, emoticons, and inches (`32"`) are no marks.
pub(super) fn matched(text: &str, skip: impl Fn(Span) -> bool) -> Matched {
    let mut out = Matched::default();
    let mut open: Vec<Mark> = Vec::new();
    for (at, mark) in text.char_indices() {
        // Nearly all there is.
        if mark.is_ascii_alphanumeric() || mark == ' ' {
            continue;
        }
        let here = Mark { at, mark };
        let is_mark = PAIRS.iter().any(|(a, b)| *a == mark || *b == mark);
        if !is_mark || skip(here.span()) {
            continue;
        }
        let before = text[..at].chars().next_back();
        let after = text[at + mark.len_utf8()..].chars().next();
        let spaced = |c: Option<char>| c.is_none_or(char::is_whitespace);
        match mark {
            '"' => {
                let top = open.iter().rposition(|m| matches!(m.mark, '"' | '“'));
                let opens = (spaced(before) || before.is_some_and(|c| matches!(c, '(' | '[')))
                    && !spaced(after);
                match top {
                    Some(i)
                        if !(opens
                            && open[i].mark == '"'
                            && text[open[i].at + 1..at].contains(' ')) =>
                    {
                        close(&mut open, i, here, &mut out);
                    }
                    Some(i) => {
                        out.alone.push(open.remove(i));
                        open.push(here);
                    }
                    // `TV 32"`, `5'10"`: inches.
                    None if before.is_some_and(|c| c.is_ascii_digit()) && !opens => {}
                    None => open.push(here),
                }
            }
            '”' => match open.iter().rposition(|m| matches!(m.mark, '“' | '"')) {
                Some(i) => close(&mut open, i, here, &mut out),
                None => out.alone.push(here),
            },
            _ if PAIRS.iter().any(|(a, _)| *a == mark) => {
                // Emoticons: `:(`.
                let face =
                    mark == '(' && before.is_some_and(|c| matches!(c, ':' | ';' | '=' | '-'));
                if !(face && spaced(after)) {
                    open.push(here);
                }
            }
            _ => {
                let partner = PAIRS.iter().find(|(_, b)| *b == mark).map(|(a, _)| *a);
                match open.iter().rposition(|m| Some(m.mark) == partner) {
                    Some(i) => close(&mut open, i, here, &mut out),
                    None if mark == ')' && (is_item(&text[..at]) || is_face(&text[..at])) => {}
                    None => out.alone.push(here),
                }
            }
        }
    }
    out.alone.extend(open);
    out.alone.sort_by_key(|mark| mark.at);
    out
}

/// `open[i]` is closed by `mark`. What was opened since stays open: quotation marks and brackets
/// may cross in a text with errors.
fn close(open: &mut Vec<Mark>, i: usize, mark: Mark, out: &mut Matched) {
    out.pairs.push((open.remove(i), mark));
}

/// Whether what stands before a `)` is the number or letter of an item: `a`, `12`, `iv`.
fn is_item(before: &str) -> bool {
    let item = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or("");
    let number = !item.is_empty() && item.len() <= 3 && item.chars().all(|c| c.is_ascii_digit());
    let letter = item.chars().count() == 1;
    let roman = !item.is_empty() && item.chars().all(|c| matches!(c, 'i' | 'v' | 'x'));
    let head = before[..before.len() - item.len()].trim_end_matches(' ');
    let first = head.len() < before.len() - item.len() || head.is_empty();
    first && (number || letter || roman)
}

/// Whether what stands before a `)` makes it a face: `:`, `;-`.
fn is_face(before: &str) -> bool {
    let face = before.trim_end_matches('-');
    face.ends_with([':', ';', '=']) && !face[..face.len() - 1].ends_with(char::is_alphanumeric)
}

/// What stands between marks, the marks left out, where it is short: a quotation, a title, a
/// gloss. A clause in brackets is prose.
pub(super) fn quoted(text: &str) -> Vec<Span> {
    /// Words of a gloss.
    const GLOSS: usize = 8;
    /// Words of a quotation or a title.
    const QUOTATION: usize = 25;
    let matched = matched(text, |_| false);
    let mut spans: Vec<Span> = Vec::new();
    for (open, close) in &matched.pairs {
        let range = open.at + open.mark.len_utf8()..close.at;
        let short = if matches!(open.mark, '(' | '[' | '{') { GLOSS } else { QUOTATION };
        if text[range.clone()].split_whitespace().count() <= short {
            spans.push(Span::new(range));
        }
    }
    // ‘…’: only where both are there; the closing one is an apostrophe as well.
    let mut from = 0;
    while let Some(open) = text[from..].find('‘').map(|i| from + i) {
        let start = open + '‘'.len_utf8();
        let Some(end) = text[start..].find('’').map(|i| start + i) else { break };
        spans.push(Span::new(start..end));
        from = end;
    }
    spans
}

/// Whether the word at `span` touches signs of code, addresses or placeholders.
pub(super) fn is_code(text: &str, span: Span) -> bool {
    let range = span.range();
    let before = text[..range.start].chars().next_back();
    let mut after = text[range.end..].chars();
    let signs = |c: char| "@/\\_#$%&{}<>=|~^+*[]`".contains(c);
    let next = after.next();
    let then = after.next();
    before.is_some_and(|c| signs(c) && c != '*')
        || next.is_some_and(|c| signs(c) && c != '*')
        // `users.list`, `10.users`, `key:value`, `print(`.
        || (before.is_some_and(|c| matches!(c, '.' | ':'))
            && !text[..range.start].trim_end_matches(['.', ':']).ends_with(char::is_whitespace))
        || (next.is_some_and(|c| matches!(c, '.' | ':')) && then.is_some_and(char::is_alphanumeric))
        || next == Some('(')
        || (before == Some('-') || next == Some('-'))
}

/// Words that say that the sign behind them, or in their sentence, is the topic: `tag <br> dipakai`.
const TOPICS: &[&str] = &[
    "tag", "entitas", "sintaks", "html", "xml", "xhtml", "markdown", "latex", "bbcode", "templat",
    "css",
];

/// Whether the sign at `span` is what the sentence speaks of.
pub(super) fn is_topic(text: &str, span: Span) -> bool {
    let lower = |c: char| !c.is_alphanumeric();
    let before = &text[..span.range().start];
    // `tanda *`, `kode [b]`, `perintah %s`: right behind its name.
    let near = before.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
    let near = near.trim_matches(lower).to_lowercase();
    let names = [
        "tanda",
        "kode",
        "perintah",
        "huruf",
        "token",
        "placeholder",
        "teks",
        "tulisan",
        "variabel",
        "simbol",
        "karakter",
        "elemen",
        "penanda",
        "atribut",
        "operator",
        "notasi",
    ];
    names.contains(&near.as_str())
        || text
            .split_whitespace()
            .any(|word| TOPICS.contains(&word.trim_matches(lower).to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::{matched, quoted};

    fn alone(text: &str) -> Vec<usize> {
        matched(text, |_| false).alone.iter().map(|mark| mark.at).collect()
    }

    #[test]
    fn marks_pair_up() {
        for text in [
            "Ia berkata, \"ya\" dan (mungkin) \"tidak\".",
            "a) gula, b) garam (manis)",
            "1) daftar, 2) bayar, iv) pulang",
            "TV 32\" itu murah.",
            "“Kata ‘maaf’ itu sulit,” ujarnya. :) ;-)",
            "(\"kata\" [satu])",
        ] {
            assert_eq!(alone(text), [0; 0], "{text}");
        }
        assert_eq!(alone("Ia menjawab, \"Belum."), [13]);
        assert_eq!(alone("(lihat Tabel 2 untuk"), [0]);
        assert_eq!(alone("Disebut kota hujan\" dulu"), [18]);
        assert_eq!(alone("\"Satu \"dua\""), [0]);
    }

    #[test]
    fn quotations_are_short() {
        let texts = |text: &'static str| -> Vec<&str> {
            quoted(text).iter().map(|span| span.of(text)).collect()
        };
        assert_eq!(texts("a (b c) “d” ‘e’ x"), ["b c", "d", "e"]);
    }
}
