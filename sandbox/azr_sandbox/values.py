"""Writes a value as two texts: canonical (equal texts mean equal values) and display (a literal).

Covers None, bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset; values of
their subclasses are read with the base type's own methods, so nothing that a program defines is
ever called. Everything else is Outside. Runs in the front (on literals) and in children.
"""

# Bound here, as a program may replace what lies in builtins.
from builtins import (  # noqa: UP029
    ascii,
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
    repr,
    set,
    slice,
    sorted,
    str,
    tuple,
    type,
)

MAX_DEPTH = 150
INT_LIMIT = 10**4300
NONE = type(None)
BASES = (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset)
INFINITY = float("inf")
name_of = type.__dict__["__name__"].__get__


class Outside(Exception):
    """The value, or one inside it, has no text."""


class TooLong(Exception):
    """The display text passes the limit."""


def encode(value, max_bytes):
    """Returns (canonical, display). Display has at most max_bytes bytes of UTF-8."""
    return _encode(value, 0, [max_bytes])


def _encode(value, depth, left):
    if value is None:
        return _leaf("None", "None", left)
    base = _base(type(value))
    if base is bool:
        return _leaf("1", "True", left) if value else _leaf("0", "False", left)
    if base is int:
        text = _int_text(int.__int__(value))
        return _leaf(text, text, left)
    if base is str:
        return _string(str.__str__(value), left)
    if base is float:
        number = float.__float__(value)
        return _leaf(_real(number), repr(number), left)
    if base is complex:
        return _complex(complex.real.__get__(value), complex.imag.__get__(value), left)
    if base is bytes:
        return _bytes(bytes.__getitem__(value, slice(None)), left)
    if depth >= MAX_DEPTH:
        raise Outside(f"value nested deeper than {MAX_DEPTH}")
    if base is dict:
        return _dict(value, depth + 1, left)
    if base is list or base is tuple:
        return _sequence(base, value, depth + 1, left)
    return _set(base, value, depth + 1, left)


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


def _leaf(canonical, display, left):
    # 1e308 is 6 characters in one text and 309 in the other: the longer one counts.
    _spend(len(canonical) if len(canonical) > len(display) else len(display), left)
    return canonical, display


def _int_text(number):
    if not -INT_LIMIT < number < INT_LIMIT:
        raise Outside("integer of more than 4300 digits")
    return int.__repr__(number)


def _real(number):
    if number != number:
        return "nan"
    if number == INFINITY or number == -INFINITY or number != int(number):
        return repr(number)
    return int.__repr__(int(number))


def _complex(real, imag, left):
    if imag - imag == 0 and real - real == 0:
        display = repr(complex(real, imag))
    else:  # repr gives "infj", which is no literal
        display = f"complex({real!r}, {imag!r})"
    canonical = _real(real) if imag == 0 else f"c({_real(real)},{_real(imag)})"
    return _leaf(canonical, display, left)


def _string(text, left):
    if len(text) > left[0]:
        raise TooLong
    display = repr(text)
    size = len(display) if str.isascii(display) else len(str.encode(display))
    _spend(size, left)
    return ascii(text), display


def _bytes(data, left):
    if len(data) > left[0]:
        raise TooLong
    display = repr(data)
    return _leaf(display, display, left)


def _sequence(base, value, depth, left):
    canonical, display = [], []
    for item in base.__iter__(value):
        _spend(2, left)
        one, shown = _encode(item, depth, left)
        canonical.append(one)
        display.append(shown)
    if base is list:
        _spend(0 if display else 2, left)
        return f"[{','.join(canonical)}]", f"[{', '.join(display)}]"
    _spend(2 - len(display) if len(display) < 2 else 0, left)
    comma = "," if len(display) == 1 else ""
    return f"({','.join(canonical)})", f"({', '.join(display)}{comma})"


def _dict(value, depth, left):
    canonical, display = [], []
    for key, item in dict.items(value):
        _spend(4, left)
        key_canonical, key_display = _encode(key, depth, left)
        item_canonical, item_display = _encode(item, depth, left)
        canonical.append(f"{key_canonical}:{item_canonical}")
        display.append(f"{key_display}: {item_display}")
    _spend(0 if display else 2, left)
    return f"{{{','.join(sorted(canonical))}}}", f"{{{', '.join(display)}}}"


def _set(base, value, depth, left):
    """A set has no order of its own: shown with numbers first, ascending, then by text."""
    entries = []
    for item in base.__iter__(value):
        _spend(2, left)
        canonical, display = _encode(item, depth, left)
        entries.append((*_order(item, canonical), display))
    entries.sort()
    canonical = f"<{','.join(sorted([entry[2] for entry in entries]))}>"
    display = "{" + ", ".join([entry[3] for entry in entries]) + "}" if entries else ""
    if base is frozenset:
        display = f"frozenset({display})"
        _spend(11, left)
    elif not entries:
        display = "set()"
        _spend(5, left)
    return canonical, display


def _order(item, canonical):
    base = NONE if item is None else _base(type(item))
    if canonical == "nan" or base not in (bool, int, float):
        return 1, 0, canonical
    return 0, float.__float__(item) if base is float else int.__int__(item), canonical


def encode_arguments(positional, keywords, max_bytes):
    """The same two texts for an argument list: `(1,2;k=3)` and `1, 2, k=3`."""
    left = [max_bytes]
    pairs = [_encode(value, 0, left) for value in positional]
    named = [(name, *_encode(value, 0, left)) for name, value in keywords.items()]
    order = ",".join(f"{name}={canonical}" for name, canonical, _ in sorted(named))
    canonical = f"({','.join(one for one, _ in pairs)};{order})"
    shown = [display for _, display in pairs] + [f"{name}={display}" for name, _, display in named]
    return canonical, ", ".join(shown)
