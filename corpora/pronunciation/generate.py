#!/usr/bin/env python3
"""Writes words and their sounds; see SOURCE.md.

    corpora/pronunciation/generate.py            writes train.tsv and test.tsv
    corpora/pronunciation/generate.py --check    fails unless they are what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Dict

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from generation import Random, main, tsv  # noqa: E402
from rhymes import LONGER, ONSETS, RHYMES  # noqa: E402

SEED = 1066
TEST_PERCENT = 10


def words() -> Dict[str, str]:
    """Every word with its sounds; no word has two."""
    found: Dict[str, str] = {}

    def add(word: str, sounds: str) -> None:
        if found.setdefault(word, sounds) != sounds:
            sys.exit(f"generate.py: '{word}' is {found[word]} and {sounds}")

    for line in RHYMES.strip().splitlines():
        rhyme, sounds, onsets = (part.strip() for part in line.split(":"))
        for onset in onsets.split():
            letters, _, own = onset.partition("=")
            if letters == "-":
                add(rhyme, sounds)
            else:
                spoken = own if "=" in onset else ONSETS[letters]
                add(letters + rhyme, f"{spoken} {sounds}".strip())
    for entry in LONGER.replace("\n", " ").split(","):
        word, _, sounds = entry.strip().partition("=")
        add(word, sounds)
    return found


def generate() -> Dict[str, str]:
    rows = Random(SEED).shuffled(sorted(words().items()))
    count = len(rows) * TEST_PERCENT // 100
    return {"train.tsv": tsv(rows[count:]), "test.tsv": tsv(rows[:count])}


if __name__ == "__main__":
    sys.exit(main(__file__, generate))
