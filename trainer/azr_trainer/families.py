"""Differences between the architectures of transformers that matter to the learner: whether
sequences may share a row, which attention they take, windows. Nothing depends on an
architecture's name.

Covers: one sequence per row, if layers pass more than keys and values from token to token or
compute positions themselves; the last `window` tokens, for layers that see no more.
"""

import inspect

import torch

from azr_trainer import attention


def class_for(transformers, config):
    return transformers.MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]


def packs(model, config) -> bool:
    """Whether several sequences may share a row. `model` is a class or an instance."""
    text = config.get_text_config()
    return bool(
        model._supports_sdpa
        and not model._is_stateful
        and not getattr(text, "alibi", False)
        and takes_positions(model)
    )


def takes_positions(model) -> bool:
    return "position_ids" in inspect.signature(model.forward).parameters


def window_of(config) -> int | None:
    """The number of tokens that some layers, or all, see at most."""
    text = config.get_text_config()
    types = getattr(text, "layer_types", None) or ["sliding_attention"]
    return getattr(text, "sliding_window", None) if "sliding_attention" in types else None


def attention_for(transformers, config, wanted: str) -> str:
    """The wanted attention, or transformers' own if the model cannot take it."""
    model = class_for(transformers, config)
    if not model._supports_sdpa:
        return "eager"
    is_own = wanted in (attention.NAME, attention.FLEX)
    fits = model._supports_attention_backend and packs(model, config) and not window_of(config)
    return "sdpa" if is_own and not fits else wanted


def mask_for(model, name: str, part):
    """The tree of a micro-batch as the layers of a model see it; None means causal."""
    window = window_of(model.config)
    if part.is_causal or window is None:
        return attention.mask_of(name, part)
    text = model.config.get_text_config()
    whole, near = (masked(name, seen) for seen in (part.seen_BTT(), near_BTT(part, window)))
    if getattr(text, "layer_types", None):
        return {"full_attention": whole, "sliding_attention": near}
    return near


def near_BTT(part, window: int) -> torch.Tensor:
    """Whether a token sees another that is fewer than `window` tokens earlier in its sequence."""
    far_BTT = part.positions_BT[:, :, None] - part.positions_BT[:, None, :] >= window
    return part.seen_BTT() & ~far_BTT


def masked(name: str, seen_BTT: torch.Tensor) -> torch.Tensor:
    if name == "sdpa":
        return seen_BTT[:, None]
    blank = torch.zeros(seen_BTT.shape, device=seen_BTT.device)
    return blank.masked_fill_(~seen_BTT, -torch.inf)[:, None]
