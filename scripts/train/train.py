#!/usr/bin/env python3
"""Step 3: trains one model for both directions, on a GPU or a CPU.

    train.py CONFIG [--minutes N]

The architecture is Hugging Face's M2M100, so that public models of the family run through the same
code. Everything is drawn from `seed` and the number of the step, and the schedule counts steps:
two runs on one machine have the same losses, and a run that was stopped (`--minutes`, Ctrl-C, kill)
goes on as if it had not been. `state.pt` in the work folder is what it goes on from; `losses.tsv`
the curve; `average-<step>.safetensors` averaged weights at every save of the last third.

Muon (Jordan 2024) for matrices, AdamW for the rest; linear warm-up, flat, linear decay over the
last `decay` of the steps; label smoothing; exponential average of the weights. bfloat16 on a GPU,
float32 on a CPU (half of today's have no fast bfloat16: 40 times slower, measured).

Besides translation, in shares of the examples: `noise`, where words of the source are dropped,
doubled or swapped, so that a damaged sentence still gets a faithful translation; `no-source`, an
empty source, so that the decoder also gives p(sentence).
"""

import math
import re
import signal
import sys
import time

import numpy as np
import torch
from tokenizers import Tokenizer

from config import Config

IGNORED = -100
NS = (3.4445, -4.7750, 2.0315)  # Newton–Schulz coefficients of Muon


