#!/usr/bin/env python3
"""Writes the fixture files that compare Reel's convolutional layers with PyTorch's.

Made like the other fixtures, with the same versions; see make_pytorch_fixtures.py. Inputs and
weights are patterns rounded to Float; results are computed in Double and rounded once.

  Tests/ReelSequenceTests/Fixtures/convolution_layers.safetensors
      names are `case/name`: layers with weight normalization, transposed ones, batch normalization
  Tests/ReelSequenceTests/Fixtures/convolution_state_dict.safetensors
      a network with batch normalization as PyTorch itself saves it, batch counts included
  Tests/ReelSequenceTests/Fixtures/convolution_state_dict_expected.safetensors
      its input, and what comes out in training and in prediction, with gradients and buffers
"""

import json
import warnings

import safetensors.torch
import torch
from torch import nn

from make_pytorch_fixtures import SEQUENCE_FIXTURES, VERSIONS, Double, Patterns, write

# name, class, weight normalization, input shape, arguments
CASES = [
    ("conv1d", nn.Conv1d, False, [2, 3, 9], dict(out_channels=4, kernel_size=3, dilation=2, padding=2)),
    ("conv1d_norm", nn.Conv1d, True, [2, 4, 8], dict(out_channels=6, kernel_size=2, stride=3, groups=2)),
    ("conv2d_norm", nn.Conv2d, True, [2, 3, 7, 6], dict(out_channels=5, kernel_size=(3, 2), stride=(2, 1), padding=(1, 0))),
    ("conv2d_depthwise", nn.Conv2d, False, [2, 4, 6, 6], dict(out_channels=8, kernel_size=3, padding=1, groups=4, bias=False)),
    ("conv3d_norm", nn.Conv3d, True, [1, 2, 4, 5, 3], dict(out_channels=3, kernel_size=(2, 3, 2), padding=(0, 1, 1))),
    ("transposed1d_norm", nn.ConvTranspose1d, True, [2, 4, 5], dict(out_channels=6, kernel_size=4, stride=3, padding=1, output_padding=2, groups=2)),
    ("transposed2d", nn.ConvTranspose2d, False, [2, 3, 4, 3], dict(out_channels=2, kernel_size=(3, 2), stride=2, padding=(1, 0), output_padding=(1, 0), dilation=(1, 2))),
    ("transposed3d_norm", nn.ConvTranspose3d, True, [1, 2, 3, 2, 3], dict(out_channels=2, kernel_size=2, stride=(1, 2, 2))),
]


def fill(module, pattern):
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            parameter.copy_(pattern(*parameter.shape))
            if name.endswith("weight_g"):
                parameter.add_(1.5)
                parameter.copy_(parameter.float())


def run(module, x, weights, prefix=""):
    """Output, and the gradients of the sum of output ⊙ weights."""
    x = x.clone().requires_grad_(True)
    module.zero_grad()
    output = module(x)
    (output * weights).sum().backward()
    result = {prefix + "output": output, prefix + "gradient.input": x.grad}
    for name, parameter in module.named_parameters():
        result[f"{prefix}gradient.{name}"] = parameter.grad.clone()
    return result


def layer_case(make, normalized, shape, arguments, serial):
    pattern = Patterns(serial)
    layer = make(in_channels=shape[1], dtype=Double, **arguments)
    if normalized:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the older form, whose names are on disk everywhere
            layer = nn.utils.weight_norm(layer)
    fill(layer, pattern)
    x = pattern(*shape)
    weights = pattern(*layer(x).shape)
    case = {"input": x, "output_weight": weights}
    case.update({f"parameter.{name}": value for name, value in layer.named_parameters()})
    case.update(run(layer, x, weights))
    return case


