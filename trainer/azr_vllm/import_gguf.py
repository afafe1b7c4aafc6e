"""`python -m azr_vllm.import_gguf FILE.gguf FOLDER`: converts a GGUF file into a Hugging Face
folder, fp32.

It runs in the engine's environment. transformers reads such a file but refuses to save it, because
it takes the file for quantised. So the weights go into a fresh model of the same shape.
"""

import argparse
import sys
from pathlib import Path

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from azr_trainer.checks import Rule, parsed


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_vllm.import_gguf", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    options = parsed(parser, {"file": Rule("a file that is there", Path.is_file)})
    place = {
        "pretrained_model_name_or_path": str(options.file.parent),
        "gguf_file": options.file.name,
    }
    read = AutoModelForCausalLM.from_pretrained(**place, dtype=torch.float32)
    config = AutoConfig.for_model(read.config.model_type)
    config.update({k: v for k, v in read.config.to_dict().items() if k != "quantization_config"})
    config.architectures = [type(read).__name__]
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.load_state_dict(read.state_dict())
    model.tie_weights()
    model.save_pretrained(options.folder)
    AutoTokenizer.from_pretrained(**place).save_pretrained(options.folder)
    count = sum(p.numel() for p in model.parameters())
    print(f"{count / 1e6:.1f} M parameters in {options.folder}", file=sys.stderr)


if __name__ == "__main__":
    main()
