"""Whether an answer equals one of the references, by math-verify: math.ts runs it in the sandbox.

Its own limits go by the clock on the wall, the sandbox by CPU time, so that a busy machine
changes no verdict.
"""

from math_verify import parse, verify

PATIENCE = 300


def read(text):
    return parse("\\boxed{" + text + "}", parsing_timeout=PATIENCE)


def f(references, answer):
    found = read(answer)
    return any(verify(read(one), found, timeout_seconds=PATIENCE) for one in references)
