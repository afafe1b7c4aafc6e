"""Checks of weights before vLLM uses them: names, shapes; of models and adapters."""

import pytest
import torch
from safetensors.torch import save_file

from azr_vllm import worker

LAYER = "model.layers.0.self_attn.q_proj"


def write(folder, name, tensors):
    folder.mkdir()
    save_file({key: torch.zeros(shape) for key, shape in tensors.items()}, folder / name)
    return folder


@pytest.fixture
def served(tmp_path):
    shapes = {f"{LAYER}.weight": (8, 4), "model.norm.weight": (4,), "lm_head.weight": (9, 4)}
    return write(tmp_path / "served", "model.safetensors", shapes)


def adapter(tmp_path, layer=LAYER, a=(2, 4), b=(8, 2)):
    place = f"base_model.model.{layer}"
    tensors = {f"{place}.lora_A.weight": a, f"{place}.lora_B.weight": b}
    return write(tmp_path / "adapter", "adapter_model.safetensors", tensors)


def test_an_adapter_of_the_served_model_passes(served, tmp_path):
    worker.check_adapter(served, adapter(tmp_path))


@pytest.mark.parametrize(
    "wrong",
    [
        {"layer": "model.trunk.0.self_attn.q_proj"},
        {"layer": "model.norm"},
        {"a": (2, 5)},
        {"b": (4, 2)},
    ],
)
def test_an_adapter_that_fits_no_layer_is_refused(served, tmp_path, wrong):
    with pytest.raises(ValueError, match="fits no layer"):
        worker.check_adapter(served, adapter(tmp_path, **wrong))


def test_an_adapter_of_the_output_head_is_refused(served, tmp_path):
    with pytest.raises(ValueError, match="output head"):
        worker.check_adapter(served, adapter(tmp_path, layer="lm_head", b=(9, 2)))


def test_other_parts_of_an_adapter_are_refused(served, tmp_path):
    name = f"base_model.model.{LAYER}.lora_magnitude_vector"
    folder = write(tmp_path / "adapter", "adapter_model.safetensors", {name: (8,)})
    with pytest.raises(ValueError, match="fits no layer"):
        worker.check_adapter(served, folder)


def test_an_empty_adapter_is_refused(served, tmp_path):
    folder = write(tmp_path / "adapter", "adapter_model.safetensors", {})
    with pytest.raises(ValueError, match="empty"):
        worker.check_adapter(served, folder)


def test_weights_of_another_shape_or_with_a_name_missing_are_refused(served, tmp_path):
    wrong = {f"{LAYER}.weight": (8, 5), "model.norm.weight": (4,), "lm_head.weight": (9, 4)}
    with pytest.raises(ValueError, match="1 tensors do not fit"):
        worker.check(served, write(tmp_path / "one", "m.safetensors", wrong), tied=False)
    few = {f"{LAYER}.weight": (8, 4), "model.norm.weight": (4,)}
    two = write(tmp_path / "two", "m.safetensors", few)
    with pytest.raises(ValueError, match="lm_head.weight is None"):
        worker.check(served, two, tied=False)
    worker.check(served, two, tied=True)
