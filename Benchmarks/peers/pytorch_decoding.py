#!/usr/bin/env python3
"""Times beam search with an encoder and a decoder in PyTorch and prints one JSON object.

    Benchmarks/peers/pytorch_decoding.py --task decode --layers 2 --bidirectional --steps 30 \\
        --threads 2
    Benchmarks/peers/pytorch_decoding.py … --check Benchmarks/.build/release/reel-bench

workload.py says what it is. `--check` times nothing: reel-bench writes its model, every variant
decodes with the same weights, and what both found is printed, with the operations that both count.

The encoder is one call of nn.LSTM; all hypotheses go through the decoder together. Variants:

layer    nn.LSTM with one time step
cell     nn.LSTMCell
addmm    the gates by hand: one product for what is fed and the state, added to a table that holds
         the projection of every id
frozen   that, as a frozen script

`…-single` is the same with one thread. PyTorch starts from ids and ends with ids; Reel's time
includes making ids of a string and a string of the answer.
"""

import json
import struct
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import workload

try:
    import torch
except ImportError:
    sys.exit("PyTorch is not installed; to install it: pip install torch==2.13.0")

STEPS = ("layer", "cell", "addmm", "frozen")
VARIANTS = STEPS + tuple(f"{name}-single" for name in STEPS)
UNLIKELY = -30.0


class Model(torch.nn.Module):
    """The names are those of Reel's file."""

    def __init__(self, options):
        super().__init__()
        hidden, size, classes = options.hidden, options.input, options.vocabulary
        memory = options.directions * hidden
        self.embedding = torch.nn.Embedding(classes - 1, size)
        self.encoder = torch.nn.LSTM(
            size, hidden, options.layers, bidirectional=options.bidirectional
        )
        maps = torch.nn.ModuleList(torch.nn.Linear(memory, hidden) for _ in range(2))
        self.bridge = torch.nn.ModuleDict({"maps": maps})
        attention = torch.nn.ModuleDict({"memory": torch.nn.Linear(memory, hidden, bias=False)})
        self.decoder = torch.nn.ModuleDict(
            {
                "embedding": torch.nn.Embedding(classes + 1, size),
                "recurrent": torch.nn.LSTM(size + hidden, hidden),
                "attention": attention,
                "combination": torch.nn.Linear(memory + hidden, hidden, bias=False),
                "head": torch.nn.Linear(hidden, classes),
            }
        )
        with torch.no_grad():
            self.decoder["head"].bias[classes - 1] = UNLIKELY

    def encode(self, ids, directions):
        """The memory [batch, time, D·H], its keys [batch, H, time], the decoder's first state."""
        output, state = self.encoder(self.embedding(ids))
        memory = output.transpose(0, 1).contiguous()
        keys = self.decoder["attention"]["memory"](memory).transpose(1, 2).contiguous()
        hidden, cell = (
            linear(torch.cat(list(part[:directions]), dim=1))
            for linear, part in zip(self.bridge["maps"], state)
        )
        return memory, keys, hidden.tanh(), cell


class Step(torch.nn.Module):
    """One step of the decoder for some rows of each source."""

    def __init__(self, model, kind):
        super().__init__()
        parts = model.decoder
        self.kind, self.embedding, self.recurrent = kind, parts["embedding"], parts["recurrent"]
        self.combination, self.head = parts["combination"], parts["head"]
        weights = [getattr(self.recurrent, name) for name in self.recurrent._flat_weights_names]
        size = self.embedding.weight.shape[1]
        if kind == "cell":
            self.cell = torch.nn.LSTMCell(weights[0].shape[1], weights[1].shape[1])
            names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            self.cell.load_state_dict(dict(zip(names, weights)))
        table = self.embedding.weight @ weights[0][:, :size].t() + weights[2] + weights[3]
        self.register_buffer("table", table.detach())
        together = torch.cat([weights[0][:, size:], weights[1]], dim=1)
        self.register_buffer("weight", together.t().contiguous().detach())

    def next_state(self, tokens, hidden, cell, fed):
        if self.kind == "addmm":
            features = torch.cat([fed, hidden], dim=1)
            gates = torch.addmm(self.table[tokens], features, self.weight)
            enters, forgets, new, shows = gates.chunk(4, dim=1)
            cell = forgets.sigmoid() * cell + enters.sigmoid() * new.tanh()
            return shows.sigmoid() * cell.tanh(), cell
        features = torch.cat([self.embedding(tokens), fed], dim=1)
        if self.kind == "cell":
            return self.cell(features, (hidden, cell))
        states = hidden.unsqueeze(0), cell.unsqueeze(0)
        _, (hidden, cell) = self.recurrent(features.unsqueeze(0), states)
        return hidden.squeeze(0), cell.squeeze(0)

    def forward(self, tokens, hidden, cell, fed, memory, keys):
        hidden, cell = self.next_state(tokens, hidden, cell, fed)
        queries = hidden.view(memory.shape[0], -1, hidden.shape[1])
        context = queries.bmm(keys).softmax(2).bmm(memory).flatten(0, 1)
        fed = self.combination(torch.cat([context, hidden], dim=1)).tanh()
        return self.head(fed).log_softmax(1), hidden, cell, fed


