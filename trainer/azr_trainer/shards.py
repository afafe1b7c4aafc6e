"""Splits weights, gradients and moments over the processes of a group (FSDP2).

Covers: a policy in shards, its gradient as the sum over all ranks, and an optimiser whose state is
written and read like that of one process, so that a checkpoint continues under any number of
processes. Does not cover: 4-bit weights, 8-bit moments, masters in the machine's memory. These are
refused when loading.
"""

from typing import TYPE_CHECKING

import torch

from azr_trainer.settings import Settings

# FSDP takes a second to import, so a learner with one process does not import it.
if TYPE_CHECKING:
    from torch.distributed.tensor import DTensor


def whole(tensor: torch.Tensor) -> torch.Tensor:
    """The whole of a sharded tensor, for which all ranks have to ask together. Others stay
    unchanged.
    """
    return tensor.full_tensor() if hasattr(tensor, "full_tensor") else tensor


def local(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.to_local() if hasattr(tensor, "to_local") else tensor


def check(settings: Settings) -> None:
    if settings.method == "qlora" or settings.optimizer != "adamw":
        asked = "qlora" if settings.method == "qlora" else settings.optimizer
        raise ValueError(
            f"Cannot use {asked} with several processes: use trainer.optimizer=adamw with "
            "trainer.method=full or lora, whose memory they share"
        )


def has_masters(settings: Settings) -> bool:
    """Half-precision weights that learn are stored in fp32, and gathered in half for each pass."""
    return settings.method == "full" and settings.dtype != "float32"


class Passes(torch.nn.Module):
    """Everything that uses weights in a pass, including the head, under one root."""

    def __init__(self, module: torch.nn.Module, logps):
        super().__init__()
        self.module, self.logps = module, logps

    def forward(self, part, temperature: float):
        # These are copies, because FSDP attaches its hooks to the returned tensors.
        return tuple(values.clone() for values in self.logps(part, temperature))


def share_out(module: torch.nn.Module, layers, logps, settings: Settings, mesh) -> Passes:
    """Splits the parameters of `module` into shards, in place. A layer is whole only during its
    pass.
    """
    from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard

    passes, half = Passes(module, logps), MixedPrecisionPolicy()
    if has_masters(settings):
        half = MixedPrecisionPolicy(param_dtype=torch.bfloat16, reduce_dtype=torch.float32)
    for part in (*layers, passes):
        fully_shard(part, mesh=mesh, mp_policy=half)
        # The weights of a loss count all tokens of all ranks, so gradients are added up.
        part.set_gradient_divide_factor(1.0)
        part.set_force_sum_reduction_for_comms(True)
    return passes


class Shards:
    """An optimiser over shards of the weights."""

    def __init__(self, weights: list[torch.nn.Parameter], make, is_half: bool):
        self.weights, self.inner, self.is_half = weights, make(weights), is_half

    @property
    def param_groups(self) -> list[dict]:
        return self.inner.param_groups

    def zero_grad(self, set_to_none: bool = True) -> None:
        self.inner.zero_grad(set_to_none=set_to_none)

    def step(self) -> None:
        self.inner.step()

    def state_dict(self) -> dict:
        state = self.inner.state_dict()
        gathered = {
            number: {name: whole(value).cpu() for name, value in values.items()}
            for number, values in state["state"].items()
        }
        inner = {**state, "state": gathered}
        if not self.is_half:
            return inner
        return {"inner": inner, "masters": [whole(w.detach()).cpu() for w in self.weights]}

    @torch.no_grad()
    def load_state_dict(self, state: dict) -> None:
        inner = state["inner"] if self.is_half else state
        numbers = [number for group in inner["param_groups"] for number in group["params"]]
        cut = {}
        for number, weight in zip(numbers, self.weights, strict=True):
            values = inner["state"].get(number, {})
            is_like = lambda value, weight=weight: value.shape == weight.shape
            cut[number] = {n: shard(v, weight) if is_like(v) else v for n, v in values.items()}
        self.inner.load_state_dict({**inner, "state": {n: v for n, v in cut.items() if v}})
        for weight, master in zip(self.weights, state.get("masters", []), strict=False):
            weight.copy_(shard(master, weight))


def shard(tensor: torch.Tensor, like: "DTensor") -> "DTensor":
    """This rank's part of a value that every rank has completely."""
    from torch.distributed.tensor import distribute_tensor

    placed = tensor.to(like.device)
    return distribute_tensor(placed, like.device_mesh, like.placements, src_data_rank=None)
