#!/usr/bin/env python3
"""Times one temporal convolutional network or one convolution in PyTorch; prints one JSON object.

    pip install torch==2.13.0
    Benchmarks/peers/pytorch_convolution.py --task train --tcn 8x25 --kernel 7 --length 784 \\
        --batch 64 --threads 2
    Benchmarks/peers/pytorch_convolution.py --task forward --conv 64x64x3x56 --batch 8 --threads 2

The workloads
-------------

--tcn LxC   L blocks of C channels (Bai, Kolter and Koltun 2018): two causal convolutions with dilation
            2^l, weight norm (a gain for each output channel), bias and ReLU, a 1x1 shortcut with bias
            where the sizes differ, ReLU of the sum; no dropout. A linear head to `--outputs` scores:
            of the last time step, or with --every-step of each.
  train     scores → cross-entropy, mean → backward → Adam (1e-3, 0.9, 0.999, 1e-8); no clipping.
  forward   the scores, without gradients.
  step      batch 1: one time step of a stream with everything before it remembered, and its scores.
            Timed in blocks of 50 steps; `milliseconds` is that of one.
--conv IxOxKxS   a convolution of I to O channels, kernel KxK, on SxS pixels, padded to the same size.
  forward   without gradients.
  train     with gradients in input, weight and bias.

The input is x(b, t, c) = ((31·b + 17·t + 7·c) mod 23) / 23 − 0.5, the target of row b at step t is
(7919·b + 104729·t + 13·b·t) mod outputs, and of a whole row b mod outputs.

Ways to do the same, of which `--variant auto` keeps the fastest: a TCN pads on the left only (`pad`),
or on both sides and cuts off the end (`chomp`), or is made of 2-D convolutions over [batch, channel,
1, time] with channels last (`planar`); its Adam is `fused` or `foreach`; a convolution has its images
`contiguous` or with `channels-last`; all with oneDNN or without (`…+native`); a stream of steps runs on
all threads or on one (`…+single`).

`--variant last+foreach` and its like are a network rewritten by hand so that between the blocks only
those steps are left that the last output depends on. The authors' code computes all, and `auto` leaves it
out: it is here to say how much of a difference is this idea, and how much is not. (Its GFLOP/s count all
steps, too.)

Counting: additions and multiplications of the convolutions and the head alone, three times that for a
training step. `peak_growth_bytes` is by how much the process's memory has grown at its highest point,
since before the network was made; it means something where one variant alone was run.
"""

import argparse
import contextlib
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
from torch.nn.utils.parametrizations import weight_norm


