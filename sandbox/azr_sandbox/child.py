"""The work of a child: units one after another, each in a fresh namespace, with a report on each.

A unit is compiled code and a payload: an argument list, or a call to evaluate. Limits are watched
by the server. Scripts, which read standard input, are in script.py.
"""

import builtins
import functools
import gc
import marshal
import os
import re
import sys
import time
import types

from azr_sandbox import values
from azr_sandbox.jobs import FITS, REPORT, SCRIPT, SHARED

RETURNED, RAISED, MEMORY_EXCEEDED, OUTPUT_TOO_LONG, REJECTED = range(5)
# Names in handlers that errors.py puts before a program's own. In a shared child they notice that
# memory or stack ran out, and end it.
MEMORY, END = ".memory", ".end"
# The function that an argument list calls while it is evaluated. No program can spell it.
TAKE = ".take"
FLUSH_BYTES, FLUSH_SECONDS = 16384, 0.01
# Replaces a unit's number if the child ends by itself and no unit is to blame.
STOPPED = b"\xff\xff"

_write, _now, _loads, _leave = os.write, time.process_time, marshal.loads, os._exit
_name_of = type.__dict__["__name__"].__get__
_encode = values.encode
# Bound here because a program may replace them in builtins. It then breaks only itself.
_MemoryError, _RecursionError, _BaseException, _Outside, _TooLong = (
    MemoryError,
    RecursionError,
    BaseException,
    values.Outside,
    values.TooLong,
)
_memoryview, _int, _len, _type = memoryview, int, len, type
_encoded, _pack = str.encode, REPORT.pack
_exec, _eval, _builtins, _collect, _purge = exec, eval, builtins, gc.collect, re.purge
_end = functools.partial(_leave, 0)
_Module, _modules = types.ModuleType, sys.modules
_read, _close, _close_range = os.read, os.close, os.closerange


class _Holder:
    """The function whose call has to be evaluated. It returns its arguments."""

    def __call__(self, /, *positional, **keywords):
        return positional, keywords


def pack(number, micros, outcome, text=b""):
    """A report: length of the rest, number of the unit, outcome, CPU microseconds, text."""
    return _pack(_len(text) + 8, number, outcome, micros & 0xFFFFFFFF) + text


def write_all(fd, data):
    view = _memoryview(data)
    while view:
        view = view[_write(fd, view) :]


def namespace(name="__program__"):
    """The namespace of a new module, where pickle, dataclasses and typing look up names."""
    module = _modules[name] = _Module(name)
    found = module.__dict__
    found["__builtins__"] = _builtins
    return found


def arm(code, within, is_shared):
    """Defines the names that the handlers of errors.py use, if a program has some."""
    if MEMORY in code.co_names:
        within[MEMORY] = (_MemoryError, _RecursionError) if is_shared else ()
        within[END] = _end


# The first namespace is made in advance, which saves work in a child.
FIRST = namespace()


def _arguments(payload, within):
    """Literals are values. Any other call is evaluated after the program, in its namespace."""
    is_literal, loaded = _loads(payload)
    if is_literal:
        return loaded
    within[TAKE] = _Holder()
    try:
        return _eval(loaded, within)
    finally:
        del within[TAKE]


def take(first, pipe):
    """Reads the rest of a job that is longer than one read. Its writer is closed."""
    parts = [first]
    while part := os.read(pipe, 1 << 20):
        parts.append(part)
    return b"".join(parts)


class Place:
    """The parts that a template prepares for its children: two pipe ends, the ranges of descriptors
    to close, and the page that shows which unit is running; the functions to call first, and for
    a script.
    """

    def __init__(self, job, report, gaps, progress, first=None, script=None):
        self.job, self.report, self.gaps, self.progress = job, report, gaps, progress
        self.first, self.script = first, script


def live(place, is_last=True):
    """The whole life of a child: closes foreign descriptors, reads its job, and reports on each
    unit (code and payload, both marshalled). `progress` shows the running unit.

    Reports are held back for some milliseconds at most, so that a batch writes them together.
    Everything is in one function because each call touches memory, and so that a program finds as
    few frames below its own as a script does.
    """
    try:
        if place.first:
            place.first()
        for low, high in place.gaps:
            _close_range(low, high)
        job = _read(place.job, FITS)
        if _len(job) == FITS:
            job = take(job, place.job)
        _close(place.job)
        mode, limit, entry, units = _loads(job)
        pipe, progress = place.report, place.progress
        if mode != SHARED:
            progress.close()
            progress = None
            if mode == SCRIPT:
                return place.script(units[0][0], pipe)
        held, size = [], 0
        begun = flushed = _now()
        last = code = None
        for number, (blob, payload) in enumerate(units):
            if progress is not None:
                progress[:2] = _int.to_bytes(number + 1, 2, "little")
            if blob is not last:
                code, last = _loads(blob), blob
            own = FIRST if number == 0 else namespace()
            arm(code, own, progress is not None)
            text = ""
            try:
                _exec(code, own)
                if entry not in own:
                    raise _Outside(f"no {entry}")
                function = own[entry]  # before the input, which may bind the name to another
                positional, keywords = _arguments(payload, own)
                value = function(*positional, **keywords)
                outcome, text = RETURNED, _encode(value, limit)
            except _Outside as error:
                outcome, text = REJECTED, error.args[0][:200]
            except _TooLong:
                outcome = OUTPUT_TOO_LONG
            except _MemoryError:
                outcome = MEMORY_EXCEEDED
            except _BaseException as error:
                if progress is not None and _type(error) is _RecursionError:
                    outcome = MEMORY_EXCEEDED  # tells that it has to run alone
                else:
                    outcome, text = RAISED, _name_of(_type(error))[:100]
            if progress is not None:
                # Clears what a unit leaves in the unit's own time, including reference cycles, so
                # that the next unit pays neither memory nor time for it.
                value = function = positional = keywords = None
                own.clear()
                _collect()
                _purge()
            now = _now()
            text = _encoded(text, "utf-8", "backslashreplace")
            held.append(pack(number, _int((now - begun) * 1e6), outcome, text))
            size += _len(text)
            begun = now
            if size > FLUSH_BYTES or now - flushed > FLUSH_SECONDS:
                write_all(pipe, b"".join(held))
                held, size, flushed = [], 0, now
            if progress is not None and outcome == MEMORY_EXCEEDED:
                # After memory or stack ran out, the state is unknown.
                progress[:2] = STOPPED
                break
        write_all(pipe, b"".join(held))
    except _MemoryError:  # the job itself is too large
        write_all(place.report, pack(0, 0, MEMORY_EXCEEDED))
    finally:
        if is_last:
            _leave(0)
