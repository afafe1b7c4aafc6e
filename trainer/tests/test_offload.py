"""Masters in the machine's memory: gradients are summed next to the weights and moved once, in
pieces. A whole learner with them is tested in test_models.py. Cards are not tested.
"""

from functools import partial

import pytest
import torch

from azr_trainer.offload import Away

ADAMW = partial(torch.optim.AdamW, lr=0.1, foreach=False, fused=True)


def made(dtype=torch.float32):
    generator = torch.Generator().manual_seed(3)
    shapes = [(5, 4), (3,), (11, 2)]
    draw = lambda shape: torch.randn(shape, generator=generator).to(dtype)
    return [torch.nn.Parameter(draw(shape)) for shape in shapes]


def passes(weights, optimizer, count=3, touched=(0, 1, 2)):
    """Runs `count` backward passes. The last one uses only the weights in `touched`."""
    for index in range(count):
        optimizer.is_last = index == count - 1
        used = touched if optimizer.is_last else range(len(weights))
        sum((weights[i].float() * (i + index + 1)).square().sum() for i in used).backward()


def moved(optimizer) -> list[torch.Tensor]:
    optimizer.collect()
    return [m.grad for m in optimizer.masters]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize("touched", [(0, 1, 2), (1,)])
def test_gradients_of_all_passes_arrive_whole_whatever_the_buckets(size, touched):
    straight, weights = made(), made()
    plain = ADAMW(straight)
    away = Away(weights, ADAMW, size)
    for _ in range(2):
        passes(straight, plain, touched=touched)
        passes(weights, away, touched=touched)
        for found, weight in zip(moved(away), straight, strict=True):
            assert torch.equal(found, weight.grad)
        assert all(w.grad is None for w in weights)
        for optimizer in (plain, away):
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
    assert all(torch.equal(a, b) for a, b in zip(weights, straight, strict=True))


def test_a_weight_without_a_gradient_is_left_alone_though_its_room_is_kept():
    weights = made()
    away = Away(weights, ADAMW, 7)
    passes(weights, away)
    moved(away)
    away.step()
    away.zero_grad()
    before = [w.detach().clone() for w in weights]
    away.is_last = True
    weights[1].square().sum().backward()
    assert [g is None for g in moved(away)] == [True, False, True]
    away.step()
    assert [torch.equal(a, b) for a, b in zip(weights, before, strict=True)] == [True, False, True]


def test_what_a_pass_that_failed_has_moved_is_forgotten():
    straight, weights = made(), made()
    away = Away(weights, ADAMW, 7)
    passes(weights, away)  # then memory runs out before anything is collected
    away.zero_grad()
    passes(weights, away)
    passes(straight, ADAMW(straight))
    for found, weight in zip(moved(away), straight, strict=True):
        assert torch.equal(found, weight.grad)


def test_what_is_loaded_is_copied_and_no_longer_belongs_to_its_file(tmp_path):
    weights, others = made(torch.bfloat16), made(torch.bfloat16)
    away, again = Away(weights, ADAMW, 7), Away(others, ADAMW, 7)
    passes(weights, away)
    moved(away)
    away.step()
    torch.save(away.state_dict(), tmp_path / "state.pt")
    again.load_state_dict(torch.load(tmp_path / "state.pt", mmap=True, weights_only=True))
    held = [*again.masters, *(v for s in again.inner.state.values() for v in s.values())]
    assert not any(tensor.untyped_storage().filename for tensor in held)
    for optimizer, mine in ((away, weights), (again, others)):
        optimizer.zero_grad()
        passes(mine, optimizer)
        moved(optimizer)
        optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(weights, others, strict=True))
