"""Adds up the figures of an update over its micro-batches. If nothing was learned they are 0,
because a sum that is not finite says nothing and cannot be stored.
"""

import torch

MISMATCH = ("mismatchKl", "mismatchK3")
MEANS = ("entropy", *MISMATCH, "clipFraction")


class Report:
    def __init__(self):
        self.loss, self.gradient_norm, self.micro_batches, self.tokens = 0.0, 0.0, 0, 0
        self.known = 0  # tokens with a known log-probability of the engine
        self.skipped: str | None = None
        self.sums = dict.fromkeys(MEANS, 0.0)
        self.groups: dict[int, list[float]] = {}  # tokens, sum of the mismatch

    def add(self, loss, logp_N, old_N, engine_N, entropy_N, group_N, options: dict) -> None:
        # If the engine's are unknown there is no difference.
        gap_N = (old_N - engine_N).double().nan_to_num(0.0)
        ratio_N = (logp_N - old_N).exp()
        outside = (ratio_N < 1 - options["clipLow"]) | (ratio_N > 1 + options["clipHigh"])
        self.loss += loss.item()
        self.micro_batches += 1
        self.tokens += len(logp_N)
        known_N = ~engine_N.isnan()
        self.known += int(known_N.sum())
        # The engine sampled the tokens, so k1 is the mean of -gap and k3 that of e^gap - 1 - gap.
        self.sums["mismatchKl"] -= gap_N.sum().item()
        self.sums["mismatchK3"] += (gap_N.exp() - 1 - gap_N).sum().item()
        self.sums["entropy"] += entropy_N.double().sum().item()
        self.sums["clipFraction"] += outside.sum().item()
        for group in group_N.unique().tolist():
            mine = gap_N[(group_N == group) & known_N]
            self.count(group, len(mine), -mine.sum().item())

    def count(self, group: int, tokens: int, mismatch: float) -> None:
        known = self.groups.setdefault(group, [0, 0.0])
        known[0] += tokens
        known[1] += mismatch

    def merge(self, other: "Report") -> None:
        self.loss += other.loss
        self.gradient_norm = max(self.gradient_norm, other.gradient_norm)
        self.micro_batches += other.micro_batches
        self.tokens += other.tokens
        self.known += other.known
        for name in MEANS:
            self.sums[name] += other.sums[name]
        for group, (tokens, mismatch) in other.groups.items():
            self.count(group, tokens, mismatch)

    def finish(self) -> dict:
        count = {name: self.known if name in MISMATCH else self.tokens for name in MEANS}
        means = {name: total / max(count[name], 1) for name, total in self.sums.items()}
        groups = {str(g): total / max(n, 1) for g, (n, total) in sorted(self.groups.items())}
        return {
            "loss": self.loss,
            "gradientNorm": self.gradient_norm,
            "skipped": self.skipped,
            "microBatches": self.micro_batches,
            **means,
            "groupKl": groups,
            "tokens": self.tokens,
        }


def merged(parts: list[Report]) -> Report:
    found = Report()
    for part in parts:
        found.merge(part)
    return found


def is_finite(report: Report) -> bool:
    return bool(torch.tensor([report.loss, report.gradient_norm]).isfinite().all())
