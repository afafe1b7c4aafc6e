"""Draws tokens: a pure function of (logits, temperature, top_p, seed, position).

There is no shared generator and no state, so a request's tokens do not depend on the rest of the
batch. All arithmetic is row by row in float64.
"""

import numpy as np

MASK = np.uint64(0xFFFFFFFFFFFFFFFF)


def _mix(x: np.ndarray) -> np.ndarray:
    """The finaliser of splitmix64."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def uniforms(seeds_R: np.ndarray, positions_R: np.ndarray) -> np.ndarray:
    """One number in [0, 1) for each (seed, position)."""
    golden = np.uint64(0x9E3779B97F4A7C15)
    with np.errstate(over="ignore"):
        state = _mix(seeds_R.astype(np.uint64) * golden + golden)
        state = _mix(state + positions_R.astype(np.uint64) * golden)
    return (state >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def log_softmax(logits_RV: np.ndarray) -> np.ndarray:
    shifted = logits_RV - logits_RV.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def finite(logps: np.ndarray) -> np.ndarray:
    """Raises if one is NaN or infinite: such weights sample the first token again and again."""
    if not np.isfinite(logps).all():
        raise ArithmeticError("a log-probability is not finite: the weights may hold NaN")
    return logps


def _keep_top(powers_V: np.ndarray, top_p: float) -> np.ndarray:
    """Zeroes the tokens outside the smallest set that has top_p of the mass."""
    order = np.argsort(-powers_V, kind="stable")
    before = np.cumsum(powers_V[order]) - powers_V[order]
    kept = np.zeros_like(powers_V)
    inside = order[before < top_p * powers_V.sum()]
    kept[inside] = powers_V[inside]
    return kept


def draw(
    logits_RV: np.ndarray,
    temperatures_R: np.ndarray,
    top_ps_R: np.ndarray,
    seeds_R: np.ndarray,
    positions_R: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Token ids [R] and their log-probabilities [R] under the sampling distribution.

    At temperature 0 the likeliest token is taken, and its log-probability is that of the raw
    logits.
    """
    rows, greedy = np.arange(len(logits_RV)), temperatures_R == 0
    logits = logits_RV.astype(np.float64)
    logits /= np.where(greedy, 1.0, temperatures_R)[:, None]
    logits -= logits.max(-1, keepdims=True)
    powers = np.exp(logits)
    for row in np.flatnonzero((top_ps_R < 1) & ~greedy):
        powers[row] = _keep_top(powers[row], top_ps_R[row])
    mark = uniforms(seeds_R, positions_R)[:, None]
    cumulative = powers.cumsum(-1)
    ids = (cumulative > mark * cumulative[:, -1:]).argmax(-1)
    if greedy.any():
        ids = np.where(greedy, logits.argmax(-1), ids)
    return ids, finite((logits[rows, ids] - np.log(powers.sum(-1))).astype(np.float32))
