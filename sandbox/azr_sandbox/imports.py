"""Finds imports from outside the library. A program with one is refused. Never runs it."""

import ast


def outside(tree, library):
    """The first module outside the library, as the program names it; None if there is none."""
    for node in ast.walk(tree):
        if type(node) is ast.Import:
            names = [alias.name for alias in node.names]
        elif type(node) is ast.ImportFrom:
            names = ["." * node.level + (node.module or "")]
        else:
            continue
        for name in names:
            if name.split(".")[0] not in library:
                return name
    return None
