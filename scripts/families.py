#!/usr/bin/env python3
"""Makes small checkpoints of every family, exports them, and writes what transformers makes of them.

    families.py OUT [--fixtures | --tokenizers FILE ...]

OUT gets a folder a family (m2m100, nllb, marian), and in it

- `split`: the graphs as optimum exports them, and once more as `_fp16`, inputs and outputs too;
- `merged`: the same with one decoder graph, and once more as `_fp16`: the decoders of `split` merged;
- `hub`: as hub conversions have them, in `onnx/`: `merged`, and `_quantized` (ONNX Runtime's dynamic
  quantisation);
- `golden.json`: what transformers makes of the checkpoint, over 200 sentences a direction;
- `tokens.jsonl`: what its tokenizer makes of those sentences.

`tests/equality.rs` reads OUT:

    scripts/families.py /tmp/families
    CERMAT_FAMILIES=/tmp/families cargo test --test equality -- --include-ignored --nocapture
    CERMAT_FAMILIES=/tmp/families cargo test --lib tokenizer -- --include-ignored

All of it takes two to three minutes of a processor.

With `--fixtures` the models are tiny, with one layout a family and 24 sentences a direction: what
lies in tests/fixtures/families. With `--tokenizers` there are no models: tokenizers of 8,000 pieces
are made of the lines of the first FILE, and `tokens.jsonl` has what they make of the lines of all.

# What is real and what is not
The architectures, the tokenizers' classes and files, and the exporter are the real ones:
M2M100ForConditionalGeneration with M2M100Tokenizer (`sentencepiece.bpe.model` and `vocab.json` in
`split`, a `tokenizer.json` in the others), the same with NllbTokenizerFast, and a pair of
MarianMTModel with MarianTokenizer. The tokenizers are trained on the sentences below, and so are
the weights, for a minute: random ones write one word for ever. Every number comes from float64; a
sentence for which float32, or weights changed by one part in 100,000, give another sequence hangs
on a tie and is dropped; their number is printed and stands in the file. Marian's bias makes `<pad>`
the likeliest token: a search that does not ban it fails.

# golden.json, version 1
As in `golden.py`, but `log_probs` has the values of `target` alone, `dropped` counts dropped
sentences, and every `ids` is without what stands around it. `fp16` and `int8` of a case are
`log_probs` by ONNX Runtime from the graphs `_fp16` of `merged` and `_quantized` of `hub`.
"""

import argparse
import copy
import json
import random
import shutil
import sys
import tempfile
from pathlib import Path

import export_onnx
from golden import BEAMS, LENGTH_PENALTY, dump

MAX_TOKENS = 32
BATCH = 48
FIXTURE_SENTENCES = 8

