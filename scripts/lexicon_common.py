#!/usr/bin/env python3
"""Writes src/lexicon/common.txt: words that either language writes in lower case, which are no names.

    lexicon_common.py MONO.en.txt.xz MONO.id.txt.xz OUT

OUT (src/lexicon) has `english.txt`, `indonesian.txt` and `exonyms.tsv` already; what they have is left out. A word
counts if the first 600,000 lines of one of the texts, those without any capital left out, have it five times in
lower case, and not far more often in capitals.
"""

import collections
import lzma
import re
import sys
from pathlib import Path

WORD = re.compile(r"(?<![\w'-])[A-Za-z]{3,}(?![\w'-])")
LINES, LEAST, SHARE = 600_000, 5, 0.1
ENDINGS = ("s", "ed", "ing", "ly", "es", "d")
# Names that are words as well.
BOTH = set("turkey may march china polish north south east west western moon central internet middle pole virgin cancer".split())


def lower_case(path):
    lower, capital = collections.Counter(), collections.Counter()
    with lzma.open(path, "rt", encoding="utf8") as file:
        for number, line in enumerate(file):
            if number > LINES:
                break
            # A text without capitals tells nothing of names.
            if line.islower():
                continue
            for found in WORD.finditer(line):
                word = found[0]
                if word.islower():
                    lower[word] += 1
                elif found.start() > 0:
                    capital[word.lower()] += 1
    return {word for word, count in lower.items() if count >= LEAST and count >= SHARE * capital[word]}


def main():
    english, indonesian, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    read = lambda name: (out / name).read_text(encoding="utf8").splitlines()
    known = {line.split()[0] for name in ("english.txt", "indonesian.txt") for line in read(name)}
    names = {line.split("\t")[0].lower() for line in read("exonyms.tsv") if "\t" in line} - BOTH
    words = (lower_case(english) | lower_case(indonesian)) - known - names
    stems = words | known
    words = {w for w in words if not any(w.endswith(end) and w[: -len(end)] in stems for end in ENDINGS)}
    head = [line for line in read("common.txt") if line.startswith("#")]
    (out / "common.txt").write_text("\n".join(head + sorted(words)) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
