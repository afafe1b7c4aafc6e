"""An optimiser whose masters and moments are in the machine's memory, for weights on a card.

Covers: gradients are summed on the card in the type of the weights, and copied once per step,
during the last backward pass. After the step the weights are copied back from their masters.
Does not cover: the step itself, which is torch's own AdamW on the processor.
"""

from functools import partial

import torch

# Numbers per bucket.
BUCKET = 64 << 20


class Buckets:
    """Two buffers that take turns: the card fills one while the processor reads the other.

    For a card they are pinned, so that copies run in parallel with its computations.
    """

    def __init__(self, device: torch.device, size: int = BUCKET):
        self.is_card, self.size, self.turn = device.type == "cuda", size, 0
        self.stream = torch.cuda.Stream(device) if self.is_card else None
        self.rooms: list[torch.Tensor | None] = [None, None]
        self.pending: list[tuple | None] = [None, None]

    def room(self, like: torch.Tensor) -> torch.Tensor:
        """A bucket without an open copy, for as many numbers as `like` has."""
        self.turn = 1 - self.turn
        self.settle(self.turn)
        if self.rooms[self.turn] is None:
            # Four bytes per number are enough for any type.
            self.rooms[self.turn] = torch.empty(
                4 * self.size, dtype=torch.uint8, pin_memory=self.is_card
            )
        room = self.rooms[self.turn][: like.numel() * like.element_size()]
        return room.view(like.dtype)

    def bring(self, gradient: torch.Tensor, target: torch.Tensor) -> None:
        """Copies from the card into `target`. The data is there after `settle`."""
        pieces = gradient.reshape(-1).split(self.size)
        for source, goal in zip(pieces, target.view(-1).split(self.size), strict=True):
            room = self.room(source)
            event = self.copy(room, source)
            self.pending[self.turn] = (event, room, goal)

    def give(self, master: torch.Tensor, weight: torch.Tensor) -> None:
        """Copies from the machine's memory into a weight, rounded to the weight's type."""
        pieces = weight.view(-1).split(self.size)
        for goal, source in zip(pieces, master.view(-1).split(self.size), strict=True):
            room = self.room(goal)
            room.copy_(source)
            self.pending[self.turn] = (self.copy(goal, room), None, None)

    def copy(self, target: torch.Tensor, source: torch.Tensor):
        """Starts a copy to or from the card. The event marks its end."""
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
        # Kept between steps, because allocating this much memory takes seconds.
        self.gradients: list[torch.Tensor | None] = [None] * len(weights)
        self.inner = make(self.masters)
        self.buckets = Buckets(weights[0].device, size)
        self.is_last = False
        for place, weight in enumerate(weights):
            weight.register_post_accumulate_grad_hook(partial(self.leave, place))

    def leave(self, place: int, weight: torch.nn.Parameter) -> None:
        """Called when the gradient of a weight is complete for this pass."""
        if not self.is_last:
            return
        gradient, weight.grad = weight.grad, None
        if self.gradients[place] is None:
            self.gradients[place] = torch.empty(weight.shape)
        self.buckets.bring(gradient, self.gradients[place])
        self.masters[place].grad = self.gradients[place]

    def collect(self) -> None:
        """Collects all gradients, including those of weights that the last pass did not touch."""
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
        """The state is mapped from a file. It is copied one tensor at a time, so it is never held
        twice.
        """
        self.inner.load_state_dict(state["inner"])
        for values in self.inner.state.values():
            for name, value in values.items():
                values[name] = value.clone()
        for master, saved in zip(self.masters, state["masters"], strict=True):
            master.copy_(saved)
        self.follow()
