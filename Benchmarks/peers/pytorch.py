#!/usr/bin/env python3
"""Times one workload in PyTorch and prints one JSON object; workload.py says what each one is.

    pip install torch==2.13.0
    Benchmarks/peers/pytorch.py --task train --cell lstm --hidden 512 --layers 2 --threads 2

PyTorch has several ways to do the same work. `--variant auto` times each for a moment, keeps the
fastest, and says which it was:

train    the Adam implementation: `fused`, `foreach` or `loop`. With --ragged also `…+sparse`: the
         embedding's gradient is sparse, and SparseAdam updates the rows that were used.
forward  `onednn` or `native`: with or without the oneDNN primitives (only its LSTM differs).
step     `onednn`, `native`, or `cell`: RNNCell, GRUCell, LSTMCell instead of a layer of one step;
         `cell-single` is that with one thread. With --weights bf16 everything is in bfloat16; with
         int8 layers (`dynamic`) or cells are dynamically quantized.

Denormal numbers are flushed to zero, as a careful user of PyTorch would set it: gradients that fade
over 200 steps become denormal, and on some processors that alone doubles the time of the ragged
training step. `--keep-denormals` times PyTorch as it comes.
"""

import contextlib
import sys
import warnings

import workload

try:
    import torch
except ImportError:
    sys.exit("PyTorch is not installed; to install it: pip install torch==2.13.0")

from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

OPTIMIZERS = ("fused", "foreach", "loop")
SPARSE = tuple(f"{name}+sparse" for name in OPTIMIZERS)
VARIANTS = OPTIMIZERS + SPARSE + ("onednn", "native", "cell", "cell-single", "dynamic", "dynamic-single")


class Network(torch.nn.Module):
    """Embedding → recurrent → head; ids are [time, batch], which is what PyTorch does fastest."""

    def __init__(self, options, sparse=False):
        super().__init__()
        self.options = options
        kind = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[options.cell]
        width = options.directions * options.hidden
        self.embedding = torch.nn.Embedding(options.vocabulary, options.input, sparse=sparse)
        self.recurrent = kind(
            options.input, options.hidden, options.layers, bidirectional=options.bidirectional
        )
        self.head = torch.nn.Linear(
            width, workload.CLASSES if options.ragged else options.vocabulary
        )

    def zero_state(self):
        options = self.options
        zeros = torch.zeros(options.layers * options.directions, options.batch, options.hidden)
        return (zeros, zeros) if options.cell == "lstm" else zeros

    def forward(self, ids, state):
        """Logits [time, batch, vocabulary], and the final state."""
        output, state = self.recurrent(self.embedding(ids), state)
        return self.head(output), state

    def classify(self, ids, lengths):
        """Logits [batch, classes] from the final states. Packing the ids, not their embeddings,
        looks up no padding."""
        packed = pack_padded_sequence(ids, lengths, enforce_sorted=False)
        features = PackedSequence(
            self.embedding(packed.data),
            packed.batch_sizes,
            packed.sorted_indices,
            packed.unsorted_indices,
        )
        _, state = self.recurrent(features)
        hidden = state[0] if self.options.cell == "lstm" else state
        return self.head(torch.cat(list(hidden[-self.options.directions :]), dim=1))


class Data:
    def __init__(self, options):
        self.ids = torch.tensor(workload.ids(options)).t().contiguous()
        self.targets = torch.tensor(workload.ids(options, offset=1)).t().contiguous()
        self.lengths = torch.tensor(workload.lengths(options))
        self.classes = torch.arange(options.batch) % workload.CLASSES


def optimizers(network, variant):
    name, _, sparse = variant.partition("+")
    choice = {"fused": dict(fused=True), "foreach": dict(foreach=True), "loop": dict(foreach=False)}
    if not sparse:
        return [torch.optim.Adam(network.parameters(), **choice[name])]
    table = network.embedding.weight
    others = [parameter for parameter in network.parameters() if parameter is not table]
    return [torch.optim.SparseAdam([table]), torch.optim.Adam(others, **choice[name])]


def primitives(variant):
    if variant != "native":
        return contextlib.nullcontext()
    return torch.backends.mkldnn.flags(enabled=False)


