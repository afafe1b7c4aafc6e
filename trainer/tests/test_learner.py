"""The learner: its loss by hand, its gradient under any split, its checkpoints, its model.

Not here: the wire (test_wire.py), the processes around it (test/run).
"""

import math
import resource
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from azr_trainer.learner import Learner
from azr_trainer.loss import policy_loss, token_logps
from azr_trainer.model import load_model
from azr_trainer.packing import Tree, assemble, plant

MODEL = Path(__file__).parents[2] / "models/micro"
OPTIONS = {
    "learningRate": 1e-3,
    "weightDecay": 0.01,
    "beta1": 0.9,
    "beta2": 0.999,
    "epsilon": 1e-8,
    "clipLow": 0.2,
    "clipHigh": 0.28,
    "importanceCap": 2.0,
    "entropyCoefficient": 0.001,
    "maxGradientNorm": 1.0,
    "temperature": 1.0,
    "microBatchTokens": 16384,
}


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def started(path: Path = MODEL) -> Learner:
    learner = Learner()
    learner.load(str(path))
    return learner


def batch(learner: Learner, count: int = 12, minibatches: int = 1) -> dict[str, np.ndarray]:
    """Sequences of many lengths, sampled log-probabilities near the learner's own."""
    rng = np.random.default_rng(7)
    lengths = rng.integers(6, 40, count).astype(np.int32)
    prompts = np.array([rng.integers(1, n - 1) for n in lengths], np.int32)
    ids = rng.integers(3, 100, lengths.sum()).astype(np.int32)
    scored = np.split(learner.score(ids, lengths), np.cumsum(lengths - 1)[:-1])
    own = [s[p - 1 :] for s, p in zip(scored, prompts, strict=True)]
    noise = rng.normal(0, 0.1, int((lengths - prompts).sum()))
    return {
        "ids": ids,
        "lengths": lengths,
        "promptLengths": prompts,
        "logprobs": (np.concatenate(own) + noise).astype(np.float32),
        "advantages": rng.normal(0, 1, count).astype(np.float32),
        "weights": (1 / (lengths - prompts).sum() * np.ones(count)).astype(np.float32),
        "minibatches": (np.arange(count) % minibatches).astype(np.int32),
    }


def gradients(learner: Learner, arrays: dict, options: dict) -> torch.Tensor:
    """The gradient of one update, caught before the optimiser takes its step."""
    caught = []
    learner.optimizer.register_step_pre_hook(
        lambda *_: caught.append(
            torch.cat([p.grad.flatten().clone() for p in learner.policy.parameters()])
        )
    )
    learner.update(arrays, options)
    return caught[0]


def test_gradient_is_the_same_under_any_split():
    whole = {**OPTIONS, "maxGradientNorm": 1e9}
    arrays = batch(started())
    one = gradients(started(), arrays, whole)
    for tokens in (1, 64, 200):
        split = gradients(started(), arrays, {**whole, "microBatchTokens": tokens})
        assert (one - split).abs().max().item() <= 1e-5
    assert one.abs().max().item() > 1e-3


def test_loss_by_hand():
    options = {"clipLow": 0.2, "clipHigh": 0.28, "importanceCap": 2.0, "entropyCoefficient": 0.5}
    tensor = lambda *values: torch.tensor(values, dtype=torch.float64)
    old = tensor(-1.0, -1.0, -1.0)
    # Ratios 2, 0.5 and 1; the third token was sampled at a quarter of the learner's probability.
    logp = old + tensor(math.log(2), math.log(0.5), 0.0)
    engine = old - tensor(0.0, 0.0, math.log(4))
    loss = policy_loss(
        logp, old, engine, tensor(1, -1, 1), tensor(0.5, 0.25, 0.25), tensor(0.2, 0.4, 0.6), options
    )
    # max(-2, -1.28) = -1.28;  max(0.5, 0.8) = 0.8;  min(4, 2) * max(-1, -1) = -2
    hand = 0.5 * (-1.28 - 0.1) + 0.25 * (0.8 - 0.2) + 0.25 * (-2 - 0.3)
    assert loss.item() == pytest.approx(hand, abs=1e-12)
    off = {**options, "importanceCap": 0}
    without = policy_loss(
        logp, old, engine, tensor(1, -1, 1), tensor(0.5, 0.25, 0.25), tensor(0.2, 0.4, 0.6), off
    )
    assert (loss - without).item() == pytest.approx(0.25 * -1, abs=1e-12)


