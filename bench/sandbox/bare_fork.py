"""The baseline of bench/sandbox.ts: a fork server without any protection.

It gets compiled code, forks for each program, and passes the value's text through a pipe. `warm`
runs programs in the server itself, without a fork or isolation. Like our servers it makes forks
cheap: modules are loaded without their hooks, and the heap is frozen after one run.

    bare_fork.py fork|warm     frames on standard input and output: a length of 4 bytes, marshal
"""

import builtins
import gc
import importlib
import marshal
import os
import sys

MODULES = """
abc bisect collections collections.abc copy dataclasses datetime enum functools heapq itertools json
math numbers operator random re string textwrap time typing
"""
WARM = """
from collections import Counter
def f(x):
    return sorted(Counter("banana").items()), [x + n for n in range(3)], {"a": 1.5}
"""


def run(code, arguments):
    namespace = {"__name__": "__program__", "__builtins__": builtins}
    exec(marshal.loads(code), namespace)
    return repr(namespace["f"](*marshal.loads(arguments)))


def run_forked(code, arguments):
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.write(writer, run(code, arguments).encode())
        os._exit(0)
    os.close(writer)
    parts = []
    while part := os.read(reader, 65536):
        parts.append(part)
    os.close(reader)
    os.waitpid(pid, 0)
    return b"".join(parts).decode()


def read_exactly(size):
    parts = []
    while size > 0:
        part = os.read(0, size)
        if not part:
            sys.exit()
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def main():
    register, os.register_at_fork = os.register_at_fork, lambda **hooks: None
    for name in MODULES.split():
        importlib.import_module(name)
    os.register_at_fork = register
    execute = run_forked if sys.argv[1] == "fork" else run
    run(marshal.dumps(compile(WARM, "<warm>", "exec")), marshal.dumps((1,)))
    gc.collect()
    gc.freeze()
    while True:
        size = int.from_bytes(read_exactly(4), "little")
        answer = execute(*marshal.loads(read_exactly(size))).encode()
        os.write(1, len(answer).to_bytes(4, "little") + answer)


main()
