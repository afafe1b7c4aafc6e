"""The walk through expressions: each place takes data, what is consumed at once, or a function.

Statements, and what a name stands for, are in small.py.
"""

import ast
import re

from azr_sandbox import language
from azr_sandbox.language import TYPES

# HANDED is for a call that gives a function, ITSELF for one that is named.
DATA, CONSUMED, HANDED, ITSELF, GROUPS = range(5)
SINGLE = frozenset((None, True, False))
# A field of a format: no attribute and no item of what it shows.
FIELD = re.compile(r"\{\{|\}\}|\{[0-9A-Za-z_]*(?:![rsa])?(?::(?:[^{}]|\{[0-9A-Za-z_]*\})*)?\}")


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


def is_constant(node, kinds):
    return type(node) is ast.Constant and type(node.value) in kinds


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

    def handed(self, node, is_single):
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
            self.call(node, HANDED)
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

    def call(self, node, place=DATA):
        func, name = node.func, called(node)
        need(name is not None)
        is_name = type(func) is ast.Name
        sort = self.bound.get(name) if is_name else None
        # What it was imported as, and one's own: how arguments are taken goes by the true name.
        real = sort[1] if type(sort) is tuple else None if sort else name
        if real in SPECIAL:
            SPECIAL[real](self, node)
            is_special = True
        else:
            is_special = self.arguments(node, real)
        if is_name:
            self.note_name(name)
            self.calls.append((name, place, is_special, real))
        else:
            self.attribute(func, place)

    def arguments(self, node, name):
        """Says whether one stands where a function of the program would take data alone."""
        count = len(node.args)
        handed_at = language.HANDED.get(name)
        consumed_at = language.CONSUMES.get(name, ())
        if name in language.LONE and count != 1:
            consumed_at = ()
        is_single = name in language.ONE_ARGUMENT and count == 2
        is_special = False
        for at, argument in enumerate(node.args):
            if type(argument) is ast.Starred:
                self.starred(argument)
                # What follows stands nobody knows where.
                handed_at, consumed_at, is_single = None, (), False
            elif at == handed_at:
                is_special = True
                self.handed(argument, is_single)
            elif at in consumed_at:
                is_special = True
                self.consumed(argument)
            else:
                self.data(argument)
        for keyword in node.keywords:
            if keyword.arg == "key" and name in language.KEYED:
                is_special = True
                self.handed(keyword.value, True)
            else:
                self.data(keyword.value)
        return is_special

    def call_text(self, node):
        """`str(x)`: with more than one argument it names a codec."""
        need(len(node.args) < 2 and not node.keywords)
        need(type(node.func) is ast.Name)
        for argument in node.args:
            need(type(argument) is not ast.Starred)
            (self.data if node.func.id == "str" else self.consumed)(argument)

    def call_codec(self, node):
        need(type(node.func) is ast.Attribute and len(node.args) < 3)
        given = list(zip(("encoding", "errors"), node.args, strict=False))
        given += [(keyword.arg, keyword.value) for keyword in node.keywords]
        allowed = {"encoding": language.CODECS, "errors": language.HANDLERS}
        for name, one in given:
            need(name in allowed and is_constant(one, (str,)) and one.value in allowed[name])

    def call_lone(self, node):
        """A second argument would be filled with addresses."""
        need(len(node.args) == 1 and not node.keywords and type(node.args[0]) is not ast.Starred)
        self.data(node.args[0])

    def call_format(self, node):
        if type(node.func) is ast.Attribute:
            text = node.func.value
            need(is_constant(text, (str,)) and not set("{}") & set(FIELD.sub("", text.value)))
        self.arguments(node, None)

    def call_isinstance(self, node):
        need(len(node.args) == 2 and not node.keywords)
        self.data(node.args[0])
        self.types(node.args[1])

    def call_defaultdict(self, node):
        """What it makes of nothing is a type, as its text names that."""
        first, *others = node.args or (ast.Constant(None),)
        need(is_constant(first, (type(None),)) or (type(first) is ast.Name and first.id in TYPES))
        self.note_name(getattr(first, "id", None))
        for one in others:
            self.consumed(one)
        for keyword in node.keywords:
            self.data(keyword.value)


SPECIAL = {
    "str": Expressions.call_text,
    "bytes": Expressions.call_text,
    "encode": Expressions.call_codec,
    "decode": Expressions.call_codec,
    "format": Expressions.call_format,
    "deepcopy": Expressions.call_lone,
    "isinstance": Expressions.call_isinstance,
    "defaultdict": Expressions.call_defaultdict,
}
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
    ast.Call: Expressions.call,
}
