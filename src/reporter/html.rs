//! A page for people: an overview that needs no script, and a table of all segments to sort, filter
//! and search.
//!
//! One file that loads nothing. Segments are written as they come, as data that the page's own script
//! shows a page of at a time: 50,000 of them load in about a second. What a text says stays text:
//! it is escaped for HTML in the overview, stands as JSON without `<` in the data, and reaches the
//! page only as the text of a node; the content security policy allows the one script and the one
//! style of this file by their hashes, and nothing else.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use askama::Template;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{Reporter, push_visible, rounded, visible, write_json};
use crate::{
    compare::{Change, Comparison, Counts},
    finding::{CheckInfo, Severity},
    gate::Breach,
    report::{Issue, Place, Row, Signature, Summary, Unread},
    text::{Side, words},
};

const STYLE: &str = include_str!("html/report.css");
const SCRIPT: &str = include_str!("html/report.js");

/// Bars of the distribution of scores.
const BARS: usize = 20;
/// Files that are shown at once, and at all.
const FILES: [usize; 2] = [10, 1000];
/// What is listed of things that have no end.
const LISTED: usize = 100;

#[derive(Default)]
pub(super) struct Html {
    signature: String,
    rows: u64,
    files: Vec<FileSums>,
    bars: [u64; BARS],
    /// Those that have findings.
    checks: BTreeMap<&'static str, &'static CheckInfo>,
    comparison: Option<Comparison>,
}

#[derive(Default)]
struct FileSums {
    name: String,
    segments: u64,
    words: u64,
    findings: u64,
    points: u64,
    scored: u64,
    score_sum: f64,
}

#[derive(Template)]
#[template(path = "head.html", config = "src/reporter/html/askama.toml")]
struct Head {
    style: &'static str,
    style_hash: String,
    script_hash: String,
}

#[derive(Template)]
#[template(path = "body.html", config = "src/reporter/html/askama.toml")]
struct Body {
    verdict: &'static str,
    verdict_class: &'static str,
    breaches: Vec<String>,
    figures: Vec<Figure>,
    histogram: Option<Histogram>,
    trend: Option<Trend>,
    checks: Vec<CheckLine>,
    files: Vec<FileTable>,
    files_left: usize,
    unread: Vec<Item>,
    unread_left: usize,
    signature: String,
    script: &'static str,
}

struct Figure {
    name: &'static str,
    value: String,
    more: String,
}

struct Histogram {
    bars: Vec<Bar>,
    most: String,
    /// For those who hear it.
    text: String,
}

struct Bar {
    low: usize,
    /// The highest score in it, to the digit that is printed.
    high: String,
    label: String,
    x: usize,
    y: f64,
    height: f64,
}

struct Trend {
    other_scale: bool,
    sums: Vec<TrendLine>,
    segments: Counts,
    findings: Counts,
    lists: Vec<List>,
    signature: String,
}

struct TrendLine {
    name: &'static str,
    before: String,
    now: String,
}

struct List {
    title: String,
    items: Vec<Item>,
    left: usize,
}

struct Item {
    severity: &'static str,
    place: String,
    text: String,
}

struct CheckLine {
    code: &'static str,
    name: &'static str,
    findings: String,
    /// Of the most frequent one, in per cent.
    share: f64,
    about: Vec<Part>,
}

/// A stretch of prose or of code.
struct Part {
    code: bool,
    text: String,
}

struct FileTable {
    more: bool,
    files: Vec<FileLine>,
}

struct FileLine {
    number: usize,
    name: String,
    segments: String,
    findings: String,
    penalty: String,
    mean: String,
}

/// What a content security policy calls an inline script or style.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
}

fn render(template: &impl Template, out: &mut dyn Write) -> io::Result<()> {
    Template::write_into(template, out)
}

/// JSON that can stand in a `<script>` element: no `<` that could end it or begin a comment.
fn write_data(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    let mut data = Vec::new();
    write_json(&mut data, value)?;
    let mut rest = &data[..];
    // In JSON it stands only in strings.
    while let Some(at) = rest.iter().position(|byte| *byte == b'<') {
        out.write_all(&rest[..at])?;
        out.write_all(b"\\u003c")?;
        rest = &rest[at + 1..];
    }
    out.write_all(rest)
}

