"""What a killed server leaves in shared memory and in the temporary folder, and its removal.

The names there are Python's own (`psm_…`, `sem.mp-…`) and tell nobody's from another's. So a ledger
in a folder of ours notes what our processes were seen to map; only that is ever removed, and only
once no process maps it.
"""

import json
import os
import shutil
from pathlib import Path

SHM = "/dev/shm/"


def start_time(pid: int) -> str:
    """Tells a process from a later one with the same number; empty where there is none."""
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


def remove(names: list[str], folder: str) -> None:
    in_use = mapped(everyone())
    for name in names:
        if name.startswith(SHM) and name not in in_use:
            Path(name).unlink(missing_ok=True)
    if Path(folder).name.startswith("azr-vllm-"):
        shutil.rmtree(folder, ignore_errors=True)


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
    """Removes what supervisors left that died themselves."""
    for file in state.glob("*.json"):
        try:
            note = json.loads(file.read_text())
            if start_time(note["pid"]) == note["started"]:
                continue
            remove(note["names"], note["folder"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # Not a note of ours, or half of one: it names nothing that could be removed.
        file.unlink(missing_ok=True)