HARD = [
    "",
    " ",
    "a",
    "Apa?!",
    "...........",
    "hahahaha wkwkwkwk",
    "!!!!!!!!!!!!!",
    "0000000000 1111111 2026-11-23 08:15",
    "Rp1.500.000,00 / US$3,500.25 (−12,5%)",
    "Terima kasih 🙏 banyak! 👨‍👩‍👧 😀😀😀",
    "世界 means “world”; 日本語テスト, 한국어.",
    "Ａｂｃ　１２３ ½ ﬁ ﬂ ™ ﷺ",
    "e\u0302\u0301 tie\u0302\u0301ng Vie\u0323\u0302t, cafe\u0301",
    "  dua   spasi  di   mana-mana   ",
    "tab\tdan\u00a0spasi\u2003lain\u200btak terlihat",
    "Ia berkata berkata bahwa bahwa itu benar.",
    "<b>Note</b> that **the** `file` is {0} of %s.",
    "https://contoh.example/a?b=1&c=2#d user@contoh.example",
    "नमस्ते दुनिया, Привет мир, مرحبا",
    "▁ is U+2581, and \u00ad is soft.",
    "ÀÉÎÕÜ àéîõü ßßß œuvre",
    "x" * 60,
    "anak-anak berlari-lari ke sana-sini " * 6,
]
NAMES = ["Rina", "Budi", "Siti Aminah", "John", "Mr. Smith", "Dewi", "Ahmad", "Mary-Anne"]
PLACES = ["Jakarta", "Bandung", "Jl. Sudirman No. 5", "London", "Surabaya", "New York", "Medan"]
THINGS = {
    "id": ["buku", "rumah", "mobil baru", "obat", "surat kabar", "harga beras", "pemerintah"],
    "en": ["book", "house", "new car", "medicine", "newspaper", "price of rice", "government"],
}
TEMPLATES = {
    "id": [
        "{name} tidak datang ke {place} karena sakit.",
        "Harga {thing} naik {number}% sejak tahun {year}.",
        "Apakah {name} sudah melihat {thing} itu?",
        "“Kami akan kembali ke {place},” kata {name}.",
        "Menurut {name}, {thing} di {place} lebih mahal daripada {thing2}.",
        "Pada {year}, {number} orang membeli {thing}; {number2} di antaranya tinggal di {place}.",
        "Jangan lupa {thing}!",
        "{thing}",
    ],
    "en": [
        "{name} did not come to {place} because of the flu.",
        "The {thing} has risen by {number}% since {year}.",
        "Has {name} already seen the {thing}?",
        "“We will return to {place},” said {name}.",
        "According to {name}, the {thing} in {place} is more expensive than the {thing2}.",
        "In {year}, {number} people bought a {thing}; {number2} of them live in {place}.",
        "Don't forget the {thing}!",
        "{thing}",
    ],
}


def pairs(count):
    """Varied sentences in both languages, the hard ones first; always the same."""
    dice = random.Random(7)
    found = {text: text for text in HARD}
    while len(found) < count:
        thing, thing2, *templates = (
            dice.randrange(len(some)) for some in (*[THINGS["id"]] * 2, *[TEMPLATES["id"]] * 2)
        )
        name, place = dice.choice(NAMES), dice.choice(PLACES)
        number, number2, year = dice.randint(1, 9999), dice.randint(2, 99), dice.randint(1900, 2026)
        two = dice.random() < 0.3
        both = []
        for language, thousands in (("id", "."), ("en", ",")):
            words = {
                "name": name,
                "place": place,
                "thing": THINGS[language][thing],
                "thing2": THINGS[language][thing2],
                "number": f"{number:,}".replace(",", thousands),
                "number2": number2,
                "year": year,
            }
            texts = [TEMPLATES[language][t].format(**words) for t in templates[: 1 + two]]
            both.append(" ".join(text[:1].upper() + text[1:] for text in texts))
        found.setdefault(*both)
    return list(found.items())[:count]


def sentences(language, count):
    """One side of [`pairs`]."""
    return [pair[("id", "en").index(language)] for pair in pairs(count)]


def train_pieces(path, texts, size, kind, small):
    """A SentencePiece model at `path`. NFKC as real models have it takes 240 kB: a small one has
    a few rules of it."""
    import sentencepiece

    rules = [("ﬁ", "fi"), ("ﬂ", "fl"), ("½", "1⁄2"), ("™", "TM"), ("\u00a0", " "), ("\u3000", " "),
             ("\t", " "), ("\u2003", " "), ("e\u0301", "é"), ("e\u0302", "ê"), ("…", "..."),
             ("e\u0302\u0301", "ế"), ("e\u0323\u0302", "ệ"), ("\u00ad", ""), ("\u200b", " ")]
    rules += [(chr(0xFF00 + i), chr(0x20 + i)) for i in range(1, 0x5F)]
    with tempfile.TemporaryDirectory() as scratch:
        text = Path(scratch) / "text"
        text.write_text("\n".join(texts * 3), encoding="utf8")
        options = {"normalization_rule_name": "nmt_nfkc"}
        if max(map(len, texts)) > 1000:
            options["max_sentence_length"] = 1 << 16
        if small:
            codes = lambda s: " ".join(f"{ord(c):X}" for c in s)
            table = Path(scratch) / "rules"
            lines = [f"{codes(a)}\t{codes(b)}" for a, b in rules]
            table.write_text("\n".join(lines) + "\n", encoding="utf8")
            del options["normalization_rule_name"]
            options["normalization_rule_tsv"] = str(table)
        sentencepiece.SentencePieceTrainer.train(
            input=str(text),
            model_prefix=str(Path(scratch) / "m"),
            vocab_size=size,
            model_type=kind,
            character_coverage=0.995,
            hard_vocab_limit=False,
            num_threads=1,
            minloglevel=2,
            **options,
        )
        shutil.copyfile(Path(scratch) / "m.model", path)


