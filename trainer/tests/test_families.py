"""Small architectures with random weights: the learner against transformers' own logits, however it
packs; and the tensors that it writes against the folder that an engine serves.
docs/explanation/engine.md lists them.
"""

from pathlib import Path

import numpy as np
import pytest
import torch
from small_models import (
    HF,
    LORA,
    OPTIONS,
    SMALL,
    batch,
    by_hand,
    far,
    gradient,
    made,
    started,
    transformers,
)

from azr_trainer.suits import suits
from azr_vllm import worker

BARE = {name: size for name, size in SMALL.items() if name != "num_key_value_heads"}
WINDOW = {"sliding_window": 8}
EXPERTS = {"head_dim": 16, "num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}
FALCON = {
    "vocab_size": 199,
    "hidden_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 6,
    "bos_token_id": 0,
    "eos_token_id": 0,
}
GPT2 = {"vocab_size": 199, "n_embd": 48, "n_layer": 2, "n_head": 6, "n_positions": 128}
ENDS = {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0}
LINEAR = {
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 2,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
}
MAMBA = {
    "mamba_d_ssm": 48,
    "mamba_n_heads": 6,
    "mamba_d_head": 8,
    "mamba_d_state": 8,
    "mamba_chunk_size": 16,
}
FAMILIES = {
    "gemma3": lambda t: t.Gemma3TextConfig(
        **SMALL, head_dim=16, **WINDOW, sliding_window_pattern=2
    ),
    "phi": lambda t: t.PhiConfig(**BARE),
    "phi3": lambda t: t.Phi3Config(**SMALL, **ENDS, **WINDOW),
    "qwen3": lambda t: t.Qwen3Config(**SMALL, head_dim=16),
    "qwen3-moe": lambda t: t.Qwen3MoeConfig(**SMALL, **EXPERTS),
    "mixtral": lambda t: t.MixtralConfig(**SMALL, num_local_experts=4),
    "mistral, a window": lambda t: t.MistralConfig(**SMALL, **WINDOW),
    "qwen2, windows above": lambda t: t.Qwen2Config(
        **SMALL, **WINDOW, use_sliding_window=True, max_window_layers=1
    ),
    "gpt-neox": lambda t: t.GPTNeoXConfig(**BARE, **ENDS),
    "falcon": lambda t: t.FalconConfig(**FALCON, num_kv_heads=2, new_decoder_architecture=True),
    "falcon, ALiBi": lambda t: t.FalconConfig(**FALCON, alibi=True),
    "gpt2": lambda t: t.GPT2Config(**GPT2, **ENDS),
    "gptj, its head biased": lambda t: t.GPTJConfig(**GPT2, **ENDS, rotary_dim=8),
    "opt": lambda t: t.OPTConfig(**BARE | {"ffn_dim": 80, "word_embed_proj_dim": 48}, **ENDS),
    "stablelm": lambda t: t.StableLmConfig(**SMALL, **ENDS),
    "starcoder2": lambda t: t.Starcoder2Config(**SMALL, **ENDS, **WINDOW),
    "olmo2": lambda t: t.Olmo2Config(**SMALL, **ENDS),
    "smollm3": lambda t: t.SmolLM3Config(**SMALL, **ENDS),
    "qwen3.5, linear attention": lambda t: t.Qwen3_5TextConfig(
        **{**SMALL, "num_hidden_layers": 4}, head_dim=16, **LINEAR
    ),
    "falcon-h1, mamba": lambda t: t.FalconH1Config(**SMALL, **MAMBA),
}


@pytest.fixture(params=FAMILIES)
def folder(request, tmp_path, monkeypatch):
    monkeypatch.setitem(
        made.__globals__["SHAPES"], request.param, lambda: FAMILIES[request.param](transformers)
    )
    return made(tmp_path / "served", request.param)


def own_logps(folder: str) -> np.ndarray:
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    arrays, found = batch(), []
    for ids in np.split(arrays["ids"], np.cumsum(arrays["lengths"])[:-1]):
        ids = torch.from_numpy(ids).long()
        with torch.no_grad():
            logps = model(input_ids=ids[None]).logits[0, :-1].float().log_softmax(-1)
        found.append(logps[torch.arange(len(ids) - 1), ids[1:]])
    return torch.cat(found).numpy()


def test_the_learner_is_transformers_to_a_ten_thousandth(folder):
    assert suits(Path(folder))["refusals"] == []
    learner = started(folder)
    arrays = batch()
    found = learner.score(arrays["ids"], arrays["lengths"])
    assert np.abs(found - own_logps(folder)).max() <= 1e-4
    # Packed, with shared prompts, including the backward pass.
    assert far(gradient(learner, OPTIONS), by_hand(folder)) <= 1e-4


def test_what_is_written_is_what_an_engine_serves(folder, tmp_path):
    learner = started(folder)
    learner.update(batch(), OPTIONS)
    path = str(tmp_path / "written")
    learner.export(path)
    tied = bool(getattr(learner.policy.module.config, "tie_word_embeddings", False))
    worker.check(Path(folder), Path(path), tied)
    arrays = batch()
    again = started(path).score(arrays["ids"], arrays["lengths"])
    assert np.abs(again - learner.score(arrays["ids"], arrays["lengths"])).max() <= 1e-6


def test_adapters_learn_or_say_why_not(folder):
    if refusals := suits(Path(folder), "lora")["refusals"]:
        assert "--trainer.method=full" in refusals[0]
        with pytest.raises(ValueError, match="--trainer.method=full"):
            started(folder, **LORA)
        return
    learner = started(folder, **{**HF, **LORA})
    before = learner.policy.tensors()
    before = {name: tensor.clone() for name, tensor in before.items()}
    learner.update(batch(), {**OPTIONS, "learningRate": 1e-2})
    assert any(
        not torch.equal(before[name], tensor) for name, tensor in learner.policy.tensors().items()
    )