def batch_norm_case(make, shape, epsilon, momentum, serial):
    """Two steps of training, then a prediction."""
    pattern = Patterns(serial)
    layer = make(shape[1], eps=epsilon, momentum=momentum, dtype=Double)
    fill(layer, pattern)
    case = {
        "epsilon": torch.tensor(epsilon),
        "momentum": torch.tensor(momentum),
        "parameter.running_mean": layer.running_mean.clone(),
        "parameter.running_var": layer.running_var.clone(),
    }
    case.update({f"parameter.{name}": value for name, value in layer.named_parameters()})
    weights = pattern(*shape)
    case["output_weight"] = weights
    for step in (1, 2):
        x = 3 * pattern(*shape) + step
        x = x.float().to(Double)
        case[f"{step}.input"] = x
        case.update(run(layer, x, weights, f"{step}."))
        case[f"{step}.running_mean"] = layer.running_mean.clone()
        case[f"{step}.running_var"] = layer.running_var.clone()
    layer.eval()
    # The moving statistics as a Float holds them, so that both sides predict with the same.
    case["3.input"] = pattern(*shape)
    case.update(run(layer, case["3.input"], weights, "3."))
    return case


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(2, 4, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, (1, 3), padding=(0, 1), groups=2, bias=False)
        self.bn2 = nn.BatchNorm2d(4)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.up = nn.utils.weight_norm(nn.ConvTranspose2d(4, 3, 2, stride=2))

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = torch.relu(self.bn2(self.conv2(y)) + y)
        return self.up(y)


def state_dict_fixtures():
    pattern = Patterns(560)
    net = Net().to(Double)
    fill(net, pattern)
    for _ in range(3):  # moving statistics that are none of those it began with
        net(pattern(3, 2, 6, 8))
    net = net.float().to(Double)
    path = SEQUENCE_FIXTURES / "convolution_state_dict.safetensors"
    state = {
        name: value.float().contiguous() if value.is_floating_point() else value.clone()
        for name, value in sorted(net.state_dict().items())
    }
    safetensors.torch.save_file(state, path, metadata={"format": "pt"})
    print(f"{path.name}: {len(state)} tensors, {path.stat().st_size} bytes")

    x = pattern(3, 2, 6, 8)
    expected = {"input": x, "output_weight": pattern(3, 3, 6, 8)}
    net.eval()
    expected.update(run(net, x, expected["output_weight"], "predicting."))
    net.train()
    expected.update(run(net, x, expected["output_weight"], "training."))
    for name, value in net.named_buffers():
        if value.is_floating_point():
            expected[f"buffer.{name}"] = value.clone()
    write(SEQUENCE_FIXTURES / "convolution_state_dict_expected.safetensors", expected, VERSIONS)


def main():
    torch.set_num_threads(1)
    tensors, metadata = {}, dict(VERSIONS)
    for number, (name, make, normalized, shape, arguments) in enumerate(CASES):
        made = layer_case(make, normalized, shape, arguments, serial=500 + 4 * number)
        tensors.update({f"{name}/{key}": value for key, value in made.items()})
        metadata[f"case.{name}"] = json.dumps([shape, arguments])
    for number, (name, make, shape, epsilon, momentum) in enumerate(
        [
            ("batch_norm", nn.BatchNorm1d, [6, 3], 1e-5, 0.1),
            ("batch_norm1d", nn.BatchNorm1d, [3, 4, 5], 1e-3, 0.25),
            ("batch_norm2d", nn.BatchNorm2d, [2, 3, 4, 3], 1e-5, 0.1),
            ("batch_norm3d", nn.BatchNorm3d, [2, 2, 2, 3, 2], 1e-5, 0.5),
        ]
    ):
        made = batch_norm_case(make, shape, epsilon, momentum, serial=540 + 4 * number)
        tensors.update({f"{name}/{key}": value for key, value in made.items()})
        metadata[f"case.{name}"] = json.dumps([shape, epsilon, momentum])
    write(SEQUENCE_FIXTURES / "convolution_layers.safetensors", tensors, metadata)
    state_dict_fixtures()


if __name__ == "__main__":
    main()
