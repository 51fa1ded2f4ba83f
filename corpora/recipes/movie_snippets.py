"""Sentences of film reviews, each with the mean of at least 20 people's ratings from -4 to 4.

`movie-snippets.tsv`: label, text. The label is `positive` or `negative`, the sign of the mean;
sentences whose mean is 0 are left out. `ratings.tsv`: mean rating, text, of all.
The sentences are in the order of the package, which is not by label.
"""

from fetching.archives import Archive
from fetching.corpus import Corpus, Made
from fetching.sources import PythonPackage
from fetching.text import one_line, tsv


def build(archive: Archive) -> Made:
    inner_name = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
    inner = Archive(archive.read(inner_name), inner_name)
    lines = inner.text("hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt").splitlines()
    rated = [line.split("\t", 2)[1:] for line in lines]
    ratings = [(rating, one_line(text)) for rating, text in rated]
    labelled = [
        ("positive" if float(rating) > 0 else "negative", text)
        for rating, text in ratings
        if float(rating) != 0
    ]
    positive = sum(label == "positive" for label, _ in labelled)
    counts = {
        "rated sentences": len(ratings),
        "positive": positive,
        "negative": len(labelled) - positive,
    }
    files = {
        "movie-snippets/movie-snippets.tsv": tsv(labelled),
        "movie-snippets/ratings.tsv": tsv(ratings),
    }
    return Made(files, counts)


CORPUS = Corpus(
    name="movie-snippets",
    title="sentences of film reviews with ratings, English, label and text",
    source=PythonPackage(
        package="vaderSentiment",
        version="3.3.2",
        file="vaderSentiment-3.3.2.tar.gz",
        size=2_466_783,
        sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
    ),
    licence="""\
Sentences from rottentomatoes.com (collected by Pang and Lee), rated for Hutto and Gilbert, "VADER:
A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text", ICWSM 2014, which the
README of the data asks to be cited. The package that carries the ratings has the licence below;
the sentences remain their reviewers'.""",
    terms=["vaderSentiment-3.3.2/LICENSE.txt"],
    build=build,
    counts={"rated sentences": 10_605, "positive": 5_242, "negative": 5_326},
    sha256={
        "movie-snippets/movie-snippets.tsv":
            "a8d8b9ab42684e5bc080685415a417385d82d7a08cfa1abe206bf2f359e4d40a",
        "movie-snippets/ratings.tsv":
            "917bfc53198b63dcec4b462289de442246edd0a32e20d5eca3a09b6b7cde627c",
    },
)
