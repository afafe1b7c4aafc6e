"""What each request does, and what was wrong in words. The frames themselves are in wire.py."""

import os

from azr_trainer import wire


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


def prepare(threads: int, asked: str) -> str:
    """Sets torch up for exactness; gives the device."""
    # Read when CUDA starts: without it products of matrices differ from run to run.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
    import torch

    torch.set_num_threads(threads)
    if asked == "cuda" and not torch.cuda.is_available():
        raise SystemExit("Cannot train on cuda as torch finds none: run `azr doctor`")
    device = "cuda" if asked != "cpu" and torch.cuda.is_available() else "cpu"
    torch.use_deterministic_algorithms(True, warn_only=device == "cuda")
    return device
