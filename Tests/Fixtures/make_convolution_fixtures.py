#!/usr/bin/env python3
"""Writes the fixture file that compares Reel's convolutions with PyTorch's.

Made like the other fixtures, with the same versions; see make_pytorch_fixtures.py. Inputs and
weights are patterns rounded to Float; results and gradients are computed in Double and rounded
once. Names in the file are `case/name`; `settings` has one row each for stride, dilation, padding
(both sides) and output padding, and `groups` stands alone.

  Tests/ReelSequenceTests/Fixtures/convolution.safetensors
"""

import json

import torch
import torch.nn.functional as functional

from make_pytorch_fixtures import SEQUENCE_FIXTURES, VERSIONS, Double, Patterns, write

# name, batch, in, out, size, kernel, stride, dilation, padding, groups
CONVOLUTIONS = [
    ("odd_1d", 2, 3, 5, [11], [3], [1], [1], [0], 1),
    ("stride_over_kernel_1d", 2, 4, 6, [17], [2], [5], [1], [1], 1),
    ("even_dilated_1d", 2, 4, 6, [19], [4], [2], [3], [2], 1),
    ("groups_1d", 2, 6, 9, [10], [3], [1], [2], [1], 3),
    ("depthwise_1d", 2, 7, 7, [9], [3], [2], [1], [1], 7),
    ("wide_1d", 1, 40, 70, [8], [3], [1], [2], [2], 1),
    ("odd_2d", 2, 3, 8, [7, 5], [3, 3], [1, 1], [1, 1], [1, 1], 1),
    ("uneven_2d", 2, 3, 5, [9, 8], [3, 2], [2, 3], [1, 2], [1, 0], 1),
    ("stride_over_kernel_2d", 1, 4, 3, [11, 10], [2, 1], [3, 4], [1, 1], [1, 0], 1),
    ("pointwise_2d", 2, 17, 20, [4, 5], [1, 1], [1, 1], [1, 1], [0, 0], 1),
    ("groups_2d", 2, 8, 12, [6, 5], [3, 3], [1, 2], [1, 1], [1, 1], 4),
    ("depthwise_2d", 2, 20, 20, [6, 7], [3, 3], [2, 1], [1, 1], [1, 1], 20),
    ("multiplied_2d", 2, 3, 6, [6, 7], [3, 3], [1, 1], [1, 1], [1, 1], 3),
    ("odd_3d", 2, 2, 3, [4, 5, 3], [2, 3, 3], [1, 1, 1], [1, 1, 1], [0, 1, 1], 1),
    ("uneven_3d", 1, 4, 6, [5, 6, 7], [3, 2, 2], [2, 1, 3], [1, 2, 1], [1, 1, 0], 2),
]

# The same and the output padding.
TRANSPOSED = [
    ("transposed_1d", 2, 3, 5, [6], [3], [1], [1], [0], 1, [0]),
    ("transposed_stride_1d", 2, 4, 6, [5], [4], [3], [1], [1], 1, [2]),
    ("transposed_gap_1d", 2, 3, 4, [5], [2], [4], [1], [0], 1, [3]),
    ("transposed_groups_1d", 2, 6, 4, [7], [3], [2], [2], [2], 2, [1]),
    ("transposed_2d", 2, 5, 3, [4, 5], [3, 3], [2, 2], [1, 1], [1, 1], 1, [1, 1]),
    ("transposed_uneven_2d", 1, 4, 6, [3, 4], [2, 3], [3, 1], [1, 2], [0, 2], 2, [1, 0]),
    ("transposed_depthwise_2d", 2, 5, 5, [4, 3], [3, 3], [2, 2], [1, 1], [1, 1], 5, [0, 1]),
    ("transposed_3d", 1, 3, 2, [3, 2, 4], [2, 3, 2], [2, 1, 3], [1, 1, 1], [0, 1, 1], 1, [1, 0, 2]),
]

FUNCTIONS = {
    (1, False): functional.conv1d,
    (2, False): functional.conv2d,
    (3, False): functional.conv3d,
    (1, True): functional.conv_transpose1d,
    (2, True): functional.conv_transpose2d,
    (3, True): functional.conv_transpose3d,
}


def case(serial, batch, inputs, outputs, size, kernel, stride, dilation, padding, groups, more=None):
    pattern = Patterns(serial)
    x = pattern(batch, inputs, *size).requires_grad_()
    if more is None:
        weight = pattern(outputs, inputs // groups, *kernel).requires_grad_()
    else:
        weight = pattern(inputs, outputs // groups, *kernel).requires_grad_()
    bias = pattern(outputs).requires_grad_()
    options = dict(stride=stride, dilation=dilation, padding=padding, groups=groups)
    if more is not None:
        options["output_padding"] = more
    y = FUNCTIONS[len(size), more is not None](x, weight, bias, **options)
    output_weight = pattern(*y.shape)
    (y * output_weight).sum().backward()
    return {
        "settings": torch.tensor([stride, dilation, padding, more or [0] * len(size)], dtype=Double),
        "groups": torch.tensor(float(groups)),
        "input": x,
        "weight": weight,
        "bias": bias,
        "output": y,
        "output_weight": output_weight,
        "gradient_input": x.grad,
        "gradient_weight": weight.grad,
        "gradient_bias": bias.grad,
    }


def main():
    torch.set_num_threads(1)
    tensors, metadata = {}, dict(VERSIONS)
    for number, (name, *settings) in enumerate(CONVOLUTIONS + TRANSPOSED):
        made = case(700 + 5 * number, *settings)
        tensors.update({f"{name}/{key}": value for key, value in made.items()})
        metadata[f"case.{name}"] = json.dumps(settings)
    write(SEQUENCE_FIXTURES / "convolution.safetensors", tensors, metadata)


if __name__ == "__main__":
    main()
