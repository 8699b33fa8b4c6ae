//! For people: each sentence with its findings underlined, its back-translation and its score.
//!
//! ```text
//! artikel.md:12  score 41
//!    12 │ Bank (Bank ) last Moon membuka tiga cabang.
//!       │ ^^^^^^^^^^^^ ^^^^^^^^^
//!     ≈ │ Bank last Moon opened three branches.
//!   12:1   minor LNG009 redundant-gloss: the parenthesis repeats what stands before it → `Bank`
//!   12:14  major ACC001 untranslated: English left in Indonesian text
//! ```

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar;

use super::{Layout, Reporter, Subject, push_visible, rounded, visible};
use crate::{
    compare::Comparison,
    finding::{Mqm, Severity},
    gate::Breach,
    report::{Issue, Row, Signature, Summary, Unread},
    text::{Side, Span},
};

/// Width of the gutter with the line number.
const GUTTER: usize = 6;
/// Changed segments, and changed findings, that are listed.
const CHANGES: usize = 20;
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

fn colour(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Neutral => AnsiColor::Blue,
        Severity::Minor => AnsiColor::Yellow,
        Severity::Major => AnsiColor::Red,
        Severity::Critical => AnsiColor::Magenta,
    };
    colour.on_default().bold()
}

pub(super) struct Text {
    layout: Layout,
    /// Sentences that only repeat earlier ones, to be told in one line.
    repeats: Vec<Row>,
    signature: String,
}

impl Text {
    pub(super) fn new(layout: Layout) -> Self {
        Self { layout, repeats: Vec::new(), signature: String::new() }
    }

    fn sentence(&self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let (file, line) = (visible(&row.file), row.line);
        write!(out, "{BOLD}{file}:{line}{BOLD:#}")?;
        match (row.score(), &row.evidence.skipped) {
            (Some(score), _) => write!(out, "  score {score:.0}")?,
            (None, Some(skip)) => write!(out, "  {DIM}not scored: {skip}{DIM:#}")?,
            (None, None) => {}
        }
        writeln!(out)?;
        if !self.layout.quiet {
            if let Some(source) = &row.source {
                let marks = marks(&row.issues, Side::Source);
                self.wrapped("src", source, &marks, out)?;
            }
            let marks = marks(&row.issues, Side::Target);
            self.wrapped(&line.to_string(), &row.target, &marks, out)?;
            if let Some(back) = &row.evidence.back_translation {
                self.wrapped("≈", &back.text, &[], out)?;
            }
        }
        row.issues.iter().try_for_each(|issue| Self::issue(issue, out))?;
        writeln!(out)
    }

    fn issue(issue: &Issue, out: &mut dyn Write) -> io::Result<()> {
        let position = issue.places.first().and_then(|place| place.position);
        let position = position.map_or_else(String::new, |at| format!("{}:{}", at.line, at.column));
        let style = colour(issue.severity);
        let (severity, check) = (issue.severity, issue.check);
        let message = visible(&issue.message);
        write!(
            out,
            "  {position:<8} {style}{severity}{style:#} {BOLD}{}{BOLD:#} {}: {message}",
            check.code, check.name
        )?;
        match issue.suggestion.as_deref() {
            Some("") => write!(out, " → delete")?,
            Some(suggestion) => write!(out, " → `{}`", visible(suggestion))?,
            None => {}
        }
        for measure in &issue.measures {
            let value = rounded(measure.value, 2);
            write!(out, " {DIM}[{} {value} {}]{DIM:#}", measure.name, measure.unit)?;
        }
        writeln!(out)?;
        if !issue.expected.is_empty() {
            let words = issue.expected.iter().map(|expected| {
                let percent = rounded(100.0 * expected.probability, 0);
                format!("`{}` {percent} %", visible(&expected.text))
            });
            let words = words.collect::<Vec<_>>().join(", ");
            writeln!(out, "           {DIM}the model expected {words}{DIM:#}")?;
        }
        if let (Some(help), None) = (&issue.help, &issue.suggestion) {
            writeln!(out, "           {DIM}help: {}{DIM:#}", visible(help))?;
        }
        Ok(())
    }

