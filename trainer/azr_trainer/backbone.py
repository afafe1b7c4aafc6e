"""Any causal language model of transformers, in the form that the learner needs: hidden states and
a head, separately.

Covers: models that AutoModelForCausalLM builds from a local folder, if their logits are a linear
head on their last states. Differences between architectures are in families.py. Does not cover:
soft-capped or scaled logits, which are refused before a run (suits.py) and when the model is
loaded.
"""

import os
from pathlib import Path

import torch

from azr_trainer import families
from azr_trainer.attention import NAME, tree_attention

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def import_transformers():
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        import transformers
    except ImportError as error:
        raise RuntimeError(
            "Cannot train this model as transformers is not installed: run `azr setup trainer`"
        ) from error
    transformers.utils.logging.disable_progress_bar()
    transformers.AttentionInterface.register(NAME, tree_attention)
    return transformers


def without_dropout(config):
    """Two passes over a sequence have to give the same result: the ratio of an unchanged policy is
    1.
    """
    for name, value in vars(config).items():
        if ("dropout" in name or name.endswith("pdrop")) and isinstance(value, int | float):
            setattr(config, name, 0.0)
    return config


def open_backbone(folder: Path, dtype: str, device: str, attention: str, four_bit: bool = False):
    """The model in `folder`, in `dtype` on `device`. Raises ValueError if it cannot be trained."""
    transformers = import_transformers()
    config = without_dropout(transformers.AutoConfig.from_pretrained(folder, local_files_only=True))
    extra = quantised(transformers) if four_bit else {}
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder,
        config=config,
        dtype=DTYPES[dtype],
        attn_implementation=families.attention_for(transformers, config, "sdpa"),
        local_files_only=True,
        use_safetensors=True,
        **extra,
    )
    model = model if four_bit else model.to(device)
    model.config.use_cache = False
    check_head(model.eval(), device)
    # Set last: weights for cards are read on another device, where the cards' attention would fail.
    model.set_attn_implementation(families.attention_for(transformers, config, attention))
    return model


def quantised(transformers) -> dict:
    """QLoRA: 4 bits per weight, computed in bfloat16."""
    bits = transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    return {"quantization_config": bits, "device_map": {"": 0}}


@torch.no_grad()
def check_head(model, device: str) -> None:
    """Checks that the logits are only the head applied to the states, because our log-probabilities
    take the two apart.
    """
    ids = torch.arange(4, device=device)[None] % model.config.get_text_config().vocab_size
    hidden, weight = with_ones(states(model, ids, None, None), model), head_of(model)
    ours = torch.nn.functional.linear(hidden.float(), weight.float())
    theirs = model(input_ids=ids).logits.float()
    if not torch.allclose(ours, theirs, rtol=0.02, atol=0.05 * float(theirs.abs().max() + 1e-6)):
        raise ValueError(
            f"Cannot train {model.config.model_type} here as its logits are more than a linear "
            "head on its last states"
        )


def as_saved(model, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Tensors with the names and shapes that transformers writes: experts one by one."""
    from transformers.core_model_loading import revert_weight_conversion

    return dict(revert_weight_conversion(model, tensors))


def states(model, ids_BT, positions_BT, mask) -> torch.Tensor:
    """Last hidden states [B, T, W]. Without a mask attention is causal."""
    placed = {} if positions_BT is None else {"position_ids": positions_BT}
    found = model.get_decoder()(input_ids=ids_BT, attention_mask=mask, use_cache=False, **placed)
    return found.last_hidden_state


def head_of(model) -> torch.Tensor:
    """[V, W]; with a bias [V, W + 1], for states that end with a one."""
    head = model.get_output_embeddings()
    bias = getattr(head, "bias", None)
    return head.weight if bias is None else torch.cat([head.weight, bias[:, None]], 1)


def with_ones(states: torch.Tensor, model) -> torch.Tensor:
    """States [..., W] in the form that the model's head takes."""
    if getattr(model.get_output_embeddings(), "bias", None) is None:
        return states
    return torch.cat([states, torch.ones_like(states[..., :1])], -1)
