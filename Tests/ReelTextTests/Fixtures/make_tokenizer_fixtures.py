#!/usr/bin/env python3
"""Makes the files of tokenizers/: tokenizers that the Hugging Face package trained, and what it says
of some 2,000 lines in many scripts.

    pip install tokenizers==0.23.3
    python3 make_tokenizer_fixtures.py                   # writes tokenizers/*.json
    python3 make_tokenizer_fixtures.py --check FOLDER    # compares FOLDER/NAME.json, as Reel wrote it

All text is written here or drawn from it by a seeded generator. The package gives the symbols of a
WordPiece alphabet their ids in the order of a hash map: another run makes other, equally good files.
"""

import json
import os
import random
import sys
import unicodedata

import tokenizers
from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers)

from make_normalizer_fixtures import precompiled_map

VERSION = "0.23.3"
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "tokenizers")

SENTENCES = {
    "Latin, English": [
        "The river was low, and the old bridge stood dry on its stone feet.",
        "She hadn't read the letter; it's still on the kitchen table, unopened.",
        "We'll meet at 10:30 on the 4th of March, won't we?",
        "Thirty-two ships left the harbour before the wind turned north.",
        "\"You're late,\" he said, and they've waited since noon.",
        "A careful reader notices what the writer left out of the story.",
        "The price rose from $3.50 to $1,204.99 within a year (see page 17).",
    ],
    "Latin, other": [
        "Le garçon naïf a mangé une crêpe près de l'hôtel où il était né.",
        "Die Größe der Straße überraschte die müden Gäste aus Köln.",
        "El niño pequeño soñó con un pingüino que comía piñas.",
        "Žluťoučký kůň skáče přes vysoký plot u řeky.",
        "Łódź leży daleko od morza, ale źródło jest blisko.",
        "İstanbul'da yağmur yağıyor, ırmak yükseliyor.",
        "Tiếng Việt có nhiều dấu thanh và từ ngắn.",
        "Þórr ætlaði að sigla yfir hafið með öðrum mönnum.",
    ],
    "Greek": [
        "Η θάλασσα ήταν ήρεμη και ο ουρανός γαλανός.",
        "Ο γέρος διάβαζε την εφημερίδα κάτω από την ελιά.",
        "Πόσο κοστίζει το ψωμί σήμερα; Ρώτησε η μητέρα.",
        "Οι δρόμοι της πόλης είναι στενοί και παλιοί.",
    ],
    "Cyrillic": [
        "Старый мост через реку построили больше ста лет назад.",
        "Дети бегали по двору, пока не начался дождь.",
        "Она ещё не прочитала письмо, которое лежит на столе.",
        "Київ стоїть на високому березі широкої річки.",
        "Ђорђе и Љубица живе у малом селу крај шуме.",
    ],
    "Armenian": [
        "Գետի վրայի հին կամուրջը քարից է։",
        "Մայրը հաց է թխում ամեն առավոտ։",
        "Երեխաները խաղում են բակում մինչև երեկո։",
    ],
    "Georgian": [
        "მდინარეზე ძველი ქვის ხიდი დგას.",
        "ბავშვები ეზოში თამაშობენ საღამომდე.",
        "დედა ყოველ დილით პურს აცხობს.",
    ],
    "Hebrew": [
        "הגשר הישן עומד מעל הנהר כבר מאה שנה.",
        "הילדים משחקים בחצר עד הערב.",
        "בְּרֵאשִׁית הָיָה הַבַּיִת קָטָן וְלָבָן.",
    ],
    "Arabic": [
        "الجسر القديم فوق النهر مبني من الحجر.",
        "يلعب الأطفال في الفناء حتى المساء.",
        "كَتَبَ الوَلَدُ رِسَالَةً إِلَى أُمِّهِ.",
        "قیمت نان امروز چند است؟ پدر پرسید.",
    ],
    "Devanagari": [
        "नदी पर पत्थर का पुराना पुल खड़ा है।",
        "बच्चे शाम तक आँगन में खेलते हैं।",
        "माँ हर सुबह रोटी बनाती है और क्षत्रिय की कहानी सुनाती है।",
        "उसने अभी तक चिट्ठी नहीं पढ़ी, जो मेज़ पर रखी है।",
    ],
    "Bengali": [
        "নদীর উপর পাথরের পুরানো সেতু দাঁড়িয়ে আছে।",
        "শিশুরা সন্ধ্যা পর্যন্ত উঠানে খেলা করে।",
        "মা প্রতিদিন সকালে রুটি বানান।",
    ],
    "Tamil": [
        "ஆற்றின் மேல் பழைய கல் பாலம் நிற்கிறது.",
        "குழந்தைகள் மாலை வரை முற்றத்தில் விளையாடுகிறார்கள்.",
        "அம்மா தினமும் காலையில் ரொட்டி செய்கிறார்.",
    ],
    "Thai": [
        "สะพานหินเก่าตั้งอยู่เหนือแม่น้ำมาร้อยปีแล้ว",
        "เด็กๆ เล่นอยู่ในสนามจนถึงเย็น",
        "แม่ทำขนมปังทุกเช้า น้ำใจของเธอกว้างใหญ่",
    ],
    "Han": [
        "河上的老石桥已经站了一百年。",
        "孩子们在院子里一直玩到晚上。",
        "母親每天早上烤麵包,然後讀報紙。",
        "他还没有读桌子上的那封信!",
    ],
    "Japanese": [
        "川の上に古い石の橋が立っています。",
        "子どもたちは夕方まで庭で遊んでいました。",
        "カタカナとひらがなと漢字を、まぜて書く。ガガ",
    ],
    "Korean": [
        "강 위에 오래된 돌다리가 서 있습니다.",
        "아이들은 저녁까지 마당에서 놀았다.",
        "어머니는 매일 아침 빵을 굽고 신문을 읽으신다.",
    ],
    "Ethiopic": [
        "በወንዙ ላይ አሮጌ የድንጋይ ድልድይ ቆሟል።",
        "ልጆቹ እስከ ማታ በግቢው ውስጥ ይጫወታሉ።",
    ],
    "Emoji": [
        "Fine 😀 thanks 👍🏽 and bye 👋",
        "A family 👨‍👩‍👧‍👦, a rocket 👩🏽‍🚀, flags 🇮🇳🇫🇷🇯🇵.",
        "Keys 1️⃣ 2️⃣ #️⃣ *️⃣ and hearts ❤️ 💙🖤",
        "☀️☁️❄️ weather ✈️ 🏳️‍🌈🏴‍☠️",
    ],
    "Code": [
        "def add(a, b=0):\n    return a + b  # the sum",
        "for (int i = 0; i < n; i++) { x[i] *= 2.5e-3f; }",
        "SELECT name, COUNT(*) FROM users WHERE age >= 18 GROUP BY name;",
        "<a href=\"https://example.org/a?b=1&c=%20\">link</a>",
        "let result = try values.map { $0 ?? -1 }.reduce(0, +)\r\n",
        "\tif [ -e \"$file\" ]; then\n\t\techo '$1 > 0' >&2\n\tfi",
        "x = {'key': [1, 2, 3], \"other\": None, 'é': True}",
    ],
}

