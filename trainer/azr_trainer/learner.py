"""The learner's state and what it can do with it. Blind to the algorithm: tokens, sampled
log-probabilities, advantages and weights come in; no reward is ever seen here."""

import math
import platform
import time
from pathlib import Path

import numpy as np
import torch

from azr_trainer import checkpoint
from azr_trainer.batch import Batch, batch_of, split
from azr_trainer.loss import policy_loss, token_logps
from azr_trainer.model import Qwen2, load_model
from azr_trainer.packing import MicroBatch, Tree, alone, assemble, micro_batches, plant

SCORE_BUDGET = 16384


class Learner:
    def __init__(self):
        self.model: Qwen2 | None = None
        self.companions: dict[str, bytes] = {}
        self.optimizer: torch.optim.AdamW | None = None

    def hello(self) -> dict:
        return {
            "torch": torch.__version__,
            "python": platform.python_version(),
            "threads": torch.get_num_threads(),
            "device": "cpu",
        }

    def load(self, path: str) -> dict:
        """A model folder (fresh optimiser) or a checkpoint (as it was)."""
        folder = Path(path)
        checkpoint.check_folder(folder)
        model, state = load_model(folder), checkpoint.read_state(folder)
        self.model, self.companions = model, checkpoint.read_companions(folder)
        self.optimizer = torch.optim.AdamW(model.parameters(), foreach=True)
        # Making a model draws numbers: what comes after depends on what was loaded only.
        torch.manual_seed(0)
        if state is not None:
            self.optimizer.load_state_dict(state["optimizer"])
            torch.set_rng_state(state["generator"])
        count = sum(p.numel() for p in model.parameters())
        return {"weightsHash": checkpoint.weights_hash(model), "parameters": count}

    def need(self) -> Qwen2:
        if self.model is None:
            raise RuntimeError("Cannot do this before a model is loaded: send load first")
        return self.model

    @torch.no_grad()
    def score(self, ids: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Log-probabilities of every id but the first of each sequence, at temperature 1, flat."""
        self.need()
        sequences = split(ids, lengths)
        # Nothing is shared, so that scores compare exactly, whatever else is asked.
        trees = alone(sequences)
        found = self.score_trees(sequences, trees, 1.0, SCORE_BUDGET)
        return np.concatenate(found) if found else np.zeros(0, np.float32)

    @torch.no_grad()
    def score_trees(self, sequences, trees, temperature: float, budget: int) -> list[np.ndarray]:
        """Log-probabilities of the completions in these trees; nothing for other sequences."""
        found: list[np.ndarray] = [np.zeros(0, np.float32)] * len(sequences)
        for group in micro_batches(trees, budget):
            part = assemble(group, sequences)
            logp_N, _ = self.forward(part, temperature)
            pieces = np.split(logp_N.numpy(), np.cumsum(part.sizes)[:-1])
            for row, piece in zip(part.rows, pieces, strict=True):
                found[row] = piece
        return found

    def forward(self, part: MicroBatch, temperature: float):
        """Log-probability [N] and entropy [N] of the completion tokens of a micro-batch."""
        model = self.need()
        hidden_BTW = model(part.ids_BT, part.positions_BT, part.mask_BTT)
        hidden_NW = hidden_BTW.flatten(0, 1).index_select(0, part.at_N)
        return token_logps(model.logits(hidden_NW), part.target_N, temperature)

    def update(self, arrays: dict[str, np.ndarray], options: dict) -> dict:
        """One optimiser step for each minibatch, in order. Gives an UpdateReport (types.ts)."""
        model, batch, begun = self.need(), batch_of(arrays), time.monotonic()
        report = Report()
        count = int(batch.minibatches_B.max()) + 1 if len(batch.sequences) else 0
        trees = [
            plant(batch.sequences, batch.prompts_B, np.flatnonzero(batch.minibatches_B == m))
            for m in range(count)
        ]
        old = self.score_later(batch, trees, options)
        for mine in trees:
            self.step(batch, mine, old, options, report)
        if count == 0:
            report.values["skipped"] = "no sequences"
        report.values["weightsHash"] = checkpoint.weights_hash(model)
        report.values["seconds"] = time.monotonic() - begun
        return report.finish()

    @torch.no_grad()
    def score_later(self, batch: Batch, trees: list[list[Tree]], options: dict):
        """What the policy gave before the update to all but the first minibatch.

        The first minibatch meets that policy itself: its own forward pass tells.
        """
        later = [tree for mine in trees[1:] for tree in mine]
        budget, temperature = options["microBatchTokens"], options["temperature"]
        return self.score_trees(batch.sequences, later, temperature, budget)

    def step(self, batch: Batch, trees: list[Tree], old, options: dict, report: "Report") -> None:
        """Gradient over all micro-batches of a minibatch, then one step unless it is not finite."""
        self.configure(options)
        self.optimizer.zero_grad(set_to_none=True)
        for group in micro_batches(trees, options["microBatchTokens"]):
            self.accumulate(batch, assemble(group, batch.sequences), old, options, report)
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), options["maxGradientNorm"])
        if not math.isfinite(norm.item()) or not math.isfinite(report.values["loss"]):
            report.values["skipped"] = f"gradient norm {norm.item()}, loss {report.values['loss']}"
            self.optimizer.zero_grad(set_to_none=True)
            return
        report.values["gradientNorm"] = max(report.values["gradientNorm"], norm.item())
        self.optimizer.step()

    def accumulate(self, batch: Batch, part: MicroBatch, old, options, report: "Report") -> None:
        rows, sizes = part.rows, torch.tensor(part.sizes)
        spread = lambda values: torch.from_numpy(values[rows]).repeat_interleave(sizes)
        logp_N, entropy_N = self.forward(part, options["temperature"])
        engine_N = torch.from_numpy(np.concatenate([batch.logps[r] for r in rows]))
        old_N = logp_N.detach()
        if batch.minibatches_B[rows[0]] > 0:
            old_N = torch.from_numpy(np.concatenate([old[r] for r in rows]))
        advantage_N, weight_N = spread(batch.advantages_B), spread(batch.weights_B)
        loss = policy_loss(logp_N, old_N, engine_N, advantage_N, weight_N, entropy_N, options)
        loss.backward()
        report.add(loss, logp_N.detach(), old_N, engine_N, entropy_N.detach(), options)

    def configure(self, options: dict) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = options["learningRate"]
            group["weight_decay"] = options["weightDecay"]
            group["betas"] = (options["beta1"], options["beta2"])
            group["eps"] = options["epsilon"]

    def save(self, path: str) -> dict:
        state = {"optimizer": self.optimizer.state_dict(), "generator": torch.get_rng_state()}
        checkpoint.write_folder(Path(path), self.need(), self.companions, state)
        return {"weightsHash": checkpoint.weights_hash(self.model)}

    def export(self, path: str) -> dict:
        checkpoint.write_folder(Path(path), self.need(), self.companions, None)
        return {"weightsHash": checkpoint.weights_hash(self.model)}


class Report:
    """Adds up an update's figures over its micro-batches."""

    def __init__(self):
        self.values: dict = {"loss": 0.0, "gradientNorm": 0.0, "skipped": None, "microBatches": 0}
        self.tokens = 0
        self.sums = dict.fromkeys(("entropy", "mismatchKl", "mismatchK3", "clipFraction"), 0.0)

    def add(self, loss, logp_N, old_N, engine_N, entropy_N, options: dict) -> None:
        gap_N = (old_N - engine_N).double()
        ratio_N = (logp_N - old_N).exp()
        outside = (ratio_N < 1 - options["clipLow"]) | (ratio_N > 1 + options["clipHigh"])
        self.values["loss"] += loss.item()
        self.values["microBatches"] += 1
        self.tokens += len(logp_N)
        self.sums["entropy"] += entropy_N.double().sum().item()
        self.sums["mismatchKl"] += -gap_N.sum().item()
        self.sums["mismatchK3"] += (gap_N.exp() - gap_N - 1).sum().item()
        self.sums["clipFraction"] += outside.double().sum().item()

    def finish(self) -> dict:
        means = {name: total / max(1, self.tokens) for name, total in self.sums.items()}
        return {**self.values, **means, "tokens": self.tokens}
