"""Finds what modules of the standard library need: shared libraries such as zlib's, and time zones.

They are outside the standard library, often among all those of the machine. Programs get these and
no others. It reads ELF files and runs nothing.
"""

import glob
import mmap
import os
import struct

HEADER, PROGRAM, ENTRY = struct.Struct("<4x2B26xQ14xHH"), struct.Struct("<IIQQQQQQ"), "<qQ"
LOAD, DYNAMIC = 1, 2
END, NEEDED, STRINGS, RPATH, RUNPATH = 0, 1, 5, 15, 29
USUAL = ("/lib64", "/usr/lib64", "/lib", "/usr/lib")
# The usual folder of `zoneinfo`.
ZONES = "/usr/share/zoneinfo"


def read(path):
    """(names of the libraries that it needs, folders in which it says to look); empty for other
    files.
    """
    try:
        with open(path, "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            return _read(data) if data[:4] == b"\x7fELF" else ([], [])
    except (OSError, ValueError, struct.error):
        return [], []


def _read(data):
    kind, order, offset, size, count = HEADER.unpack_from(data)
    if (kind, order) != (2, 1):  # 64 bits, little endian
        return [], []
    parts = [PROGRAM.unpack_from(data, offset + i * size) for i in range(count)]
    entries = []
    for part in parts:
        if part[0] == DYNAMIC:
            entries = list(struct.iter_unpack(ENTRY, data[part[2] : part[2] + part[5] // 16 * 16]))
    strings = next((value for tag, value in entries if tag == STRINGS), 0)
    for part in parts:
        if part[0] == LOAD and part[3] <= strings < part[3] + part[5]:
            strings += part[2] - part[3]
            break

    def text(at):
        return data[strings + at : data.find(b"\0", strings + at)].decode()

    needed = [text(value) for tag, value in entries if tag == NEEDED]
    folders = [text(value) for tag, value in entries if tag in (RPATH, RUNPATH)]
    return needed, [folder for text in folders for folder in text.split(":") if folder]


def _loaded():
    """Files that this process has mapped."""
    with open("/proc/self/maps") as maps:
        paths = {line.split(None, 5)[5].strip() for line in maps if line.count("/") > 1}
    return {path for path in paths if ".so" in os.path.basename(path)}


def _configured():
    """Folders in which the machine's loader looks."""
    found = []
    for path in ["/etc/ld.so.conf", *sorted(glob.glob("/etc/ld.so.conf.d/*.conf"))]:
        try:
            with open(path) as file:
                found += [line.strip() for line in file if line.startswith("/")]
        except OSError:
            continue
    return found


def find(folders, packages=()):
    """{path in the new root: path now} of all that modules in these folders need, except loaded
    libraries.
    """
    loaded = _loaded()
    home = next((os.path.dirname(p) for p in loaded if os.path.basename(p).startswith("libc.")), "")
    system = [*{os.path.dirname(path) for path in loaded}, *_configured(), *USUAL]
    found, seen = {}, set()
    patterns = [f"{folder}/*.so" for folder in folders] + [f"{path}/**/*.so*" for path in packages]
    waiting = [path for one in patterns for path in glob.glob(one, recursive=True)]
    while waiting:
        path = waiting.pop()
        needed, own = read(path)
        origin = os.path.dirname(path)
        own = [folder.replace("$ORIGIN", origin).replace("${ORIGIN}", origin) for folder in own]
        for name in needed:
            file, is_own = _resolve(name, own, system)
            if file is None or os.path.realpath(file) in loaded or (name, is_own) in seen:
                continue
            seen.add((name, is_own))
            # The new root lacks the loader's configuration, so put such a library where the
            # loader looks without it.
            found[file if is_own else os.path.join(home, name)] = file
            waiting.append(file)
    if os.path.isdir(ZONES):
        found[ZONES] = ZONES
    return found


def _resolve(name, own, system):
    """(the file, whether it is in a folder that its user names); None if it is not found."""
    for folder in own + system:
        file = os.path.normpath(os.path.join(folder, name))
        if os.path.isfile(file):
            return file, folder in own
    return None, False
