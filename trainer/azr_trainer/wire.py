"""Messages between the learner and its parent, as frames: two lengths of 4 bytes (all that follows
the first, the header alone), a JSON header, raw bytes.

The header is the message and lists its arrays as [name, type, length], whose little-endian bytes
follow in that order. docs/reference/wire.md has the format. The tests of both sides
read the example frames in test/fixtures/wire/.
"""

import json
import os
import struct
from typing import Any

import numpy as np

MAX_FRAME = 1 << 30
LENGTHS = struct.Struct("<II")
DTYPES = {"int32": "<i4", "float32": "<f4"}


def encode(message: dict[str, Any]) -> bytes:
    """The frame of a message; its `arrays`, if there are any, have one axis each."""
    listed, bodies = [], []
    for name, array in message.get("arrays", {}).items():
        kind = array.dtype.name
        if kind not in DTYPES:
            raise TypeError(f"Cannot send {name} of {kind}: the wire knows {', '.join(DTYPES)}")
        listed.append((name, kind, array.size))
        bodies.append(array.astype(DTYPES[kind], copy=False).tobytes())
    # JSON has no NaN: an error here names it, while the reader could only refuse the frame.
    header = json.dumps({**message, "arrays": listed}, separators=(",", ":"), allow_nan=False)
    text = header.encode()
    total = 4 + len(text) + sum(map(len, bodies))
    if total > MAX_FRAME:
        raise ValueError(f"Cannot send a frame of {total} bytes: the bound is {MAX_FRAME}")
    return b"".join([LENGTHS.pack(total, len(text)), text, *bodies])


def decode(frame: bytes) -> dict[str, Any]:
    """The message of one whole frame."""
    header_size, _ = _sizes(frame[: LENGTHS.size])
    rest = frame[LENGTHS.size :]
    return _message(rest[:header_size], np.frombuffer(rest[header_size:], np.uint8))


def read_frame(fd: int) -> dict[str, Any] | None:
    """The next message, or None at the end of the pipe."""
    lengths = np.empty(LENGTHS.size, np.uint8)
    if not _fill(fd, lengths):
        return None
    header, body = (np.empty(size, np.uint8) for size in _sizes(lengths))
    return _message(header.tobytes(), body) if _fill(fd, header) and _fill(fd, body) else None


def write_frame(fd: int, frame: bytes) -> None:
    view = memoryview(frame)
    while view:
        view = view[os.write(fd, view) :]


def _sizes(lengths) -> tuple[int, int]:
    """The sizes of the header, and of the bytes after it."""
    total, header = LENGTHS.unpack(lengths)
    if total > MAX_FRAME or header > total - 4:
        raise ValueError(f"Cannot read a frame as its lengths are wrong: {total}, {header}")
    return header, total - 4 - header


def _message(header: bytes, body: np.ndarray) -> dict[str, Any]:
    message = json.loads(header)
    arrays, at = {}, 0
    for name, kind, size in message["arrays"]:
        end = at + 4 * size
        arrays[name] = body[at:end].view(DTYPES[kind])  # no copy
        at = end
    if at != len(body):
        raise ValueError(f"Cannot read a message of {len(body)} bytes as arrays of {at}")
    return {**message, "arrays": arrays}


def _fill(fd: int, buffer: np.ndarray) -> bool:
    """Whether the buffer was filled before the end of the pipe."""
    view = memoryview(buffer)
    while view:
        size = os.readv(fd, [view])
        if size == 0:
            return False
        view = view[size:]
    return True
