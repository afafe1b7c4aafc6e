"""A prompt stands once before all its completions, and nothing comes out otherwise for it."""

import numpy as np
from micro_learner import OPTIONS, gradients, shared_prompts, started

from azr_trainer.packing import Tree, assemble, plant


def test_a_prompt_packed_once_gives_the_gradient_of_prompts_done_again(monkeypatch):
    whole = {**OPTIONS, "maxGradientNorm": 1e9}
    arrays = shared_prompts(started())
    packed = gradients(started(), arrays, whole)
    each = lambda sequences, prompts, rows, packed: [
        Tree(int(prompts[row]), [row], len(sequences[row])) for row in rows
    ]
    monkeypatch.setattr("azr_trainer.update.plant", each)
    apart = gradients(started(), arrays, whole)
    assert ((packed - apart).norm() / apart.norm()).item() <= 1e-5


def test_packing_parts_a_prompt_that_has_too_many_completions():
    sequences = [np.arange(3 + n) for n in (100, 100, 100, 5)]
    trees = plant(sequences, np.full(4, 3), range(4))
    assert [(tree.rows, tree.size) for tree in trees] == [([0, 1], 203), ([2, 3], 108)]
    assert sorted(r for tree in trees for r in tree.rows) == [0, 1, 2, 3]


def test_a_completion_sees_its_prompt_and_itself_only():
    sequences = [np.array([7, 8, 1, 2]), np.array([7, 8, 3])]
    part = assemble(plant(sequences, np.array([2, 2]), [0, 1]), sequences)
    assert part.ids_BT.tolist() == [[7, 8, 1, 2, 3]]
    assert part.positions_BT.tolist() == [[0, 1, 2, 3, 2]]
    assert part.seen_BTT[0].int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 0, 0, 1],
    ]
    assert part.at_N.tolist() == [1, 2, 1]
    assert part.target_N.tolist() == [1, 2, 3]
