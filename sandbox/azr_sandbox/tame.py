"""Which names a tame program may use, and how. Data for the screen, no behaviour.

`free`: cannot be changed (made in C), so it may go anywhere. `function`, `class`: written in
Python, so that their attributes could be set; they may be called, subclassed or read, but never
passed on, and with a class the program may set no attribute at all, as an instance leads to it.
`member`: of such a class. `decorator`: changes what it is given, so only classes and functions of
the program are. `note`: in annotations only.
"""

from azr_sandbox.words import words

# Builtins that reach beyond a program's own values.
WILD_BUILTINS = words(
    """
breakpoint compile copyright credits delattr dir eval exec exit getattr globals hasattr help input
license locals open quit setattr vars memoryview id
"""
)

# Attributes that lead to frames, code, modules, clocks, or to changing what is not one's own.
WILD_ATTRIBUTES = words(
    """
f_back f_builtins f_code f_globals f_locals f_trace tb_frame tb_next gi_frame gi_code gi_yieldfrom
cr_frame cr_code cr_await cr_origin ag_frame ag_code ag_await co_code co_consts co_names
func_globals func_code mro register format_map now today utcnow
"""
)
WILD = frozenset(WILD_BUILTINS + WILD_ATTRIBUTES)

DUNDERS = frozenset(
    f"__{name}__"
    for name in words(
        """
abs add and annotations bool bytes call ceil class contains delitem div divmod doc enter eq exit
float floor floordiv format ge getitem gt hash hash iadd iand ifloordiv ilshift imod imul index init
int invert ior ipow irshift isub iter itruediv ixor le len length_hint lshift lt main matmul missing
mod module mul name ne neg new next or pos post_init pow qualname radd rand rdivmod repr reversed
rfloordiv rlshift rmod rmul ror round rpow rrshift rshift rsub rtruediv rxor slots static_attributes
str sub truediv trunc xor firstlineno conditional_annotations classdict
"""
    )
)

# Modules of which everything is free: `from math import *` too.
WHOLE = ("math", "itertools", "bisect")

FREE = {
    "collections": "defaultdict deque OrderedDict",
    "datetime": "date datetime time timedelta timezone MINYEAR MAXYEAR",
    "functools": "reduce cmp_to_key partial",
    "heapq": "heapify heappop heappush heappushpop heapreplace",
    "operator": """abs add and_ concat contains countOf eq floordiv ge getitem gt index indexOf inv
        invert itemgetter le length_hint lshift lt matmul mod mul ne neg not_ or_ pos pow rshift sub
        truediv truth xor""",
    "string": """ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits printable
        punctuation whitespace""",
    "__future__": "annotations",
}

FUNCTION = {
    "collections": "namedtuple",
    "copy": "copy deepcopy",
    "functools": "cache lru_cache",
    "heapq": "merge nlargest nsmallest",
    "json": "dumps loads",
    "re": "compile escape findall finditer fullmatch match search split sub subn",
    "statistics": """fmean geometric_mean harmonic_mean mean median median_high median_low mode
        multimode pstdev pvariance quantiles stdev variance""",
    "string": "capwords",
    "textwrap": "dedent fill indent shorten wrap",
}

CLASS = {
    "abc": "ABC",
    "collections": "ChainMap Counter",
    "dataclasses": "field",
    "enum": "Enum Flag IntEnum IntFlag StrEnum auto",
    "fractions": "Fraction",
    "functools": "cached_property",
}

MEMBER = {"re": "A ASCII DOTALL I IGNORECASE M MULTILINE S VERBOSE X"}

DECORATOR = {
    "abc": "abstractmethod",
    "dataclasses": "dataclass",
    "enum": "unique",
    "functools": "total_ordering",
}

NOTE = {
    "collections.abc": """Callable Collection Container Generator Hashable Iterable Iterator Mapping
        MutableMapping MutableSequence MutableSet Reversible Sequence Set Sized""",
    "typing": """Any AnyStr Callable Collection Container Counter DefaultDict Deque Dict Final
        FrozenSet Generator Hashable Iterable Iterator List Literal Mapping MutableMapping
        MutableSequence MutableSet NoReturn Optional OrderedDict Reversible Sequence Set Sized
        Text Tuple Type Union""",
}


def kinds():
    """{module: {name: kind}}."""
    found = {}
    for kind, table in (
        ("free", FREE),
        ("function", FUNCTION),
        ("class", CLASS),
        ("member", MEMBER),
        ("decorator", DECORATOR),
        ("note", NOTE),
    ):
        for module, names in table.items():
            found.setdefault(module, {}).update(dict.fromkeys(names.split(), kind))
    return found
