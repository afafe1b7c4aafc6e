"""Reads the reports of children: bounded, in the requested order, and as no more than a number and
bytes of text. Node decides whether a text is a value.
"""

import mmap
import os

from azr_sandbox.jobs import REPORT

OUTCOMES = 5
REASON_BYTES = 800


class Malformed(Exception):
    """Raised if bytes are not a report, or not the expected one."""


class Reports:
    """Reports of one child after another, in one buffer."""

    def __init__(self):
        self.buffer = self.view = None
        self.used = self.checked = self.next = self.wanted = 0
        self.max_output = None

    def begin(self, wanted, max_output):
        self.wanted = wanted
        self.used = self.checked = self.next = 0
        if max_output == self.max_output:
            return
        self.max_output = max_output
        # Room for at least two of the longest reports.
        room = max(1 << 18, 2 * (max_output + 1024))
        self.buffer = mmap.mmap(-1, room, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.view = memoryview(self.buffer)

    def read(self, pipe):
        """Reads once from the pipe and checks the complete reports. Returns False at the end."""
        size = os.readv(pipe, [self.view[self.used :] if self.used else self.view])
        self.used += size
        while (held := self.used - self.checked) >= REPORT.size:
            length, number, outcome, _ = REPORT.unpack_from(self.buffer, self.checked)
            # Its length counts the bytes after it.
            length += 4
            limit = self.max_output if outcome == 0 else REASON_BYTES
            if self.next == self.wanted or number != self.next or outcome >= OUTCOMES:
                raise Malformed
            if not REPORT.size <= length <= REPORT.size + limit:
                raise Malformed
            if held < length:
                break
            self.checked += length
            self.next += 1
        return size > 0

    @property
    def are_many(self):
        """Whether there may be no room for another report."""
        return self.used > len(self.buffer) - self.max_output - REPORT.size - REASON_BYTES

    def forget(self):
        """Drops the reports that were passed on, and keeps an incomplete one."""
        rest = self.used - self.checked
        if rest:
            self.view[:rest] = self.view[self.checked : self.used]
        self.used, self.checked = rest, 0
