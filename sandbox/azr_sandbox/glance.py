"""A first look at a program that imports, by its text and opcodes alone: tame, or no answer.

The walk through a syntax tree (imports.py) is exact and takes longer than compiling does. Most
programs need no walk: they import plainly, a line each, define no class, set no attribute, and use
a module before a dot and nowhere else. This sees those, and says nothing of all others. Whatever it
calls tame the walk calls tame too: test/sandbox/screen.test.ts holds one against the other.
"""

import opcode
import re

from azr_sandbox import tame

KINDS = tame.kinds()
# Where a library's class could be changed, or taken for one of the program's own.
BEYOND = frozenset(
    opcode.opmap[name]
    for name in ("LOAD_BUILD_CLASS", "STORE_ATTR", "DELETE_ATTR")
    if name in opcode.opmap
)
BEYOND_NAMES = frozenset(("format", "type", "__annotations__", "__hash__"))
# Each starts a line, so that what stands before it cannot change what it means.
LINE = re.compile(
    r"^[ \t]*(?:import (?P<module>\w+)(?: as (?P<alias>\w+))?|from (?P<source>[\w.]+) import "
    r"(?P<names>\w+(?: as \w+)?(?:, ?\w+(?: as \w+)?)*))[ \t]*(?:#.*)?$",
    re.MULTILINE,
)


def is_tame(source, names, opcodes):
    """Whether this is enough to tell that only harmless names of its imports are used."""
    if not source.isascii() or "\\\n" in source or "\r" in source:
        return False
    if not opcodes.isdisjoint(BEYOND) or not names.isdisjoint(BEYOND_NAMES):
        return False
    lines = list(LINE.finditer(source))
    # Every import there is was read, and as Python reads it: the word has no other spelling.
    if source.count("import") != len(lines) or any(map(_is_private, names)):
        return False
    return all(_is_harmless(line, source) for line in lines)


def _is_private(name):
    return name.startswith("_") and not name.startswith("__")


def _is_harmless(line, source):
    module = line["module"]
    if module:
        return _only_dotted(module, line["alias"] or module, source)
    return all(
        _may_stay(line["source"], *name.partition(" as ")[::2], source)
        for name in line["names"].replace(", ", ",").split(",")
    )


def _kind(module, name):
    if module in tame.WHOLE:
        return None if name.startswith("_") else "free"
    return KINDS.get(module, {}).get(name)


def _may_stay(module, name, alias, source):
    kind = _kind(module, name)
    if kind in ("function", "class"):
        # The import itself is the one place where it is not called.
        uses = re.findall(rf"\b{alias or name}\b(.?)", source)
        return sum(after != "(" for after in uses) <= (2 if alias == name else 1)
    return kind in ("free", "member")


def _only_dotted(module, alias, source):
    """The module is used as `module.name`, and each name as its kind allows."""
    if module not in KINDS and module not in tame.WHOLE:
        return False
    uses = re.findall(rf"\b{alias}\b(?:\.(\w+)(\(?))?", source)
    bare = sum(not name for name, _ in uses)
    if bare != 1:
        return False
    return all(
        not name
        or (kind := _kind(module, name)) in ("free", "member")
        or (kind in ("function", "class") and called)
        for name, called in uses
    )
