"""Folders written whole or not at all: a temporary name, sync, rename. A checkpoint says what its
files hold, so that a torn or changed one is refused and an older one is used in its place."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import torch

from azr_trainer.model import WEIGHTS, Qwen2, write_weights

COMPANIONS = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")
STATE = "trainer.pt"
META = "checkpoint.json"


def weights_hash(model: Qwen2) -> str:
    """sha256 over all tensors, names sorted."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.detach().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_companions(folder: Path) -> dict[str, bytes]:
    """What stands beside the weights of a model. Kept, as the folder may be deleted meanwhile."""
    names = [name for name in COMPANIONS if (folder / name).is_file()]
    return {name: (folder / name).read_bytes() for name in names}


def write_folder(
    folder: Path, model: Qwen2, companions: dict[str, bytes], state: dict | None
) -> None:
    """A Hugging Face folder; with `state` (optimiser, generator) also a checkpoint."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name, content in companions.items():
        (part / name).write_bytes(content)
    write_weights(model, part / WEIGHTS)
    if state is not None:
        # Through a file of Python's: torch's own writer does not say why it could not write.
        with (part / STATE).open("wb") as stream:
            torch.save(state, stream)
        files = {name: describe(part / name) for name in (WEIGHTS, STATE)}
        meta = {"weightsHash": weights_hash(model), "torch": torch.__version__, "files": files}
        (part / META).write_text(json.dumps(meta) + "\n")
    for file in part.iterdir():
        _sync(file)
    _sync(part)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    _sync(folder.parent)


def describe(file: Path) -> dict:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "sha256": digest}


def check_folder(folder: Path) -> None:
    """Raises ValueError where a file of a checkpoint is not what was saved."""
    meta = folder / META
    if not meta.is_file():
        return
    for name, saved in json.loads(meta.read_text()).get("files", {}).items():
        if not (folder / name).is_file() or describe(folder / name) != saved:
            raise ValueError(f"Cannot load {folder} as {name} is not what was saved")


def read_state(folder: Path) -> dict | None:
    """Optimiser and generator of a checkpoint; None where the folder is a plain model."""
    file = folder / STATE
    return torch.load(file, weights_only=True) if file.is_file() else None
