//! TMX 1.4: translation memories.
//!
//! Of each unit the English and the Indonesian variant are read, whatever country their languages
//! name; the first of each, where there are several. `srclang` of the unit, or else of the file,
//! tells which of the two is the source; `--direction` does where it names neither. A unit without
//! text in the language of the target has nothing to judge and is passed over; one without its
//! source is read without. A unit is one segment, not cut into sentences.
//!
//! Highlighting (`hi`) is transparent; native code of formatting in pairs (`bpt`, `ept`, `it`) is
//! left out; that of placeholders (`ph`) stays as a placeable.

use std::{collections::BTreeSet, path::Path};

use super::{DocumentFormat, ReadOptions, has_extension};
use crate::{
    document::{
        Comments, Document, ReadError, SegmentText,
        block::add_addresses,
        languages,
        xml::{self, Broken, Event, Inline, Tag, Xml},
    },
    text::{Direction, Language, OffsetMap},
};

/// TMX: `.tmx`, and XML whose first element is `tmx`.
pub(super) struct Tmx;

impl DocumentFormat for Tmx {
    fn name(&self) -> &'static str {
        "tmx"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        has_extension(path, &["tmx"]) || xml::root(head) == Some("tmx")
    }

    fn comments(&self) -> Comments {
        Comments::Markup
    }

    fn literal(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        xml::cdata(text)
    }

    fn takes_raw(&self, text: &str) -> bool {
        xml::takes_raw(text)
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let default = options.direction;
        xml::read(document, |xml, to_file, document| {
            let (source, seen) = (None, BTreeSet::new());
            let mut reader = Reader { xml, to_file, document, default, source, seen, block: 0 };
            reader.read()?;
            if reader.document.segments.is_empty() && !reader.seen.is_empty() {
                let seen: Vec<_> = reader.seen.iter().map(|tag| format!("`{tag}`")).collect();
                let message = format!(
                    "no unit has a translation to judge; languages of the file: {}",
                    seen.join(", ")
                );
                return Err(Broken::new(0, message));
            }
            Ok(())
        })
    }
}

struct Reader<'t, 'd> {
    xml: &'d mut Xml<'t>,
    to_file: &'t OffsetMap,
    document: &'d mut Document,
    default: Direction,
    /// `srclang` of the file.
    source: Option<Language>,
    /// Some languages of the file, for messages.
    seen: BTreeSet<String>,
    block: u32,
}

