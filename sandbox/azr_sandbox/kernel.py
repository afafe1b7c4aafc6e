"""Raw system calls through ctypes, each checked. No policy; never used by a program's child."""

import ctypes
import mmap
import os
import struct

from azr_sandbox import calls

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 38, 47
SIGKILL, SIGCHLD = 9, 17
# The module mmap does not name it; as old as killing a process by a filter is, Linux 4.14.
MADV_WIPEONFORK = 18
WNOHANG, ENDING = 1, struct.Struct("<ixxxx5q")
# The module `resource` knows them too, and each library that is loaded makes each fork dearer.
RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_NOFILE = 1, 4, 6, 7
RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_MSGQUEUE, UNLIMITED = 8, 9, 12, (1 << 64) - 1
# Places in the page of the keys, in halves: the lower ones of the third and the fifth argument.
VICTIM, WAITED = 4, 8

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


def limit(resource, value):
    """Sets both limits of this process, for good."""
    call("prlimit64", 0, resource, (ctypes.c_uint64 * 2)(value, value), None)


def mount(source, target, kind, flags, data=None):
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    call("mount", texts[0], texts[1], texts[2], flags, texts[3])


class Keys:
    """What only a server may do: fork, kill, change limits.

    The filter lets these calls pass when the upper half of their first argument, which the kernel
    ignores, holds a random number. It lies in one page, never as an object of Python, which the
    kernel wipes in every child: a program that makes such a call dies of it. Where there is no
    namespace of processes, a second filter takes the calls away as well.
    """

    def __init__(self, owns_processes):
        # Asked of the kernel before a filter answers in its place.
        self.is_first_process = owns_processes and os.getpid() == 1
        page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        page.madvise(MADV_WIPEONFORK)
        # First arguments: fork, limits, one victim, all, whom to wait for, anyone. The upper halves
        # of the first four are the key.
        self._firsts = (ctypes.c_uint64 * 6).from_buffer(page)
        self._firsts[:] = SIGCHLD, 0, 0, 0xFFFFFFFF, 0, (1 << 64) - 1
        self._numbers = memoryview(page).cast("I")
        call("getrandom", ctypes.byref(self._firsts, 4), 4, 0)
        for at in range(12, 32, 8):
            self.copy_to(ctypes.addressof(self._firsts) + at)
        self._fork = self._prepared("clone", 0, 0, 0, 0, 0)
        self._limits = (ctypes.c_uint64 * 2)(0, UNLIMITED)
        self._limit = self._prepared("prlimit64", 1, RLIMIT_AS, self._limits, None)
        self._kill = self._prepared("kill", 2, SIGKILL)
        self._kill_all = self._prepared("kill", 3, SIGKILL)
        self._ending = ctypes.create_string_buffer(152)
        status, usage = ctypes.byref(self._ending), ctypes.byref(self._ending, 8)
        self._wait = self._prepared("wait4", 4, status, 0, usage)
        self._reap = self._prepared("wait4", 5, None, WNOHANG, None)

    def _prepared(self, name, place, *others):
        first = ctypes.c_long.from_buffer(self._firsts, 8 * place)
        given = [ctypes.c_long(o) if isinstance(o, int) else o for o in others]
        return ctypes.c_long(NUMBERS[name]), first, *given

    def copy_to(self, address):
        """The key, as four bytes, to where a filter is being made."""
        ctypes.memmove(address, ctypes.addressof(self._firsts) + 4, 4)

    def fork(self):
        """A fork without the hooks of Python and the C library: there is only one thread."""
        pid = _call(*self._fork)
        if pid < 0:
            raise OSError(ctypes.get_errno(), "fork")
        return pid

    def kill_all(self):
        """SIGKILL to all that there are in our own namespace of processes: only as its first one.

        Anywhere else this call would end every process of the machine.
        """
        if not self.is_first_process or os.getuid() == 0:
            raise ValueError("Cannot kill all processes as this is not the first of a namespace")
        _call(*self._kill_all)

    def limit_memory(self, size):
        """The soft limit of our own address space, which the next child inherits."""
        self._limits[0] = size
        _call(*self._limit)

    def end(self, pid):
        """Kills one child, if it is not at its end yet, and reaps it: (status, CPU microseconds,
        peak memory in KiB). What it left dies too: it is a child of the first process by now.

        os.wait4 imports a module each time; after a fork that is many pages to copy.
        """
        if pid <= 1:  # never a group
            raise ValueError(f"Cannot kill process {pid} as it is no child")
        self._numbers[VICTIM] = self._numbers[WAITED] = pid
        _call(*self._kill)
        _call(*self._wait)
        status, user, user_micros, system, system_micros, peak = ENDING.unpack_from(self._ending)
        while (other := _call(*self._reap)) >= 0:
            if other == 0:
                self.kill_all()
        return status, (user + system) * 10**6 + user_micros + system_micros, peak


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
