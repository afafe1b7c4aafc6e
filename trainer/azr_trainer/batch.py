"""From the flat arrays of the wire to sequences. Pure; packing.py makes micro-batches of them."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Batch:
    """All sequences of one update; see TrainingBatch in src/engine/types.ts."""

    sequences: list[np.ndarray]  # B of int32 [T]
    prompts_B: np.ndarray
    logps: list[np.ndarray]  # B of float32 [completion]: what the engine sampled with
    advantages_B: np.ndarray
    weights_B: np.ndarray
    minibatches_B: np.ndarray
    groups_B: np.ndarray  # whose mismatch is told apart; means nothing to the loss


def split(flat: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    if lengths.sum() != len(flat):
        raise ValueError(
            f"Cannot split {len(flat)} values into lengths that sum to {lengths.sum()}"
        )
    return np.split(flat, np.cumsum(lengths)[:-1]) if len(lengths) else []


def batch_of(arrays: dict[str, np.ndarray]) -> Batch:
    lengths, prompts = arrays["lengths"], arrays["promptLengths"]
    if (prompts < 1).any() or (prompts >= lengths).any():
        raise ValueError("Cannot train on a sequence without a prompt or without a completion")
    return Batch(
        sequences=split(arrays["ids"], lengths),
        prompts_B=prompts,
        logps=split(arrays["logprobs"], lengths - prompts),
        advantages_B=arrays["advantages"],
        weights_B=arrays["weights"],
        minibatches_B=arrays["minibatches"],
        groups_B=arrays.get("groups", np.zeros(len(lengths), np.int32)),
    )
