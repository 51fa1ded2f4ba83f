#!/usr/bin/env python3
"""Writes sentences of praise and complaint from patterns; see SOURCE.md.

    corpora/sentiment/generate.py            writes patterns.tsv
    corpora/sentiment/generate.py --check    fails unless it is what would be written
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Dict, List, Set, Tuple

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from generation import Random, main, tsv  # noqa: E402
from patterns import BAD, BAD_ENDINGS, GOOD, GOOD_ENDINGS, KINDS, PATTERNS  # noqa: E402

SEED = 1788
EACH = 1_500  # sentences of each label
OWNERS = ["the", "the", "the", "the", "our", "my", "their", "his", "her"]
ADVERBS = ["", "", "", "", "very ", "quite ", "truly ", "simply "]


def with_article(words: str) -> str:
    return ("an " if words[0] in "aeiou" else "a ") + words


class Writer:
    def __init__(self, random: Random) -> None:
        self.random = random

    def sentence(self, praise: bool) -> str:
        choose = self.random.choose
        kind = KINDS[choose(sorted(KINDS))]
        noun = choose(kind.nouns).replace("@", " ")
        good, bad = GOOD + kind.good * 2, BAD + kind.bad * 2
        said, other = (good, bad) if praise else (bad, good)
        word, more, opposite = choose(said), choose(said), choose(other)
        while more == word:
            more = choose(said)
        ending = choose(GOOD_ENDINGS if praise else BAD_ENDINGS)
        parts: Dict[str, str] = {
            "the": f"{choose(OWNERS)} {noun}",
            "noun": noun,
            "good": word,
            "very": choose(ADVERBS),
            "a_good": with_article(word),
            "a_bad": with_article(opposite),
            "more": more,
            "bad": opposite,
            "phrase": choose(kind.good_phrases if praise else kind.bad_phrases),
            "ending": ending,
        }
        pattern = choose(PATTERNS)
        if "but it {phrase}" in pattern and kind is KINDS["person"]:
            pattern = pattern.replace("but it {phrase}", "but {phrase}")
        text = re.sub(r"\{(\w+)\}", lambda match: parts[match.group(1)], pattern)
        return text[0].upper() + text[1:] + "."


def generate() -> Dict[str, str]:
    writer = Writer(Random(SEED))
    seen: Set[str] = set()
    rows: List[Tuple[str, str]] = []
    for label in ["positive", "negative"]:
        while len(rows) < EACH * (1 if label == "positive" else 2):
            text = writer.sentence(label == "positive")
            if text not in seen:
                seen.add(text)
                rows.append((label, text))
    return {"patterns.tsv": tsv(writer.random.shuffled(rows))}


if __name__ == "__main__":
    sys.exit(main(__file__, generate))
