"""A learner of the embedded model, and batches for it, shared by several test files."""

from pathlib import Path

import numpy as np
import torch

from azr_trainer.learner import Learner

MODEL = Path(__file__).parents[2] / "models/micro"
OPTIONS = {
    "learningRate": 1e-3,
    "weightDecay": 0.01,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "clipLow": 0.2,
    "clipHigh": 0.28,
    "importanceCap": 2.0,
    "entropyCoefficient": 0.001,
    "maxGradientNorm": 1.0,
    "temperature": 1.0,
    "microBatchTokens": 16384,
}


def started(path: Path = MODEL) -> Learner:
    torch.set_num_threads(1)
    learner = Learner()
    learner.load(str(path))
    return learner


def batch(learner: Learner, count: int = 12, minibatches: int = 1) -> dict[str, np.ndarray]:
    """Sequences of many lengths, sampled log-probabilities near the learner's own."""
    rng = np.random.default_rng(7)
    lengths = rng.integers(6, 40, count).astype(np.int32)
    prompts = np.array([rng.integers(1, n - 1) for n in lengths], np.int32)
    ids = rng.integers(3, 100, lengths.sum()).astype(np.int32)
    scored = np.split(learner.score(ids, lengths), np.cumsum(lengths - 1)[:-1])
    own = [s[p - 1 :] for s, p in zip(scored, prompts, strict=True)]
    noise = rng.normal(0, 0.1, int((lengths - prompts).sum()))
    return {
        "ids": ids,
        "lengths": lengths,
        "promptLengths": prompts,
        "logprobs": (np.concatenate(own) + noise).astype(np.float32),
        "advantages": rng.normal(0, 1, count).astype(np.float32),
        "weights": (1 / (lengths - prompts).sum() * np.ones(count)).astype(np.float32),
        "minibatches": (np.arange(count) % minibatches).astype(np.int32),
    }


def shared_prompts(learner: Learner) -> dict[str, np.ndarray]:
    """As `batch`, but the sequences have three prompts between them, in turn."""
    rng = np.random.default_rng(11)
    prompts = [rng.integers(3, 100, n) for n in (4, 9, 9)]
    completions = [rng.integers(3, 100, rng.integers(1, 30)) for _ in range(40)]
    rows = [np.concatenate([prompts[i % 3], c]) for i, c in enumerate(completions)]
    arrays = {
        "ids": np.concatenate(rows).astype(np.int32),
        "lengths": np.array([len(r) for r in rows], np.int32),
        "promptLengths": np.array([len(prompts[i % 3]) for i in range(40)], np.int32),
        "advantages": rng.normal(0, 1, 40).astype(np.float32),
        "weights": np.full(40, 0.01, np.float32),
        "minibatches": np.zeros(40, np.int32),
    }
    lengths = arrays["lengths"]
    scored = np.split(learner.score(arrays["ids"], lengths), np.cumsum(lengths - 1)[:-1])
    own = [s[p - 1 :] for s, p in zip(scored, arrays["promptLengths"], strict=True)]
    arrays["logprobs"] = np.concatenate(own).astype(np.float32)
    return arrays


def gradients(learner: Learner, arrays: dict, options: dict) -> torch.Tensor:
    """The gradient of one update, taken before the optimiser's step."""
    caught = []
    learner.optimizer.register_step_pre_hook(
        lambda *_: caught.append(
            torch.cat([p.grad.flatten().clone() for p in learner.policy.parameters()])
        )
    )
    learner.update(arrays, options)
    return caught[0]
