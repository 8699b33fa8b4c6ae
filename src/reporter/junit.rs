//! JUnit XML as Jenkins and GitLab read it: a suite a file, a case a segment, which fails when it
//! has findings; the findings on a whole document are a case of their own, and what could not be
//! read is an error.

use std::io::{self, Write};

use quick_xml::escape::escape;

use super::{Reporter, message, visible};
use crate::{
    finding::Severity,
    gate::Breach,
    report::{Issue, Row, Signature, Summary, Unread},
};

/// The cases of one file are kept until their number is known: it stands before them.
#[derive(Default)]
pub(super) struct JUnit {
    cases: Vec<u8>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    tests: u64,
    failures: u64,
    errors: u64,
}

/// Text that XML can hold, escaped.
fn xml(text: &str) -> String {
    let holdable = |c: char| if matches!(c, '\u{fffe}' | '\u{ffff}') { '\u{fffd}' } else { c };
    let text: String = visible(text).chars().map(holdable).collect();
    escape(&text).into_owned()
}

impl JUnit {
    fn case(&mut self, file: &str, name: &str, issues: &[Issue]) -> io::Result<()> {
        let out = &mut self.cases;
        self.counts.tests += 1;
        write!(out, "<testcase classname=\"{}\" name=\"{}\" time=\"0\"", xml(file), xml(name))?;
        // Neutral findings are worth a look, no failure.
        let failing = || issues.iter().filter(|issue| issue.severity > Severity::Neutral);
        let Some(worst) = failing().max_by_key(|issue| issue.severity) else {
            return writeln!(out, "/>");
        };
        self.counts.failures += 1;
        let kind = format!("{} {}", worst.check.code, worst.check.name);
        let short = match failing().count() {
            1 => worst.message.clone(),
            n => format!("{} (the worst of {n} findings)", worst.message),
        };
        writeln!(out, ">\n<failure type=\"{}\" message=\"{}\">", xml(&kind), xml(&short))?;
        for issue in issues {
            if let Some(at) = issue.places.first().and_then(|place| place.position) {
                write!(out, "{}:{}:{}: ", xml(file), at.line, at.column)?;
            }
            let (severity, check) = (issue.severity, issue.check);
            writeln!(out, "{severity} {} {}: {}", check.code, check.name, xml(&message(issue)))?;
        }
        writeln!(out, "</failure>\n</testcase>")
    }

    fn error(&mut self, unread: &Unread) -> io::Result<()> {
        self.counts.tests += 1;
        self.counts.errors += 1;
        let place =
            unread.line.map_or_else(|| "read".to_owned(), |line| format!("read, line {line}"));
        writeln!(
            self.cases,
            "<testcase classname=\"{}\" name=\"{place}\" time=\"0\">\n<error type=\"unreadable\" message=\"{}\"/>\n</testcase>",
            xml(&unread.file),
            xml(&unread.message)
        )
    }

    fn suite(&mut self, file: &str, out: &mut dyn Write) -> io::Result<()> {
        let Counts { tests, failures, errors } = std::mem::take(&mut self.counts);
        writeln!(
            out,
            "<testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"0\" time=\"0\">",
            xml(file)
        )?;
        out.write_all(&self.cases)?;
        self.cases.clear();
        writeln!(out, "</testsuite>")
    }
}

impl Reporter for JUnit {
    fn begin(&mut self, _signature: &Signature, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cermat\">")
    }

    fn row(&mut self, row: &Row, _out: &mut dyn Write) -> io::Result<()> {
        self.case(&row.file, &format!("segment {}, line {}", row.segment, row.line), &row.issues)
    }

    fn document(
        &mut self,
        file: &str,
        issues: &[Issue],
        unread: &[Unread],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if !issues.is_empty() {
            self.case(file, "the whole document", issues)?;
        }
        unread.iter().try_for_each(|unread| self.error(unread))?;
        self.suite(file, out)
    }

    fn end(
        &mut self,
        summary: &Summary,
        _breaches: &[Breach],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        // What is read in part has come with its document.
        for unread in summary.unread.iter().filter(|unread| unread.line.is_none()) {
            self.error(unread)?;
            self.suite(&unread.file, out)?;
        }
        writeln!(out, "</testsuites>")
    }
}
