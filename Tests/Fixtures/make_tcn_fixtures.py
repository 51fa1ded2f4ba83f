#!/usr/bin/env python3
"""Writes Tests/ReelSequenceTests/Fixtures/tcn.safetensors: temporal convolutional networks in PyTorch,
for the tests of TCN.

The block is that of Bai, Kolter and Koltun 2018 (two dilated convolutions with weight normalization,
what is padded at the end cut off, ReLU, and a 1×1 shortcut where the channels differ), put together
from PyTorch's own layers, in Double; autograd gives every gradient. Each sequence is read alone, so
that no padding can reach another. Inputs and versions are as in make_pytorch_fixtures.py, which must
lie beside this file.

    pip install torch==2.13.0 safetensors==0.8.0 numpy
    Tests/Fixtures/make_tcn_fixtures.py
"""

import torch
from torch import nn
from torch.nn.utils import weight_norm

from make_pytorch_fixtures import SEQUENCE_FIXTURES, VERSIONS, Double, Patterns, write


class Block(nn.Module):
    def __init__(self, inputs, outputs, kernel, dilation, causal):
        super().__init__()
        extent = (kernel - 1) * dilation
        # A causal convolution is padded on both sides and cut at the end.
        padding = extent if causal else extent // 2
        self.cut = extent if causal else 0

        def convolution(channels):
            layer = nn.Conv1d(
                channels, outputs, kernel, padding=padding, dilation=dilation, dtype=Double
            )
            return weight_norm(layer)

        self.conv1 = convolution(inputs)
        self.conv2 = convolution(outputs)
        self.downsample = nn.Conv1d(inputs, outputs, 1, dtype=Double) if inputs != outputs else None

    def convolve(self, layer, x):
        y = layer(x)
        return torch.relu(y[:, :, : y.shape[2] - self.cut] if self.cut else y)

    def forward(self, x):
        y = self.convolve(self.conv2, self.convolve(self.conv1, x))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class Network(nn.Module):
    def __init__(self, inputs, channels, kernel, base, causal):
        super().__init__()
        sizes = [inputs] + channels
        self.network = nn.Sequential(
            *[
                Block(sizes[i], sizes[i + 1], kernel, base**i, causal)
                for i in range(len(channels))
            ]
        )

    def forward(self, x):
        """[time, feature] → [time, channels of the last block]."""
        return self.network(x.T[None])[0].T


CASES = {
    "causal": dict(inputs=3, channels=[4, 4, 5], kernel=3, base=2, causal=True),
    "causal_base_3": dict(inputs=4, channels=[4, 2], kernel=2, base=3, causal=True),
    "centered": dict(inputs=3, channels=[5, 4], kernel=3, base=2, causal=False),
}
LENGTHS = [9, 4, 17, 1]


def main():
    tensors = {}
    for case, settings in CASES.items():
        patterns = Patterns(100)
        network = Network(**settings)
        for name, parameter in network.named_parameters():
            scale = 1.0 if name.endswith("weight_g") else 0.6
            values = patterns(*parameter.shape, scale=scale)
            # Lengths of weights are positive, as they are at the start of a training.
            if name.endswith("weight_g"):
                values = values.abs() + 0.5
            parameter.data = values.float().to(Double)
        longest = max(LENGTHS)
        inputs = patterns(len(LENGTHS), longest, settings["inputs"]).requires_grad_()
        weights = patterns(len(LENGTHS), longest, settings["channels"][-1])
        outputs, loss = torch.zeros_like(weights), torch.zeros((), dtype=Double)
        for row, length in enumerate(LENGTHS):
            output = network(inputs[row, :length])
            loss = loss + (output * weights[row, :length]).sum()
            outputs[row, :length] = output.detach()
        loss.backward()
        assert 0.2 < (outputs > 0).to(Double).mean() < 0.8, case
        found = {
            "input": inputs,
            "input_gradient": inputs.grad,
            "output": outputs,
            "output_weight": weights,
            "loss": loss,
            "lengths": torch.tensor(LENGTHS),
        }
        for name, parameter in network.named_parameters():
            found[f"parameter.{name}"] = parameter
            found[f"gradient.{name}"] = parameter.grad
        tensors |= {f"{case}/{name}": tensor for name, tensor in found.items()}
    write(SEQUENCE_FIXTURES / "tcn.safetensors", tensors, VERSIONS)


if __name__ == "__main__":
    main()
