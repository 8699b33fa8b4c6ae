//! Glossaries that a user has: TSV and TBX.
//!
//! TSV: `source`, a tab, `target`, and, behind a second tab, a note. Lines that begin with `#` are
//! comments; a first line `source`, `target` is a header. Several lines with one source, or targets
//! with `|` between, are all allowed; a target that begins with `!` is forbidden. The columns go by the
//! direction: with `id-en` the source is Indonesian.
//!
//! TBX (ISO 30042, version 2 and 3): each concept (`termEntry`, `conceptEntry`) with the terms of its
//! languages (`langSet`, `langSec`); one whose `administrativeStatus` is deprecated or superseded is
//! forbidden.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use quick_xml::{Reader, events::Event};
use serde::{Deserialize, Serialize};

use crate::text::{Direction, Language};

/// A term and what stands for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Term {
    /// In the language of the source.
    pub source: String,
    /// Any of these may stand for it.
    pub targets: Vec<String>,
    /// None of these may.
    pub forbidden: Vec<String>,
    /// What a translator should know.
    pub note: String,
}

/// A glossary that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GlossaryError {
    /// The operating system refused.
    #[error("cannot read the glossary `{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line or an element is wrong.
    #[error("the glossary `{path}`, line {line}: {message}")]
    Format {
        /// The file.
        path: PathBuf,
        /// Where, from 1.
        line: u32,
        /// What is wrong and what to do.
        message: String,
    },
}

/// Reads the glossary at `path`: `.tbx` and `.xml` as TBX, others as TSV.
///
/// # Errors
/// [`GlossaryError::Io`], or [`GlossaryError::Format`] for the first line that is wrong.
pub fn read(path: &Path, direction: Direction) -> Result<Vec<Term>, GlossaryError> {
    let text = fs::read_to_string(path)
        .map_err(|source| GlossaryError::Io { path: path.to_owned(), source })?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    let text = text.trim_start_matches('\u{feff}');
    let terms = match extension.to_ascii_lowercase().as_str() {
        "tbx" | "xml" => tbx(text, direction),
        _ => tsv(text),
    };
    terms.map_err(|(line, message)| GlossaryError::Format { path: path.to_owned(), line, message })
}

type Wrong = (u32, String);

fn tsv(text: &str) -> Result<Vec<Term>, Wrong> {
    let mut terms: Vec<Term> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let mut cells = line.split('\t').map(str::trim);
        let source = cells.next().unwrap_or("");
        let target = cells.next().unwrap_or("");
        if number == 1
            && source.eq_ignore_ascii_case("source")
            && target.eq_ignore_ascii_case("target")
        {
            continue;
        }
        if source.is_empty() || target.is_empty() {
            let message = "give a term, a tab and its translation".to_owned();
            return Err((number, message));
        }
        let known = terms.iter().position(|term| term.source == source);
        let at = known.unwrap_or_else(|| {
            terms.push(Term { source: source.to_owned(), ..Term::default() });
            terms.len() - 1
        });
        let term = &mut terms[at];
        for target in target.split('|').map(str::trim).filter(|target| !target.is_empty()) {
            match target.strip_prefix('!') {
                Some(forbidden) => term.forbidden.push(forbidden.trim().to_owned()),
                None => term.targets.push(target.to_owned()),
            }
        }
        if let Some(note) = cells.next().filter(|note| !note.is_empty()) {
            term.note = note.to_owned();
        }
    }
    Ok(terms)
}

/// A term of TBX: language, text, whether it is forbidden.
type Said = (Language, String, bool);