def train_shared(path, small, lines):
    """The SentencePiece model of a family that has one for all languages."""
    if lines is None:
        lines, size = [*sentences("id", 300), *sentences("en", 300)], 260 if small else 600
    else:
        size = 8000
    train_pieces(path, lines, size, "bpe", small)


def pieces_of(path):
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return [model.id_to_piece(i) for i in range(model.get_piece_size())]


def write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf8")


def shape(small):
    """Sizes of a model, as M2M100 and Marian call them."""
    d = 16 if small else 32
    heads = 2 if small else 4
    return {
        "d_model": d,
        "encoder_layers": 2,
        "decoder_layers": 2,
        "encoder_attention_heads": heads,
        "decoder_attention_heads": heads,
        "encoder_ffn_dim": 2 * d,
        "decoder_ffn_dim": 2 * d,
        "max_position_embeddings": 256,
        "dropout": 0.0,
        "attention_dropout": 0.0,
        "activation_dropout": 0.0,
    }


def train(family, model, directions):
    """Teaches random weights the sentences, until the end comes where it should and each source has
    its own translation: a fresh model would write one word for ever."""
    import numpy as np
    import torch

    dice = np.random.RandomState(5)
    torch.manual_seed(5)
    with torch.no_grad():
        for name, weight in sorted(model.named_parameters()):
            if weight.dim() == 2 and "embed_positions" not in name:
                values = dice.standard_normal(tuple(weight.shape)) / np.sqrt(weight.shape[1])
                weight.copy_(torch.from_numpy(values.astype(np.float32)))
    pad, eos = model.config.pad_token_id, model.config.eos_token_id
    rows = []
    for source, into in directions:
        both = pairs(1500)[len(HARD) :]
        sides = both if source == "id" else [(b, a) for a, b in both]
        start = family.start(model, into)
        for text, target in sides:
            rows.append((family.source(text, source), start, family.target(target, into)))

    def padded(rows, fill):
        width = max(map(len, rows))
        return torch.tensor([row + [fill] * (width - len(row)) for row in rows])

    steps = 250
    optimiser = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.01, total_steps=steps)
    model.train()
    for _ in range(steps):
        batch = [rows[i] for i in dice.randint(len(rows), size=16)]
        ids = padded([source for source, _, _ in batch], pad)
        mask = padded([[1] * len(source) for source, _, _ in batch], 0)
        labels = padded([[-100] * (len(s) - 1) + t + [eos] for _, s, t in batch], -100)
        given = padded([s + t for _, s, t in batch], pad)
        logits = model(input_ids=ids, attention_mask=mask, decoder_input_ids=given).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten())
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    model.eval()
    if hasattr(model, "final_logits_bias"):
        model.final_logits_bias[0, pad] = 12.0
    return float(loss)


