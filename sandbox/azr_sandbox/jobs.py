"""What Node asks of a server and what it is told, as bytes: the other side is sandbox/unit.ts.

A job: two lengths, as any frame has (wire.py); id, mode, counts, limits, hundredths of the wall
factor; sizes of the codes; of each unit its code's number and the size of its payload; the entry's
name; the codes; the payloads. A reply: id, flags, the number of the unit that has to run alone,
peak memory, milliseconds of wall time, then reports as the child wrote them (child.pack). The
server looks at no more of a job than its head: the rest is the child's, so that little memory is
touched.
"""

import mmap
import os
import struct

from azr_sandbox.wire import MAX_FRAME

HEAD = struct.Struct("<IIIHHIIIHHHH")
REPLY = struct.Struct("<IIIHHII")
REPORT = struct.Struct("<IHHI")
NUMBER, PAIR = struct.Struct("<I"), struct.Struct("<II")
ALONE, SHARED, SCRIPT = range(3)
DONE, FAILED = 1, 2
SMALL = 1 << 18


class Job:
    """The job at hand. Node sends no other before it has the answer to this one."""

    def __init__(self, fd):
        self.fd = fd
        self._hold(SMALL)

    def _hold(self, size):
        self.buffer = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.view = memoryview(self.buffer)

    def read(self):
        """Waits for the next job; False at the end of the pipe."""
        self.size = used = 0
        while not self.size or used < self.size:
            more = os.readv(self.fd, [self.view[used:] if used else self.view])
            if more == 0:
                return False
            used += more
            if not self.size and used >= HEAD.size:
                self._read_head(used)
        return True

    def _read_head(self, used):
        head = HEAD.unpack_from(self.view)
        size, _, self.id, self.mode, self.units, self.timeout_ms, self.memory_mb = head[:7]
        self.max_output, self.codes, self.entry_size, wall_factor, _ = head[7:]
        self.wall_factor = wall_factor / 100
        self.size = size + 4
        if self.size > MAX_FRAME:
            raise ValueError(f"Cannot read a job as it has {self.size} bytes")
        if self.size > len(self.view):
            begun = self.view[:used]
            self._hold(self.size)
            # From mapping to mapping: no copy is to stay behind.
            self.view[:used] = begun

    def wipe(self):
        """Nothing of it is left in memory: what a program is forked from holds no earlier one."""
        if self.size > SMALL:
            self._hold(SMALL)
        else:
            self.buffer.madvise(mmap.MADV_DONTNEED)

    def unpack(self):
        """(entry, [(code, payload)]) as views."""
        view, sizes = self.view, HEAD.size
        pairs = sizes + NUMBER.size * self.codes
        names = pairs + PAIR.size * self.units
        at = names + self.entry_size
        entry = str(view[names:at], "utf-8")
        codes, units = [], []
        for place in range(sizes, pairs, NUMBER.size):
            (size,) = NUMBER.unpack_from(view, place)
            codes.append(view[at : at + size])
            at += size
        for place in range(pairs, names, PAIR.size):
            number, size = PAIR.unpack_from(view, place)
            units.append((codes[number], view[at : at + size]))
            at += size
        return entry, units
