"""What happens inside a child: each input in a fresh namespace, one report after each."""

import builtins
import json
import marshal
import os
import sys
import time

from azr_sandbox import values

_write, _now, _dumps, _loads = os.write, time.process_time, json.dumps, marshal.loads
_name_of = type.__dict__["__name__"].__get__


def _send(pipe, report):
    body = _dumps(report).encode()
    view = memoryview(len(body).to_bytes(4, "little") + body)
    while view:
        view = view[_write(pipe, view) :]


class _Holder:
    """Stands for `f` in a call that has to be evaluated: gives back what it was called with."""

    def __call__(self, *positional, **keywords):
        return positional, keywords


def _arguments(payload, namespace):
    """Literals are values; any other call is evaluated after the program, in its namespace."""
    is_literal, blob = payload
    loaded = _loads(blob)
    if is_literal:
        return loaded
    entry = namespace["f"]
    namespace["f"] = _Holder()
    try:
        return eval(loaded, namespace)
    finally:
        namespace["f"] = entry


def _call(code, payload):
    namespace = {"__name__": "__program__", "__builtins__": builtins}
    exec(code, namespace)
    if "f" not in namespace:
        raise values.Outside("no f")
    positional, keywords = _arguments(payload, namespace)
    return namespace["f"](*positional, **keywords)


def _report(code, payload, limit):
    try:
        canonical, display = values.encode(_call(code, payload), limit)
    except values.Outside as error:
        return {"outcome": "rejected", "error": str(error)[:200]}
    except values.TooLong:
        return {"outcome": "outputTooLong"}
    except MemoryError:
        return {"outcome": "memoryExceeded"}
    except BaseException as error:
        return {"outcome": "raised", "error": _name_of(type(error))[:100]}
    return {"outcome": "returned", "output": display, "canonical": canonical}


def run(code, payloads, limit, pipe):
    """Reports on every payload, numbered from 0. A payload of None was refused by the front."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115
    for number, payload in enumerate(payloads):
        begun = _now()
        report = {"outcome": "rejected"} if payload is None else _report(code, payload, limit)
        report["cpuMs"] = round((_now() - begun) * 1000, 3)
        report["number"] = number
        _send(pipe, report)
