"""Common beginnings of sequences appear once, and no result changes.

Attention over them in transformers' models is tested in test_attention.py.
"""

import numpy as np
import pytest
import torch
from micro_learner import OPTIONS, gradients, shared_prompts, started

from azr_trainer.packing import Branch, Room, Tree, alone, assemble, inputs_of, micro_batches, plant


def each_alone(sequences, starts_B, rows, room) -> list[Tree]:
    return [Tree([Branch(r, int(starts_B[r]), 0)], len(inputs_of(sequences[r]))) for r in rows]


def test_a_beginning_packed_once_gives_the_gradient_of_beginnings_done_again(monkeypatch):
    whole = {**OPTIONS, "maxGradientNorm": 1e9}
    arrays = shared_prompts(started())
    packed = gradients(started(), arrays, whole)
    monkeypatch.setattr("azr_trainer.update.plant", each_alone)
    apart = gradients(started(), arrays, whole)
    assert ((packed - apart).norm() / apart.norm()).item() <= 1e-5


def drawn(count: int) -> list[np.ndarray]:
    """With only two different tokens much is shared at any depth: some sequences are equal, some
    are the beginning of others.
    """
    rng = np.random.default_rng(3)
    made = [rng.integers(0, 2, rng.integers(2, 24)).astype(np.int32) for _ in range(count)]
    return [*made, made[0].copy(), np.concatenate([made[1], made[2]])]


@pytest.mark.parametrize("room", [Room(10**6), Room(60), Room(60, 8), Room(1)])
def test_every_token_sees_its_own_sequence_and_nothing_else(room):
    sequences = drawn(40)
    starts = np.array([1 + len(s) // 3 for s in sequences])
    trees = plant(sequences, starts, range(len(sequences)), room)
    found = {}
    for group in micro_batches(trees, 200):
        part = assemble(group, sequences)
        ids, seen = part.ids_BT.flatten(), part.seen_BTT().flatten(0, 1)
        T, picked = part.ids_BT.shape[1], part.pick_N.split(part.sizes)
        for row, pick in zip(part.rows, picked, strict=True):
            at = part.at_M[pick]
            for place, target in zip(at.tolist(), part.target_M[pick].tolist(), strict=True):
                tree = place // T * T
                before = ids[tree : tree + T][seen[place]].tolist()
                found.setdefault(row, []).append([*before, target])
                assert part.positions_BT.flatten()[place] == len(before) - 1
    for row, (sequence, start) in enumerate(zip(sequences, starts, strict=True)):
        assert found[row] == [sequence[: n + 1].tolist() for n in range(start, len(sequence))]
    assert all(tree.size <= room.tokens or len(tree.branches) == 1 for tree in trees)
    assert sorted(branch.row for tree in trees for branch in tree.branches) == sorted(found)


def test_what_is_shared_stands_once():
    sequences = drawn(40)
    beginnings = {s[:n].tobytes() for s in sequences for n in range(1, max(2, len(s)))}
    (tree,) = plant(sequences, np.ones(42, int), range(42), Room(10**6))
    assert tree.size == len(beginnings)
    part = assemble([tree], sequences)
    # The token after equal beginnings is predicted only once.
    assert len(part.at_M) == len({s[:n].tobytes() for s in sequences for n in range(2, len(s) + 1)})


def test_a_tree_in_writing():
    sequences = [np.array(ids) for ids in ([7, 8, 1, 2, 9], [7, 8, 3, 9], [7, 8, 1, 5, 9])]
    part = assemble(plant(sequences, np.array([2, 2, 3]), [0, 1, 2], Room(100)), sequences)
    assert part.rows == [0, 2, 1]
    assert part.ids_BT.tolist() == [[7, 8, 1, 2, 5, 3]]
    assert part.positions_BT.tolist() == [[0, 1, 2, 3, 3, 2]]
    assert part.until_BT.tolist() == [[6, 6, 5, 4, 5, 6]]
    assert part.seen_BTT()[0].int().tolist() == [
        [1, 0, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [1, 1, 1, 0, 0, 0],
        [1, 1, 1, 1, 0, 0],
        [1, 1, 1, 0, 1, 0],
        [1, 1, 0, 0, 0, 1],
    ]
    pairs = torch.stack([part.at_M, part.target_M], 1)[part.pick_N].tolist()
    assert pairs == [[1, 1], [2, 2], [3, 9], [2, 5], [4, 9], [1, 3], [5, 9]]


def test_dense_attention_parts_what_saves_less_than_it_costs():
    sequences = [np.arange(40) + shift for shift in (0, 100)]
    ends = [np.concatenate([s, [50 + n, 9]]) for s in sequences for n in range(3)]
    count = lambda room: len(plant(ends, np.ones(6, int), range(6), room))
    assert count(Room(1000)) == 1
    assert count(Room(1000, 8)) == 2
    assert count(Room(41, 8)) == 6 and count(Room(42, 8)) == 4


def test_a_score_shares_nothing():
    trees = alone([np.arange(4), np.arange(4), np.arange(1)])
    assert [(tree.size, len(tree.branches)) for tree in trees] == [(3, 1), (3, 1), (1, 1)]
