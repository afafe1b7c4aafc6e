"""The log of a child of azr: one JSON line for each event, on standard error."""

import json
import sys


def log(event: str, **detail) -> None:
    print(json.dumps({"event": event, **detail}), file=sys.stderr, flush=True)
