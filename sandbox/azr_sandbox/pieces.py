"""The top level of a file in pieces, which a function may bring along: imports, functions and
simple constants. Runs in the front only, which never runs a program.

A name that something else binds, or that is bound twice, has a reason why it cannot come along.
"""

import ast
import builtins
import symtable
from functools import cached_property

from azr_sandbox.facts import BINDING_FIELDS, FUNCTIONS, normalize

IMPORTS = (ast.Import, ast.ImportFrom)
SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
BUILTINS = {name for name in dir(builtins) if not name.startswith("_")} | {"__import__"}
# The nodes of a simple constant, and what it may call.
LITERALS = (ast.Constant, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Starred, ast.keyword)
READS = (ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.expr_context)
SIMPLE = (*LITERALS, *READS, ast.UnaryOp, ast.unaryop, ast.BinOp, ast.operator)
MAKERS = ("dict", "float", "frozenset", "list", "range", "re.compile", "set", "tuple")
# The values that another statement of the file may change.
CHANGEABLE = (ast.List, ast.Set, ast.Dict, ast.Call)

CLASS = "needs a class of its file"
COMPUTED = "needs a value that its file computes"
BLOCK = "needs a name that its file binds in a block"
TWICE = "needs a name that its file binds twice"
SET = "needs a name that a function of its file sets"
PACKAGE = "needs an import from its own package"
STAR = "needs a name of a star import"
UNWRITABLE = "cannot be written as a program"
NOWHERE = "needs a name that its file does not define"


class Unfit(Exception):
    """The reason why a function cannot be a program."""


class Piece:
    """A statement of the top level. `at` is its place among the pieces of its file."""

    def __init__(self, at, node, names):
        self.at, self.node, self.names = at, node, frozenset(names)

    @property
    def text(self):
        """Without comments and docstrings."""
        return self._read[0]

    @property
    def needs(self):
        """The names that it needs from elsewhere, in order."""
        return self._read[1]

    @property
    def bound(self):
        """The names that are bound within it."""
        return self._read[2]

    @property
    def _read(self):
        if self._tried is None:
            raise Unfit(UNWRITABLE)
        return self._tried

    @cached_property
    def _tried(self):
        """None if it fails, so that it fails once only: that takes longer than success."""
        try:
            text = normalize(ast.Module([self.node], []))
            needs, bound = _symbols(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # some trees are too deep
            return None
        return text, sorted(needs - self.names), bound

    @cached_property
    def has_global(self):
        return any(isinstance(inner, ast.Global) for inner in ast.walk(self.node))


def _symbols(text):
    """The names that a text needs from outside or binds itself, and those bound in its scopes."""
    needs, bound = set(), set()
    tables = [symtable.symtable(text, "<piece>", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            (needs if symbol.is_global() else bound).add(symbol.get_name())
    return needs, bound


class Top:
    """The pieces of a file by the names that they bind, and the reasons of all other names."""

    def __init__(self, tree):
        self.functions = {}  # piece by node
        self._pieces, self._reasons, self._has_star, self._count = {}, {}, False, 0
        touched, constants = set(), []
        for node in tree.body:
            if isinstance(node, ast.Import):
                self._import(node)
            elif isinstance(node, ast.ImportFrom):
                self._import_from(node)
            elif isinstance(node, FUNCTIONS):
                self.functions[node] = self._add(node, [node.name])
            elif isinstance(node, ast.ClassDef):
                self._refuse([node.name], CLASS)
            elif (constant := _constant(node)) is not None:
                constants.append(self._add(constant, _bound_by(constant)))
            elif not _is_without_effect(node):
                is_block = isinstance(getattr(node, "body", None), list)
                self._refuse(_bound_by(node), BLOCK if is_block else COMPUTED)
                touched |= {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Global):
                self._reasons |= dict.fromkeys(node.names, SET)
        for constant in constants:
            is_changeable = any(isinstance(one, CHANGEABLE) for one in ast.walk(constant.node))
            if is_changeable and constant.names & touched:
                self._reasons |= dict.fromkeys(constant.names, COMPUTED)

    def pieces_of(self, name):
        """The pieces that bind a name; none if it is a builtin. Throws Unfit."""
        reason = self._reasons.get(name)
        if reason is None and name not in self._pieces and name not in BUILTINS:
            reason = STAR if self._has_star else NOWHERE
        if reason is not None:
            raise Unfit(reason)
        return self._pieces.get(name, [])

    def _import(self, node):
        for alias in node.names:
            self._add(ast.Import([alias]), [alias.asname or alias.name.partition(".")[0]])

    def _import_from(self, node):
        for alias in node.names if node.module != "__future__" else ():
            name = alias.asname or alias.name
            if name == "*":
                self._has_star = True
            elif node.level:
                self._refuse([name], PACKAGE)
            else:
                self._add(ast.ImportFrom(node.module, [alias], 0), [name])

    def _add(self, node, names):
        piece = Piece(self._count, node, names)
        self._count += 1
        for name in piece.names:
            others = self._pieces.setdefault(name, [])
            # `import os` and `import os.path` bind the same name. A program needs both.
            are_imports = all(isinstance(one.node, IMPORTS) for one in (piece, *others))
            if name in self._reasons or (others and not are_imports):
                self._reasons[name] = TWICE
            others.append(piece)
        return piece

    def _refuse(self, names, reason):
        for name in names:
            is_known = name in self._pieces or name in self._reasons
            self._reasons[name] = TWICE if is_known else reason


def own_nodes(nodes):
    """These nodes and those below them, without what is inside of functions and classes."""
    stack = list(nodes)
    while stack:
        inner = stack.pop()
        yield inner
        if not isinstance(inner, SCOPES):
            stack.extend(ast.iter_child_nodes(inner))


def _bound_by(statement):
    """The names that a statement binds."""
    names = set()
    for node in own_nodes([statement]):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        elif not isinstance(node, ast.keyword):
            found = [getattr(node, field, None) for field in BINDING_FIELDS]
            names.update(name for name in found if isinstance(name, str))
    return sorted(names)


def _constant(node):
    """The statement as an assignment, if it gives names a simple constant; else None."""
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        node = ast.Assign([node.target], node.value)
    if not isinstance(node, ast.Assign):
        return None
    targets = [inner for target in node.targets for inner in ast.walk(target)]
    are_names = all(isinstance(one, (ast.Name, ast.Tuple, ast.expr_context)) for one in targets)
    return node if are_names and all(_is_simple(one) for one in ast.walk(node.value)) else None


def _is_simple(node):
    if not isinstance(node, ast.Call):
        return isinstance(node, SIMPLE)
    base = getattr(node.func, "value", node.func)
    return isinstance(base, ast.Name) and ast.unparse(node.func) in MAKERS


def _is_without_effect(node):
    """Finds statements that bind nothing when the file is imported: `name: annotation`, and
    `if __name__ == "__main__":` with its body.
    """
    if isinstance(node, ast.AnnAssign):
        return node.value is None
    test = getattr(node, "test", None)
    if not isinstance(node, ast.If) or node.orelse or not isinstance(test, ast.Compare):
        return False
    return getattr(test.left, "id", None) == "__name__" and isinstance(test.ops[0], ast.Eq)
