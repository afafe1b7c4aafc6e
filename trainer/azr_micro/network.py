"""The embedded model for pretraining: a Qwen2 in plain torch, fast on two cores.

Covers: right-padded batches, causal attention, bf16 matrix products under autocast. Does not cover
sampling (see azr_engine) or reinforcement (see azr_trainer), which read the folder this writes.
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from azr_micro import tokenizer

CONFIG = {
    "architectures": ["Qwen2ForCausalLM"],
    "model_type": "qwen2",
    "hidden_size": 128,
    "intermediate_size": 384,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "vocab_size": len(tokenizer.VOCAB),
    "max_position_embeddings": 256,
    "rope_theta": 10000.0,
    "rms_norm_eps": 1e-6,
    "hidden_act": "silu",
    "tie_word_embeddings": True,
    "use_sliding_window": False,
    "bos_token_id": None,
    "eos_token_id": tokenizer.EOS,
    "pad_token_id": tokenizer.PAD,
    "torch_dtype": "float32",
}
HEADS, WIDTH = CONFIG["num_attention_heads"], CONFIG["hidden_size"]
HEAD = WIDTH // HEADS


def rotary(positions_BT: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines [B, 1, T, head]."""
    frequency = CONFIG["rope_theta"] ** (-torch.arange(0, HEAD, 2).float() / HEAD)
    angle = (positions_BT[:, None, :, None] * frequency).repeat(1, 1, 1, 2)
    return angle.cos(), angle.sin()


def rotate(x_BHTD: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    left, right = x_BHTD.chunk(2, -1)
    return x_BHTD * cos + torch.cat((-right, left), -1) * sin


class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x):
        x = x.float()
        return self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj = nn.Linear(WIDTH, WIDTH)
        self.k_proj = nn.Linear(WIDTH, WIDTH)
        self.v_proj = nn.Linear(WIDTH, WIDTH)
        self.o_proj = nn.Linear(WIDTH, WIDTH, bias=False)

    def forward(self, x_BTW, cos, sin, mask):
        B, T, _ = x_BTW.shape
        split = lambda y: y.view(B, T, HEADS, HEAD).transpose(1, 2)
        q, k, v = split(self.q_proj(x_BTW)), split(self.k_proj(x_BTW)), split(self.v_proj(x_BTW))
        q, k = rotate(q.float(), cos, sin), rotate(k.float(), cos, sin)
        score = (q @ k.transpose(-1, -2)) * HEAD**-0.5 + mask
        mixed = score.softmax(-1).to(v.dtype) @ v
        return self.o_proj(mixed.transpose(1, 2).reshape(B, T, WIDTH))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        inner = CONFIG["intermediate_size"]
        self.gate_proj = nn.Linear(WIDTH, inner, bias=False)
        self.up_proj = nn.Linear(WIDTH, inner, bias=False)
        self.down_proj = nn.Linear(inner, WIDTH, bias=False)

    def forward(self, x):
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.input_layernorm = Norm()
        self.self_attn = Attention()
        self.post_attention_layernorm = Norm()
        self.mlp = Mlp()

    def forward(self, x, cos, sin, mask):
        x = x + self.self_attn(self.input_layernorm(x), cos, sin, mask)
        return x + self.mlp(self.post_attention_layernorm(x))


class Body(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_tokens = nn.Embedding(CONFIG["vocab_size"], WIDTH)
        self.layers = nn.ModuleList(Layer() for _ in range(CONFIG["num_hidden_layers"]))
        self.norm = Norm()


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = Body()
        for name, p in self.named_parameters():
            if p.dim() == 2:
                scale = 0.02 if "embed" in name else p.shape[1] ** -0.5
                if name.endswith(("o_proj.weight", "down_proj.weight")):
                    scale /= (2 * CONFIG["num_hidden_layers"]) ** 0.5
                nn.init.normal_(p, std=scale)
            elif name.endswith("bias"):
                nn.init.zeros_(p)

    def forward(
        self, ids_BT: torch.Tensor, positions_BT: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Logits [B, T, V] of the next token; positions are 0, 1, 2, … unless they are given."""
        T = ids_BT.shape[1]
        cos, sin = rotary(torch.arange(T)[None] if positions_BT is None else positions_BT)
        mask = torch.full((T, T), float("-inf")).triu(1)
        x = self.model.embed_tokens(ids_BT)
        for layer in self.model.layers:
            x = layer(x, cos, sin, mask)
        return F.linear(self.model.norm(x), self.model.embed_tokens.weight)


def save(network: Network, folder: Path) -> None:
    """A Hugging Face folder: config, weights in fp32, tokenizer, generation settings."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    tensors = {k: v.detach().float().contiguous() for k, v in network.state_dict().items()}
    save_file(tensors, folder / "model.safetensors.part", metadata={"format": "pt"})
    (folder / "model.safetensors.part").rename(folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    generation = {"eos_token_id": tokenizer.EOS, "pad_token_id": tokenizer.PAD}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")
    tokenizer.save(folder)


def load(folder: Path) -> Network:
    from safetensors.torch import load_file

    network = Network()
    network.load_state_dict(load_file(folder / "model.safetensors"))
    return network
