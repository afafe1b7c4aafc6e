"""The embedded model's suites: `python -m azr_micro suites --out models/micro/suites --seed 1`.

Covers: four JSON-lines files (easy and hard, test and dev) of 1,000 items per kind, drawn from
programs that pretraining holds out. No two items share a program. Line counts are drawn evenly, but
few short programs are held out, so the easy suites have more of three and four lines. Does not
cover scoring.
"""

import argparse
import json
import random
from pathlib import Path

from azr_micro.language import EASY_LINES, HARD_LINES, Program, fingerprint, programs

KINDS = "deduction", "abduction", "induction"
ITEMS = 1000  # per kind
SUITES = {
    "micro-easy": (EASY_LINES, "test"),
    "micro-hard": (HARD_LINES, "test"),
    "micro-easy-dev": (EASY_LINES, "dev"),
    "micro-hard-dev": (HARD_LINES, "dev"),
}


def distinct(name: str, seed: int):
    """The suite's programs without end, each once."""
    seen = set()
    for program in programs(random.Random(f"suites/{seed}/{name}"), *SUITES[name]):
        key = fingerprint(program.text)
        if key not in seen:
            seen.add(key)
            yield program


def item(name: str, kind: str, number: int, program: Program) -> dict:
    """One line of a suite. The first four of an induction's eight pairs are shown."""
    head = {"id": f"{name}.{kind}.{number:04}", "kind": kind, "program": program.text}
    if kind == "induction":
        return head | {"inputs": program.inputs, "outputs": program.outputs}
    return head | {"input": program.inputs[0], "output": program.outputs[0]}


def suite(name: str, seed: int, items: int = ITEMS) -> list[dict]:
    """A whole suite, kind after kind. The kinds take turns at the programs, so they are alike."""
    source = distinct(name, seed)
    rows = [item(name, kind, number, next(source)) for number in range(items) for kind in KINDS]
    return sorted(rows, key=lambda row: KINDS.index(row["kind"]))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("models/micro/suites"))
    parser.add_argument("--seed", type=int, default=1)


def main(options: argparse.Namespace) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    for name in SUITES:
        rows = suite(name, options.seed)
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (options.out / f"{name}.jsonl").write_text(text)
        print(f"{name}: {len(rows)} items", flush=True)
