"""Raw system calls through ctypes, each checked. No policy."""

import ctypes
import os

from azr_sandbox import calls

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 1, 4, 22, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 38, 47
SIGKILL, SIGCHLD = 9, 17
# The module `resource` has them too, but each loaded library makes every fork more expensive.
RLIMIT_FSIZE, RLIMIT_CORE, RLIMIT_NPROC, RLIMIT_NOFILE = 1, 4, 6, 7
RLIMIT_MEMLOCK, RLIMIT_AS, RLIMIT_MSGQUEUE = 8, 9, 12

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000
# Flags of clone: share the descriptors; be a child of our parent; write down its number.
FILES, PARENT, PARENT_SETTID = 0x400, 0x8000, 0x100000
SET_FLAGS = 4

UNLIMITED = (1 << 64) - 1
MACHINE = os.uname().machine
ARCHITECTURE, NUMBERS = calls.TABLES.get(MACHINE, (None, {}))

_libc = ctypes.PyDLL(None, use_errno=True)
_call = _libc.syscall
_call.restype = ctypes.c_long


class Refused(Exception):
    """The sandbox cannot be made safe here. The text says why and what to do."""


def call(name, *arguments):
    """Makes one system call, by name or number. Raises OSError."""
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


def limit_other(pid, resource, value):
    """Sets the soft limit of another of our processes, which its children inherit."""
    call("prlimit64", pid, resource, (ctypes.c_uint64 * 2)(value, UNLIMITED), None)


def set_flags(fd, flags):
    """Sets flags of an open file, for everyone who has it open."""
    call("fcntl", fd, SET_FLAGS, flags)


def mount(source, target, kind, flags, data=None):
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, data)]
    call("mount", texts[0], texts[1], texts[2], flags, texts[3])


def name_host(name):
    """Sets the name in our own namespace. If it fails, the machine's name stays visible, which is
    not a secret.
    """
    _libc.sethostname(name, ctypes.c_size_t(len(name)))


def die_with_parent():
    """Asks for SIGKILL when the parent ends. A change of user id forgets it."""
    prctl(PR_SET_PDEATHSIG, SIGKILL)


def drop_capabilities():
    """Drops all capabilities for good."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            break
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())


def become_opaque():
    """No new privileges by exec, and other processes of the same user may not inspect this one."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_SET_DUMPABLE, 0)
