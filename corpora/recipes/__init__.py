"""The table of all corpora that can be fetched, in the order in which they are listed."""

from . import (
    conll2003,
    imdb,
    movie_snippets,
    shakespeare,
)

CORPORA = [
    shakespeare.CORPUS,
    movie_snippets.CORPUS,
    imdb.CORPUS,
    conll2003.CORPUS,
]
