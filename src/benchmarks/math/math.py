"""Whether an answer, one way or another, equals one of the references, by math-verify.

grade.ts runs it in the sandbox. Its own limits go by the clock on the wall, the sandbox by CPU time,
so that a busy machine changes no verdict.
"""

from math_verify import grader, parse, verify
from sympy import Basic, Set

PATIENCE = 300
# Of the larger number; 0.016667 is 1/60, 2.7779e-6 is not 2.7778e-6.
TOLERANCE = 2.5e-5
numeric_eq = grader.sympy_numeric_eq


def magnitude(value):
    """The number an expression stands for; None for what is no number."""
    try:
        return None if value.free_symbols else complex(value.evalf(30))
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None


def near(one, other, *precision):
    """math-verify compares six decimals, so that 10^{-20} is 10^{-21}: sizes have to fit as well."""
    if not numeric_eq(one, other, *precision):
        return False
    a, b = magnitude(one), magnitude(other)
    return a is None or b is None or abs(a - b) <= TOLERANCE * max(abs(a), abs(b))


def read(text):
    return parse("\\boxed{" + text + "}", parsing_timeout=PATIENCE)


def compare(reference, answer):
    return verify(reference, answer, timeout_seconds=PATIENCE)


def is_condition(value):
    return isinstance(value, Basic) and grader.is_relation(value) and not grader.is_equation(value)


def is_equal(reference, answer):
    """math-verify takes a condition for the interval that it describes in one order only."""
    is_turned = any(isinstance(one, Set) for one in reference) and any(map(is_condition, answer))
    return compare(reference, answer) or (is_turned and compare(answer, reference))


def f(references, answers, is_papers):
    """`is_papers`: math-verify's word is taken as it is, as in the paper's pipeline."""
    found = [read(one) for one in answers]
    if not is_papers:
        grader.sympy_numeric_eq = near
    equal = compare if is_papers else is_equal
    return any(equal(read(reference), one) for reference in references for one in found)
