#!/usr/bin/env python3
"""Times tagging in PyTorch with a tagger of Reel's and prints one JSON object.

    pip install torch==2.13.0 numpy
    Benchmarks/peers/pytorch_tagging.py --corpus FILE.conll --model DIR

Reads the folder that `reel-bench-tagging --task prepare` or a training wrote: the same network with
the same weights. What is timed is one call that tags all sentences, from strings to strings: words
to ids, each distinct word's vector (word, characters, capitalization) computed once for the call,
sentences sorted by length, BiLSTM, scores, Viterbi over whole batches. The tags are those inside the
model, which spares the peer the change of scheme that Reel makes.

`--variant auto` times each variant once, keeps the fastest, and says which it was:

packed-N   batches of N sentences of like length as packed sequences.
equal-N    batches of at most N sentences of exactly one length: nothing is packed, which lets
           PyTorch use oneDNN's LSTM.
int8-...   the same with the BiLSTM of sentences quantized dynamically; tried with --weights int8.
"""

import argparse
import json
import platform
import statistics
import struct
import sys
import time
import warnings
from pathlib import Path

import workload

try:
    import numpy
    import torch
except ImportError:
    sys.exit("torch or numpy is not installed; to install them: pip install torch==2.13.0 numpy")

from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

VARIANTS = [f"{kind}-{size}" for kind in ("packed", "equal") for size in (64, 256, 1024)]
QUANTIZED = [f"int8-{name}" for name in VARIANTS]


def parse():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--corpus", metavar="FILE", required=True)
    parser.add_argument("--model", metavar="DIR", required=True)
    parser.add_argument("--sentences", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3, help="at least this many timings")
    parser.add_argument("--seconds", type=float, default=0, help="and at least this long")
    parser.add_argument("--variant", default="auto", choices=["auto"] + VARIANTS + QUANTIZED)
    parser.add_argument("--tags", metavar="FILE", help="where the tags go, one a line")
    parser.add_argument("--json", action="store_true", help="JSON is always printed")
    workload.add_processor_options(parser)
    options = parser.parse_args()
    if options.weights == "bf16":
        parser.error("--weights bf16: float32 or int8 is expected")
    return options


def read_sentences(path, most):
    """The tokens of each sentence, as Reel's reader finds them."""
    sentences, tokens = [], []
    with open(path, encoding="utf-8") as file:
        for line in file:
            fields = line.split()
            if not fields or fields[0] == "-DOCSTART-":
                if tokens:
                    sentences.append(tokens)
                tokens = []
            else:
                tokens.append(fields[0])
    if tokens:
        sentences.append(tokens)
    return sentences[:most]


def read_tensors(path):
    """A safetensors file of 32-bit floats."""
    content = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        values = numpy.frombuffer(content[begin:end], dtype="<f4").reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.copy())
    return tensors


def capitalization(token):
    """The class of Reel's `Capitalization`."""
    cased = [character for character in token if character.isupper() or character.islower()]
    if not cased:
        return 5 if any(character.isdecimal() for character in token) else 0
    upper = sum(character.isupper() for character in cased)
    if upper == 0:
        return 1
    if upper == 1 and cased[0].isupper():
        return 2
    return 3 if upper == len(cased) else 4


