"""Which import of a program leads outside the library: what has one is refused. Never runs it."""

import ast


def outside(tree, library):
    """The first module that is not in the library, as it stands in the program; None without."""
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