def test_icepop_by_hand_leaves_out_what_the_two_sides_see_too_differently():
    options = {**OPTIONS, "importance": "icepop", "importanceFloor": 0.5, "entropyCoefficient": 0}
    tensor = lambda *values: torch.tensor(values, dtype=torch.float64)
    old, gap = tensor(-1, -1, -1, -1), tensor(math.log(4), math.log(1.5), 0, math.log(0.25))
    arguments = (old, old, old - gap, tensor(1, 1, -1, 1), tensor(0.4, 0.3, 0.2, 0.1), old * 0)
    # Weights 4 and 0.25 lie outside 0.5..2: those tokens count nothing.
    assert policy_loss(*arguments, options).item() == pytest.approx(-0.3 * 1.5 + 0.2, abs=1e-12)
    truncated = {**options, "importance": "truncated"}
    hand = -0.4 * 2 - 0.3 * 1.5 + 0.2 - 0.1 * 0.25
    assert policy_loss(*arguments, truncated).item() == pytest.approx(hand, abs=1e-12)


def test_mismatch_is_told_apart_by_group():
    learner = started()
    arrays = batch(learner)
    sizes = arrays["lengths"] - arrays["promptLengths"]
    arrays["groups"] = (np.arange(12) % 2 * 3).astype(np.int32)
    before = learner.update(arrays, {**OPTIONS, "learningRate": 0.0})["groupKl"]
    assert set(before) == {"0", "3"}
    arrays["logprobs"] += np.repeat(arrays["groups"] / 6, sizes).astype(np.float32)
    after = learner.update(arrays, {**OPTIONS, "learningRate": 0.0})["groupKl"]
    assert after["0"] == pytest.approx(before["0"], abs=1e-6)
    assert after["3"] == pytest.approx(before["3"] + 0.5, abs=1e-6)


def test_entropy_and_log_probability_are_of_the_tempered_distribution():
    logits = torch.tensor([[0.0, math.log(9)]])
    logp, entropy = token_logps(logits, torch.tensor([1]), 2.0)
    assert logp.item() == pytest.approx(math.log(0.75), abs=1e-6)
    hand = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert entropy.item() == pytest.approx(hand, abs=1e-6)


def test_positive_advantage_makes_a_completion_likelier():
    learner = started()
    arrays = batch(learner, 4)
    arrays["advantages"] = np.array([1, 1, -1, -1], np.float32)
    lengths = arrays["lengths"]
    before = np.split(learner.score(arrays["ids"], lengths), np.cumsum(lengths - 1)[:-1])
    learner.update(arrays, {**OPTIONS, "learningRate": 1e-4, "entropyCoefficient": 0.0})
    after = np.split(learner.score(arrays["ids"], lengths), np.cumsum(lengths - 1)[:-1])
    changes = [
        (b - a)[p - 1 :].sum()
        for a, b, p in zip(before, after, arrays["promptLengths"], strict=True)
    ]
    assert min(changes[:2]) > 0 > max(changes[2:])


@pytest.mark.parametrize("minibatches", [1, 3])
def test_saved_and_loaded_goes_on_bit_for_bit(tmp_path, minibatches):
    learner = started()
    arrays = batch(learner, minibatches=minibatches)
    learner.update(arrays, OPTIONS)
    saved = learner.save(str(tmp_path / "one"))
    straight = learner.update(arrays, OPTIONS)
    other = started(tmp_path / "one")
    assert other.load(str(tmp_path / "one"))["weightsHash"] == saved["weightsHash"]
    assert other.update(arrays, OPTIONS)["weightsHash"] == straight["weightsHash"]
    assert not list(tmp_path.glob(".*"))


def test_export_is_a_folder_of_the_same_model(tmp_path):
    learner = started()
    learner.update(batch(learner), OPTIONS)
    told = learner.export(str(tmp_path / "out"))
    assert (
        started(tmp_path / "out").load(str(tmp_path / "out"))["weightsHash"] == told["weightsHash"]
    )
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"config.json", "tokenizer.json", "model.safetensors"} <= names
    assert "trainer.pt" not in names


