"""The lists of the small language: everything that they name makes only data from data."""

import builtins
import collections
import importlib
import itertools

import pytest

from azr_sandbox import language, warm

# Data of all kinds, more than one of each.
DATA = [
    *(None, True, 0, -3, 7, 2**70, 0.5, float("nan"), 1j, "", "abc", "12", "a b", b"", b"ab"),
    *([], [3, 1, 2], ["b", "a"], [[1, 2], [3]], (), (1, 2), {}, {"a": 1}, {1: [2]}, set(), {1, 2}),
    *(frozenset("ab"), range(4), {"k": 1}.keys(), {"k": 1}.items(), {"k": 1}.values()),
    *(collections.Counter("aab"), collections.deque([1, 2]), collections.OrderedDict(a=1)),
    *(collections.defaultdict(list, {"a": [1]}), collections.OrderedDict(a=1).keys()),
    *(collections.OrderedDict(a=1).values(), collections.OrderedDict(a=1).items()),
]
KINDS = {type(value) for value in DATA} | {type(...), type(NotImplemented)}


def is_data(value, depth=0):
    if type(value) not in KINDS:
        return False
    if depth > 3 or type(value) in (str, bytes, range):
        return True
    if isinstance(value, dict):
        return all(is_data(part, depth + 1) for pair in value.items() for part in pair)
    if isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        return all(is_data(part, depth + 1) for part in value)
    return True


def results(function, most=2):
    """The results for data, as far as it returns any."""
    fresh = [lambda value=value: copied(value) for value in DATA]
    for count in range(most + 1):
        for makers in itertools.product(fresh, repeat=count):
            try:
                yield function(*[make() for make in makers])
            except Exception:
                continue


def copied(value):
    try:
        return type(value)(value) if type(value) not in (type(None), range) else value
    except TypeError:
        return value


def listed(kind):
    for name, found in language.BUILTINS.items():
        if found == kind:
            yield name, getattr(builtins, name)
    for module, names in language.KINDS.items():
        for name, found in names.items():
            if found == kind and hasattr(importlib.import_module(module), name):
                yield f"{module}.{name}", getattr(importlib.import_module(module), name)


# Their results may be as large as the data allow. They run out of time or memory, but stay in the
# language.
LARGE = {
    "math.factorial",
    "math.perm",
    "math.comb",
    "math.ldexp",
    "operator.lshift",
    "operator.mul",
    "round",
}
# The first argument is a type; with a function that only the walk can see, or too large.
FORMS = LARGE | {"pow", "operator.pow", "print", "functools.reduce", "collections.defaultdict"}


@pytest.mark.parametrize(
    ("name", "function"), [one for one in listed("data") if one[0] not in FORMS]
)
def test_what_is_said_to_give_data_gives_data(name, function):
    for result in results(function, 1 if name in ("range", "bytes") else 2):
        assert is_data(result), result


@pytest.mark.parametrize(("name", "function"), list(listed("iterator")))
def test_what_is_said_to_give_an_iterator_gives_one_of_data(name, function):
    handed = [len, str] if name.split(".")[-1] in language.HANDED else [None]
    for first in handed:
        call = function if first is None else lambda *rest, first=first: function(first, *rest)
        for result in results(call, 1 if first else 2):
            try:
                parts = list(itertools.islice(result, 4))
            except (TypeError, ValueError, ZeroDivisionError, AttributeError):
                continue
            assert all(map(is_data, parts)), parts


def told(function, arguments):
    """The final results of a call."""
    arguments = [copied(one) for one in arguments]
    try:
        result = repr(function(*arguments))
    except Exception as error:
        result = type(error).__name__
    return result, repr(arguments)


@pytest.mark.parametrize(
    ("name", "function"), [one for one in listed("data") if one[0] not in FORMS]
)
def test_what_is_listed_tells_no_address(name, function):
    for count in range(2 if name in ("range", "bytes") else 3):
        for arguments in itertools.product(DATA, repeat=count):
            # Kept objects are placed where the second call would have put its own.
            first, kept = told(function, arguments), [[[]] for _ in range(3)]
            assert told(function, arguments) == first
            del kept


LONG = {"center", "ljust", "rjust", "zfill", "expandtabs"}


@pytest.mark.parametrize("name", sorted(language.METHODS - LONG))
def test_a_method_gives_data(name):
    for value in DATA:
        for count in range(2 if name == "to_bytes" else 3):
            for arguments in itertools.product(DATA, repeat=count):
                if hasattr(value, name):
                    check_method(copied(value), name, [copied(one) for one in arguments])


def check_method(value, name, arguments):
    try:
        result = getattr(value, name)(*arguments)
    except Exception:
        return
    assert is_data(result), result


def test_what_may_be_handed_over_gives_data():
    assert language.BUILTINS.keys() >= language.HANDED_BUILTINS
    assert {language.BUILTINS[name] for name in language.HANDED_BUILTINS} == {"data"}


def test_running_out_of_memory_or_stack_cannot_be_caught():
    for name in language.RAISABLE:
        caught = [
            issubclass(kind, getattr(builtins, name)) for kind in (MemoryError, RecursionError)
        ]
        assert any(caught) == (name not in language.CATCHABLE)


def test_every_module_is_loaded_before_the_first_program():
    assert language.MODULES.keys() <= set(warm.MODULES)


def test_constants_are_data():
    for module, names in language.KINDS.items():
        for name, kind in names.items():
            if kind == "value":
                assert is_data(getattr(importlib.import_module(module), name))
