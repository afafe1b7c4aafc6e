"""Frames between Node and our processes: two lengths (4 bytes each), a JSON header, raw bytes.

The first length counts everything after it, the second the header alone. A server reads its frames
itself (jobs.py).
"""

import json
import os
import struct

MAX_FRAME = 64 << 20
LENGTHS = struct.Struct("<II")


def _check(total, header_size):
    if total > MAX_FRAME or header_size > total - 4:
        raise ValueError(f"Cannot read a frame as its lengths are wrong: {total}, {header_size}")


def _fill(fd, view):
    """Whether the view was filled before the end of the pipe."""
    while (size := os.readv(fd, [view])) < len(view):
        if size == 0:
            return False
        view = view[size:]
    return True


class Reader:
    """Reads frames one after another."""

    def __init__(self, fd):
        self.fd, self.lengths = fd, bytearray(LENGTHS.size)

    def read(self):
        """(header, body), or None at the end of the pipe."""
        if not _fill(self.fd, memoryview(self.lengths)):
            return None
        total, header_size = LENGTHS.unpack(self.lengths)
        _check(total, header_size)
        frame = memoryview(bytearray(total - 4))
        if not _fill(self.fd, frame):
            return None
        return json.loads(bytes(frame[:header_size])), frame[header_size:]


def write_frame(fd, header, bodies=()):
    text = json.dumps(header, separators=(",", ":")).encode()
    size = sum(len(body) for body in bodies)
    write_all(fd, [LENGTHS.pack(4 + len(text) + size, len(text)) + text, *bodies])


def write_all(fd, parts):
    write_rest(fd, list(parts), 0)


def write_rest(fd, parts, written):
    """Removes the written bytes from `parts`."""
    while parts:
        while parts and written >= len(parts[0]):
            written -= len(parts.pop(0))
        if written:
            parts[0] = memoryview(parts[0])[written:]
        written = os.writev(fd, parts[:512]) if parts else 0


def take_control():
    """Moves Node's pipes away from fds 0 and 1, and connects 0, 1 and 2 to /dev/null."""
    control_in, control_out = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    return control_in, control_out
