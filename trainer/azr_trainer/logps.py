"""Log-probabilities without the vocabulary: logits of a chunk of tokens at a time, made again in
backward. N is the completion tokens of a micro-batch, V the vocabulary, W the width.

For one token with logits z / temperature = l, p = softmax(l), H = -sum_j p_j log p_j:

    d logp_t / d l_j = [j = t] - p_j          d H / d l_j = -p_j (log p_j + H)
"""

import torch
from torch.nn import functional as F

from azr_trainer.loss import token_logps

# Bytes of fp32 logits that may stand at once on a CPU. Fewer make more, smaller products.
LOGITS = 32 << 20
# Rows at once on a card: each chunk reads the whole head, and from here on computing takes longer.
CARD_ROWS = 256


def chunk_rows(vocabulary: int, device: str) -> int:
    return max(1, LOGITS // (4 * vocabulary)) if device == "cpu" else CARD_ROWS


def head_logps(hidden_NW: torch.Tensor, weight_VW: torch.Tensor, target_N, temperature: float):
    """Log-probability [N] and entropy [N] of each target; head and log-softmax are in fp32."""
    rows = chunk_rows(weight_VW.shape[0], weight_VW.device.type)
    if len(target_N) <= rows:
        logits_NV = F.linear(hidden_NW.float(), weight_VW.float())
        return token_logps(logits_NV, target_N, temperature)
    return ChunkedLogps.apply(hidden_NW, weight_VW, target_N, temperature, rows)


def chunk_logps(hidden, weight, temperature: float) -> torch.Tensor:
    logps = F.linear(hidden.float(), weight).div_(temperature)
    return logps.sub_(logps.logsumexp(-1, keepdim=True))


class ChunkedLogps(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden_NW, weight_VW, target_N, temperature: float, rows: int):
        weight = weight_VW.float()
        logps, entropies = [], []
        for hidden, target in zip(hidden_NW.split(rows), target_N.split(rows), strict=True):
            logps_CV = chunk_logps(hidden, weight, temperature)
            logps.append(logps_CV.gather(-1, target[:, None])[:, 0])
            entropies.append(-torch.linalg.vecdot(logps_CV.exp(), logps_CV))
        entropy_N = torch.cat(entropies)
        ctx.save_for_backward(hidden_NW, weight_VW, target_N, entropy_N)
        ctx.temperature, ctx.rows = temperature, rows
        return torch.cat(logps), entropy_N

    @staticmethod
    def backward(ctx, logp_gradient_N, entropy_gradient_N):
        hidden_NW, weight_VW, target_N, entropy_N = ctx.saved_tensors
        weight, rows = weight_VW.float(), ctx.rows
        hidden_gradient = torch.empty_like(hidden_NW)
        weight_gradient = torch.zeros_like(weight) if ctx.needs_input_grad[1] else None
        for start in range(0, len(target_N), rows):
            here = slice(start, start + rows)
            hidden, up, up_entropy = (
                hidden_NW[here],
                logp_gradient_N[here],
                entropy_gradient_N[here],
            )
            logps = chunk_logps(hidden, weight, ctx.temperature)
            share = logps.exp()
            slope = logps.add_(entropy_N[here, None]).mul_(-up_entropy[:, None])
            slope.sub_(up[:, None]).mul_(share)
            slope.scatter_add_(-1, target_N[here, None], up[:, None])
            slope.div_(ctx.temperature)
            hidden_gradient[here] = (slope @ weight).to(hidden_NW.dtype)
            if weight_gradient is not None:
                weight_gradient.addmm_(slope.T, hidden.float())
        if weight_gradient is not None:
            weight_gradient = weight_gradient.to(weight_VW.dtype)
        return hidden_gradient, weight_gradient, None, None, None
