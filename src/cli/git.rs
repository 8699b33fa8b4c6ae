//! `--changed-since`: the lines that git says have changed since the branch left a revision.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::Command,
};

use super::Usage;
use crate::{
    document::{Document, Segment},
    text::{Side, Span},
};

/// Changed lines of the repositories that files lie in; git is asked once for each.
pub(super) struct Changes {
    revision: String,
    /// By the root of the repository, then by path.
    repositories: HashMap<PathBuf, HashMap<PathBuf, Lines>>,
}

/// Changed lines of a file, from 1.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Lines {
    /// The file is new, or no text for git: DOCX, UTF-16.
    all: bool,
    /// First and last of each stretch that was added or changed.
    touched: Vec<(u32, u32)>,
    /// Lines behind which some were deleted.
    cut: Vec<u32>,
}

static NONE: Lines = Lines { all: false, touched: Vec::new(), cut: Vec::new() };

/// What has changed of a file that was read.
pub(super) struct Touched<'a> {
    lines: &'a Lines,
    all: bool,
}

impl Touched<'_> {
    /// Whether a side of `segment` has changed.
    pub(super) fn holds(&self, document: &Document, segment: &Segment) -> bool {
        self.all || self.lines.touch(document, segment)
    }
}

impl Lines {
    fn touch(&self, document: &Document, segment: &Segment) -> bool {
        let side = |side| {
            let text = segment.side(side)?;
            let place = text.offsets.to_file(Span::new(0..text.text.len()))?;
            let line = |offset| document.lines.line(offset);
            let (first, last) = (line(place.start), line(place.end.saturating_sub(1)));
            let touched = self.touched.iter().any(|(from, to)| *from <= last && first <= *to);
            Some(touched || self.cut.iter().any(|cut| first <= *cut && *cut < last))
        };
        [Side::Source, Side::Target].into_iter().filter_map(side).any(|touched| touched)
    }
}

impl Changes {
    pub(super) fn since(revision: &str) -> Self {
        Self { revision: revision.to_owned(), repositories: HashMap::new() }
    }

    /// What has changed in `file`, an absolute path, whose contents are `document`.
    pub(super) fn of(&mut self, file: &Path, document: &Document) -> anyhow::Result<Touched<'_>> {
        // As git names it: links followed.
        let file = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let root = file.ancestors().skip(1).find(|folder| folder.join(".git").exists());
        let root = root.ok_or_else(|| {
            let file = file.display();
            Usage(format!("--changed-since: `{file}` is in no git repository"))
        })?;
        if !self.repositories.contains_key(root) {
            let changed = changed(root, &self.revision)?;
            self.repositories.insert(root.to_owned(), changed);
        }
        let lines = self.repositories[root].get(&file).unwrap_or(&NONE);
        // A return alone ends a line here, and none for git.
        let has_own = || {
            let mut returns = document.text.match_indices('\r');
            returns.any(|(at, _)| document.text.as_bytes().get(at + 1) != Some(&b'\n'))
        };
        let some = !lines.touched.is_empty() || !lines.cut.is_empty();
        Ok(Touched { lines, all: lines.all || (some && has_own()) })
    }
}

fn git(root: &Path, arguments: &[&str]) -> anyhow::Result<Result<String, String>> {
    let output = Command::new("git").arg("-C").arg(root).args(arguments).output();
    let output =
        output.map_err(|error| Usage(format!("--changed-since: cannot run `git`: {error}")))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok(match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr).trim().to_owned()),
    })
}

fn changed(root: &Path, revision: &str) -> anyhow::Result<HashMap<PathBuf, Lines>> {
    let shallow = || match git(root, &["rev-parse", "--is-shallow-repository"]) {
        Ok(Ok(answer)) if answer.trim() == "true" => {
            "; the clone is shallow: fetch the history (`git fetch --unshallow`, or `fetch-depth: 0`)"
        }
        _ => "",
    };
    let wrong = |what: String| Usage(format!("--changed-since: {what}{}", shallow()));
    let commit = format!("{revision}^{{commit}}");
    git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?
        .map_err(|_| wrong(format!("git knows no revision `{revision}`")))?;
    // What the other side of a fork has changed is not this branch's business.
    let base = git(root, &["merge-base", "--", revision, "HEAD"])?.map_err(|said| {
        let said = if said.is_empty() { said } else { format!(" ({said})") };
        wrong(format!("`{revision}` and HEAD have no commit in common{said}"))
    })?;
    let options = ["diff", "-U0", "--no-color", "--no-ext-diff", "--no-renames"];
    let prefixes = ["--src-prefix=a/", "--dst-prefix=b/", base.trim(), "--"];
    let diff = git(root, &[&options[..], &prefixes[..]].concat())?;
    let mut changed: HashMap<PathBuf, Lines> = parse(&diff.map_err(wrong)?)
        .into_iter()
        .map(|(name, lines)| (root.join(name), lines))
        .collect();
    let untracked =
        git(root, &["ls-files", "-z", "--others", "--exclude-standard", "--full-name"])?;
    for name in untracked.map_err(wrong)?.split('\0').filter(|name| !name.is_empty()) {
        changed.insert(root.join(name), Lines { all: true, ..Lines::default() });
    }
    Ok(changed)
}

