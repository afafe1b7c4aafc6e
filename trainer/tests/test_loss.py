"""The loss against numbers worked by hand. Pure tensors: no model, no update (test_learner.py)."""

import math

import pytest
import torch
from micro_learner import OPTIONS

from azr_trainer.loss import policy_loss, token_logps
from azr_trainer.report import Report


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


def test_what_an_earlier_policy_sampled_counts_as_if_sampled_by_this_one():
    tensor = lambda *values: torch.tensor(values, dtype=torch.float64)
    old, unknown = tensor(-1, -9), tensor(-1, math.nan)
    arguments = tensor(1, 2), tensor(0.5, 0.5), tensor(0, 0)
    for rule in ({}, {"importance": "icepop", "importanceFloor": 0.5}):
        options = {**OPTIONS, **rule, "entropyCoefficient": 0}
        found = policy_loss(old, old, unknown, *arguments, options)
        assert found.item() == pytest.approx(-0.5 - 1, abs=1e-12)
    report = Report()
    report.add(found, old, old, unknown, tensor(0, 0), torch.tensor([0, 1]), OPTIONS)
    assert report.finish()["mismatchKl"] == 0
    assert report.finish()["groupKl"] == {"0": 0, "1": 0}
    # Its tokens do not count in the mean over known tokens either.
    report = Report()
    report.add(found, old, old, tensor(-0.5, math.nan), old, torch.tensor([0, 0]), OPTIONS)
    assert report.finish()["mismatchKl"] == report.finish()["groupKl"]["0"] == 0.5


def test_entropy_and_log_probability_are_of_the_tempered_distribution():
    logits = torch.tensor([[0.0, math.log(9)]])
    logp, entropy = token_logps(logits, torch.tensor([1]), 2.0)
    assert logp.item() == pytest.approx(math.log(0.75), abs=1e-6)
    hand = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert entropy.item() == pytest.approx(hand, abs=1e-6)
