//! JSON Lines: an object a line, a segment an object.
//!
//! The fields are chosen by [`ReadOptions::source_field`] and [`ReadOptions::target_field`]: a key,
//! or keys and places in arrays joined by stops (`translations.0.text`). Otherwise those named as
//! the columns of a table are taken (`source`, `src`; `target`, `translation`, `mt`,
//! `hypothesis`), or `en` and `id` together, sides by the direction; also inside an object
//! `translation`, as data sets have it. `id` alone is the number of a record.
//!
//! A text is not cut into sentences. A line that is no object, or lacks its target, is a problem;
//! the other lines are read. A blank line is none. JSON has no comments, so that nothing can be
//! suppressed in the file: use a baseline.

use std::{ops::Range, path::Path};

use super::{
    DocumentFormat, Problems, ReadOptions, body,
    columns::{SOURCE, TARGET, names_of},
    has_extension, is_nameless,
    json_text::{self, MAX_DEPTH, Member, Value},
    lines, refusal,
};
use crate::{
    document::{Document, ReadError, SegmentText, block::add_addresses},
    text::{Direction, OffsetMap},
};

/// JSON Lines: `.jsonl` and `.ndjson`.
pub(super) struct Jsonl;

impl DocumentFormat for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        let whole = |head: &str| {
            let (line, _) = head.split_once('\n').unwrap_or((head, ""));
            line.starts_with('{') && line.trim_end().ends_with('}')
        };
        has_extension(path, &["jsonl", "ndjson"])
            || (is_nameless(path) && whole(&head[body(head)..]))
    }

    fn takes_raw(&self, text: &str) -> bool {
        json_text::takes_raw(text)
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let to_file = OffsetMap::contiguous(0, text.len());
        let mut problems = Problems::default();
        let mut block = 0;
        let mut first_wrong = None;
        for line in lines(&text, body(&text)..text.len()).filter(|line| !line.is_empty()) {
            match record(&text, &to_file, line, options) {
                Ok((source, target)) => {
                    document.push(block, options.direction, source, target);
                    block += 1;
                }
                Err((message, at)) => {
                    first_wrong.get_or_insert_with(|| (message.clone(), at));
                    problems.add(document, at, message);
                }
            }
        }
        document.text = text;
        match first_wrong {
            // A field that no line has is a wrong option, not many wrong lines.
            Some((message, at)) if block == 0 => Err(refusal(document, at, message)),
            _ => {
                problems.hand_to(document);
                Ok(())
            }
        }
    }
}

type Pair = (Option<SegmentText>, SegmentText);

/// Source and target of the object on a line, or what is wrong and where.
fn record(
    text: &str,
    to_file: &OffsetMap,
    line: Range<usize>,
    options: &ReadOptions,
) -> Result<Pair, (String, usize)> {
    let start = line.start;
    let value = Value::parse(text, line).map_err(|(message, at)| {
        (format!("not JSON: {message} at byte {at}; the line is left out"), at)
    })?;
    let Some(members) = value.members() else {
        return Err(("expected an object, `{…}`; the line is left out".to_owned(), start));
    };
    let named = |field: &Option<String>| {
        let Some(field) = field else { return Ok(None) };
        let found = member(&members, field, 0);
        let missing = || format!("no field `{field}`; there are {}", keys(&members));
        found.map(Some).ok_or_else(|| (missing(), start))
    };
    let (source, target) = (named(&options.source_field)?, named(&options.target_field)?);
    let (known_source, known_target) = match (source, target) {
        (Some(_), Some(_)) => (None, None),
        _ => known(&members, options.direction, 0),
    };
    let Some(target) = target.or(known_target) else {
        let there = keys(&members);
        return Err((
            format!("no known target field; say --target-field; there are {there}"),
            start,
        ));
    };
    let read = |value: Value<'_>, side: &str| {
        if value.is_null() {
            return Ok(None);
        }
        let Some(mut read) = value.string(text, to_file) else {
            return Err((
                format!("the {side} is no string; the line is left out"),
                value.start(text),
            ));
        };
        add_addresses(&mut read);
        Ok(Some(read).filter(|read| !read.text.trim().is_empty()))
    };
    let empty = || ("the target is empty; translate it or delete the line".to_owned(), start);
    let target_text = read(target, "target")?.ok_or_else(empty)?;
    let source = source.or(known_source).filter(|source| source.start(text) != target.start(text));
    let source = source.map(|source| read(source, "source")).transpose()?.flatten();
    Ok((source, target_text))
}

