"""Sorts programs: tame ones may share a child with others, the rest run alone, and what imports
from outside the library is refused. Never runs a program.

This decides on throughput and on who may meet whom; the boundary is the kernel (confine.py). A tame
program can reach nothing that outlives it: no module's state, no builtin, no frame, no garbage
collector, no file. Where it only calls names of its own and builtins, its names are enough to tell.
"""

import ast
import opcode
import sys
import types

from azr_sandbox import glance
from azr_sandbox.imports import Visit
from azr_sandbox.tame import DUNDERS, WILD

OPCODES = opcode.opmap
# Opcodes by which a program reaches modules, or names that co_names does not show.
IMPORTING = {OPCODES[n] for n in ("IMPORT_NAME", "IMPORT_FROM", "IMPORT_STAR") if n in OPCODES}
MATCHING = {OPCODES[n] for n in ("MATCH_CLASS",) if n in OPCODES}
OTHERS = bytes(set(range(256)) - IMPORTING - MATCHING - glance.BEYOND)


class Screen:
    def __init__(self, packages=(), without=()):
        # For tests of what lies behind it: nothing is refused, and all run alone, or all together.
        self.forced = True if "alone" in without else False if "screen" in without else None
        self.library = frozenset(sys.stdlib_module_names) | frozenset(packages)

    def sort(self, code, source):
        """(is tame, the import that is not allowed, if any)."""
        if self.forced is not None:
            return self.forced, None
        names, opcodes = set(), set()
        _gather(code, names, opcodes)
        if opcodes.isdisjoint(IMPORTING) and "format" not in names:
            return _are_tame(names, opcodes), None
        if glance.is_tame(source, names, opcodes):
            return _are_tame(names, opcodes), None
        try:
            found = Visit(self.library).judge(ast.parse(source))
        except RecursionError:
            return False, None
        if found.outside or not found.is_tame:
            return False, found.outside
        # Caches of the library compare by equality, and a class may say that it equals another.
        is_equal_to_others = bool(found.modules) and "__hash__" in names
        return not is_equal_to_others and _are_tame(names - found.modules, opcodes), None


def _gather(code, names, opcodes):
    names.update(code.co_names)
    # Of what decides there is little: the rest is left out before it is looked at one by one.
    opcodes.update(code.co_code[::2].translate(None, OTHERS))
    for value in code.co_consts:
        if type(value) is types.CodeType:
            _gather(value, names, opcodes)


def _are_tame(names, opcodes):
    if not names.isdisjoint(WILD) or not opcodes.isdisjoint(MATCHING):
        return False
    return all(not name.startswith("__") or name in DUNDERS for name in names)
