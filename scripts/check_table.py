#!/usr/bin/env python3
"""What each check finds: the table in the docs of `cermat::checks`.

    check_table.py --examples EXAMPLES.jsonl --human HUMAN.tsv --machine PAIRS.jsonl
                   [--cermat PROGRAM] [--write]

EXAMPLES holds objects with `class`, `label` (`artifact` or `clean`), `text` and `span`, sentences with
an artifact and near misses without one. HUMAN is that of `false_alarms.py`; PAIRS has objects with
`mt`, machine Indonesian documentation. All go through `cermat check --no-model --preview`.

Prints, and with `--write` puts into src/checks/measured.md, a table by check: artifacts marked (a
finding overlaps the labelled words), near misses marked, sentences with a finding per 1,000 of machine and
of human text. Behind it the artifacts by class that any check marks.
"""

import argparse
import collections
import json
import subprocess
import tempfile
from pathlib import Path

from false_alarms import sentences_of

ROOT = Path(__file__).resolve().parent.parent


def findings(program, texts, together, suffix=".txt"):
    """Codes and marked texts by number of the text. `together`: how many make one document."""
    if not texts:
        return {}
    end = "\n" if suffix == ".txt" else "\n\n"
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for start in range(0, len(texts), together):
            path = Path(folder) / f"{start:07}{suffix}"
            path.write_text("".join(" ".join(t.split()) + end for t in texts[start : start + together]), encoding="utf8")
            paths.append(path)
        command = [program, "check", "--quiet", "--no-model", "--preview", "--format", "jsonl", folder]
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf8")
    out = collections.defaultdict(list)
    for line in run.stdout.splitlines():
        row = json.loads(line)
        if row["segment"] is None:
            continue
        number = int(Path(row["file"]).stem) + (row["line"] - 1) // len(end)
        out[number] += [(finding["code"], finding["text"]) for finding in row["findings"]]
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("examples", "human", "machine"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--cermat", default=str(ROOT / "target/release/cermat"))
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    read = lambda path: path.read_text(encoding="utf8").splitlines()
    examples = [json.loads(line) for line in read(args.examples)]
    machine = [json.loads(line)["mt"] for line in read(args.machine)]
    by_source, _ = sentences_of(args.human)
    # Documentation is Markdown, the rest plain text.
    human = [[], []]
    for source, texts in by_source.items():
        human["docs" in source] += texts

    found = findings(args.cermat, [row["text"] for row in examples], 1)
    hits, misses, by_class = collections.Counter(), collections.Counter(), collections.Counter()
    totals = collections.Counter(row["class"] for row in examples if row["label"] == "artifact")
    for number, row in enumerate(examples):
        codes = set()
        for code, text in found[number]:
            if row["label"] != "artifact":
                misses[code] += code not in codes
                codes.add(code)
                continue
            span, text = row["span"].strip(), text.strip()
            if text and (text in span or span in text):
                hits[code] += code not in codes
                codes.add(code)
        by_class[row["class"]] += row["label"] == "artifact" and bool(codes)
    rate = {}
    for name, plain, markdown in (("machine", [], machine), ("human", *human)):
        counted = collections.Counter()
        for texts, suffix in ((plain, ".txt"), (markdown, ".md")):
            for marked in findings(args.cermat, texts, 25, suffix).values():
                counted.update({code for code, _ in marked})
        rate[name] = {code: 1000 * n / (len(plain) + len(markdown)) for code, n in counted.items()}

    listed = subprocess.run([args.cermat, "checks", "--color", "never"], stdout=subprocess.PIPE, text=True).stdout
    codes = [word for line in listed.splitlines() for word in line.split()[:1] if len(word) == 6 and word[3:].isdigit()]
    clean = sum(row["label"] != "artifact" for row in examples)
    lines = [
        f"Without a model, on {sum(totals.values())} examples of artifacts and {clean} near misses (which",
        "also served to write the checks), "
        f"{len(machine):,} machine-translated and {sum(map(len, human)):,} human",
        "sentences: how many of them have a finding. Checks of pairs and of the model have nothing to",
        "do here.",
        "",
        "| check | artifacts | near misses | per 1,000 machine | per 1,000 human |",
        "| --- | --- | --- | --- | --- |",
    ]
    for code in codes:
        numbers = (hits[code], misses[code], f"{rate['machine'].get(code, 0):.1f}", f"{rate['human'].get(code, 0):.1f}")
        lines.append(f"| {code} | " + " | ".join(map(str, numbers)) + " |")
    seen = [f"{name} {by_class[name]}/{n}" for name, n in sorted(totals.items()) if by_class[name]]
    unseen = [name for name in sorted(totals) if not by_class[name]]
    lines += ["", "Artifacts that some check marks, by class: " + ", ".join(seen) + ".", "", "None of: " + ", ".join(unseen) + "."]
    text = "\n".join(lines) + "\n"
    print(text)
    if args.write:
        (ROOT / "src/checks/measured.md").write_text(text, encoding="utf8")


if __name__ == "__main__":
    main()
