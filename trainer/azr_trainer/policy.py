"""The trained model behind one interface: ours or transformers', whole or with adapters.

Covers: states and head for the loss, which parameters learn, the contents of a hash, a checkpoint
and an export. Does not cover: the loss, the optimiser, writing files (checkpoint.py).
"""

from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch

from azr_trainer import adapters, attention, backbone, families, shards
from azr_trainer.fused import fuse
from azr_trainer.logps import head_logps
from azr_trainer.model import Qwen2
from azr_trainer.packing import MicroBatch, Room
from azr_trainer.settings import Settings
from azr_trainer.weights import load_model

# The largest tree with dense attention, in multiples of the model's width. Larger trees cost more
# than they save.
DENSE = 2
PLAIN = "plain"
ALONE = Room(0)


@dataclass
class Policy:
    module: torch.nn.Module
    settings: Settings
    wrapped: torch.nn.Module | None = None  # peft's, around the same layers
    attention: str = PLAIN  # our own models', or one of transformers
    passes: shards.Passes | None = None  # set if the weights are split over processes

    def logps(self, part: MicroBatch, temperature: float):
        """Log-probability [N] and entropy [N] of the completion tokens of a micro-batch."""
        compute = self.compute if self.passes is None else self.passes
        return compute(part, temperature)

    def compute(self, part: MicroBatch, temperature: float):
        found = head_logps(self.states(part), self.head(), part.target_M, temperature)
        return tuple(values_M.index_select(0, part.pick_N) for values_M in found)

    def states(self, part: MicroBatch) -> torch.Tensor:
        """Hidden states [M, W] from which the completion tokens of a micro-batch are predicted."""
        if isinstance(self.module, Qwen2):
            hidden = self.module(part.ids_BT, part.positions_BT, part.additive_mask())
        else:
            positions_BT = None if part.is_causal else part.positions_BT
            mask = families.mask_for(self.module, self.attention, part)
            hidden = backbone.states(self.module, part.ids_BT, positions_BT, mask)
        hidden = hidden.flatten(0, 1).index_select(0, part.at_M)
        return hidden if self.attention == PLAIN else backbone.with_ones(hidden, self.module)

    def room(self, tokens: int) -> Room:
        """The limits of a tree of this model."""
        if self.attention != PLAIN and not families.packs(self.module, self.module.config):
            return ALONE
        if not attention.is_dense(self.attention):
            return Room(tokens)
        width = self.head().shape[1]
        return Room(min(DENSE * width, tokens), width)

    def head(self) -> torch.Tensor:
        """[V, W]."""
        if isinstance(self.module, Qwen2):
            return self.module.head_weight()
        return backbone.head_of(self.module)

    def body(self) -> torch.nn.Module:
        """The module with the layers."""
        return self.module.model if isinstance(self.module, Qwen2) else self.module.get_decoder()

    def without_adapter(self):
        """A context in which the adapter is switched off."""
        return nullcontext() if self.wrapped is None else self.wrapped.disable_adapter()

    def parameters(self) -> list[torch.nn.Parameter]:
        """The parameters that learn."""
        return [p for p in self.module.parameters() if p.requires_grad]

    def tensors(self) -> dict[str, torch.Tensor]:
        """The tensors that change: the adapter, or all weights. Hash and checkpoint cover these."""
        if self.wrapped is not None:
            return adapters.adapter_tensors(self.wrapped)
        return self.as_kept(self.untied(self.module.state_dict()))

    def whole(self) -> dict[str, torch.Tensor]:
        """Tensors of the full model, with adapters merged."""
        if self.settings.method == "qlora":
            raise ValueError(
                "Cannot export merged weights of a 4-bit model: give the engine its adapter "
                "(engine.loraRank)"
            )
        return self.as_kept(self.untied(adapters.merged_tensors(self.module)))

    def untied(self, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Leaves out a head that is the embedding under a second name."""
        apart = dict(self.module.named_parameters())  # each parameter under its first name
        is_second = "lm_head.weight" not in apart
        return {n: t for n, t in tensors.items() if not (is_second and n == "lm_head.weight")}

    def as_written(self, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """The whole model under the names of its folder, which the engine knows."""
        return tensors if self.attention == PLAIN else backbone.as_saved(self.module, tensors)

    def as_kept(self, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        """Tensors in the type in which one process would hold them."""
        if self.passes is None or not shards.has_masters(self.settings):
            return tensors
        return {name: tensor.to(torch.bfloat16) for name, tensor in tensors.items()}

    def part(self) -> None:
        """Frees the weights that a pass without a backward pass has gathered."""
        if self.passes is not None:
            self.passes.reshard()


def check(settings: Settings, device: str) -> None:
    if settings.method == "qlora" and device != "cuda":
        raise ValueError("Cannot train with qlora without CUDA: use trainer.method=lora")
    if settings.optimizer == "adamw8bit" and device != "cuda":
        raise ValueError(
            "Cannot use an 8-bit optimiser without CUDA: use trainer.optimizer=adamw or adamwCpu"
        )
    if settings.backend == "plain" and (settings.dtype, settings.method) == ("bfloat16", "full"):
        raise ValueError("Cannot train in bfloat16 with the plain backend: use transformers")


def open_policy(folder: Path, settings: Settings, device: str, group=None) -> Policy:
    """The model of a folder, or of one of our checkpoints. Adapters belong to `settings.base`."""
    check(settings, device)
    if group is None:
        return open_whole(folder, settings, device)
    shards.check(settings)
    return group.by_turns(lambda: open_shards(folder, settings, group.mesh))


def open_shards(folder: Path, settings: Settings, mesh) -> Policy:
    policy = open_whole(folder, settings, "cpu", mesh.device_type)
    if shards.has_masters(settings):
        policy.module.float()
    layers = policy.body().layers
    policy.passes = shards.share_out(policy.module, layers, policy.compute, settings, mesh)
    return policy


def open_whole(
    folder: Path, settings: Settings, device: str, computes: str | None = None
) -> Policy:
    """Reads weights to `device`. `computes` is another device if they are split later."""
    computes = computes or device
    is_adapter = (folder / adapters.ADAPTER).is_file()
    base = Path(settings.base) if is_adapter and settings.base else folder
    name = PLAIN
    if settings.backend == "plain":
        module = load_model(base).to(device)
        module.checkpointing = settings.gradientCheckpointing
    else:
        four_bit = settings.method == "qlora"
        wanted = attention.chosen(settings.attention, computes)
        module = backbone.open_backbone(base, settings.dtype, device, wanted, four_bit)
        name = module.config._attn_implementation
        if computes == "cpu":
            fuse(module)
        if settings.gradientCheckpointing:
            module.activation_checkpointing_enable({"use_reentrant": False})
        module.train()
    if settings.method == "full":
        return Policy(module, settings, attention=name)
    wrapped = adapters.add_adapters(module, settings)
    if is_adapter:
        adapters.read_adapter(wrapped, folder)
    return Policy(module, settings, wrapped, name)
