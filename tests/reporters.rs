//! Every reporter writes the same sample report; `cargo insta review` after a change.

mod common;

use std::{convert::Infallible, io::Write as _};

use cermat::{
    checks::ALL,
    compare::{Comparison, Run},
    document::{Document, format},
    engine::{Configured, Engine, Judged, Sink},
    evidence::{Compared, EvidenceSet, RoundTrip},
    finding::{Expected, Finding, Severity},
    fingerprint::Fingerprints,
    gate::Gate,
    model::{Cancel, DecodeOptions, ForcedDecoding, Skip, TokenScore},
    report::{self, Issue, Row, Signature, Summary, Unread},
    reporter::{Layout, REPORTERS, Subject},
    results::Record,
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

/// What nobody should write into a file, or call one.
const HOSTILE_NAME: &str = "./a b/<script>\n::error::\u{1b}[31m\u{202e}%41|]]>,=:.tsv";
const HOSTILE: &str = "\
=cmd|' /C calc'!A0 <script>alert(1)</script> ]]> ]]> \u{1b}[45m \u{202e}gpj.exe, **last Moon `](http://e.invalid) @all\t=1+1
Harga naik naik.\t
::error::Satu \"kota\" dan kota.\t+1
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
    ForcedDecoding { tokens: vec![token], eos_log_prob: -0.25, ..ForcedDecoding::default() }
}

fn compared(text: &str, chrf: Option<f32>) -> Compared {
    Compared { text: text.to_owned(), log_prob: -3.0, tokens: 5, chrf, stopped: false }
}

/// The sample as its user would see it, with the numbers of a model made up.
fn sample(name: &str, text: &str) -> Rows {
    let text: String =
        text.lines().map(|line| line.trim_end_matches('\t').to_owned() + "\n").collect();
    let lines: Vec<&str> = text.lines().collect();
    let mut document = Document::new(name, text.clone());
    document.format = "tsv";
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
    let mut fingerprints = Fingerprints::default();
    rows.rows.iter_mut().for_each(|row| fingerprints.mark(&mut row.issues, &row.target));
    fingerprints.mark(&mut rows.issues, "");
    if name == HOSTILE_NAME {
        // Checks quote the text; this one is made of it.
        let target = rows.rows[0].target.clone();
        let issue = &mut rows.rows[0].issues[0];
        issue.message = format!("{target} ::error::\n::error::x");
        issue.help = Some(target.clone());
        issue.expected = vec![Expected { text: target.clone(), probability: 0.375 }];
        issue.suggestion = Some(target.clone());
        issue.places[0].note = target.clone();
        issue.places[0].text = target;
    }
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
    write_compared(name, subject, None)
}

/// With an earlier run that stopped before the second file, where nothing was repeated yet.
fn earlier() -> Run {
    let mut run = Run::default();
    run.signature = Some(signature("0.0.0|<b>\u{1b}[31m"));
    let text = SAMPLE.replace("kenyataan dan kenyataan", "kenyataan dan mimpi");
    let Rows { mut rows, issues } = sample("sample.tsv", &text);
    rows[0].evidence.quality = Some(50.0);
    rows.iter().for_each(|row| run.add_row(row));
    run.add_document("sample.tsv", &issues);
    run
}

fn signature(model: &str) -> Signature {
    Signature {
        cermat: "0.0.0".to_owned(),
        model: model.to_owned(),
        score: "sample-1".to_owned(),
        beams: 1,
    }
}

