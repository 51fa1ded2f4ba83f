"""Names of people in the United States census of 1990: one a line, in capitals, the most frequent
first. A given name may be in both lists."""

from fetching.archives import Archive
from fetching.corpus import Corpus, Made
from fetching.sources import PythonPackage

PARTS = {"female": "dist.female.first", "male": "dist.male.first", "last": "dist.all.last"}


def build(archive: Archive) -> Made:
    files = {}
    counts = {}
    for part, name in PARTS.items():
        lines = archive.text(f"names-0.3.0/names/{name}", "ascii").splitlines()
        listed = [line.split()[0] for line in lines]
        files[f"names/{part}.txt"] = "".join(f"{name}\n" for name in listed).encode("ascii")
        counts[f"{part} names"] = len(listed)
    return Made(files, counts)


CORPUS = Corpus(
    name="names",
    title="given and family names, United States, plain text",
    source=PythonPackage(
        package="names",
        version="0.3.0",
        file="names-0.3.0.tar.gz",
        size=789_099,
        sha256="726e46254f2ed03f1ffb5d941dae3bc67c35123941c29becd02d48d0caa2a671",
    ),
    licence="""\
The lists are in the public domain: they are made from data of the United States census of 1990, as
the package's README says where it states the licence. The package itself has the MIT licence.""",
    terms=[],
    build=build,
    counts={"female names": 4_275, "male names": 1_219, "last names": 88_799},
    sha256={
        "names/female.txt": "e61a9b08f11c2b7882062dd71f0c6685a4e150358baa2a623d02385d17be8375",
        "names/male.txt": "4e8af54dc9968adbfef33ab3911970111c7a5044d7217343245ba0d1fe948cec",
        "names/last.txt": "a39e331fed8145943b9cb34b04210fa1fb548068a5fb287c1c7c0cd1708969b6",
    },
)
