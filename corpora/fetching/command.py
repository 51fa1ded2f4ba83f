"""The command: lists the corpora, fetches one, checks it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import List, Sequence

from .archives import Failure
from .corpus import Corpus
from .sources import sha256

CACHE = Path(__file__).resolve().parent.parent / ".cache"


def megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


def list_corpora(corpora: Sequence[Corpus]) -> None:
    width = max(len(corpus.name) for corpus in corpora)
    for corpus in corpora:
        source = corpus.source
        archive = f"{source.package} {source.version}, {megabytes(source.size)}"
        print(f"{corpus.name:{width}}  {corpus.title} ({archive})")


def is_whole(corpus: Corpus) -> bool:
    paths = {CACHE / name: expected for name, expected in corpus.sha256.items()}
    return all(
        path.is_file() and sha256(path.read_bytes()) == expected for path, expected in paths.items()
    )


def show_terms(corpus: Corpus, texts: Sequence[str]) -> None:
    print(f"Terms of {corpus.source.package} {corpus.source.version}:", file=sys.stderr)
    for text in [corpus.licence, *texts]:
        print("\n" + text.strip(), file=sys.stderr)
    print(file=sys.stderr)


def make(corpus: Corpus) -> None:
    """Fetches the archive, shows the terms and writes the corpus, after all of it was checked."""
    size = megabytes(corpus.source.size)
    print(f"Fetching {corpus.source.package} {corpus.source.version} ({size})\n", file=sys.stderr)
    archive = corpus.source.fetch()
    show_terms(corpus, [archive.text(name) for name in corpus.terms])
    made = corpus.build(archive)
    if made.counts != corpus.counts:
        raise Failure(f"{corpus.name} counts {made.counts}, expected {corpus.counts}")
    found = {name: sha256(data) for name, data in made.files.items()}
    if found != corpus.sha256:
        raise Failure(f"{corpus.name} has the SHA-256 {found}, expected {corpus.sha256}")
    write(made.files)


def write(files: dict[str, bytes]) -> None:
    """Under temporary names first, so that no file is ever cut short under its own."""
    temporaries = {name: CACHE / f"{name}.{os.getpid()}.tmp" for name in files}
    try:
        for name, path in temporaries.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(files[name])
        for name, path in temporaries.items():
            path.replace(CACHE / name)
    finally:
        for path in temporaries.values():
            path.unlink(missing_ok=True)


def get(corpora: Sequence[Corpus], name: str) -> None:
    corpus = next((corpus for corpus in corpora if corpus.name == name), None)
    if corpus is None:
        names = ", ".join(corpus.name for corpus in corpora)
        raise Failure(f"there is no corpus '{name}', expected one of: {names}")
    if not is_whole(corpus):
        make(corpus)
    print(f"{name}: {', '.join(f'{count:,} {what}' for what, count in corpus.counts.items())}")
    for path in corpus.sha256:
        print(CACHE / path)


def main(corpora: Sequence[Corpus], arguments: List[str]) -> int:
    if not arguments:
        list_corpora(corpora)
        return 0
    if len(arguments) > 1 or arguments[0].startswith("-"):
        print("usage: corpora/get [NAME]", file=sys.stderr)
        return 64
    try:
        get(corpora, arguments[0])
    except (Failure, OSError) as error:
        print(f"corpora/get: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("corpora/get: interrupted, nothing was written", file=sys.stderr)
        return 130
    return 0
