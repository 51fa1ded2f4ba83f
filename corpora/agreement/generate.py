#!/usr/bin/env python3
"""Writes sentences whose verb agrees with a noun at some distance; see SOURCE.md.

    corpora/agreement/generate.py            writes train.tsv and test.tsv
    corpora/agreement/generate.py --check    fails unless they are what would be written
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Set, Tuple

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from generation import Random, main, tsv  # noqa: E402
from grammar import ADJECTIVES, CLAUSES, DETERMINERS, NOUNS, PHRASES, PREDICATES  # noqa: E402

SEED = 2003
TRAINING, TEST = 10_000, 2_000
NEAR, FAR = range(1, 11), range(11, 26)  # words from the noun to the verb
SINGULAR, PLURAL = 0, 1
LABELS = ["singular", "plural"]


class Noun(NamedTuple):
    kind: str
    forms: Tuple[str, str]  # singular and plural


class Sentence(NamedTuple):
    label: str
    before: str  # the words before the verb
    after: str  # the verb and the rest
    distance: int
    attractors: int

    def row(self) -> List[str]:
        return [self.label, self.before, self.after, str(self.distance), str(self.attractors)]


class Writer:
    """Expands the grammar from the left to the right, no noun twice in a sentence."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.used: Set[Noun] = set()
        self.numbers: List[int] = []  # of the nouns so far, the subject's first

    def noun(self, kind: str, number: Optional[int] = None) -> str:
        """A determiner that does not tell the number, perhaps an adjective, and a noun."""
        free = [Noun(kind, forms) for forms in NOUNS[kind] if Noun(kind, forms) not in self.used]
        noun = self.random.choose(free)
        number = self.random.below(2) if number is None else number
        self.used.add(noun)
        self.numbers.append(number)
        words = [self.random.choose(DETERMINERS)]
        if self.random.happens(25):
            words.append(self.random.choose(ADJECTIVES[kind]))
        return " ".join([*words, noun.forms[number]])

    def fill(self, pattern: str, depth: int) -> str:
        """The pattern with a noun for each `{kind}`; one at the end may have a modifier itself."""
        self.numbers += [SINGULAR] * pattern.count("~") + [PLURAL] * pattern.count("+")
        pattern = pattern.replace("~", "").replace("+", "")
        slots = re.findall(r"\{(\w+)\}", pattern)
        for index, kind in enumerate(slots):
            text = self.noun(kind)
            is_last = index == len(slots) - 1 and pattern.endswith(f"{{{kind}}}")
            if is_last and depth > 0 and self.random.happens(60):
                text += " " + self.modifier(kind, depth - 1)
            pattern = pattern.replace(f"{{{kind}}}", text, 1)
        return pattern

    def modifier(self, kind: str, depth: int) -> str:
        choices = PHRASES[kind] if self.random.happens(60) else CLAUSES[kind]
        return self.fill(self.random.choose(choices), depth)

    def sentence(self, depth: int) -> Sentence:
        self.used, self.numbers = set(), []
        number = self.random.below(2)
        kind = self.random.choose(sorted(NOUNS))
        subject = self.noun(kind, number)
        rest = self.modifiers(kind, depth) if depth > 0 else ""
        singular, plural, complement = self.random.choose(PREDICATES[kind])
        before = subject[:1].upper() + subject[1:] + rest
        return Sentence(
            label=LABELS[number],
            before=before,
            after=f"{(singular, plural)[number]} {complement}.",
            distance=len(before.split()) - len(subject.split()) + 1,
            attractors=sum(other != number for other in self.numbers[1:]),
        )

    def modifiers(self, kind: str, depth: int) -> str:
        """After the subject: a phrase, a clause, or both, the clause often between commas."""
        text = ""
        form = self.random.below(3)
        if form != 1:
            phrase_depth = depth - 1 if form == 0 else 0
            text += " " + self.fill(self.random.choose(PHRASES[kind]), phrase_depth)
        if form != 0:
            clause = self.fill(self.random.choose(CLAUSES[kind]), depth - 1)
            if self.random.happens(50) and clause.startswith(("who ", "which ")):
                text += f", {clause},"
            else:
                text += f" {clause}"
        return text


def generate() -> Dict[str, str]:
    writer = Writer(Random(SEED))
    seen: Set[str] = set()

    def draw(count: int, distances: range, depths: Tuple[int, ...]) -> List[Sentence]:
        """As many of one number as of the other."""
        found: Dict[str, List[Sentence]] = {label: [] for label in LABELS}
        while any(len(sentences) < count // 2 for sentences in found.values()):
            sentence = writer.sentence(writer.random.choose(depths))
            wanted = found[sentence.label]
            if len(wanted) == count // 2 or sentence.distance not in distances:
                continue
            if sentence.before not in seen:
                seen.add(sentence.before)
                wanted.append(sentence)
        return writer.random.shuffled(found[LABELS[0]] + found[LABELS[1]])

    training = draw(TRAINING, NEAR, (0, 1, 1, 1, 2, 2, 2))
    test = draw(TEST // 2, NEAR, (0, 1, 1, 1, 2, 2, 2)) + draw(TEST // 2, FAR, (3, 4))
    return {
        "train.tsv": tsv([sentence.row() for sentence in training]),
        "test.tsv": tsv([sentence.row() for sentence in test]),
    }


if __name__ == "__main__":
    sys.exit(main(__file__, generate))
