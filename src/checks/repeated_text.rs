//! LNG008 `repeated-text`: a sentence or a whole part of a document twice.

use std::collections::HashMap;

use rayon::prelude::*;
use serde::Deserialize;

use super::{Check, DocumentContext, Findings, declare_check};
use crate::{
    document::Segment,
    evidence::EvidenceSet,
    finding::{Confidence, Severity, Status},
    text::{Side, Span, words},
};

declare_check! {
    /// ## What it does
    /// Reports a segment whose words stood before in the same document, and points at where. In
    /// a repeated stretch of several segments, and within a paragraph, short ones count too.
    ///
    /// ## Why it matters
    /// MQM Linguistic conventions/Duplication. A paragraph or half an article was pasted or
    /// translated twice.
    ///
    /// ## Example
    /// - `Harga naik tajam pagi ini. Stok turun. Harga naik tajam pagi ini.`
    ///
    /// ## Not reported
    /// Short segments by themselves (headings, labels, `Lihat juga`), and segments whose sources
    /// are repeated in the same way.
    ///
    /// ## Known misses
    /// The same thing said in other words.
    ///
    /// ## False alarms
    /// 0.2 per 1,000 (95 % interval 0.0–0.6) of 11,839 human sentences in files of 25, 2026-11-24,
    /// `scripts/false_alarms.py`; longer documents were not measured.
    RepeatedText {
        code: "LNG008",
        name: "repeated-text",
        mqm: Duplication,
        severity: Minor,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.repeated-text]`.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct RepeatedText {
    /// A segment by itself is reported from this many words on.
    min_words: usize,
    /// This many repeated segments in a row are a repeated part: all of them are major.
    part: usize,
}

impl Default for RepeatedText {
    fn default() -> Self {
        Self { min_words: 5, part: 3 }
    }
}

/// Segments that a thread reads at a time at least.
const SHARE: usize = 64;

/// The words without case, marks and spaces, since signs of markup come and go; and how many.
fn key(segment: &Segment) -> (String, usize) {
    let (mut key, mut count) = (String::with_capacity(segment.target.text.len()), 0);
    for word in words(&segment.target.text) {
        if count > 0 {
            key.push(' ');
        }
        key.push_str(&word.lower());
        count += 1;
    }
    if let Some(source) = &segment.source {
        key.push('\n');
        key.push_str(source.text.trim());
    }
    (key, count)
}

impl Check for RepeatedText {
    fn document(&self, cx: &DocumentContext<'_>, findings: &mut Findings<'_>) {
        let segments = &cx.document.segments;
        let (keys, count): (Vec<String>, Vec<usize>) =
            segments.par_iter().with_min_len(SHARE).map(key).unzip();
        // The places of each text, in order.
        let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
        // With a source, the same target for the same source is no repetition of the translator's.
        let repeats = |i: usize| segments[i].source.is_none();
        let mut first: Vec<Option<usize>> = vec![None; segments.len()];
        for i in 0..segments.len() {
            if count[i] == 0 || !repeats(i) {
                continue;
            }
            let seen = places.entry(&keys[i]).or_default();
            // The one that goes on with the part, else the first.
            let next = i.checked_sub(1).and_then(|p| first[p]).map(|p| p + 1);
            first[i] = match next {
                Some(next) if seen.contains(&next) => Some(next),
                _ => seen.first().copied(),
            };
            seen.push(i);
        }
        let mut i = 0;
        while i < segments.len() {
            let Some(origin) = first[i] else {
                i += 1;
                continue;
            };
            let mut end = i + 1;
            while end < segments.len() && first[end].is_some_and(|f| f == origin + (end - i)) {
                end += 1;
            }
            let stretch = end - i;
            let part = stretch >= self.part
                && count[i..end].iter().sum::<usize>() >= self.part * self.min_words;
            for j in i..end {
                let (here, there) = (&segments[j], &segments[origin + (j - i)]);
                // In one paragraph a short statement counts; a cry or an answer does not.
                let near = here.block == there.block
                    && count[j] > 1
                    && here.target.text.trim_end().ends_with('.');
                // `Penulis: Rina Hartati`, in another paragraph too.
                let label = (2..=8).contains(&count[j]) && is_label(&here.target.text);
                if !part && !near && !label && count[j] < self.min_words {
                    continue;
                }
                let line = cx.document.line(there.id);
                let message = if part {
                    format!("repeats line {line}, in a repeated part of {stretch} segments")
                } else {
                    format!("repeats line {line}")
                };
                let whole = |segment: &Segment| Span::new(0..segment.target.text.len());
                findings
                    .on(here.id)
                    .push(message)
                    .at(whole(here))
                    .label(there.id, Side::Target, whole(there), "stood here before")
                    .severity(if part { Severity::Major } else { Severity::Minor })
                    .confidence(if part { Confidence::High } else { Confidence::Medium })
                    .help("take one of them out");
            }
            i = end;
        }
    }
}

/// Whether `text` says who or where something is from: `Sumber: X`.
fn is_label(text: &str) -> bool {
    let Some((label, value)) = text.split_once(':') else { return false };
    let label = label.trim().to_lowercase();
    let label = label.trim_start_matches(|c: char| !c.is_alphanumeric());
    let known = [
        "sumber",
        "penulis",
        "pengarang",
        "editor",
        "penyunting",
        "reporter",
        "foto",
        "judul",
        "penerjemah",
        "oleh",
        "penafian",
        "sumber gambar",
        "sumber foto",
        "tanggal",
        "penerbit",
        "redaktur",
        "sumber artikel",
        "judul asli",
        "narasumber",
        "kontributor",
        "fotografer",
    ];
    known.contains(&label) && value.starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::checks::tester::{findings, marked, pairs, targets};

    fn repeated(texts: &[&str]) -> Vec<String> {
        let document = targets(texts);
        findings(&META, &document, &[]).iter().map(|f| marked(&document, f)).collect()
    }

    #[test]
    fn sentences_and_parts() {
        let long = "Harga naik tajam pagi ini.";
        assert_eq!(
            repeated(&[long, "Stok turun.", "**Harga naik tajam pagi ini. **"]),
            ["**Harga naik tajam pagi ini. **"]
        );
        let part =
            [long, "Stok turun lagi kemarin.", "Lihat juga", "Pasar tutup lebih awal hari ini."];
        let twice: Vec<&str> = part.iter().chain(&["Antara."]).chain(&part).copied().collect();
        assert_eq!(repeated(&twice), part, "short ones count within a part");
        assert_eq!(
            repeated(&["Penulis: Sinta Dewi", "Harga turun.", "Penulis: Sinta Dewi"]),
            ["Penulis: Sinta Dewi"]
        );
    }

    #[test]
    fn short_texts_and_other_texts() {
        assert!(repeated(&["Merdeka!", "Merdeka!", "Lihat juga", "Lihat juga", "", ""]).is_empty());
        assert!(
            repeated(&["Harga naik tajam pagi ini.", "Harga turun tajam pagi ini."]).is_empty()
        );
    }

    #[test]
    fn repeated_sources_are_the_authors() {
        let row = (Some("Prices rose sharply this morning."), "Harga naik tajam pagi ini.");
        let document = pairs(&[row, row]);
        assert!(findings(&META, &document, &[]).is_empty());
    }
}
