//! Gettext catalogues: PO and POT files, as xgettext, translate-toolkit and Weblate write them.
//!
//! Each `msgstr` is a segment whose source is its `msgid`; a segment is not cut into sentences. Of a
//! plural, `msgstr[0]` stands against `msgid` where there are other forms, and the other forms
//! against `msgid_plural`; the only form of Indonesian stands for all numbers, so against
//! `msgid_plural`. Placeholders and tags are placeables (`message.rs`).
//!
//! Left out are the header, what is not translated, obsolete entries (`#~`), and **fuzzy** ones:
//! programs do not show them, and they are mostly the translation of an older source.
//!
//! Escapes are those of C; one that C does not have, and numbers (`\x41`), stay as they are. A line
//! that is not understood is a problem, and its entry is left out; the others are read.
//! `#. cermat:ignore …` and `# cermat:ignore …` hold for the next entry.

use std::{ops::Range, path::Path};

use super::{
    DocumentFormat, Problems, ReadOptions, body, has_extension, is_nameless, lines, message::mark,
};
use crate::{
    document::{
        Comments, Document, ReadError, SegmentText,
        block::{Builder, add_addresses},
    },
    text::OffsetMap,
};

/// Gettext catalogues: `.po` and `.pot`.
pub(super) struct Po;

impl DocumentFormat for Po {
    fn name(&self) -> &'static str {
        "po"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        has_extension(path, &["po", "pot"])
            || (is_nameless(path) && head.lines().any(|line| line.starts_with("msgid \"")))
    }

    fn comments(&self) -> Comments {
        Comments::Hash
    }

    fn takes_raw(&self, text: &str) -> bool {
        !text.contains(|c: char| c.is_control() || "\"\\%{}".contains(c))
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let to_file = OffsetMap::contiguous(0, text.len());
        let mut problems = Problems::default();
        let mut catalogue = Catalogue { document, options, block: 0, fuzzy: false };
        let mut entry = Entry::default();
        for line in lines(&text, body(&text)..text.len()) {
            let content = &text[line.clone()];
            if content.is_empty() {
                continue;
            }
            if let Some(comment) = content.strip_prefix('#') {
                if entry.is_begun() {
                    catalogue.push(std::mem::take(&mut entry));
                }
                if let Some(flags) = comment.strip_prefix(',') {
                    catalogue.fuzzy |= flags.split(',').any(|flag| flag.trim() == "fuzzy");
                } else if comment.starts_with('~') {
                    // The flags before belong to it.
                    catalogue.fuzzy = false;
                }
                continue;
            }
            if entry.ends_before(content) {
                catalogue.push(std::mem::take(&mut entry));
            }
            let result = entry.line(content).and_then(|(field, quoted)| {
                let start = line.end - quoted.len();
                let builder = entry
                    .field(field, quoted.len() < content.len(), || Builder::new(&text, &to_file))?;
                unquote(&text, start..line.end, builder).map_err(|at| (at.0, Some(at.1)))
            });
            if let Err((message, at)) = result {
                problems.add(catalogue.document, at.unwrap_or(line.start), message);
                entry.is_broken = true;
            }
        }
        catalogue.push(entry);
        problems.hand_to(document);
        document.text = text;
        Ok(())
    }
}

/// Takes entries.
struct Catalogue<'d> {
    document: &'d mut Document,
    options: &'d ReadOptions,
    block: u32,
    /// Whether the comments of the entry that comes say so.
    fuzzy: bool,
}

impl Catalogue<'_> {
    fn push(&mut self, entry: Entry<'_>) {
        let Entry { context, id, plural, mut forms, is_broken, .. } = entry;
        let fuzzy = std::mem::take(&mut self.fuzzy);
        let Some(id) = id.map(|id| id.text) else { return };
        // The header is the translation of nothing.
        let is_header = id.text.is_empty() && context.is_none();
        if fuzzy || is_broken || is_header {
            return;
        }
        let plural = plural.map(|plural| plural.text);
        forms.sort_by_key(|(number, _)| *number);
        let several = forms.len() > 1;
        let before = self.document.segments.len();
        for (number, form) in forms {
            let source = match &plural {
                Some(plural) if number > 0 || !several => plural,
                _ => &id,
            };
            let [source, target] = [source.clone(), form.text].map(finished);
            if let Some(target) = target {
                self.document.push(self.block, self.options.direction, source, target);
            }
        }
        self.block += u32::from(self.document.segments.len() > before);
    }
}

