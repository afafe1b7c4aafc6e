"""Continuous batching in slots, in its own thread.

Requests wait in a queue and get slots as these become free. A prompt that several requests share is
computed once, in the same step as the slots. It knows neither HTTP nor text.
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
    """Whether the completion so far has to end; None if there is no stop text."""
    is_stopped: Callable[[list[int]], bool] | None
    ids: list[int] = field(default_factory=list)
    logps: list[float] = field(default_factory=list)
    finish: str | None = None
    future: asyncio.Future | None = None


class Scheduler:
    def __init__(self, runner: Runner, deliver: Callable[[list[Request], Exception | None], None]):
        """`deliver` is called on the model's thread, with a finished request or its error."""
        self.runner, self.deliver = runner, deliver
        self.waiting: deque[Request] = deque()
        self.jobs: deque[tuple[Callable, Future]] = deque()
        self.seats: list[Request | None] = [None] * runner.slots
        self.new: list[Request] = []  # the next step computes their prompts
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
        """Runs a job on the model's thread. If it is paused, no request is in flight then."""
        future: Future = Future()
        with self.wake:
            self.jobs.append((job, future))
            self.wake.notify()
        return future

    def pause(self) -> Future:
        """Resolves when all seated requests are done. Others wait."""
        self.paused = True
        return self.do(lambda: None)

    def resume(self) -> None:
        with self.wake:
            self.paused = False
            self.wake.notify()

    def idle(self) -> float:
        """Idle seconds so far."""
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
            except Exception as error:  # requests of this turn fail; the server continues
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
        finally:  # requests that finished before an error are delivered
            if done:
                self.deliver(done, None)

    def fail(self, error: Exception) -> None:
        begun = [request for request in self.seats if request] + self.new
        self.seats, self.new = [None] * len(self.seats), []
        failed = [request for request in begun if not request.finish]
        # Whatever the error, the request was valid. A TypeError would be reported as a bad request.
        self.deliver(failed, RuntimeError(f"the engine failed: {type(error).__name__}: {error}"))

    def keep(self, prompt: list[int], cache: torch.Tensor, hidden: torch.Tensor) -> None:
        """Keys, values and last logits of a prompt. The newest are kept."""
        self.prefixes[tuple(prompt)] = cache, self.runner.logits(hidden[-1:]).numpy()
        if len(self.prefixes) > PREFIXES:
            self.prefixes.popitem(last=False)

    def seat_waiting(self, done: list[Request]) -> None:
        """Seats requests whose prompts are computed. As many others are new as a step can take."""
        taken = sum(request is not None for request in self.seats)
        rows, prompts = padded(taken, ROWS), set()
        while self.waiting and taken + len(self.new) < self.runner.seats:
            key = tuple(self.waiting[0].prompt)
            if key in self.prefixes:
                # Kept in a list while it may fail: a request in no list would get no answer.
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
        """Whether a slot is needed after its first token. Its prompt is computed."""
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
        """Draws one more token for each."""
        limit, (ids, logps) = self.runner.length, self.draw(requests, logits)
        self.drawn += len(requests)
        drawn = zip(requests, ids.tolist(), logps.tolist(), strict=True)
        # Requests with a stop text come last, because the search for it may fail.
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
        """The slots of the next step. The last seats move to places that became free."""
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
        """One more token for every seated request, the first one for every new one."""
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
