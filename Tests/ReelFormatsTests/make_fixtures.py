#!/usr/bin/env python3
"""Writes the fixtures of ReelFormatsTests with the formats' own libraries.

Made with Python 3.11, NumPy 2.4.6, safetensors 0.8.0 and PyTorch 2.13.0. To make them again:

    pip install numpy==2.4.6 safetensors==0.8.0 torch==2.13.0
    python3 Tests/ReelFormatsTests/make_fixtures.py

The tests compute the same numbers from the index of each value, so none is copied by hand.
"""
import io
import pathlib
import struct
import sys
import zipfile
import zlib

import numpy
import safetensors
import safetensors.numpy
import safetensors.torch
import torch

FOLDER = pathlib.Path(__file__).resolve().parent / "Fixtures"


def ramp(shape, dtype, factor=1.0, shift=0.0):
    """factor * index + shift, in row-major order."""
    count = int(numpy.prod(shape, dtype=numpy.int64))
    return (numpy.arange(count) * factor + shift).astype(dtype).reshape(shape)


def arrays():
    """Each type that NumPy and safetensors share, signed types with negative numbers."""
    return {
        "float32": ramp((2, 3, 4), numpy.float32, 0.25, -3),
        "float16": ramp((3, 5), numpy.float16, 0.5, -2),
        "float64": ramp((7,), numpy.float64, 0.125, -0.5),
        "int8": ramp((4,), numpy.int8, 1, -2),
        "int16": ramp((2, 2), numpy.int16, 1000, -1500),
        "int32": ramp((3,), numpy.int32, 100000, -100000),
        "int64": ramp((5,), numpy.int64, 3, -6),
        "uint8": ramp((2, 3), numpy.uint8, 50),
        "uint16": ramp((3,), numpy.uint16, 30000),
        "uint32": ramp((3,), numpy.uint32, 1 << 20),
        "uint64": ramp((2,), numpy.uint64, 1 << 20),
        "bool": ramp((6,), numpy.int64) % 2 == 1,
        "scalar": numpy.array(1.5, numpy.float32),
        "empty": numpy.zeros((0, 3), numpy.float32),
        "größe/κ": ramp((2,), numpy.float32, 1, 1),
    }


def write_safetensors():
    safetensors.numpy.save_file(
        arrays(), FOLDER / "types.safetensors", metadata={"quote\" 🎬": "line\nbreak"}
    )
    # NumPy has no bfloat16.
    values = torch.arange(8, dtype=torch.float32).reshape(2, 4) * 0.5 - 2
    safetensors.torch.save_file(
        {"bfloat16": values.to(torch.bfloat16)}, FOLDER / "bfloat16.safetensors"
    )


def write_archives():
    numpy.savez(FOLDER / "stored.npz", **arrays())
    numpy.savez_compressed(FOLDER / "deflated.npz", **arrays())
    # Only float32 in row-major order: what Reel writes, byte for byte.
    numpy.savez(
        FOLDER / "floats.npz",
        **{
            "weight": ramp((2, 3, 4), numpy.float32, 0.25, -3),
            "bias": ramp((5,), numpy.float32, 1, -2),
            "scalar": numpy.array(1.5, numpy.float32),
            "empty": numpy.zeros((0, 3), numpy.float32),
            "größe": ramp((2,), numpy.float32, 1, 1),
        },
    )
    numpy.savez(
        FOLDER / "layouts.npz",
        fortran=numpy.asfortranarray(ramp((2, 3, 4), numpy.float32)),
        fortran_int16=numpy.asfortranarray(ramp((3, 5), numpy.int16)),
        big_endian=ramp((2, 3), ">f4", 0.5),
        big_endian_int32=ramp((4,), ">i4", 100000, -100000),
    )
    # .npy versions 2.0 and 3.0, and a stream that could not seek: sizes after the data.
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *_):
            raise io.UnsupportedOperation

        def tell(self):
            raise io.UnsupportedOperation

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for version in ((2, 0), (3, 0)):
            with archive.open(f"version{version[0]}.npy", "w") as file:
                numpy.lib.format.write_array(file, ramp((3, 3), numpy.float32), version=version)
    (FOLDER / "streamed.npz").write_bytes(pipe.getvalue())


