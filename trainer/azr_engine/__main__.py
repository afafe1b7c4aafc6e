"""`python -m azr_engine --model DIR --port P`: the embedded engine, on loopback only.

Descriptor 0 is the lifeline: the server ends when it closes. Logs are JSON lines on standard error;
the line {"event": "ready", "port": …} says where it listens.
"""

import argparse
import asyncio
import json
import os
import re
import socket
import sys
from pathlib import Path
from urllib.parse import parse_qs

from azr_trainer import lifeline

BODY_LIMIT = 16 << 20
POLICY = b"x-azr-policy"
LOOPBACK = re.compile(rb"(localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)
UNLOADED = -1  # service.py has it too, and needs torch, which is imported late


def log(event: str, **detail) -> None:
    print(json.dumps({"event": event, **detail}), file=sys.stderr, flush=True)


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
    """Status and answer of one request."""
    if (method, path) == ("GET", "/health"):
        return 200, {"status": "ok", "version": service.version}
    if (method, path) == ("GET", "/azr"):
        idle = service.scheduler.idle()
        return 200, {"stamp": 1, "version": service.version, "idleSeconds": idle}
    if method != "POST":
        return 404, {"error": {"message": f"no {method} {path}"}}
    if path == "/v1/completions":
        return 200, await service.complete(json.loads(body))
    if path == "/pause":
        if query.get("mode", ["wait"]) != ["wait"]:
            return 400, {"error": {"message": "pause knows mode=wait only"}}
        await asyncio.wrap_future(service.scheduler.pause())
        return 200, {"status": "paused"}
    if path == "/resume":
        service.scheduler.resume()
        return 200, {"status": "resumed"}
    if path == "/reset_prefix_cache":
        await asyncio.wrap_future(service.scheduler.do(service.scheduler.prefixes.clear))
        return 200, {"success": True}
    if path == "/collective_rpc":
        call = json.loads(body)
        job = service.call(call.get("method"), call.get("kwargs") or {})
        return 200, {"results": [await asyncio.wrap_future(job)]}
    return 404, {"error": {"message": f"no {path}"}}


def refusal(service, headers: dict[bytes, bytes]) -> tuple[int, str] | None:
    """Why a request is not answered: a page of the web made it, or another policy serves.

    A browser says of a page's request its origin; where the name of the page's host was bent to
    this machine (DNS rebinding), `host` has that name.
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
            query = parse_qs(scope["query_string"].decode())
            body = await read_body(receive)
            if refused := refusal(service, dict(scope["headers"])):
                status, answer = refused[0], {"error": {"message": refused[1]}}
            else:
                status, answer = await route(service, scope["method"], scope["path"], query, body)
        except (ValueError, KeyError, TypeError) as error:  # includes BadRequest, bad JSON
            status, answer = 400, {"error": {"message": str(error)}}
        except Exception as error:
            log("error", path=scope["path"], error=f"{type(error).__name__}: {error}")
            status, answer = 500, {"error": {"message": f"{type(error).__name__}: {error}"}}
        data = json.dumps(answer).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(data)).encode()),
            # What began under one policy and ended under another is neither's.
            (POLICY, str(version if version == service.version else UNLOADED).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": data})

    return app


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_engine", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="a Hugging Face folder")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--threads", type=int, default=1, help="torch threads; part of exactness")
    parser.add_argument("--max-batch", type=int, default=64, help="slots; part of exactness")
    parser.add_argument("--max-length", type=int, default=256, help="tokens of the context")
    options = parser.parse_args()
    lifeline.hold(0)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    # Whoever connects right after `ready` waits in line; without this it would be refused.
    listener.listen(2048)
    import torch
    import uvicorn

    from azr_engine.service import Service

    torch.set_num_threads(options.threads)
    service = Service(options.model, options.max_batch, options.max_length)

    async def serve() -> None:
        service.start()
        config = uvicorn.Config(
            application(service), log_level="warning", access_log=False, http="httptools",
            timeout_graceful_shutdown=1, timeout_keep_alive=600, lifespan="off", backlog=2048,
        )  # fmt: skip
        log("ready", port=listener.getsockname()[1], pid=os.getpid())
        await uvicorn.Server(config).serve([listener])

    asyncio.run(serve())
    os._exit(0)


if __name__ == "__main__":
    main()
