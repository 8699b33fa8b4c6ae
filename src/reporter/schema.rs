//! The JSON Schema (draft 2020-12) of the JSON and JSONL contracts, published by `cermat schema`.

use serde_json::{Value, json};

/// What has a schema: formats of [`REPORTERS`](super::REPORTERS).
pub const SCHEMAS: [&str; 2] = ["json", "jsonl"];

/// The schema of a report of the format `json`, or of a line of the format `jsonl`; `None` for
/// others.
#[must_use]
pub fn schema(format: &str) -> Option<Value> {
    let root = match format {
        "json" => "#/$defs/report",
        "jsonl" => "#/$defs/line",
        _ => return None,
    };
    let mut schema: Value =
        serde_json::from_str(include_str!("schema.json")).expect("tests/reporters.rs reads it");
    schema["$ref"] = json!(root);
    Some(schema)
}
