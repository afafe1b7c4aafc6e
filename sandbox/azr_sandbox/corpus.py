"""Takes the functions out of a file, each as a program that defines `f`.

Runs in the front only, which never runs a program. A method or a nested function is not taken. The
program has no comments and no docstrings. The function brings along what it needs of its file, and
nothing else (pieces.py).
"""

import ast

from azr_sandbox.facts import FUNCTIONS, parameters
from azr_sandbox.pieces import UNWRITABLE, Top, Unfit, own_nodes

ENTRY = "f"


def functions(tree, find_outside, longest):
    """The functions of a file in order: name, line, and the program or the reason why there is
    none. `find_outside` gives the import of a tree that is not in the library. None brings along
    more than `longest` characters.
    """
    top = Top(tree)
    found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            methods = [inner for inner in node.body if isinstance(inner, FUNCTIONS)]
            found += [{**_place(inner), "reason": "is a method"} for inner in methods]
        elif isinstance(node, FUNCTIONS):
            found.append({**_place(node), **_judged(node, top, find_outside, longest)})
    return found


def _place(node):
    return {"name": node.name, "line": node.lineno}


def _judged(node, top, find_outside, longest):
    reason = _form(node)
    if reason is not None:
        return {"reason": reason}
    own = top.functions[node]
    try:
        pieces = _with_needs(own, top, longest)
        program = _written(own, pieces, longest)
    except Unfit as unfit:
        return {"reason": str(unfit)}
    except (RecursionError, MemoryError):  # some trees are too deep to be renamed
        return {"reason": UNWRITABLE}
    if any(find_outside(piece.node) is not None for piece in pieces):
        return {"reason": "imports what is not in the library"}
    return {"program": program}


def _with_needs(own, top, longest):
    """The function and all that it needs, directly or not, in the order of the file."""
    found, waiting, size = {own.at: own}, [own], 0
    while waiting:
        one = waiting.pop()
        if one.has_global:
            raise Unfit("declares a global name")
        needed = [piece for name in one.needs for piece in top.pieces_of(name)]
        for piece in needed:
            if piece.at not in found:
                found[piece.at] = piece
                waiting.append(piece)
                size += len(piece.text)
        if size > longest:
            raise Unfit("is too long with what it needs")
    return [found[at] for at in sorted(found)]


def _written(own, pieces, longest):
    """The program. In all of it, the function is called `f`."""
    name, parts = own.node.name, []
    for piece in pieces:
        is_named = piece is own or name in piece.needs
        if _clashes(name, piece, is_named):
            raise Unfit("has another use for the name f or its own")
        text = _renamed(piece.text, name) if is_named and name != ENTRY else piece.text
        is_apart = parts and isinstance(piece.node, FUNCTIONS)
        parts.append(f"\n{text}" if is_apart else text)
    program = "\n".join(parts)
    if len(own.text) <= longest < len(program):
        raise Unfit("is too long with what it needs")
    return program


def _clashes(name, piece, is_named):
    """Checks if renaming the function to `f` changes what a piece means: it binds the function's
    name itself, or has another `f`.
    """
    if is_named and name in piece.bound:
        return True
    used = {*piece.names, *piece.bound, *piece.needs} if is_named else piece.names
    return name != ENTRY and ENTRY in used


def _renamed(text, name):
    return ast.unparse(_Renamed(name).visit(ast.parse(text)))


def _form(node):
    """The reason why the form of the function does not suit; None if it does."""
    if isinstance(node, ast.AsyncFunctionDef):
        return "is async"
    if node.decorator_list:
        return "has a decorator"
    if not parameters(node.args):
        return "has no parameters"
    own = list(own_nodes(node.body))
    if any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in own):
        return "is a generator"
    if not any(isinstance(inner, ast.Return) and inner.value is not None for inner in own):
        return "returns nothing"
    return None


class _Renamed(ast.NodeTransformer):
    """Renames a function and its callers' calls. No other name in them is like it."""

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
