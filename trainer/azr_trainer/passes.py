"""Forward passes of a learner: split over processes, scored, gathered.

Covers: how a policy processes sequences, on one process or several. Does not cover: gradients
(update.py), files and requests (learner.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from azr_trainer.packing import MicroBatch, assemble, idle, micro_batches
from azr_trainer.policy import Policy


@dataclass
class Passes:
    policy: Policy
    device: str
    log: Callable
    group: object | None  # of several processes: ranks.Group

    def forward(self, part: MicroBatch, temperature: float):
        """Log-probability [N] and entropy [N] of the completion tokens of a micro-batch."""
        return self.policy.logps(part.to(self.device), temperature)

    def parts(self, groups: list, sequences):
        """The passes of this process. All processes do the same number."""
        mine = groups if self.group is None else self.group.shared(groups)
        return (assemble(group, sequences) if group else idle() for group in mine)

    def everyone(self, mine) -> list:
        """The values of all processes, in order."""
        return [mine] if self.group is None else self.group.everyone(mine)

    def agree(self, is_short: bool) -> bool:
        """Whether memory was short on any process."""
        return is_short if self.group is None else self.group.is_short(is_short)

    @torch.no_grad()
    def score(self, sequences, trees, temperature: float, budget: int) -> list[np.ndarray]:
        """Log-probabilities of the completions in these trees. Other sequences get nothing."""
        mine: list[tuple[int, np.ndarray]] = []
        for part in self.parts(micro_batches(trees, budget), sequences):
            logp_N, _ = self.forward(part, temperature)
            if not part.rows:
                continue
            pieces = np.split(logp_N.cpu().numpy(), np.cumsum(part.sizes)[:-1])
            mine.extend(zip(part.rows, pieces, strict=True))
        self.policy.part()
        found: list[np.ndarray] = [np.zeros(0, np.float32)] * len(sequences)
        for pieces in self.everyone(mine):
            for row, piece in pieces:
                found[row] = piece
        return found
