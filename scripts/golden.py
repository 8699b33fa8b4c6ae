#!/usr/bin/env python3
"""Writes what transformers makes of a checkpoint, for the tests of search and scoring.

    golden.py CHECKPOINT OUT.json

CHECKPOINT is a Hugging Face M2M100 folder with a `tokenizer.json`; for the committed file it is
the one that `tiny_model.py --checkpoint` writes. Every sentence goes through the model in both
directions, one at a time, so that nothing is padded.

# Protocol
- Source ids are `[source language] X </s>`.
- The decoder starts with `</s>` (2) and is given the target language's token; neither counts.
- Forced decoding: labels are the ids of Y and `</s>`; `log_probs` has one value for each, natural
  logarithms.

# Schema, version 1
    schema              1
    settings            max_tokens: tokens after the language token, `</s>` among them; beams,
                        length_penalty, early_stopping: of the beam search. Nothing is sampled,
                        banned or penalised.
    cases[]
      direction         "id-en" or "en-id"
      source            X
      source_ids        with language and end tokens
      greedy, beam      ids: without language and end tokens; ended: whether `</s>` was reached
                        within `max_tokens`; text: the tokenizer's decoding of `ids`;
                        log_prob: sum over `ids` and `</s>`, in nats
      beam.score        log_prob / (tokens + 1) ** length_penalty, where tokens counts `ids` and
                        `</s>`, and 1 is the language token
      target            Y
      target_ids        without language and end tokens
      log_probs         nats, one for each of `target_ids` and one for `</s>`; six decimals

The numbers come from float64, so that the file does not depend on the machine. The program ends
with an error where float32, or weights changed by one part in 100,000, give another sequence: a
golden file must not hang on a tie.
"""

import argparse
import json
import sys
from pathlib import Path

import export_onnx

MAX_TOKENS = 40
BEAMS = 4
LENGTH_PENALTY = 1.0
SENTENCES = [
    "Dia tidak datang karena sakit.",
    "He did not come because he was ill.",
    "Harga beras naik 12,5% sejak Januari 2023.",
    "Rice prices have risen 12.5% since January 2023.",
    "Selamat pagi!",
    "Good morning!",
    "Apakah Anda sudah makan?",
    "Have you eaten yet?",
    "Buku",
    "Book",
    "Anak-anak itu berlari-lari di Jl. Sudirman No. 5, Jakarta.",
    "The children were running along Sudirman Street.",
    "“Kami akan kembali,” kata Rina.",
    "'We will return,' said Rina (34).",
    "Rp1.500.000,00",
    "2026-11-23 08:15",
    "Terima kasih 🙏 banyak!",
    "See https://example.org/a?b=1&c=2 for more.",
    "Café di Zürich tutup pukul 17.00 — katanya…",
    "世界 means “world”.",
    "UBS (UBS) menambahkan bahwa bulan lalu penjualan turun, meskipun permintaan tetap kuat.",
    "In the last month sales fell, although demand remained strong, the bank added.",
    "a",
    "Apa?!",
    "**Penting**: jangan lupa minum obat!!",
    "<b>Note</b> that the file is 3.5 MB.",
    "Ia berkata berkata bahwa bahwa itu benar.",
    "The the cat sat on the the mat.",
]


class GoldenError(Exception):
    """What is wrong and what to do about it, in one line."""


def rows(ids, torch):
    return torch.tensor([ids])


def search(model, source_ids, language, beams):
    """Ids after the language token up to `</s>`, and whether that was reached."""
    import torch

    out = model.generate(
        input_ids=rows(source_ids, torch),
        attention_mask=torch.ones(1, len(source_ids), dtype=torch.long),
        forced_bos_token_id=language,
        num_beams=beams,
        do_sample=False,
        length_penalty=LENGTH_PENALTY,
        early_stopping=False,
        # The language token is new as well.
        max_new_tokens=MAX_TOKENS + 1,
    )[0].tolist()
    ids, eos = out[2:], model.config.eos_token_id
    return (ids[: ids.index(eos)], True) if eos in ids else (ids, False)