/// `n` with commas.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.char_indices() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `value` to one digit, with commas.
fn decimal(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.split_once('.') {
        Some((whole, digit)) => {
            format!("{}.{digit}", whole.parse().map_or_else(|_| whole.to_owned(), grouped))
        }
        None => text,
    }
}

fn plural(n: u64) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn place(file: &str, line: Option<u32>) -> String {
    let line = line.map_or_else(String::new, |line| format!(":{line}"));
    format!("{}{line}", visible(file))
}

/// `text` as it can be shown, and where the byte `offsets` come to stand in it, in UTF-16 units as
/// scripts count.
fn shown(text: &str, offsets: &mut [u32]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut ends: Vec<(u32, u32)> = Vec::new();
    let mut units = 0;
    for (at, c) in text.char_indices() {
        let before = out.len();
        ends.push((at as u32, units));
        push_visible(&mut out, c);
        units += out[before..].encode_utf16().count() as u32;
    }
    for offset in offsets {
        let at = ends.partition_point(|(at, _)| *at < *offset);
        *offset = ends.get(at).map_or(units, |(_, units)| *units);
    }
    out
}

fn mark(issue: &Issue, side: Side) -> Option<&Place> {
    issue.places.first().filter(|place| place.side == side)
}

/// A side of a segment with the marks on it: `[start, end, finding]` each.
fn side(row: &mut Map<String, Value>, key: &str, text: &str, issues: &[Issue], side: Side) {
    let marks = issues.iter().enumerate().filter_map(|(i, issue)| Some((i, mark(issue, side)?)));
    let mut offsets: Vec<u32> =
        marks.clone().flat_map(|(_, place)| [place.span.start, place.span.end]).collect();
    row.insert(key.to_owned(), json!(shown(text, &mut offsets)));
    let marks: Vec<Value> = marks
        .zip(offsets.chunks_exact(2))
        .map(|((i, _), offsets)| json!([offsets[0], offsets[1], i]))
        .collect();
    if !marks.is_empty() {
        row.insert(format!("{key}m"), marks.into());
    }
}

fn at(place: &Place) -> String {
    place.position.map_or_else(String::new, |at| format!("{}:{}", at.line, at.column))
}

/// A finding in the data: `c`ode, se`v`erity, con`f`idence, `m`essage, and where there are any `t`ext
/// that is marked, `h`elp, su`g`gestion, the place `a`t, `o`ther places, `n`umbers.
fn issue_value(issue: &Issue, first_too: bool) -> Value {
    let first = issue.places.first();
    let mut value = json!({
        "c": issue.check.code,
        "v": issue.severity as u8,
        "f": issue.confidence,
        "m": visible(&issue.message),
    });
    if let Some(place) = first {
        value["t"] = json!(visible(&place.text));
        value["a"] = json!(at(place));
    }
    if let Some(help) = &issue.help {
        value["h"] = json!(visible(help));
    }
    if let Some(suggestion) = &issue.suggestion {
        value["g"] = json!(visible(suggestion));
    }
    let others: Vec<Value> = issue
        .places
        .iter()
        .skip(usize::from(!first_too))
        .map(|place| json!([at(place), visible(&place.text), visible(&place.note)]))
        .collect();
    if !others.is_empty() {
        value["o"] = others.into();
    }
    if !issue.measures.is_empty() {
        let measures = issue.measures.iter().map(|measure| {
            let value = rounded(measure.value, 2);
            visible(&format!("{} {value} {}", measure.name, measure.unit))
        });
        value["n"] = measures.collect::<Vec<_>>().join(", ").into();
    }
    value
}

/// The first paragraph of a check's docs, its code apart from its prose.
fn about(summary: &str) -> Vec<Part> {
    let parts = summary.split('`').enumerate();
    let parts = parts.map(|(i, text)| Part { code: i % 2 == 1, text: text.to_owned() });
    parts.filter(|part| !part.text.is_empty()).collect()
}

impl Html {
    /// The number of a file, whose segments come one after another.
    fn file(&mut self, name: &str) -> usize {
        if self.files.last().is_none_or(|last| last.name != name) {
            self.files.push(FileSums { name: name.to_owned(), ..FileSums::default() });
        }
        self.files.len() - 1
    }