SPACES = [" ", " ", " ", "  ", "   ", "\n", "\r\n", "\t", " \n ", "\u00a0", "\u3000", "\u2003", ""]


def random_scalar(generator):
    """A scalar that Unicode 3.2 knows, and that still is of the same category: about newer ones the
    package's parts, of different ages, are not of one mind."""
    while True:
        limit = generator.choice([0x80, 0x250, 0x800, 0x3000, 0x10000, 0x20000])
        value = generator.randrange(limit)
        if 0xD800 <= value < 0xE000:
            continue
        category = unicodedata.ucd_3_2_0.category(chr(value))
        if category not in ("Cn", "Co") and category == unicodedata.category(chr(value)):
            return chr(value)


def line_of(generator, sentences):
    """Words of one group of sentences, put together anew."""
    kind = generator.randrange(6)
    if kind == 0:
        return generator.choice(sentences)
    if kind == 1:
        text = generator.choice(sentences)
        start = generator.randrange(len(text))
        return text[start:start + generator.randrange(2, 40)]
    words = [word for sentence in sentences for word in sentence.split(" ")]
    count = generator.randrange(1, 6)
    text = ""
    for _ in range(count):
        text += generator.choice(words) + generator.choice(SPACES)
    if kind == 2:
        text = text.upper()
    if kind == 3:
        text = unicodedata.normalize("NFD", text)
    return text


