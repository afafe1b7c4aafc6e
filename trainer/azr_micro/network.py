"""The embedded model for pretraining: its shape, its first weights, its folder.

The network itself is azr_trainer's Qwen2, which training and sampling use too. It covers
right-padded batches with causal attention. Matrix products are in bf16 under autocast.
"""

import json
from pathlib import Path

import torch
from torch import nn

from azr_micro import tokenizer
from azr_trainer.model import Qwen2
from azr_trainer.weights import WEIGHTS, assign_weights, read_weights, write_weights

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


def fresh() -> Qwen2:
    """Weights from torch's generator: narrower in layers that add to the residual stream."""
    network = Qwen2(CONFIG)
    for name, p in network.named_parameters():
        if p.dim() == 2:
            scale = 0.02 if "embed" in name else p.shape[1] ** -0.5
            if name.endswith(("o_proj.weight", "down_proj.weight")):
                scale /= (2 * CONFIG["num_hidden_layers"]) ** 0.5
            nn.init.normal_(p, std=scale)
        elif name.endswith("bias"):
            nn.init.zeros_(p)
    return network


def logits(
    network: Qwen2, ids_BT: torch.Tensor, positions_BT: torch.Tensor | None = None
) -> torch.Tensor:
    """Logits [B, T, V] of the next token. By default positions are 0, 1, 2, …"""
    reach = None if positions_BT is None else int(positions_BT.max()) + 1
    return network.logits(network(ids_BT, positions_BT, reach=reach))


def save(network: Qwen2, folder: Path) -> None:
    """A Hugging Face folder: config, weights in fp32, tokenizer, generation settings."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{WEIGHTS}.part"
    write_weights(network, part)
    part.rename(folder / WEIGHTS)
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    generation = {"eos_token_id": tokenizer.EOS, "pad_token_id": tokenizer.PAD}
    (folder / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")
    tokenizer.save(folder)


def load(folder: Path) -> Qwen2:
    # Draws like fresh weights first, so that the generator's later numbers are the same.
    network = fresh()
    assign_weights(network, read_weights(folder))
    return network
