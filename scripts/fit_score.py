#!/usr/bin/env python3
"""Fits the weights of the provisional quality score (src/evidence/quality.rs).

    fit_score.py FLORES_DEV [--cermat PROGRAM]

FLORES_DEV holds `en-id.src.en`, `en-id.ref.id` and `en-id.<system>.id`, a sentence a line: FLORES-200
dev and what six systems made of it. *Good* are the reference and, for each sentence, one system's
output; *bad* is a damaged one of the two: 15 % or 30 % of its words replaced, six neighbouring
words shuffled, a third of it dropped, or the translation of another sentence. The last two show
only beside a source and are left out where there is none. A logistic regression tells good from
bad by the evidence; five of ten sentences fit it, the others test it.

Needs numpy (2.4.6 was used). The same input gives the same weights.
"""

import argparse
import json
import random
import subprocess
import tempfile
from pathlib import Path

import numpy as np

SYSTEMS = ["argos", "bergamot-tiny", "google", "microsoft", "nllb", "opusmt"]
# Length of an Indonesian reference for one byte of English, median of FLORES dev.
RATIO = 1.08


def damaged(kind, text, other, pool, rng):
    words = text.split()
    if kind.startswith("replace"):
        share = int(kind[7:]) / 100
        return " ".join(rng.choice(pool) if rng.random() < share else word for word in words)
    if kind == "shuffle":
        start = rng.randrange(max(1, len(words) - 5))
        part = words[start : start + 6]
        rng.shuffle(part)
        words[start : start + 6] = part
        return " ".join(words)
    if kind == "drop":
        n = max(2, len(words) // 3)
        start = rng.randrange(max(1, len(words) - n))
        del words[start : start + n]
        return " ".join(words)
    return other


def material(folder):
    """(number, kind, English, Indonesian)"""
    read = lambda name: (folder / name).read_text(encoding="utf8").splitlines()
    english, reference = read("en-id.src.en"), read("en-id.ref.id")
    systems = [read(f"en-id.{system}.id") for system in SYSTEMS]
    pool = [word for line in reference for word in line.split()]
    rng, rows, n = random.Random(7), [], len(english)
    kinds = ["replace15", "replace30", "shuffle", "drop", "other"]
    for i in range(n):
        rows.append((i, "reference", english[i], reference[i]))
        rows.append((i, SYSTEMS[i % 6], english[i], systems[i % 6][i]))
        base = reference[i] if i % 2 else systems[(i + 1) % 6][i]
        kind = kinds[i % 5]
        text = damaged(kind, base, reference[(i + 37) % n], pool, rng)
        rows.append((i, "bad " + kind, english[i], text))
    return rows


def evidence(cermat, rows, paired):
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / ("rows.tsv" if paired else "rows.txt")
        lines = [f"{row[2]}\t{row[3]}" if paired else row[3] + "\n" for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf8")
        run = subprocess.run(
            [cermat, "score", "--format", "jsonl", "--quiet", str(path)],
            capture_output=True, text=True, check=True,
        )
    found = {}
    for line in run.stdout.splitlines():
        row = json.loads(line)
        if row["segment"] is not None:
            found.setdefault(row["line"] - 1 if paired else (row["line"] - 1) // 2, []).append(row)
    # A text that was split into two sentences has no one score.
    return {k: v[0] for k, v in found.items() if len(v) == 1 and "skipped" not in v[0]}


def features(row, paired):
    e = row["evidence"]
    if not paired:
        return [e["round_trip_mean_log_prob"]]
    size = lambda text: len(text.encode()) + 5
    ratio = size(row["target"]) / size(row["source"]) / RATIO
    return [e["forward_mean_log_prob"], e["forward_min_log_prob"], abs(np.log(ratio))]


def logistic(x, y, ridge=1e-3):
    """Weights and intercept, by Newton's method on standardised features."""
    middle, spread = x.mean(0), x.std(0)
    z = np.c_[(x - middle) / spread, np.ones(len(x))]
    b = np.zeros(z.shape[1])
    for _ in range(100):
        p = 1 / (1 + np.exp(-z @ b))
        hessian = (z * (p * (1 - p))[:, None]).T @ z + ridge * len(z) * np.eye(len(b))
        step = np.linalg.solve(hessian, z.T @ (y - p) - ridge * len(z) * b)
        b += step
        if abs(step).max() < 1e-9:
            break
    weights = b[:-1] / spread
    return weights, b[-1] - weights @ middle


def auc(scores, y):
    rank = np.empty(len(scores))
    rank[np.argsort(scores)] = np.arange(1, len(scores) + 1)
    good = y.sum()
    return (rank[y == 1].sum() - good * (good + 1) / 2) / (good * (len(y) - good))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("flores", type=Path)
    parser.add_argument("--cermat", default="target/release/cermat")
    args = parser.parse_args()
    rows = material(args.flores)
    for paired in (True, False):
        found = evidence(args.cermat, rows, paired)
        keep = [k for k in found if paired or rows[k][1] not in ("bad drop", "bad other")]
        x = np.array([features(found[k], paired) for k in keep])
        kind = np.array([rows[k][1] for k in keep])
        y = np.array([not k.startswith("bad") for k in kind], float)
        fit = np.array([rows[k][0] % 10 < 5 for k in keep])
        # Without a source there is less to see: as much bad as good, so that 50 is the middle.
        chosen = np.nonzero(fit)[0]
        if not paired:
            chosen = np.r_[np.nonzero(fit & (y == 1))[0], np.repeat(np.nonzero(fit & (y == 0))[0], 3)]
        weights, intercept = logistic(x[chosen], y[chosen])
        score = 100 / (1 + np.exp(-(x @ weights + intercept)))
        print("with source" if paired else "without source")
        print("  weights", np.round(weights, 3), "intercept", round(float(intercept), 3))
        print(f"  AUC on the other half {auc(score[~fit], y[~fit]):.3f}")
        for k in sorted(set(kind)):
            low, middle = np.percentile(score[~fit & (kind == k)], [3, 50])
            print(f"  {k:16} 3 % below {low:4.1f}, median {middle:4.1f}")


if __name__ == "__main__":
    main()
