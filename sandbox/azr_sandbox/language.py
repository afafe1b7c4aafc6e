"""The small language: the parts that a program may use if it shares a child. Data, no behaviour.

It is an allow-list. docs/explanation/sandbox.md says why it reaches nothing that other programs
use. small.py compares a program's syntax tree with it. Programs with any other part run alone.
"""

import ast

from azr_sandbox.words import words

# Nodes that hold others and mean nothing by themselves. Each other node has a rule in small.py.
PLAIN_NODES = frozenset(
    (
        *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.IfExp, ast.List, ast.Tuple, ast.Dict),
        *(ast.Slice, ast.JoinedStr, ast.While, ast.If, ast.Pass, ast.Break, ast.Continue),
        ast.Assert,
    )
)
OPERATORS = frozenset(
    (
        *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.LShift),
        *(ast.RShift, ast.BitOr, ast.BitXor, ast.BitAnd, ast.UAdd, ast.USub, ast.Not, ast.Invert),
        *(ast.And, ast.Or, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn),
    )
)

# Types that may be called, checked against, or named before a method.
TYPES = frozenset(words("bool bytes complex dict float frozenset int list range set str tuple"))

# The sorts of results. Functions return data, or an iterator, which is consumed where it is made. A
# factory returns a function for `key=` and the like. An order returns one for `key=` alone, because
# its results are not data. `groups` is used in `for key, group in`, `matches` in `for match in`. A
# match and a pattern get a name or are used at once. `value` is not a function. `note` is for
# annotations only, `flag` for arguments of `re`. `lone` takes one argument and is not handed over.
BUILTINS = {
    **dict.fromkeys(
        words(
            """
abs all any ascii bin chr divmod format hex isinstance len max min next oct ord pow print repr round
sorted sum
"""
        ),
        "data",
    ),
    **dict.fromkeys(TYPES, "data"),
    **dict.fromkeys(words("enumerate filter iter map reversed zip"), "iterator"),
}

MODULES = {
    "bisect": {
        "data": "bisect bisect_left bisect_right insort insort_left insort_right",
    },
    "collections": {"data": "Counter OrderedDict defaultdict deque"},
    "copy": {"lone": "copy deepcopy"},
    "functools": {"data": "reduce", "order": "cmp_to_key"},
    "heapq": {
        "data": "heapify heappop heappush heappushpop heapreplace nlargest nsmallest",
        "iterator": "merge",
    },
    "itertools": {
        "iterator": """accumulate chain combinations combinations_with_replacement compress count
            cycle dropwhile filterfalse islice pairwise permutations product repeat starmap
            takewhile zip_longest""",
        "groups": "groupby",
    },
    "json": {"data": "dumps loads"},
    "math": {
        "data": """acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees
            dist erf erfc exp exp2 expm1 fabs factorial floor fmod frexp fsum gamma gcd hypot
            isclose isfinite isinf isnan isqrt lcm ldexp lgamma log log10 log1p log2 modf nextafter
            perm pow prod radians remainder sin sinh sqrt tan tanh trunc ulp""",
        "value": "e inf nan pi tau",
    },
    "operator": {
        "data": """add and_ concat contains countOf eq floordiv ge getitem gt index indexOf invert
            le lshift lt mod mul ne neg not_ or_ pos pow rshift sub truediv truth xor""",
        "factory": "itemgetter",
    },
    "re": {
        "data": "escape findall split sub subn",
        "match": "fullmatch match search",
        "matches": "finditer",
        "pattern": "compile",
        "flag": "A ASCII DOTALL I IGNORECASE M MULTILINE S VERBOSE X",
    },
    "statistics": {
        "data": """fmean geometric_mean harmonic_mean mean median median_high median_low mode
            multimode pstdev pvariance stdev variance""",
    },
    "string": {
        "value": """ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits
            printable punctuation whitespace""",
    },
    "typing": {
        "note": """Any Collection Container Counter DefaultDict Deque Dict FrozenSet Generator
            Hashable Iterable Iterator List Mapping MutableMapping MutableSequence MutableSet
            Optional OrderedDict Reversible Sequence Set Sized Tuple Union""",
    },
}
KINDS = {
    module: {name: kind for kind, names in table.items() for name in names.split()}
    for module, table in MODULES.items()
}

# The number of parts that a type of an annotation takes, and the names that cannot be a part
# without parts of their own.
ANY_COUNT = range(1, 256)
ALIASES = {
    **dict.fromkeys(words("dict frozenset list set tuple Tuple Union"), ANY_COUNT),
    **dict.fromkeys(
        words(
            """
Collection Container Counter Deque FrozenSet Iterable Iterator List MutableSequence MutableSet
Optional Reversible Sequence Set
"""
        ),
        (1,),
    ),
    **dict.fromkeys(words("DefaultDict Dict Mapping MutableMapping OrderedDict"), (2,)),
    "Generator": (3,),
}
BARE = frozenset(("Optional", "Union"))

