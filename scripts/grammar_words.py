#!/usr/bin/env python3
"""Writes the classes of words that rules of grammar need and nobody can list by hand.

    grammar_words.py PARALLEL.tsv.xz MONO.id.txt.xz LICENCES.tsv OUT

OUT (src/lexicon/syntax/counted.tsv) gets classes in the format of its neighbours, from counts in
Indonesian texts that people wrote: PARALLEL has Indonesian, English, source tag, and its machine
translations (`-mt`) and the sources of licence class C in LICENCES are left out.

- `reversed`: two words of a frequent noun phrase the wrong way round (`surya_panel`): `panel surya`
  stands in PAIR lines or more, far more often than chance, `surya panel` next to never. No verbs and
  no words of grammar;
- `stub`: what is no word without its suffix (`mengejut`, of `mengejutkan`);
- `root`: what is no word without a prefix (`alir`, of `mengalir`);
- `transitive`: verbs in meN-…-kan or meN-…-i that end next to no sentence.
"""

import collections
import lzma
import math
import re
import sys

PAIR, ASSOCIATION, STUB, ROOT, TRANSITIVE = 5, 3.0, 60, 150, 60
TOKEN = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d[\d.,]*|[^\w\s]")
GRAMMAR = set(
    "yang dan di ke dari untuk pada dengan dalam ini itu tersebut adalah akan telah sudah tidak juga oleh"
    " sebagai atau ada dapat bisa karena saat lebih satu dua tiga empat lima enam tujuh delapan sembilan"
    " sepuluh para seorang sebuah suatu seperti mereka kami kita saya aku anda kamu dia ia beliau bagi"
    " hanya secara agar setelah sebelum ketika jika bila kalau namun tetapi tapi serta hingga sampai antara"
    " banyak beberapa semua seluruh setiap tiap masih belum harus sangat paling lagi lain lainnya bahwa"
    " tentang terhadap kepada maka atas bawah kedua ketiga pertama kali tanpa selama sejak melalui menurut"
    " maupun bahkan pun saja bukan hal salah yaitu yakni sedang pernah selain bersama cukup semakin kemudian"
    " lalu sehingga meski meskipun walau sementara sedangkan apa siapa mana kapan bagaimana mengapa berapa"
    " sini sana situ begitu demikian hari tahun bulan minggu pekan jam orang per sekitar hampir merupakan"
    " menjadi serta sendiri nama bernama bagian jumlah jenis sebagian besar sama masing-masing the of and"
    " in to maupun ya tak lebih kurang sebelumnya selanjutnya berikutnya lalu depan belakang kini sekarang"
    " terus tetap kembali sering selalu biasanya mungkin ingin mau boleh perlu mulai akhirnya sekali amat"
    " terlalu agak sambil supaya guna demi setengah puluh ratus ribu juta miliar triliun persen nomor".split()
)
VERB = re.compile(r"^(?:me[mnlrwy]|meng|ber|di|ter|memper|diper|ku|kau)[a-z]{3,}$")


def texts(parallel, mono, licences):
    with open(licences, encoding="utf8") as file:
        unlicensed = {line.split("\t")[0] for line in file if line.rstrip("\n").endswith("\tC")}
    with lzma.open(parallel, "rt", encoding="utf8") as file:
        for line in file:
            row = line.rstrip("\n").split("\t")
            if len(row) == 3 and row[2] not in unlicensed and not row[2].endswith("-mt"):
                yield row[0]
    with lzma.open(mono, "rt", encoding="utf8") as file:
        yield from file


def main():
    parallel, mono, licences, out = sys.argv[1:]
    words, pairs, last = collections.Counter(), collections.Counter(), collections.Counter()
    capital, seen = collections.Counter(), set()
    for text in texts(parallel, mono, licences):
        # Pages repeat: a pair counts once for each different line.
        text = text.strip()
        if hash(text) in seen or not any(letter.isupper() for letter in text):
            continue
        seen.add(hash(text))
        tokens = TOKEN.findall(text)
        for a, b in zip(tokens, tokens[1:] + ["."]):
            if not a.islower():
                capital[a.lower()] += 1
                continue
            words[a] += 1
            last[a] += b in ".!?,;:)"
            if b.islower() and a.isascii() and b.isascii():
                pairs[a, b] += 1
    total = sum(words.values())

    def nominal(word):
        return (
            len(word) > 2
            and word.isalpha()
            and word not in GRAMMAR
            and not VERB.match(word)
            and not word.endswith(("nya", "lah", "kah", "kan"))
            and words[word] >= 30
        )

    wrong = []
    for (head, modifier), count in pairs.items():
        if count < PAIR or head == modifier or not nominal(head) or not nominal(modifier):
            continue
        association = math.log(count * total / (words[head] * words[modifier]))
        other = pairs[modifier, head]
        if association >= ASSOCIATION and other * 40 < count:
            wrong.append(f"{modifier}_{head}")
    plain = [w for w in words if w.isascii() and w.isalpha() and len(w) > 3]
    stub = collections.Counter()
    for word in plain:
        for suffix in ("kan", "i"):
            base = word.removesuffix(suffix)
            if base != word and word.startswith(("me", "di")) and len(base) > 5:
                stub[base] += words[word]
    stubs = [w for w, n in stub.items() if n >= STUB and (words[w] + capital[w]) * 300 < n]
    derived = collections.Counter()
    for word in plain:
        for prefix in ("meng", "mem", "men", "me", "ber", "di", "ter", "memper", "pe", "pen", "pem", "peng"):
            root = word.removeprefix(prefix)
            if root != word and len(root) > 3:
                for suffix in ("kan", "an", "i", ""):
                    base = root.removesuffix(suffix) if suffix else root
                    if len(base) > 3:
                        derived[base] += words[word]
    prefixes = ("me", "be", "di", "te", "pe", "ke", "se")
    roots = [
        w
        for w, n in derived.items()
        if n >= ROOT
        and 2 <= words[w] and words[w] * 60 < n
        and capital[w] < 2 * words[w] + 5
        and not w.startswith(prefixes)
        and not w.endswith(("kan", "an", "i"))
    ]
    transitive = [
        w
        for w in plain
        if w.startswith("me") and w.endswith(("kan", "i")) and words[w] >= TRANSITIVE and last[w] * 60 < words[w]
    ]
    with open(out, "w", encoding="utf8") as file:
        file.write("# Classes that `scripts/grammar_words.py` counted; see there. Licence as cermat's.\n")
        for name, members in (
            ("reversed", wrong),
            ("stub", stubs),
            ("root", roots),
            ("transitive", transitive),
        ):
            file.write(f"@{name}\t{' '.join(sorted(members))}\n")
            print(name, len(members))


main()
