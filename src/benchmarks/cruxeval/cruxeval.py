"""Decides what may stand for a value in an answer. grade.ts runs this in the sandbox.

An output has to be written, not computed: a program would do what the question asks of the model.
An input may call methods and have lambdas, as some of the benchmark's own do. It may not make
classes: an object with its own `==` or `__iter__` can equal anything.
"""

import ast
import builtins

PLAIN = (
    *(ast.Expression, ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Load),
    *(ast.UnaryOp, ast.unaryop, ast.BinOp, ast.operator, ast.keyword),
)
MAKERS = ("set", "frozenset", "dict", "list", "tuple", "float", "complex", "bytes", "range")
NAMES = {name: getattr(builtins, name) for name in MAKERS}
NAMES |= {"inf": float("inf"), "nan": float("nan"), "__builtins__": {}}
#: With these a class can be made or reached, or a program changed.
BARRED = (
    *("type", "object", "super", "getattr", "setattr", "delattr", "vars", "globals", "locals"),
    *("eval", "exec", "compile", "open", "input", "breakpoint", "memoryview", "property"),
)


class NotAValue(Exception):
    pass


def is_plain(node):
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name)
    return isinstance(node, PLAIN) or isinstance(node, ast.Name) and node.id in NAMES


def is_tame(node):
    if isinstance(node, ast.Attribute):
        return not node.attr.startswith("_")
    if isinstance(node, ast.Name):
        return node.id not in BARRED and not node.id.startswith("__")
    return not isinstance(node, ast.NamedExpr)


def value(text):
    """The value of an output."""
    tree = ast.parse(text.strip(), mode="eval")
    if not all(is_plain(node) for node in ast.walk(tree)):
        raise NotAValue
    return eval(compile(tree, "<answer>", "eval"), dict(NAMES))


def arguments(text):
    """Refuses arguments of a call that are not what they look like."""
    tree = ast.parse(f"f({text}\n)", mode="eval")
    if not all(is_tame(node) for node in ast.walk(tree)):
        raise NotAValue