class Tagger:
    def __init__(self, folder):
        settings = json.loads((Path(folder) / "config.json").read_text())["model"]
        words = json.loads((Path(folder) / "words.json").read_text())
        tensors = read_tensors(Path(folder) / "model.safetensors")
        encoder = settings["encoder"]
        if encoder["cell"] != "lstm" or encoder["directions"] != "bidirectional":
            sys.exit(f"{folder}: an encoder of bidirectional LSTM layers is expected")
        if not settings["usesCRF"] or not settings["usesCapitalization"]:
            sys.exit(f"{folder}: a tagger with a CRF and with capitalization is expected")
        special = [entry["token"] for entry in words["special_tokens"]]
        names = special + [entry[0] for entry in words["tokens"]]
        self.words = {name: number for number, name in enumerate(names)}
        self.unknown = self.words["<unk>"]
        self.characters = {name: number + 1 for number, name in enumerate(settings["characters"])}
        self.lowercases = settings["lowercases"]
        self.normalizes_digits = settings["normalizesDigits"]
        self.tags = settings["tags"]
        self.word_table = tensors["words.weight"]
        self.character_table = tensors["characters.embedding.weight"]
        self.capitalization_table = tensors["capitalization.weight"]
        self.character_lstm = self.lstm(tensors, "characters.recurrent.", 1)
        self.lstm_of_sentences = self.lstm(tensors, "encoder.", encoder["layers"])
        self.quantized_lstm = None
        self.head = torch.nn.Linear(*reversed(tensors["head.weight"].shape))
        self.head.load_state_dict({key: tensors[f"head.{key}"] for key in ("weight", "bias")})
        self.prepare_scores(tensors, settings)
        self.parameters = sum(tensor.numel() for tensor in tensors.values())

    @staticmethod
    def lstm(tensors, prefix, layers):
        state = {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}
        gates, inputs = state["weight_ih_l0"].shape
        lstm = torch.nn.LSTM(
            inputs, gates // 4, num_layers=layers, bidirectional=True, batch_first=True
        )
        lstm.load_state_dict(state)
        return lstm.eval()

    def quantize(self):
        """Weights of 8 bits, and at run time what they are multiplied with."""
        # Dynamic quantization is to move to another package.
        warnings.filterwarnings("ignore", message=".*quantiz")
        torch.backends.quantized.engine = "x86"
        whole = torch.nn.Sequential(self.lstm_of_sentences)
        self.quantized_lstm = torch.ao.quantization.quantize_dynamic(
            whole, {torch.nn.LSTM}, dtype=torch.qint8
        )[0]

    def prepare_scores(self, tensors, settings):
        """Start, end and transitions, with what the scheme forbids far below all else."""
        start = tensors["crf.start_transitions"].clone()
        end = tensors["crf.end_transitions"].clone()
        transitions = tensors["crf.transitions"].clone()
        if settings.get("dataScheme") is not None and settings["scheme"] in ("iobes", "bilou"):
            opens = ("B", "I")
            for to, tag in enumerate(self.tags):
                inside = tag[0] in ("I", "E", "L")
                if inside:
                    start[to] = -1e4
                if tag[0] in opens:
                    end[to] = -1e4
                for origin, before in enumerate(self.tags):
                    is_open = before[0] in opens
                    fits = inside and before[2:] == tag[2:] if is_open else not inside
                    if not fits:
                        transitions[origin, to] = -1e4
        self.start, self.end, self.transitions = start, end, transitions

    def form(self, token):
        word = token.lower() if self.lowercases else token
        if self.normalizes_digits:
            word = "".join("0" if character.isdecimal() else character for character in word)
        characters = [self.characters.get(character, 0) for character in token]
        if len(characters) > 64:
            characters = characters[:32] + characters[-32:]
        return self.words.get(word, self.unknown), capitalization(token), characters

    def features(self, forms):
        """[forms, features] of distinct words."""
        parts = []
        for begin in range(0, len(forms), 4096):
            part = forms[begin : begin + 4096]
            words = torch.tensor([form[0] for form in part])
            capitals = torch.tensor([form[1] for form in part])
            rows = [torch.tensor(form[2]) for form in part]
            lengths = torch.tensor([len(row) for row in rows])
            padded = self.character_table[pad_sequence(rows, batch_first=True)]
            packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
            _, (hidden, _) = self.character_lstm(packed)
            spelled = torch.cat([hidden[0], hidden[1]], dim=1)
            parts.append(
                torch.cat([self.word_table[words], spelled, self.capitalization_table[capitals]], 1)
            )
        return torch.cat(parts)

    def viterbi(self, emissions, lengths):
        """The best tags of each row; rows by falling length."""
        batch, longest, tags = emissions.shape
        active = [(lengths > step).sum().item() for step in range(longest)]
        score = self.start + emissions[:, 0]
        pointers = []
        for step in range(1, longest):
            rows = active[step]
            best, origin = (score[:rows].unsqueeze(2) + self.transitions).max(1)
            pointers.append(origin)
            score = torch.cat([best + emissions[:rows, step], score[rows:]])
        path = torch.zeros(batch, longest, dtype=torch.long)
        last = (score + self.end).argmax(1)
        rows = torch.arange(batch)
        path[rows, lengths - 1] = last
        for step in range(longest - 2, -1, -1):
            count = active[step + 1]
            following = path[:count, step + 1]
            path[:count, step] = pointers[step][:count].gather(1, following.unsqueeze(1)).squeeze(1)
        return path

    def batches(self, sentences, variant):
        kind, size = variant.split("-")
        order = sorted(range(len(sentences)), key=lambda index: -len(sentences[index]))
        batch = []
        for index in order:
            differs = batch and len(sentences[index]) != len(sentences[batch[0]])
            if len(batch) == int(size) or (kind == "equal" and differs):
                yield batch
                batch = []
            batch.append(index)
        if batch:
            yield batch

    def tag(self, sentences, variant):
        name = variant.removeprefix("int8-")
        lstm = self.lstm_of_sentences if name == variant else self.quantized_lstm
        with torch.inference_mode():
            numbers, forms, rows = {}, [], []
            for sentence in sentences:
                row = []
                for token in sentence:
                    number = numbers.get(token)
                    if number is None:
                        number = numbers[token] = len(forms)
                        forms.append(self.form(token))
                    row.append(number)
                rows.append(row)
            features = self.features(forms)
            result = [None] * len(sentences)
            for batch in self.batches(sentences, name):
                lengths = torch.tensor([len(rows[index]) for index in batch])
                if name.startswith("equal"):
                    output, _ = lstm(features[torch.tensor([rows[index] for index in batch])])
                else:
                    tokens = pad_sequence(
                        [torch.tensor(rows[index]) for index in batch], batch_first=True
                    )
                    packed = pack_padded_sequence(features[tokens], lengths, batch_first=True)
                    output, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True)
                paths = self.viterbi(self.head(output), lengths).tolist()
                for index, path in zip(batch, paths):
                    result[index] = [self.tags[tag] for tag in path[: len(rows[index])]]
            return result


