"""The filters of system calls, as classic BPF: for fronts, for servers, and for templates, whose
children inherit them for good.

A front or a server that makes an unlisted call is killed. In a child an unlisted call fails with
EPERM, which Python turns into a PermissionError. A call that only attacks make kills it. Only the
template can make children, with its key (loop.py). Without a namespace of processes, a second
filter in every child removes even that.
"""

import ctypes
import struct

from azr_sandbox import calls, kernel

KILL, ALLOW, ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
EPERM, ECHILD, EACCES, EINVAL, ENOTTY, ENOSYS = 1, 10, 13, 22, 25, 38
REFUSE = ERRNO | EPERM
LOAD, EQUAL, ABOVE, ANY_BIT, GIVE, MASK = 0x20, 0x15, 0x25, 0x45, 0x06, 0x54

# Any access except reading, and O_CREAT, O_TRUNC, O_APPEND, O_TMPFILE.
WRITING = 0o3 | 0o100 | 0o1000 | 0o2000 | 0o20000000
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX.
HARMLESS_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# Duplicates, flags of descriptors and files, the size of a pipe. Without owners, locks and leases.
HARMLESS_FCNTLS = (0, 1, 2, 3, 4, 1030, 1032)
# Wait, wake and requeue, with or without a mask. Calls with an owner would write down an id.
HARMLESS_FUTEXES = (0, 1, 3, 4, 5, 9, 10)
FUTEX_OPERATION = 0x7F
# CPU time of the caller's process and of its thread. Other negative values name a process by its
# id.
OWN_CLOCKS = (0xFFFFFFFA, 0xFFFFFFFE)
SIGPIPE = 13
AF_UNIX, SOCK_STREAM, NONBLOCK_OR_CLOEXEC = 1, 1, 0o4000 | 0o2000000


def step(code, value, yes=0, no=0):
    return struct.pack("HBBI", code, yes, no, value)


def load_argument(index, high=False):
    return step(LOAD, 16 + 8 * index + (4 if high else 0))


def answer(action):
    return step(GIVE, action)


def one_of(index, values, otherwise, mask=0xFFFFFFFF):
    """Allows these values of the low half of an argument."""
    tests = [part for v in values for part in (step(EQUAL, v, 0, 1), answer(ALLOW))]
    return [load_argument(index), step(MASK, mask), *tests, answer(otherwise)]


def no_bit_of(index, bits, otherwise):
    return [load_argument(index), step(ANY_BIT, bits, 1, 0), answer(ALLOW), answer(otherwise)]


def all_but(index, value):
    """Returns success without doing anything, if an argument has this value."""
    return [load_argument(index), step(EQUAL, value, 0, 1), answer(ERRNO), answer(ALLOW)]


def pair_of_streams():
    """socketpair: two ends within one process, like a pipe, for reading and writing only. The loop
    of asyncio uses one. Every other call about sockets is refused.
    """
    return [
        *(load_argument(0), step(EQUAL, AF_UNIX, 1, 0), answer(REFUSE)),
        *(load_argument(1), step(MASK, ~NONBLOCK_OR_CLOEXEC & 0xFFFFFFFF)),
        *(step(EQUAL, SOCK_STREAM, 1, 0), answer(REFUSE)),
        answer(ALLOW),
    ]


def clock(otherwise):
    """Allows all clocks except those of other processes."""
    own = one_of(0, OWN_CLOCKS, otherwise)
    return [load_argument(0), step(ABOVE, 0x7FFFFFFF, 1, 0), answer(ALLOW), *own]


def reading_own_limits(otherwise):
    """prlimit64: allowed for the caller's own process, without a new limit."""
    zeros = [(0, False), (2, False), (2, True)]
    tests = [(load_argument(*place), step(EQUAL, 0, 1, 0), answer(otherwise)) for place in zeros]
    return [*[part for test in tests for part in test], answer(ALLOW)]


# Stands for the key until a filter is laid out. None of our addresses, flags or limits looks like
# it.
KEY = 0x5EC0DE5E


def with_key():
    """Allows a call whose first argument has the key in its upper half. A wrong guess kills the
    process.
    """
    return [
        load_argument(0, high=True),
        *(step(EQUAL, KEY, 0, 1), answer(ALLOW)),
        *(step(EQUAL, 0, 0, 1), answer(REFUSE)),
        answer(KILL),
    ]


def put_in(loop, code):
    """Writes the key where it belongs."""
    marker, before = struct.pack("<I", KEY), code.raw
    for at in range(0, len(before) - 3, 4):
        if before[at : at + 4] == marker:
            loop.copy_key(ctypes.addressof(code) + at)


