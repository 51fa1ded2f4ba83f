"""Pictures of clothes, in the layout of MNIST (see mnist.py), not compressed.

The labels: 0 T-shirt, 1 trousers, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag,
9 ankle boot.
"""

import gzip

from fetching import idx
from fetching.archives import Archive
from fetching.corpus import Corpus, Made
from fetching.sources import DebianPackage

PARTS = {"train": "training", "t10k": "test"}


def build(archive: Archive) -> Made:
    files = {}
    counts = {}
    for part, what in PARTS.items():
        for kind, count in (("images-idx3", idx.images), ("labels-idx1", idx.labels)):
            name = f"{part}-{kind}-ubyte"
            data = archive.read(f"./usr/share/datasets/fashion-mnist/{name}.gz")
            files[f"fashion-mnist/{name}"] = gzip.decompress(data)
            counts[f"{what} {kind.partition('-')[0]}"] = count(files[f"fashion-mnist/{name}"], name)
    return Made(files, counts)


CORPUS = Corpus(
    name="fashion-mnist",
    title="pictures of clothes, images of 28 by 28, idx",
    source=DebianPackage(
        package="dataset-fashion-mnist",
        version="0.0~git20200523.55506a9-1",
        size=30_900_652,
        sha256="39e172fe32dd318ebb3e512220c3beea2fa47d7e20bab348fb4e0922d6beefc0",
    ),
    licence="""\
Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning
Algorithms", 2017. Debian states these terms:""",
    terms=["./usr/share/doc/dataset-fashion-mnist/copyright"],
    build=build,
    counts={
        "training images": 60_000,
        "training labels": 60_000,
        "test images": 10_000,
        "test labels": 10_000,
    },
    sha256={
        "fashion-mnist/train-images-idx3-ubyte":
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "fashion-mnist/train-labels-idx1-ubyte":
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        "fashion-mnist/t10k-images-idx3-ubyte":
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        "fashion-mnist/t10k-labels-idx1-ubyte":
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    },
)