/// The files and lines of a diff without context.
fn parse(diff: &str) -> Vec<(String, Lines)> {
    let mut files: Vec<(String, Lines)> = Vec::new();
    let mut header = "";
    // Lines of a hunk that are still to come: a deleted line may look like a header.
    let mut rest = 0u32;
    for line in diff.lines() {
        if rest > 0 && line.starts_with(['+', '-']) {
            rest -= 1;
        } else if let Some(names) = line.strip_prefix("diff --git ") {
            header = names;
        } else if line.starts_with("Binary files ") {
            // No renames: the name stands there twice, as `a/x b/x`.
            let name = unquoted(header.get(header.len() / 2 + 1..).unwrap_or(""));
            let name = name.strip_prefix("b/").unwrap_or(&name).to_owned();
            files.push((name, Lines { all: true, ..Lines::default() }));
        } else if let Some(name) = line.strip_prefix("+++ ") {
            let name = unquoted(name.trim_end_matches('\t'));
            let name = name.strip_prefix("b/").unwrap_or(&name).to_owned();
            files.push((name, Lines::default()));
        } else if let Some(hunk) = line.strip_prefix("@@ -")
            && let Some((old, new)) = hunk.split(" @@").next().and_then(|h| h.split_once(" +"))
            && let Some((_, lines)) = files.last_mut()
        {
            let (old, new) = (range(old), range(new));
            rest = old.1 + new.1;
            match new {
                (at, 0) => lines.cut.push(at),
                (first, count) => lines.touched.push((first, first + count - 1)),
            }
        }
    }
    files
}

/// `12,3` or `12`.
fn range(text: &str) -> (u32, u32) {
    let (start, count) = text.split_once(',').unwrap_or((text, "1"));
    (start.parse().unwrap_or(0), count.parse().unwrap_or(0))
}

/// Git writes odd names in quotes, with C's escapes and octal bytes.
fn unquoted(name: &str) -> String {
    let Some(name) = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) else {
        return name.to_owned();
    };
    let mut bytes = Vec::new();
    let mut rest = name.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match (byte, byte == b'\\') {
            (_, false) => byte,
            _ => match rest.next() {
                Some(digit @ b'0'..=b'7') => {
                    let octal = [Some(digit), rest.next(), rest.next()];
                    let value = |sum: u8, digit: u8| sum.wrapping_mul(8) + (digit & 7);
                    octal.into_iter().flatten().fold(0, value)
                }
                Some(b'n') => b'\n',
                Some(b't') => b'\t',
                Some(b'r') => b'\r',
                Some(other) => other,
                None => b'\\',
            },
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_names_files_and_lines() {
        let diff = "diff --git a/a.md b/a.md\n--- a/a.md\n+++ b/a.md\n@@ -1,2 +1 @@ # x\n--- old\n-x\n\
                    +++ new\n@@ -9,2 +7,0 @@\n-y\n-z\n@@ -20,0 +18,3 @@\n+a\n+b\n+c\n\
                    diff --git \"a/k\\303\\251.md\" \"b/k\\303\\251.md\"\n\
                    +++ \"b/k\\303\\251.md\"\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n";
        let files = parse(diff);
        assert_eq!(files.len(), 2, "{files:?}");
        let first = Lines { all: false, touched: vec![(1, 1), (18, 20)], cut: vec![7] };
        assert_eq!(files[0], ("a.md".to_owned(), first));
        assert_eq!(files[1].0, "ké.md");
        let diff = "diff --git a/a b.docx b/a b.docx\nindex 1..2 100644\nBinary files a/a b.docx and b/a b.docx differ\n\
                    diff --git \"a/\\303\\251.tmx\" \"b/\\303\\251.tmx\"\nBinary files \"a/\\303\\251.tmx\" and \"b/\\303\\251.tmx\" differ\n";
        let files = parse(diff);
        let names: Vec<(&str, bool)> = files.iter().map(|(n, lines)| (&**n, lines.all)).collect();
        assert_eq!(names, [("a b.docx", true), ("é.tmx", true)]);
    }
}
