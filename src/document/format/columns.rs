//! Which columns of a table, and which fields of a record, are source and target.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, de};

use super::ReadOptions;
use crate::{
    document::{SegmentText, block::add_addresses},
    text::{Direction, Language},
};

/// A column, as an option names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// By its place, from 1.
    Number(usize),
    /// By its name in the header, in any case.
    Name(String),
}

impl FromStr for Column {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim() {
            "" => Err("give the name of a column or its number".to_owned()),
            text if text.bytes().all(|byte| byte.is_ascii_digit()) => match text.parse() {
                Ok(0) => Err("columns are counted from 1".to_owned()),
                Ok(number) => Ok(Self::Number(number)),
                Err(error) => Err(error.to_string()),
            },
            name => Ok(Self::Name(name.to_owned())),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Column;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a column or its number, from 1")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Column, E> {
                name.parse().map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Column, E> {
                match usize::try_from(number) {
                    Ok(number) if number > 0 => Ok(Column::Number(number)),
                    _ => Err(E::custom("columns are counted from 1")),
                }
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// Which columns hold source and target, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) source: Option<usize>,
    pub(super) target: usize,
    /// Whether the first row names the columns.
    pub(super) has_header: bool,
}

impl Columns {
    /// The columns of a table that begins with the fields `first`; `is_wide`: it has more than one.
    ///
    /// What the options leave open is found by the header, or is the first and the second column,
    /// or the only one.
    pub(super) fn find(
        first: &[&str],
        is_wide: bool,
        options: &ReadOptions,
    ) -> Result<Self, String> {
        let names: Vec<String> = first.iter().map(|name| name.trim().to_lowercase()).collect();
        let known = Known::of(&names, options.direction);
        let wanted = [&options.source_column, &options.target_column];
        let by_name = wanted.iter().any(|column| matches!(column, Some(Column::Name(_))));
        let has_header = known.is_header(&names) || by_name;
        let listed = || {
            let names: Vec<String> =
                first.iter().map(|name| format!("`{}`", name.trim())).collect();
            names.join(", ")
        };
        let place = |column: &Column| match column {
            Column::Number(number) => Ok(number - 1),
            Column::Name(name) => {
                let lower = name.to_lowercase();
                let found = names.iter().position(|known| *known == lower);
                found.ok_or_else(|| format!("no column is called `{name}`; there are {}", listed()))
            }
        };
        let target = match &options.target_column {
            Some(column) => place(column)?,
            None if has_header => known.target.ok_or_else(|| {
                format!("which column is the target? Say --target-column; there are {}", listed())
            })?,
            None => usize::from(is_wide),
        };
        let source = match &options.source_column {
            Some(column) if place(column)? == target => {
                return Err(format!("column {} is both source and target", target + 1));
            }
            Some(column) => Some(place(column)?),
            None if has_header => known.source,
            None => is_wide.then_some(0),
        };
        Ok(Self { source: source.filter(|source| *source != target), target, has_header })
    }

