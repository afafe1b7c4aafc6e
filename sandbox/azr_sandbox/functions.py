"""The walk through a program's functions: parameters, annotations, generators.

Annotations are taken out of the tree, so that none is evaluated. Only those are let in that cannot
fail. Classes and decorators are not in the language.
"""

import ast

from azr_sandbox import language
from azr_sandbox.errors import Errors
from azr_sandbox.facts import parameters
from azr_sandbox.language import ALIASES, TYPES
from azr_sandbox.names import need


class Functions(Errors):
    def __init__(self):
        super().__init__()
        # The name of the current function.
        self.function = None
        # True once a node was removed from the tree or added to it.
        self.is_rewritten = False
        # Names that imports at the head of the program bound so far. Annotations may use them.
        self.noted = set()

    def define(self, node):
        need(not (node.decorator_list or getattr(node, "type_params", None)))
        if self.bound.get(node.name) != "generator":
            self.bind(node.name, "function")
        self.parameters(node.args)
        self.note(node.returns)
        self.is_rewritten |= node.returns is not None
        node.returns = None
        outer = self.function, self.guarded
        self.function, self.guarded = node.name, 0
        with self.within():
            self.body(node.body)
        self.function, self.guarded = outer

    def parameters(self, node, sort="data"):
        for one in parameters(node):
            self.bind(one.arg, sort)
            self.note(one.annotation)
            self.is_rewritten |= one.annotation is not None
            one.annotation = None
        for default in (*node.defaults, *node.kw_defaults):
            if default is not None:
                self.data(default)

    def expression(self, node):
        value = node.value
        if type(value) is ast.Yield or type(value) is ast.YieldFrom:
            # A guard would run when the generator is closed, at an unknown time.
            need(self.function is not None and not self.guarded)
            self.bound[self.function] = "generator"
            if type(value) is ast.YieldFrom:
                self.consumed(value.value)
            elif value.value:
                self.data(value.value)
        else:
            self.data(value)

    def note(self, node):
        """An annotation: a constant or a type."""
        if node is not None and type(node) is not ast.Constant:
            self.noted_type(node)

    def noted_type(self, node, is_part=False):
        """A type whose evaluation cannot fail. A part may not be a bare `Optional` or `Union`."""
        if type(node) is ast.Subscript:
            parts = node.slice.elts if type(node.slice) is ast.Tuple else [node.slice]
            name = self.noted_name(node.value)
            if name in ("tuple", "Tuple") and len(parts) == 2 and is_only(parts[1], ...):
                parts = parts[:1]
            need(parts and len(parts) in ALIASES.get(name, ()))
            for part in parts:
                if not is_only(part, None):
                    self.noted_type(part, True)
        elif type(node) is ast.BinOp:
            need(type(node.op) is ast.BitOr)
            self.noted_type(node.left, True)
            if not is_only(node.right, None):
                self.noted_type(node.right, True)
        else:
            need(self.noted_name(node) not in language.BARE or not is_part)

    def noted_name(self, node):
        """The true name of a type."""
        if type(node) is ast.Attribute:
            need(type(node.value) is ast.Name and node.value.id in self.noted)
            need(self.bound[node.value.id] == ("typing", None))
            name = node.attr
        else:
            need(type(node) is ast.Name)
            if node.id in TYPES:
                return node.id
            need(node.id in self.noted)
            module, name = self.bound[node.id]
            need(module == "typing" and name is not None)
        need(language.KINDS["typing"].get(name) == "note")
        return name


def is_only(node, value):
    return type(node) is ast.Constant and node.value is value