# Methods of data, because nothing else has a name or an expression. Each changes only its own
# object.
METHODS = frozenset(
    words(
        """
add append appendleft as_integer_ratio bit_count bit_length capitalize casefold center
clear conjugate copy count decode difference difference_update discard encode endswith expandtabs
extend extendleft find format from_bytes fromhex fromkeys get hex index insert intersection
intersection_update is_integer isalnum isalpha isascii isdecimal isdigit isdisjoint isidentifier
islower isnumeric isprintable isspace issubset issuperset istitle isupper items join keys
ljust lower lstrip maketrans most_common move_to_end partition pop popitem popleft
remove removeprefix removesuffix replace reverse rfind rindex rjust rotate rpartition rsplit rstrip
setdefault sort split splitlines startswith strip subtract swapcase symmetric_difference
symmetric_difference_update title to_bytes total translate union update upper values zfill
"""
    )
)
# Methods of `dict` itself. On an OrderedDict they would bypass its order, and its contents would
# then depend on addresses.
DICT_METHODS = frozenset(words("copy fromkeys get items keys values"))
ITERATOR_METHODS = frozenset(words("elements from_iterable"))
MATCH_METHODS = frozenset(words("end group groupdict groups span start"))
PATTERN_METHODS = frozenset(words("findall finditer fullmatch match search split sub subn"))

# The positional arguments that are iterated over within the call, so that an iterator is allowed
# there.
EVERY = range(256)
REST = range(1, 256)
CONSUMES = {
    **dict.fromkeys(
        words(
            """
Counter all any bytes deque dict enumerate fmean frozenset from_iterable fromkeys fsum
geometric_mean harmonic_mean islice iter join list max mean median median_high median_low min mode
multimode next pairwise permutations prod pstdev pvariance set sorted stdev sum tuple variance
accumulate combinations combinations_with_replacement cycle extend extendleft issubset issuperset
isdisjoint OrderedDict symmetric_difference symmetric_difference_update
"""
        ),
        range(1),
    ),
    **dict.fromkeys(
        words(
            """
chain compress difference difference_update intersection intersection_update merge product
subtract union update zip zip_longest
"""
        ),
        EVERY,
    ),
    **dict.fromkeys(words("defaultdict dropwhile filter filterfalse map starmap takewhile"), REST),
    **dict.fromkeys(words("nlargest nsmallest reduce"), range(1, 2)),
}
# With a second argument they return one of the two, so that an iterator would become data.
LONE = frozenset(("max", "min"))

# The positions at which a function may be handed over: an argument's number, or `key=`.
HANDED = {
    **dict.fromkeys(
        words("cmp_to_key dropwhile filter filterfalse map reduce starmap takewhile"), 0
    ),
    **dict.fromkeys(words("accumulate groupby"), 1),
}
KEYED = frozenset(
    words(
        """
bisect bisect_left bisect_right groupby insort insort_left insort_right max merge min nlargest
nsmallest sort sorted
"""
    )
)
# Builtins that may be handed over. `str` only where it is called with one argument, because a
# second one names a codec.
HANDED_BUILTINS = frozenset(
    words(
        """
abs all any bin bool chr complex dict divmod float format frozenset hex int len list max min oct ord
pow repr round set sorted sum tuple
"""
    )
)
ONE_ARGUMENT = frozenset(("filter", "map"))

# Errors that may be caught. Running out of memory or stack is reported to the server instead.
CATCHABLE = frozenset(
    words(
        """
ArithmeticError AssertionError AttributeError IndexError KeyError LookupError NameError
NotImplementedError OverflowError StopIteration TypeError UnicodeDecodeError UnicodeEncodeError
UnicodeError ValueError ZeroDivisionError
"""
    )
)
RAISABLE = CATCHABLE | {"Exception", "RecursionError", "RuntimeError"}

# Codecs that are part of the interpreter. Others are modules that are imported at their first use.
CODECS = frozenset(words("ascii latin-1 latin1 utf-8 utf8 UTF-8"))
HANDLERS = frozenset(words("strict ignore replace"))

# A NaN hashes by its address, so the order of a set with one depends on the heap, and so do the
# values of a dict. Programs that make sets must not make floats, or values that are not consumed at
# once.
FLOAT_NAMES = frozenset(words("complex float fromhex loads math pow statistics truediv"))
HASHED_BY_ADDRESS = "values"
SET_NAMES = frozenset(words("frozenset set"))
VIEWS = frozenset(words("items keys"))
SET_OPERATORS = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub)
