"""What each request does, and what was wrong in words. The frames themselves are in wire.py."""

import os


def handle(learner, request: dict) -> dict:
    """Carries out one request: what the reply has beside its id."""
    verb, body, arrays = request["verb"], request.get("body") or {}, request["arrays"]
    if verb == "score":
        return {"arrays": {"logprobs": learner.score(arrays["ids"], arrays["lengths"])}}
    return {"body": answer(learner, verb, body, arrays)}


def answer(learner, verb: str, body: dict, arrays: dict) -> dict:
    if verb == "update":
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
