"""Optimisers: AdamW, AdamW with 8-bit moments, AdamW on the CPU.

Half-precision weights cannot take steps of 1e-6, so they have fp32 masters. With `Masters` these
are on the same device and take each micro-batch's gradients in fp32. With `Away` they are on the
CPU (offload.py).
"""

from functools import partial

import torch

from azr_trainer.offload import Away
from azr_trainer.policy import Policy
from azr_trainer.shards import Shards, has_masters


def import_bitsandbytes():
    try:
        import bitsandbytes
    except ImportError as error:
        raise RuntimeError(
            "Cannot use an 8-bit optimiser as bitsandbytes is not installed: "
            "run `azr setup trainer --device cuda`"
        ) from error
    return bitsandbytes


def make_optimizer(policy: Policy):
    parameters, kind = policy.parameters(), policy.settings.optimizer
    # Fused updates need no temporaries of the size of the weights. The plain backend does not use
    # them, so that its results stay the same as before.
    is_plain = policy.settings.backend == "plain"
    make = partial(torch.optim.AdamW, foreach=is_plain, fused=not is_plain)
    if kind == "adamw8bit":
        make = import_bitsandbytes().optim.AdamW8bit
    if policy.passes is not None:
        return Shards(parameters, make, has_masters(policy.settings))
    if kind == "adamwCpu":
        return Away(parameters, make)
    if any(p.dtype != torch.float32 for p in parameters):
        return Masters(parameters, make)
    return make(parameters)


def learning(optimizer) -> list[torch.Tensor]:
    """The tensors whose gradients the optimiser reads, in order."""
    return [p for group in optimizer.param_groups for p in group["params"]]


def expect_last(optimizer, is_last: bool) -> None:
    """Says whether the next pass is the last one, so that gradients may leave the card."""
    if isinstance(optimizer, Away):
        optimizer.is_last = is_last


def collect(optimizer) -> None:
    """Called after the last pass. Moves all gradients to where the optimiser reads them."""
    if isinstance(optimizer, Away):
        optimizer.collect()


class Masters:
    """An optimiser over fp32 copies of the weights. The weights follow the copies."""

    def __init__(self, weights: list[torch.nn.Parameter], make):
        self.weights = weights
        self.masters = [w.detach().to(torch.float32, copy=True).requires_grad_() for w in weights]
        self.inner = make(self.masters)
        for weight, master in zip(self.weights, self.masters, strict=True):
            weight.register_post_accumulate_grad_hook(partial(self.take, master))

    @staticmethod
    def take(master: torch.Tensor, weight: torch.nn.Parameter) -> None:
        gradient = weight.grad.to(torch.float32)
        weight.grad = None
        master.grad = gradient if master.grad is None else master.grad.add_(gradient)

    @property
    def param_groups(self) -> list[dict]:
        return self.inner.param_groups

    def zero_grad(self, set_to_none: bool = True) -> None:
        self.inner.zero_grad(set_to_none=set_to_none)
        # A backward pass that ran out of memory may have left some gradients.
        for weight in self.weights:
            weight.grad = None

    @torch.no_grad()
    def step(self) -> None:
        self.inner.step()
        for weight, master in zip(self.weights, self.masters, strict=True):
            weight.copy_(master)

    def state_dict(self) -> dict:
        return {"inner": self.inner.state_dict(), "masters": [m.detach() for m in self.masters]}

    @torch.no_grad()
    def load_state_dict(self, state: dict) -> None:
        self.inner.load_state_dict(state["inner"])
        for weight, master, saved in zip(self.weights, self.masters, state["masters"], strict=True):
            weight.copy_(master.copy_(saved))
