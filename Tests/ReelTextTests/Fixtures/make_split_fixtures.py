#!/usr/bin/env python3
"""Writes split.json: how the `tokenizers` package cuts texts, for the tests of Reel's patterns and
pre-tokenizers.

usage: pip install tokenizers==0.23.3; make_split_fixtures.py

Offsets are in bytes of UTF-8: start and end of each piece, one after the other.
"""
import json
import os
import random
import unicodedata

from tokenizers import Regex, pre_tokenizers

CONTRACTIONS = "'s|'t|'re|'ve|'m|'ll|'d"
SPACE = r"\s+(?!\S)|\s+"
PATTERNS = {
    "gpt2": CONTRACTIONS + r"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|" + SPACE,
    "cl100k": rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}{{1,3}}"
    rf"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|{SPACE}",
    "cl100k, possessive": r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
    "qwen2": rf"(?i:{CONTRACTIONS})|[^\r\n\p{{L}}\p{{N}}]?\p{{L}}+|\p{{N}}"
    rf"| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|\s*[\r\n]+|{SPACE}",
    "o200k": r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    rf"(?i:{CONTRACTIONS})?|[^\r\n\p{{L}}\p{{N}}]?[\p{{Lu}}\p{{Lt}}\p{{Lm}}\p{{Lo}}\p{{M}}]+"
    rf"[\p{{Ll}}\p{{Lm}}\p{{Lo}}\p{{M}}]*(?i:{CONTRACTIONS})?|\p{{N}}{{1,3}}"
    rf"| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|{SPACE}",
    "deepseek 3": r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+"
    r"|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+" + "|" + SPACE,
    "deepseek 3, Chinese and kana": "[一-龥぀-ゟ゠-ヿ]+",
    "deepseek coder": r"\s?\p{L}+",
    "deepseek coder, punctuation": r"\s?\p{P}+",
    "clip": r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]"
    r"|[^\s\p{L}\p{N}]+",
    "bloom": " ?[^(\\s|[.,!?…。，、।۔،])]+",
    "starcoder": r"\p{N}{1,3}| ?\p{L}+\.?|(?<=\n)\s+",
}
# Reel's own rules for words, as in WordPattern.swift.
LETTER, NUMBER = r"[\p{L}&&[^\p{Han}]]", r"[\p{N}&&[^\p{Han}]]"
TAIL = r"[\p{L}\p{M}\p{N}_\x{200C}\x{200D}&&[^\p{Han}]]*"
EMOJI = (r"[\p{Extended_Pictographic}&&[^\p{L}]]"
         r"[\x{FE0E}\x{FE0F}\x{1F3FB}-\x{1F3FF}\x{E0020}-\x{E007F}]*")
