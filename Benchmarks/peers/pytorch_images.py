#!/usr/bin/env python3
"""Times one network for images in PyTorch; prints one JSON object.

    pip install torch==2.13.0
    Benchmarks/peers/pytorch_images.py --task train --network lenet-5-modern --batch 64 --threads 2
    Benchmarks/peers/pytorch_images.py --task forward --network resnet-18 --batch 1 --threads 2

The workloads
-------------

--network   lenet-5-modern   two 5x5 convolutions (6, 16) with ReLU and 2x2 max pooling, affine maps to
                             120, 84 and 10; images 1x32x32
            resnet-18        He et al. 2016, 1,000 classes, images 3x224x224
            vgg-16           Simonyan and Zisserman 2015, 1,000 classes, images 3x224x224
            u-net-256        Ronneberger et al. 2015 with padding: 64 to 1,024 channels, 2 classes,
                             images 3x256x256
  forward   the scores, without gradients; batch normalization uses its moving statistics.
  train     scores, cross-entropy (of each pixel for u-net-256), mean, backward, Adam (1e-3, 0.9,
            0.999, 1e-8).

The images are ((i mod 23) / 23 - 0.5) for value i, counted with the width fastest; the class of image
b is b mod classes, that of pixel p of image b is (b + p) mod 2.

Ways to do the same, of which `--variant auto` keeps the fastest: images and weights `contiguous` or
with `channels-last`; forward also `frozen`, a script in which batch normalization is folded into the
convolutions (torch.jit.optimize_for_inference); Adam `fused` or `foreach`.
"""

import argparse
import json
import platform
import sys
import warnings

import workload
from memory import reset_peak, status

try:
    import torch
except ImportError:
    sys.exit("PyTorch is not installed; to install it: pip install torch==2.13.0")

from torch import nn
from torch.nn import functional

NETWORKS = {
    "lenet-5-modern": ((1, 32, 32), 10),
    "resnet-18": ((3, 224, 224), 1000),
    "vgg-16": ((3, 224, 224), 1000),
    "u-net-256": ((3, 256, 256), 2),
}


def parse():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--task", choices=["train", "forward"], required=True)
    parser.add_argument("--network", choices=list(NETWORKS), required=True)
    parser.add_argument("--batch", type=workload.positive, default=1)
    parser.add_argument("--threads", type=workload.positive, required=True)
    parser.add_argument("--repeats", type=workload.positive, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--variant", default="auto")
    workload.add_processor_options(parser)
    return parser.parse_args()


# Networks


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(),
        nn.Linear(84, 10),
    )  # fmt: skip


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x):
        y = functional.relu(self.bn1(self.conv1(x)), inplace=True)
        return functional.relu(self.bn2(self.conv2(y)) + self.shortcut(x), inplace=True)


def resnet18():
    layers = [
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, 1),
    ]  # fmt: skip
    inputs = 64
    for stage, width in enumerate([64, 128, 256, 512]):
        layers.append(Residual(inputs, width, 1 if stage == 0 else 2))
        layers.append(Residual(width, width, 1))
        inputs = width
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000)]
    return nn.Sequential(*layers)


def vgg16():
    layers = []
    inputs = 3
    for width, count in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
        for _ in range(count):
            layers += [nn.Conv2d(inputs, width, 3, 1, 1), nn.ReLU(inplace=True)]
            inputs = width
        layers.append(nn.MaxPool2d(2))
    layers += [
        nn.Flatten(),
        nn.Linear(512 * 7 * 7, 4096), nn.ReLU(inplace=True), nn.Dropout(),
        nn.Linear(4096, 4096), nn.ReLU(inplace=True), nn.Dropout(),
        nn.Linear(4096, 1000),
    ]  # fmt: skip
    return nn.Sequential(*layers)


def twice(inputs, outputs):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, 1, 1), nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, 1, 1), nn.ReLU(inplace=True),
    )  # fmt: skip


