"""The loop of a template: its key is not in the memory of a child, and all of its children begin
with the same memory.

It runs in a separate process, so that less memory looks like a key by chance.
"""

import ctypes
import hashlib
import json
import os
import re
import subprocess
import sys

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def pages(pid):
    """(place and rights, bytes) of all memory that a process can write to."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            place, rights, *_ = line.split()
            if rights.startswith("rw"):
                low, high = (int(end, 16) for end in place.split("-"))
                memory.seek(low)
                yield line.split(None, 5)[-1].strip(), low, memory.read(high - low)


def copies(pid, key):
    """The places in the memory of a process that hold a key, in the form of calls and filters."""
    return [
        f"{low + one.start():x} in {name}"
        for name, low, data in pages(pid)
        for one in re.finditer(re.escape(key), data)
        if one.start() % 4 == 0
    ]


def template(go, tell):
    """Waits in its loop. A child reports itself and stays for a while."""
    from azr_sandbox import loop, seccomp

    made = loop.Loop(go, tell)
    seccomp.Filter(seccomp.template_filter(made, 1, False)).wipe()
    os.write(tell, b"%16x" % made._address)
    if made.wait(made.page) == 0:
        ctypes.CDLL(None).pause()
    os._exit(0)


def main():
    sys.path.insert(0, FOLDER)
    from azr_sandbox import loop

    # Pin this process to a core: the kernel writes the number of the core into each process.
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])

    go, tell = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        template(go[0], tell[1])
    address = int(os.read(tell[0], 16), 16)
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        memory.seek(address + loop.CLONE + loop.HIGH)
        key = memory.read(4)
    found, seen = [], []
    for _ in range(3):
        os.write(go[1], b"1")
        child = int.from_bytes(os.read(tell[0], 4), "little")
        # Its memory is complete once it waits.
        while not is_waiting(child):
            pass
        found.append(copies(child, key))
        digest = hashlib.sha256()
        for name, low, data in pages(child):
            digest.update(f"{name} {low}".encode() + data)
        seen.append(digest.hexdigest())
        os.kill(child, 9)
        os.waitpid(child, 0)
    held = copies(pid, key)
    os.kill(pid, 9)
    print(json.dumps([held, found, seen]))


def is_waiting(pid):
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "S"


def run():
    command = [sys.executable, "-I", "-S", __file__]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def test_a_child_has_no_copy_of_the_key():
    template, children, _ = run()
    assert len(template) >= 1
    assert children == [[], [], []]


def test_all_children_begin_with_the_same_memory():
    assert len(set(run()[2])) == 1


if __name__ == "__main__":
    main()
