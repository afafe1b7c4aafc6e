"""Common parts of both sides of `npm run bench:trainer`: the batch, and how time and memory are
measured.
"""

import json
import os
import time
from pathlib import Path

import numpy as np

PROMPT = 128


def batch(answers: int, longest: int, group: int, vocabulary: int) -> list[dict]:
    """`answers` of mixed length, `group` of them per prompt: ids, and a reward each. The same
    everywhere.
    """
    rng = np.random.default_rng(5)
    lengths = np.linspace(longest // 16, longest, answers).astype(int)
    rng.shuffle(lengths)
    prompts = [rng.integers(5, vocabulary, PROMPT).tolist() for _ in range(answers // group)]
    return [
        {
            "prompt": prompts[at // group],
            "answer": rng.integers(5, vocabulary, length).tolist(),
            "reward": float(rng.integers(0, 2)),
        }
        for at, length in enumerate(lengths)
    ]


def even(tokens: int, longest: int, vocabulary: int) -> list[dict]:
    """The given number of tokens, in sequences of one length."""
    rng = np.random.default_rng(6)
    row = lambda: rng.integers(5, vocabulary, longest).tolist()
    made = [row() for _ in range(tokens // longest)]
    return [
        {"prompt": ids[:8], "answer": ids[8:], "reward": float(at % 2)}
        for at, ids in enumerate(made)
    ]


def warm_up(rows: list[dict]) -> list[dict]:
    """The beginnings of the same rows. An update with them creates the moments cheaply."""
    return [{**row, "prompt": row["prompt"][:8], "answer": row["answer"][:8]} for row in rows]


def tokens_of(rows: list[dict]) -> int:
    """Real tokens: each answer with its prompt, without padding."""
    return sum(len(row["prompt"]) + len(row["answer"]) for row in rows)


def memory(field: str) -> int:
    """VmRSS or VmHWM of this process, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"Cannot read {field}")


class Meter:
    """CPU time and wall time of each update, and the peak memory since the model was loaded."""

    def __init__(self):
        # Otherwise the peak of the process that started this one would count.
        Path("/proc/self/clear_refs").write_text("5")
        self.before = memory("VmRSS")
        self.updates: list[dict] = []

    def begin(self) -> None:
        self.at = time.process_time(), time.perf_counter()

    def end(self) -> None:
        cpu, wall = time.process_time() - self.at[0], time.perf_counter() - self.at[1]
        self.updates.append({"cpu": cpu, "wall": wall})

    def report(self, rows: list[dict], **more) -> None:
        peak = memory("VmHWM")
        found = {"tokens": tokens_of(rows), "updates": self.updates, "peak": peak}
        print(json.dumps({**found, "before": self.before, **more}), flush=True)
        os._exit(0)
