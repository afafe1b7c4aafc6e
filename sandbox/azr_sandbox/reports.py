"""Reads what children claim: bounded, in the order asked, and nothing in it is taken as more than a
number and bytes of text. Whether a text is a value is decided in Node.
"""

import os
import struct

HEAD = struct.Struct("<IHHI")
OUTCOMES = 5
REASON_BYTES = 800


class Malformed(Exception):
    """Not a report, or not the one that was due."""


class Reports:
    """Reports of one child, in a buffer that is wiped when they were passed on."""

    def __init__(self, pipe, wanted, max_output, buffer):
        self.pipe, self.wanted, self.max_output = pipe, wanted, max_output
        self.buffer = buffer
        self.used = self.start = 0
        self.next = 0
        self.found = []

    @property
    def are_complete(self):
        return self.next == self.wanted

    def read(self):
        """One read from the pipe; False at its end."""
        size = os.readv(self.pipe, [memoryview(self.buffer)[self.used :]])
        self.used += size
        while self._take():
            pass
        return size > 0

    def _take(self):
        held = self.used - self.start
        if held < 4:
            return False
        size = int.from_bytes(self.buffer[self.start : self.start + 4], "little") - (HEAD.size - 4)
        if self.are_complete or size < 0:
            raise Malformed
        if held < HEAD.size:
            return False
        _, number, outcome, micros = HEAD.unpack_from(self.buffer, self.start)
        limit = self.max_output if outcome == 0 else REASON_BYTES
        if number != self.next or outcome >= OUTCOMES or size > limit:
            raise Malformed
        if held < HEAD.size + size:
            return False
        start = self.start + HEAD.size
        self.found.append((number, outcome, micros, memoryview(self.buffer)[start : start + size]))
        self.start = start + size
        self.next += 1
        return True

    @property
    def are_many(self):
        """Whether there may be no room for another report."""
        return self.used > len(self.buffer) - self.max_output - HEAD.size - REASON_BYTES

    def pass_on(self, send):
        """Gives what was found to `send` and forgets it."""
        send(self.found)
        self.found = []
        view, rest = memoryview(self.buffer), self.used - self.start
        view[:rest] = view[self.start : self.used]
        view[rest : self.used] = bytes(self.start)
        self.used, self.start = rest, 0

    def wipe(self):
        self.found = []
        self.buffer[: self.used] = bytes(self.used)


def buffer_for(max_output):
    """Room for two of the longest reports, at least."""
    return bytearray(max(1 << 18, 2 * (max_output + 1024)))
