//! Every fixture of `tests/fixtures/formats/`, read by the format that its name chooses.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::{collections::HashSet, fmt::Write as _, fs, path::PathBuf};

use cermat::{
    document::{Document, format, format::ReadOptions, read_bytes},
    text::{Direction, Side, Word, words},
};

fn fixtures() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/formats");
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| !path.file_name().unwrap().to_str().unwrap().starts_with('.'));
    paths.sort();
    paths
}

fn read(path: &PathBuf) -> (Vec<u8>, Document) {
    let bytes = fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let options = ReadOptions::new(Direction::EnId);
    let document = read_bytes(name, path, bytes.clone(), None, &options).unwrap();
    // The places in a file that is no text are those in its text.
    if document.format == "docx" {
        (document.text.clone().into_bytes(), document)
    } else {
        (bytes, document)
    }
}

#[test]
fn every_format_has_a_fixture() {
    let detected: HashSet<_> =
        fixtures().iter().map(|path| format::detect(path, "").name()).collect();
    for format in format::FORMATS {
        assert!(detected.contains(format.name()), "no fixture is read as {}", format.name());
    }
}

#[test]
fn words_map_back_to_the_bytes_that_spell_them() {
    for path in fixtures() {
        let (bytes, document) = read(&path);
        let mut count = 0;
        for segment in &document.segments {
            for side in [Side::Source, Side::Target] {
                let Some(text) = segment.side(side) else { continue };
                // What is carried over may be told by an attribute of its tag.
                let is_prose = |word: &Word<'_>| !text.in_placeable(word.span);
                for word in words(&text.text).filter(is_prose) {
                    let place = document.to_file(segment.id, side, word.span).unwrap();
                    let spelt = &bytes[place.start as usize..place.end as usize];
                    let context = format!("{path:?}, {:?}", text.text);
                    let word = document.encoding.encode(word.text).unwrap();
                    assert_eq!(spelt, &*word, "{context}");
                    count += 1;
                }
            }
        }
        assert!(count > 0, "{path:?} has no words");
    }
}

#[test]
fn a_file_cut_anywhere_is_read_so_far_and_said_so() {
    for path in fixtures() {
        let (_, whole) = read(&path);
        let format = format::detect(&path, "");
        let bytes = fs::read(&path).unwrap();
        let options = ReadOptions::new(Direction::EnId);
        let end = bytes.trim_ascii_end().len();
        for len in 0..end {
            let cut = read_bytes("cut", &path, bytes[..len].to_vec(), Some(format), &options);
            let is_said = match &cut {
                Ok(document) => document.problems.len() > whole.problems.len(),
                Err(_) => true,
            };
            let by_end = ["xliff", "tmx", "android", "docx"].contains(&format.name());
            // The last problem of the whole file may be behind the cut.
            let as_many = whole.problems.is_empty();
            assert!(is_said || !by_end || !as_many, "{path:?} cut at {len}");
        }
    }
}

#[test]
fn no_word_of_a_plain_text_is_lost() {
    for path in fixtures() {
        if format::detect(&path, "").name() != "plain" {
            continue;
        }
        let (_, document) = read(&path);
        let read: Vec<_> =
            document.segments.iter().flat_map(|segment| words(&segment.target.text)).collect();
        let all: Vec<_> = words(&document.text).collect();
        assert_eq!(
            read.iter().map(|word| word.text).collect::<Vec<_>>(),
            all.iter().map(|word| word.text).collect::<Vec<_>>(),
            "{path:?}"
        );
    }
}

#[test]
fn segments_of_every_fixture() {
    for path in fixtures() {
        let (_, document) = read(&path);
        let mut shown = String::new();
        for segment in &document.segments {
            let line = document.line(segment.id);
            write!(shown, "line {line}, block {}: ", segment.block).unwrap();
            if let Some(source) = &segment.source {
                write!(shown, "{:?} → ", source.text).unwrap();
            }
            writeln!(shown, "{:?}", segment.target.text).unwrap();
            for placeable in &segment.target.placeables {
                let text = placeable.span.of(&segment.target.text);
                writeln!(shown, "    {:?} {text:?}", placeable.kind).unwrap();
            }
        }
        for problem in &document.problems {
            writeln!(shown, "problem in line {}: {}", problem.line, problem.message).unwrap();
        }
        insta::assert_snapshot!(path.file_name().unwrap().to_str().unwrap(), shown);
    }
}
