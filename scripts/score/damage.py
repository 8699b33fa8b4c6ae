#!/usr/bin/env python3
"""What the checks of the model on pairs find, and how often they are wrong.

    damage.py DATA [--pairs 150] [--human 300] [--cermat target/release/cermat] [--options '--model MODEL']

DATA has `dev/flores` and `dev/human.tsv` (source, Indonesian, English or nothing). References of FLORES-200 dev
(en→id, from line 521 on) are damaged, with a fixed seed: a phrase of two to four words left out of the target or of the source,
the next sentence's translation, or the half of it. The checks run with thresholds that let everything
through; printed are, for some thresholds, the alarms for 1,000 references and 1,000 human pairs, and the share of
damaged pairs that are found.
"""

import argparse
import csv
import json
import random
import re
import subprocess
import tempfile
from pathlib import Path

FIRST = 520
CHECKS = {"ACC021": ("omission", -1), "ACC022": ("addition", -1), "ACC023": ("unrelated half", 1)}
CONFIG = """[checks.lost-phrase]
min-missing = -9
[checks.added-phrase]
min-missing = -9
[checks.meaning-drift]
below = 2
"""


def without_phrase(text, rng):
    """The text without two to four of its words."""
    words = text.split()
    size = rng.randrange(2, 5)
    at = rng.randrange(max(1, len(words) - size))
    return " ".join(words[:at] + words[at + size :])


def examples(data, pairs, human):
    """`(kind, source, target)`."""
    rng = random.Random(7)
    lines = lambda name: (data / "dev/flores" / name).read_text(encoding="utf8").splitlines()[FIRST:]
    sources, references = lines("en-id.src.en"), lines("en-id.ref.id")
    for i in range(pairs):
        source, target, other = sources[i], references[i], references[i + 1].split()
        yield "reference", source, target
        yield "omission", source, without_phrase(target, rng)
        yield "addition", without_phrase(source, rng), target
        yield "unrelated", source, references[i + 1]
        own = target.split()
        yield "half", source, " ".join(own[: len(own) // 2] + other[len(other) // 2 :])
    with open(data / "dev/human.tsv", encoding="utf8", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    rows = [row for row in rows if len(row) > 2 and row[2].strip() and len(row[1].split()) >= 4]
    for row in rng.sample(rows, min(human, len(rows))):
        yield "human", row[2], row[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pairs", type=int, default=150)
    parser.add_argument("--human", type=int, default=300)
    parser.add_argument("--cermat", default="target/release/cermat")
    parser.add_argument("--options", default="", help="for cermat")
    args = parser.parse_args()
    rows = list(examples(args.data, args.pairs, args.human))
    with tempfile.TemporaryDirectory() as folder:
        table, config = Path(folder) / "pairs.tsv", Path(folder) / "cermat.toml"
        clean = lambda text: re.sub(r"\s+", " ", text).strip('" ')
        table.write_text("source\ttarget\n" + "".join(f"{clean(s)}\t{clean(t)}\n" for _, s, t in rows), encoding="utf8")
        config.write_text(CONFIG, encoding="utf8")
        command = [args.cermat, "check", str(table), "--config", str(config), "--select", ",".join(CHECKS), "--preview"]
        command += ["--direction", "en-id", "--format", "jsonl", "--quiet", "--no-cache", *args.options.split()]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode not in (0, 1, 3):
            raise SystemExit(run.stderr)
    values = {}
    for line in run.stdout.splitlines():
        row = json.loads(line)
        for finding in row["findings"]:
            if row["segment"] is None:
                continue
            measures = {m["name"]: m["value"] for m in finding["measures"]}
            key = row["line"] - 2, finding["code"]
            values[key] = measures.get("similarity of words", measures.get("gain without it", 0) - measures.get("similarity", 0))
    for code, (kinds, sign) in CHECKS.items():
        of = lambda *names: [(sign * values.get((i, code), 9 * sign), i) for i, row in enumerate(rows) if row[0] in names]
        right, human = sorted(of("reference")), sorted(of("human"))
        print(f"{code}: {len(right)} references, {len(human)} human pairs")
        for alarms in (0, 2, 5, 10, 20, 50, 100):
            # Just before the next one of either would be reported.
            threshold = right[min(len(right) - 1, int(alarms * len(right) / 1000))][0]
            line = f"  {alarms:3} for 1,000 references ({sign * threshold:.3f}); human {1000 * sum(v < threshold for v, _ in human) / max(1, len(human)):.0f}"
            for kind in kinds.split():
                line += f"; {kind} {100 * sum(v < threshold for v, _ in of(kind)) / len(of(kind)):.0f} %"
            print(line)


if __name__ == "__main__":
    main()
