"""The key of a server's calls, searched for in the memory of its child: it is nowhere.

In a process of its own: the less there is to search, the less looks like a key by chance.
"""

import ctypes
import json
import os
import re
import subprocess
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def copies(pid, key):
    """Where in the memory of a process a key lies as calls and filters have it."""
    found = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            place, rights, *_, name = line.split()
            if rights.startswith("rw"):
                low, high = (int(end, 16) for end in place.split("-"))
                memory.seek(low)
                starts = (
                    one.start() for one in re.finditer(re.escape(key), memory.read(high - low))
                )
                found += [f"{low + at:x} in {name}" for at in starts if at % 4 == 0]
    return found


def main():
    sys.path.insert(0, FOLDER)
    from azr_sandbox import keys, seccomp

    held = keys.Keys(False)
    seccomp.Filter(seccomp.base_filter(held, 1)).wipe()
    for is_last in (False, False, True):
        held.limit_memory(1 << 40)
        reader, writer = os.pipe()
        pid = held.fork()
        if pid == 0:
            os.close(writer)
            os.read(reader, 1)
            os._exit(0)
        if is_last:
            key = ctypes.create_string_buffer(4)
            held.copy_to(ctypes.addressof(key))
            found = [copies(one, key.raw) for one in (os.getpid(), pid)]
            print(json.dumps(found))
        os.close(reader)
        os.close(writer)
        held.end(pid)


def test_a_child_has_no_copy_of_the_key():
    command = [sys.executable, "-I", "-S", __file__]
    server, child = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    assert len(server) >= 4
    assert child == []


if __name__ == "__main__":
    main()
