"""Several programs that are worked together, which gives longer working than any one program's.

A program of pretraining has at most three named values, so a model that works single programs
learns to stop after three. Here two to four programs share their arguments and divide neighbouring
names among them. Their working is in the order of the names. So the next line, whether there is
one, and the place of a value have to be found by name. Each program is as short and shallow as all
others of pretraining.
"""

import random

from azr_micro.drawing import NAMES, draw_body, draw_names, draw_types, draw_value
from azr_micro.language import EASY_LINES, Run, function_of, is_live, part, run_on

PROGRAMS = (2, 4)
LINES = (2, EASY_LINES[1])
INPUTS = 2  # inputs of a group


def draw_shares(rng: random.Random) -> list[str]:
    """The names of each program: neighbours when all are combined, sometimes mixed."""
    counts = [len(NAMES) + 1]
    while sum(counts) > len(NAMES):
        counts = [rng.randint(*LINES) - 1 for _ in range(rng.randint(*PROGRAMS))]
    names = draw_names(rng, sum(counts))
    owners = [owner for owner, count in enumerate(counts) for _ in range(count)]
    if rng.random() < 0.5:
        rng.shuffle(owners)
    pairs = list(zip(names, owners, strict=True))
    return ["".join(n for n, o in pairs if o == owner) for owner in range(len(counts))]


def draw_member(rng: random.Random, types: list[str], names: str, inputs: list):
    """A program that runs on all the inputs, and its runs; None if one fails."""
    text = draw_body(rng, types, names)
    if not is_live(text) or part(text) != "train":
        return None
    function = function_of(text)
    runs = [run_on(function, arguments) for arguments in inputs]
    return None if None in runs else (text, runs)


def draw_group(rng: random.Random) -> tuple[list[str], list[tuple[Run, ...]]]:
    """The texts of some programs, and for each input the runs of all of them."""
    types = draw_types(rng)
    inputs = [[draw_value(rng, kind) for kind in types] for _ in range(INPUTS)]
    members = []
    for names in draw_shares(rng):
        member = None
        while member is None:
            member = draw_member(rng, types, names, inputs)
        members.append(member)
    return [text for text, _ in members], list(zip(*(runs for _, runs in members), strict=True))
