//! LNG007 `punctuation-spacing`: a space before a mark, or none after it.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check, marks};
use crate::{
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    lexicon,
    text::{Language, Span},
};

declare_check! {
    /// ## What it does
    /// Reports a space before `.` `,` `;` `:` `?` `!` `)` or a closing quotation mark, a space
    /// after an opening bracket or quotation mark, and a missing space after a mark or around a
    /// quotation.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Punctuation. A sure trace of a pipeline that cut text into
    /// tokens and did not put it together again.
    ///
    /// ## Example
    /// - `efisiensinya lebih tinggi .` → `tinggi.`
    /// - `angka yang sangat besar.Dua perusahaan` → `besar. Dua`
    /// - `Istilah"gotong royong" dikenal.`
    ///
    /// ## Not reported
    /// Ellipses (`Ia terdiam ...`), names and values that begin with a stop (`.NET`, `,05`),
    /// emoticons, numbers and times (`08.15`), abbreviations (`S.Pd.`), domains, code, ratios
    /// (`16 : 9`).
    ///
    /// Where a name lost its bold type or its link (`Di bidang Peran , pilih`) or an entry has its
    /// head (`Nama : Budi`), a space before the mark is neutral: no penalty.
    ///
    /// ## Known misses
    /// A missing space between words that are in no list (`Budi.Ani`).
    ///
    /// ## False alarms
    /// 2.8 per 1,000 (95 % interval 2.0–3.9) of 11,839 human sentences, 2026-11-24,
    /// `scripts/false_alarms.py`: 4.0 in documentation, 6.2 in an encyclopedia, 0.5 in edited
    /// news; nearly all are real spaces. Neutral ones are not counted: about 25 per 1,000.
    PunctuationSpacing {
        code: "LNG007",
        name: "punctuation-spacing",
        mqm: Punctuation,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.punctuation-spacing]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct PunctuationSpacing {}

const SPACES: [char; 3] = [' ', '\u{a0}', '\u{3000}'];

impl Check for PunctuationSpacing {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let target = &cx.segment.target;
        let text = target.text.as_str();
        let mut out = Out { text, findings, skip: &|span| target.in_placeable(span) };
        before_marks(&mut out);
        after_marks(cx.segment.direction.target(), &mut out);
        inside_pairs(&mut out);
    }
}

struct Out<'a, 'f> {
    text: &'a str,
    findings: &'a mut Findings<'f>,
    skip: &'a dyn Fn(Span) -> bool,
}

impl Out<'_, '_> {
    fn push(&mut self, message: String, range: std::ops::Range<usize>, suggestion: String) {
        self.push_as(META.info.severity, message, range, suggestion);
    }

    fn push_as(
        &mut self,
        severity: Severity,
        message: String,
        range: std::ops::Range<usize>,
        suggestion: String,
    ) {
        let span = Span::new(range);
        if !(self.skip)(span) {
            self.findings
                .push(message)
                .at(span)
                .severity(severity)
                .confidence(Confidence::High)
                .suggest(suggestion);
        }
    }
}

/// What manuals call the parts of a screen, and what they tell the reader to do with them.
const SCREEN: &[&str] = &[
    "area",
    "baris",
    "bidang",
    "bilah",
    "buka",
    "daftar",
    "entitas",
    "formulir",
    "grup",
    "halaman",
    "item",
    "jendela",
    "kisi",
    "klik",
    "kolom",
    "kotak",
    "menu",
    "nama",
    "navigasi",
    "opsi",
    "panel",
    "parameter",
    "peran",
    "pilih",
    "pilihan",
    "ruang",
    "tab",
    "tabel",
    "tampilan",
    "tindakan",
    "tombol",
    "unit",
    "ubin",
    "masukkan",
    "memilih",
    "memasukkan",
    "pengaturan",
    "atur",
    "diatur",
    "ditetapkan",
    "status",
    "tipe",
    "jenis",
];
/// Words before the mark in which they are looked for.
const NEAR: usize = 12;

