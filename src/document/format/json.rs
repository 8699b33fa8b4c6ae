//! JSON files of interface strings, as i18next, Vue I18n, FormatJS, Chrome or Rails-like tools keep
//! them: objects in objects, each string a message.
//!
//! They hold one language, so that only the target is known. Keys that begin with `@` (notes of
//! ARB) are left out with all that is under them, as are values that are no strings. Of an object
//! that describes a message, such as Chrome's `{"message": …, "description": …}`, only the message
//! is read. Messages are cut into sentences; placeholders and tags are placeables, and the
//! branches of an ICU plural are read one by one (`message.rs`).
//!
//! A file that is no JSON is not read. JSON has no comments, so that nothing can be suppressed in
//! the file: use a baseline.

use std::path::Path;

use super::{
    DocumentFormat, Problems, ReadOptions, body, has_extension, is_nameless,
    json_text::{self, MAX_DEPTH, Member, Value},
    message::messages,
    refusal,
};
use crate::{
    document::{Document, ReadError, block::Blocks},
    text::OffsetMap,
};

/// Strings of an interface: `.json`.
pub(super) struct Json;

impl DocumentFormat for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        let begins = |head: &str| {
            head.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
        };
        has_extension(path, &["json"])
            || (is_nameless(path) && begins(head[body(head)..].trim_start()))
    }

    fn takes_raw(&self, text: &str) -> bool {
        json_text::takes_raw(text)
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        read_strings(document, options)
    }
}

/// Reads every message of a JSON file.
pub(super) fn read_strings(
    document: &mut Document,
    options: &ReadOptions,
) -> Result<(), ReadError> {
    let text = std::mem::take(&mut document.text);
    if text[body(&text)..].trim().is_empty() {
        document.text = text;
        return Ok(());
    }
    let wrong = |message: String, at| refusal(document, at, message);
    let value = Value::parse(&text, body(&text)..text.len()).map_err(|(message, at)| {
        let hint = if message.starts_with("trailing") {
            "; JSON Lines are read with --input-format jsonl"
        } else {
            ""
        };
        wrong(format!("not JSON: {message}{hint}"), at)
    })?;
    let members = value.members().ok_or_else(|| {
        wrong("expected an object of strings, `{…}`".to_owned(), value.start(&text))
    })?;
    let to_file = OffsetMap::contiguous(0, text.len());
    let mut strings = Vec::new();
    let mut deep = Vec::new();
    collect(members, 0, &mut strings, &mut deep);
    let mut problems = Problems::default();
    for value in deep {
        let message = format!("objects are read {MAX_DEPTH} levels deep; this one is left out");
        problems.add(document, value.start(&text), message);
    }
    problems.hand_to(document);
    let mut blocks = Blocks::new(document, options);
    for value in strings {
        let string = value.string(&text, &to_file);
        for message in string.into_iter().flat_map(messages) {
            blocks.push(message);
        }
    }
    document.text = text;
    Ok(())
}

/// Keys of the text of a message that is an object.
const MESSAGE: &[&str] = &["message", "defaultMessage", "string"];
/// Keys beside it that are no text of the interface.
const ABOUT: &[&str] = &[
    "description",
    "placeholders",
    "context",
    "developer_comment",
    "character_limit",
    "id",
    "hash",
];

/// The strings among `members` and below, in their order, and what lies too deep.
fn collect<'t>(
    members: Vec<Member<'t>>,
    depth: usize,
    strings: &mut Vec<Value<'t>>,
    deep: &mut Vec<Value<'t>>,
) {
    let is = |list: &[&str], (key, _): &Member<'_>| list.contains(&&**key);
    let describes = members.iter().any(|member| is(MESSAGE, member) && member.1.is_string())
        && members.iter().any(|member| is(ABOUT, member))
        && members.iter().all(|member| is(MESSAGE, member) || is(ABOUT, member));
    for member in members {
        if member.0.starts_with('@') || (describes && is(ABOUT, &member)) {
            continue;
        }
        descend(member.1, depth, strings, deep);
    }
}

fn descend<'t>(
    value: Value<'t>,
    depth: usize,
    strings: &mut Vec<Value<'t>>,
    deep: &mut Vec<Value<'t>>,
) {
    if value.is_string() {
        strings.push(value);
    } else if !value.is_nested() {
    } else if depth == MAX_DEPTH {
        deep.push(value);
    } else if let Some(members) = value.members() {
        collect(members, depth + 1, strings, deep);
    } else {
        for item in value.items().into_iter().flatten() {
            descend(item, depth + 1, strings, deep);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tester::{place, problems, read, read_with, targets};
    use super::*;
    use crate::text::Direction;

    #[test]
    fn strings_at_every_level_in_the_order_of_the_file() {
        let text = "\u{feff}{\r\n \"a\": {\"b\": \"Satu. Dua \\\"x\\\".\", \"n\": 3, \"c\": [\"Tiga\", null]},\r\n \
                    \"@a\": {\"description\": \"Note\"}, \"@@locale\": \"id\", \"empty\": \" \",\r\n \"d\": \"Empat\"}";
        let document = read(&Json, text);
        assert_eq!(targets(&document), ["Satu.", "Dua \"x\".", "Tiga", "Empat"]);
        let blocks: Vec<u32> = document.segments.iter().map(|segment| segment.block).collect();
        assert_eq!(blocks, [0, 0, 1, 2]);
        assert_eq!(place(&document, 1, "\"x\""), "\\\"x\\\"");
        assert_eq!(document.line(document.segments[3].id), 4);
    }

    #[test]
    fn of_a_described_message_only_the_message() {
        let text = r#"{"a": {"message": "Halo", "description": "Greeting", "placeholders": {"x": {"content": "$1"}}},
            "b": {"description": "Uraian", "title": "Judul"}, "c": {"message": "Pesan"}}"#;
        assert_eq!(targets(&read(&Json, text)), ["Halo", "Uraian", "Judul", "Pesan"]);
    }

    #[test]
    fn what_is_no_object_is_refused_with_its_line() {
        let error = |text: &str| {
            read_with(&Json, text, &ReadOptions::new(Direction::EnId)).unwrap_err().to_string()
        };
        assert_eq!(error("[\"a\"]"), "`test`, line 1: expected an object of strings, `{…}`");
        let text = "{\"a\": \"b\",\r\n\r\n \"c\": \"\\x\"}";
        assert_eq!(error(text), "`test`, line 3: not JSON: invalid escape");
        assert!(error("{\"a\": \"b\"}\n{\"a\": \"c\"}").ends_with("--input-format jsonl"));
        assert!(read(&Json, "").segments.is_empty());
        assert!(read(&Json, "{}").segments.is_empty());
        for unit in ["{a, plural, b{", "{n, select, other{a}}", "<b>", "{{a}}", "%s ", "a\\n", "}"]
        {
            let text = format!("{{\"a\": \"{}\"}}", unit.repeat((1 << 18) / unit.len()));
            let start = std::time::Instant::now();
            assert!(!read(&Json, &text).segments.is_empty());
            assert!(start.elapsed().as_secs() < 10, "{unit:?}");
        }
        let deep = format!("{}\"x\"{}", "{\"a\":".repeat(40), "}".repeat(40));
        let document = read(&Json, &deep);
        assert_eq!(
            problems(&document),
            [(1, "objects are read 32 levels deep; this one is left out")]
        );
    }
}
