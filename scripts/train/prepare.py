#!/usr/bin/env python3
"""Step 1: which pairs a model is trained on, and what it must never have seen.

    prepare.py CONFIG

Reads `[data]` of CONFIG: `pairs` (TSV or TSV.xz: Indonesian, English, source tag), `licences` (TSV:
source tag, class A, B or C), `allow` (classes), `exclude` (regular expression on tags), `held-out`
(text or JSONL files that no training pair may share a line with). Writes `corpus.tsv.xz` and
`prepare.json` (counts by source, what was dropped and why) into the work folder.

A pair is dropped when a side is empty or the same as the other, when a side is over
`max-characters`, when the lengths differ by more than `max-ratio`, when it stood before, or when a
side of eight words and more stands, but for case and punctuation, in a held-out text.
"""

import collections
import json
import lzma
import re
import sys

from config import Config, lines, write


def key(text):
    """Words alone: how a line is compared with another."""
    return " ".join(re.findall(r"\w+", text.lower()))


def held_out(paths):
    """Keys of every line, and of every string in a JSON line."""
    keys = set()
    for path in paths:
        for line in lines(path):
            texts = [line]
            if path.suffix == ".jsonl":
                texts = [value for value in json.loads(line).values() if isinstance(value, str)]
            elif path.suffix == ".tsv":
                texts = line.split("\t")
            keys.update(key(text) for text in texts if len(text.split()) >= 8)
    return keys


def main(config):
    data = config["data"]
    licence = dict(line.split("\t")[:2] for line in lines(config.path(data["licences"])))
    exclude = re.compile(data.get("exclude", "(?!)"))
    forbidden = held_out([config.path(path) for path in data["held-out"]])
    kept, dropped, seen = collections.Counter(), collections.Counter(), set()
    rows = []
    for line in lines(config.path(data["pairs"])):
        row = line.split("\t")
        if len(row) != 3:
            dropped["not three columns"] += 1
            continue
        indonesian, english, tag = (cell.strip() for cell in row)
        short, long = sorted((len(indonesian), len(english)))
        pair = (key(indonesian), key(english))
        if licence.get(tag, "C") not in data["allow"]:
            reason = f"licence class {licence.get(tag, 'C')}"
        elif exclude.search(tag):
            reason = "excluded source"
        elif not short or indonesian == english:
            reason = "empty, or the same on both sides"
        elif long > data["max-characters"]:
            reason = "too long"
        elif long > data["max-ratio"] * short + 20:
            reason = "lengths too different"
        elif pair in seen:
            reason = "stood before"
        elif any(side in forbidden for side in pair):
            reason = "in a held-out text"
        else:
            seen.add(pair)
            kept[tag] += 1
            rows.append(f"{indonesian}\t{english}\t{tag}\n")
            continue
        dropped[reason] += 1
    work = config.work
    write(work / "corpus.tsv.xz", lzma.compress("".join(rows).encode("utf8"), preset=1))
    report = {
        "pairs": len(rows),
        "held-out lines": len(forbidden),
        "dropped": dict(dropped.most_common()),
        "sources": {tag: {"pairs": n, "licence": licence.get(tag, "C")} for tag, n in kept.most_common()},
    }
    write(work / "prepare.json", json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    print(f"{len(rows):,} pairs of {len(kept)} sources kept")
    for reason, n in dropped.most_common():
        print(f"{n:,} dropped: {reason}")


if __name__ == "__main__":
    main(Config.from_arguments(__doc__))
