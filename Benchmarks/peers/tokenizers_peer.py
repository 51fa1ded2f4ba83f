#!/usr/bin/env python3
"""Times one text workload in the Hugging Face tokenizers library and prints one JSON object.

    pip install tokenizers
    Benchmarks/peers/tokenizers_peer.py --task prepare --kind byte-bpe --corpus TEXT --tokenizer T.json
    Benchmarks/peers/tokenizers_peer.py --task encode --tokenizer T.json --corpus TEXT

One thread: the variables that say so are set before the library is loaded. Lines are what stands
between line feeds, without them. What is timed makes no Python object of a token; reading the file
and adding up the check sum are not timed.

prepare  trains a tokenizer of `--kind` on the lines and writes `--tokenizer`; not timed.
encode   all lines to ids. `fast`: encode_batch_fast, which leaves offsets out; `batch`:
         encode_batch; `single`: encode, line by line. With --offsets only the last two.
whole    as encode, the whole text in one call; `fast` and `batch` of one text, or `single`.
train    a tokenizer of `--kind` with `--vocabulary` tokens, from the lines in memory
         (`iterator`) or from the file (`file`).
split    the Whitespace pre-tokenizer on all lines: `object` on PreTokenizedString objects, which
         stay in the library, `string` with pre_tokenize_str, which makes Python lists.

`--variant auto` times each variant once, keeps the fastest, and says which it was.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

try:
    import tokenizers
except ImportError:
    sys.exit("tokenizers is not installed; to install it: pip install tokenizers")

from tokenizers import (
    PreTokenizedString, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
)

KINDS = ("byte-bpe", "bpe", "wordpiece", "unigram")
MASK = 2**64 - 1


def parse():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--task", choices=["prepare", "encode", "whole", "train", "split"], required=True)
    parser.add_argument("--kind", choices=KINDS, default="byte-bpe")
    parser.add_argument("--corpus", metavar="FILE", required=True)
    parser.add_argument("--tokenizer", metavar="FILE", help="a tokenizer.json")
    parser.add_argument("--vocabulary", type=int, default=16_000)
    parser.add_argument("--offsets", action="store_true", help="encodings with offsets")
    parser.add_argument("--repeats", type=int, default=3, help="at least this many timings")
    parser.add_argument("--seconds", type=float, default=0, help="and at least this long")
    parser.add_argument("--variant", default="auto")
    options = parser.parse_args()
    if options.tokenizer is None and options.task in ("prepare", "encode", "whole"):
        parser.error(f"--task {options.task} needs --tokenizer")
    return options


def untrained(kind, vocabulary):
    """A tokenizer and its trainer; the pipelines are those of GPT-2, BERT and T5."""
    common = dict(vocab_size=vocabulary, show_progress=False)
    if kind == "byte-bpe":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        return tokenizer, trainers.BpeTrainer(initial_alphabet=alphabet, **common)
    if kind == "bpe":
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
        return tokenizer, trainers.BpeTrainer(special_tokens=["<unk>"], **common)
    if kind == "wordpiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece()
        return tokenizer, trainers.WordPieceTrainer(special_tokens=["[UNK]"], **common)
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = dict(special_tokens=["<unk>"], unk_token="<unk>")
    return tokenizer, trainers.UnigramTrainer(**special, **common)


def bodies_of(options, text):
    """By the name of each variant: what is timed."""
    lines = lines_of(text)
    if options.task == "train":
        def iterator():
            tokenizer, trainer = untrained(options.kind, options.vocabulary)
            tokenizer.train_from_iterator(lines, trainer)
            return tokenizer

        def file():
            tokenizer, trainer = untrained(options.kind, options.vocabulary)
            tokenizer.train([options.corpus], trainer)
            return tokenizer

        # A file's lines keep their line feeds, which only some pre-tokenizers drop.
        return {"iterator": iterator} if options.kind == "byte-bpe" else {"iterator": iterator, "file": file}
    if options.task == "split":
        whitespace = pre_tokenizers.Whitespace()

        def objects():
            result = [PreTokenizedString(line) for line in lines]
            for line in result:
                whitespace.pre_tokenize(line)
            return result

        return {
            "object": objects,
            "string": lambda: [whitespace.pre_tokenize_str(line) for line in lines],
        }
    tokenizer = Tokenizer.from_file(options.tokenizer)
    texts = lines if options.task == "encode" else [text]
    special = dict(add_special_tokens=False)
    bodies = {
        "fast": lambda: tokenizer.encode_batch_fast(texts, **special),
        "batch": lambda: tokenizer.encode_batch(texts, **special),
        "single": lambda: [tokenizer.encode(part, **special) for part in texts],
    }
    if options.offsets:
        del bodies["fast"]
    return bodies


def lines_of(text):
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def outcome(options, result):
    """How many tokens or pieces there are, and a check sum of the tokens."""
    if options.task == "train":
        vocabulary = sorted(result.get_vocab(with_added_tokens=False).items(), key=lambda item: item[1])
        return len(vocabulary), checksum("\n".join(token for token, _ in vocabulary).encode())
    if options.task == "split":
        if isinstance(result[0], PreTokenizedString):
            result = [line.get_splits() for line in result]
        return sum(map(len, result)), None
    ids = [id for encoding in result for id in encoding.ids]
    return len(ids), checksum(ids)


def checksum(numbers):
    state = 0
    for number in numbers:
        state = (state * 31 + number + 1) & MASK
    return f"{state:016x}"


def seconds_of(body):
    start = time.perf_counter()
    result = body()
    return time.perf_counter() - start, result


def main():
    options = parse()
    with open(options.corpus, encoding="utf-8", newline="") as file:
        text = file.read()
    if options.task == "prepare":
        tokenizer, trainer = untrained(options.kind, options.vocabulary)
        tokenizer.train_from_iterator(lines_of(text), trainer)
        tokenizer.save(options.tokenizer)
        return
    bodies = bodies_of(options, text)
    trials = {}
    if options.variant != "auto":
        if options.variant not in bodies:
            sys.exit(f"--variant {options.variant}: this workload has {', '.join(bodies)}")
        variant = options.variant
    else:
        for name, body in bodies.items():
            trials[name] = seconds_of(body)[0] * 1000
        variant = min(trials, key=trials.get)
    count, total = outcome(options, bodies[variant]())
    timings, end = [], time.perf_counter() + options.seconds
    while len(timings) < options.repeats or time.perf_counter() < end:
        timings.append(seconds_of(bodies[variant])[0] * 1000)
    median = statistics.median(timings)
    size = len(text.encode())
    print(
        json.dumps(
            {
                "library": "tokenizers",
                "task": options.task,
                "kind": options.kind,
                "bytes": size,
                "milliseconds": median,
                "minimum": min(timings),
                "maximum": max(timings),
                "repeats": len(timings),
                "megabytes_per_second": size / median / 1000,
                "count": count,
                "checksum": total,
                "variant": variant,
                "variants_tried": trials,
                "versions": {
                    "tokenizers": tokenizers.__version__,
                    "python": platform.python_version(),
                },
            }
        )
    )


if __name__ == "__main__":
    main()
