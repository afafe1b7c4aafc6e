"""`python -m azr_sandbox front|server [--without=LAYER,…] [--packages=FOLDER] [--preload=M,…]`,
started by sandbox/process.ts."""

import sys

USAGE = "usage: python -m azr_sandbox front|server [--without=…] [--packages=…] [--preload=…]"


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
        # Loaded before the first fork, and what programs may import beside the standard library.
        self.preload = [name for name in given["preload"].split(",") if name]


def main():
    if sys.argv[1:2] == ["front"]:
        from azr_sandbox import front as role
    elif sys.argv[1:2] == ["server"]:
        from azr_sandbox import server as role
    else:
        sys.exit(USAGE)
    role.main(Options(sys.argv[2:]))


main()
