"""The embedded engine over HTTP, as an ASGI application. The answers are made in service.py."""

import asyncio
import json
import re
from urllib.parse import parse_qsl

from azr_engine.asked import CALLS, ENCODING, UNLOADED
from azr_trainer.checks import check, mapping, one_of, text
from azr_trainer.logs import log

BODY_LIMIT = 16 << 20
POLICY = b"x-azr-policy"
LOOPBACK = re.compile(rb"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
CONTROLS = ("/pause", "/resume", "/reset_prefix_cache")
QUERIES = {"/pause": {"mode": one_of("wait")}}


async def read_body(receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT:
            raise ValueError(f"body above {BODY_LIMIT} bytes")
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


async def route(service, method: str, path: str, query: dict, body: bytes):
    """The status of a request and its answer, which is text or becomes JSON."""
    check(f"answer {path}", query, {}, QUERIES.get(path, {}))
    if (method, path) == ("GET", "/health"):
        return 200, {"status": "ok", "version": service.version}
    if (method, path) == ("GET", "/azr"):
        idle = service.scheduler.idle()
        return 200, {"stamp": 1, "version": service.version, "idleSeconds": idle}
    if (method, path) == ("GET", "/metrics"):  # vLLM's name for it: many answers come at once, late
        return 200, f"vllm:generation_tokens_total {service.scheduler.drawn}\n"
    if method != "POST":
        return 404, {"error": {"message": f"no {method} {path}"}}
    asked = json.loads(body) if body else {}
    if path == "/v1/completions":
        return 200, await service.complete(asked)
    if path == "/tokenize":
        check("tokenize", asked, {"prompt": text}, ENCODING)
        return 200, service.encode(asked["prompt"])
    if path == "/collective_rpc":
        check("call", asked, {"method": one_of(*CALLS)}, {"kwargs": mapping})
        job = service.call(asked["method"], asked.get("kwargs", {}))
        return 200, {"results": [await asyncio.wrap_future(job)]}
    if path not in CONTROLS:
        return 404, {"error": {"message": f"no {path}"}}
    check(f"answer {path}", asked, {})
    return 200, await control(service.scheduler, path)


async def control(scheduler, path: str) -> dict:
    """Requests that surround a load of weights."""
    if path == "/pause":
        await asyncio.wrap_future(scheduler.pause())
        return {"status": "paused"}
    if path == "/resume":
        scheduler.resume()
        return {"status": "resumed"}
    await asyncio.wrap_future(scheduler.do(scheduler.prefixes.clear))
    return {"success": True}


def refusal(service, headers: dict[bytes, bytes]) -> tuple[int, str] | None:
    """Why a request is refused: it came from a web page, or another policy is served.

    A browser sends the origin of a page with its request. If the name of the page's host was
    redirected to this machine (DNS rebinding), `host` has that name.
    """
    if b"origin" in headers or not LOOPBACK.fullmatch(headers.get(b"host", b"localhost")):
        return 403, "Cannot answer a page of the web: ask for localhost, without an origin"
    wanted = headers.get(POLICY)
    if wanted is None or wanted == str(service.version).encode():
        return None
    asked = wanted.decode(errors="replace")
    return 409, f"policy {asked} was asked for, {service.version} serves"


def application(service):
    async def app(scope, receive, send):
        if scope["type"] != "http":
            return
        version = service.version
        try:
            query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
            body = await read_body(receive)
            if refused := refusal(service, dict(scope["headers"])):
                status, answer = refused[0], {"error": {"message": refused[1]}}
            else:
                status, answer = await route(service, scope["method"], scope["path"], query, body)
        except ValueError as error:  # BadRequest, bad JSON, weights that do not fit
            status, answer = 400, {"error": {"message": str(error)}}
        except Exception as error:
            log("error", path=scope["path"], error=f"{type(error).__name__}: {error}")
            status, answer = 500, {"error": {"message": f"{type(error).__name__}: {error}"}}
        is_text = isinstance(answer, str)
        data = (answer if is_text else json.dumps(answer)).encode()
        headers = [
            (b"content-type", b"text/plain" if is_text else b"application/json"),
            (b"content-length", str(len(data)).encode()),
            # An answer that began under one policy and ended under another belongs to neither.
            (POLICY, str(version if version == service.version else UNLOADED).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    return app
