"""Calls one function on many inputs, one after another, in this one process.

Run as a script in the sandbox by src/grading/calls.ts. In, on standard input: a JSON object on a
line (entry, method, view, limits in seconds, whether inputs are Python text), the program as a JSON
string on the next, the inputs after it. Out: a JSON line for each call: how it ended, text, CPU
microseconds; the first one that does not return is the last, unless it is told to go on. What is
expected is never here.
"""

import ast
import json
import os
import signal
import sys
import time

MAX_TEXT = 1 << 22
SIMPLE = (bool, int, float, complex, str, bytes, type(None))
values = sys.modules["azr_sandbox.values"]


class TooSlow(BaseException):
    pass


def stop(*_):
    raise TooSlow


def sleeper(seconds):
    """Sleep takes no CPU time, so it is held against the limit at once."""
    real = time.sleep

    def sleep(wanted):
        if wanted >= seconds:
            raise TooSlow
        real(wanted)

    return sleep


def plain(value):
    """What is equal to numbers without being one of ours, and lies in containers of ours."""
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        return kind(plain(item) for item in value)
    if kind is dict:
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, SIMPLE):
        return value
    if kind.__module__ == "numpy" and getattr(value, "ndim", None) == 0:
        return value.item()
    if kind.__name__ in ("Fraction", "Decimal") and kind.__module__ in (
        "fractions",
        "decimal",
    ):
        near = int(value) if value == int(value) else float(value)
        return near if near == value else value
    return value


VIEWS = {
    "": lambda value: value,
    "set": set,
    "is there": lambda value: value if isinstance(value, bool) else value is not None,
    "list": lambda value: list(value) if isinstance(value, tuple) else value,
}


def shown(value):
    try:
        return "value", values.encode(value, MAX_TEXT)
    except values.Outside as error:
        first = error.args[0]
    try:
        return "value", values.encode(plain(value), MAX_TEXT)
    except values.Outside:
        return "other", first


def attempt(function, arguments, view, limit):
    begun = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, limit, 0.1)
    try:
        try:
            value = function(*arguments)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        spent = time.process_time() - begun
        kind, text = shown(view(value))
    except TooSlow:
        kind, text, spent = "slow", "", limit
    except values.TooLong:
        kind, text = "other", "value too long"
    except BaseException as error:
        kind, text, spent = (
            "raised",
            type(error).__name__[:100],
            time.process_time() - begun,
        )
    return kind, text, int(spent * 1e6)


def load(job, program):
    namespace = {}
    exec(compile(program, "<program>", "exec"), namespace)
    owner = namespace[job["entry"]]
    return getattr(owner(), job["method"]) if job["method"] else owner


def main():
    head, program, inputs = sys.stdin.buffer.read().split(b"\n", 2)
    job, program, inputs = json.loads(head), json.loads(program), json.loads(inputs)
    if isinstance(inputs, str):
        inputs = ast.literal_eval(inputs)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
    os.dup2(2, 1)

    def tell(*parts):
        out.write(json.dumps(parts) + "\n")

    signal.signal(signal.SIGPROF, stop)
    time.sleep = sleeper(max(job["limits"]))
    try:
        function = load(job, program)
    except (SyntaxError, ValueError) as error:
        tell("unread", type(error).__name__, 0)
    except BaseException as error:
        tell("unloaded", type(error).__name__[:100], 0)
    else:
        view, limits = VIEWS[job["view"]], job["limits"]
        for number, arguments in enumerate(inputs):
            found = attempt(function, arguments, view, limits[min(number, len(limits) - 1)])
            tell(*found)
            if found[0] in ("raised", "slow") and not job["goesOn"]:
                break
    out.flush()


main()
