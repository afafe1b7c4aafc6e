"""The log of a child of azr: one JSON line for each event, on standard error."""

import json
import sys


def silent(event: str, **detail) -> None:
    """In place of `log`, where nobody listens."""


def log(event: str, **detail) -> None:
    print(json.dumps({"event": event, **detail}), file=sys.stderr, flush=True)
