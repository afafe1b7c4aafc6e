"""Draws the text of a random program: typed straight-line Python, one operation per line.

A text is a pure function of its random stream. language.py runs programs, and decides which are in
the language.
"""

import ast
import random

INT, LIST = "int", "list"
NAMES = "stuvwxyz"

INT_OF_LIST = [
    "sum({v})",
    "len({v})",
    "max({v})",
    "min({v})",
    "{v}[0]",
    "{v}[-1]",
    "{v}.count({c})",
]
# The operations on ints, each with its frequency.
INT_OF_INTS = {
    "{a} + {b}": 4,
    "{a} - {b}": 3,
    "{b} - {a}": 1,
    "{a} * {c}": 3,
    "{a} // {c}": 2,
    "{a} % {c}": 2,
    "max({a}, {b})": 2,
    "min({a}, {b})": 2,
    "abs({a} - {b})": 1,
    "{a} if {a} > {b} else {d}": 1,
    "{a} + {d} if {a} % 2 == 0 else {a} - {d}": 1,
}
LIST_OF_LIST = [
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


def small(rng: random.Random) -> int:
    return rng.randint(1, 9) if rng.random() < 0.8 else rng.randint(10, 20)


def int_op(rng: random.Random, ints: list[str], lists: list[str]) -> str:
    """An expression of type int over the given variables (at least one is not empty)."""
    if lists and (not ints or rng.random() < 0.4):
        v = rng.choice(lists)
        return rng.choice(INT_OF_LIST).format(v=v, c=small(rng))
    a = rng.choice(ints)
    b = rng.choice(ints) if len(ints) > 1 and rng.random() < 0.5 else str(small(rng))
    if b == a:
        b = str(small(rng))
    form = rng.choices(list(INT_OF_INTS), list(INT_OF_INTS.values()))[0]
    return form.format(a=a, b=b, c=rng.randint(2, 9), d=small(rng))


def list_op(rng: random.Random, ints: list[str], lists: list[str]) -> str:
    """An expression of type list over the given variables."""
    if not lists or (ints and rng.random() < 0.15):
        a = rng.choice(ints)
        b = rng.choice(ints) if len(ints) > 1 else str(small(rng))
        return f"[{a}, {b}]"
    v = rng.choice(lists)
    a = rng.choice(ints) if ints and rng.random() < 0.6 else str(small(rng))
    return rng.choice(LIST_OF_LIST).format(v=v, a=a, c=small(rng), m=rng.randint(2, 5))


def draw_types(rng: random.Random) -> list[str]:
    return rng.choices([[INT], [LIST], [INT, INT], [LIST, INT]], [4, 4, 2, 3])[0]


def draw_program(rng: random.Random, lines: int) -> tuple[str, list[str]]:
    """A program with `lines` lines in its body (the return included) and its arguments' types."""
    types = draw_types(rng)
    # Neighbours in the alphabet, from any place, so that every name occurs in programs of any
    # length.
    return draw_body(rng, types, draw_names(rng, lines - 1)), types


def draw_names(rng: random.Random, count: int) -> str:
    first = rng.randint(0, len(NAMES) - count)
    return NAMES[first : first + count]


def draw_body(rng: random.Random, types: list[str], names: str) -> str:
    """A program over arguments of these types: a line for each name, and the return."""
    scope = dict(zip("ab", types, strict=False))
    unused = list(scope)
    body = []
    for name in [*names, None]:
        kind = rng.choices([INT, LIST], [5, 4])[0]
        # Prefers unused names, so that few lines are dead.
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


def draw_value(rng: random.Random, kind: str) -> int | list[int]:
    if kind == INT:
        return rng.randint(0, 20)
    return [rng.randint(0, 20) for _ in range(rng.randint(1, 5))]
