"""`python -m azr_micro pretrain|suites|copying --help`."""

import argparse

from azr_micro import copying, pretrain, suites


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_micro", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    pretrain.add_arguments(commands.add_parser("pretrain", help="make the embedded model"))
    suites.add_arguments(commands.add_parser("suites", help="write the test and dev suites"))
    copying.add_arguments(commands.add_parser("copying", help="measure how it copies"))
    options = parser.parse_args()
    {"pretrain": pretrain, "suites": suites, "copying": copying}[options.command].main(options)


if __name__ == "__main__":
    main()
