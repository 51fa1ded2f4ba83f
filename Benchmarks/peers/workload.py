"""What every peer has in common with reel-bench: the command line, the data, the counting, the clock.

The workloads
-------------

V is the vocabulary, E the embedding (`--input`), H the hidden size, L the layers, D the directions,
B the batch, T the time steps (`--steps`), N the number of tokens in the batch: B·T, or the sum of
the lengths when the batch is ragged.

train    One training step, all of it: embedding [V, E] → recurrent → Linear(D·H → V) at every time
         step → cross-entropy, mean over all tokens → backward → Adam (1e-3, 0.9, 0.999, 1e-8). No
         clipping. The final state, detached, is the next step's initial state.
train --ragged
         Many to one: row i has length 10 + (i · 61 + 17) mod 191, so `--steps` says nothing; the
         final states of the last layer's directions, concatenated → Linear(D·H → 2) →
         cross-entropy, mean over rows → backward → Adam. The initial state is zero.
forward  The same network up to its logits (all time steps; of the final states when ragged), without
         gradients, from a zero state.
step     Generation: embedding of one id for each row → one recurrent step → Linear(H → V) → argmax,
         which is the next id; the state is carried. Timed in blocks of 50 steps; `milliseconds` is
         that of ONE step, and `microseconds` says the same in a handier unit. B is 1 unless given.
decode   Beam search with K hypotheses (`--beam`): an LSTM over T ids of a source, a bridge from the
         final states of its first layer to those of the decoder (tanh(W·h + b), W·c + b), the keys
         of the general attention (Luong et al. 2015), then T steps of the decoder, the first with
         one row for each source, the others with K. A step: embedding of the last id beside the
         last h̃ (input feeding) → one LSTM of H units → attention over D·H features
         → h̃ = tanh(W_c·[context; h]), H features → Linear(H → V) → log-softmax → the K best of
         K·V, all rows reordered. The ids 0 (unknown) and V − 1 (the end) never come out before the
         last step, at which all hypotheses end. The source's ids are 1 + id(b, t) mod (V − 2).
         `milliseconds` is that of ONE source. B is 1 unless given.

Ids are id(b, t) = (7919·b + 104729·t + 13·b·t) mod V; the target at (b, t) is id(b, t + 1), and the
class of row b is b mod 2.

Counting
--------

Additions and multiplications of the matrix products alone, counted from the shapes; G is 1 for RNN,
3 for GRU, 4 for LSTM, and in(0) = E, in(l) = D·H:

    forward = 2 · N · Σ_l D·G·H·(in(l) + H) + 2 · N · D·H·V          (2 · B · D·H·2 when ragged)
    train   = 3 · forward
    step    = forward with N = B
    decode  = 2 · T · (Σ_l D·4·H·(in(l) + H) + D·H·H) + 2 · 2·D·H·H, and for each of the
              1 + (T − 1)·K rows 2 · (4·H·(E + H + H) + T·(H + D·H) + (D·H + H)·H + H·V)
"""

import argparse
import json
import platform
import statistics
import sys
import time

PRECISIONS = {"highest": "ieee", "high": "tf32", "medium": "bf16"}
GATES = {"rnn": 1, "gru": 3, "lstm": 4}
BLOCK = 50
CLASSES = 2


