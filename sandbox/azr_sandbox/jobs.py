"""The bytes of requests from Node to a server and of replies. The other side is sandbox/unit.ts.

A job: two lengths, as in any frame (wire.py); mode, counts, limits, hundredths of the wall factor;
sizes of the codes; for each unit its code's number and the size of its payload; the entry's name;
the codes; the payloads. A child gets (mode, longest output, entry, units) as one marshalled text,
which it reads in one call. A reply: flags, the number of the unit that has to run alone, peak
memory, milliseconds of wall time, then the reports that the child wrote (child.pack).
"""

import marshal
import os
import struct

from azr_sandbox.wire import MAX_FRAME

HEAD = struct.Struct("<IIHHIIIHHHH")
REPLY = struct.Struct("<IIHHII")
REPORT = struct.Struct("<IHHI")
NUMBER, PAIR = struct.Struct("<I"), struct.Struct("<II")
ALONE, SHARED, SCRIPT = range(3)
DONE, FAILED = 1, 2
READ = 1 << 18
# Fits into any pipe: this much of a job is in the pipe before its child begins.
FITS = 4096


class Job:
    """A job as the server sees it. `units` are pairs of code and payload, both marshalled."""

    def __init__(self, data):
        head = HEAD.unpack_from(data)
        (_, _, self.mode, self.count, self.timeout_ms, self.memory_mb, self.max_output) = head[:7]
        codes, entry_size, wall_factor, _ = head[7:]
        self.wall_factor = wall_factor / 100
        self._unpack(data, codes, entry_size)

    def _unpack(self, data, codes_count, entry_size):
        pairs = HEAD.size + NUMBER.size * codes_count
        names = pairs + PAIR.size * self.count
        at = names + entry_size
        self.entry = str(data[names:at], "utf-8")
        codes, self.units = [], []
        for place in range(HEAD.size, pairs, NUMBER.size):
            (size,) = NUMBER.unpack_from(data, place)
            codes.append(data[at : at + size])
            at += size
        for place in range(pairs, names, PAIR.size):
            number, size = PAIR.unpack_from(data, place)
            self.units.append((codes[number], data[at : at + size]))
            at += size

    def for_child(self):
        return marshal.dumps((self.mode, self.max_output, self.entry, self.units))


def read_job(fd):
    """The bytes of the next job; None at the end of the pipe."""
    parts, held, size = [], 0, HEAD.size
    while held < size:
        part = os.read(fd, READ if size == HEAD.size else min(READ, size - held))
        if not part:
            return None
        parts.append(part)
        held += len(part)
        if size == HEAD.size and held >= size:
            parts = [b"".join(parts)]
            size = NUMBER.unpack_from(parts[0])[0] + NUMBER.size
            if not HEAD.size <= size <= MAX_FRAME:
                raise ValueError(f"Cannot read a job as it has {size} bytes")
    return parts[0] if len(parts) == 1 else b"".join(parts)
