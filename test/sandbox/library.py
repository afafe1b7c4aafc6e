"""Lists all modules of this Python's standard library. With `--try`, reports which imports fail.

    python library.py           prints a JSON list of names
    python library.py --try     reads such a list, prints {name: error} of those that failed
"""

import importlib
import io
import json
import pkgutil
import sys

# Tests and demonstrations of the library itself, and files that are not modules.
LEFT_OUT = ("test", "tests", "idlelib", "turtledemo", "lib2to3", "_pyrepl", "__main__", "antigravity")


def is_wanted(name):
    return not any(part in LEFT_OUT or part.startswith("test_") for part in name.split("."))


def below(name, paths):
    for found in pkgutil.iter_modules(paths, f"{name}."):
        yield found.name
        if found.ispkg:
            inner = found.name.rpartition(".")[2]
            yield from below(found.name, [f"{path}/{inner}" for path in paths])


def all_names():
    names = set(sys.stdlib_module_names)
    for name in sorted(names):
        for folder in sys.path:
            names.update(below(name, [f"{folder}/{name}"]))
    return sorted(name for name in names if is_wanted(name))


def f(names):
    failed = {}
    out, sys.stdout = sys.stdout, io.StringIO()
    for name in names:
        try:
            importlib.import_module(name)
        except BaseException as error:
            failed[name] = f"{type(error).__name__}: {error}"
    sys.stdout = out
    return failed


if __name__ == "__main__":
    print(json.dumps(f(json.load(sys.stdin)) if "--try" in sys.argv else all_names()))
