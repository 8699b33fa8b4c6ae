//! JSON whose strings know where they stand.
//!
//! `serde_json` decides what is JSON: a value is read as its raw text (`RawValue`), which is a part
//! of the file and so has a place. Only the escapes of a string are decoded here, since no library
//! says which byte of the file a decoded byte stands for.

use std::{borrow::Cow, fmt, ops::Range};

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use crate::{
    document::{SegmentText, block::Builder},
    text::OffsetMap,
};

/// Deeper objects are not looked into: each level is scanned anew.
pub(super) const MAX_DEPTH: usize = 32;

/// A value, as written.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(super) struct Value<'t> {
    #[serde(borrow)]
    raw: &'t RawValue,
}

/// Whether `text` says in a string of JSON what it says. Messages of ICU have signs of their own.
pub(super) fn takes_raw(text: &str) -> bool {
    !text.contains(|c: char| c.is_control() || "\"\\'{}<>%".contains(c))
}

/// A key of an object and its value.
pub(super) type Member<'t> = (Cow<'t, str>, Value<'t>);

impl<'t> Value<'t> {
    /// The value at `range` of `text`, white space around it aside.
    ///
    /// # Errors
    /// What is wrong, and at which byte of `text`.
    pub(super) fn parse(text: &'t str, range: Range<usize>) -> Result<Self, (String, usize)> {
        let part = &text[range.clone()];
        serde_json::from_str(part).map_err(|error| {
            let full = error.to_string();
            // The line is counted in the part, not in the file.
            let message = full.rsplit_once(" at line ").map_or(&*full, |(message, _)| message);
            let lines = part.split_inclusive('\n').take(error.line().saturating_sub(1));
            let at = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
            (message.to_owned(), (range.start + at).min(range.end))
        })
    }

    fn text(self) -> &'t str {
        self.raw.get()
    }

    /// Its first byte in `file`, of which it is a part.
    pub(super) fn start(self, file: &str) -> usize {
        self.text().as_ptr() as usize - file.as_ptr() as usize
    }

    pub(super) fn is_string(self) -> bool {
        self.text().starts_with('"')
    }

    /// Whether it is an object or an array.
    pub(super) fn is_nested(self) -> bool {
        self.text().starts_with(['{', '['])
    }

    pub(super) fn is_null(self) -> bool {
        self.text() == "null"
    }

    /// Keys and values in the order of the file, if it is an object.
    pub(super) fn members(self) -> Option<Vec<Member<'t>>> {
        let object =
            self.text().starts_with('{').then(|| serde_json::from_str::<Members<'t>>(self.text()));
        Some(object?.ok()?.0)
    }

    /// The values, if it is an array.
    pub(super) fn items(self) -> Option<Vec<Self>> {
        let array = self.text().starts_with('[').then(|| serde_json::from_str(self.text()));
        array?.ok()
    }

    /// The content of a string, `None` for other values. `to_file` is the identity of `file`.
    ///
    /// Half of a surrogate pair (`\ud83d`) and NUL are U+FFFD.
    pub(super) fn string(self, file: &'t str, to_file: &'t OffsetMap) -> Option<SegmentText> {
        if !self.is_string() {
            return None;
        }
        let start = self.start(file);
        let content = start + 1..start + self.text().len() - 1;
        let mut builder = Builder::new(file, to_file);
        let mut at = content.start;
        while at < content.end {
            let rest = &file[at..content.end];
            let plain = rest.find('\\').unwrap_or(rest.len());
            if plain > 0 {
                builder.copy(at..at + plain);
                at += plain;
                continue;
            }
            let (c, len) = unescaped(rest);
            builder.decode(c.encode_utf8(&mut [0; 4]), at..at + len);
            at += len;
        }
        Some(builder.text)
    }
}

/// The character that the escape at the start of `text` stands for, and the bytes of the escape.
/// `serde_json` has let it through, so that it is one.
fn unescaped(text: &str) -> (char, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let c = match text.as_bytes().get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => {
            let units = [unit(0), unit(6)].map(|unit| unit.unwrap_or(0));
            return match char::decode_utf16(units).next() {
                Some(Ok(c)) if c != '\0' => (c, if c.len_utf16() == 2 { 12 } else { 6 }),
                _ => (char::REPLACEMENT_CHARACTER, 6),
            };
        }
        // `"`, `\` and `/` stand for themselves.
        Some(byte) => char::from(*byte),
        None => '\\',
    };
    (c, 2.min(text.len()))
}

/// The members of an object; a key may come twice.
struct Members<'t>(Vec<Member<'t>>);

/// A key; `Cow` alone would always be copied.
#[derive(Deserialize)]
#[serde(transparent)]
struct Key<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{FileSpan, Span};

    fn string(text: &str) -> SegmentText {
        let to_file = OffsetMap::contiguous(0, text.len());
        Value::parse(text, 0..text.len()).unwrap().string(text, &to_file).unwrap()
    }

    #[test]
    fn escapes_map_as_a_whole() {
        let file = r#"  "a\u00e9\ud83d\ude00\"b\/\\\n" "#;
        let text = string(file);
        assert_eq!(text.text, "aé😀\"b/\\\n");
        let place = |part: &str| {
            let start = text.text.find(part).unwrap();
            let FileSpan { start, end } =
                text.offsets.to_file(Span::new(start..start + part.len())).unwrap();
            &file[start as usize..end as usize]
        };
        assert_eq!(place("é"), r"\u00e9");
        assert_eq!(place("😀"), r"\ud83d\ude00");
        assert_eq!(place("\"b"), r#"\"b"#);
        assert_eq!(place("\n"), r"\n");
    }

    #[test]
    fn halves_of_pairs_and_nul_are_replaced() {
        assert_eq!(string(r#""a\ud83d b""#).text, "a\u{fffd} b");
        assert_eq!(string(r#""\ude00\ud83d""#).text, "\u{fffd}\u{fffd}");
        assert_eq!(string(r#""\ud83d\u0041""#).text, "\u{fffd}A");
        assert_eq!(string(r#""\u0000""#).text, "\u{fffd}");
    }

    #[test]
    fn what_is_no_json_has_a_place() {
        let wrong = |text: &str| Value::parse(text, 0..text.len()).unwrap_err();
        assert_eq!(wrong("{\"a\": \"\\q\"}").0, "invalid escape");
        assert_eq!(wrong("{\"é\":\n \"b\" x}").1, 12);
        assert!(wrong("{} {}").0.starts_with("trailing characters"));
        assert!(wrong("").0.starts_with("EOF"));
        // Nesting costs no stack.
        let deep = "[".repeat(1 << 16);
        assert!(wrong(&deep).0.starts_with("EOF"));
        let text = "{\"a\":1,\"\\u0061\":[true,\"x\"]}";
        let members = Value::parse(text, 0..text.len()).unwrap().members().unwrap();
        assert_eq!(members.len(), 2);
        assert_eq!(members[1].0, "a");
        let items = members[1].1.items().unwrap();
        assert_eq!(items[1].start(text), text.find("\"x\"").unwrap());
        assert!(members[0].1.members().is_none() && members[0].1.items().is_none());
    }
}
