"""A Qwen2 or Llama in plain torch. weights.py reads and writes its files.

Covers: grouped-query attention, q, k and v with or without biases, tied or untied heads, rotary
positions, fp32. Does not cover: sliding windows, scaled rotary positions, other architectures.
Their configs are refused. The learner uses `forward`; the engine has its own loop over the same
modules.
"""

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

# They differ only in the biases of q, k and v.
FAMILIES = ("qwen2", "llama")


def rotary(length: int, head: int, theta: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines [T, D] of positions 0..length-1."""
    frequency = theta ** (-torch.arange(0, head, 2).float() / head)
    angle = torch.outer(torch.arange(length).float(), frequency).repeat(1, 2)
    return angle.cos(), angle.sin()


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Applies rotary positions to the last axis of x [..., T, D]."""
    left, right = x.chunk(2, -1)
    return x * cos + torch.cat((-right, left), -1) * sin


class Norm(nn.Module):
    """Root-mean-square normalisation with a scale, in fp32."""

    def __init__(self, width: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.float()
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon))


class Attention(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        width = config["hidden_size"]
        self.heads = config["num_attention_heads"]
        self.groups = config["num_key_value_heads"]
        self.head = config.get("head_dim") or width // self.heads
        bias = config.get("attention_bias", config["model_type"] == "qwen2")
        self.q_proj = nn.Linear(width, self.heads * self.head, bias)
        self.k_proj = nn.Linear(width, self.groups * self.head, bias)
        self.v_proj = nn.Linear(width, self.groups * self.head, bias)
        self.o_proj = nn.Linear(self.heads * self.head, width, bias=False)

    def project(self, x_BTW, cos, sin):
        """Rotated q [B, H, T, D], and k, v [B, G, T, D]."""
        B, T, _ = x_BTW.shape
        q = self.q_proj(x_BTW).view(B, T, self.heads, self.head).transpose(1, 2)
        k = self.k_proj(x_BTW).view(B, T, self.groups, self.head).transpose(1, 2)
        v = self.v_proj(x_BTW).view(B, T, self.groups, self.head).transpose(1, 2)
        return rotate(q.float(), cos, sin), rotate(k.float(), cos, sin), v

    def mix(self, q, k, v, mask):
        """Attention of q [B, H, T, D] over k, v [B, G, S, D] under an additive mask."""
        if self.groups != self.heads:
            k = k.repeat_interleave(self.heads // self.groups, 1)
            v = v.repeat_interleave(self.heads // self.groups, 1)
        score = (q @ k.transpose(-1, -2)) * self.head**-0.5 + mask
        mixed = score.softmax(-1).to(v.dtype) @ v
        B, _, T, _ = mixed.shape
        return self.o_proj(mixed.transpose(1, 2).reshape(B, T, -1))

    def forward(self, x_BTW, cos, sin, mask):
        return self.mix(*self.project(x_BTW, cos, sin), mask)


class Mlp(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.gate_proj = nn.Linear(width, inner, bias=False)
        self.up_proj = nn.Linear(width, inner, bias=False)
        self.down_proj = nn.Linear(inner, width, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        width, epsilon = config["hidden_size"], config["rms_norm_eps"]
        self.input_layernorm = Norm(width, epsilon)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = Norm(width, epsilon)
        self.mlp = Mlp(config)

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        self.embed_tokens = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.norm = Norm(config["hidden_size"], config["rms_norm_eps"])


def theta_of(config: dict) -> float:
    scaling = config.get("rope_parameters") or config.get("rope_scaling") or {}
    if scaling.get("rope_type", "default") != "default":
        raise ValueError(f"Cannot run this model as its positions are scaled: {scaling}")
    return config.get("rope_theta") or scaling.get("rope_theta") or 10000.0


class Qwen2(nn.Module):
    """Causal language model. `forward` returns final hidden states, `logits` applies the head."""

    def __init__(self, config: dict):
        super().__init__()
        kind = config.get("model_type")
        if kind not in FAMILIES or config.get("use_sliding_window") or config.get("mlp_bias"):
            raise ValueError(
                f"Cannot run model type {kind}: the learner knows plain qwen2 and llama"
            )
        self.config = config
        self.checkpointing = False  # layers are recomputed in backward, not stored
        self.theta = theta_of(config)
        self.model = Body(config)
        if not config.get("tie_word_embeddings"):
            self.lm_head = nn.Linear(config["hidden_size"], config["vocab_size"], bias=False)

    def forward(
        self, ids_BT: torch.Tensor, positions_BT=None, mask_BTT=None, reach: int | None = None
    ) -> torch.Tensor:
        """Normalised hidden states [B, T, W] of right-padded sequences.

        By default positions count from 0 and attention is causal (see packing.py). All positions
        are below `reach`, which is T by default.
        """
        T = ids_BT.shape[1]
        cos, sin = rotary(reach or T, self.model.layers[0].self_attn.head, self.theta)
        cos, sin = cos.to(ids_BT.device), sin.to(ids_BT.device)
        if positions_BT is not None:
            cos, sin = cos[positions_BT][:, None], sin[positions_BT][:, None]
        if mask_BTT is None:
            mask = torch.full((T, T), float("-inf"), device=ids_BT.device).triu(1)
        else:
            mask = mask_BTT[:, None]
        x = self.model.embed_tokens(ids_BT)
        for layer in self.model.layers:
            if self.checkpointing and torch.is_grad_enabled():
                x = checkpoint(layer, x, cos, sin, mask, use_reentrant=False)
            else:
                x = layer(x, cos, sin, mask)
        return self.model.norm(x)

    def head_weight(self) -> torch.Tensor:
        tied = self.config.get("tie_word_embeddings")
        return (self.model.embed_tokens if tied else self.lm_head).weight

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        return F.linear(hidden.float(), self.head_weight().float())
