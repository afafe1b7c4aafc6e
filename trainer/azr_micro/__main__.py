"""`python -m azr_micro pretrain|suites|evaluate --help`."""

import argparse

from azr_micro import pretrain


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_micro", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    pretrain.add_arguments(commands.add_parser("pretrain", help="make the embedded model"))
    options = parser.parse_args()
    {"pretrain": pretrain.main}[options.command](options)


if __name__ == "__main__":
    main()
