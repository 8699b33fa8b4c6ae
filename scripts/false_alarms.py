#!/usr/bin/env python3
"""How often each check speaks up on human Indonesian.

    false_alarms.py HUMAN.tsv [--cermat PROGRAM] [--show CODE] [--rows N]
                    [--options '--no-model --preview']

HUMAN.tsv has a name of the source, an Indonesian sentence that a person wrote, and its English or
nothing (fields may be quoted as in CSV). The sentences go through `cermat check --format jsonl`
without a model unless the options say otherwise, in files of 25 neighbouring lines: Markdown for sources whose name has `docs` in
it, plain text otherwise. Every finding counts as a false alarm: some are real mistakes of the
writers, so the rates are upper bounds.

Prints a row for each check: findings per 1,000 sentences, with the 95 % Wilson interval of the
share of sentences that have one, over all and by source.
"""

import argparse
import collections
import csv
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

LINES = 25


def wilson(hits, n, z=1.96):
    p, d = hits / n, 1 + z * z / n
    middle, spread = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, (middle - spread) / d), (middle + spread) / d


def unquoted(field):
    """Some rows are quoted in the manner of CSV, others begin with a quotation mark of their own."""
    inner = field[1:-1]
    if len(field) > 1 and field[0] == field[-1] == '"' and '"' not in inner.replace('""', ""):
        return inner.replace('""', '"')
    return field


def sentences_of(path):
    """Human sentences by source, and how many rows were left out since both columns are English."""
    with open(path, encoding="utf8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        rows = [list(map(unquoted, row)) for row in rows if len(row) >= 2 and row[1].strip()]
    by_source, dropped = collections.defaultdict(list), 0
    lexicon = Path(__file__).resolve().parent.parent / "src/lexicon/english.txt"
    english = {line.split()[0] for line in lexicon.read_text(encoding="utf8").splitlines()}
    for row in rows:
        words = [word.strip(".,;:!?\"'()").lower() for word in row[1].split()]
        if sum(word in english for word in words) > 0.4 * len(words):
            dropped += 1
            continue
        by_source[row[0]].append(" ".join(row[1].split()))
    return by_source, dropped


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("human", type=Path)
    parser.add_argument("--cermat", default="target/release/cermat")
    parser.add_argument("--show", help="print the findings of this check")
    parser.add_argument("--rows", type=int, help="only so many rows of each source")
    parser.add_argument("--options", default="--no-model --preview", help="for cermat")
    args = parser.parse_args()
    by_source, dropped = sentences_of(args.human)
    print(f"{dropped} rows left out: their Indonesian is English")
    hits, sentences = collections.defaultdict(set), {}
    counts, severities = collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        for source, texts in by_source.items():
            texts = texts[: args.rows]
            sentences[source] = len(texts)
            docs = "docs" in source
            for start in range(0, len(texts), LINES):
                name = f"{source}-{start:06}.{'md' if docs else 'txt'}"
                joint = "\n\n" if docs else "\n"
                text = joint.join(texts[start : start + LINES]) + "\n"
                (Path(scratch) / name).write_text(text, encoding="utf8")
        command = [args.cermat, "check", "--format", "jsonl", "--quiet", scratch]
        command += args.options.split()
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode not in (0, 1, 3):
            sys.exit(run.stderr)
    for line in run.stdout.splitlines():
        row = json.loads(line)
        source = Path(row["file"]).name.rsplit("-", 1)[0]
        for finding in row["findings"]:
            code = finding["code"]
            severities[finding["severity"]] += 1
            if finding["severity"] == "neutral":
                continue
            counts[code] += 1
            hits[code, source].add((row["file"], row.get("line", finding.get("line"))))
            if args.show in (code, "all"):
                text = row.get("target") or ""
                s, e = finding["start"], finding["end"]
                raw = text.encode()
                before, after = raw[max(0, s - 45) : s].decode("utf8", "replace"), raw[e : e + 35].decode("utf8", "replace")
                print(f"{code} {source[:14]:14} {before}⟦{finding['text'] if len(finding['text']) < 70 else '…'}⟧{after} | {finding['message'][:60] if code == 'TRM003' else ''}")
    total = sum(sentences.values())
    print(f"{total} sentences: " + ", ".join(f"{n} {s}" for s, n in sentences.items()))
    print(", ".join(f"{severity} {1000 * n / total:.1f} per 1,000" for severity, n in severities.items()))
    for code in sorted(counts):
        n = sum(len(h) for (c, _), h in hits.items() if c == code)
        low, high = wilson(min(n, total), total)
        split = ", ".join(
            f"{s} {1000 * len(hits[code, s]) / sentences[s]:.1f}" for s in sentences if hits.get((code, s))
        )
        print(f"{code}  {1000 * n / total:5.1f} per 1,000 ({1000 * low:.1f}–{1000 * high:.1f})  {split}")


if __name__ == "__main__":
    main()