class Examples:
    """The corpus in both directions, drawn in batches of like length."""

    def __init__(self, config, tokenizer):
        pack = np.load(config.work / "corpus.npz")
        self.ids = [pack["id"].astype(np.int64), pack["en"].astype(np.int64)]
        self.at = [pack["id_at"], pack["en_at"]]
        self.length = [np.diff(at) for at in self.at]
        self.language = [tokenizer.token_to_id("__id__"), tokenizer.token_to_id("__en__")]
        self.pad, self.eos = tokenizer.token_to_id("<pad>"), tokenizer.token_to_id("</s>")
        self.settings = config["train"]
        weight = np.ones(len(pack["tags"]))
        for pattern, value in self.settings.get("weights", {}).items():
            weight[[bool(re.search(pattern, str(tag))) for tag in pack["tags"]]] = value
        self.weight = weight[pack["tag"]]

    def epoch(self, number):
        """The batches of an epoch: `(width, rows, directions)`."""
        random = np.random.default_rng([self.settings["seed"], 1, number])
        rows, directions = [], []
        for direction in (0, 1):
            whole = np.floor(self.weight).astype(int)
            copies = whole + (random.random(len(whole)) < self.weight - whole)
            rows.append(np.repeat(np.arange(len(whole)), copies))
            directions.append(np.full(len(rows[-1]), direction))
        rows, directions = np.concatenate(rows), np.concatenate(directions)
        order = random.permutation(len(rows))
        rows, directions = rows[order], directions[order]
        # Few widths: kernels are prepared for each shape.
        width = -(-(np.maximum(self.length[0][rows], self.length[1][rows]) + 2) // 8) * 8
        batches = []
        for w in np.unique(width):
            same = np.nonzero(width == w)[0]
            size = max(1, self.settings["tokens"] // int(w))
            batches += [(int(w), rows[same[i : i + size]], directions[same[i : i + size]]) for i in range(0, len(same), size)]
        return [batches[i] for i in random.permutation(len(batches))]

    def damaged(self, ids, random):
        ids = list(ids)
        for _ in range(max(1, len(ids) // 12)):
            if len(ids) < 4:
                break
            i, kind = random.integers(0, len(ids) - 1), random.integers(0, 3)
            if kind == 0:
                del ids[i]
            elif kind == 1:
                ids.insert(i, ids[i])
            else:
                ids[i], ids[i + 1] = ids[i + 1], ids[i]
        return ids

    def tensors(self, batch, step):
        """Source ids, decoder input and labels, each `[rows, width]`."""
        width, rows, directions = batch
        random = np.random.default_rng([self.settings["seed"], 2, step])
        source = np.full((len(rows), width), self.pad)
        decoder, labels = source.copy(), np.full((len(rows), width), IGNORED)
        fate = random.random(len(rows))
        noise, none = self.settings.get("noise", 0), self.settings.get("no-source", 0)
        for i, (row, direction) in enumerate(zip(rows, directions)):
            cut = lambda side: self.ids[side][self.at[side][row] : self.at[side][row + 1]]
            x, y = cut(direction), cut(1 - direction)
            if fate[i] < none:
                x = x[:0]
            elif fate[i] < none + noise:
                x = self.damaged(x, random)[: width - 2]
            source[i, : len(x) + 2] = [self.language[direction], *x, self.eos]
            decoder[i, : len(y) + 2] = [self.eos, self.language[1 - direction], *y]
            labels[i, : len(y) + 2] = [self.language[1 - direction], *y, self.eos]
        return tuple(torch.from_numpy(array) for array in (source, decoder, labels))


class Muon(torch.optim.Optimizer):
    """Momentum, made orthogonal; scaled so that AdamW's learning rates fit (Liu et al. 2025)."""

    def __init__(self, parameters, lr, momentum=0.95, decay=0.01):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight)
                state["momentum"].lerp_(weight.grad, 1 - group["momentum"])
                update = weight.grad.lerp(state["momentum"], group["momentum"])
                update = orthogonal(update) * 0.2 * math.sqrt(max(update.shape))
                weight.mul_(1 - group["lr"] * group["decay"]).add_(update, alpha=-group["lr"])


def orthogonal(matrix, rounds=5):
    x = matrix.bfloat16() if matrix.is_cuda else matrix
    flip = x.shape[0] > x.shape[1]
    x = x.T if flip else x
    x = x / (x.norm() + 1e-7)
    a, b, c = NS
    for _ in range(rounds):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.T if flip else x).to(matrix.dtype)


class Loss(torch.autograd.Function):
    """Label-smoothed cross-entropy of `hidden @ table.T`, chunk by chunk, with the gradients made on
    the way: the logits of a batch never stand in memory whole."""

    CHUNK = 2048

    @staticmethod
    def forward(context, hidden, table, labels, smoothing, dtype):
        real = (labels != IGNORED).nonzero()[:, 0]
        count, vocabulary = max(1, len(real)), table.shape[0]
        weight = table.to(dtype)
        to_hidden, to_table = torch.zeros_like(hidden), torch.zeros_like(table)
        total = hidden.new_zeros(())
        for rows in real.split(Loss.CHUNK):
            h, y = hidden[rows].to(dtype), labels[rows, None]
            logits = (h @ weight.T).float()
            norm = logits.logsumexp(1, keepdim=True)
            wanted = (1 - smoothing) * logits.gather(1, y) + smoothing * logits.mean(1, keepdim=True)
            total += (norm - wanted).sum() / count
            gradient = logits.sub_(norm).exp_().sub_(smoothing / vocabulary)
            gradient.scatter_add_(1, y, torch.full_like(y, -(1 - smoothing), dtype=gradient.dtype))
            gradient = gradient.mul_(1 / count).to(dtype)
            to_hidden[rows] = (gradient @ weight).to(to_hidden.dtype)
            to_table += (gradient.T @ h).to(to_table.dtype)
        context.save_for_backward(to_hidden, to_table)
        return total

    @staticmethod
    def backward(context, factor):
        to_hidden, to_table = context.saved_tensors
        return to_hidden * factor, to_table * factor, None, None, None


def build(config, tokenizer, attention="sdpa"):
    """The model, fresh or from `train.init`."""
    from transformers import M2M100Config, M2M100ForConditionalGeneration

    model, token = config["model"], tokenizer.token_to_id
    settings = M2M100Config(
        vocab_size=tokenizer.get_vocab_size(), d_model=model["d"],
        encoder_layers=model["encoder-layers"], decoder_layers=model["decoder-layers"],
        encoder_attention_heads=model["heads"], decoder_attention_heads=model["heads"],
        encoder_ffn_dim=model["ffn"], decoder_ffn_dim=model["ffn"], max_position_embeddings=1024,
        dropout=model["dropout"], attention_dropout=0.0, activation_dropout=0.0,
        encoder_layerdrop=0.0, decoder_layerdrop=0.0, bos_token_id=token("<s>"),
        pad_token_id=token("<pad>"), eos_token_id=token("</s>"), decoder_start_token_id=token("</s>"),
    )
    settings._attn_implementation = attention
    if init := config["train"].get("init"):
        return M2M100ForConditionalGeneration.from_pretrained(
            config.path(init), config=settings, dtype=torch.float32, attn_implementation=attention
        )
    return M2M100ForConditionalGeneration(settings)


def main(config, arguments):
    settings = config["train"]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    torch.manual_seed(settings["seed"])
    tokenizer = Tokenizer.from_file(str(config.work / "tokenizer.json"))
    examples = Examples(config, tokenizer)
    model = build(config, tokenizer).to(device).train()
    named = dict(model.named_parameters())
    matrices = [p for name, p in named.items() if p.ndim == 2 and "shared" not in name and "embed" not in name]
    chosen = {id(p) for p in matrices}
    others = [p for p in named.values() if id(p) not in chosen]
    rate = settings["learning-rate"]
    optimizers = [Muon(matrices, rate), torch.optim.AdamW(others, rate, betas=(0.9, 0.98), weight_decay=0.0)]
    average = {name: p.detach().clone() for name, p in named.items()}
    place = {"step": 0, "epoch": 0, "batch": 0, "tokens": 0, "seconds": 0.0}
    path = config.work / "state.pt"
    if path.exists():
        saved = torch.load(path, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        average, place = saved["average"], saved["place"]
        for optimizer, state in zip(optimizers, saved["optimizers"]):
            optimizer.load_state_dict(state)
        print(f"goes on from step {place['step']}", flush=True)

    def save():
        state = {
            "model": model.state_dict(), "average": average, "place": place,
            "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        }
        torch.save(state, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)
        if place["step"] * 3 >= settings["steps"] * 2:
            from safetensors.torch import save_file

            save_file({k: v.cpu().contiguous() for k, v in average.items()}, config.work / f"average-{place['step']}.safetensors")

    stop = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.append(True))
    steps, begun = settings["steps"], time.monotonic()
    saved_at, limit = begun, (arguments.minutes or math.inf) * 60
    batches = examples.epoch(place["epoch"])
    curve = open(config.work / "losses.tsv", "a", encoding="utf8")
    while place["step"] < steps and not stop and time.monotonic() - begun < limit:
        tick = time.monotonic()
        step = place["step"]
        progress = (steps - step) / (steps * settings["decay"])
        scale = min(1, (step + 1) / settings["warm-up"], max(0.01, progress))
        for optimizer in optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * scale
        loss_of_step, parts = 0.0, settings.get("accumulate", 1)
        # Dropout follows the step, so that a stopped run goes on as it would have.
        torch.manual_seed(settings["seed"] * 1_000_003 + step)
        for part in range(parts):
            if place["batch"] == len(batches):
                place["epoch"], place["batch"] = place["epoch"] + 1, 0
                batches = examples.epoch(place["epoch"])
            batch = batches[place["batch"]]
            place["batch"] += 1
            source, decoder, labels = (t.to(device) for t in examples.tensors(batch, step * parts + part))
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                hidden = model.model(
                    input_ids=source, attention_mask=(source != examples.pad).long(), decoder_input_ids=decoder
                ).last_hidden_state
            hidden = hidden.float().flatten(0, 1)
            loss = Loss.apply(hidden, model.lm_head.weight, labels.flatten(), settings["smoothing"], dtype)
            (loss / parts).backward()
            loss_of_step += float(loss.detach()) / parts
            place["tokens"] += int((labels != IGNORED).sum())
        torch.nn.utils.clip_grad_norm_(named.values(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        place["step"] += 1
        keep = min(settings["average"], (1 + place["step"]) / (10 + place["step"]))
        with torch.no_grad():
            for name, p in named.items():
                average[name].lerp_(p.detach(), 1 - keep)
        now = time.monotonic()
        place["seconds"] += now - tick
        curve.write(f"{place['step']}\t{loss_of_step:.4f}\t{place['tokens']}\t{place['seconds']:.0f}\t{rate * scale:.6f}\n")
        if place["step"] % 20 == 0:
            curve.flush()
            print(f"step {place['step']} loss {loss_of_step:.3f} {place['tokens'] / 1e6:.2f} M tokens, {place['tokens'] / place['seconds']:.0f} a second", flush=True)
        if now - saved_at > settings.get("save-minutes", 10) * 60:
            saved_at = now
            save()
    save()
    print(f"{'done' if place['step'] >= steps else 'stopped'} at step {place['step']} of {steps}", flush=True)


if __name__ == "__main__":
    main(*Config.from_arguments(__doc__, ("--minutes", {"type": float, "help": "stop after this long"})))
