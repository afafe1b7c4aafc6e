"""From sequences to padded micro-batches in which a prompt stands once, before all its completions.

Covers: which sequences share a prompt, positions and attention such that every completion sees its
prompt and itself only, where each completion token is predicted. Pure; knows no loss. A sequence's
result does not depend on what it is packed with, but for rounding.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

# Attention is quadratic in the packed length; here it still costs less than a prompt done again.
PACKED = 256


@dataclass
class Tree:
    """A prompt, and the sequences that begin with it: rows of the batch, in order."""

    prompt: int  # tokens
    rows: list[int]
    size: int  # tokens of the prompt and of all completions


def plant(
    sequences: list[np.ndarray], prompts_B: np.ndarray, rows, packed: int = PACKED
) -> list[Tree]:
    """Trees of these rows; sequences of one prompt part where `packed` tokens would be exceeded."""
    open_trees: dict[bytes, Tree] = {}
    trees: list[Tree] = []
    for row in map(int, rows):
        start, length = int(prompts_B[row]), len(sequences[row])
        key = sequences[row][:start].tobytes()
        tree = open_trees.get(key)
        if tree is None or tree.size + length - start > packed:
            tree = open_trees[key] = Tree(start, [], start)
            trees.append(tree)
        tree.rows.append(row)
        tree.size += length - start
    return trees


def alone(sequences: list[np.ndarray]) -> list[Tree]:
    """A tree for each sequence, all but its first token taken as its completion."""
    return [Tree(1, [row], len(sequence)) for row, sequence in enumerate(sequences)]


def micro_batches(trees: list[Tree], budget: int) -> list[list[Tree]]:
    """Trees of similar size together, each group's padded size within the budget of tokens."""
    groups: list[list[Tree]] = []
    for tree in sorted(trees, key=lambda t: (t.size, t.rows[0])):
        if not groups or tree.size * (len(groups[-1]) + 1) > budget:
            groups.append([])
        groups[-1].append(tree)
    return groups


@dataclass
class MicroBatch:
    rows: list[int]  # rows of the batch, in the order of what follows
    sizes: list[int]  # completion tokens of each row
    ids_BT: torch.Tensor
    positions_BT: torch.Tensor
    seen_BTT: torch.Tensor  # whether a token sees another
    at_N: torch.Tensor  # index into the flat [B * T] of the state that predicts a token
    target_N: torch.Tensor  # the token's id
    is_causal: bool  # each row of the batch is one sequence: plain causal attention will do

    def to(self, device: str) -> "MicroBatch":
        names = ("ids_BT", "positions_BT", "seen_BTT", "at_N", "target_N")
        return replace(self, **{name: getattr(self, name).to(device) for name in names})

    def additive_mask(self) -> torch.Tensor:
        """[B, T, T]: 0 where a token sees another, else -inf."""
        blank = torch.zeros(self.seen_BTT.shape, device=self.seen_BTT.device)
        return blank.masked_fill(~self.seen_BTT, -torch.inf)


def assemble(trees: list[Tree], sequences: list[np.ndarray]) -> MicroBatch:
    """Right-padded trees. Padding sees the prompt: no row of the mask is empty."""
    longest = max(tree.size for tree in trees)
    ids = np.zeros((len(trees), longest), np.int64)
    positions, branch = np.zeros_like(ids), np.full_like(ids, -1)
    rows, sizes, at, target = [], [], [], []
    for b, tree in enumerate(trees):
        start = tree.prompt
        ids[b, :start] = sequences[tree.rows[0]][:start]
        positions[b, :start], branch[b, :start] = np.arange(start), 0
        offset = start
        for number, row in enumerate(tree.rows, 1):
            completion = sequences[row][start:]
            end = offset + len(completion)
            ids[b, offset:end] = completion
            positions[b, offset:end] = np.arange(start, start + len(completion))
            branch[b, offset:end] = number
            places = np.arange(offset - 1, end - 1)
            places[:1] = start - 1
            at.append(b * longest + places)
            target.append(completion.astype(np.int64))
            rows.append(row)
            sizes.append(len(completion))
            offset = end
    return MicroBatch(
        rows,
        sizes,
        torch.from_numpy(ids),
        torch.from_numpy(positions),
        seen_by(torch.from_numpy(branch)),
        torch.from_numpy(np.concatenate(at)),
        torch.from_numpy(np.concatenate(target)),
        all(len(tree.rows) == 1 for tree in trees),
    )


def idle() -> MicroBatch:
    """Two tokens that count nothing: for a process that has no part left while others have."""
    part = assemble([Tree(1, [0], 2)], [np.zeros(2, np.int64)])
    return replace(part, rows=[], sizes=[])


def seen_by(branch_BT: torch.Tensor) -> torch.Tensor:
    """[B, T, T]: a token sees the prompt (branch 0) and its own branch, up to itself."""
    T = branch_BT.shape[1]
    key, query = branch_BT[:, None, :], branch_BT[:, :, None]
    return ((key == 0) | (key == query)) & torch.ones(T, T, dtype=torch.bool).tril()