WORDS = "|".join([
    r'(?:[Hh][Tt][Tt][Pp][Ss]?://|[Ff][Tt][Pp]://|[Ww][Ww][Ww]\.)[^\s<>"]*[\p{L}\p{N}/]',
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]*@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+",
    r"(?:" + LETTER + r"\.){2,}(?![\p{L}\p{N}])",
    LETTER + TAIL + "(?:['’]" + LETTER + TAIL + ")*",
    r"[0-9#*]\x{FE0F}?\x{20E3}",
    NUMBER + TAIL + "(?:[.,]" + NUMBER + TAIL + ")*",
    r"\p{Han}\p{M}*",
    r"[\x{1F1E6}-\x{1F1FF}]{2}",
    EMOJI + r"(?:\x{200D}" + EMOJI + ")*",
    r"\.+|-+|[!?]+|\S\p{M}*",
])
# Constructs, each on the texts that stand beside it.
CONSTRUCTS = [
    (r"(a|b)+c", ["abac", "ababd", "c"]),
    (r"a{1,2}+", ["aaaab"]), (r"a{2}?", ["aaaab"]), (r"a{,2}b", ["aaab"]), (r"a**", ["aab"]),
    (r"a{2,}", ["a aa aaa"]), (r"a{2}{3}", ["aaaaaaa"]), (r"a+?b??", ["aab"]),
    (r"a++a|b", ["aaab"]), (r"(?>a+)a|b", ["aaab"]), (r"(?>a|ab)c", ["abcac"]),
    (r"^a", ["a\na\nba", "\n"]), (r"a$", ["a\na\nab"]), (r"^", ["a\nb\n", "\n\n"]),
    (r"$", ["a\nb\n", ""]), (r"\Aa", ["a\na"]), (r"a\z", ["a\na"]), (r"a\Z", ["a\na\n"]),
    (r".+", ["ab\r\ncd\u2028e"]), (r"(?m).+", ["ab\ncd"]), (r"(?m:a.)b.", ["a\nb\nab"]),
    (r"\h+\H", ["xaf09gG"]), (r"\R", ["a\r\nb\x0bc\x85d\n\r"]), (r"\N+", ["a\nb"]),
    (r"\O+", ["a\nb"]), (r"[\b]", ["\x08b"]),
    (r"\e\a\f\v\t", ["\x1b\x07\x0c\x0b\t"]), (r"\u0041\x41\x{1F680}\x{e9}", ["AA\U0001f680é"]),
    (r"(?i)a(?-i)b", ["Ab AB ab"]), (r"a(?i)b|c", ["aB aC C ab"]), (r"(?i:K)s", ["\u212as ks"]),
    (r"(?i)[a-z]+", ["aK\u017fz 1", "É"]), (r"(?i)[^a-z]+", ["aK1\u017fz"]),
    (r"(?i)[à-é]|σ", ["ÀÉ À É ς Σ σ"]), (r"(?i:straße)", ["STRAßE straße STRAẞE"]),
    (r"(?x) a b # comment", ["ab a b"]), (r"(?#note)a", ["aba"]), (r"(?<n>a)|(?'m'b)", ["abc"]),
    (r"[a-z&&[^b]]+", ["abc"]), (r"[^[a-c]]+", ["abcd"]), (r"[a-]+|[-z]", ["a-b-z"]),
    (r"[]a]", ["a]b"]), (r"[\w-]+", ["a-b c"]), (r"[[:punct:]]+", ["a$+<-_!^~«"]),
    (r"[[:^space:]]+", ["a b"]), (r"[^\S\n]+", [" \n \t"]), (r"[\]\-\\]", ["]-\\"]),
    (r"\p{^L}+|\P{^Lu}", ["a1b2 C"]), (r"\p{Han}\p{ hiragana }", ["漢ひ漢カ"]),
    (r"(?=b)", ["abab"]), (r"(?!b)", ["abab"]), (r"(?<=a)b", ["ab bb"]), (r"(?<!a)b", ["ab bb"]),
    (r"(?<=a|bc)d", ["ad bcd d"]), (r"(?<!a|bc)d", ["ad bcd d"]), (r"(?<=\p{L}é)x", ["aéx éx"]),
    (r"(?=a+b)a", ["aab aa"]), (r"(?!a+b)a", ["aab aa"]), (r"a(?=(?:b|c)+$)", ["abcb", "abd"]),
    (r"\b", ["ab c"]), (r"\B", ["ab c"]), (r"\bé\w+\b", ["été l'été"]),
    (r"\b", ["a½ ½ ⁴"]), (r"[\w]+", ["a½b"]), (r"\w+", ["a½b²"]),
    (r"\X", ["e\u0301\r\n\U0001f1ee\U0001f1f3\U0001f1ee\U0001f1f3\U0001f469\u200d\U0001f680한"]),
    (r"a\X", ["ae\u0301b"]), (r"x*", ["axxb", ""]), (r"", ["ab"]), (r"(?:)*", ["ab"]),
    (r"a|", ["bab"]), (r"(?:a|)*b", ["aab"]), (r"(?:a*)*b", ["aab", "aac"]),
    (r"(?:a*)+", ["aab"]), (r"(?:(?:a|b)*?c)+", ["abcacb"]), (r"a{2", ["a{2"]),
    (r"a{x}{", ["a{x}{"]), (r"(?:ab|a)(?:bc|c)?", ["abcab"]), (r"(?:ab?){2,3}", ["abaabab"]),
    (r"(?:ab?){2,3}?", ["abaabab"]), (r"(?:a|b)++c", ["abc"]), (r"(a+)+b|c", ["aaaaaac"]),
    (r"\s+(?=\w)|x\s*?y", ["x  y  z"]), (r"é+ö", ["ééöé"]), (r"[é-ü]{2}", ["éüaé"]),
]
BEHAVIORS = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
PROPERTIES = (
    "L Lu Ll Lt Lm Lo LC M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp "
    "Cc Cf Co Letter Uppercase_Letter Mark Number Punctuation Symbol Separator Any ASCII "
    "White_Space Extended_Pictographic Latin Greek Cyrillic Arabic Hebrew Han Hiragana Katakana "
    "Hangul Thai Devanagari Bengali Tamil Georgian Armenian Ethiopic Common Inherited").split()
