//! What a finding is known by from one run to the next, whatever line it has moved to: for the
//! baseline, for SARIF's `partialFingerprints`, and to compare two runs.

use std::{collections::HashMap, fmt::Write as _};

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use crate::report::Issue;

/// 32 hexadecimal digits for the finding of check `code` that marks `marked` in a segment whose
/// target is `segment`, the `occurrence`th like it in its file, from 0.
///
/// Neither the place nor the message goes in, and texts are compared in NFC with white space
/// collapsed: a finding keeps its fingerprint when lines move or are wrapped anew.
///
/// ```
/// use cermat::fingerprint::fingerprint;
///
/// let one = fingerprint("LNG001", "Dia dan dan mereka.", "dan dan", 0);
/// assert_eq!(one, fingerprint("LNG001", "Dia  dan dan\nmereka. ", "dan dan", 0));
/// assert_ne!(one, fingerprint("LNG001", "Dia dan dan mereka.", "dan dan", 1));
/// ```
#[must_use]
pub fn fingerprint(code: &str, segment: &str, marked: &str, occurrence: u32) -> String {
    let mut hash = Sha256::new();
    for text in [code, segment, marked] {
        for word in text.split_whitespace() {
            hash.update(word.nfc().collect::<String>());
            hash.update(b" ");
        }
        // Ends a field; no word holds it.
        hash.update(b"\n");
    }
    hash.update(occurrence.to_le_bytes());
    hash.finalize()[..16].iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Fingerprints of the findings of one file, in the order of the report: counts those that are
/// alike.
#[derive(Debug, Default)]
pub struct Fingerprints {
    seen: HashMap<String, u32>,
}

impl Fingerprints {
    /// Names the file's next findings. `segment` is the text of the target they stand in, empty
    /// for those on the whole document. One that is named already keeps its name.
    pub fn mark(&mut self, issues: &mut [Issue], segment: &str) {
        for issue in issues {
            let fingerprint = self.next(issue, segment);
            if issue.fingerprint.is_empty() {
                issue.fingerprint = fingerprint;
            }
        }
    }

    fn next(&mut self, issue: &Issue, segment: &str) -> String {
        let marked = issue.places.first().map_or("", |place| place.text.as_str());
        let first = fingerprint(issue.check.code, segment, marked, 0);
        let seen = self.seen.entry(first.clone()).or_default();
        let occurrence = *seen;
        *seen += 1;
        if occurrence == 0 {
            first
        } else {
            fingerprint(issue.check.code, segment, marked, occurrence)
        }
    }
}