/// The keys of an object, for a message.
fn keys(members: &[Member<'_>]) -> String {
    const SHOWN: usize = 12;
    let names = members.iter().take(SHOWN).map(|(key, _)| format!("`{key}`"));
    let mut names: Vec<String> = names.collect();
    if names.is_empty() {
        return "none".to_owned();
    }
    if members.len() > SHOWN {
        names.push("…".to_owned());
    }
    names.join(", ")
}

/// What stands under `path`: a key, or keys and places joined by stops. Of two equal keys the last
/// counts, as in every reader of JSON.
fn member<'t>(members: &[Member<'t>], path: &str, depth: usize) -> Option<Value<'t>> {
    let find = |key: &str| members.iter().rfind(|(known, _)| known == key).map(|(_, value)| *value);
    find(path).or_else(|| {
        let (key, rest) = path.split_once('.')?;
        inside(find(key)?, rest, depth + 1)
    })
}

fn inside<'t>(value: Value<'t>, path: &str, depth: usize) -> Option<Value<'t>> {
    if depth > MAX_DEPTH {
        return None;
    }
    if let Some(members) = value.members() {
        return member(&members, path, depth);
    }
    let items = value.items()?;
    let (place, rest) =
        path.split_once('.').map_or((path, None), |(place, rest)| (place, Some(rest)));
    let item = *items.get(place.parse::<usize>().ok()?)?;
    rest.map_or(Some(item), |rest| inside(item, rest, depth + 1))
}

/// Source and target by names that everybody uses.
fn known<'t>(
    members: &[Member<'t>],
    direction: Direction,
    depth: usize,
) -> (Option<Value<'t>>, Option<Value<'t>>) {
    let find = |list: &[&str]| {
        list.iter().find_map(|name| {
            let is_text = |value: Value<'_>| value.is_string() || value.is_null();
            let called =
                |(key, value): &&Member<'_>| key.eq_ignore_ascii_case(name) && is_text(*value);
            members.iter().rfind(called).map(|(_, value)| *value)
        })
    };
    let (source, target) = (find(SOURCE), find(TARGET));
    let of_source = find(names_of(direction.source()));
    let of_target = find(names_of(direction.target()));
    match (source, target, of_source, of_target) {
        (Some(source), Some(target), ..) => (Some(source), Some(target)),
        (None, Some(target), Some(source), _) if !is_number_name(direction, true) => {
            (Some(source), Some(target))
        }
        (Some(source), None, _, Some(target)) if !is_number_name(direction, false) => {
            (Some(source), Some(target))
        }
        (None, None, Some(source), Some(target)) => (Some(source), Some(target)),
        (_, Some(target), ..) => (source, Some(target)),
        _ if depth == 0 => {
            let nested = members.iter().find(|(key, _)| key == "translation");
            let nested = nested.and_then(|(_, value)| value.members());
            nested.map_or((None, None), |nested| known(&nested, direction, 1))
        }
        _ => (None, None),
    }
}

