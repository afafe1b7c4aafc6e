"""The walk through expressions: each place takes data, what is consumed at once, or a function.

Calls and their arguments are in arguments.py; statements, and what a name stands for, in small.py.
"""

import ast

from azr_sandbox import language
from azr_sandbox.language import TYPES

# HANDED is for a call that gives a function, ORDER for one whose results are only compared, ITSELF
# for one that is named.
DATA, CONSUMED, HANDED, ORDER, ITSELF, GROUPS = range(6)
SINGLE = frozenset((None, True, False))


class Beyond(Exception):
    """The small language has no such thing."""


def need(is_so):
    if not is_so:
        raise Beyond


def called(node):
    """The name of what is called, before it is known what that is; None of all else."""
    func = getattr(node, "func", None)
    return getattr(func, "id", None) or getattr(func, "attr", None)


def makes_iterator(node):
    if type(node) is ast.Call and type(node.func) is ast.Name:
        return language.BUILTINS.get(node.func.id) == "iterator"
    return type(node) is ast.GeneratorExp


def is_method(name, place):
    if name in language.ITERATOR_METHODS:
        return place == CONSUMED
    return name in language.METHODS and place in (DATA, CONSUMED, ITSELF)


class Expressions:
    """`has_…`: what the program may make. `uses`, `calls`, `dotted`: names, to be judged later."""

    def __init__(self):
        self.bound = {}  # name: its sort, or (module, name or None) of an import
        self.uses = []  # (name, how): read, consumed, base, handed, note
        self.calls = []  # (name, place, whether an argument is no data, what it was taken for)
        self.dotted = []  # (name, attribute, place), the place None where it is not called
        self.has_sets = self.has_floats = self.has_views = self.has_set_operators = False

    def note_name(self, name):
        """Keeps in mind what a name of the language may make."""
        self.has_floats |= name in language.FLOAT_NAMES
        self.has_sets |= name in language.SET_NAMES
        self.has_views |= name in language.VIEWS
        self.has_set_operators |= name == "operator"

    def plain(self, node):
        """Holds statements, data and operators, and nothing else."""
        for name in node._fields:
            value = getattr(node, name)
            for item in value if type(value) is list else (value,):
                if isinstance(item, ast.stmt):
                    self.body((item,))
                elif isinstance(item, ast.expr):
                    self.data(item)
                elif isinstance(item, ast.AST):
                    self.operator(item)

    def operator(self, node):
        kind = type(node)
        need(kind in language.OPERATORS or kind is ast.Load or kind is ast.Store)
        self.has_floats |= kind is ast.Div or kind is ast.Pow
        self.has_set_operators |= kind in language.SET_OPERATORS

    def data(self, node):
        kind = type(node)
        if kind is ast.Name:
            self.uses.append((node.id, "read"))
        elif kind is ast.Constant:
            self.has_floats |= type(node.value) is float or type(node.value) is complex
        else:
            need(kind in EXPRESSIONS or kind in language.PLAIN_NODES)
            EXPRESSIONS.get(kind, Expressions.plain)(self, node)

    def consumed(self, node):
        kind = type(node)
        if kind is ast.Name:
            self.uses.append((node.id, "consumed"))
        elif kind is ast.Call:
            self.call(node, CONSUMED)
        elif kind is ast.GeneratorExp:
            self.comprehension(node)
        else:
            self.data(node)

    def handed(self, node, is_single, place=HANDED):
        """A function that what it is handed to calls, with one argument where it is single."""
        kind = type(node)
        if kind is ast.Lambda:
            self.made(node)
        elif kind is ast.Name:
            self.note_name(node.id)
            if node.id != "str" or not is_single:  # a second argument would name a codec
                self.uses.append((node.id, "handed"))
        elif kind is ast.Attribute:
            need(node.attr not in ("encode", "decode", "format"))
            self.attribute(node, ITSELF)
        elif kind is ast.Call:
            self.call(node, place)
        else:
            need(kind is ast.Constant and node.value is None)

    def made(self, node):
        """A lambda."""
        self.parameters(node.args)
        self.data(node.body)

    def subscript(self, node):
        self.data(node.value)
        self.data(node.slice)

    def gathered(self, node):
        self.has_sets = True
        self.plain(node)

    def walrus(self, node):
        self.target(node.target)
        self.data(node.value)

    def starred(self, node):
        self.consumed(node.value)

    def comprehension(self, node):
        self.has_sets |= type(node) is ast.SetComp
        for one in node.generators:
            need(not one.is_async)
            self.each(one.target, one.iter)
            for test in one.ifs:
                self.data(test)
        for part in (node.key, node.value) if type(node) is ast.DictComp else (node.elt,):
            self.data(part)

    def compare(self, node):
        if called(node.left) == "type":
            self.compare_types(node)
            return
        self.data(node.left)
        for operator, other in zip(node.ops, node.comparators, strict=True):
            if type(operator) is ast.Is or type(operator) is ast.IsNot:
                need(type(other) is ast.Constant and other.value in SINGLE)
            else:
                self.operator(operator)
            self.data(other)

    def compare_types(self, node):
        """`type(x) is int`, `type(x) in (int, float)`, `type(x) == type(y)`."""
        operators = (ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.In, ast.NotIn)
        need(all(type(operator) in operators for operator in node.ops))
        for one in (node.left, *node.comparators):
            if called(one) == "type":
                need(type(one.func) is ast.Name and len(one.args) == 1 and not one.keywords)
                self.data(one.args[0])
            else:
                self.types(one)

    def types(self, node):
        if type(node) is ast.Tuple:
            for item in node.elts:
                self.types(item)
        else:
            need(type(node) is ast.Name and node.id in TYPES)

    def attribute(self, node, place=None):
        """`base.name`: called or handed over as the place says, else a constant of a module."""
        base, name = node.value, node.attr
        self.note_name(name)
        if type(base) is ast.Name:
            self.note_name(base.id)
            self.dotted.append((base.id, name, place))
        elif name == "from_iterable":
            need(type(base) is ast.Attribute and type(base.value) is ast.Name)
            need(base.attr == "chain" and place == CONSUMED)
            self.dotted.append((base.value.id, "chain", CONSUMED))
        else:
            need(is_method(name, place))
            self.data(base)


EXPRESSIONS = {
    ast.Subscript: Expressions.subscript,
    ast.Set: Expressions.gathered,
    ast.NamedExpr: Expressions.walrus,
    ast.Starred: Expressions.starred,
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.DictComp: Expressions.comprehension,
    ast.Compare: Expressions.compare,
    ast.Attribute: Expressions.attribute,
    ast.Call: lambda walk, node: walk.call(node),
}
