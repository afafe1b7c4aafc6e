"""Masters and moments in the machine's memory, beside weights on a card.

Covers: gradients that are added up on the card, in the type of the weights, and leave it once a
step, while the last backward pass goes on; weights that follow their masters back. Does not cover:
the step itself, which is torch's own AdamW on the processor.
"""

from functools import partial

import torch

# Numbers of a bucket.
BUCKET = 64 << 20


class Buckets:
    """Two pieces of memory by turns: the card fills one while the processor reads the other.

    On a card they are pinned, so that copies run beside what the card computes.
    """

    def __init__(self, device: torch.device, size: int = BUCKET):
        self.is_card, self.size, self.turn = device.type == "cuda", size, 0
        self.stream = torch.cuda.Stream(device) if self.is_card else None
        self.rooms: list[torch.Tensor | None] = [None, None]
        self.pending: list[tuple | None] = [None, None]

    def room(self, like: torch.Tensor) -> torch.Tensor:
        """A bucket that nothing is under way in, for as many numbers as `like` has."""
        self.turn = 1 - self.turn
        self.settle(self.turn)
        if self.rooms[self.turn] is None:
            # Four bytes: whatever the type of the numbers is.
            self.rooms[self.turn] = torch.empty(
                4 * self.size, dtype=torch.uint8, pin_memory=self.is_card
            )
        room = self.rooms[self.turn][: like.numel() * like.element_size()]
        return room.view(like.dtype)

    def bring(self, gradient: torch.Tensor, target: torch.Tensor) -> None:
        """From the card into `target`; there once `settle` was called."""
        pieces = gradient.reshape(-1).split(self.size)
        for source, goal in zip(pieces, target.view(-1).split(self.size), strict=True):
            room = self.room(source)
            event = self.copy(room, source)
            self.pending[self.turn] = (event, room, goal)

    def give(self, master: torch.Tensor, weight: torch.Tensor) -> None:
        """From the machine's memory into a weight, rounded to its type."""
        pieces = weight.view(-1).split(self.size)
        for goal, source in zip(pieces, master.view(-1).split(self.size), strict=True):
            room = self.room(goal)
            room.copy_(source)
            self.pending[self.turn] = (self.copy(goal, room), None, None)

    def copy(self, target: torch.Tensor, source: torch.Tensor):
        """Starts a copy to or from the card; the event tells when it is over."""
        if self.stream is None:
            target.copy_(source)
            return None
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            target.copy_(source, non_blocking=True)
            for tensor in (target, source):
                if tensor.is_cuda:
                    tensor.record_stream(self.stream)
            return self.stream.record_event()

    def settle(self, turn: int) -> None:
        if self.pending[turn] is None:
            return
        event, room, goal = self.pending[turn]
        self.pending[turn] = None
        if event is not None:
            event.synchronize()
        if goal is not None:
            goal.copy_(room)

    def settle_all(self) -> None:
        for turn in range(2):
            self.settle(turn)


class Away:
    """An optimiser over fp32 copies of the weights in the machine's memory."""

    def __init__(self, weights: list[torch.nn.Parameter], make, size: int = BUCKET):
        self.weights = weights
        self.masters = [
            w.detach().to("cpu", torch.float32, copy=True).contiguous().requires_grad_()
            for w in weights
        ]
        # Kept from step to step: taking so much memory anew takes seconds.
        self.gradients: list[torch.Tensor | None] = [None] * len(weights)
        self.inner = make(self.masters)
        self.buckets = Buckets(weights[0].device, size)
        self.is_last = False
        for place, weight in enumerate(weights):
            weight.register_post_accumulate_grad_hook(partial(self.leave, place))

    def leave(self, place: int, weight: torch.nn.Parameter) -> None:
        """Called when the gradient of a weight is whole, for this pass."""
        if not self.is_last:
            return
        gradient, weight.grad = weight.grad, None
        if self.gradients[place] is None:
            self.gradients[place] = torch.empty(weight.shape)
        self.buckets.bring(gradient, self.gradients[place])
        self.masters[place].grad = self.gradients[place]

    def collect(self) -> None:
        """All that the passes left, those weights included that the last one did not touch."""
        self.is_last = True
        for place, weight in enumerate(self.weights):
            if weight.grad is not None:
                self.leave(place, weight)
        self.buckets.settle_all()
        self.is_last = False

    @property
    def param_groups(self) -> list[dict]:
        return self.inner.param_groups

    def zero_grad(self, set_to_none: bool = True) -> None:
        self.buckets.settle_all()
        self.is_last = False
        for weight, master in zip(self.weights, self.masters, strict=True):
            weight.grad = master.grad = None

    @torch.no_grad()
    def step(self) -> None:
        self.inner.step()
        self.follow()

    @torch.no_grad()
    def follow(self) -> None:
        for weight, master in zip(self.weights, self.masters, strict=True):
            self.buckets.give(master, weight)
        self.buckets.settle_all()

    def state_dict(self) -> dict:
        return {"inner": self.inner.state_dict(), "masters": [m.detach() for m in self.masters]}

    @torch.no_grad()
    def load_state_dict(self, state: dict) -> None:
        """What is loaded is mapped from a file: it is copied one by one, and never held twice."""
        self.inner.load_state_dict(state["inner"])
        for values in self.inner.state.values():
            for name, value in values.items():
                values[name] = value.clone()
        for master, saved in zip(self.masters, state["masters"], strict=True):
            master.copy_(saved)
        self.follow()
