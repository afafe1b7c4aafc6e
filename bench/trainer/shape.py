"""Random weights of the shape of SmolLM2-135M in the folder that is named: the same work, no download."""

import sys

import torch
from transformers import AutoModelForCausalLM, LlamaConfig

SHAPE = {
    "vocab_size": 49152,
    "hidden_size": 576,
    "intermediate_size": 1536,
    "num_hidden_layers": 30,
    "num_attention_heads": 9,
    "num_key_value_heads": 3,
    "max_position_embeddings": 8192,
    "rms_norm_eps": 1e-5,
    "tie_word_embeddings": True,
}

torch.manual_seed(1)
AutoModelForCausalLM.from_config(LlamaConfig(**SHAPE)).save_pretrained(sys.argv[1])
