"""A fork server: one killable child at a time, for one unit or for a batch of tame ones.

It never reads a program; it forks, watches, kills, and passes reports on. Everything that isolates
a child was switched on before the first job (confine.py), but for one filter that takes fork and
kill away. Expected values never come here.
"""

import contextlib
import mmap
import os
import resource
import select
import signal
import sys
import time

from azr_sandbox import child, confine, kernel, script, seccomp, warm, wire
from azr_sandbox.reports import Malformed, Reports, buffer_for
from azr_sandbox.watch import Watch

TIMED_OUT, CRASHED = 5, 6
SEND_SECONDS = 0.005
# What one tame program may take in a batch before it is given a child of its own, in seconds.
SLICE = 0.05


class Child:
    """A forked child: its pid, the pipe of its reports, and its end."""

    def __init__(self, server, job, body):
        self.reader, writer = os.pipe()
        size = job["memoryMb"] << 20
        resource.setrlimit(resource.RLIMIT_AS, (size, resource.RLIM_INFINITY))
        try:
            self.pid = os.fork()
        finally:
            if getattr(self, "pid", None) != 0:
                resource.setrlimit(resource.RLIMIT_AS, server.memory)
        if self.pid == 0:
            try:
                for fd in (self.reader, *server.held):
                    os.close(fd)
                if server.dies_alone:
                    kernel.die_with_parent()
                server.filter.put_on()
                body(writer)
            finally:
                os._exit(0)
        os.close(writer)

    def end(self):
        """Kills it, if it is not at its end yet; gives its status and what it used."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        _, status, usage = os.wait4(self.pid, 0)
        os.close(self.reader)
        return status, usage


def describe(how, status, job):
    """(outcome, text) of a unit that was not reported."""
    if how == "slow":
        return TIMED_OUT, b""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number == signal.SIGSYS:
            return child.REJECTED, b"forbidden system call"
        if number != signal.SIGKILL or how == "killed":
            return CRASHED, b"signal %d" % number
    return CRASHED, b"no answer"


class Server:
    def __init__(self, control, mark):
        self.control = control
        self.held = open_descriptors()
        self.filter = seccomp.Filter(seccomp.child_filter(mark))
        self.progress = mmap.mmap(-1, mmap.PAGESIZE)
        self.memory = resource.getrlimit(resource.RLIMIT_AS)
        self.dies_alone = os.getpid() != 1
        self.buffer = buffer_for(65536)
        self.requests = wire.Reader(control[0])

    def fork(self, job, body):
        return Child(self, job, body)

    def send(self, job, found, **more):
        """Reports for Node: numbers in the header, texts behind it."""
        limit = job["timeoutMs"]
        reports = [
            [number, outcome, min(micros / 1000, limit), len(text)]
            for number, outcome, micros, text in found
        ]
        header = {"id": job["id"], "reports": reports, "done": False, **more}
        wire.write_frame(self.control[1], header, [text for *_, text in found if text])

    def follow(self, one, job, reports, limit):
        """Reads reports until all are there, or time is up: done, ended, slow."""
        watch = Watch(one.pid, limit)
        poller = select.poll()
        poller.register(one.reader, select.POLLIN)
        sent = time.monotonic()
        at = 0
        while (left := watch.left()) > 0:
            if poller.poll(left * 1000):
                try:
                    if not reports.read():
                        return "ended"
                except Malformed:
                    return "ended"
                if reports.are_complete:
                    return "done"
                if reports.are_many or time.monotonic() - sent > SEND_SECONDS:
                    reports.pass_on(lambda found: self.send(job, found))
                    sent = time.monotonic()
            # Only forwards: what a child writes here it may write for ever.
            if at < (now := self.at()) <= reports.wanted and reports.wanted > 1:
                at = now
                watch.renew()
        return "slow"

    def at(self):
        return int.from_bytes(self.progress[:2], "little")

    def run(self, job, units):
        """One child for all units of a job. What it does not report is told as far as it is known."""
        wanted, limit = len(units), job["timeoutMs"] / 1000
        shared = job["mode"] == "shared"
        if len(self.buffer) < len(buffer_for(job["maxOutputBytes"])):
            self.buffer = buffer_for(job["maxOutputBytes"])
        self.progress[:] = bytes(mmap.PAGESIZE)

        def body_of_child(writer):
            child.run(units, job["entry"], job["maxOutputBytes"], writer, self.progress)

        one = self.fork(job, body_of_child)
        reports = Reports(one.reader, wanted, job["maxOutputBytes"], self.buffer)
        how = "ended"
        try:
            how = self.follow(one, job, reports, min(SLICE, limit / 4) if shared else limit)
        finally:
            status, usage = one.end()
        found = reports.found
        more = {"done": True, "peak": usage.ru_maxrss * 1024}
        if reports.next < wanted:
            if shared:
                more["failed"] = min(max(reports.next, self.at() - 1), wanted - 1)
            else:
                micros = job["timeoutMs"] * 1000 if how == "slow" else script.cpu_micros(usage)
                found.append((reports.next, *with_micros(describe(how, status, job), micros)))
        self.send(job, found, **more)
        reports.wipe()

    def serve(self):
        while (frame := self.requests.read()) is not None:
            job, body = frame
            units = unpack(job, body)
            if job["mode"] == "script":
                script.run(self, job, *units[0], describe)
            else:
                self.run(job, units)
            self.requests.wipe()


def with_micros(described, micros):
    outcome, text = described
    return outcome, micros, text


def open_descriptors():
    """All but 0, 1 and 2: what no child may hold."""
    found = []
    for fd in range(3, 32):
        with contextlib.suppress(OSError):
            os.fstat(fd)
            found.append(fd)
    return found


def unpack(job, body):
    """(code, payload) of each unit as views of the body, which holds the codes and then payloads."""
    codes, units, at = [], [], 0
    for size in job["codes"]:
        codes.append(body[at : at + size])
        at += size
    for code, size in job["units"]:
        units.append((codes[code], body[at : at + size]))
        at += size
    return units


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
        confine.confine(layers, forks=True)
        server = Server(control, mark)
    except kernel.Refused as refusal:
        wire.write_frame(control[1], {"refused": str(refusal)})
        return
    warm.walk()
    hello = {"hello": "server", "pid": os.getpid(), "layers": layers.found}
    wire.write_frame(control[1], hello)
    server.serve()
