//! Markdown: CommonMark 0.31 with the tables, task lists, footnotes, strikethrough and alerts of
//! GitHub.
//!
//! # What is read
//! Headings, paragraphs, list items, quotes, table cells, footnotes and alternative texts of
//! images are blocks. Left out are front matter (YAML between `---`, TOML between `+++`), code
//! blocks, addresses and titles of links and images, and HTML comments.
//!
//! # What becomes of markup
//! - Markers that CommonMark reads as markup (`**kuat**`, `# `, `> `) are removed. Markers that it
//!   does not (`**Judul. **`, whose second marker follows a space) stay in the text: a reader of
//!   the page would see them too, and a check reports them.
//! - The content of inline code stays, as a [`PlaceableKind::Code`]; addresses stay, as
//!   [`PlaceableKind::Url`].
//! - Inline HTML tags stay. A pair of tags, an empty element (`<br>`) and `<x/>` are
//!   [`PlaceableKind::Tag`]; a tag without its partner is plain text, for a check to report.
//! - Entities and escapes are decoded once: `&amp;` reads `&` and maps to all five bytes;
//!   `&amp;nbsp;` reads `&nbsp;`, which is what a page shows.
//!
//! # Lines
//! A line end in a paragraph is a space or parts blocks by the rule of `wrap.rs`; inside the text of
//! a link it never parts. Lines that are blocks of their own are parsed apart where CommonMark
//! would match a marker of one with a marker of another: in a page without blank lines the stray
//! markers would otherwise pair up across paragraphs and vanish.
//!
//! # HTML blocks
//! CommonMark takes all lines from `<div>` or `<p>` to the next blank one for HTML. Their tags are
//! placeables, and each line that has words besides is a block: were they left out, one left-over
//! `<p>` in a page without blank lines would hide the rest of the page from every check. Scripts,
//! styles, preformatted text and comments are left out.

use std::{collections::HashSet, ops::Range, path::Path};

use pulldown_cmark::{BrokenLink, CowStr, Event, LinkType, Options, Parser, RefDefs, Tag, TagEnd};

use super::{DocumentFormat, ReadOptions, body, has_extension, lines, trimmed};
use crate::{
    document::{
        Comments, Document, Placeable, PlaceableKind, ReadError, SegmentText,
        block::{Blocks, Builder, Tags},
        wrap,
    },
    text::{OffsetMap, Span},
};

/// Markdown: `.md`, `.markdown`, `.mdown` and `.mkd`.
pub(super) struct Markdown;

impl DocumentFormat for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn accepts(&self, path: &Path, _head: &str) -> bool {
        has_extension(path, &["md", "markdown", "mdown", "mkd"])
    }

    fn comments(&self) -> Comments {
        Comments::Markup
    }

    fn literal(&self, text: &str) -> Vec<Range<usize>> {
        let start = front_matter(text, body(text));
        let events = Parser::new_ext(&text[start..], options()).into_offset_iter();
        let code = |(event, range): (Event<'_>, Range<usize>)| {
            let is_code = matches!(event, Event::Start(Tag::CodeBlock(_)) | Event::Code(_));
            is_code.then(|| range.start + start..range.end + start)
        };
        events.filter_map(code).collect()
    }

    fn takes_raw(&self, text: &str) -> bool {
        // Letters and the marks of running text: nothing that may begin markup.
        !text.contains(|c: char| c.is_control() || "\\`*_{}[]<>#|&~$^=+".contains(c))
    }

    fn read(&self, document: &mut Document, options: &ReadOptions) -> Result<(), ReadError> {
        let text = std::mem::take(&mut document.text);
        let start = front_matter(&text, body(&text));
        Reader {
            text: &text[start..],
            to_file: &OffsetMap::contiguous(start as u64, text.len() - start),
            blocks: Blocks::new(document, options),
        }
        .read();
        document.text = text;
        Ok(())
    }
}

/// Where the text behind front matter starts. Own rules, since the parser also takes any two
/// `---` in the middle of a text for such a block.
fn front_matter(text: &str, start: usize) -> usize {
    let mut lines = lines(text, start..text.len());
    let Some(fence) = lines.next().map(|line| &text[line]) else { return start };
    let (separator, ends): (_, &[&str]) = match fence {
        "---" => (':', &["---", "..."]),
        "+++" => ('=', &["+++"]),
        _ => return start,
    };
    // A thematic break is followed by prose, front matter by a key, a table or a comment.
    let is_key = |line: &str| {
        line.starts_with(['#', '['])
            || line.split_once(separator).is_some_and(|(key, _)| {
                !key.is_empty()
                    && key
                        .trim()
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"_-.\"'".contains(&b))
            })
    };
    if !lines.next().is_some_and(|line| is_key(&text[line])) {
        return start;
    }
    lines.find(|line| ends.contains(&&text[line.clone()])).map_or(start, |line| line.end)
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM
}