def sample(row, column, channel=0):
    """What the PNG fixtures hold, as PNGImageTests.swift has it too."""
    return (row * 37 + column * 11 + channel * 71 + 5) % 256


def png(kind, bits, rows, palette=None, interlaced=False):
    """A PNG file by hand: samples of `rows` are of pixel after pixel; filter 0 everywhere."""

    def chunk(name, data):
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

    def packed(pixels):
        """Lines of pixels, each a tuple of samples, with the filter's byte before each."""
        data = b""
        for line in pixels:
            samples = [sample for pixel in line for sample in pixel]
            number = 0
            for value in samples:
                number = number << bits | value
            size = -(-len(samples) * bits // 8)
            number <<= size * 8 - len(samples) * bits
            data += b"\0" + number.to_bytes(size, "big")
        return data

    data = b""
    if interlaced:  # Adam7
        for top, left, down, right in (
            (0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2),
            (1, 0, 2, 1),
        ):
            data += packed([line[left::right] for line in rows[top::down] if line[left::right]])
    else:
        data = packed(rows)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), bits, kind, 0, 0, int(interlaced))
    parts = [chunk(b"IHDR", head)]
    if palette:
        parts.append(chunk(b"PLTE", bytes(value for color in palette for value in color)))
    parts += [chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def write_png():
    def grid(pixel):
        return [[pixel(row, column) for column in range(7)] for row in range(5)]

    palette = [(50 * index, 255 - 40 * index, 13 * index) for index in range(5)]
    rgb = grid(lambda r, c: tuple(sample(r, c, channel) for channel in range(3)))
    files = {
        "grey8": (0, 8, grid(lambda r, c: (sample(r, c),))),
        "grey16": (0, 16, grid(lambda r, c: (257 * sample(r, c),))),
        "grey4": (0, 4, grid(lambda r, c: ((3 * r + c) % 16,))),
        "grey1": (0, 1, grid(lambda r, c: ((r + c) % 2,))),
        "rgb8": (2, 8, rgb),
        "rgb16": (2, 16, [[tuple(257 * v for v in pixel) for pixel in line] for line in rgb]),
        "interlaced": (2, 8, rgb, None, True),
        "palette": (3, 4, grid(lambda r, c: ((3 * r + c) % 5,)), palette),
        "grey-alpha": (4, 8, grid(lambda r, c: (sample(r, c), 255 * ((r + c) % 2)))),
        "rgba": (6, 8, grid(lambda r, c: rgb[r][c] + (255 * ((r + c) % 2),))),
    }
    for name, arguments in files.items():
        (FOLDER / f"{name}.png").write_bytes(png(*arguments))


def check(folder):
    """Reads what Reel wrote from float32 fixtures, and compares: `make_fixtures.py check FOLDER`."""
    folder = pathlib.Path(folder)
    expected = dict(numpy.load(FOLDER / "floats.npz"))
    with safetensors.safe_open(folder / "floats.safetensors", "np") as file:
        print("metadata", file.metadata())
    for came in (
        safetensors.numpy.load_file(folder / "floats.safetensors"),
        dict(numpy.load(folder / "floats.npz")),
    ):
        assert came.keys() == expected.keys(), came.keys()
        for name, array in expected.items():
            numpy.testing.assert_array_equal(came[name], array)
            assert came[name].dtype == numpy.float32 and came[name].shape == array.shape
    print("NumPy and safetensors read what Reel wrote")


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] == "check":
        check(sys.argv[2])
    else:
        FOLDER.mkdir(exist_ok=True)
        write_safetensors()
        write_archives()
        write_png()
