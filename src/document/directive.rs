//! Comments that tell cermat what to leave alone.
//!
//! | comment | holds for |
//! | --- | --- |
//! | `<!-- cermat-ignore LNG001, ACC001: reason -->` | the next block, or the paragraph it stands in |
//! | `<!-- cermat-ignore-file LNG001: reason -->` | the whole file |
//! | `# cermat:ignore LNG001: reason`, a line of its own | the next block |
//! | `# cermat:ignore-file LNG001: reason` | the whole file |
//! | `NOTE cermat:ignore LNG001: reason`, in WebVTT | the next block |
//!
//! Which of the forms a format has is said by [`DocumentFormat::comments`]. Plain text, TSV and CSV
//! have no comments, but such a line is one: it belongs to no segment. JSON, JSON Lines, ARB and
//! SubRip have none at all: what is accepted there goes into a baseline.
//!
//! [`DocumentFormat::comments`]: super::format::DocumentFormat::comments

use std::{ops::Range, sync::LazyLock};

use regex::{Captures, Regex};

/// How a format writes comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comments {
    /// Not at all, or where nobody would look for one.
    None,
    /// Lines that begin with `#`.
    Hash,
    /// `<!-- … -->`.
    Markup,
    /// `NOTE …`, at the start of a line or on the line above.
    Note,
}

/// A comment for cermat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Bytes of the file.
    pub range: Range<usize>,
    /// Whether it holds for the whole file.
    pub whole_file: bool,
    /// Codes, names or prefixes of checks, as written.
    pub checks: Vec<String>,
}

static HASH: LazyLock<Regex> = LazyLock::new(|| {
    // `#.` begins an extracted comment of a PO file.
    let pattern =
        r"(?m)^[ \t]*#\.?[ \t]*cermat[:-]ignore(?<file>-file)?\b(?<checks>[^\r\n:]*)[^\r\n]*";
    Regex::new(pattern).expect("the pattern is valid")
});

static MARKUP: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?s)<!--\s*cermat[:-]ignore(?<file>-file)?\b(?<checks>[^:]*?)(?::.*?)?-->";
    Regex::new(pattern).expect("the pattern is valid")
});

static NOTE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?m)^NOTE(?:[ \t]+|\r?\n|\r)cermat[:-]ignore(?<file>-file)?\b(?<checks>[^\r\n:]*)[^\r\n]*";
    Regex::new(pattern).expect("the pattern is valid")
});

/// The directives in `text`, in its order.
pub(super) fn directives(text: &str, comments: Comments) -> Vec<Directive> {
    let pattern = match comments {
        Comments::None => return Vec::new(),
        Comments::Hash => &HASH,
        Comments::Markup => &MARKUP,
        Comments::Note => &NOTE,
    };
    let directive = |found: Captures<'_>| Directive {
        range: found.get(0).expect("the whole match").range(),
        whole_file: found.name("file").is_some(),
        checks: found["checks"]
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|check| !check.is_empty())
            .map(str::to_owned)
            .collect(),
    };
    pattern.captures_iter(text).map(directive).collect()
}

/// `text` with spaces where `directives` stand, so that a format without comments does not read
/// them as prose; every other byte stays where it is.
pub(super) fn blanked(text: &str, directives: &[Directive]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for directive in directives {
        out.push_str(&text[from..directive.range.start]);
        out.extend(std::iter::repeat_n(' ', directive.range.len()));
        from = directive.range.end;
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, comments: Comments) -> Vec<(bool, Vec<String>)> {
        let directives = directives(text, comments);
        directives.into_iter().map(|d| (d.whole_file, d.checks)).collect()
    }

    #[test]
    fn both_forms_name_checks() {
        let checks = |list: &[&str]| list.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let text = "<!-- cermat-ignore LNG001, ACC001: a: b -->\n<!--cermat-ignore-file name-variants\n-->\n\
                    <!-- cermat-ignored X --><!-- cermat-ignore -->";
        assert_eq!(
            found(text, Comments::Markup),
            [
                (false, checks(&["LNG001", "ACC001"])),
                (true, checks(&["name-variants"])),
                (false, checks(&[])),
            ]
        );
        let text =
            "satu # cermat:ignore LNG001\n  # cermat:ignore LNG001: x\r\n#. cermat:ignore-file STY";
        assert_eq!(
            found(text, Comments::Hash),
            [(false, checks(&["LNG001"])), (true, checks(&["STY"]))]
        );
        assert!(found(text, Comments::None).is_empty());
        let text = "NOTE cermat:ignore LNG001: x\r\n\r\nNOTE\r\ncermat:ignore-file STY\n\nA NOTE cermat:ignore X";
        assert_eq!(
            found(text, Comments::Note),
            [(false, checks(&["LNG001"])), (true, checks(&["STY"]))]
        );
        let text = "é\n# cermat:ignore LNG001: é\r\nx";
        let blank = blanked(text, &directives(text, Comments::Hash));
        assert_eq!(blank.len(), text.len());
        assert!(blank.starts_with("é\n   ") && blank.ends_with(" \r\nx"), "{blank:?}");
    }
}
