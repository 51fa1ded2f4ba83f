#!/usr/bin/env python3
"""Writes normalizers.json: what the normalizers of the tokenizers package make of many texts.

    pip install tokenizers==0.23.3
    python3 Tests/ReelTextTests/Fixtures/make_normalizer_fixtures.py

Each case has the text that comes out and, for each of its scalars, the bytes of the original that
it is aligned with: [lower, upper, lower, upper, ...]. Cases that change nothing are left out of the
offsets.
"""

import base64
import json
import pathlib
import struct

import tokenizers
from tokenizers import PreTokenizedString, Regex, normalizers

TEXTS = [
    "",
    " ",
    "The cats, which already ate the food, were full.",
    "  leading and trailing \t\r\n",
    "\u00a0\u3000wide\u2003spaces\u2028\u205f",
    "tabs\tand\nlines\r\nand\x0bvertical\x0cfeeds\x85next",
    "na\u00efve caf\u00e9 cafe\u0301 \u00c5ngstr\u00f6m \u212bngstrom",
    "\u0130stanbul I\u0307 \u0131 \u1e9e Stra\u00dfe \u03a3\u0391\u03a3",
    "o\u0323\u0302\u0301 o\u0302\u0323 q\u0307\u0323 \u1e0b\u0323",
    "\ufb01n \ufb03 \u2460\u2461 \u2075\u2082 \u00bd \u2122 \u33a1 \uff21\uff22 \uff76\uff9e",
    "\u1112\u1161\u11ab\uae00 \ud55c\uad6d\uc5b4 \u1100\uac00\u11a8",
    "\u0939\u093f\u0928\u094d\u0926\u0940 \u0915\u094d\u0937 \u0915\u093c \u0958",
    "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22 \u0e19\u0e49\u0e33 \u0e33",
    "\u0440\u0443\u0441\u0441\u043a\u0438\u0439 \u0419\u041e\u0416 \u0438\u0306 \u0401",
    "\u05e2\u05d1\u05e8\u05d9\u05ea \u05e9\u05c1\u05dc\u05d5\u05b9\u05dd \ufb2a",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0651\u064e\u0629 \ufefb \u0625\u0646\u0653",
    "\u65e5\u672c\u8a9e\u306e\u6587\u3001\u30c6\u30ad\u30b9\u30c8\u3067\u3059\u3002\u304b\u3099",
    "\u4e2d\u6587a\u5b57 \U00020000 \uf900 \U0002f800 \U0002b820",
    "\u03b1\u0301 \u1f84 \u0386 \u1fbf\u0301 \u0345\u0301",
    "Ti\u1ebfng Vi\u1ec7t c\u00f3 d\u1ea5u ti\u00ea\u0301ng",
    "\u10d0\u10dc\u10d1\u10d0\u10dc\u10d8 \u0531\u0580\u0565\u0582 \u13a0\u13e3 \U00010400",
    "1\ufe0f\u20e3 \U0001f469\U0001f3fd\u200d\U0001f680 \U0001f1ee\U0001f1f3 \u2764\ufe0f",
    "a\u200bb\u200cc\u200dd\u200ee\ufefff\u2060g\u00adh\u202ei",
    "\x00null\x01\x08\x1b[0m\x7f\x80\x8f\x9f\ufffd\ue000",
    "def f(x):\n    return \"\u2581\" + x  # spaces   more",
    "ab xabx aab  a  b",
    "\u0301leading mark, \u0323\u0301two",
    "A\u030a\u0327\u0301 D\u0323\u0307",
    "\u2126\u00b5\u017f \u01c4\u01c5\u01c6",
    "\U0001d15e\U0001d400 \u0344\u0958\u09cb \u09c7\u09be",
    "e\u0301" * 3 + "\u2460\u0301\u00bdx\u0301",
]


