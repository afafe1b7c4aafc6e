"""Whether a program is in the small language (language.py): a walk through its syntax tree.

A place in the tree takes data. Some also take an iterator that is consumed at once, or a function
that is called there. A name stands for one of these throughout the program, whatever the scope
(names.py). It never runs anything.
"""

import ast

from azr_sandbox import errors, language
from azr_sandbox.functions import Functions
from azr_sandbox.language import KINDS
from azr_sandbox.names import NAMED, TAKEN, Beyond, need
from azr_sandbox.traits import Traits


class Small(Functions):
    """The walk through one program. Raises Beyond, or says which values it may make."""

    def __init__(self, tree):
        super().__init__()
        for node in tree.body:
            self.body((node,))
            if type(node) is ast.Import or type(node) is ast.ImportFrom:
                self.noted.update(alias.asname or alias.name for alias in node.names)
        self.judge()
        self.has_sets |= self.has_views and self.has_set_operators
        self.is_rewritten |= self.is_guarded
        if self.is_guarded:
            errors.mention(tree)

    def body(self, nodes):
        for node in nodes:
            walk = STATEMENTS.get(type(node))
            need(walk)
            walk(self, node)

    def give_back(self, node):
        if node.value:
            self.data(node.value)

    def assign(self, node):
        target, value = node.targets[0], node.value
        is_one = len(node.targets) == 1
        sort = self.sort_of(value) if is_one and type(target) is ast.Name else "data"
        if sort != "data":
            self.bind(target.id, sort)
            if sort == "function":
                self.made(value)
            elif sort == "iterator":
                self.consumed(value)
            else:
                self.call(value, NAMED)
        else:
            for one in node.targets:
                self.target(one)
            is_unpacked = is_one and type(target) in (ast.Tuple, ast.List)
            (self.consumed if is_unpacked else self.data)(value)

    def assign_noted(self, node):
        self.note(node.annotation)
        self.is_rewritten = True
        node.annotation = ast.copy_location(ast.Constant(None), node.annotation)
        self.target(node.target)
        if node.value:
            self.data(node.value)

    def assign_again(self, node):
        self.operator(node.op, node.value)
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

    def branch(self, node):
        """`if` and `while`."""
        self.tested(node.test)
        self.body(node.body)
        self.body(node.orelse)

    def loop(self, node):
        self.taken(node.target, self.source(node.iter))
        self.body(node.body)
        self.body(node.orelse)

    def delete(self, node):
        for target in node.targets:
            self.target(target)

    def declare(self, node):
        need(not any(name in TAKEN or name.startswith("__") for name in node.names))
        self.declared.update(node.names)

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
            # Under another name it might be the entry, and would be called with any arguments.
            need(KINDS[node.module][alias.name] != "lone" or alias.asname in (None, alias.name))
            self.note_name(alias.name)
            self.bind(alias.asname or alias.name, (node.module, alias.name))


STATEMENTS = {
    **dict.fromkeys(language.PLAIN_NODES, Small.plain),
    ast.If: Small.branch,
    ast.While: Small.branch,
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
    """The values that a program of the small language may make; None for all others. The tree loses
    its annotations (functions.py) and may be given additional handlers (errors.py).
    """
    try:
        program = Small(tree)
    except (Beyond, RecursionError):
        return None
    return Traits(program.has_sets, program.has_floats, program.is_rewritten)
