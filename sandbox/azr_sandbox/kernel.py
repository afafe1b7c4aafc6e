"""Raw system calls through ctypes, each checked. No policy; never used by a program's child."""

import ctypes
import os
import struct

from azr_sandbox import calls

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 38, 47
SIGKILL, SIGCHLD = 9, 17
WNOHANG, USAGE = 1, struct.Struct("<5q")
RLIMIT_AS, UNLIMITED = 9, (1 << 64) - 1

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000

MACHINE = os.uname().machine
ARCHITECTURE, NUMBERS = calls.TABLES.get(MACHINE, (None, {}))

_libc = ctypes.PyDLL(None, use_errno=True)
_call = _libc.syscall
_call.restype = ctypes.c_long


class Refused(Exception):
    """The sandbox cannot be made safe here; the text says why and what to do."""


def call(name, *arguments):
    """One system call, by name or number; raises OSError."""
    number = NUMBERS[name] if isinstance(name, str) else name
    given = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = _call(ctypes.c_long(number), *given)
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
    return result


def prctl(option, first=0, second=0):
    return call("prctl", option, first, second, 0, 0)


def mount(source, target, kind, flags, data=None):
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    call("mount", texts[0], texts[1], texts[2], flags, texts[3])


class Keys:
    """What only a server may do: fork, kill, change limits.

    The filter lets these calls pass when the upper half of an argument, which the kernel ignores,
    holds a random number. A program calls them without it, and dies. One that digs the number out
    of its memory gains a process that is killed with it, and signals that reach nobody else; where
    there is no process namespace to see to that, a second filter takes the calls away.
    """

    def __init__(self, owns_processes):
        self.secret = int.from_bytes(os.urandom(4), "little") | 1
        # Asked of the kernel before a filter answers in its place.
        self.is_first_process = owns_processes and os.getpid() == 1
        self._high = self.secret << 32
        if self._high >> 63:
            self._high -= 1 << 64
        self._fork = self._prepared("clone", SIGCHLD, 0, 0, 0, 0)
        self._limits = (ctypes.c_uint64 * 2)(0, UNLIMITED)
        self._limit = self._prepared("prlimit64", 0, RLIMIT_AS, self._limits, None)
        self._kill_all = self._prepared("kill", 0xFFFFFFFF, SIGKILL)
        self._status, self._usage = ctypes.c_int(), ctypes.create_string_buffer(144)
        wait = ctypes.c_long(NUMBERS["wait4"])
        status, usage = ctypes.byref(self._status), ctypes.byref(self._usage)
        self._wait = lambda pid: (wait, ctypes.c_long(pid), status, ctypes.c_long(0), usage)
        self._reap = wait, ctypes.c_long(-1), None, ctypes.c_long(WNOHANG), None

    def wait(self, pid):
        """Reaps a child and whatever else is dead: (status, CPU microseconds, peak memory in KiB).

        os.wait4 imports a module each time; after a fork that is many pages to copy.
        """
        _call(*self._wait(pid))
        user, user_micros, system, system_micros, peak = USAGE.unpack_from(self._usage)
        while _call(*self._reap) > 0:
            pass
        return self._status.value, (user + system) * 10**6 + user_micros + system_micros, peak

    def _prepared(self, name, first, *others):
        given = [ctypes.c_long(o) if isinstance(o, int) else o for o in others]
        return ctypes.c_long(NUMBERS[name]), ctypes.c_long(self._high | first), *given

    def fork(self):
        """A fork without the hooks of Python and the C library: there is only one thread."""
        pid = _call(*self._fork)
        if pid < 0:
            raise OSError(ctypes.get_errno(), "fork")
        return pid

    def kill(self, pid):
        """SIGKILL to one child, never to a group."""
        if pid <= 1:
            raise ValueError(f"Cannot kill process {pid} as it is no child")
        _call(*self._prepared("kill", pid, SIGKILL))

    def kill_all(self):
        """SIGKILL to all that there are in our own namespace of processes: only as its first one.

        Anywhere else this call would end every process of the machine.
        """
        if not self.is_first_process:
            raise ValueError("Cannot kill all processes as this is not the first of a namespace")
        _call(*self._kill_all)

    def limit_memory(self, size):
        """The soft limit of our own address space, which the next child inherits."""
        self._limits[0] = size
        _call(*self._limit)


def die_with_parent():
    """Asks for SIGKILL when the parent ends. A change of user id forgets it."""
    prctl(PR_SET_PDEATHSIG, SIGKILL)


def drop_capabilities():
    """No capability is left, and none can come back."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())


def become_opaque():
    """No new privileges by exec, and nobody of the same user may look inside."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 0)
