"""A fork server: one killable child at a time, for one unit or for a batch of tame ones.

It never reads a program; it forks, watches, kills, and passes reports on. All that isolates a child
was switched on before the first job (confine.py). Expected values never come here. Between fork
and reply it touches as little memory as it can: each page that it writes is copied for each child.
"""

import contextlib
import mmap
import os
import select
import signal
import sys
import time

from azr_sandbox import child, confine, kernel, script, seccomp, warm, wire
from azr_sandbox.jobs import DONE, FAILED, REPLY, SCRIPT, SHARED, Job
from azr_sandbox.keys import Keys
from azr_sandbox.reports import Malformed, Reports
from azr_sandbox.watch import Watch

TIMED_OUT, CRASHED = 5, 6
# No unit of a batch has this number.
NOBODY = 0xFFFF
# Reports wait this long for those behind them: the other lane then has them in one batch too.
SEND_SECONDS = 0.02
# What one tame program may take in a batch before it is given a child of its own, in seconds.
SLICE = 0.05
# A first look without a clock: most children are done by then.
SOON_MS = 20


def describe(how, status):
    """(outcome, text) of a unit that was not reported."""
    if how == "slow":
        return TIMED_OUT, b""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGSYS:
            return child.REJECTED, b"forbidden system call"
        if number != signal.SIGKILL:
            return CRASHED, b"signal %d" % number
    return CRASHED, b"no answer"


class Server:
    def __init__(self, control, keys):
        self.control, self.keys = control, keys
        self.held = open_descriptors()
        self.filter = None if keys.is_first_process else seccomp.Filter(seccomp.child_filter())
        self.progress = mmap.mmap(-1, mmap.PAGESIZE)
        self.job = Job(control[0])
        self.reports = Reports()
        self.poller, self.polled = select.poll(), None
        self.memory_mb = None
        # The clock of the child at work, where one was needed.
        self.watched = None

    def reply(self, job, texts, flags=0, failed=0, peak_kb=0):
        """Reports for Node, as bytes that were checked."""
        size = 0
        for text in texts:
            size += len(text)
        wall_ms = int(self.watched.spent() * 1000) if self.watched else 0
        head = REPLY.pack(REPLY.size - 4 + size, 0, job.id, flags, failed, peak_kb, wall_ms)
        parts = [head, *texts]
        # Mostly it is short and goes at once; only then is there nothing more to touch.
        written = os.writev(self.control[1], parts)
        if written < len(head) + size:
            wire.write_rest(self.control[1], parts, written)

    def fork(self, job, inside):
        """Starts `inside(pipe, job)` in a child; gives its pid and our end of the pipe."""
        reader, writer = os.pipe()
        if job.memory_mb != self.memory_mb:
            self.memory_mb = job.memory_mb
            # The server itself needs some room.
            self.keys.limit_memory(max(job.memory_mb, 32) << 20)
        pid = self.keys.fork()
        if pid == 0:
            try:
                os.close(reader)
                for fd in self.held:
                    os.close(fd)
                if self.filter:
                    kernel.die_with_parent()
                    self.filter.put_on()
                inside(writer, job)
            finally:
                os._exit(0)
        os.close(writer)
        return pid, reader

    def follow(self, pid, reader, job):
        """Reads reports until all are there, or time is up: done, ended, slow."""
        reports, poll = self.reports, self.poller.poll
        try:
            if poll(SOON_MS):
                is_open = reports.read(reader)
                if reports.next == reports.wanted:
                    return "done"
                if not is_open:
                    return "ended"
            return self.watch(pid, reader, job)
        except Malformed:
            return "ended"

    def watch(self, pid, reader, job):
        """The same, for those that take their time."""
        limit = job.timeout_ms / 1000
        longest = min(SLICE, limit / 4) if job.mode == SHARED else limit
        watch = self.watched = Watch(pid, longest, job.wall_factor)
        reports, at, sent = self.reports, 0, time.monotonic()
        while (left := watch.left()) > 0:
            if self.poller.poll(left * 1000):
                is_open = reports.read(reader)
                if reports.next == reports.wanted:
                    return "done"
                if not is_open:
                    return "ended"
            if reports.are_many or time.monotonic() - sent > SEND_SECONDS:
                if reports.checked:
                    self.reply(job, [reports.view[: reports.checked]])
                    reports.forget()
                sent = time.monotonic()
            # Only forwards: what a child writes here it may write for ever.
            if job.mode == SHARED and at < (now := self.at()) <= job.units:
                at = now
                watch.renew()
        return "slow"

    def at(self):
        return int.from_bytes(self.progress[:2], "little")

    def inside(self, writer, job):
        """The child."""
        entry, units = job.unpack()
        progress = self.progress if job.mode == SHARED else None
        child.run(units, entry, job.max_output, writer, progress)

    def poll_only(self, fd):
        if self.polled is not None:
            self.poller.unregister(self.polled)
        self.poller.register(fd, select.POLLIN)
        self.polled = fd

    def run(self, job):
        """One child for all units of a job. What it does not report is told as far as is known."""
        reports = self.reports
        reports.begin(job.units, job.max_output)
        pid, reader = self.fork(job, self.inside)
        # Mostly it has the number of the one before it.
        if reader != self.polled:
            self.poll_only(reader)
        how = "ended"
        try:
            how = self.follow(pid, reader, job)
        finally:
            status, micros, peak_kb = self.keys.end(pid)
            os.close(reader)
        texts, flags, failed = [reports.view[: reports.checked]], DONE, 0
        if reports.next < job.units and job.mode == SHARED:
            flags, failed = DONE | FAILED, min(max(reports.next, self.at() - 1), job.units - 1)
            if self.progress[:2] == child.STOPPED:
                failed = NOBODY
        elif reports.next < job.units:
            micros = job.timeout_ms * 1000 if how == "slow" else micros
            texts.append(child.pack(reports.next, micros, *describe(how, status)))
        self.reply(job, texts, flags, failed, peak_kb)
        if job.mode == SHARED:
            self.progress[:] = bytes(mmap.PAGESIZE)

    def serve(self):
        job = self.job
        while job.read():
            self.watched = None
            if job.mode == SCRIPT:
                script.run(self, job, describe)
            else:
                self.run(job)
            job.wipe()


def open_descriptors():
    """All but 0, 1 and 2: what no child may hold."""
    found = []
    for fd in range(3, 32):
        with contextlib.suppress(OSError):
            os.fstat(fd)
            found.append(fd)
    return found


def main(options):
    control = wire.take_control()
    mark = 2 if os.environ.get("PYTHONHASHSEED") == "2" else 1
    layers = confine.Layers(options.without)
    confine.enter_namespaces(layers, own_processes=True)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.dont_write_bytecode = True
    sys.setrecursionlimit(1000)
    sys.path += options.packages
    warm.load(options.preload)
    try:
        keys = Keys(layers.is_on("namespaces"))
        confine.confine(layers, keys, mark)
        server = Server(control, keys)
    except kernel.Refused as refusal:
        wire.write_frame(control[1], {"refused": str(refusal)})
        return
    warm.walk(options.preload)
    hello = {"hello": "server", "pid": os.getpid(), "layers": layers.found}
    wire.write_frame(control[1], hello)
    server.serve()
