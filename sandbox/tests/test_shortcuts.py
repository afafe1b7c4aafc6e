"""Shortcuts give the same results as the long way: one of the front, and one for numbers."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azr_sandbox import literals, values

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
