#!/usr/bin/env python3
"""Writes the lists of words that one of the two languages has and the other has not.

    lexicon.py PARALLEL.tsv.xz MONO.id.txt.xz MONO.en.txt.xz LICENCES.tsv OUT

OUT (src/lexicon) gets `english.txt`, `indonesian.txt` and `compounds.txt`: a word a line in lower case, sorted, the
first two with a digit. PARALLEL has Indonesian, English, source tag; its machine translations (`-mt`) and
the sources of licence class C in LICENCES are left out, so that neither machine habits nor texts
without a licence decide what Indonesian is.

A word is *English* where English texts write it in lower case and Indonesian texts do not:

    ratio = (English count + 0.5) / English words : (Indonesian count + 0.5) / Indonesian words

counting only occurrences in lower case, because names travel. Digit 2: ratio of 1,000 or more and
frequent; digit 1: 100 or more; digit 0: 12 or more, which says something only in
company. Indonesian texts quote English and carry lines that nobody
translated: so a ratio, not an absence, and a second pass that counts, on either side, only words
that stand alone in their language: next to no word that the first pass found to be foreign, nor
between names (`Bank of America`). `compounds.txt` has the compounds of English words (`real-time`) that Indonesian
texts write. Loanwords (`file`, `game`, `booming`) have a low ratio by
themselves; `loanwords.txt`, kept by hand, takes out more. The same for *Indonesian* words with the
sides changed.
"""

import collections
import lzma
import re
import sys
from pathlib import Path

# A word of prose: what touches signs of code or addresses is none, nor is a part of a compound.
WORD = re.compile(r"(?<![\w/\\@#$%&{}()\[\]<>=:.\-'’])[^\W\d_]+(?![\w/\\@#$%&{}()\[\]<>=\-'’]|[.:]\w)")
COMPOUND = re.compile(r"(?<![\w/\\@#$%&{}()\[\]<>=:.\-'’])[a-z]+(?:-[a-z]+)+(?![\w/\\@#$%&{}()\[\]<>=\-'’]|[.:]\w)")
SURE, LIKELY, WEAK, FIRST = 1000, 100, 12, 8
SURE_COUNT, LIKELY_COUNT, WEAK_COUNT, COMPOUND_COUNT = 60, 25, 100, 3


def lines(path):
    with lzma.open(path, "rt", encoding="utf8") as file:
        for line in file:
            yield line.rstrip("\n")


class Side:
    def __init__(self):
        self.lower, self.capital, self.total = collections.Counter(), collections.Counter(), 0
        self.compounds = collections.Counter()

    def add(self, text, foreign=frozenset()):
        # Chat and captions without a capital are mixed at will.
        if not any(letter.isupper() for letter in text):
            return
        self.compounds.update(COMPOUND.findall(text))
        words = WORD.findall(text)
        odd = [word.lower() in foreign for word in words]
        if foreign and sum(odd) * 3 > len(words):
            return
        for i, word in enumerate(words):
            if len(word) > 24:
                continue
            self.total += 1
            if odd[i]:
                before, after = max(i - 1, 0), min(i + 1, len(words) - 1)
                if (before != i and odd[before]) or (after != i and odd[after]):
                    continue
                if not words[before].islower() and not words[after].islower():
                    continue
            if word.islower():
                self.lower[word] += 1
            else:
                self.capital[word.lower()] += 1


def rows(own, other, loanwords):
    """(word, digit) of what `own` has and `other` has not."""
    for word, count in own.lower.items():
        # Accents are names and third languages; letters alone are symbols.
        if count < LIKELY_COUNT or len(word) < 2 or not word.isascii() or not word.isalpha():
            continue
        if word in loanwords or own.capital[word] > 3 * count:
            continue
        ratio = ratio_of(word, own, other)
        if ratio >= SURE and count >= SURE_COUNT and len(word) >= 3:
            yield word, 2
        elif ratio >= LIKELY and (len(word) >= 3 or ratio >= 300):
            yield word, 1
        elif ratio >= WEAK and len(word) >= 2 and count >= WEAK_COUNT:
            yield word, 0


def main():
    parallel, mono_id, mono_en, licences, out = sys.argv[1:]
    out = Path(out)
    no_licence = {
        line.split("\t")[0]
        for line in open(licences, encoding="utf8").read().splitlines()
        if line.endswith("\tC")
    }
    def count(foreign_to_id, foreign_to_en):
        indonesian, english = Side(), Side()
        for line in lines(parallel):
            row = line.split("\t")
            if len(row) < 3 or row[2] in no_licence:
                continue
            english.add(row[1], foreign_to_en)
            if not row[2].endswith("-mt"):
                indonesian.add(row[0], foreign_to_id)
        for line in lines(mono_id):
            indonesian.add(line, foreign_to_id)
        for line in lines(mono_en):
            english.add(line, foreign_to_en)
        return indonesian, english

    indonesian, english = count(frozenset(), frozenset())
    indonesian, english = count(
        frozenset(first(english, indonesian)), frozenset(first(indonesian, english))
    )
    print(f"{indonesian.total} Indonesian words, {english.total} English words", file=sys.stderr)
    words = (out / "loanwords.txt").read_text(encoding="utf8").splitlines()
    loanwords = {line.strip() for line in words if line.strip() and not line.startswith("#")}
    for name, own, other in (("english", english, indonesian), ("indonesian", indonesian, english)):
        found = sorted(rows(own, other, loanwords))
        text = "".join(f"{word} {digit}\n" for word, digit in found)
        (out / f"{name}.txt").write_text(text, encoding="utf8")
        english_words = {word for word, _ in found} | loanwords if name == "english" else english_words
        print(f"{name}: {len(found)} words, {sum(d == 2 for _, d in found)} sure", file=sys.stderr)
    compounds = sorted(
        word
        for word, count in indonesian.compounds.items()
        if count >= COMPOUND_COUNT and all(part in english_words for part in word.split("-"))
    )
    text = "".join(f"{word}\n" for word in compounds)
    (out / "compounds.txt").write_text(text, encoding="utf8")
    print(f"compounds: {len(compounds)}", file=sys.stderr)


def ratio_of(word, own, other):
    return (own.lower[word] + 0.5) / own.total / ((other.lower[word] + 0.5) / other.total)


def first(own, other):
    """What the first pass takes for foreign to `other`: generous."""
    return (w for w, n in own.lower.items() if n >= LIKELY_COUNT and ratio_of(w, own, other) >= FIRST)


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    main()