CLASSES = [r"\s", r"\S", r"\d", r"\w", r"\W", r"\h"] + [
    f"[[:{name}:]]" for name in "space digit word xdigit ascii cntrl blank punct".split()]

TEXTS = [
    "", " ", "a", "  ", "\n", "The cats, which already ate the food, were full.",
    "I'm sure they'd've said it's Ed's; WE'LL SEE, y'all'RE 'tis 'S \u2019s '\u017f",
    "Numbers: 3.14, 1,000,000, 2024-01-31, 12:30, 3rd, 1990s, ½ ⅷ ٣٤٥ 10km 0x1F",
    "tabs\tand  two   spaces\n\n  indented\r\nline\r\rend \n", "trailing spaces   ", "   leading",
    "snake_case camelCase HTTPServer XMLHttpRequest2 i++; if (a[0] != b->c) { return \"x\\n\"; }",
    "https://example.org/a_b?c=1#d, http://x.y/ www.test.com! mail@example.org, ftp://f/g.",
    "café cafe\u0301 naïve ÀÉÎ straße STRASSE ǅ ß ﬁ Ωμέγα ΣΊΣΥΦΟΣ",
    "русский текст, ещё 5 слов", "עברית שָׁלוֹם", "العربية ١٢٣، نص", "हिन्दी में क्षत्रिय। १२३",
    "ภาษาไทยน้ำใจ ๑๒๓", "日本語の文。カタカナとひらがなー々〇", "中文分词，没有空格！", "한국어 문장 \u1112\u1161\u11ab",
    "தமிழ் ქართული հայերեն አማርኛ বাংলা", "\U0001f469\U0001f3fd\u200d\U0001f680 \U0001f1ee\U0001f1f3"
    "\U0001f1eb\U0001f1f7 1\ufe0f\u20e3#\ufe0f\u20e3 ❤\ufe0f☺︎ \U0001f3f4\U000e0067\U000e007f ©®™",
    "zero\u200bwidth \u200c\u200d می\u200cخواهم \ufeff\u00a0nbsp\u2009thin\u3000wide\u2028line",
    "U.S. e.g. Ph.D. a.b.c x.y.z... wait!? no -- yes — “quoted” ‘single’ «guillemets» (parens) [x]",
    "rock'n'roll l’été O'Brien 'quoted' dogs' C++ C# $5.00 50% #tag @user & <b>bold</b> ~^`|",
    "well-known mother-in-law foo.bar@baz.co.uk a@b a@b. a.b+c-d@e-f.gh.", "\x00\x1c\x1f\x7f\x85\x9f",
    "mixed日本English한국123abcабв١x", "▁already▁here ▁x", "\u0301leading mark a\u0300\u0301 \u20e3",
]


def random_texts(count):
    generator = random.Random(1)
    parts = (
        list("abcxyzABCLl'’ \n\r\t.,-!?/@0123456789_#*&<>\"") + [" ", " ", "'s", "'LL", "  ", "\r\n"]
        + list("éßſKñ\u0301\u0308\u200d\u200c\ufe0f\u20e3漢字かカー한ก้हि्שא١½Ⅷ。，”—©❤€▁ªǅ")
        + ["\U0001f469", "\U0001f3fd", "\U0001f1ee", "\U0001f1f3", "\u00a0", "\u2028", "\u3000"]
        + ["http://", "www.", "the", "don", "www.a/", "x@y.z"])
    return ["".join(generator.choice(parts) for _ in range(generator.randint(3, 40)))
            for _ in range(count)]


def offsets(pre_tokenizer, text):
    ends = [0]
    for scalar in text:
        ends.append(ends[-1] + len(scalar.encode()))
    pieces = pre_tokenizer.pre_tokenize_str(text)
    return ([ends[o] for _, pair in pieces for o in pair], [piece for piece, _ in pieces])


