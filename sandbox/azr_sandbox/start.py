"""Starts a front or a server. sandbox/process.ts calls it through `python -c`: see LAUNCHER there.

front|server [--without=LAYER,…] [--packages=FOLDER] [--preload=M,…]

In a template `main` returns the loop to wait in, what its children call first, and a function that
makes addresses differ. All of them then run with as few frames as a script, so that a program has
its thousand levels of recursion. A child also has no frames to leave, which would touch memory.
"""

import sys

USAGE = "usage: front|server [--without=…] [--packages=…] [--preload=…]"


class Options:
    def __init__(self, arguments):
        given = {"without": "", "packages": "", "preload": ""}
        for argument in arguments:
            name, equals, value = argument.removeprefix("--").partition("=")
            if not equals or name not in given:
                sys.exit(USAGE)
            given[name] = value
        self.without = given["without"].split(",")
        self.packages = [given["packages"]] if given["packages"] else []
        # Loaded before the first fork, and additional modules that programs may import.
        self.preload = [name for name in given["preload"].split(",") if name]


def main():
    if sys.argv[1:2] == ["front"]:
        from azr_sandbox import front as role
    elif sys.argv[1:2] == ["server"]:
        from azr_sandbox import server as role
    else:
        sys.exit(USAGE)
    options = Options(sys.argv[2:])
    # To a program it looks as if there were no arguments.
    del sys.argv[1:]
    return role.main(options)
