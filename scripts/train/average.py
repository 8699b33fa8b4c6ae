#!/usr/bin/env python3
"""Step 4: averages weights and writes a Hugging Face folder.

    average.py CONFIG [--last N]

Takes the N newest `average-<step>.safetensors` of the work folder (each is an exponential average
already; the newest alone is best when the learning rate has decayed to nothing, so N is 1 unless
measured otherwise), or the state a run stopped with. Writes `checkpoint/` with `config.json`,
`model.safetensors` (float16) and `tokenizer.json`, for `export_onnx.py`.
"""

import shutil
import sys

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from config import Config
from train import build


def main(config, arguments):
    step = lambda path: int(path.stem.split("-")[1])
    snapshots = sorted(config.work.glob("average-*.safetensors"), key=step)[-arguments.last :]
    if snapshots:
        weights = [load_file(path) for path in snapshots]
    elif (config.work / "state.pt").exists():
        weights = [torch.load(config.work / "state.pt", map_location="cpu", weights_only=True)["average"]]
    else:
        sys.exit(f"nothing to average in {config.work}; run train.py first")
    mean = {name: sum(part[name] for part in weights) / len(weights) for name in weights[0]}
    model = build(config, Tokenizer.from_file(str(config.work / "tokenizer.json")))
    missing = model.load_state_dict(mean, strict=False).missing_keys
    # Tied to the table of embeddings.
    missing = [name for name in missing if "embed" not in name and "lm_head" not in name]
    if missing:
        sys.exit(f"no weights for {missing[0]}")
    out = config.work / "checkpoint"
    model.half().save_pretrained(out)
    shutil.copyfile(config.work / "tokenizer.json", out / "tokenizer.json")
    print(f"{out}: {', '.join(path.name for path in snapshots) or 'state.pt'}")


if __name__ == "__main__":
    main(*Config.from_arguments(__doc__, ("--last", {"type": int, "default": 1, "help": "how many"})))
