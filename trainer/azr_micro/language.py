"""The small Python that the embedded model uses: random typed straight-line programs, and their
runs.

Covers: ints in -199..199 and lists of up to eight such ints, one operation per line, one or two
arguments. Does not cover: loops, strings, functions. It never runs a model's program. A program is
a pure function of its random stream (drawing.py).
"""

import ast
import hashlib
import random
import re
from dataclasses import dataclass

from azr_micro.drawing import draw_program, draw_value

LIMIT = 199
MAX_LIST = 8
EASY_LINES = (1, 4)
HARD_LINES = (5, 7)
INPUTS = 8


WORD = re.compile(r"\b[abstuvwxyz]\b")


def is_live(text: str) -> bool:
    """Whether every line of the body, and every argument, contributes to the result."""
    head, *body, last = text.split("\n ")
    live = set(WORD.findall(last))
    for line in reversed(body):
        name, expression = line.split(" = ")
        if name not in live:
            return False
        live |= set(WORD.findall(expression))
    return set(WORD.findall(head)) <= live


def in_bounds(value: object) -> bool:
    if type(value) is int:
        return -LIMIT <= value <= LIMIT
    if type(value) is list:
        return len(value) <= MAX_LIST and all(in_bounds(v) for v in value)
    return False


def arguments_text(values: list) -> str:
    return ", ".join(repr(v) for v in values)


class Program:
    """A program with the inputs that it was run on, and the results."""

    def __init__(self, text: str, runs: list["Run"]):
        self.text = text
        self.inputs = [run.input for run in runs]
        self.outputs = [run.output for run in runs]
        self.traces = [run.trace for run in runs]


@dataclass
class Run:
    """One run of a program as texts: its arguments, each name with its value, its result."""

    input: str
    trace: dict[str, str]
    output: str


def run_on(function, arguments: list) -> Run | None:
    """The result of a traced program; None if it fails or a value leaves the bounds."""
    try:
        output, trace = function(*[list(v) if type(v) is list else v for v in arguments])
    except (IndexError, ValueError, ZeroDivisionError):
        return None
    if not in_bounds(output) or not all(in_bounds(v) for v in trace.values()):
        return None
    values = {name: repr(value) for name, value in trace.items()}
    return Run(arguments_text(arguments), values, repr(output))


def traced(text: str) -> str:
    """The same program with `return (result, {name: value, for each line before})`."""
    *body, last = text.split("\n ")
    names = [line.split(" = ")[0] for line in body[1:]]
    values = ", ".join(f"'{name}': {name}" for name in names)
    return "\n ".join([*body, f"return ({last.removeprefix('return ')}), {{{values}}}"])


def function_of(text: str):
    """The traced program's `f`: our own, straight-line, using only its own names."""
    namespace: dict = {}
    exec(compile(traced(text), "f", "exec"), namespace)
    return namespace["f"]


def try_program(rng: random.Random, lines: int) -> Program | None:
    """Draws once; None if an input fails, values leave the bounds or outputs hardly vary."""
    text, types = draw_program(rng, lines)
    if not is_live(text):
        return None
    function = function_of(text)
    runs = []
    for _ in range(INPUTS):
        run = run_on(function, [draw_value(rng, kind) for kind in types])
        if run is None:
            return None
        runs.append(run)
    if len({run.output for run in runs}) < 3:
        return None
    return Program(text, runs)


def normalized(text: str) -> str:
    return ast.unparse(ast.parse(text))


def fingerprint(text: str) -> str:
    """sha256 of the normalised program, which decides whether pretraining has seen it."""
    return hashlib.sha256(normalized(text).encode()).hexdigest()


def part(text: str) -> str:
    """'test', 'dev' or 'train': one of 32 hash classes each is held out for test and dev."""
    return {0: "test", 1: "dev"}.get(int(fingerprint(text)[:8], 16) % 32, "train")


def programs(rng: random.Random, lines: tuple[int, int], wanted: str):
    """Endless programs whose hash is in the wanted part."""
    while True:
        count = rng.randint(*lines)
        program = None
        while program is None or part(program.text) != wanted:
            program = try_program(rng, count)
        yield program