    /// Source and target of a row of `found` fields, or what is wrong with it. `hint` says how
    /// columns are written.
    pub(super) fn pick(
        self,
        found: usize,
        hint: &str,
        field: impl Fn(usize) -> SegmentText,
    ) -> Result<(Option<SegmentText>, SegmentText), String> {
        let expected = self.target.max(self.source.unwrap_or(0)) + 1;
        if found < expected {
            let columns = if expected == 1 { "column" } else { "columns" };
            return Err(format!(
                "expected at least {expected} {columns} ({self}), found {found}; {hint}"
            ));
        }
        let filled = |column| {
            let mut field = field(column);
            add_addresses(&mut field);
            Some(field).filter(|field| !field.text.trim().is_empty())
        };
        let target = filled(self.target).ok_or_else(|| {
            format!(
                "the target (column {}) is empty; translate it or delete the row",
                self.target + 1
            )
        })?;
        Ok((self.source.and_then(filled), target))
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source {
            Some(source) => write!(f, "source in {}, target in {}", source + 1, self.target + 1),
            None => write!(f, "target in {}", self.target + 1),
        }
    }
}

pub(super) const SOURCE: &[&str] =
    &["source", "src", "source text", "source_text", "sumber", "teks sumber"];
pub(super) const TARGET: &[&str] = &[
    "target",
    "tgt",
    "target text",
    "target_text",
    "translation",
    "terjemahan",
    "mt",
    "hypothesis",
    "hyp",
];
const ENGLISH: &[&str] = &["en", "eng", "eng_latn", "english", "inggris"];
const INDONESIAN: &[&str] = &["id", "ind", "ind_latn", "indonesian", "indonesia"];
/// Columns that go with others and say that a row is a header.
const OTHER: &[&str] = &[
    "line",
    "segment",
    "number",
    "no",
    "key",
    "file",
    "score",
    "domain",
    "context",
    "note",
    "notes",
    "comment",
    "reference",
    "ref",
    "back_translation",
    "location",
    "fuzzy",
    "translator_comments",
    "developer_comments",
];

/// Names of the columns of a language, in lower case.
pub(super) fn names_of(language: Language) -> &'static [&'static str] {
    match language {
        Language::En => ENGLISH,
        Language::Id => INDONESIAN,
    }
}

/// What the names of a row, in lower case, tell.
#[derive(Debug, Clone, Copy)]
struct Known {
    source: Option<usize>,
    target: Option<usize>,
}

impl Known {
    fn of(names: &[String], direction: Direction) -> Self {
        // The first name of a list that is there: `target` goes before `mt`.
        let find = |list: &[&str]| {
            list.iter().find_map(|wanted| names.iter().position(|name| name == wanted))
        };
        let target = find(TARGET).or_else(|| find(names_of(direction.target())));
        let source = find(SOURCE).or_else(|| find(names_of(direction.source())));
        Self { source: source.filter(|source| Some(*source) != target), target }
    }

    /// One known name among others may be a text that happens to be that word.
    fn is_header(self, names: &[String]) -> bool {
        let is_known = |name: &String| {
            [SOURCE, TARGET, ENGLISH, INDONESIAN, OTHER]
                .iter()
                .any(|list| list.contains(&name.as_str()))
        };
        self.target.is_some() && (self.source.is_some() || names.iter().all(is_known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(row: &str, direction: Direction) -> Columns {
        let fields: Vec<&str> = row.split('\t').collect();
        Columns::find(&fields, fields.len() > 1, &ReadOptions::new(direction)).unwrap()
    }

    #[test]
    fn a_row_of_text_is_no_header() {
        for row in ["Target\tSasaran", "Translation\tHasil", "Halo\tHello", ""] {
            assert!(!find(row, Direction::EnId).has_header, "{row}");
        }
        assert_eq!(find("id\tsource\ttarget", Direction::EnId).target, 2);
        assert!(find("target", Direction::EnId).has_header);
    }

    #[test]
    fn options_choose_columns() {
        let find = |row: &str, source: Option<&str>, target: Option<&str>| {
            let fields: Vec<&str> = row.split('\t').collect();
            let column = |name: Option<&str>| name.map(|name| name.parse().unwrap());
            let options = ReadOptions {
                source_column: column(source),
                target_column: column(target),
                ..ReadOptions::new(Direction::EnId)
            };
            let columns = Columns::find(&fields, fields.len() > 1, &options)?;
            Ok::<_, String>((columns.source, columns.target, columns.has_header))
        };
        assert_eq!(find("Teks\tHasil\tx", Some("teks"), Some("HASIL")), Ok((Some(0), 1, true)));
        assert_eq!(find("a\tb\tc", Some("3"), Some("1")), Ok((Some(2), 0, false)));
        assert_eq!(find("a\tb\tc", None, Some("3")), Ok((Some(0), 2, false)));
        assert_eq!(find("a\tb", None, Some("1")), Ok((None, 0, false)));
        assert_eq!(find("src\tmt\tpe", None, Some("pe")), Ok((Some(0), 2, true)));
        let error = find("a\tb", None, Some("pe")).unwrap_err();
        assert_eq!(error, "no column is called `pe`; there are `a`, `b`");
        let error = find("a\tb", Some("a"), None).unwrap_err();
        assert!(error.starts_with("which column is the target?"), "{error}");
        assert!(find("a\tb", Some("2"), Some("2")).is_err());
        assert!("0".parse::<Column>().is_err() && " ".parse::<Column>().is_err());
    }
}
