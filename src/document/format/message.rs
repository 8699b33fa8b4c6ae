//! Syntax in the messages of a program: placeholders, tags, the plurals of ICU.
//!
//! | in the text | becomes |
//! | --- | --- |
//! | `{name}`, `{{count}}`, `${x}`, `%{x}`, `%s`, `%1$d`, `%(name)s`, `%@`, `$t(key)` | [`PlaceableKind::Code`] |
//! | pairs of tags (`<b>`, `<0>`), `<br>`, `<x/>` | [`PlaceableKind::Tag`]; a tag alone stays text |
//! | `{n, plural, one{…} other{…}}`, `select`, `selectordinal` | a text for each branch |
//!
//! A message that has words around such a choice is one text, in which the syntax of the choice is
//! code: its branches are no sentences.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use regex::Regex;

use crate::{
    document::{Placeable, PlaceableKind, SegmentText},
    text::Span,
};

static SYNTAX: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
          </?[A-Za-z0-9][^<>\n]*>
        | \{\{ [^{}\n]{1,60} \}\}
        | [$%\#]? \{ [A-Za-z0-9_.]{1,40} \}
        | %(?:[0-9]\$)?[-+0]?[0-9]*(?:\.[0-9]+)?(?:l{0,2}[du]|[sifgxc])\b
        | %\([A-Za-z_]{1,40}\)[sd] | %@ | \$t\([^()\n]{1,80}\)
        ",
    )
    .expect("the pattern is valid")
});

/// Marks placeholders and tags as placeables.
pub(super) fn mark(text: &mut SegmentText) {
    let mut open: HashMap<String, Vec<Span>> = HashMap::new();
    for whole in SYNTAX.find_iter(&text.text) {
        let span = Span::new(whole.range());
        let Some(inner) = whole.as_str().strip_prefix('<') else {
            // `20%d` is a slip in running text.
            let before = text.text[..whole.start()].chars().next_back();
            let is_percentage = whole.as_str().starts_with('%')
                && before.is_some_and(|c| c.is_ascii_digit() || c == '%');
            if !is_percentage {
                text.placeables.push(Placeable { span, kind: PlaceableKind::Code });
            }
            continue;
        };
        let inner = inner.trim_end_matches('>');
        let end = |c: char| !c.is_ascii_alphanumeric() && c != '-';
        let name = inner.trim_start_matches('/').split(end).next().unwrap_or("");
        let name = name.to_ascii_lowercase();
        let tag = |span| Placeable { span, kind: PlaceableKind::Tag };
        if inner.ends_with('/') || ["br", "hr", "img", "wbr", "input"].contains(&&*name) {
            text.placeables.push(tag(span));
        } else if !inner.starts_with('/') {
            open.entry(name).or_default().push(span);
        } else if let Some(start) = open.get_mut(&name).and_then(Vec::pop) {
            text.placeables.extend([tag(start), tag(span)]);
        }
    }
    text.placeables.sort_by_key(|placeable| placeable.span.start);
}

/// The texts of a message: itself, or the branches of the choice that it is. Placeholders and tags
/// are marked.
pub(super) fn messages(text: SegmentText) -> Vec<SegmentText> {
    let mut out = Vec::new();
    branches(text, 0, &mut out);
    out
}

/// A choice in a choice is as deep as anybody goes.
const MAX_CHOICES: usize = 4;

fn branches(mut text: SegmentText, depth: usize, out: &mut Vec<SegmentText>) {
    let choice = Choice::find(&text.text);
    match choice {
        Some(choice) if depth < MAX_CHOICES && choice.is_all_of(&text.text) => {
            for branch in choice.branches {
                let span = Span::new(branch);
                let branch = SegmentText {
                    text: span.of(&text.text).to_owned(),
                    offsets: text.offsets.slice(span),
                    placeables: Vec::new(),
                };
                branches(branch, depth + 1, out);
            }
        }
        choice => {
            mark(&mut text);
            let syntax: Vec<Span> = choice
                .iter()
                .flat_map(|choice| choice.syntax.iter().cloned().map(Span::new))
                .collect();
            text.placeables.retain(|placeable| {
                let behind = syntax.partition_point(|span| span.end <= placeable.span.start);
                syntax.get(behind).is_none_or(|span| !span.overlaps(placeable.span))
            });
            let code = |span| Placeable { span, kind: PlaceableKind::Code };
            text.placeables.extend(syntax.into_iter().map(code));
            text.placeables.sort_by_key(|placeable| placeable.span.start);
            out.push(text);
        }
    }
}

