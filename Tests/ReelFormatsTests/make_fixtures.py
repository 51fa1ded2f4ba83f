#!/usr/bin/env python3
"""Writes the fixtures of ReelFormatsTests with the formats' own libraries.

Made with Python 3.11, NumPy 2.4.6, safetensors 0.8.0 and PyTorch 2.13.0. To make them again:

    pip install numpy==2.4.6 safetensors==0.8.0 torch==2.13.0
    python3 Tests/ReelFormatsTests/make_fixtures.py

The tests compute the same numbers from the index of each value, so none is copied by hand.
"""
import io
import pathlib
import sys
import zipfile

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
