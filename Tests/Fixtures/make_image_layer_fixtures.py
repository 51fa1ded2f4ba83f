#!/usr/bin/env python3
"""Writes Tests/ReelSequenceTests/Fixtures/image_layers.safetensors: pooling, un-pooling,
interpolation, local response normalization, activations and the loss over positions in PyTorch.

Inputs are patterns rounded to Float; results are computed in Double, autograd gives every gradient,
and all are rounded once, on writing. Versions are as in make_pytorch_fixtures.py, which must lie
beside this file. Names in the file are `case/name`.

    pip install torch==2.13.0 safetensors==0.8.0 numpy
    Tests/Fixtures/make_image_layer_fixtures.py
"""

import torch
import torch.nn.functional as F

from make_pytorch_fixtures import SEQUENCE_FIXTURES, VERSIONS, Double, Patterns, write

# name, input shape, function of the input
FUNCTIONS = [
    ("max_1d", [2, 3, 9], lambda x: F.max_pool1d(x, 3, stride=2, padding=1)),
    ("max_2x2", [2, 5, 6, 8], lambda x: F.max_pool2d(x, 2)),
    ("max_resnet", [1, 4, 9, 11], lambda x: F.max_pool2d(x, 3, stride=2, padding=1)),
    ("max_googlenet", [2, 3, 8, 10], lambda x: F.max_pool2d(x, 3, stride=2, ceil_mode=True)),
    ("max_ceil_padded", [1, 3, 7, 6], lambda x: F.max_pool2d(x, (3, 2), stride=(3, 3), padding=(1, 1), ceil_mode=True)),
    ("max_ceil_small", [1, 3, 2, 5], lambda x: F.max_pool2d(x, 3, stride=2, ceil_mode=True)),
    ("max_dilated", [1, 3, 9, 8], lambda x: F.max_pool2d(x, (2, 3), stride=2, padding=1, dilation=(3, 2))),
    ("max_3d", [1, 2, 4, 5, 6], lambda x: F.max_pool3d(x, 2, stride=(2, 1, 2))),
    ("average_1d", [2, 3, 9], lambda x: F.avg_pool1d(x, 3, stride=2, padding=1)),
    ("average_2x2", [2, 5, 6, 8], lambda x: F.avg_pool2d(x, 2)),
    ("average_padded", [1, 3, 7, 8], lambda x: F.avg_pool2d(x, 3, stride=2, padding=1)),
    ("average_uncounted", [1, 3, 7, 8], lambda x: F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)),
    ("average_ceil", [1, 3, 8, 9], lambda x: F.avg_pool2d(x, 3, stride=2, padding=1, ceil_mode=True)),
    ("average_ceil_uncounted", [1, 3, 8, 9], lambda x: F.avg_pool2d(x, 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)),
    ("average_3d", [1, 2, 4, 5, 6], lambda x: F.avg_pool3d(x, 2, padding=(0, 1, 1))),
    ("adaptive_average", [2, 3, 7, 9], lambda x: F.adaptive_avg_pool2d(x, (3, 4))),
    ("adaptive_average_more", [1, 2, 3, 4], lambda x: F.adaptive_avg_pool2d(x, (5, 6))),
    ("adaptive_max", [2, 3, 7, 9], lambda x: F.adaptive_max_pool2d(x, (3, 4))),
    ("adaptive_max_more", [1, 2, 3, 4], lambda x: F.adaptive_max_pool2d(x, (5, 6))),
    ("unpooled", [2, 3, 6, 8], lambda x: unpooled(x)),
    ("nearest_scale", [2, 3, 4, 5], lambda x: F.interpolate(x, scale_factor=2, mode="nearest")),
    ("nearest_size", [1, 3, 4, 5], lambda x: F.interpolate(x, size=(7, 3), mode="nearest")),
    ("bilinear_scale", [2, 3, 4, 5], lambda x: F.interpolate(x, scale_factor=2, mode="bilinear")),
    ("bilinear_uneven", [1, 3, 4, 5], lambda x: F.interpolate(x, scale_factor=(2.5, 1.7), mode="bilinear")),
    ("bilinear_size", [1, 3, 4, 5], lambda x: F.interpolate(x, size=(7, 3), mode="bilinear")),
    ("bilinear_aligned", [1, 3, 4, 5], lambda x: F.interpolate(x, size=(7, 9), mode="bilinear", align_corners=True)),
    ("linear", [2, 3, 6], lambda x: F.interpolate(x, scale_factor=1.5, mode="linear")),
    ("trilinear_aligned", [1, 2, 2, 3, 4], lambda x: F.interpolate(x, size=(4, 5, 3), mode="trilinear", align_corners=True)),
    ("bicubic_scale", [2, 3, 4, 5], lambda x: F.interpolate(x, scale_factor=2, mode="bicubic")),
    ("bicubic_size", [1, 3, 4, 5], lambda x: F.interpolate(x, size=(7, 3), mode="bicubic")),
    ("bicubic_aligned", [1, 3, 4, 5], lambda x: F.interpolate(x, size=(7, 9), mode="bicubic", align_corners=True)),
    ("local_response", [2, 9, 3, 4], lambda x: F.local_response_norm(3 * x, 5)),
    ("local_response_alexnet", [2, 9, 3, 4], lambda x: F.local_response_norm(3 * x, 5, alpha=5e-4, beta=0.75, k=2)),
    ("local_response_even", [2, 9, 3, 4], lambda x: F.local_response_norm(3 * x, 4, alpha=2.0, beta=0.5, k=0.5)),
    ("relu", [3, 40], lambda x: F.relu(4 * x)),
    ("leaky_relu", [3, 40], lambda x: F.leaky_relu(4 * x, 0.2)),
    ("tanh", [3, 40], lambda x: torch.tanh(4 * x)),
    ("sigmoid", [3, 40], lambda x: torch.sigmoid(4 * x)),
    ("elu", [3, 40], lambda x: F.elu(4 * x, 0.7)),
    ("gelu", [3, 40], lambda x: F.gelu(4 * x)),
    ("gelu_tanh", [3, 40], lambda x: F.gelu(4 * x, approximate="tanh")),
    ("silu", [3, 40], lambda x: F.silu(4 * x)),
    ("softplus", [3, 40], lambda x: F.softplus(4 * x)),
    ("flattened", [2, 3, 4, 5], lambda x: torch.flatten(x, 1)),
    ("softmax", [2, 3, 4, 5], lambda x: F.softmax(4 * x, dim=1)),
]


