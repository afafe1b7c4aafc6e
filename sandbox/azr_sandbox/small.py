"""Whether a program lies in the small language (language.py): a walk through its syntax tree.

A place in the tree takes data; or an iterator too, where it is consumed at once; or a function, to
be called by what it is handed to. A name stands for one of these throughout the program, whatever
the scope, so names are judged when the whole tree is known. Never runs anything.
"""

import ast
import builtins

from azr_sandbox import language
from azr_sandbox.arguments import Calls
from azr_sandbox.language import BUILTINS, KINDS, TYPES
from azr_sandbox.places import (
    CONSUMED,
    DATA,
    GROUPS,
    HANDED,
    ITSELF,
    ORDER,
    Beyond,
    called,
    is_method,
    makes_iterator,
    need,
)
from azr_sandbox.traits import Traits

# What is called, and the places that its result may stand in.
RESULTS = {
    "data": (DATA, CONSUMED),
    "lone": (DATA, CONSUMED),
    "function": (DATA, CONSUMED),
    "iterator": (CONSUMED,),
    "generator": (CONSUMED,),
    "factory": (HANDED, ORDER),
    "order": (ORDER,),
    "groups": (GROUPS,),
}
# What a program's own names may be called as.
CALLABLE = ("function", "generator")
TAKEN = frozenset(dir(builtins))
UNBOUND = {"base": TYPES, "note": TYPES, "handed": language.HANDED_BUILTINS}


