"""`python -m azr_trainer --threads N [--processes N]`: the learner as a child process.

Frames arrive on descriptor 3 and leave on 4. Descriptor 0 is the lifeline. Standard output is
redirected to standard error before torch is imported, so that a stray print cannot corrupt a frame.
"""

import os

os.dup2(2, 1)

import argparse
import traceback

from azr_trainer import lifeline, wire
from azr_trainer.checks import either, nothing, parsed, place, whole
from azr_trainer.logs import log
from azr_trainer.requests import handle, prepare, reason

IN, OUT = 3, 4


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="azr_trainer", description=__doc__)
    add = parser.add_argument
    add("--threads", type=int, default=1, help="torch threads; part of exactness")
    add("--device", choices=["auto", "cpu", "cuda"], default="cpu")
    add("--processes", type=int, default=1, help="of this machine, one for each card")
    add("--world", type=int, default=0, help="in all, where other machines take part")
    add("--meet", help="HOST:PORT where they meet; without it, this machine only")
    counts = {"threads": whole(1), "processes": whole(1), "world": whole(0)}
    return parsed(parser, {**counts, "meet": either(place, nothing)})


def reply_to(learner, request: dict) -> bytes:
    """One bad request must not end the process."""
    try:
        return wire.encode({"id": request.get("id"), "ok": True, **handle(learner, request)})
    except Exception as error:
        log("error", verb=request.get("verb"), trace=traceback.format_exc())
        return wire.encode({"id": request.get("id"), "ok": False, "error": reason(error)})


def main() -> None:
    options = read_options()
    lifeline.hold(0)
    device = prepare(options.threads, options.device)
    import torch

    from azr_trainer import ranks
    from azr_trainer.learner import Learner

    is_alone = max(options.processes, options.world) == 1
    group = None if is_alone else ranks.lead(options, device, log)
    learner = Learner(device, log, group)
    log("ready", threads=options.threads, torch=torch.__version__, device=device)
    while (request := wire.read_frame(IN)) is not None:
        if group is not None:
            group.post(request)
        if request.get("verb") == "quit":
            break
        wire.write_frame(OUT, reply_to(learner, request))


if __name__ == "__main__":
    main()
