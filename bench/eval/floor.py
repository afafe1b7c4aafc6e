"""Measures the minimum time of grading, the calls of the tests alone, for bench/eval.ts.

    python floor.py SET FILE WORKERS

Calls each canonical solution on all of its inputs, longest items first, in WORKERS processes
without isolation. Nothing is limited, formatted or compared. Prints {"seconds", "cpuSeconds"}.
Run with evalplus's Python, which reads the inputs.
"""

import json
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from evalplus_side import read_problem


PROBLEMS = []


def call(at):
    problem, namespace = PROBLEMS[at], {}
    begun = time.process_time()
    exec(problem["prompt"] + problem["canonical_solution"], namespace)
    function = namespace[problem["entry_point"]]
    for part in ("base", "plus"):
        for arguments in problem[part]:
            function(*arguments)
    return time.process_time() - begun


def main():
    name, path, workers = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        PROBLEMS.extend(read_problem(line, name == "mbppplus") for line in file)
    out, sys.stdout = sys.stdout, sys.stderr
    order = list(range(len(PROBLEMS)))
    for _ in range(2):  # the first round shows which items take longest
        with ProcessPoolExecutor(max_workers=int(workers)) as pool:
            begun = time.monotonic()
            spent = dict(zip(order, pool.map(call, order), strict=True))
            seconds = time.monotonic() - begun
        order.sort(key=lambda at: -spent[at])
    out.write(json.dumps({"seconds": seconds, "cpuSeconds": sum(spent.values())}) + "\n")


if __name__ == "__main__":
    main()
