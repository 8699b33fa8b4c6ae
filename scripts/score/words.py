#!/usr/bin/env python3
"""Fits the estimate of wrong words: a logistic regression, put into `score.json` as `words`, and its sum into the manifest.

    words.py DATA MODEL [--sentences 300] [--alarms 50] [--cermat target/release/cermat]

DATA has `dev/flores` (FLORES-200 dev), MODEL is a model's folder with its `score.json`. Of each reference there
are, with a fixed seed: copies in which words are another's (one in twelve), two words are swapped, and
a negation is put in or taken out. A word is wrong where it was changed, or where a negation was taken out
before it. Without a source, the back-translation of the copy stands for it (half as many sentences).

Prints, out of fold (five folds of sentences): AUC by damage, and for some rates of alarms on the references
the share of wrong words found and of found words that are wrong. The threshold is the one of `--alarms`
words for 1,000 references. A mode in which fewer than half of what is found is wrong is left out. Features as in `src/evidence/words.rs`.
"""

import argparse
import hashlib
import json
import random
import re
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

FEATURES = ["first", "gap", "gain_first", "gain", "own", "next", "previous", "tokens", "mean"]
NEGATIONS = {"id": ["tidak", "bukan", "belum", "tanpa"], "en": ["not", "never", "without", "no"]}
# Wrong words among all, for which risks are given.
PRIOR = 0.05
FOLDS = 5


