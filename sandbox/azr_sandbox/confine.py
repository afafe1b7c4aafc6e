"""What our Python processes may do: resource limits, and a filter that kills a child for the rest.

Covers: memory, file sizes, descriptors, and system calls that start processes, open sockets, signal
or trace others. Does not cover reading files: what the server's user may read, a program may too.
"""

import ctypes
import os
import platform
import resource
import struct

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP = 1, 4, 22
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 36, 38
SIGKILL = 9
KILL_PROCESS, ALLOW = 0x80000000, 0x7FFF0000
FRONT_MEMORY = 2 << 30

# fork vfork clone clone3 execve execveat socket ptrace kill tkill tgkill process_vm_readv
# process_vm_writev pidfd_open pidfd_send_signal io_uring_setup bpf unshare setns mount
# memfd_create keyctl userfaultfd perf_event_open setsid setpgid
FORBIDDEN = {
    "x86_64": (
        0xC000003E,
        (57, 58, 56, 435, 59, 322, 41, 101, 62, 200, 234, 310, 311, 434, 424, 425, 321, 272, 308)
        + (165, 319, 250, 323, 298, 112, 109),
    ),
    # arm64 has no fork and vfork. This table was written, and never run.
    "aarch64": (
        0xC00000B7,
        (220, 435, 221, 281, 198, 117, 129, 130, 131, 270, 271, 434, 424, 425, 280, 97, 268)
        + (40, 279, 219, 282, 241, 157, 154),
    ),
}

_libc = ctypes.CDLL(None, use_errno=True)


def limit_front():
    """The front parses hostile text: it may fail, and must not take the machine along."""
    _libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (FRONT_MEMORY, FRONT_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit_server():
    """A server dies with Node, and adopts what its children leave behind."""
    _libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _instruction(code, yes, no, value):
    return struct.pack("HBBI", code, yes, no, value)


def _program(architecture, calls):
    """BPF: another architecture or a forbidden call kills the process, the rest is allowed."""
    load, equal, give = 0x20, 0x15, 0x06
    program = [
        _instruction(load, 0, 0, 4),
        _instruction(equal, 1, 0, architecture),
        _instruction(give, 0, 0, KILL_PROCESS),
        _instruction(load, 0, 0, 0),
    ]
    for i, number in enumerate(calls):
        program.append(_instruction(equal, len(calls) - i, 0, number))
    program.append(_instruction(give, 0, 0, ALLOW))
    program.append(_instruction(give, 0, 0, KILL_PROCESS))
    return program


class Filter:
    """The system call filter: built once in the server, switched on in every child."""

    def __init__(self):
        table = FORBIDDEN.get(platform.machine())
        self.is_on = table is not None
        if table is None:
            return
        program = _program(*table)
        self.code = ctypes.create_string_buffer(b"".join(program))
        address = ctypes.addressof(self.code)
        self.header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program), address))

    def apply(self):
        if not self.is_on:
            return
        _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if _libc.prctl(PR_SET_SECCOMP, 2, self.header, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "the system call filter was not taken")


def limit_child(memory_mb, call_filter):
    """In the child, before anything of the program is touched."""
    size = memory_mb << 20
    _libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    _libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    os.umask(0o777)
    call_filter.apply()