    fn count(&mut self, file: usize, issues: &[Issue]) {
        self.checks.extend(issues.iter().map(|issue| (issue.check.code, issue.check)));
        let sums = &mut self.files[file];
        sums.findings += issues.len() as u64;
        sums.points += issues.iter().map(|issue| u64::from(issue.severity.weight())).sum::<u64>();
    }

    fn data(&mut self, value: &Value, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(if self.rows == 0 { b"\n" } else { b",\n" })?;
        self.rows += 1;
        write_data(out, value)
    }

    fn histogram(&self) -> Option<Histogram> {
        let most = self.bars.iter().copied().max().filter(|most| *most > 0)?;
        let mut text = String::new();
        let bars = self.bars.iter().enumerate().map(|(i, count)| {
            let (low, end) = (i * 100 / BARS, (i + 1) * 100 / BARS);
            let high = if end == 100 { "100".to_owned() } else { format!("{}.9", end - 1) };
            let label = format!("{low}–{high}: {} segment{}", grouped(*count), plural(*count));
            if *count > 0 {
                let _ = write!(text, "{label}. ");
            }
            // A segment among thousands is still to be seen.
            let height =
                (*count as f64 / most as f64 * 106.0).max(if *count > 0 { 1.5 } else { 0.0 });
            let height = (height * 10.0).round() / 10.0;
            Bar { low, high, label, x: 10 + 20 * i, y: 120.0 - height, height }
        });
        let bars = bars.collect();
        Some(Histogram { bars, most: grouped(most), text: text.trim_end().to_owned() })
    }

    fn check_lines(&self, summary: &Summary) -> Vec<CheckLine> {
        let count = |code: &str| summary.checks.get(code).copied().unwrap_or(0);
        let most = summary.checks.values().copied().max().unwrap_or(1);
        let mut checks: Vec<&CheckInfo> = self.checks.values().copied().collect();
        checks.sort_by_key(|check| std::cmp::Reverse(count(check.code)));
        let line = |check: &CheckInfo| CheckLine {
            code: check.code,
            name: check.name,
            findings: grouped(count(check.code)),
            share: (count(check.code) as f64 / most as f64 * 1000.0).round() / 10.0,
            about: about(&check.summary()),
        };
        checks.into_iter().map(line).collect()
    }

    /// The worst files first, in two tables.
    fn file_tables(&self) -> Vec<FileTable> {
        let mut numbered: Vec<(usize, &FileSums)> = self.files.iter().enumerate().collect();
        numbered.sort_by_key(|(_, file)| std::cmp::Reverse((file.points, file.findings)));
        numbered.truncate(FILES[1]);
        let line = |(number, file): &(usize, &FileSums)| FileLine {
            number: *number,
            name: visible(&file.name),
            segments: grouped(file.segments),
            findings: grouped(file.findings),
            penalty: match file.words {
                0 => "–".to_owned(),
                words => decimal(file.points as f64 * 1000.0 / words as f64),
            },
            mean: match file.scored {
                0 => "–".to_owned(),
                scored => format!("{:.1}", file.score_sum / scored as f64),
            },
        };
        let (shown, more) = numbered.split_at(FILES[0].min(numbered.len()));
        [(false, shown), (true, more)]
            .into_iter()
            .filter(|(_, files)| !files.is_empty())
            .map(|(more, files)| FileTable { more, files: files.iter().map(line).collect() })
            .collect()
    }
}

