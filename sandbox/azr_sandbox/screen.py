"""Sorts programs: tame ones may share a child with others, the rest run alone, and what imports
from outside the library is refused. Never runs a program.

This decides on throughput and on who may meet whom; the boundary is the kernel (confine.py). A tame
program can reach nothing that outlives it: no module's state, no builtin, no frame, no garbage
collector, no file.
"""

import ast
import builtins
import importlib
import opcode
import re
import sys
import types

OPCODES = opcode.opmap
# Opcodes by which a program reaches names that co_names does not show, or modules.
IMPORTING = {OPCODES[n] for n in ("IMPORT_NAME", "IMPORT_FROM", "IMPORT_STAR") if n in OPCODES}
MATCHING = {OPCODES[n] for n in ("MATCH_CLASS",) if n in OPCODES}

# Builtins that reach beyond a program's own values.
WILD_BUILTINS = """
breakpoint compile copyright credits delattr dir eval exec exit getattr globals hasattr help input
license locals open quit setattr vars memoryview id
""".split()

# Attributes that lead to frames, code, modules, or to changing what is not one's own.
WILD_ATTRIBUTES = """
f_back f_builtins f_code f_globals f_locals f_trace tb_frame tb_next gi_frame gi_code gi_yieldfrom
cr_frame cr_code cr_await cr_origin ag_frame ag_code ag_await co_code co_consts co_names func_globals
func_code mro register format_map attrgetter methodcaller update_wrapper wraps purge modules
""".split()
WILD = frozenset(WILD_BUILTINS + WILD_ATTRIBUTES)

DUNDERS = frozenset(
    f"__{name}__"
    for name in """
abs add and annotations bool bytes call ceil class contains delitem div divmod doc enter eq exit
float floor floordiv format ge getitem gt hash hash iadd iand ifloordiv ilshift imod imul index init
int invert ior ipow irshift isub iter itruediv ixor le len length_hint lshift lt main matmul missing
mod module mul name ne neg new next or pos post_init pow qualname radd rand rdivmod repr reversed
rfloordiv rlshift rmod rmul ror round rpow rrshift rshift rsub rtruediv rxor slots static_attributes
str sub truediv trunc xor firstlineno conditional_annotations classdict
""".split()
)

# Modules without state that a program could reach by their public names.
TAME_MODULES = """
__future__ abc bisect collections collections.abc copy dataclasses datetime enum fractions functools
heapq itertools json math numbers operator re string textwrap typing
""".split()
UNSTABLE = frozenset("now today utcnow fromtimestamp cache_clear".split())

FIELDS = re.compile(r"\{[^{}:!]*[.\[]")


def _public_names(module):
    """What may be taken from a module: functions, classes and plain values; no module, no container."""
    names = getattr(module, "__all__", None) or dir(module)
    bad = (types.ModuleType, list, dict, set)
    return frozenset(
        name
        for name in names
        if not name.startswith("_")
        and name not in WILD
        and name not in UNSTABLE
        and not isinstance(getattr(module, name, None), bad)
    )


class Screen:
    def __init__(self, packages=(), without=()):
        # For tests of what lies behind it: nothing is refused, and all run alone, or all together.
        self.forced = True if "alone" in without else False if "screen" in without else None
        self.public = {n: _public_names(importlib.import_module(n)) for n in TAME_MODULES}
        self.library = frozenset(sys.stdlib_module_names) | frozenset(packages)

    def sort(self, code, source):
        """(is tame, None) or (False, the import that is not allowed)."""
        if self.forced is not None:
            return self.forced, None
        names, opcodes = set(), set()
        _gather(code, names, opcodes)
        if not opcodes.isdisjoint(IMPORTING) or "format" in names:
            return self._sort_tree(ast.parse(source), names, opcodes)
        return _are_tame(names, opcodes), None

    def _sort_tree(self, tree, names, opcodes):
        visit = _Visit(self)
        visit.visit(tree)
        if visit.outside:
            return False, visit.outside
        return visit.is_tame and _are_tame(names - visit.modules, opcodes), None


def _gather(code, names, opcodes):
    names.update(code.co_names)
    opcodes.update(code.co_code[::2])
    for value in code.co_consts:
        if type(value) is types.CodeType:
            _gather(value, names, opcodes)


def _are_tame(names, opcodes):
    if not names.isdisjoint(WILD) or not opcodes.isdisjoint(MATCHING):
        return False
    return all(not name.startswith("__") or name in DUNDERS for name in names)


class _Visit:
    """What a program that imports may do: use public names, and set attributes on `self` only."""

    def __init__(self, screen):
        self.screen = screen
        self.is_tame = True
        self.outside = None
        self.modules = set()  # dotted names of what is imported, which are no attributes
        self.aliases = {}  # name in the program: module
        self.dotted = set()  # ids of nodes where a module's name stands before a dot

    def visit(self, tree):
        attributes, names, stack = [], [], [tree]
        while stack:
            node = stack.pop()
            kind = type(node)
            if kind is ast.Name:
                names.append(node)
                continue
            if kind is ast.Attribute:
                attributes.append(node)
            elif kind is ast.Import:
                self.take_import(node)
            elif kind is ast.ImportFrom:
                self.take_from(node)
            for field in kind._fields:
                value = getattr(node, field, None)
                if type(value) is list:
                    stack += [item for item in value if isinstance(item, ast.AST)]
                elif isinstance(value, ast.AST) and value._fields:
                    stack.append(value)
        for node in attributes:
            self.check_attribute(node)
        for node in names:
            # A module stands before a dot and nowhere else.
            if node.id in self.aliases and id(node) not in self.dotted:
                self.is_tame = False

    def check_module(self, name):
        if name.split(".")[0] not in self.screen.library:
            self.outside = self.outside or name
        if name not in self.screen.public:
            self.is_tame = False
        self.modules.add(name)

    def take_import(self, node):
        for alias in node.names:
            self.check_module(alias.name)
            if "." in alias.name and alias.asname is None:
                self.is_tame = False
            self.aliases[alias.asname or alias.name] = alias.name

    def take_from(self, node):
        if node.level or node.module is None:
            self.outside = self.outside or "." * node.level + (node.module or "")
            return
        self.check_module(node.module)
        public = self.screen.public.get(node.module, ())
        if not all(alias.name == "*" or alias.name in public for alias in node.names):
            self.is_tame = False

    def check_attribute(self, node):
        base = node.value
        if type(base) is ast.Name and base.id in self.aliases:
            self.dotted.add(id(base))
            if node.attr not in self.screen.public.get(self.aliases[base.id], ()):
                self.is_tame = False
        is_self = type(base) is ast.Name and base.id == "self"
        if type(node.ctx) is not ast.Load and self.modules and not is_self:
            self.is_tame = False
        if node.attr == "format" and not (
            type(base) is ast.Constant
            and type(base.value) is str
            and not FIELDS.search(base.value)
        ):
            self.is_tame = False
