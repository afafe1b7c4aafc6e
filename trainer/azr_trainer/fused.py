"""Computes the steps between a model's matrix products on a processor, while data is in the cache.

Covers: root-mean-square norms and gated SiLU units in models of transformers. For the backward pass
each stores only its inputs. A module is replaced if its results equal ours. Does not cover: cards,
other activations.

    y = w x r,  r = (mean x^2 + e)^-1/2        dx = r (w dy - x r mean(w dy x r))
    h = silu(g) u                              dg = dh u silu'(g),  du = dh silu(g)
"""

from collections.abc import Iterator

import torch
from torch.nn import functional as F

# Numbers in a piece. A few such pieces fit into a core's cache.
PIECE = 1 << 17

silu_backward = torch.ops.aten.silu_backward.grad_input


def pieces(*tensors: torch.Tensor) -> Iterator[tuple[torch.Tensor, ...]]:
    """The same rows of each tensor; views if they are contiguous."""
    rows = [tensor.reshape(-1, tensor.shape[-1]) for tensor in tensors]
    size = max(1, PIECE // rows[0].shape[-1])
    return zip(*(row.split(size) for row in rows), strict=True)


class RmsNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, epsilon: float):
        x, out = x.contiguous(), torch.empty(x.shape, dtype=x.dtype)
        scale = torch.empty(*x.shape[:-1], 1)
        for x_p, out_p, scale_p in pieces(x, out, scale):
            exact = x_p.float()
            torch.rsqrt(exact.square().mean(-1, keepdim=True).add_(epsilon), out=scale_p)
            torch.mul((exact * scale_p).to(x.dtype), weight, out=out_p)
        ctx.save_for_backward(x, weight, scale)
        return out

    @staticmethod
    def backward(ctx, up):
        x, weight, scale = ctx.saved_tensors
        of_x, of_weight = torch.empty_like(x), None
        if ctx.needs_input_grad[1]:
            of_weight = torch.zeros_like(weight, dtype=torch.float32)
        for up_p, x_p, scale_p, of_p in pieces(up, x, scale, of_x):
            normed = x_p.float().mul(scale_p)
            if of_weight is not None:
                of_weight.add_((up_p * normed).sum(0))
            slope = up_p.float() * weight
            slope.sub_(normed.mul_((slope * normed).mean(-1, keepdim=True))).mul_(scale_p)
            of_p.copy_(slope)
        return of_x, None if of_weight is None else of_weight.to(weight.dtype), None


class SiluGate(torch.autograd.Function):
    @staticmethod
    def forward(ctx, gate, up):
        gate, up = gate.contiguous(), up.contiguous()
        out = torch.empty_like(gate)
        for gate_p, up_p, out_p in pieces(gate, up, out):
            torch.mul(F.silu(gate_p), up_p, out=out_p)
        ctx.save_for_backward(gate, up)
        return out

    @staticmethod
    def backward(ctx, slope):
        gate, up = ctx.saved_tensors
        of_gate, of_up = torch.empty_like(gate), torch.empty_like(up)
        for slope_p, gate_p, up_p, of_gate_p, of_up_p in pieces(slope, gate, up, of_gate, of_up):
            torch.mul(F.silu(gate_p), slope_p, out=of_up_p)
            silu_backward(slope_p * up_p, gate_p, grad_input=of_gate_p)
        return of_gate, of_up


def norm_of(module):
    epsilon = getattr(module, "variance_epsilon", getattr(module, "eps", None))
    if epsilon is None or [name for name, _ in module.named_parameters()] != ["weight"]:
        return None
    return lambda x: RmsNorm.apply(x, module.weight, epsilon), len(module.weight)


def gate_of(module):
    names = ("gate_proj", "up_proj", "down_proj")
    if not all(isinstance(getattr(module, name, None), torch.nn.Module) for name in names):
        return None

    def forward(x):
        return module.down_proj(SiluGate.apply(module.gate_proj(x), module.up_proj(x)))

    return forward, module.gate_proj.in_features


@torch.no_grad()
def fuse(model: torch.nn.Module) -> int:
    """Replaces modules whose results equal ours on some random rows. Returns their number."""
    generator, count = torch.Generator().manual_seed(0), 0
    for module in model.modules():
        found = norm_of(module) or gate_of(module)
        if found is None:
            continue
        forward, width = found
        rows = torch.randn(3, width, generator=generator).to(next(module.parameters()).dtype)
        try:
            expected = module(rows)
        except Exception:
            continue  # it takes more than rows, so it is unknown
        tolerance = 1e-5 if rows.dtype == torch.float32 else 0.02
        if torch.allclose(forward(rows), expected, rtol=tolerance, atol=tolerance):
            module.forward, count = forward, count + 1
    return count