def mixed_line(generator):
    """Words of several scripts next to each other."""
    parts = []
    for _ in range(generator.randrange(2, 5)):
        sentences = SENTENCES[generator.choice(sorted(SENTENCES))]
        parts.append(generator.choice(generator.choice(sentences).split(" ")))
        parts.append(generator.choice(SPACES))
    return "".join(parts)


def lines(count, seed):
    """Lines of every group in turn, then mixed ones and random scalars."""
    generator = random.Random(seed)
    result = ["", " ", "\n", "\r\n", "  leading", "trailing  ", "a" * 150, "\u0301x", "\ufeffmark"]
    groups = sorted(SENTENCES)
    while len(result) < count * 8 // 10:
        result.append(line_of(generator, SENTENCES[groups[len(result) % len(groups)]]))
    while len(result) < count * 9 // 10:
        result.append(mixed_line(generator))
    while len(result) < count:
        size = generator.randrange(1, 16)
        result.append("".join(random_scalar(generator) for _ in range(size)))
    return result


def training_text():
    everything = [text for group in sorted(SENTENCES) for text in SENTENCES[group]]
    return everything * 3 + [line for line in lines(4000, 1)[9:3600]]


# MARK: The four that are trained


def byte_bpe(size=1400, special=("<|endoftext|>",), **level):
    settings = dict(add_prefix_space=False, trim_offsets=True, use_regex=True)
    settings.update(level)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(
        add_prefix_space=settings["add_prefix_space"], use_regex=settings["use_regex"])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=settings["trim_offsets"])
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=list(special), show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(training_text(), trainer)
    return tokenizer


def bpe():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=1600, special_tokens=["<unk>", "<s>", "</s>"], show_progress=False,
        limit_alphabet=700)
    tokenizer.train_from_iterator(training_text(), trainer)
    return tokenizer


def wordpiece():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=2000, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        show_progress=False, limit_alphabet=700)
    tokenizer.train_from_iterator(training_text(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")])
    return tokenizer


def unigram():
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=1600, special_tokens=["<pad>", "</s>", "<unk>"], unk_token="<unk>",
        show_progress=False)
    tokenizer.train_from_iterator(training_text(), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>",
        special_tokens=[("</s>", tokenizer.token_to_id("</s>"))])
    return tokenizer


# MARK: Shapes of well-known models, on small vocabularies


LLAMA_3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def with_model(tokenizer, **changes):
    """The tokenizer with other settings of its model."""
    value = json.loads(tokenizer.to_str())
    value["model"].update(changes)
    return Tokenizer.from_str(json.dumps(value))


def gpt_2():
    tokenizer = byte_bpe(500, trim_offsets=False)
    tokenizer.add_tokens([AddedToken("<user>", normalized=True), "bridge"])
    return tokenizer


def roberta():
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = byte_bpe(500, special=special, add_prefix_space=True)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=True)
    tokenizer.enable_truncation(24, stride=4)
    tokenizer.enable_padding(pad_id=1, pad_token="<pad>", pad_to_multiple_of=8)
    return tokenizer


def llama_3():
    tokenizer = Tokenizer(models.BPE(ignore_merges=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(LLAMA_3), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(training_text(), trainer)
    names = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|eot_id|>"]
    tokenizer.add_special_tokens(names)
    begin = names[0]
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(
            single=f"{begin} $A", pair=f"{begin} $A {begin}:1 $B:1",
            special_tokens=[(begin, tokenizer.token_to_id(begin))])])
    return tokenizer


