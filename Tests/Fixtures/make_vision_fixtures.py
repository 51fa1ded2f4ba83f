#!/usr/bin/env python3
"""Writes the fixture files that compare Reel's networks for images with PyTorch's.

Made like the other fixtures, with the same versions; see make_pytorch_fixtures.py. Each network is
written here as torchvision or its paper has it, with the same names and fewer channels. Weights are
patterns rounded to Float and scaled to their fan-in; results are computed in Double and rounded once.

  Tests/ReelVisionTests/Fixtures/NAME_state_dict.safetensors    as PyTorch itself saves it
  Tests/ReelVisionTests/Fixtures/NAME_expected.safetensors      its input, what comes out in training and
      in prediction, and the gradients of Σ output ⊙ weight in training
"""

import math

import safetensors.torch
import torch
import torch.nn.functional as functional
from torch import nn

from make_pytorch_fixtures import ROOT, VERSIONS, Double, Patterns, write

FIXTURES = ROOT / "Tests/ReelVisionTests/Fixtures"


# Residual networks


class Residual(nn.Module):
    def __init__(self, channels, width, stride, expansion):
        super().__init__()
        if expansion == 1:
            self.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(width)
            self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(width)
        else:
            self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(width)
            self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(width)
            self.conv3 = nn.Conv2d(width, width * expansion, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(width * expansion)
        self.expansion = expansion
        self.downsample = None
        if stride != 1 or channels != width * expansion:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, width * expansion, 1, stride, bias=False),
                nn.BatchNorm2d(width * expansion),
            )

    def forward(self, x):
        y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
        if self.expansion != 1:
            y = self.bn3(self.conv3(functional.relu(y)))
        return functional.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self, expansion, blocks, widths, large, classes):
        super().__init__()
        first = dict(kernel_size=7, stride=2, padding=3) if large else dict(kernel_size=3, padding=1)
        self.conv1 = nn.Conv2d(3, widths[0], bias=False, **first)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.large = large
        channels = widths[0]
        for stage, (count, width) in enumerate(zip(blocks, widths), start=1):
            layers = []
            for index in range(count):
                stride = 2 if stage > 1 and index == 0 else 1
                layers.append(Residual(channels, width, stride, expansion))
                channels = width * expansion
            setattr(self, f"layer{stage}", nn.Sequential(*layers))
        self.stages = len(blocks)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        x = functional.relu(self.bn1(self.conv1(x)))
        if self.large:
            x = functional.max_pool2d(x, 3, 2, 1)
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))


# GoogLeNet


class Unit(nn.Module):
    def __init__(self, channels, width, **arguments):
        super().__init__()
        self.conv = nn.Conv2d(channels, width, bias=False, **arguments)
        self.bn = nn.BatchNorm2d(width, eps=0.001)

    def forward(self, x):
        return functional.relu(self.bn(self.conv(x)))


class Inception(nn.Module):
    def __init__(self, channels, widths):
        super().__init__()
        single, reduce3, three, reduce5, five, pool = widths
        self.branch1 = Unit(channels, single, kernel_size=1)
        self.branch2 = nn.Sequential(
            Unit(channels, reduce3, kernel_size=1), Unit(reduce3, three, kernel_size=3, padding=1)
        )
        self.branch3 = nn.Sequential(
            Unit(channels, reduce5, kernel_size=1), Unit(reduce5, five, kernel_size=3, padding=1)
        )
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(3, 1, 1, ceil_mode=True), Unit(channels, pool, kernel_size=1)
        )

    def forward(self, x):
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], 1)


class Auxiliary(nn.Module):
    def __init__(self, channels, width, hidden, classes):
        super().__init__()
        self.conv = Unit(channels, width, kernel_size=1)
        self.fc1 = nn.Linear(16 * width, hidden)
        self.fc2 = nn.Linear(hidden, classes)

    def forward(self, x):
        x = self.conv(functional.adaptive_avg_pool2d(x, (4, 4)))
        return self.fc2(functional.relu(self.fc1(torch.flatten(x, 1))))


