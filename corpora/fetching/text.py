"""Turning text of any kind into lines that the library reads."""

from __future__ import annotations

import re
import unicodedata
from typing import Iterable, List, Sequence, Tuple

Token = Tuple[str, str]  # text and tag


def one_line(text: str) -> str:
    """White space and control characters, which no column of a TSV file may hold: each run of them
    becomes one space, at the ends none."""
    spaced = [" " if unicodedata.category(character) == "Cc" else character for character in text]
    return " ".join("".join(spaced).split())


def tsv(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows of columns between tabs, as UTF-8. The columns hold no tab and no line break."""
    lines: List[str] = []
    for row in rows:
        assert not any(re.search(r"[\t\n\r]", column) for column in row), row
        lines.append("\t".join(row) + "\n")
    return "".join(lines).encode("utf-8")


def columns(sentences: Iterable[Sequence[Token]]) -> bytes:
    """Sentences in CoNLL columns: a token a line, a tab, its tag; an empty line ends a sentence."""
    lines: List[str] = []
    for sentence in sentences:
        lines += [f"{token}\t{tag}\n" for token, tag in sentence]
        lines.append("\n")
    return "".join(lines).encode("utf-8")


def iob2(sentence: Sequence[Token]) -> List[Token]:
    """The same tokens; of a run of tokens with one label the first gets B-label, the others I-."""
    tagged: List[Token] = []
    previous = ""
    for token, label in sentence:
        tagged.append((token, f"I-{label}" if label == previous else f"B-{label}"))
        previous = label
    return tagged
