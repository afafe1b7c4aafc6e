"""Our side: calls the learner like azr does, but without the pipes. Prints one line of JSON."""

import argparse
import json
import os
import sys
from pathlib import Path

if "--by-prompt" in sys.argv:
    os.environ["THP_MEM_ALLOC_ENABLE"] = "0"  # as it was

import numpy as np
import torch
from common import Meter, batch, even, warm_up

import azr_trainer.policy
import azr_trainer.update
from azr_trainer.learner import Learner
from azr_trainer.packing import Branch, Room, Tree

OPTIONS = {
    "learningRate": 1e-6,
    "weightDecay": 0.01,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "clipLow": 0.2,
    "clipHigh": 0.28,
    "importanceCap": 0,
    "entropyCoefficient": 0.0,
    "maxGradientNorm": 1.0,
    "temperature": 1.0,
}


def by_prompt(sequences, starts_B, rows, room: Room) -> list[Tree]:
    """Trees as they were before whole beginnings were shared: one per prompt, up to a number of
    tokens. The other side of `npm run bench:trainer -- --tasks 64`.
    """
    open_trees: dict[bytes, Tree] = {}
    trees: list[Tree] = []
    for row in map(int, rows):
        start, length = int(starts_B[row]), len(sequences[row])
        key = sequences[row][:start].tobytes()
        tree = open_trees.get(key)
        if tree is None or tree.size + length - start > room.tokens:
            tree = open_trees[key] = Tree([], start)
            trees.append(tree)
        tree.branches.append(Branch(row, start, start if tree.branches else 0))
        tree.size += length - start
    return trees


def arrays_of(rows: list[dict]) -> dict[str, np.ndarray]:
    """As src/run/work/training-batch.ts makes them. Advantages are the rewards, centred."""
    rewards = np.array([row["reward"] for row in rows], np.float32)
    answers = sum(len(row["answer"]) for row in rows)
    flat = [token for row in rows for token in (*row["prompt"], *row["answer"])]
    ints = lambda values: np.array(list(values), np.int32)
    return {
        "ids": ints(flat),
        "lengths": ints(len(row["prompt"]) + len(row["answer"]) for row in rows),
        "promptLengths": ints(len(row["prompt"]) for row in rows),
        "logprobs": np.full(answers, -5, np.float32),
        "advantages": rewards - rewards.mean(),
        "weights": np.full(len(rows), 1 / answers, np.float32),
        "minibatches": np.zeros(len(rows), np.int32),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--updates", type=int, required=True)
    parser.add_argument("--tokens", type=int, required=True, help="of a pass")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--answers", type=int, default=32)
    parser.add_argument("--longest", type=int, default=512)
    parser.add_argument("--group", type=int, default=8)
    parser.add_argument("--even", type=int, help="so many tokens, all sequences of --longest")
    parser.add_argument("--batch", help="a file of rows instead")
    parser.add_argument("--by-prompt", action="store_true", help="share prompts alone")
    options = parser.parse_args()
    if options.by_prompt:
        azr_trainer.update.plant = by_prompt
        azr_trainer.policy.fuse = lambda model: 0
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    vocabulary = json.loads((Path(options.model) / "config.json").read_text())["vocab_size"]
    size = (options.longest, vocabulary)
    if options.batch:
        rows = json.loads(Path(options.batch).read_text())
    elif options.even:
        rows = even(options.even, *size)
    else:
        rows = batch(options.answers, options.longest, options.group, vocabulary)
    meter, learner = Meter(), Learner()
    settings = {
        "backend": "transformers",
        "gradientCheckpointing": options.checkpointing,
        "attention": "sdpa" if options.by_prompt else "auto",
    }
    learner.load(options.model, settings)
    updates, report = [rows] * options.updates, {}
    if options.batch:
        updates[0] = warm_up(rows)
    for now in map(arrays_of, updates):
        meter.begin()
        report = learner.update(now, {**OPTIONS, "microBatchTokens": options.tokens})
        meter.end()
    meter.report(rows, gradientNorm=report["gradientNorm"], passes=report["microBatches"])


if __name__ == "__main__":
    main()
