"""Checks of weights, models and adapters before vLLM uses them: names and shapes."""

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


class Served(torch.nn.Module):
    """A model in vLLM's layout: a padded vocabulary, and three projections in one."""

    def __init__(self, embedding, norm):
        super().__init__()
        self.model = torch.nn.Module()
        self.model.embed_tokens = torch.nn.Embedding(16, 4)
        self.model.norm = torch.nn.LayerNorm(4, bias=False)
        self.model.qkv_proj = torch.nn.Linear(4, 24)
        with torch.no_grad():
            self.model.embed_tokens.weight[:9] = embedding
            self.model.norm.weight.copy_(norm)
        self.bfloat16()


@pytest.mark.parametrize("stale", [None, "model.embed_tokens.weight", "model.norm.weight"])
def test_what_was_not_taken_over_is_found_however_little_it_changed(tmp_path, stale):
    embedding, norm = torch.randn(9, 4).bfloat16(), torch.randn(4).bfloat16()
    tensors = {"model.embed_tokens.weight": embedding, "model.norm.weight": norm}
    model = Served(embedding, norm)
    if stale:
        changed = tensors[stale].clone()
        changed.view(-1)[-1] *= 1 + 2**-7
        tensors[stale] = changed
    save_file({k: v.float() for k, v in tensors.items()}, tmp_path / "model.safetensors")
    if stale is None:
        return worker.check_served(model, tmp_path)
    with pytest.raises(ValueError, match=f"{stale} was not taken over"):
        worker.check_served(model, tmp_path)
