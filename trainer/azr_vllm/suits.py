"""Whether vLLM can serve the model in a folder, decided before a server starts.

python -m azr_vllm.suits FOLDER --device cpu|cuda --dtype NAME --length TOKENS [--lora]

Prints a JSON line {"refusals"}. vLLM's own config check finds most faults. The head size, which
vLLM checks only in a started engine, is compared with what its attention supports.
"""

import argparse
import json
import os
from pathlib import Path

from azr_trainer.checks import one_of, parsed, whole

OTHER = "choose another model with --model.path=DIR"


def reason(error: Exception) -> str:
    """The sentence of a pydantic error, without its place and links."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    found = next((line for line in lines if line.startswith("Value error, ")), lines[0])
    return found.removeprefix("Value error, ").partition(" [type=")[0].rstrip(".")[:300]


def head_sizes(device: str) -> list[int]:
    """The head sizes that attention supports; empty if this build does not say."""
    try:
        if device == "cpu":
            from vllm.v1.attention.backends.cpu_attn import CPUAttentionBackend as Backend
        else:
            from vllm.v1.attention.backends.triton_attn import TritonAttentionBackend as Backend
        return list(Backend.get_supported_head_sizes())
    except (ImportError, AttributeError):
        return []


def refusals(folder: Path, device: str, dtype: str, length: int, lora: bool) -> list[str]:
    from vllm.config import ModelConfig
    from vllm.model_executor.model_loader.utils import get_model_architecture
    from vllm.model_executor.models import supports_lora

    try:
        config = ModelConfig(model=str(folder), dtype=dtype, max_model_len=length)
        served = get_model_architecture(config)[0] if lora else None
    except Exception as error:  # any error would end the server too
        return [f"vLLM does not take it: {reason(error)}: {OTHER}"]
    if served and not supports_lora(served):
        return [f"vLLM loads no adapters for {served.__name__}: --engine.loraRank=0"]
    size, sizes = config.get_head_size(), head_sizes(device)
    if sizes and size not in sizes:
        known = ", ".join(map(str, sizes))
        return [f"its heads have {size} values, and vLLM on a {device} knows {known}: {OTHER}"]
    return []


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_vllm.suits", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--length", type=int, default=256)
    parser.add_argument("--lora", action="store_true")
    options = parsed(
        parser,
        {
            "device": one_of("cpu", "cuda"),
            "dtype": one_of("float32", "bfloat16"),
            "length": whole(1),
        },
    )
    # vLLM prints to standard output.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    found = refusals(options.folder, options.device, options.dtype, options.length, options.lora)
    out.write(json.dumps({"refusals": found}) + "\n")
    out.close()


if __name__ == "__main__":
    main()
