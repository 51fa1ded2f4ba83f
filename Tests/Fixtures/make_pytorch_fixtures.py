#!/usr/bin/env python3
"""Writes the fixture files that compare Reel with PyTorch.

Made with Python 3.11, PyTorch 2.13.0 (CPU), safetensors 0.8.0 and NumPy 2.4.6; each file's metadata
records the versions that wrote it. To make the files again:

    pip install torch==2.13.0 safetensors==0.8.0 numpy
    Tests/Fixtures/make_pytorch_fixtures.py

Every input and weight is a sine or cosine of its flat index, with a frequency and a phase of its
own, so no two rows, gates or layers are alike and a swapped gate or a transposed matrix shows.
Inputs are rounded to Float first; the results are computed in Double and rounded once, on writing.

Files (names inside them are `case/name`):

  Tests/ReelSequenceTests/Fixtures/recurrent.safetensors       recurrent layers and their gradients
  Tests/ReelSequenceTests/Fixtures/projection.safetensors      LSTMs with a projected hidden state
  Tests/ReelSequenceTests/Fixtures/layers.safetensors          linear, embedding, layer norm, losses
  Tests/ReelSequenceTests/Fixtures/state_dict.safetensors      a model as PyTorch itself saves it
  Tests/ReelSequenceTests/Fixtures/state_dict_expected.safetensors   its input and its logits
  Tests/ReelTrainingTests/Fixtures/optimizers.safetensors      five steps of every optimizer
"""

import json
import math
import platform
from pathlib import Path

import numpy
import safetensors
import safetensors.torch
import torch
import torch.nn.functional as functional

ROOT = Path(__file__).resolve().parents[2]
SEQUENCE_FIXTURES = ROOT / "Tests/ReelSequenceTests/Fixtures"
TRAINING_FIXTURES = ROOT / "Tests/ReelTrainingTests/Fixtures"

VERSIONS = {
    "python": platform.python_version(),
    "pytorch": torch.__version__,
    "safetensors": safetensors.__version__,
    "numpy": numpy.__version__,
}

Double = torch.float64


class Patterns:
    """Deterministic values; each call takes the next frequency and phase."""

    def __init__(self, first=0):
        self.serial = first

    def __call__(self, *shape, scale=1.0):
        count = math.prod(shape)
        index = torch.arange(count, dtype=Double)
        # Spread by the golden ratio over 0.5–2.6: all differ, and none is near a multiple of pi,
        # where the samples would be constant or only change sign.
        frequency = 0.5 + 2.1 * math.fmod(0.6180339887 * self.serial, 1.0)
        phase = 0.37 * self.serial
        wave = torch.sin if self.serial % 2 == 0 else torch.cos
        self.serial += 1
        values = scale * wave(frequency * index + phase)
        # What is stored is Float, so what is computed with is the same number.
        return values.float().to(Double).reshape(shape)


def write(path, tensors, metadata):
    """A safetensors file; names in order and metadata sorted, so the same run gives the same bytes."""
    header, chunks, offset = {}, [], 0
    header["__metadata__"] = {key: metadata[key] for key in sorted(metadata)}
    for name in sorted(tensors):
        array = tensors[name].detach().to(torch.float32).contiguous().numpy()
        assert numpy.isfinite(array).all(), name
        data = array.tobytes()
        header[name] = {
            "dtype": "F32",
            "shape": list(array.shape),
            "data_offsets": [offset, offset + len(data)],
        }
        chunks.append(data)
        offset += len(data)
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(len(encoded).to_bytes(8, "little") + encoded + b"".join(chunks))
    # The library itself has to agree that this is its format.
    read = safetensors.torch.load_file(path)
    assert set(read) == set(tensors)
    for name, tensor in tensors.items():
        assert torch.equal(read[name], tensor.detach().to(torch.float32)), name
    print(f"{path.relative_to(ROOT)}: {len(tensors)} tensors, {path.stat().st_size} bytes")


# Recurrent layers

INPUT_SIZE = 3
HIDDEN_SIZE = 4
PROJECTION_SIZE = 2


def make_layer(kind, layers, bidirectional, projection=0):
    common = dict(
        input_size=INPUT_SIZE,
        hidden_size=HIDDEN_SIZE,
        num_layers=layers,
        batch_first=True,
        bidirectional=bidirectional,
        dtype=Double,
    )
    if kind == "lstm":
        return torch.nn.LSTM(**common, proj_size=projection)
    if kind == "gru":
        return torch.nn.GRU(**common)
    return torch.nn.RNN(nonlinearity=kind.removeprefix("rnn_"), **common)


