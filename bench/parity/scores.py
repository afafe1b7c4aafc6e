"""Measures log-probabilities of a model in bfloat16, right and wrong ones, for bench/parity.ts.

    python scores.py MODEL OUT [--rows N] [--length N] [--rate R]

The model writes its own sequences. Each version of its weights then scores them three times:
exactly, in fp32 with the rounded weights, and in two bfloat16 computations that differ like
those of engine and learner. One takes all rows at once with fused attention, the other takes row
by row with plain products. Then it scores them with each fault of docs/explanation/parity.md.
Writes one JSON file of lists, with one number per token.

Covers: full weights, adapters, 4 bits. Does not cover: resampling and the gate (parity.ts).
"""

import argparse
import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import peft
import torch
import transformers
from torch.nn import functional as F

HALF = torch.bfloat16
# The middle values of NormalFloat 4.
LEVELS = torch.tensor(
    [-1.0, -0.6961928, -0.5250731, -0.3949175, -0.2844414, -0.1847734, -0.0910500, 0.0]
    + [0.0795803, 0.1609302, 0.2461123, 0.3379152, 0.4407098, 0.5626170, 0.7229568, 1.0]
)


def rounding(product):
    """Computes a product in bfloat16 like a card: sums in fp32, and rounds the result. Without
    this, a processor that lacks such products takes a hundred times as long.
    """

    def rounded(*tensors, **options):
        if not any(torch.is_tensor(t) and t.dtype == HALF for t in tensors):
            return product(*tensors, **options)
        wide = [t.float() if torch.is_tensor(t) and t.is_floating_point() else t for t in tensors]
        return product(*wide, **options).to(HALF)

    return rounded


F.linear = rounding(F.linear)
torch.matmul = rounding(torch.matmul)
F.scaled_dot_product_attention = rounding(F.scaled_dot_product_attention)


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def opened(folder: str, dtype: torch.dtype, attention: str):
    transformers.utils.logging.disable_progress_bar()
    model = transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, attn_implementation=attention, local_files_only=True
    )
    return model.eval()


def written(model, rows: int, length: int) -> torch.Tensor:
    """Sequences that the model writes after two random tokens."""
    vocabulary = model.config.vocab_size
    start = torch.randint(3, vocabulary, (rows, 2), generator=torch.Generator().manual_seed(1))
    fixed = {"max_length": length, "min_length": length, "do_sample": True, "top_k": 0}
    return model.generate(start, pad_token_id=0, eos_token_id=None, **fixed)


def logps(hidden: torch.Tensor, head: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    logits = F.linear(hidden.to(head.dtype), head).float()
    return F.log_softmax(logits, -1).gather(-1, target[..., None])[..., 0]


def listed(values: torch.Tensor) -> list[float]:
    return [round(value, 6) for value in values.flatten().tolist()]


def head_of(model) -> torch.Tensor:
    return model.get_output_embeddings().weight.float()


@torch.no_grad()
def score(model, ids: torch.Tensor, rows: int, head: torch.Tensor | None = None) -> list[float]:
    head = head_of(model) if head is None else head
    states = lambda part: model.get_decoder()(input_ids=part, use_cache=False).last_hidden_state
    found = [logps(states(part)[:, :-1], head, part[:, 1:]) for part in ids.split(rows)]
    return listed(torch.cat(found))


@torch.no_grad()
def score_after(before, after, ids: torch.Tensor, prompt: int) -> list[float]:
    """Scores completions with `after`, on keys and values of their prompts from `before`."""
    cache = before.get_decoder()(input_ids=ids[:, :prompt], use_cache=True).past_key_values
    rest = after.get_decoder()(input_ids=ids[:, prompt:], past_key_values=cache, use_cache=True)
    return listed(logps(rest.last_hidden_state[:, :-1], head_of(after), ids[:, prompt + 1 :]))


def learn(model, parameters, ids: torch.Tensor, rate: float, seed: int) -> None:
    """Makes one AdamW step of policy gradients with drawn advantages."""
    advantage_B = torch.randn(len(ids), generator=torch.Generator().manual_seed(seed))
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)
    hidden = model.get_decoder()(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
    logp_BT = logps(hidden, model.get_output_embeddings().weight, ids[:, 1:])
    (-(logp_BT * advantage_B[:, None]).mean()).backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)


@torch.no_grad()
def fill(model, state: dict[str, torch.Tensor]) -> None:
    """Loads weights as the engine gets them: rounded to bfloat16, in any model."""
    for name, tensor in model.state_dict().items():
        tensor.copy_(state[name].to(HALF))


