"""The learner's state and operations. It knows no algorithm: it gets tokens, sampled
log-probabilities, advantages and weights, and never a reward.
"""

import platform
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch

from azr_trainer import checkpoint, memory
from azr_trainer.batch import batch_of, check_ids, split
from azr_trainer.logs import silent
from azr_trainer.optim import learning, make_optimizer
from azr_trainer.packing import alone
from azr_trainer.passes import Passes
from azr_trainer.policy import Policy, open_policy
from azr_trainer.settings import check_options, settings_of
from azr_trainer.shards import local, whole
from azr_trainer.update import Budgets, Work, gradients, update

SCORE_BUDGET = 16384


class Learner:
    def __init__(self, device: str = "cpu", log=silent, group=None):
        self.device, self.log, self.group = device, log, group
        self.policy: Policy | None = None
        self.passes: Passes | None = None
        self.companions: dict[str, bytes] = {}
        self.optimizer = None
        # The tokens of a scoring pass, halved when the card had too little free memory.
        self.fits = SCORE_BUDGET

    def hello(self) -> dict:
        return {
            "torch": torch.__version__,
            "python": platform.python_version(),
            "threads": torch.get_num_threads(),
            "processes": self.size(),
            "device": torch.cuda.get_device_name() if self.device == "cuda" else "cpu",
        }

    def size(self) -> int:
        return 1 if self.group is None else self.group.size

    def load(self, path: str, settings: dict | None = None) -> dict:
        """Loads a model folder (fresh optimiser) or a checkpoint (with its optimiser)."""
        policy = self.read(Path(path), settings)
        state = checkpoint.read_state(Path(path))
        self.optimizer = make_optimizer(policy)
        # Building a model draws random numbers. Later draws must depend only on what was loaded.
        torch.manual_seed(0)
        if state is not None:
            self.optimizer.load_state_dict(state["optimizer"])
            torch.set_rng_state(state["generator"])
        count = sum(p.numel() for p in policy.module.parameters())
        learned = sum(p.numel() for p in policy.parameters())
        digest = checkpoint.weights_hash(policy.tensors())
        return {"weightsHash": digest, "parameters": count, "learned": learned}

    def read(self, folder: Path, settings: dict | None = None) -> Policy:
        """Loads the weights alone: enough for an export."""
        checkpoint.check_folder(folder)
        policy = open_policy(folder, settings_of(settings), self.device, self.group)
        self.policy, self.companions = policy, checkpoint.read_companions(folder)
        self.passes = Passes(policy, self.device, self.log, self.group)
        return policy

    def need(self) -> Policy:
        if self.policy is None:
            raise RuntimeError("Cannot do this before a model is loaded: send load first")
        return self.policy

    @torch.no_grad()
    def score(
        self, ids: np.ndarray, lengths: np.ndarray, bare=False, tokens=SCORE_BUDGET
    ) -> np.ndarray:
        """Log-probabilities of every id but the first of each sequence, at temperature 1, flat.

        `bare` scores the model without the adapter that it trains. `tokens` (padded) limits a
        pass. It is halved if memory is short, and later calls keep that.
        """
        check_ids(ids, self.need().head().shape[0])
        sequences = split(ids, lengths)
        # Sequences share nothing, so that a score never depends on what else is scored.
        trees = alone(sequences)
        longest = max(map(len, sequences), default=0)
        attempt = lambda tokens: self.passes.score(sequences, trees, 1.0, tokens)
        with self.need().without_adapter() if bare else nullcontext():
            found, used = memory.with_smaller(
                attempt, min(tokens, self.fits), longest, self.log, self.passes.agree
            )
        if used < tokens:
            self.fits = used
        memory.give_back()
        return np.concatenate(found) if found else np.zeros(0, np.float32)

    def update(self, arrays: dict[str, np.ndarray], options: dict) -> dict:
        """One optimiser step for each minibatch, in order. Returns an UpdateReport (types.ts)."""
        check_ids(arrays["ids"], self.need().head().shape[0])
        return update(self.passes, self.optimizer, arrays, options)

    def probe(self, longest: int, options: dict) -> dict:
        """Gradients of the longest possible sequences, as many as a pass holds, without a step.

        Returns the tokens per pass that fit, halved if memory was short.
        """
        check_options(options)
        policy, tokens = self.need(), max(options["microBatchTokens"], longest)
        rows = max(1, tokens // longest) * self.size()
        vocabulary = policy.head().shape[0]
        ids = np.arange(rows * longest, dtype=np.int32) % min(vocabulary, 1 << 30)
        ids[::longest] = np.arange(rows) % vocabulary  # no two answers share a beginning
        ones = np.ones(rows, np.int32)
        arrays = {
            "ids": ids,
            "lengths": ones * longest,
            "promptLengths": ones,
            "logprobs": np.zeros(rows * (longest - 1), np.float32),
            "advantages": np.ones(rows, np.float32),
            "weights": np.full(rows, 1e-6, np.float32),
            "minibatches": ones * 0,
        }
        tried = {**options, "microBatchTokens": tokens}
        work = Work(self.passes, self.optimizer, batch_of(arrays), tried)
        moments, budgets = self.moments(), Budgets(work)
        budgets.fit(lambda tokens: gradients(work, np.arange(rows), None, tokens))
        self.optimizer.zero_grad(set_to_none=True)
        del moments
        memory.release()
        fits = min(budgets.tokens, options["microBatchTokens"])
        return {"microBatchTokens": fits, "peakBytes": memory.peak_bytes(self.device)}

    def memory(self) -> dict:
        """The memory that is held now, the peak so far, and what is free on the card."""
        held = torch.cuda.memory_allocated() if self.device == "cuda" else 0
        return {
            "heldBytes": held,
            "peakBytes": memory.peak_bytes(self.device),
            "freeBytes": memory.free_bytes(self.device),
        }

    def moments(self) -> list[torch.Tensor]:
        """Allocates what the optimiser will hold from its first step on."""
        parameters = [local(p) for p in learning(self.optimizer)]
        return [torch.empty(2, *p.shape, device=p.device) for p in parameters if p.is_cuda]

    def save(self, path: str) -> dict:
        state = {"optimizer": self.optimizer.state_dict(), "generator": torch.get_rng_state()}
        return self.write(path, state, merged=False)

    def leads(self) -> bool:
        return self.group is None or self.group.rank == 0

    def export(self, path: str, merged: bool = True) -> dict:
        """Exports for the engine: a full model, or the adapter alone."""
        return self.write(path, None, merged)

    def write(self, path: str, state: dict | None, merged: bool) -> dict:
        policy = self.need()
        digest = checkpoint.weights_hash(policy.tensors())
        is_adapter = policy.wrapped is not None and not merged
        chosen = policy.tensors() if is_adapter else policy.whole()
        tensors = {name: whole(t).cpu() for name, t in chosen.items()}
        if not is_adapter:
            tensors = policy.as_written(tensors)
        tensors = {name: tensor.contiguous() for name, tensor in tensors.items()}
        if self.leads():
            adapter = policy.wrapped if is_adapter else None
            folder = checkpoint.Folder(Path(path), tensors, adapter, self.companions)
            folder.write(state, digest)
        return {"weightsHash": digest}
