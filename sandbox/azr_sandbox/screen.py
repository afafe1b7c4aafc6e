"""Sorts programs: those of the small language may share a child with others, the rest run alone,
and imports from outside the library are refused. Never runs a program.

It decides which programs may share a child. The kernel keeps a program from everything else
(confine.py).
"""

import sys

from azr_sandbox import small
from azr_sandbox.imports import outside
from azr_sandbox.traits import NOTHING


class Screen:
    def __init__(self, packages=(), without=()):
        # Tests of the later layers force all programs to run alone, or all together.
        # Then the screen refuses nothing.
        self.forced = True if "alone" in without else False if "screen" in without else None
        self.library = frozenset(sys.stdlib_module_names) | frozenset(packages)

    def sort(self, tree):
        """(its traits if it may share a child, the forbidden import if there is one)."""
        if self.forced is not None:
            return NOTHING if self.forced else None, None
        traits = small.traits(tree)
        return traits, None if traits else self.outside(tree)

    def outside(self, tree):
        """The first import that is not in the library; None if there is none."""
        return outside(tree, self.library)