@torch.no_grad()
def four_bits(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Linear layers in nf4 with blocks of 64, as QLoRA's learner computes with them."""
    middles, found = (LEVELS[1:] + LEVELS[:-1]) / 2, dict(state)
    for name in [name for name in state if "_proj.weight" in name]:
        blocks = state[name].float().reshape(-1, 64)
        scale = blocks.abs().amax(1, keepdim=True)
        near = LEVELS[torch.bucketize(blocks / scale, middles)] * scale
        found[name] = near.view_as(state[name])
    return found


@contextmanager
def adapted(model, deltas: dict[str, torch.Tensor]):
    """Adds to each layer its adapter, in the type of the model."""

    def beside(delta):
        return lambda _, given, gave: gave + F.linear(given[0], delta)

    layers = {model.get_submodule(name): delta for name, delta in deltas.items()}
    hooks = [
        layer.register_forward_hook(beside(delta.to(layer.weight.dtype)))
        for layer, delta in layers.items()
    ]
    yield
    for hook in hooks:
        hook.remove()


class Bench:
    def __init__(self, folder: str, ids: torch.Tensor):
        self.ids, self.rows, self.out = ids, len(ids), {}
        self.exact = opened(folder, torch.float32, "sdpa")
        self.fused = opened(folder, HALF, "sdpa")
        self.plain = opened(folder, HALF, "eager")

    def thrice(self, name: str) -> None:
        say(name)
        self.out[f"{name}.exact"] = score(self.exact, self.ids, self.rows)
        self.out[f"{name}.engine"] = score(self.fused, self.ids, self.rows)
        self.out[f"{name}.learner"] = score(self.plain, self.ids, 1)

    def version(self, name: str, state: dict[str, torch.Tensor]) -> None:
        for model in (self.exact, self.fused, self.plain):
            fill(model, state)
        self.thrice(name)

    def faults(self, name: str, state: dict, before: dict, prompt: int) -> None:
        """Scores with each fault in a load of `state`, where `before` was served."""
        ids, out = self.ids, self.out
        fill(self.fused, state)
        fill(self.plain, before)
        out[f"{name}.stale head"] = score(self.fused, ids, self.rows, head_of(self.plain))
        out[f"{name}.stale prefix"] = score_after(self.plain, self.fused, ids, prompt)
        out[f"{name}.own prefix"] = score_after(self.fused, self.fused, ids, prompt)
        out[f"{name}.half head"] = score(self.fused, ids, self.rows, head_of(self.fused).to(HALF))
        torn = dict(state)
        layer = next(key for key in torn if key.endswith("mlp.down_proj.weight"))
        torn[layer] = torch.zeros_like(torn[layer])
        fill(self.fused, torn)
        out[f"{name}.damaged"] = score(self.fused, ids, self.rows)

    def adapters(self, name: str, deltas: dict[str, torch.Tensor]) -> None:
        with (
            adapted(self.exact, deltas),
            adapted(self.fused, deltas),
            adapted(self.plain, deltas),
        ):
            self.thrice(name)


def snapshot(model) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--rate", type=float, default=1e-5, help="adapters: twenty times that")
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    learner = opened(options.model, torch.float32, "sdpa")
    everything = written(learner, 2 * options.rows, options.length)
    ids, others = everything.split(options.rows)
    bench, prompt = Bench(options.model, ids), options.length // 2

    states = [snapshot(learner)]
    for step in range(2):
        learn(learner, list(learner.parameters()), others, options.rate, step)
        states.append(snapshot(learner))
    for index, state in enumerate(states):
        bench.version(str(index), state)
    drawn = lambda tensor: 0.05 * tensor.std() * torch.randn_like(tensor)
    moved = {name: tensor + drawn(tensor) for name, tensor in states[0].items()}
    bench.version("moved", moved)
    bench.faults("2", states[2], states[1], prompt)
    bench.faults("moved", moved, states[0], prompt)
    fill(bench.plain, four_bits(states[0]))
    bench.out["0.four bits"] = score(bench.plain, ids, 1)

    for model in (bench.exact, bench.fused, bench.plain, learner):
        fill(model, states[0])
    config = peft.LoraConfig(r=32, lora_alpha=64, target_modules="all-linear", bias="none")
    wrapped = peft.get_peft_model(learner, config)
    mine = [p for p in wrapped.parameters() if p.requires_grad]
    for step in (1, 2):
        learn(wrapped.base_model.model, mine, others, 20 * options.rate, 10 + step)
        parts = learner.named_modules()
        layers = {name: part for name, part in parts if hasattr(part, "get_delta_weight")}
        deltas = {name: p.get_delta_weight("default").detach() for name, p in layers.items()}
        bench.adapters(f"adapter {step}", deltas)
    meta = {"rows": len(ids), "length": options.length, "prompt": prompt}
    options.out.write_text(json.dumps({"meta": meta, "scores": bench.out}))


if __name__ == "__main__":
    main()
