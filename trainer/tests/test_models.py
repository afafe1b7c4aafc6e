"""Small real architectures with random weights: the gradient under any split, adapters, optimisers.

Our own qwen2 and llama are tested in test_learner.py and test_llama.py. Nothing here uses CUDA.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from small_models import (
    HF,
    LORA,
    OPTIONS,
    SHAPES,
    SMALL,
    batch,
    by_hand,
    far,
    gradient,
    made,
    started,
    transformers,
)

from azr_trainer.learner import Learner
from azr_trainer.logps import ChunkedLogps
from azr_trainer.loss import token_logps
from azr_trainer.merge import merge


@pytest.mark.parametrize("shape", SHAPES)
def test_gradient_is_the_hand_worked_one_however_the_batch_is_cut(tmp_path, shape, monkeypatch):
    folder = made(tmp_path, shape)
    hand = by_hand(folder)
    assert hand.norm() > 1e-2
    for tokens in (4096, 100, 1):
        options = {**OPTIONS, "microBatchTokens": tokens}
        assert far(gradient(started(folder), options), hand) <= 1e-5
    # Logits of five tokens at a time, with layers recomputed in the backward pass.
    monkeypatch.setattr("azr_trainer.logps.LOGITS", 5 * 4 * SMALL["vocab_size"])
    again = started(folder, gradientCheckpointing=True)
    assert far(gradient(again, OPTIONS), hand) <= 1e-5


def test_log_probabilities_in_chunks_have_the_gradient_of_those_in_one_piece():
    generator = torch.Generator().manual_seed(1)
    draw = lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float32)
    hidden, weight = draw(11, 6).requires_grad_(), draw(17, 6).requires_grad_()
    target = torch.randint(0, 17, (11,), generator=generator)
    up, up_entropy = draw(11), draw(11)
    whole = token_logps(hidden @ weight.T, target, 0.7)
    expected = torch.autograd.grad(whole, (hidden, weight), (up, up_entropy))
    parts = ChunkedLogps.apply(hidden, weight, target, 0.7, 4)
    torch.testing.assert_close(parts, whole)
    found = torch.autograd.grad(parts, (hidden, weight), (up, up_entropy))
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("shape", ["qwen3", "smollm2"])
def test_adapters_of_equal_seeds_are_equal_and_go_on_bit_for_bit(tmp_path, shape):
    pytest.importorskip("peft")
    folder = made(tmp_path / "base", shape)
    one, two = started(folder, **LORA), started(folder, **LORA)
    assert one.load(folder, {**HF, **LORA}) == two.load(folder, {**HF, **LORA})
    other = two.load(folder, {**HF, **LORA, "seed": 6})
    assert other["weightsHash"] != one.load(folder, {**HF, **LORA})["weightsHash"]
    assert other["learned"] < other["parameters"]
    first = one.update(batch(2), OPTIONS)
    one.save(str(tmp_path / "kept"))
    straight = one.update(batch(2), OPTIONS)
    settings = {**HF, **LORA, "base": folder}
    resumed = Learner()
    assert resumed.load(str(tmp_path / "kept"), settings)["weightsHash"] == first["weightsHash"]
    assert resumed.update(batch(2), OPTIONS)["weightsHash"] == straight["weightsHash"]


def test_every_linear_layer_but_the_head_has_an_adapter_and_no_base_weight_moves(tmp_path):
    pytest.importorskip("peft")
    folder = made(tmp_path / "base", "qwen2")
    learner = started(folder, **LORA)
    before = {n: p.clone() for n, p in learner.policy.module.named_parameters()}
    learner.update(batch(), OPTIONS)
    learner.update(batch(), OPTIONS)
    moved = {
        name
        for name, p in learner.policy.module.named_parameters()
        if not torch.equal(p, before[name])
    }
    assert {name.split(".lora_")[0].rsplit(".", 1)[-1] for name in moved} == {
        *("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    }
    assert all(".lora_" in name for name in moved)
    assert len(moved) == 2 * 7 * SMALL["num_hidden_layers"]


def scores(model, ids: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(input_ids=ids).logits


@pytest.mark.parametrize("backend", ["transformers", "plain"])
def test_an_adapter_leaves_as_peft_reads_it_and_merged_as_a_full_model(tmp_path, backend):
    peft = pytest.importorskip("peft")
    folder = made(tmp_path / "base", "smollm2")
    learner = started(folder, backend=backend, **LORA)
    for _ in range(3):
        learner.update(batch(), OPTIONS)
    learner.export(str(tmp_path / "whole"), merged=True)
    learner.export(str(tmp_path / "adapter"), merged=False)
    names = {path.name for path in (tmp_path / "adapter").iterdir()}
    assert {"adapter_config.json", "adapter_model.safetensors"} <= names
    assert "model.safetensors" not in names
    keys = load_file(tmp_path / "adapter/adapter_model.safetensors")
    assert all(key.startswith("base_model.model.model.layers.") for key in keys)
    written = json.loads((tmp_path / "adapter/adapter_config.json").read_text())
    assert written["r"] == 4 and str(tmp_path) not in json.dumps(written)
    ids = torch.arange(20)[None]
    load = transformers.AutoModelForCausalLM.from_pretrained
    base, whole = load(folder), load(tmp_path / "whole")
    assert (scores(whole, ids) - scores(base, ids)).abs().max() > 1e-3
    adapted = peft.PeftModel.from_pretrained(load(folder), tmp_path / "adapter")
    torch.testing.assert_close(scores(adapted, ids), scores(whole, ids), rtol=1e-4, atol=1e-5)
    lengths = np.array([20], np.int32)
    own = learner.score(np.arange(20, dtype=np.int32), lengths)
    theirs = scores(whole, ids)[0, :-1].log_softmax(-1)[torch.arange(19), ids[0, 1:]]
    np.testing.assert_allclose(own, theirs.numpy(), rtol=1e-4, atol=1e-5)


def test_an_adapter_is_merged_whatever_its_optimiser(tmp_path):
    pytest.importorskip("peft")
    folder = made(tmp_path / "base", "smollm2")
    learner = started(folder, optimizer="adamwCpu", **LORA)
    learner.update(batch(), OPTIONS)
    learner.save(str(tmp_path / "kept"))
    learner.export(str(tmp_path / "whole"), merged=True)
    merge(Path(folder), tmp_path / "kept", tmp_path / "merged")
    whole, merged = (load_file(tmp_path / n / "model.safetensors") for n in ("whole", "merged"))
    assert whole.keys() == merged.keys()
    assert all(torch.equal(whole[name], merged[name]) for name in whole)


def test_masters_on_the_cpu_take_the_steps_of_adamw_and_keep_what_bfloat16_would_lose(tmp_path):
    folder = made(tmp_path / "base", "qwen2.5")
    plain, offloaded = started(folder), started(folder, optimizer="adamwCpu")
    for learner in (plain, offloaded):
        learner.update(batch(2), OPTIONS)
    assert plain.save(str(tmp_path / "a")) == offloaded.save(str(tmp_path / "b"))
    half = started(folder, dtype="bfloat16", optimizer="adamwCpu")
    small = {**OPTIONS, "learningRate": 1e-6, "weightDecay": 0.0}
    before = [m.clone() for m in half.optimizer.masters]
    half.update(batch(), small)
    changed = [(m != b).float().mean() for m, b in zip(half.optimizer.masters, before, strict=True)]
    assert min(changed[1:]) > 0.5
    half.save(str(tmp_path / "half"))
    straight = half.update(batch(), small)
    again = Learner()
    again.load(str(tmp_path / "half"), {**HF, "dtype": "bfloat16", "optimizer": "adamwCpu"})
    assert again.update(batch(), small)["weightsHash"] == straight["weightsHash"]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"method": "qlora"}, "qlora without CUDA"),
        ({"optimizer": "adamw8bit"}, "8-bit optimiser without CUDA"),
        ({"methd": "lora"}, "Cannot load with methd"),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_out(tmp_path, settings, why):
    with pytest.raises(ValueError, match=why):
        started(made(tmp_path, "qwen2.5"), **settings)


def test_a_model_with_a_scaled_head_is_refused(tmp_path):
    scaled = transformers.GraniteConfig(**SMALL, logits_scaling=8.0)
    transformers.AutoModelForCausalLM.from_config(scaled).save_pretrained(tmp_path / "scaled")
    with pytest.raises(ValueError, match="more than a linear head"):
        started(str(tmp_path / "scaled"))