def recurrent_case(
    kind, layers, bidirectional, lengths, with_state, first_pattern, projection=0
):
    pattern = Patterns(first_pattern)
    layer = make_layer(kind, layers, bidirectional, projection)
    batch, time = len(lengths), max(lengths)
    directions = 2 if bidirectional else 1
    has_cell_state = kind == "lstm"
    case = {"lengths": torch.tensor(lengths, dtype=Double)}

    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            parameter.copy_(pattern(*parameter.shape, scale=0.6))
            case[f"parameter.{name}"] = parameter.clone()

    valid = torch.arange(time)[None, :] < torch.tensor(lengths)[:, None]
    watched = {"input": (pattern(batch, time, INPUT_SIZE) * valid[:, :, None])}
    parts = layers * directions
    if with_state:
        watched["h0"] = pattern(parts, batch, projection or HIDDEN_SIZE, scale=0.7)
        if has_cell_state:
            watched["c0"] = pattern(parts, batch, HIDDEN_SIZE, scale=0.9)
    for name, tensor in watched.items():
        case[name] = tensor.clone()
        tensor.requires_grad_(True)

    state = None
    if with_state:
        state = (watched["h0"], watched["c0"]) if has_cell_state else watched["h0"]
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        watched["input"], torch.tensor(lengths), batch_first=True, enforce_sorted=False
    )
    packed_output, final = layer(packed, state)
    output, _ = torch.nn.utils.rnn.pad_packed_sequence(
        packed_output, batch_first=True, total_length=time
    )
    results = {"output": output}
    if has_cell_state:
        results["hn"], results["cn"] = final
    else:
        results["hn"] = final

    loss = torch.zeros((), dtype=Double)
    for name, tensor in results.items():
        weight = pattern(*tensor.shape)
        if name == "output":
            weight = weight * valid[:, :, None]
        case[f"{name}_weight"] = weight
        case[name] = tensor
        loss = loss + (tensor * weight).sum()
    case["loss"] = loss
    loss.backward()
    for name, parameter in layer.named_parameters():
        case[f"gradient.{name}"] = parameter.grad
    for name, tensor in watched.items():
        case[f"gradient.{name}"] = tensor.grad
    return case


def recurrent_fixtures(file, kinds, serial, projection=0):
    tensors, metadata = {}, dict(VERSIONS)
    settings = [
        ("2_layers", 2, False, [5, 2, 7, 1], True),
        ("2_layers_bidirectional", 2, True, [5, 2, 7, 1], True),
        ("1_layer_no_state", 1, False, [6, 6, 6], False),
    ]
    for kind in kinds:
        for suffix, layers, bidirectional, lengths, with_state in settings:
            name = f"{kind}_{suffix}"
            case = recurrent_case(
                kind, layers, bidirectional, lengths, with_state, serial, projection
            )
            serial += 3
            tensors.update({f"{name}/{key}": value for key, value in case.items()})
            metadata[f"case.{name}"] = json.dumps(
                dict(
                    kind=kind,
                    layers=layers,
                    bidirectional=bidirectional,
                    initial_state=with_state,
                    lengths=lengths,
                    input_size=INPUT_SIZE,
                    hidden_size=HIDDEN_SIZE,
                    **(dict(projection_size=projection) if projection else {}),
                )
            )
    write(SEQUENCE_FIXTURES / file, tensors, metadata)


# Layers and losses


def weighted_backward(pattern, output):
    weight = pattern(*output.shape)
    loss = (output * weight).sum()
    loss.backward()
    return {"output": output, "output_weight": weight, "loss": loss}


def linear_case(pattern, bias):
    layer = torch.nn.Linear(3, 4, bias=bias, dtype=Double)
    return affine_case(pattern, layer, pattern(2, 5, 3))


def layer_norm_case(pattern):
    layer = torch.nn.LayerNorm(6, eps=1e-5, dtype=Double)
    case = affine_case(pattern, layer, pattern(2, 3, 6, scale=2.0))
    case["epsilon"] = torch.tensor(1e-5)
    return case