/// With what is to be carried over; `None` for a blank text.
fn finished(mut text: SegmentText) -> Option<SegmentText> {
    if text.text.trim().is_empty() {
        return None;
    }
    mark(&mut text);
    add_addresses(&mut text);
    Some(text)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Context,
    Id,
    Plural,
    /// `msgstr` and `msgstr[n]`.
    Form(u32),
}

/// What is wrong, and where if not at the start of the line.
type Wrong = (String, Option<usize>);

#[derive(Debug, Default)]
struct Entry<'t> {
    context: Option<Builder<'t>>,
    id: Option<Builder<'t>>,
    plural: Option<Builder<'t>>,
    forms: Vec<(u32, Builder<'t>)>,
    /// What a line that is only quoted goes on with.
    current: Option<Field>,
    is_broken: bool,
}

impl<'t> Entry<'t> {
    /// Whether comments before it are over.
    fn is_begun(&self) -> bool {
        self.current.is_some() || self.is_broken
    }

    /// Whether `line` begins another entry.
    fn ends_before(&self, line: &str) -> bool {
        match keyword(line) {
            Some((Field::Context, _)) => self.is_begun(),
            Some((Field::Id, _)) => {
                self.id.is_some() || (self.is_begun() && self.context.is_none())
            }
            _ => false,
        }
    }

    /// The field that a line is for, and its quoted part.
    fn line<'l>(&self, line: &'l str) -> Result<(Field, &'l str), Wrong> {
        match keyword(line) {
            Some(found) => Ok(found),
            None if line.starts_with('"') => match self.current {
                Some(field) => Ok((field, line)),
                None => Err(("a string without `msgid` or `msgstr` before it".to_owned(), None)),
            },
            None => Err((
                "expected a comment, `msgid`, `msgstr` or a quoted string; the entry is left out"
                    .to_owned(),
                None,
            )),
        }
    }

    /// The text of `field`, which a line begins or goes on with.
    fn field(
        &mut self,
        field: Field,
        begins: bool,
        new: impl FnOnce() -> Builder<'t>,
    ) -> Result<&mut Builder<'t>, Wrong> {
        self.current = Some(field);
        let slot = match field {
            Field::Context => &mut self.context,
            Field::Id => &mut self.id,
            Field::Plural => &mut self.plural,
            Field::Form(number) => {
                if self.id.is_none() {
                    return Err(("`msgstr` without `msgid`".to_owned(), None));
                }
                if begins {
                    if self.forms.iter().any(|(known, _)| *known == number) {
                        return Err((format!("a second `msgstr[{number}]` of one entry"), None));
                    }
                    self.forms.push((number, new()));
                }
                let (_, form) = self.forms.last_mut().expect("pushed when it began");
                return Ok(form);
            }
        };
        Ok(slot.get_or_insert_with(new))
    }
}

/// The field that a line begins, and what stands behind the keyword.
fn keyword(line: &str) -> Option<(Field, &str)> {
    let quoted = |rest: &'_ str| rest.starts_with([' ', '\t', '"']);
    for (name, field) in
        [("msgctxt", Field::Context), ("msgid_plural", Field::Plural), ("msgid", Field::Id)]
    {
        if let Some(rest) = line.strip_prefix(name).filter(|rest| quoted(rest)) {
            return Some((field, rest.trim_start()));
        }
    }
    let rest = line.strip_prefix("msgstr")?;
    if let Some(rest) = rest.strip_prefix('[') {
        let (number, rest) = rest.split_once(']')?;
        // Arabic has most, six.
        let number = number.trim().parse().ok().filter(|number| *number < 100)?;
        return Some((Field::Form(number), rest.trim_start()));
    }
    quoted(rest).then(|| (Field::Form(0), rest.trim_start()))
}

