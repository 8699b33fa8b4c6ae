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
    /// Reports signs that stand for something else and reached the reader: `{{name}}`, `${total}`,
    /// `{0}`, `%s`, `%1$s`, `[URL]`, `[INSERT LINK HERE]`, `[nama pelanggan]`, `@@PHONE@@`, `lorem
    /// ipsum`, and the tokens of models (`<unk>`, `<num>`, `[MASK]`, `__id__`).
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
    /// (`{% block %}`), variables (`%PATH%`), percentages, keys and seats (`[Ctrl]`, `[A1]`), signs
    /// that are the topic (`tag <name> dipakai`).
    ///
    /// ## Known misses
    /// Placeholders that are words (`NAMA`).
    ///
    /// ## False alarms
    /// 0.0 per 1,000 (95 % interval 0.0–0.3) of 11,839 human sentences, 2026-11-24,
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
          (?P<model> <(?i:unk|s|/s|pad|mask|bos|eos|cls|sep|num|number|person|loc|org|entity|ent|misc|token|nil|blank)(?:[_-]?[0-9]{1,3})?>
            | \[(?:UNK|MASK|PAD|CLS|SEP|EOS|BOS|NUM|PER|LOC|ORG|BLANK_AUDIO)(?:[_-]?[0-9]{1,3})?\]
            | <extra_id_[0-9]+> | <\|[a-z_]{3,20}\|> | __(?:id|en)__ | <0x[0-9A-F]{2}> | ⁇ | ▁ | ￼ )
        | <(?i:location|place|word|text|value|name|nama|url|email|date|tanggal|angka|lokasi|organisasi|user|username|placeholder|phone|address|alamat|nomor|link|title|judul|city|kota|price|harga|amount|jumlah|company|product)(?:[_-]?[0-9]{1,3})?>
        | \{\{ \s* [\w.\ -]{1,40} \s* \}\}
        | [\#$%] \{ \s* [\w.\ -]{1,40} \s* \}
        | \{ (?: [0-9]{1,2} | [a-z][A-Za-z0-9]*(?:[_.][a-z0-9]+)* | [A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+ | [A-Z]{3,20} | (?i:nama|jumlah|tanggal|nomor|user|name|first|last|company|product)[\ _][A-Za-z]{2,20} | ) \}
        | %\( [A-Za-z_]{1,30} \) [sdif]
        | %(?:[0-9]\$)?(?:[sd]\b|@|\.[0-9]f\b|l?[dui]\b)
        | %[1-9]\b
        | %[a-z]{2,20}(?:_[a-z]+)*%
        | \[ (?: (?:[A-Z]{2,20}[\ _])* (?: URL | LINK | NAME | NAMA | EMAIL | SUREL | DATE | TANGGAL | TAUTAN | PHONE | TELEPON
               | NUMBER | NOMOR | ALAMAT | ADDRESS | COMPANY | PERUSAHAAN | IMAGE | GAMBAR | HERE | SINI | INSERT | MASUKKAN | ISI | YOUR
               | USER | USERNAME | PRODUCT | PRODUK | CITY | KOTA | AMOUNT | JUMLAH | PRICE | HARGA | TIME | WAKTU | TITLE | JUDUL | TEXT | TEKS
               | CODE | KODE | PLACEHOLDER | TBD | TODO | PELANGGAN | CUSTOMER | ID | FOTO | LOGO )(?:[\ _][A-Z0-9]{1,20})* ) \]
        | \[ (?i: (?:insert|masukkan|isi|isikan|sisipkan|tulis|ketik|your|enter)\ (?:\w+\ ?){1,5}
               | (?:nama|name|nomor|alamat|tanggal|tautan|jumlah|jabatan|judul|kota|company|customer|first|last|product|perusahaan)
                 (?:[\ _](?:anda|pelanggan|perusahaan|lengkap|pengguna|produk|penerima|pengirim|acara|di\ sini|telepon|surel|email|name|depan|belakang|pesanan|kota|toko|here))? ) \]
        | @@ [A-Z_]{2,20} @@ | \#\# [A-Z_]{2,20} \#\# | __ [A-Z][A-Z_]{2,20} __ | \$ (?:NAMA|NAME|USER|TOTAL|PRICE|DATE)\b \$? | \$[a-z]{3,20}\$
        | \$(?:nama|name|user|username|jumlah|total|harga|price|tanggal|date|count)\b
        | (?:^|\ )(?P<colon> :(?:name|nama|count|jumlah|attribute|user|date|tanggal|total|value|nilai|min|max) )\b
        | \bX{4,}\b | \bRp\ ?X{3}\b | (?i:lorem\ ipsum)
        ",
    )
    .expect("the pattern is valid")
});

/// Signs one of which every placeholder has.
const SIGNS: [char; 12] = ['<', '[', '{', '%', '@', '#', '_', '$', ':', '⁇', '▁', '￼'];

impl Check for Placeholder {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let target = &cx.segment.target;
        let text = target.text.as_str();
        if !text.contains(SIGNS) && !text.contains("XXX") && !text.contains("orem ipsum") {
            return;
        }
        for found in PATTERN.captures_iter(text) {
            let whole = found.name("colon").or(found.get(0)).expect("the whole match");
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
                || marks::is_topic(text, span)
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
            ("Tagihan sebesar ${jumlah} lunas.", "${jumlah}"),
            ("Ia lahir pada <num> di Medan.", "<num>"),
            ("Unduh di [MASUKKAN TAUTAN DI SINI] hari ini.", "[MASUKKAN TAUTAN DI SINI]"),
            ("Yth. [nama pelanggan], terima kasih.", "[nama pelanggan]"),
            ("Ada %(count)d pesan.", "%(count)d"),
            ("Ibu kota [MASK] ramai.", "[MASK]"),
            ("Halo %name%, apa kabar?", "%name%"),
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
            "Tag <name> dipakai dalam XML; tekan [ESC] atau [Ctrl].",
            "Kata juru bicara, \"[kota itu] aman\"; US$78; #JagaLaut",
        ] {
            assert_eq!(marks(&META, text), Vec::<String>::new(), "{text}");
        }
        let kept = pairs(&[(Some("Order %s was sent."), "Pesanan %s telah dikirim.")]);
        assert!(findings(&META, &kept, &[]).is_empty());
    }
}
