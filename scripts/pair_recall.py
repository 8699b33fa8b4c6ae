#!/usr/bin/env python3
"""What the checks of pairs find in human pairs, and in the same pairs damaged on purpose.

    pair_recall.py PAIRS.tsv… [--cermat PROGRAM] [--direction en-id] [--rows 500] [--seed 1]
                   [--options "--no-model"] [--show CODE|CLASS]

PAIRS has English, a tab, Indonesian. Prints, for undamaged pairs, findings by check and by severity
per 1,000 pairs; then by kind of damage how many of up to ROWS damaged pairs have a finding, of the
checks that are made for it and of any check of pairs. The damage is done to the target:

negation (a negation is taken out), name (a name is taken out), wrong-name (it becomes a name of another
pair), clause (from a comma on, a quarter of the words or more), number (one digit changes), copy (the
source stands for the target), half-copy (its second half does), addition (a sentence of another pair
behind it), question (the question mark becomes a full stop), brackets (a remark in brackets is taken
out), swap (two names change places), sentence (one of several sentences is taken out).
"""

import argparse
import collections
import json
import random
import re
import subprocess
import tempfile
from pathlib import Path

PAIR_CODES = {"ACC002", "ACC004", "ACC006", "ACC007", "ACC010", "ACC011", "ACC012", "ACC013", "ACC014", "ACC015", "ACC016", "LNG020", "LNG021", "MKP004", "TRM001", "TRM002", "TRM004"}
MADE_FOR = {
    "negation": {"ACC006"},
    "name": {"ACC007", "ACC016"},
    "wrong-name": {"ACC007"},
    "clause": {"ACC002", "LNG020"},
    "sentence": {"ACC002", "LNG020"},
    "number": {"ACC004"},
    "copy": {"ACC011"},
    "half-copy": {"ACC011"},
    "addition": {"ACC010", "LNG020"},
    "question": {"LNG021"},
    "brackets": {"LNG021"},
    "swap": {"ACC015"},
    "roles": {"ACC015"},
    "unit": {"ACC012"},
    "month": {"ACC013"},
    "weekday": {"ACC013"},
    "day": {"ACC013", "ACC004"},
    "currency": {"ACC014"},
    "scale": {"ACC004"},
    "added-negation": {"ACC006"},
}
NEGATION = {
    "id": r"\b(?:tidak|bukan|tanpa|jangan|belum|tak)\b ?",
    "en": r"\b(?:not|never|without|cannot|no)\b ?|n['’]t\b",
}
FIXED = r"(?i)tidak hanya|bukan hanya|paling tidak|setidak|jika tidak|tidak lagi|not only|not just|no longer|or not|no later|at no"
NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?: [A-Z][a-z]+)?\b")


NUMBER = r"(?:[0-9][0-9.,]*|\b(?:dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|two|three|four|five|six|seven|eight|nine|ten))"
# Words for units, in groups of one kind; a word becomes another one of its group.
UNITS = {
    "id": ["km kilometer mil kaki meter", "kg kilogram pon ton", "jam menit detik", "hari minggu bulan tahun", "persen meter", "hektar hektare ekar", "Celsius Celcius Fahrenheit"],
    "en": ["km kilometers kilometres miles feet meters metres", "kg kilograms pounds tons", "hours minutes seconds", "days weeks months years", "percent meters", "hectares acres", "Celsius Fahrenheit"],
}
SAME_UNIT = [{"km", "kilometer", "kilometers", "kilometres"}, {"kg", "kilogram", "kilograms"}, {"hektar", "hektare"}, {"meters", "metres"}, {"Celsius", "Celcius"}]
MONTHS = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split(),
    "en": "January February March April May June July August September October November December".split(),
}
WEEKDAYS = {
    "id": "Senin Selasa Rabu Kamis Jumat Sabtu".split(),
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday".split(),
}
# Words and signs of money, by currency.
MONEY = {
    "id": [("dolar", "rupiah"), ("dolar AS", "euro"), ("euro", "rupiah"), ("yen", "yuan"), ("poundsterling", "dolar"), ("US$", "Rp"), ("$", "€"), ("Rp", "$"), ("USD", "EUR"), ("rupiah", "ringgit"), ("£", "$"), ("€", "£")],
    "en": [("dollars", "rupiah"), ("dollars", "euros"), ("euros", "dollars"), ("yen", "yuan"), ("pounds", "dollars"), ("US$", "Rp"), ("$", "€"), ("Rp", "$"), ("USD", "EUR"), ("rupiah", "ringgit"), ("£", "$"), ("€", "£")],
}
SCALES = {"id": ["ribu", "juta", "miliar", "triliun"], "en": ["thousand", "million", "billion", "trillion"]}
# Two names around a verb, in either voice.
ROLES = {
    "id": re.compile(r"\b([A-Z][a-z]{2,}) (?:(?:telah|akan|sudah|juga|pernah|bisa|dapat|sedang) )?(?:me[a-z]{4,}|di[a-z]{4,})(?: oleh)? ([A-Z][a-z]{2,})\b"),
    "en": re.compile(r"\b([A-Z][a-z]{2,}) (?:(?:has|had|have|will|also|was|were|is|are) )?(?:[a-z]{3,}(?:ed|s)|beat|won|led|met|took|told)(?: by)? ([A-Z][a-z]{2,})\b"),
}
VERB = {"id": re.compile(r"\b(?:meng|mem|men|meny|di)[a-z]{5,}\b"), "en": re.compile(r"\b(?:is|are|was|were|will|can|could|should|would|must)\b")}


