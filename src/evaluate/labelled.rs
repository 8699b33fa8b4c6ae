//! Labelled data: JSON Lines, an object an item.
//!
//! | key (or one of) | value |
//! | --- | --- |
//! | `target`, `text`, `mt`, `worse`, `hypothesis` | the translation that is judged |
//! | `source`, `en`, `src` | what it translates; may be missing |
//! | `better`, `human`, `corrected`, `reference` | a translation that should score higher |
//! | `score` | what people gave the target; any scale, higher is better |
//! | `spans` | list of objects with `start`, `end`, and if they like `class`, `confidence` |
//! | `start`, `end`, `class` | the same for one span, without the list |
//! | `label` | `clean`: nothing in the target is wrong |
//!
//! Offsets count code points of the target, or UTF-8 bytes when asked for. A span of confidence
//! `low` counts neither as missed nor as found. Other keys may group the figures.

use std::{io::BufRead, ops::Range};

use serde_json::{Map, Value};

/// A span that people marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledSpan {
    /// UTF-8 bytes of the target.
    pub range: Range<usize>,
    /// What kind of error.
    pub class: String,
    /// Whether it counts.
    pub counts: bool,
    /// The other keys of the span, for grouping.
    pub keys: Map<String, Value>,
}

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its line, from 1.
    pub line: usize,
    /// What was translated.
    pub source: Option<String>,
    /// The translation that is judged.
    pub target: String,
    /// A better one.
    pub better: Option<String>,
    /// What people gave it.
    pub score: Option<f64>,
    /// What is wrong with it, empty where nothing is; `None` where nobody said.
    pub spans: Option<Vec<LabelledSpan>>,
    /// Everything, for grouping.
    pub keys: Map<String, Value>,
}

/// How offsets count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offsets {
    /// Unicode code points.
    CodePoints,
    /// UTF-8 bytes.
    Bytes,
}

/// A line that is no item.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct LabelError {
    /// From 1.
    pub line: usize,
    /// What is wrong, and what is expected.
    pub message: String,
}

const TARGET: &[&str] = &["target", "text", "mt", "worse", "hypothesis"];
const SOURCE: &[&str] = &["source", "en", "src"];
const BETTER: &[&str] = &["better", "human", "corrected", "reference"];

/// Reads items; empty lines are left out.
///
/// # Errors
/// [`LabelError`] for the first line that is not an item, or that cannot be read.
pub fn read(input: impl BufRead, offsets: Offsets) -> Result<Vec<Item>, LabelError> {
    let mut items = Vec::new();
    for (line, text) in (1..).zip(input.lines()) {
        let failed = |message: String| LabelError { line, message };
        let text = text.map_err(|error| failed(error.to_string()))?;
        if text.trim().is_empty() {
            continue;
        }
        let value = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
        let Value::Object(keys) = value else {
            return Err(failed("not a JSON object".to_owned()));
        };
        items.push(item(line, keys, offsets).map_err(failed)?);
    }
    Ok(items)
}

fn item(line: usize, keys: Map<String, Value>, offsets: Offsets) -> Result<Item, String> {
    let text = |names: &[&str]| -> Result<Option<String>, String> {
        match names.iter().find_map(|name| Some((name, keys.get(*name)?))) {
            None | Some((_, Value::Null)) => Ok(None),
            Some((_, Value::String(text))) => Ok(Some(text.clone())),
            Some((name, _)) => Err(format!("`{name}` is not a string")),
        }
    };
    let target =
        text(TARGET)?.ok_or_else(|| format!("no target: one of `{}`", TARGET.join("`, `")))?;
    let mut spans = match keys.get("spans") {
        None => None,
        Some(Value::Array(list)) => {
            let list = list.iter().map(|span| match span {
                Value::Object(keys) => labelled_span(keys, &target, offsets),
                _ => Err("`spans` holds something that is not an object".to_owned()),
            });
            Some(list.collect::<Result<Vec<_>, _>>()?)
        }
        Some(_) => return Err("`spans` is not a list".to_owned()),
    };
    if keys.get("label").is_some_and(|label| label == "clean") {
        spans = Some(Vec::new());
    } else if spans.is_none() && keys.get("start").is_some_and(Value::is_u64) {
        spans = Some(vec![labelled_span(&keys, &target, offsets)?]);
    }
    let score = match keys.get("score") {
        None | Some(Value::Null) => None,
        Some(score) => Some(score.as_f64().ok_or("`score` is not a number")?),
    };
    let (source, better) = (text(SOURCE)?, text(BETTER)?);
    Ok(Item { line, source, target, better, score, spans, keys })
}

fn labelled_span(
    keys: &Map<String, Value>,
    target: &str,
    offsets: Offsets,
) -> Result<LabelledSpan, String> {
    let at = |name: &str| -> Result<usize, String> {
        let count = keys.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let count = count.ok_or_else(|| format!("`{name}` of a span is not a whole number"))?;
        let byte = match offsets {
            Offsets::Bytes => Some(count).filter(|byte| target.is_char_boundary(*byte)),
            Offsets::CodePoints => target
                .char_indices()
                .map(|(byte, _)| byte)
                .chain(std::iter::once(target.len()))
                .nth(count),
        };
        byte.ok_or_else(|| format!("`{name}` of a span, {count}, is not a place in the target"))
    };
    let (start, end) = (at("start")?, at("end")?);
    if start > end {
        return Err("a span ends before it begins".to_owned());
    }
    let string = |name: &str| keys.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(LabelledSpan {
        range: start..end,
        class: string("class").or_else(|| string("category")).unwrap_or_default(),
        counts: string("confidence").is_none_or(|confidence| confidence != "low"),
        keys: keys.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Result<Item, LabelError> {
        read(text.as_bytes(), Offsets::CodePoints).map(|mut items| items.remove(0))
    }

    #[test]
    fn aliases_and_offsets() {
        let item = one(
            r#"{"en": "x", "mt": "é dan dan", "human": "é dan", "spans":
                [{"start": 2, "end": 9, "class": "loop"}, {"start": 0, "end": 1, "confidence": "low"}]}"#
                .replace('\n', " ")
                .as_str(),
        )
        .unwrap();
        assert_eq!((item.source.as_deref(), item.better.as_deref()), (Some("x"), Some("é dan")));
        let spans = item.spans.unwrap();
        assert_eq!(&item.target[spans[0].range.clone()], "dan dan");
        assert_eq!(spans[0].class, "loop");
        assert!(spans[0].counts && !spans[1].counts);

        let item = one(r#"{"text": "dan dan", "label": "artifact", "start": 0, "end": 7}"#);
        assert_eq!(item.unwrap().spans.unwrap().len(), 1);
        let item = one(r#"{"text": "anak-anak", "label": "clean", "start": 0, "end": 4}"#);
        assert_eq!(item.unwrap().spans.unwrap(), []);
        assert_eq!(one(r#"{"target": "x"}"#).unwrap().spans, None);
    }

    #[test]
    fn what_is_wrong_and_where() {
        let error = |text: &str| one(text).unwrap_err().to_string();
        assert!(error("{\"target\": \"x\"}\n\n{").starts_with("line 3: "));
        assert_eq!(error("[]"), "line 1: not a JSON object");
        assert!(error("{}").starts_with("line 1: no target: one of `target`"));
        assert_eq!(error(r#"{"target": 1}"#), "line 1: `target` is not a string");
        let error = error(r#"{"target": "x", "spans": [{"start": 0, "end": 2}]}"#);
        assert_eq!(error, "line 1: `end` of a span, 2, is not a place in the target");
    }
}
