"""Invalid requests to the learner are refused in one sentence.

Requests to the embedded engine are in test_checks_engine.py, options of commands in
test_checks_commands.py, models and files in test_models.py, frames in test_wire.py.
"""

import math

import numpy as np
import pytest
from micro_learner import MODEL, OPTIONS, batch, started

from azr_trainer.checks import BadRequest, number, whole
from azr_trainer.requests import handle

PATH = str(MODEL)


@pytest.fixture(scope="module")
def learner():
    return started()


def asked(learner, verb="hello", arrays=None, **body):
    return handle(learner, {"id": 1, "verb": verb, "body": body, "arrays": arrays or {}})


REFUSED = [
    ({"verb": "offload"}, "verb must be hello or load or .* not 'offload'"),
    ({"verb": None}, "verb must be"),
    ({"verb": "hello", "now": 1}, "Cannot hello with now: known are none"),
    ({"verb": "load"}, "Cannot load without path"),
    ({"verb": "load", "path": 3}, "path must be a path, not 3"),
    ({"verb": "load", "path": ""}, "path must be a path"),
    ({"verb": "load", "path": PATH, "settings": []}, "settings must be a mapping"),
    ({"verb": "probe", "longest": 1, "options": OPTIONS}, "longest must be a whole number from 2"),
    ({"verb": "probe", "longest": 9.5, "options": OPTIONS}, "longest must be"),
    ({"verb": "score"}, "Cannot score without ids, lengths"),
    ({"verb": "save", "path": None}, "path must be"),
    ({"verb": "export", "path": "x", "merged": 1}, "merged must be true or false, not 1"),
    ({"verb": "update", "options": OPTIONS}, "Cannot update without ids, lengths"),
]


@pytest.mark.parametrize(("request_", "why"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_request_that_cannot_be_meant_is_refused(learner, request_, why):
    with pytest.raises(BadRequest, match=why):
        asked(learner, **request_)


def test_a_request_without_a_number_or_with_more_is_refused(learner):
    for envelope in ({"verb": "hello", "arrays": {}}, {"id": 0, "verb": "hello", "arrays": {}}):
        with pytest.raises(BadRequest, match="id"):
            handle(learner, envelope)
    with pytest.raises(BadRequest, match="Cannot answer with more"):
        handle(learner, {"id": 1, "verb": "hello", "arrays": {}, "more": 1})


SETTINGS = {
    "backend": ["jax", None],
    "method": ["LORA", 1],
    "loraRank": [0, 1.5, "8", True],
    "loraAlpha": [0, -1, "32", math.inf],
    "dtype": ["float16"],
    "optimizer": ["sgd"],
    "gradientCheckpointing": [1, "true"],
    "seed": [0.5, "1", 2**60],
    "base": [7, ""],
}
UPDATE = {
    **dict.fromkeys(["learningRate", "weightDecay", "clipHigh", "importanceCap"], [-1, "1", None]),
    **dict.fromkeys(["beta1", "beta2", "clipLow", "importanceFloor"], [-0.1, 1.1, True]),
    **dict.fromkeys(["epsilon", "maxGradientNorm"], [0, -1, math.nan]),
    **dict.fromkeys(["entropyCoefficient", "temperature"], [-1, math.inf, []]),
    "microBatchTokens": [0, 1.5],
    "importance": ["truncated", None],
    "budgets": [3, [0], ["1"]],
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_of_the_wrong_type_or_range_is_refused(learner, name):
    for value in SETTINGS[name]:
        with pytest.raises(BadRequest, match=f"Cannot load: {name} must be"):
            asked(learner, "load", path=PATH, settings={name: value})


@pytest.mark.parametrize("name", UPDATE)
def test_an_option_of_the_wrong_type_or_range_is_refused(learner, name):
    arrays = batch(learner)
    for value in UPDATE[name]:
        with pytest.raises(BadRequest, match=f"Cannot update: {name} must be"):
            asked(learner, "update", arrays, options={**OPTIONS, name: value})


def test_options_that_are_unknown_or_lacking_are_refused(learner):
    arrays = batch(learner)
    with pytest.raises(BadRequest, match="Cannot update with learningrate"):
        asked(learner, "update", arrays, options={**OPTIONS, "learningrate": 1})
    with pytest.raises(BadRequest, match="Cannot update without beta1"):
        some = {name: value for name, value in OPTIONS.items() if name != "beta1"}
        asked(learner, "update", arrays, options=some)
    with pytest.raises(BadRequest, match="icepop needs importanceFloor"):
        asked(learner, "update", arrays, options={**OPTIONS, "importance": "icepop"})


WRONG_ARRAYS = [
    ("ids", lambda a: a.astype(np.float32), "ids must be an array of int32"),
    ("advantages", lambda a: a.astype(np.int32), "advantages must be an array of float32"),
    ("ids", lambda a: a + 100_000, "the vocabulary has"),
    ("ids", lambda a: -a, "the vocabulary has"),
    ("lengths", lambda a: a + 1, "Cannot split"),
    ("lengths", lambda a: np.where(np.arange(len(a)) == 0, -1, a).astype(np.int32), "Cannot"),
    ("promptLengths", lambda a: a * 0, "without a prompt"),
    ("weights", lambda a: a[1:], "12 sequences, but 11 weights"),
    ("groups", lambda a: a[1:], "12 sequences, but 11 groups"),
    ("minibatches", lambda a: a - 1, "numbered from 0"),
    ("logprobs", lambda a: a[1:], "Cannot split"),
    ("logprobs", lambda a: np.where(np.arange(len(a)) == 1, np.nan, a), "sequence 0 must all be"),
    ("logprobs", lambda a: np.where(np.arange(len(a)) == 1, -np.inf, a), "sequence 0 must all be"),
]


@pytest.mark.parametrize(("name", "change", "why"), WRONG_ARRAYS)
def test_arrays_that_are_no_batch_are_refused(learner, name, change, why):
    arrays = {"groups": np.zeros(12, np.int32), **batch(learner)}
    with pytest.raises(BadRequest, match=why):
        asked(learner, "update", {**arrays, name: change(arrays[name])}, options=OPTIONS)
    with pytest.raises(BadRequest, match="Cannot update with more"):
        asked(learner, "update", {**arrays, "more": arrays["ids"]}, options=OPTIONS)


def test_numbers_are_numbers():
    for value in (True, "1", None, math.nan, math.inf):
        assert not number().fits(value)
    assert number(0, 1).fits(1) and number().fits(-1e300) and not number(0, 1).fits(1.5)
    assert whole(0, 3).fits(3) and not whole(0, 3).fits(3.0) and not whole(0).fits(True)
