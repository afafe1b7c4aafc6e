"""Folders written whole or not at all: a temporary name, sync, rename."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import torch

from azr_trainer.model import WEIGHTS, Qwen2, write_weights

COMPANIONS = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")
STATE = "trainer.pt"


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


def write_folder(folder: Path, model: Qwen2, source: Path, state: dict | None) -> None:
    """A Hugging Face folder; with `state` (optimiser, generator) also a checkpoint."""
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    for name in COMPANIONS:
        if (source / name).is_file():
            shutil.copyfile(source / name, part / name)
    write_weights(model, part / WEIGHTS)
    if state is not None:
        torch.save(state, part / STATE)
        meta = {"weightsHash": weights_hash(model), "torch": torch.__version__}
        (part / "checkpoint.json").write_text(json.dumps(meta) + "\n")
    for file in part.iterdir():
        _sync(file)
    _sync(part)
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    _sync(folder.parent)


def read_state(folder: Path) -> dict | None:
    """Optimiser and generator of a checkpoint; None where the folder is a plain model."""
    file = folder / STATE
    return torch.load(file, weights_only=True) if file.is_file() else None
