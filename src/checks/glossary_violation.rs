//! TRM001 `glossary-violation`: a term is not translated as the glossary says.

use serde::Deserialize;

use super::{Check, Findings, SegmentContext, declare_check};
use crate::{
    document::SegmentText,
    evidence::EvidenceSet,
    finding::{Confidence, Status},
    lexicon::{
        forms::{Kinship, is_form},
        glossary::Term,
    },
    text::{Language, Side, Span, Word, words},
};

declare_check! {
    /// ## What it does
    /// Reports a term of the glossary in the source whose translation is not in the target, and a
    /// forbidden translation that is. Glossaries come from `--glossary FILE` or `glossary = ["terms.tsv"]` in
    /// `cermat.toml`: TSV (`source`, tab, `target`, a note behind another tab) or TBX.
    ///
    /// ## Why it matters
    /// MQM Terminology/Wrong term. A client's words are part of the order.
    ///
    /// ## Example
    /// With the line `file`, tab, `berkas`:
    /// - *Delete the files.* – `Hapus arsipnya.`
    ///
    /// ## Not reported
    /// Other forms of a word: English inflection (`files`), Indonesian affixes and reduplication
    /// (`mengunduh`, `unduhan`, `berkas-berkasnya` for `unduh` and `berkas`); capitals, unless the
    /// term has some itself; a term inside a longer one that is in the glossary too; what stands
    /// in code and addresses.
    ///
    /// ## Known misses
    /// A translation that stands in the target for something else, words of a term that are apart.
    ///
    /// ## False alarms
    /// 0 per 1,000 without a glossary; with one it depends on how many words its terms can
    /// be said with. 2026-11-24.
    GlossaryViolation {
        code: "TRM001",
        name: "glossary-violation",
        mqm: WrongTerm,
        severity: Major,
        status: Status::Stable("0.1.0"),
        needs: EvidenceSet::empty(),
    }
}

/// Options of `[checks.glossary-violation]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct GlossaryViolation {
    /// The terms: tables with `source`, `targets`, `forbidden` and `note`. Those of the glossary
    /// files are added to them.
    terms: Vec<Term>,
}

/// Where `term` stands in `all`, the words of a text in `language`.
fn places(term: &str, all: &[Word<'_>], language: Language, kinship: Kinship) -> Vec<Span> {
    let parts: Vec<&str> = words(term).map(|word| word.text).collect();
    if parts.is_empty() {
        return Vec::new();
    }
    let is = |part: &str, word: &str| {
        // `IT`, `Word`: with its capitals, and whatever stands behind a hyphen (`IT-nya`).
        if part.chars().any(char::is_uppercase) {
            return word == part
                || word.split('-').any(|piece| piece == part)
                || word.strip_suffix("'s").is_some_and(|word| word == part);
        }
        is_form(language, kinship, part, &word.to_lowercase())
    };
    let runs = all
        .windows(parts.len())
        .filter(|run| run.iter().zip(&parts).all(|(word, part)| is(part, word.text)));
    runs.map(|run| run[0].span.cover(run[run.len() - 1].span)).collect()
}

/// The words outside placeables.
fn prose(side: &SegmentText) -> Vec<Word<'_>> {
    words(&side.text).filter(|word| !side.in_placeable(word.span)).collect()
}

impl Check for GlossaryViolation {
    fn segment(&self, cx: &SegmentContext<'_>, findings: &mut Findings<'_>) {
        let (Some(source), false) = (&cx.segment.source, self.terms.is_empty()) else { return };
        let (target, direction) = (&cx.segment.target, cx.segment.direction);
        let (theirs, ours) = (prose(source), prose(target));
        let there = |term: &str| places(term, &theirs, direction.source(), Kinship::Inflected);
        let here = |term: &str, kinship| places(term, &ours, direction.target(), kinship);
        let found: Vec<(&Term, Vec<Span>)> =
            self.terms.iter().map(|term| (term, there(&term.source))).collect();
        let longer = |span: &Span| {
            let mut all = found.iter().flat_map(|(_, spans)| spans);
            all.any(|other| other.len() > span.len() && span.overlaps(*other))
        };
        for (term, spans) in &found {
            let Some(first) = spans.iter().find(|span| !longer(span)) else { continue };
            let note = match term.note.as_str() {
                "" => String::new(),
                note => format!(" ({note})"),
            };
            let wanted = term.targets.join("` or `");
            let bad = term.forbidden.iter().find_map(|forbidden| {
                let span = *here(forbidden, Kinship::Inflected).first()?;
                Some((forbidden, span))
            });
            let met = term.targets.iter().any(|target| !here(target, Kinship::Derived).is_empty());
            if let Some((forbidden, span)) = bad {
                let draft = findings
                    .push(format!("`{forbidden}` is not to stand for `{}`", term.source))
                    .at(span)
                    .label(cx.segment.id, Side::Source, *first, "the term")
                    .confidence(Confidence::High);
                if !term.targets.is_empty() {
                    draft.help(format!("write `{wanted}`{note}"));
                }
            } else if !met && !term.targets.is_empty() {
                findings
                    .push(format!("`{}` is to be `{wanted}`", term.source))
                    .label(cx.segment.id, Side::Source, *first, "")
                    .confidence(Confidence::High)
                    .help(format!("write `{wanted}` in some form{note}"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::META;
    use crate::{
        checks::{Findings, SegmentContext, tester::pairs},
        evidence::Evidence,
    };

    fn found(source: &str, target: &str) -> Vec<String> {
        let options = "[[terms]]\nsource = 'file'\ntargets = ['berkas']\nforbidden = ['fail']\n\
                       [[terms]]\nsource = 'file system'\ntargets = ['sistem berkas']\n\
                       [[terms]]\nsource = 'download'\ntargets = ['unduh']\n\
                       [[terms]]\nsource = 'IT'\ntargets = ['TI']\n";
        let check = (META.build)(toml::from_str(options).unwrap()).unwrap();
        let document = pairs(&[(Some(source), target)]);
        let mut out = Vec::new();
        let segment = &document.segments[0];
        let evidence = Evidence::default();
        let cx = SegmentContext::new(segment, &evidence, &document);
        check.segment(&cx, &mut Findings::new(&META.info, Some(segment.id), &mut out));
        out.into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn other_words_and_forbidden_ones() {
        assert_eq!(found("Delete the files.", "Hapus arsipnya."), ["`file` is to be `berkas`"]);
        assert_eq!(
            found("Delete the file.", "Hapus fail itu."),
            ["`fail` is not to stand for `file`"]
        );
        assert_eq!(found("Ask IT.", "Tanya bagian komputer."), ["`IT` is to be `TI`"]);
        assert_eq!(
            found("The file system is full.", "Berkas itu penuh."),
            ["`file system` is to be `sistem berkas`"],
            "the longer term alone"
        );
    }

    #[test]
    fn affixes_capitals_and_longer_terms() {
        for (source, target) in [
            ("Downloading files takes time.", "Pengunduhan berkas-berkasnya perlu waktu."),
            ("FILES are here.", "Berkas ada di sini."),
            ("It is late.", "Sudah malam."),
            ("The file system is full.", "Sistem berkasnya penuh."),
            ("He downloaded it.", "Ia mengunduhnya."),
            ("A profile is here.", "Profil ada di sini."),
        ] {
            assert_eq!(found(source, target), Vec::<String>::new(), "{source} – {target}");
        }
    }
}