/// Inline events of one block, each with its range of the text that was parsed.
type Inline<'t> = Vec<(Event<'t>, Range<usize>)>;

struct Reader<'t, 'd> {
    text: &'t str,
    /// From offsets of `text` to the file.
    to_file: &'t OffsetMap,
    blocks: Blocks<'d>,
}

impl<'t> Reader<'t, '_> {
    fn read(&mut self) {
        let mut inline: Inline<'t> = Vec::new();
        let mut html: Vec<Range<usize>> = Vec::new();
        let mut in_code = false;
        let parser = Parser::new_ext(self.text, options());
        // A copy: the parser is consumed by reading it.
        let links = link_names(parser.reference_definitions());
        for (event, range) in parser.into_offset_iter() {
            match event {
                Event::Start(Tag::CodeBlock(_)) => in_code = true,
                Event::End(TagEnd::CodeBlock) => in_code = false,
                _ if in_code => continue,
                Event::Html(_) => {
                    html.push(range);
                    continue;
                }
                Event::End(TagEnd::HtmlBlock) => {
                    self.html_block(&std::mem::take(&mut html), &links);
                    continue;
                }
                Event::Start(ref tag) if is_inline(&tag.to_end()) => {
                    inline.push((event, range));
                    continue;
                }
                Event::End(ref tag) if is_inline(tag) => {
                    inline.push((event, range));
                    continue;
                }
                Event::Start(_) | Event::End(_) | Event::Rule => {}
                _ => {
                    inline.push((event, range));
                    continue;
                }
            }
            self.paragraph(std::mem::take(&mut inline), &links);
        }
        self.paragraph(inline, &links);
    }

    /// A leaf block: its events are cut into groups of lines.
    fn paragraph(&mut self, inline: Inline<'t>, links: &HashSet<String>) {
        let start = inline.iter().map(|(_, range)| range.start).min();
        let end = inline.iter().map(|(_, range)| range.end).max();
        let (Some(start), Some(end)) = (start, end) else { return };
        let rows = self.rows(start..end);
        let contents: Vec<&str> = rows.iter().map(|row| &self.text[row.clone()]).collect();
        let mut groups = wrap::groups(&contents, true);
        if groups.len() > 1 {
            groups = join_links(groups, &rows, &inline);
        }
        // The ranges of the text that are blocks.
        let spans: Vec<Range<usize>> =
            groups.iter().map(|group| rows[group.start].start..rows[group.end - 1].end).collect();
        if spans.len() < 2 {
            let text = self.block(&inline, self.text, self.to_file, false);
            self.push(text);
        } else if inline.iter().any(|(event, range)| crosses(event, range, &spans)) {
            for group in groups {
                self.apart(&rows[group], links, false);
            }
        } else {
            let mut from = 0;
            for span in &spans {
                let len = inline[from..].iter().take_while(|(_, r)| r.start < span.end).count();
                let text = self.block(&inline[from..from + len], self.text, self.to_file, false);
                self.push(text);
                from += len;
            }
        }
    }

    /// The lines of `range`, without what marks the quotes and lists around them.
    fn rows(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let content = |line: Range<usize>| {
            let skipped = |c: char| c.is_whitespace() || c == '>';
            let start = line.end - self.text[line.clone()].trim_start_matches(skipped).len();
            start..line.end
        };
        lines(self.text, range)
            .enumerate()
            .map(|(index, line)| {
                // A break in the middle of a paragraph may be written as a backslash.
                let line = match self.text[line.clone()].strip_suffix('\\') {
                    Some(rest) => trimmed(self.text, line.start..line.start + rest.len()),
                    None => line,
                };
                if index == 0 { line } else { content(line) }
            })
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// Parses `rows` as one line, apart from what stands around them.
    fn apart(&mut self, rows: &[Range<usize>], links: &HashSet<String>, is_html: bool) {
        // The parser has no mode for text without blocks. Behind a word and a space no block can
        // begin, and a marker is next to white space as at the start of a line.
        const LEAD: &str = "x ";
        let Some(first) = rows.first() else { return };
        let at = |offset: usize| Span::new(offset..offset);
        let Some(start) = self.to_file.to_file(at(first.start)) else { return };
        let mut line = Builder::new(self.text, self.to_file);
        line.text.text.push_str(LEAD);
        line.text.offsets.push(LEAD.len(), start.start, 0);
        let mut end = None;
        for row in rows {
            if let Some(end) = end {
                line.decode(" ", end..row.start);
            }
            line.copy(row.clone());
            end = Some(row.end);
        }
        let line = line.text;
        let mut known = |link: BrokenLink<'_>| {
            let name = link.reference.to_lowercase();
            links.contains(&name).then(|| (CowStr::from(""), CowStr::from("")))
        };
        let parser = Parser::new_with_broken_link_callback(&line.text, options(), Some(&mut known));
        let inline: Inline<'_> = parser
            .into_offset_iter()
            .filter_map(|(event, range)| match event {
                // The lead is never part of anything but text.
                Event::Text(text) if range.start < LEAD.len() => {
                    let cut = (LEAD.len() - range.start).min(text.len());
                    let rest = text.get(cut..).unwrap_or("").to_owned();
                    Some((Event::Text(rest.into()), LEAD.len()..range.end.max(LEAD.len())))
                }
                Event::Start(ref tag) if !is_inline(&tag.to_end()) => None,
                Event::End(ref tag) if !is_inline(tag) => None,
                event => Some((event, range)),
            })
            .collect();
        let texts = self.block(&inline, &line.text, &line.offsets, is_html);
        self.push(texts);
    }

    /// The lines of an HTML block that have words outside tags.
    fn html_block(&mut self, html: &[Range<usize>], links: &HashSet<String>) {
        let first = html.first().map_or("", |line| self.text[line.clone()].trim_start());
        let first = first.get(..10).unwrap_or(first).to_ascii_lowercase();
        // Not `<!--`: words may follow a comment on its line, as in a list item that begins with one.
        let raw = ["<script", "<style", "<pre", "<textarea", "<!d", "<![", "<?"];
        if raw.iter().any(|start| first.starts_with(start)) {
            return;
        }
        // The end of the tag or comment that a line before has begun.
        let mut open: Option<&str> = None;
        for line in html {
            let mut line = trimmed(self.text, line.clone());
            if let Some(end) = open {
                let Some(at) = self.text[line.clone()].find(end) else { continue };
                line.start += at + end.len();
                open = None;
            }
            let content = &self.text[line.clone()];
            for (start, end) in [("<!--", "-->"), ("<", ">")] {
                if let Some(at) = content.rfind(start)
                    && !content[at..].contains(end)
                    && content[at + 1..]
                        .starts_with(|c: char| c.is_ascii_alphabetic() || "/!".contains(c))
                {
                    open = Some(end);
                    line.end = line.start + at;
                    break;
                }
            }
            let line = trimmed(self.text, line);
            if !line.is_empty() {
                self.apart(&[line], links, true);
            }
        }
    }

    /// The text of inline events, and the alternative texts of the images among them.
    ///
    /// `origin` is what was parsed; `is_html`: every tag belongs to the HTML around it.
    fn block(
        &self,
        inline: &[(Event<'_>, Range<usize>)],
        origin: &str,
        to_file: &OffsetMap,
        is_html: bool,
    ) -> Vec<SegmentText> {
        let mut main = Writer::new(origin, to_file, is_html);
        let mut images = Vec::new();
        let mut image: Option<(Writer<'_>, u32)> = None;
        for (event, range) in inline {
            match event {
                Event::Start(Tag::Image { .. }) => {
                    let (_, depth) =
                        image.get_or_insert_with(|| (Writer::new(origin, to_file, is_html), 0));
                    *depth += 1;
                }
                Event::End(TagEnd::Image) => {
                    if let Some((writer, depth)) = image.take() {
                        if depth > 1 {
                            image = Some((writer, depth - 1));
                        } else {
                            images.push(writer.finish());
                            main.after_removed = true;
                        }
                    }
                }
                event => {
                    let writer = image.as_mut().map_or(&mut main, |(writer, _)| writer);
                    writer.write(event, range.clone());
                }
            }
        }
        let text = main.finish();
        // An HTML line of tags alone has no text.
        let words = |text: &SegmentText| {
            let is_word = |(at, c): (usize, char)| {
                c.is_alphanumeric() && !text.in_placeable(Span::new(at..at + c.len_utf8()))
            };
            text.text.char_indices().any(is_word)
        };
        let mut texts = if is_html && !words(&text) { Vec::new() } else { vec![text] };
        texts.append(&mut images);
        texts
    }

    fn push(&mut self, texts: Vec<SegmentText>) {
        for text in texts {
            self.blocks.push(text);
        }
    }
}

/// Names that links may refer to, in lower case.
fn link_names(definitions: &RefDefs<'_>) -> HashSet<String> {
    definitions.iter().map(|(name, _)| name.to_lowercase()).collect()
}

fn is_inline(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image
            | TagEnd::Superscript
            | TagEnd::Subscript
    )
}

/// Joins the groups of lines that a link, an image or a tag spans: its syntax leaves no doubt.
fn join_links(
    groups: Vec<Range<usize>>,
    rows: &[Range<usize>],
    inline: &[(Event<'_>, Range<usize>)],
) -> Vec<Range<usize>> {
    let mut spans = inline
        .iter()
        .filter(|(event, _)| {
            matches!(
                event,
                Event::Start(Tag::Link { .. } | Tag::Image { .. }) | Event::InlineHtml(_)
            )
        })
        .map(|(_, range)| range)
        .peekable();
    let mut joined: Vec<Range<usize>> = Vec::new();
    let mut reach = 0;
    for group in groups {
        let start = rows[group.start].start;
        while let Some(span) = spans.next_if(|span| span.start < start) {
            reach = span.end.max(reach);
        }
        match joined.last_mut() {
            Some(last) if reach > start => last.end = group.end,
            _ => joined.push(group),
        }
    }
    joined
}

/// Whether an event is a matched marker that reaches from one of `spans` into another.
fn crosses(event: &Event<'_>, range: &Range<usize>, spans: &[Range<usize>]) -> bool {
    let matched = matches!(
        event,
        Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough) | Event::Code(_)
    );
    matched && {
        let next = spans.partition_point(|span| span.start <= range.start);
        spans.get(next).is_some_and(|next| next.start < range.end)
    }
}

struct Writer<'a> {
    builder: Builder<'a>,
    tags: Tags,
    link: Option<usize>,
    is_html: bool,
    /// Something between two spaces was removed: one of them goes too.
    after_removed: bool,
}

impl<'a> Writer<'a> {
    fn new(origin: &'a str, to_file: &'a OffsetMap, is_html: bool) -> Self {
        let builder = Builder::new(origin, to_file);
        Self { builder, tags: Tags::default(), link: None, is_html, after_removed: false }
    }

    fn origin(&self, range: &Range<usize>) -> &'a str {
        self.builder.origin().get(range.clone()).unwrap_or("")
    }

    fn ends_in_space(&self) -> bool {
        let text = &self.builder.text.text;
        text.is_empty() || text.ends_with(char::is_whitespace)
    }

    fn write(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::Text(text) => self.text(text, range),
            Event::Code(code) => {
                let start = self.builder.len();
                match self.origin(&range).find(&**code) {
                    Some(at) => {
                        let from = range.start + at;
                        self.builder.copy(from..from + code.len());
                    }
                    None => self.builder.decode(code, range),
                }
                self.builder.mark(start, PlaceableKind::Code);
            }
            Event::InlineHtml(html) => self.tag(html, range),
            Event::SoftBreak | Event::HardBreak if !self.ends_in_space() => {
                self.builder.decode(" ", range);
            }
            Event::FootnoteReference(_) => self.after_removed = true,
            Event::Start(Tag::Link { link_type: LinkType::Autolink | LinkType::Email, .. }) => {
                self.link = Some(self.builder.len());
            }
            Event::End(TagEnd::Link) => {
                if let Some(start) = self.link.take() {
                    self.builder.mark(start, PlaceableKind::Url);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, mut range: Range<usize>) {
        let mut text = text;
        if std::mem::take(&mut self.after_removed)
            && self.ends_in_space()
            && text == self.origin(&range)
        {
            text = text.trim_start();
            range.start = range.end - text.len();
        }
        if text == self.origin(&range) {
            self.builder.copy(range);
        } else {
            self.builder.decode(text, range);
        }
    }

    fn tag(&mut self, html: &str, range: Range<usize>) {
        // Comments, instructions, declarations.
        if html.starts_with("<!") || html.starts_with("<?") {
            self.after_removed = true;
            return;
        }
        let start = self.builder.len();
        if html == self.origin(&range) && !html.contains(['\n', '\r']) {
            self.builder.copy(range);
        } else {
            self.builder.decode(&html.replace(['\n', '\r'], " "), range);
        }
        let span = Span::new(start..self.builder.len());
        self.tags.add(html, span, self.is_html);
    }

    fn finish(self) -> SegmentText {
        let mut text = self.builder.text;
        let kind = PlaceableKind::Tag;
        text.placeables.extend(self.tags.paired().map(|span| Placeable { span, kind }));
        text.placeables.sort_by_key(|placeable| placeable.span.start);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tester::{place, read, targets},
        *,
    };

    #[track_caller]
    fn markdown(text: &str, expected: &[&str]) -> Document {
        let document = read(&Markdown, text);
        assert_eq!(targets(&document), expected);
        document
    }

    fn placeables(document: &Document, segment: usize) -> Vec<(&str, PlaceableKind)> {
        let target = &document.segments[segment].target;
        target.placeables.iter().map(|p| (p.span.of(&target.text), p.kind)).collect()
    }

    #[test]
    fn blocks_of_every_kind() {
        markdown(
            "# Judul {#a}\n\nSatu. Dua.\n\n- butir\n  - dalam\n- [x] tugas\n\n> kutipan\n\n\
             | a | b |\n|---|:-:|\n| c | d \\| e |\n\nTeks[^1] lagi.\n\n[^1]: Catatan.\n\n***\n\nSub\n---\n",
            &[
                "Judul",
                "Satu.",
                "Dua.",
                "butir",
                "dalam",
                "tugas",
                "kutipan",
                "a",
                "b",
                "c",
                "d | e",
                "Teks lagi.",
                "Catatan.",
                "Sub",
            ],
        );
    }

    #[test]
    fn what_is_no_prose_is_left_out() {
        markdown(
            "---\njudul: Satu\n---\n\n```rust\nlet x = 1;\n```\n\n    kode\n\n<!-- komentar\nlagi -->\n\n\
             <script>\nlet y;\n</script>\n\nLihat [ini](https://a.id \"judul\") dan [itu][r]<!-- x --> ya.\n\n\
             [r]: https://b.id\n",
            &["Lihat ini dan itu ya."],
        );
        markdown("+++\na = 1\n+++\nSatu.", &["Satu."]);
        // A thematic break is no front matter.
        markdown("---\nSatu.\n\n---\n", &["Satu."]);
        markdown("---\n", &[]);
    }

    #[test]
    fn markers_that_are_markup_go_and_others_stay() {
        let document = markdown(
            "**Kuat**, *miring*, ~~coret~~. **Tidak tutup. **Ini buka.\n\nSatu * dua\\* _ tiga. **\n",
            &["Kuat, miring, coret.", "**Tidak tutup.", "**Ini buka.", "Satu * dua* _ tiga. **"],
        );
        assert_eq!(place(&document, 0, "Kuat, miring"), "Kuat**, *miring");
        assert_eq!(place(&document, 2, "**Ini"), "**Ini");
        assert_eq!(place(&document, 3, "dua* _"), "dua\\* _");
    }

    #[test]
    fn lines_of_their_own_are_parsed_apart() {
        let text = "Tanah maya kini turun harga.\n** \"Harga turun\" itu nyata. Lagi pula sepi. **\n\
                    **Sebab pabrik besar sudah pergi. **\nBagian tengah yang jelas. **Dalam dunia itu ada.**\n\
                    1.5 juta `kode\nAkhir ` cerita. **Selesai** sudah.\n";
        let document = markdown(
            text,
            &[
                "Tanah maya kini turun harga.",
                "** \"Harga turun\" itu nyata.",
                "Lagi pula sepi. **",
                "**Sebab pabrik besar sudah pergi. **",
                "Bagian tengah yang jelas.",
                "Dalam dunia itu ada.",
                "1.5 juta `kode",
                "Akhir ` cerita.",
                "Selesai sudah.",
            ],
        );
        assert_eq!(place(&document, 3, "pergi. **"), "pergi. **");
        let stray =
            document.to_file(document.segments[3].id, crate::text::Side::Target, Span::new(0..2));
        assert_eq!(stray.unwrap().start as usize, text.find("**Sebab").unwrap());
        let blocks: Vec<_> = document.segments.iter().map(|segment| segment.block).collect();
        assert_eq!(blocks, [0, 1, 1, 2, 3, 3, 4, 5, 5]);
    }

    #[test]
    fn wrapped_paragraphs_and_quotes() {
        let document = markdown(
            "> Taman *baru\n> yang* indah `a\n> b`, lihat [tautan\n> Besar](u) & lain.  \n> Lalu\\\n> Pulang.\n",
            &["Taman baru yang indah a b, lihat tautan Besar & lain.", "Lalu", "Pulang."],
        );
        assert_eq!(place(&document, 0, "baru yang"), "baru\n> yang");
        assert_eq!(place(&document, 0, "Besar &"), "Besar](u) &");
        markdown("- Taman itu,\n  yang baru\n  Dibuka.\n", &["Taman itu, yang baru", "Dibuka."]);
    }

    #[test]
    fn rereading_keeps_quotes_links_and_items_in_the_line() {
        markdown(
            "> **Satu. [a][r]\n> 2. Dua** `x` ![g](u) tiga\n> ## [a][s]\n\n[r]: https://a.id\n",
            &["**Satu.", "a", "2. Dua** x tiga", "g", "[a][s]"],
        );
    }

    #[test]
    fn entities_and_code() {
        let document = markdown(
            "A &amp; B &amp;nbsp; &#x41; `a.b. c` https://a.id/b. C&D &x; <https://c.id>",
            &["A & B &nbsp; A a.b. c https://a.id/b.", "C&D &x; https://c.id"],
        );
        assert_eq!(place(&document, 0, "&"), "&amp;");
        assert_eq!(place(&document, 0, "&nbsp;"), "&amp;nbsp;");
        assert_eq!(place(&document, 0, "a.b. c"), "a.b. c");
        assert_eq!(
            placeables(&document, 0),
            [("a.b. c", PlaceableKind::Code), ("https://a.id/b", PlaceableKind::Url)]
        );
        assert_eq!(placeables(&document, 1), [("https://c.id", PlaceableKind::Url)]);
    }

    #[test]
    fn images_are_blocks_of_their_own() {
        let document = markdown(
            "Lihat ![Sebuah *peta*](p.png) ini.\n\n![](x)\n",
            &["Lihat ini.", "Sebuah peta"],
        );
        assert_ne!(document.segments[0].block, document.segments[1].block);
        assert_eq!(place(&document, 0, "Lihat ini"), "Lihat ![Sebuah *peta*](p.png) ini");
    }

    #[test]
    fn tags_in_pairs_are_placeables_and_others_are_text() {
        let document = markdown(
            "Ini <b>tebal.</b> Lalu<br>baris <a href=\"#\">tautan tanpa tutup.",
            &["Ini <b>tebal.</b>", "Lalu<br>baris <a href=\"#\">tautan tanpa tutup."],
        );
        let tag = PlaceableKind::Tag;
        assert_eq!(placeables(&document, 0), [("<b>", tag), ("</b>", tag)]);
        assert_eq!(placeables(&document, 1), [("<br>", tag)]);
    }

    #[test]
    fn html_blocks_hide_no_prose() {
        let document = markdown(
            "Satu.\n<p>Dua &amp; tiga.</p>\nEmpat *lima*.\n<div\n class=\"a b\">Enam</div>\n<hr>\n\n\
             > <p>Tujuh\n> delapan</p>\n",
            &[
                "Satu.",
                "<p>Dua & tiga.</p>",
                "Empat lima.",
                "Enam</div>",
                "<p>Tujuh",
                "delapan</p>",
            ],
        );
        let tag = PlaceableKind::Tag;
        assert_eq!(placeables(&document, 1), [("<p>", tag), ("</p>", tag)]);
        assert_eq!(placeables(&document, 3), [("</div>", tag)]);
        assert_eq!(document.line(document.segments[3].id), 5);
        assert_eq!(place(&document, 1, "&"), "&amp;");
    }

    #[test]
    fn words_behind_a_comment_are_read() {
        markdown(
            "- <!-- a > b --> Satu.\n- Dua.\n\n<!-- x\n<b>y</b>\n--> Tiga.\n<!-- z -->\n\n<!DOCTYPE html>\n",
            &["Satu.", "Dua.", "Tiga."],
        );
    }

    #[test]
    fn offsets_count_from_the_start_of_the_file() {
        let document = markdown("\u{feff}---\na: b\n---\r\n\r\nSatu **dua**.\r\n", &["Satu dua."]);
        assert_eq!(place(&document, 0, "dua"), "dua");
        assert_eq!(document.line(document.segments[0].id), 5);
    }
}
