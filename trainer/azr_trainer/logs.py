"""The log of a child of azr: one JSON line per event, on standard error."""

import json
import sys


def silent(event: str, **detail) -> None:
    """Replaces `log` if nobody listens."""


def log(event: str, **detail) -> None:
    print(json.dumps({"event": event, **detail}), file=sys.stderr, flush=True)
