"""Fiddle and pipe tunes in ABC notation: three printed collections, a file each.

- `oneills-1850.abc`: Francis O'Neill, Music of Ireland (1903), as volunteers transcribed it; some
  tunes in two versions.
- `ryans-mammoth.abc`: Ryan's Mammoth Collection of Fiddle Tunes (1883).
- `airds-airs.abc`: James Aird, A Selection of Scotch, English, Irish and Foreign Airs (1778-1801).

Each tune begins with its field `X:` and ends with an empty line; there is none within it. Notes of
the transcribers before the first tune of a file are left out.
"""

import re
from typing import List

from fetching.archives import Archive
from fetching.corpus import Corpus, Made
from fetching.sources import PythonPackage

PARTS = {"oneills-1850": "oneills1850", "ryans-mammoth": "ryansMammoth", "airds-airs": "airdsAirs"}


def tunes(text: str) -> List[str]:
    """What begins at each line `X:`, without empty lines and without spaces at ends of lines."""
    found = re.split(r"^(?=X:)", text, flags=re.MULTILINE)[1:]
    stripped = [[line.rstrip() for line in tune.splitlines()] for tune in found]
    return ["".join(f"{line}\n" for line in tune if line) for tune in stripped]


def build(archive: Archive) -> Made:
    files = {}
    counts = {}
    for part, folder in PARTS.items():
        names = [name for name in archive.names() if f"/corpus/{folder}/" in name]
        texts = [archive.text(name) for name in names if name.endswith(".abc")]
        found = [tune for text in texts for tune in tunes(text)]
        files[f"abc-tunes/{part}.abc"] = "".join(f"{tune}\n" for tune in found).encode("utf-8")
        counts[f"{part} tunes"] = len(found)
    return Made(files, counts)


CORPUS = Corpus(
    name="abc-tunes",
    title="fiddle and pipe tunes, ABC notation",
    source=PythonPackage(
        package="music21",
        version="10.5.1",
        file="music21-10.5.1-py3-none-any.whl",
        size=20_118_992,
        sha256="dc3309498c4c95cebdf8d4f20c868deb6b63bce1d929cad4f51a7ccc982987b1",
    ),
    licence="""\
The tunes were printed between 1778 and 1903. Each names who transcribed it in its field Z, with no
further terms; the package, whose program is under the BSD licence, says of all its music:""",
    terms=["music21/corpus/license.txt"],
    build=build,
    counts={"oneills-1850 tunes": 2_009, "ryans-mammoth tunes": 1_059, "airds-airs tunes": 1_180},
    sha256={
        "abc-tunes/oneills-1850.abc":
            "a5eb3fcd5a985ffe832988ce829639964e872fd908cfebc05f04504eb29cd4e7",
        "abc-tunes/ryans-mammoth.abc":
            "12be0d7288d998e5e6b56b2b0103395ab9107d16c7e16fcb55b05d363044a001",
        "abc-tunes/airds-airs.abc":
            "e4d4a30431878e796ca93eadd25a234f03da8dfc5be07262388d3192f54d087b",
    },
)
