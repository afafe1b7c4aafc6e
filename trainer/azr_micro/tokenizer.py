"""The embedded model's tokenizer: about 150 pieces, longest match by one regular expression.

Covers: every ASCII text exactly; other characters become <UNK>. It is saved as a Hugging Face
`tokenizer.json` (Split + WordLevel), so that every engine reads the same file.
"""

import json
import re
from pathlib import Path

SPECIALS = [
    "<PAD>",
    "<UNK>",
    "<E>",
    "<D>",
    "<B>",
    "<F>",
    "<PD>",
    "<PB>",
    "<PF>",
    "<I>",
    "<R>",
    "<S>",
    "<T>",
    "<A>",
    "<N>",
]
PIECES = [
    "def f(a):\n ", "def f(a, b):\n ", "\n ", "return ", " = ", " + ", " - ", " * ", " // ", " % ",
    " > ", " < ", " == ", " if ", " else ", " for i in ", "max(", "min(", "abs(", "sum(", "len(",
    "sorted(", ".count(", "[::-1]", "[1:]", "[:-1]", "[0]", "[-1]", "[i", " % 2 == 0]", ", ",
]  # fmt: skip
ASCII = [chr(code) for code in range(32, 127)] + ["\n", "\t"]
VOCAB = SPECIALS + PIECES + [c for c in ASCII if c not in PIECES]
IDS = {piece: i for i, piece in enumerate(VOCAB)}
PATTERN = "|".join(re.escape(p) for p in sorted(VOCAB, key=len, reverse=True)) + "|."
FINDER = re.compile(PATTERN, re.DOTALL)
PAD, UNK, EOS = 0, 1, 2


def encode(text: str) -> list[int]:
    return [IDS.get(piece, UNK) for piece in FINDER.findall(text)]


def decode(ids: list[int]) -> str:
    return "".join(VOCAB[i] for i in ids)


def save(folder: Path) -> None:
    """Writes tokenizer.json and tokenizer_config.json."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel(IDS, unk_token="<UNK>"))
    special = [AddedToken(t, special=True, normalized=False) for t in ("<PAD>", "<UNK>", "<E>")]
    tokenizer.add_special_tokens(special)
    # Markers are ordinary tokens: engines skip special ones when they turn ids into text.
    tokenizer.add_tokens([AddedToken(t, normalized=False) for t in SPECIALS[3:]])
    ordinary = sorted(PIECES, key=len, reverse=True)
    pattern = "|".join(re.escape(p) for p in ordinary) + r"|[\s\S]"
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), "isolated")
    tokenizer.decoder = decoders.Fuse()
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": "<E>",
        "pad_token": "<PAD>",
        "unk_token": "<UNK>",
        "clean_up_tokenization_spaces": False,
        "model_max_length": 256,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
