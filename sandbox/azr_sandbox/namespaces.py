"""Makes our own namespaces: directly as root, otherwise with a user namespace.

A server becomes process 1 of its namespace, so signals from inside have no effect. The process that
Node started stays outside, and only waits for it.
"""

import contextlib
import os
import signal

from azr_sandbox import kernel

NOBODY = 65534
CAT = "/bin/cat"
AROUND = kernel.NEWNS | kernel.NEWNET | kernel.NEWIPC | kernel.NEWUTS | kernel.NEWCGROUP


def _map_user(uid, gid):
    """Makes this user `nobody` inside the namespace. Outside, it stays the same user."""
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {uid} 1"),
        ("gid_map", f"{NOBODY} {gid} 1"),
    ):
        fd = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(fd, text.encode())
        finally:
            os.close(fd)


def _unshare(flags):
    if os.geteuid() == 0:
        kernel.call("unshare", flags)
        return
    uid, gid = os.geteuid(), os.getegid()
    kernel.call("unshare", flags | kernel.NEWUSER)
    _map_user(uid, gid)


def _try(flags):
    """Throws if this process cannot make such namespaces. A child tries it, because a half-made
    user namespace cannot be left.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _unshare(flags)
            os.write(writer, b"ok")
        except OSError as error:
            os.write(writer, str(error).encode()[:200])
        finally:
            os._exit(0)
    os.close(writer)
    said = os.read(reader, 200).decode()
    os.close(reader)
    os.waitpid(pid, 0)
    if said != "ok":
        raise OSError(said or "no answer")


def _wait_outside(pid, lifeline):
    """The rest of the process that Node started. It ends when the one inside does.

    It becomes a `cat` of a pipe that only the one inside holds, which takes a tenth of a Python's
    memory. The kernel reaps the one inside.
    """
    os.dup2(lifeline, 0)
    os.closerange(3, 64)
    if os.geteuid() == 0:
        with contextlib.suppress(OSError):
            leave_root()
    kernel.die_with_parent()
    if os.path.basename(os.path.realpath(CAT)) == "cat":
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        with contextlib.suppress(OSError):
            os.execve(CAT, ["azr_sandbox server"], {})
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.waitpid(pid, 0)
    os._exit(0)


def enter(own_processes):
    """Enters the namespaces. With `own_processes` it returns in a child that is process 1. Raises
    OSError.
    """
    flags = AROUND | (kernel.NEWPID if own_processes else 0)
    if os.geteuid() != 0:
        _try(flags)
    _unshare(flags)
    kernel.name_host(b"sandbox")
    if own_processes:
        lifeline, held = os.pipe()
        pid = os.fork()
        if pid != 0:
            os.close(held)
            _wait_outside(pid, lifeline)
        os.close(lifeline)
    names = "mount, net, ipc, uts, cgroup" + (", pid" if own_processes else "")
    return names if os.geteuid() != NOBODY else f"user, {names}"


def leave_root():
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
