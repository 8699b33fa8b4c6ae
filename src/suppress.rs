//! Findings that a comment in their file asks to leave out.

use std::collections::HashMap;

use crate::{
    checks::{self, CheckMeta},
    document::{Directive, Document, Segment},
    finding::Finding,
    text::{Side, Span},
};

/// A directive that does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idle {
    /// Where it stands, from 1.
    pub line: u32,
    /// Why, and what to do.
    pub message: String,
}

/// The suppressions of one document. See [`Directive`] for how they are written.
#[derive(Debug)]
pub struct Suppressions {
    entries: Vec<Entry>,
    /// Indices of the entries for a block.
    by_block: HashMap<u32, Vec<usize>>,
    whole_file: Vec<usize>,
    idle: Vec<Idle>,
    /// Findings that were left out.
    pub hidden: u64,
}

#[derive(Debug)]
struct Entry {
    line: u32,
    pattern: String,
    used: bool,
}

impl Suppressions {
    /// Those of `document`, each for the block it stands in, or else the next one.
    #[must_use]
    pub fn new(document: &Document) -> Self {
        let mut new = Self {
            entries: Vec::new(),
            by_block: HashMap::new(),
            whole_file: Vec::new(),
            idle: Vec::new(),
            hidden: 0,
        };
        for directive in &document.directives {
            new.add(document, directive);
        }
        new
    }

    fn add(&mut self, document: &Document, directive: &Directive) {
        let line = document.lines.line(directive.range.start as u64);
        let mut idle = |message: String| self.idle.push(Idle { line, message });
        if directive.checks.is_empty() {
            idle("the suppression names no check; write `cermat-ignore CODE: reason`".to_owned());
            return;
        }
        // The sentence it stands in, or else the next. Where targets do not stand in the order of
        // their segments, the nearest counts.
        let begins = |segment: &Segment| {
            let text = Span::new(0..segment.target.text.len());
            let place = document.in_text(segment.id, Side::Target, text)?;
            (place.end > directive.range.end as u64).then_some((place.start, segment.block))
        };
        let next = document.segments.iter().filter_map(begins).min();
        if next.is_none() && !directive.whole_file {
            idle("no text follows the suppression; delete it".to_owned());
            return;
        }
        for pattern in &directive.checks {
            if !checks::ALL.iter().any(|meta| meta.is_called(pattern)) {
                let message = format!("no check is called `{pattern}`; `cermat checks` lists them");
                self.idle.push(Idle { line, message });
                continue;
            }
            let index = self.entries.len();
            self.entries.push(Entry { line, pattern: pattern.clone(), used: false });
            match next {
                Some((_, block)) if !directive.whole_file => {
                    self.by_block.entry(block).or_default().push(index);
                }
                _ => self.whole_file.push(index),
            }
        }
    }

    /// Drops what is suppressed from `findings` on `document`.
    pub fn apply(&mut self, document: &Document, findings: &mut Vec<Finding>) {
        if self.entries.is_empty() {
            return;
        }
        findings.retain(|finding| {
            let segment = finding.segment.or(finding.labels.first().map(|label| label.segment));
            let block = segment
                .and_then(|segment| document.segments.get(segment.index()))
                .and_then(|segment| self.by_block.get(&segment.block));
            let mut kept = true;
            for &index in block.into_iter().flatten().chain(&self.whole_file) {
                let entry = &mut self.entries[index];
                if meta(finding).is_some_and(|meta| meta.is_called(&entry.pattern)) {
                    entry.used = true;
                    kept = false;
                }
            }
            self.hidden += u64::from(!kept);
            kept
        });
    }

    /// What did nothing, by line: directives that are wrong, and those for the checks that `ran`
    /// that have hidden no finding.
    #[must_use]
    pub fn idle(self, ran: impl Fn(&CheckMeta) -> bool) -> Vec<Idle> {
        let mut idle = self.idle;
        for Entry { line, pattern, used } in self.entries {
            let could = || checks::ALL.iter().any(|meta| meta.is_called(&pattern) && ran(meta));
            if !used && could() {
                let message = format!("unused suppression of `{pattern}`; delete it");
                idle.push(Idle { line, message });
            }
        }
        idle.sort_by_key(|idle| idle.line);
        idle
    }
}

fn meta(finding: &Finding) -> Option<&'static CheckMeta> {
    checks::find(finding.check.code)
}
