"""Writes folders completely or not at all: a temporary name, sync, rename. A checkpoint records
what its files hold. A damaged one is refused, and an older one is used.
"""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

from azr_trainer import adapters
from azr_trainer.shards import whole
from azr_trainer.weights import WEIGHTS

COMPANIONS = (
    *("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"),
    *("special_tokens_map.json", "vocab.json", "merges.txt", "chat_template.jinja"),
)
STATE = "trainer.pt"
META = "checkpoint.json"


def weights_hash(tensors: dict[str, torch.Tensor]) -> str:
    """sha256 over all tensors, names sorted."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        digest.update(name.encode())
        raw = whole(tensor.detach()).contiguous().cpu().reshape(-1).view(torch.uint8)
        digest.update(raw.numpy())
    return digest.hexdigest()


def _sync(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_companions(folder: Path) -> dict[str, bytes]:
    """The other files of a model. They are kept in memory, because the folder may be deleted
    meanwhile.
    """
    names = [name for name in COMPANIONS if (folder / name).is_file()]
    return {name: (folder / name).read_bytes() for name in names}


@dataclass
class Folder:
    """A folder to write at once: a Hugging Face folder, an adapter, or a checkpoint of either."""

    path: Path
    tensors: dict[str, torch.Tensor]
    adapter: torch.nn.Module | None  # peft's, whose tensors those are
    companions: dict[str, bytes]

    def write(self, state: dict | None, digest: str) -> None:
        """With `state` (optimiser, generator) it is also a checkpoint."""
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        for name, content in self.companions.items():
            (part / name).write_bytes(content)
        weights = self.write_weights(part)
        if state is not None:
            # Through a Python file: torch's own writer does not say why it could not write.
            with (part / STATE).open("wb") as stream:
                torch.save(state, stream)
            files = {name: describe(part / name) for name in (weights, STATE)}
            meta = {"weightsHash": digest, "torch": torch.__version__, "files": files}
            (part / META).write_text(json.dumps(meta) + "\n")
        for file in part.iterdir():
            _sync(file)
        _sync(part)
        shutil.rmtree(self.path, ignore_errors=True)
        part.rename(self.path)
        _sync(self.path.parent)

    def write_weights(self, part: Path) -> str:
        """Returns the name of the file with the tensors."""
        if self.adapter is not None:
            adapters.write_config(self.adapter, part)
        name = WEIGHTS if self.adapter is None else adapters.ADAPTER
        save_file(self.tensors, part / name, metadata={"format": "pt"})
        return name


def describe(file: Path) -> dict:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"bytes": file.stat().st_size, "sha256": digest}


def check_folder(folder: Path) -> None:
    """Raises ValueError if a file of a checkpoint differs from what was saved."""
    meta = folder / META
    if not meta.is_file():
        return
    for name, saved in json.loads(meta.read_text()).get("files", {}).items():
        if not (folder / name).is_file() or describe(folder / name) != saved:
            raise ValueError(f"Cannot load {folder} as {name} is not what was saved")


def read_state(folder: Path) -> dict | None:
    """Optimiser and generator of a checkpoint; None if the folder is a plain model.

    They are loaded to the CPU; an optimiser moves them to its weights' device. The file is
    mapped, so that what the optimiser copies is not held twice.
    """
    file = folder / STATE
    if not file.is_file():
        return None
    return torch.load(file, map_location="cpu", weights_only=True, mmap=True)
