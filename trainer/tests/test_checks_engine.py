"""Invalid requests to the embedded engine are refused in one sentence."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from azr_engine.app import application
from azr_trainer.checks import BadRequest


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
