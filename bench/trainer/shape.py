"""Writes random weights of the shape of SmolLM2-135M to the given folder, without a download.

With a second argument it has only this many of the 30 layers, and as large a part of the
vocabulary, so that the head is the same share of the work.
"""

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

folder, layers = sys.argv[1], int((sys.argv[2:] or [30])[0])
SHAPE["vocab_size"] = SHAPE["vocab_size"] * layers // SHAPE["num_hidden_layers"]
SHAPE["num_hidden_layers"] = layers
torch.manual_seed(1)
AutoModelForCausalLM.from_config(LlamaConfig(**SHAPE)).save_pretrained(folder)