def parse():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--task", choices=["train", "forward", "step"], required=True)
    parser.add_argument("--tcn", metavar="LxC")
    parser.add_argument("--conv", metavar="IxOxKxS")
    parser.add_argument("--kernel", type=workload.positive, default=3)
    parser.add_argument("--length", type=workload.positive, default=128)
    parser.add_argument("--batch", type=workload.positive)
    parser.add_argument("--input", type=workload.positive, default=1, help="features of a step")
    parser.add_argument("--outputs", type=workload.positive, default=10)
    parser.add_argument("--every-step", action="store_true")
    parser.add_argument("--threads", type=workload.positive, required=True)
    parser.add_argument("--repeats", type=workload.positive, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--variant", default="auto")
    workload.add_processor_options(parser)
    parser.add_argument("--check", action="store_true", help="that all variants agree; no timing")
    options = parser.parse_args()
    if (options.tcn is None) == (options.conv is None):
        parser.error("one of --tcn and --conv is expected")
    sizes = [int(size) for size in (options.tcn or options.conv).split("x")]
    if len(sizes) != (2 if options.tcn else 4) or min(sizes) < 1:
        parser.error(f"sizes {options.tcn or options.conv!r}: LxC or IxOxKxS is expected")
    if options.task == "step" and not options.tcn:
        parser.error("step is for --tcn")
    options.sizes = sizes
    if options.batch is None:
        options.batch = 1 if options.task == "step" else 32
    return options


# Networks


class Causal(nn.Module):
    """A weight-normed convolution that sees the past alone; x is [batch, channel, time]."""

    def __init__(self, inputs, outputs, kernel, dilation, shape):
        super().__init__()
        self.shape, self.reach = shape, (kernel - 1) * dilation
        padding = self.reach if shape == "chomp" else 0
        if shape == "planar":
            layer = nn.Conv2d(inputs, outputs, (1, kernel), dilation=(1, dilation))
        else:
            layer = nn.Conv1d(inputs, outputs, kernel, dilation=dilation, padding=padding)
        self.layer = weight_norm(layer)

    def forward(self, x):
        if self.shape == "chomp":
            return self.layer(x)[..., : x.shape[-1]]
        return self.layer(functional.pad(x, (self.reach, 0)))


class Block(nn.Module):
    def __init__(self, inputs, outputs, kernel, dilation, shape):
        super().__init__()
        self.first = Causal(inputs, outputs, kernel, dilation, shape)
        self.second = Causal(outputs, outputs, kernel, dilation, shape)
        kind = nn.Conv2d if shape == "planar" else nn.Conv1d
        self.shortcut = kind(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, x):
        y = torch.relu(self.second(torch.relu(self.first(x))))
        return torch.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class Network(nn.Module):
    def __init__(self, options, shape):
        super().__init__()
        blocks, channels = options.sizes
        widths = [options.input] + [channels] * blocks
        self.every_step = options.every_step
        self.shape, self.reach = shape, options.kernel - 1
        self.blocks = nn.Sequential(
            *(
                Block(
                    widths[level],
                    widths[level + 1],
                    options.kernel,
                    1 if shape == "last" else 2**level,
                    shape,
                )
                for level in range(blocks)
            )
        )
        self.head = nn.Linear(channels, options.outputs)
        if shape == "planar":
            self.to(memory_format=torch.channels_last)

    def needed(self, x):
        """What the last output depends on: behind each block every second step, and of them no more
        than the blocks above reach."""
        above = 2 ** len(self.blocks) - 1
        for level, block in enumerate(self.blocks):
            if level > 0:
                x = x[..., (x.shape[-1] - 1) % 2 :: 2]
                above //= 2
            x = block(x[..., -(2 * self.reach * above + 1) :])
        return x

    def forward(self, x):
        y = self.needed(x) if self.shape == "last" else self.blocks(x)
        if self.shape == "planar":
            y = y.squeeze(2)
        return self.head(y.transpose(1, 2)) if self.every_step else self.head(y[:, :, -1])


class Stream(nn.Module):
    """The same, one step at a time: each convolution keeps the inputs that it will need."""

    def __init__(self, network, options):
        super().__init__()
        self.network, self.kernel = network, options.kernel
        self.weights, self.memories = [], []
        self.time = 0
        for level, block in enumerate(network.blocks):
            for causal in (block.first, block.second):
                weight = causal.layer.weight.detach()
                outputs, inputs, kernel = weight.shape
                # [out, kernel·in], the order in which the remembered steps lie.
                flat = weight.transpose(1, 2).reshape(outputs, kernel * inputs).contiguous()
                self.weights.append((flat, causal.layer.bias.detach(), 2**level))
                self.memories.append(torch.zeros((kernel - 1) * 2**level + 1, inputs))

    def convolve(self, index, x):
        weight, bias, dilation = self.weights[index]
        memory = self.memories[index]
        memory[self.time % len(memory)] = x
        first = self.time + 1
        places = [(first + tap * dilation) % len(memory) for tap in range(self.kernel)]
        window = torch.cat([memory[place] for place in places])
        return torch.addmv(bias, weight, window)

    def forward(self, x):
        for level, block in enumerate(self.network.blocks):
            y = torch.relu(self.convolve(2 * level, x))
            y = torch.relu(self.convolve(2 * level + 1, y))
            if block.shortcut is not None:
                x = functional.linear(x, block.shortcut.weight[..., 0], block.shortcut.bias)
            x = torch.relu(x + y)
        self.time += 1
        return self.network.head(x)


def inputs(options, shape):
    batch, time, feature = torch.meshgrid(
        torch.arange(options.batch),
        torch.arange(options.length),
        torch.arange(options.input),
        indexing="ij",
    )
    x = ((31 * batch + 17 * time + 7 * feature) % 23) / 23 - 0.5
    x = x.transpose(1, 2).contiguous()
    return x.unsqueeze(2).to(memory_format=torch.channels_last) if shape == "planar" else x


def targets(options):
    row = torch.arange(options.batch)
    if not options.every_step:
        return row % options.outputs
    row, time = torch.meshgrid(row, torch.arange(options.length), indexing="ij")
    return (7919 * row + 104729 * time + 13 * row * time) % options.outputs


def primitives(variant):
    if not variant.endswith("+native"):
        return contextlib.nullcontext()
    return torch.backends.mkldnn.flags(enabled=False)


# What is timed


def train(options, variant):
    shape, optimizer = variant.split("+")[:2]
    network, x, target = Network(options, shape), inputs(options, shape), targets(options)
    update = torch.optim.Adam(network.parameters(), **{optimizer: True})

    def step():
        update.zero_grad(set_to_none=True)
        with primitives(variant):
            logits = network(x)
            loss = functional.cross_entropy(
                logits.flatten(0, 1) if options.every_step else logits, target.flatten()
            )
            loss.backward()
        update.step()
        return loss

    return step


def forward(options, variant):
    shape = variant.split("+")[0]
    network, x = Network(options, shape).eval(), inputs(options, shape)

    def run():
        with torch.inference_mode(), primitives(variant):
            return network(x)

    return run


def stream(options, variant):
    network = Stream(Network(options, "pad"), options).eval()
    x = inputs(options, "pad")[0, :, 0].contiguous()

    def block():
        torch.set_num_threads(1 if variant.endswith("+single") else options.threads)
        with torch.inference_mode():
            for _ in range(workload.BLOCK):
                network(x)

    return block


def convolution(options, variant):
    inputs, outputs, kernel, size = options.sizes
    layer = nn.Conv2d(inputs, outputs, kernel, padding="same")
    place = torch.arange(options.batch * inputs * size * size)
    x = ((place % 23) / 23 - 0.5).reshape(options.batch, inputs, size, size)
    gradient = torch.ones(options.batch, outputs, size, size)
    if variant.startswith("channels-last"):
        layer = layer.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
        gradient = gradient.to(memory_format=torch.channels_last)
    if options.task == "train":
        x.requires_grad_()

    def run():
        if options.task == "forward":
            with torch.inference_mode(), primitives(variant):
                return layer(x)
        x.grad = layer.weight.grad = layer.bias.grad = None
        with primitives(variant):
            layer(x).backward(gradient)
        return x.grad

    return run


def operations(options):
    if options.conv:
        inputs, outputs, kernel, size = options.sizes
        forward = 2 * options.batch * size**2 * outputs * inputs * kernel**2
    else:
        blocks, channels = options.sizes
        total, width = 0, options.input
        for _ in range(blocks):
            total += options.kernel * channels * (width + channels)
            total += width * channels if width != channels else 0
            width = channels
        steps = options.batch * (1 if options.task == "step" else options.length)
        scored = steps if options.every_step or options.task == "step" else options.batch
        forward = 2 * steps * total + 2 * scored * channels * options.outputs
    return forward * (3 if options.task == "train" else 1)


# Memory


def bodies(options):
    if options.conv:
        make = convolution
        names = ["contiguous", "channels-last", "contiguous+native", "channels-last+native"]
    elif options.task == "step":
        make, names = stream, ["window"] + (["window+single"] if options.threads > 1 else [])
    else:
        shapes = ["pad", "chomp", "planar"]
        if not options.every_step and (options.check or options.variant.startswith("last")):
            shapes.append("last")
        make = train if options.task == "train" else forward
        names = [f"{shape}+{kind}" for shape in shapes for kind in ("fused", "foreach")]
        if options.task == "forward":
            names = shapes
        names += [name + "+native" for name in names]
    return {name: lambda name=name: make(options, name) for name in names}


def warm_up(options):
    """The same at the smallest size: what PyTorch itself needs when it does a thing for the first
    time is not counted as the workload's memory."""
    small = argparse.Namespace(**vars(options))
    small.batch, small.length, small.input = 1, 2, 1
    small.sizes = [1, 2] if options.tcn else [1, 1, 1, 2]
    chosen = options.variant
    for name, make in bodies(small).items():
        if chosen in ("auto", name):
            make()()


def check(options):
    """Every variant, from the same weights, gives the same result."""
    results = {}
    for name, make in bodies(options).items():
        torch.manual_seed(1)
        if options.task == "step":
            stream_of = Stream(Network(options, "pad"), options)
            with torch.inference_mode():
                x = inputs(options, "pad")
                steps = [stream_of(x[0, :, time]) for time in range(options.length)]
                result = torch.stack(steps) if options.every_step else steps[-1]
                whole = stream_of.network(x)[0]
            torch.testing.assert_close(result, whole, rtol=1e-4, atol=1e-5)
        else:
            body = make()
            result = [body() for _ in range(3)][-1].detach()
        results[name] = result
    first = next(iter(results))
    for name, result in results.items():
        torch.testing.assert_close(result, results[first], rtol=1e-3, atol=1e-4)
    print(f"{len(results)} variants agree: {', '.join(results)}")


def main():
    options = parse()
    flushed = workload.set_up(torch, options)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    warnings.filterwarnings("ignore", message="TF32")
    if options.check:
        check(options)
        return
    warm_up(options)
    before = reset_peak()
    times = workload.timed(
        options, bodies(options), workload.BLOCK if options.task == "step" else 1
    )
    peak = status("VmHWM")
    result = {
        "library": "pytorch",
        "task": options.task,
        "tcn": options.tcn,
        "conv": options.conv,
        "kernel": options.kernel,
        "length": options.length,
        "batch": options.batch,
        "input": options.input,
        "outputs": options.outputs,
        "every_step": options.every_step,
        "threads": options.threads,
        **times,
        "gflops": operations(options) / times["milliseconds"] / 1e6,
        "peak_growth_bytes": peak - before if peak and before else None,
        "denormals": "flushed" if flushed else "kept",
        "versions": {"pytorch": torch.__version__, "python": platform.python_version()},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
