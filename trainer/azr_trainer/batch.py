"""Makes sequences from the flat arrays of the wire. Pure. packing.py makes
micro-batches of them.
"""

from dataclasses import dataclass

import numpy as np

from azr_trainer.checks import BadRequest, Rule


def array(kind: str) -> Rule:
    return Rule(f"an array of {kind}", lambda v: isinstance(v, np.ndarray) and v.dtype == kind)


INTS, FLOATS = array("int32"), array("float32")
# The arrays that `score` and `update` require, and the optional ones.
SCORED = {"ids": INTS, "lengths": INTS}, {}
EACH = {"promptLengths": INTS, "advantages": FLOATS, "weights": FLOATS, "minibatches": INTS}
BATCH = {**SCORED[0], **EACH, "logprobs": FLOATS}, {"groups": INTS, "tokenAdvantages": FLOATS}


@dataclass
class Batch:
    """All sequences of one update; see TrainingBatch in src/engine/types.ts."""

    sequences: list[np.ndarray]  # B of int32 [T]
    prompts_B: np.ndarray
    # B of float32 [completion]: the engine's log-probabilities, or NaN throughout if unknown
    logps: list[np.ndarray]
    advantages: list[np.ndarray]  # B of float32 [completion]
    weights_B: np.ndarray
    minibatches_B: np.ndarray
    groups_B: np.ndarray  # groups whose mismatch is reported separately; the loss ignores them


def split(flat: np.ndarray, lengths: np.ndarray) -> list[np.ndarray]:
    if (lengths < 1).any() or lengths.sum() != len(flat):
        raise BadRequest(
            f"Cannot split {len(flat)} values into lengths that sum to {lengths.sum()}: "
            "each must be 1 or more, their sum equal"
        )
    return np.split(flat, np.cumsum(lengths)[:-1]) if len(lengths) else []


def check_ids(ids: np.ndarray, vocabulary: int) -> None:
    """Checked before a card reads an invalid id, which would end the process."""
    if len(ids) and not 0 <= ids.min() <= ids.max() < vocabulary:
        raise BadRequest(
            f"Cannot compute ids from {ids.min()} to {ids.max()}: the vocabulary has {vocabulary}"
        )


def check_logps(logps: list[np.ndarray]) -> None:
    """A single NaN comes from a broken engine, and is not an unknown log-probability."""
    for row, logp in enumerate(logps):
        if not np.isfinite(logp).all() and not np.isnan(logp).all():
            raise BadRequest(
                f"Cannot update: the log-probabilities of sequence {row} must all be finite, or "
                "all NaN if an earlier policy sampled it"
            )


def batch_of(arrays: dict[str, np.ndarray]) -> Batch:
    lengths, prompts = arrays["lengths"], arrays["promptLengths"]
    groups = arrays.get("groups", np.zeros(len(lengths), np.int32))
    for name, values in {**{name: arrays[name] for name in EACH}, "groups": groups}.items():
        if len(values) != len(lengths):
            raise BadRequest(f"Cannot update: {len(lengths)} sequences, but {len(values)} {name}")
    if (prompts < 1).any() or (prompts >= lengths).any():
        raise BadRequest("Cannot train on a sequence without a prompt or without a completion")
    if (arrays["minibatches"] < 0).any():
        raise BadRequest("Cannot update: minibatches must be numbered from 0")
    logps = split(arrays["logprobs"], lengths - prompts)
    check_logps(logps)
    same = np.repeat(arrays["advantages"], lengths - prompts)
    advantages = arrays.get("tokenAdvantages", same)
    return Batch(
        sequences=split(arrays["ids"], lengths),
        prompts_B=prompts,
        logps=logps,
        advantages=split(advantages, lengths - prompts),
        weights_B=arrays["weights"],
        minibatches_B=arrays["minibatches"],
        groups_B=groups,
    )
