"""Makes values that programs must not rely on differ in each run: the addresses of objects, and the
date.

It runs once in a template. A template's hash seed comes from outside (sandbox/process.ts), its
process ids are answered by its filter (seccomp.py), and its random state is its own from the start.
Clocks since the machine's start are unchanged, because programs sleep by them.
"""

import ctypes
import errno
import gc
import mmap
import os
import random
import struct

from azr_sandbox import kernel, loop

# A year, a month, a day, some hours, minutes and seconds, so that every part of a date differs.
# Into the past, so that no wait until a time takes long.
STEP_SECONDS = -34_567_891
PAGE, POOL, ALIGNMENT = 4096, 16384, 16
# Larger objects mostly have no hash of their own. At most this many pools of each size are
# searched.
STIRRED, LARGEST, MOST = 256, 512, 4
# The interpreter keeps fewer than this many dead objects of these kinds for reuse.
SPARE = 200
VDSO = 33  # the type under which getauxval gives the vDSO
SYMBOLS, SYMBOL, SECTION = 11, struct.Struct("<IBBHQQ"), struct.Struct("<IIQQQQIIQQ")

# The kernel's calls, with some seconds added for the time of day.
CALLS = {
    "__vdso_clock_gettime": "b8e4000000 0f05 85c0 751c 83ff00 740a 83ff05 7405 83ff0b 750d"
    "48b9{} 48010e c3",
    "__vdso_gettimeofday": "b860000000 0f05 85c0 7512 4885ff 740d 48b9{} 48010f c3",
    "__vdso_time": "b8c9000000 0f05 48b9{} 4801c8 4885ff 7403 488907 c3",
}
JUMP = "48b8{} ffe0"  # mov rax, address; jmp rax

held = []


def stir():
    """Leaves a pool of each size of small objects with holes in random order, so that objects of
    programs have other addresses in each server. It runs last: an object that is freed later leaves
    a hole that is used first.
    """
    chance = random.Random(os.urandom(16))
    held.append(bytes(LARGEST + ALIGNMENT * chance.randrange(1, 256)))
    kinds = (list, dict, chance.random, lambda: (chance,), lambda: (chance, held))
    stirred = [[make() for _ in range(SPARE)] for make in kinds]
    for blocks in stirred:
        chance.shuffle(blocks)
    for size in range(ALIGNMENT, STIRRED + 1, ALIGNMENT):
        stirred += _pages_of(size, chance)
    way = iter(stirred)
    # Everything that is here is held, so that nothing is freed when this returns.
    held.append((chance, kinds, stirred, way))
    # From here on make as few objects as possible, because they would fill the holes.
    for blocks in way:
        for i in range(len(blocks) * 3 // 4):
            blocks[i] = None
    gc.freeze()


def _block(size, number):
    """An object of this size, of the smallest type that fits."""
    if size == ALIGNMENT:
        return object()
    return (1 << 60) + number if size == 2 * ALIGNMENT else bytes(size - 33)


def _pages_of(size, chance):
    """Fills a pool of this size. Returns the objects in each of its pages, which are used up one
    after another, the last one first: a child that needs few objects touches one page.
    """
    fit, pools, pool = (POOL - 48) // size, {}, []
    for i in range(MOST * fit):
        block = _block(size, i)
        pool = pools.setdefault(id(block) // POOL, [])
        pool.append(block)
        if len(pool) == fit:
            break
    chance.shuffle(pool)
    pages = {}
    for block in pool:
        pages.setdefault(id(block) // PAGE, []).append(block)
    held.append(pools)
    pool.clear()
    return pages.values()


def shift_clock(seconds):
    """Changes the time of day that the library reads. Returns whether it could."""
    if not seconds or kernel.MACHINE != "x86_64":
        return False
    address = ctypes.PyDLL(None).getauxval
    address.restype, address.argtypes = ctypes.c_ulong, [ctypes.c_ulong]
    image = address(VDSO)
    if not image:
        return False
    page, place = loop.anonymous_page()
    held.append(page)
    amount = struct.pack("<q", seconds).hex()
    try:
        jumps = []
        for name, offset in _symbols(image).items():
            if name in CALLS:
                to = struct.pack("<Q", place + page.tell()).hex()
                jumps.append((image + offset, bytes.fromhex(JUMP.format(to))))
                page.write(bytes.fromhex(CALLS[name].format(amount)))
        kernel.call("mprotect", place, PAGE, loop.PROT_READ | loop.PROT_EXEC)
        _protect(image, mmap.PROT_READ | mmap.PROT_WRITE)
        for at, jump in jumps:
            ctypes.memmove(at, jump, len(jump))
        _protect(image, loop.PROT_READ | loop.PROT_EXEC)
    except OSError:
        return False
    return True


def _protect(image, rights):
    """Copies the kernel's whole mapping, which cannot be split and does not tell its length."""
    for pages in range(1, 9):
        try:
            return kernel.call("mprotect", image, pages * PAGE, rights)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
    raise OSError(errno.EINVAL, "the kernel's mapping is too long")


def _symbols(image):
    """{name: offset} of the functions that the kernel maps into each process."""
    (first,) = struct.unpack("<Q", ctypes.string_at(image + 40, 8))
    (count,) = struct.unpack("<H", ctypes.string_at(image + 60, 2))
    read = ctypes.string_at(image + first, count * SECTION.size)
    sections = list(SECTION.iter_unpack(read))
    table = next((one for one in sections if one[1] == SYMBOLS), None)
    if table is None:
        return {}
    names = image + sections[table[6]][4]
    found = SYMBOL.iter_unpack(ctypes.string_at(image + table[4], table[5]))
    return {ctypes.string_at(names + one[0]).decode(): one[4] for one in found}
