"""The front: parses, describes and compiles programs, reads literals. Never runs a program.

Requests: inspect, literal, arguments, prepare. One process for the whole pool, one request at a
time, in order.
"""

import ast
import functools
import gc
import marshal
import os
import signal
import sys
import warnings

from azr_sandbox import confine, facts, literals, values, wire

MAX_TEXT = 65536
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


class Refused(Exception):
    """The text is no program, no literal or no argument list; says why."""


def explain(error):
    """One line that holds nothing but the kind of error and what the parser says of it."""
    if isinstance(error, SyntaxError):
        where = f" (line {error.lineno})" if error.lineno else ""
        return f"{type(error).__name__}: {error.msg}{where}"
    if isinstance(error, (RecursionError, MemoryError)):
        return "SyntaxError: too deeply nested"
    if isinstance(error, UnicodeError):
        return "SyntaxError: text holds a lone surrogate"
    return f"SyntaxError: {error}"


def parse(program):
    if len(program) > MAX_TEXT:
        raise Refused(f"program longer than {MAX_TEXT} characters")
    try:
        return ast.parse(program, "<program>")
    except UNREADABLE as error:
        raise Refused(explain(error)) from error


def compiled(tree, mode="exec"):
    try:
        return compile(tree, "<program>" if mode == "exec" else "<input>", mode, dont_inherit=True)
    except UNREADABLE as error:
        raise Refused(explain(error)) from error


def inspect(request):
    tree = parse(request["text"])
    compiled(tree)
    try:
        return {"facts": facts.describe(tree)}, b""
    except UNREADABLE as error:
        raise Refused(explain(error)) from error


def encoded(write, *parts):
    try:
        return write(*parts, 16 * MAX_TEXT)
    except values.Outside as error:
        raise Refused(str(error)) from error
    except values.TooLong as error:
        raise Refused("value too long") from error


def read_literal(request):
    text = bounded(request["text"])
    try:
        value = literals.read_expression(text)
    except literals.NotLiteral as error:
        raise Refused("not a literal") from error
    except UNREADABLE as error:
        raise Refused(explain(error)) from error
    canonical, display = encoded(values.encode, value)
    return {"canonical": canonical, "display": display}, b""


def read_arguments(request):
    call = parse_call(request["text"])
    try:
        arguments = literals.read_call(call.body)
    except literals.NotLiteral as error:
        raise Refused("not literals") from error
    canonical, display = encoded(values.encode_arguments, *arguments)
    return {"canonical": canonical, "display": display}, b""


def bounded(text):
    if len(text) > MAX_TEXT:
        raise Refused(f"input longer than {MAX_TEXT} characters")
    return text


def parse_call(text):
    try:
        return literals.parse_call(bounded(text))
    except UNREADABLE as error:
        raise Refused(f"input: {explain(error)}") from error


@functools.lru_cache(maxsize=512)
def compile_program(program):
    """The marshalled code; the same program is mostly asked for many inputs, one after another."""
    return marshal.dumps(compiled(parse(program)))


@functools.lru_cache(maxsize=2048)
def prepare_input(text):
    """((is a literal, its value or the code of the call, marshalled), canonical or None)."""
    call = parse_call(text)
    try:
        positional, keywords = literals.read_call(call.body)
    except literals.NotLiteral:
        return (False, marshal.dumps(compiled(call, "eval"))), None
    canonical, _ = encoded(values.encode_arguments, positional, keywords)
    return (True, marshal.dumps((positional, keywords))), canonical


def prepare(request):
    """What a server needs to run a program on its inputs. A refused input has its own error."""
    code = compile_program(request["text"])
    reports, payloads = [], []
    for text in request["inputs"]:
        try:
            payload, canonical = prepare_input(text)
            report = {"literal": payload[0], "canonical": canonical}
        except Refused as error:
            payload, report = None, {"literal": False, "canonical": None, "error": str(error)}
        payloads.append(payload)
        reports.append(report)
    return {"inputs": reports}, marshal.dumps((code, payloads))


OPERATIONS = {
    "inspect": inspect,
    "literal": read_literal,
    "arguments": read_arguments,
    "prepare": prepare,
}


def answer(request):
    try:
        reply, body = OPERATIONS[request["op"]](request)
    except Refused as refusal:
        reply, body = {"error": str(refusal)}, b""
    except UNREADABLE as error:  # a text must not end the front, whatever it is
        reply, body = {"error": explain(error)}, b""
    return {"id": request["id"], **reply}, body


def main():
    control_in, control_out = wire.take_control()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    confine.limit_front()
    warnings.simplefilter("ignore")
    sys.dont_write_bytecode = True
    gc.freeze()
    wire.write_frame(control_out, {"hello": "front", "pid": os.getpid()})
    while (frame := wire.read_frame(control_in)) is not None:
        wire.write_frame(control_out, *answer(frame[0]))