class UNet(nn.Module):
    def __init__(self, inputs=3, classes=2, widths=(64, 128, 256, 512, 1024)):
        super().__init__()
        self.down = nn.ModuleList()
        self.up = nn.ModuleList()
        self.merge = nn.ModuleList()
        for width in widths[:-1]:
            self.down.append(twice(inputs, width))
            inputs = width
        self.bottom = twice(inputs, widths[-1])
        inputs = widths[-1]
        for width in reversed(widths[:-1]):
            self.up.append(nn.ConvTranspose2d(inputs, width, 2, 2))
            self.merge.append(twice(2 * width, width))
            inputs = width
        self.head = nn.Conv2d(inputs, classes, 1)

    def forward(self, x):
        kept = []
        for down in self.down:
            x = down(x)
            kept.append(x)
            x = functional.max_pool2d(x, 2)
        x = self.bottom(x)
        for level, (up, merge) in enumerate(zip(self.up, self.merge)):
            x = merge(torch.cat([kept[-1 - level], up(x)], 1))
        return self.head(x)


MAKE = {"lenet-5-modern": lenet, "resnet-18": resnet18, "vgg-16": vgg16, "u-net-256": UNet}


def images(options):
    shape = (options.batch, *NETWORKS[options.network][0])
    count = torch.tensor(shape).prod().item()
    return ((torch.arange(count) % 23) / 23 - 0.5).reshape(shape)


def targets(options):
    (_, height, width), classes = NETWORKS[options.network]
    item = torch.arange(options.batch)
    if options.network != "u-net-256":
        return item % classes
    place = torch.arange(height * width).reshape(1, height, width)
    return (item.reshape(-1, 1, 1) + place) % 2


def laid_out(options, variant):
    network, x = MAKE[options.network](), images(options)
    if variant.startswith("channels-last"):
        network = network.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    return network, x


# What is timed


def train(options, variant):
    network, x = laid_out(options, variant)
    network.train()
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    target = targets(options)
    update = torch.optim.Adam(network.parameters(), **{variant.split("+")[1]: True})

    def step():
        update.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(network(x), target)
        loss.backward()
        update.step()
        return loss

    return step


def forward(options, variant):
    network, x = laid_out(options, variant)
    network.eval()
    if variant.endswith("+frozen"):
        with torch.no_grad():
            network = torch.jit.optimize_for_inference(torch.jit.trace(network, x))

    def run():
        with torch.inference_mode():
            return network(x)

    return run


def bodies(options):
    layouts = ["contiguous", "channels-last"]
    endings, make = ("", "+frozen"), forward
    if options.task == "train":
        endings, make = ("+fused", "+foreach"), train
    names = [layout + ending for layout in layouts for ending in endings]
    return {name: lambda name=name: make(options, name) for name in names}


def operations(options):
    """Additions and multiplications of convolutions and affine maps, three times that in training."""
    total = 0

    def count(module, inputs, output):
        nonlocal total
        if isinstance(module, nn.ConvTranspose2d):
            total += 2 * inputs[0].numel() * module.weight[0].numel()
        elif isinstance(module, nn.Conv2d):
            total += 2 * output.numel() * module.weight[0].numel()
        elif isinstance(module, nn.Linear):
            total += 2 * output.numel() * module.in_features

    network = MAKE[options.network]().eval()
    for module in network.modules():
        module.register_forward_hook(count)
    with torch.no_grad():
        network(images(options))
    return total * (3 if options.task == "train" else 1)


def main():
    options = parse()
    flushed = workload.set_up(torch, options)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    warnings.filterwarnings("ignore")
    total = operations(options)
    before = reset_peak()
    times = workload.timed(options, bodies(options), 1)
    peak = status("VmHWM")
    result = {
        "library": "pytorch",
        "task": options.task,
        "network": options.network,
        "batch": options.batch,
        "threads": options.threads,
        **times,
        "gflops": total / times["milliseconds"] / 1e6,
        "peak_growth_bytes": peak - before if peak and before else None,
        "denormals": "flushed" if flushed else "kept",
        "versions": {"pytorch": torch.__version__, "python": platform.python_version()},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