def names(text, other):
    return [m for m in NAME.finditer(text) if m[0].split()[0] in other]


def damage(kind, source, target, language, pairs, rng):
    """The damaged target, or None where this damage is not possible."""
    words = target.split()
    if kind == "negation":
        found = [m for m in re.finditer(NEGATION[language], target, re.I)]
        other = NEGATION["en" if language == "id" else "id"]
        if not found or re.search(FIXED, target + source) or not re.search(other, source, re.I):
            return None
        m = rng.choice(found)
        return target[: m.start()] + target[m.end() :]
    if kind in ("name", "wrong-name"):
        found = names(target, source)
        if not found:
            return None
        m = rng.choice(found)
        new = ""
        if kind == "wrong-name":
            for _ in range(200):
                a, b = rng.choice(pairs)
                other = names(b, a)
                if other and other[0][0].split()[0] not in source + target:
                    new = other[0][0]
                    break
        return target[: m.start()] + new + target[m.end() + (not new) :]
    if kind == "clause":
        cuts = [m.start() for m in re.finditer(", ", target) if 0.25 <= 1 - m.start() / len(target) <= 0.7]
        return target[: rng.choice(cuts)] + target[-1] if cuts and len(words) >= 8 else None
    if kind == "sentence":
        parts = re.split(r"(?<=[a-z][.!?]) (?=[A-Z])", target)
        if len(parts) < 2 or len(re.split(r"(?<=[a-z][.!?]) (?=[A-Z])", source)) != len(parts):
            return None
        del parts[rng.randrange(len(parts))]
        return " ".join(parts)
    if kind == "number":
        found = [m for m in re.finditer(r"(?<![\w.,/-])[1-9]\d(?:[.,]?\d)*(?![\w/-])", target) if m[0] in source]
        if not found:
            return None
        m = rng.choice(found)
        digit = str((int(m[0][0]) + rng.randrange(1, 9) - 1) % 9 + 1)
        return target[: m.start()] + digit + target[m.start() + 1 :]
    if kind == "copy":
        return source if len(source.split()) >= 5 else None
    if kind == "unit":
        found = []
        for group in UNITS[language]:
            group = group.split()
            for m in re.finditer(rf"({NUMBER}[ -]?)({'|'.join(group)})\b(?! per|/)", target):
                others = [u for u in group if u != m[2] and not any({u, m[2]} <= same for same in SAME_UNIT)]
                found += [(m, rng.choice(others))] if others else []
        if not found:
            return None
        m, new = rng.choice(found)
        return target[: m.start(2)] + new + target[m.end(2) :]
    if kind in ("month", "weekday"):
        known = (MONTHS if kind == "month" else WEEKDAYS)[language]
        found = [m for name in known for m in re.finditer(rf"\b{name}\b", target)]
        if len(found) != 1:
            return None
        m = found[0]
        return target[: m.start()] + rng.choice([name for name in known if name != m[0]]) + target[m.end() :]
    if kind == "day":
        months = "|".join(MONTHS[language])
        before, after = rf"\b([1-9]|1[0-2]) (?=(?:{months})\b)", rf"(?<=\b)(?:{months}) ([1-9]|1[0-2])\b"
        found = re.search(before, target) or re.search(after, target)
        if not found:
            return None
        new = rng.choice([str(day) for day in range(1, 13) if str(day) != found[1]])
        return target[: found.start(1)] + new + target[found.end(1) :]
    if kind == "currency":
        for old, new in rng.sample(MONEY[language], len(MONEY[language])):
            word = old[-1].isalpha() and old[0].islower()
            m = re.search(rf"(?<=[0-9a-z] ){old}\b" if word else rf"(?<![A-Za-z]){re.escape(old)}\.? ?(?=[0-9])", target)
            if m:
                return target[: m.start()] + new + (" " if not word and m[0].endswith(" ") else "") + target[m.end() :]
        return None
    if kind == "scale":
        found = [m for word in SCALES[language] for m in re.finditer(rf"{NUMBER} ({word})\b", target)]
        if not found:
            return None
        m = rng.choice(found)
        at = SCALES[language].index(m[1])
        return target[: m.start(1)] + SCALES[language][at + 1 if at < 3 else at - 1] + target[m.end(1) :]
    if kind == "roles":
        found = [m for m in ROLES[language].finditer(target) if m[1] != m[2] and m[2] in source and m[1] in source]
        if not found:
            return None
        m = rng.choice(found)
        return target[: m.start(1)] + m[2] + target[m.end(1) : m.start(2)] + m[1] + target[m.end(2) :]
    if kind == "added-negation":
        found = list(VERB[language].finditer(target))
        if not found or re.search(NEGATION[language], target, re.I):
            return None
        m = rng.choice(found)
        return target[: m.start()] + "tidak " + target[m.start() :] if language == "id" else target[: m.end()] + " not" + target[m.end() :]
    if kind == "half-copy":
        own = source.split()
        return " ".join(words[: len(words) // 2] + own[len(own) // 2 :]) if len(own) >= 14 else None
    if kind == "addition":
        other = rng.choice(pairs)[1]
        return f"{target} {other}" if len(words) >= 6 and 6 <= len(other.split()) <= 25 else None
    if kind == "question":
        return target[:-1] + "." if target.endswith("?") and source.endswith("?") else None
    if kind == "brackets":
        found = re.search(r" \([^()]* [^()]*\)", target)
        return target[: found.start()] + target[found.end() :] if found and target.count("(") == 1 and source.count("(") == 1 else None
    if kind == "swap":
        found = names(target, source)
        if len(found) < 2 or found[0][0] == found[-1][0]:
            return None
        a, b = found[0], found[-1]
        return target[: a.start()] + b[0] + target[a.end() : b.start()] + a[0] + target[b.end() :]
    raise ValueError(kind)


def findings(args, rows):
    """The findings of each row, each row a document of its own block."""
    out = [[] for _ in rows]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.tsv"
        path.write_text("source\ttarget\n" + "".join(f"{a}\t{b}\n" for a, b in rows), encoding="utf8")
        command = [args.cermat, "check", "--quiet", "--format", "jsonl", "--direction", args.direction, str(path)]
        run = subprocess.run(command + args.options.split(), stdout=subprocess.PIPE, text=True, encoding="utf8")
    if run.returncode not in (0, 1, 3):
        raise SystemExit(f"cermat ended with {run.returncode}")
    for line in run.stdout.splitlines():
        row = json.loads(line)
        if row["segment"] is not None:
            out[row["line"] - 2] += row["findings"]
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path, nargs="+")
    parser.add_argument("--cermat", default="target/release/cermat")
    parser.add_argument("--direction", default="en-id", choices=["en-id", "id-en"])
    parser.add_argument("--rows", type=int, default=500)
    parser.add_argument("--clean", type=int, default=5000, help="undamaged pairs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--options", default="--no-model")
    parser.add_argument("--show", help="print the clean pairs with this code, or the missed pairs of this damage")
    args = parser.parse_args()
    pairs = []
    for path in args.pairs:
        rows = (line.split("\t") for line in path.read_text(encoding="utf8").splitlines())
        pairs += [(a, b) if args.direction == "en-id" else (b, a) for a, b, *_ in rows if a.strip() and b.strip()]
    rng = random.Random(args.seed)
    rng.shuffle(pairs)
    language = args.direction[3:]

    clean = pairs[: args.clean]
    found = findings(args, clean)
    codes, severities, flagged = collections.Counter(), collections.Counter(), collections.Counter()
    for (source, target), some in zip(clean, found):
        flagged.update({finding["code"] for finding in some})
        for finding in some:
            codes[finding["code"]] += 1
            severities[finding["severity"]] += 1
            if args.show == finding["code"]:
                print(f"{finding['severity']} {finding['message']} ⟦{finding['text'][:60]}⟧\n  {source[:240]}\n  {target[:240]}")
    n = len(clean)
    print(f"{n} clean pairs, per 1,000: " + ", ".join(f"{k} {1000 * v / n:.1f}" for k, v in sorted(severities.items())))
    print("  " + ", ".join(f"{code} {1000 * flagged[code] / n:.1f}" for code in sorted(codes)))
    usual = [{finding["code"] for finding in some} for some in found]
    usual = dict(zip(clean, usual))
    for kind, made_for in MADE_FOR.items():
        rows = []
        for source, target in clean:
            bad = damage(kind, source, target, language, clean, rng)
            if bad and bad.strip() and bad != target and len(rows) < args.rows:
                rows.append((source, bad, target))
        if not rows:
            continue
        hits = own = 0
        for (source, bad, target), some in zip(rows, findings(args, [row[:2] for row in rows])):
            codes = {finding["code"] for finding in some}
            own += bool(codes & made_for)
            hits += bool(codes & PAIR_CODES)
            if args.show == kind and not codes & made_for:
                print(f"  {source[:240]}\n  {bad[:240]}\n")
        near = sum(bool(usual[source, target] & made_for) for source, _, target in rows)
        print(f"{kind:11} {len(rows):4} pairs: {own / len(rows):.3f} by {'/'.join(sorted(made_for)) or 'no check'}, {hits / len(rows):.3f} by any; undamaged {near / len(rows):.3f}")


if __name__ == "__main__":
    main()
