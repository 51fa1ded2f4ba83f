#!/usr/bin/env python3
"""Writes conlleval.json: what the CoNLL scorer says about random and damaged tags, for the tests of
Reel's span scores.

    pip download seqeval==1.2.2 --no-binary :all: --no-deps
    make_conlleval_fixtures.py seqeval-1.2.2.tar.gz

The scorer, conlleval.pl (version of 2004-01-26, Erik Tjong Kim Sang), and its two sample files lie in
that archive. Neither the scorer nor the samples (newspaper text with the tags of CoNLL-2000) state
terms that would let them be passed on, so the fixture has only tags that this script makes itself,
and the reports. The samples are unpacked into corpora/.cache/conlleval, where the tests find them.

Needs perl.
"""

import json
import random
import subprocess
import sys
import tarfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
CACHE = FOLDER.parents[2] / "corpora/.cache/conlleval"
SAMPLES = ["ground_truth.txt", "ground_truth_inv.txt"]
TYPES = ["PER", "LOC", "ORG", "A-x", "é"]
# Letters that schemes have or that the scorer knows; types that are odd, missing or taken for
# missing; a hyphen too many.
ODD = [".", "[", "]", "[-LOC", "]-LOC", "B-0", "I-0", "B-", "I-", "PER", "-PER", "O-PER", ".-PER",
       "B", "I", "E", "S", "b-PER", "BI-PER", "B-e\u0301", "é-PER", "E-LOC", "L-LOC", "U-LOC"]


def spans(length):
    """Random spans (type, first, past the last) of a sentence."""
    result, start = [], 0
    while start < length:
        end = min(length, start + random.choice([1, 1, 2, 2, 3, 5]))
        if random.random() < 0.6:
            result.append((random.choice(TYPES[: random.choice([1, 3, 5])]), start, end))
        start = end
    return result


def tags(scheme, spans, length):
    result = ["O"] * length
    last = None
    for kind, start, end in spans:
        for place in range(start, end):
            if scheme == "iob1":
                letter = "B" if place == start and last == (kind, start) else "I"
            elif scheme == "iob2":
                letter = "B" if place == start else "I"
            else:
                begin, inside, final, single = "BIES" if scheme == "iobes" else "BILU"
                letter = (
                    single
                    if end - start == 1
                    else begin if place == start else final if place == end - 1 else inside
                )
            result[place] = f"{letter}-{kind}"
        last = (kind, end)
    return result


def damaged(tags, share, odd):
    result = list(tags)
    for place in range(len(result)):
        if random.random() >= share:
            continue
        choice = random.random()
        if choice < 0.25:
            result[place] = "O"
        elif choice < 0.5 and place > 0:
            result[place] = result[place - 1]
        elif odd and choice < 0.7:
            result[place] = random.choice(ODD)
        else:
            result[place] = f"{random.choice('BIESLU' if odd else 'BIES')}-{random.choice(TYPES[:3])}"
    return result


def run(scorer, text):
    result = subprocess.run(
        ["perl", scorer], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        check=True)
    lines = result.stdout.decode().splitlines()
    # Spans without a type get their line twice: the scorer asks whether the last type was true.
    kept = [line for place, line in enumerate(lines) if place == 0 or line != lines[place - 1]]
    return "".join(line + "\n" for line in kept)


def random_case(scorer, scheme, share, odd):
    sentences = []
    for _ in range(random.randint(1, 5)):
        length = random.choice([1, 2, 5, 9, 14])
        own = spans(length)
        gold = damaged(tags(scheme, own, length), share / 3, odd)
        other = own if random.random() < 0.7 else spans(length)
        sentences.append((gold, damaged(tags(scheme, other, length), share, odd)))
    text = "".join(
        "".join(f"w {a} {b}\n" for a, b in zip(gold, predicted)) + "\n"
        for gold, predicted in sentences)
    return {
        "gold": [" ".join(gold) for gold, _ in sentences],
        "predicted": [" ".join(predicted) for _, predicted in sentences],
        "report": run(scorer, text),
    }


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    random.seed(20)
    CACHE.mkdir(parents=True, exist_ok=True)
    with tarfile.open(sys.argv[1]) as archive:
        for name in ["conlleval.pl"] + ["data/" + sample for sample in SAMPLES]:
            file = archive.extractfile(f"seqeval-1.2.2/tests/{name}")
            (CACHE / Path(name).name).write_bytes(file.read())
    scorer = CACHE / "conlleval.pl"
    cases = []
    for scheme in ["iob1", "iob2", "iobes", "bilou"]:
        for share in [0, 0.1, 0.3, 0.8]:
            for odd in [False, True]:
                cases += [random_case(scorer, scheme, share, odd) for _ in range(7)]
    # Every pair of tags beside every other one: no rule is missed.
    every = ["O", "B-A", "I-A", "E-A", "S-A", "L-A", "U-A", "B-B", "I-B", "E-B", ".", "[", "]",
             "I-0", "B", "I"]
    for first in every:
        for second in every:
            gold = ["B-A", first, second, "O", first, second]
            predicted = [first, "I-A", second, "O", first, second]
            cases.append({"gold": [" ".join(gold)], "predicted": [" ".join(predicted)]})
            text = "".join(f"w {a} {b}\n" for a, b in zip(gold, predicted)) + "\n"
            cases[-1]["report"] = run(scorer, text)
    samples = {name: run(scorer, (CACHE / name).read_text()) for name in SAMPLES}
    fixture = {"cases": cases, "samples": samples}
    path = FOLDER / "conlleval.json"
    path.write_text(json.dumps(fixture, ensure_ascii=False, indent=0) + "\n")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