class M2m100:
    """M2M100Tokenizer: SentencePiece (BPE), a vocab.json in another order, languages after it."""

    name = "m2m100"
    pair = False

    def tokenize(self, folder, small=False, lines=None):
        from transformers import M2M100Tokenizer

        spm = folder / "sentencepiece.bpe.model"
        train_shared(spm, small, lines)
        pieces = [p for p in pieces_of(spm) if p not in ("<s>", "</s>", "<unk>")]
        random.Random(3).shuffle(pieces)
        vocabulary = ["<s>", "<pad>", "</s>", "<unk>", *pieces]
        write_json(folder / "vocab.json", {piece: i for i, piece in enumerate(vocabulary)})
        self.tokenizer = M2M100Tokenizer(str(folder / "vocab.json"), str(spm))

    def make(self, folder, small):
        from transformers import M2M100Config, M2M100ForConditionalGeneration

        self.tokenize(folder, small)
        config = M2M100Config(
            vocab_size=len(self.tokenizer.encoder) + 108, encoder_layerdrop=0.0, decoder_layerdrop=0.0, **shape(small)
        )
        config._attn_implementation = "eager"
        return M2M100ForConditionalGeneration(config)

    def files(self, checkpoint, out, layout):
        if layout == "split":
            for name in ("sentencepiece.bpe.model", "vocab.json"):
                shutil.copyfile(checkpoint / name, out / name)
        else:
            self.fast(checkpoint).save(str(out / "tokenizer.json"), pretty=False)

    def fast(self, checkpoint):
        """A tokenizer.json as conversions have it: BPE with the merges of the SentencePiece model,
        ids of vocab.json, languages as added tokens."""
        from tokenizers import AddedToken, Tokenizer, models
        from transformers.convert_slow_tokenizer import SpmConverter

        tokenizer = self.tokenizer

        class Converter(SpmConverter):
            def tokenizer(self, proto):
                spm = str(checkpoint / "sentencepiece.bpe.model")
                scores = [(p.piece, p.score) for p in proto.pieces]
                _, merges = self.SpmExtractor(spm).extract(scores)
                made = Tokenizer(
                    models.BPE(tokenizer.encoder, merges, unk_token="<unk>", fuse_unk=True)
                )
                made.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>"])
                languages = sorted(tokenizer.lang_token_to_id.items(), key=lambda item: item[1])
                made.add_special_tokens([AddedToken(t, special=True) for t, _ in languages])
                assert all(made.token_to_id(t) == i for t, i in languages)
                return made

        class Slow:
            vocab_file = str(checkpoint / "sentencepiece.bpe.model")

        return Converter(Slow()).converted()

    def source(self, text, language):
        self.tokenizer.src_lang = language
        return self.tokenizer(text).input_ids

    def target(self, text, language):
        self.tokenizer.tgt_lang = language
        return self.tokenizer(text_target=text).input_ids[1:-1]

    def start(self, model, language):
        return [model.config.decoder_start_token_id, self.tokenizer.get_lang_id(language)]

    def text(self, ids):
        # The slow tokenizer writes languages out (`__oc__`), as its fast conversion does not.
        ids = [token for token in ids if token < len(self.tokenizer.encoder)]
        return self.tokenizer.decode(ids, skip_special_tokens=True)


class Nllb:
    """NllbTokenizerFast: a tokenizer.json whose template has one source language."""

    name = "nllb"
    pair = False
    codes = {"id": "ind_Latn", "en": "eng_Latn"}

    def tokenize(self, folder, small=False, lines=None):
        from transformers import NllbTokenizerFast

        spm = folder / "sentencepiece.bpe.model"
        train_shared(spm, small, lines)
        self.tokenizer = NllbTokenizerFast(vocab_file=str(spm), src_lang="eng_Latn")
        self.tokenizer.save_pretrained(folder)

    def make(self, folder, small):
        from transformers import M2M100Config, M2M100ForConditionalGeneration

        self.tokenize(folder, small)
        config = M2M100Config(
            vocab_size=len(self.tokenizer) + 2, encoder_layerdrop=0.0, decoder_layerdrop=0.0, **shape(small)
        )
        config._attn_implementation = "eager"
        return M2M100ForConditionalGeneration(config)

    def files(self, checkpoint, out, layout):
        text = json.loads((checkpoint / "tokenizer.json").read_text(encoding="utf8"))
        write_json(out / "tokenizer.json", text)

    def source(self, text, language):
        self.tokenizer.src_lang = self.codes[language]
        return self.tokenizer(text).input_ids

    def target(self, text, language):
        return self.tokenizer(text, add_special_tokens=False).input_ids

    def start(self, model, language):
        code = self.tokenizer.convert_tokens_to_ids(self.codes[language])
        return [model.config.decoder_start_token_id, code]

    def text(self, ids):
        return self.tokenizer.decode(ids, skip_special_tokens=True)


