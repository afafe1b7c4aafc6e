"""`python -m azr_trainer.merge BASE CHECKPOINT TO`: merges an adapter's checkpoint into a full
model, for tools that load no adapters: `azr eval`, `azr export RUN --to hf`.
"""

import argparse
import json
from pathlib import Path

from azr_trainer.checks import parsed
from azr_trainer.learner import Learner


def merge(base: Path, checkpoint: Path, to: Path) -> None:
    adapter = json.loads((checkpoint / "adapter_config.json").read_text())
    settings = {
        "backend": "transformers",
        "method": "lora",
        "loraRank": adapter["r"],
        "loraAlpha": adapter["lora_alpha"],
        "base": str(base),
    }
    learner = Learner()
    learner.read(checkpoint, settings)
    learner.export(str(to), merged=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_trainer.merge", description=__doc__)
    for name in ("base", "checkpoint", "to"):
        parser.add_argument(name, type=Path)
    options = parsed(parser, {})
    merge(options.base, options.checkpoint, options.to)


if __name__ == "__main__":
    main()
