"""Whether an answer, one way or another, equals one of the references, by math-verify.

math.ts runs it in the sandbox. Its own limits go by the clock on the wall, the sandbox by CPU time,
so that a busy machine changes no verdict.
"""

from math_verify import parse, verify

PATIENCE = 300


def read(text):
    return parse("\\boxed{" + text + "}", parsing_timeout=PATIENCE)


def f(references, answers):
    found = [read(one) for one in answers]
    return any(
        verify(read(reference), one, timeout_seconds=PATIENCE)
        for reference in references
        for one in found
    )
