#!/usr/bin/env python3
"""Makes the tiny model that the tests run: the real architecture, a few thousand random weights.

    tiny_model.py OUT [--optimum OUT] [--merged OUT] [--checkpoint DIR] [--large]

OUT gets the graphs of `export_onnx.py` (tests/fixtures/tiny), `--optimum` and `--merged` the same
model in those layouts (tests/fixtures/tiny-optimum, tests/fixtures/tiny-merged), `--checkpoint` the Hugging Face folder that
`golden.py` reads. It knows no language: its translations are letters in an order that depends on
the source, and that is what a test of search and scoring needs.

With `--large` it is a model of 77 million parameters and the size of real ones, to measure memory
and time with; its translations are noise.

A rerun gives the same bytes: the weights come from NumPy's legacy generator, whose stream is
frozen, and the tokenizer from the lists below. The seed and the scales are those for which
`golden.py` found long and short translations, most of them ended by the model, and no tie closer
than it tolerates.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import export_onnx

SEED = 6
# Standard deviations of the weights: of the table of embeddings; of attention and feed-forward
# matrices, times the square root of their inputs; of biases. Far from the 0.02 of a fresh model,
# with which every source would have the same translation.
EMBEDDING, MATRIX, BIAS = 0.4, 1.2, 0.3
# What makes the end token likelier.
EOS = 1.8
CONFIG = {
    "vocab_size": 0,  # that of the tokenizer
    "d_model": 16,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "decoder_ffn_dim": 32,
    "max_position_embeddings": 256,
    "dropout": 0.0,
    "attention_dropout": 0.0,
    "activation_dropout": 0.0,
    "encoder_layerdrop": 0.0,
    "decoder_layerdrop": 0.0,
    "bos_token_id": 0,
    "pad_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 2,
}
LARGE = {
    "vocab_size": 64000,
    "d_model": 512,
    "encoder_layers": 6,
    "decoder_layers": 6,
    "encoder_attention_heads": 8,
    "decoder_attention_heads": 8,
    "encoder_ffn_dim": 2048,
    "decoder_ffn_dim": 2048,
}
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "__id__", "__en__"]
LETTERS = "▁abcdefghijklmnopqrstuvwxyzABDHIJKLMPRST0123456789.,?!'\"()-:%"
# Pieces of more than one letter; every prefix of one is one, so that a merge makes each.
PIECES = ["an", "ang", "▁d", "▁di", "▁m", "▁me", "▁men", "▁s", "▁k", "▁ke", "kan", "nya", "▁p",
          "▁t", "▁th", "▁the", "er", "in", "ing", "at", "is", "▁a", "▁an", "▁and", "ya", "ka", "ny"]


def tokenizer():
    """Bytes, letters and a few merges in the layout of a trained tokenizer: NFKC, `▁` for a space,
    digits and punctuation on their own, bytes for every character that is not in the list."""
    vocabulary = {}
    for token in [*SPECIAL, *(f"<0x{i:02X}>" for i in range(256)), *LETTERS]:
        vocabulary.setdefault(token, len(vocabulary))
    merges = []
    for piece in sorted(set(PIECES), key=lambda piece: (len(piece), PIECES.index(piece))):
        cut = max(i for i in range(1, len(piece)) if piece[:i] in vocabulary and piece[i:] in vocabulary)
        merges.append([piece[:cut], piece[cut:]])
        vocabulary[piece] = len(vocabulary)
    special = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": token, **special} for i, token in enumerate(SPECIAL)],
        "normalizer": {"type": "NFKC"},
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
                {"type": "Digits", "individual_digits": True},
                {"type": "Punctuation", "behavior": "Isolated"},
            ],
        },
        "post_processor": None,
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": merges,
        },
    }


def build(vocabulary, seed=SEED, scales=(EMBEDDING, MATRIX, BIAS), sizes=()):
    """The model with its random weights."""
    import numpy as np
    import torch
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    embedding, matrix, bias = scales
    config = M2M100Config(**{**CONFIG, "vocab_size": vocabulary, **dict(sizes)})
    config._attn_implementation = "eager"
    model = M2M100ForConditionalGeneration(config).eval()
    random = np.random.RandomState(seed)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            values = random.standard_normal(tuple(weight.shape))
            if "layer_norm" in name:
                # With a last scale around 1 the tied output prefers the token just read, and every
                # translation is a loop: there the signs are random.
                centre = 0.0 if name == "model.decoder.layer_norm.weight" else 1.0
                values = (centre if name.endswith("weight") else 0.0) + (1.2 - centre) * values
            elif name.endswith("bias"):
                values = bias * values
            elif "shared" in name or "embed" in name or "lm_head" in name:
                values = embedding * values
                # Bytes that are no part of a character would make translations unreadable.
                values[len(SPECIAL) : len(SPECIAL) + 256] *= 0.3
                values[CONFIG["eos_token_id"]] *= EOS
            else:
                values = matrix * values / np.sqrt(weight.shape[1])
            weight.copy_(torch.from_numpy(values.astype(np.float32)))
    return model


def save(model, spec, folder):
    """A Hugging Face folder."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    # One token a line would be ten times as long.
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    (folder / "tokenizer.json").write_text(text + "\n", encoding="utf8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, help="the folder for the graphs")
    parser.add_argument("--optimum", type=Path, help="a folder for the same in optimum's layout")
    parser.add_argument("--merged", type=Path, help="a folder for the same with one decoder graph")
    parser.add_argument("--checkpoint", type=Path, help="a folder for the checkpoint")
    parser.add_argument("--large", action="store_true", help="77 million parameters, to measure with")
    args = parser.parse_args()
    export_onnx.quiet()
    spec = tokenizer()
    model = build(len(spec["model"]["vocab"]), sizes=LARGE if args.large else ())
    with tempfile.TemporaryDirectory() as scratch:
        checkpoint = args.checkpoint or Path(scratch)
        save(model, spec, checkpoint)
        folders = {"cermat": args.out, "optimum": args.optimum, "merged": args.merged}
        for layout, out in folders.items():
            if out is not None:
                export_onnx.export(checkpoint, out, layout)


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as error:
        sys.exit(
            f"tiny_model.py: no module `{error.name}`; "
            "pip install -r scripts/requirements-export.txt"
        )
    except (export_onnx.ExportError, OSError) as error:
        sys.exit(f"tiny_model.py: {error}")
