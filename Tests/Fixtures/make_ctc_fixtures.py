#!/usr/bin/env python3
"""Writes the fixture file that compares Reel's CTC with torch.nn.CTCLoss.

Made like the other fixtures, with the same versions; see make_pytorch_fixtures.py. Logits are
patterns rounded to Float; losses and gradients are computed in Double and rounded once. Names in
the file are `case/name`; targets stand one after the other, as CTCLoss takes them.

  Tests/ReelSequenceTests/Fixtures/ctc.safetensors
"""

import json

import torch

from make_pytorch_fixtures import SEQUENCE_FIXTURES, VERSIONS, Double, Patterns, write

# name, input lengths, target lengths, classes, blank, size of the logits
CASES = [
    ("ragged", [31, 12, 47, 8, 20], [7, 5, 16, 1, 9], 11, 0, 3.0),
    ("last_class_blank", [25, 40], [12, 3], 6, 5, 2.0),
    ("middle_blank", [9, 18, 14], [4, 8, 2], 4, 2, 1.0),
    ("empty_targets", [6, 10, 3], [0, 4, 0], 5, 0, 2.0),
    ("tight", [5, 9, 1], [5, 9, 1], 12, 0, 2.0),
    ("long", [400, 330], [120, 60], 30, 0, 6.0),
    ("extreme", [60, 45], [20, 15], 7, 0, 300.0),
    ("impossible", [4, 15, 2], [6, 5, 2], 5, 0, 2.0),
]


def target(length, classes, blank, serial):
    """Labels with a repeat now and then, never the blank."""
    labels = [label for label in range(classes) if label != blank]
    return [labels[(5 * index * index + serial + index // 3) % len(labels)] for index in range(length)]


def case(name, input_lengths, target_lengths, classes, blank, scale, serial):
    pattern = Patterns(serial)
    logits = pattern(len(input_lengths), max(input_lengths), classes, scale=scale)
    targets = [
        target(length, classes, blank, serial + row) for row, length in enumerate(target_lengths)
    ]
    if name == "tight":  # as many steps as labels: no repeats
        targets = [[1 + (3 * index) % 11 for index in range(length)] for length in target_lengths]
    tensors = {
        "logits": logits.clone(),
        "input_lengths": torch.tensor(input_lengths, dtype=Double),
        "target_lengths": torch.tensor(target_lengths, dtype=Double),
        "targets": torch.tensor([label for row in targets for label in row], dtype=Double),
        "blank": torch.tensor(float(blank)),
    }
    for reduction in ["mean", "sum"]:
        watched = logits.clone().requires_grad_(True)
        loss = torch.nn.CTCLoss(blank=blank, reduction=reduction, zero_infinity=True)(
            watched.log_softmax(2).transpose(0, 1),
            torch.tensor([label for row in targets for label in row]),
            torch.tensor(input_lengths),
            torch.tensor(target_lengths),
        )
        loss.backward()
        tensors[f"loss_{reduction}"] = loss
        tensors[f"gradient_{reduction}"] = watched.grad
    return tensors


def main():
    torch.set_num_threads(1)
    tensors, metadata = {}, dict(VERSIONS)
    for number, (name, *settings) in enumerate(CASES):
        made = case(name, *settings, serial=400 + number)
        tensors.update({f"{name}/{key}": value for key, value in made.items()})
        metadata[f"case.{name}"] = json.dumps(settings)
    write(SEQUENCE_FIXTURES / "ctc.safetensors", tensors, metadata)


if __name__ == "__main__":
    main()
