"""Whether a program that imports is tame: a walk through its syntax tree. Never runs it.

Such a program may set attributes only on `self`, and only where it holds no class of the library
that could be taken for it; what it imports it may use as tame.py says.
"""

import ast
import re

from azr_sandbox import tame

FIELDS = re.compile(r"\{[^{}:!]*[.\[]")
KINDS = tame.kinds()


class Visit:
    """Goes through a tree once; `role` is how a node is used: bare, call, base, dot …

    Uses are looked at when the tree is done: only then is known what was imported.
    """

    def __init__(self, library):
        self.library = library
        self.is_tame = True
        self.outside = None
        self.modules = set()  # dotted names of what is imported
        self.aliases = {}  # name in the program: module
        self.taken = {}  # name in the program: kind of what was taken from a module
        self.names = []  # (name, role, is it read)
        self.attributes = []  # (node, role)
        self.stores = False
        self.holds_class = False
        self.special = {
            ast.Name: self._name,
            ast.Attribute: self._attribute,
            ast.Call: self._call,
            ast.ClassDef: self._class,
            ast.FunctionDef: self._function,
            ast.AsyncFunctionDef: self._function,
            ast.AnnAssign: self._annotated,
            ast.arg: self._argument,
            ast.Import: self._import,
            ast.ImportFrom: self._take_from,
        }

    def judge(self, tree):
        self._below(tree, "bare")
        for node, role in self.attributes:
            self._judge_attribute(node, role)
        for name, role, is_read in self.names:
            self._judge_name(name, role, is_read)
        if self.stores and self.holds_class:
            self.is_tame = False
        # Its methods hold it: the front looks for such circles seldom.
        self.special.clear()
        return self

    def wild(self):
        self.is_tame = False

    def walk(self, node, role):
        special = self.special.get(type(node))
        if special:
            special(node, role)
        else:
            self._below(node, "note" if role == "note" else "bare")

    def _below(self, node, role):
        for field in node._fields:
            value = getattr(node, field, None)
            if type(value) is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        self.walk(item, role)
            elif isinstance(value, ast.AST) and value._fields:
                self.walk(value, role)

    def _each(self, nodes, role):
        for node in nodes:
            self.walk(node, role)

    def _import(self, node, role):
        for alias in node.names:
            self._module(alias.name)
            if "." in alias.name and alias.asname is None:
                self.wild()
            self.aliases[alias.asname or alias.name] = alias.name

    def _module(self, name):
        if name.split(".")[0] not in self.library:
            self.outside = self.outside or name
        if name not in KINDS and name not in tame.WHOLE:
            self.wild()
        self.modules.add(name)

    def _take_from(self, node, role):
        if node.level or node.module is None:
            self.outside = self.outside or "." * node.level + (node.module or "")
            return
        self._module(node.module)
        for alias in node.names:
            kind = self._kind(node.module, alias.name)
            if kind is None:
                self.wild()
            self.taken[alias.asname or alias.name] = kind

    def _kind(self, module, name):
        if module in tame.WHOLE:
            return None if name.startswith("_") else "free"
        return KINDS.get(module, {}).get(name)

    def _function(self, node, role):
        self._decorators(node)
        self.walk(node.args, "bare")
        self._each(node.body, "bare")
        if node.returns:
            self.walk(node.returns, "note")

    def _class(self, node, role):
        self._decorators(node)
        self._each(node.bases, "base")
        if node.keywords:
            self.wild()
        self._each(node.body, "bare")

    def _decorators(self, node):
        for one in node.decorator_list:
            if type(one) is ast.Call:
                self._call(one, "decorator")
            else:
                self.walk(one, "decorator")

    def _annotated(self, node, role):
        self.walk(node.annotation, "note")
        self.walk(node.target, "bare")
        if node.value:
            self.walk(node.value, "bare")

    def _argument(self, node, role):
        if node.annotation:
            self.walk(node.annotation, "note")

    def _call(self, node, role):
        func = node.func
        self.walk(func, "decorator" if role == "decorator" else "call")
        self._each(node.args, "bare")
        for keyword in node.keywords:
            self.walk(keyword.value, "bare")
        if type(func) is ast.Name and func.id == "type" and len(node.args) != 1:
            self.wild()

    def _name(self, node, role):
        self.names.append((node.id, role, type(node.ctx) is ast.Load))

    def _attribute(self, node, role):
        self.attributes.append((node, role))
        base = node.value
        if type(base) is not ast.Name:
            self.walk(base, "dot")

    def _judge_name(self, name, role, is_read):
        if name in self.aliases or name == "__annotations__":
            self.wild()  # a module stands before a dot and nowhere else
        elif is_read and name in self.taken:
            self._use(self.taken[name], role)

    def _use(self, kind, role):
        if kind in ("class", "member"):
            self.holds_class = True
        if kind in ("function", "class"):
            may = role in ("call", "base", "dot", "decorator", "note")
        else:
            may = kind in ("free", "member") or kind == role
        if not may:
            self.wild()

    def _judge_attribute(self, node, role):
        base, name = node.value, node.attr
        owner = base.id if type(base) is ast.Name else None
        if owner in self.aliases:
            self._use(self._kind(self.aliases[owner], name), role)
            if type(node.ctx) is not ast.Load:
                self.wild()
            return
        if owner is not None:
            self._judge_name(owner, "dot", True)
        if type(node.ctx) is not ast.Load:
            self.stores = True
            if owner != "self":
                self.wild()
        if name == "__annotations__" or (name[0] == "_" and not self._may_be_private(owner, name)):
            self.wild()
        if name == "format" and not is_plain_text(base):
            self.wild()

    def _may_be_private(self, owner, name):
        return name.startswith("__") or (owner in ("self", "other") and "enum" not in self.modules)


def is_plain_text(node):
    """A string that takes no attribute of what it formats."""
    return type(node) is ast.Constant and type(node.value) is str and not FIELDS.search(node.value)