def llama_2():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=["<unk>", "<s>", "</s>"] + bytes_, show_progress=False,
        limit_alphabet=200, max_token_length=12)
    words = [word for text in training_text() for word in text.split(" ")]
    tokenizer.train_from_iterator(words, trainer)
    # The byte tokens are the model's own, not added ones.
    value = json.loads(tokenizer.to_str())
    value["added_tokens"] = [
        token for token in value["added_tokens"] if not token["content"].startswith("<0x")]
    value["model"].update(fuse_unk=True, byte_fallback=True, unk_token="<unk>")
    tokenizer = Tokenizer.from_str(json.dumps(value))
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
    return tokenizer


def clip():
    tokenizer = Tokenizer(models.BPE(unk_token="<|end|>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(
            Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed",
            invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=900, special_tokens=["<|start|>", "<|end|>"], show_progress=False,
        end_of_word_suffix="</w>", initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(training_text(), trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("<|end|>", 1), ("<|start|>", 0), trim_offsets=False, add_prefix_space=False)
    return tokenizer


def bert_cased():
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    trainer = trainers.WordPieceTrainer(
        vocab_size=900, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
        show_progress=False, limit_alphabet=300)
    tokenizer.train_from_iterator(training_text(), trainer)
    tokenizer = with_model(tokenizer, max_input_chars_per_word=20)
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_tokens([AddedToken("Bridge", single_word=True)])
    tokenizer.enable_truncation(32, strategy="longest_first")
    tokenizer.enable_padding(length=16, direction="left")
    return tokenizer


def xlm_roberta():
    tokenizer = Tokenizer(models.Unigram())
    entries = {
        "ﬁ": "fi", "①": "1", "½": "1⁄2", "\u00a0": " ", "\u3000": " ", "\u2003": " ", "\t": " ",
        "\n": " ", "\r": " ", "e\u0301": "é", "E\u0301": "É", "o\u0308": "ö", "u\u0308": "ü",
        "が": "が", "\u200b": " ", "\ufeff": "", "ａ": "a"}
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(precompiled_map(entries.items())),
        normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")])
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=1100, special_tokens=["<s>", "<pad>", "</s>", "<unk>"], unk_token="<unk>",
        show_progress=False)
    tokenizer.train_from_iterator(training_text()[:1200], trainer)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)])
    return tokenizer


def t5_first():
    tokenizer = unigram()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    tokenizer.add_special_tokens(["<extra_0>"])
    tokenizer.add_tokens([AddedToken("the", single_word=True, rstrip=True)])
    return tokenizer


def words():
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase(),
         normalizers.Strip()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.Punctuation("contiguous")])
    trainer = trainers.WordLevelTrainer(
        vocab_size=300, special_tokens=["[UNK]"], show_progress=False)
    tokenizer.train_from_iterator(training_text(), trainer)
    tokenizer.add_tokens(["Café", "NOT"])
    return tokenizer


TRAINED = {"byte-bpe": byte_bpe, "bpe": bpe, "wordpiece": wordpiece, "unigram": unigram}
SHAPES = {
    "gpt-2": gpt_2, "roberta": roberta, "llama-3": llama_3, "llama-2": llama_2, "clip": clip,
    "bert-cased": bert_cased, "xlm-roberta": xlm_roberta, "t5-first": t5_first, "words": words}


def shape_lines():
    """Lines with special and added tokens between words."""
    generator = random.Random(7)
    tokens = [
        "<|endoftext|>", "<user>", "bridge", "<mask>", " <mask> ", "<|eot_id|>", "<|end|>", "<s>",
        "Bridge", "[MASK]", "<extra_0>", "the", "Café", "CAFE\u0301", "not", "</s>"]
    result = []
    for index, line in enumerate(lines(2100, 2)):
        if index % 17 and index > 9:
            continue
        words = line.split(" ")
        for _ in range(generator.randrange(3)):
            words.insert(generator.randrange(len(words) + 1), generator.choice(tokens))
        result.append(generator.choice([" ", " ", ""]).join(words))
    return result


# MARK: What the package says