/// Whether the space before `mark` stands where a label was: a name that lost its bold type or its
/// link, or the head of an entry (`Nama : Budi`), which forms set apart.
fn behind_label(head: &str, mark: char) -> bool {
    let words: Vec<&str> = head.split_whitespace().collect();
    if mark == ':' && words.len() <= 6 && !head.contains(['.', '?', '!']) {
        return true;
    }
    // A name that was a link.
    let name = |word: &&str| word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    if words.iter().skip(1).rev().take(3).any(name) {
        return true;
    }
    words.iter().rev().take(NEAR).any(|word| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        SCREEN.contains(&word.as_str())
    })
}

/// `tinggi .`
fn before_marks(out: &mut Out<'_, '_>) {
    let text = out.text;
    let mut label = false;
    for (at, mark) in text.char_indices() {
        if !matches!(mark, '.' | ',' | ';' | ':' | '?' | '!') {
            continue;
        }
        let head = text[..at].trim_end_matches(SPACES);
        let after = &text[at + 1..];
        let next = after.chars().next();
        let before = head.chars().next_back();
        // At the start it is no space before a mark but a mark that lost its sentence.
        let Some(before) = before.filter(|_| head.len() < at) else { continue };
        // `...`, `. . .`, `.NET`, `,05`, `:D`, `!=`, `:)`.
        let ends = next.is_none_or(|c| c.is_whitespace() || "\"”’')]»*_".contains(c));
        let face = matches!(mark, ':' | ';') && next.is_some_and(|c| "()-'*".contains(c));
        let dots = mark == '.' && after.trim_start_matches(SPACES).starts_with('.')
            || before == '.'
            || before == '…';
        let ratio = mark == ':'
            && before.is_ascii_digit()
            && after.trim_start_matches(SPACES).starts_with(|c: char| c.is_ascii_digit());
        // What goes before is an operator or an item's dash: code, a list of marks.
        // A gloss was taken out: `(Spanyol: , lahir`.
        let odd = "=<>+-–—&|/\\%#@*`:;(".contains(before) && !head.ends_with("**");
        if ends && !face && !dots && !ratio && !odd {
            // One label in a list of them speaks for the rest.
            label = label || matches!(mark, ',' | ':' | '.') && behind_label(head, mark);
            out.push_as(
                if label { Severity::Neutral } else { META.info.severity },
                format!("space before `{mark}`"),
                head.len()..at + 1,
                mark.to_string(),
            );
        }
    }
}

/// `besar.Dua`
fn after_marks(language: Language, out: &mut Out<'_, '_>) {
    let text = out.text;
    for (at, mark) in text.char_indices() {
        if !matches!(mark, '.' | ',' | ';' | ':' | '?' | '!' | '(') {
            continue;
        }
        if !text[at + 1..].starts_with(char::is_alphabetic) {
            continue;
        }
        let is_letter = |c: &char| c.is_alphabetic() || *c == '\'' || *c == '-';
        let left = text[..at].chars().rev().take_while(is_letter).collect::<Vec<_>>();
        let left: String = left.into_iter().rev().collect();
        let right: String = text[at + 1..].chars().take_while(is_letter).collect();
        let start = at - left.len();
        let end = at + 1 + right.len();
        let word = |word: &str| word.starts_with(char::is_alphabetic);
        if !word(&right) {
            continue;
        }
        let known = |word: &str| lexicon::is_word(language, &word.to_lowercase());
        let plain = |word: &str| !word.chars().skip(1).any(char::is_uppercase);
        if !word(&left) {
            behind_number(out, at, mark, &right, known(&right) && plain(&right));
            continue;
        }
        // Part of something longer: an address, a path, a call, an abbreviation.
        let outside = |c: char| "@/\\_#$%&{}<>=|~^+`.:".contains(c) || c.is_ascii_digit();
        let stuck = text[..start].chars().next_back().is_some_and(outside)
            || text[end..].chars().next().is_some_and(|c| c != '.' && outside(c))
            || (text[end..].starts_with('.')
                && text[end + 1..].starts_with(|c: char| c.is_alphanumeric()));
        if stuck {
            continue;
        }
        let capital = right.starts_with(char::is_uppercase);
        let wrong = match mark {
            // `besar.Dua`, not `kompas.com`, `S.Pd`, `System.Windows`.
            '.' => {
                left.chars().count() > 2
                    && capital
                    && plain(&left)
                    && plain(&right)
                    && (left.starts_with(char::is_lowercase) && right.chars().count() > 1
                        || known(&left))
                    && (known(&right) || known(&left))
            }
            // `menang?Belum`: not in addresses.
            '?' | '!' => left.chars().count() > 1 && plain(&left) && (capital || known(&right)),
            ',' | ';' => {
                left.chars().count() > 1
                    && right.chars().count() > 1
                    && plain(&left)
                    && plain(&right)
                    && (known(&left) || known(&right))
            }
            // `tersedia:kecil`, not `http:`, `Nama:nilai`.
            ':' => {
                let lower =
                    |word: &str| word.chars().count() > 2 && !word.contains(char::is_uppercase);
                lower(&left) && lower(&right) && known(&left) && known(&right)
            }
            // `naik(lagi)`, `Dunia(WTO)`, not `orang(-orang)`, `nama(nya)`, `print(nama)`.
            _ => {
                let closed = text[end..].starts_with(')');
                // Not the Roman numbers of chemistry: `timbal(II)`.
                let short = (2..8).contains(&right.len())
                    && right.chars().all(char::is_uppercase)
                    && !right.chars().all(|c| "IVX".contains(c));
                closed
                    && (right.chars().count() > 3 && known(&right) || short && plain(&left))
                    && known(&left)
                    && left.chars().count() > 3
            }
        };
        if wrong {
            let (what, replacement) = if mark == '(' {
                ("before", format!("{left} ({right}"))
            } else {
                ("after", format!("{left}{mark} {right}"))
            };
            out.push(format!("no space {what} `{mark}`"), start..end, replacement);
        }
    }
}

