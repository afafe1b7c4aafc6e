"""Norms and gated units in pieces give the same results and gradients as those of transformers."""

import pytest
import torch
from small_models import SMALL, far, transformers

from azr_trainer import fused

COUNTS = {  # two norms and a gated unit in a layer, and a norm at the end
    "llama": (lambda: transformers.LlamaConfig(**SMALL), 7),
    "qwen3": (lambda: transformers.Qwen3Config(**SMALL, head_dim=16), 11),
    "olmo2": (lambda: transformers.Olmo2Config(**SMALL), 11),
    # Its norms multiply by 1 + w, and its units have another activation.
    "gemma": (lambda: transformers.GemmaConfig(**SMALL, head_dim=8), 0),
}


def noisy(config) -> torch.nn.Module:
    torch.manual_seed(4)
    model = transformers.AutoModelForCausalLM.from_config(config)
    for name, weight in model.named_parameters():
        if "norm" in name:  # which are 1 at first: their weight has to count
            torch.nn.init.normal_(weight, mean=1.0, std=0.2)
    return model


def gradients(model: torch.nn.Module) -> torch.Tensor:
    ids = torch.arange(60).view(2, 30)
    model(input_ids=ids, labels=ids).loss.backward()
    return torch.cat([weight.grad.flatten() for weight in model.parameters()])


@pytest.mark.parametrize("family", COUNTS)
def test_a_model_gives_the_same_gradient(family, monkeypatch):
    monkeypatch.setattr(fused, "PIECE", 500)  # several pieces, the last one smaller
    config, count = COUNTS[family]
    expected, model = gradients(noisy(config())), noisy(config())
    assert fused.fuse(model) == count
    assert far(gradients(model), expected) <= 1e-6


def test_only_what_a_module_was_given_is_kept_for_backward():
    gate, up = (torch.randn(6, 8, requires_grad=True) for _ in range(2))
    kept = []
    with torch.autograd.graph.saved_tensors_hooks(lambda x: kept.append(x) or x, lambda x: x):
        fused.SiluGate.apply(gate, up)
    assert [tensor.data_ptr() for tensor in kept] == [gate.data_ptr(), up.data_ptr()]


def test_half_precision_stays_within_its_rounding():
    torch.manual_seed(2)
    x = torch.randn(40, 16, dtype=torch.bfloat16, requires_grad=True)
    weight = torch.randn(16, dtype=torch.bfloat16, requires_grad=True)
    exact = [tensor.detach().float().requires_grad_() for tensor in (x, weight)]
    found = torch.autograd.grad(fused.RmsNorm.apply(x, weight, 1e-6).float().sum(), (x, weight))
    normed = torch.nn.functional.rms_norm(exact[0], (16,), exact[1], 1e-6)
    expected = torch.autograd.grad(normed.sum(), exact)
    assert all(far(f.float(), e) < 0.01 for f, e in zip(found, expected, strict=True))
