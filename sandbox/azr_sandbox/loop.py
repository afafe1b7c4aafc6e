"""The loop in which a template waits: it reads a byte, clones itself, and reports the clone's
number.

It is machine code of our own, so that a template runs no Python between two children. It writes to
only one page, which the kernel empties in every child. So all children begin with the same memory,
to the byte, whatever ran before them.

A clone passes the filter only if the upper half of its first argument, which the kernel ignores,
holds a random key. The key is in that one page, and is copied from there into a register and
nowhere else. A program that makes the call with another key is killed (seccomp.py).
"""

import ctypes
import mmap

from azr_sandbox import kernel

# The module mmap does not define it. It is as old as killing a process by a filter, Linux 4.14.
MADV_WIPEONFORK = 18
PROT_READ, PROT_EXEC = 1, 4

# Calls as records (a number, six arguments). READ repeats until it gives no byte; then the loop
# returns 1. CLONE returns 0 in the child. After TELL the number is forgotten.
INSTRUCTIONS = {
    "x86_64": bytes.fromhex(
        "53 4889fb"  # push rbx; mov rbx, rdi
        "4889df e830000000 4883f801 7523"  # again: rdi = rbx; call do; cmp rax, 1; jne end
        "488d7b38 e821000000 4885c0 741a"  # lea rdi, [rbx+56]; call do; test rax, rax; je child
        "488d7b70 e813000000"  # lea rdi, [rbx+112]; call do
        "c783a800000000000000 ebcf"  # mov dword [rbx+168], 0; jmp again
        "b801000000"  # end: mov eax, 1
        "5b c3"  # child: pop rbx; ret
        "488b07 488b7710 488b5718"  # do: mov rax, [rdi]; mov rsi, [rdi+16]; mov rdx, [rdi+24]
        "4c8b5720 4c8b4728 4c8b4f30"  # mov r10, [rdi+32]; mov r8, [rdi+40]; mov r9, [rdi+48]
        "488b7f08 0f05 31ff c3"  # mov rdi, [rdi+8]; syscall; xor edi, edi; ret
    ),
    "aarch64": bytes.fromhex(
        "f37bbfa9 f30300aa"  # stp x19, x30, [sp, -16]!; mov x19, x0
        "e00313aa 0d000094 1f0400f1 01010054"  # again: x0 = x19; bl do; cmp x0, 1; b.ne end
        "60e20091 09000094 c00000b4"  # add x0, x19, 56; bl do; cbz x0, child
        "60c20191 06000094 7faa00b9 f6ffff17"  # add x0, x19, 112; bl do; str wzr, [x19, 168]; b
        "200080d2"  # end: mov x0, 1
        "f37bc1a8 c0035fd6"  # child: ldp x19, x30, [sp], 16; ret
        "080040f9 010841a9 031042a9"  # do: ldr x8, [x0]; ldp x1, x2, [x0, 16]; ldp x3, x4, [x0, 32]
        "051840f9 000440f9 010000d4 c0035fd6"  # ldr x5, [x0, 48]; ldr x0, [x0, 8]; svc 0; ret
    ),
}
SIZE, HIGH = 56, 12
READ, CLONE, TELL, NUMBER, BYTE = 0, SIZE, 2 * SIZE, 3 * SIZE, 3 * SIZE + 4


def anonymous_page():
    page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return page, ctypes.addressof(ctypes.c_char.from_buffer(page))


def function():
    """A function made of our machine code, and the memory page that holds it, which is now
    read-only.
    """
    page, address = anonymous_page()
    page.write(INSTRUCTIONS[kernel.MACHINE])
    try:
        kernel.call("mprotect", address, mmap.PAGESIZE, PROT_READ | PROT_EXEC)
    except OSError as error:
        raise kernel.Refused(
            f"Cannot start the sandbox as this system lets it make no instructions: {error}"
        ) from error
    return ctypes.PYFUNCTYPE(ctypes.c_long, ctypes.c_void_p)(address), page


class Loop:
    """Waits at `go`, reports at `tell`. It is made in the template, which alone has the key."""

    def __init__(self, go, tell):
        # Called with `page`: returns 0 in each child, and 1 in the template when nobody asks any
        # more.
        self.wait, self._code = function()
        self._page, self._address = anonymous_page()
        self._page.madvise(MADV_WIPEONFORK)
        self.page = ctypes.c_void_p(self._address)
        words, at = memoryview(self._page).cast("Q"), self._address
        flags = kernel.PARENT | kernel.PARENT_SETTID | kernel.SIGCHLD
        for place, name, *arguments in (
            (READ, "read", go, at + BYTE, 1),
            (CLONE, "clone", flags, 0, at + NUMBER),
            (TELL, "write", tell, at + NUMBER, 4),
        ):
            for word, value in enumerate((kernel.NUMBERS[name], *arguments), place // 8):
                words[word] = value
        kernel.call("getrandom", self._address + CLONE + HIGH, 4, 0)

    def copy_key(self, address):
        """Writes the key as four bytes into a filter that is being made."""
        ctypes.memmove(address, self._address + CLONE + HIGH, 4)
