"""A server: one killable child at a time, for one unit or for a batch of units that share it.

It never reads a program. It asks its template for a child, hands it the job, watches it, kills it,
and passes reports on. All isolation is on before the first job (confine.py). Expected values never
come here. Children cannot see what it knows about other children: they are copies of the template
(template.py), not of this process.
"""

import gc
import mmap
import os
import select
import signal
import sys
import time

from azr_sandbox import child, confine, differ, kernel, script, seccomp, template, warm, wire
from azr_sandbox.jobs import DONE, FAILED, REPLY, SCRIPT, SHARED, Job, read_job
from azr_sandbox.reports import Malformed, Reports
from azr_sandbox.watch import Watch

TIMED_OUT, CRASHED = 5, 6
# A number that no unit of a batch has.
NOBODY = 0xFFFF
# Reports wait this long for later ones, so that the other lane gets them in one batch too.
SEND_SECONDS = 0.02
# Seconds that one program may take in a batch before it gets its own child.
SLICE = 0.05
# A first wait without a clock. Most children are done by then.
SOON_MS = 20


def describe(how, status):
    """(outcome, text) of a unit without a report."""
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
    def __init__(self, control, children, progress):
        self.control, self.template = control, children
        self.progress = progress
        self.reports = Reports()
        self.poller, self.polled = select.poll(), None
        # The clock of the running child, if it needed one.
        self.watched = None

    def reply(self, texts, flags=0, failed=0, peak_kb=0):
        """Sends reports to Node, as checked bytes."""
        size = sum(map(len, texts))
        wall_ms = int(self.watched.spent() * 1000) if self.watched else 0
        head = REPLY.pack(REPLY.size - 4 + size, 0, flags, failed, peak_kb, wall_ms)
        wire.write_all(self.control[1], [head, *texts])

    def follow(self, pid, reader, job):
        """Reads reports until all have arrived or time is up: done, ended, slow."""
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
        """Waits for a slow child, and ends it at its limits of time."""
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
                    self.reply([reports.view[: reports.checked]])
                    reports.forget()
                sent = time.monotonic()
            # The place may only grow, because a child can write any number here.
            if job.mode == SHARED and at < (now := self.at()) <= job.count:
                at = now
                watch.renew()
        return "slow"

    def at(self):
        return int.from_bytes(self.progress[:2], "little")

    def poll_only(self, fd):
        if self.polled is not None:
            self.poller.unregister(self.polled)
        self.poller.register(fd, select.POLLIN)
        self.polled = fd

    def run(self, job):
        """One child for all units of a job. Units without a report get an outcome from what is
        known.
        """
        reports = self.reports
        reports.begin(job.count, job.max_output)
        pid, reader = self.template.fork(job.for_child())
        # The new pipe may have the number of the previous one.
        if reader != self.polled:
            self.poll_only(reader)
        how = "ended"
        try:
            how = self.follow(pid, reader, job)
        finally:
            status, micros, peak_kb = self.end(pid)
            os.close(reader)
        texts, flags, failed = [reports.view[: reports.checked]], DONE, 0
        if reports.next < job.count and job.mode == SHARED:
            flags, failed = DONE | FAILED, min(max(reports.next, self.at() - 1), job.count - 1)
            if self.progress[:2] == child.STOPPED:
                failed = NOBODY
        elif reports.next < job.count:
            micros = job.timeout_ms * 1000 if how == "slow" else micros
            texts.append(child.pack(reports.next, micros, *describe(how, status)))
        self.reply(texts, flags, failed, peak_kb)
        if job.mode == SHARED:
            self.progress[:] = bytes(mmap.PAGESIZE)

    def end(self, pid):
        """Ends a child. Undoes its changes to the shared descriptors 0, 1 and 2."""
        found = template.end(pid)
        kernel.set_flags(0, os.O_RDWR)
        return found

    def serve(self):
        while (data := read_job(self.control[0])) is not None:
            job, self.watched = Job(data), None
            self.template.limit_memory(job.memory_mb)
            if job.mode == SCRIPT:
                script.run(self, job, describe)
            else:
                self.run(job)


def place_of(plan, progress, is_followed):
    first = None
    if is_followed:
        last_filter = seccomp.Filter(seccomp.child_filter())

        def first():
            kernel.die_with_parent()
            last_filter.put_on()

    live = script.Script(plan.stdin, plan.stdout).live
    return child.Place(plan.job[0], plan.report[1], plan.gaps(), progress, first, live)


def main(options):
    """Returns in the template, with the loop to wait in, what its children start with, and a
    function to call at the very end.
    """
    control = wire.take_control()
    mark = int(os.environ.get("PYTHONHASHSEED", 1))
    layers = confine.Layers(options.without)
    confine.enter_namespaces(layers, own_processes=True)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.dont_write_bytecode = True
    sys.setrecursionlimit(1000)
    sys.path += options.packages
    progress = mmap.mmap(-1, mmap.PAGESIZE)
    is_followed = not layers.is_on("namespaces")

    def load():
        warm.load(options.preload)

    def get_ready():
        differ.shift_clock((mark - 1) * differ.STEP_SECONDS)
        warm.walk(options.preload)

    try:
        confine.confine(layers, packages=options.packages)
        plan = template.Plan()
        place = place_of(plan, progress, is_followed)
        # Exempt the objects that server and template share from garbage collection.
        gc.freeze()
        children = template.Template(plan, mark, is_followed, load, get_ready)
        if children.loop:
            return children, place, differ.stir
        seccomp.Filter(seccomp.server_filter()).put_on()
    except kernel.Refused as refusal:
        wire.write_frame(control[1], {"refused": str(refusal)})
        sys.exit()
    layers.note("seccomp", True, "a list of calls" + (", and a second layer" * is_followed))
    hello = {"hello": "server", "pid": os.getpid(), "layers": layers.found}
    wire.write_frame(control[1], hello)
    Server(control, children, progress).serve()
    sys.exit()
