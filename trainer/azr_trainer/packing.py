"""Packs sequences into padded micro-batches in which common beginnings appear once.

Covers: which sequences share a beginning; positions and attention with which every token sees only
its own sequence; where each completion token is predicted. Pure; it knows no loss. A sequence's
result does not depend on its neighbours, except for rounding.

A row of a micro-batch is a tree in depth-first order: the tokens that two sequences share come
before both. A token is seen by itself and by all tokens after it up to the end of its branch:

    k is seen by q  <=>  k <= q < until[k]
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch


class Branch(NamedTuple):
    """A sequence in a tree."""

    row: int  # of the batch
    start: int  # its first token that is predicted
    shared: int  # tokens that are in the branch before it already


@dataclass
class Tree:
    branches: list[Branch]
    size: int  # tokens


class Room(NamedTuple):
    """The limits of a tree.

    With `width`, attention costs as much for pairs that are not seen as for pairs that are. Then
    sequences are only combined if that saves more than it costs.
    """

    tokens: int
    width: int | None = None

    def has(self, tree: Tree, shared: int, fresh: int) -> bool:
        if tree.size + fresh > self.tokens:
            return False
        # A layer has about 12 width^2 weights. Attention costs 2 width per pair of tokens, and the
        # new tokens make 2 fresh x size pairs.
        return self.width is None or 3 * self.width * shared >= fresh * tree.size


def inputs_of(sequence: np.ndarray) -> np.ndarray:
    """The last token predicts nothing."""
    return sequence[: max(1, len(sequence) - 1)]


def shared_length(one: np.ndarray, other: np.ndarray) -> int:
    most = min(len(one), len(other))
    apart = np.flatnonzero(one[:most] != other[:most])
    return int(apart[0]) if len(apart) else most


def plant(sequences: list[np.ndarray], starts_B: np.ndarray, rows, room: Room) -> list[Tree]:
    """Trees of these rows, in alphabetical order, so that neighbours share the most."""
    inputs = {row: inputs_of(sequences[row]) for row in map(int, rows)}
    trees: list[Tree] = []
    before = np.zeros(0, np.int32)
    for row in sorted(inputs, key=lambda row: inputs[row].astype(">u4").tobytes()):
        shared = shared_length(before, inputs[row])
        fresh = len(inputs[row]) - shared
        if not trees or not room.has(trees[-1], shared, fresh):
            trees.append(Tree([], 0))
            shared, fresh = 0, len(inputs[row])
        trees[-1].branches.append(Branch(row, int(starts_B[row]), shared))
        trees[-1].size += fresh
        before = inputs[row]
    return trees


def alone(sequences: list[np.ndarray]) -> list[Tree]:
    """A tree for each sequence. All tokens but the first count as its completion."""
    return [Tree([Branch(row, 1, 0)], len(inputs_of(ids))) for row, ids in enumerate(sequences)]


def micro_batches(trees: list[Tree], budget: int) -> list[list[Tree]]:
    """Groups trees of similar size, so that each group's padded size is within the budget of
    tokens.
    """
    groups: list[list[Tree]] = []
    for tree in sorted(trees, key=lambda t: (t.size, t.branches[0].row)):
        if not groups or tree.size * (len(groups[-1]) + 1) > budget:
            groups.append([])
        groups[-1].append(tree)
    return groups


@dataclass
class MicroBatch:
    """N completion tokens of its rows, M of them different, because sequences
    may share these too.
    """

    rows: list[int]  # rows of the batch, in the order of the following fields
    sizes: list[int]  # completion tokens of each row
    ids_BT: torch.Tensor
    positions_BT: torch.Tensor
    until_BT: torch.Tensor  # where the branch of a token ends
    at_M: torch.Tensor  # index into the flat [B * T] of the state that predicts a token
    target_M: torch.Tensor  # the token's id
    pick_N: torch.Tensor  # which of the M it is
    is_causal: bool  # each row has one sequence, so plain causal attention is enough

    def to(self, device: str) -> "MicroBatch":
        moved = {
            name: value.to(device)
            for name, value in vars(self).items()
            if isinstance(value, torch.Tensor)
        }
        return replace(self, **moved)

    def seen_BTT(self) -> torch.Tensor:
        """Whether a token sees another. Padding sees itself, so that no row is empty."""
        at_T = torch.arange(self.until_BT.shape[1], device=self.until_BT.device)
        return (at_T <= at_T[:, None]) & (at_T[:, None] < self.until_BT[:, None, :])

    def additive_mask(self) -> torch.Tensor:
        """[B, T, T]: 0 if a token sees another, else -inf."""
        seen = self.seen_BTT()
        return torch.zeros(seen.shape, device=seen.device).masked_fill_(~seen, -torch.inf)


def assemble(trees: list[Tree], sequences: list[np.ndarray]) -> MicroBatch:
    """Right-padded trees."""
    longest = max(tree.size for tree in trees)
    ids = np.zeros((len(trees), longest), np.int64)
    positions, until = np.zeros_like(ids), np.full_like(ids, longest)
    rows, sizes, at, target = [], [], [], []
    for b, tree in enumerate(trees):
        end, path = 0, np.zeros(0, np.int64)  # the place of each token of the sequence
        for row, start, shared in tree.branches:
            fresh = inputs_of(sequences[row])[shared:]
            until[b, path[shared:]] = begin = end
            end = begin + len(fresh)
            path = np.concatenate([path[:shared], np.arange(begin, end)])
            ids[b, begin:end] = fresh
            positions[b, begin:end] = np.arange(shared, shared + len(fresh))
            completion = sequences[row][start:]
            at.append(b * longest + path[start - 1 : start - 1 + len(completion)])
            target.append(completion.astype(np.int64))
            rows.append(row)
            sizes.append(len(completion))
        until[b, path] = end
    pairs = (np.concatenate(at) << 32) | np.concatenate(target)
    different, pick = np.unique(pairs, return_inverse=True)
    return MicroBatch(
        rows,
        sizes,
        torch.from_numpy(ids),
        torch.from_numpy(positions),
        torch.from_numpy(until),
        torch.from_numpy(different >> 32),
        torch.from_numpy(different & 0xFFFFFFFF),
        torch.from_numpy(pick),
        all(len(tree.branches) == 1 for tree in trees),
    )


def idle() -> MicroBatch:
    """Two tokens without weight, for a process that has no part left while others do."""
    part = assemble([Tree([Branch(0, 1, 0)], 2)], [np.zeros(3, np.int64)])
    return replace(part, rows=[], sizes=[])
