//! The encodings of files: UTF-8, UTF-16, and those of one byte a character that a file names.

use std::{borrow::Cow, sync::LazyLock};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use regex::bytes::Regex;

use super::{
    ReadProblem,
    read::{HEAD, MAX_LISTED},
};
use crate::text::{FileSpan, LineIndex};

/// How many bytes of text lie between two known places: what a place is counted from.
const STRIDE: usize = 4096;

/// How far into a file it may say what it is encoded in; PO files begin with a licence.
const DECLARATION: usize = 8192;

/// How the bytes of a file spell its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoding {
    kind: Kind,
    /// Byte of the text and byte of the file, ascending; empty for UTF-8, where both are the same.
    marks: Vec<(u64, u64)>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Utf8,
    Utf16 {
        big_endian: bool,
    },
    /// One byte a character.
    Single(&'static encoding_rs::Encoding),
}

impl Kind {
    /// How many bytes of the file `c` is.
    fn len(self, c: char) -> u64 {
        match self {
            Self::Utf8 => c.len_utf8() as u64,
            Self::Utf16 { .. } => 2 * c.len_utf16() as u64,
            Self::Single(_) => 1,
        }
    }
}

impl Encoding {
    fn new(kind: Kind, text: &str) -> Self {
        let mut marks = vec![(0, 0)];
        let (mut next, mut file) = (STRIDE, 0);
        for (at, c) in text.char_indices() {
            if at >= next {
                marks.push((at as u64, file));
                next = at + STRIDE;
            }
            file += kind.len(c);
        }
        Self { kind, marks }
    }

    /// Its name, as `iconv` has it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.kind {
            Kind::Utf8 => "UTF-8",
            Kind::Utf16 { big_endian: false } => "UTF-16LE",
            Kind::Utf16 { big_endian: true } => "UTF-16BE",
            Kind::Single(encoding) => encoding.name(),
        }
    }

    /// Whether bytes of the text are bytes of the file.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        self.kind == Kind::Utf8
    }

    /// The bytes of the file that spell the bytes `span` of its `text`.
    #[must_use]
    pub(super) fn to_file(&self, text: &str, span: FileSpan) -> FileSpan {
        let at = |at: u64| {
            let Some(mark) = self.marks.partition_point(|(text, _)| *text <= at).checked_sub(1)
            else {
                return at;
            };
            let (from, file) = self.marks[mark];
            let passed = text.get(from as usize..at as usize).unwrap_or("");
            file + passed.chars().map(|c| self.kind.len(c)).sum::<u64>()
        };
        FileSpan { start: at(span.start), end: at(span.end) }
    }

    /// `text` as it is spelt in the file; `None` where its encoding has no way to.
    #[must_use]
    pub fn encode<'a>(&self, text: &'a str) -> Option<Cow<'a, [u8]>> {
        match self.kind {
            Kind::Utf8 => Some(Cow::Borrowed(text.as_bytes())),
            Kind::Utf16 { big_endian } => {
                let bytes = |unit: u16| match big_endian {
                    true => unit.to_be_bytes(),
                    false => unit.to_le_bytes(),
                };
                Some(text.encode_utf16().flat_map(bytes).collect())
            }
            Kind::Single(encoding) => {
                let (bytes, _, is_lost) = encoding.encode(text);
                (!is_lost).then_some(bytes)
            }
        }
    }
}

/// What bytes say.
pub(super) struct Decoded {
    pub(super) text: String,
    pub(super) encoding: Encoding,
    pub(super) problems: Vec<ReadProblem>,
}

/// Whether `bytes` begin as UTF-32 with its byte order mark.
pub(super) fn is_utf32(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0, 0, 0xfe, 0xff]) || bytes.starts_with(&[0xff, 0xfe, 0, 0])
}

