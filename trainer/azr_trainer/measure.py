"""`python -m azr_trainer.measure`: measures arithmetic and memory speed of this machine, as JSON.

It times products of matrices of a model's size, and copies that exceed every cache. It takes the
best of a few, because others may use the machine. It covers one card, or the given number of
threads.
"""

import argparse
import json
import os
import time

import torch

from azr_trainer.checks import parsed, whole

SECONDS = 0.4


def best(work, amount: float, wait) -> float:
    """`amount` divided by the shortest time of `work`."""
    work()
    wait()
    times, until = [], time.monotonic() + SECONDS
    while not times or time.monotonic() < until:
        begun = time.perf_counter()
        work()
        wait()
        times.append(time.perf_counter() - begun)
    return amount / min(times)


def measure(device: str) -> dict:
    is_card = device == "cuda"
    size, dtype = (8192, torch.bfloat16) if is_card else (1024, torch.float32)
    wait = torch.cuda.synchronize if is_card else lambda: None
    left = torch.randn(size, size, device=device, dtype=dtype)
    flops = best(lambda: left @ left, 2 * size**3, wait)
    source = torch.ones((1 << 30 if is_card else 1 << 26) // 4, device=device)
    target = torch.empty_like(source)
    bandwidth = best(lambda: target.copy_(source), 2 * source.nbytes, wait)
    if is_card:
        name = torch.cuda.get_device_name()
        memory = torch.cuda.get_device_properties(0).total_memory
    else:
        name = f"{torch.get_num_threads()} threads of this machine"
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"name": name, "flops": flops, "bandwidth": bandwidth, "memoryBytes": memory}


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_trainer.measure", description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    options = parsed(parser, {"threads": whole(1)})
    torch.set_num_threads(options.threads)
    if options.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("Cannot measure a card as torch finds none: leave out --probe")
    print(json.dumps(measure(options.device)))


if __name__ == "__main__":
    main()