fn write_compared(name: &str, subject: Subject, earlier: Option<&Run>) -> String {
    let format = REPORTERS.iter().find(|format| format.name == name).expect("registered");
    let layout = Layout { subject, width: 80, verbose: false, quiet: false };
    let mut reporter = (format.build)(layout);
    let signature = signature("sample");
    let mut run = Run::default();
    run.signature = Some(signature.clone());
    let mut summary = Summary::default();
    let mut out = Vec::new();
    reporter.begin(&signature, &mut out).expect("written");
    for (name, text) in [("sample.tsv", SAMPLE), (HOSTILE_NAME, HOSTILE)] {
        let Rows { mut rows, mut issues } = sample(name, text);
        if subject == Subject::Scores {
            // No check runs there.
            rows.iter_mut().for_each(|row| row.issues.clear());
            issues.clear();
        }
        let unread = [Unread {
            file: name.to_owned(),
            line: Some(9),
            message: "expected at least 2 columns".to_owned(),
        }];
        summary.files += 1;
        for row in &rows {
            summary.add_row(row);
            run.add_row(row);
            reporter.row(row, &mut out).expect("written");
        }
        summary.add_issues(&issues);
        run.add_document(name, &issues);
        summary.unread.extend(unread.clone());
        reporter.document(name, &issues, &unread, &mut out).expect("written");
    }
    let unread =
        Unread { file: HOSTILE_NAME.replace("tsv", "md"), line: None, message: HOSTILE.to_owned() };
    reporter.unread(&unread, &mut out).expect("written");
    summary.unread.push(unread);
    let gate =
        Gate { fail_on: Some(Severity::Major), min_score: Some(50.0), max_penalty: Some(1.0) };
    let breaches = gate.judge(&summary);
    assert_eq!(breaches.len(), if subject == Subject::Findings { 3 } else { 1 });
    if let Some(earlier) = earlier {
        reporter.comparison(&Comparison::new(earlier, &run), &mut out).expect("written");
    }
    reporter.end(&summary, &breaches, &mut out).expect("written");
    out.flush().expect("written");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn every_reporter_on_the_sample_report() {
    for format in REPORTERS {
        for (subject, name) in [(Subject::Findings, "check"), (Subject::Scores, "score")] {
            let text = write(format.name, subject);
            for forged in ["\u{1b}[45m", "\u{1b}[31m:", "\u{202e}", "\u{9b}"] {
                assert!(!text.contains(forged), "{}: a text forges {forged:?}", format.name);
            }
            // Styles are for terminals; the program strips them elsewhere.
            let mut plain = strip(&text);
            for meta in ALL {
                // The help of SARIF's rules; it has tests of its own.
                let docs = serde_json::json!(meta.info.docs.trim()).to_string();
                plain = plain.replace(&docs, &format!("\"[docs of {}]\"", meta.info.code));
            }
            for (asset, name) in HTML_ASSETS {
                plain = plain.replace(asset, &format!("[{name}]"));
                plain = plain.replace(&csp_hash(asset), &format!("[hash of {name}]"));
            }
            insta::assert_snapshot!(format!("{}-{name}", format.name), plain);
        }
    }
}

/// What every HTML report holds.
const HTML_ASSETS: [(&str, &str); 2] = [
    (include_str!("../src/reporter/html/report.css"), "report.css"),
    (include_str!("../src/reporter/html/report.js"), "report.js"),
];

fn csp_hash(text: &str) -> String {
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use sha2::{Digest as _, Sha256};
    format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(text)))
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
    assert_eq!(objects.len(), 13);
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
    assert!(json(&write("json", Subject::Findings)).is_object());
}

#[test]
fn format_names_are_unique() {
    let mut names: Vec<&str> = REPORTERS.iter().map(|format| format.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), REPORTERS.len());
    assert!(format::FORMATS.len() >= 3);
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

fn list(value: &serde_json::Value) -> &[serde_json::Value] {
    value.as_array().expect("a list")
}

#[test]
fn sarif_results_name_rules_places_and_fixes() {
    let sarif = json(&write("sarif", Subject::Findings));
    let run = &sarif["runs"][0];
    let rules = list(&run["tool"]["driver"]["rules"]);
    let results = list(&run["results"]);
    let mut fingerprints = Vec::new();
    for result in results {
        let rule = &rules[result["ruleIndex"].as_u64().expect("a number") as usize];
        assert_eq!(rule["id"], result["ruleId"]);
        let help = rule["help"]["markdown"].as_str().expect("a string");
        assert!(help.starts_with('#') && rule["help"]["text"] == help);
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().expect("a string");
        assert!(uri.bytes().all(|c| c.is_ascii_alphanumeric() || b"%./_-".contains(&c)), "{uri}");
        let number = |key: &str| place["region"][key].as_u64().expect("a number");
        let ends = (number("endLine"), number("endColumn"));
        assert!(ends > (number("startLine"), number("startColumn")), "{place}");
        fingerprints.push((uri, result["partialFingerprints"]["cermat/v1"].as_str()));
    }
    let all = fingerprints.len();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), all, "each finding has its own");
    let gloss = results.iter().find(|result| result["ruleId"] == "LNG009").expect("found");
    let replacement = &gloss["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "UBS");
    assert_eq!(replacement["deletedRegion"]["endColumn"], 11);
    let invocation = &run["invocations"][0];
    assert_eq!(list(&invocation["toolExecutionNotifications"]).len(), 3);
    assert_eq!(invocation["executionSuccessful"], false);
}