fn figures(summary: &Summary) -> Vec<Figure> {
    let figure = |name, value: String, more: String| Figure { name, value, more };
    let counts: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .filter_map(|severity| {
            let count = summary.severities.get(severity.name())?;
            Some(format!("{} {severity}", grouped(*count)))
        })
        .collect();
    let of_files = format!("in {} file{}", grouped(summary.files), plural(summary.files));
    let mut figures = vec![
        figure("Segments", grouped(summary.segments), of_files),
        figure("Findings", grouped(summary.findings), counts.join(", ")),
        figure(
            "Penalty",
            decimal(summary.penalty_per_1000_words),
            format!("points per 1,000 words of {}", grouped(summary.words)),
        ),
    ];
    if let Some(mean) = summary.mean_score {
        let interval = summary.score_interval();
        let more = interval.map(|[low, high]| format!("95 % interval {low:.1}–{high:.1}"));
        figures.push(figure("Mean score", format!("{mean:.1}"), more.unwrap_or_default()));
    }
    if let Some(lowest) = summary.min_score {
        let more = match summary.skipped {
            0 => String::new(),
            skipped => format!("{} not scored", grouped(skipped)),
        };
        figures.push(figure("Lowest score", format!("{:.1}", rounded(lowest, 1)), more));
    }
    figures
}

impl Trend {
    fn new(comparison: &Comparison) -> Self {
        let Comparison { previous, current, .. } = comparison;
        let line = |name, before: String, now: String| TrendLine { name, before, now };
        let mut sums = vec![
            line("Segments", grouped(previous.segments), grouped(current.segments)),
            line("Findings", grouped(previous.findings), grouped(current.findings)),
            line(
                "Penalty per 1,000 words",
                decimal(previous.penalty_per_1000_words),
                decimal(current.penalty_per_1000_words),
            ),
        ];
        if let Some((then, now)) = previous.mean_score.zip(current.mean_score) {
            sums.push(line("Mean score", format!("{then:.1}"), format!("{now:.1}")));
        }
        let mut lists = Vec::new();
        for (change, title) in [
            (Change::New, "new"),
            (Change::Worse, "worse"),
            (Change::Better, "better"),
            (Change::Gone, "gone"),
        ] {
            let all = comparison.changed_findings.iter().filter(|finding| finding.change == change);
            let items = all.clone().map(|finding| Item {
                severity: finding.severity.name(),
                place: place(&finding.file, finding.line),
                text: format!("{} {}: {}", finding.code, finding.name, visible(&finding.message)),
            });
            let title = |n: u64| format!("{} {title} finding{}", grouped(n), plural(n));
            push_list(&mut lists, title, items);
        }
        let gone =
            comparison.changed_segments.iter().filter(|segment| segment.change == Change::Gone);
        let items = gone.map(|segment| Item {
            severity: "",
            place: place(&segment.file, Some(segment.line)),
            text: visible(&segment.target),
        });
        push_list(&mut lists, |n| format!("{} gone segment{}", grouped(n), plural(n)), items);
        let signature = previous.signature.as_ref();
        Self {
            other_scale: comparison.same_scale() == Some(false),
            sums,
            segments: comparison.segments,
            findings: comparison.findings,
            lists,
            signature: signature
                .map_or_else(|| "an earlier run".to_owned(), |s| visible(&s.line())),
        }
    }
}

fn push_list(
    lists: &mut Vec<List>,
    title: impl Fn(u64) -> String,
    mut items: impl Iterator<Item = Item>,
) {
    let shown: Vec<Item> = items.by_ref().take(LISTED).collect();
    if !shown.is_empty() {
        let left = items.count();
        lists.push(List { title: title((shown.len() + left) as u64), items: shown, left });
    }
}

impl Reporter for Html {
    fn begin(&mut self, signature: &Signature, out: &mut dyn Write) -> io::Result<()> {
        self.signature = signature.line();
        let head = Head { style: STYLE, style_hash: hash(STYLE), script_hash: hash(SCRIPT) };
        render(&head, out)?;
        // Data is not shown: the overview, which is known last, still stands above the table.
        write!(out, "\n<script type=\"application/json\" id=\"segments\">[")
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let file = self.file(&row.file);
        self.count(file, &row.issues);
        let sums = &mut self.files[file];
        sums.segments += 1;
        sums.words += words(&row.target).count() as u64;
        let mut value = Map::new();
        value.insert("f".to_owned(), json!(file));
        value.insert("l".to_owned(), json!(row.line));
        if let Some(source) = &row.source {
            side(&mut value, "s", source, &row.issues, Side::Source);
        }
        side(&mut value, "t", &row.target, &row.issues, Side::Target);
        if let Some(back) = &row.evidence.back_translation {
            value.insert("b".to_owned(), json!(visible(&back.text)));
        }
        if let Some(score) = row.score() {
            sums.scored += 1;
            sums.score_sum += score;
            self.bars[((score / 100.0 * BARS as f64) as usize).min(BARS - 1)] += 1;
            value.insert("q".to_owned(), json!(score));
        }
        if let Some(skip) = &row.evidence.skipped {
            value.insert("k".to_owned(), json!(skip.to_string()));
        }
        if !row.issues.is_empty() {
            let issues = row.issues.iter().map(|issue| issue_value(issue, false));
            value.insert("i".to_owned(), issues.collect());
        }
        self.data(&value.into(), out)
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        _unread: &[Unread],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if issues.is_empty() {
            return Ok(());
        }
        let file = self.file(file);
        self.count(file, issues);
        let issues: Vec<Value> = issues.iter().map(|issue| issue_value(issue, true)).collect();
        self.data(&json!({ "f": file, "i": issues }), out)
    }

