"""The table of all corpora that can be fetched, in the order in which they are listed."""

from . import (
    abc_tunes,
    cmudict,
    conll2003,
    fashion_mnist,
    imdb,
    japanese_vowels,
    mnist,
    movie_snippets,
    names,
    shakespeare,
    us_addresses,
)

CORPORA = [
    shakespeare.CORPUS,
    movie_snippets.CORPUS,
    imdb.CORPUS,
    conll2003.CORPUS,
    us_addresses.CORPUS,
    cmudict.CORPUS,
    names.CORPUS,
    abc_tunes.CORPUS,
    japanese_vowels.CORPUS,
    mnist.CORPUS,
    fashion_mnist.CORPUS,
]
