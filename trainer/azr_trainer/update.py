"""One update, read top to bottom: gradients of each minibatch in micro-batches, a step, a report.

Covers: repeating a minibatch in smaller pieces where memory is short, skipping a step whose loss or
gradient is not finite. Does not cover: files and requests (learner.py), the loss (loss.py).
"""

import time

import numpy as np
import torch

from azr_trainer.batch import Batch, batch_of
from azr_trainer.checkpoint import weights_hash
from azr_trainer.loss import policy_loss
from azr_trainer.memory import give_back, with_smaller
from azr_trainer.optim import learning
from azr_trainer.packing import MicroBatch, micro_batches, plant
from azr_trainer.report import Report, is_finite, merged
from azr_trainer.shards import whole


def configure(optimizer, options: dict) -> None:
    for group in optimizer.param_groups:
        group["lr"] = options["learningRate"]
        group["weight_decay"] = options["weightDecay"]
        group["betas"] = (options["beta1"], options["beta2"])
        group["eps"] = options["epsilon"]


class Update:
    """`budgets`: tokens a pass, of the scoring and then of each minibatch, as they came to be.

    A recorded update is repeated with its own, so that it gives the same weights bit for bit.
    """

    def __init__(self, learner, arrays: dict[str, np.ndarray], options: dict):
        self.learner, self.options = learner, options
        self.batch: Batch = batch_of(arrays)
        self.longest = int(arrays["lengths"].max()) if len(arrays["lengths"]) else 0
        self.recorded: list[int] = options.get("budgets") or []
        self.budgets: list[int] = []
        self.tokens = options["microBatchTokens"]

    def run(self) -> dict:
        begun, report = time.monotonic(), Report()
        minibatches_B = self.batch.minibatches_B
        count = int(minibatches_B.max()) + 1 if len(minibatches_B) else 0
        rows = [np.flatnonzero(minibatches_B == m) for m in range(count)]
        # What the policy gave before the update to all but the first minibatch: that one meets the
        # policy itself, so its own forward pass tells.
        later = np.concatenate(rows[1:]) if count > 1 else np.zeros(0, np.int64)
        old = self.fit(lambda tokens: self.score(later, tokens))
        for index, mine in enumerate(rows):
            part = self.fit(lambda tokens, mine=mine: self.gradients(mine, old, tokens))
            self.step(part, report, f"minibatch {index + 1} of {count}: " if count > 1 else "")
        if count == 0:
            report.skipped = "no sequences"
        # Nothing is kept that the next update makes anew: an engine may have the card meanwhile.
        self.learner.optimizer.zero_grad(set_to_none=True)
        give_back()
        answer = report.finish()
        answer["weightsHash"] = weights_hash(self.learner.need().tensors())
        answer["budgets"] = self.budgets
        answer["seconds"] = time.monotonic() - begun
        return answer

    def fit(self, attempt):
        """Does one part of the update, with the recorded tokens a pass or with what fits."""
        place = len(self.budgets)
        first = self.recorded[place] if place < len(self.recorded) else self.tokens
        found, used = with_smaller(attempt, first, self.longest, self.learner.log, self.agree)
        self.tokens = min(self.tokens, used)
        self.budgets.append(used)
        return found

    def agree(self, is_short: bool) -> bool:
        """Whether memory was short on any process."""
        group = self.learner.group
        return is_short if group is None else group.is_short(is_short)

    def groups(self, rows, tokens: int) -> list:
        policy, batch = self.learner.need(), self.batch
        trees = plant(batch.sequences, batch.prompts_B, rows, min(policy.packed, tokens))
        return micro_batches(trees, tokens)

    def score(self, rows, tokens: int) -> list[np.ndarray]:
        trees = [tree for group in self.groups(rows, tokens) for tree in group]
        temperature = self.options["temperature"]
        return self.learner.score_trees(self.batch.sequences, trees, temperature, tokens)

    def gradients(self, rows, old, tokens: int) -> Report:
        """Gradient over all micro-batches of a minibatch, and its norm, which is then bounded."""
        self.learner.optimizer.zero_grad(set_to_none=True)
        report = Report()
        for part in self.learner.parts(self.groups(rows, tokens), self.batch.sequences):
            self.accumulate(part, old, report)
        report = merged(self.learner.everyone(report))
        parameters = learning(self.learner.optimizer)
        norm = torch.nn.utils.clip_grad_norm_(parameters, self.options["maxGradientNorm"])
        report.gradient_norm = whole(norm).item()
        return report

    def accumulate(self, part: MicroBatch, old, report: Report) -> None:
        batch, rows, options = self.batch, part.rows, self.options
        if not rows:
            logp_N, entropy_N = self.learner.forward(part, options["temperature"])
            (0 * (logp_N.sum() + entropy_N.sum())).backward()
            return
        device, sizes = self.learner.device, torch.tensor(part.sizes)
        put = lambda array: torch.from_numpy(array).to(device)
        spread = lambda values: torch.from_numpy(values[rows]).repeat_interleave(sizes).to(device)
        logp_N, entropy_N = self.learner.forward(part, options["temperature"])
        engine_N = put(np.concatenate([batch.logps[r] for r in rows]))
        old_N = logp_N.detach()
        if batch.minibatches_B[rows[0]] > 0:
            old_N = put(np.concatenate([old[r] for r in rows]))
        advantage_N, weight_N = spread(batch.advantages_B), spread(batch.weights_B)
        loss = policy_loss(logp_N, old_N, engine_N, advantage_N, weight_N, entropy_N, options)
        loss.backward()
        group_N = spread(batch.groups_B)
        report.add(loss, logp_N.detach(), old_N, engine_N, entropy_N.detach(), group_N, options)

    def step(self, part: Report, report: Report, place: str) -> None:
        optimizer = self.learner.optimizer
        if not is_finite(part):
            report.skipped = f"{place}gradient norm {part.gradient_norm}, loss {part.loss}"
            optimizer.zero_grad(set_to_none=True)
            return
        configure(optimizer, self.options)
        optimizer.step()
        report.merge(part)
