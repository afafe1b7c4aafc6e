"""Landlock: the process and its children may read the given folders, and open nothing else.

It does not hide that a file exists. It also blocks TCP, abstract sockets and signals to the
outside, if the kernel supports that.
"""

import ctypes
import os
import struct

from azr_sandbox import calls, kernel

READ_FILE, READ_DIR = 1 << 2, 1 << 3
PATH_BENEATH = 1
HIDDEN = ("site-packages", "dist-packages")


def version():
    """The kernel's Landlock ABI; 0 if it has none."""
    try:
        return kernel.call(calls.LANDLOCK_CREATE_RULESET, None, 0, 1)
    except OSError:
        return 0


def handled(abi):
    """Everything that this ABI can forbid."""
    files = (1 << 13) - 1
    files |= (1 << 13 if abi >= 2 else 0) | (1 << 14 if abi >= 3 else 0)
    files |= 1 << 15 if abi >= 5 else 0
    fields = struct.pack("<Q", files)
    if abi >= 4:
        fields += struct.pack("<Q", 3)
    if abi >= 6:
        fields += struct.pack("<Q", 3)
    return fields


def allow(ruleset, path, access):
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("<Qi", access, fd)
        kernel.call(calls.LANDLOCK_ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
    finally:
        os.close(fd)


def allow_folder(ruleset, folder):
    """Opens a folder for reading, except files of packages inside the standard library."""
    names = os.listdir(folder)
    if not any(name in HIDDEN for name in names):
        return allow(ruleset, folder, READ_FILE | READ_DIR)
    allow(ruleset, folder, READ_DIR)
    for name in names:
        if name not in HIDDEN:
            allow(ruleset, os.path.join(folder, name), READ_FILE)


def restrict(folders, files):
    """Switches it on for good, with these folders readable. Returns the ABI."""
    abi = version()
    if abi == 0:
        raise OSError(f"kernel {os.uname().release} has no Landlock")
    attributes = handled(abi)
    ruleset = kernel.call(
        calls.LANDLOCK_CREATE_RULESET, ctypes.c_char_p(attributes), len(attributes), 0
    )
    try:
        for folder in folders:
            allow_folder(ruleset, folder)
        for file in files:
            allow(ruleset, file, READ_FILE | (READ_DIR if os.path.isdir(file) else 0))
        kernel.call(calls.LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return abi
