"""From the flat arrays of the wire to padded micro-batches. Pure; knows no loss."""

from dataclasses import dataclass

import numpy as np
import torch


@dataclass
class Batch:
    """All sequences of one update; see TrainingBatch in src/engine/types.ts."""

    sequences: list[np.ndarray]  # B of int32 [T]
    prompts_B: np.ndarray
    logps: list[np.ndarray]  # B of float32 [completion]: what the engine sampled with
    advantages_B: np.ndarray
    weights_B: np.ndarray
    minibatches_B: np.ndarray


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
    )


def micro_batches(lengths: list[int], rows: list[int], budget: int) -> list[list[int]]:
    """Rows of similar length together, each group's padded size within the budget of tokens."""
    groups: list[list[int]] = []
    longest = 0
    for row in sorted(rows, key=lambda r: (lengths[r], r)):
        longest = max(longest, lengths[row])
        if not groups or longest * (len(groups[-1]) + 1) > budget:
            groups.append([])
            longest = lengths[row]
        groups[-1].append(row)
    return groups


@dataclass
class MicroBatch:
    ids_BT: torch.Tensor
    rows_N: torch.Tensor  # row of each completion token
    at_N: torch.Tensor  # position whose hidden state predicts it
    target_N: torch.Tensor  # its id


def assemble(sequences: list[np.ndarray], starts: list[int]) -> MicroBatch:
    """Right-padded ids, and where the tokens from `starts` on are predicted."""
    longest = max(len(s) for s in sequences)
    ids = torch.zeros(len(sequences), longest, dtype=torch.long)
    rows, at, target = [], [], []
    for row, (sequence, start) in enumerate(zip(sequences, starts, strict=True)):
        values = torch.from_numpy(sequence.astype(np.int64))
        ids[row, : len(sequence)] = values
        rows.append(torch.full((len(sequence) - start,), row))
        at.append(torch.arange(start - 1, len(sequence) - 1))
        target.append(values[start:])
    return MicroBatch(ids, torch.cat(rows), torch.cat(at), torch.cat(target))
