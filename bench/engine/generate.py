"""The baseline: transformers' generate on the same prompts, 64 at once, one thread; tokens/s."""

import json
import sys
import time

import torch
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

model_path, requests = sys.argv[1], json.load(sys.stdin)
torch.set_num_threads(1)
# Not AutoTokenizer: it takes every qwen2 for Qwen's own tokenizer, and reads a quarter more tokens.
tokenizer = PreTrainedTokenizerFast.from_pretrained(model_path, padding_side="left")
model = AutoModelForCausalLM.from_pretrained(model_path, dtype=torch.float32).eval()
tokenizer.pad_token_id = model.config.pad_token_id or 0
eos = model.config.eos_token_id
tokens, begun = 0, time.monotonic()
for at in range(0, len(requests), 64):
    part = requests[at : at + 64]
    batch = tokenizer([r["prompt"] for r in part], return_tensors="pt", padding=True)
    batch.pop("token_type_ids", None)
    torch.manual_seed(at)
    longest = max(r["maxTokens"] for r in part)
    with torch.inference_mode():
        out = model.generate(**batch, do_sample=True, max_new_tokens=longest, top_k=0)
    for row, request in zip(out[:, batch["input_ids"].shape[1] :].tolist(), part, strict=True):
        end = row.index(eos) + 1 if eos in row else len(row)
        tokens += min(end, request["maxTokens"])
print(json.dumps({"tokensPerSecond": tokens / (time.monotonic() - begun)}))
