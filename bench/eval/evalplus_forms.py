"""Grades each form of a completion with evalplus, for test/fixtures/benchmarks/code.jsonl.

    python evalplus_forms.py code.jsonl > verdicts.jsonl

evalplus takes a file of `solution`s, or of `completion`s that continue the prompt, either
unchanged or through its sanitiser. Prints a JSON line {"form", "evalplus"} for each form, with
the ways that pass: `solution`, `completion`, `sanitised solution`, `sanitised completion`. Needs
evalplus 0.3.1, tree-sitter 0.26.1 and tree-sitter-python 0.25.0; run with Python 3.11.7.
"""

import json
import sys
import types

# evalplus.data imports this for sets that are not used here.
sys.modules["datasets"] = types.SimpleNamespace(load_dataset=None)

from evalplus.eval import PASS, untrusted_check  # noqa: E402
from evalplus.sanitize import sanitize  # noqa: E402

ENTRY = "halves"
PROMPT = '''from typing import List


def halves(xs: List[float]) -> List[float]:
    """Each number by two.

    >>> halves([1, 2])
    [0.5, 1.0]
    """
'''
INPUTS = [[[1, 2]], [[]], [[1.5, -3, 10**22]]]
EXPECTED = [[0.5, 1.0], [], [0.75, -1.5, 5e21]]


def passes(program):
    status, _ = untrusted_check(
        "humaneval",
        program,
        INPUTS,
        ENTRY,
        expected=EXPECTED,
        atol=0,
        ref_time=[0.0] * len(INPUTS),
        fast_check=True,
    )
    return status == PASS


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    for case in cases:
        text = case["completion"]
        ways = {
            "solution": lambda text: text,
            "completion": lambda text: PROMPT + text,
            "sanitised solution": lambda text: sanitize(text, ENTRY),
            "sanitised completion": lambda text: sanitize(PROMPT + "\n" + text, ENTRY),
        }
        found = [name for name, program in ways.items() if passes(program(text))]
        print(json.dumps({"form": case["form"], "evalplus": found}))


if __name__ == "__main__":
    main()
