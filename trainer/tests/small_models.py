"""Small models of real architectures with random weights, shared by several test files."""

from pathlib import Path

import numpy as np
import pytest
import torch
from micro_learner import OPTIONS as MICRO_OPTIONS

from azr_trainer.learner import Learner

transformers = pytest.importorskip("transformers")

OPTIONS = {
    **MICRO_OPTIONS,
    "entropyCoefficient": 0.01,
    "maxGradientNorm": 1e9,
    "temperature": 0.8,
    "microBatchTokens": 4096,
}
SMALL = {
    "vocab_size": 199,
    "hidden_size": 48,
    "intermediate_size": 80,
    "num_hidden_layers": 2,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
}
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
SHAPES = {
    "qwen2": lambda: transformers.Qwen2Config(**SMALL, tie_word_embeddings=False),
    "qwen2.5": lambda: transformers.Qwen2Config(**SMALL, tie_word_embeddings=True),
    "qwen3": lambda: transformers.Qwen3Config(**SMALL, head_dim=16, tie_word_embeddings=True),
    "llama3": lambda: transformers.LlamaConfig(**SMALL, rope_parameters=LLAMA3),
    "smollm2": lambda: transformers.LlamaConfig(**SMALL, tie_word_embeddings=True),
}
HF = {"backend": "transformers"}
LORA = {"method": "lora", "loraRank": 4, "loraAlpha": 8.0, "seed": 5}


def made(folder: Path, shape: str) -> str:
    torch.manual_seed(3)
    transformers.AutoModelForCausalLM.from_config(SHAPES[shape]()).save_pretrained(folder)
    return str(folder)


def started(folder: str, **settings) -> Learner:
    torch.set_num_threads(1)
    learner = Learner()
    learner.load(folder, {**HF, **settings})
    return learner


def batch(minibatches: int = 1) -> dict[str, np.ndarray]:
    """Sequences of three prompts and of many lengths; sampled log-probabilities are noise."""
    rng = np.random.default_rng(11)
    prompts = [rng.integers(3, 190, n) for n in (4, 9, 21)]
    rows = [np.concatenate([prompts[i % 3], rng.integers(3, 190, 1 + i * 2)]) for i in range(15)]
    lengths = np.array([len(row) for row in rows], np.int32)
    starts = np.array([len(prompts[i % 3]) for i in range(15)], np.int32)
    tokens = int((lengths - starts).sum())
    return {
        "ids": np.concatenate(rows).astype(np.int32),
        "lengths": lengths,
        "promptLengths": starts,
        "logprobs": rng.normal(-5, 0.3, tokens).astype(np.float32),
        "advantages": rng.normal(0, 1, 15).astype(np.float32),
        "weights": np.full(15, 1 / tokens, np.float32),
        "minibatches": (np.arange(15) % minibatches).astype(np.int32),
    }


def gradient(learner: Learner, options: dict) -> torch.Tensor:
    caught = []
    learner.optimizer.register_step_pre_hook(
        lambda *_: caught.append(
            torch.cat([p.grad.flatten().clone() for p in learner.policy.parameters()])
        )
    )
    learner.update(batch(), options)
    return caught[0]


def by_hand(folder: str) -> torch.Tensor:
    """The same gradient from transformers' own logits, one sequence after another, term by term."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    arrays, at = batch(), 0
    tail = np.split(arrays["logprobs"], np.cumsum(arrays["lengths"] - arrays["promptLengths"])[:-1])
    for row, (length, start) in enumerate(zip(arrays["lengths"], arrays["promptLengths"])):  # noqa: B905
        ids = torch.from_numpy(arrays["ids"][at : at + length]).long()
        at += length
        logits = model(input_ids=ids[None]).logits[0, start - 1 : -1] / OPTIONS["temperature"]
        logps = logits - logits.logsumexp(-1, keepdim=True)
        mine = logps[torch.arange(length - start), ids[start:]]
        old, engine = mine.detach(), torch.from_numpy(tail[row])
        ratio = (mine - old).exp()  # 1: no token is clipped
        surrogate = -float(arrays["advantages"][row]) * ratio
        entropy = -(logps.exp() * logps).sum(-1)
        importance = torch.minimum((old - engine).exp(), torch.tensor(2.0))
        terms = importance * surrogate - OPTIONS["entropyCoefficient"] * entropy
        (float(arrays["weights"][row]) * terms).sum().backward()
    return torch.cat([p.grad.flatten() for p in model.parameters()])


def far(one: torch.Tensor, other: torch.Tensor) -> float:
    return ((one - other).norm() / other.norm()).item()
