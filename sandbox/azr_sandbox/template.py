"""The template: the process that children are copies of, and the server's side of it.

It shares the server's descriptors, so that each child gets its own pipes. Its children are the
server's children, which the server limits, watches and ends. The template sees no job, no report,
and not how a child ended (loop.py).
"""

import os
import select
import struct

from azr_sandbox import kernel, seccomp, wire
from azr_sandbox.jobs import FITS
from azr_sandbox.loop import Loop

START_SECONDS, FORK_SECONDS = 90, 10
READY = b"ready"
PID = struct.Struct("<I")


class Plan:
    """Two permanent pipes between server and template, and those of each child, which always have
    the same numbers. The last two are a script's.
    """

    def __init__(self):
        self.go, self.tell = os.pipe(), os.pipe()
        self.job, self.report, self.stdin, self.stdout = pipes = [os.pipe() for _ in range(4)]
        for end in [end for pipe in pipes for end in pipe]:
            os.close(end)

    def gaps(self):
        """The ranges of descriptors that a child has to close: all but its own pipes."""
        return [(3, self.job[0]), (self.job[0] + 1, self.report[1])]


class Template:
    """The server's side, which asks for children. In the template it has the `loop` to wait in."""

    def __init__(self, plan, mark, is_followed, load, get_ready):
        """Starts it. `load` is called in it before its filter is applied, `get_ready` after."""
        self.plan, self.memory_mb, self.loop = plan, None, None
        self.go, self.tell = plan.go, plan.tell
        self.pid = kernel.call("clone", kernel.FILES | kernel.SIGCHLD, 0, 0, 0, 0)
        if self.pid == 0:
            self._prepare(mark, is_followed, load, get_ready)
            return
        self.poller = select.poll()
        self.poller.register(self.tell[0], select.POLLIN)
        said = self._hear(START_SECONDS, 4096)
        if said != READY:
            raise kernel.Refused(said.decode(errors="replace"))

    def _prepare(self, mark, is_followed, load, get_ready):
        """Runs in the template."""
        try:
            kernel.die_with_parent()
            load()
            self.loop = Loop(self.go[0], self.tell[1])
            self.filter = seccomp.Filter(seccomp.template_filter(self.loop, mark, is_followed))
            self.filter.put_on()
            self.filter.wipe()
            get_ready()
            os.write(self.tell[1], READY)
        except BaseException as error:
            os.write(self.tell[1], f"Cannot start the sandbox's template: {error}".encode()[:4096])
            os._exit(1)

    def _hear(self, seconds, size):
        for _ in range(seconds):
            if self.poller.poll(1000):
                return os.read(self.tell[0], size)
            if os.waitpid(self.pid, os.WNOHANG)[0] != 0:
                break
        raise kernel.Refused("Cannot go on as the template is gone, or does not answer")

    def limit_memory(self, megabytes):
        """Sets the address space of later children."""
        if megabytes != self.memory_mb:
            kernel.limit_other(self.pid, kernel.RLIMIT_AS, megabytes << 20)
            self.memory_mb = megabytes

    def fork(self, job, is_script=False):
        """(pid, end of the reports, ends of a script's input and output) of a child that has its
        job.
        """
        plan = self.plan
        pipes = (plan.job, plan.report, *((plan.stdin, plan.stdout) if is_script else ()))
        if tuple(os.pipe() for _ in pipes) != pipes:
            raise RuntimeError("Cannot fork as a descriptor was left open")
        (give, hand), (reader, writer) = plan.job[::-1], plan.report
        os.write(give, job[:FITS])
        os.write(self.go[1], b"1")
        (pid,) = PID.unpack(self._hear(FORK_SECONDS, PID.size))
        if pid == 0:
            raise RuntimeError("Cannot fork as the kernel makes no process")
        os.close(hand)
        os.close(writer)
        if is_script:
            os.close(plan.stdin[0])
            os.close(plan.stdout[1])
        try:
            if len(job) > FITS:
                wire.write_all(give, [job[FITS:]])
        except BrokenPipeError:
            pass  # it ended without reading its job; its end is noticed elsewhere
        os.close(give)
        return pid, reader


def end(pid):
    """Kills a child unless it has ended, and reaps it: (status, CPU microseconds, peak memory in
    KiB). It cannot have left children of its own.
    """
    if pid <= 1:  # never a group
        raise ValueError(f"Cannot kill process {pid} as it is no child")
    os.kill(pid, kernel.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    return status, int((usage.ru_utime + usage.ru_stime) * 1e6), usage.ru_maxrss
