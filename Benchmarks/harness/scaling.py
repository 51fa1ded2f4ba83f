"""The parts of `scale`: each measures and returns a title, the rows of a table, what to know about
it, and every run."""

import contextlib
import statistics
import subprocess
import sys
from typing import NamedTuple

from . import memory, rows, tables
from .running import RunFailed, in_turns, note

LENGTHS = [100, 1_000, 10_000, 100_000]
WINDOW = 100
BATCHES = [1, 8, 32, 128, 512]
USUAL_BATCH = 32
# Small enough that long sequences fit, large enough that two threads have work.
LONG_BATCH = 8
STEPS = 128
KEPT_STEPS = [128, 1024]
# Its square root: the fewest floats between what is kept and what is computed again.
SEGMENT = 32
SIZES = [(1, 256), (2, 512)]
MEMORY_GOAL = 1.3
THREADS_GOAL = 1.8


class Part(NamedTuple):
    title: str
    table: list
    remark: str
    runs: list


class Bench:
    """Runs reel-bench in turns with itself."""

    def __init__(self, options, path):
        self.options, self.path, self.failed = options, path, False

    def command(self, arguments, threads=None):
        options = self.options
        command = [self.path, "--precision", options.precision, *map(str, arguments)]
        command += ["--threads", str(threads or options.threads)]
        return command + ["--seconds", str(options.seconds), "--repeats", "3"]

    def measure(self, name, table):
        """The runs of each command, in turns; None where one failed."""

        def after_round(number, runs):
            times = [f"{key}: {tables.time(entries[-1:])}" for key, entries in runs.items()]
            note(f"{name}, round {number + 1} of {self.options.rounds}: {', '.join(times)}")

        try:
            return in_turns(table, self.options.rounds, after_round)
        except RunFailed as error:
            note(f"{name}: {error}")
            self.failed = True
            return None


def network(task, cell, layers=1, hidden=256, batch=USUAL_BATCH, steps=STEPS):
    return rows.recurrent(task, cell, layers, hidden, batch, steps)


def ratios(runs, over):
    pairs = zip(runs, over)
    return [first["milliseconds"] / second["milliseconds"] for first, second in pairs]


def bytes_of(runs, key):
    return max(entry.get(key) or 0 for entry in runs)


def lengths(bench):
    table = [["workload", "T", "way", "a repetition", "a token", "beside T 100", "memory"]]
    every = []
    for cell in bench.options.cells:
        for task in ["train", "forward", "step"]:
            batch = 1 if task == "step" else LONG_BATCH
            name = f"{task} {cell} 1x256 B{batch}"
            ways, commands = {}, {}
            for steps in LENGTHS:
                arguments = network(task, cell, batch=batch, steps=steps)
                # Beside what the layers keep, the gradients of their outputs pass through.
                size = 2 * memory.of_tokens(cell, 1, 256, batch, steps)
                ways[steps] = "whole"
                if task == "step":
                    arguments += ["--block", steps]
                    ways[steps] = "one by one"
                elif task == "train" and (
                    steps == LENGTHS[-1] or size > bench.options.memory * 1e9
                ):
                    arguments += ["--window", WINDOW]
                    ways[steps] = f"windows of {WINDOW}"
                commands[steps] = bench.command(arguments)
            runs = bench.measure(name, commands)
            if not runs:
                continue
            every.append({"name": name, "runs": runs})
            for steps, entries in runs.items():
                # A step's time is told for each step, whatever the block.
                tokens = 1 if task == "step" else batch * steps
                first = 1 if task == "step" else batch * LENGTHS[0]
                shares = [
                    value * first / tokens for value in ratios(entries, runs[LENGTHS[0]])
                ]
                middle = tables.median(entries, "milliseconds")
                repetition = middle * (steps if task == "step" else 1)
                table.append(
                    [
                        name, f"{steps:,}", ways[steps], tables.time_of(repetition),
                        tables.time_of(middle / tokens), tables.spread(shares),
                        tables.megabytes(bytes_of(entries, "peak_growth_bytes")),
                    ]
                )
    remark = (
        "A token is one time step of one sequence. Windows hand the state on, with an update after "
        "each. Beside T 100: its time as a multiple of that at T 100."
    )
    return Part("Time of a token by the length of the sequence", table, remark, every)


def batches(bench):
    beside = f"beside B {USUAL_BATCH}"
    table = [["workload", "B", "a repetition", "a token", beside, "GFLOP/s", "of limit"]]
    every = []
    for cell in bench.options.cells:
        for task in ["train", "forward"]:
            name = f"{task} {cell} 1x256 T{STEPS}"
            runs = bench.measure(
                name, {batch: bench.command(network(task, cell, batch=batch)) for batch in BATCHES}
            )
            if not runs:
                continue
            every.append({"name": name, "runs": runs})
            for batch, entries in runs.items():
                shares = [
                    value * USUAL_BATCH / batch for value in ratios(entries, runs[USUAL_BATCH])
                ]
                middle = tables.median(entries, "milliseconds")
                table.append(
                    [
                        name, str(batch), tables.time_of(middle),
                        tables.time_of(middle / (batch * STEPS)), tables.spread(shares),
                        tables.digits(tables.median(entries, "gflops")),
                        tables.percent(tables.median(entries, "share_of_limit")),
                    ]
                )
    remark = f"Beside B {USUAL_BATCH}: a token's time as a multiple of that at batch {USUAL_BATCH}."
    return Part("Time of a token by the batch", table, remark, every)