class Marian:
    """One direction of OPUS-MT: MarianTokenizer, two SentencePiece models (unigram), one vocab.json
    with `</s>` first and `<pad>` last."""

    name = "marian"
    pair = True

    def __init__(self, source, into):
        self.languages = (source, into)

    def tokenize(self, folder, small=False, lines=None):
        from transformers import MarianTokenizer

        vocabulary = {"</s>": 0, "<unk>": 1}
        paths = [folder / "source.spm", folder / "target.spm"]
        for path, language in zip(paths, self.languages):
            if lines is None:
                train_pieces(path, sentences(language, 400), 180 if small else 400, "unigram", small)
            else:
                # The two sides differ, as they do where each is of another language.
                train_pieces(path, lines[self.languages.index(language) :: 2], 8000, "unigram", small)
            for piece in pieces_of(path):
                # Upstream's table lacks rare pieces of its models, too.
                if piece not in ("<s>", "%"):
                    vocabulary.setdefault(piece, len(vocabulary))
        vocabulary["<pad>"] = len(vocabulary)
        write_json(folder / "vocab.json", vocabulary)
        source, into = self.languages
        self.tokenizer = MarianTokenizer(
            *map(str, paths), str(folder / "vocab.json"), source_lang=source, target_lang=into
        )
        self.tokenizer.save_pretrained(folder)

    def make(self, folder, small):
        from transformers import MarianConfig, MarianMTModel

        self.tokenize(folder, small)
        size, pad = len(self.tokenizer.encoder), self.tokenizer.pad_token_id
        config = MarianConfig(
            vocab_size=size,
            decoder_vocab_size=size,
            pad_token_id=pad,
            decoder_start_token_id=pad,
            eos_token_id=0,
            forced_eos_token_id=None,
            scale_embedding=True,
            activation_function="swish",
            static_position_embeddings=True,
            encoder_layerdrop=0.0,
            decoder_layerdrop=0.0,
            **shape(small),
        )
        config._attn_implementation = "eager"
        return MarianMTModel(config)

    def files(self, checkpoint, out, layout):
        for name in ("source.spm", "target.spm", "vocab.json", "tokenizer_config.json"):
            shutil.copyfile(checkpoint / name, out / name)

    def source(self, text, language):
        return self.tokenizer(text).input_ids

    def target(self, text, language):
        return self.tokenizer(text_target=text).input_ids[:-1]

    def start(self, model, language):
        return [model.config.decoder_start_token_id]

    def text(self, ids):
        return self.tokenizer.decode(ids, skip_special_tokens=True)


def generate(model, rows, prefix, beams):
    """Ids after the prefix up to the end token, and whether that was reached, by row."""
    import torch

    config = model.config
    width = max(map(len, rows))
    ids = torch.full((len(rows), width), config.pad_token_id)
    mask = torch.zeros((len(rows), width), dtype=torch.long)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    more = {"forced_bos_token_id": prefix[1]} if len(prefix) > 1 else {"bad_words_ids": [[config.pad_token_id]]}
    out = model.generate(
        input_ids=ids,
        attention_mask=mask,
        num_beams=beams,
        do_sample=False,
        length_penalty=LENGTH_PENALTY,
        early_stopping=False,
        max_new_tokens=MAX_TOKENS + len(prefix) - 1,
        **more,
    ).tolist()
    eos = config.eos_token_id
    out = [row[len(prefix) :] for row in out]
    return [(row[: row.index(eos)], True) if eos in row else (row[:MAX_TOKENS], False) for row in out]