def rule(name, body):
    """Filter steps that answer one system call with `body`, which has to return in every case.
    Empty if the machine lacks the call.
    """
    number = kernel.NUMBERS.get(name)
    return [] if number is None else [step(EQUAL, number, 0, len(body)), *body]


def assembled(rules, default):
    """The header of the program for the kernel, and the buffers that it points to."""
    program = [
        step(LOAD, 4),
        step(EQUAL, kernel.ARCHITECTURE, 1, 0),
        answer(KILL),
        step(LOAD, 0),
        # Calls of the x32 ABI, which have the same numbers and an extra bit.
        step(ABOVE, 0x3FFFFFFF, 0, 1),
        answer(KILL),
        *[part for one in rules for part in one],
        answer(default),
    ]
    code = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code))
    return ctypes.create_string_buffer(header), code


def always(action, names):
    return [rule(name, [answer(action)]) for name in names]


def common(otherwise):
    """Rules of every filter: they allow plain calls, and opening existing files for reading."""
    return [
        *always(ALLOW, (*calls.PLAIN, *calls.OLD)),
        rule("openat", no_bit_of(2, WRITING, ERRNO | EACCES)),
        rule("ioctl", one_of(1, HARMLESS_IOCTLS, ERRNO | ENOTTY)),
        rule("fcntl", one_of(1, HARMLESS_FCNTLS, otherwise)),
        rule("mbind", [answer(ERRNO | ENOSYS)]),  # numpy's algebra asks, and does without
    ]


IDS = ("getpid", "getppid", "gettid")


def front_filter():
    ours = always(ALLOW, (*calls.OURS, *IDS))
    return assembled([*common(KILL), *ours, rule("prlimit64", reading_own_limits(KILL))], KILL)


def server_filter():
    names = (*calls.OURS, *IDS, "kill", "wait4", "prlimit64")
    return assembled([*common(KILL), *always(ALLOW, names)], KILL)


def template_filter(loop, mark, is_followed):
    """For a template and its children, which have a `mark` and may have to add a second filter.

    Process ids are faked: they are -1 under one hash seed and -2 under the other (`mark`). So a
    program that looks at them differs with itself, and never depends on what ran before it. For the
    same reason no other process may be asked about, and a broken pipe is ignored for good: its
    signal names the sender.
    """
    rules = [
        *common(REFUSE),
        rule("clone", with_key()),
        rule("futex", one_of(1, HARMLESS_FUTEXES, ERRNO | ENOSYS, FUTEX_OPERATION)),
        rule("rt_sigaction", all_but(0, SIGPIPE)),
        rule("socketpair", pair_of_streams()),
        *[rule(name, clock(ERRNO | EINVAL)) for name in calls.OURS if name.startswith("clock_")],
        *[
            rule(name, one_of(0, [0], REFUSE))
            for name in ("sched_getaffinity", "getpgid", "getsid")
        ],
        rule("getpriority", one_of(1, [0], REFUSE)),
        rule("prlimit64", reading_own_limits(REFUSE)),
        rule("wait4", [answer(ERRNO | ECHILD)]),
        *always(ERRNO | mark, (*IDS, "set_tid_address")),
        *always(KILL, calls.FATAL),
    ]
    if is_followed:
        allowed = (kernel.PR_SET_SECCOMP, kernel.PR_SET_PDEATHSIG)
        rules.append(rule("prctl", one_of(0, allowed, REFUSE)))
    header, code = assembled(rules, REFUSE)
    put_in(loop, code)
    return header, code


def child_filter():
    """On top of a template's, if a key is not enough: the calls are removed."""
    return assembled(always(REFUSE, ("clone", "prctl")), ALLOW)


class Filter:
    """A prepared filter. Applying it is one system call on existing memory."""

    def __init__(self, built):
        self.header, self.code = built
        self.arguments = (
            ctypes.c_long(kernel.NUMBERS["prctl"]),
            ctypes.c_long(kernel.PR_SET_SECCOMP),
            ctypes.c_long(2),
            ctypes.c_void_p(ctypes.addressof(self.header)),
            ctypes.c_long(0),
            ctypes.c_long(0),
        )

    def wipe(self):
        """The kernel has it. A copy here would tell a program the key."""
        ctypes.memset(self.code, 0, len(self.code))

    def put_on(self, call=kernel._call):
        if call(*self.arguments) != 0:
            raise kernel.Refused("Cannot go on as the kernel did not take the system call filter")
