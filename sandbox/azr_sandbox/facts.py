"""Describes a program from its syntax tree. Runs in the front only."""

import ast

SCOPES = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Fields that hold identifiers as plain strings, on whatever node they occur.
NAME_FIELDS = ("id", "attr", "arg", "name", "asname", "rest")


def describe(tree):
    """Facts as in domain/task.ts. Changes the tree: docstrings are removed."""
    imports, names, functions, classes = set(), set(), [], []
    for node in _in_order(tree):
        if isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imports.add("." * node.level + (node.module or ""))
            names.update((node.module or "").split("."))
        elif isinstance(node, FUNCTIONS):
            functions.append(node.name)
        elif isinstance(node, ast.ClassDef):
            classes.append(node.name)
        names.update(_names(node))
    names.discard("")
    return {
        "normalized": normalize(tree),
        "imports": sorted(imports),
        "names": sorted(names),
        "functions": functions,
        "classes": classes,
    }


def _in_order(node):
    """Like ast.walk, but as the source is read, top to bottom."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(ast.iter_child_nodes(node))))


def _names(node):
    for field in NAME_FIELDS:
        value = getattr(node, field, None)
        if isinstance(value, str):
            yield from value.split(".")
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        yield from node.names
    elif isinstance(node, ast.MatchClass):
        yield from node.kwd_attrs


def normalize(tree):
    for node in ast.walk(tree):
        if isinstance(node, SCOPES) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(ast.fix_missing_locations(tree))
