"""The table of all corpora that can be fetched, in the order in which they are listed."""

from . import shakespeare

CORPORA = [
    shakespeare.CORPUS,
]
