"""The time limits of one child: its CPU time, and a wall limit for children that sleep.

A child that has used half of its CPU time by then is waiting for a core, not sleeping. It gets the
same time again, so that a busy machine does not change the outcome.

Time in which the machine or the server was suspended does not count: of a wait only its planned
length counts, and a little more.
"""

import time

WALL_FACTOR = 6
BUSY_FACTOR = 12
SLACK = 0.25
LONGEST_WAIT = 0.25

_monotonic, _clock = time.monotonic, time.clock_gettime


def cpu_seconds(pid):
    """CPU time of a child so far; 0 if it is gone."""
    try:
        return _clock((~pid << 3) | 2)
    except OSError:
        return 0.0


class Watch:
    """The remaining time of a child's current unit."""

    def __init__(self, pid, limit, most=BUSY_FACTOR):
        self.pid, self.limit, self.most = pid, limit, most
        self.cpu = self.wall = 0.0
        self.asked = 0.0
        self.seen = _monotonic()

    def renew(self):
        """A new unit is running: all of the time is available again."""
        self.cpu, self.wall = cpu_seconds(self.pid), 0.0

    def spent(self):
        """Wall time that counts, in seconds."""
        now = _monotonic()
        self.wall += min(now - self.seen, self.asked + SLACK)
        self.seen = now
        return self.wall

    def left(self):
        """Seconds until the next check is due; 0 or less when the time is up."""
        spent = self.spent()
        cpu = self.limit - (cpu_seconds(self.pid) - self.cpu)
        factor = WALL_FACTOR if cpu > self.limit / 2 else BUSY_FACTOR
        wall = min(factor, self.most) * self.limit - spent
        self.asked = min(cpu, wall, LONGEST_WAIT)
        return self.asked
