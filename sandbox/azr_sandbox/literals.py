"""Reads Python literals from syntax trees, without evaluating anything. Runs in the front only.

In addition to ast.literal_eval it reads inf, nan, float('inf'), set(), set([...]), frozenset(...)
and complex(1, 2), so that every display text can be read back.
"""

import ast
import json
import re

NAMES = {"inf": float("inf"), "nan": float("nan")}
FLOATS = {"inf", "-inf", "+inf", "nan", "-nan", "+nan", "infinity", "-infinity"}
# Numbers, brackets, and strings without quotes and escapes: JSON reads them as Python does.
PLAIN = re.compile(r"(?:[\]\[{}0-9,.:\- ]|'[^'\"\\\x00-\x1f]*')*")
PLAIN_DEPTH = 100


class NotLiteral(Exception):
    """Raised for an expression that would have to be evaluated."""


def read_expression(text):
    """The value of a text that is one literal; raises SyntaxError, ValueError or NotLiteral."""
    return read_node(ast.parse(text.strip(), mode="eval").body)


def read_plain(text):
    """The positional arguments of most texts, in a fifth of the time. None means that they need a
    full parse.
    """
    if not text.isascii() or text.count("[") + text.count("{") > PLAIN_DEPTH:
        return None
    if not PLAIN.fullmatch(text):
        return None
    try:
        return json.loads(f"[{text}]".replace("'", '"'))
    except ValueError:
        return None


def parse_call(text):
    """The syntax tree of `f(text)`, given that text is one argument list."""
    tree = ast.parse(f"f({text}\n)", mode="eval")
    call = tree.body
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise SyntaxError("input is not one argument list")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 2
    if call.end_lineno != lines or call.end_col_offset != 1:
        raise SyntaxError("input is not one argument list")
    names = [keyword.arg for keyword in call.keywords if keyword.arg is not None]
    if len(set(names)) < len(names):  # the compiler would say so, and literals skip it
        raise SyntaxError("keyword argument repeated")
    return tree


class _Numbers(ast.NodeTransformer):
    """Puts the numbers in place of `inf` and `nan`."""

    def visit_Name(self, node):  # noqa: N802
        if node.id in NAMES and isinstance(node.ctx, ast.Load):
            return ast.copy_location(ast.Constant(NAMES[node.id]), node)
        return node


def with_numbers(tree):
    """The tree of a call that has to be evaluated. `inf` and `nan` are the numbers there too,
    unless it uses the names for something else.
    """
    for node in ast.walk(tree):
        name = node.arg if isinstance(node, ast.arg) else getattr(node, "id", None)
        if name in NAMES and not isinstance(getattr(node, "ctx", None), ast.Load):
            return tree
    return _Numbers().visit(tree)


def read_call(call):
    """(positional, keywords) of a call made of literals."""
    if any(keyword.arg is None for keyword in call.keywords):
        raise NotLiteral
    try:
        positional = [read_node(node) for node in call.args]
        return positional, {keyword.arg: read_node(keyword.value) for keyword in call.keywords}
    except (RecursionError, OverflowError) as error:  # deep, or 10**400 + 1j: for the child
        raise NotLiteral from error


def read_node(node):
    match node:
        case ast.Constant(value=value) if value is not ...:
            return value
        case ast.List(elts=items):
            return [read_node(item) for item in items]
        case ast.Tuple(elts=items):
            return tuple(read_node(item) for item in items)
        case ast.Set(elts=items):
            return _collect(set, [read_node(item) for item in items])
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return _collect(
                dict, [(read_node(k), read_node(v)) for k, v in zip(keys, values, strict=True)]
            )
        case ast.Name(id=name) if name in NAMES:
            return NAMES[name]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            number = _number(read_node(operand))
            return -number if isinstance(sign, ast.USub) else +number
        case ast.BinOp(op=ast.Add() | ast.Sub() as sign, left=left, right=right):
            return _complex(sign, read_node(left), read_node(right))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _call(name, [read_node(arg) for arg in args])
    raise NotLiteral


def _number(value):
    if type(value) not in (int, float, complex):
        raise NotLiteral
    return value


def _complex(sign, left, right):
    if type(left) not in (int, float) or type(right) is not complex:
        raise NotLiteral
    return left + right if isinstance(sign, ast.Add) else left - right


def _collect(kind, items):
    try:
        return kind(items)
    except TypeError as error:  # an unhashable item: the child will raise it
        raise NotLiteral from error


def _call(name, args):
    match name, args:
        case "set", []:
            return set()
        case "frozenset", []:
            return frozenset()
        case "set" | "frozenset", [list() | tuple() | set() | frozenset() as items]:
            return _collect(set if name == "set" else frozenset, items)
        case "float", [str() as text] if text.strip().lower() in FLOATS:
            return float(text)
        case "complex", [int() | float() as real, int() | float() as imag]:
            return complex(real, imag)
    raise NotLiteral