/// Whether the language of a side is called `id`, as records are numbered.
fn is_number_name(direction: Direction, source: bool) -> bool {
    let language = if source { direction.source() } else { direction.target() };
    names_of(language).contains(&"id")
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, problems, read, read_in, read_with, sources, targets};
    use super::*;

    #[test]
    fn known_names_make_sides() {
        let text = "\u{feff}{\"source\": \"One\", \"mt\": \"Satu\"}\r\n\r\n\
                    {\"id\": \"7\", \"src\": null, \"target\": \"Dua \\\"x\\\"\"}\r\
                    {\"id\": \"Tiga\", \"en\": \"Three\"}\n\
                    {\"translation\": {\"en\": \"Four\", \"id\": \"Empat\"}}\n\
                    {\"id\": 5, \"translation\": \"Lima\", \"en\": \"Five\"}";
        let document = read(&Jsonl, text);
        assert_eq!(problems(&document), []);
        assert_eq!(
            sources(&document),
            [Some("One"), None, Some("Three"), Some("Four"), Some("Five")]
        );
        assert_eq!(targets(&document), ["Satu", "Dua \"x\"", "Tiga", "Empat", "Lima"]);
        assert_eq!(place(&document, 1, "\"x"), "\\\"x");
        assert_eq!(document.line(document.segments[1].id), 3);
        let document = read_in(&Jsonl, "{\"id\": \"Satu\", \"en\": \"One\"}", Direction::IdEn);
        assert_eq!((sources(&document), targets(&document)), (vec![Some("Satu")], vec!["One"]));
        // The number of a record is no text.
        let document = read_in(&Jsonl, "{\"id\": \"q1\", \"mt\": \"One\"}", Direction::IdEn);
        assert_eq!((sources(&document), targets(&document)), (vec![None], vec!["One"]));
        assert!(
            read_with(
                &Jsonl,
                "{\"id\": \"q1\", \"source\": \"One\"}",
                &ReadOptions::new(Direction::EnId)
            )
            .is_err()
        );
    }

    #[test]
    fn options_name_fields() {
        let options = ReadOptions {
            source_field: Some("q.text".to_owned()),
            target_field: Some("out.0.a.b".to_owned()),
            ..ReadOptions::new(Direction::EnId)
        };
        let text = "{\"q\": {\"text\": \"One\"}, \"out\": [{\"a.b\": \"Satu\"}]}\n\
                    {\"q\": {}, \"out\": [{\"a\": {\"b\": \"Dua\"}}]}\n\
                    {\"q.text\": \"Three\", \"out\": [{\"a\": {\"b\": \"Tiga\"}}]}\n";
        let document = read_with(&Jsonl, text, &options).unwrap();
        assert_eq!(sources(&document), [Some("One"), Some("Three")]);
        assert_eq!(targets(&document), ["Satu", "Tiga"]);
        assert_eq!(problems(&document), [(2, "no field `q.text`; there are `q`, `out`")]);
        let error = read_with(&Jsonl, "\n{\"a\": 1}\n", &options).unwrap_err().to_string();
        assert_eq!(error, "`test`, line 2: no field `q.text`; there are `a`");
    }

    #[test]
    fn a_bad_line_is_a_problem_and_the_others_are_read() {
        let text = "{\"mt\": \"Satu\"}\n{\"mt\": \"\\q\"}\n[1]\n{\"mt\": 3}\n{\"mt\": \" \"}\n{\"mt\":\n{\"mt\": \"Dua\"}";
        let document = read(&Jsonl, text);
        assert_eq!(targets(&document), ["Satu", "Dua"]);
        let lines: Vec<u32> = problems(&document).iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6]);
        let messages: Vec<&str> = problems(&document).iter().map(|(_, message)| *message).collect();
        assert!(messages[0].starts_with("not JSON: invalid escape at byte 2"), "{messages:?}");
        assert_eq!(messages[1], "expected an object, `{…}`; the line is left out");
        assert!(messages[2].starts_with("no known target field"), "{messages:?}");
        let many = format!("{}{{\"mt\": \"Dua\"}}", "x\n".repeat(100));
        let document = read(&Jsonl, &many);
        assert_eq!((targets(&document), document.problems.len()), (vec!["Dua"], 21));
        assert!(read(&Jsonl, "\u{feff}\r\n").segments.is_empty());
    }
}
