"""Calls one function on many inputs, one after another, in this process.

src/benchmarks/calls.ts runs it as a script in the sandbox, after choose.py. It is one long file
because the sandbox takes one text, without imports of our own.

Input: a line with a JSON object (entry, method, prelude, view, limits in seconds). A line with the
program as a JSON string, or the texts that may hold it, {texts, prompt}. Then the inputs, as JSON
or as Python text in JSON.

Output: a JSON line with the chosen program, then one for each call: how it ended, text, CPU
microseconds. The first call that does not return is the last, unless it was told to continue.

Expected values never come here.
"""

import __future__

import ast
import json
import os
import signal
import sys
import time
import traceback
from itertools import chain

MAX_TEXT = 1 << 17
# Seconds of CPU time that a top-level statement of a program in a completion may use.
LOAD_SECONDS = 10
NAME = "<completion>"
SIMPLE = (bool, int, float, complex, str, bytes, type(None))
# Below this a whole number is its own hash, whatever its type.
WORD = 1 << 60
NUMBERS, SEQUENCES = {bool, int, float}, {list, tuple}
# Parts with more members than this in total are only sampled.
MOST_MEMBERS = 1 << 22
values = sys.modules["azr_sandbox.values"]


class TooSlow(BaseException):
    pass


def stop(*_):
    raise TooSlow


def sleeper(seconds):
    """Sleep uses no CPU time, so it is counted against the limit at once."""
    real = time.sleep

    def sleep(wanted):
        if wanted >= seconds:
            raise TooSlow
        real(wanted)

    return sleep


def plain(value, depth=0):
    """The value, with numbers of other libraries such as numpy as equal Python numbers."""
    kind = type(value)
    if kind in (list, tuple, set, frozenset) and depth < values.MAX_DEPTH:
        return kind(plain(item, depth + 1) for item in value)
    if kind is dict and depth < values.MAX_DEPTH:
        return {plain(key, depth + 1): plain(item, depth + 1) for key, item in value.items()}
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


def mark_bytes(data, kind):
    import hashlib  # seldom needed, and slow to import

    return int.from_bytes(hashlib.blake2b(data, digest_size=8, person=kind).digest(), "little")


def mark_text(text):
    return mark_bytes(str.encode(text, "utf-8", "surrogatepass"), b"text")


def mark_number(value):
    if value != value:
        raise values.Outside("not a number, which equals nothing")
    if value == -1:  # Python uses the hash of -2 for it
        return mark_bytes(b"-1", b"whole")
    if isinstance(value, complex) or value - value != 0 or -WORD < value < WORD:
        return hash(value)
    value = int(value)
    return mark_bytes(value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True), b"whole")


def mark(value, depth=0):
    """A number that is equal for values that Python calls equal, and hardly ever for others.

    It uses only hashes of numbers, because those of texts differ between processes.
    """
    if value is None:
        return mark_bytes(b"", b"none")
    base = values._base(type(value))
    if base in SEQUENCES:
        return mark_all([base(value)], depth)
    if base is dict:
        pairs = ((mark(key, depth + 1), mark(item, depth + 1)) for key, item in value.items())
        return hash((2, frozenset(pairs)))
    if base in (set, frozenset):
        return hash((3, frozenset(mark(item, depth + 1) for item in value)))
    if base is str:
        return mark_text(value)
    return mark_bytes(value, b"bytes") if base is bytes else mark_number(value)


def are_hashes(numbers, has_floats):
    """Whether the mark of each is its hash."""
    if max(numbers) >= WORD or (least := min(numbers)) <= -WORD or least < 0 and -1 in numbers:
        return False
    return not has_floats or (total := sum(numbers)) == total


def mark_all(items, depth):
    """The members of all sequences at one depth, which mostly have one type."""
    if depth > values.MAX_DEPTH:
        raise values.Outside("value nested too deep")
    kinds = set(map(type, items))
    if kinds and kinds <= SEQUENCES:
        sizes = list(map(len, items))
        of_lists = list in kinds if len(kinds) == 1 else tuple(type(item) is list for item in items)
        some = items[:: sum(sizes) // MOST_MEMBERS + 1]
        members = mark_all(list(chain.from_iterable(some)), depth + 1)
        return hash((of_lists, tuple(sizes), members))
    if kinds == {str}:
        known = {text: mark_text(text) for text in set(items)}
        return hash(tuple(map(known.get, items)))
    # Hashes of numbers are their own hashes, so the short way gives the same result.
    if kinds and kinds <= NUMBERS and are_hashes(items, float in kinds):
        return hash(tuple(items))
    return hash(tuple([mark(item, depth + 1) for item in items]))


def long_text(value):
    """For values that are too long to show, and numbers with too many digits."""
    return f"<long {values._base(type(value)).__name__} {mark(value) & (1 << 64) - 1:016x}>"


def shown(value):
    first = None
    for taken in (lambda: value, lambda: plain(value)):
        for text in (lambda value: values.encode(value, MAX_TEXT), long_text):
            try:
                return "value", text(taken())
            except values.TooLong:
                continue
            except values.Outside as error:
                first = first or error.args[0]
    return "other", first or "value too long"


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
    except BaseException as error:
        kind, text, spent = (
            "raised",
            type(error).__name__[:100],
            time.process_time() - begun,
        )
    return kind, text, int(spent * 1e6)


def limited(code, namespace, seconds):
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.1)
    try:
        exec(code, namespace)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def execute(program, namespace):
    """Runs a program. If a top-level statement fails, continues with the next: a driver, a test or
    an example does not affect the function. A failed import ends it.
    """
    done, failure = 0, None
    try:
        return limited(compile(program, NAME, "exec"), namespace, LOAD_SECONDS)
    except BaseException as error:
        frames = traceback.walk_tb(error.__traceback__)
        lines = [line for frame, line in frames if frame.f_code.co_filename == NAME]
        done, failure = lines[0] if lines else 0, error
    flags = __future__.annotations.compiler_flag if "from __future__" in program else 0
    for node in ast.parse(program).body:
        is_import = isinstance(node, (ast.Import, ast.ImportFrom))
        if is_import and node.lineno <= done <= node.end_lineno:
            raise failure
        if min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))]) <= done:
            continue
        try:
            code = compile(ast.Module([node], []), NAME, "exec", flags)
            limited(code, namespace, LOAD_SECONDS)
        except BaseException:
            if is_import:
                raise


def load(job, given, tell):
    namespace, entry, method = {}, job["entry"], job["method"]
    exec(compile(job["prelude"], NAME, "exec"), namespace)
    if isinstance(given, str):
        exec(compile(given, NAME, "exec"), namespace)
    else:
        program = choose(given["texts"], given["prompt"], [entry, method] if method else [entry])  # noqa: F821
        tell("program", program or "", 0)
        if program is None:
            raise SyntaxError
        execute(program, namespace)
    if method and entry not in namespace:
        return namespace[method]
    return getattr(namespace[entry](), method) if method else namespace[entry]


def main():
    head, given, inputs = sys.stdin.buffer.read().split(b"\n", 2)
    job, given, inputs = json.loads(head), json.loads(given), json.loads(inputs)
    if isinstance(inputs, str):
        inputs = ast.literal_eval(inputs)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace")
    os.dup2(2, 1)

    def tell(*parts):
        out.write(json.dumps(parts) + "\n")
        if parts[0] == "program":  # before any of it runs: nothing can precede it
            out.flush()

    signal.signal(signal.SIGPROF, stop)
    time.sleep = sleeper(max(job["limits"]))
    try:
        function = load(job, given, tell)
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
