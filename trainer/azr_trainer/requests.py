"""Checks and carries out requests, and describes errors in words. The frames are in wire.py."""

import os

from azr_trainer.batch import BATCH, SCORED
from azr_trainer.checks import check, flag, mapping, one_of, path, whole

# For each verb: the keys that its body requires, and the optional ones. settings.py has more.
BODIES = {
    "hello": ({}, {}),
    "load": ({"path": path}, {"settings": mapping}),
    "probe": ({"longest": whole(2), "options": mapping}, {}),
    "memory": ({}, {}),
    "score": ({}, {"bare": flag, "tokens": whole(1)}),
    "update": ({"options": mapping}, {}),
    "save": ({"path": path}, {}),
    "export": ({"path": path}, {"merged": flag}),
}
ARRAYS = {"score": SCORED, "update": BATCH}
# Nobody waits for a reply to `quit`.
REQUEST = {"id": whole(1), "verb": one_of(*BODIES), "arrays": mapping}


def handle(learner, request: dict) -> dict:
    """Carries out one request. Returns the body of the reply."""
    check("answer", request, REQUEST, {"body": mapping})
    verb, body, arrays = request["verb"], request.get("body", {}), request["arrays"]
    check(verb, body, *BODIES[verb])
    check(verb, arrays, *ARRAYS.get(verb, ({}, {})))
    if verb == "score":
        return {"arrays": {"logprobs": learner.score(**arrays, **body)}}
    if verb == "update":
        return {"body": learner.update(arrays, **body)}
    return {"body": getattr(learner, verb)(**body)}


def reason(error: Exception) -> str:
    """An error in words, for the person who runs it. A full disk is named as such, whichever
    library noticed it.
    """
    if "No space left on device" in str(error):
        return f"the disk is full: make room ({error})"
    return f"{type(error).__name__}: {error}"


def prepare(threads: int, asked: str) -> str:
    """Makes torch exact. Returns the device."""
    # Read when CUDA starts. Without it matrix products differ from run to run.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
    import torch

    torch.set_num_threads(threads)
    if asked == "cuda" and not torch.cuda.is_available():
        raise SystemExit("Cannot train on cuda as torch finds none: run `azr doctor`")
    device = "cuda" if asked != "cpu" and torch.cuda.is_available() else "cpu"
    torch.use_deterministic_algorithms(True, warn_only=device == "cuda")
    # Filling new memory costs time. On a card results are not exact anyway, so skip it there.
    torch.utils.deterministic.fill_uninitialized_memory = device == "cpu"
    return device
