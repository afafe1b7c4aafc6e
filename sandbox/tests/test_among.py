"""Programs that use caches of libraries, one after another in one child.

The first use fills a cache and takes more levels of the stack, so a program near the end of the
stack could notice. Each must give the same result as without the one before it, or has to run
alone.
"""

import ast
import gc
import marshal
import mmap
import os

import pytest

from azr_sandbox import child, small, warm
from azr_sandbox.jobs import REPORT, SHARED

AGAIN, STOPPED = "runs alone", "ended the child"

# Uses that take more of the stack the first time: head and statement.
LAZY = """
from collections import Counter --- Counter(Counter())
from collections import Counter, defaultdict --- Counter(defaultdict(int))
import statistics --- statistics.mean([1, True])
import re --- re.findall(r'[\\N{DIGIT ONE}]', '1')
import re --- re.findall('[[a]', '1')
import copy, collections --- copy.deepcopy(collections.OrderedDict(a=1))
import json --- json.dumps({'a': [1]}, indent=2)
import statistics --- statistics.median([1, 2])
"""
HANDLERS = (
    *("except RecursionError:", "except RuntimeError:", "except Exception:", "except:"),
    *("except ValueError:\n            found = 1\n        finally:",),
)


@pytest.fixture(scope="module", autouse=True)
def _warm():
    warm.load([])
    # Each child collects garbage, and would search all objects of the tests.
    gc.freeze()
    yield
    gc.unfreeze()


def unit(source):
    tree = ast.parse(source)
    assert small.traits(tree), source
    return marshal.dumps(compile(tree, "<program>", "exec")), marshal.dumps((True, ([3], {})))


def said(units):
    """The result of each unit, all in one child."""
    (job, give), (reports, report) = os.pipe(), os.pipe()
    progress = mmap.mmap(-1, mmap.PAGESIZE)
    pid = os.fork()
    if pid == 0:
        for end, flags in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
            os.dup2(os.open(os.devnull, flags), end)
        child.live(child.Place(job, report, [(give, give + 1), (reports, reports + 1)], progress))
    os.close(job)
    os.close(report)
    with os.fdopen(give, "wb") as pipe:
        pipe.write(marshal.dumps((SHARED, 65536, "f", units)))
    with os.fdopen(reports, "rb") as pipe:
        text = pipe.read()
    os.waitpid(pid, 0)
    found, at = [], 0
    while at < len(text):
        size, _, outcome, _ = REPORT.unpack_from(text, at)
        shown = text[at + REPORT.size : at + 4 + size].decode()
        found.append(AGAIN if outcome == child.MEMORY_EXCEEDED else (outcome, shown))
        at += 4 + size
    return found if len(found) == len(units) or AGAIN in found else [STOPPED]


def at_depth(head, statement, depth):
    return f"""{head}
def down(n, x):
    if n == 0:
        {statement}
        return 1
    return down(n - 1, x)
def f(x):
    return down({depth}, x)
"""


def deepest(head, statement):
    """The depth from which it still returns when nothing ran before it."""
    low, high = 0, 1000
    while high - low > 1:
        middle = (low + high) // 2
        found = said([unit(at_depth(head, statement, middle))])
        low, high = (low, middle) if found == [AGAIN] else (middle, high)
    assert 0 < low < 999
    return low


@pytest.mark.parametrize("line", LAZY.strip().splitlines())
def test_nobody_sees_from_the_end_of_the_stack_what_was_made_before(line):
    head, statement = line.split(" --- ")
    before, end = unit(at_depth(head, statement, 0)), deepest(head, statement)
    for depth in range(end, end + 12):
        deep = unit(at_depth(head, statement, depth))
        apart, among = said([deep]), said([before, deep])
        assert among[0] == (child.RETURNED, "1")
        assert AGAIN in (apart[-1], among[-1]) or apart[-1] == among[-1]


@pytest.mark.parametrize("handler", HANDLERS)
def test_no_handler_sees_that_the_stack_ran_out(handler):
    source = f"""
def down(n):
    return down(n + 1)
def f(x):
    found = 0
    while x:
        try:
            found = down(0)
        {handler}
            return 'told'
"""
    assert said([unit(source)]) == [STOPPED]


def test_a_program_that_ran_before_sees_that_neither():
    end = deepest("", "len([x])")
    for depth in range(end - 3, end + 4):
        deep = unit(at_depth("", "len([x])", depth))
        assert len(set(said([deep] * 20)) - {AGAIN}) < 2
