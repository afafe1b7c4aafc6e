"""The model that is trained, one face for all: our own or transformers', whole or with adapters.

Covers: states and head for the loss, which parameters learn, what a hash, a checkpoint and an
export hold. Does not cover: the loss, the optimiser, files being whole (checkpoint.py).
"""

from dataclasses import dataclass
from pathlib import Path

import torch

from azr_trainer import adapters, backbone
from azr_trainer.model import WEIGHTS, Qwen2, load_model
from azr_trainer.packing import PACKED, MicroBatch
from azr_trainer.settings import Settings


@dataclass
class Policy:
    module: torch.nn.Module
    settings: Settings
    wrapped: torch.nn.Module | None = None  # peft's, around the same layers
    packed: int = PACKED  # most tokens of sequences that share their prompt

    def states(self, part: MicroBatch) -> torch.Tensor:
        """Hidden states [N, W] from which the completion tokens of a micro-batch are predicted."""
        if isinstance(self.module, Qwen2):
            hidden = self.module(part.ids_BT, part.positions_BT, part.additive_mask())
        elif part.is_causal:
            hidden = backbone.states(self.module, part.ids_BT, None, None)
        else:
            hidden = backbone.states(self.module, part.ids_BT, part.positions_BT, part.seen_BTT)
        return hidden.flatten(0, 1).index_select(0, part.at_N)

    def head(self) -> torch.Tensor:
        """[V, W]."""
        if isinstance(self.module, Qwen2):
            return self.module.head_weight()
        return backbone.head_of(self.module)

    def parameters(self) -> list[torch.nn.Parameter]:
        """Those that learn."""
        return [p for p in self.module.parameters() if p.requires_grad]

    def tensors(self) -> dict[str, torch.Tensor]:
        """What changes: the adapter, or all weights. Hash and checkpoint cover these."""
        if self.wrapped is not None:
            return adapters.adapter_tensors(self.wrapped)
        return untied(self.module.state_dict())

    def whole(self) -> dict[str, torch.Tensor]:
        """Tensors of the full model, adapters merged."""
        if self.settings.method == "qlora":
            raise ValueError(
                "Cannot export merged weights of a 4-bit model: give the engine its adapter "
                "(engine.loraRank)"
            )
        return untied(adapters.merged_tensors(self.module))


def untied(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Without a head that is the embedding under a second name."""
    places = {t.data_ptr() for name, t in tensors.items() if name != "lm_head.weight"}
    return {
        name: tensor
        for name, tensor in tensors.items()
        if name != "lm_head.weight" or tensor.data_ptr() not in places
    }


def check(settings: Settings, device: str) -> None:
    if settings.method == "qlora" and device != "cuda":
        raise ValueError("Cannot train with qlora without CUDA: use trainer.method=lora")
    if settings.optimizer == "adamw8bit" and device != "cuda":
        raise ValueError(
            "Cannot use an 8-bit optimiser without CUDA: use trainer.optimizer=adamw or adamwCpu"
        )
    if settings.backend == "plain" and (settings.dtype, settings.method) == ("bfloat16", "full"):
        raise ValueError("Cannot train in bfloat16 with the plain backend: use transformers")


def open_policy(folder: Path, settings: Settings, device: str) -> Policy:
    """The model of a folder, or of a checkpoint of ours: adapters stand on `settings.base`."""
    check(settings, device)
    is_adapter = (folder / adapters.ADAPTER).is_file()
    base = Path(settings.base) if is_adapter and settings.base else folder
    packed = PACKED
    if settings.backend == "plain":
        module = load_model(base).to(device)
        module.checkpointing = settings.gradientCheckpointing
    else:
        four_bit = settings.method == "qlora"
        module = backbone.open_backbone(base, settings.dtype, device, four_bit)
        # Attention is quadratic in the packed length; up to here a prompt done again costs more.
        packed = max(PACKED, 2 * module.config.get_text_config().hidden_size)
        if settings.gradientCheckpointing:
            module.activation_checkpointing_enable({"use_reentrant": False})
        module.train()
    if settings.method == "full":
        return Policy(module, settings, packed=packed)
    wrapped = adapters.add_adapters(module, settings)
    if is_adapter:
        adapters.read_adapter(wrapped, folder)
    return Policy(module, settings, wrapped, packed)


__all__ = ["WEIGHTS", "Policy", "open_policy"]
