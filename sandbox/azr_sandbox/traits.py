"""What a program may make and what arguments hold, as far as it decides whether they may meet."""

from typing import NamedTuple


class Traits(NamedTuple):
    """What a program of the small language may make, or what arguments hold.

    A NaN hashes by its address, so that the order of a set that holds one tells of the heap, and
    with it of neighbours: what makes sets and what makes floats do not share a child.
    """

    has_sets: bool
    has_floats: bool

    def goes_with(self, others):
        """Whether a program may share a child, given what its arguments hold."""
        has_sets = self.has_sets or others.has_sets
        return not (has_sets and (self.has_floats or others.has_floats))


NOTHING, FLOATING = Traits(False, False), Traits(False, True)


def traits_of(value):
    """What literals hold."""
    kind = type(value)
    if kind is list or kind is tuple or kind is dict or kind is set or kind is frozenset:
        parts = (*value, *value.values()) if kind is dict else value
        found = [traits_of(part) for part in parts if type(part) is not int]
        has_sets = kind is set or kind is frozenset or any(one.has_sets for one in found)
        return Traits(has_sets, any(one.has_floats for one in found))
    return FLOATING if kind is float or kind is complex else NOTHING