fn tbx(text: &str, direction: Direction) -> Result<Vec<Term>, Wrong> {
    let mut reader = Reader::from_str(text);
    let mut terms = Vec::new();
    let mut concept: Vec<Said> = Vec::new();
    let mut language = None;
    let (mut in_term, mut in_status) = (false, false);
    let line = |at: u64| {
        let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
        text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() as u32 + 1
    };
    loop {
        let event = reader
            .read_event()
            .map_err(|error| (line(reader.error_position()), format!("{error}; give TBX")))?;
        match event {
            Event::Start(start) => match start.local_name().as_ref() {
                "termEntry" | "conceptEntry" => concept.clear(),
                "langSet" | "langSec" => {
                    let lang = start
                        .attributes()
                        .flatten()
                        .find(|attribute| attribute.key.local_name().as_ref() == "lang");
                    let code = lang.map(|lang| lang.value.to_ascii_lowercase());
                    language = match code.as_deref().and_then(|code| code.get(..2)) {
                        Some("en") => Some(Language::En),
                        Some("id" | "in") => Some(Language::Id),
                        _ => None,
                    };
                }
                "term" => {
                    in_term = true;
                    if let Some(language) = language {
                        concept.push((language, String::new(), false));
                    }
                }
                "termNote" => {
                    in_status = start
                        .attributes()
                        .flatten()
                        .any(|attribute| attribute.value.as_ref() == "administrativeStatus");
                }
                "administrativeStatus" => in_status = true,
                _ => {}
            },
            Event::Text(said) => {
                let said: &str = &said;
                if let (Some(_), Some(last)) = (language, concept.last_mut()) {
                    if in_term {
                        last.1.push_str(said);
                    } else if in_status
                        && (said.contains("deprecated") || said.contains("superseded"))
                    {
                        last.2 = true;
                    }
                }
            }
            Event::GeneralRef(name) => {
                if let (true, Some(last)) = (in_term && language.is_some(), concept.last_mut()) {
                    last.1.push_str(match name.as_ref() {
                        "amp" => "&",
                        "lt" => "<",
                        "gt" => ">",
                        "quot" => "\"",
                        _ => "'",
                    });
                }
            }
            Event::End(end) => match end.local_name().as_ref() {
                "term" => in_term = false,
                "termNote" | "administrativeStatus" => in_status = false,
                "langSet" | "langSec" => language = None,
                "termEntry" | "conceptEntry" => terms.extend(paired(&concept, direction)),
                _ => {}
            },
            Event::Eof => return Ok(terms),
            _ => {}
        }
    }
}

/// Each term of the source's language with all of the other one.
fn paired(concept: &[Said], direction: Direction) -> Vec<Term> {
    let of = |language: Language, forbidden: bool| -> Vec<String> {
        let terms = concept.iter().filter(|said| said.0 == language && said.2 == forbidden);
        terms.map(|said| said.1.trim().to_owned()).filter(|term| !term.is_empty()).collect()
    };
    let (targets, forbidden) = (of(direction.target(), false), of(direction.target(), true));
    if targets.is_empty() && forbidden.is_empty() {
        return Vec::new();
    }
    let term = |source: String| Term {
        source,
        targets: targets.clone(),
        forbidden: forbidden.clone(),
        note: String::new(),
    };
    of(direction.source(), false).into_iter().map(term).collect()
}

#[cfg(test)]
mod tests {
    use super::{Term, tbx, tsv};
    use crate::text::Direction;

    #[test]
    fn lines_with_one_source_go_together() {
        let text =
            "source\ttarget\n# a\nfile\tberkas | arsip\t a note\nfile\t!fail\n\nhost\tinang\n";
        let terms = tsv(text).unwrap();
        assert_eq!(terms.len(), 2);
        let file = Term {
            source: "file".to_owned(),
            targets: vec!["berkas".to_owned(), "arsip".to_owned()],
            forbidden: vec!["fail".to_owned()],
            note: "a note".to_owned(),
        };
        assert_eq!(terms[0], file);
        assert_eq!(tsv("a\tb\nfile\n").unwrap_err().0, 2);
    }

    #[test]
    fn tbx_of_both_versions() {
        let text = r#"<?xml version="1.0"?>
<tbx><text><body><conceptEntry id="1">
 <langSec xml:lang="en"><termSec><term>file &amp; folder</term></termSec></langSec>
 <langSec xml:lang="id"><termSec><term>berkas</term></termSec>
  <termSec><term>fail</term><termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></termSec></langSec>
</conceptEntry>
<termEntry><langSet xml:lang="en-US"><tig><term>host</term></tig></langSet>
 <langSet xml:lang="fr"><tig><term>hôte</term></tig></langSet>
 <langSet xml:lang="id"><tig><term>inang</term></tig></langSet></termEntry>
</body></text></tbx>"#;
        let terms = tbx(text, Direction::EnId).unwrap();
        assert_eq!(terms.len(), 2);
        assert_eq!(terms[0].source, "file & folder");
        assert_eq!((terms[0].targets.len(), terms[0].forbidden.len()), (1, 1));
        assert_eq!((&*terms[1].source, &*terms[1].targets[0]), ("host", "inang"));
        let back = tbx(text, Direction::IdEn).unwrap();
        assert_eq!((&*back[1].source, &*back[1].targets[0]), ("inang", "host"));
        assert_eq!(tbx("<tbx>\n<a></b></tbx>", Direction::EnId).unwrap_err().0, 2);
    }
}