#[test]
fn a_line_of_github_is_a_command_of_ours() {
    for line in write("github", Subject::Findings).lines() {
        let (command, rest) = line[2..].split_once(' ').expect("properties");
        assert!(line.starts_with("::") && ["notice", "warning", "error"].contains(&command));
        let (properties, _) = rest.split_once("::").expect("a message");
        for property in properties.split(',') {
            let (key, _) = property.split_once('=').expect("a value");
            assert!(["file", "line", "endLine", "col", "endColumn", "title"].contains(&key));
        }
    }
}

#[test]
fn gitlab_fingerprints_are_unique() {
    let gitlab = json(&write("gitlab", Subject::Findings));
    let mut seen = std::collections::HashSet::new();
    for object in list(&gitlab) {
        assert!(object["description"].is_string() && object["location"]["lines"]["begin"].is_u64());
        assert!(seen.insert(object["fingerprint"].as_str().expect("a string")), "{object}");
    }
    assert!(seen.len() > 10);
}

#[test]
fn junit_counts_its_cases() {
    use quick_xml::events::Event;
    let text = write("junit", Subject::Findings);
    let mut reader = quick_xml::Reader::from_str(&text);
    let (mut told, mut counted) = ([0; 3], [0; 3]);
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                "testsuite" => {
                    for (i, name) in ["tests", "failures", "errors"].into_iter().enumerate() {
                        let value = tag.try_get_attribute(name).expect("well-formed");
                        let value = value.expect("it is there").value;
                        told[i] += value.parse::<u32>().expect("n");
                    }
                }
                "testcase" => counted[0] += 1,
                "failure" => counted[1] += 1,
                "error" => counted[2] += 1,
                "testsuites" => {}
                other => panic!("a text is an element: {other:?}"),
            },
            Event::CData(_) | Event::Comment(_) | Event::PI(_) => panic!("a text is markup"),
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(told, counted);
    assert_eq!(counted[2], 3);
}

#[test]
fn markdown_shows_text_as_text() {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let text = write("markdown", Subject::Findings);
    for event in Parser::new_ext(&text, Options::all()) {
        match event {
            Event::Code(code) => assert!(code.starts_with("cermat:"), "a text is code: {code}"),
            Event::Html(_) | Event::InlineHtml(_) | Event::InlineMath(_) => {
                panic!("a text is markup: {event:?}")
            }
            Event::Start(tag) => assert!(
                !matches!(tag, Tag::Link { .. } | Tag::Image { .. } | Tag::Strong | Tag::Emphasis),
                "a text is markup: {tag:?}"
            ),
            _ => {}
        }
    }
    assert!(!text.contains('@') && !text.contains("://"), "mentions and links by themselves");
}

#[test]
fn no_cell_of_the_csv_is_a_formula() {
    for subject in [Subject::Findings, Subject::Scores] {
        let text = write("csv", subject);
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix("\"\r\n"));
        let mut cells = 0;
        for record in text.expect("quoted").split("\"\r\n\"") {
            for cell in record.split("\",\"") {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
                cells += 1;
            }
        }
        assert_eq!(cells % if subject == Subject::Findings { 14 } else { 8 }, 0);
    }
}

#[test]
fn comparisons_of_two_runs() {
    let earlier = earlier();
    for name in ["text", "markdown", "json"] {
        let text = write_compared(name, Subject::Findings, Some(&earlier));
        let part = match name {
            "text" => &text[text.find("compared with").expect("told")..],
            "markdown" => {
                let from = text.find("### Compared").expect("told");
                &text[from..text.find("| check |").expect("told")]
            }
            _ => &text[text.find("\"comparison\"").expect("told")..],
        };
        insta::assert_snapshot!(format!("{name}-compared"), strip(part));
    }
    let page = write_compared("html", Subject::Findings, Some(&earlier));
    assert!(page.contains("Compared with an earlier run"));
    assert!(page.contains("cermat:0.0.0|model:0.0.0|&#60;b&#62;"), "escaped");
    // Of the segments that were there, the first scores better now.
    let run = &page[page.find("id=\"run\">").expect("data") + 9..];
    let run = json(&run[..run.find("</script>").expect("its end")]);
    assert_eq!(run["changes"]["0"], serde_json::json!(["better", 50.0, null]));
    let edited = &run["changes"]["2"];
    assert!(edited[0] == "worse" && edited[2].as_str().expect("a text").contains("dan mimpi"));
}