def unpooled(x):
    pooled, indices = F.max_pool2d(x, 2, return_indices=True)
    return F.max_unpool2d(pooled * pooled, indices, 2)


def run(function, x, pattern):
    """Output, and the gradients of the sum of output ⊙ weights."""
    x = x.clone().requires_grad_(True)
    output = function(x)
    weights = pattern(*output.shape)
    (output * weights).sum().backward()
    return {"input": x.detach(), "output_weight": weights, "output": output, "gradient.input": x.grad}


def main():
    torch.set_num_threads(1)
    tensors = {}

    def add(name, case):
        tensors.update({f"{name}/{key}": value for key, value in case.items()})

    for number, (name, shape, function) in enumerate(FUNCTIONS):
        pattern = Patterns(700 + 2 * number)
        add(name, run(function, pattern(*shape), pattern))

    pattern = Patterns(900)
    x = pattern(2, 3, 6, 8)
    _, indices = F.max_pool2d(x, 3, stride=2, padding=1, return_indices=True)
    add("indices", {"input": x, "indices": indices.to(Double)})

    for name, count in (("prelu_one", 1), ("prelu_channels", 4)):
        layer = torch.nn.PReLU(count, dtype=Double)
        with torch.no_grad():
            layer.weight.copy_(pattern(count))
        case = run(layer, pattern(2, 4, 3, 5), pattern)
        case["parameter.weight"] = layer.weight
        case["gradient.weight"] = layer.weight.grad
        add(name, case)

    for name, ignored, smoothing in (("loss", 255, 0.0), ("loss_smoothed", 3, 0.1)):
        x = pattern(2, 5, 3, 4).requires_grad_(True)
        labels = torch.arange(24).reshape(2, 3, 4) * 7 % 5
        labels[0, 1, 2] = labels[1, 0, 0] = ignored
        loss = F.cross_entropy(3 * x, labels, ignore_index=ignored, label_smoothing=smoothing)
        loss.backward()
        add(name, {"input": x, "labels": labels.to(Double), "output": loss, "gradient.input": x.grad})

    write(SEQUENCE_FIXTURES / "image_layers.safetensors", tensors, dict(VERSIONS))


if __name__ == "__main__":
    main()
