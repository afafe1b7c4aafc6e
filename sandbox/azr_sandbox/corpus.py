"""Takes the functions out of a file that stand alone, each as a program that defines `f`.

Runs in the front only, which never runs a program. A method or a nested function is not taken. The
program has no comments and no docstrings, and only those imports that the function needs.
"""

import ast
import builtins
import symtable

from azr_sandbox.facts import FUNCTIONS, normalize, parameters

ENTRY = "f"
SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
BUILTINS = {name for name in dir(builtins) if not name.startswith("_")} | {"__import__"}


def functions(tree, find_outside):
    """The functions of a file in order: name, line, and the program or the reason why there is
    none. `find_outside` gives the import of a tree that is not in the library.
    """
    imports = _imports(tree)
    found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            methods = [inner for inner in node.body if isinstance(inner, FUNCTIONS)]
            found += [{**_place(inner), "reason": "is a method"} for inner in methods]
        elif isinstance(node, FUNCTIONS):
            found.append({**_place(node), **_program(node, imports, find_outside)})
    return found


def _place(node):
    return {"name": node.name, "line": node.lineno}


def _imports(tree):
    """The imports at the top of the file, by the name that each binds."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                found.setdefault(name, []).append(ast.Import([alias]))
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module != "__future__":
            for alias in node.names:
                one = ast.ImportFrom(node.module, [alias], 0)
                found.setdefault(alias.asname or alias.name, []).append(one)
    return found


def _program(node, imports, find_outside):
    try:
        reason = _form(node)
        if reason is not None:
            return {"reason": reason}
        needs, bound = _names(ast.unparse(node))
        needs.discard(node.name)
        has_globals = any(isinstance(inner, ast.Global) for inner in ast.walk(node))
        if has_globals or needs - set(imports) - BUILTINS:
            return {"reason": "needs other code of its file"}
        if node.name in bound or (node.name != ENTRY and ENTRY in bound | needs):
            return {"reason": "has another use for the name f or its own"}
        heads = [one for name, all in imports.items() if name in needs for one in all]
        program = ast.Module([*heads, _Renamed(node.name).visit(node)], [])
        if find_outside(program) is not None:
            return {"reason": "imports what is not in the library"}
        return {"program": normalize(program)}
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # some trees cannot be written
        return {"reason": "cannot be written as a program"}


def _form(node):
    """The reason why the form of the function does not suit; None if it does."""
    if isinstance(node, ast.AsyncFunctionDef):
        return "is async"
    if node.decorator_list:
        return "has a decorator"
    if not parameters(node.args):
        return "has no parameters"
    own = list(_own(node))
    if any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in own):
        return "is a generator"
    if not any(isinstance(inner, ast.Return) and inner.value is not None for inner in own):
        return "returns nothing"
    return None


def _own(node):
    """The nodes of a function's body, without those of functions and classes in it."""
    stack = list(node.body)
    while stack:
        inner = stack.pop()
        yield inner
        if not isinstance(inner, SCOPES):
            stack.extend(ast.iter_child_nodes(inner))


def _names(text):
    """The names that a function needs from outside, and those that are bound within it."""
    needs, bound = set(), set()
    tables = [symtable.symtable(text, "<function>", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            (needs if symbol.is_global() else bound).add(symbol.get_name())
    return needs, bound


class _Renamed(ast.NodeTransformer):
    """Renames the outermost function and its calls to itself."""

    def __init__(self, name):
        self.name = name

    def visit_FunctionDef(self, node):  # noqa: N802
        if node.name == self.name:
            node.name = ENTRY
        return self.generic_visit(node)

    def visit_Name(self, node):  # noqa: N802
        if node.id == self.name:
            node.id = ENTRY
        return node