#[test]
fn nothing_of_a_text_is_markup_in_html() {
    for subject in [Subject::Findings, Subject::Scores] {
        let page = write_compared("html", subject, Some(&earlier()));
        for (asset, name) in HTML_ASSETS {
            let hash = csp_hash(asset);
            assert!(
                page.contains(&format!("-src '{hash}'")),
                "{name} is not what the policy allows"
            );
            assert_eq!(page.matches(asset).count(), 1);
        }
        let mut page = page;
        HTML_ASSETS.iter().for_each(|(asset, _)| page = page.replace(asset, ""));
        for attack in ["<script>alert", "<!--", "<b>", "onerror=", "style=\"", "javascript:"] {
            assert!(!page.contains(attack), "{attack}");
        }
        assert_eq!(page.matches("<script").count(), 3, "two of data, one of ours");
        assert_eq!(page.matches("</script>").count(), 3);
        assert!(!page.contains("http:") || !page.contains("src=\"http"), "nothing is loaded");
        for id in ["segments", "run"] {
            let from = page.find(&format!("id=\"{id}\">")).expect("data") + id.len() + 6;
            let data = &page[from..];
            let data = json(&data[..data.find("</script>").expect("its end")]);
            if id == "segments" && subject == Subject::Findings {
                let hostile = &list(&data)[8];
                let text = hostile["t"].as_str().expect("a text");
                assert!(text.contains("<script>alert(1)</script> ]]>"), "{text}");
                assert!(text.contains("\\u{202e}gpj"), "{text}");
                let [from, to] =
                    [0, 1].map(|at| hostile["tm"][0][at].as_u64().expect("n") as usize);
                assert!(from < to && to <= text.encode_utf16().count());
            }
        }
    }
}

#[test]
fn json_formats_hold_their_published_schema() {
    /// With every key that the schema does not name an error.
    fn strict(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(map) => {
                map.values_mut().for_each(strict);
                if map.contains_key("properties") && map.get("type") == Some(&"object".into()) {
                    map.entry("additionalProperties").or_insert(false.into());
                }
            }
            serde_json::Value::Array(list) => list.iter_mut().for_each(strict),
            _ => {}
        }
    }
    let validator = |format: &str| {
        let mut schema = cermat::reporter::schema(format).expect("published");
        jsonschema::meta::validate(&schema).expect("a schema");
        strict(&mut schema);
        jsonschema::validator_for(&schema).expect("a schema")
    };
    let check = |validator: &jsonschema::Validator, value: &serde_json::Value| {
        if let Some(error) = validator.iter_errors(value).next() {
            panic!("{error} at {}", error.instance_path());
        }
    };
    let earlier = earlier();
    let (lines, report) = (validator("jsonl"), validator("json"));
    for subject in [Subject::Findings, Subject::Scores] {
        let written = write("jsonl", subject);
        let first = written.lines().next().expect("a line");
        written.lines().for_each(|line| check(&lines, &json(line)));
        check(&report, &json(&write("json", subject)));
        check(&report, &json(&write_compared("json", subject, Some(&earlier))));
        // It is a schema of something.
        for (key, value) in
            [("schema", json("2")), ("target", json("null")), ("score", json("101"))]
        {
            let mut line = json(first);
            line[key] = value;
            assert!(!lines.is_valid(&line), "{key}");
        }
        assert!(!report.is_valid(&json(first)));
    }
    assert!(cermat::reporter::schema("tsv").is_none());
}

#[test]
fn results_that_are_read_back_are_the_same() {
    let mut reader = cermat::results::Reader::default();
    for subject in [Subject::Findings, Subject::Scores] {
        let written = write("jsonl", subject);
        let format = REPORTERS.iter().find(|format| format.name == "jsonl").expect("registered");
        let layout = Layout { subject, width: 80, verbose: false, quiet: false };
        let mut reporter = (format.build)(layout);
        reporter.begin(&signature("sample"), &mut Vec::new()).expect("written");
        for line in written.lines() {
            let (record, made_with) = reader.read(line.as_bytes()).expect("read");
            assert_eq!(made_with, Some(signature("sample")));
            let mut again = Vec::new();
            match record {
                Record::Row(row) => reporter.row(&row, &mut again),
                Record::Document { file, issues, unread } => {
                    reporter.document(&file, &issues, &unread, &mut again)
                }
            }
            .expect("written");
            assert_eq!(String::from_utf8(again).expect("UTF-8").trim_end(), line);
        }
    }
    assert!(reader.foreign().is_empty());
}
