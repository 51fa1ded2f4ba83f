"""Reading the files of an archive, whatever its kind."""

from __future__ import annotations

import io
import tarfile
import zipfile
from typing import List


class Failure(Exception):
    """What went wrong, in one line."""


class Archive:
    """The regular files of a tar archive (compressed or not), or of a zip archive (a wheel)."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        self._zip = None
        self._tar = None
        try:
            if data.startswith(b"PK"):
                self._zip = zipfile.ZipFile(io.BytesIO(data))
            else:
                self._tar = tarfile.open(fileobj=io.BytesIO(data))
        except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError) as error:
            raise Failure(f"{name} is not a whole archive: {error}") from None

    def names(self) -> List[str]:
        """Sorted, so that what is made from them does not depend on the order in the archive."""
        if self._zip is not None:
            return sorted(name for name in self._zip.namelist() if not name.endswith("/"))
        assert self._tar is not None
        return sorted(member.name for member in self._tar.getmembers() if member.isfile())

    def read(self, name: str) -> bytes:
        try:
            if self._zip is not None:
                return self._zip.read(name)
            assert self._tar is not None
            file = self._tar.extractfile(name)
        except KeyError:
            file = None
        if file is None:
            raise Failure(f"{self.name} has no file {name}")
        return file.read()

    def text(self, name: str, encoding: str = "utf-8-sig") -> str:
        """The file as text with line feeds, without a byte-order mark."""
        try:
            text = self.read(name).decode(encoding)
        except UnicodeDecodeError as error:
            raise Failure(f"{name} of {self.name} is not {encoding}: {error}") from None
        return text.replace("\r\n", "\n")
