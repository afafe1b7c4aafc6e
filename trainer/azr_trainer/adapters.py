"""LoRA through peft: adapters on every linear layer except the head, and how they are written. The
stacked matrices of a mixture's experts get none.

An adapter is stored in peft's own format (adapter_config.json, adapter_model.safetensors), which
vLLM loads. Merging makes a full model from the base as it was read. It never merges and unmerges in
place, which drifts.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file

from azr_trainer.settings import Settings

ADAPTER = "adapter_model.safetensors"
NAME = "default"
NONE = "none of its layers is a torch.nn.Linear, which adapters need: --trainer.method=full"


def import_peft():
    try:
        import peft
    except ImportError as error:
        raise RuntimeError(
            "Cannot train an adapter as peft is not installed: run `azr setup trainer`"
        ) from error
    return peft


def takes_adapter(module: torch.nn.Module, leaf: str) -> bool:
    """Not where kernels read the weights directly, past the layer. peft knows which, but reports it
    too late.
    """
    from peft.tuners.tuners_utils import _check_lora_target_modules_mamba as check

    try:
        check(import_peft().LoraConfig(), module, leaf)
    except ValueError:
        return False
    return True


def targets_of(module: torch.nn.Module) -> list[str]:
    """The linear layers except the head: by last name, or in full if others share that name."""
    heads = {id(module.get_output_embeddings())} if hasattr(module, "get_output_embeddings") else {}
    leaf = lambda name: name.rsplit(".", 1)[-1]
    parts = dict(module.named_modules())
    found = {
        name
        for name, part in parts.items()
        if isinstance(part, torch.nn.Linear) and id(part) not in heads and name != "lm_head"
        if takes_adapter(module, leaf(name))
    }
    others = {leaf(name) for name in parts.keys() - found}
    return sorted({name if leaf(name) in others else leaf(name) for name in found})


def frozen_experts(module: torch.nn.Module) -> list[str]:
    """Weights of a mixture's experts: stacked matrices, which are not linear layers."""
    return sorted(
        {
            name.rsplit(".", 1)[-1]
            for name, weight in module.named_parameters()
            if weight.dim() == 3 and ".experts." in name
        }
    )


def add_adapters(module: torch.nn.Module, settings: Settings):
    """Wraps the layers of `module` in place. All parameters outside the adapter are frozen."""
    peft = import_peft()
    targets = targets_of(module)
    if not targets:
        raise ValueError(f"Cannot train adapters as {NONE}")
    # Before any draw: equal seeds have to give equal adapters.
    torch.manual_seed(settings.seed)
    config = peft.LoraConfig(
        r=settings.loraRank,
        lora_alpha=settings.loraAlpha,
        lora_dropout=0.0,
        bias="none",
        target_modules=targets,
        task_type="CAUSAL_LM" if hasattr(module, "get_decoder") else None,
    )
    return peft.get_peft_model(module, config)


def adapter_tensors(wrapped) -> dict[str, torch.Tensor]:
    """The adapter's tensors under the names that peft and vLLM read."""
    found = import_peft().get_peft_model_state_dict(wrapped, save_embedding_layers=False)
    return {name: tensor.detach().contiguous() for name, tensor in sorted(found.items())}


def write_config(wrapped, folder: Path) -> None:
    config = wrapped.peft_config[NAME]
    config.base_model_name_or_path = None  # a path of this machine
    config.inference_mode = True
    config.save_pretrained(str(folder))
    config.inference_mode = False


def read_adapter(wrapped, folder: Path) -> None:
    """Loads a written adapter. Raises ValueError if it belongs to another model."""
    saved, own = load_file(folder / ADAPTER), adapter_tensors(wrapped)
    shape = lambda tensors: {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if shape(saved) != shape(own):
        raise ValueError(f"Cannot load {folder} as its adapter does not fit the model")
    import_peft().set_peft_model_state_dict(wrapped, saved)


def merged_tensors(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    """The tensors of the whole model under its own names, with each adapter added in fp32."""
    parts = dict(module.named_modules())
    whole = {}
    for name, tensor in module.state_dict().items():
        if ".lora_" in name:
            continue
        tensor = tensor.detach()
        place, is_adapted, leaf = name.partition(".base_layer.")
        if is_adapted and leaf == "weight":
            delta = parts[place].get_delta_weight(NAME).detach()
            tensor = (tensor.float() + delta.float()).to(tensor.dtype)
        whole[f"{place}.{leaf}" if is_adapted else name] = tensor
    return whole
