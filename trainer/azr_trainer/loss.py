"""The loss, as pure tensors. N is the completion tokens of a micro-batch, V the vocabulary."""

import torch


def token_logps(logits_NV: torch.Tensor, target_N: torch.Tensor, temperature: float):
    """Log-probability [N] of each target, and entropy [N], of the distribution sampled from."""
    logps_NV = (logits_NV / temperature).log_softmax(-1)
    entropy_N = -(logps_NV.exp() * logps_NV).sum(-1)
    return logps_NV.gather(-1, target_N[:, None])[:, 0], entropy_N


def policy_loss(
    logp_N: torch.Tensor,
    old_N: torch.Tensor,
    engine_N: torch.Tensor,
    advantage_N: torch.Tensor,
    weight_N: torch.Tensor,
    entropy_N: torch.Tensor,
    options: dict,
) -> torch.Tensor:
    """Clipped surrogate with a truncated importance weight and an entropy bonus:

        sum_t w_t ( min(exp(old_t - engine_t), C) max(-A_t r_t, -A_t clip(r_t, 1-l, 1+h)) - c H_t )

    with r_t = exp(logp_t - old_t). `old` are the learner's own log-probabilities before the update,
    `engine` those it was sampled with; both are constants. C = 0 leaves the weight out.
    """
    ratio = (logp_N - old_N).exp()
    clipped = ratio.clamp(1 - options["clipLow"], 1 + options["clipHigh"])
    surrogate = torch.maximum(-advantage_N * ratio, -advantage_N * clipped)
    if options["importanceCap"] > 0:
        surrogate = surrogate * (old_N - engine_N).exp().clamp(max=options["importanceCap"])
    return (weight_N * (surrogate - options["entropyCoefficient"] * entropy_N)).sum()
