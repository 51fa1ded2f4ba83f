"""What a recipe says about its corpus."""

from __future__ import annotations

from typing import Callable, Dict, NamedTuple, Sequence

from .archives import Archive
from .sources import Source


class Made(NamedTuple):
    """What a recipe made from its archive."""

    files: Dict[str, bytes]  # by path below corpora/.cache
    counts: Dict[str, int]  # of whatever the corpus consists of


class Corpus(NamedTuple):
    name: str
    title: str  # what it holds, its language, its format
    source: Source
    licence: str  # where its terms come from and what they cover, shown with `terms`
    terms: Sequence[str]  # the files of the archive that state them
    build: Callable[[Archive], Made]
    counts: Dict[str, int]  # what `build` must count
    sha256: Dict[str, str]  # of each file, by path below corpora/.cache
