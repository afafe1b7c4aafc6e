"""Measures how well the embedded model copies: `python -m azr_micro copying --model
../models/micro`.

Covers: greedy answers, at once, to programs whose result consists of their unchanged arguments. The
first is self-play's zero task, whose form pretraining never shows. Does not cover computations.
"""

import argparse
import random
from pathlib import Path

import torch

from azr_micro import network as nets
from azr_micro import tokenizer
from azr_trainer.model import Qwen2

ITEMS = 200
LONGEST = 24  # tokens of an answer


def draw_int(rng: random.Random) -> int:
    return rng.randint(0, 20)


def list_and_int(length: int):
    return lambda rng: [[draw_int(rng) for _ in range(length)], draw_int(rng)]


# Program, function that draws its arguments, and its result.
FORMS = {
    "the zero task": ("def f(a):\n return a", lambda rng: [draw_int(rng)], lambda a: a),
    "two ints": (
        "def f(a, b):\n return [a, b]",
        lambda rng: [draw_int(rng), draw_int(rng)],
        lambda a, b: [a, b],
    ),
} | {
    f"a list of {n} after an int": (
        "def f(a, b):\n return [b] + a",
        list_and_int(n),
        lambda a, b: [b, *a],
    )
    for n in (1, 3, 5)
}


@torch.inference_mode()
def answer(network: Qwen2, prompt: str) -> str:
    """The greedy completion, as text, up to its end."""
    ids = tokenizer.encode(prompt)
    begun = len(ids)
    while len(ids) - begun < LONGEST:
        following = nets.logits(network, torch.tensor([ids]))[0, -1].argmax().item()
        if following == tokenizer.EOS:
            break
        ids.append(following)
    return tokenizer.decode(ids[begun:])


def share_copied(network: Qwen2, name: str, items: int = ITEMS) -> float:
    program, draw, result = FORMS[name]
    rng = random.Random(f"copying/{name}")
    right = 0
    for _ in range(items):
        values = draw(rng)
        prompt = f"<D>{program}<I>{', '.join(map(repr, values))}<S><A>"
        right += answer(network, prompt) == repr(result(*values))
    return right / items


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, default=Path("models/micro"))


def main(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    network = nets.load(options.model)
    for name in FORMS:
        print(f"{name}: {100 * share_copied(network, name):.1f} %", flush=True)
