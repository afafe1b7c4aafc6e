"""`python -m azr_trainer.cards`: lists the cards on which torch can compute here, as JSON, or says
why there are none.

A part of a card (MIG), and hidden cards (CUDA_VISIBLE_DEVICES), are listed as torch sees them.
It also looks for the compiler and the headers that Triton needs for its first kernel.
"""

import json
import os
import shutil
import sys
import sysconfig
from pathlib import Path

import torch


def card(index: int) -> dict:
    free, total = torch.cuda.mem_get_info(index)
    return {"name": torch.cuda.get_device_name(index), "totalBytes": total, "freeBytes": free}


def seen() -> dict:
    cards, error = [], None
    if torch.version.cuda is not None:
        try:
            torch.cuda.init()
            cards = [card(index) for index in range(torch.cuda.device_count())]
        except Exception as raised:  # whatever the error is, no card can be used
            error = str(raised).strip().splitlines()[0]
    return {"torch": torch.__version__, "cuda": torch.version.cuda, "cards": cards, "error": error}


def compiler() -> str | None:
    names = [os.environ.get("CC"), "gcc", "clang"]
    return next((found for name in names if name and (found := shutil.which(name))), None)


def main() -> None:
    headers = Path(sysconfig.get_path("include"), "Python.h").is_file()
    version = sys.version.split()[0]
    facts = {"python": version, "compiler": compiler(), "headers": headers}
    print(json.dumps({**seen(), **facts}))


if __name__ == "__main__":
    main()
