"""The walk through expressions: each place takes data, something that is consumed at once, or a
function.

Calls and their arguments are in arguments.py, statements in small.py, the meaning of names in
names.py. The file is long because its places refer to each other: the argument in
docs/explanation/sandbox.md follows it from top to bottom.
"""

import ast

from azr_sandbox import language
from azr_sandbox.language import TYPES
from azr_sandbox.names import (
    CONSUMED,
    GROUPS,
    HANDED,
    ITSELF,
    MATCHES,
    NAMED,
    TESTED,
    UNNAMED,
    Names,
    is_method,
    need,
)

# The types of the constants that exist once. Other equal numbers may be one object or two.
SINGLE = frozenset((type(None), bool))
SOURCES = {"groups": GROUPS, "matches": MATCHES}


def called(node):
    """The name of the called function, before its sort is known; None for anything else."""
    func = getattr(node, "func", None)
    return getattr(func, "id", None) or getattr(func, "attr", None)


class Expressions(Names):
    """`has_…` says what the program may make."""

    def __init__(self):
        super().__init__()
        self.has_sets = self.has_floats = self.has_views = self.has_set_operators = False

    def note_name(self, name, place=None):
        """Notes what a name of the language may make."""
        is_by_address = name == language.HASHED_BY_ADDRESS and place not in (None, CONSUMED)
        self.has_floats |= is_by_address or name in language.FLOAT_NAMES
        self.has_sets |= name in language.SET_NAMES
        # A view that is consumed at once is not an operand.
        self.has_views |= name in language.VIEWS and place != CONSUMED
        self.has_set_operators |= name == "operator"

    def plain(self, node):
        """A node with statements, data and operators only."""
        for name in node._fields:
            value = getattr(node, name)
            for item in value if type(value) is list else (value,):
                if isinstance(item, ast.stmt):
                    self.body((item,))
                elif isinstance(item, ast.expr):
                    (self.tested if name == "test" else self.data)(item)
                elif isinstance(item, ast.AST):
                    self.operator(item)

    def operator(self, node, other=None):
        """An operator with its right operand: a power of a whole number that is not negative is
        whole.
        """
        kind = type(node)
        need(kind in language.OPERATORS or kind is ast.Load or kind is ast.Store)
        if kind is ast.Div or kind is ast.Pow:
            is_whole = type(getattr(other, "value", None)) is int and other.value >= 0
            self.has_floats |= kind is ast.Div or not is_whole
        self.has_set_operators |= kind in language.SET_OPERATORS

    def data(self, node):
        kind = type(node)
        if kind is ast.Name:
            self.uses.append((node.id, "read"))
        elif kind is ast.Constant:
            self.has_floats |= type(node.value) is float or type(node.value) is complex
        else:
            walk = EXPRESSIONS.get(kind)
            need(walk)
            walk(self, node)

    def consumed(self, node):
        kind = type(node)
        if kind is ast.Name:
            self.uses.append((node.id, "consumed"))
            self.reached.add((node.id, self.scope))
        elif kind is ast.Call:
            self.call(node, CONSUMED)
        elif kind is ast.GeneratorExp:
            self.comprehension(node)
        else:
            self.data(node)

    def tested(self, node):
        """A place that only tests whether a value is true. Even a match of `re` is safe there."""
        kind = type(node)
        if kind is ast.Name:
            self.uses.append((node.id, "tested"))
        elif kind is ast.Call:
            self.call(node, TESTED)
        elif kind is ast.BoolOp:
            for value in node.values:
                self.tested(value)
        elif kind is ast.UnaryOp and type(node.op) is ast.Not:
            self.tested(node.operand)
        elif kind is ast.NamedExpr and self.sort_of(node.value) == "match":
            self.bind(node.target.id, "match")
            self.call(node.value, NAMED)
        else:
            self.data(node)

    def binary(self, node):
        self.operator(node.op, node.right)
        self.data(node.left)
        self.data(node.right)

    def unary(self, node):
        self.operator(node.op)
        (self.tested if type(node.op) is ast.Not else self.data)(node.operand)

    def either(self, node):
        """In `and`, all but the last are returned only if they are false, which no match is."""
        *first, last = node.values
        for value in first:
            (self.tested if type(node.op) is ast.And else self.data)(value)
        self.data(last)

    def formatted(self, node):
        self.data(node.value)
        if node.format_spec:
            self.data(node.format_spec)

    def handed(self, node, is_single, place=HANDED):
        """A function that the called one calls, with one argument if `is_single`."""
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

    def made(self, node, sort="data"):
        """A lambda whose parameters have this sort. Several in one name would be a tuple."""
        need(sort == "data" or not (node.args.vararg or node.args.kwarg))
        self.parameters(node.args, sort)
        with self.within():
            self.data(node.body)

    def subscript(self, node):
        if type(node.value) is ast.Name:
            self.uses.append((node.value.id, "item"))
        else:
            self.data(node.value)
        self.data(node.slice)

    def listed(self, node):
        for item in node.elts:
            self.data(item)

    def gathered(self, node):
        self.has_sets = True
        self.listed(node)

    def chosen(self, node):
        self.tested(node.test)
        self.data(node.body)
        self.data(node.orelse)

    def walrus(self, node):
        self.target(node.target)
        self.data(node.value)

    def starred(self, node):
        self.consumed(node.value)

    def source(self, node):
        """The source of `for target in source`, in a statement or a comprehension. Returns what it
        gives, for `taken`.
        """
        made = self.result_of(node) if type(node) is ast.Call else None
        if made in SOURCES:
            self.call(node, SOURCES[made])
        else:
            self.consumed(node)
        return made

    def taken(self, target, made):
        """The target of a source."""
        if made == "groups":
            need(type(target) is ast.Tuple and len(target.elts) == 2)
            key, group = target.elts
            need(type(group) is ast.Name)
            self.target(key)
            self.bind(group.id, "iterator")
        elif made == "matches":
            need(type(target) is ast.Name)
            self.bind(target.id, "match")
        else:
            self.target(target)

    def comprehension(self, node):
        """The first source is evaluated outside. Only a generator expression runs later."""
        self.has_sets |= type(node) is ast.SetComp
        made = self.source(node.generators[0].iter)
        with self.within(is_now=type(node) is not ast.GeneratorExp):
            for number, one in enumerate(node.generators):
                need(not one.is_async)
                self.taken(one.target, self.source(one.iter) if number else made)
                for test in one.ifs:
                    self.tested(test)
            for part in (node.key, node.value) if type(node) is ast.DictComp else (node.elt,):
                self.data(part)

    def compare(self, node):
        if called(node.left) == "type":
            self.compare_types(node)
            return
        is_asked = all(type(operator) in (ast.Is, ast.IsNot) for operator in node.ops)
        (self.tested if is_asked else self.data)(node.left)
        for operator, other in zip(node.ops, node.comparators, strict=True):
            if type(operator) is ast.Is or type(operator) is ast.IsNot:
                need(type(other) is ast.Constant and type(other.value) in SINGLE)
            else:
                self.operator(operator)
            self.data(other)

    def compare_types(self, node):
        """`type(x) is int`, `type(x) in (int, float)`, `type(x) == type(y)`."""
        operators = (ast.Is, ast.IsNot, ast.Eq, ast.NotEq, ast.In, ast.NotIn)
        need(all(type(operator) in operators for operator in node.ops))
        for one in (node.left, *node.comparators):
            if called(one) == "type":
                self.data(self.typed(one))
            else:
                self.types(one)

    def typed(self, node):
        """The argument of `type`: with more than one it would make a type."""
        need(type(node.func) is ast.Name and len(node.args) == 1 and not node.keywords)
        need(type(node.args[0]) is not ast.Starred)
        return node.args[0]

    def types(self, node):
        if type(node) is ast.Tuple:
            for item in node.elts:
                self.types(item)
        else:
            need(type(node) is ast.Name and node.id in TYPES)

    def attribute(self, node, place=None):
        """`base.name`: called or handed over as the place says, or a constant of a module."""
        base, name = node.value, node.attr
        self.note_name(name, place)
        if type(base) is ast.Name:
            self.note_name(base.id)
            self.dotted.append((base.id, name, place))
        elif name == "from_iterable":
            need(type(base) is ast.Attribute and type(base.value) is ast.Name)
            need(base.attr == "chain" and place == CONSUMED)
            self.dotted.append((base.value.id, "chain", CONSUMED))
        elif self.sort_of(base) in UNNAMED:
            self.dotted.append((UNNAMED[self.sort_of(base)], name, place))
            self.call(base, NAMED)
        else:
            need(is_method(name, place))
            self.data(base)


EXPRESSIONS = {
    **dict.fromkeys(language.PLAIN_NODES, Expressions.plain),
    ast.List: Expressions.listed,
    ast.Tuple: Expressions.listed,
    ast.IfExp: Expressions.chosen,
    ast.Subscript: Expressions.subscript,
    ast.Set: Expressions.gathered,
    ast.NamedExpr: Expressions.walrus,
    ast.Starred: Expressions.starred,
    ast.BinOp: Expressions.binary,
    ast.UnaryOp: Expressions.unary,
    ast.BoolOp: Expressions.either,
    ast.FormattedValue: Expressions.formatted,
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.DictComp: Expressions.comprehension,
    ast.Compare: Expressions.compare,
    ast.Attribute: Expressions.attribute,
    ast.Call: lambda walk, node: walk.call(node),
}
