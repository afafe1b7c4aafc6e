"""Runs programs of the small language in one process and looks at the whole interpreter between.

What programs share is more than neighbours can be made to lean on. This reads all of it, modules,
types, builtins, settings, live objects, before and after, and names the program that changed it.
Lines of JSON come on standard input, [number, program, input]. To standard output go each change,
[number, what], and how many programs are done, [null, count].

    world.py [all]      all: takes every program as one of the small language, to see harm done
"""

import ast
import builtins
import gc
import json
import os
import pathlib
import re
import resource
import signal
import sys
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "sandbox"))

from azr_sandbox import child, small, values, warm
from azr_sandbox.traits import NOTHING

TOGETHER = 100
MEMORY = 1 << 29
# Of CPU time, for all programs of a child together: an endless one ends it.
SECONDS = 5
# Blocks that may stay: caches of the interpreter fill up, a program's values do not stay.
BLOCKS = 20_000


def parts_of(namespace):
    return {key: (id(value), size_of(value)) for key, value in namespace.items()}


def size_of(value):
    return len(value) if type(value) in (dict, list, set) else None


def told(state):
    # Texts and numbers are all that a look leaves: the next one does not see it.
    return hash(repr(state))


def classes():
    found, left = {}, [object]
    while left:
        for one in type.__subclasses__(left.pop()):
            if one not in found:
                found[one] = True
                left.append(one)
    return found


def look():
    """{what: a hash of its state}, of all that programs share."""
    world = {}
    for name, module in list(sys.modules.items()):
        if name not in ("__main__", "typing"):  # typing keeps what is subscripted, and tells nobody
            world[f"module {name}"] = told(parts_of(vars(module)))
    for one in classes():
        world[f"class {one.__module__}.{one.__qualname__} {id(one)}"] = told(parts_of(vars(one)))
    world["settings"] = told(
        (
            *(sys.getrecursionlimit(), sys.getswitchinterval(), sys.gettrace(), sys.getprofile()),
            *(gc.isenabled(), gc.get_threshold(), len(gc.garbage), len(gc.callbacks), os.getcwd()),
            *(id(sys.stdout), id(sys.stderr), sys.stdout.closed, dict(os.environ), list(sys.path)),
            *([id(one) for one in warnings.filters], getattr(sys, "get_int_max_str_digits", int)()),
            *([signal.getsignal(number) for number in (2, 14)], len(sys.meta_path)),
        )
    )
    gc.collect()
    world["live objects"] = len(gc.get_objects())
    return world


def differences(before, after):
    return [key for key in {**before, **after} if before.get(key) != after.get(key)]


def execute(code, arguments):
    """As child.py does, but for the report."""
    namespace = {"__name__": "__program__", "__builtins__": builtins}
    child.arm(code, namespace, is_shared=False)
    try:
        exec(code, namespace)
        values.encode(eval(f"f({arguments})", namespace), 65536)
    except BaseException:
        pass
    namespace.clear()
    gc.collect()
    re.purge()


def inside(programs, tell):
    """In a child: what changed after all of these. It tells the place of each before it runs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    execute(compile("def f(x):\n    return len([x])", "<first>", "exec"), "1")
    look()
    before, blocks = look(), sys.getallocatedblocks()
    for place, (_, code, arguments) in enumerate(programs):
        tell(place)
        execute(code, arguments)
    after = look()
    found = differences(before, after)
    if sys.getallocatedblocks() - blocks > BLOCKS:
        found.append("memory")
    return found


def fork(programs):
    """Returns what `inside` found, by name, or the place of the program that ended the child."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            found = inside(programs, lambda place: os.write(writer, b"%d\n" % place))
            os.write(writer, json.dumps(found[:5]).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        *places, text = pipe.read().split(b"\n")
    os.waitpid(pid, 0)
    return (json.loads(text), None) if text else ([], int(places[-1]))


def judge(programs):
    """Reports each program that changed something, and what that was."""
    while programs:
        found, ended = fork(programs)
        if ended is None:
            break
        # One that runs out of time or memory, or dies, has the child for itself and harms nobody.
        programs = programs[:ended] + programs[ended + 1 :]
    if not programs or not found:
        return
    if len(programs) == 1:
        print(json.dumps([programs[0][0], found]), flush=True)
        return
    half = len(programs) // 2
    judge(programs[:half])
    judge(programs[half:])


def main():
    warnings.simplefilter("ignore")
    is_open = sys.argv[1:] == ["all"]
    warm.load([])
    re.purge()
    gc.collect()
    gc.freeze()
    waiting = []
    for done, line in enumerate(sys.stdin):
        if done % TOGETHER == 0:
            print(json.dumps([None, done]), flush=True)
        number, program, arguments = json.loads(line)
        try:
            tree = ast.parse(program)
            traits = NOTHING if is_open else small.traits(tree)
            if traits:
                waiting.append((number, compile(tree, "<program>", "exec"), arguments))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if len(waiting) == TOGETHER:
            judge(waiting)
            waiting = []
    judge(waiting)


if __name__ == "__main__":
    main()
