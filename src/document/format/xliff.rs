//! XLIFF 1.2 and 2.x, and what tools make of them (`.sdlxliff`).
//!
//! The languages of the file decide the direction; where it names only the source, the target is
//! the other one. What is neither from English into Indonesian nor back is left out, with a
//! problem; a target whose source is in a third language is read without it.
//!
//! # What is read
//! A segment is a `<segment>` of XLIFF 2, a pair of `<mrk mtype="seg">` with the same `mid` in
//! XLIFF 1.2, or else a whole unit. Segments of one unit are one block, and none is cut into
//! sentences. Left out are units with `translate="no"`, targets that are empty or whose state says
//! that nobody has translated them (`new`, `needs-translation`, `initial`), proposals (`alt-trans`,
//! `matches`), notes, and the header of a PO file (`x-gettext-domain-header`).
//!
//! # Inline elements
//! Those around text (`g`, `pc`, `mrk`) are transparent, and the markers of such (`bx`, `ex`, `bpt`,
//! `ept`, `it`, `sc`, `ec`, `sm`, `em`) are left out. Those that stand for something (`x`, `ph`) are placeables: as
//! the text that the file gives for them (`equiv-text`, `equiv`, the content of `ph`), or else as the tag. Text in
//! `<mrk translate="no">` or `mtype="protected"` is a placeable; a tracked deletion is left out.
//! Tags that are written in the text (`&lt;b&gt;`) are placeables if they are closed.

use std::{collections::HashMap, path::Path};

use super::{DocumentFormat, ReadOptions, has_extension};
use crate::{
    document::{
        Comments, Document, ReadError, ReadProblem, SegmentText,
        block::add_addresses,
        languages,
        xml::{self, Broken, Content, Event, Inline, Tag, Xml},
    },
    text::{Direction, OffsetMap},
};

/// XLIFF: `.xlf`, `.xliff` and the extensions of some tools, and XML whose first element is
/// `xliff`.
pub(super) struct Xliff;

impl DocumentFormat for Xliff {
    fn name(&self) -> &'static str {
        "xliff"
    }

    fn accepts(&self, path: &Path, head: &str) -> bool {
        let extensions = ["xlf", "xliff", "sdlxliff", "mqxliff", "mxliff", "txlf"];
        has_extension(path, &extensions) || xml::root(head) == Some("xliff")
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
            Reader { xml, to_file, document, default, block: 0 }.read()
        })
    }
}

/// What an element hands on to those inside it.
#[derive(Debug, Clone, Default)]
struct Scope {
    source: Option<String>,
    target: Option<String>,
    left_out: bool,
    preserve: bool,
}

impl Scope {
    fn inside(&self, tag: &Tag<'_>) -> Self {
        let named = |names: [&str; 2]| names.into_iter().find_map(|name| tag.get(name));
        let language = |names, outer: &Option<String>| match named(names) {
            Some(tag) => Some(tag.to_owned()).filter(|tag| !tag.trim().is_empty()),
            None => outer.clone(),
        };
        Self {
            source: language(["source-language", "srcLang"], &self.source),
            target: language(["target-language", "trgLang"], &self.target),
            left_out: !tag.is_translated(!self.left_out),
            preserve: preserve(tag, self.preserve),
        }
    }
}

fn preserve(tag: &Tag<'_>, inherited: bool) -> bool {
    tag.get("xml:space").map_or(inherited, |space| space == "preserve")
}

/// A source and its target, as they are found.
#[derive(Debug, Default)]
struct Pair {
    source: Option<Content>,
    /// The source once more, cut like the target.
    cut: Option<Content>,
    target: Option<Content>,
    untranslated: bool,
    /// `xml:lang` of the target.
    language: Option<String>,
}

struct Reader<'t, 'd> {
    xml: &'d mut Xml<'t>,
    to_file: &'t OffsetMap,
    document: &'d mut Document,
    default: Direction,
    block: u32,
}