def damaged(text, language, pool, rng):
    """`(damage, words, whether each is wrong)`."""
    words = text.split()
    yield "none", words, [False] * len(words)
    copy, wrong = words[:], [False] * len(words)
    for i in rng.sample(range(len(words)), max(1, len(words) // 12)):
        if not re.search(r"[^\W\d_]", words[i]):
            continue
        other, marks = rng.choice(pool), re.search(r"\W*$", words[i]).group()
        copy[i] = (other.capitalize() if words[i][:1].isupper() else other) + marks
        wrong[i] = copy[i] != words[i]
    yield "another", copy, wrong
    i = rng.randrange(len(words) - 1)
    j = min(len(words) - 1, i + rng.randrange(1, 4))
    copy = words[:]
    copy[i], copy[j] = copy[j], copy[i]
    if copy != words:
        yield "swapped", copy, [k in (i, j) for k in range(len(words))]
    negations = [i for i, word in enumerate(words[:-1]) if word.lower() in NEGATIONS[language]]
    if negations:
        i = rng.choice(negations)
        yield "lost negation", words[:i] + words[i + 1 :], [k == i for k in range(len(words) - 1)]
    else:
        i = rng.randrange(1, len(words))
        copy = words[:i] + [NEGATIONS[language][0]] + words[i:]
        yield "new negation", copy, [k == i for k in range(len(copy))]


class Model:
    def __init__(self, folder):
        session = lambda name: onnxruntime.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"])
        self.encoder, self.decoder = session("encoder.onnx"), session("decoder.onnx")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.outputs = [output.name for output in self.encoder.get_outputs()]
        self.end = self.tokenizer.token_to_id("</s>")

    def ids(self, text):
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def language(self, code):
        return self.tokenizer.token_to_id(f"__{code}__")

    def log_probs(self, sources, targets, direction):
        """For each target log p of its tokens and the end, and of the likeliest ones."""
        rows = lambda rows: np.array([row + [1] * (max(map(len, rows)) - len(row)) for row in rows], np.int64)
        languages = [self.language(code) for code in direction.split("-")]
        sources = rows([[languages[0], *source, self.end] for source in sources])
        mask = (sources != 1).astype(np.int64)
        encoded = dict(zip(self.outputs, self.encoder.run(None, {"input_ids": sources, "attention_mask": mask})))
        given = rows([[self.end, languages[1], *target] for target in targets])
        feed = {"input_ids": given, "encoder_attention_mask": mask}
        for past in self.decoder.get_inputs():
            if past.name.startswith("past"):
                empty = np.zeros((len(targets), past.shape[1], 0, past.shape[3]), np.float32)
                feed[past.name] = encoded.get(past.name.replace("past_key_values", "present"), empty)
        logits = self.decoder.run(["logits"], feed)[0]
        for row, target in zip(logits, targets):
            row = row[1 : len(target) + 2]
            top = row.max(-1)
            total = top + np.log(np.exp(row - top[:, None]).sum(-1))
            yield row[np.arange(len(target) + 1), [*target, self.end]] - total, top - total

    def words(self, sources, targets, direction):
        """For each target a row of features a word, or nothing where its words are not those between spaces."""
        table = [None] * len(targets)
        ids = [(self.ids(source), self.ids(target)) for source, target in zip(sources, targets)]
        order = sorted(range(len(targets)), key=lambda i: sum(map(len, ids[i])))
        for start in range(0, len(order), 16):
            batch = order[start : start + 16]
            of = lambda side: [ids[i][side] for i in batch]
            forward = self.log_probs(of(0), of(1), direction)
            own = self.log_probs([[]] * len(batch), of(1), direction)
            for i, (given, best), (alone, _) in zip(batch, forward, own):
                groups = []
                for at, token in enumerate(ids[i][1]):
                    if not groups or self.tokenizer.id_to_token(token).startswith("▁"):
                        groups.append([])
                    groups[-1].append(at)
                if len(groups) == len(targets[i].split()):
                    table[i] = [
                        [given[w[0]], (best - given)[w].max(), (given - alone)[w[0]], (given - alone)[w].sum(), alone[w].sum(),
                         given[w[-1] + 1], given[w[0] - 1] if w[0] else 0.0, len(w), given.mean()]
                        for w in groups
                    ]
        return table


def fitted(x, y):
    """Weights and bias of a logistic regression, for the prior: Newton's method with a small ridge."""
    middle, spread = x.mean(0), x.std(0) + 1e-9
    z = np.c_[(x - middle) / spread, np.ones(len(x))]
    w = np.zeros(z.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-z @ w))
        ridge = np.diag([1.0] * (len(w) - 1) + [0.0])
        w -= np.linalg.solve((z * (p * (1 - p))[:, None]).T @ z + ridge, z.T @ (p - y) + ridge @ w)
    weights = w[:-1] / spread
    share = y.mean()
    return weights, w[-1] - weights @ middle + np.log(PRIOR / (1 - PRIOR)) - np.log(share / (1 - share))


def auc(scores, wrong):
    order = np.argsort(scores)
    rank = np.empty(len(scores))
    rank[order] = np.arange(1, len(scores) + 1)
    n = wrong.sum()
    return (rank[wrong].sum() - n * (n + 1) / 2) / (n * (len(wrong) - n))


def register(manifest, path):
    """Writes the size and the sum of `path` into the manifest, where there is one."""
    if manifest.exists():
        data = path.read_bytes()
        entry = f'path = "{path.name}"\nbytes = {len(data)}\nsha256 = "{hashlib.sha256(data).hexdigest()}"'
        text = manifest.read_text(encoding="utf8")
        text = re.sub(rf'path = "{re.escape(path.name)}"\nbytes = \d+\nsha256 = "\w+"', entry, text)
        manifest.write_text(text, encoding="utf8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--sentences", type=int, default=300, help="of each direction, half as many of id-en")
    parser.add_argument("--alarms", type=float, default=50)
    parser.add_argument("--cermat", default="target/release/cermat")
    args = parser.parse_args()
    rng, model = random.Random(7), Model(args.model)
    copies = []
    for direction, count in (("en-id", args.sentences), ("id-en", args.sentences // 2)):
        source, target = direction.split("-")
        lines = lambda name: (args.data / f"dev/flores/{direction}.{name}").read_text(encoding="utf8").splitlines()
        sources, references = lines(f"src.{source}"), lines(f"ref.{target}")
        pool = [word.lower() for line in references[count:] for word in line.split() if word.isalpha()]
        for i in range(count):
            for damage, words, wrong in damaged(references[i], target, pool, rng):
                copies.append((direction, i, damage, sources[i], " ".join(words), wrong))
    estimate = {}
    for mode in ("with-source", "without-source"):
        x, y, fold, kind = [], [], [], []
        for direction in ("en-id", "id-en"):
            chosen = [c for c in copies if c[0] == direction and (mode == "with-source" or c[1] % 2 == 0)]
            sources, targets = [c[3] for c in chosen], [c[4] for c in chosen]
            if mode == "without-source":
                back = "-".join(reversed(direction.split("-")))
                command = [args.cermat, "translate", "--direction", back, "--model", str(args.model)]
                text = "".join(target + "\n" for target in targets)
                sources = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout.splitlines()
            for copy, rows in zip(chosen, model.words(sources, targets, direction)):
                for row, wrong in zip(rows or [], copy[5]):
                    x.append(row)
                    y.append(wrong)
                    fold.append(copy[1] % FOLDS if mode == "with-source" else copy[1] // 2 % FOLDS)
                    kind.append(copy[2])
        x, y, fold, kind = np.array(x), np.array(y), np.array(fold), np.array(kind)
        logits = np.zeros(len(y))
        for held in range(FOLDS):
            weights, bias = fitted(x[fold != held], y[fold != held])
            logits[fold == held] = x[fold == held] @ weights + bias
        clean = np.sort(logits[kind == "none"])[::-1]
        sentences = len({(c[0], c[1]) for c in copies if mode == "with-source" or c[1] % 2 == 0})
        print(f"{mode}: {len(y)} words, {y.sum()} wrong, of {sentences} sentences; AUC {auc(logits, y):.3f}")
        single = {name: max(a, 1 - a) for name, a in ((n, auc(x[:, i], y)) for i, n in enumerate(FEATURES))}
        print("  single: " + ", ".join(f"{name} {value:.3f}" for name, value in single.items()))
        for damage in dict.fromkeys(kind):
            part = (kind == damage) | (kind == "none")
            if y[part].any():
                print(f"  {damage}: AUC {auc(logits[part], y[part]):.3f}")
        for alarms in sorted({2, 5, 10, 20, 50, 100, args.alarms}):
            threshold = clean[min(len(clean) - 1, int(round(alarms * sentences / 1000)))]
            found = logits > threshold
            print(f"  {alarms} alarms for 1,000 references: {100 * found[y].mean():.1f} % of wrong words found, "
                  f"{100 * y[found & (kind != 'none')].mean():.0f} % of those found in copies are wrong, risk {1 / (1 + np.exp(-threshold)):.3f}")
            if alarms == args.alarms:
                chosen_threshold, precision = threshold, y[found & (kind != "none")].mean()
        if precision < 0.5:
            print("  left out: wrong more often than right")
            continue
        weights, bias = fitted(x, y)
        rounded = lambda value: float(f"{value:.4g}")
        estimate[mode] = {"bias": rounded(bias), "weights": {n: rounded(w) for n, w in zip(FEATURES, weights)},
                          "doubtful": rounded(1 / (1 + np.exp(-chosen_threshold)))}
    path = args.model / "score.json"
    score = json.loads(path.read_text(encoding="utf8"))
    score["words"] = estimate
    text = json.dumps(score, ensure_ascii=False, separators=(",", ":"))
    for before in ('{"scale"', '[["', '"words"'):
        text = text.replace(before, "\n" + before)
    path.write_text(text + "\n", encoding="utf8")
    register(args.model.with_name(args.model.name + ".toml"), path)


if __name__ == "__main__":
    main()
