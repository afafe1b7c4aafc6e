"""`python -m azr_sandbox front|server`, started by sandbox/process.ts."""

import sys


def main():
    if sys.argv[1:] == ["front"]:
        from azr_sandbox import front as role
    elif sys.argv[1:] == ["server"]:
        from azr_sandbox import server as role
    else:
        sys.exit("usage: python -m azr_sandbox front|server")
    role.main()


main()