def log_probs(model, source_ids, language, target_ids):
    """Nats of each target token and of `</s>`."""
    import torch

    config = model.config
    start = [config.decoder_start_token_id, language]
    with torch.no_grad():
        logits = model(
            input_ids=rows(source_ids, torch),
            decoder_input_ids=rows(start + target_ids, torch),
        ).logits[0]
    scores = torch.log_softmax(logits.double(), -1)
    labels = [*target_ids, config.eos_token_id]
    return [float(scores[1 + i, label]) for i, label in enumerate(labels)]


def golden(checkpoint):
    """The whole file as a value."""
    import copy

    import numpy as np
    import torch
    from tokenizers import Tokenizer

    model = export_onnx.load_checkpoint(checkpoint)
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    shaken = copy.deepcopy(model)
    random = np.random.RandomState(1)
    with torch.no_grad():
        for _, weight in sorted(shaken.named_parameters()):
            noise = torch.from_numpy(random.standard_normal(tuple(weight.shape)))
            weight.mul_((1 + 1e-5 * noise).to(weight.dtype))
    single, model = model, copy.deepcopy(model).double()
    others = {"float32": single, "weights changed by 1e-5": shaken}

    def ids_of(text):
        return tokenizer.encode(text, add_special_tokens=False).ids

    def found(source_ids, language, beams):
        ids, ended = search(model, source_ids, language, beams)
        for what, other in others.items():
            if search(other, source_ids, language, beams) != (ids, ended):
                raise GoldenError(
                    f"{tokenizer.decode(source_ids)!r}: another sequence with {what} and "
                    f"{beams} beam(s); change the sentence or the model's seed"
                )
        scores = log_probs(model, source_ids, language, ids)
        total = sum(scores if ended else scores[:-1])
        text = tokenizer.decode(ids, skip_special_tokens=True)
        out = {"ids": ids, "ended": ended, "text": text, "log_prob": round(total, 6)}
        if beams > 1:
            length = len(ids) + ended + 1
            out["score"] = round(total / length**LENGTH_PENALTY, 6)
        return out

    cases = []
    for source, into in (("id", "en"), ("en", "id")):
        language = tokenizer.token_to_id(f"__{into}__")
        for number, text in enumerate(SENTENCES):
            target = SENTENCES[(number + 1) % len(SENTENCES)]
            source_ids = [
                tokenizer.token_to_id(f"__{source}__"),
                *ids_of(text),
                model.config.eos_token_id,
            ]
            scores = log_probs(model, source_ids, language, ids_of(target))
            cases.append(
                {
                    "direction": f"{source}-{into}",
                    "source": text,
                    "source_ids": source_ids,
                    "greedy": found(source_ids, language, 1),
                    "beam": found(source_ids, language, BEAMS),
                    "target": target,
                    "target_ids": ids_of(target),
                    "log_probs": [round(score, 6) for score in scores],
                }
            )
    return {
        "schema": 1,
        "made_by": "scripts/golden.py",
        "settings": {
            "max_tokens": MAX_TOKENS,
            "beams": BEAMS,
            "length_penalty": LENGTH_PENALTY,
            "early_stopping": False,
        },
        "cases": cases,
    }


def dump(value):
    """One line a case: a change shows as the case it is in."""
    head = json.dumps({k: v for k, v in value.items() if k != "cases"}, indent=1)[:-2]
    cases = ",\n".join(
        "  " + json.dumps(case, ensure_ascii=False, separators=(",", ":"))
        for case in value["cases"]
    )
    return f'{head},\n "cases": [\n{cases}\n ]\n}}\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint", type=Path, help="a Hugging Face folder")
    parser.add_argument("out", type=Path, help="the JSON file to write")
    args = parser.parse_args()
    export_onnx.quiet()
    value = golden(args.checkpoint)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(dump(value), encoding="utf8")
    print(f"{len(value['cases'])} cases in {args.out}")


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as error:
        sys.exit(
            f"golden.py: no module `{error.name}`; pip install -r scripts/requirements-export.txt"
        )
    except (GoldenError, export_onnx.ExportError, OSError) as error:
        sys.exit(f"golden.py: {error}")
