"""`python -m azr_engine --model DIR --port P`: the embedded engine, on loopback only.

Descriptor 0 is the lifeline: the server ends when it closes. Logs are JSON lines on standard error.
The line {"event": "ready", "port": …} has its port.
"""

import argparse
import asyncio
import os
import socket
from pathlib import Path

from azr_engine.app import application
from azr_trainer import lifeline
from azr_trainer.checks import parsed, whole
from azr_trainer.logs import log


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="azr_engine", description=__doc__)
    add = parser.add_argument
    add("--model", type=Path, required=True, help="a Hugging Face folder")
    add("--port", type=int, default=0, help="0: any free one")
    add("--threads", type=int, default=1, help="torch threads; part of exactness")
    add("--max-batch", type=int, default=64, help="slots; part of exactness")
    add("--max-length", type=int, default=256, help="tokens of the context")
    counts = {"threads": whole(1), "max_batch": whole(1), "max_length": whole(1)}
    return parsed(parser, {**counts, "port": whole(0, 65535)})


def main() -> None:
    options = read_options()
    lifeline.hold(0)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    # Clients that connect right after `ready` wait in line. Without this they would be refused.
    listener.listen(2048)
    # torch reads this at its first import. Keys and values of all slots are in huge pages.
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")
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
