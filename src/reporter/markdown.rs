//! A summary in Markdown, as for `$GITHUB_STEP_SUMMARY`: whether the run passed, sums, and the first
//! findings, the worst first.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::{Reporter, message, visible};
use crate::{
    checks,
    compare::{Change, ChangedFinding, Comparison, Counts},
    finding::Severity,
    gate::Breach,
    report::{Issue, Row, Signature, Summary, Unread},
};

/// Findings that are listed: GitHub takes 1 MiB a step.
const LISTED: usize = 100;

/// New and worse findings that are listed when runs are compared.
const CHANGES: usize = 20;

#[derive(Default)]
pub(super) struct Markdown {
    /// The first of each severity.
    listed: [Vec<String>; Severity::ALL.len()],
    signature: String,
    /// How the run differs from an earlier one, written out.
    comparison: String,
}

/// `text` as Markdown and HTML show it: no markup, no link, no mention.
fn plain(text: &str) -> String {
    visible(text).chars().fold(String::new(), |mut out, c| {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => out.extend(['\\', c]),
            // A reference: behind a backslash, links and mentions would still be seen.
            '<' | '>' | '&' | '@' | ':' | '$' | '#' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            '.' if out.ends_with(['w', 'W']) => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c => out.push(c),
        }
        out
    })
}

fn compared(comparison: &Comparison) -> String {
    let Comparison { previous, current, segments, findings, .. } = comparison;
    let mut out = String::from("\n### Compared with an earlier run\n\n");
    let _ = writeln!(out, "| | before | now |\n| --- | ---: | ---: |");
    let _ = writeln!(out, "| segments | {} | {} |", previous.segments, current.segments);
    let _ = writeln!(out, "| findings | {} | {} |", previous.findings, current.findings);
    let (then, now) = (previous.penalty_per_1000_words, current.penalty_per_1000_words);
    let _ = writeln!(out, "| penalty per 1,000 words | {then:.1} | {now:.1} |");
    if let Some((then, now)) = previous.mean_score.zip(current.mean_score) {
        let _ = writeln!(out, "| mean score | {then:.1} | {now:.1} |");
    }
    let _ = writeln!(out, "\n| | worse | new | gone | better | same |");
    let _ = writeln!(out, "| --- | ---: | ---: | ---: | ---: | ---: |");
    for (name, counts) in [("segments", segments), ("findings", findings)] {
        let Counts { better, worse, new, gone, same } = counts;
        let _ = writeln!(out, "| {name} | {worse} | {new} | {gone} | {better} | {same} |");
    }
    if comparison.same_scale() == Some(false) {
        let _ = writeln!(
            out,
            "\nAnother model or score: differences of scores say nothing of the texts."
        );
    }
    let wanted = |finding: &&ChangedFinding| matches!(finding.change, Change::New | Change::Worse);
    let mut listed = comparison.changed_findings.iter().filter(wanted);
    let mut some = false;
    for finding in listed.by_ref().take(CHANGES) {
        if !some {
            let _ = writeln!(out, "\n| | where | severity | check | what |");
            let _ = writeln!(out, "| --- | --- | --- | --- | --- |");
            some = true;
        }
        let line = finding.line.map_or_else(String::new, |line| format!(":{line}"));
        let _ = writeln!(
            out,
            "| {} | {}{line} | {} | {} {} | {} |",
            finding.change.name(),
            plain(&finding.file),
            finding.severity,
            finding.code,
            finding.name,
            plain(&finding.message),
        );
    }
    let left = listed.count();
    if left > 0 {
        let _ = writeln!(out, "\n… and {left} more.");
    }
    out
}

impl Markdown {
    fn add(&mut self, file: &str, issues: &[Issue]) {
        for issue in issues {
            let list = &mut self.listed[issue.severity as usize];
            if list.len() == LISTED {
                continue;
            }
            let at = issue.places.first().and_then(|place| place.position);
            let line = at.map_or_else(String::new, |at| format!(":{}:{}", at.line, at.column));
            list.push(format!(
                "| {}{line} | {} | {} {} | {} |",
                plain(file),
                issue.severity,
                issue.check.code,
                issue.check.name,
                plain(&message(issue)),
            ));
        }
    }
}

impl Reporter for Markdown {
    fn begin(&mut self, signature: &Signature, _out: &mut dyn Write) -> io::Result<()> {
        self.signature = signature.line();
        Ok(())
    }

    fn row(&mut self, row: &Row, _out: &mut dyn Write) -> io::Result<()> {
        self.add(&row.file, &row.issues);
        Ok(())
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        _unread: &[Unread],
        _out: &mut dyn Write,
    ) -> io::Result<()> {
        self.add(file, issues);
        Ok(())
    }

    fn comparison(&mut self, comparison: &Comparison, _out: &mut dyn Write) -> io::Result<()> {
        self.comparison = compared(comparison);
        Ok(())
    }

    fn end(
        &mut self,
        summary: &Summary,
        breaches: &[Breach],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let verdict = match (breaches, &summary.unread[..]) {
            ([_, ..], _) => "failed",
            ([], [_, ..]) => "not everything was read",
            ([], []) => "passed",
        };
        writeln!(out, "## cermat: {verdict}\n")?;
        for breach in breaches {
            writeln!(out, "- {}", breach.text())?;
        }
        if !breaches.is_empty() {
            writeln!(out)?;
        }
        writeln!(out, "| | |\n| --- | ---: |")?;
        writeln!(out, "| files | {} |\n| segments | {} |", summary.files, summary.segments)?;
        writeln!(out, "| findings | {} |", summary.findings)?;
        for severity in Severity::ALL.iter().rev() {
            if let Some(count) = summary.severities.get(severity.name()) {
                writeln!(out, "| {severity} | {count} |")?;
            }
        }
        writeln!(out, "| penalty per 1,000 words | {:.1} |", summary.penalty_per_1000_words)?;
        if let (Some(mean), Some(lowest)) = (summary.mean_score, summary.min_score) {
            writeln!(out, "| mean score | {mean:.1} |\n| lowest score | {lowest:.1} |")?;
        }
        out.write_all(self.comparison.as_bytes())?;
        if !summary.checks.is_empty() {
            writeln!(out, "\n| check | name | findings |\n| --- | --- | ---: |")?;
            for (code, count) in &summary.checks {
                let name = checks::find(code).map_or("", |meta| meta.info.name);
                writeln!(out, "| {code} | {name} | {count} |")?;
            }
            writeln!(out, "\n| where | severity | check | what |\n| --- | --- | --- | --- |")?;
            let listed = self.listed.iter().rev().flatten().take(LISTED);
            let mut left = summary.findings;
            for line in listed {
                writeln!(out, "{line}")?;
                left -= 1;
            }
            if left > 0 {
                writeln!(out, "\n… and {left} more.")?;
            }
        }
        if !summary.unread.is_empty() {
            writeln!(out, "\n| not read | why |\n| --- | --- |")?;
            for unread in summary.unread.iter().take(LISTED) {
                let line = unread.line.map_or_else(String::new, |line| format!(":{line}"));
                writeln!(out, "| {}{line} | {} |", plain(&unread.file), plain(&unread.message))?;
            }
            let left = summary.unread.len().saturating_sub(LISTED);
            if left > 0 {
                writeln!(out, "\n… and {left} more.")?;
            }
        }
        writeln!(out, "\n`{}`", visible(&self.signature).replace('`', "'"))
    }
}
