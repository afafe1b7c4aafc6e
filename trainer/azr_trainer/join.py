"""`torchrun … -m azr_trainer.join --meet HOST:PORT --world M --first R`: ranks of a learner on
another machine than rank 0's, which azr has started. Rank 0 starts those on its own machine.

docs/how-to/several-cards.md shows how. Covers: doing what rank 0 asks for, until it ends.
"""

import argparse
import os
import sys
import traceback

from azr_trainer import lifeline
from azr_trainer.checks import parsed, place, whole
from azr_trainer.logs import silent
from azr_trainer.requests import handle, prepare


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="azr_trainer.join", description=__doc__)
    add = parser.add_argument
    add("--meet", required=True, help="HOST:PORT, as trainer.meet has it")
    add("--world", type=int, required=True, help="processes in all, as trainer.world has it")
    add("--first", type=int, default=0, help="rank of the first one here: those before it count")
    add("--threads", type=int, default=1)
    add("--device", choices=["auto", "cpu", "cuda"], default="auto")
    add("--child", action="store_true", help="of rank 0: descriptor 0 is the lifeline")
    counts = {"world": whole(1), "first": whole(0), "threads": whole(1)}
    return parsed(parser, {**counts, "meet": place})


def main() -> None:
    options = read_options()
    if options.child:
        lifeline.hold(0)
    if "RANK" not in os.environ:
        raise SystemExit(
            "Cannot join without a rank: start this with torchrun (docs/how-to/several-cards.md)"
        )
    rank = options.first + int(os.environ["RANK"])
    if not 0 < rank < options.world:
        raise SystemExit(f"Cannot join as rank {rank} of {options.world}: see --first and --world")
    device = prepare(options.threads, options.device)
    from azr_trainer import ranks
    from azr_trainer.learner import Learner

    group = ranks.follow(options, device, rank, int(os.environ.get("LOCAL_RANK", "0")))
    learner = Learner(device, silent, group)  # rank 0 logs for all
    while (request := group.next()).get("verb") != "quit":
        try:
            handle(learner, request)
        except Exception:  # rank 0 has the same error and reports it
            print(f"rank {rank}: {traceback.format_exc()}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
