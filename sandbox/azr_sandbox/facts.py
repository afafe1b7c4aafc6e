"""Describes a program from its syntax tree. Runs in the front only."""

import ast

SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Fields in which a node binds a name, as a plain string.
BINDING_FIELDS = ("arg", "name", "rest")


def describe(tree):
    """The facts of domain/task.ts. Changes the tree: docstrings are removed."""
    imports, functions, classes = set(), [], []
    for node in _in_order(tree):
        if isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imports.add("." * node.level + (node.module or ""))
        elif isinstance(node, FUNCTIONS):
            functions.append(node.name)
        elif isinstance(node, ast.ClassDef):
            classes.append(node.name)
    return {
        "normalized": normalize(tree),
        "imports": sorted(imports),
        "uses": sorted(_uses(tree)),
        "functions": functions,
        "classes": classes,
        "unread": _unread(tree),
    }


def parameters(arguments):
    """The parameters of a function or a lambda, in order."""
    a = arguments
    every = [*a.posonlyargs, *a.args, a.vararg, *a.kwonlyargs, a.kwarg]
    return [arg for arg in every if arg is not None]


def _unread(tree):
    """The parameters of `f` that nothing in it reads, in order."""
    found = [node for node in tree.body if isinstance(node, FUNCTIONS) and node.name == "f"]
    if not found:
        return []
    nodes = [node for statement in found[-1].body for node in ast.walk(statement)]
    # `n += 1` reads what it writes.
    changed = {id(node.target) for node in nodes if isinstance(node, ast.AugAssign)}
    read = {
        node.id
        for node in nodes
        if isinstance(node, ast.Name) and (isinstance(node.ctx, ast.Load) or id(node) in changed)
    }
    return [arg.arg for arg in parameters(found[-1].args) if arg.arg not in read]


def _in_order(node):
    """Like ast.walk, but in the order of the source."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(ast.iter_child_nodes(node))))


def _uses(tree):
    """The names that it reads from modules and builtins, without its own names.

    `import os as o; o.path.join` gives `os.path.join` and `os`; `input()` gives `input`.
    """
    modules, bound = _modules(tree), set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.alias, ast.keyword)):
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        names = [getattr(node, field, None) for field in BINDING_FIELDS]
        bound.update(name for name in names if isinstance(name, str))
    found, inner = set(modules.values()), set()
    for node in ast.walk(tree):
        if node in inner:
            continue
        root, *rest = _chain(node, inner)
        if root in modules:
            found.add(".".join([modules[root], *rest]))
        elif root and root not in bound:
            found.add(".".join([root, *rest]))
    return found


def _modules(tree):
    """The full name of each imported name."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
    return found


def _chain(node, inner):
    """`a`, `b` and `c` of `a.b.c`; an empty root if it does not begin with a name that is read."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
        inner.add(node)
    is_read = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    return [node.id if is_read else "", *reversed(parts)]


def normalize(tree):
    for node in ast.walk(tree):
        if isinstance(node, SCOPES) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(tree))