impl<'t> Reader<'t, '_> {
    fn read(&mut self) -> Result<(), Broken> {
        let mut is_tmx = false;
        loop {
            match self.xml.next()? {
                Event::Start(tag) => match tag.name {
                    "tmx" | "body" => is_tmx = true,
                    "header" => {
                        self.source = tag.get("srclang").and_then(languages::language);
                        self.xml.skip()?;
                    }
                    "tu" => self.unit(&tag)?,
                    _ if !is_tmx => {
                        let message = "the first element is not `<tmx>`: this is no TMX file";
                        return Err(Broken::new(tag.range.start, message));
                    }
                    _ => self.xml.skip()?,
                },
                Event::Eof if !is_tmx => {
                    return Err(Broken::new(0, "there is no `<tmx>`: this is no TMX file"));
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn unit(&mut self, unit: &Tag<'_>) -> Result<(), Broken> {
        let source = unit.get("srclang").and_then(languages::language).or(self.source);
        let preserve = unit.get("xml:space") == Some("preserve");
        let (mut en, mut id) = (None, None);
        loop {
            match self.xml.next()? {
                Event::Start(tag) if tag.name == "tuv" => {
                    // `lang` is how TMX 1.1 wrote it.
                    let tag_of = tag.get("xml:lang").or_else(|| tag.get("lang")).unwrap_or("?");
                    if self.seen.len() < 10 {
                        self.seen.insert(tag_of.chars().take(20).collect());
                    }
                    let slot = match languages::language(tag_of) {
                        Some(Language::En) => Some(&mut en),
                        Some(Language::Id) => Some(&mut id),
                        None => None,
                    };
                    match slot {
                        Some(slot) if slot.is_none() => {
                            *slot = variant(self.xml, self.to_file, preserve)?;
                        }
                        _ => self.xml.skip()?,
                    }
                }
                Event::Start(_) => self.xml.skip()?,
                Event::End | Event::Eof => break,
                _ => {}
            }
        }
        let direction = match source {
            Some(Language::En) => Direction::EnId,
            Some(Language::Id) => Direction::IdEn,
            None => self.default,
        };
        let (source, target) = match direction {
            Direction::EnId => (en, id),
            Direction::IdEn => (id, en),
        };
        if let Some(target) = target {
            self.document.push(self.block, direction, source, target);
            self.block += 1;
        }
        Ok(())
    }
}

/// The text of a variant, if it has one.
fn variant<'t>(
    xml: &mut Xml<'t>,
    to_file: &'t OffsetMap,
    preserve: bool,
) -> Result<Option<SegmentText>, Broken> {
    let mut text = None;
    loop {
        match xml.next()? {
            Event::Start(tag) if tag.name == "seg" => {
                let mut content = xml::content(xml, to_file, preserve, treat)?.text;
                xml::mark_tags(&mut content);
                add_addresses(&mut content);
                text = text.or(Some(content).filter(|text| !text.text.trim().is_empty()));
            }
            Event::Start(_) => xml.skip()?,
            Event::End | Event::Eof => return Ok(text),
            _ => {}
        }
    }
}

fn treat(tag: &Tag<'_>) -> Inline {
    match tag.name {
        "ph" => Inline::Native,
        "bpt" | "ept" | "it" | "ut" | "sub" => Inline::Drop,
        _ => Inline::Transparent,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tester::{pairs, place, read, read_in, refused};
    use super::*;

    fn tmx(srclang: &str, body: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">\n<tmx version=\"1.4\"><header srclang=\"{srclang}\"/><body>{body}</body></tmx>"
        )
    }

    #[test]
    fn english_and_indonesian_whatever_their_country() {
        let text = tmx(
            "EN-US",
            "<tu><prop>x</prop><tuv xml:lang='fr'><seg>Un.</seg></tuv><tuv lang='ID-id'><note>n</note>\
             <seg>Satu &amp; dua<bpt i='1'>&lt;b></bpt>.<ept i='1'/> <ph x='1'>{0}</ph><ph/></seg></tuv>\
             <tuv xml:lang='en_US'><seg>One.</seg></tuv><tuv xml:lang='en-GB'><seg>Other.</seg></tuv></tu>\
             <tu><tuv xml:lang='en'><seg>Only</seg></tuv></tu>\
             <tu srclang='id'><tuv xml:lang='id'><seg>Dua</seg></tuv><tuv xml:lang='en'><seg>Two</seg></tuv></tu>\
             <tu><tuv xml:lang='id'><seg>Tiga</seg></tuv></tu>",
        );
        let document = read(&Tmx, &text);
        assert_eq!(
            pairs(&document),
            [(Some("One."), "Satu & dua. {0}<ph/>"), (Some("Dua"), "Two"), (None, "Tiga"),]
        );
        assert_eq!(document.segments[1].direction, Direction::IdEn);
        assert_eq!(place(&document, 0, "& dua."), "&amp; dua<bpt i='1'>&lt;b></bpt>.");
        let target = &document.segments[0].target;
        let codes: Vec<_> = target.placeables.iter().map(|p| p.span.of(&target.text)).collect();
        assert_eq!(codes, ["{0}", "<ph/>"]);
    }

    #[test]
    fn the_option_decides_where_the_file_does_not() {
        let text = tmx(
            "*all*",
            "<tu><tuv xml:lang='id'><seg>Dua</seg></tuv><tuv xml:lang='en'><seg>Two</seg></tuv></tu>",
        );
        assert_eq!(pairs(&read_in(&Tmx, &text, Direction::IdEn)), [(Some("Dua"), "Two")]);
        assert_eq!(pairs(&read_in(&Tmx, &text, Direction::EnId)), [(Some("Two"), "Dua")]);
    }

    #[test]
    fn what_is_no_memory_of_ours_is_refused() {
        let message = refused(&Tmx, &tmx("en", "<tu><tuv xml:lang='fr'><seg>Un</seg></tuv></tu>"));
        assert!(message.ends_with("languages of the file: `fr`"), "{message}");
        for text in ["kata", "", "<a/>", "<tmx><body><tu>"] {
            assert!(!refused(&Tmx, text).is_empty());
        }
        let cut = tmx("en", "<tu><tuv xml:lang='id'><seg>Dua</seg></tuv></tu><tu><tuv>");
        let document = read(&Tmx, &cut[..cut.len() - 15]);
        assert_eq!(document.problems[0].line, 3);
        assert_eq!(pairs(&document), [(None, "Dua")]);
    }
}
