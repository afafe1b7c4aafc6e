"""Shortcuts say nothing that the long way would not say: two of the front, and one for numbers."""

import ast
import json
import pathlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azr_sandbox import glance, imports, literals, screen, values

ROOT = pathlib.Path(__file__).parents[2]
LIBRARY = screen.Screen().library


def looks(source):
    """(tame at a glance, tame after the whole walk)."""
    try:
        code = compile(source, "<program>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False, False
    names, opcodes = set(), set()
    screen._gather(code, names, opcodes)
    walked = imports.Visit(LIBRARY).judge(ast.parse(source))
    return glance.is_tame(source, names, opcodes), walked.is_tame and not walked.outside


def hostile_programs():
    for path in sorted((ROOT / "test" / "fixtures" / "hostile").glob("*.py")):
        for block in path.read_text().split("\n#= ")[1:]:
            yield block.partition("\n")[2]


def bench_programs():
    for line in (ROOT / "bench" / "sandbox" / "programs.jsonl").read_text().splitlines():
        yield json.loads(line)["program"]


PLAIN = [
    "import math\ndef f(x):\n    return math.floor(x) + math.pi",
    "import math as m  # short\ndef f(x):\n    return m.sqrt(x)",
    "from collections import Counter, defaultdict\ndef f(x):\n    d = defaultdict(int)\n"
    "    return Counter(x), d",
    "from functools import lru_cache\n@lru_cache(maxsize=None)\ndef f(x):\n    return x",
    "import re\ndef f(x):\n    return re.sub('a', 'b', x, flags=re.I)",
    "import heapq\nfrom itertools import chain as c\ndef f(x):\n"
    "    return map(heapq.heappop, c(x))",
]
TRICKS = [
    "import math\nx = [math]\ndef f(x):\n    return x",
    "import math\nmath.pi = 3\ndef f(x):\n    return x",
    "import re\nre._cache\ndef f(x):\n    return x",
    "import re; k = re\ndef f(x):\n    return k.purge()",
    "if 1: import re as k\ndef f(x):\n    return k.purge()",
    "import re\ndef f(x):\n    return re.purge()",
    "from re \\\nimport purge\ndef f(x):\n    return purge()",
    '"""\nimport math as k\n"""\nx = 1; import re as k\ndef f(x):\n    return k.purge()',
    "from re import (\n    purge)\ndef f(x):\n    return purge()",
    "from collections import Counter\nx = [Counter]\ndef f(x):\n    return x",
    "from collections import Counter as C\nx = C\ndef f(x):\n    return x",
    "from collections import Counter\nclass A(Counter):\n    pass\nA.x = 1\n"
    "def f(x):\n    return x",
    "from dataclasses import dataclass\nfrom fractions import Fraction\ndataclass(Fraction)\n"
    "def f(x):\n    return x",
    "from math import *\ndef f(x):\n    return sin(x)",
    "import os\ndef f(x):\n    return os.getpid()",
    "from os import getpid\ndef f(x):\n    return getpid()",
    "import math\ndef f(x):\n    return '{0.__class__}'.format(math.pi)",
    "import math\ndef f(x):\n    return f'{math}'",
    "import ｍａｔｈ\ndef f(x):\n    return [math]",
    "import math\r\nx = math\ndef f(x):\n    return x",
    "from math import pi as math\nimport math\nx = math\ndef f(x):\n    return x",
    "import math\ndef f(x):\n    for math.pi in x:\n        pass",
    "import copy\ndef f(x):\n    return type(copy.copy(x))('a', (), {})",
]


@pytest.mark.parametrize("source", PLAIN)
def test_a_glance_is_enough_for_plain_programs(source):
    assert looks(source) == (True, True)


@pytest.mark.parametrize("source", TRICKS)
def test_a_glance_is_not_enough_for_tricks(source):
    assert not looks(source)[0]


def test_what_a_glance_calls_tame_the_walk_calls_tame():
    pairs = [looks(source) for source in (*hostile_programs(), *bench_programs(), *TRICKS)]
    assert len(pairs) > 1000
    assert [pair for pair in pairs if pair[0] and not pair[1]] == []
    # Most of the bench's programs that import are told at a glance.
    assert sum(glanced for glanced, _ in pairs) > 40


pieces = st.sampled_from(
    [
        "1",
        "-2",
        "0.5",
        "-0.0",
        "'a b'",
        "''",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ": ",
        "'k': 1",
        " ",
        "00",
        ".",
    ]
    + [
        "1_0",
        "inf",
        "nan",
        "true",
        "null",
        "None",
        "True",
        '"',
        "'",
        "\\",
        "é",
        "\n",
        "#",
        "e5",
        "- 1",
    ]
)
plain_values = st.recursive(
    st.integers() | st.floats(allow_nan=False) | st.text("abc, []{}:'\"é\\\n", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abk", max_size=2), inner),
    max_leaves=6,
)


def read_properly(text):
    try:
        return literals.read_call(literals.parse_call(text).body)
    except (literals.NotLiteral, SyntaxError, ValueError):
        return None


@settings(max_examples=400, deadline=None)
@given(st.lists(pieces, max_size=12).map("".join) | plain_values.map(lambda v: repr(v)))
def test_plain_arguments_are_read_as_python_reads_them(text):
    plain = literals.read_plain(text)
    if plain is None:
        return
    positional, keywords = read_properly(text)
    assert (repr(plain), keywords) == (repr(positional), {})
    assert repr(plain)[1:-1] == values.encode_arguments(positional, keywords, 1 << 20)


def told(value, room):
    try:
        return values.encode(value, room)
    except (values.Outside, values.TooLong) as error:
        return type(error)


numbers = st.integers() | st.floats() | st.booleans() | st.sampled_from([10**5000, -(2**60)])


@settings(max_examples=400, deadline=None)
@given(st.lists(numbers, min_size=8, max_size=20), st.booleans(), st.integers(0, 300))
def test_many_numbers_are_shown_as_one_by_one(items, is_tuple, room):
    value = tuple(items) if is_tuple else items
    short = [told(value, room), told([value], 1 << 20)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(values, "FEW", 1 << 20)
        assert short == [told(value, room), told([value], 1 << 20)]


@pytest.mark.parametrize("text", ["", "3", "[1, 2], 'ab'", "{'k': [1.5, -2]}", "'it is', []"])
def test_most_arguments_are_plain(text):
    assert literals.read_plain(text) is not None


@pytest.mark.parametrize("text", ["'\\n'", '"a"', "1,", "01", "'a' 'b'", "9" * 5000, "[" * 150])
def test_others_are_read_properly(text):
    assert literals.read_plain(text) is None
