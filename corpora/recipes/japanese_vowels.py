"""Nine men saying two Japanese vowels: series of 7 to 29 frames of 12 coefficients (LPC cepstrum);
who speaks is to be told.

`train.tsv`, `test.tsv`: a head line, then a frame a line: `utterance` (from 1), `speaker` (1 to 9),
`frame` (from 1), `c1` to `c12`, the numbers as they are in the package. `JapaneseVowels_TRAIN.ts`
and `JapaneseVowels_TEST.ts` are the package's own files: after `@data` an utterance a line, its
dimensions between colons, their values between commas, the speaker last.
"""

from typing import List

from fetching.archives import Archive, Failure
from fetching.corpus import Corpus, Made
from fetching.sources import PythonPackage
from fetching.text import tsv

HEAD = ["utterance", "speaker", "frame"] + [f"c{number}" for number in range(1, 13)]


def frames(text: str, name: str) -> List[List[str]]:
    rows = []
    lines = text.partition("@data\n")[2].splitlines()
    for utterance, line in enumerate(lines, start=1):
        *dimensions, speaker = line.split(":")
        values = [dimension.split(",") for dimension in dimensions]
        if len(values) != 12 or len({len(series) for series in values}) != 1:
            raise Failure(f"utterance {utterance} of {name} is not 12 series of one length")
        for number, frame in enumerate(zip(*values), start=1):
            rows.append([str(utterance), speaker, str(number), *frame])
    return rows


def build(archive: Archive) -> Made:
    files = {}
    counts = {}
    for part, what in {"train": "training", "test": "test"}.items():
        name = f"JapaneseVowels_{part.upper()}.ts"
        text = archive.text(f"aeon/datasets/data/JapaneseVowels/{name}")
        rows = frames(text, name)
        files[f"japanese-vowels/{part}.tsv"] = tsv([HEAD, *rows])
        files[f"japanese-vowels/{name}"] = text.encode("utf-8")
        counts[f"{what} utterances"] = len({row[0] for row in rows})
        counts[f"{what} frames"] = len(rows)
    return Made(files, counts)


CORPUS = Corpus(
    name="japanese-vowels",
    title="vowels of nine speakers, time series of 12 coefficients, TSV and .ts",
    source=PythonPackage(
        package="aeon",
        version="1.6.0",
        file="aeon-1.6.0-py3-none-any.whl",
        size=6_421_000,
        sha256="d05227086706f80111ac5fee8de4d5d3115bb3bcfd1c786c8629393055816409",
    ),
    licence="""\
Kudo, Toyama and Shimbo, "Multidimensional Curve Classification Using Passing-Through Regions",
Pattern Recognition Letters 20, 1999; given to the UCI Machine Learning Repository, which offers its
data sets under CC BY 4.0. The package that carries the data has the licence below.""",
    terms=["aeon-1.6.0.dist-info/licenses/LICENSE"],
    build=build,
    counts={
        "training utterances": 270,
        "training frames": 4_274,
        "test utterances": 370,
        "test frames": 5_687,
    },
    sha256={
        "japanese-vowels/train.tsv":
            "461b097babe5fdd8bcf25a1a62cb1b1b3bc8a82eb646e78d8ab0a1c63e97429d",
        "japanese-vowels/JapaneseVowels_TRAIN.ts":
            "68a430eabd919cc77f40b1f5f3bc0dcafacc1486bca9260785aeb7d262cc78cd",
        "japanese-vowels/test.tsv":
            "bf4d447a42568c0464b1a8b0b3c7df1b55ca361f26f30f91319d80e489dcdf16",
        "japanese-vowels/JapaneseVowels_TEST.ts":
            "b3d41d6a0ca3bcad3afb9ca7d4365382aa51341e2e58bae2a574babdda5b9462",
    },
)