def train(options, data, variant):
    network = Network(options, sparse=variant.endswith("+sparse"))
    updates = optimizers(network, variant)
    cross_entropy = torch.nn.functional.cross_entropy
    state = network.zero_state()

    def step():
        nonlocal state
        for update in updates:
            update.zero_grad(set_to_none=True)
        if options.ragged:
            loss = cross_entropy(network.classify(data.ids, data.lengths), data.classes)
        else:
            logits, final = network(data.ids, state)
            loss = cross_entropy(logits.flatten(0, 1), data.targets.flatten())
            lstm = options.cell == "lstm"
            state = tuple(part.detach() for part in final) if lstm else final.detach()
        loss.backward()
        for update in updates:
            update.step()

    return step


def forward(options, data, variant):
    network = Network(options).eval()
    state = network.zero_state()

    def run():
        with torch.inference_mode(), primitives(variant):
            if options.ragged:
                network.classify(data.ids, data.lengths)
            else:
                network(data.ids, state)

    return run


def generate(options, variant, threads):
    network = Network(options).eval()
    state = network.zero_state()
    if options.weights == "bf16":
        network = network.bfloat16()
        lstm = options.cell == "lstm"
        state = tuple(part.bfloat16() for part in state) if lstm else state.bfloat16()
    elif options.weights == "int8":
        kinds = {type(network.recurrent), torch.nn.Linear}
        network = torch.ao.quantization.quantize_dynamic(network, kinds, dtype=torch.qint8)
    ids = torch.zeros(1, options.batch, dtype=torch.int64)

    def block():
        nonlocal state, ids
        torch.set_num_threads(threads)
        with torch.inference_mode(), primitives(variant):
            for _ in range(workload.BLOCK):
                logits, state = network(ids, state)
                ids = logits.argmax(-1)

    return block


def generate_with_cells(options, threads):
    kind = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}
    network = Network(options).eval()
    cells = torch.nn.ModuleList(
        kind[options.cell](workload.layer_input(options, layer), options.hidden)
        for layer in range(options.layers)
    ).eval()
    zeros = torch.zeros(options.batch, options.hidden)
    lstm = options.cell == "lstm"
    if options.weights == "bf16":
        network, cells, zeros = network.bfloat16(), cells.bfloat16(), zeros.bfloat16()
    elif options.weights == "int8":
        quantize = torch.ao.quantization.quantize_dynamic
        network = quantize(network, {torch.nn.Linear}, dtype=torch.qint8)
        cells = quantize(cells, {type(cells[0])}, dtype=torch.qint8)
    states = [(zeros, zeros) if lstm else zeros for _ in cells]
    ids = torch.zeros(options.batch, dtype=torch.int64)

    def block():
        nonlocal ids
        torch.set_num_threads(threads)
        with torch.inference_mode():
            for _ in range(workload.BLOCK):
                features = network.embedding(ids)
                for layer, cell in enumerate(cells):
                    states[layer] = cell(features, states[layer])
                    features = states[layer][0] if lstm else states[layer]
                ids = network.head(features).argmax(-1)

    return block


def main():
    options = workload.parse(["train", "forward", "step"], VARIANTS)
    flushed = workload.set_up(torch, options)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    # Leaving oneDNN aside sets a flag that means nothing without a GPU, and warns of it.
    warnings.filterwarnings("ignore", message="TF32")
    # Dynamic quantization is to move to another package.
    warnings.filterwarnings("ignore", message=".*quantiz")
    if options.task == "train":
        data = Data(options)
        names = OPTIMIZERS + SPARSE if options.ragged else OPTIMIZERS
        bodies = {name: lambda name=name: train(options, data, name) for name in names}
    elif options.task == "forward":
        data = Data(options)
        bodies = {
            name: lambda name=name: forward(options, data, name) for name in ("onednn", "native")
        }
    else:
        names = ["onednn", "native"]
        if options.weights == "int8":
            names = ["dynamic"] + (["dynamic-single"] if options.threads > 1 else [])
        bodies = {
            name: lambda name=name: generate(
                options, name, 1 if name.endswith("-single") else options.threads
            )
            for name in names
        }
    if options.task == "step":
        bodies["cell"] = lambda: generate_with_cells(options, options.threads)
        if options.threads > 1:
            bodies["cell-single"] = lambda: generate_with_cells(options, 1)
    settings = {"denormals": "flushed" if flushed else "kept"}
    versions = {"pytorch": torch.__version__}
    workload.measure_and_print(options, "pytorch", versions, bodies, settings)


if __name__ == "__main__":
    main()