    /// Says how many of `all` are not shown.
    fn left(all: usize, limit: usize, what: &str, out: &mut dyn Write) -> io::Result<()> {
        match all.saturating_sub(limit) {
            0 => Ok(()),
            left => writeln!(out, "  {DIM}… and {left} more {what}; -v shows all{DIM:#}"),
        }
    }

    /// Prints `text` within the width, with what `marks` covers underlined.
    fn wrapped(
        &self,
        gutter: &str,
        text: &str,
        marks: &[(Span, Severity)],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let width = self.layout.width.saturating_sub(GUTTER + 3).max(20);
        let mut gutter = gutter;
        for part in wrap(text, width) {
            // What is printed, and under each column of it the worst severity that covers it.
            let (mut shown, mut under) = (String::new(), Vec::<Option<Severity>>::new());
            let cover = |at: usize, len: usize| {
                let covers = |span: Span| {
                    let (start, end) = (span.start as usize, span.end as usize);
                    (start < at + len && at < end) || (start == end && start == at)
                };
                marks.iter().filter(|(span, _)| covers(*span)).map(|(_, severity)| *severity).max()
            };
            for (at, c) in text[part.clone()].char_indices() {
                let cover = cover(part.start + at, c.len_utf8());
                let before = shown.len();
                push_visible(&mut shown, c);
                let columns = shown[before..].chars().map(|c| c.width().unwrap_or(0)).sum();
                under.extend(std::iter::repeat_n(cover, columns));
            }
            // A mark at the very end, where something is missing.
            under.push(
                marks
                    .iter()
                    .find(|(s, _)| s.is_empty() && s.start as usize == part.end)
                    .map(|m| m.1),
            );
            writeln!(out, "{DIM}{gutter:>GUTTER$} │{DIM:#} {shown}")?;
            gutter = "";
            if under.iter().any(Option::is_some) {
                let mut carets = String::new();
                for run in under.chunk_by(|a, b| a == b) {
                    let _ = match run[0] {
                        Some(severity) => {
                            let style = colour(severity);
                            write!(carets, "{style}{}{style:#}", "^".repeat(run.len()))
                        }
                        None => write!(carets, "{}", " ".repeat(run.len())),
                    };
                }
                writeln!(out, "{DIM}{:>GUTTER$} │{DIM:#} {}", "", carets.trim_end())?;
            }
        }
        Ok(())
    }

    /// Tells the sentences that repeat earlier ones in one paragraph.
    fn flush_repeats(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let rows = std::mem::take(&mut self.repeats);
        let [first, .., last] = &rows[..] else {
            return rows.iter().try_for_each(|row| self.sentence(row, out));
        };
        let issue = |row: &Row| row.issues.iter().find(|issue| is_repeat(row, issue)).cloned();
        let Some(what) = issue(first) else { return Ok(()) };
        let origin = |row: &Row| {
            let place = issue(row).and_then(|issue| issue.places.get(1).cloned());
            place.and_then(|place| place.position).map_or(0, |position| position.line)
        };
        let lines = |a: u32, b: u32| {
            if a == b { format!("line {a}") } else { format!("lines {a}–{b}") }
        };
        let style = colour(what.severity);
        let (severity, check, file) = (what.severity, what.check, visible(&first.file));
        writeln!(out, "{BOLD}{file}:{}{BOLD:#}", first.line)?;
        writeln!(
            out,
            "  {:<8} {style}{severity}{style:#} {BOLD}{}{BOLD:#} {}: {} ({} sentences) repeat {}",
            format!("{}:1", first.line),
            check.code,
            check.name,
            lines(first.line, last.line),
            rows.len(),
            lines(origin(first), origin(last)),
        )?;
        let others: usize = rows.iter().map(|row| row.issues.len() - 1).sum();
        if others > 0 {
            writeln!(
                out,
                "           {DIM}their {others} other findings are shown where they first stand; -v shows them again{DIM:#}"
            )?;
        }
        writeln!(out)
    }
}

