"""Builds the programs, runs them in turns, and says on what machine."""

import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time as clock
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
SECONDS_TO_WAIT = 600

PEERS = {
    "pytorch": {
        "title": "PyTorch",
        "script": BENCHMARKS / "peers/pytorch.py",
        "decoding_script": BENCHMARKS / "peers/pytorch_decoding.py",
        "convolution_script": BENCHMARKS / "peers/pytorch_convolution.py",
        "image_script": BENCHMARKS / "peers/pytorch_images.py",
        "imports": "torch",
        "install": "pip install torch==2.13.0",
    },
    "onnxruntime": {
        "title": "ONNX Runtime",
        "script": BENCHMARKS / "peers/onnx_runtime.py",
        "imports": "onnxruntime, onnx, numpy",
        "install": "pip install onnxruntime onnx numpy",
    },
}


def note(text):
    print(text, file=sys.stderr, flush=True)


def installed(python, name):
    peer = PEERS[name]
    check = subprocess.run([python, "-c", f"import {peer['imports']}"], capture_output=True)
    if check.returncode != 0:
        note(f"{peer['title']} is not installed for {python}; to install it: {peer['install']}")
    return check.returncode == 0


def build(product="reel-bench"):
    """The path of the program."""
    command = ["swift", "build", "-c", "release", "--package-path", str(BENCHMARKS)]
    note(f"building {product} …")
    try:
        subprocess.run(command + ["--product", product], check=True, stdout=sys.stderr)
        shown = subprocess.run(
            command + ["--show-bin-path"], check=True, stdout=subprocess.PIPE, text=True
        )
    except FileNotFoundError:
        sys.exit(f"swift is not on the path; {product} cannot be built")
    except subprocess.CalledProcessError as error:
        sys.exit(f"building {product} failed: exit code {error.returncode}")
    return str(Path(shown.stdout.strip()) / product)


def busy():
    """The share of the processor's time that others take at this moment, or None."""

    def ticks():
        fields = [int(field) for field in Path("/proc/stat").read_text().split()[1:9]]
        return sum(fields), fields[3] + fields[4]

    try:
        total, idle = ticks()
        clock.sleep(1)
        later_total, later_idle = ticks()
        return 1 - (later_idle - idle) / (later_total - total)
    except (OSError, ValueError, IndexError, ZeroDivisionError):
        return None


def warn_if_busy():
    """The share of the processor that others take."""
    load = busy()
    if load is not None and load > 0.05:
        note(f"other processes take {100 * load:.0f} % of the processor: the times will be noisy")
    return load


class RunFailed(Exception):
    pass


def run(command):
    """The JSON object that a run prints on its last line."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_TO_WAIT)
    except subprocess.TimeoutExpired:
        raise RunFailed(f"no result after {SECONDS_TO_WAIT} seconds") from None
    except OSError as error:
        raise RunFailed(f"{command[0]}: {error.strerror}") from None
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        problem = done.stderr.strip().splitlines() or ["it printed nothing"]
        raise RunFailed(f"exit code {done.returncode}: {problem[-1]}")
    try:
        result = json.loads(lines[-1])
        if not result["milliseconds"] > 0:
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise RunFailed(f"expected a JSON object with milliseconds, got {lines[-1]!r}") from None
    return result


def in_turns(table, rounds, after_round):
    """The runs of each command of a table, one for each round; the order turns round from one round
    to the next. `after_round` gets the number of the round and all runs so far."""
    runs = {name: [] for name in table}
    for number in range(rounds):
        for name in list(table) if number % 2 == 0 else list(reversed(table)):
            command = list(table[name])
            if runs[name] and "variant" in runs[name][0]:
                # The first round has found the fastest variant.
                command += ["--variant", runs[name][0]["variant"]]
            try:
                runs[name].append(run(command))
            except RunFailed as error:
                raise RunFailed(f"{' '.join(command)}: {error}") from None
        after_round(number, runs)
    return runs


def output_of(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=BENCHMARKS, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.strip().splitlines()
    return lines[0] if done.returncode == 0 and lines else None


def processor():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def commit():
    """With `-dirty` behind it where a file is not as committed, kept results aside."""
    name = output_of(["git", "describe", "--always"])
    if name is None:
        return None
    others = [":/", ":(top,exclude)Benchmarks/Results"]
    command = ["git", "diff", "--quiet", "HEAD", "--", *others]
    return name + ("-dirty" if subprocess.run(command, cwd=BENCHMARKS).returncode else "")


def circumstances(options):
    """What is the same for all runs of a command."""
    return {
        "date": datetime.date.today().isoformat(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": options.threads,
        "precision": options.precision,
        "rounds": options.rounds,
        "seconds_per_run": options.seconds,
        "swift": output_of(["swift", "--version"]),
        "commit": commit(),
    }


def limit_of(runs):
    """The multiply-add limit in GFLOP/s that runs of reel-bench have found."""
    limits = [entry.get("multiply_add_limit_gflops") for entry in runs]
    limits = [limit for limit in limits if isinstance(limit, (int, float))]
    return statistics.median(limits) if limits else None