class Small(Calls):
    """A program, walked through: raises Beyond, or says which values it may make."""

    def __init__(self, tree):
        super().__init__()
        self.function = None
        self.body(tree.body)
        need(all(self.may_use(self.bound.get(name), name, how) for name, how in self.uses))
        need(all(self.may_call(*call) for call in self.calls))
        need(all(self.may_dot(*one) for one in self.dotted))
        self.has_sets |= self.has_views and self.has_set_operators

    # Names. A builtin's is never bound: what is not bound is the builtin, or an error.

    def bind(self, name, sort):
        need(name not in TAKEN and not name.startswith("__"))
        need(self.bound.setdefault(name, sort) == sort)

    def kind(self, sort):
        """What the tables say of an import; of all else None."""
        if type(sort) is not tuple:
            return None
        module, name = sort
        return KINDS[module][name] if name else "module"

    def may_use(self, sort, name, how):
        if sort is None:
            return name in UNBOUND.get(how, ())
        kind = self.kind(sort)
        if how == "handed":
            return sort == "function" or kind == "data"
        if how == "note":
            return kind == "note"
        return sort == "data" or kind == "value" or (how == "consumed" and sort == "iterator")

    def may_call(self, name, place, is_special, taken_for):
        sort = self.bound.get(name)
        if sort is None:
            return place in RESULTS.get(BUILTINS.get(name), ())
        if type(sort) is tuple:
            return sort[1] == taken_for and place in RESULTS.get(self.kind(sort), ())
        return sort in CALLABLE and not is_special and place in RESULTS[sort]

    def may_dot(self, name, attribute, place):
        """`name.attribute`: a module's, or a method of data or of a type."""
        sort = self.bound.get(name)
        if self.kind(sort) == "module":
            kind = KINDS[sort[0]].get(attribute)
            if place is None or place == "note":
                return kind == (place or "value")
            return place in RESULTS.get(kind, ()) or (place == ITSELF and kind == "data")
        if attribute == "from_iterable":
            return sort == ("itertools", "chain") and place == CONSUMED
        return is_method(attribute, place) and self.may_use(sort, name, "base")

    # Statements.

    def body(self, nodes):
        for node in nodes:
            kind = type(node)
            need(kind in STATEMENTS or kind in language.PLAIN_NODES)
            STATEMENTS.get(kind, Small.plain)(self, node)

    def expression(self, node):
        value = node.value
        if type(value) is ast.Yield or type(value) is ast.YieldFrom:
            need(self.function is not None)
            self.bound[self.function] = "generator"
            if type(value) is ast.YieldFrom:
                self.consumed(value.value)
            elif value.value:
                self.data(value.value)
        else:
            self.data(value)

    def define(self, node):
        need(not node.decorator_list and not getattr(node, "type_params", None))
        if self.bound.get(node.name) != "generator":
            self.bind(node.name, "function")
        self.parameters(node.args)
        self.note(node.returns)
        outer, self.function = self.function, node.name
        self.body(node.body)
        self.function = outer

    def parameters(self, node):
        for one in (
            *node.posonlyargs,
            *node.args,
            *node.kwonlyargs,
            node.vararg,
            node.kwarg,
        ):
            if one is not None:
                self.bind(one.arg, "data")
                self.note(one.annotation)
        for default in (*node.defaults, *node.kw_defaults):
            if default is not None:
                self.data(default)

    def note(self, node, is_inner=False):
        """An annotation: types, subscripted by one another. Inside, a text would be compiled."""
        kind = type(node)
        if node is None or (kind is ast.Constant and (node.value in (None, ...) or not is_inner)):
            return
        if kind is ast.Name:
            self.uses.append((node.id, "note"))
        elif kind is ast.Attribute and type(node.value) is ast.Name:
            self.dotted.append((node.value.id, node.attr, "note"))
        else:
            parts = {
                ast.Subscript: lambda: (node.value, node.slice),
                ast.Tuple: lambda: node.elts,
                ast.BinOp: lambda: (node.left, node.right),
            }
            need(kind in parts and (kind is not ast.BinOp or type(node.op) is ast.BitOr))
            for part in parts[kind]():
                self.note(part, True)

    def give_back(self, node):
        if node.value:
            self.data(node.value)

    def assign(self, node):
        target, value = node.targets[0], node.value
        is_one = len(node.targets) == 1
        if is_one and type(target) is ast.Name and type(value) is ast.Lambda:
            self.bind(target.id, "function")
            self.made(value)
        elif is_one and type(target) is ast.Name and makes_iterator(value):
            self.bind(target.id, "iterator")
            self.consumed(value)
        else:
            for one in node.targets:
                self.target(one)
            is_unpacked = is_one and type(target) in (ast.Tuple, ast.List)
            (self.consumed if is_unpacked else self.data)(value)

    def assign_noted(self, node):
        self.note(node.annotation)
        self.target(node.target)
        if node.value:
            self.data(node.value)

    def assign_again(self, node):
        self.operator(node.op)
        self.target(node.target)
        self.data(node.value)

    def target(self, node):
        kind = type(node)
        if kind is ast.Name:
            self.bind(node.id, "data")
        elif kind is ast.Tuple or kind is ast.List:
            for item in node.elts:
                self.target(item)
        elif kind is ast.Starred:
            self.target(node.value)
        else:
            need(kind is ast.Subscript)
            self.subscript(node)

    def each(self, target, source):
        """`for target in source`, in a statement or a comprehension."""
        if called(source) == "groupby":
            need(type(target) is ast.Tuple and len(target.elts) == 2)
            key, group = target.elts
            need(type(group) is ast.Name)
            self.target(key)
            self.bind(group.id, "iterator")
            self.call(source, GROUPS)
        else:
            self.target(target)
            self.consumed(source)

    def loop(self, node):
        self.each(node.target, node.iter)
        self.body(node.body)
        self.body(node.orelse)

    def attempt(self, node):
        need(not node.finalbody)
        self.body(node.body)
        for handler in node.handlers:
            need(handler.name is None)
            kinds = handler.type.elts if type(handler.type) is ast.Tuple else [handler.type]
            need(all(type(one) is ast.Name and one.id in language.CATCHABLE for one in kinds))
            self.body(handler.body)
        self.body(node.orelse)

    def throw(self, node):
        error, cause = node.exc, node.cause
        need(cause is None or (type(cause) is ast.Constant and cause.value is None))
        if type(error) is ast.Call:
            need(not error.keywords)
            for argument in error.args:
                self.data(argument)
            error = error.func
        need(error is None or (type(error) is ast.Name and error.id in language.RAISABLE))

    def delete(self, node):
        for target in node.targets:
            self.target(target)

    def declare(self, node):
        need(not any(name in TAKEN or name.startswith("__") for name in node.names))

    def load(self, node):
        for alias in node.names:
            need(alias.name in KINDS)
            self.note_name(alias.name)
            self.bind(alias.asname or alias.name, (alias.name, None))

    def load_from(self, node):
        need(node.level == 0 and node.module in KINDS)
        self.note_name(node.module)
        for alias in node.names:
            need(alias.name in KINDS[node.module])
            self.note_name(alias.name)
            self.bind(alias.asname or alias.name, (node.module, alias.name))


STATEMENTS = {
    ast.FunctionDef: Small.define,
    ast.Return: Small.give_back,
    ast.Expr: Small.expression,
    ast.Assign: Small.assign,
    ast.AnnAssign: Small.assign_noted,
    ast.AugAssign: Small.assign_again,
    ast.For: Small.loop,
    ast.Try: Small.attempt,
    ast.Raise: Small.throw,
    ast.Delete: Small.delete,
    ast.Global: Small.declare,
    ast.Nonlocal: Small.declare,
    ast.Import: Small.load,
    ast.ImportFrom: Small.load_from,
}


def traits(tree):
    """What a program of the small language may make; None of all others."""
    try:
        program = Small(tree)
    except (Beyond, RecursionError):
        return None
    return Traits(program.has_sets, program.has_floats)
