"""Normalises the published HumanEval+ or MBPP+: docs/reference/benchmarks.md lists the fields.

python evalplus.py FILE.jsonl.gz prints JSON lines

MBPP's functions take tuples, sets of them and complex numbers, which JSON does not have. Its
published file has lists and strings instead. evalplus 0.3.1 says what they stand for in each task
(`mbpp_deserialize_inputs`). Such inputs are also written as a Python literal.
"""

import gzip
import json
import sys

FIELDS = ("prompt", "entry_point", "canonical_solution", "base_input", "plus_input", "atol")


def deep(value):
    """Makes every list a tuple, at any depth."""
    return tuple(deep(item) for item in value) if isinstance(value, list) else value


def pairs(value):
    return [tuple(item) for item in value]


def rows(value):
    return tuple(tuple(item) if isinstance(item, list) else item for item in value)


def every(change):
    return lambda arguments: [change(one) for one in arguments]


def first(change):
    return lambda arguments: [change(arguments[0]), *arguments[1:]]


def second(change):
    return lambda arguments: [arguments[0], change(arguments[1])]


#: What the arguments of a call are, by the number of the task.
SHAPES = {
    **dict.fromkeys((2, 116, 132, 222, 261, 273, 394, 421, 424, 429, 470), every(tuple)),
    **dict.fromkeys((560, 579, 596, 616, 630, 726, 740, 744, 809), every(tuple)),
    **dict.fromkeys((63, 64, 70, 94, 120, 237, 272, 299, 409, 473, 614, 780), every(pairs)),
    **dict.fromkeys((75, 413, 753), first(pairs)),
    **dict.fromkeys((250, 405, 446, 720, 763, 808), first(tuple)),
    **dict.fromkeys((106, 750), second(tuple)),
    **dict.fromkeys((259, 445), every(rows)),
    **dict.fromkeys((580, 615, 791), deep),
    124: lambda arguments: (float(arguments[0]), complex(arguments[1])),
    252: every(complex),
    278: first(rows),
    722: first(lambda value: {key: tuple(item) for key, item in value.items()}),
}


def shaped(task, inputs):
    name, number = task["task_id"].split("/")
    shape = SHAPES.get(int(number)) if name == "Mbpp" else None
    return None if shape is None else repr([shape(arguments) for arguments in inputs])


def normalised(task):
    row = {"id": task["task_id"]} | {field: task[field] for field in FIELDS}
    row |= {field: task[field] for field in ("contract", "assertion") if field in task}
    literals = {f"{field}_py": shaped(task, task[field]) for field in ("base_input", "plus_input")}
    return row | {field: text for field, text in literals.items() if text is not None}


def main():
    with gzip.open(sys.argv[1], "rt", encoding="utf-8") as file:
        for line in file:
            if line.strip():
                print(json.dumps(normalised(json.loads(line))))


if __name__ == "__main__":
    main()