/// Whether an issue says that the whole sentence stands somewhere else already.
fn is_repeat(row: &Row, issue: &Issue) -> bool {
    issue.check.mqm == Mqm::Duplication
        && issue.places.len() > 1
        && issue.places[0].span.len() == row.target.len()
}

fn marks(issues: &[Issue], side: Side) -> Vec<(Span, Severity)> {
    let own = |issue: &Issue| {
        let place = issue.places.first().filter(|place| place.side == side)?;
        Some((place.span, issue.severity))
    };
    issues.iter().filter_map(own).collect()
}

impl Reporter for Text {
    fn begin(&mut self, signature: &Signature, _out: &mut dyn Write) -> io::Result<()> {
        self.signature = signature.line();
        Ok(())
    }

    fn row(&mut self, row: &Row, out: &mut dyn Write) -> io::Result<()> {
        let folds = !self.layout.verbose && !self.layout.quiet;
        if folds && row.issues.iter().any(|issue| is_repeat(row, issue)) {
            // Two runs of repeats that repeat different places are told apart.
            let line = |row: &Row| {
                let issue = row.issues.iter().find(|issue| is_repeat(row, issue));
                issue.and_then(|issue| issue.places[1].position).map_or(0, |at| at.line)
            };
            let follows = self.repeats.last().is_none_or(|last| {
                row.segment == last.segment + 1
                    && row.file == last.file
                    && (0..=row.line.saturating_sub(last.line) + 1)
                        .contains(&line(row).wrapping_sub(line(last)))
            });
            if !follows {
                self.flush_repeats(out)?;
            }
            self.repeats.push(row.clone());
            return Ok(());
        }
        self.flush_repeats(out)?;
        let wanted = self.layout.subject == Subject::Scores || self.layout.verbose;
        if wanted || !row.issues.is_empty() { self.sentence(row, out) } else { Ok(()) }
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        _unread: &[Unread],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.flush_repeats(out)?;
        if issues.is_empty() {
            return Ok(());
        }
        writeln!(out, "{BOLD}{}{BOLD:#}  the whole document", visible(file))?;
        for issue in issues {
            Self::issue(issue, out)?;
            for place in &issue.places {
                let Some(at) = place.position else { continue };
                let note = if place.note.is_empty() { "here" } else { &place.note };
                let at = format!("{}:{}", at.line, at.column);
                let (text, note) = (visible(&place.text), visible(note));
                writeln!(out, "           {DIM}{at:<8}{DIM:#} `{text}` {DIM}{note}{DIM:#}")?;
            }
        }
        writeln!(out)
    }

    fn comparison(&mut self, comparison: &Comparison, out: &mut dyn Write) -> io::Result<()> {
        let Comparison { previous, current, segments, findings, .. } = comparison;
        let signature =
            previous.signature.as_ref().map_or("an earlier run".to_owned(), |s| s.line());
        writeln!(out, "{BOLD}compared with{BOLD:#} {}", visible(&signature))?;
        if comparison.same_scale() == Some(false) {
            let style = colour(Severity::Minor);
            writeln!(
                out,
                "  {style}another model or score:{style:#} differences of scores say nothing of the texts"
            )?;
        }
        writeln!(out, "  segments: {}\n  findings: {}", segments.text(), findings.text())?;
        let (then, now) = (previous.penalty_per_1000_words, current.penalty_per_1000_words);
        write!(out, "  penalty: {then:.1} → {now:.1} per 1,000 words")?;
        if let Some((then, now)) = previous.mean_score.zip(current.mean_score) {
            write!(out, "; mean score: {then:.1} → {now:.1}")?;
        }
        writeln!(out)?;
        let limit = if self.layout.verbose { usize::MAX } else { CHANGES };
        let score =
            |score: Option<f64>| score.map_or("–".to_owned(), |score| format!("{score:.0}"));
        for segment in comparison.changed_segments.iter().take(limit) {
            let scores = format!("{} → {}", score(segment.previous_score), score(segment.score));
            let file = visible(&segment.file);
            let (change, line) = (segment.change.name(), segment.line);
            let text = visible(&segment.target);
            let text = &text[wrap(&text, self.layout.width.saturating_sub(20))[0].clone()];
            writeln!(out, "  {change:<6} {BOLD}{file}:{line}{BOLD:#}  {scores}\n         {text}")?;
        }
        Self::left(comparison.changed_segments.len(), limit, "segments", out)?;
        for finding in comparison.changed_findings.iter().take(limit) {
            let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
            let (style, severity) = (colour(finding.severity), finding.severity);
            writeln!(
                out,
                "  {:<6} {BOLD}{}{line}{BOLD:#}  {style}{severity}{style:#} {} {}: {}",
                finding.change.name(),
                visible(&finding.file),
                finding.code,
                finding.name,
                visible(&finding.message),
            )?;
        }
        Self::left(comparison.changed_findings.len(), limit, "findings", out)?;
        writeln!(out)
    }

