"""Wrappers around a right solution: `_inner` is that solution, `ENTRY` the called name."""

PLAIN = {
    "same answer": "return _inner(*args)",
    "busy for a moment": "for _ in range(20000):\n    pass\nreturn _inner(*args)",
    "prints a line": "print('working', args[0])\nreturn _inner(*args)",
    "prints to stderr": "import sys\nsys.stderr.write('x' * 1000)\nreturn _inner(*args)",
    "prints a report": 'print(\'["value", "1", 0]\', flush=True)\nreturn _inner(*args)',
    "prints a lot": "print('x' * 300000)\nreturn _inner(*args)",
    "reads standard input": "input()\nreturn _inner(*args)",
    "raises": "raise ValueError('no')",
    "raises after the answer": "found = _inner(*args)\nraise KeyError(found)",
    "raises KeyboardInterrupt": "raise KeyboardInterrupt",
    "recurses for ever": "return ENTRY(*args)",
    "asks for memory": "return [0] * (1 << 40)",
    "exits in a call": "import sys\nsys.exit(0)",
    "ends the process": "import os\nos._exit(0)",
    "calls exit": "exit()",
    "clears its input after": (
        "found = _inner(*args)\n"
        "[one.clear() for one in args if isinstance(one, (list, dict, set))]\nreturn found"
    ),
    "clears its input before": (
        "[one.clear() for one in args if isinstance(one, (list, dict, set))]\nreturn _inner(*args)"
    ),
    "reverses its input": (
        "found = _inner(*args)\n"
        "[one.reverse() for one in args if isinstance(one, list)]\nreturn found"
    ),
    "a list for a tuple": (
        "found = _inner(*args)\n"
        "return list(found) if isinstance(found, tuple) else tuple(found) "
        "if isinstance(found, list) else found"
    ),
    "a float for an integer": (
        "found = _inner(*args)\nreturn float(found) if type(found) is int else found"
    ),
    "an integer for a truth": (
        "found = _inner(*args)\nreturn int(found) if isinstance(found, bool) else found"
    ),
    "text for a value": "return str(_inner(*args))",
    "a generator": "found = _inner(*args)\nreturn (one for one in [found])",
    "nothing": "_inner(*args)",
    "itself": "return ENTRY",
    "a fraction": (
        "from fractions import Fraction\nfound = _inner(*args)\n"
        "return Fraction(found) if type(found) is int else found"
    ),
    "a numpy number": (
        "import numpy\nfound = _inner(*args)\n"
        "return numpy.float64(found) if isinstance(found, float) else "
        "numpy.int64(found) if type(found) is int and abs(found) < 2**62 else found"
    ),
    "a numpy array": (
        "import numpy\nfound = _inner(*args)\n"
        "return numpy.array(found) if isinstance(found, list) else found"
    ),
    "an ordered dict": (
        "import collections\nfound = _inner(*args)\n"
        "return collections.OrderedDict(found) if isinstance(found, dict) else found"
    ),
    "a frozen set": (
        "found = _inner(*args)\nreturn frozenset(found) if isinstance(found, set) else found"
    ),
    "nearly the float": (
        "found = _inner(*args)\nreturn found * (1 + 1e-9) if isinstance(found, float) else found"
    ),
    "not quite the float": (
        "found = _inner(*args)\nreturn found + 1e-3 if isinstance(found, float) else found"
    ),
    "not a number": (
        "found = _inner(*args)\nreturn float('nan') if isinstance(found, float) else found"
    ),
    "draws at random": "import random\nreturn random.random()",
    "right at first": (
        "ENTRY.calls = getattr(ENTRY, 'calls', 0) + 1\n"
        "return _inner(*args) if ENTRY.calls < 3 else None"
    ),
    "remembers answers": (
        "key = repr(args)\nknown = ENTRY.__dict__\n"
        "known[key] = known[key] if key in known else _inner(*args)\nreturn known[key]"
    ),
    "warns": "import warnings\nwarnings.warn('old')\nreturn _inner(*args)",
    "a deep recursion limit": ("import sys\nsys.setrecursionlimit(100000)\nreturn _inner(*args)"),
}

WHOLE = {
    "exits at once": "raise SystemExit",
    "fails at once": "undefined_name",
    "asserts something false": "assert ENTRY is None",
    "has a main": "if __name__ == '__main__':\n    raise ValueError('run as a program')",
    "runs at once and prints": "print('ready')",
    "a class that is called": (
        "class ENTRY:\n    def __new__(cls, *args):\n        return _inner(*args)"
    ),
    "a lambda": "ENTRY = lambda *args: _inner(*args)",
    "equal to everything": (
        "class Equal:\n    def __eq__(self, other):\n        return True\n\n"
        "    __hash__ = None\n\n\ndef ENTRY(*args):\n    return Equal()"
    ),
}

#: These never end.
SELDOM = {
    "runs for ever": "while True:\n    pass",
    "runs for ever at last": (
        "ENTRY.calls = getattr(ENTRY, 'calls', 0) + 1\n"
        "while ENTRY.calls > 2:\n    pass\nreturn _inner(*args)"
    ),
    "counts for ever": "n = 0\nwhile n >= 0:\n    n += 1\nreturn n",
    "catches what stops it": (
        "while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass"
    ),
}


def call(body):
    indented = body.replace("\n", "\n    ")
    return f"def ENTRY(*args):\n    {indented}"


WRAPPERS = {
    **{kind: call(body) for kind, body in PLAIN.items()},
    **WHOLE,
    **{kind: call(body) for kind, body in SELDOM.items()},
}
