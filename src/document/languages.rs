//! Languages as files name them: `en-US`, `id_ID`.

use crate::text::{Direction, Language};

/// The language of a tag of BCP 47, or of such with `_`; `None` for languages that are not read.
pub(super) fn language(tag: &str) -> Option<Language> {
    match primary(tag).to_ascii_lowercase().as_str() {
        // Java wrote `in` until version 17.
        "id" | "in" | "ind" => Some(Language::Id),
        "en" | "eng" => Some(Language::En),
        _ => None,
    }
}

/// Whether the two name the same language, whatever the country.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    primary(a).eq_ignore_ascii_case(primary(b))
        || language(a).is_some_and(|a| Some(a) == language(b))
}

fn primary(tag: &str) -> &str {
    tag.trim().split(['-', '_']).next().unwrap_or("")
}

/// The direction of what says that it goes from `source` into `target`, and whether its source is
/// of that direction; `default` where it says nothing.
///
/// # Errors
/// Says why nothing of it can be judged.
pub(super) fn direction(
    source: Option<&str>,
    target: Option<&str>,
    default: Direction,
) -> Result<(Direction, bool), String> {
    let into = |language: Language| match language {
        Language::Id => Direction::EnId,
        Language::En => Direction::IdEn,
    };
    let named = |tag: Option<&str>| tag.unwrap_or("?").to_owned();
    let left_out = || {
        format!(
            "from `{}` into `{}`: only `en` to `id` and `id` to `en` are read; this part is left \
             out",
            named(source),
            named(target)
        )
    };
    match (source, target) {
        (None, None) => Ok((default, true)),
        (Some(source), None) => {
            let language = language(source).ok_or_else(left_out)?;
            Ok((into(language.other()), true))
        }
        (source, Some(target)) => {
            let direction = into(language(target).ok_or_else(left_out)?);
            let Some(source) = source else { return Ok((direction, true)) };
            match language(source) {
                Some(language) if language == direction.target() => Err(left_out()),
                language => Ok((direction, language.is_some())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_goes_before_the_option() {
        let told = |source, target| direction(source, target, Direction::EnId);
        assert_eq!(told(None, None), Ok((Direction::EnId, true)));
        assert_eq!(told(Some("id-ID"), None), Ok((Direction::IdEn, true)));
        assert_eq!(told(Some("in"), Some("en_GB")), Ok((Direction::IdEn, true)));
        assert_eq!(told(None, Some("EN")), Ok((Direction::IdEn, true)));
        // The target can still be judged by itself.
        assert_eq!(told(Some("de"), Some("id")), Ok((Direction::EnId, false)));
        for (source, target) in [("en", "fr"), ("en", "en-GB"), ("en-US", "")] {
            assert!(told(Some(source), Some(target)).unwrap_err().contains(source));
        }
        assert!(is_same("in", "id-ID") && is_same("fr", "fr-CA") && !is_same("fr", "id"));
    }
}
