"""The kinds of values in a program and its arguments that decide whether it may share a child."""

from typing import NamedTuple


class Traits(NamedTuple):
    """The values that a program of the small language may make, or that arguments hold.

    A NaN hashes by its address, so the order of a set with one depends on the heap, and so on
    neighbours. Programs that make sets and programs that make floats do not share a child.
    """

    has_sets: bool
    has_floats: bool
    # Whether the tree was changed, so that it no longer equals its text.
    is_rewritten: bool = False

    def goes_with(self, others):
        """Whether a program may share a child, given the contents of its arguments."""
        has_sets = self.has_sets or others.has_sets
        return not (has_sets and (self.has_floats or others.has_floats))


NOTHING, FLOATING = Traits(False, False), Traits(False, True)


def traits_of(value):
    """The traits of literals."""
    kind = type(value)
    if kind is list or kind is tuple or kind is dict or kind is set or kind is frozenset:
        parts = (*value, *value.values()) if kind is dict else value
        found = [traits_of(part) for part in parts if type(part) is not int]
        has_sets = kind is set or kind is frozenset or any(one.has_sets for one in found)
        return Traits(has_sets, any(one.has_floats for one in found))
    return FLOATING if kind is float or kind is complex else NOTHING
