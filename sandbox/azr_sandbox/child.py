"""What happens in a child: units one after another, each in a fresh namespace, a report on each.

A unit is compiled code and a payload: an argument list, or a call to evaluate. Not here: limits,
which the server watches, and scripts, which read standard input (script.py).
"""

import builtins
import gc
import marshal
import os
import time

from azr_sandbox import values
from azr_sandbox.jobs import REPORT

RETURNED, RAISED, MEMORY_EXCEEDED, OUTPUT_TOO_LONG, REJECTED = range(5)
# What an argument list is a call of, while it is evaluated; no program can spell it.
TAKE = ".take"
FLUSH_BYTES, FLUSH_SECONDS = 16384, 0.01
# In place of a unit's number: the child ends by itself, and nobody is to blame.
STOPPED = b"\xff\xff"

_write, _now, _loads = os.write, time.process_time, marshal.loads
_name_of = type.__dict__["__name__"].__get__
_encode = values.encode
# Bound here: a program may replace them in builtins, and breaks no more than itself.
_MemoryError, _BaseException, _Outside, _TooLong = (
    MemoryError,
    BaseException,
    values.Outside,
    values.TooLong,
)
_memoryview, _int, _len, _type = memoryview, int, len, type
_encoded, _pack = str.encode, REPORT.pack
_exec, _eval, _builtins, _collect = exec, eval, builtins, gc.collect


class _Holder:
    """What a call that has to be evaluated is a call of: gives back what it was given."""

    def __call__(self, *positional, **keywords):
        return positional, keywords


def pack(number, micros, outcome, text=b""):
    """A report: length of what follows, number of the unit, outcome, CPU microseconds, text."""
    return _pack(_len(text) + 8, number, outcome, micros & 0xFFFFFFFF) + text


def write_all(fd, data):
    view = _memoryview(data)
    while view:
        view = view[_write(fd, view) :]


def _arguments(payload, namespace):
    """Literals are values; any other call is evaluated after the program, in its namespace."""
    is_literal, loaded = _loads(payload)
    if is_literal:
        return loaded
    namespace[TAKE] = _Holder()
    try:
        return _eval(loaded, namespace)
    finally:
        del namespace[TAKE]


def _call(code, payload, entry, namespace):
    _exec(code, namespace)
    if entry not in namespace:
        raise _Outside(f"no {entry}")
    function = namespace[entry]  # before the input, which may bind the name to another
    positional, keywords = _arguments(payload, namespace)
    return function(*positional, **keywords)


def attempt(code, payload, entry, limit, namespace):
    """(outcome, text) of one unit."""
    try:
        return RETURNED, _encode(_call(code, payload, entry, namespace), limit)
    except _Outside as error:
        return REJECTED, error.args[0][:200]
    except _TooLong:
        return OUTPUT_TOO_LONG, ""
    except _MemoryError:
        return MEMORY_EXCEEDED, ""
    except _BaseException as error:
        return RAISED, _name_of(_type(error))[:100]


def run(units, entry, limit, pipe, progress):
    """Reports on all units: (code, payload), both marshalled. `progress` shows the one at work.

    Reports are held back for some milliseconds at most: for a batch they go in one write.
    """
    held, size = [], 0
    begun = flushed = _now()
    last = code = None
    for number, (blob, payload) in enumerate(units):
        if progress is not None:
            progress[:2] = _int.to_bytes(number + 1, 2, "little")
        if blob is not last:
            code, last = _loads(blob), blob
        namespace = {"__name__": "__program__", "__builtins__": _builtins}
        outcome, text = attempt(code, payload, entry, limit, namespace)
        if progress is not None:
            # What a unit leaves is cleared away in its own time, also what holds itself: the next
            # one pays neither memory nor time for it.
            namespace.clear()
            _collect()
        now = _now()
        text = _encoded(text, "utf-8", "backslashreplace")
        held.append(pack(number, _int((now - begun) * 1e6), outcome, text))
        size += _len(text)
        begun = now
        if size > FLUSH_BYTES or now - flushed > FLUSH_SECONDS:
            write_all(pipe, b"".join(held))
            held, size, flushed = [], 0, now
        if progress is not None and outcome == MEMORY_EXCEEDED:
            # Nobody knows what was left half done when memory ran out.
            progress[:2] = STOPPED
            break
    write_all(pipe, b"".join(held))
