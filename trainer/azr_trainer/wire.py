"""Frames between the learner and its parent: a 4-byte big-endian length, then MessagePack.

Arrays travel as {"dtype", "shape", "data"}: raw little-endian bytes. docs/wire.md has the format,
test/fixtures/wire/ has example frames that both sides are tested against.
"""

import os
import struct
from typing import Any

import msgpack
import numpy as np

MAX_FRAME = 1 << 30
DTYPES = {"int32": "<i4", "float32": "<f4"}


def pack_array(array: np.ndarray) -> dict[str, Any]:
    name = array.dtype.name
    if name not in DTYPES:
        raise TypeError(f"Cannot send an array of {name}: the wire knows {', '.join(DTYPES)}")
    data = np.ascontiguousarray(array, DTYPES[name]).tobytes()
    return {"dtype": name, "shape": list(array.shape), "data": data}


def unpack_array(value: dict[str, Any]) -> np.ndarray:
    array = np.frombuffer(value["data"], DTYPES[value["dtype"]])
    return array.reshape(value["shape"])


def encode(message: dict[str, Any]) -> bytes:
    body = msgpack.packb(message, use_bin_type=True)
    if len(body) > MAX_FRAME:
        raise ValueError(f"Cannot send a frame of {len(body)} bytes: the bound is {MAX_FRAME}")
    return struct.pack(">I", len(body)) + body


def decode(body: bytes) -> dict[str, Any]:
    return msgpack.unpackb(body, raw=False)


def _read_exactly(fd: int, size: int) -> bytes | None:
    parts = []
    while size > 0:
        part = os.read(fd, min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def read_frame(fd: int) -> dict[str, Any] | None:
    """The next message, or None at the end of the pipe."""
    head = _read_exactly(fd, 4)
    if head is None:
        return None
    (size,) = struct.unpack(">I", head)
    if size > MAX_FRAME:
        raise ValueError(f"Cannot read a frame of {size} bytes: the bound is {MAX_FRAME}")
    body = _read_exactly(fd, size)
    return None if body is None else decode(body)


def write_frame(fd: int, message: dict[str, Any]) -> None:
    view = memoryview(encode(message))
    while view:
        view = view[os.write(fd, view) :]