def log_probs(model, source, prefix, target):
    import torch

    with torch.no_grad():
        logits = model(
            input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([prefix + target])
        ).logits[0]
    scores = torch.log_softmax(logits.double(), -1)
    labels = [*target, model.config.eos_token_id]
    return [float(scores[len(prefix) - 1 + i, label]) for i, label in enumerate(labels)]


def shaken(model):
    import numpy as np
    import torch

    other, dice = copy.deepcopy(model), np.random.RandomState(1)
    with torch.no_grad():
        for _, weight in sorted(other.named_parameters()):
            noise = torch.from_numpy(dice.standard_normal(tuple(weight.shape)))
            weight.mul_((1 + 1e-5 * noise).to(weight.dtype))
    return other


def cases(family, model, source, into, count):
    """What transformers makes of `count` sentences, and how many of them hung on a tie."""
    double = copy.deepcopy(model).double()
    others = [double, model, shaken(model)]
    texts = [t for t in sentences(source, count) if any(c.isalnum() for c in t)]
    targets = [t for t in sentences(into, count) if any(c.isalnum() for c in t)]
    # Half of the targets are not those of their sources.
    targets[::2] = [*targets[2::2], targets[0]]
    prefix = family.start(model, into)
    rows = [family.source(text, source) for text in texts]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    found = {}
    for beams in (1, BEAMS):
        for batch in (order[i : i + BATCH] for i in range(0, len(order), BATCH)):
            ways = [generate(m, [rows[i] for i in batch], prefix, beams) for m in others]
            for i, *same in zip(batch, *ways):
                found[i, beams] = same[0] if all(way == same[0] for way in same) else None
    out, dropped = [], 0
    for i, (text, target) in enumerate(zip(texts, targets)):
        if found[i, 1] is None or found[i, BEAMS] is None:
            dropped += 1
            continue
        case = {"direction": f"{source}-{into}", "source": text, "source_ids": rows[i]}
        for key, beams in (("greedy", 1), ("beam", BEAMS)):
            ids, ended = found[i, beams]
            scores = log_probs(double, rows[i], prefix, ids)
            total = sum(scores if ended else scores[:-1])
            case[key] = {"ids": ids, "ended": ended, "text": family.text(ids), "log_prob": round(total, 6)}
        ids = family.target(target, into)
        scores = log_probs(double, rows[i], prefix, ids)
        case |= {"target": target, "target_ids": ids, "log_probs": [round(s, 6) for s in scores]}
        out.append(case)
    return out, dropped


def halve_merged(split, merged):
    """A merged decoder of half precision out of split ones: `convert_float_to_float16` puts the
    casts of a branch where the branch does not see them, and the merged graph is valid no more."""
    from optimum.onnx.graph_transformations import merge_decoders

    stems = [name.removesuffix(".onnx") for name in (export_onnx.DECODER, export_onnx.PAST)]
    halves = [split / f"{stem}_fp16.onnx" for stem in stems]
    merge_decoders(*halves, save_path=merged / export_onnx.MERGED.replace(".onnx", "_fp16.onnx"), strict=False)
    name = export_onnx.ENCODER.replace(".onnx", "_fp16.onnx")
    shutil.copyfile(split / name, merged / name)


