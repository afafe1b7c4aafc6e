"""Loads modules in a server before it forks, so that children share their pages and warmed-up
paths.

Hooks that modules register to run after a fork are dropped: they would run in every child.
"""

import codecs
import collections.abc
import fractions
import gc
import importlib
import marshal
import mmap
import numbers
import os
import re

from azr_sandbox import child
from azr_sandbox.jobs import ALONE, SHARED
from azr_sandbox.words import words

MODULES = words(
    """
abc bisect builtins collections collections.abc copy dataclasses datetime decimal enum fractions
functools heapq itertools json math numbers operator random re statistics string textwrap time
typing
"""
)

PROGRAM = """
import math, re
from collections import Counter, defaultdict, deque
class A:
    def __init__(self, x):
        self.x = x
    def double(self):
        return self.x * 2
def f(x, *rest, key=None):
    try:
        1 / 0
    except ZeroDivisionError as error:
        name = type(error).__name__
    words = "a b c".split()
    found = {w: i for i, w in enumerate(sorted(words, key=lambda w: w[::-1]))}
    d = defaultdict(list)
    d[name].append(re.sub("a", "b", "abc"))
    return [A(x).double(), found, {1, 2.5}, (None, True), f"{x:>5}", Counter("aab"), dict(d), b"a",
            sum(n for n in range(10)), deque([1]).pop(), math.floor(1.5), frozenset("a"), 1j]
"""

# Programs for the packages of a profile. The first use of each package makes tables that later uses
# share.
PACKAGES = {
    "numpy": """
import numpy
def f(x, *, key):
    grid = numpy.arange(9.0).reshape(3, 3) + numpy.eye(3) * x
    return round(float(numpy.linalg.det(grid @ grid.T)), 3), grid.sum(axis=0).tolist()
""",
    "sympy": """
import sympy
def f(x, *, key):
    t = sympy.Symbol("t")
    return str(sympy.simplify((t**2 - 1) / (t - 1))), str(sympy.solve(t**2 - x, t))
""",
    "math_verify": r"""
from math_verify import parse, verify
def f(x, *, key):
    texts = "$\\frac{1}{2}$", "$x^2+\\sqrt{3}$", "\\boxed{(1, 2)}", "$\\{1, 2\\}$", "so 0.5 it is"
    found = [parse(text) for text in texts]
    return [verify(one, other) for one in found for other in found]
""",
}


# The modules of value types and iterators, and of the codecs that json asks for.
HOMES = frozenset(words("builtins collections _collections itertools"))
NUMBERS = (numbers.Number, numbers.Complex, numbers.Real, numbers.Rational, numbers.Integral)
CODECS = words("utf-8 utf-8-sig utf-16 utf-16-be utf-16-le utf-32 utf-32-be utf-32-le")


def settle():
    """Fills the library's caches, so that no program of a batch changes them."""
    types = [object, fractions.Fraction]
    for one in types:
        types += [kind for kind in type.__subclasses__(one) if kind.__module__ in HOMES]
        for kind in (collections.abc.Mapping, *NUMBERS):
            issubclass(one, kind)
    for name in CODECS:
        codecs.lookup(name)


def load(modules):
    """Imports the modules. A profile's packages are required; modules that this Python lacks are
    not.
    """
    register, os.register_at_fork = os.register_at_fork, lambda **hooks: None
    try:
        for name in MODULES:
            importlib.import_module(name)
        for name in modules:
            importlib.import_module(name)
    finally:
        os.register_at_fork = register
    settle()


def walk(packages):
    """Runs typical programs, to the last byte of a report. Then freezes the heap."""
    code = marshal.dumps(compile(PROGRAM, "<warm>", "exec"))
    payload = marshal.dumps((True, ([3], {"key": 4})))
    call = compile("(lambda *a, **k: (a, k))(1 + 1)", "<warm>", "eval")
    units = [(code, payload), (code, marshal.dumps((False, call)))]
    for name in packages:
        if name in PACKAGES:
            units.append((marshal.dumps(compile(PACKAGES[name], "<warm>", "exec")), payload))
    for mode in (SHARED, ALONE):
        (job, give), (reports, report) = os.pipe(), os.pipe()
        os.write(give, marshal.dumps((mode, 65536, "f", units)))
        os.close(give)
        progress = mmap.mmap(-1, mmap.PAGESIZE)
        child.live(child.Place(job, report, [(report + 1, report + 1)], progress), is_last=False)
        os.read(reports, 1 << 16)
        os.close(report)
        os.close(reports)
    child.FIRST = child.namespace()
    re.purge()
    gc.collect()
    gc.freeze()
