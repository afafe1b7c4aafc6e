"""The loss, as pure tensors. N is the completion tokens of a micro-batch, V the vocabulary."""

import torch


def token_logps(logits_NV: torch.Tensor, target_N: torch.Tensor, temperature: float):
    """Log-probability [N] of each target, and entropy [N], under the sampling distribution."""
    logps_NV = (logits_NV / temperature).log_softmax(-1)
    entropy_N = -(logps_NV.exp() * logps_NV).sum(-1)
    return logps_NV.gather(-1, target_N[:, None])[:, 0], entropy_N


def importance_weight(old_N: torch.Tensor, engine_N: torch.Tensor, options: dict) -> torch.Tensor:
    """u_t = exp(old_t - engine_t), truncated: min(u_t, C) (Yao et al. 2025, off-policy note). Or
    IcePop's: u_t if floor <= u_t <= C, else 0, which leaves the token out. If `engine` is NaN
    (an earlier policy sampled the token), u_t is 1.
    """
    weight_N, cap = (old_N - engine_N).nan_to_num(0.0).exp(), options["importanceCap"]
    if options.get("importance") != "icepop":
        return weight_N.clamp(max=cap)
    inside_N = (weight_N >= options["importanceFloor"]) & (weight_N <= cap)
    return torch.where(inside_N, weight_N, 0.0)


def policy_loss(
    logp_N: torch.Tensor,
    old_N: torch.Tensor,
    engine_N: torch.Tensor,
    advantage_N: torch.Tensor,
    weight_N: torch.Tensor,
    entropy_N: torch.Tensor,
    options: dict,
) -> torch.Tensor:
    """Clipped surrogate with an importance weight v_t and an entropy bonus:

        sum_t w_t ( v_t max(-A_t r_t, -A_t clip(r_t, 1-l, 1+h)) - c H_t )

    with r_t = exp(logp_t - old_t) and v_t from importance_weight. `old` are the learner's own
    log-probabilities before the update, `engine` the sampled ones. Both are constants. C = 0 leaves
    v_t out.
    """
    ratio = (logp_N - old_N).exp()
    clipped = ratio.clamp(1 - options["clipLow"], 1 + options["clipHigh"])
    surrogate = torch.maximum(-advantage_N * ratio, -advantage_N * clipped)
    if options["importanceCap"] > 0:
        surrogate = surrogate * importance_weight(old_N, engine_N, options)
    return (weight_N * (surrogate - options["entropyCoefficient"] * entropy_N)).sum()