/// Choices of ICU in a message.
#[derive(Debug, Default)]
struct Choice {
    /// What is no text: heads, selectors, closing braces. In order, not adjacent.
    syntax: Vec<Range<usize>>,
    /// The branches of the first choice.
    branches: Vec<Range<usize>>,
    /// Where the first choice ends.
    end: usize,
}

static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^\{\s*\w+\s*,\s*(?:plural|select|selectordinal)\s*,(?:\s*offset:[0-9]+)?";
    Regex::new(pattern).expect("the pattern is valid")
});

static SELECTOR: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\s*(?:=?[\w-]+)\s*\{").expect("the pattern is valid"));

impl Choice {
    /// The choices in `text`; `None` if there are none, or not all are closed.
    fn find(text: &str) -> Option<Self> {
        #[derive(PartialEq)]
        enum Inside {
            Choice,
            Branch(usize),
            Braces,
        }
        let mut found = Self::default();
        let mut stack: Vec<Inside> = Vec::new();
        if !text.contains(',') {
            return None;
        }
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            if stack.last() == Some(&Inside::Choice) {
                if let Some(selector) = SELECTOR.find(rest) {
                    found.add(at..at + selector.end());
                    at += selector.end();
                    stack.push(Inside::Branch(at));
                    continue;
                }
                let closing = rest.len() - rest.trim_start().len();
                if !rest[closing..].starts_with('}') {
                    return None;
                }
                found.add(at..at + closing + 1);
                at += closing + 1;
                stack.pop();
                if stack.is_empty() && found.end == 0 {
                    found.end = at;
                }
                continue;
            }
            let brace = rest.find(['{', '}']).unwrap_or(rest.len());
            at += brace;
            let rest = &text[at..];
            if let Some(head) = HEAD.find(rest) {
                found.add(at..at + head.end());
                at += head.end();
                stack.push(Inside::Choice);
            } else if rest.starts_with('{') {
                stack.push(Inside::Braces);
                at += 1;
            } else if rest.starts_with('}') {
                if let Some(Inside::Branch(start)) = stack.pop() {
                    found.add(at..at + 1);
                    if stack.len() == 1 && found.end == 0 {
                        found.branches.push(start..at);
                    }
                }
                at += 1;
            }
        }
        (stack.is_empty() && found.end > 0).then_some(found)
    }

    fn add(&mut self, range: Range<usize>) {
        match self.syntax.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.syntax.push(range),
        }
    }

    /// Whether nothing stands around the first choice.
    fn is_all_of(&self, text: &str) -> bool {
        let start = self.syntax.first().map_or(0, |range| range.start);
        text[..start].trim().is_empty() && text[self.end..].trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, Vec<String>)> {
        let texts = messages(SegmentText::contiguous(text, 0));
        let placeables = |text: &SegmentText| {
            text.placeables.iter().map(|p| p.span.of(&text.text).to_owned()).collect()
        };
        texts.iter().map(|text| (text.text.clone(), placeables(text))).collect()
    }

    #[track_caller]
    fn one(text: &str, placeables: &[&str]) {
        let placeables = placeables.iter().map(|text| (*text).to_owned()).collect();
        assert_eq!(read(text), [(text.to_owned(), placeables)]);
    }

    #[test]
    fn placeholders_and_pairs_of_tags() {
        one(
            "Halo {name}, {{n}} %s %1$s %(x)s %{y} $t(a.b) 100% {a, b}",
            &["{name}", "{{n}}", "%s", "%1$s", "%(x)s", "%{y}", "$t(a.b)"],
        );
        one(
            "<b>Ya</b> <br> <0>di <i>sini</0> <x/> 3 < 4 > 2",
            &["<b>", "</b>", "<br>", "<0>", "</0>", "<x/>"],
        );
        one("50%, 20%d 30% dari %%s", &[]);
    }

    #[test]
    fn choices() {
        let texts = |text: &str| read(text).into_iter().map(|(text, _)| text).collect::<Vec<_>>();
        assert_eq!(
            texts(" {n, plural, offset:1 =0{Tidak ada} one {Satu} other{{n} orang}} "),
            ["Tidak ada", "Satu", "{n} orang"]
        );
        assert_eq!(
            texts("{g, select, male{{n, plural, one{Dia} other{Mereka}}} other{Orang}}"),
            ["Dia", "Mereka", "Orang"]
        );
        one(
            "Ada {n, plural, one{# pesan} other{# pesan-pesan {x}}} di sini.",
            &["{n, plural, one{", "} other{", "{x}", "}}"],
        );
        // What is not closed is text.
        for text in ["{n, plural, one{a}", "{n, plural, }x", "{a, b} c", "}}{n, select, a{", ","] {
            assert_eq!(texts(text), [text], "{text}");
        }
    }
}
