"""What Node asks of a server and what it is told, as bytes: the other side is sandbox/unit.ts.

A job: id, mode, counts, limits, hundredths of the wall factor; sizes of the codes; of each unit its
code's number and the size of its payload; the entry's name; the codes; the payloads. A reply: id,
flags, the number of the unit that has to run alone, peak memory, milliseconds of wall time, then
reports as the child wrote them (child.pack). The server reads no more of a job than its head: the
rest is the child's, so that little memory is touched.
"""

import struct

HEAD = struct.Struct("<IHHIIIHHHH")
REPLY = struct.Struct("<IIIHHII")
REPORT = struct.Struct("<IHHI")
ALONE, SHARED, SCRIPT = range(3)
DONE, FAILED = 1, 2


class Job:
    """The head of a job."""

    __slots__ = ("id", "mode", "timeout_ms", "memory_mb", "max_output", "units", "wall_factor")

    def __init__(self, body):
        head = HEAD.unpack_from(body)
        self.id, self.mode, self.units, self.timeout_ms, self.memory_mb, self.max_output = head[:6]
        self.wall_factor = head[8] / 100


def unpack(body):
    """(entry, [(code, payload)]) as views of a job."""
    fields = HEAD.unpack_from(body)
    units, codes, entry_size = fields[2], fields[6], fields[7]
    at = HEAD.size
    sizes = struct.unpack_from(f"<{codes}I", body, at)
    at += 4 * codes
    pairs = struct.unpack_from(f"<{2 * units}I", body, at)
    at += 8 * units
    entry = str(body[at : at + entry_size], "utf-8")
    at += entry_size
    views = []
    for size in sizes:
        views.append(body[at : at + size])
        at += size
    found = []
    for code, size in zip(pairs[::2], pairs[1::2], strict=True):
        found.append((views[code], body[at : at + size]))
        at += size
    return entry, found
