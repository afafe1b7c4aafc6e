"""A fork server: one killable child at a time, one program a child.

A job is code that the front compiled, with its inputs; the answer is one outcome for each. The
child reports after each input over a pipe of its own; when it is killed or dies, the inputs that
are left go to a fresh child. Expected values never come here.
"""

import contextlib
import gc
import json
import marshal
import os
import select
import signal
import sys
import time

from azr_sandbox import child, confine, wire

WALL_FACTOR = 6
# What a child may say of itself; a program can write to its pipe too.
OUTCOMES = ("returned", "raised", "memoryExceeded", "outputTooLong", "rejected")


def cpu_seconds(pid):
    """CPU time of a child so far; 0 once it is gone."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


class Watch:
    """The time that is left for the input a child is at."""

    def __init__(self, pid, timeout_ms):
        self.pid, self.limit = pid, timeout_ms / 1000
        self.renew()

    def renew(self):
        self.cpu, self.wall = cpu_seconds(self.pid), time.monotonic()

    def left(self):
        """Seconds until it is worth looking again; 0 or less when the time is up."""
        cpu = self.limit - (cpu_seconds(self.pid) - self.cpu)
        wall = WALL_FACTOR * self.limit - (time.monotonic() - self.wall)
        return min(cpu, wall)


def max_report(max_output):
    """Bytes of the longest report: in it, two texts that ASCII makes up to 6 times as long."""
    return 8 * max_output + 4096


def checked(body, expected, max_output):
    """A report's known fields, or None where it is not what was asked for."""
    try:
        report = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(report, dict) or report.get("number") != expected:
        return None
    outcome, cpu = report.get("outcome"), report.get("cpuMs")
    output, canonical, error = (report.get(name) for name in ("output", "canonical", "error"))
    if outcome not in OUTCOMES or type(cpu) not in (int, float) or not 0 <= cpu < 1e9:
        return None
    kind = str if outcome == "returned" else type(None)
    if type(output) is not kind or type(canonical) is not kind or len(output or "") > max_output:
        return None
    if error is not None and (type(error) is not str or len(error) > 200):
        return None
    return {
        "outcome": outcome,
        "output": output,
        "canonical": canonical,
        "error": error,
        "cpuMs": cpu,
    }


def read_reports(pipe, watch, wanted, max_output):
    """Reports in the order asked, and how it stopped: 'done', 'timedOut' or 'ended'."""
    reports, held = [], b""
    while len(reports) < wanted:
        left = watch.left()
        if left <= 0:
            return reports, "timedOut"
        if not select.select([pipe], [], [], left)[0]:
            continue
        part = os.read(pipe, 1 << 16)
        if not part:
            return reports, "ended"
        held += part
        while len(held) >= 4 and len(held) >= 4 + (size := int.from_bytes(held[:4], "little")):
            report = checked(held[4 : 4 + size], len(reports), max_output)
            held = held[4 + size :]
            if report is None or len(reports) == wanted:
                return reports, "ended"
            reports.append(report)
            watch.renew()
        if len(held) > max_report(max_output):
            return reports, "ended"
    return reports, "done"


def end(pid):
    """Kills a child and what it left behind; gives its status and what it used."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    with contextlib.suppress(OSError):
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    return status, usage


def describe_end(how, status, job):
    """What became of the input that a child did not report."""
    if how == "timedOut":
        return {"outcome": "timedOut", "cpuMs": job["timeoutMs"]}
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGSYS:
        return {"outcome": "rejected", "error": "forbidden system call", "cpuMs": 0}
    why = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "no answer"
    return {"outcome": "crashed", "error": why, "cpuMs": 0}


def run_child(job, code, payloads, call_filter, control):
    """Forks, runs the payloads as far as they go, and gives their reports."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            for fd in (reader, *control):
                os.close(fd)
            confine.limit_child(job["memoryMb"], call_filter)
            child.run(code, payloads, job["maxOutputBytes"], writer)
        finally:
            os._exit(0)
    os.close(writer)
    how = "ended"
    try:
        watch = Watch(pid, job["timeoutMs"])
        reports, how = read_reports(reader, watch, len(payloads), job["maxOutputBytes"])
    finally:
        status, usage = end(pid)
        os.close(reader)
    if len(reports) < len(payloads):
        reports.append(describe_end(how, status, job))
    for report in reports:
        report["peakMemoryBytes"] = usage.ru_maxrss * 1024
    return reports


def answer(job, body, call_filter, control):
    code, payloads = marshal.loads(body)
    code = marshal.loads(code)
    reports = []
    while len(reports) < len(payloads):
        reports += run_child(job, code, payloads[len(reports) :], call_filter, control)
    return reports


def warm_up():
    """Imports what programs use most, so that children share its pages."""
    import bisect  # noqa: F401
    import collections  # noqa: F401
    import copy  # noqa: F401
    import dataclasses  # noqa: F401
    import functools  # noqa: F401
    import heapq  # noqa: F401
    import itertools  # noqa: F401
    import math  # noqa: F401
    import operator  # noqa: F401
    import re  # noqa: F401
    import string  # noqa: F401
    import typing  # noqa: F401

    gc.collect()
    gc.freeze()


def main():
    control = wire.take_control()
    confine.limit_server()
    os.environ.clear()
    os.chdir("/")
    sys.setrecursionlimit(1000)
    sys.dont_write_bytecode = True
    call_filter = confine.Filter()
    warm_up()
    wire.write_frame(control[1], {"hello": "server", "pid": os.getpid()})
    while (frame := wire.read_frame(control[0])) is not None:
        job, body = frame
        reports = answer(job, body, call_filter, control)
        wire.write_frame(control[1], {"id": job["id"], "reports": reports})
