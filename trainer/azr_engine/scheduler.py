"""Continuous batching in slots, in a thread of its own.

Requests wait in a queue and are seated as slots fall free; a prompt that several of them share is
computed once, in a step beside those that are seated. Not here: HTTP, text.
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
from azr_engine.runner import MOST, ROWS, TOKENS, Runner, padded

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
        self.new: list[Request] = []  # whose prompts the next step computes
        self.prefixes: OrderedDict[tuple[int, ...], tuple] = OrderedDict()
        self.paused = False
        self.drawn = 0  # tokens so far
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
        return not self.new and all(seat is None for seat in self.seats)

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
        begun = [request for request in self.seats if request] + self.new
        self.seats, self.new = [None] * len(self.seats), []
        failed = [request for request in begun if not request.finish]
        # Whatever it was, the request was not bad: a TypeError would be answered as if it were.
        self.deliver(failed, RuntimeError(f"the engine failed: {type(error).__name__}: {error}"))

    def keep(self, prompt: list[int], cache: torch.Tensor, hidden: torch.Tensor) -> None:
        """Keys, values and last logits of a prompt; the newest ones are kept."""
        self.prefixes[tuple(prompt)] = cache, self.runner.logits(hidden[-1:]).numpy()
        if len(self.prefixes) > PREFIXES:
            self.prefixes.popitem(last=False)

    def seat_waiting(self, done: list[Request]) -> None:
        """Seats those whose prompts are known; of the others as many are new as a step takes."""
        taken = sum(request is not None for request in self.seats)
        rows, prompts = padded(taken, ROWS), set()
        while self.waiting and taken + len(self.new) < self.runner.seats:
            key = tuple(self.waiting[0].prompt)
            if key in self.prefixes:
                # Among the new while it may fail: what is in no list gets no answer.
                self.new.append(self.waiting.popleft())
                self.accept(self.new[-1:], self.prefixes[key][1], done)
                taken += self.seat(self.new.pop())
                continue
            if key not in prompts:
                rows += padded(len(key), TOKENS)
                if prompts and rows > MOST:
                    break
                prompts.add(key)
            self.new.append(self.waiting.popleft())

    def seat(self, request: Request) -> bool:
        """Whether a slot is needed after its first token; its prompt is known."""
        key = tuple(request.prompt)
        self.prefixes.move_to_end(key)
        if not request.finish:
            slot = self.seats.index(None)
            self.runner.seat(slot, self.prefixes[key][0])
            self.seats[slot] = request
        return not request.finish

    def draw(self, requests: list[Request], logits: np.ndarray):
        return sampling.draw(
            logits,
            np.array([r.temperature for r in requests]),
            np.array([r.top_p for r in requests]),
            np.array([r.seed for r in requests], np.uint64),
            np.array([len(r.ids) for r in requests]),
        )

    def accept(self, requests: list[Request], logits: np.ndarray, done: list[Request]) -> None:
        """Draws one token more for each."""
        limit, (ids, logps) = self.runner.length, self.draw(requests, logits)
        self.drawn += len(requests)
        drawn = zip(requests, ids.tolist(), logps.tolist(), strict=True)
        # Those with a stop text last: what looks for it may fail.
        for request, token, logp in sorted(drawn, key=lambda one: one[0].is_stopped is not None):
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
            if request.finish:
                done.append(request)

    def close_up(self) -> int:
        """Slots that a step has to take: the last seats move where others fell free."""
        taken = [slot for slot, request in enumerate(self.seats) if request]
        if not taken or not self.runner.is_free:
            return len(self.seats) if taken else 0
        rows = padded(len(taken), ROWS)
        holes = [slot for slot in range(rows) if self.seats[slot] is None]
        for source, target in zip([slot for slot in taken if slot >= rows], holes, strict=False):
            request = self.seats[source]
            self.runner.move(source, target, len(request.prompt) + len(request.ids))
            self.seats[source], self.seats[target] = None, request
        return rows

    def step(self, done: list[Request]) -> None:
        """One token more for every seated request, the first one for every new."""
        rows = self.close_up()
        ids = [r.ids[-1] if r else 0 for r in self.seats[:rows]]
        places = [len(r.prompt) + len(r.ids) - 1 if r else 0 for r in self.seats[:rows]]
        prompts = list({tuple(r.prompt): r.prompt for r in self.new}.values())
        logits, found = self.runner.step(ids, places, prompts)
        for prompt, (cache, hidden) in zip(prompts, found, strict=True):
            self.keep(prompt, cache, hidden)
        slots = [slot for slot in range(rows) if self.seats[slot]]
        rest = [self.prefixes[tuple(r.prompt)][1] for r in self.new]
        begun = [self.seats[slot] for slot in slots] + self.new
        seated = [logits.numpy()[slots]] if slots else []
        self.accept(begun, np.concatenate(seated + rest), done)
        self.seats = [None if r and r.finish else r for r in self.seats]
        while self.new:
            self.seat(self.new.pop(0))
