"""Whether any form of an answer equals one of the references, by math-verify.

grade.ts runs it in the sandbox. math-verify's own limits use wall time. The sandbox's use CPU time,
so that a busy machine changes no verdict.
"""

from math_verify import LatexExtractionConfig, grader, parse, verify
from sympy import FiniteSet, Set, Tuple, Union

PATIENCE = 300
# Relative to the larger number: 0.016667 equals 1/60, 2.7779e-6 does not equal 2.7778e-6.
TOLERANCE = 2.5e-5
numeric_eq = grader.sympy_numeric_eq


def magnitude(value):
    """The number of an expression; None if it is not a number."""
    try:
        return None if value.free_symbols else complex(value.evalf(30))
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None


def near(one, other, *precision):
    """math-verify compares six decimals, so that 10^{-20} equals 10^{-21}. The sizes have to match,
    too.
    """
    if not numeric_eq(one, other, *precision):
        return False
    a, b = magnitude(one), magnitude(other)
    return a is None or b is None or abs(a - b) <= TOLERANCE * max(abs(a), abs(b))


def read(text, **options):
    return parse("\\boxed{" + text + "}", parsing_timeout=PATIENCE, **options)


def read_whole(text):
    """Finds no number in a text that is not a formula as a whole, unlike math-verify."""
    return read(text, extraction_config=[LatexExtractionConfig()])


def compare(reference, answer):
    return verify(reference, answer, timeout_seconds=PATIENCE)


def solutions(value):
    """The set that a condition describes, or several alternatives: `x < 2 or x > 3`."""
    conditions = value.args if isinstance(value, FiniteSet | Tuple) else [value]
    is_known = all(map(grader.is_relation, conditions)) and not any(
        map(grader.is_equation, conditions)
    )
    if not conditions or not is_known:
        return None
    try:
        return Union(*(grader.unwrap_fcs(condition).as_set() for condition in conditions))
    except (AttributeError, NotImplementedError, TypeError, ValueError):
        return None


def is_equal(reference, answer):
    """math-verify accepts a condition for an interval in one order only."""
    if compare(reference, answer):
        return True
    found = (
        [solutions(one) for one in answer] if any(isinstance(one, Set) for one in reference) else []
    )
    return compare(reference, [one for one in found if one is not None])


def f(references, answers, is_papers):
    """`is_papers` accepts math-verify's verdict unchanged, as the paper's pipeline does."""
    if not is_papers:
        grader.sympy_numeric_eq = near
    reading, equal = (read, compare) if is_papers else (read_whole, is_equal)
    found = [reading(one) for one in answers]
    return any(equal(reading(reference), one) for reference in references for one in found)
