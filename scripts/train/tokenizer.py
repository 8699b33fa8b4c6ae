#!/usr/bin/env python3
"""Step 2: the tokenizer, and the corpus as token ids.

    tokenizer.py CONFIG

`[tokenizer]`: `vocabulary` pieces are learnt from both sides of the corpus, or an existing file is
taken (`from`). BPE with byte fallback, so that no character is unknown and a name that was never
seen can be copied; NFKC; digits one by one; punctuation on its own. `__id__` and `__en__` are the
language tokens of M2M100's layout:

    source [language] X </s>     decoder </s> [language] Y     labels [language] Y </s>

Writes `tokenizer.json` and `corpus.npz`: `id`, `en` (uint16, all lines end to end), `id_at`,
`en_at` (where line i begins, n + 1 numbers), `tag` (source of each pair), `tags` (their names).
Pairs of which a side has over `max-tokens` tokens are left out.
"""

import json
import sys

import numpy as np
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from config import Config, lines, write

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "__id__", "__en__"]
BYTES = [f"<0x{i:02X}>" for i in range(256)]
PROBE = "UBS last Moon menambahkan 世界 2023. 👍🏽 Zelenskyy’s"


def learn(texts, vocabulary):
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"),
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.Punctuation("isolated"),
    ])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0),
    ])
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=SPECIAL + BYTES, limit_alphabet=500, min_frequency=3,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    # Bytes are vocabulary, not added tokens: those would match `<0x41>` in a text.
    spec = json.loads(tokenizer.to_str())
    spec["added_tokens"] = [token for token in spec["added_tokens"] if token["content"] in SPECIAL]
    return Tokenizer.from_str(json.dumps(spec, ensure_ascii=False))


def encode(tokenizer, texts):
    """All ids end to end, and where each text begins."""
    parts, at = [np.zeros(0, np.uint16)], [0]
    for start in range(0, len(texts), 20_000):
        for encoded in tokenizer.encode_batch(texts[start : start + 20_000], add_special_tokens=False):
            parts.append(np.asarray(encoded.ids, np.uint16))
            at.append(at[-1] + len(encoded.ids))
    return np.concatenate(parts), np.asarray(at, np.int64)


def main(config):
    settings, work = config["tokenizer"], config.work
    rows = [line.split("\t") for line in lines(work / "corpus.tsv.xz")]
    if "from" in settings:
        tokenizer = Tokenizer.from_file(str(config.path(settings["from"])))
    else:
        tokenizer = learn((side for row in rows for side in row[:2]), settings["vocabulary"])
    if tokenizer.get_vocab_size() > 1 << 16:
        sys.exit("a vocabulary of over 65,536 does not fit the pack")
    back = tokenizer.decode(tokenizer.encode(PROBE, add_special_tokens=False).ids)
    if back != PROBE:
        sys.exit(f"the tokenizer does not give back what it was given: {back!r}")
    write(work / "tokenizer.json", tokenizer.to_str())
    arrays, fits = {}, np.ones(len(rows), bool)
    encoded = {name: encode(tokenizer, [row[i] for row in rows]) for i, name in enumerate(("id", "en"))}
    for ids, at in encoded.values():
        fits &= (np.diff(at) > 0) & (np.diff(at) <= settings["max-tokens"])
    for name, (ids, at) in encoded.items():
        lengths = np.diff(at)
        arrays[name] = ids[np.repeat(fits, lengths)]
        arrays[name + "_at"] = np.concatenate([[0], np.cumsum(lengths[fits])]).astype(np.int64)
    tags, numbers = np.unique([row[2] for row in rows], return_inverse=True)
    part = work / "corpus.part.npz"
    np.savez_compressed(part, tags=tags, tag=numbers[fits].astype(np.uint16), **arrays)
    part.replace(work / "corpus.npz")
    print(f"{fits.sum():,} pairs of at most {settings['max-tokens']} tokens, {len(fits) - fits.sum():,} longer; "
          f"{len(arrays['id']):,} Indonesian and {len(arrays['en']):,} English tokens, "
          f"vocabulary {tokenizer.get_vocab_size():,}")


if __name__ == "__main__":
    main(Config.from_arguments(__doc__))
