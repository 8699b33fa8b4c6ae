#!/usr/bin/env python3
"""A released model as a checkpoint again, to go on training from.

    unpack.py MODEL OUT

MODEL is a folder that `export_onnx.py` wrote in cermat's layout, float or int8; OUT becomes a
Hugging Face folder (`config.json`, `model.safetensors` in float32, `tokenizer.json`) for
`train.init`. What int8 has rounded stays rounded: the first release lost 0.01 nats a token by it,
which some steps of training make up for, and weights need no second place to be kept in.

The graphs name their constants by number, in the order in which `graphs.py` makes them; so the
same graphs are built with numbered weights, and the constants are matched one by one.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def template(config):
    """The model and its weights by name: no two alike, since `export_onnx.py` merges those."""
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    random = np.random.default_rng(0)
    model = M2M100ForConditionalGeneration(M2M100Config(**config))
    return model, {name: random.random(tensor.shape, np.float32) for name, tensor in model.state_dict().items()}


def constants(graph):
    from onnx import numpy_helper

    return [numpy_helper.to_array(tensor) for tensor in graph.graph.initializer]


def named_constants(weights, config, quantised):
    """Names of the constants of both graphs as `graphs.py` gives them, before `export_onnx.py`
    renames them; their order is that of the file."""
    from export_onnx import tidy
    from graphs import Graphs

    graphs = Graphs(weights, config, quantised)
    for graph in (graphs.encoder(), graphs.decoder()):
        names = [tensor.name for tensor in graph.graph.initializer]
        shapes = [tuple(tensor.dims) for tensor in graph.graph.initializer]
        tidy(graph)
        after = [tuple(tensor.dims) for tensor in graph.graph.initializer]
        if shapes != after:
            sys.exit("export_onnx.py reorders constants; unpack.py has to follow it")
        yield names


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    import onnx
    import torch

    config = json.loads((args.model / "config.json").read_text(encoding="utf8"))
    model, weights = template(config)
    files = [onnx.load(args.model / name) for name in ("encoder.onnx", "decoder.onnx")]
    quantised = any(node.op_type == "MatMulIntegerToFloat" for node in files[0].graph.node)
    found = {}
    for names, file in zip(named_constants(weights, config, quantised), files):
        arrays = constants(file)
        if len(arrays) != len(names):
            sys.exit(f"{args.model}: {len(arrays)} constants where graphs.py makes {len(names)}; is it cermat's layout?")
        found |= dict(zip(names, arrays))

    def matrix(name):
        """[in, out]."""
        if not quantised:
            return found[name + ".w"]
        return found[name + ".q"].astype(np.float32) * found[name + ".s"]

    table = found["table"].astype(np.float32)
    if quantised:
        table *= found["table.columns"][:, None]
    filled = {"model.shared.weight": table}
    for name in weights:
        short = name.removeprefix("model.")
        stem, _, kind = short.rpartition(".")
        if short == "shared.weight" or "embed" in short or short.startswith("lm_head"):
            continue
        if "norm" in stem:
            filled[name] = found[f"{stem}.{'g' if kind == 'weight' else 'b'}"]
        elif "self_attn" in stem and not stem.endswith("out_proj"):
            # Queries, keys and values are one product.
            prefix, part = stem.rsplit(".", 1)
            joined = matrix(f"{prefix}.qkv") if kind == "weight" else found[f"{prefix}.qkv.b"]
            value = np.split(joined, 3, axis=-1)["qkv".index(part[0])]
            filled[name] = value.T if kind == "weight" else value
        elif kind == "bias":
            # That of the last product of a block is added with the residual, under its own name.
            key = next(key for key in candidates(stem) if key + ".b" in found)
            filled[name] = found[key + ".b"]
        else:
            key = next(key for key in candidates(stem) if key + (".q" if quantised else ".w") in found)
            filled[name] = matrix(key).T
    wrong = [name for name, value in filled.items() if value.shape != weights[name].shape]
    if wrong:
        sys.exit(f"{wrong[0]} comes out as {filled[wrong[0]].shape}, not {weights[wrong[0]].shape}")
    state = {name: torch.from_numpy(np.array(value)) for name, value in filled.items()}
    missing = model.load_state_dict(state, strict=False).missing_keys
    missing = [name for name in missing if "embed" not in name and "lm_head" not in name]
    if missing:
        sys.exit(f"no constant for {missing[0]}")
    model.save_pretrained(args.out)
    shutil.copyfile(args.model / "tokenizer.json", args.out / "tokenizer.json")
    print(f"{args.out}: {len(filled)} tensors, {sum(value.size for value in filled.values()):,} numbers")


def candidates(stem):
    """What `graphs.py` may call the layer `stem`."""
    short = stem.replace(".out_proj", ".out").replace("q_proj", "q")
    return [stem, short]


if __name__ == "__main__":
    main()
