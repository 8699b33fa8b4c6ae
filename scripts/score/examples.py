#!/usr/bin/env python3
"""Makes what the score is fitted on: translations of one source that are better and worse.

    examples.py DATA MODEL OUT.jsonl [--pairs 2500] [--cermat target/release/cermat]

DATA is a folder with `train.tsv.xz` (Indonesian, English, source tag), `dev/flores` (FLORES-200 dev
with the outputs of six systems) and `dev/mt_vs_human.jsonl` (machine and professional translations of
one English line); MODEL the folder of the bundled model. An object a line: `group` (one source),
`fold` (never parted between fitting and measuring), `kind`, `dir`, `source`, `target`, `ref`, and
`edit` where a professional revised the target.

Of the sentences of `train.tsv.xz` (human translations only) there are, besides the reference: the
model's own translation; two copies with a fault of MetricX's list (Juraska et al., WMT 2024) and of
what machines do to Indonesian (dropped, added, doubled, swapped and random words, English left
standing, lost or added negation, another number, a cut end, another sentence); and one with words
that the model holds for likely in the place of the right ones, as ELECTRA (Clark et al., 2020) does.
"""

import argparse
import collections
import json
import lzma
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

SYSTEMS = ["argos", "bergamot-tiny", "google", "microsoft", "nllb", "opusmt"]
# Human translations, of which no more than `rare` come from the narrow ones.
HUMAN = re.compile(
    r"^(panl|desmond86-(smeru|ausaid|bbc)|tico19|ud-pud|gunnxx|nusax|tatoeba|geovedi|talpco|openstack|ms-.*-ht|"
    r"openfoodfacts|django|golang|debian|python-docs|ml-for|react|owasp|privacy|opensource-guide|ethereum|gnome-user|xcopa)"
)
NARROW = ("react", "django", "golang", "ethereum", "owasp", "gnome")
NEGATIONS = {"id": ["tidak", "bukan", "belum", "tanpa"], "en": ["not", "never", "without"]}
FAULTS = (
    "drop drop-one insert repeat swap random random foreign negate negate number number number truncate unrelated half shuffle "
    "double capital"
).split()


def flores(data):
    folder = data / "dev/flores"
    lines = lambda name: (folder / name).read_text(encoding="utf8").splitlines()
    # The other direction is half as common in use, and here.
    for direction, step in (("en-id", 1), ("id-en", 2)):
        source, target = direction.split("-")
        sources, references = lines(f"{direction}.src.{source}"), lines(f"{direction}.ref.{target}")
        outputs = {name: lines(f"{direction}.{name}.{target}") for name in SYSTEMS}
        outputs["ref"] = references
        for i in range(0, len(sources), step):
            for kind, output in outputs.items():
                yield dict(set="flores", group=f"{direction} {i}", fold=f"flores {i}", kind=kind, dir=direction,
                           source=sources[i], target=output[i], ref=references[i])


def professionals(data):
    with open(data / "dev/mt_vs_human.jsonl", encoding="utf8") as file:
        rows = [json.loads(line) for line in file]
    for i, row in enumerate(rows):
        for kind in ("mt", "human"):
            yield dict(set=row["origin"], group=f"revised {i}", fold=row["file"], kind=kind, dir="en-id",
                       source=row["en"], target=row[kind], ref=row["human"], edit=row["edit"])


def human_pairs(data, count, rng):
    pool = []
    with lzma.open(data / "train.tsv.xz", "rt", encoding="utf8") as file:
        for line in file:
            indonesian, english, tag = line.rstrip("\n").split("\t")
            if HUMAN.match(tag) and all(6 <= len(text.split()) <= 45 for text in (indonesian, english)):
                pool.append((indonesian, english, tag))
    rng.shuffle(pool)
    seen, chosen = collections.Counter(), []
    for pair in pool:
        if seen[pair[2]] < count * (0.02 if pair[2].startswith(NARROW) else 0.25) and len(chosen) < count:
            seen[pair[2]] += 1
            chosen.append(pair)
    words = [[word for pair in pool[:20000] for word in pair[side].split()] for side in (0, 1)]
    return chosen, {"id": words[0], "en": words[1]}