def parse(tasks, variants, add_options=None):
    """The options of reel-bench; `--variant` and `--keep-denormals`, which only a peer has."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--task", choices=tasks, required=True)
    parser.add_argument("--cell", choices=sorted(GATES), default="lstm")
    parser.add_argument("--input", type=positive, default=128, help="embedding size")
    parser.add_argument("--hidden", type=positive, default=256)
    parser.add_argument("--layers", type=positive, default=1)
    parser.add_argument("--batch", type=positive, help="default: 32, and 1 for step")
    parser.add_argument("--steps", type=positive, default=128, help="time steps")
    parser.add_argument("--bidirectional", action="store_true")
    parser.add_argument("--ragged", action="store_true")
    parser.add_argument("--vocabulary", type=positive, default=65)
    parser.add_argument("--threads", type=positive, required=True)
    parser.add_argument("--repeats", type=positive, default=5, help="at least this many timings")
    parser.add_argument("--seconds", type=float, default=2.0, help="and at least this long")
    parser.add_argument(
        "--variant",
        default="auto",
        help=f"auto tries all that apply and keeps the fastest; of: {', '.join(variants)}",
    )
    add_processor_options(parser)
    if add_options:
        add_options(parser)
    options = parser.parse_args()
    if options.batch is None:
        options.batch = 1 if options.task in ("step", "decode") else 32
    if options.task == "step" and (options.bidirectional or options.ragged):
        parser.error("step goes forward one time step at a time: not --bidirectional, not --ragged")
    if options.weights != "float32" and options.task != "step":
        parser.error("--weights is for step")
    options.directions = 2 if options.bidirectional else 1
    return options


def add_processor_options(parser):
    parser.add_argument(
        "--keep-denormals", action="store_true", help="do not flush denormal numbers to zero"
    )
    parser.add_argument(
        "--precision",
        choices=list(PRECISIONS),
        default="highest",
        help="of large products, by the names of torch.set_float32_matmul_precision",
    )
    parser.add_argument(
        "--weights",
        choices=["float32", "bf16", "int8"],
        default="float32",
        help="how step, or tagging, holds the weights",
    )


def set_up(torch, options):
    """Threads, denormals and precision; returns whether denormals are flushed."""
    torch.set_num_threads(options.threads)
    torch.set_float32_matmul_precision(options.precision)
    for kind in (torch.backends.mkldnn.conv, torch.backends.mkldnn.rnn):
        kind.fp32_precision = PRECISIONS[options.precision]
    # Before the first operation, since the threads of the pool take the setting of their parent.
    return not options.keep_denormals and torch.set_flush_denormal(True)


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a number of at least 1, got {text}")
    return value


def lengths(options):
    if options.ragged:
        return [10 + (row * 61 + 17) % 191 for row in range(options.batch)]
    return [options.steps] * options.batch


def token(row, step, vocabulary):
    return (7919 * row + 104729 * step + 13 * row * step) % vocabulary


def ids(options, offset=0):
    """[batch][time], as long as the longest row."""
    return [
        [token(row, step + offset, options.vocabulary) for step in range(max(lengths(options)))]
        for row in range(options.batch)
    ]


def layer_input(options, layer):
    return options.input if layer == 0 else options.directions * options.hidden


def operations(options):
    if options.task == "decode":
        return operations_of_decoding(options)
    hidden, directions = options.hidden, options.directions
    tokens = options.batch if options.task == "step" else sum(lengths(options))
    recurrent = sum(
        directions * GATES[options.cell] * hidden * (layer_input(options, layer) + hidden)
        for layer in range(options.layers)
    )
    if options.ragged:
        head = 2 * options.batch * directions * hidden * CLASSES
    else:
        head = 2 * tokens * directions * hidden * options.vocabulary
    return (2 * tokens * recurrent + head) * (3 if options.task == "train" else 1)


def operations_of_decoding(options):
    """Of one source."""
    hidden, steps = options.hidden, options.steps
    memory = options.directions * hidden
    encoder = sum(
        options.directions * 4 * hidden * (layer_input(options, layer) + hidden)
        for layer in range(options.layers)
    )
    recurrent = 4 * hidden * (options.input + hidden + hidden)
    attention = steps * (hidden + memory)
    row = recurrent + attention + (memory + hidden) * hidden + hidden * options.vocabulary
    rows = 1 + (steps - 1) * options.beam
    return 2 * (steps * (encoder + memory * hidden) + 2 * memory * hidden + rows * row)


def seconds_of(body):
    start = time.perf_counter()
    body()
    return time.perf_counter() - start


def fastest(options, bodies):
    """The variant to time: `bodies` maps its name to a function that makes the work to be timed."""
    if options.variant != "auto":
        if options.variant not in bodies:
            sys.exit(f"--variant {options.variant}: this workload has {', '.join(bodies)}")
        return options.variant, bodies[options.variant](), {}
    trials = {}
    for name, make in bodies.items():
        body = make()
        body()
        trials[name] = min(seconds_of(body) for _ in range(3))
        # Its threads and its memory must not be in the way of the next one.
        del body
    best = min(trials, key=trials.get)
    return best, bodies[best](), trials


def timed(options, bodies, per_body=1):
    """The times of the fastest of `bodies`, as they stand in the JSON object."""
    variant, body, trials = fastest(options, bodies)
    warm_up_end = time.perf_counter() + min(0.5, options.seconds / 4)
    body()
    while time.perf_counter() < warm_up_end:
        body()
    timings, end = [], time.perf_counter() + options.seconds
    while len(timings) < options.repeats or time.perf_counter() < end:
        timings.append(seconds_of(body) * 1000 / per_body)
    return {
        "milliseconds": statistics.median(timings),
        "minimum": min(timings),
        "maximum": max(timings),
        "repeats": len(timings),
        "variant": variant,
        "variants_tried": {
            name: seconds * 1000 / per_body for name, seconds in trials.items()
        },
    }


def measure_and_print(options, library, versions, bodies, settings):
    """Times the fastest of `bodies` and prints one JSON object."""
    units = {"step": BLOCK, "decode": options.batch}
    times = timed(options, bodies, units.get(options.task, 1))
    median = times["milliseconds"]
    result = {
        "library": library,
        "task": options.task,
        "cell": options.cell,
        "input": options.input,
        "hidden": options.hidden,
        "layers": options.layers,
        "batch": options.batch,
        "steps": 1 if options.task == "step" else max(lengths(options)),
        "bidirectional": options.bidirectional,
        "ragged": options.ragged,
        "vocabulary": options.vocabulary,
        "threads": options.threads,
        **times,
        "gflops": operations(options) / median / 1e6,
        **settings,
        "versions": dict(versions, python=platform.python_version()),
    }
    if options.task == "step":
        result["microseconds"] = median * 1000
    print(json.dumps(result))
