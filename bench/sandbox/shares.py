"""Counts the programs of data sets that lie in the small language, and may share a child given
their input.

    shares.py DATA [SEEDS]

DATA has cruxeval, humanevalplus and mbppplus, as `azr data` stores them. SEEDS has the published
seeds with one input, `*_seed_io.jsonl`. Without SEEDS they are left out. It runs no program.
"""

import ast
import gzip
import json
import pathlib
import sys
import warnings

ROOT = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "sandbox"))

from azr_sandbox import front, small  # noqa: E402


def lines(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt") as file:
        return [json.loads(line) for line in file]


def may_share(traits, text):
    try:
        _, _, held = front.prepare_input(text)
    except front.Refused:
        return False
    return bool(traits and held and traits.goes_with(held))


def count(programs):
    """`programs` are pairs of program and input, or None."""
    inside = sharing = 0
    for program, text in programs:
        try:
            traits = small.traits(ast.parse(program))
        except (SyntaxError, ValueError):
            continue
        inside += traits is not None
        sharing += text is not None and may_share(traits, text)
    return inside, sharing


def sets(data, seeds):
    crux = lines(data / "cruxeval" / "cruxeval.jsonl")
    yield "CRUXEval", [(one["code"], one["input"]) for one in crux]
    human = lines(data / "humanevalplus" / "humanevalplus.jsonl.gz")
    yield (
        "HumanEval+",
        [(one["prompt"] + one["canonical_solution"], None) for one in human],
    )
    mbpp = lines(data / "mbppplus" / "mbppplus.jsonl.gz")
    yield "MBPP+", [(one["canonical_solution"], None) for one in mbpp]
    bench = lines(ROOT / "bench" / "sandbox" / "programs.jsonl")
    yield "bench:sandbox", [(one["program"], one["inputs"][0]) for one in bench]
    if seeds:
        found = {}
        for path in sorted(seeds.glob("*_seed_io.jsonl")):
            for one in lines(path):
                if "input" in one:
                    found.setdefault(one["snippet"], one["input"])
        yield "published seeds", list(found.items())


def main():
    warnings.simplefilter("ignore")
    data, *rest = map(pathlib.Path, sys.argv[1:])
    for name, programs in sets(data, rest[0] if rest else None):
        inside, sharing = count(programs)
        share = 100 * inside / len(programs)
        print(f"{name}: {inside} of {len(programs)} ({share:.1f} %), {sharing} with their input")


if __name__ == "__main__":
    main()
