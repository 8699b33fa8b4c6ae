//! MKP004 `placeable-mismatch`: what is to be carried over was not.

use std::{collections::BTreeMap, sync::LazyLock};

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::{Side, Span},
};

declare_check! {
    /// ## What it does
    /// Compares what both sides of a pair must share letter by letter: web and mail addresses,
    /// placeholders (`%s`, `{name}`, `{{count}}`), tags (`<b>`), accounts and hashtags (`@name`, `#Topic`), and reports what one side has
    /// more often than the other.
    ///
    /// ## Why it matters
    /// MQM Markup. A lost placeholder ends a program, a changed address leads nowhere.
    ///
    /// ## Example
    /// - *Hello, %s!* – `Halo!`
    /// - *See https://example.org/a* – `Lihat https://example.org/b`
    ///
    /// ## Not reported
    /// Addresses that differ in the language part (`/en/`, `/id-id/`, `en.wikipedia.org`) or by a
    /// closing slash; tags in another order.
    ///
    /// ## Known misses
    /// Arguments by place that changed order (`%s %d` – `%d %s`), broken nesting.
    ///
    /// ## False alarms
    /// 0 per 1,000 (95 % interval 0.0–1.1) of 3,458 pairs, documentation that a professional
    /// translated and FLORES-200 dev; 0.3 of 8,694 looser pairs. 2026-11-23, `cermat check
    /// --no-model --select MKP004`.
    PlaceableMismatch {
        code: "MKP004",
        name: "placeable-mismatch",
        mqm: Markup,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.placeable-mismatch]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct PlaceableMismatch {}

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
          (?P<url> \b (?:https?|ftp)://[^\s<>()\x22'“”‘’`|\]]+ | \b[\w.+-]+@[\w-]+(?:\.[\w-]+)+ )
        | \{\{ [^{}\n]{1,60} \}\} | \$?\{ [A-Za-z0-9_.]{1,40} \}
        | %(?:[0-9]\$)?(?:[-+0]?[0-9]*(?:\.[0-9]+)?)(?:l{0,2}[du]|[sdifgxc])\b | %\([a-z_]+\)[sd] | %@
        | (?:^|[\s(“\x22]) (?P<handle> [@\#][A-Za-z_]\w{2,}) \b
        | </?[A-Za-z][A-Za-z0-9]{0,10}(?:\s[^<>\n]{0,200})?/?>
        ",
    )
    .expect("the pattern is valid")
});

static LANGUAGE_PART: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|[/.?&=#])(?:en|id|in)(?:[-_][a-z]{2})?([/.&#]|$)")
        .expect("the pattern is valid")
});

/// Each placeable of a text, in the form in which it is compared, with its places.
fn placeables(text: &str) -> BTreeMap<String, Vec<Span>> {
    let mut out: BTreeMap<String, Vec<Span>> = BTreeMap::new();
    for found in PATTERN.captures_iter(text) {
        let whole = found.name("handle").or(found.get(0)).expect("the whole match");
        let mut span = Span::new(whole.range());
        let mut key = whole.as_str().to_owned();
        if found.name("url").is_some() {
            let address =
                whole.as_str().trim_end_matches(['.', ',', ';', ':', '!', '?', '*', '_', '/']);
            span = Span::new(whole.start()..whole.start() + address.len());
            key = address.trim_end_matches('/').to_owned();
            key = LANGUAGE_PART.replace_all(&key, "$1*$2").into_owned();
        } else if key.starts_with('<') {
            // Attributes may be translated.
            let name = key.trim_start_matches(['<', '/']);
            let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
            key = format!("<{}{name}>", if key.starts_with("</") { "/" } else { "" });
        } else if key.starts_with('%') {
            // `5 % d…` of running text, `100%d`.
            let before = text[..span.range().start].chars().next_back();
            if before.is_some_and(|c| c.is_ascii_digit() || c == '%') {
                continue;
            }
        }
        out.entry(key).or_default().push(span);
    }
    out
}

impl Check for PlaceableMismatch {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let Some(source) = &cx.segment.source else { return };
        let target = &cx.segment.target;
        let (ours, theirs) = (placeables(&target.text), placeables(&source.text));
        for (key, spans) in &theirs {
            let here = ours.get(key).map_or(0, Vec::len);
            for span in spans.iter().skip(here) {
                let text = span.of(&source.text);
                findings
                    .push(format!("`{text}` of the source is not in the target"))
                    .label(cx.segment.id, Side::Source, *span, "")
                    .confidence(Confidence::High)
                    .help("carry it over as it is");
            }
        }
        for (key, spans) in &ours {
            let there = theirs.get(key).map_or(0, Vec::len);
            for span in spans.iter().skip(there) {
                let text = span.of(&target.text);
                findings
                    .push(format!("`{text}` is not in the source"))
                    .at(*span)
                    .confidence(Confidence::High);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::pair_marks;

    fn found(source: &str, target: &str) -> Vec<String> {
        pair_marks(&META, source, target)
    }

    #[test]
    fn lost_and_new() {
        assert_eq!(found("Hello, %s!", "Halo!"), ["%s"]);
        assert_eq!(
            found("Saved {count} files.", "Menyimpan {jumlah} berkas."),
            ["{count}", "{jumlah}"]
        );
        assert_eq!(
            found("See https://example.org/a.", "Lihat https://example.org/b."),
            ["https://example.org/a", "https://example.org/b"]
        );
        assert_eq!(found("Press <b>OK</b>.", "Tekan <b>OK."), ["</b>"]);
        assert_eq!(found("Mail to a@b.org", "Kirim surel"), ["a@b.org"]);
        assert_eq!(
            found("Follow @rainwatch now.", "Ikuti @pantauhujan kini."),
            ["@rainwatch", "@pantauhujan"]
        );
        assert_eq!(found("Post it under #CleanRiver.", "Unggah dengan tagar."), ["#CleanRiver"]);
    }

    #[test]
    fn carried_over() {
        for (source, target) in [
            ("Hello, %1$s and %2$s!", "Halo, %2$s dan %1$s!"),
            ("It grew 5% so far, 10 % down", "Naik 5% sejauh ini, 10 % turun"),
            ("See https://docs.example.org/en-us/a/", "Lihat https://docs.example.org/id-id/a"),
            ("<a href=\"x\" title=\"home\">Go</a>", "<a href=\"x\" title=\"beranda\">Pergi</a>"),
            ("if a < b and c > d", "jika a < b dan c > d"),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
