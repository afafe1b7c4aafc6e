"""Pretraining of the embedded model: `python -m azr_micro pretrain --minutes 42`.

Two processes of one thread each share every batch through gloo. On two cores this is twice as fast
as one process with two threads. The learning rate falls linearly with the elapsed time, so the
command ends on time on a busy machine; with --steps it falls with the steps. `--from DIR` continues
a model at a small constant rate with a fresh optimiser, as a baseline for self-play. It cannot be
resumed.
"""

import argparse
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from torch.nn import functional as F

from azr_micro import network as nets
from azr_micro import tokenizer
from azr_micro.examples import Example, stream

TOKENS = 2048  # per process and step
POOL = 512  # examples sorted by length at a time, so that little is padding
LEARNING_RATE = 2.5e-3
LAST_SHARE = 0.02  # of the rate, at the end
# Twice the final rate of a first training. Ten times as much unlearns before it learns.
FURTHER_RATE = 1e-4
WARMUP = 200
SAVE_SECONDS = 120

# Between sections positions jump by up to STRETCH, differently in every example. So the model
# cannot count which line belongs to which step of the working; it has to use names.
STRETCH = 16
ENDS = ["def f(a):\n ", "def f(a, b):\n ", "\n ", ";", "<I>", "<R>", "<S>", "<T>", "<N>"]
SEAMS = torch.tensor([tokenizer.IDS[piece] for piece in ENDS])


def batches(rng: random.Random, passed: Callable[[], float]):
    """Right-padded (ids [B, T], weights [B, T]) of about TOKENS tokens."""
    source = stream(rng, passed)
    while True:
        pool = sorted((next(source) for _ in range(POOL)), key=lambda e: len(e.ids))
        groups: list[list[Example]] = [[]]
        for item in pool:
            if (len(groups[-1]) + 1) * len(item.ids) > TOKENS:
                groups.append([])
            groups[-1].append(item)
        rng.shuffle(groups)
        for group in groups:
            if group:
                yield pad(group)


def pad(group: list[Example]) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(e.ids) for e in group)
    ids = torch.full((len(group), longest), tokenizer.PAD)
    weights = torch.zeros(len(group), longest)
    for row, e in enumerate(group):
        ids[row, : len(e.ids)] = torch.tensor(e.ids)
        weights[row, : len(e.ids)] = torch.tensor(e.weights)
    return ids, weights


def stretched(ids_BT: torch.Tensor) -> torch.Tensor:
    """Positions [B, T] with jumps at the seams. Each row draws their size."""
    size_B1 = torch.randint(0, STRETCH + 1, (len(ids_BT), 1))
    leaps_BT = (torch.rand(ids_BT.shape) * (size_B1 + 1)).long() * torch.isin(ids_BT, SEAMS)
    return (1 + leaps_BT).cumsum(1) - 1


def gradient_step(network, optimizer, ids_BT, weights_BT) -> float:
    """One step on this process's share. Gradients are summed over all and divided by all weight."""
    with torch.autocast("cpu", torch.bfloat16):
        logits = nets.logits(network, ids_BT[:, :-1], stretched(ids_BT[:, :-1]))
    losses = F.cross_entropy(
        logits.float().flatten(0, 1), ids_BT[:, 1:].flatten(), reduction="none"
    )
    weight = weights_BT[:, 1:].flatten()
    total = (losses * weight).sum()
    total.backward()
    flat = torch.cat([p.grad.flatten() for p in network.parameters()] + [weight.sum()[None]])
    dist.all_reduce(flat)
    offset = 0
    for p in network.parameters():
        p.grad.copy_(flat[offset : offset + p.numel()].view_as(p) / flat[-1])
        offset += p.numel()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return (total / weight.sum()).item()


def rate_at(step: int, share: float, options: argparse.Namespace) -> float:
    """Learning rate before step `step`, after a share `share` of the training."""
    warm = min(1, (step + 1) / WARMUP)
    if options.source and not options.peak:
        return options.rate * warm
    return (options.peak or LEARNING_RATE) * warm * max(LAST_SHARE, 1 - share)


def work(rank: int, world: int, options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(options.port)}
    dist.init_process_group("gloo", rank=rank, world_size=world)
    torch.manual_seed(options.seed)
    network = nets.load(options.source) if options.source else nets.fresh()
    optimizer = torch.optim.AdamW(
        network.parameters(), LEARNING_RATE, betas=(0.9, 0.98), weight_decay=0.05, foreach=True
    )
    # At a constant rate nothing new is taught, so the mixture is that of the end.
    is_further = options.source is not None and not options.peak
    over = 0.0
    source = batches(random.Random(f"{options.seed}/{rank}"), lambda: 1.0 if is_further else over)
    begun = saved = time.monotonic()
    tokens, step, mean = 0, 0, 0.0
    while True:
        # Every process has to stop at the same step. If time counts, rank 0's clock decides.
        passed = (time.monotonic() - begun) / (options.minutes * 60)
        share = torch.tensor(step / options.steps if options.steps else passed)
        dist.broadcast(share, 0)
        over = share.item()
        if over >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, over, options)
        ids, weights = next(source)
        loss = gradient_step(network, optimizer, ids, weights)
        step += 1
        tokens += ids.numel() * world
        mean += 0.01 * (loss - mean) if step > 1 else loss
        if rank == 0 and step % 200 == 0:
            seconds = time.monotonic() - begun
            print(f"step {step} loss {mean:.4f} tokens {tokens / 1e6:.2f}M "
                  f"{tokens / seconds:.0f}/s {100 * share:.0f}%", flush=True)  # fmt: skip
        if rank == 0 and time.monotonic() - saved > SAVE_SECONDS:
            nets.save(network, options.out)
            saved = time.monotonic()
    if rank == 0:
        nets.save(network, options.out)
        print(f"done: {step} steps, {tokens / 1e6:.1f}M tokens", flush=True)
    dist.destroy_process_group()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, default=45, help="wall time of the run")
    parser.add_argument("--steps", type=int, help="steps of the run, in place of minutes")
    parser.add_argument("--from", dest="source", type=Path, help="a model that is trained further")
    parser.add_argument("--rate", type=float, default=FURTHER_RATE, help="with --from: constant")
    parser.add_argument("--peak", type=float, help="with --from: falls from here, as at first")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("models/micro"))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--port", type=int, default=29500, help="loopback port for gloo")


def stop(*_) -> None:
    raise KeyboardInterrupt


def main(options: argparse.Namespace) -> None:
    # A shell makes background jobs ignore Ctrl-C, and child processes inherit that.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    mp.spawn(work, (options.processes, options), options.processes, daemon=True)