def affine_case(pattern, layer, features):
    case = {"input": features.clone()}
    features.requires_grad_(True)
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            parameter.copy_(pattern(*parameter.shape, scale=0.8))
            case[f"parameter.{name}"] = parameter.clone()
    case.update(weighted_backward(pattern, layer(features)))
    for name, parameter in layer.named_parameters():
        case[f"gradient.{name}"] = parameter.grad
    case["gradient.input"] = features.grad
    return case


def embedding_case(pattern):
    layer = torch.nn.Embedding(7, 3, dtype=Double)
    with torch.no_grad():
        layer.weight.copy_(pattern(7, 3))
    # Rows used three times, twice, once and never.
    ids = torch.tensor([[5, 0, 5, 2], [2, 6, 5, 3]])
    case = {"ids": ids.to(Double), "parameter.weight": layer.weight.detach().clone()}
    case.update(weighted_backward(pattern, layer(ids)))
    case["gradient.weight"] = layer.weight.grad
    return case


def cross_entropy_case(pattern, label_smoothing, ignored):
    logits = pattern(2, 4, 5, scale=3.0)
    targets = torch.tensor([[4, 0, 2, 1], [3, 2, 0, 4]])
    for row, step in ignored:
        targets[row, step] = -100
    case = {
        "logits": logits.clone(),
        "targets": targets.to(Double),
        "label_smoothing": torch.tensor(label_smoothing),
        "ignore_index": torch.tensor(-100.0),
    }
    logits.requires_grad_(True)
    loss = functional.cross_entropy(
        logits.reshape(-1, 5),
        targets.reshape(-1),
        ignore_index=-100,
        label_smoothing=label_smoothing,
        reduction="mean",
    )
    loss.backward()
    case["loss"] = loss
    case["gradient.logits"] = logits.grad
    return case


def layer_fixtures():
    pattern = Patterns(100)
    ignored = [(0, 1), (1, 0), (1, 3)]
    cases = {
        "linear": linear_case(pattern, bias=True),
        "linear_no_bias": linear_case(pattern, bias=False),
        "embedding": embedding_case(pattern),
        "layer_norm": layer_norm_case(pattern),
        "cross_entropy": cross_entropy_case(pattern, 0.0, []),
        "cross_entropy_ignored": cross_entropy_case(pattern, 0.0, ignored),
        "cross_entropy_smoothed": cross_entropy_case(pattern, 0.1, []),
        "cross_entropy_smoothed_ignored": cross_entropy_case(pattern, 0.1, ignored),
    }
    tensors = {
        f"{name}/{key}": value for name, case in cases.items() for key, value in case.items()
    }
    write(SEQUENCE_FIXTURES / "layers.safetensors", tensors, VERSIONS)


# A model saved by PyTorch


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(11, 3)
        self.lstm = torch.nn.LSTM(3, 4, num_layers=2, batch_first=True)
        self.linear = torch.nn.Linear(4, 11)

    def forward(self, ids):
        return self.linear(self.lstm(self.embedding(ids))[0])


def state_dict_fixtures():
    pattern = Patterns(200)
    model = Model()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(pattern(*parameter.shape, scale=0.7))
    path = SEQUENCE_FIXTURES / "state_dict.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    # No metadata of ours here: this is the file just as a user of PyTorch makes it.
    safetensors.torch.save_file(model.state_dict(), path)
    print(f"{path.relative_to(ROOT)}: {len(model.state_dict())} tensors, {path.stat().st_size} bytes")
    ids = torch.tensor([[0, 7, 3, 10, 2], [9, 9, 1, 4, 6]])
    with torch.no_grad():
        logits = model.double()(ids)
    write(
        SEQUENCE_FIXTURES / "state_dict_expected.safetensors",
        {"ids": ids.to(Double), "logits": logits},
        VERSIONS,
    )


# Optimizers

STEPS = 5


