"""Frames between Node and our processes: two lengths (4 bytes each), a JSON header, raw bytes.

The first length counts all that follows it, the second the header alone. Not used by children.
"""

import json
import os
import struct

MAX_FRAME = 64 << 20
LENGTHS = struct.Struct("<II")


def read_frame(fd):
    """Returns (header, body), or None at the end of the pipe."""
    start = _read_exactly(fd, LENGTHS.size)
    if start is None:
        return None
    total, header_size = LENGTHS.unpack(start)
    if total > MAX_FRAME or header_size > total - 4:
        raise ValueError(f"Cannot read a frame as its lengths are wrong: {total}, {header_size}")
    rest = _read_exactly(fd, total - 4)
    if rest is None:
        return None
    return json.loads(rest[:header_size]), rest[header_size:]


def write_frame(fd, header, body=b""):
    text = json.dumps(header, separators=(",", ":")).encode()
    view = memoryview(LENGTHS.pack(4 + len(text) + len(body), len(text)) + text + body)
    while view:
        view = view[os.write(fd, view) :]


def _read_exactly(fd, size):
    chunks = []
    while size > 0:
        chunk = os.read(fd, min(size, 1 << 20))
        if not chunk:
            return None
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def take_control():
    """Moves the pipes of Node away from fds 0 and 1 and gives those to /dev/null."""
    control_in = os.dup(0)
    control_out = os.dup(1)
    null = os.open("/dev/null", os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.close(null)
    return control_in, control_out
