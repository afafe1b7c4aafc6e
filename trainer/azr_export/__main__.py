"""`python -m azr_export FOLDER`: from JSON lines {step, tag, value, at_ms} to events."""

import argparse
import json
import sys

from tensorboardX import SummaryWriter

from azr_trainer.checks import check, number, parsed, path, text, whole

POINT = {"step": whole(0), "tag": text, "value": number(), "at_ms": number(0)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_export", description=__doc__)
    parser.add_argument("folder", help="where the events go")
    options = parsed(parser, {"folder": path})
    with SummaryWriter(options.folder, write_to_disk=True) as writer:
        for line in sys.stdin:
            point = json.loads(line)
            check("write a curve", point, POINT)
            seconds = point["at_ms"] / 1000
            writer.add_scalar(point["tag"], point["value"], point["step"], walltime=seconds)


if __name__ == "__main__":
    main()