class ByRuntime:
    """Forced decoding by ONNX Runtime from an encoder and a merged decoder."""

    def __init__(self, graphs, ending, model):
        import numpy as np
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        stems = [name.removesuffix(".onnx") for name in (export_onnx.ENCODER, export_onnx.MERGED)]
        self.encoder, self.decoder = (
            onnxruntime.InferenceSession(graphs / f"{stem}{ending}.onnx", options) for stem in stems
        )
        config = model.config
        heads = config.decoder_attention_heads
        past = [outlet for outlet in self.decoder.get_inputs() if outlet.name.startswith("past")]
        kind = np.float16 if "16" in past[0].type else np.float32
        empty = np.zeros((1, heads, 0, config.d_model // heads), kind)
        self.empty = {outlet.name: empty for outlet in past}
        self.empty["use_cache_branch"] = np.array([False])
        self.eos = config.eos_token_id

    def log_probs(self, source, prefix, target):
        import numpy as np

        ids, mask = np.array([source]), np.ones((1, len(source)), np.int64)
        hidden = self.encoder.run(["last_hidden_state"], {"input_ids": ids, "attention_mask": mask})[0]
        inputs = {
            "input_ids": np.array([prefix + target]),
            "encoder_attention_mask": mask,
            "encoder_hidden_states": hidden,
            **self.empty,
        }
        logits = self.decoder.run(["logits"], inputs)[0][0].astype(np.float64)[len(prefix) - 1 :]
        logits -= logits.max(-1, keepdims=True)
        logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
        return [round(float(logits[i, label]), 6) for i, label in enumerate([*target, self.eos])]


def export(family, model, checkpoint, folder, layout, part, small):
    """The graphs of `model` and what lies beside them."""
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers.float16 import convert_float_to_float16
    from optimum.exporters.onnx import onnx_export_from_model
    import onnx

    out = folder / layout / part
    out.mkdir(parents=True, exist_ok=True)
    merged = layout != "split"
    graphs = out / "onnx" if layout == "hub" else out
    graphs.mkdir(exist_ok=True)
    names = [export_onnx.ENCODER]
    names += [export_onnx.MERGED] if merged else [export_onnx.DECODER, export_onnx.PAST]
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        onnx_export_from_model(
            model=model,
            output=scratch,
            task="text2text-generation-with-past",
            opset=18,
            no_post_process=not merged,
            do_validation=False,
            device="cpu",
        )
        shutil.copyfile(scratch / "config.json", out / "config.json")
        for name in names:
            if small:
                graph = onnx.load(scratch / name)
                export_onnx.tidy(graph)
                (graphs / name).write_bytes(export_onnx.serialise(graph))
            else:
                shutil.copyfile(scratch / name, graphs / name)
            stem = name.removesuffix(".onnx")
            if layout == "split":
                half = convert_float_to_float16(onnx.load(graphs / name), keep_io_types=False)
                onnx.save(half, graphs / f"{stem}_fp16.onnx")
            elif layout == "merged" and not small:
                halve_merged(folder / "split" / part, graphs)
            elif layout == "hub" and not small:
                quantize_dynamic(
                    graphs / name,
                    graphs / f"{stem}_quantized.onnx",
                    weight_type=QuantType.QInt8,
                    extra_options={"EnableSubgraph": True},
                )
    if small:
        config = json.loads((out / "config.json").read_text(encoding="utf8"))
        for key in ("transformers_version", "_name_or_path", "torch_dtype", "dtype"):
            config.pop(key, None)
        export_onnx.write_json(out / "config.json", config)
    family.files(checkpoint, out, layout)


def members():
    return [M2m100()], [Nllb()], [Marian("id", "en"), Marian("en", "id")]


def directions(family):
    return [family.languages] if family.pair else [("id", "en"), ("en", "id")]


def tokens(family, texts):
    """What the tokenizer makes of each text, as source and as target."""
    for source, into in directions(family):
        for text in texts:
            yield {
                "part": "-".join(family.languages) if family.pair else "",
                "direction": f"{source}-{into}",
                "text": text,
                "source_ids": family.source(text, source),
                "target_ids": family.target(text, into),
            }


def write_tokens(folder, tokens):
    with open(folder / "tokens.jsonl", "w", encoding="utf8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in tokens)


def tokenizers(out, files):
    """Tokenizers without models."""
    lines = [path.read_text(encoding="utf8").split("\n") for path in files]
    for of_one_family in members():
        folder = out / of_one_family[0].name
        found = []
        for family in of_one_family:
            with tempfile.TemporaryDirectory() as checkpoint:
                checkpoint = Path(checkpoint)
                family.tokenize(checkpoint, lines=lines[0])
                for layout in ("split", "hub"):
                    part = folder / layout / ("-".join(family.languages) if family.pair else "")
                    part.mkdir(parents=True, exist_ok=True)
                    family.files(checkpoint, part, layout)
                found += tokens(family, [line for some in lines for line in some])
        write_tokens(folder, found)
        print(f"{folder.name}: {len(found)} lines", flush=True)


def run(out, small):
    count = FIXTURE_SENTENCES + len(HARD) if small else 260
    for of_one_family in members():
        name = of_one_family[0].name
        folder = out / name
        golden, dropped, cut = [], 0, []
        for family in of_one_family:
            with tempfile.TemporaryDirectory() as checkpoint:
                checkpoint = Path(checkpoint)
                model = family.make(checkpoint, small)
                loss = train(family, model, directions(family))
                print(f"{name} {directions(family)[0]}: trained to {loss:.2f} nats a token", flush=True)
                model.save_pretrained(checkpoint)
                part = "-".join(family.languages) if family.pair else ""
                layouts = ["split", "merged", "hub"]
                if small:
                    layouts = {"m2m100": ["split"], "nllb": ["hub"], "marian": ["merged"]}[name]
                for layout in layouts:
                    export(family, model, checkpoint, folder, layout, part, small)
                runtimes = {}
                if not small:
                    texts = [*sentences("id", 400), *sentences("en", 400)]
                    cut += tokens(family, texts)
                    runtimes = {
                        "fp16": ByRuntime(folder / "merged" / part, "_fp16", model),
                        "int8": ByRuntime(folder / "hub" / part / "onnx", "_quantized", model),
                    }
                for source, into in directions(family):
                    more, lost = cases(family, model, source, into, count)
                    prefix = family.start(model, into)
                    for case in more:
                        case |= {
                            key: runtime.log_probs(case["source_ids"], prefix, case["target_ids"])
                            for key, runtime in runtimes.items()
                        }
                    golden += more
                    dropped += lost
        ended = sum(case["greedy"]["ended"] for case in golden)
        different = len({tuple(case["greedy"]["ids"]) for case in golden})
        print(f"{name}: {len(golden)} cases, {ended} ended, {different} different, {dropped} dropped")
        settings = {
            "max_tokens": MAX_TOKENS,
            "beams": BEAMS,
            "length_penalty": LENGTH_PENALTY,
            "early_stopping": False,
        }
        value = {"schema": 1, "made_by": "scripts/families.py", "dropped": dropped,
                 "settings": settings, "cases": golden}
        (folder / "golden.json").write_text(dump(value), encoding="utf8")
        if cut:
            write_tokens(folder, cut)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, help="the folder to write")
    parser.add_argument("--fixtures", action="store_true", help="tiny, for the repository")
    parser.add_argument("--tokenizers", type=Path, nargs="+", metavar="FILE", help="of these lines, and no models")
    args = parser.parse_args()
    export_onnx.quiet()
    import torch

    torch.set_num_threads(1)
    if args.tokenizers:
        tokenizers(args.out, args.tokenizers)
    else:
        run(args.out, args.fixtures)


if __name__ == "__main__":
    try:
        main()
    except ModuleNotFoundError as error:
        sys.exit(
            f"families.py: no module `{error.name}`; pip install -r scripts/requirements-export.txt"
        )
    except (export_onnx.ExportError, OSError) as error:
        sys.exit(f"families.py: {error}")