/// `bytes` as UTF-16, if a byte order mark says so, or if one half of nearly every unit is zero, as
/// that of Latin letters is.
pub(super) fn utf16(bytes: &[u8]) -> Option<Decoded> {
    let big_endian = match bytes {
        [0xff, 0xfe, ..] => false,
        [0xfe, 0xff, ..] => true,
        [0, b'\t'..=b'~', ..] if is_half_zero(bytes, 0) => true,
        [b'\t'..=b'~', 0, ..] if is_half_zero(bytes, 1) => false,
        _ => return None,
    };
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut lost = Vec::new();
    let units = bytes.chunks_exact(2);
    let tail = units.remainder();
    let units = units.map(|unit| match big_endian {
        true => u16::from_be_bytes([unit[0], unit[1]]),
        false => u16::from_le_bytes([unit[0], unit[1]]),
    });
    for c in char::decode_utf16(units) {
        text.push(c.unwrap_or_else(|_| {
            lost.push(text.len());
            char::REPLACEMENT_CHARACTER
        }));
    }
    let encoding = Encoding::new(Kind::Utf16 { big_endian }, &text);
    let name = encoding.name();
    let lines = if lost.is_empty() && tail.is_empty() { None } else { Some(LineIndex::new(&text)) };
    let line = |at: usize| lines.as_ref().map_or(1, |lines| lines.line(at as u64));
    let mut problems: Vec<ReadProblem> = lost
        .iter()
        .take(MAX_LISTED)
        .map(|at| ReadProblem {
            line: line(*at),
            message: format!(
                "half a surrogate pair, which is no character of {name}; write the sign anew"
            ),
        })
        .collect();
    if let Some(first) = lost.get(MAX_LISTED) {
        let message = format!("{} more halves of pairs from here on", lost.len() - MAX_LISTED);
        problems.push(ReadProblem { line: line(*first), message });
    }
    if !tail.is_empty() {
        let message = format!("the file ends in the middle of a character of {name}");
        problems.push(ReadProblem { line: line(text.len()), message });
    }
    Some(Decoded { text, encoding, problems })
}

/// Whether of the units at the beginning, two in five or more have a zero as their half `half`, and
/// none as the other: text of Latin letters, with other signs between.
fn is_half_zero(bytes: &[u8], half: usize) -> bool {
    let units = || bytes[..bytes.len().min(HEAD)].chunks_exact(2);
    let zero = units().filter(|unit| unit[half] == 0).count();
    units().all(|unit| unit[1 - half] != 0) && 5 * zero >= 2 * units().count()
}

static DECLARED: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"(?i-u)^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([a-z0-9._:-]+)|"Content-Type:[^"\n]*?charset=([a-z0-9._:-]+)|<meta\s[^>]*?charset\s*=\s*["']?([a-z0-9._:-]+)"#;
    Regex::new(pattern).expect("the pattern is valid")
});

/// The encoding that a file names: in the declaration of XML, in the header of PO, in a `meta` of HTML.
fn declared(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let found = DECLARED.captures(&bytes[..bytes.len().min(DECLARATION)])?;
    let label = found.iter().skip(1).flatten().next()?;
    encoding_rs::Encoding::for_label(label.as_bytes())
}

/// `bytes` in the encoding of one byte a character that they name.
fn single(bytes: &[u8]) -> Option<Decoded> {
    let encoding = declared(bytes).filter(|encoding| encoding.is_single_byte())?;
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    let encoding = Encoding::new(Kind::Single(encoding), &text);
    Some(Decoded { text: text.into_owned(), encoding, problems: Vec::new() })
}

/// `bytes` as UTF-8, or in the encoding that they name; lines that are neither are blanked.
pub(super) fn decode(bytes: Vec<u8>) -> Decoded {
    let mut bytes = match String::from_utf8(bytes) {
        Ok(text) => {
            return Decoded { text, encoding: Encoding::default(), problems: Vec::new() };
        }
        Err(error) => error.into_bytes(),
    };
    if let Some(decoded) = single(&bytes) {
        return decoded;
    }
    let guess = guess(&bytes);
    let lines = LineIndex::of_bytes(&bytes);
    let ends_line = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let mut bad_bytes = Vec::new();
    let mut unlisted: Option<(u32, usize)> = None;
    let mut from = 0;
    while let Err(error) = std::str::from_utf8(&bytes[from..]) {
        let bad = from + error.valid_up_to();
        let start = bytes[..bad].iter().rposition(ends_line).map_or(0, |at| at + 1);
        let end = bytes[bad..].iter().position(ends_line).map_or(bytes.len(), |n| bad + n);
        if bad_bytes.len() < MAX_LISTED {
            bad_bytes.push((bad, bytes[bad]));
        } else {
            unlisted.get_or_insert((lines.line(bad as u64), 0)).1 += 1;
        }
        bytes[start..end].fill(b' ');
        from = end;
    }
    let text = String::from_utf8(bytes).expect("every line that was not UTF-8 is now spaces");
    // A file of which other lines are UTF-8 beyond ASCII is UTF-8 with damage.
    let advice = if text.is_ascii() {
        format!("the file seems to be {guess}: save it as UTF-8 (`iconv -f {guess} -t UTF-8`)")
    } else {
        "save the file as UTF-8".to_owned()
    };
    let mut problems: Vec<ReadProblem> = bad_bytes
        .into_iter()
        .map(|(at, byte)| ReadProblem {
            line: lines.line(at as u64),
            message: format!(
                "byte {at} of the file (0x{byte:02x}) is not valid UTF-8 and the line is left \
                 out; {advice}"
            ),
        })
        .collect();
    if let Some((line, count)) = unlisted {
        let message = format!(
            "{count} more lines from here on are not valid UTF-8 and are left out; {advice}"
        );
        problems.push(ReadProblem { line, message });
    }
    Decoded { text, encoding: Encoding::default(), problems }
}