/// `1814,lalu`, `ke-89.Penonton`: `right` behind `mark` at `at`, where no word stands before it.
fn behind_number(out: &mut Out<'_, '_>, at: usize, mark: char, right: &str, known: bool) {
    let text = out.text;
    let number = text[..at].trim_end_matches(|c: char| c.is_ascii_digit());
    let before = number.chars().next_back();
    // `1.Judul` of a list, `3.2.Bagian`, `v1.Nama`, `10,5rb`.
    let inside = before.is_none_or(|c| !c.is_whitespace() && c != '-')
        || number.trim().is_empty()
        || number.trim_end().ends_with([':', ';', '.', '!', '?', ',']);
    let capital = right.starts_with(char::is_uppercase);
    let wrong = match mark {
        '.' => capital,
        ',' | ';' => !capital,
        _ => false,
    };
    if number.len() < at && !inside && wrong && known && right.chars().count() > 2 {
        let value = &text[number.len()..at];
        out.push(
            format!("no space after `{mark}`"),
            number.len()..at + 1 + right.len(),
            format!("{value}{mark} {right}"),
        );
    }
}

/// `( A1 )`, `(UBS )`, `" merdeka"`, `Istilah"gotong royong" dikenal`.
fn inside_pairs(out: &mut Out<'_, '_>) {
    let text = out.text;
    let matched = marks::matched(text, |span| (out.skip)(span));
    for (open, close) in &matched.pairs {
        let start = open.at + open.mark.len_utf8();
        let inner = &text[start..close.at];
        let trimmed = inner.trim_matches(SPACES);
        // `( )` and `[ ]` are boxes to tick.
        if trimmed.is_empty() || matches!(open.mark, '{' | '[') {
            continue;
        }
        // `( a q )`, `( x + 4 )`: a formula.
        if trimmed.split(' ').all(|part| part.chars().count() == 1) {
            continue;
        }
        let whole = open.at..close.at + close.mark.len_utf8();
        if inner != trimmed {
            let quotation = matches!(open.mark, '"' | '“' | '«');
            let kind = if quotation { "quotation marks" } else { "brackets" };
            // Straight marks that do not belong together leave spaces on both sides of both.
            let straight = open.mark == '"' && text.matches('"').count() > 2;
            if straight && inner.starts_with(SPACES) && inner.ends_with(SPACES) {
                continue;
            }
            // An ellipsis at the edge of a quotation may keep its space.
            if quotation && (trimmed.starts_with("...") || trimmed.ends_with("...")) {
                continue;
            }
            // The mark itself is reported by itself: `(lihat !)`.
            let path = trimmed.contains(" > ");
            out.push_as(
                if path { Severity::Neutral } else { META.info.severity },
                format!("space inside {kind}"),
                whole,
                format!("{}{trimmed}{}", open.mark, close.mark),
            );
            continue;
        }
        if matches!((open.mark, close.mark), ('"', '"') | ('“', '”')) {
            let before = text[..open.at].chars().next_back().is_some_and(char::is_alphanumeric);
            let after = text[whole.end..].chars().next().is_some_and(char::is_alphanumeric);
            // `attr="value"` is code, caught by `=`; a digit before is inches.
            let digit = text[..open.at].ends_with(|c: char| c.is_ascii_digit());
            if (before && !digit) || after {
                let lead = if before { " " } else { "" };
                let tail = if after { " " } else { "" };
                let quotation = &text[whole.clone()];
                out.push(
                    "no space around the quotation".to_owned(),
                    whole.clone(),
                    format!("{lead}{quotation}{tail}"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{fixes, marks};

    #[test]
    fn spaces_before_marks() {
        for (text, expected) in [
            ("Mereka tiba pagi ini .", " . → ."),
            ("Beli beras , gula, dan teh.", " , → ,"),
            ("Benarkah begitu ?", " ? → ?"),
            ("Catatan : bawa KTP.", " : → :"),
            ("interaksi instan, dan online waktu nyata ; Sebagai dukungan", " ; → ;"),
            ("UBS (UBS ) dikutip.", "(UBS ) → (UBS)"),
            ("Kode ( A1 ) berarti baru.", "( A1 ) → (A1)"),
        ] {
            assert_eq!(fixes(&META, text), [expected], "{text}");
        }
    }

    #[test]
    fn missing_spaces() {
        for (text, expected) in [
            ("angka yang sangat besar.Dua perusahaan", "besar.Dua → besar. Dua"),
            ("Hujan reda.Warga pulang.", "reda.Warga → reda. Warga"),
            ("Siapa menang?Belum jelas.", "menang?Belum → menang? Belum"),
            ("Ia setuju;saya tidak.", "setuju;saya → setuju; saya"),
            ("Harganya naik(lagi) bulan ini.", "naik(lagi → naik (lagi"),
            ("Istilah\"gotong royong\" dikenal.", "\"gotong royong\" →  \"gotong royong\""),
            ("Kata \" merdeka\" bergema.", "\" merdeka\" → \"merdeka\""),
            ("Lagu \" Rayuan \" diputar.", "\" Rayuan \" → \"Rayuan\""),
            ("Lagu “ Rayuan ” dan “Gita” diputar.", "“ Rayuan ” → “Rayuan”"),
            ("Muncul kata“Selesai” di layar.", "“Selesai” →  “Selesai”"),
            ("Ada dua warna:merah dan putih.", "warna:merah → warna: merah"),
            ("Ia lahir pada 1950,lalu pindah.", "1950,lalu → 1950, lalu"),
            ("Golnya pada menit ke-80.Penonton diam.", "80.Penonton → 80. Penonton"),
            ("Laporan Bank Dunia(WB) terbit.", "Dunia(WB → Dunia (WB"),
        ] {
            assert_eq!(fixes(&META, text), [expected], "{text}");
        }
    }

    #[test]
    fn right_spacing() {
        for text in [
            "Ia terdiam ... lalu menangis. Ya . . . begitu.",
            "Pakai .NET versi 8 di domain .com yang mahal.",
            "Nilai p < ,05 dalam tabel itu. Senyum dulu :D :)",
            "Ketik / untuk membuka perintah.",
            "Rp2.500.000 pada pukul 08.15 di kompas.com, versi 10.0.1; 3,14",
            "Budi, S.Pd., M.Si., a.n. Dekan, u.p. Siti, s.d. 5 Mei",
            "Film \"Gie\" diputar ulang. Tulis \"(A1)\" di sudut.",
            "rumah(-rumah), orang (tua), (1), (2), dan (3), nama(nya)",
            "1.Judul; 2.Bagian; pasal 3.2.Umum; harga 10,5rb; http:sana; sejak 1950, lalu",
            "Rasio 16 : 9 dan System.Windows.Forms atau print(nama).",
        ] {
            assert_eq!(marks(&META, text), [""; 0], "{text}");
        }
    }
}
