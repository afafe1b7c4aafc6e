"""The walk through a program's definitions: functions, and plain classes, whose objects stay where
the walk can see them.

An object has its own name, or is used where it is made. Its fields hold data, its methods are only
called: its comparison, hash and text stay unseen.
"""

import ast

from azr_sandbox import language
from azr_sandbox.errors import Errors
from azr_sandbox.names import kind_of, need


class Objects(Errors):
    def __init__(self):
        super().__init__()
        # The table and key with the sort of the current function.
        self.function = None

    def define(self, node):
        for decorator in node.decorator_list:
            self.remember(decorator)
        if self.bound.get(node.name) != "generator":
            self.bind(node.name, "function")
        self.routine(node, self.bound)

    def remember(self, node):
        """`@cache`, `@lru_cache`, `@lru_cache(maxsize=None)`: it calls its function."""
        if type(node) is ast.Call:
            parts = [*node.args, *(keyword.value for keyword in node.keywords)]
            need(all(type(part) is ast.Constant for part in parts))
            node = node.func
        if type(node) is ast.Attribute and type(node.value) is ast.Name:
            need(self.bound.get(node.value.id) == ("functools", None))
            need(language.KINDS["functools"].get(node.attr) == "memo")
        else:
            need(type(node) is ast.Name and kind_of(self.bound.get(node.id)) == "memo")

    def routine(self, node, table, first="data"):
        """A function whose first parameter has this sort."""
        need(not getattr(node, "type_params", None))
        self.parameters(node.args, first)
        self.note(node.returns)
        outer = self.function, self.guarded
        self.function, self.guarded = (table, node.name), 0
        self.body(node.body)
        self.function, self.guarded = outer

    def parameters(self, node, first="data"):
        places = (*node.posonlyargs, *node.args)
        need(first == "data" or places)
        for one in (*places, *node.kwonlyargs, node.vararg, node.kwarg):
            if one is not None:
                self.bind(one.arg, first)
                self.note(one.annotation)
                first = "data"
        for default in (*node.defaults, *node.kw_defaults):
            if default is not None:
                self.data(default)

    def expression(self, node):
        value = node.value
        if type(value) is ast.Yield or type(value) is ast.YieldFrom:
            # A guard would run when the generator is closed, at an unknown time.
            need(self.function is not None and not self.guarded)
            table, name = self.function
            table[name] = "generator"
            if type(value) is ast.YieldFrom:
                self.consumed(value.value)
            elif value.value:
                self.data(value.value)
        else:
            self.data(value)

    def define_class(self, node):
        need(not (node.bases or node.keywords or node.decorator_list))
        need(not getattr(node, "type_params", None))
        self.bind(node.name, "class")
        for one in node.body:
            kind = type(one)
            if kind is ast.FunctionDef:
                self.method(one)
            elif kind is ast.Assign or kind is ast.AnnAssign:
                self.field(one)
            else:
                is_text = kind is ast.Expr and type(one.value) is ast.Constant
                need(kind is ast.Pass or is_text)

    def method(self, node):
        """Code in a class's own scope uses no names, because a method is a plain function there."""
        need(not node.decorator_list and (node.name == "__init__" or node.name[:2] != "__"))
        for default in (*node.args.defaults, *node.args.kw_defaults):
            self.nameless(default)
        self.methods.setdefault(node.name, "function")
        self.routine(node, self.methods, "object")

    def field(self, node):
        targets = [node.target] if type(node) is ast.AnnAssign else node.targets
        for target in targets:
            need(type(target) is ast.Name and target.id[:2] != "__")
            self.fields.add(target.id)
        self.note(getattr(node, "annotation", None))
        if node.value:
            self.nameless(node.value)
            self.data(node.value)

    def nameless(self, node):
        need(node is None or not any(type(one) is ast.Name for one in ast.walk(node)))
