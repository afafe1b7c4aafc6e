"""`python -m azr_trainer.perturb FROM TO --seed N`: copies a folder of weights and changes all of
them a little, so that an engine that did not load them can be recognised.

Each tensor moves by a share of its spread. A tensor of zeros, such as the second half of a new
adapter, gets draws with a fixed spread.
"""

import argparse
import shutil
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from azr_trainer.checks import Rule, parsed, whole
from azr_trainer.files import files_of

SHARE = 0.02
# The spread for tensors of zeros. An adapter then changes a layer by about a hundredth.
FRESH = 0.002


def moved(tensor: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    if not tensor.is_floating_point() or tensor.numel() < 2:
        return tensor.clone()
    wide = tensor.float()
    size = SHARE * wide.std().item() or FRESH
    draw = torch.randn(tensor.shape, generator=generator)
    return (wide + size * draw).to(tensor.dtype).contiguous()


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_trainer.perturb", description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    rules = {"source": Rule("a folder that is there", Path.is_dir), "seed": whole(0)}
    options = parsed(parser, rules)
    aside = shutil.ignore_patterns("*.safetensors")
    shutil.copytree(options.source, options.target, dirs_exist_ok=True, ignore=aside)
    generator = torch.Generator().manual_seed(options.seed)
    for file in files_of(options.source):
        with safe_open(file, framework="pt") as tensors:
            found = {name: moved(tensors.get_tensor(name), generator) for name in tensors.keys()}  # noqa: SIM118
            metadata = tensors.metadata()
        save_file(found, options.target / file.name, metadata=metadata or {"format": "pt"})


if __name__ == "__main__":
    main()
