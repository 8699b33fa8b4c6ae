//! MKP003 `placeholder`: a placeholder that nobody filled in.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    text::Span,
};

declare_check! {
    /// ## What it does
    /// Reports signs that stand for something else and reached the reader: `{{name}}`, `{0}`,
    /// `%s`, `%1$s`, `[URL]`, `@@PHONE@@`, and the tokens of models (`<unk>`, `<pad>`, `__id__`).
    ///
    /// ## Why it matters
    /// MQM Markup. A program should have put a name or a number there; a model's own tokens mean
    /// that a word was lost.
    ///
    /// ## Example
    /// - `Pesanan %s telah dikirim.`
    /// - `Wali Kota <unk> meresmikan pasar.`
    ///
    /// ## Not reported
    /// What the source has as well (an interface string keeps its `%s`), code, template tags
    /// (`{% block %}`), variables (`%PATH%`), percentages.
    ///
    /// ## Known misses
    /// Placeholders that are words (`NAMA`, `XXX`), and empty ones.
    ///
    /// ## False alarms
    /// 0 per 1,000 (95 % interval 0.0–0.3) of 11,698 human sentences, 2026-11-23,
    /// `scripts/false_alarms.py`.
    Placeholder {
        code: "MKP003",
        name: "placeholder",
        mqm: Markup,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.placeholder]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct Placeholder {}

static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
          (?P<model> <unk> | </?s> | <pad> | <mask> | __(?:id|en)__ | <0x[0-9A-F]{2}> | ⁇ )
        | \{\{ \s* [\w.\ -]{1,40} \s* \}\}
        | \{ (?: [0-9]{1,2} | [a-z][A-Za-z]*(?:_[a-z]+)* ) \}
        | %(?:[0-9]\$)?[sd]\b
        | \[ (?: URL | LINK | NAME | NAMA | EMAIL | SUREL | DATE | TANGGAL | TAUTAN | PHONE | TELEPON
               | NUMBER | NOMOR | ALAMAT | ADDRESS | COMPANY | PERUSAHAAN | IMAGE | GAMBAR ) \]
        | @@ [A-Z_]{2,20} @@
        ",
    )
    .expect("the pattern is valid")
});

impl Check for Placeholder {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let target = &cx.segment.target;
        let text = target.text.as_str();
        // Every alternative has one of these.
        if !text.contains(['<', '⁇', '_', '{', '%', '[', '@']) {
            return;
        }
        for found in PATTERN.captures_iter(text) {
            let whole = found.get(0).expect("the whole match");
            let span = Span::new(whole.range());
            let from_model = found.name("model").is_some();
            // `100%s` is no placeholder but a slip; `$%s`, `=%s` are code.
            let before = text[..span.range().start].chars().next_back();
            let joined = before.is_some_and(|c| c.is_alphanumeric() || "$=/%\\_{".contains(c));
            let after = text[span.range().end..].chars().next();
            let joined = joined || after.is_some_and(|c| "/=\\}_".contains(c));
            let in_source =
                cx.segment.source.as_ref().is_some_and(|s| s.text.contains(whole.as_str()));
            if in_source
                || target.in_placeable(span)
                || (!from_model && (joined || marks::is_code(text, span)))
            {
                continue;
            }
            let message = if from_model {
                format!("a model's own token: `{}` stands for a lost word", whole.as_str())
            } else {
                format!("placeholder `{}` was not filled in", whole.as_str())
            };
            findings
                .push(message)
                .at(span)
                .confidence(if from_model { Confidence::High } else { Confidence::Medium })
                .help("put there what it stands for, or mark it as code");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{findings, marks, pairs};

    #[test]
    fn left_in_the_text() {
        for (text, mark) in [
            ("Halo, {{nama}}, apa kabar?", "{{nama}}"),
            ("Tagihan %s sudah dibayar.", "%s"),
            ("Ada {0} pesan baru.", "{0}"),
            ("Bupati <unk> membuka acara.", "<unk>"),
            ("Kunjungi [URL] sekarang.", "[URL]"),
            ("Telepon @@PHONE@@ ya.", "@@PHONE@@"),
        ] {
            assert_eq!(marks(&META, text), [mark], "{text}");
        }
    }

    #[test]
    fn not_placeholders() {
        for text in [
            "Potongan 50% untuk semua, 100%!",
            "Tag {% block %} dan variabel %PATH%.",
            "Kursi [A1] dan catatan [1].",
            "Kirim ke info@contoh.id.",
            "himpunan {a, b}",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
        let kept = pairs(&[(Some("Order %s was sent."), "Pesanan %s telah dikirim.")]);
        assert!(findings(&META, &kept, &[]).is_empty());
    }
}
