"""`python -m azr_trainer --threads N`: the learner as a child process.

Frames come in on descriptor 3 and go out on 4; descriptor 0 is the lifeline. Standard output is
pointed at standard error before torch is imported, so that a stray print cannot corrupt a frame.
"""

import os

os.dup2(2, 1)

import argparse
import json
import sys
import traceback

from azr_trainer import lifeline, wire

IN, OUT = 3, 4


def log(event: str, **detail) -> None:
    print(json.dumps({"event": event, **detail}), file=sys.stderr, flush=True)


def handle(learner, request: dict) -> dict:
    """Carries out one request; arrays are unpacked before and packed after."""
    verb, body = request["verb"], request.get("body") or {}
    if verb == "score":
        ids, lengths = wire.unpack_array(body["ids"]), wire.unpack_array(body["lengths"])
        return {"logprobs": wire.pack_array(learner.score(ids, lengths))}
    if verb == "update":
        arrays = {name: wire.unpack_array(value) for name, value in body["batch"].items()}
        return learner.update(arrays, body["options"])
    if verb == "hello":
        return learner.hello()
    if verb == "load":
        return learner.load(body["path"], body.get("settings"))
    if verb == "probe":
        return learner.probe(body["longest"], body["options"])
    if verb == "save":
        return learner.save(body["path"])
    if verb == "export":
        return learner.export(body["path"], body.get("merged", True))
    raise ValueError(
        f"Cannot answer {verb}: known are hello, load, probe, score, update, save, export, quit"
    )


def reason(error: Exception) -> str:
    """In words for whoever runs it: a full disk is named as such, whichever library met it."""
    if "No space left on device" in str(error):
        return f"the disk is full: make room ({error})"
    return f"{type(error).__name__}: {error}"


def choose_device(asked: str) -> str:
    import torch

    if asked == "cuda" and not torch.cuda.is_available():
        raise SystemExit("Cannot train on cuda as torch finds none: run `azr doctor`")
    return "cuda" if asked != "cpu" and torch.cuda.is_available() else "cpu"


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_trainer", description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="torch threads; part of exactness")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="cpu")
    options = parser.parse_args()
    lifeline.hold(0)
    # Read when CUDA starts: without it products of matrices differ from run to run.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
    import torch

    from azr_trainer.learner import Learner

    torch.set_num_threads(options.threads)
    device = choose_device(options.device)
    torch.use_deterministic_algorithms(True, warn_only=device == "cuda")
    learner = Learner(device, log)
    log("ready", threads=options.threads, torch=torch.__version__, device=device)
    while (request := wire.read_frame(IN)) is not None and request["verb"] != "quit":
        try:
            reply = {"id": request["id"], "ok": True, "body": handle(learner, request)}
        except Exception as error:  # one bad request must not end the process
            log("error", verb=request.get("verb"), trace=traceback.format_exc())
            reply = {"id": request["id"], "ok": False, "error": reason(error)}
        wire.write_frame(OUT, reply)


if __name__ == "__main__":
    main()