def precompiled_map(entries):
    """The bytes of a SentencePiece character map: a double array as Darts-clone lays it out."""
    replacements = b""
    trie = {}
    for key, value in entries:
        node = trie
        for byte in key.encode():
            node = node.setdefault(byte, {})
        node[None] = len(replacements)
        replacements += value.encode() + b"\0"

    units = {0: 0}
    taken = {0}
    bases = set()

    def place(position, node):
        labels = [0 if label is None else label for label in node]
        base = 1
        # A base belongs to one node alone: else its children would answer to another node too.
        while base in bases or any(base ^ label in taken for label in labels):
            base += 1
        bases.add(base)
        units[position] |= (position ^ base) << 10
        for label, child in node.items():
            if label is None:
                units[position] |= 1 << 8
                units[base] = child | 1 << 31
                taken.add(base)
            else:
                units[base ^ label] = label
                taken.add(base ^ label)
        for label, child in node.items():
            if label is not None:
                place(base ^ label, child)

    place(0, trie)
    size = (max(units) // 256 + 1) * 256
    packed = b"".join(struct.pack("<I", units.get(index, 0)) for index in range(size))
    return struct.pack("<I", len(packed)) + packed + replacements


MAP = precompiled_map(
    [
        ("\u2460", "1"),
        ("\u00bd", "1/2"),
        ("\ufb01", "fi"),
        ("e\u0301", "\u00e9"),
        ("\u00c5", "A"),
        ("\u3000", " "),
        ("\u00a0", " "),
        ("\t", " "),
        ("\r", ""),
        ("\x7f", ""),
        ("\u200b", ""),
        ("\uff76\uff9e", "\u30ac"),
        ("\uff76", "\u30ab"),
        ("\u0915\u093c", "\u0958"),
        ("\U0001d400", "A"),
        ("x", "ks"),
        ("\u1112\u1161\u11ab", "\ud55c"),
    ]
)

KINDS = {
    "nfc": normalizers.NFC(),
    "nfd": normalizers.NFD(),
    "nfkc": normalizers.NFKC(),
    "nfkd": normalizers.NFKD(),
    "lowercase": normalizers.Lowercase(),
    "stripAccents": normalizers.StripAccents(),
    "stripBoth": normalizers.Strip(True, True),
    "stripLeft": normalizers.Strip(True, False),
    "stripRight": normalizers.Strip(False, True),
    "replaceLiteral": normalizers.Replace("ab", "<\u00e9>"),
    "replaceNothing": normalizers.Replace(" ", ""),
    "replaceExpression": normalizers.Replace(Regex("\\s+"), "\u2581"),
    "prepend": normalizers.Prepend("\u2581"),
    "bert": normalizers.BertNormalizer(),
    "bertCased": normalizers.BertNormalizer(lowercase=False),
    "bertAccents": normalizers.BertNormalizer(
        clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=True
    ),
    "nmt": normalizers.Nmt(),
    "precompiled": normalizers.Precompiled(MAP),
    "byteLevel": normalizers.ByteLevel(),
    "sequence": normalizers.Sequence(
        [normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]
    ),
}


def run(normalizer, text):
    """The text that comes out, and the byte offsets of each of its scalars."""
    pieces = PreTokenizedString(text)
    pieces.normalize(lambda normalized: normalizer.normalize(normalized))
    output = "".join(piece for piece, _, _ in pieces.get_splits())
    pieces.split(
        lambda _, normalized: [
            normalized.slice((index, index + 1)) for index in range(len(normalized.normalized))
        ]
    )
    splits = pieces.get_splits(offset_referential="original", offset_type="byte")
    assert [piece for piece, _, _ in splits] == list(output), (normalizer, text)
    return output, [bound for _, bounds, _ in splits for bound in bounds]


def main():
    cases = {}
    for name, normalizer in KINDS.items():
        cases[name] = []
        for index, text in enumerate(TEXTS):
            output, offsets = run(normalizer, text)
            if output == text:
                continue
            cases[name].append({"text": index, "output": output, "offsets": offsets})
    fixture = {
        "source": "tokenizers " + tokenizers.__version__,
        "map": base64.b64encode(MAP).decode(),
        "texts": TEXTS,
        "cases": cases,
    }
    path = pathlib.Path(__file__).parent / "normalizers.json"
    text = json.dumps(fixture, ensure_ascii=True, separators=(",", ":"))
    path.write_text(text.replace('{"text"', '\n{"text"') + "\n")


if __name__ == "__main__":
    main()
