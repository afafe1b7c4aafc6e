"""`python -m azr_export FOLDER`: from JSON lines {step, tag, value, at_ms} to events."""

import json
import sys

from tensorboardX import SummaryWriter


def main(folder: str) -> None:
    with SummaryWriter(folder, write_to_disk=True) as writer:
        for line in sys.stdin:
            point = json.loads(line)
            seconds = point["at_ms"] / 1000
            writer.add_scalar(point["tag"], point["value"], point["step"], walltime=seconds)


if __name__ == "__main__":
    main(sys.argv[1])
