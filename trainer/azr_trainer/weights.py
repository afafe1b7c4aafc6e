"""Builds our own model from a Hugging Face folder, and reads and writes its safetensors files."""

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from azr_trainer.model import Qwen2

WEIGHTS = "model.safetensors"


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """fp32 tensors of a Hugging Face folder or of one safetensors file."""
    file = path / WEIGHTS if path.is_dir() else path
    if not file.is_file():
        raise FileNotFoundError(f"Cannot load weights as {file} is no file")
    return {name: tensor.float() for name, tensor in load_file(file).items()}


def load_model(folder: Path) -> Qwen2:
    file = folder / "config.json"
    if not file.is_file():
        raise FileNotFoundError(f"Cannot load a model as {file} is missing")
    model = Qwen2(json.loads(file.read_text()))
    assign_weights(model, read_weights(folder))
    return model


def assign_weights(model: Qwen2, weights: dict[str, torch.Tensor]) -> None:
    """Copies weights in place. Checks every name and shape before it changes anything."""
    own = model.state_dict()
    weights = {k: v for k, v in weights.items() if k in own or k != "lm_head.weight"}
    wrong = sorted(set(own) ^ set(weights)) + [
        name for name in own if name in weights and own[name].shape != weights[name].shape
    ]
    if wrong:
        raise ValueError(f"Cannot load weights as {len(wrong)} do not fit the model: {wrong[:3]}")
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(weights[name])


def write_weights(model: Qwen2, file: Path) -> None:
    tensors = {name: t.detach().contiguous() for name, t in model.state_dict().items()}
    save_file(tensors, file, metadata={"format": "pt"})
