"""The system call filters, as classic BPF. Anything that is not named kills the whole process.

The *base* of a front or a server is inherited and cannot be taken off. What only a server may do
needs a key (keys.py). Where there is no namespace of processes, a second filter in every child
takes even that away.
"""

import ctypes
import struct

from azr_sandbox import calls, kernel

KILL, ALLOW, ERRNO = 0x80000000, 0x7FFF0000, 0x00050000
ENOTTY, ENOSYS = 25, 38
LOAD, EQUAL, ABOVE, ANY_BIT, GIVE = 0x20, 0x15, 0x25, 0x45, 0x06

# Access other than reading, O_CREAT, O_TRUNC, O_APPEND, O_TMPFILE.
WRITING = 0o3 | 0o100 | 0o1000 | 0o2000 | 0o20000000
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX.
HARMLESS_IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# Duplicates, flags of descriptors and files, the size of a pipe. Not: owners, locks, leases.
HARMLESS_FCNTLS = (0, 1, 2, 3, 4, 1030, 1032)


def step(code, value, yes=0, no=0):
    return struct.pack("HBBI", code, yes, no, value)


def load_argument(index, high=False):
    return step(LOAD, 16 + 8 * index + (4 if high else 0))


def answer(action):
    return step(GIVE, action)


def one_of(index, values, otherwise):
    """Allows values of the low half of an argument."""
    tests = [part for v in values for part in (step(EQUAL, v, 0, 1), answer(ALLOW))]
    return [load_argument(index), *tests, answer(otherwise)]


def no_bit_of(index, bits):
    return [load_argument(index), step(ANY_BIT, bits, 1, 0), answer(ALLOW), answer(KILL)]


def is_zero(index):
    """Both halves."""
    return [
        load_argument(index),
        step(EQUAL, 0, 0, 3),
        load_argument(index, high=True),
        step(EQUAL, 0, 0, 1),
        answer(ALLOW),
        answer(KILL),
    ]


# Stands for the key until a filter is laid out; no address, flag or limit of ours looks like it.
KEY = 0x5EC0DE5E


def with_key(otherwise):
    """Allows a call whose first argument has the key in its upper half."""
    return [load_argument(0, high=True), step(EQUAL, KEY, 0, 1), answer(ALLOW), *otherwise]


def put_in(keys, code):
    """Writes the key where it belongs."""
    marker, before = struct.pack("<I", KEY), code.raw
    for at in range(0, len(before) - 3, 4):
        if before[at : at + 4] == marker:
            keys.copy_to(ctypes.addressof(code) + at)


def rule(name, body):
    """Applies `body`, which always answers, to one system call; nothing where there is none."""
    number = kernel.NUMBERS.get(name)
    return [] if number is None else [step(EQUAL, number, 0, len(body)), *body]


def assembled(rules, default):
    """The header of the program for the kernel, and the buffers that it points into."""
    program = [
        step(LOAD, 4),
        step(EQUAL, kernel.ARCHITECTURE, 1, 0),
        answer(KILL),
        step(LOAD, 0),
        *[part for one in rules for part in one],
        answer(default),
    ]
    code = ctypes.create_string_buffer(b"".join(program))
    header = struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code))
    return ctypes.create_string_buffer(header), code


def base_filter(keys=None, mark=0, is_followed=False):
    """Of a front; with keys of a server, whose children are `mark`ed, and followed by a second one.

    Process ids are no ids: they are -1 under one hash seed and -2 under the other (`mark`), so that
    a program which looks at them differs with itself, and never with what ran before it.
    """
    rules = [rule(name, [answer(ALLOW)]) for name in (*calls.PLAIN, *calls.OLD)]
    rules += [
        rule("openat", no_bit_of(2, WRITING)),
        rule("ioctl", one_of(1, HARMLESS_IOCTLS, ERRNO | ENOTTY)),
        rule("fcntl", one_of(1, HARMLESS_FCNTLS, KILL)),
        rule("mbind", [answer(ERRNO | ENOSYS)]),  # numpy's algebra asks, and does without
    ]
    if keys is None:
        return assembled([*rules, rule("prlimit64", is_zero(2)), *ids(0)], KILL)
    rules += [rule(name, with_key([answer(KILL)])) for name in ("clone", "kill")]
    rules += [
        rule("prlimit64", with_key(is_zero(2))),
        rule("wait4", [answer(ALLOW)]),
        *ids(mark),
    ]
    if is_followed:
        allowed = (kernel.PR_SET_SECCOMP, kernel.PR_SET_PDEATHSIG)
        rules.append(rule("prctl", one_of(0, allowed, KILL)))
    header, code = assembled(rules, KILL)
    put_in(keys, code)
    return header, code


def ids(mark):
    action = ERRNO | mark if mark else ALLOW
    return [rule(name, [answer(action)]) for name in ("getpid", "getppid", "gettid")]


def child_filter():
    """On top of a server's, where keys are not enough: the calls are gone. Limits can be read."""
    rules = [rule(name, [answer(KILL)]) for name in ("clone", "kill", "prctl")]
    rules.append(rule("prlimit64", is_zero(2)))
    return assembled(rules, ALLOW)


class Filter:
    """A filter that is ready: putting it on is one system call on memory that is there."""

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
        """The kernel has it; a copy here would tell a program what the key is."""
        ctypes.memset(self.code, 0, len(self.code))

    def put_on(self, call=kernel._call):
        if call(*self.arguments) != 0:
            raise kernel.Refused("Cannot go on as the kernel did not take the system call filter")