def test_a_checkpoint_that_was_torn_or_changed_is_refused(tmp_path):
    learner = started()
    learner.load(str(MODEL))
    for name in ("trainer.pt", "model.safetensors"):
        folder = tmp_path / name
        learner.save(str(folder))
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-1])
        with pytest.raises(ValueError, match=f"{name} is not what was saved"):
            learner.load(str(folder))
        flipped = bytes([content[100] ^ 1])
        (folder / name).write_bytes(content[:100] + flipped + content[101:])
        with pytest.raises(ValueError, match=f"{name} is not what was saved"):
            learner.load(str(folder))


def test_what_cannot_be_written_says_why_and_leaves_no_checkpoint(tmp_path):
    learner = started()
    learner.update(batch(learner), OPTIONS)
    learner.save(str(tmp_path / "whole"))
    room = (tmp_path / "whole/trainer.pt").stat().st_size - 1000
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            learner.save(str(tmp_path / "torn"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not (tmp_path / "torn").exists()


def test_saves_a_whole_folder_though_the_one_it_came_from_is_gone(tmp_path):
    learner = started()
    learner.load(str(MODEL))
    learner.save(str(tmp_path / "one"))
    learner.load(str(tmp_path / "one"))
    shutil.rmtree(tmp_path / "one")
    saved = learner.save(str(tmp_path / "two"))
    assert Learner().load(str(tmp_path / "two"))["weightsHash"] == saved["weightsHash"]


def test_a_gradient_that_is_not_finite_changes_nothing():
    learner = started()
    arrays = batch(learner)
    before = learner.load(str(MODEL))["weightsHash"]
    arrays["advantages"][3] = np.nan
    report = learner.update(arrays, OPTIONS)
    assert "nan" in report["skipped"]
    assert report["weightsHash"] == before


def test_an_empty_batch_changes_nothing_and_says_so():
    learner = started()
    before = learner.load(str(MODEL))["weightsHash"]
    arrays = {name: values[:0] for name, values in batch(learner).items()}
    report = learner.update(arrays, OPTIONS)
    assert report["weightsHash"] == before
    assert report["skipped"] == "no sequences"
    assert report["tokens"] == 0


def test_nothing_is_done_before_a_model_is_loaded():
    with pytest.raises(RuntimeError, match="send load first"):
        Learner().score(np.zeros(2, np.int32), np.array([2], np.int32))


def test_model_computes_what_transformers_computes():
    transformers = pytest.importorskip("transformers")
    theirs = transformers.Qwen2ForCausalLM.from_pretrained(MODEL, dtype=torch.float32).eval()
    ours = load_model(MODEL)
    ids = torch.randint(3, 100, (2, 50), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        logits = theirs(ids).logits
        mine = ours.logits(ours(ids))
    assert (logits - mine).abs().max().item() < 1e-4


def shared_prompts(learner: Learner) -> dict[str, np.ndarray]:
    """As `batch`, but the sequences have three prompts between them, in turn."""
    rng = np.random.default_rng(11)
    prompts = [rng.integers(3, 100, n) for n in (4, 9, 9)]
    completions = [rng.integers(3, 100, rng.integers(1, 30)) for _ in range(40)]
    rows = [np.concatenate([prompts[i % 3], c]) for i, c in enumerate(completions)]
    arrays = {
        "ids": np.concatenate(rows).astype(np.int32),
        "lengths": np.array([len(r) for r in rows], np.int32),
        "promptLengths": np.array([len(prompts[i % 3]) for i in range(40)], np.int32),
        "advantages": rng.normal(0, 1, 40).astype(np.float32),
        "weights": np.full(40, 0.01, np.float32),
        "minibatches": np.zeros(40, np.int32),
    }
    lengths = arrays["lengths"]
    scored = np.split(learner.score(arrays["ids"], lengths), np.cumsum(lengths - 1)[:-1])
    own = [s[p - 1 :] for s, p in zip(scored, arrays["promptLengths"], strict=True)]
    arrays["logprobs"] = np.concatenate(own).astype(np.float32)
    return arrays


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
