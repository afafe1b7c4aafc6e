"""Our own read-only root, with only the standard library and its needs.

It is made of a tmpfs and binds if there is a mount namespace. If root may only chroot, the standard
library itself becomes the root.
"""

import os

from azr_sandbox import kernel

RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = (1, 2, 4, 8, 32, 4096, 16384, 1 << 18)
RELATIME, ST_RELATIME = 1 << 21, 4096
KEPT = 2 | 4 | 8 | 1024 | 2048  # flags that have the same value in statvfs and in mount
DETACH = 2
BASES = ("/tmp", "/mnt", "/media", "/srv", "/opt", "/var/tmp", "/run", "/dev/shm")
HIDDEN = ("site-packages", "dist-packages")


def _base(folders):
    """A folder to mount on that hides none of those that we need."""
    for base in BASES:
        if os.path.isdir(base) and not any(f"{f}/".startswith(f"{base}/") for f in folders):
            return base
    raise OSError("no folder to mount on")


def _bind(source, target):
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o444))
    kernel.mount(source, target, None, BIND | REC)
    had = os.statvfs(target).f_flag
    kept = had & KEPT | (RELATIME if had & ST_RELATIME else 0)
    kernel.mount(None, target, None, REMOUNT | BIND | RDONLY | NOSUID | NODEV | kept)


def _cover(target):
    kernel.mount("none", target, "tmpfs", RDONLY | NOSUID | NODEV | NOEXEC, "size=4k,nr_inodes=2")


def make(folders, files):
    """Moves this process and its children into a new root with these folders and these files,
    {target: source}. Needs a mount namespace.
    """
    folders = [os.path.realpath(folder) for folder in folders]
    kernel.mount(None, "/", None, REC | PRIVATE)
    base = _base(folders)
    kernel.mount("none", base, "tmpfs", NOSUID | NODEV, "size=1m,nr_inodes=1024,mode=755")
    for folder in folders:
        _bind(folder, base + folder)
        for name in HIDDEN:
            inner = f"{folder}/{name}"
            is_wanted = any(f"{other}/".startswith(f"{inner}/") for other in folders)
            if os.path.isdir(base + inner) and not is_wanted:
                _cover(base + inner)
    for target, source in files.items():
        if not os.path.exists(base + target):
            _bind(os.path.realpath(source), base + target)
    os.chdir(base)
    kernel.call("pivot_root", b".", b".")
    kernel.call("umount2", b".", DETACH)
    os.chdir("/")
    kernel.mount(None, "/", None, REMOUNT | BIND | RDONLY | NOSUID | NODEV | NOEXEC)


def change(folder):
    """The weaker way, for root without namespaces: `folder` becomes the root."""
    os.chroot(folder)
    os.chdir("/")
