"""The learner as several processes, one per card. Rank 0 answers azr, the others do the same work.

Covers: starting those of this machine, meeting those of others, passing requests on, agreeing,
ending together. Does not cover: splitting the weights (shards.py), carrying out requests.
"""

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh

from azr_trainer import wire

# Hours may pass between two requests. Within one, the others may be reading a large model.
IDLE, TOGETHER = timedelta(days=365), timedelta(hours=1)
# By then a rank has reported its part, or is waiting for a rank that failed.
ANSWER = timedelta(seconds=60)


@dataclass
class Group:
    """The processes of a learner. `store` carries requests, and whether memory was short."""

    rank: int
    size: int
    device: str
    store: dist.Store
    posted: int = 0
    agreed: int = 0

    def __post_init__(self):
        backend = "cpu:gloo,cuda:nccl" if self.device == "cuda" else "gloo"
        inner = dist.PrefixStore("group", self.store)
        sizes = {"rank": self.rank, "world_size": self.size}
        dist.init_process_group(backend, store=inner, timeout=TOGETHER, **sizes)
        self.mesh = init_device_mesh(self.device, (self.size,))

    def post(self, request: dict) -> None:
        """Rank 0: makes the others carry it out, too."""
        self.store.set(f"request/{self.posted}", wire.encode(request))
        self.posted += 1

    def next(self) -> dict:
        key, read = f"request/{self.posted}", f"read/{self.posted}"
        self.store.wait([key], IDLE)
        request = wire.decode(self.store.get(key))
        if self.store.add(read, 1) == self.size - 1:
            for name in (key, read):
                self.store.delete_key(name)
        self.posted += 1
        return request

    def everyone(self, mine) -> list:
        """The values of all ranks, in order."""
        found = [None] * self.size
        dist.all_gather_object(found, mine)
        return found

    def by_turns(self, work):
        """One rank after another, because the machine's memory has room for one."""
        found, error = None, None
        for turn in range(self.size):
            if turn == self.rank:
                try:
                    found = work()
                except Exception as raised:
                    error = raised
            dist.barrier()
        if error is not None:
            raise error
        return found

    def is_short(self, mine: bool) -> bool:
        """Whether memory was short on any rank. Ends the process if one alone cannot continue.

        It uses the store, because a rank that ran out of memory leaves the others waiting for its
        part.
        """
        place = f"short/{self.agreed}"
        self.agreed += 1
        self.store.set(f"{place}/{self.rank}", b"1" if mine else b"0")
        keys = [f"{place}/{rank}" for rank in range(self.size)]
        try:
            self.store.wait(keys, ANSWER)
        except dist.DistStoreError as error:
            raise SystemExit("Memory was short on one process alone: the learner ends") from error
        found = any(self.store.get(key) == b"1" for key in keys)
        if self.store.add(f"{place}/read", 1) == self.size:
            for key in (*keys, f"{place}/read"):
                self.store.delete_key(key)
        return found

    def shared(self, items: list) -> list:
        """Every n-th item, with None where others have one more, so that all do the same number."""
        rounds = -(-len(items) // self.size)
        places = range(self.rank, rounds * self.size, self.size)
        return [items[at] if at < len(items) else None for at in places]


def listen(meet: str | None) -> tuple[socket.socket, str]:
    """The address where the ranks meet. Without one there is only this machine."""
    host, _, port = (meet or "127.0.0.1:0").rpartition(":")
    try:
        server = socket.create_server((host, int(port)))
    except (OSError, ValueError) as error:
        raise SystemExit(f"Cannot meet the other processes at {meet}: {error}") from error
    return server, f"{host}:{server.getsockname()[1]}"


def hello(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    if host == "127.0.0.1":
        os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    return host, int(port)


def lead(options, device: str, log) -> Group:
    """Rank 0: opens the address, starts the other processes of this machine, waits for all."""
    size = max(options.world, options.processes)
    server, place = listen(options.meet)
    host, port = hello(place)
    flags = ["--threads", str(options.threads), "--device", device]
    command = [sys.executable, "-m", "azr_trainer.join", "--meet", place, "--world", str(size)]
    for rank in range(1, options.processes):
        env = {**os.environ, "RANK": str(rank), "LOCAL_RANK": str(rank)}
        child = subprocess.Popen([*command, *flags, "--child"], stdin=subprocess.PIPE, env=env)
        threading.Thread(target=end_with, args=(child, rank, log), daemon=True).start()
    store = dist.TCPStore(
        host,
        port,
        size,
        is_master=True,
        wait_for_workers=False,
        master_listen_fd=server.detach(),
    )
    use_card(device, 0)
    log("ranks.wait", place=place, processes=size)
    return Group(0, size, device, store)


def end_with(child: subprocess.Popen, rank: int, log) -> None:
    code = child.wait()
    log("rank.ended", rank=rank, code=code)
    if code != 0:
        os._exit(1)


def follow(options, device: str, rank: int, local: int) -> Group:
    host, port = hello(options.meet)
    use_card(device, local)
    store = dist.TCPStore(host, port, options.world, is_master=False, timeout=TOGETHER)
    return Group(rank, options.world, device, store)


def use_card(device: str, number: int) -> None:
    if device != "cuda":
        return
    cards = torch.cuda.device_count()
    if number >= cards:
        raise SystemExit(
            f"Cannot give each process a card as there are {cards}: --trainer.processes={cards}"
        )
    torch.cuda.set_device(number)
