"""Images and labels as MNIST has them: the idx format, big-endian, without compression."""

from __future__ import annotations

import struct

from .archives import Failure


def images(data: bytes, name: str) -> int:
    """The number of images of 28 by 28 bytes, after the file was found whole."""
    if len(data) < 16:
        raise Failure(f"{name} has {len(data)} bytes, too few for the head of an idx file")
    count: int
    magic, count, height, width = struct.unpack(">4I", data[:16])
    if (magic, height, width) != (0x803, 28, 28) or len(data) != 16 + count * 784:
        raise Failure(f"{name} is not a whole idx file of 28 by 28 bytes")
    return count


def labels(data: bytes, name: str) -> int:
    """The number of labels, each of 0 to 9, after the file was found whole."""
    if len(data) < 8:
        raise Failure(f"{name} has {len(data)} bytes, too few for the head of an idx file")
    count: int
    magic, count = struct.unpack(">2I", data[:8])
    if magic != 0x801 or len(data) != 8 + count or set(data[8:]) != set(range(10)):
        raise Failure(f"{name} is not a whole idx file of the labels 0 to 9")
    return count
