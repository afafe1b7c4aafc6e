"""Finds the program in a completion: the last whole one that defines the entry, or a body that
continues the prompt. It comes before calls.py in the text that runs in the sandbox.

It only parses, and runs no model code. It leaves out the text around the program: prose, marks of
fences, a last definition that was cut off.
"""

import ast
import builtins
import re

UNREADABLE = SyntaxError, ValueError, MemoryError, RecursionError
DEFINITIONS = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef
IMPORTS = ast.Import, ast.ImportFrom
# Limits for texts that repeat themselves.
MOST_BEFORE, MOST_PLACES = 400, 50


def read(text):
    """(tree, None), or (None, the number of the line that is not Python)."""
    try:
        return ast.parse(text), None
    except SyntaxError as error:
        return None, error.lineno or 1
    except UNREADABLE:
        return None, text.count("\n", 0, max(text.find("\0"), 0)) + 1


def around(lines, at):
    """The longest run of lines around one that parses: (text, tree), or None."""
    first, end = max(0, at - MOST_BEFORE), len(lines)
    while end > at:
        _, wrong = read("\n".join(lines[at:end]))
        if wrong is None:
            break
        end = min(end - 1, at + wrong - 1)
    while first < at and (wrong := read("\n".join(lines[first:at]))[1]):
        first = min(at, first + wrong)
    text = "\n".join(lines[first:end])
    tree, _ = read(text)
    return (text, tree) if tree else None


def bound(node):
    """The names that a top-level statement binds. A sum may be as deep as it is long."""
    names, left = set(), [node]
    while left:
        node = left.pop()
        if isinstance(node, DEFINITIONS):
            names.add(node.name)
        elif isinstance(node, IMPORTS):
            names |= {(one.asname or one.name).split(".")[0] for one in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif not isinstance(node, ast.Lambda):
            left.extend(ast.iter_child_nodes(node))
    return names


def is_stub(node):
    """Whether it is a definition without a body, such as a quoted signature."""
    if isinstance(node, ast.ClassDef):
        methods = [one for one in node.body if isinstance(one, DEFINITIONS)]
        return bool(methods) and all(map(is_stub, methods))
    if not isinstance(node, DEFINITIONS):
        return False
    return all(
        isinstance(one, (ast.Pass, ast.Raise))
        or isinstance(one, ast.Expr)
        and isinstance(one.value, ast.Constant)
        for one in node.body
    )


def defines(tree, entry):
    """Whether it binds the entry at its top level, to more than a stub."""
    found = [node for node in tree.body if entry in bound(node)]
    return bool(found) and not is_stub(found[-1])


def undented(lines, at):
    """Lines without the indent of one of them, so that it is at the top level."""
    indent = re.match(r"[ \t]*", lines[at])[0]
    return [line.removeprefix(indent) for line in lines]


def places(lines, entry):
    """Lines that bind the entry, the last first, with the decorators above them."""
    start = re.compile(rf"\s*(?:(?:async\s+)?def\s+|class\s+)?{entry}\b\s*[(:=]")
    found = [at for at, line in enumerate(lines) if start.match(line)]
    for at in reversed(found[-MOST_PLACES:]):
        while at > 0 and re.match(r"\s*@\w", lines[at - 1]):
            at -= 1
        yield at


def whole(text, entry):
    """The last whole program in a text that defines the entry: (text, tree)."""
    tree, _ = read(text)
    if tree and defines(tree, entry):
        return text, tree
    lines = text.split("\n")
    for at in places(lines, entry):
        found = around(undented(lines, at), at)
        if found and defines(found[1], entry):
            return found
    return None


def continued(prompt, text, entry):
    """A body after its prompt, up to the first line that is not Python or
    defines the entry again.
    """
    lines = (prompt + text).split("\n")
    at = next((at for at in places(prompt.split("\n"), entry)), None)
    if at is None:
        return None
    own = prompt.count("\n")
    again = [place for place in places(lines, entry) if place > own]
    end = min([*again, len(lines)])
    found = around(lines[:end], at)
    return found if found and defines(found[1], entry) else None


def names(tree):
    """(names that are read, names that are bound somewhere)"""
    loads, binds = set(), set(dir(builtins))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (loads if isinstance(node.ctx, ast.Load) else binds).add(node.id)
        elif isinstance(node, ast.arg):
            binds.add(node.arg)
        elif isinstance(node, (*DEFINITIONS, *IMPORTS)):
            binds |= bound(node)
        elif isinstance(node, ast.ExceptHandler):
            binds.add(node.name)
    return loads, binds


def segment(text, node):
    decorators = [one.lineno for one in getattr(node, "decorator_list", [])]
    return "\n".join(text.split("\n")[min([*decorators, node.lineno]) - 1 : node.end_lineno])


def completed(text, tree, others):
    """A program with its missing parts: imports and definitions from the prompt, or from other
    fences.
    """
    loads, binds = names(tree)
    for other in others:
        found = read(other)[0] if loads - binds else None
        for node in reversed(found.body if found else []):
            if bound(node) & (loads - binds):
                text = f"{segment(other, node)}\n{text}"
                loads, binds = loads | names(node)[0], binds | bound(node)
    return text


def choose(texts, prompt, entries):
    """The program of a completion, from texts that may hold it, the likeliest first; None if none
    does.
    """
    is_indented = re.match(r"\s*\n[ \t]+\S|[ \t]+\S", texts[-1])
    if is_indented and (found := continued(prompt, texts[-1], entries[0])):
        return found[0]
    for entry in entries:
        for text in texts:
            if found := whole(text, entry):
                others = [other for other in (*texts[:-1], prompt) if other != text]
                return completed(*found, others)
    for text in texts:
        if found := continued(prompt, text, entries[0]):
            return found[0]
    for text in (*texts, *(prompt + text for text in texts)):
        tree, _ = read(text)
        if tree and any(bound(node) & set(entries) for node in tree.body):
            return text
    return None
