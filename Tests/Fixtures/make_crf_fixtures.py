#!/usr/bin/env python3
"""Writes Tests/ReelSequenceTests/Fixtures/crf.safetensors: a linear-chain conditional random field in
PyTorch, for the tests of LinearChainCRF.

The field is written here plainly from its equations, in Double, a sequence at a time and with a
loop over the time steps; autograd gives every gradient. Marginals are the gradient of log Z in the
emissions. Inputs and versions are as in make_pytorch_fixtures.py, which must lie beside this file.

    pip install torch==2.13.0 safetensors==0.8.0 numpy
    Tests/Fixtures/make_crf_fixtures.py
"""

import torch

from make_pytorch_fixtures import SEQUENCE_FIXTURES, VERSIONS, Double, Patterns, write

FORBIDDEN = float("-inf")


def log_partition(emissions, transitions, start, end):
    """log Z of one sequence: log Σ_y exp(s(y)), summed from the left."""
    alpha = start + emissions[0]
    for emission in emissions[1:]:
        alpha = emission + torch.logsumexp(alpha[:, None] + transitions, dim=0)
    return torch.logsumexp(alpha + end, dim=0)


def score(emissions, tags, transitions, start, end):
    """s(y) = start[y_1] + Σ e_t[y_t] + Σ transitions[y_{t−1}, y_t] + end[y_n]."""
    total = start[tags[0]] + end[tags[-1]]
    for step, tag in enumerate(tags):
        total = total + emissions[step][tag]
        if step > 0:
            total = total + transitions[tags[step - 1], tag]
    return total


def best_path(emissions, transitions, start, end):
    """argmax_y s(y), from the left with a table of where each maximum came from."""
    delta, origins = start + emissions[0], []
    for emission in emissions[1:]:
        best = (delta[:, None] + transitions).max(dim=0)
        delta, origins = best.values + emission, origins + [best.indices]
    path = [int((delta + end).argmax())]
    for origin in reversed(origins):
        path.append(int(origin[path[-1]]))
    return path[::-1]


def iobes(labels):
    """allowed [from, to], start and end for O and B, I, E, S of each label."""
    tags = ["O"] + [f"{letter}-{label}" for label in range(labels) for letter in "BIES"]

    def is_open(tag):
        return tag[0] in "BI"

    def goes_on(tag):
        return tag[0] in "IE"

    def allowed(last, tag):
        return goes_on(tag) and last[1:] == tag[1:] if is_open(last) else not goes_on(tag)

    return (
        torch.tensor([[allowed(last, tag) for tag in tags] for last in tags]),
        torch.tensor([not goes_on(tag) for tag in tags]),
        torch.tensor([not is_open(tag) for tag in tags]),
    )


def allowed_tags(choice, allowed, start, end):
    """Tags that the table allows: each number of `choice` picks one of the tags that may follow."""
    tags = []
    count = len(start)
    # From each tag the fewest steps to a tag that may be the last.
    far = [0 if end[tag] else count for tag in range(count)]
    for _ in range(count):
        far = [
            min([far[tag]] + [far[to] + 1 for to in range(count) if allowed[tag][to]])
            for tag in range(count)
        ]
    for step, number in enumerate(choice):
        left = len(choice) - step - 1
        fitting = [
            tag
            for tag in range(count)
            if (allowed[tags[-1]][tag] if tags else start[tag]) and far[tag] <= left
        ]
        tags.append(fitting[int(abs(number) * 1e6) % len(fitting)])
    return tags


def case(serial, tags, lengths, scale, table=None):
    values = Patterns(serial)
    transitions = values(tags, tags, scale=scale).requires_grad_()
    start = values(tags, scale=scale).requires_grad_()
    end = values(tags, scale=scale).requires_grad_()
    longest = max(lengths)
    emissions = values(len(lengths), longest, tags, scale=scale).requires_grad_()
    choice = values(len(lengths), longest).tolist()
    masked = (transitions, start, end)
    if table is not None:
        masked = tuple(
            torch.where(mask, part, torch.tensor(FORBIDDEN, dtype=Double))
            for mask, part in zip(table, masked)
        )
        assert (table[0].sum(dim=0) > 0).all()
    gold = torch.full((len(lengths), longest), -1, dtype=Double)
    best = torch.full((len(lengths), longest), -1, dtype=Double)
    partitions, losses = [], []
    for row, length in enumerate(lengths):
        if length == 0:
            partitions.append(torch.zeros((), dtype=Double))
            continue
        own = emissions[row, :length]
        if table is None:
            right = [int(abs(number) * 1e6) % tags for number in choice[row][:length]]
        else:
            right = allowed_tags(choice[row][:length], *[mask.tolist() for mask in table])
        partition = log_partition(own, *masked)
        partitions.append(partition)
        losses.append(partition - score(own, right, *masked))
        gold[row, :length] = torch.tensor(right, dtype=Double)
        best[row, :length] = torch.tensor(best_path(own, *masked), dtype=Double)
    loss = sum(losses) / len(losses)
    inputs = {
        "transitions": transitions,
        "start_transitions": start,
        "end_transitions": end,
        "emissions": emissions,
    }
    gradients = torch.autograd.grad(loss, list(inputs.values()), retain_graph=True)
    (marginals,) = torch.autograd.grad(sum(partitions), [emissions])
    result = {
        **{f"input.{name}": value for name, value in inputs.items()},
        **{f"gradient.{name}": value for name, value in zip(inputs, gradients)},
        "lengths": torch.tensor(lengths, dtype=Double),
        "gold": gold,
        "best": best,
        "loss": loss,
        "log_partition": torch.stack(partitions),
        "marginals": marginals,
    }
    for mask, name in zip(table or (), ("allowed", "start_allowed", "end_allowed")):
        result[name] = mask.to(Double)
    return result


def main():
    torch.set_num_threads(1)
    lengths = [23, 0, 7, 1, 12, 12, 2, 40, 3]
    cases = {
        "ragged": case(500, 17, lengths, 2.0),
        "constrained": case(510, 17, lengths, 2.0, iobes(4)),
        "many_tags": case(520, 50, [12, 5, 1], 3.0),
        "one_tag": case(530, 1, [4, 1, 0], 1.0),
        "two_tags": case(540, 2, [9, 1, 4, 0], 5.0),
        # Far apart: exp of the differences leaves the range of Float.
        "large_scores": case(550, 9, [20, 3, 11], 150.0, iobes(2)),
    }
    tensors = {f"{name}/{key}": value for name, own in cases.items() for key, value in own.items()}
    write(SEQUENCE_FIXTURES / "crf.safetensors", tensors, dict(VERSIONS))


if __name__ == "__main__":
    main()
