"""All layers of isolation, in the order in which they are applied: once, before any model text is
read. Children inherit all of them. A layer that the kernel lacks is skipped and reported.
Without our own root and without Landlock nothing starts.
"""

import contextlib
import ctypes
import os
import sys

from azr_sandbox import kernel, landlock, libraries, namespaces, roots

# The most processes: one that waits outside, the server, its template, and a child.
PROCESSES = 4


class Layers:
    """Records which layers are on, which are not, and why."""

    def __init__(self, without):
        self.without = without
        self.found = []

    def note(self, name, is_on, detail):
        self.found.append({"name": name, "on": is_on, "detail": detail})

    def is_on(self, name):
        return any(layer["name"] == name and layer["on"] for layer in self.found)

    def attempt(self, name, act):
        """Runs `act`, which returns a detail. Records a layer that is switched off or fails."""
        if name in self.without:
            self.note(name, False, "switched off for a test")
            return False
        try:
            self.note(name, True, act())
        except OSError as error:
            self.note(name, False, str(error))
        return self.is_on(name)


def library_folders():
    """The folders of the library. Ours leaves the search path, because all of it is loaded."""
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    paths = [p for p in sys.path if os.path.isdir(p) and os.path.abspath(p) != own]
    # In our own root there are no links to follow.
    sys.path[:] = dict.fromkeys(map(os.path.realpath, paths))
    outer = [p for p in sys.path if not any(p.startswith(f"{q}/") for q in sys.path)]
    return list(dict.fromkeys(outer))


def _own_root(folders, files, is_spaced):
    if is_spaced:
        roots.make(folders, files)
        return "tmpfs, read-only, with the standard library"
    if os.geteuid() != 0:
        raise OSError("needs namespaces or root")
    if len(folders) > 1:
        raise OSError("chroot has room for one folder only")
    for file in files.values():
        _load(file)
    roots.change(folders[0])
    # The places of modules and parts of packages that are not loaded yet.
    packages = [m.__path__ for m in list(sys.modules.values()) if hasattr(m, "__path__")]
    for path in [sys.path, *packages]:
        path[:] = [p[len(folders[0]) :] or "/" for p in path if p.startswith(folders[0])]
    return "chroot, with the standard library"


def _load(file):
    """Modules that a root with one folder lacks are loaded first. Each makes every fork more
    expensive.
    """
    with contextlib.suppress(OSError):
        ctypes.CDLL(file)


def _other_user():
    if os.geteuid() == 0:
        namespaces.leave_root()
        # A user namespace counts our processes separately from those of other users called nobody.
        try:
            kernel.call("unshare", kernel.NEWUSER)
        except OSError:
            return "nobody"
        return "nobody, in a user namespace"
    return f"user {os.geteuid()}, who has no rights but the files that all may read"


def _limits(layers, memory):
    for resource, value in (
        (kernel.RLIMIT_FSIZE, 0),
        (kernel.RLIMIT_CORE, 0),
        (kernel.RLIMIT_MEMLOCK, 0),
        (kernel.RLIMIT_MSGQUEUE, 0),
        (kernel.RLIMIT_NOFILE, 32),
    ):
        kernel.limit(resource, value)
    counted = layers.is_on("namespaces")
    if counted:
        kernel.limit(kernel.RLIMIT_NPROC, PROCESSES)
    if memory:
        kernel.limit(kernel.RLIMIT_AS, memory)
    os.umask(0o777)
    processes = f", {PROCESSES} processes" if counted else ""
    return f"no file is written, 32 descriptors{processes}"


def _require(layers):
    if kernel.ARCHITECTURE is None:
        raise kernel.Refused(
            f"Cannot start the sandbox on {kernel.MACHINE}: its system calls are known for "
            "x86_64 and aarch64 only"
        )
    if not layers.is_on("root") and not layers.is_on("landlock"):
        reasons = "; ".join(f"{one['name']}: {one['detail']}" for one in layers.found)
        raise kernel.Refused(
            "Cannot start the sandbox as this system gives it neither a root of its own nor "
            f"Landlock ({reasons}). Allow user namespaces "
            "(sysctl kernel.unprivileged_userns_clone=1, or "
            "kernel.apparmor_restrict_unprivileged_userns=0), or use a kernel of 5.13 or newer "
            "with landlock in its lsm= list, or run azr in a virtual machine that has one of them"
        )


def enter_namespaces(layers, own_processes):
    return layers.attempt("namespaces", lambda: namespaces.enter(own_processes))


def confine(layers, memory=None, packages=()):
    """Applies all layers except the namespaces, which are entered before anything is loaded, and
    the filters of system calls, of which each process has its own (seccomp.py).
    """
    folders = library_folders()
    is_spaced = layers.is_on("namespaces")
    # A front imports nothing for a program.
    files = libraries.find(sys.path, packages) if memory is None else {}
    ruleset_folders, ruleset_files = folders, list(files.values())
    if layers.attempt("root", lambda: _own_root(folders, files, is_spaced)):
        ruleset_files = list(files) if is_spaced else []
        ruleset_folders = folders if is_spaced else ["/"]
    layers.attempt("user", _other_user)
    kernel.drop_capabilities()
    kernel.become_opaque()
    kernel.die_with_parent()

    def restrict():
        abi = landlock.restrict(ruleset_folders, ruleset_files)
        return f"ABI {abi}: reads the standard library only"

    layers.attempt("landlock", restrict)
    _require(layers)
    layers.attempt("limits", lambda: _limits(layers, memory))
    os.environ.clear()
    os.chdir("/")
    _prove(layers)
    return layers


def _prove(layers):
    """Checks that the library is still readable, and nothing else of the system."""
    try:
        os.stat(os.path.join(sys.path[0], "os.py"))
    except OSError as error:
        raise kernel.Refused(
            "Cannot start the sandbox as the standard library cannot be read by the user that "
            f"programs run as: {error}. Make it readable for all, or use another Python"
        ) from error
