#!/usr/bin/env python3
"""Turns a Hugging Face M2M100 checkpoint into the ONNX graphs that cermat runs.

    export_onnx.py CHECKPOINT OUT [--layout cermat|optimum|merged] [--quantise int8]
                   [--manifest KEY=VALUE ...]

CHECKPOINT holds `config.json`, `model.safetensors` (any float type; the graphs are float32) and
`tokenizer.json`. OUT gets `config.json`, `generation_config.json`, `tokenizer.json` and

- `cermat`: encoder.onnx and decoder.onnx, built by `graphs.py`: smaller, faster, and the only one
  for `--quantise int8`;
- `optimum`: encoder_model.onnx, decoder_model.onnx and decoder_with_past_model.onnx, with the
  tensor names of optimum, by its exporter;
- `merged`: the same with one decoder_model_merged.onnx.

With `--manifest` OUT.toml is written beside OUT: sizes and SHA-256 of the files, and the keys
given, for instance

    export_onnx.py checkpoint models/cermat-x --quantise int8 --manifest \
        'description=what it is' licence=MIT default=true revision=2026-11-23

Needs the packages of `requirements-export.txt`. Nothing is fetched. The same checkpoint and the
same packages give the same bytes.
"""

import argparse
import json
import logging
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

ENCODER, DECODER = "encoder_model.onnx", "decoder_model.onnx"
LAYOUTS = ["cermat", "optimum", "merged"]
PAST, MERGED = "decoder_with_past_model.onnx", "decoder_model_merged.onnx"


class ExportError(Exception):
    """What is wrong and what to do about it, in one line."""


def load_checkpoint(folder):
    """The model in float32, in evaluation mode."""
    import torch
    from transformers import M2M100ForConditionalGeneration

    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        if not (folder / name).is_file():
            raise ExportError(
                f"{folder} has no {name}; CHECKPOINT is a folder as `save_pretrained` writes it, "
                "with a fast tokenizer's tokenizer.json beside it"
            )
    kind = json.loads((folder / "config.json").read_text(encoding="utf8")).get("model_type")
    if kind != "m2m_100":
        raise ExportError(f"{folder / 'config.json'}: `model_type` is {kind!r}; only m2m_100 is known")
    torch.set_num_threads(min(2, torch.get_num_threads()))
    # `eager`: attention as plain matrix products, without the shape logic of the fused kernel.
    return M2M100ForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()


def build_graphs(model, config, out, quantised):
    """cermat's own layout, see `graphs.py`."""
    import onnx
    from graphs import Graphs

    weights = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
    try:
        graphs = Graphs(weights, config, quantised)
    except ValueError as error:
        raise ExportError(str(error)) from error
    for name, graph in (("encoder.onnx", graphs.encoder()), ("decoder.onnx", graphs.decoder())):
        tidy(graph)
        onnx.checker.check_model(graph)
        (out / name).write_bytes(serialise(graph))


def export_graphs(model, out, merged, opset):
    """Optimum's graphs, stripped (see `tidy`)."""
    import onnx
    from optimum.exporters.onnx import onnx_export_from_model

    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        onnx_export_from_model(
            model=model,
            output=scratch,
            task="text2text-generation-with-past",
            opset=opset,
            no_post_process=not merged,
            do_validation=False,
            device="cpu",
        )
        for name in (ENCODER, MERGED) if merged else (ENCODER, DECODER, PAST):
            graph = onnx.load(scratch / name)
            tidy(graph)
            onnx.checker.check_model(graph)
            (out / name).write_bytes(serialise(graph))


def serialise(graph):
    """Its bytes; maps in a fixed order."""
    return graph.SerializeToString(deterministic=True)


def tidy(model):
    """Removes what no run needs and names what is inside by number, so that a graph is small and
    its bytes do not depend on paths. Inputs, outputs and what they are called stay."""
    model.doc_string = ""
    del model.metadata_props[:]
    taken = {t.name for t in (*model.graph.input, *model.graph.output)}
    tie_transposed(model.graph)
    names = {}

    def short(name):
        if not name or name in taken:
            return name
        return names.setdefault(name, format(len(names), "x"))

    def walk(graph, top):
        graph.doc_string = ""
        graph.name = "g"
        del graph.value_info[:]
        del graph.metadata_props[:]
        # Inputs and outputs of a branch are inner names; only those of the model are promised.
        for value in (*graph.input, *graph.output):
            value.doc_string = ""
            del value.metadata_props[:]
            if not top:
                value.name = short(value.name)
                # Only the type counts there; optimum leaves shapes that merely repeat the model's.
        for tensor in graph.initializer:
            tensor.name = short(tensor.name)
            tensor.doc_string = ""
        for node in graph.node:
            node.name = ""
            node.doc_string = ""
            del node.metadata_props[:]
            node.input[:] = [short(n) for n in node.input]
            node.output[:] = [short(n) for n in node.output]
            for attribute in node.attribute:
                attribute.doc_string = ""
                if attribute.HasField("g"):
                    walk(attribute.g, top=False)
                if attribute.HasField("t"):
                    attribute.t.name = ""
                    attribute.t.doc_string = ""

    walk(model.graph, top=True)