def byte_offsets(line, offsets):
    """Offsets in characters as the gap after the token before, and the length, both in bytes."""
    starts = [0]
    for character in line:
        starts.append(starts[-1] + len(character.encode()))
    result = []
    last = 0
    for start, end in offsets:
        result += [starts[start] - last, starts[end] - starts[start]]
        last = starts[end]
    return result


def without_limits(tokenizer):
    """The tokenizer without truncation and padding."""
    copy = Tokenizer.from_str(tokenizer.to_str())
    copy.no_truncation()
    copy.no_padding()
    return copy


def says(tokenizer, plain, line, pair=None):
    encoding = tokenizer.encode(line) if pair is None else tokenizer.encode(line, pair)
    # Offsets of a second text count from its own start; so do the gaps.
    if pair is None:
        offsets = byte_offsets(line, encoding.offsets)
    else:
        offsets = []
        for (start, end), sequence in zip(encoding.offsets, encoding.sequence_ids):
            text = pair if sequence == 1 else line
            offsets += [len(text[:start].encode()), len(text[start:end].encode())]
    ids = plain.encode(line, add_special_tokens=False).ids
    decoded = tokenizer.decode(ids, skip_special_tokens=False)
    result = {"i": encoding.ids, "o": offsets}
    if decoded != line:
        result["d"] = decoded
    return encoding, result


def details(encoding, result):
    """What else an encoding holds; masks that are all 0 or all 1 are left out."""
    result["t"] = encoding.tokens
    if any(encoding.type_ids):
        result["y"] = encoding.type_ids
    if any(encoding.special_tokens_mask):
        result["s"] = encoding.special_tokens_mask
    if not all(encoding.attention_mask):
        result["a"] = encoding.attention_mask
    result["w"] = [-1 if word is None else word for word in encoding.word_ids]
    if encoding.overflowing:
        result["f"] = [part.ids for part in encoding.overflowing]
    return result


def write(name, value):
    path = os.path.join(FOLDER, name)
    with open(path, "w", encoding="utf-8", newline="") as file:
        json.dump(value, file, ensure_ascii=False, separators=(",", ":"))
    print(f"{name}: {os.path.getsize(path):,} bytes")


def make():
    os.makedirs(FOLDER, exist_ok=True)
    every = lines(2100, 2)
    write("lines.json", every)
    for name, train in TRAINED.items():
        tokenizer = train()
        write(f"{name}.json", json.loads(tokenizer.to_str()))
        write(f"{name}.expected.json", [says(tokenizer, tokenizer, line)[1] for line in every])
    some = shape_lines()
    write("shape-lines.json", some)
    for name, build in SHAPES.items():
        tokenizer = build()
        write(f"{name}.json", json.loads(tokenizer.to_str()))
        plain = without_limits(tokenizer)
        expected = [details(*says(tokenizer, plain, line)) for line in some]
        pairs = [
            details(*says(tokenizer, plain, line, pair))
            for line, pair in zip(some[:24], some[24:])]
        for pair in pairs:
            # Of two texts that overflow, the package repeats combinations.
            pair.pop("f", None)
        write(f"{name}.expected.json", {"lines": expected, "pairs": pairs})


def check(folder):
    """Whether files that Reel wrote give the same ids in this package as the committed ones."""
    different = 0
    for name in list(TRAINED) + list(SHAPES):
        ours = Tokenizer.from_file(os.path.join(FOLDER, f"{name}.json"))
        theirs = Tokenizer.from_file(os.path.join(folder, f"{name}.json"))
        count = 0
        for line in lines(2100, 2) + shape_lines():
            left, right = ours.encode(line), theirs.encode(line)
            same = (left.ids, left.offsets, left.tokens) == (right.ids, right.offsets, right.tokens)
            count += not (same and ours.decode(left.ids) == theirs.decode(right.ids))
        print(f"{name}: {count} lines differ")
        different += count
    return 1 if different else 0


if __name__ == "__main__":
    if tokenizers.__version__ != VERSION:
        sys.exit(f"tokenizers {tokenizers.__version__} is installed, expected {VERSION}")
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        sys.exit(check(sys.argv[2]))
    if len(sys.argv) != 1:
        sys.exit(__doc__)
    make()
