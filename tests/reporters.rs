//! Every reporter writes the same sample report; `cargo insta review` after a change.

mod common;

use std::{convert::Infallible, io::Write as _};

use cermat::{
    checks::ALL,
    document::{Document, format},
    engine::{Configured, Engine, Judged, Sink},
    evidence::{Compared, EvidenceSet, RoundTrip},
    finding::{Finding, Severity},
    gate::Gate,
    model::{Cancel, DecodeOptions, ForcedDecoding, Skip, TokenScore},
    report::{self, Issue, Row, Signature, Summary, Unread},
    reporter::{Layout, REPORTERS, Subject},
    text::{Direction, Span},
};

const SAMPLE: &str = "\
Harga beras naik tajam pagi ini.\tRice prices rose sharply this morning.
UBS (UBS ) last Moon menambahkan \u{1b}[45mMetaverse\u{1b}[0m.\t
**Kota 2023\"》 yang menggabungkan kenyataan dan kenyataan. **\t
Kalimat ini tidak punya masalah apa pun.\t
Baidu dan \"Wen Xin Yi Yan\" diluncurkan.\t
Wenxinyiyan diluncurkan lagi oleh Baidu.\t
Kalimat ini tidak punya masalah apa pun.\t
";

#[derive(Default)]
struct Rows {
    rows: Vec<Row>,
    issues: Vec<Issue>,
}

impl Sink for Rows {
    type Error = Infallible;

    fn segment(&mut self, document: &Document, judged: Judged<'_>) -> Result<(), Infallible> {
        self.rows.push(Row::new(document, judged));
        Ok(())
    }

    fn document(&mut self, document: &Document, findings: Vec<Finding>) -> Result<(), Infallible> {
        self.issues = report::issues(document, findings);
        Ok(())
    }
}

fn forced(nats: f32) -> ForcedDecoding {
    let token = TokenScore {
        span: Span::new(0..5),
        log_prob: nats,
        best_log_prob: nats / 2.0,
        starts_word: true,
    };
    ForcedDecoding { tokens: vec![token], eos_log_prob: -0.25 }
}

fn compared(text: &str, chrf: Option<f32>) -> Compared {
    Compared { text: text.to_owned(), log_prob: -3.0, tokens: 5, chrf, stopped: false }
}

/// The sample as its user would see it, with the numbers of a model made up.
fn sample() -> Rows {
    let text: String =
        SAMPLE.lines().map(|line| line.trim_end_matches('\t').to_owned() + "\n").collect();
    let lines: Vec<&str> = text.lines().collect();
    let mut document = Document::new("sample.tsv", text.clone());
    let mut start = 0;
    for (block, line) in (0..).zip(&lines) {
        let (target, source) = match line.split_once('\t') {
            Some((target, source)) => (target, Some((source, start + target.len() as u64 + 1))),
            None => (*line, None),
        };
        let text = cermat::document::SegmentText::contiguous;
        let source = source.map(|(source, at)| text(source, at));
        document.push(block, Direction::EnId, source, text(target, start));
        start += line.len() as u64 + 1;
    }
    let checks = ALL.iter().map(|meta| Configured {
        meta,
        check: (meta.build)(toml::Table::new()).expect("defaults"),
    });
    let mut engine = Engine::new(
        None,
        checks.collect(),
        EvidenceSet::empty(),
        DecodeOptions::default(),
        None,
        Cancel::new(),
    );
    let mut rows = Rows::default();
    engine.run(&document, &mut rows, &mut |_| {}).expect("no model, no failure");
    for (i, row) in rows.rows.iter_mut().enumerate() {
        if i == 3 {
            row.evidence.skipped = Some(Skip::TooLong { tokens: 700, limit: 512 });
            continue;
        }
        let back = compared(&format!("Back-translation {i}."), row.source.as_ref().map(|_| 61.25));
        row.evidence.back_translation = Some(back);
        row.evidence.quality = Some(90.0 - 12.5 * i as f32);
        if row.source.is_some() {
            row.evidence.forward = Some(forced(-1.5));
            row.evidence.reverse = Some(forced(-2.5));
        } else {
            let hypothesis = Some(compared("Perjalanan pulang.", Some(48.5)));
            row.evidence.round_trip = Some(RoundTrip { hypothesis, forced: forced(-2.0) });
        }
    }
    rows
}

fn write(name: &str, subject: Subject) -> String {
    let Rows { rows, issues } = sample();
    let format = REPORTERS.iter().find(|format| format.name == name).expect("registered");
    let layout = Layout { subject, width: 80, verbose: false, quiet: false };
    let mut reporter = (format.build)(layout);
    let signature = Signature {
        cermat: "0.0.0",
        model: "sample".to_owned(),
        score: "sample-1".to_owned(),
        beams: 1,
    };
    let unread = [Unread {
        file: "sample.tsv".to_owned(),
        line: Some(9),
        message: "expected at least 2 columns".to_owned(),
    }];
    let mut summary = Summary::default();
    summary.files = 1;
    let mut out = Vec::new();
    reporter.begin(&signature, &mut out).expect("written");
    for row in &rows {
        summary.add_row(row);
        reporter.row(row, &mut out).expect("written");
    }
    summary.add_issues(&issues);
    summary.unread.extend(unread.clone());
    reporter.document("sample.tsv", &issues, &unread, &mut out).expect("written");
    let gate =
        Gate { fail_on: Some(Severity::Major), min_score: Some(50.0), max_penalty: Some(1.0) };
    let breaches = gate.judge(&summary);
    assert_eq!(breaches.len(), 3);
    reporter.end(&summary, &breaches, &mut out).expect("written");
    out.flush().expect("written");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn every_reporter_on_the_sample_report() {
    for format in REPORTERS {
        for (subject, name) in [(Subject::Findings, "check"), (Subject::Scores, "score")] {
            let text = write(format.name, subject);
            assert!(!text.contains("\u{1b}[45m"), "{}: a text forges colours", format.name);
            // Styles are for terminals; the program strips them elsewhere.
            let plain = strip(&text);
            insta::assert_snapshot!(format!("{}-{name}", format.name), plain);
        }
    }
}

fn strip(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\u{1b}[") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find('m').map_or(rest.len(), |m| at + m + 1);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

#[test]
fn json_formats_hold_their_contract() {
    let keys = [
        "code",
        "name",
        "severity",
        "confidence",
        "mqm",
        "side",
        "start",
        "end",
        "text",
        "message",
        "suggestion",
    ];
    let lines = write("jsonl", Subject::Findings);
    let objects: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(objects.len(), 8);
    for object in &objects {
        assert_eq!(object["schema"], 1);
        for finding in object["findings"].as_array().expect("a list") {
            for key in keys {
                assert!(finding.get(key).is_some(), "{key}: {finding}");
            }
        }
    }
    assert!(objects[7]["segment"].is_null(), "the document comes last");
    assert!(objects[3]["score"].is_null() && objects[3]["skipped"].is_string());
    assert!(objects[0]["source"].is_string() && objects[1]["source"].is_null());
    let whole: serde_json::Value =
        serde_json::from_str(&write("json", Subject::Findings)).expect("JSON");
    assert!(whole.is_object());
}

#[test]
fn format_names_are_unique() {
    let mut names: Vec<&str> = REPORTERS.iter().map(|format| format.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), REPORTERS.len());
    assert!(format::FORMATS.len() >= 3);
}