/// Appends the quoted string at `range`; or what is wrong, and where.
fn unquote(
    text: &str,
    range: Range<usize>,
    builder: &mut Builder<'_>,
) -> Result<(), (String, usize)> {
    let wrong = |message: &str, at| Err((format!("{message}; the entry is left out"), at));
    if !text[range.clone()].starts_with('"') {
        return wrong("expected a quoted string", range.start);
    }
    let mut at = range.start + 1;
    loop {
        let rest = &text[at..range.end];
        let plain = rest.find(['"', '\\']).unwrap_or(rest.len());
        builder.copy(at..at + plain);
        at += plain;
        let rest = &rest[plain..];
        if rest == "\"" {
            return Ok(());
        }
        if rest.is_empty() {
            return wrong("the quote is never closed", range.start);
        }
        if rest.starts_with('"') {
            return wrong("a quote in the middle of a string, write `\\\"`", at);
        }
        let c = match rest.as_bytes().get(1) {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'a') => '\u{7}',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'v') => '\u{b}',
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            _ => {
                builder.copy(at..at + 1);
                at += 1;
                continue;
            }
        };
        builder.decode(c.encode_utf8(&mut [0; 4]), at..at + 2);
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, problems, read, sources, targets};
    use super::*;

    #[test]
    fn entries_with_everything() {
        let text = "\u{feff}# Translators\r\n#, fuzzy\r\nmsgid \"\"\r\nmsgstr \"\"\r\n\"Language: id\\n\"\r\n\r\n\
                    #. note\r\n#: a.c:1\r\nmsgctxt \"menu\"\r\nmsgid \"Open \\\"%s\\\"\"\r\nmsgstr \"\"\r\n\"Buka \"\r\n\t\"\\\"%s\\\"\\n\"\r\n\r\n\
                    #, c-format, fuzzy\r\n#| msgid \"Old\"\r\nmsgid \"New\"\r\nmsgstr \"Lama\"\r\n\
                    msgid \"None\"\r\nmsgstr \"\"\r\n\
                    #, fuzzy\r\n#~ msgid \"Gone\"\r\n#~ msgstr \"Hilang\"\r\n\r\n\
                    msgid \"Last\"\r\nmsgstr \"Akhir\\q \\x41\"\r\n";
        let document = read(&Po, text);
        assert_eq!(problems(&document), []);
        assert_eq!(sources(&document), [Some("Open \"%s\""), Some("Last")]);
        assert_eq!(targets(&document), ["Buka \"%s\"\n", "Akhir\\q \\x41"]);
        assert_eq!(place(&document, 0, "Buka \"%s"), "Buka \"\r\n\t\"\\\"%s");
        assert_eq!(place(&document, 0, "%s"), "%s");
        assert_eq!(document.segments[0].target.placeables.len(), 1);
    }

    #[test]
    fn forms_of_plurals_have_their_own_sources() {
        let one = "msgid \"one file\"\nmsgid_plural \"%d files\"\nmsgstr[0] \"%d berkas\"\n";
        assert_eq!(sources(&read(&Po, one)), [Some("%d files")]);
        let two =
            "msgid \"one file\"\nmsgid_plural \"%d files\"\nmsgstr[1] \"B\"\nmsgstr[0] \"A\"\n";
        let document = read(&Po, two);
        assert_eq!(sources(&document), [Some("one file"), Some("%d files")]);
        assert_eq!(targets(&document), ["A", "B"]);
        assert_eq!(document.segments[0].block, document.segments[1].block);
        let empty = "msgctxt \"x\"\nmsgid \"\"\nmsgstr \"Kosong\"\n";
        assert_eq!(sources(&read(&Po, empty)), [None]);
    }

    #[test]
    fn a_bad_entry_is_a_problem_and_the_others_are_read() {
        let text = "msgid \"One\"\nmsgstr \"Satu\nmsgid \"Two\"\nmsgstr Dua\n\nmsgid \"Three\"\nmsgstr \"Ti\"ga\"\n\n\
                    msgstr \"Empat\"\nmsgid \"Five\"\nmsgstr \"Lima\"\nmsgstr \"Lagi\"\n\nmsgid \"Six\"\nx\nmsgstr \"Enam\"\n\
                    msgid \"Seven\"\nmsgstr \"Tujuh\"";
        let document = read(&Po, text);
        assert_eq!(targets(&document), ["Tujuh"]);
        let lines: Vec<u32> = problems(&document).iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 4, 7, 9, 12, 15]);
        assert_eq!(
            problems(&document)[2].1,
            "a quote in the middle of a string, write `\\\"`; the entry is left out"
        );
        let document = read(&Po, &"x\n".repeat(1000));
        assert_eq!(document.problems.len(), 21);
        assert!(read(&Po, "").segments.is_empty());
    }
}
