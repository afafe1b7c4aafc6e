"""Middleware of vLLM's HTTP server: says which policy answers, and refuses requests for another.

A completion does not show which weights made it. So this keeps the version of the last load, as the
workers reported it. It writes the version into the header `x-azr-policy` of every answer. A request
that names another version there gets 409. After a failed load there is no version.

Requests of web pages are refused, so that a page cannot load weights. A browser sends a page's
origin with every request that could change something; programs such as azr send none.
"""

import json

HEADER = b"x-azr-policy"
UNLOADED = -1


class Stamp:
    def __init__(self, app):
        self.app = app
        self.version = UNLOADED

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers = dict(scope["headers"])
        if b"origin" in headers:
            error = "Cannot answer a page of the web: ask without an origin"
            return await answer(send, 403, {"error": {"message": error}})
        if scope["path"] == "/azr":
            return await answer(send, 200, {"stamp": 1, "version": self.version})
        if scope["path"] == "/collective_rpc":
            return await self.load(scope, receive, send)
        wanted = headers.get(HEADER)
        if wanted is not None and wanted != str(self.version).encode():
            error = f"policy {wanted.decode(errors='replace')} was asked for, {self.version} serves"
            return await answer(send, 409, {"error": {"message": error}})
        await self.app(scope, receive, self.stamping(send))

    def stamping(self, send):
        """A request in flight while weights change must not get the new version's name."""
        version = self.version

        async def stamped(message):
            if message["type"] == "http.response.start":
                mark = str(version if version == self.version else UNLOADED).encode()
                message["headers"] = [*message.get("headers", ()), (HEADER, mark)]
            await send(message)

        return stamped

    async def load(self, scope, receive, send):
        """Passes a call to the workers on, and reads the served version from their answers."""
        status, parts = 0, []

        async def noting(message):
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            parts.append(message.get("body", b""))
            await send(message)

        await self.app(scope, receive, noting)
        if status != 200:
            self.version = UNLOADED
            return
        found = {
            result["version"]
            for result in json.loads(b"".join(parts))["results"]
            if isinstance(result, dict) and "version" in result
        }
        if found:
            self.version = found.pop() if len(found) == 1 else UNLOADED


async def answer(send, status: int, body: dict) -> None:
    data = json.dumps(body).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(data)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": data})
