"""Each listed name in each place of the language: an accepted program makes only data, otherwise
there is a hole.

The walk decides which programs are accepted, and each program shows what it makes. There is no list
of expected results.
"""

import ast
import warnings

import pytest
from test_language import is_data

from azr_sandbox import language, small

HEAD = "import " + ", ".join(sorted(set(language.MODULES) - {"typing"})) + "\n"
PLACES = """
[{0}(x)]
[{0}(x, 2)]
[{0}(x, [1, 2])]
[{0}(len, x)]
[{0}(x, key=len)]
list({0}(x))
list({0}(x, x))
list({0}(len, x))
[v for v in {0}(x)]
[k for k, g in {0}(x)]
list(map({0}, x))
list(map({0}, x, x))
list(filter({0}, x))
functools.reduce({0}, x)
list(itertools.starmap({0}, zip(x, x)))
list(itertools.accumulate(x, {0}))
list(itertools.takewhile({0}, x))
sorted(x, key={0})
max(x, key={0})
max(x, {0})
heapq.nlargest(2, x, key={0})
list(heapq.merge(x, x, key={0}))
[k for k, g in itertools.groupby(x, {0})]
[k for k, g in itertools.groupby(x, key={0})]
[collections.defaultdict({0}), collections.defaultdict({0}, x)]
[x, {0}]
next(iter(x), {0})
list(map(functools.cmp_to_key({0}), x))
sorted(x, key=functools.cmp_to_key({0}))
list(map(operator.itemgetter({0}), x))
"""
MAKERS = ("operator.itemgetter(0)", "functools.cmp_to_key(lambda a, b: 0)", "lambda v: v")
ENDLESS = ("itertools.count", "itertools.cycle", "itertools.repeat")
LARGE = ("math.factorial", "math.perm", "math.comb", "math.ldexp", "operator.lshift", *ENDLESS)
INPUTS = [[], [3, 1, 2], ["b", "a"], [[1, 2], [0]], "abc", {"a": 1}, [(1, "a")], [None]]


def names():
    yield from language.BUILTINS
    for module, table in language.KINDS.items():
        yield from (f"{module}.{name}" for name in table if f"{module}.{name}" not in LARGE)
    for kind in ("str", "list", "dict", "[1]", "'a'", "{'a': 1}", "collections.Counter('ab')"):
        yield from (f"{kind}.{name}" for name in language.METHODS | language.ITERATOR_METHODS)
    yield from MAKERS


@pytest.mark.parametrize("place", PLACES.strip().splitlines())
def test_what_is_let_in_at_this_place_makes_data(place):
    tried = 0
    for name in names():
        source = f"{HEAD}def f(x):\n    return {place.format(name)}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                tree = ast.parse(source)
            except SyntaxError:
                continue
            if small.traits(tree) is None:
                continue
            namespace = {}
            exec(compile(tree, "<program>", "exec"), namespace)
        for value in INPUTS:
            tried += 1
            try:
                result = namespace["f"](value.copy() if hasattr(value, "copy") else value)
            except Exception:
                continue
            assert is_data(result), (source, value, result)
    assert tried > 0 or place in NOWHERE


# Places where no listed name is allowed.
NOWHERE = (
    *("max(x, {0})", "[x, {0}]", "next(iter(x), {0})", "list(map(functools.cmp_to_key({0}), x))"),
    "list(map(operator.itemgetter({0}), x))",
)
