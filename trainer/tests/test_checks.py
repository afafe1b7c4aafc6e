"""Invalid messages from azr are refused in one sentence: messages to the learner, requests to the
embedded engine, options of commands.

Checks of models and files are in test_models.py, frames in test_wire.py.
"""

import asyncio
import io
import json
import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from micro_learner import MODEL, OPTIONS, batch, started

import azr_engine.__main__
import azr_export.__main__
import azr_trainer.__main__
import azr_trainer.join
import azr_trainer.measure
import azr_vllm.__main__
from azr_engine.app import application
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
]


@pytest.mark.parametrize(("name", "change", "why"), WRONG_ARRAYS)
def test_arrays_that_are_no_batch_are_refused(learner, name, change, why):
    arrays = {"groups": np.zeros(12, np.int32), **batch(learner)}
    with pytest.raises(BadRequest, match=why):
        asked(learner, "update", {**arrays, name: change(arrays[name])}, options=OPTIONS)
    with pytest.raises(BadRequest, match="Cannot update with more"):
        asked(learner, "update", {**arrays, "more": arrays["ids"]}, options=OPTIONS)


def answered(path, body=None, query="", service=None):
    """Status and text of a POST to the embedded engine."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"" if body is None else json.dumps(body).encode()}

    async def send(message):
        sent.append(message)

    service = service or SimpleNamespace(version=1, scheduler=SimpleNamespace(resume=lambda: None))
    scope = {"type": "http", "method": "POST", "path": path, "headers": []}
    scope["query_string"] = query.encode()
    asyncio.run(application(service)(scope, receive, send))
    return sent[0]["status"], sent[1]["body"].decode()


COMPLETIONS = {
    "model": [1],
    "max_tokens": [-1, 1.5, "9", 0],
    "temperature": [-1, "1", None],
    "top_p": [0, 1.1],
    "seed": [-1, 1.5, 2**63],
    "n": [0, 1025, True],
    "logprobs": [-1, "0"],
    "return_token_ids": [1],
    "stop": [1, ["a", None], {"a": 1}],
    "stop_token_ids": [3, ["a"], [-1]],
    "ignore_eos": ["yes"],
    "echo": [0],
    "prompt_logprobs": [-1],
    "skip_special_tokens": ["no"],
}


@pytest.mark.parametrize("name", COMPLETIONS)
def test_a_completion_asked_for_wrongly_is_refused(name):
    from azr_engine.service import Service

    service = SimpleNamespace(version=1, prompts=lambda _: pytest.fail("it was taken"))
    service.complete = lambda body: Service.complete(service, body)
    for value in COMPLETIONS[name]:
        body = {"prompt": "a", name: value}
        status, said = answered("/v1/completions", body, service=service)
        assert (status, f"Cannot complete: {name} must be" in said) == (400, True), said
    for body in ([], "a", {}, {"prompt": "a", "max_token": 3}):
        status, said = answered("/v1/completions", body, service=service)
        assert (status, "Cannot complete" in said) == (400, True), said


CONTROLS = [
    ("/pause", {}, "mode=abort", "mode must be wait"),
    ("/pause", {}, "mode=wait&level=1", "Cannot answer /pause with level"),
    ("/resume", {}, "level=1", "Cannot answer /resume with level"),
    ("/resume", {"a": 1}, "", "Cannot answer /resume with a"),
    ("/reset_prefix_cache", [], "", "must be a mapping"),
    ("/collective_rpc", {}, "", "Cannot call without method"),
    ("/collective_rpc", {"method": "azr_save"}, "", "method must be azr_load or"),
    ("/collective_rpc", {"method": "azr_load", "kwargs": 3}, "", "kwargs must be a mapping"),
]


@pytest.mark.parametrize(("path", "body", "query", "why"), CONTROLS)
def test_a_control_asked_for_wrongly_is_refused(path, body, query, why):
    status, said = answered(path, body, query)
    assert (status, why in said) == (400, True), said


@pytest.mark.parametrize(
    ("method", "kwargs", "why"),
    [
        ("azr_load", {"path": "x"}, "Cannot azr_load without version"),
        ("azr_load", {"path": "x", "version": -1}, "version must be a whole number from 0"),
        ("azr_load", {"path": 1, "version": 1}, "path must be a path"),
        ("azr_read", {"path": "x", "size": 3}, "Cannot azr_read with size"),
        ("azr_describe", {"path": "x"}, "Cannot azr_describe with path"),
    ],
)
def test_a_call_of_the_workers_is_checked(method, kwargs, why):
    from azr_engine.service import Service

    with pytest.raises(BadRequest, match=why):
        Service.call(None, method, kwargs)


def test_controls_that_are_asked_for_rightly_are_answered():
    assert answered("/resume", {})[0] == answered("/resume")[0] == 200
    assert answered("/nowhere", {"a": 1})[0] == 404


ENGINE = azr_engine.__main__.read_options, ["--model", "x"]
LEARNER = azr_trainer.__main__.read_options, []
JOIN = azr_trainer.join.read_options, ["--meet", "a:1", "--world", "2"]
COMMANDS = [
    (*ENGINE, ["--max-batch", "0"], "max_batch must be a whole number from 1, not 0"),
    (*ENGINE, ["--max-length", "0"], "max_length must be"),
    (*ENGINE, ["--threads", "-1"], "threads must be"),
    (*ENGINE, ["--port", "65536"], "port must be a whole number from 0 to 65535"),
    (*ENGINE, ["--port", "x"], "invalid int value: 'x'"),
    (*ENGINE, ["--max", "3"], "unrecognized arguments: --max"),
    (ENGINE[0], [], [], "required: --model"),
    (*LEARNER, ["--threads", "0"], "threads must be"),
    (*LEARNER, ["--processes", "0"], "processes must be"),
    (*LEARNER, ["--world", "-1"], "world must be"),
    (*LEARNER, ["--meet", "here"], "meet must be HOST:PORT or null, not 'here'"),
    (*LEARNER, ["--meet", "here:70000"], "meet must be HOST:PORT"),
    (*LEARNER, ["--device", "tpu"], "invalid choice: 'tpu'"),
    (*LEARNER, ["--thread", "1"], "unrecognized arguments: --thread"),
    (*JOIN, ["--first", "-1"], "first must be"),
    (*JOIN, ["--world", "0"], "world must be"),
    (azr_trainer.measure.main, [], ["--threads", "0"], "threads must be"),
    (azr_vllm.__main__.main, [], ["--stat", "x"], "required: --state"),
    (azr_export.__main__.main, [], [], "required: folder"),
    (azr_export.__main__.main, [], [""], "folder must be a path"),
]


@pytest.mark.parametrize(("read", "usual", "flags", "why"), COMMANDS)
def test_a_command_refuses_options_that_cannot_be_meant(
    monkeypatch, capsys, read, usual, flags, why
):
    monkeypatch.setattr(sys, "argv", ["azr", *usual, *flags])
    with pytest.raises(SystemExit) as ended:
        read()
    assert ended.value.code == 2
    assert why in capsys.readouterr().err.splitlines()[-1]


def test_the_usual_options_are_taken(monkeypatch):
    for read, usual in (ENGINE, LEARNER, JOIN):
        monkeypatch.setattr(sys, "argv", ["azr", *usual])
        assert read().threads == 1


@pytest.mark.parametrize(
    "point",
    [
        {"step": 1, "tag": "a", "value": None, "at_ms": 1},
        {"step": -1, "tag": "a", "value": 1, "at_ms": 1},
        {"step": 1, "tag": "a", "value": 1},
    ],
)
def test_a_point_that_is_none_is_refused(monkeypatch, tmp_path, point):
    monkeypatch.setattr(sys, "argv", ["azr_export", str(tmp_path)])
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(point) + "\n"))
    with pytest.raises(BadRequest, match="Cannot write a curve"):
        azr_export.__main__.main()


def test_numbers_are_numbers():
    for value in (True, "1", None, math.nan, math.inf):
        assert not number().fits(value)
    assert number(0, 1).fits(1) and number().fits(-1e300) and not number(0, 1).fits(1.5)
    assert whole(0, 3).fits(3) and not whole(0, 3).fits(3.0) and not whole(0).fits(True)
