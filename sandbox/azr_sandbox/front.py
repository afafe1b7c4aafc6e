"""The front: parses, screens and compiles programs, reads literals. Never runs a program.

One process serves the whole pool, one text at a time, in order. A signal ends it if a text takes
too much CPU time, so that the client knows which text it was.
"""

import ast
import contextlib
import gc
import marshal
import os
import signal
import sys
import time
import warnings

from azr_sandbox import (
    child,
    confine,
    corpus,
    facts,
    kernel,
    literals,
    screen,
    seccomp,
    values,
    wire,
)
from azr_sandbox.caching import cached
from azr_sandbox.traits import traits_of

MEMORY = 1 << 30
TEXT_SECONDS = 0.5
SEND_SECONDS = 0.02
MAX_TEXT = 65536
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)


class Refused(Exception):
    """The reason why a text is not a program, a literal or an argument list."""


def explain(error):
    """One line with the type of the error and the parser's message only."""
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
    return {"facts": facts.describe(tree)}, ()


def functions(request):
    tree, longest = parse(request["text"]), request["longest"]
    return {"functions": corpus.functions(tree, the_screen.outside, longest)}, ()


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
    return {"display": encoded(values.encode, value)}, ()


def read_arguments(request):
    call = parse_call(request["text"])
    try:
        arguments = literals.read_call(call.body)
    except literals.NotLiteral as error:
        raise Refused("not literals") from error
    return {"display": encoded(values.encode_arguments, *arguments)}, ()


def bounded(text):
    if len(text) > MAX_TEXT:
        raise Refused(f"input longer than {MAX_TEXT} characters")
    return text


def parse_call(text):
    try:
        return literals.parse_call(bounded(text))
    except UNREADABLE as error:
        raise Refused(f"input: {explain(error)}") from error


@cached(512)
def compile_program(program):
    """Returns the marshalled code, and its traits if it may share."""
    if len(program) > MAX_TEXT:
        raise Refused(f"program longer than {MAX_TEXT} characters")
    try:
        tree, traits, outside = None, None, None
        with contextlib.suppress(RecursionError, MemoryError):  # some trees are deeper than ours
            tree = ast.parse(program, "<program>")
            traits, outside = the_screen.sort(tree)
        # The parser makes the same tree of the same text, and compiling the text is faster. Only a
        # tree that was rewritten has to be compiled itself.
        source = tree if traits and traits.is_rewritten else program
        code = compile(source, "<program>", "exec", dont_inherit=True)
    except UNREADABLE as error:
        raise Refused(explain(error)) from error
    if outside is not None:
        raise Refused(f"imports what is not in the library: {outside[:100]}")
    return marshal.dumps(code), traits


@cached(2048)
def prepare_input(text):
    """(marshalled: whether it is a literal, its value or the call's code; display text of a
    literal; traits)
    """
    if (plain := literals.read_plain(bounded(text))) is not None:
        return marshal.dumps((True, (plain, {}))), repr(plain)[1:-1], traits_of(plain)
    call = parse_call(text)
    try:
        positional, keywords = literals.read_call(call.body)
    except literals.NotLiteral:
        call.body.func.id = child.TAKE
        code = compiled(literals.with_numbers(call), "eval")
        return marshal.dumps((False, code)), None, None
    display = encoded(values.encode_arguments, positional, keywords)
    held = traits_of([positional, keywords])
    return marshal.dumps((True, (positional, keywords))), display, held


def prepare(request):
    """The data that a server needs to run a program on its inputs. A refused input has its own
    error.

    For each input: length of its payload, display text of a literal, error, whether the program may
    share a child on it.
    """
    code, traits = compile_program(request["text"])
    seen, parts = [], [code]
    for text in request["inputs"]:
        try:
            payload, display, held = prepare_input(text)
            may_share = bool(traits and held and traits.goes_with(held))
            seen.append([len(payload), display, None, may_share])
            parts.append(payload)
        except Refused as error:
            seen.append([0, None, str(error), False])
    return {"code": len(code), "inputs": seen}, parts


def prepare_script(request):
    code, _ = compile_program(request["text"])
    return {"code": len(code)}, [code]


OPERATIONS = {
    "inspect": inspect,
    "functions": functions,
    "literal": read_literal,
    "arguments": read_arguments,
    "prepare": prepare,
    "script": prepare_script,
}


def answer(request):
    signal.setitimer(signal.ITIMER_PROF, TEXT_SECONDS)
    try:
        return OPERATIONS[request["op"]](request)
    except Refused as refusal:
        return {"error": str(refusal)}, ()
    except UNREADABLE as error:  # a text must not end the front, whatever it is
        return {"error": explain(error)}, ()


def serve(control):
    """Answers are sent together, but none waits long for those behind it."""
    requests = wire.Reader(control[0])
    while (frame := requests.read()) is not None:
        request, _ = frame
        answers, bodies, sent = [], [], time.process_time()
        for ask in request["asks"]:
            header, parts = answer(ask)
            answers.append(header)
            bodies += parts
            if time.process_time() - sent > SEND_SECONDS:
                wire.write_frame(control[1], {"answers": answers}, bodies)
                answers, bodies, sent = [], [], time.process_time()
        signal.setitimer(signal.ITIMER_PROF, 0)
        if answers:
            wire.write_frame(control[1], {"answers": answers}, bodies)


def main(options):
    global the_screen
    control = wire.take_control()
    layers = confine.Layers(options.without)
    confine.enter_namespaces(layers, own_processes=False)
    warnings.simplefilter("ignore")
    sys.dont_write_bytecode = True
    the_screen = screen.Screen(options.preload, options.without)
    try:
        confine.confine(layers, MEMORY)
        seccomp.Filter(seccomp.front_filter()).put_on()
    except kernel.Refused as refusal:
        wire.write_frame(control[1], {"refused": str(refusal)})
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    # Syntax trees are large and have no cycles. The search for cycles took a tenth of the time.
    gc.set_threshold(50_000)
    layers.note("seccomp", True, "a list of calls")
    hello = {"hello": "front", "pid": os.getpid(), "layers": layers.found}
    wire.write_frame(control[1], hello)
    serve(control)
