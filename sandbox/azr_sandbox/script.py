"""Scripts: a whole program in its own child, with real standard input and output.

The child's descriptors 0 and 1 are pipes. The program runs as `__main__`, and its output is
returned up to a limit. Calls of functions are in child.py.
"""

import atexit
import builtins
import contextlib
import io
import marshal
import mmap
import os
import select
import sys
from _sitebuiltins import Quitter

from azr_sandbox import child
from azr_sandbox.jobs import DONE, REPORT
from azr_sandbox.reports import REASON_BYTES
from azr_sandbox.watch import Watch

CHUNK = 1 << 16
CRASHED = 6
# The first entry of `sys.argv`.
NAME = "program.py"


class Script:
    """The streams that a script begins with. A template prepares them."""

    def __init__(self, stdin, stdout):
        self.stdin, self.stdout = stdin, stdout

    def open(self):
        (stdin, stdin_end), (stdout_end, stdout) = self.stdin, self.stdout
        os.dup2(stdin, 0)
        os.dup2(stdout, 1)
        for fd in (stdin, stdin_end, stdout_end, stdout):
            os.close(fd)
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0)), "utf-8", "surrogateescape")
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(io.FileIO(1, "w")), "utf-8", "surrogateescape", write_through=False
        )
        sys.__stdin__, sys.__stdout__ = sys.stdin, sys.stdout
        sys.argv = [NAME]
        builtins.exit, builtins.quit = (Quitter(name, "") for name in ("exit", "quit"))

    def live(self, code, report):
        """Runs the script in the child, and reports how it ended."""
        outcome, text = child.RETURNED, ""
        try:
            self.open()
            own, within = sys.stdout, child.namespace("__main__")
            within["__file__"] = NAME
            atexit._clear()
            try:
                code = marshal.loads(code)
                child.arm(code, within, is_shared=False)
                exec(code, within)
            finally:
                atexit._run_exitfuncs()
                for stream in (sys.stdout, own):  # the program may have replaced it
                    with contextlib.suppress(ValueError):
                        stream.flush()
        except SystemExit:
            pass  # Its output counts, whatever its exit code.
        except MemoryError:
            outcome = child.MEMORY_EXCEEDED
        except BaseException as error:
            outcome, text = child.RAISED, type(error).__name__[:100]
        finally:
            try:
                said = text.encode("utf-8", "backslashreplace")
                child.write_all(report, child.pack(0, 0, outcome, said))
            finally:
                os._exit(0)


class Streams:
    """Feeds standard input and collects standard output and the report of one script."""

    def __init__(self, given, limit):
        self.given, self.limit = given, limit
        # Pages are allocated when they are written, and freed completely, so that no output stays
        # in memory.
        self.out = mmap.mmap(-1, limit + CHUNK, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self.size, self.report = 0, bytearray()

    def feed(self, fd):
        """True while bytes wait to be sent."""
        try:
            self.given = self.given[os.write(fd, self.given[:CHUNK]) :]
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False
        return len(self.given) > 0

    def collect(self, fd):
        """True until the sender has closed, or there is no room left."""
        view = memoryview(self.out)[self.size : self.size + CHUNK]
        size = os.readv(fd, [view]) if view else 0
        self.size += size
        return size > 0

    @property
    def is_too_long(self):
        return self.size > self.limit


def _drain(streams, fd):
    """Reads the rest of the pipe."""
    try:
        while not streams.is_too_long and streams.collect(fd):
            pass
    except BlockingIOError:
        pass


def _follow(reader, streams, stdin, stdout, watch):
    """Feeds and reads until the report arrives, or time or room runs out."""
    poller, is_fed = select.poll(), False
    poller.register(reader, select.POLLIN)
    poller.register(stdout, select.POLLIN)
    poller.register(stdin, select.POLLOUT)
    while (left := watch.left()) > 0:
        ready = dict(poller.poll(left * 1000))
        if stdin in ready and not is_fed and not streams.feed(stdin):
            is_fed = True
            poller.unregister(stdin)
            os.close(stdin)
        if stdout in ready:
            if not streams.collect(stdout):
                poller.unregister(stdout)
            if streams.is_too_long:
                return "long", is_fed
        if reader in ready:
            part = os.read(reader, 4096)
            streams.report += part[: 4096 - len(streams.report)]
            if not part or len(streams.report) >= REPORT.size:
                return "ended", is_fed
    return "slow", is_fed


def _verdict(how, streams, status, describe):
    """(outcome, text) from its report, or from how the process ended."""
    report = streams.report
    if how == "long" or (how == "ended" and streams.is_too_long):
        return child.OUTPUT_TOO_LONG, b""
    if how == "ended" and len(report) >= REPORT.size:
        _, _, outcome, _ = REPORT.unpack_from(report)
        if outcome <= child.REJECTED:
            return outcome, bytes(report[REPORT.size :])[:REASON_BYTES]
    if how == "ended" and os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        return (child.RETURNED, b"") if code == 0 else (CRASHED, b"exit code %d" % code)
    return describe(how, status)


def run(server, job, describe):
    """Runs one script on one standard input and sends its report."""
    pid, reader = server.template.fork(job.for_child(), is_script=True)
    stdin, stdout = server.template.plan.stdin[1], server.template.plan.stdout[0]
    os.set_blocking(stdin, False)
    os.set_blocking(stdout, False)
    streams = Streams(memoryview(job.units[0][1]), job.max_output)
    watch = server.watched = Watch(pid, job.timeout_ms / 1000, job.wall_factor)
    how, is_fed = "ended", False
    try:
        how, is_fed = _follow(reader, streams, stdin, stdout, watch)
    finally:
        status, micros, peak_kb = server.end(pid)
        os.close(reader)
        if not is_fed:
            os.close(stdin)
    _drain(streams, stdout)
    os.close(stdout)
    outcome, text = _verdict(how, streams, status, describe)
    if outcome == child.RETURNED:
        text = memoryview(streams.out)[: streams.size]
    micros = job.timeout_ms * 1000 if how == "slow" else micros
    server.reply([REPORT.pack(len(text) + 8, 0, outcome, micros), text], DONE, 0, peak_kb)
    del text
    streams.out.close()
