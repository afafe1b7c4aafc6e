"""The meaning of each name in a program: one sort throughout, whatever the scope.

Names are noted during the walk through the tree, and judged when the whole tree is known. The walk
is in places.py, arguments.py and small.py.
"""

import ast
import builtins
import contextlib

from azr_sandbox import language
from azr_sandbox.language import BUILTINS, KINDS, TYPES

# The places of a tree. HANDED is for a call that returns a function, ORDER for one whose results
# are only compared. ITSELF is for a function that is named, and TESTED asks whether there is
# something. NAMED is for a match or a pattern that gets a name or is used at once.
DATA, CONSUMED, HANDED, ORDER, ITSELF, GROUPS, TESTED, NAMED, MATCHES = range(9)

# The sorts that may be called, and the places where their results may be used.
DATA_PLACES = (DATA, CONSUMED, TESTED)
RESULTS = {
    "data": DATA_PLACES,
    "lone": DATA_PLACES,
    "function": DATA_PLACES,
    "iterator": (CONSUMED,),
    "generator": (CONSUMED,),
    "factory": (HANDED, ORDER),
    "order": (ORDER,),
    "groups": (GROUPS,),
    "match": (NAMED, TESTED),
    "matches": (MATCHES,),
    "pattern": (NAMED,),
}
# The sort of a name that is bound to such a result, if that is not data.
BECOMES = {
    "iterator": "iterator",
    "generator": "iterator",
    "match": "match",
    "pattern": "pattern",
}
# How a program's own names may be called.
CALLABLE = ("function", "generator")
TAKEN = frozenset(dir(builtins))
UNBOUND = {
    "base": TYPES,
    "handed": language.HANDED_BUILTINS,
    "raised": language.RAISABLE,
}
# How a name is used, and which sorts may be used so.
SORTS = {
    "read": ("data",),
    "base": ("data",),
    "consumed": ("data", "iterator"),
    "tested": ("data", "match"),
    "item": ("data", "match"),
    "handed": ("function",),
}
# Names of values that have no name. No program can spell these.
UNNAMED = {sort: f".{sort}" for sort in ("match", "pattern")}


class Beyond(Exception):
    """Refuses programs that are not in the small language."""


def need(is_so):
    if not is_so:
        raise Beyond


def kind_of(sort):
    """The table's entry for an import; None for anything else."""
    if type(sort) is not tuple:
        return None
    module, name = sort
    return KINDS[module][name] if name else "module"


def is_method(name, place):
    if name in language.ITERATOR_METHODS:
        return place == CONSUMED
    return name in language.METHODS and (place in DATA_PLACES or place == ITSELF)


class Names:
    """`bound` maps to sorts, or to (module, name or None) for an import. The others are judged
    later.
    """

    def __init__(self):
        self.bound = {name: sort for sort, name in UNNAMED.items()}
        self.uses = []  # (name, how): read, consumed, base, handed …
        # The code that the walk is in: a function, a lambda or a comprehension. One that runs
        # within another begins with its number.
        self.scope, self.scopes = (0,), 0
        # (name, scope) of iterators: where they are bound, and where a name is consumed.
        self.iterators, self.reached = set(), set()
        self.declared = set()  # names of `global` and `nonlocal`
        self.calls = []  # (name, place, whether an argument is no data, what it was taken for)
        self.dotted = []  # (name, attribute, place or None)

    def bind(self, name, sort):
        need(name not in TAKEN and not name.startswith("__"))
        need(self.bound.setdefault(name, sort) == sort)
        if sort == "iterator":
            self.iterators.add((name, self.scope))

    @contextlib.contextmanager
    def within(self, is_now=False):
        """Code with names of its own. Unless it runs now, it may run while an iterator of the code
        around it is running.
        """
        outer = self.scope
        self.scopes += 1
        self.scope = (*(outer if is_now else ()), self.scopes)
        yield
        self.scope = outer

    def judge(self):
        need(all(self.may_use(self.bound.get(name), name, how) for name, how in self.uses))
        need(all(self.may_call(*call) for call in self.calls))
        need(all(self.may_dot(*one) for one in self.dotted))
        need(all(self.may_reach(*one) for one in self.reached))
        need(self.declared.isdisjoint(name for name, _ in self.iterators))

    def may_reach(self, name, scope):
        """Checks that code uses only those iterators that it binds itself.

        Otherwise a function could advance an iterator that is calling it. An iterator in C then
        continues with memory that it has freed.
        """
        if self.bound.get(name) != "iterator":
            return True
        return any((name, scope[:end]) in self.iterators for end in range(1, len(scope) + 1))

    def may_use(self, sort, name, how):
        if sort is None:
            return name in UNBOUND.get(how, ())
        if sort in SORTS.get(how, ()):
            return True
        kind = kind_of(sort)
        return kind == ("data" if how == "handed" else "value")

    def may_call(self, name, place, is_special, taken_for):
        sort = self.bound.get(name)
        if sort is None:
            return place in RESULTS.get(BUILTINS.get(name), ())
        if type(sort) is tuple:
            return sort[1] == taken_for and place in RESULTS.get(kind_of(sort), ())
        return sort in CALLABLE and not is_special and place in RESULTS[sort]

    def may_dot(self, name, attribute, place):
        """`name.attribute` of a module, a match, a pattern, data or a type."""
        sort = self.bound.get(name)
        if kind_of(sort) == "module":
            kind = KINDS[sort[0]].get(attribute)
            if place is None:
                return kind == "value"
            return place in RESULTS.get(kind, ()) or (place == ITSELF and kind == "data")
        if sort == "match":
            return attribute in language.MATCH_METHODS and place in DATA_PLACES
        if sort == "pattern":
            is_listed = attribute in language.PATTERN_METHODS
            return is_listed and place in RESULTS[KINDS["re"][attribute]]
        if attribute == "from_iterable":
            return sort == ("itertools", "chain") and place == CONSUMED
        if sort is None and name == "dict" and attribute not in language.DICT_METHODS:
            return False
        return is_method(attribute, place) and self.may_use(sort, name, "base")

    def result_of(self, node):
        """The binding of the called name, or its entry in the tables; None if it is unknown."""
        func = node.func
        if type(func) is ast.Name:
            sort = self.bound.get(func.id)
            if sort is None:
                return BUILTINS.get(func.id)
            return kind_of(sort) if type(sort) is tuple else sort
        base = self.bound.get(getattr(getattr(func, "value", None), "id", None))
        if base == "pattern":
            return KINDS["re"].get(func.attr)
        is_module = kind_of(base) == "module"
        return KINDS[base[0]].get(getattr(func, "attr", None)) if is_module else None

    def sort_of(self, value):
        """The sort of a name that is bound to this, if it is known by now. Otherwise it is data,
        and the call has to return data.
        """
        kind = type(value)
        if kind is ast.Call:
            return BECOMES.get(self.result_of(value), "data")
        if kind is ast.Lambda:
            return "function"
        return "iterator" if kind is ast.GeneratorExp else "data"