def optimizer_case(make, settings, serial):
    """Five steps down a quadratic bowl; the gradients are stored, so the bowl need not be known."""
    pattern = Patterns(serial)
    case = {name: torch.tensor(float(value), dtype=Double) for name, value in settings.items()}
    parameters, curvatures, targets = {}, {}, {}
    for name, shape in [("weight", (3, 4)), ("bias", (3,))]:
        parameters[name] = pattern(*shape).requires_grad_(True)
        curvatures[name] = 1.5 + pattern(*shape)
        targets[name] = pattern(*shape)
        case[f"start.{name}"] = parameters[name].detach().clone()
    optimizer = make(list(parameters.values()))
    for step in range(1, STEPS + 1):
        for name, parameter in parameters.items():
            gradient = curvatures[name] * (parameter.detach() - targets[name])
            # The sign turns once, so that momentum and moving averages have something to average.
            gradient = gradient * (-0.5 if step == 3 else 1.0)
            parameter.grad = gradient.float().to(Double)
            case[f"gradient.{step}.{name}"] = parameter.grad.clone()
        optimizer.step()
        for name, parameter in parameters.items():
            case[f"parameter.{step}.{name}"] = parameter.detach().clone()
    return case


def optimizer_fixtures():
    optim = torch.optim
    adam = dict(learning_rate=0.05, beta1=0.9, beta2=0.999, epsilon=1e-8)

    def adam_arguments(settings):
        return dict(
            lr=settings["learning_rate"],
            betas=(settings["beta1"], settings["beta2"]),
            eps=settings["epsilon"],
            weight_decay=settings.get("weight_decay", 0.0),
        )

    def sgd(settings):
        return lambda parameters: optim.SGD(
            parameters,
            lr=settings["learning_rate"],
            momentum=settings.get("momentum", 0.0),
            nesterov=bool(settings.get("nesterov", 0)),
            weight_decay=settings.get("weight_decay", 0.0),
        )

    def rmsprop(settings):
        return lambda parameters: optim.RMSprop(
            parameters,
            lr=settings["learning_rate"],
            alpha=settings["decay"],
            eps=settings["epsilon"],
            momentum=settings.get("momentum", 0.0),
        )

    def adagrad(settings):
        return lambda parameters: optim.Adagrad(
            parameters, lr=settings["learning_rate"], eps=settings["epsilon"]
        )

    def adadelta(settings):
        return lambda parameters: optim.Adadelta(
            parameters,
            lr=settings["learning_rate"],
            rho=settings["decay"],
            eps=settings["epsilon"],
        )

    def adam_plain(settings):
        return lambda parameters: optim.Adam(parameters, **adam_arguments(settings))

    def adam_decoupled(settings):
        return lambda parameters: optim.AdamW(parameters, **adam_arguments(settings))

    table = [
        ("sgd", sgd, dict(learning_rate=0.1)),
        ("sgd_weight_decay", sgd, dict(learning_rate=0.1, weight_decay=0.05)),
        ("sgd_momentum", sgd, dict(learning_rate=0.1, momentum=0.9)),
        ("sgd_nesterov", sgd, dict(learning_rate=0.1, momentum=0.9, nesterov=1)),
        (
            "sgd_nesterov_weight_decay",
            sgd,
            dict(learning_rate=0.1, momentum=0.9, nesterov=1, weight_decay=0.05),
        ),
        ("rmsprop", rmsprop, dict(learning_rate=0.02, decay=0.95, epsilon=1e-8)),
        (
            "rmsprop_momentum",
            rmsprop,
            dict(learning_rate=0.02, decay=0.95, epsilon=1e-8, momentum=0.8),
        ),
        ("adagrad", adagrad, dict(learning_rate=0.1, epsilon=1e-10)),
        ("adadelta", adadelta, dict(learning_rate=1.0, decay=0.9, epsilon=1e-6)),
        ("adam", adam_plain, adam),
        ("adam_weight_decay", adam_plain, dict(adam, weight_decay=0.05)),
        ("adamw", adam_decoupled, dict(adam, weight_decay=0.05)),
    ]
    tensors, metadata = {}, dict(VERSIONS)
    for serial, (name, make, settings) in enumerate(table):
        case = optimizer_case(make(settings), settings, 300 + 2 * serial)
        tensors.update({f"{name}/{key}": value for key, value in case.items()})
        metadata[f"case.{name}"] = json.dumps(settings)
    write(TRAINING_FIXTURES / "optimizers.safetensors", tensors, metadata)


def main():
    torch.set_num_threads(1)
    recurrent_fixtures("recurrent.safetensors", ["rnn_tanh", "rnn_relu", "gru", "lstm"], 0)
    recurrent_fixtures("projection.safetensors", ["lstm"], 400, PROJECTION_SIZE)
    layer_fixtures()
    state_dict_fixtures()
    optimizer_fixtures()


if __name__ == "__main__":
    main()
