"""The learning rate of a first and of a further pretraining, and the weights that the latter starts
from.
"""

import argparse
from pathlib import Path

import pytest

from azr_micro import network, pretrain

FOLDER = Path(__file__).parents[2] / "models/micro"


def pretraining_options(*words: str):
    parser = argparse.ArgumentParser()
    pretrain.add_arguments(parser)
    return parser.parse_args(words)


def test_further_pretraining_keeps_its_rate_and_a_first_one_lowers_it():
    first, further = pretraining_options(), pretraining_options("--from", "there", "--rate", "2e-4")
    assert pretrain.rate_at(1000, 0.5, first) == pytest.approx(1.25e-3)
    assert pretrain.rate_at(1000, 1.0, first) == pytest.approx(5e-5)
    assert [pretrain.rate_at(1000, share, further) for share in (0.1, 0.9)] == [2e-4, 2e-4]
    assert pretrain.rate_at(0, 0, further) == pytest.approx(2e-4 / pretrain.WARMUP)


def test_further_pretraining_begins_with_the_model_and_moves_it(tmp_path):
    base = FOLDER
    place = ("--from", str(base), "--out", str(tmp_path), "--port", "29577")
    pretrain.main(pretraining_options(*place, "--steps", "2", "--processes", "1"))
    before, after = network.load(base).state_dict(), network.load(tmp_path).state_dict()
    moved = max((after[name] - before[name]).abs().max().item() for name in before)
    # Two steps at the beginning of the warm-up. AdamW moves no weight by more than the rate.
    assert 0 < moved < 2 * pretrain.FURTHER_RATE