def main():
    texts = TEXTS + random_texts(40)
    data = {"texts": texts, "patterns": [], "constructs": [], "behaviors": [], "kinds": []}
    for name, pattern in PATTERNS.items():
        split = pre_tokenizers.Split(Regex(pattern), "isolated")
        data["patterns"].append({
            "name": name, "expression": pattern,
            "offsets": [offsets(split, text)[0] for text in texts]})
    words = pre_tokenizers.Split(Regex(WORDS), "removed", True)
    data["words"] = {
        "name": "words", "expression": WORDS,
        "offsets": [offsets(words, text)[0] for text in texts]}
    for pattern, samples in CONSTRUCTS:
        # Contiguous shows empty matches where Isolated does not.
        results = []
        for behavior in ["isolated", "removed"]:
            split = pre_tokenizers.Split(Regex(pattern), behavior)
            results.append([offsets(split, text)[0] for text in samples])
        data["constructs"].append(
            {"expression": pattern, "texts": samples, "isolated": results[0],
             "removed": results[1]})
    for literal, pattern in [(" ", None), ("ab", None), (None, r"\s"), (None, r"a*"), (None, r"\w+")]:
        for behavior in BEHAVIORS:
            for invert in [False, True]:
                samples = [" a  ab abab ", "aab  b", "", "ab", "   ", "x"]
                split = pre_tokenizers.Split(
                    literal if pattern is None else Regex(pattern), behavior, invert)
                data["behaviors"].append({
                    "literal": literal, "expression": pattern, "behavior": behavior,
                    "invert": invert, "texts": samples,
                    "offsets": [offsets(split, text)[0] for text in samples]})
    kinds = [
        ("whitespace", pre_tokenizers.Whitespace()),
        ("whitespaceSplit", pre_tokenizers.WhitespaceSplit()),
        ("bert", pre_tokenizers.BertPreTokenizer()),
        ("unicodeScripts", pre_tokenizers.UnicodeScripts()),
        ("digits", pre_tokenizers.Digits(False)),
        ("digits individual", pre_tokenizers.Digits(True)),
        ("delimiter e", pre_tokenizers.CharDelimiterSplit("e")),
        ("fixedLength 1", pre_tokenizers.FixedLength(1)),
        ("fixedLength 7", pre_tokenizers.FixedLength(7)),
        ("whitespaceSplit, metaspace first", pre_tokenizers.Sequence(
            [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁", "first")])),
        ("bert, byteLevel prefix", pre_tokenizers.Sequence(
            [pre_tokenizers.BertPreTokenizer(), pre_tokenizers.ByteLevel(True)])),
    ]
    kinds += [(f"punctuation {b}", pre_tokenizers.Punctuation(b)) for b in BEHAVIORS]
    kinds += [(f"metaspace {scheme}{'' if split else ' whole'}",
               pre_tokenizers.Metaspace("▁", scheme, split))
              for scheme in ["always", "first", "never"] for split in [True, False]]
    kinds += [(f"byteLevel {'prefix' if prefix else 'plain'}{'' if use else ' whole'}",
               pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=use))
              for prefix in [False, True] for use in [True, False]]
    for name, pre_tokenizer in kinds:
        results = [offsets(pre_tokenizer, text) for text in texts]
        entry = {"name": name, "offsets": [pairs for pairs, _ in results]}
        if "metaspace" in name:
            entry["pieces"] = [pieces for _, pieces in results]
        data["kinds"].append(entry)

    generator = random.Random(2)
    assigned = [value for value in range(0x110000)
                if unicodedata.category(chr(value)) not in ("Cn", "Cs")
                and not 0xE000 <= value <= 0xF8FF and value < 0xF0000]
    scalars = list(range(0x250)) + sorted(generator.sample([v for v in assigned if v >= 0x250], 2000))
    data["scalars"] = scalars
    data["properties"] = []
    for expression in [f"\\p{{{name}}}" for name in PROPERTIES] + CLASSES:
        split = pre_tokenizers.Split(Regex(expression), "removed", True)
        bits = ["1" if split.pre_tokenize_str(chr(value)) else "0" for value in scalars]
        # Runs of equal bits: the first counts zeros.
        runs, current = [0], "0"
        for bit in bits:
            if bit != current:
                runs.append(0)
                current = bit
            runs[-1] += 1
        data["properties"].append({"expression": expression, "runs": runs})
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "split.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


main()
