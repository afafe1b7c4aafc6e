"""Makes completions from the canonical solutions of HumanEval+ or MBPP+: wrong, nearly right, slow,
crashing and printing ones, and some that are right in another way.

    python mutate.py FILE EACH SEED

FILE is the set as JSON lines. Prints JSON lines {"id", "kind", "program"}, EACH for every item,
the same for the same SEED. Programs that never end are rare, because either grader has to wait
for them.
"""

import ast
import copy
import json
import random
import sys

from wrappers import SELDOM, WRAPPERS

SWAPS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.FloorDiv,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def inside(tree, kind):
    """Nodes of a type within functions, without docstrings."""
    found = []
    for function in functions(tree):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        found += [node for part in body for node in ast.walk(part) if isinstance(node, kind)]
    return found


def wrong_constant(tree, rng):
    node = rng.choice(inside(tree, ast.Constant))
    value = node.value
    if isinstance(value, bool):
        node.value = not value
    elif isinstance(value, (int, float)):
        node.value = value + rng.choice([1, -1, 10])
    elif isinstance(value, str):
        node.value = rng.choice([value + "x", value[1:], ""])
    else:
        node.value = 0


def wrong_operator(tree, rng):
    node = rng.choice(inside(tree, (ast.BinOp, ast.BoolOp)))
    node.op = SWAPS[type(node.op)]()


def wrong_comparison(tree, rng):
    node = rng.choice(inside(tree, ast.Compare))
    node.ops[0] = SWAPS[type(node.ops[0])]()


def shifted(node, rng):
    return ast.BinOp(node, rng.choice([ast.Add, ast.Sub])(), ast.Constant(1))


def off_by_one(tree, rng):
    calls = [n for n in inside(tree, ast.Call) if getattr(n.func, "id", "") == "range"]
    bounds = [node for node in inside(tree, ast.Slice) if node.upper or node.lower]
    node = rng.choice([*calls, *bounds])
    if isinstance(node, ast.Call):
        place = rng.randrange(len(node.args))
        node.args[place] = shifted(node.args[place], rng)
    else:
        part = "upper" if node.upper else "lower"
        setattr(node, part, shifted(getattr(node, part), rng))


def missing_branch(tree, rng):
    rng.choice(inside(tree, (ast.If, ast.IfExp))).test = ast.Constant(rng.choice([True, False]))


def missing_return(tree, rng):
    rng.choice(inside(tree, ast.Return)).value = None


def missing_statement(tree, rng):
    blocks = [node.body for node in inside(tree, (ast.For, ast.While, ast.If))]
    block = rng.choice(blocks)
    block[rng.randrange(len(block))] = ast.Pass()


TREES = {
    "wrong constant": wrong_constant,
    "wrong operator": wrong_operator,
    "wrong comparison": wrong_comparison,
    "off by one": off_by_one,
    "missing branch": missing_branch,
    "missing statement": missing_statement,
}
#: Every program has a place for this mutation, so it is the last resort.
LAST = {"missing return": missing_return}


def cut_short(program, rng):
    return program[: rng.randrange(len(program) // 2, len(program))]


TEXTS = {
    "syntax: no colon": lambda program, rng: program.replace("):", ")", 1),
    "syntax: cut short": cut_short,
    "syntax: a bracket": lambda program, rng: program + "\nx = (1, 2\n",
    "syntax: indent": lambda program, rng: program + "\n   x = 1\n y = 2\n",
    "another name": lambda program, rng: program.replace("def ", "def other_", 1),
    "as it is": lambda program, rng: program,
}


def mutate(program, entry, kind, rng):
    """The changed program, or None if there is nothing to change."""
    if kind in WRAPPERS:
        body = WRAPPERS[kind].strip("\n").replace("ENTRY", entry)
        return f"{program}\n\n_inner = {entry}\n\n\n{body}\n"
    if kind in TEXTS:
        return TEXTS[kind](program, rng)
    tree = copy.deepcopy(ast.parse(program))
    try:
        (TREES | LAST)[kind](tree, rng)
    except (IndexError, KeyError, AttributeError):
        return None
    changed = ast.unparse(ast.fix_missing_locations(tree))
    return None if changed == ast.unparse(ast.parse(program)) else changed


def choices_for(place, each, rng):
    """The kinds to try for each completion of an item. Every other one changes the tree."""
    others = [kind for kind in [*WRAPPERS, *TEXTS] if kind not in SELDOM]
    seldom = list(SELDOM)
    for turn in range(each):
        if turn % 2 == 0:
            yield rng.sample(list(TREES), len(TREES)) + list(LAST)
        elif turn == 1 and place % 24 == 0:
            yield [seldom[place // 24 % len(seldom)]]
        else:
            yield [others[(place * (each // 2) + turn // 2) % len(others)]]


def main():
    path, each, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with open(path, encoding="utf-8") as file:
        items = [json.loads(line) for line in file]
    for place, item in enumerate(items):
        rng = random.Random(f"{seed} {item['id']}")
        program = item["prompt"] + item["canonical_solution"]
        made = set()
        for kinds in choices_for(place, each, rng):
            for kind in kinds:
                changed = mutate(program, item["entry_point"], kind, rng)
                if changed and changed not in made:
                    made.add(changed)
                    print(json.dumps({"id": item["id"], "kind": kind, "program": changed}))
                    break


main()
