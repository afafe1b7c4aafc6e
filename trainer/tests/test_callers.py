"""The engines answer programs of this machine, and no web page."""

import asyncio
from types import SimpleNamespace

import pytest

from azr_engine.app import application
from azr_vllm.stamp import Stamp


def status(app, path="/health", method="GET", **headers):
    sent = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "headers": pairs}
    asyncio.run(app(scope, receive, send))
    return sent[0]["status"]


def embedded():
    return application(SimpleNamespace(version=1, scheduler=SimpleNamespace(resume=lambda: None)))


def stamped():
    async def vllm(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b'{"results": []}'})

    return Stamp(vllm)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LocalHost:1", "[::1]:8000"])
def test_the_embedded_engine_answers_for_this_machine(host):
    assert status(embedded(), host=host) == 200
    assert status(embedded(), "/resume", "POST", host=host) == 200


@pytest.mark.parametrize("host", ["evil.example:8000", "127.0.0.1.evil.example", "192.168.1.7"])
def test_the_embedded_engine_refuses_other_hosts(host):
    assert status(embedded(), host=host) == 403
    assert status(embedded(), "/resume", "POST", host=host) == 403


@pytest.mark.parametrize("engine", [embedded, stamped])
@pytest.mark.parametrize("path", ["/resume", "/collective_rpc", "/v1/completions"])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:8000"])
def test_no_page_is_answered(engine, path, origin):
    assert status(engine(), path, "POST", host="localhost:8000", origin=origin) == 403


@pytest.mark.parametrize("path", ["/azr", "/pause", "/collective_rpc"])
def test_vllm_answers_programs_of_other_machines(path):
    assert status(stamped(), path, "POST", host="gpu-7.cluster:8000") == 200
