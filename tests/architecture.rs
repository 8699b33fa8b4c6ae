//! The layers of src/: a module uses only those to its left, `ort` has one home, and only the
//! command line talks.

mod common;

use std::{fs, path::PathBuf};

use common::tree;

/// From left to right, as in the crate docs.
const LAYERS: &[&[&str]] = &[
    &["text"],
    &["document", "lexicon"],
    &["model"],
    &["onnx", "hub"],
    &["evidence"],
    &["finding"],
    &["checks"],
    &["engine"],
    &["evaluate"],
    &["report"],
    &["fingerprint", "suppress", "results"],
    &["baseline", "compare"],
    &["gate"],
    &["reporter"],
    &["config"],
    &["cli"],
];

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &PathBuf, out: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).expect("read") {
            let path = entry.expect("a file").path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(tree("src")).expect("inside");
                let name = name.to_string_lossy().replace('\\', "/");
                out.push((name, fs::read_to_string(&path).expect("read")));
            }
        }
    }
    let mut out = Vec::new();
    walk(&tree("src"), &mut out);
    assert!(out.len() > 40);
    out
}

/// Code without comments and tests.
fn code(text: &str) -> String {
    let text = text.split("\n#[cfg(test)]\nmod test").next().unwrap_or(text);
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|names| names.contains(&module))
}

/// Modules named in `use crate::{a, b::c}` and in `crate::a::`.
fn used(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut word, mut heads) = (0, String::new(), true);
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.push(std::mem::take(&mut word));
                        heads = true;
                    }
                    ':' => heads = false,
                    c if depth == 0 && heads && (c.is_alphanumeric() || c == '_') => word.push(c),
                    _ => {}
                }
            }
            found.push(word);
        } else {
            found.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn a_module_uses_only_those_to_its_left() {
    for (name, text) in sources() {
        let module = name.split(['/', '.']).next().expect("a name");
        let Some(own) = layer(module) else {
            assert!(matches!(name.as_str(), "lib.rs" | "main.rs"), "src/{name} has no layer");
            continue;
        };
        for other in used(&code(&text)) {
            if let Some(theirs) = layer(&other) {
                assert!(
                    other == module || theirs < own,
                    "src/{name} uses `{other}`, which stands to its right"
                );
            }
        }
    }
}

/// Whether `name` stands in `code`, not as the end of a longer name.
fn names_it(code: &str, name: &str) -> bool {
    code.match_indices(name)
        .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[test]
fn what_has_one_home() {
    let homes: &[(&[&str], &str)] = &[
        (&["ort::", "use ort"], "onnx/"),
        (&["tokenizers::"], "onnx/"),
        (&["ureq::", "use ureq"], "hub/"),
        (&["clap::", "anyhow::", "indicatif::", "std::env", "env::var"], "cli/"),
        (&["println!", "eprintln!", "io::stdout", "io::stderr"], "cli/"),
    ];
    for (name, text) in sources() {
        let code = code(&text);
        for (names, home) in homes {
            for forbidden in *names {
                assert!(
                    name.starts_with(home) || !names_it(&code, forbidden),
                    "src/{name} has `{forbidden}`, which belongs to src/{home}"
                );
            }
        }
        assert!(!code.contains(".unwrap()"), "src/{name} unwraps; say what holds with `expect`");
    }
}

#[test]
fn the_test_sees_what_it_should() {
    assert_eq!(used("use crate::{\n    a::{b, c},\n    d,\n    e::f,\n};"), ["a", "d", "e"]);
    assert_eq!(used("let x = crate::g::h(); use crate::i;"), ["g", "i"]);
}
