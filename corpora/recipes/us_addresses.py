"""Addresses in the United States, taken apart into house number, street, place and so on.

Two columns with a tab between them: token, tag. The package labels tokens; here they have IOB2
tags, where neighbours with the same label are one span. An empty line ends an address.

- `labeled.txt`: what the package's own model is trained on, labelled by hand.
- `us50.txt`, `us50-messiest.txt`: addresses from all states, none of them in `labeled.txt`.
- `linn-county.txt`: addresses of one county of Iowa, of one layout.
"""

import xml.etree.ElementTree as ElementTree

from fetching.archives import Archive, Failure
from fetching.corpus import Corpus, Made
from fetching.sources import PythonPackage
from fetching.text import columns, iob2

PARTS = {
    "labeled": "labeled.xml",
    "us50": "us50_train_tagged.xml",
    "us50-messiest": "us50_messiest_manual_label.xml",
    "linn-county": "openaddress_us_ia_linn.xml",
}


def build(archive: Archive) -> Made:
    files = {}
    counts = {}
    for part, name in PARTS.items():
        try:
            root = ElementTree.fromstring(archive.read(f"usaddress-0.5.16/training/{name}"))
        except ElementTree.ParseError as error:
            raise Failure(f"{name} of {archive.name} is not XML: {error}") from None
        addresses = [
            iob2([(token, field.tag) for field in address for token in (field.text or "").split()])
            for address in root
        ]
        files[f"us-addresses/{part}.txt"] = columns(addresses)
        counts[f"{part} addresses"] = len(addresses)
        counts[f"{part} tokens"] = sum(len(address) for address in addresses)
    return Made(files, counts)


CORPUS = Corpus(
    name="us-addresses",
    title="postal addresses taken apart, United States, CoNLL columns",
    source=PythonPackage(
        package="usaddress",
        version="0.5.16",
        file="usaddress-0.5.16.tar.gz",
        size=914_927,
        sha256="f7e614e2489c159cf85be1b6f86edbfaf329dbeedef4d002a025757afd1ec6c6",
    ),
    licence="""\
The package, with its training data, has the licence below. The addresses of
linn-county.txt come from OpenAddresses, which collects what public bodies publish.""",
    terms=["usaddress-0.5.16/LICENSE"],
    build=build,
    counts={
        "labeled addresses": 1_513,
        "labeled tokens": 10_722,
        "us50 addresses": 50,
        "us50 tokens": 331,
        "us50-messiest addresses": 63,
        "us50-messiest tokens": 404,
        "linn-county addresses": 95_156,
        "linn-county tokens": 735_903,
    },
    sha256={
        "us-addresses/labeled.txt":
            "244a2badb8d6e0435b4d3d1b63f8de4ddccb704e0a6e58fe3902132d7ba35034",
        "us-addresses/us50.txt": "9cb4bd0148e643868b93e4084b60762ea9f5542635d462ef44b8f1427a1f1759",
        "us-addresses/us50-messiest.txt":
            "1b025e51009c476a46c658a8562185978eba379062a7514005dec053b757c211",
        "us-addresses/linn-county.txt":
            "ad6a871cf8a2f0253a431a398fc341846182266518250fa3f8048d0c0ed76050",
    },
)
