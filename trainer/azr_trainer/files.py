"""Finds the safetensors files of a folder that are the model, with names and shapes."""

import json
from pathlib import Path

from safetensors import safe_open

INDEX, WHOLE = "model.safetensors.index.json", "model.safetensors"
# Older files have these. Readers compute them from the config.
COMPUTED = ("rotary_emb.inv_freq", ".attention.bias", ".attention.masked_bias", ".attn.bias")


def files_of(path: Path) -> list[Path]:
    """The files of an index, or model.safetensors, or all: a folder may have other files too."""
    if not path.is_dir():
        files = [path]
    elif (path / INDEX).is_file():
        weights = json.loads((path / INDEX).read_text())["weight_map"]
        files = [path / name for name in sorted(set(weights.values()))]
    elif (path / WHOLE).is_file():
        files = [path / WHOLE]
    else:
        files = sorted(path.glob("*.safetensors"))
    if missing := [file.name for file in files if not file.is_file()]:
        raise FileNotFoundError(f"Cannot load weights as {path} has no {missing[0]}")
    if not files:
        raise FileNotFoundError(f"Cannot load weights as {path} holds no safetensors file")
    return files


def shapes_in(path: Path) -> dict[str, tuple[int, ...]]:
    """Leaves out computed tensors."""
    found = {}
    for file in files_of(path):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118 (it is no dictionary)
                if not name.endswith(COMPUTED):
                    found[name] = tuple(tensors.get_slice(name).get_shape())
    return found
