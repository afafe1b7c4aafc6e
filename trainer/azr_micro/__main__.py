"""`python -m azr_micro pretrain|suites|evaluate --help`."""

import argparse

from azr_micro import pretrain, suites


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_micro", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    pretrain.add_arguments(commands.add_parser("pretrain", help="make the embedded model"))
    suites.add_arguments(commands.add_parser("suites", help="write the test and dev suites"))
    options = parser.parse_args()
    {"pretrain": pretrain.main, "suites": suites.main}[options.command](options)


if __name__ == "__main__":
    main()