def damaged(source, target, language, other, words, rng):
    """`(fault, text)`."""
    text, fault = target.split(), rng.choice(FAULTS)
    n = len(text)
    span = min(n, 2 + int(rng.expovariate(1 / 3)))
    at, one = rng.randrange(max(1, n - span)), rng.randrange(n)
    if fault == "drop":
        del text[at : at + span]
    elif fault == "drop-one":
        del text[one]
    elif fault == "insert":
        text[at:at] = [rng.choice(words[language]) for _ in range(span)]
    elif fault == "repeat":
        text[at:at] = text[at : at + span]
    elif fault == "swap":
        end = min(n, at + span + rng.randrange(1, 4))
        text[at:end] = text[at + span : end] + text[at : at + span]
    elif fault == "random":
        for _ in range(rng.randrange(1, 3)):
            text[rng.randrange(n)] = rng.choice(words[language])
    elif fault == "foreign":
        left = source.split()
        start = rng.randrange(max(1, len(left) - span))
        text[at : at + span] = left[start : start + span]
    elif fault == "negate":
        negations = [i for i, word in enumerate(text) if word.lower() in NEGATIONS[language]]
        if negations:
            del text[rng.choice(negations)]
        else:
            text.insert(one, NEGATIONS[language][0])
    elif fault == "number":
        numbers = [i for i, word in enumerate(text) if re.search(r"\d", word)]
        if not numbers:
            return damaged(source, target, language, other, words, rng)
        i = rng.choice(numbers)
        text[i] = re.sub(r"\d", lambda _: str(rng.randrange(10)), text[i])
    elif fault == "truncate":
        text = text[: max(2, n - max(2, n // rng.randrange(2, 5)))]
    elif fault == "unrelated":
        text = other.split()
    elif fault == "half":
        text[n // 2 :] = other.split()[len(other.split()) // 2 :]
    elif fault == "shuffle":
        reach = rng.randrange(2, 6)
        text = [text[i] for i in sorted(range(n), key=lambda i: i + rng.random() * reach)]
    elif fault == "double":
        text.insert(one, text[one])
    elif fault == "capital":
        swap = lambda word: word[:1].swapcase() + word[1:]
        text[at : at + span] = map(swap, text[at : at + span])
    return fault, " ".join(text)


def own_translations(examples, model, cermat):
    for direction in ("en-id", "id-en"):
        rows = [row for row in examples if row["dir"] == direction]
        text = "".join(" ".join(row["source"].split()) + "\n" for row in rows)
        command = [cermat, "translate", "--direction", direction, "--model", str(model)]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        for row, target in zip(rows, done.stdout.splitlines()):
            if target.strip():
                yield {**row, "kind": "own", "target": target}


class Sampler:
    """Puts words that the model holds for likely in the place of the right ones."""

    def __init__(self, folder, examples, rng):
        open_graph = lambda name: onnxruntime.InferenceSession(str(folder / name), providers=["CPUExecutionProvider"])
        self.encoder, self.decoder = open_graph("encoder.onnx"), open_graph("decoder.onnx")
        self.tokenizer, self.rng = Tokenizer.from_file(str(folder / "tokenizer.json")), rng
        pieces = [self.tokenizer.id_to_token(i) for i in range(self.tokenizer.get_vocab_size())]
        self.pieces = pieces
        self.whole = {}
        for language in ("id", "en"):
            texts = (row["target"].lower() for row in examples if row["dir"].endswith(language))
            counts = collections.Counter(word for text in texts for word in re.findall(r"[^\W\d_]+", text))
            whole = [piece.startswith("▁") and counts[piece[1:].lower()] >= 5 for piece in pieces]
            self.whole[language] = np.array(whole)

    def log_probs(self, source, target, direction):
        source_language, language = direction.split("-")
        special = self.tokenizer.token_to_id
        ids = [special(f"__{source_language}__"), *source, special("</s>")]
        feed = {"input_ids": np.array([ids]), "attention_mask": np.ones((1, len(ids)), np.int64)}
        names = [output.name for output in self.encoder.get_outputs()]
        encoded = dict(zip(names, self.encoder.run(None, feed)))
        feed = {"input_ids": np.array([[special("</s>"), special(f"__{language}__"), *target]]),
                "encoder_attention_mask": feed["attention_mask"]}
        for past in self.decoder.get_inputs():
            if past.name.startswith("past"):
                empty = np.zeros((1, past.shape[1], 0, past.shape[3]), np.float32)
                feed[past.name] = encoded.get(past.name.replace("past_key_values", "present"), empty)
        return self.decoder.run(["logits"], feed)[0][0, 1:]

    def sampled(self, row):
        language, text = row["dir"].split("-")[1], row["target"]
        encode = lambda text: self.tokenizer.encode(text, add_special_tokens=False)
        target = encode(text)
        ids, whole = target.ids, self.whole[language]
        ends = lambda i: i + 1 == len(ids) or self.pieces[ids[i + 1]].startswith("▁")
        places = [i for i, piece in enumerate(ids) if whole[piece] and ends(i)]
        if len(places) < 3:
            return None
        logits = self.log_probs(encode(row["source"]).ids, ids, row["dir"])
        count = max(1, int(len(places) * self.rng.choice([0.06, 0.12, 0.2])))
        out, at, changed = "", 0, False
        for i in sorted(self.rng.sample(places, count)):
            likely = np.where(whole, logits[i].astype(np.float64) / 1.3, -np.inf)
            likely[ids[i]] = -np.inf
            likely = np.exp(likely - likely.max())
            word = self.pieces[self.rng.choices(range(len(likely)), likely)[0]][1:]
            start, end = target.offsets[i]
            start += len(text[start:end]) - len(text[start:end].lstrip())
            if word.lower() != text[start:end].lower():
                out, at, changed = out + text[at:start] + word, end, True
        return out + text[at:] if changed else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--pairs", type=int, default=2500)
    parser.add_argument("--cermat", default="target/release/cermat")
    args = parser.parse_args()
    rng = random.Random(7)
    chosen, words = human_pairs(args.data, args.pairs, rng)
    references, examples = [], []
    for n, (indonesian, english, _) in enumerate(chosen):
        other = chosen[(n * 7 + 3) % len(chosen)]
        for direction in ("en-id", "id-en") if n % 2 else ("en-id",):
            source, target, language = (english, indonesian, "id") if direction == "en-id" else (indonesian, english, "en")
            target = " ".join(target.split())
            row = dict(set="damaged", group=f"damaged {n} {direction}", fold=f"damaged {n}", kind="ref", dir=direction,
                       source=source, target=target, ref=target)
            references.append(row)
            for _ in range(2):
                fault, text = damaged(source, target, language, other[0 if language == "id" else 1], words, rng)
                if text.strip() and text != target:
                    examples.append({**row, "kind": f"bad-{fault}", "target": text})
    sampler = Sampler(args.model, references, rng)
    for row in references:
        text = sampler.sampled(row)
        if text:
            examples.append({**row, "kind": "bad-sampled", "target": text})
    examples += own_translations(references, args.model, args.cermat)
    examples += [*references, *flores(args.data), *professionals(args.data)]
    with open(args.out, "w", encoding="utf8") as file:
        for example in examples:
            file.write(json.dumps(example, ensure_ascii=False) + "\n")
    print(collections.Counter(example["set"] for example in examples), file=sys.stderr)


if __name__ == "__main__":
    main()