/// What bytes that are no UTF-8 seem to be encoded in.
fn guess(bytes: &[u8]) -> &'static str {
    if let Some(declared) = declared(bytes).filter(|declared| *declared != encoding_rs::UTF_8) {
        return declared.name();
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(Some(b"id"), Utf8Detection::Deny).name()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_of(text: &str, big_endian: bool) -> Vec<u8> {
        let kind = Kind::Utf16 { big_endian };
        Encoding { kind, marks: Vec::new() }.encode(text).unwrap().into_owned()
    }

    #[test]
    fn places_lead_back_to_the_bytes() {
        let text = "\u{feff}Satu é 😀\r\n".repeat(2000);
        let xml = "<?xml version='1.0' encoding='ISO-8859-1'?><a>caf\u{e9} satu</a>".repeat(500);
        let latin: Vec<u8> = xml.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        for (text, bytes, decoded) in [
            (&text, utf16_of(&text, false), utf16(&utf16_of(&text, false)).unwrap()),
            (&text, utf16_of(&text, true), utf16(&utf16_of(&text, true)).unwrap()),
            (&xml, latin.clone(), decode(latin)),
        ] {
            assert_eq!(&decoded.text, text);
            for (at, c) in text.char_indices().step_by(97) {
                let span = FileSpan { start: at as u64, end: (at + c.len_utf8()) as u64 };
                let place = decoded.encoding.to_file(text, span);
                let spelt = &bytes[place.start as usize..place.end as usize];
                assert_eq!(spelt, &*decoded.encoding.encode(c.encode_utf8(&mut [0; 4])).unwrap());
            }
        }
    }

    #[test]
    fn utf16_without_a_mark_is_known_by_its_zeros() {
        for big_endian in [false, true] {
            let name = if big_endian { "UTF-16BE" } else { "UTF-16LE" };
            let decoded = utf16(&utf16_of("Satu “dua”.\n", big_endian)).unwrap();
            assert_eq!((&*decoded.text, decoded.encoding.name()), ("Satu “dua”.\n", name));
        }
        for other in [&b""[..], b"a", b"a\0b\0\0\0", b"abc\0\0\0", b"PK\x03\x04\x14\0\x06\0\x08\0"]
        {
            assert!(utf16(other).is_none(), "{other:?}");
        }
    }

    #[test]
    fn broken_utf16_is_said_with_its_line() {
        let mut bytes = utf16_of("\u{feff}satu\ndua ", false);
        bytes.extend([0x3d, 0xd8, b'x', 0, b'!']);
        let decoded = utf16(&bytes).unwrap();
        assert_eq!(decoded.text, "\u{feff}satu\ndua \u{fffd}x");
        let lines: Vec<u32> = decoded.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [2, 2]);
    }

    #[test]
    fn a_file_is_read_in_the_encoding_that_it_names() {
        let said = |bytes: &[u8]| {
            let decoded = decode(bytes.to_vec());
            (decoded.encoding.name(), decoded.problems.len())
        };
        let po = b"# x\nmsgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=ISO-8859-1\\n\"\n\"caf\xe9\"";
        assert_eq!(said(po), ("windows-1252", 0));
        assert_eq!(said(b"<html><meta charset=windows-1252><p>caf\xe9"), ("windows-1252", 0));
        // It says so, but it is not.
        assert_eq!(said("<?xml version='1.0' encoding='latin1'?>é".as_bytes()), ("UTF-8", 0));
        assert_eq!(said(b"<?xml version='1.0' encoding='utf-8'?>\xe9"), ("UTF-8", 1));
        assert_eq!(said(b"<?xml version='1.0' encoding='shift_jis'?>\xe9"), ("UTF-8", 1));
    }

    #[test]
    fn the_encoding_is_guessed_where_no_line_is_utf8() {
        let message = |bytes: &[u8]| decode(bytes.to_vec()).problems[0].message.clone();
        let windows = message(b"Dia berkata \x93halo\x94 di caf\xe9 itu.\nDua.");
        assert!(windows.contains("seems to be windows-1252"), "{windows}");
        let damaged = message(b"caf\xc3\xa9\ncaf\xe9");
        assert!(!damaged.contains("seems"), "{damaged}");
    }

    #[test]
    fn what_an_encoding_lacks_is_not_written() {
        let encoding =
            Encoding { kind: Kind::Single(encoding_rs::WINDOWS_1252), marks: Vec::new() };
        assert_eq!(encoding.encode("café").as_deref(), Some(&b"caf\xe9"[..]));
        assert_eq!(encoding.encode("😀"), None);
    }
}
