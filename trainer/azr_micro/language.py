"""The little Python that the embedded model speaks: random typed straight-line programs.

Covers: ints in -199..199 and lists of up to eight such ints, one operation a line, one or two
arguments. Does not cover: loops, strings, functions; and it never runs a program of a model.
A program is a pure function of the random stream it is drawn from.
"""

import ast
import hashlib
import random
import re
from dataclasses import dataclass

INT, LIST = "int", "list"
NAMES = "stuvwxyz"
LIMIT = 199
MAX_LIST = 8
EASY_LINES = (1, 4)
HARD_LINES = (5, 7)
INPUTS = 8


def small(rng: random.Random) -> int:
    return rng.randint(1, 9) if rng.random() < 0.8 else rng.randint(10, 20)


def int_op(rng: random.Random, ints: list[str], lists: list[str]) -> str:
    """An expression of type int over the given variables (at least one is not empty)."""
    if lists and (not ints or rng.random() < 0.4):
        v = rng.choice(lists)
        forms = [
            "sum({v})",
            "len({v})",
            "max({v})",
            "min({v})",
            "{v}[0]",
            "{v}[-1]",
            "{v}.count({c})",
        ]
        return rng.choice(forms).format(v=v, c=small(rng))
    a = rng.choice(ints)
    b = rng.choice(ints) if len(ints) > 1 and rng.random() < 0.5 else str(small(rng))
    if b == a:
        b = str(small(rng))
    forms = [
        "{a} + {b}",
        "{a} - {b}",
        "{b} - {a}",
        "{a} * {c}",
        "{a} // {c}",
        "{a} % {c}",
        "max({a}, {b})",
        "min({a}, {b})",
        "abs({a} - {b})",
        "{a} if {a} > {b} else {d}",
        "{a} + {d} if {a} % 2 == 0 else {a} - {d}",
    ]
    weights = [4, 3, 1, 3, 2, 2, 2, 2, 1, 1, 1]
    form = rng.choices(forms, weights)[0]
    return form.format(a=a, b=b, c=rng.randint(2, 9), d=small(rng))


def list_op(rng: random.Random, ints: list[str], lists: list[str]) -> str:
    """An expression of type list over the given variables."""
    if not lists or (ints and rng.random() < 0.15):
        a = rng.choice(ints)
        b = rng.choice(ints) if len(ints) > 1 else str(small(rng))
        return f"[{a}, {b}]"
    v = rng.choice(lists)
    a = rng.choice(ints) if ints and rng.random() < 0.6 else str(small(rng))
    forms = [
        "sorted({v})",
        "{v}[::-1]",
        "{v}[1:]",
        "{v}[:-1]",
        "{v} + [{a}]",
        "[{a}] + {v}",
        "[i + {c} for i in {v}]",
        "[i * {m} for i in {v}]",
        "[i for i in {v} if i > {c}]",
        "[i for i in {v} if i % 2 == 0]",
        "[i % {m} for i in {v}]",
    ]
    return rng.choice(forms).format(v=v, a=a, c=small(rng), m=rng.randint(2, 5))


def draw_types(rng: random.Random) -> list[str]:
    return rng.choices([[INT], [LIST], [INT, INT], [LIST, INT]], [4, 4, 2, 3])[0]


def draw_program(rng: random.Random, lines: int) -> tuple[str, list[str]]:
    """A program with `lines` lines in its body (the return included) and its arguments' types."""
    types = draw_types(rng)
    # Neighbours of the alphabet, from anywhere: every name is known from programs of any length.
    return draw_body(rng, types, draw_names(rng, lines - 1)), types


def draw_names(rng: random.Random, count: int) -> str:
    first = rng.randint(0, len(NAMES) - count)
    return NAMES[first : first + count]


def draw_body(rng: random.Random, types: list[str], names: str) -> str:
    """A program over arguments of these types: a line for each of the names, and the return."""
    scope = dict(zip("ab", types, strict=False))
    unused = list(scope)
    body = []
    for name in [*names, None]:
        kind = rng.choices([INT, LIST], [5, 4])[0]
        # Lean on what nobody has used yet, so that few lines are dead.
        pool = unused if unused and rng.random() < 0.85 else list(scope)
        wide = pool if rng.random() < 0.4 else list(dict.fromkeys([*pool, *scope]))[: len(pool) + 1]
        ints = [v for v in wide if scope[v] == INT]
        lists = [v for v in wide if scope[v] == LIST]
        expression = (int_op if kind == INT else list_op)(rng, ints, lists)
        if name is None:
            body.append(f"return {expression}")
            break
        used = {n.id for n in ast.walk(ast.parse(expression)) if isinstance(n, ast.Name)}
        unused = [v for v in unused if v not in used] + [name]
        scope[name] = kind
        body.append(f"{name} = {expression}")
    return f"def f({', '.join('ab'[: len(types)])}):\n " + "\n ".join(body)


WORD = re.compile(r"\b[abstuvwxyz]\b")


def is_live(text: str) -> bool:
    """Whether every line of the body, and every argument, contributes to what is returned."""
    head, *body, last = text.split("\n ")
    live = set(WORD.findall(last))
    for line in reversed(body):
        name, expression = line.split(" = ")
        if name not in live:
            return False
        live |= set(WORD.findall(expression))
    return set(WORD.findall(head)) <= live


def draw_value(rng: random.Random, kind: str) -> int | list[int]:
    if kind == INT:
        return rng.randint(0, 20)
    return [rng.randint(0, 20) for _ in range(rng.randint(1, 5))]


def in_bounds(value: object) -> bool:
    if type(value) is int:
        return -LIMIT <= value <= LIMIT
    if type(value) is list:
        return len(value) <= MAX_LIST and all(in_bounds(v) for v in value)
    return False


def arguments_text(values: list) -> str:
    return ", ".join(repr(v) for v in values)


class Program:
    """A program with inputs that it was run on, and what came of each."""

    def __init__(self, text: str, runs: list["Run"]):
        self.text = text
        self.inputs = [run.input for run in runs]
        self.outputs = [run.output for run in runs]
        self.traces = [run.trace for run in runs]


@dataclass
class Run:
    """One run of a program as texts: its arguments, each name with its value, what it returned."""

    input: str
    trace: dict[str, str]
    output: str


def run_on(function, arguments: list) -> Run | None:
    """What a traced program gives; None where it fails or a value leaves the bounds."""
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
    """`f` of the traced program: our own, straight-line, without a name that is not its own."""
    namespace: dict = {}
    exec(compile(traced(text), "f", "exec"), namespace)
    return namespace["f"]


def try_program(rng: random.Random, lines: int) -> Program | None:
    """Draws once; None where an input fails, values leave the bounds or outputs hardly vary."""
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
    """sha256 of the normalised program: what 'seen in pretraining' is judged by."""
    return hashlib.sha256(normalized(text).encode()).hexdigest()


def part(text: str) -> str:
    """'test', 'dev' or 'train': one of 32 hash classes each is held out for test and dev."""
    return {0: "test", 1: "dev"}.get(int(fingerprint(text)[:8], 16) % 32, "train")


def programs(rng: random.Random, lines: tuple[int, int], wanted: str):
    """An endless stream of programs whose hash falls into the wanted part."""
    while True:
        count = rng.randint(*lines)
        program = None
        while program is None or part(program.text) != wanted:
            program = try_program(rng, count)
        yield program