def tie_transposed(graph):
    """Stores the table of embeddings once: the output projection, which exporters write out
    transposed, becomes a view of it. ONNX Runtime folds the node away when it loads."""
    import onnx
    from onnx import numpy_helper

    large = {t.name: numpy_helper.to_array(t) for t in graph.initializer if len(t.dims) == 2}
    for name, array in large.items():
        for other, table in large.items():
            if name == other or array.shape != table.shape[::-1] or array.size < 1024:
                continue
            if array.shape[0] < array.shape[1] and (array == table.T).all():
                index = next(i for i, t in enumerate(graph.initializer) if t.name == name)
                del graph.initializer[index]
                node = onnx.helper.make_node("Transpose", [other], [name], perm=[1, 0])
                graph.node.insert(0, node)
                break


def copy_settings(model, checkpoint, out):
    """`config.json`, `generation_config.json` and `tokenizer.json`."""
    config = json.loads((checkpoint / "config.json").read_text(encoding="utf8"))
    # Which version wrote it and what it was stored as says nothing about the graphs.
    for key in ("transformers_version", "_name_or_path", "torch_dtype", "dtype"):
        config.pop(key, None)
    write_json(out / "config.json", config)
    generation = model.generation_config.to_dict()
    keep = ("bos_token_id", "decoder_start_token_id", "eos_token_id", "pad_token_id")
    write_json(out / "generation_config.json", {k: generation[k] for k in keep})
    shutil.copyfile(checkpoint / "tokenizer.json", out / "tokenizer.json")


def write_json(path, value):
    text = json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf8")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path, help="a Hugging Face folder")
    parser.add_argument("out", type=Path, help="the folder to write; made where it is missing")
    parser.add_argument("--layout", choices=LAYOUTS, default="cermat", help="which graphs")
    parser.add_argument("--quantise", choices=["int8"], help="width of weights and products")
    parser.add_argument("--manifest", nargs="*", metavar="KEY=VALUE", help="write OUT.toml")
    parser.add_argument("--opset", type=int, default=18, help="ONNX operator set of optimum's")
    args = parser.parse_args()
    if args.layout != "cermat" and args.quantise:
        raise ExportError("--quantise wants the layout cermat; leave out --layout")
    keys = {}
    for item in args.manifest or []:
        key, equals, value = item.partition("=")
        if not equals:
            raise ExportError(f"--manifest {item!r} is no KEY=VALUE")
        keys[key] = value
    quiet()
    export(args.checkpoint, args.out, args.layout, args.opset, args.quantise)
    if args.manifest is not None:
        write_manifest(args.out, keys, args.quantise)


def export(checkpoint, out, layout="cermat", opset=18, quantised=None):
    """CHECKPOINT to OUT, with a line for each file on standard output."""
    model = load_checkpoint(checkpoint)
    out.mkdir(parents=True, exist_ok=True)
    if layout == "cermat":
        # What config.json leaves out has the defaults of the architecture.
        build_graphs(model, model.config.to_dict(), out, quantised)
    else:
        export_graphs(model, out, layout == "merged", opset)
    copy_settings(model, checkpoint, out)
    for path in sorted(out.iterdir()):
        print(f"{path.stat().st_size:>12,} bytes  {path.name}")


def write_manifest(out, keys, quantised):
    """`OUT.toml`, as `src/model/manifest.rs` reads it."""
    import hashlib

    config = json.loads((out / "config.json").read_text(encoding="utf8"))
    values = {
        "name": out.name,
        "description": "",
        "family": "m2m100",
        "default": "false",
        "directions": ["id-en", "en-id"],
        "max-tokens": min(512, config["max_position_embeddings"]),
        "licence": "",
        "card": "models/README.md",
        "revision": "",
        "quantisation": "int8" if quantised else "float32",
        # Both layouts: nothing in them is computed over the whole batch.
        "batch-invariant": True,
    }
    unknown = sorted(keys.keys() - values.keys())
    if unknown:
        raise ExportError(f"--manifest has no key {unknown[0]!r}; known are {', '.join(values)}")
    values.update(keys)
    lines = []
    for key, value in values.items():
        if key == "default":
            if value == "true":
                lines.append("default = true")
        elif key in ("max-tokens",):
            lines.append(f"{key} = {int(value)}")
        else:
            # JSON strings, lists and booleans are TOML's as well.
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    for path in sorted(out.iterdir()):
        data = path.read_bytes()
        lines += ["", "[[files]]", f'path = "{path.name}"', f"bytes = {len(data)}",
                  f'sha256 = "{hashlib.sha256(data).hexdigest()}"']
    out.with_name(out.name + ".toml").write_text("\n".join(lines) + "\n", encoding="utf8")


def quiet():
    """The exporter's notes on what it traces are not for the user."""
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as error:
        sys.exit(
            f"export_onnx.py: no module `{error.name}`; "
            "pip install -r scripts/requirements-export.txt"
        )
    except (ExportError, OSError) as error:
        sys.exit(f"export_onnx.py: {error}")
