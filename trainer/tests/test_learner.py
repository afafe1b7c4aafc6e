"""The learner: its gradient under any split, its updates and reports, its model.

The loss by hand is in test_loss.py, shared prompts in test_packing.py, checkpoints in
test_checkpoints.py, the wire in test_wire.py, its processes in test/whole.
"""

import numpy as np
import pytest
import torch
from micro_learner import MODEL, OPTIONS, batch, gradients, started

from azr_trainer.learner import Learner
from azr_trainer.weights import load_model


def test_gradient_is_the_same_under_any_split():
    whole = {**OPTIONS, "maxGradientNorm": 1e9}
    arrays = batch(started())
    one = gradients(started(), arrays, whole)
    for tokens in (1, 64, 200):
        split = gradients(started(), arrays, {**whole, "microBatchTokens": tokens})
        assert (one - split).abs().max().item() <= 1e-5
    assert one.abs().max().item() > 1e-3


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


def test_tokens_of_one_completion_may_have_advantages_of_their_own():
    learner = started()
    arrays = batch(learner, 4)
    sizes = arrays["lengths"] - arrays["promptLengths"]
    same = {**arrays, "tokenAdvantages": np.repeat(arrays["advantages"], sizes)}
    options = {**OPTIONS, "learningRate": 0.0}
    assert learner.update(same, options)["loss"] == learner.update(arrays, options)["loss"]
    signs = np.concatenate([np.where(np.arange(n) < n // 2, 1, -1) for n in sizes])
    lengths, prompts = arrays["lengths"], arrays["promptLengths"]

    def scores_after(sign):
        learner = started()
        arrays["tokenAdvantages"] = (sign * signs).astype(np.float32)
        learner.update(arrays, {**OPTIONS, "learningRate": 1e-5, "entropyCoefficient": 0.0})
        scores = np.split(learner.score(arrays["ids"], lengths), np.cumsum(lengths - 1)[:-1])
        return np.concatenate([row[p - 1 :] for row, p in zip(scores, prompts, strict=True)])

    # The common part of both updates cancels, such as a shift of an embedding that tokens share.
    change = scores_after(1) - scores_after(-1)
    assert change[signs > 0].sum() > 0 > change[signs < 0].sum()


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