impl<'t> Reader<'t, '_> {
    fn read(&mut self) -> Result<(), Broken> {
        // Of each element that is open.
        let mut scopes: Vec<Scope> = Vec::new();
        let mut is_xliff = false;
        loop {
            match self.xml.next()? {
                Event::Start(tag) => match tag.name {
                    "xliff" | "file" | "body" | "group" => {
                        is_xliff = true;
                        let scope = scopes.last().cloned().unwrap_or_default().inside(&tag);
                        if tag.name == "file" && self.direction(&scope, None).is_err() {
                            self.problem(&tag, &scope);
                            self.xml.skip()?;
                        } else {
                            scopes.push(scope);
                        }
                    }
                    "trans-unit" | "unit" => {
                        let scope = scopes.last().cloned().unwrap_or_default().inside(&tag);
                        // What gettext's tools make of the header of a PO file.
                        let is_header = tag.get("restype") == Some("x-gettext-domain-header");
                        if scope.left_out || is_header {
                            self.xml.skip()?;
                        } else {
                            self.unit(&tag, &scope)?;
                        }
                    }
                    _ if !is_xliff => {
                        let message = "the first element is not `<xliff>`: this is no XLIFF file";
                        return Err(Broken::new(tag.range.start, message));
                    }
                    _ => self.xml.skip()?,
                },
                Event::End => {
                    scopes.pop();
                }
                Event::Eof if !is_xliff => {
                    return Err(Broken::new(0, "there is no `<xliff>`: this is no XLIFF file"));
                }
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    /// Direction, and whether the source is of it.
    fn direction(&self, scope: &Scope, target: Option<&str>) -> Result<(Direction, bool), String> {
        let target = target.or(scope.target.as_deref());
        languages::direction(scope.source.as_deref(), target, self.default)
    }

    fn problem(&mut self, tag: &Tag<'_>, scope: &Scope) {
        let Err(message) = self.direction(scope, None) else { return };
        let line = self.document.lines.line(tag.range.start as u64);
        self.document.problems.push(ReadProblem { line, message });
    }

    fn unit(&mut self, unit: &Tag<'t>, scope: &Scope) -> Result<(), Broken> {
        let mut pairs = vec![Pair::default()];
        let mut preserves = vec![scope.preserve];
        let mut in_segment = false;
        loop {
            match self.xml.next()? {
                Event::Start(tag) => {
                    let last = pairs.last_mut().expect("one from the start");
                    let space = preserve(&tag, *preserves.last().unwrap_or(&false));
                    match tag.name {
                        "segment" if !in_segment => {
                            in_segment = true;
                            preserves.push(space);
                            let untranslated = is_untranslated(tag.get("state"));
                            pairs.push(Pair { untranslated, ..Pair::default() });
                        }
                        "source" if last.source.is_none() => {
                            last.source = Some(self.content(space)?);
                        }
                        "seg-source" if last.cut.is_none() => {
                            last.cut = Some(self.content(space)?);
                        }
                        "target" if last.target.is_none() => {
                            last.untranslated |= is_untranslated(tag.get("state"));
                            last.language = tag.get("xml:lang").map(str::to_owned);
                            last.target = Some(self.content(space)?);
                        }
                        _ => self.xml.skip()?,
                    }
                }
                Event::End if in_segment => {
                    in_segment = false;
                    preserves.pop();
                }
                Event::End | Event::Eof => break,
                _ => {}
            }
        }
        let before = self.document.segments.len();
        for pair in pairs {
            self.pair(unit, scope, pair);
        }
        self.block += u32::from(self.document.segments.len() > before);
        Ok(())
    }

    fn content(&mut self, preserve: bool) -> Result<Content, Broken> {
        xml::content(self.xml, self.to_file, preserve, treat)
    }

    fn pair(&mut self, unit: &Tag<'_>, scope: &Scope, pair: Pair) {
        let Pair { source, cut, target: Some(target), untranslated: false, language } = pair else {
            return;
        };
        let (direction, has_source) = match self.direction(scope, language.as_deref()) {
            Ok(direction) => direction,
            Err(message) => {
                let line = self.document.lines.line(unit.range.start as u64);
                self.document.problems.push(ReadProblem { line, message });
                return;
            }
        };
        let source = source.filter(|_| has_source).unwrap_or_default();
        if target.parts.is_empty() {
            self.push(direction, source.text, target.text);
            return;
        }
        let cut = cut.filter(|_| has_source).unwrap_or(source);
        let mut sources: HashMap<_, _> = cut.parts.into_iter().collect();
        for (mid, target) in target.parts {
            let source = sources.remove(&mid).unwrap_or_default();
            self.push(direction, source, target);
        }
    }

    fn push(&mut self, direction: Direction, source: SegmentText, target: SegmentText) {
        let [source, target] = [source, target].map(|mut text| {
            xml::mark_tags(&mut text);
            add_addresses(&mut text);
            text
        });
        if !target.text.trim().is_empty() {
            let source = Some(source).filter(|source| !source.text.trim().is_empty());
            self.document.push(self.block, direction, source, target);
        }
    }
}

fn is_untranslated(state: Option<&str>) -> bool {
    matches!(state, Some("new" | "needs-translation" | "initial"))
}

fn treat(tag: &Tag<'_>) -> Inline {
    let equivalent = || {
        let names = ["equiv-text", "equiv", "disp"];
        names.into_iter().find_map(|name| tag.get(name)).filter(|text| !text.trim().is_empty())
    };
    match tag.name {
        "x" => equivalent().map_or(Inline::Tag, |text| Inline::Stands(text.to_owned())),
        "ph" => equivalent().map_or(Inline::Native, |text| Inline::Stands(text.to_owned())),
        "bx" | "ex" | "bpt" | "ept" | "it" | "sc" | "ec" | "sm" | "em" | "sub" => Inline::Drop,
        "cp" => tag
            .get("hex")
            .and_then(|hex| u32::from_str_radix(hex, 16).ok())
            .and_then(char::from_u32)
            .map_or(Inline::Drop, Inline::Char),
        "mrk" if !tag.is_translated(true) => Inline::Protected,
        "mrk" => match tag.get("mtype") {
            Some("seg") => Inline::Segment(tag.get("mid").unwrap_or("").to_owned()),
            Some("protected") => Inline::Protected,
            Some(kind) if kind.ends_with("deleted") => Inline::Drop,
            _ => Inline::Transparent,
        },
        _ => Inline::Transparent,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tester::{pairs, place, read, refused};
    use super::*;

    fn old(body: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<xliff version=\"1.2\">\n<file \
             source-language=\"en-US\" target-language=\"id-ID\"><header><note>x</note></header>\
             <body>{body}</body></file></xliff>"
        )
    }

    fn new(body: &str) -> String {
        format!(
            "<xliff xmlns=\"urn:oasis:names:tc:xliff:document:2.0\" version=\"2.0\" srcLang=\"id\" \
             trgLang=\"en\"><file id=\"f\">{body}</file></xliff>"
        )
    }

    fn codes(document: &Document, segment: usize) -> Vec<&str> {
        let target = &document.segments[segment].target;
        target.placeables.iter().map(|p| p.span.of(&target.text)).collect()
    }

    #[test]
    fn units_of_version_1() {
        let text = old(
            "<group><trans-unit id='1'><source>Hi &amp; bye.</source><target state='final'>Hai &amp; \
             da<g id='1'>daa</g>. Dua<x id='2'/><x id='3' equiv-text='{{n}}'/></target><note>n</note>\
             <alt-trans><source>a</source><target>b</target></alt-trans></trans-unit>\
             <trans-unit id='h' restype='x-gettext-domain-header'><source>Language: en</source><target>Language: id\
             </target></trans-unit><trans-unit id='2' translate='no'><source>a</source><target>a</target></trans-unit></group>\
             <group translate='no'><trans-unit id='3'><source>a</source><target>a</target></trans-unit></group>\
             <trans-unit id='4'><source>a</source><target state='new'>a</target></trans-unit>\
             <trans-unit id='5'><source>a</source><target/></trans-unit>\
             <trans-unit id='6'><source>a</source></trans-unit>\
             <trans-unit id='7'><source><![CDATA[<b>a</b>]]></source><target><![CDATA[<b>a &amp;</b>]]></target></trans-unit>",
        );
        let document = read(&Xliff, &text);
        assert_eq!(
            pairs(&document),
            [
                (Some("Hi & bye."), "Hai & dadaa. Dua<x id='2'/>{{n}}"),
                (Some("<b>a</b>"), "<b>a &amp;</b>"),
            ]
        );
        assert_eq!(codes(&document, 0), ["<x id='2'/>", "{{n}}"]);
        assert_eq!(codes(&document, 1), ["<b>", "</b>"]);
        assert_eq!(place(&document, 0, "& dadaa"), "&amp; da<g id='1'>daa");
        assert_eq!(document.segments[0].direction, Direction::EnId);
        assert!(document.problems.is_empty());
    }

    #[test]
    fn segments_of_version_1_are_paired_by_their_number() {
        let text = old(
            "<trans-unit id='1'><source>One. Two.</source><seg-source><g id='1'><mrk mtype='seg' \
             mid='1'>One.</mrk> <mrk mtype='seg' mid='2'>Two.</mrk></g></seg-source><target><g id='1'>\
             <mrk mtype='seg' mid='2'>Dua <mrk mtype='x-sdl-deleted'>x</mrk><mrk mtype='protected'>B\
             </mrk>.</mrk> <mrk mtype='seg' mid='1'>Satu.</mrk><mrk mtype='seg' mid='3'/></g></target>\
             </trans-unit>",
        );
        let document = read(&Xliff, &text);
        assert_eq!(pairs(&document), [(Some("Two."), "Dua B."), (Some("One."), "Satu.")]);
        assert_eq!(codes(&document, 0), ["B"]);
        assert_eq!(document.segments[1].block, document.segments[0].block);
    }

    #[test]
    fn units_of_version_2() {
        let text = new(
            "<group><unit id='1'><originalData><data id='d1'>&lt;b&gt;</data></originalData>\
             <mtc:matches><mtc:match><source>x</source><target>y</target></mtc:match></mtc:matches>\
             <segment id='1' state='translated'><source>Satu <pc id='1'>dua</pc>.</source>\n<target>One \
             <pc id='1'>two</pc> <ph id='2' equiv='{0}'/><ph id='3' dataRef='d1'/><sc id='4'/>&#x21;<cp \
             hex='0009'/></target></segment><ignorable><source> </source><target> </target></ignorable>\
             <segment state='initial'><source>a</source><target>a</target></segment>\
             <segment><source>Tiga.</source><target>Three <mrk id='m' translate='no'>X</mrk>.</target>\
             </segment></unit></group><unit id='2' translate='no'><segment><source>a</source><target>a\
             </target></segment></unit>",
        );
        let document = read(&Xliff, &text);
        assert_eq!(
            pairs(&document),
            [
                (Some("Satu dua."), "One two {0}<ph id='3' dataRef='d1'/>!\t"),
                (Some("Tiga."), "Three X."),
            ]
        );
        assert_eq!(codes(&document, 0), ["{0}", "<ph id='3' dataRef='d1'/>"]);
        assert_eq!(document.segments[0].direction, Direction::IdEn);
        assert_eq!(document.segments[1].block, 0);
    }

    #[test]
    fn white_space_of_a_pretty_file_is_none_of_the_text() {
        let body = |space: &str| {
            let text = format!(
                "<trans-unit id='1'><source>a</source><target{space}>\n    Satu\n    dua  tiga.\nEmpat\n  \
                 </target></trans-unit>"
            );
            read(&Xliff, &old(&text)).segments[0].target.text.clone()
        };
        assert_eq!(body(""), "Satu dua  tiga.\nEmpat");
        assert_eq!(body(" xml:space='preserve'"), "\n    Satu\n    dua  tiga.\nEmpat\n  ");
    }

    #[test]
    fn other_languages_are_left_out_and_said_so() {
        let text = "<xliff version='1.2'><file source-language='en' target-language='fr'><body><trans-unit \
                    id='1'><source>a</source><target>b</target></trans-unit></body></file>\n<file \
                    source-language='de' target-language='id'><body><trans-unit id='1'><source>Eins\
                    </source><target>Satu</target></trans-unit></body></file></xliff>";
        let document = read(&Xliff, text);
        assert_eq!(pairs(&document), [(None, "Satu")]);
        assert!(document.problems[0].message.starts_with("from `en` into `fr`"));
    }

    #[test]
    fn broken_files() {
        let text = old(
            "<trans-unit id='1'><source>a &x; b</source><target>c &x; d</target></trans-unit>\n<trans-unit></a>",
        );
        let document = read(&Xliff, &text);
        assert_eq!(pairs(&document), [(Some("a &x; b"), "c &x; d")]);
        assert_eq!(codes(&document, 0), ["&x;"]);
        let lines: Vec<_> = document.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [3, 4]);
        for text in ["kata", "", "<a/>", "<xliff><file>"] {
            assert!(!refused(&Xliff, text).is_empty());
        }
        let laughs = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><xliff><file \
                      source-language='en' target-language='id'><body><trans-unit id='1'><source>b\
                      </source><target>Ini &b;.</target></trans-unit></body></file></xliff>";
        let document = read(&Xliff, laughs);
        assert_eq!(pairs(&document), [(Some("b"), "Ini &b;.")]);
        assert_eq!(document.problems.len(), 1);
    }
}