class GoogLeNet(nn.Module):
    MODULES = {
        "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64),
        "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64),
        "4c": (128, 128, 256, 24, 64, 64), "4d": (112, 144, 288, 32, 64, 64),
        "4e": (256, 160, 320, 32, 128, 128), "5a": (256, 160, 320, 32, 128, 128),
        "5b": (384, 192, 384, 48, 128, 128),
    }

    def __init__(self, divisor, classes):
        super().__init__()
        self.conv1 = Unit(3, 64 // divisor, kernel_size=7, stride=2, padding=3)
        self.conv2 = Unit(64 // divisor, 64 // divisor, kernel_size=1)
        self.conv3 = Unit(64 // divisor, 192 // divisor, kernel_size=3, padding=1)
        channels = 192 // divisor
        for place, widths in self.MODULES.items():
            widths = [width // divisor for width in widths]
            setattr(self, f"inception{place}", Inception(channels, widths))
            channels = widths[0] + widths[2] + widths[4] + widths[5]
            if place == "4a":
                self.aux1 = Auxiliary(channels, 128 // divisor, 1024 // divisor, classes)
            if place == "4d":
                self.aux2 = Auxiliary(channels, 128 // divisor, 1024 // divisor, classes)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        x = functional.max_pool2d(self.conv1(x), 3, 2, ceil_mode=True)
        x = functional.max_pool2d(self.conv3(self.conv2(x)), 3, 2, ceil_mode=True)
        self.sides = []
        for place in self.MODULES:
            x = getattr(self, f"inception{place}")(x)
            if place == "3b":
                x = functional.max_pool2d(x, 3, 2, ceil_mode=True)
            if place == "4a":
                self.sides.append(self.aux1(x))
            if place == "4d":
                self.sides.append(self.aux2(x))
            if place == "4e":
                x = functional.max_pool2d(x, 2, 2, ceil_mode=True)
        return self.fc(x.mean((2, 3)))


class InceptionBlock(nn.Module):
    """One module of GoogLeNet between a convolution and both kinds of classifier."""

    def __init__(self, widths, classes):
        super().__init__()
        self.conv1 = Unit(3, 6, kernel_size=3, padding=1)
        self.inception3a = Inception(6, widths)
        channels = widths[0] + widths[2] + widths[4] + widths[5]
        self.aux1 = Auxiliary(channels, 3, 5, classes)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        x = self.inception3a(functional.max_pool2d(self.conv1(x), 3, 2, ceil_mode=True))
        self.sides = [self.aux1(x)]
        return self.fc(x.mean((2, 3)))


# From image to image


def twice(channels, width):
    return nn.Sequential(
        nn.Conv2d(channels, width, 3), nn.ReLU(), nn.Conv2d(width, width, 3), nn.ReLU()
    )


class UNet(nn.Module):
    def __init__(self, channels, widths, classes):
        super().__init__()
        self.levels = len(widths) - 1
        for level, width in enumerate(widths[:-1], start=1):
            setattr(self, f"down{level}", twice(channels, width))
            channels = width
        self.bottom = twice(channels, widths[-1])
        channels = widths[-1]
        for level in range(self.levels, 0, -1):
            width = widths[level - 1]
            setattr(self, f"up{level}", nn.ConvTranspose2d(channels, width, 2, 2))
            setattr(self, f"merge{level}", twice(2 * width, width))
            channels = width
        self.head = nn.Conv2d(channels, classes, 1)

    def forward(self, x):
        kept = []
        for level in range(1, self.levels + 1):
            x = getattr(self, f"down{level}")(x)
            kept.append(x)
            x = functional.max_pool2d(x, 2)
        x = self.bottom(x)
        for level in range(self.levels, 0, -1):
            x = getattr(self, f"up{level}")(x)
            side = kept[level - 1]
            top = (side.shape[2] - x.shape[2]) // 2
            left = (side.shape[3] - x.shape[3]) // 2
            side = side[:, :, top : top + x.shape[2], left : left + x.shape[3]]
            x = getattr(self, f"merge{level}")(torch.cat([side, x], 1))
        return self.head(x)


class FCN8(nn.Module):
    """The layers and offsets of the released FCN-8s."""

    def __init__(self, widths, hidden, classes):
        super().__init__()
        layers, channels, self.ends = [], 3, []
        for stage in widths:
            for width in stage:
                layers += [nn.Conv2d(channels, width, 3, padding=1 if layers else 100), nn.ReLU()]
                channels = width
            layers.append(nn.MaxPool2d(2, 2, ceil_mode=True))
            self.ends.append(len(layers))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Sequential(
            nn.Conv2d(channels, hidden, 7), nn.ReLU(), nn.Identity(),
            nn.Conv2d(hidden, hidden, 1), nn.ReLU(), nn.Identity(),
        )
        self.score_fr = nn.Conv2d(hidden, classes, 1)
        self.score_pool3 = nn.Conv2d(widths[2][-1], classes, 1)
        self.score_pool4 = nn.Conv2d(widths[3][-1], classes, 1)
        self.upscore2 = nn.ConvTranspose2d(classes, classes, 4, 2, bias=False)
        self.upscore_pool4 = nn.ConvTranspose2d(classes, classes, 4, 2, bias=False)
        self.upscore8 = nn.ConvTranspose2d(classes, classes, 16, 8, bias=False)

    def forward(self, x):
        height, width = x.shape[2:]
        pool3 = self.features[: self.ends[2]](x)
        pool4 = self.features[self.ends[2] : self.ends[3]](pool3)
        y = self.upscore2(self.score_fr(self.classifier(self.features[self.ends[3] :](pool4))))
        side = self.score_pool4(pool4)
        y = y + side[:, :, 5 : 5 + y.shape[2], 5 : 5 + y.shape[3]]
        y = self.upscore_pool4(y)
        side = self.score_pool3(pool3)
        y = y + side[:, :, 9 : 9 + y.shape[2], 9 : 9 + y.shape[3]]
        return self.upscore8(y)[:, :, 31 : 31 + height, 31 : 31 + width]


# name, network, input, whether gradients are those of training. The batch statistics of a whole
# GoogLeNet, over two positions at its end, multiply rounding errors too much to compare them.
CASES = [
    ("resnet_basic", ResNet(1, [1, 2], [4, 8], False, 5), [2, 3, 12, 10], True),
    ("resnet_bottleneck", ResNet(4, [1, 2], [2, 4], True, 5), [2, 3, 32, 24], True),
    ("inception_block", InceptionBlock((4, 3, 5, 2, 4, 3), 7), [2, 3, 20, 18], True),
    ("googlenet", GoogLeNet(16, 7), [2, 3, 64, 64], False),
    ("unet", UNet(2, [3, 4, 5], 3), [1, 2, 44, 48], True),
    ("fcn8", FCN8([[2, 2], [3, 3], [4], [4], [5]], 6, 3), [1, 3, 20, 26], True),
]


def fill(module, pattern):
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if parameter.dim() > 1:
                fan = parameter[0].numel()
                if isinstance(module.get_submodule(name.rpartition(".")[0]), nn.ConvTranspose2d):
                    fan = parameter.shape[0]
                parameter.copy_(pattern(*parameter.shape, scale=2 / math.sqrt(fan)).float())
            else:
                is_gain = name.endswith("weight")
                parameter.copy_((pattern(*parameter.shape, scale=0.3) + is_gain).float())
        for name, buffer in module.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(pattern(*buffer.shape, scale=0.2))
            elif name.endswith("running_var"):
                buffer.copy_((1 + pattern(*buffer.shape, scale=0.4)).float())


def make(serial, name, network, shape, trains):
    pattern = Patterns(serial)
    network = network.to(Double)
    fill(network, pattern)
    state = {
        key: value.clone() if value.dtype == torch.int64 else value.float()
        for key, value in network.state_dict().items()
    }
    FIXTURES.mkdir(parents=True, exist_ok=True)
    path = FIXTURES / f"{name}_state_dict.safetensors"
    safetensors.torch.save_file(state, path)
    print(f"{path.relative_to(ROOT)}: {len(state)} tensors, {path.stat().st_size} bytes")

    x = pattern(*shape).requires_grad_(True)
    result = {"input": x}
    network.eval()
    result["predicting.output"] = network(x).detach()
    network.train(trains)
    output = network(x)
    weight = pattern(*output.shape)
    result["output_weight"] = weight
    loss = (output * weight).sum()
    for index, side in enumerate(getattr(network, "sides", []), start=1):
        result[f"aux{index}"] = side.detach()
        loss = loss + 0.3 * (side * weight).sum()
    loss.backward()
    result["output"] = output.detach()
    result["gradient.input"] = x.grad
    for key, parameter in network.named_parameters():
        result[f"gradient.{key}"] = parameter.grad
    for key, buffer in network.named_buffers():
        if not key.endswith("num_batches_tracked"):
            result[f"buffer.{key}"] = buffer
    write(FIXTURES / f"{name}_expected.safetensors", result, VERSIONS)


def main():
    for serial, (name, network, shape, trains) in enumerate(CASES):
        make(1000 * (serial + 1), name, network, shape, trains)


if __name__ == "__main__":
    main()
