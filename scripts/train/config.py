"""What the steps share: the configuration file, text files, whole writes."""

import argparse
import lzma
import os
import sys
import tomllib
from pathlib import Path

# What a configuration may say. An unknown key is a mistake, not something to pass over.
KEYS = {
    "work": str,
    "data": {"pairs": str, "licences": str, "allow": list, "exclude": str, "held-out": list,
             "max-characters": int, "max-ratio": (int, float)},
    "tokenizer": {"vocabulary": int, "from": str, "max-tokens": int},
    "model": {"d": int, "ffn": int, "heads": int, "encoder-layers": int, "decoder-layers": int, "dropout": (int, float)},
    "train": {"init": str, "seed": int, "tokens": int, "accumulate": int, "learning-rate": (int, float), "warm-up": int,
              "decay": (int, float), "steps": int, "smoothing": (int, float), "average": (int, float),
              "noise": (int, float), "no-source": (int, float), "save-minutes": (int, float), "weights": dict},
    "evaluate": {"dev": list, "rows": int, "minutes": (int, float)},
}


class Config:
    """A configuration file; paths in it are relative to it."""

    def __init__(self, path):
        self.file = Path(path)
        with open(path, "rb") as file:
            self.values = tomllib.load(file)
        self.check(self.values, KEYS, "")
        self.work = self.path(self.values["work"])
        self.work.mkdir(parents=True, exist_ok=True)

    def check(self, values, keys, where):
        for name, value in values.items():
            if name not in keys:
                sys.exit(f"{self.file}: unknown key `{where}{name}`; known are {', '.join(keys)}")
            if isinstance(keys[name], dict):
                self.check(value, keys[name], f"{where}{name}.")
            elif not isinstance(value, keys[name]):
                sys.exit(f"{self.file}: `{where}{name}` is {value!r}, not what it should be")

    def __getitem__(self, name):
        return self.values[name]

    def path(self, text):
        """Relative to the file; `~` and `$NAME` are followed."""
        return self.file.parent / Path(os.path.expandvars(text)).expanduser()

    @classmethod
    def from_arguments(cls, description, *more):
        """The parsed CONFIG; with `more` (keyword dictionaries by name) also the other arguments."""
        parser = argparse.ArgumentParser(
            description=description, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        parser.add_argument("config", metavar="CONFIG", help="see scripts/train/cpu.toml")
        for name, options in more:
            parser.add_argument(name, **options)
        arguments = parser.parse_args()
        config = cls(arguments.config)
        return (config, arguments) if more else config


def lines(path):
    """Lines of a text, which may be packed as .xz."""
    with (lzma.open if path.suffix == ".xz" else open)(path, "rt", encoding="utf8", newline="\n") as file:
        for line in file:
            yield line.rstrip("\n")


def write(path, data):
    """Whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data) if isinstance(data, bytes) else part.write_text(data, encoding="utf8")
    part.replace(path)
