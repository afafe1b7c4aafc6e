"""Grades completions with the evalplus package itself, for bench/eval.ts.

    python evalplus_side.py SET FILE WORKERS SECONDS

SET is `humanevalplus` or `mbppplus`, FILE is the set as azr stores it, as JSON lines. Reads JSON
lines {"id", "program"} from standard input. Prints a JSON line {"base", "plus"} for each, in
order, and at the end {"seconds", "cpuSeconds", "referenceSeconds", "referenceCpuSeconds"}: the
total times, and the part for reference outputs, which evalplus caches. It does the same as
evalplus.evaluate (reference outputs, a pool, base and plus, the first failure ends a list),
without its command line.
"""

import json
import resource
import sys
import time
import types
from concurrent.futures import ProcessPoolExecutor

# evalplus.data imports this for sets that are not used here.
sys.modules["datasets"] = types.SimpleNamespace(load_dataset=None)

from evalplus.data.mbpp import mbpp_deserialize_inputs  # noqa: E402
from evalplus.eval import PASS, untrusted_check  # noqa: E402
from evalplus.eval._special_oracle import MBPP_OUTPUT_NOT_NONE_TASKS  # noqa: E402
from evalplus.gen.util import trusted_exec  # noqa: E402

NAMES = {"humanevalplus": "humaneval", "mbppplus": "mbpp"}
PARTS = ("base", "plus")


def read_problem(line, is_mbpp):
    problem = json.loads(line)
    for part in PARTS:
        inputs = problem[f"{part}_input"] or []
        problem[part] = mbpp_deserialize_inputs(problem["id"], inputs) if is_mbpp else inputs
    return problem


def reference(problem):
    """Does what evalplus's get_groundtruth does."""
    code = problem["prompt"] + problem["canonical_solution"]
    entry = problem["entry_point"]
    only_there = entry in MBPP_OUTPUT_NOT_NONE_TASKS
    return {
        part: trusted_exec(code, problem[part], entry, True, output_not_none=only_there)
        for part in PARTS
    }


def check(dataset, problem, expected, program, least_seconds):
    """Does what evalplus's check_correctness does, without the plus tests of programs that failed
    the base tests.
    """
    found = {}
    for part in PARTS:
        outputs, seconds = expected[part]
        found[part], _ = untrusted_check(
            dataset,
            program,
            problem[part],
            problem["entry_point"],
            expected=outputs,
            atol=problem["atol"],
            ref_time=seconds,
            fast_check=True,
            min_time_limit=least_seconds,
            gt_time_limit_factor=4,
        )
        if found[part] != PASS:
            break
    return found


def cpu_seconds():
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def main():
    name, path, workers, least_seconds = sys.argv[1:]
    jobs = [json.loads(line) for line in sys.stdin]
    wanted = {job["id"] for job in jobs}
    out, sys.stdout = sys.stdout, sys.stderr
    begun = time.monotonic()
    with open(path, encoding="utf-8") as file:
        read = [read_problem(line, name == "mbppplus") for line in file]
    problems = {problem["id"]: problem for problem in read}
    made = time.monotonic(), cpu_seconds()
    expected = {id: reference(problems[id]) for id in problems if id in wanted}
    made = time.monotonic() - made[0], cpu_seconds() - made[1]
    with ProcessPoolExecutor(max_workers=int(workers)) as pool:
        futures = [
            pool.submit(
                check,
                NAMES[name],
                problems[job["id"]],
                expected[job["id"]],
                job["program"],
                float(least_seconds),
            )
            for job in jobs
        ]
        verdicts = [future.result() for future in futures]
    spent = {"seconds": time.monotonic() - begun, "cpuSeconds": cpu_seconds()}
    references = {"referenceSeconds": made[0], "referenceCpuSeconds": made[1]}
    for line in [*verdicts, {**spent, **references}]:
        out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
