"""Values of the sandbox's domain for hypothesis, and other spellings of them that Python calls
equal."""

import collections
import enum

from hypothesis import strategies as st

# Numbers at which types, precisions and spellings meet.
EDGES = [0, 1, -1, 2**53, 2**53 + 1, -(2**53) - 1, 10**16, 10**22, 10**23, 2**63, 2**64, 10**308]
REAL_EDGES = [0.0, -0.0, 0.1, 0.3, 0.1 + 0.2, 1e-4, 1e-5, 5e-324, 1e16, 1e17, 1e22, 1e23, 2.0**53]
HUGE = [1.7976931348623157e308, float("inf"), float("-inf")]

ints = st.integers() | st.sampled_from(EDGES) | st.integers(0, 3)
reals = st.floats(allow_nan=False) | st.sampled_from(REAL_EDGES + HUGE)
complexes = st.complex_numbers(allow_nan=False) | st.builds(complex, reals, reals)
# Quotes, backslashes, controls, unprintables, lone surrogates and pairs of them, astral characters.
SPECIAL = "'\"\\\n\r\t\x00\x7f\x85\xa0\xad\u2028\ud83d\ude00\U0001f600\ue000é,:[]{}()<> "
texts = st.text(st.characters() | st.sampled_from(SPECIAL) | st.characters(categories=["Cs"]))
leaves = (
    st.none()
    | st.booleans()
    | ints
    | reals
    | complexes
    | texts
    | st.binary(max_size=20)
    | st.sampled_from(["nan", "None", "1", "[1,2]", "a,b", "a', 'b", b"a", ""])
)


def hashables(children):
    return st.lists(children, max_size=4).map(tuple) | st.frozensets(children, max_size=4)


keys = st.recursive(leaves, hashables, max_leaves=6)


def containers(children):
    return (
        st.lists(children, max_size=4)
        | st.lists(children, max_size=4).map(tuple)
        | st.dictionaries(keys, children, max_size=4)
        | st.sets(keys, max_size=4)
        | st.frozensets(keys, max_size=4)
    )


values = st.recursive(leaves | keys, containers, max_leaves=12)


class Text(str):
    def __repr__(self):
        raise AssertionError("a method of a subclass was called")

    __str__ = __iter__ = __len__ = encode = __repr__


class Number(int):
    def __repr__(self):
        raise AssertionError("a method of a subclass was called")

    __str__ = __int__ = __index__ = __repr__


class Items(list):
    def __iter__(self):
        raise AssertionError("a method of a subclass was called")

    __len__ = __getitem__ = __repr__ = __iter__


Pair = collections.namedtuple("Pair", "a b")


class Small(enum.IntEnum):
    ZERO = 0
    ONE = 1
    TWO = 2


def respell_number(draw, value):
    """The same number as another type, where there is one."""
    options = [value]
    if isinstance(value, complex):
        options += [complex(value.real + 0.0, value.imag)]
        options += [value.real] if value.imag == 0 else []
    elif value in (float("inf"), float("-inf")):
        options += [complex(value, 0.0)]
    else:
        options += [int(value)] if value == int(value) else []
        options += [bool(value)] if value in (0, 1) else []
        if abs(value) < 2**1000 and int(float(value)) == value:
            options += [float(value), complex(value, -0.0)]
        options += [-0.0] if value == 0 else []
    return draw(st.sampled_from(options))


@st.composite
def respelled(draw, value, hashable=False):
    """A value that is equal to this one by `==`, of other types and orders where there are any."""

    def again(item, is_hashable=hashable):
        return draw(respelled(item, is_hashable))

    if isinstance(value, (bool, int, float, complex)):
        return respell_number(draw, value)
    if isinstance(value, list):
        return [again(item) for item in value]
    if isinstance(value, tuple):
        return tuple(again(item) for item in value)
    if isinstance(value, (set, frozenset)):
        kind = frozenset if hashable else draw(st.sampled_from([set, frozenset]))
        return kind(again(item, True) for item in draw(st.permutations(list(value))))
    if isinstance(value, dict):
        pairs = draw(st.permutations(list(value.items())))
        return {again(key, True): again(item) for key, item in pairs}
    return value


def subclassed(value):
    """The same value as instances of subclasses, of which nothing may be called."""
    if type(value) is str:
        return Text(value)
    if type(value) is int:
        return Small(value) if value in (0, 1, 2) else Number(value)
    if type(value) is list:
        return Items([subclassed(item) for item in value])
    if type(value) is tuple and len(value) == 2:
        return Pair(*map(subclassed, value))
    if type(value) is dict:
        return collections.OrderedDict((key, subclassed(item)) for key, item in value.items())
    return value
