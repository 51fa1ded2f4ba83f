"""What the scripts `corpora/*/generate.py` share: random numbers and writing or checking files.

Python's own random numbers are not used: what its functions draw from a seed has changed between
versions, and the same files must come out everywhere.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Callable, Dict, List, Sequence, TypeVar

Element = TypeVar("Element")
WORD = (1 << 64) - 1


class Random:
    """SplitMix64 (Steele, Lea and Flood, 2014)."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def next(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & WORD
        mixed = ((self.state ^ (self.state >> 30)) * 0xBF58476D1CE4E5B9) & WORD
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & WORD
        return mixed ^ (mixed >> 31)

    def below(self, bound: int) -> int:
        """One of 0 to bound - 1 (by the high half of a product; the bias is below 2^-32 here)."""
        return (self.next() * bound) >> 64

    def choose(self, elements: Sequence[Element]) -> Element:
        return elements[self.below(len(elements))]

    def happens(self, percent: int) -> bool:
        return self.below(100) < percent

    def shuffled(self, elements: Sequence[Element]) -> List[Element]:
        """Fisher and Yates."""
        result = list(elements)
        for last in range(len(result) - 1, 0, -1):
            other = self.below(last + 1)
            result[last], result[other] = result[other], result[last]
        return result


def tsv(rows: Sequence[Sequence[str]]) -> str:
    return "".join("\t".join(row) + "\n" for row in rows)


def main(script: str, generate: Callable[[], Dict[str, str]]) -> int:
    """Writes the files (by name) beside the script; with --check compares them instead."""
    arguments = sys.argv[1:]
    if arguments not in ([], ["--check"]):
        print("usage: generate.py [--check]", file=sys.stderr)
        return 64
    folder = Path(script).resolve().parent
    different = []
    for name, text in generate().items():
        path = folder / name
        data = text.encode("utf-8")
        if not arguments:
            path.write_bytes(data)
        elif not path.is_file() or path.read_bytes() != data:
            different.append(f"{folder.name}/{name}")
        print(f"{folder.name}/{name}: {text.count(chr(10)):,} lines, {len(data):,} bytes")
    for name in different:
        print(f"generate.py: {name} is not what this script generates", file=sys.stderr)
    return 1 if different else 0
