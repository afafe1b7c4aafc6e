"""Reads an export as its users would. Prints a JSON line with what it found."""

import json
import sys
from pathlib import Path


def parquet(folder: str) -> dict:
    import duckdb
    import numpy as np
    import polars as pl

    ask = duckdb.connect().execute
    counts = {}
    for path in sorted(Path(folder).glob("*.parquet")):
        rows = ask(f"select count(*) from '{path}'").fetchall()[0][0]
        assert pl.read_parquet(path).height == rows, path
        counts[path.stem] = rows
    rewards = f"select sum(reward), count(reward) from '{folder}/grades.parquet'"
    rollouts = pl.read_parquet(f"{folder}/rollouts.parquet").sort("id")
    first = rollouts.row(0, named=True)
    return {
        "counts": counts,
        "rewards": ask(rewards).fetchall()[0],
        "polars": pl.read_parquet(f"{folder}/grades.parquet")["reward"].sum(),
        "text": first["text"],
        "ids": np.frombuffer(first["ids"], "<i4").tolist(),
        "logprobs": np.frombuffer(first["logprobs"], "<f4").tolist(),
        "types": {name: str(kind) for name, kind in rollouts.schema.items()},
    }


def tensorboard(folder: str) -> dict:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(folder, size_guidance={"scalars": 0}).Reload()
    tags = events.Tags()["scalars"]
    return {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags}


def hf(folder: str) -> dict:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    ids = tokenizer("def f(a):", return_tensors="pt").input_ids
    return {"vocabulary": model(ids).logits.shape[-1], "tokens": ids.shape[1]}


if __name__ == "__main__":
    print(json.dumps(globals()[sys.argv[1]](sys.argv[2])))
