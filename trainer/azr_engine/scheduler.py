"""Continuous batching in fixed slots, in a thread of its own.

Requests wait in a queue and are seated as slots fall free; a prompt that several of them share is
prefilled once. Not here: HTTP, text.
"""

import asyncio
import threading
import time
import traceback
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
import torch

from azr_engine import sampling
from azr_engine.runner import Runner

PREFIXES = 256


@dataclass(eq=False)
class Request:
    prompt: list[int]
    max_tokens: int
    temperature: float
    top_p: float
    seed: int
    stop_ids: frozenset[int]
    """Whether the completion so far has to end; None where no stop text was asked for."""
    is_stopped: Callable[[list[int]], bool] | None
    ids: list[int] = field(default_factory=list)
    logps: list[float] = field(default_factory=list)
    finish: str | None = None
    future: asyncio.Future | None = None


class Scheduler:
    def __init__(self, runner: Runner, deliver: Callable[[list[Request], Exception | None], None]):
        """`deliver` is called on the model's thread: with what is done, or with why it never is."""
        self.runner, self.deliver = runner, deliver
        self.waiting: deque[Request] = deque()
        self.jobs: deque[tuple[Callable, Future]] = deque()
        self.seats: list[Request | None] = [None] * runner.slots
        self.prefixes: OrderedDict[tuple[int, ...], tuple] = OrderedDict()
        self.paused = False
        self.wake = threading.Condition()
        self.idle_seconds, self.idle_since = 0.0, None
        self.thread = threading.Thread(target=self.run, daemon=True)

    # --- called from other threads

    def submit(self, request: Request) -> None:
        with self.wake:
            self.waiting.append(request)
            self.wake.notify()

    def do(self, job: Callable) -> Future:
        """Runs a job on the model's thread, when no request is in flight if it is paused."""
        future: Future = Future()
        with self.wake:
            self.jobs.append((job, future))
            self.wake.notify()
        return future

    def pause(self) -> Future:
        """Resolves when all that was seated is done; what waits, waits."""
        self.paused = True
        return self.do(lambda: None)

    def resume(self) -> None:
        with self.wake:
            self.paused = False
            self.wake.notify()

    def idle(self) -> float:
        """Seconds without anything to do, so far."""
        since = self.idle_since
        return self.idle_seconds + (time.monotonic() - since if since else 0.0)

    # --- the model's thread

    def is_idle(self) -> bool:
        return all(seat is None for seat in self.seats)

    def run(self) -> None:
        torch.set_grad_enabled(False)
        while True:
            with self.wake:
                while not self.jobs and self.is_idle() and (self.paused or not self.waiting):
                    self.idle_since = time.monotonic()
                    self.wake.wait()
                    self.idle_seconds, self.idle_since = self.idle(), None
            try:
                self.turn()
            except Exception as error:  # requests of this turn fail; the server lives on
                traceback.print_exc()
                self.fail(error)

    def turn(self) -> None:
        if self.jobs and (self.is_idle() or not self.paused):
            job, future = self.jobs.popleft()
            try:
                future.set_result(job())
            except Exception as error:
                future.set_exception(error)
        done: list[Request] = []
        try:
            if not self.paused:
                self.seat_waiting(done)
            if not self.is_idle():
                self.step(done)
        finally:  # what was done before something failed is done
            if done:
                self.deliver(done, None)

    def fail(self, error: Exception) -> None:
        failed = [request for request in self.seats if request]
        self.seats = [None] * len(self.seats)
        # Whatever it was, the request was not bad: a TypeError would be answered as if it were.
        self.deliver(failed, RuntimeError(f"the engine failed: {type(error).__name__}: {error}"))

    def prefix(self, ids: list[int]):
        """Keys, values and last logits of a prompt; the newest ones are kept."""
        key = tuple(ids)
        if key not in self.prefixes:
            cache, hidden = self.runner.prefill(ids)
            self.prefixes[key] = cache, self.runner.logits(hidden[-1:]).numpy()
            if len(self.prefixes) > PREFIXES:
                self.prefixes.popitem(last=False)
        self.prefixes.move_to_end(key)
        return self.prefixes[key]

    def seat_waiting(self, done: list[Request]) -> None:
        for slot in range(len(self.seats)):
            while self.seats[slot] is None and self.waiting:
                request = self.seats[slot] = self.waiting.popleft()
                cache, logits = self.prefix(request.prompt)
                self.accept([request], *self.draw([request], logits))
                if request.finish:
                    self.seats[slot] = None
                    done.append(request)
                else:
                    self.runner.seat(slot, cache)

    def draw(self, requests: list[Request], logits: np.ndarray):
        return sampling.draw(
            logits,
            np.array([r.temperature for r in requests]),
            np.array([r.top_p for r in requests]),
            np.array([r.seed for r in requests], np.uint64),
            np.array([len(r.ids) for r in requests]),
        )

    def accept(self, requests: list[Request], ids, logps) -> None:
        limit = self.runner.length
        for request, token, logp in zip(requests, ids.tolist(), logps.tolist(), strict=True):
            request.ids.append(token)
            request.logps.append(logp)
            if token in request.stop_ids or (
                request.is_stopped is not None and request.is_stopped(request.ids)
            ):
                request.finish = "stop"
            elif (
                len(request.ids) >= request.max_tokens
                or len(request.prompt) + len(request.ids) >= limit
            ):
                request.finish = "length"

    def step(self, done: list[Request]) -> None:
        """One token more for every seated request."""
        ids = [r.ids[-1] if r else 0 for r in self.seats]
        places = [len(r.prompt) + len(r.ids) - 1 if r else 0 for r in self.seats]
        logits = self.runner.decode(torch.tensor(ids), torch.tensor(places)).numpy()
        slots = [slot for slot, request in enumerate(self.seats) if request]
        seated = [self.seats[slot] for slot in slots]
        self.accept(seated, *self.draw(seated, logits[slots]))
        for slot, request in zip(slots, seated, strict=True):
            if request.finish:
                self.seats[slot] = None
                done.append(request)
