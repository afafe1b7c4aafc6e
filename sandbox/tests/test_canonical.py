"""Canonical text is equal exactly when Python says equal; display text reads back as it was.

The canonical text is made in TypeScript: a Node process answers, line by line.
"""

import ast
import json
import os
import pathlib
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from value_strategies import respelled, subclassed, texts, values

from azr_sandbox import literals
from azr_sandbox.values import encode

ROOT = pathlib.Path(__file__).parents[2]
LIMIT = 1 << 20
slow_data = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
# Set AZR_EXAMPLES=2000 for a thorough run.
examples = int(os.environ.get("AZR_EXAMPLES", 60))
often = settings(max_examples=examples, deadline=None, suppress_health_check=slow_data)


def find_node():
    own = ROOT.glob("runtime/node_modules/node-linux-*/bin/node")
    return next((str(path) for path in own), None) or shutil.which("node")


@pytest.fixture(scope="module")
def canonical():
    """Gives the canonical text of a value, by way of its display text."""
    command = [find_node(), str(ROOT / "test" / "sandbox" / "canonical-lines.ts")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as node:

        def ask(value):
            node.stdin.write(json.dumps(encode(value, LIMIT)).encode() + b"\n")
            node.stdin.flush()
            answer = json.loads(node.stdout.readline())
            assert answer["ok"], (encode(value, LIMIT), answer)
            return answer["text"]

        yield ask
        node.stdin.close()


@often
@given(data=st.data(), value=values)
def test_equal_values_have_one_canonical_text(canonical, data, value):
    other = data.draw(respelled(value))
    assert value == other
    assert canonical(value) == canonical(other)


@often
@given(first=values, second=values)
def test_two_values_have_one_canonical_text_exactly_when_they_are_equal(canonical, first, second):
    assert (canonical(first) == canonical(second)) == (first == second)


def change_one(draw, value):
    """A similar value: one leaf, one item or the type of one container differs."""
    if isinstance(value, (list, tuple)) and value and draw(st.booleans()):
        at = draw(st.integers(0, len(value) - 1))
        items = [*value[:at], change_one(draw, value[at]), *value[at + 1 :]]
        return type(value)(items)
    if isinstance(value, dict) and value and draw(st.booleans()):
        key = draw(st.sampled_from(list(value)))
        return {**value, key: change_one(draw, value[key])}
    options = [None, [value], (value,), {"k": value}, 0, "", b"", (), [], {}, set(), float("inf")]
    if isinstance(value, (int, float)):
        options += [value + 1, -value, value * 2, str(value)]
    if isinstance(value, (list, tuple)):
        options += [list(value), tuple(value), value[1:], value[::-1], value + value]
    if isinstance(value, str):
        options += [value + "\u0301", value + "'", value[::-1], value.encode("utf-8", "replace")]
    if isinstance(value, (set, frozenset, dict)):
        options += [list(value), dict.fromkeys(value), set(value)]
    return draw(st.sampled_from(options))


@often
@given(data=st.data(), value=values)
def test_near_values_have_one_canonical_text_exactly_when_they_are_equal(canonical, data, value):
    other = change_one(data.draw, value)
    assert (canonical(value) == canonical(other)) == (value == other)


def with_nans(value):
    """The value with each text replaced by its own NaN: no two are identical or equal."""
    if isinstance(value, str):
        return float("nan")
    if isinstance(value, (list, tuple)):
        return type(value)(with_nans(item) for item in value)
    if isinstance(value, dict):
        return {key: with_nans(item) for key, item in value.items()}
    return value


@often
@given(value=values)
def test_not_a_number_equals_itself_and_nothing_else_does_more(canonical, value):
    assert canonical(with_nans(value)) == canonical(with_nans(value))


@often
@given(value=values)
def test_not_a_number_equals_no_other_value(canonical, value):
    assert canonical(value) != canonical(float("nan"))


@often
@given(value=values)
def test_the_display_text_reads_back_as_the_same_value(value):
    text = encode(value, LIMIT)
    found = literals.read_expression(text)
    assert found == value
    # A complex number loses the sign of a zero on the way, as in Python itself.
    assert encode(found, LIMIT) == text or "j" in text


@often
@given(text=texts)
def test_a_text_is_displayed_as_python_writes_it(text):
    assert encode(text, LIMIT) == repr(text)
    assert ast.literal_eval(encode(text, LIMIT)) == text


@often
@given(value=values)
def test_subclasses_are_read_as_their_base_and_nothing_of_them_is_called(value):
    assert encode(subclassed(value), LIMIT) == encode(value, LIMIT)


@often
@given(data=st.data(), value=values)
def test_a_set_is_displayed_in_one_order(data, value):
    items = data.draw(st.sets(st.text(max_size=3) | st.integers() | st.booleans(), max_size=6))
    orders = [data.draw(st.permutations(list(items))) for _ in range(2)]
    assert len({encode([set(order), value], LIMIT) for order in orders}) == 1


@often
@given(value=values, limit=st.integers(0, 60))
def test_the_limit_counts_bytes_of_the_display_text(value, limit):
    from azr_sandbox.values import TooLong

    size = len(encode(value, LIMIT).encode("utf-8", "surrogatepass"))
    if size <= limit:
        assert encode(value, limit) == encode(value, LIMIT)
    else:
        with pytest.raises(TooLong):
            encode(value, limit)
