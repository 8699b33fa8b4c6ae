#!/usr/bin/env python3
"""Step 6: what an exported model is worth, run as users run it.

    evaluate.py MODEL TEST.id TEST.en [TEST.id TEST.en …] [--beams 1 4] [--cermat PROGRAM]

Translates each pair of texts in both directions with `cermat translate --model MODEL` and prints a
Markdown table: BLEU and chrF of sacreBLEU, and how often the model goes astray on clean text, which
is what becomes cermat's false alarms:

- *short*, *long*: translations of less than half, more than twice the length of the reference;
- *strange*: no content word (four letters and more) in common with the reference, of at least five;
- *loops*: some word or phrase four times in a row.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

LOOP = re.compile(r"\b(\w+(?:\W+\w+){0,3}?)(?:\W+\1\b){3,}", re.IGNORECASE)


def translate(program, model, text, direction, beams):
    command = [program, "translate", "--quiet", "--model", model, "--direction", direction,
               "--beams", str(beams), str(text)]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf8")
    if run.returncode not in (0, 3):
        sys.exit(f"{' '.join(command)}: exit code {run.returncode}")
    return run.stdout.split("\n")[:-1]


def content(text):
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 3}


def astray(hypotheses, references):
    """Shares in per cent: short, long, strange, loops."""
    counts = [0, 0, 0, 0]
    for hypothesis, reference in zip(hypotheses, references):
        words = content(reference)
        counts[0] += len(hypothesis) < len(reference) / 2
        counts[1] += len(hypothesis) > len(reference) * 2
        counts[2] += len(words) >= 5 and not words & content(hypothesis)
        counts[3] += bool(LOOP.search(hypothesis))
    return [100 * n / len(references) for n in counts]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("texts", nargs="+", type=Path, metavar="TEST.id TEST.en")
    parser.add_argument("--beams", nargs="+", type=int, default=[1])
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--cermat", default=str(root / "target/release/cermat"))
    args = parser.parse_args()
    if len(args.texts) % 2:
        parser.error("texts come in pairs")
    from sacrebleu.metrics import BLEU, CHRF

    bleu, chrf = BLEU(), CHRF()
    print("| test | direction | search | BLEU | chrF | short % | long % | strange % | loops % |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for indonesian, english in zip(args.texts[::2], args.texts[1::2]):
        for direction, source, target in (("id-en", indonesian, english), ("en-id", english, indonesian)):
            references = target.read_text(encoding="utf8").split("\n")[:-1]
            for beams in args.beams:
                found = translate(args.cermat, args.model, source, direction, beams)
                if len(found) != len(references):
                    sys.exit(f"{source}: {len(found)} lines, {target}: {len(references)}")
                scores = [bleu.corpus_score(found, [references]).score, chrf.corpus_score(found, [references]).score]
                search = "greedy" if beams == 1 else f"beam {beams}"
                cells = " | ".join(f"{value:.1f}" for value in scores + astray(found, references))
                print(f"| {source.stem} | {direction} | {search} | {cells} |", flush=True)
    print(f"\n{bleu.get_signature()}, {chrf.get_signature()}")


if __name__ == "__main__":
    main()