    fn comparison(&mut self, comparison: &Comparison, _out: &mut dyn Write) -> io::Result<()> {
        self.comparison = Some(comparison.clone());
        Ok(())
    }

    fn end(
        &mut self,
        summary: &Summary,
        breaches: &[Breach],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let files: Vec<String> = self.files.iter().map(|file| visible(&file.name)).collect();
        let names = self.checks.values().map(|check| (check.code.to_owned(), json!(check.name)));
        let names: Map<String, Value> = names.collect();
        // By the number of the segment: what became of it, its score before, its text before.
        let changes = self.comparison.as_ref().map(|comparison| {
            let changed = comparison.changed_segments.iter();
            let changed = changed.filter_map(|segment| {
                let before = segment.previous_target.as_deref().map(visible);
                let value = json!([segment.change, segment.previous_score, before]);
                Some((segment.index?.to_string(), value))
            });
            changed.collect::<Map<String, Value>>()
        });
        write!(out, "\n]</script>\n<script type=\"application/json\" id=\"run\">")?;
        write_data(out, &json!({ "files": files, "checks": names, "changes": changes }))?;
        writeln!(out, "</script>")?;

        let (verdict, verdict_class) = match (breaches, &summary.unread[..]) {
            ([_, ..], _) => ("Failed", "failed"),
            ([], [_, ..]) => ("Not everything was read", "partial"),
            ([], []) => ("Passed", "passed"),
        };
        let unread = summary.unread.iter().take(LISTED).map(|unread| Item {
            severity: "",
            place: place(&unread.file, unread.line),
            text: visible(&unread.message),
        });
        let body = Body {
            verdict,
            verdict_class,
            breaches: breaches.iter().map(Breach::text).collect(),
            figures: figures(summary),
            histogram: self.histogram(),
            trend: self.comparison.as_ref().map(Trend::new),
            checks: self.check_lines(summary),
            files: self.file_tables(),
            files_left: self.files.len().saturating_sub(FILES[1]),
            unread: unread.collect(),
            unread_left: summary.unread.len().saturating_sub(LISTED),
            signature: visible(&self.signature),
            script: SCRIPT,
        };
        render(&body, out)?;
        writeln!(out)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{decimal, grouped, hash, shown, write_data};

    #[test]
    fn nothing_in_the_data_ends_its_element() {
        let value = json!("</script><!--\u{2028}\u{202e}]]>");
        let mut out = Vec::new();
        write_data(&mut out, &value).expect("written");
        let text = String::from_utf8(out).expect("UTF-8");
        assert!(!text.contains('<') && !text.contains('\u{202e}'), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).expect("JSON"), value);
    }

    #[test]
    fn marks_stand_where_scripts_count() {
        // A byte, two bytes, four bytes that are two units, and one that is shown as eight.
        let mut offsets = [0, 1, 3, 7, 8, 9];
        assert_eq!(shown("aé😀\u{202e}z", &mut offsets), "aé😀\\u{202e}z");
        assert_eq!(offsets, [0, 1, 2, 4, 12, 12]);
    }

    #[test]
    fn hashes_are_those_of_browsers() {
        // Of the empty text: RFC 6234 gives the digest.
        assert_eq!(hash(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(999), "999");
        assert_eq!(decimal(1250.04), "1,250.0");
    }
}