    fn end(
        &mut self,
        summary: &Summary,
        breaches: &[Breach],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Summary { files, segments, findings, .. } = summary;
        let plural = |n: u64| if n == 1 { "" } else { "s" };
        write!(out, "{BOLD}{findings} finding{}{BOLD:#}", plural(*findings))?;
        let counts: Vec<String> = Severity::ALL
            .iter()
            .rev()
            .filter_map(|severity| {
                let count = summary.severities.get(severity.name())?;
                Some(format!("{count} {severity}"))
            })
            .collect();
        if !counts.is_empty() {
            write!(out, " ({})", counts.join(", "))?;
        }
        write!(
            out,
            " in {segments} segment{} of {files} file{}",
            plural(*segments),
            plural(*files)
        )?;
        if let (Some(mean), Some(min)) = (summary.mean_score, summary.min_score) {
            write!(out, "; score: mean {mean:.0}")?;
            if let Some([low, high]) = summary.score_interval() {
                write!(out, " [{low:.0}–{high:.0}]")?;
            }
            write!(out, ", lowest {:.0}", rounded(min, 0))?;
        }
        if summary.findings > 0 {
            write!(out, "; penalty {:.1} per 1,000 words", summary.penalty_per_1000_words)?;
        }
        if summary.skipped > 0 {
            write!(out, "; {} not scored", summary.skipped)?;
        }
        writeln!(out)?;
        if !summary.checks.is_empty() {
            let by_check: Vec<String> =
                summary.checks.iter().map(|(code, count)| format!("{code} {count}")).collect();
            writeln!(out, "{DIM}{}{DIM:#}", by_check.join(" · "))?;
        }
        for breach in breaches {
            let style = colour(Severity::Major);
            writeln!(out, "{style}failed:{style:#} {}", breach.text())?;
        }
        writeln!(out, "{DIM}{}{DIM:#}", visible(&self.signature))
    }
}

/// Ranges of `text` that fit `width` columns, cut at spaces where there are any.
fn wrap(text: &str, width: usize) -> Vec<std::ops::Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut columns, mut space) = (0, 0, None);
    for (at, c) in text.char_indices() {
        columns += c.width().unwrap_or(1);
        if columns > width && at > start {
            let (end, next) = match space {
                // The line is full to the last column, and a space follows.
                _ if c == ' ' => (at, at + 1),
                Some(space) if space > start => (space, space + 1),
                _ => (at, at),
            };
            parts.push(start..end);
            start = next;
            space = None;
            if c == ' ' {
                columns = 0;
                continue;
            }
            columns = text[start..at + c.len_utf8()].chars().map(|c| c.width().unwrap_or(1)).sum();
        }
        if c == ' ' {
            space = Some(at);
        }
    }
    parts.push(start..text.len());
    parts
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn wraps_at_spaces_and_within_long_words() {
        let parts = |text: &'static str, width| -> Vec<&str> {
            wrap(text, width).into_iter().map(|part| &text[part]).collect()
        };
        assert_eq!(parts("satu dua tiga", 8), ["satu dua", "tiga"]);
        assert_eq!(parts("satuduatiga empat", 5), ["satud", "uatig", "a", "empat"]);
        assert_eq!(parts("中文字符", 4), ["中文", "字符"]);
        assert_eq!(parts("", 4), [""]);
    }
}
