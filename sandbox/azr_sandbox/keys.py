"""What only a server may do: fork, kill, change limits. By a key that no child can find.

The filter lets these calls pass when the upper half of their first argument, which the kernel
ignores, holds a random number. It lies in one page, which the kernel wipes in every child: a
program that makes such a call dies of it. From there it goes into a register and nowhere else:
ctypes leaves copies of what it hands over in the heap and on the stack, so it hands over where the
arguments are, and a few instructions of our own load them. Where there is no namespace of
processes, a second filter takes the calls away as well.
"""

import ctypes
import mmap
import os
import struct

from azr_sandbox import kernel

# The module mmap does not name it; as old as killing a process by a filter is, Linux 4.14.
MADV_WIPEONFORK = 18
PROT_READ, PROT_EXEC = 1, 4
SIGCHLD = 17
WNOHANG, ENDING = 1, struct.Struct("<ixxxx5q")
ANYONE = UNLIMITED = (1 << 64) - 1
ALL = 0xFFFFFFFF  # as a process id: -1

# Makes the call whose number and six arguments lie where its one argument points. The register that
# had the key is emptied, or has the result.
INSTRUCTIONS = {
    "x86_64": bytes.fromhex(
        "488b07 488b7710 488b5718"  # mov rax, [rdi]; mov rsi, [rdi+16]; mov rdx, [rdi+24]
        "4c8b5720 4c8b4728 4c8b4f30"  # mov r10, [rdi+32]; mov r8, [rdi+40]; mov r9, [rdi+48]
        "488b7f08 0f05 31ff c3"  # mov rdi, [rdi+8]; syscall; xor edi, edi; ret
    ),
    "aarch64": bytes.fromhex(
        "080040f9 010841a9 031042a9"  # ldr x8, [x0]; ldp x1, x2, [x0, 16]; ldp x3, x4, [x0, 32]
        "051840f9 000440f9 010000d4 c0035fd6"  # ldr x5, [x0, 48]; ldr x0, [x0, 8]; svc 0; ret
    ),
}
# A call in the page: number, six arguments. Those before WAIT need the key.
SIZE, FIRST, HIGH = 56, 8, 12
FORK, LIMIT, KILL, KILL_ALL, WAIT, REAP = range(0, 6 * SIZE, SIZE)


def anonymous_page():
    page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return page, ctypes.addressof(ctypes.c_char.from_buffer(page))


def caller():
    """Our instructions as a function, in a page that can be written no more, and that page."""
    page, address = anonymous_page()
    page.write(INSTRUCTIONS[kernel.MACHINE])
    try:
        kernel.call("mprotect", address, mmap.PAGESIZE, PROT_READ | PROT_EXEC)
    except OSError as error:
        raise kernel.Refused(
            f"Cannot start the sandbox as this system lets it make no instructions: {error}"
        ) from error
    return ctypes.PYFUNCTYPE(ctypes.c_long, ctypes.c_void_p)(address), page


class Keys:
    """Calls with a key, all made beforehand: between two forks as little is touched as can be."""

    def __init__(self, owns_processes):
        # Asked of the kernel before a filter answers in its place.
        self.is_first_process = owns_processes and os.getpid() == 1
        self._make, self._code = caller()
        page, self._address = anonymous_page()
        page.madvise(MADV_WIPEONFORK)
        self._halves = memoryview(page).cast("I")
        self._limits = (ctypes.c_uint64 * 2)(0, UNLIMITED)
        self._ending = ctypes.create_string_buffer(152)
        limits, status = ctypes.addressof(self._limits), ctypes.addressof(self._ending)
        words = memoryview(page).cast("Q")
        for at, name, *arguments in (
            (FORK, "clone", SIGCHLD),
            (LIMIT, "prlimit64", 0, kernel.RLIMIT_AS, limits),
            (KILL, "kill", 0, kernel.SIGKILL),
            (KILL_ALL, "kill", ALL, kernel.SIGKILL),
            (WAIT, "wait4", 0, status, 0, status + 8),
            (REAP, "wait4", ANYONE, 0, WNOHANG),
        ):
            for place, word in enumerate((kernel.NUMBERS[name], *arguments), at // 8):
                words[place] = word
        kernel.call("getrandom", self._address + FORK + HIGH, 4, 0)
        for at in (LIMIT, KILL, KILL_ALL):
            self.copy_to(self._address + at + HIGH)
        self._fork, self._limit, self._kill, self._kill_all, self._wait, self._reap = (
            ctypes.c_void_p(self._address + at) for at in range(0, 6 * SIZE, SIZE)
        )

    def copy_to(self, address):
        """The key, as four bytes, to where a filter is being made."""
        ctypes.memmove(address, self._address + FORK + HIGH, 4)

    def fork(self):
        """A fork without the hooks of Python and the C library: there is only one thread."""
        pid = self._make(self._fork)
        if pid < 0:
            raise OSError(-pid, "fork")
        return pid

    def kill_all(self):
        """SIGKILL to all that there are in our own namespace of processes: only as its first one.

        Anywhere else this call would end every process of the machine.
        """
        if not self.is_first_process or os.getuid() == 0:
            raise ValueError("Cannot kill all processes as this is not the first of a namespace")
        self._make(self._kill_all)

    def limit_memory(self, size):
        """The soft limit of our own address space, which the next child inherits."""
        self._limits[0] = size
        self._make(self._limit)

    def end(self, pid):
        """Kills one child, if it is not at its end yet, and reaps it: (status, CPU microseconds,
        peak memory in KiB). What it left dies too: it is a child of the first process by now.

        os.wait4 imports a module each time; after a fork that is many pages to copy.
        """
        if pid <= 1:  # never a group
            raise ValueError(f"Cannot kill process {pid} as it is no child")
        self._halves[(KILL + FIRST) // 4] = self._halves[(WAIT + FIRST) // 4] = pid
        self._make(self._kill)
        self._make(self._wait)
        status, user, user_micros, system, system_micros, peak = ENDING.unpack_from(self._ending)
        while (other := self._make(self._reap)) >= 0:
            if other == 0:
                self.kill_all()
        return status, (user + system) * 10**6 + user_micros + system_micros, peak
