"""Finds and removes what a killed server leaves in shared memory and in the temporary folder.

Python's names there (`psm_…`, `sem.mp-…`) do not show their owner, so our processes have a prefix
(`names/sitecustomize.py`): the name of their temporary folder. Files of other libraries are noted
in a ledger while our processes map them. Nothing else is ever removed, and nothing that a process
still maps. Processes are recognised by the folder in their environment.
"""

import contextlib
import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

SHM = "/dev/shm/"


def start_time(pid: int) -> str:
    """Distinguishes a process from a later one with the same number; empty if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def mapped(pids) -> set[str]:
    """Files in shared memory that these processes map."""
    found = set()
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            place = line.find(SHM)
            if place >= 0 and not line.endswith("(deleted)"):
                found.add(line[place:])
    return found


def everyone() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def is_ours(folder: str) -> bool:
    return Path(folder).name.startswith("azr-vllm-")


def bearing(folder: str) -> list[str]:
    """Files in shared memory with the prefix of this folder's server."""
    prefix = Path(folder).name
    wanted = (prefix, f"sem.{prefix}")
    return [SHM + name for name in os.listdir(SHM) if name.startswith(wanted)]


def members(folder: str) -> list[int]:
    """Processes of this folder's server, whoever their parent is now."""
    mark, found = f"TMPDIR={folder}".encode(), []
    for pid in everyone():
        try:
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if mark in variables:
            found.append(pid)
    return found


def end_all(find: Callable[[], list[int]]) -> None:
    """Repeats until none is found, because a process may start another while it dies."""
    for _ in range(100):
        pids = find()
        if not pids:
            return
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def remove(names: list[str], folder: str) -> None:
    if is_ours(folder):
        names = [*names, *bearing(folder)]
        shutil.rmtree(folder, ignore_errors=True)
    in_use = mapped(everyone())
    for name in names:
        if name.startswith(SHM) and name not in in_use:
            Path(name).unlink(missing_ok=True)


class Ledger:
    def __init__(self, state: Path, folder: str):
        state.mkdir(parents=True, exist_ok=True)
        self.file = state / f"{os.getpid()}.json"
        self.folder, self.names = folder, set()
        self.write()

    def write(self) -> None:
        note = {
            "pid": os.getpid(),
            "started": start_time(os.getpid()),
            "folder": self.folder,
            "names": sorted(self.names),
        }
        part = self.file.with_suffix(".part")
        part.write_text(json.dumps(note) + "\n")
        part.rename(self.file)

    def look(self, pids: list[int]) -> None:
        found = mapped(pids)
        if not found <= self.names:
            self.names |= found
            self.write()

    def close(self) -> None:
        remove(sorted(self.names), self.folder)
        self.file.unlink(missing_ok=True)


def sweep(state: Path) -> None:
    """Ends and removes what dead supervisors left."""
    for file in state.glob("*.json"):
        try:
            note = json.loads(file.read_text())
            if start_time(note["pid"]) == note["started"]:
                continue
            if is_ours(note["folder"]):
                end_all(partial(members, note["folder"]))
            remove(note["names"], note["folder"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # Not our note, or half of one: it names nothing to remove.
        file.unlink(missing_ok=True)
