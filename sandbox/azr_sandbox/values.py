"""Writes a value as its display text: a Python literal, from which Node makes the canonical text.

It covers None, bool, int, float, complex, str, bytes, list, tuple, dict, set and frozenset. Values
of their subclasses are read with the base type's own methods, so nothing that a program defines is
ever called. Everything else is Outside. It runs in the front (on literals) and in children.
"""

# Bound here, because a program may replace builtins.
from builtins import (  # noqa: UP029
    bool,
    bytes,
    complex,
    dict,
    float,
    frozenset,
    int,
    issubclass,
    len,
    list,
    map,
    max,
    min,
    repr,
    set,
    slice,
    str,
    tuple,
    type,
)

MAX_DEPTH = 150
INT_LIMIT = 10**4300
SMALL = 1 << 60
NONE = type(None)
NUMBERS = {int, float, bool}
# With fewer items, checking their types costs more than it saves.
FEW = 8
# The most common first. A bool is an int as well.
BASES = (list, tuple, dict, str, bool, int, float, complex, bytes, set, frozenset)
name_of = type.__dict__["__name__"].__get__
sort = list.sort
int_repr = int.__repr__


class Outside(Exception):
    """The value, or a value inside it, has no text."""


class TooLong(Exception):
    """The display text exceeds the limit."""


def encode(value, max_bytes):
    """The display text, with at most max_bytes bytes of UTF-8."""
    return _encode(value, 0, [max_bytes])


def _encode(value, depth, left):
    kind = type(value)
    if kind is int and -SMALL < value < SMALL:  # the most common values, by the shortest way
        text = int_repr(value)
        left[0] -= len(text)
        if left[0] < 0:
            raise TooLong
        return text
    if kind is not int and kind is not str:
        if value is None:
            return _leaf("None", left)
        kind = _base(kind)
    if kind is int:
        return _leaf(_int_text(value), left)
    if kind is str:
        return _string(value, left)
    if kind is bool:
        return _leaf("True" if value else "False", left)
    if kind is float:
        return _leaf(repr(float.__float__(value)), left)
    if kind is complex:
        return _complex(complex.real.__get__(value), complex.imag.__get__(value), left)
    if kind is bytes:
        return _bytes(bytes.__getitem__(value, slice(None)), left)
    if depth >= MAX_DEPTH:
        raise Outside(f"value nested deeper than {MAX_DEPTH}")
    if kind is dict:
        return _dict(value, depth + 1, left)
    if kind is list or kind is tuple:
        return _sequence(kind, value, depth + 1, left)
    return _set(kind, value, depth + 1, left)


def _base(kind):
    for base in BASES:
        if kind is base:
            return base
    for base in BASES:
        if issubclass(kind, base):
            return base
    raise Outside(f"value outside the domain: {name_of(kind)[:100]}")


def _spend(count, left):
    left[0] -= count
    if left[0] < 0:
        raise TooLong


def _leaf(text, left):
    _spend(len(text), left)
    return text


def _int_text(number):
    number = int.__int__(number)
    if not -INT_LIMIT < number < INT_LIMIT:
        raise Outside("integer of more than 4300 digits")
    return int.__repr__(number)


def _complex(real, imag, left):
    if imag - imag == 0 and real - real == 0:
        return _leaf(repr(complex(real, imag)), left)
    return _leaf(f"complex({real!r}, {imag!r})", left)  # repr gives "infj", which is no literal


def _string(text, left):
    text = str.__str__(text)
    if len(text) > left[0]:
        raise TooLong
    display = repr(text)
    _spend(len(display) if str.isascii(display) else len(str.encode(display)), left)
    return display


def _bytes(data, left):
    if len(data) > left[0]:
        raise TooLong
    return _leaf(repr(data), left)


def _has_plain_numbers(value):
    """Whether a list or tuple has only short numbers. A NaN makes the comparisons false."""
    return set(map(type, value)) <= NUMBERS and min(value) > -SMALL and max(value) < SMALL


def _sequence(base, value, depth, left):
    if type(value) is base and FEW < len(value) <= left[0] // 2 and _has_plain_numbers(value):
        return _leaf(repr(value), left)  # the same text, at the speed of C
    parts = []
    for item in base.__iter__(value):
        left[0] -= 2
        parts.append(_encode(item, depth, left))
    if base is list:
        _spend(0 if parts else 2, left)
        return f"[{', '.join(parts)}]"
    _spend(2 - len(parts) if len(parts) < 2 else 0, left)
    comma = "," if len(parts) == 1 else ""
    return f"({', '.join(parts)}{comma})"


def _dict(value, depth, left):
    parts = []
    for key, item in dict.items(value):
        _spend(4, left)
        parts.append(f"{_encode(key, depth, left)}: {_encode(item, depth, left)}")
    _spend(0 if parts else 2, left)
    return f"{{{', '.join(parts)}}}"


def _set(base, value, depth, left):
    """A set has no order: numbers come first, ascending, then other items by text."""
    entries = []
    for item in base.__iter__(value):
        _spend(2, left)
        entries.append((*_order(item), _encode(item, depth, left)))
    sort(entries)
    display = f"{{{', '.join([entry[2] for entry in entries])}}}" if entries else ""
    if base is frozenset:
        _spend(11, left)
        return f"frozenset({display})"
    if not entries:
        _spend(5, left)
        return "set()"
    return display


def _order(item):
    base = NONE if item is None else _base(type(item))
    if base is not bool and base is not int and base is not float:
        return 1, 0
    number = float.__float__(item) if base is float else int.__int__(item)
    return (0, number) if number == number else (1, 0)


def encode_arguments(positional, keywords, max_bytes):
    """The display text of an argument list: `1, 2, k=3`."""
    left = [max_bytes]
    shown = [_encode(value, 0, left) for value in positional]
    shown += [f"{name}={_encode(value, 0, left)}" for name, value in keywords.items()]
    return ", ".join(shown)