def kept(bench):
    table = [
        ["workload", "must keep", "4·P", "tensors", "a token", "process", "of what must"]
        + ["anonymous", "of what must", "goal"]
    ]
    every = []
    for cell in bench.options.cells:
        for layers, hidden in SIZES:
            before = None
            for steps in KEPT_STEPS:
                name = f"train {cell} {layers}x{hidden} B{USUAL_BATCH} T{steps}"
                command = bench.command(network("train", cell, layers, hidden, steps=steps))
                runs = bench.measure(name, {"peak": command})
                if not runs:
                    continue
                every.append({"name": name, "runs": runs})
                sizes = cell, layers, hidden, USUAL_BATCH, steps
                extra = memory.of_parameters(runs["peak"][0]["parameters"])
                must = memory.of_tokens(*sizes)
                tensors = bytes_of(runs["peak"], "peak_bytes")
                process = bytes_of(runs["peak"], "peak_growth_bytes")
                slope = "–"
                if before:
                    more = (steps - before[0]) * USUAL_BATCH * layers * hidden * memory.BYTES
                    slope = f"{(tensors - before[1]) / more:.1f}·H"
                before = (steps, tensors)
                anonymous = max(
                    (entry.get("peak_growth_bytes") or 0) - (entry.get("file_growth_bytes") or 0)
                    for entry in runs["peak"]
                )
                shares = [part / (must + extra) for part in (process, anonymous)]
                table.append(
                    [
                        name, f"{memory.MUST[cell]}·H, {tables.megabytes(must)}",
                        tables.megabytes(extra), tables.megabytes(tensors), slope,
                        tables.megabytes(process), f"{shares[0]:.2f}",
                        tables.megabytes(anonymous), f"{shares[1]:.2f}",
                        tables.verdict(MEMORY_GOAL, shares[1], True),
                    ]
                )
    remark = (
        "Of a token and layer backpropagation through time must keep: RNN 1·H floats (the state), "
        "GRU 5·H (r, z, n, the recurrent part of n, the state), LSTM 6·H (four gates, two states); "
        "of a token its 65 scores; so do Reel's layers: see Benchmarks/harness/memory.py. Extra are "
        "parameters, gradients and two moments, 4·P. "
        "`a token`: by how much the tensors' peak grows for each token and layer from the shorter "
        "length to the longer, with the scores and the gradient that passes through. `process`: by "
        "how much the process grew, as Linux counts it, beside what must be kept with 4·P; "
        "`anonymous`: without pages of files, which are code and constants of the program and its "
        "libraries, the same few megabytes for every network. The goal is for these."
    )
    return Part("Peak memory of a training step", table, remark, every)


def recomputation(bench):
    steps = KEPT_STEPS[-1]
    headings = ["workload", "time", "recomputed", "takes longer by", "process", "recomputed"]
    table = [headings + ["of the memory", "must keep", "recomputed"]]
    every = []
    for cell in bench.options.cells:
        for layers, hidden in SIZES:
            name = f"train {cell} {layers}x{hidden} B{USUAL_BATCH} T{steps}"
            arguments = network("train", cell, layers, hidden, steps=steps)
            commands = {
                "everything": bench.command(arguments),
                "recomputed": bench.command(arguments + ["--recomputed", SEGMENT]),
            }
            runs = bench.measure(name, commands)
            if not runs:
                continue
            every.append({"name": name, "runs": runs})
            whole, less = runs.values()
            peaks = [bytes_of(entries, "peak_growth_bytes") for entries in (whole, less)]
            extra = memory.of_parameters(whole[0]["parameters"])
            must = [
                memory.of_tokens(cell, layers, hidden, USUAL_BATCH, steps, segment) + extra
                for segment in (None, SEGMENT)
            ]
            table.append(
                [
                    name, tables.time(whole), tables.time(less), tables.spread(ratios(less, whole)),
                    *map(tables.megabytes, peaks), tables.percent(peaks[1] / peaks[0]),
                    *map(tables.megabytes, must),
                ]
            )
    remark = (
        f"Recomputed: the state is kept at every {SEGMENT}th time step, and what lies between is "
        "computed again on the way back, one more forward pass of the recurrent layers. The "
        "gradients are those of the whole sequence."
    )
    return Part("The same with recomputation", table, remark, every)


@contextlib.contextmanager
def busy_core():
    """Another process that would take all of a core."""
    loop = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        loop.kill()
        loop.wait()


def threads(bench):
    count = bench.options.threads
    many = f"{count} threads"
    table = [
        ["workload", "1 thread", many, "faster by", "goal"]
        + ["1 thread beside a busy core", many, "faster by", "goal"]
    ]
    every = []
    for row in rows.chosen(bench.options.pattern):
        if not row.name.startswith("train "):
            continue
        commands = {
            number: bench.command(row.arguments, threads=number) for number in (1, count)
        }
        quiet = bench.measure(row.name, commands)
        with busy_core():
            busy = bench.measure(f"{row.name}, beside a busy core", commands)
        if not quiet or not busy:
            continue
        every.append({"name": row.name, "runs": quiet, "runs_beside_a_busy_core": busy})
        cells = [row.name]
        for runs, goal in [(quiet, THREADS_GOAL), (busy, 1)]:
            found = ratios(runs[1], runs[count])
            middle = statistics.median(found)
            cells += [tables.time(runs[1]), tables.time(runs[count]), tables.spread(found)]
            cells.append(tables.verdict(goal, middle))
        table.append(cells)
    remark = (
        "Beside a busy core: while another process loops for ever, which takes one core where it "
        f"can. There {many} must not be slower than one."
    )
    return Part(f"One thread and {count}", table, remark, every)


PARTS = {
    "length": lengths,
    "batch": batches,
    "memory": kept,
    "recomputation": recomputation,
    "threads": threads,
}
