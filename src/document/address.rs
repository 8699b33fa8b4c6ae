//! Web and mail addresses in running text.

use super::{Placeable, PlaceableKind};
use crate::text::Span;

/// Domains under which a name without a scheme is taken for an address. Short, since a missing
/// space (`besar.Dua`) must stay a mistake of the text.
const DOMAINS: [&str; 8] = ["com", "org", "net", "id", "io", "gov", "edu", "info"];

/// The addresses in `text`, in order: `https://…` and other schemes, `www.…`, `mailto:…`, mail
/// addresses, and names under some common domains (`contoh.co.id/a`). As in the autolinks of
/// GitHub Flavored Markdown, punctuation at the end is not part of an address.
pub(super) fn addresses(text: &str) -> impl Iterator<Item = Placeable> {
    tokens(text).filter_map(move |(start, token)| {
        let range = address(token)?;
        let span = Span::new(start + range.start..start + range.end);
        Some(Placeable { span, kind: PlaceableKind::Url })
    })
}

/// Stretches without white space, quotes, angle brackets or wide characters.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let ends = |c: char| {
        c.is_whitespace() || matches!(c, '"' | '“' | '”' | '«' | '»' | '<' | '>') || c >= '\u{2e80}'
    };
    text.split(ends).filter(|token| token.len() > 3).map(move |token| {
        // A token is a part of `text`.
        (token.as_ptr() as usize - text.as_ptr() as usize, token)
    })
}

/// Where in `token` an address stands.
fn address(token: &str) -> Option<std::ops::Range<usize>> {
    // Most words end here.
    if !token.bytes().any(|byte| matches!(byte, b'.' | b':' | b'@')) {
        return None;
    }
    let start = start(token)?;
    let end = start + trimmed(&token[start..]).len();
    Some(start..end)
}

fn start(token: &str) -> Option<usize> {
    if let Some(at) = token.find("://") {
        let scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let start = token[..at].trim_end_matches(scheme).len();
        let named = token[start..].starts_with(|c: char| c.is_ascii_alphabetic());
        return (named && token.len() > at + 3).then_some(start);
    }
    let opening = |c: char| matches!(c, '(' | '[' | '{' | '\'' | '‘' | '*' | '_' | '`');
    let start = token.len() - token.trim_start_matches(opening).len();
    let rest = trimmed(&token[start..]);
    let lower = |len: usize| rest.get(..len).unwrap_or("").to_ascii_lowercase();
    let known = (lower(4) == "www." && rest.len() > 4)
        || lower(7) == "mailto:"
        || rest.split_once('@').is_some_and(|(name, host)| !name.is_empty() && is_host(host))
        || rest.split(['/', '?', '#']).next().is_some_and(|host| {
            is_host(host)
                && host.rsplit('.').next().is_some_and(|domain| DOMAINS.contains(&domain))
                && !host.bytes().any(|byte| byte.is_ascii_uppercase())
        });
    known.then_some(start)
}

/// Names of ASCII letters, digits and hyphens, joined by stops.
fn is_host(host: &str) -> bool {
    let name = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    host.contains('.') && host.split('.').all(name)
}

/// `address` without the punctuation behind it; a closing bracket stays if one was opened.
fn trimmed(address: &str) -> &str {
    let mut rest = address;
    // Counted once: brackets at the end are few, those inside may be many.
    let opened = address.bytes().filter(|byte| *byte == b'(').count();
    let mut closed = address.bytes().filter(|byte| *byte == b')').count();
    loop {
        let Some(c) = rest.chars().next_back() else { return rest };
        let cut = match c {
            ')' => {
                let cut = closed > opened;
                closed -= usize::from(cut);
                cut
            }
            '.' | ',' | ';' | ':' | '!' | '?' | '…' | '\'' | '’' | ']' | '}' | '*' | '_' | '`'
            | '~' => true,
            _ => false,
        };
        if !cut {
            return rest;
        }
        rest = &rest[..rest.len() - c.len_utf8()];
    }
}

#[cfg(test)]
mod tests {
    use super::addresses;

    fn list(text: &str) -> Vec<&str> {
        addresses(text).map(|placeable| placeable.span.of(text)).collect()
    }

    #[test]
    fn addresses_without_the_punctuation_around_them() {
        assert_eq!(
            list("Lihat (https://a.id/b_(c)?d=e), www.contoh.com. Kirim ke budi.s@contoh.co.id!"),
            ["https://a.id/b_(c)?d=e", "www.contoh.com", "budi.s@contoh.co.id"]
        );
        assert_eq!(
            list("kompas.com, contoh.co.id/a#b; \"ftp://x/y\"》"),
            ["kompas.com", "contoh.co.id/a#b", "ftp://x/y"]
        );
    }

    #[test]
    fn missing_spaces_and_numbers_are_no_addresses() {
        let none = "besar.Dua pergi.id. a:b 08.30 1.234,5 :// x:// @budi a@b dll.,yang. laporan.pdf v2.0.1";
        assert_eq!(list(none), ["pergi.id"]);
    }
}
