"""One update, to read from top to bottom: gradients of each minibatch in micro-batches, a step, a
report.

Covers: repeating a minibatch in smaller pieces if memory is short; skipping a step whose loss or
gradient is not finite. Does not cover: requests (learner.py), passes (passes.py), loss (loss.py).
"""

import time
from dataclasses import dataclass

import numpy as np
import torch

from azr_trainer.batch import Batch, batch_of
from azr_trainer.checkpoint import weights_hash
from azr_trainer.loss import policy_loss
from azr_trainer.memory import give_back, with_smaller
from azr_trainer.optim import collect, expect_last, learning
from azr_trainer.packing import MicroBatch, micro_batches, plant
from azr_trainer.passes import Passes
from azr_trainer.report import Report, is_finite, merged
from azr_trainer.settings import check_options
from azr_trainer.shards import whole


def configure(optimizer, options: dict) -> None:
    for group in optimizer.param_groups:
        group["lr"] = options["learningRate"]
        group["weight_decay"] = options["weightDecay"]
        group["betas"] = (options["beta1"], options["beta2"])
        group["eps"] = options["epsilon"]


@dataclass
class Work:
    """The inputs of gradients: a batch, passes over a policy, options."""

    passes: Passes
    optimizer: torch.optim.Optimizer
    batch: Batch
    options: dict


class Budgets:
    """Tokens per pass, of the scoring and then of each minibatch, as they turned out.

    A recorded update is repeated with its own, so that it gives bit-identical weights.
    """

    def __init__(self, work: Work):
        self.passes, self.used = work.passes, []
        self.recorded: list[int] = work.options.get("budgets") or []
        self.tokens: int = work.options["microBatchTokens"]
        self.longest = max(map(len, work.batch.sequences), default=0)

    def fit(self, attempt):
        """Does one part of the update, with the recorded tokens per pass or with what fits."""
        place = len(self.used)
        first = self.recorded[place] if place < len(self.recorded) else self.tokens
        found, used = with_smaller(attempt, first, self.longest, self.passes.log, self.passes.agree)
        self.tokens = min(self.tokens, used)
        self.used.append(used)
        return found


def update(passes: Passes, optimizer, arrays: dict[str, np.ndarray], options: dict) -> dict:
    """One optimiser step for each minibatch, in order. Returns an UpdateReport (types.ts)."""
    check_options(options)
    begun, report = time.monotonic(), Report()
    work = Work(passes, optimizer, batch_of(arrays), options)
    budgets = Budgets(work)
    minibatches_B = work.batch.minibatches_B
    count = int(minibatches_B.max()) + 1 if len(minibatches_B) else 0
    rows = [np.flatnonzero(minibatches_B == m) for m in range(count)]
    # Log-probabilities before the update, for all but the first minibatch. The first one meets the
    # unchanged policy, so its own forward pass gives them.
    later = np.concatenate(rows[1:]) if count > 1 else np.zeros(0, np.int64)
    old = budgets.fit(lambda tokens: score(work, later, tokens))
    for index, mine in enumerate(rows):
        part = budgets.fit(lambda tokens, mine=mine: gradients(work, mine, old, tokens))
        step(work, part, report, f"minibatch {index + 1} of {count}: " if count > 1 else "")
    if count == 0:
        report.skipped = "no sequences"
    # Frees what the next update makes again: an engine may have the card meanwhile.
    optimizer.zero_grad(set_to_none=True)
    give_back()
    answer = report.finish()
    answer["weightsHash"] = weights_hash(passes.policy.tensors())
    answer["budgets"] = budgets.used
    answer["seconds"] = time.monotonic() - begun
    return answer


def groups_of(work: Work, rows, tokens: int) -> list:
    batch, room = work.batch, work.passes.policy.room(tokens)
    return micro_batches(plant(batch.sequences, batch.prompts_B, rows, room), tokens)


def score(work: Work, rows, tokens: int) -> list[np.ndarray]:
    trees = [tree for group in groups_of(work, rows, tokens) for tree in group]
    return work.passes.score(work.batch.sequences, trees, work.options["temperature"], tokens)


def gradients(work: Work, rows, old, tokens: int) -> Report:
    """The gradient over all micro-batches of a minibatch, and its norm, which is then clipped."""
    work.optimizer.zero_grad(set_to_none=True)
    report = Report()
    groups = groups_of(work, rows, tokens)
    for index, part in enumerate(work.passes.parts(groups, work.batch.sequences)):
        expect_last(work.optimizer, index == len(groups) - 1)
        accumulate(work, part, old, report)
    collect(work.optimizer)
    report = merged(work.passes.everyone(report))
    parameters = learning(work.optimizer)
    norm = torch.nn.utils.clip_grad_norm_(parameters, work.options["maxGradientNorm"])
    report.gradient_norm = whole(norm).item()
    return report


def accumulate(work: Work, part: MicroBatch, old, report: Report) -> None:
    batch, rows, options = work.batch, part.rows, work.options
    logp_N, entropy_N = work.passes.forward(part, options["temperature"])
    if not rows:
        (0 * (logp_N.sum() + entropy_N.sum())).backward()
        return
    device, sizes = work.passes.device, torch.tensor(part.sizes)
    put = lambda array: torch.from_numpy(array).to(device)
    spread = lambda values: torch.from_numpy(values[rows]).repeat_interleave(sizes).to(device)
    engine_N = put(np.concatenate([batch.logps[r] for r in rows]))
    old_N = logp_N.detach()
    if batch.minibatches_B[rows[0]] > 0:
        old_N = put(np.concatenate([old[r] for r in rows]))
    advantage_N = put(np.concatenate([batch.advantages[r] for r in rows]))
    weight_N = spread(batch.weights_B)
    loss = policy_loss(logp_N, old_N, engine_N, advantage_N, weight_N, entropy_N, options)
    loss.backward()
    group_N = spread(batch.groups_B)
    report.add(loss, logp_N.detach(), old_N, engine_N, entropy_N.detach(), group_N, options)


def step(work: Work, part: Report, report: Report, place: str) -> None:
    if not is_finite(part):
        report.skipped = f"{place}gradient norm {part.gradient_norm}, loss {part.loss}"
        work.optimizer.zero_grad(set_to_none=True)
        return
    configure(work.optimizer, work.options)
    work.optimizer.step()
    report.merge(part)