def decode(options, model, step, ids):
    """For each source the best answer and its log-probability."""
    batch, beam, inner = options.batch, options.beam, options.vocabulary - 2
    memory, keys, hidden, cell = model.encode(ids, options.directions)
    tokens = torch.full((batch,), options.vocabulary)
    fed = torch.zeros(batch, options.hidden)
    base = torch.arange(batch).unsqueeze(1)
    total = torch.zeros(batch, 1)
    history = []
    for _ in range(options.steps - 1):
        scores, hidden, cell, fed = step(tokens, hidden, cell, fed, memory, keys)
        width = total.shape[1]
        # Neither the unknown id nor the end.
        ways = total.unsqueeze(2) + scores.view(batch, width, -1)[:, :, 1:-1]
        total, best = ways.flatten(1).topk(beam)
        parents, tokens = best // inner, (best % inner + 1)
        history.append((parents, tokens))
        tokens = tokens.flatten()
        rows = (parents + base * width).flatten()
        hidden, cell, fed = (values.index_select(0, rows) for values in (hidden, cell, fed))
    scores, hidden, cell, fed = step(tokens, hidden, cell, fed, memory, keys)
    total = total + scores[:, -1].view(batch, -1)
    # All have one length, by which their scores are divided.
    probability, place = total.max(1)
    parents, tokens = (torch.stack(values).tolist() for values in zip(*history))
    answers = []
    for row, hypothesis in enumerate(place.tolist()):
        answer = []
        for time in reversed(range(options.steps - 1)):
            answer.append(tokens[time][row][hypothesis])
            hypothesis = parents[time][row][hypothesis]
        answers.append(answer[::-1])
    return answers, probability.tolist()


def source(options):
    ids = [
        [1 + token % (options.vocabulary - 2) for token in row] for row in workload.ids(options)
    ]
    return torch.tensor(ids).t().contiguous()


def body(options, model, variant):
    name, _, single = variant.partition("-")
    ids = source(options)
    with torch.inference_mode():
        step = Step(model, "addmm" if name == "frozen" else name).eval()
    if name == "frozen":
        with torch.no_grad():
            memory, keys, hidden, cell = model.encode(ids, options.directions)
            tokens = torch.full((options.batch,), options.vocabulary)
            example = (tokens, hidden, cell, torch.zeros_like(hidden), memory, keys)
            step = torch.jit.freeze(torch.jit.trace(step, example))

    def run():
        torch.set_num_threads(1 if single else options.threads)
        with torch.inference_mode():
            return decode(options, model, step, ids)

    return run


def read_tensors(path):
    """A safetensors file of 32-bit floats."""
    content = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    tensors = {}
    for name, entry in json.loads(content[8 : 8 + size]).items():
        if name != "__metadata__":
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            values = torch.frombuffer(bytearray(content[begin:end]), dtype=torch.float32)
            tensors[name] = values.reshape(entry["shape"])
    return tensors


def check(options, model, names):
    with tempfile.TemporaryDirectory() as folder:
        command = [options.check, "--task", "decode", "--model", folder]
        sizes = "input", "hidden", "layers", "batch", "steps", "vocabulary", "beam"
        for name in (*sizes, "threads", "precision"):
            command += [f"--{name}", str(getattr(options, name))]
        command += ["--bidirectional"] * options.bidirectional
        command += ["--repeats", "1", "--seconds", "0"]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}")
        model.load_state_dict(read_tensors(Path(folder) / "model.safetensors"))
    reel = json.loads(done.stdout)
    same = reel["operations"] == workload.operations(options)
    print(f"operations of one source: {reel['operations']:,} in Reel,", end=" ")
    print(f"{workload.operations(options):,} here")
    print(f"Reel: {reel['answer']}, log-probability {reel['log_probability']:.4f}")
    for name in names:
        answers, probabilities = body(options, model, name)()
        same = same and answers[0] == reel["answer"]
        same = same and abs(probabilities[0] - reel["log_probability"]) < 0.01
        print(f"{name}: {answers[0]}, log-probability {probabilities[0]:.4f}")
    print("equal" if same else "NOT equal")
    sys.exit(0 if same else 1)


def add_options(parser):
    parser.add_argument("--beam", type=workload.positive, default=5)
    parser.add_argument("--check", metavar="REEL_BENCH", help="decode with its weights, once")


def main():
    options = workload.parse(["decode"], VARIANTS, add_options)
    if options.cell != "lstm" or options.ragged:
        sys.exit("decode is for an LSTM and equal lengths")
    flushed = workload.set_up(torch, options)
    torch.set_num_interop_threads(1)
    torch.manual_seed(1)
    # Scripts are no longer what PyTorch recommends, and still the fastest for small products.
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    model = Model(options).eval().requires_grad_(False)
    names = VARIANTS if options.threads > 1 else STEPS
    if options.check:
        check(options, model, names)
    bodies = {name: lambda name=name: body(options, model, name) for name in names}
    settings = {"beam": options.beam, "denormals": "flushed" if flushed else "kept"}
    workload.measure_and_print(
        options, "pytorch", {"pytorch": torch.__version__}, bodies, settings
    )


if __name__ == "__main__":
    main()