def main():
    options = parse()
    workload.set_up(torch, options)
    sentences = read_sentences(options.corpus, options.sentences)
    tagger = Tagger(options.model)
    variants = VARIANTS
    if options.weights == "int8":
        variants = VARIANTS + QUANTIZED
    if options.weights == "int8" or options.variant in QUANTIZED:
        tagger.quantize()

    def timed(variant):
        begin = time.perf_counter()
        result = tagger.tag(sentences, variant)
        return (time.perf_counter() - begin) * 1000, result

    variant = options.variant
    if variant == "auto":
        timed(VARIANTS[0])
        variant = min(variants, key=lambda name: timed(name)[0])
    _, result = timed(variant)
    if options.tags:
        lines = [tag + "\n" for sentence in result for tag in sentence]
        Path(options.tags).write_text("".join(lines), encoding="utf-8")
    times = []
    begin = time.perf_counter()
    while len(times) < options.repeats or time.perf_counter() - begin < options.seconds:
        times.append(timed(variant)[0])
    median = statistics.median(times)
    tokens = sum(map(len, sentences))
    print(
        json.dumps(
            {
                "sentences": len(sentences),
                "tokens": tokens,
                "parameters": tagger.parameters,
                "threads": options.threads,
                "precision": options.precision,
                "weights": options.weights,
                "variant": variant,
                "milliseconds": median,
                "minimum": min(times),
                "maximum": max(times),
                "repeats": len(times),
                "sentences_per_second": len(sentences) / median * 1000,
                "tokens_per_second": tokens / median * 1000,
                "versions": {"torch": torch.__version__, "python": platform.python_version()},
            }
        )
    )


if __name__ == "__main__":
    main()
