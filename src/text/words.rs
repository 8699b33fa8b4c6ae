//! Words, as a translator counts them.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::Span;

/// A word of a text: letters and digits, with the hyphens and apostrophes inside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// As written.
    pub text: &'a str,
    /// Where it stands.
    pub span: Span,
}

impl<'a> Word<'a> {
    /// In lower case; most words are, and are not copied.
    #[must_use]
    pub fn lower(&self) -> Cow<'a, str> {
        lower(self.text)
    }
}

/// `text` in lower case, copied only where it is not.
#[must_use]
pub fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        text.into()
    } else {
        text.to_lowercase().into()
    }
}

/// The words of `text` in order.
///
/// Words are those of UAX #29, but parts joined by one hyphen are one word, since reduplication
/// (`anak-anak`), clitics and prefixes (`ke-2`, `non-Jawa`) are.
pub fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut parts = text.unicode_word_indices().peekable();
    std::iter::from_fn(move || {
        let (start, first) = parts.next()?;
        let mut end = start + first.len();
        while let Some((next, part)) = parts.peek() {
            if !matches!(&text[end..*next], "-" | "‐" | "‑") {
                break;
            }
            end = next + part.len();
            parts.next();
        }
        Some(Word { text: &text[start..end], span: Span::new(start..end) })
    })
}

#[cfg(test)]
mod tests {
    use super::words;

    fn list(text: &str) -> Vec<&str> {
        words(text).map(|word| word.text).collect()
    }

    #[test]
    fn hyphens_join_and_stops_part() {
        assert_eq!(list("Anak-anak ke-2, XR full-line."), ["Anak-anak", "ke-2", "XR", "full-line"]);
        assert_eq!(list("kata — kata - kata --kata"), ["kata", "kata", "kata", "kata"]);
        assert_eq!(list("US$13,717 Jum'at"), ["US", "13,717", "Jum'at"]);
        assert_eq!(list(""), Vec::<&str>::new());
    }
}
