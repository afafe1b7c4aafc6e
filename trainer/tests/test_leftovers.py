"""The leftovers of a killed server are ended and removed at the next start."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from multiprocessing import shared_memory
from pathlib import Path

from azr_vllm import leftovers

NAMES = str(Path(leftovers.__file__).parent / "names")
# Like vLLM: a spawned child that holds its own lock and shared memory.
CODE = """
import multiprocessing, time
from multiprocessing import shared_memory

def child(lock, said):
    context = multiprocessing.get_context("spawn")
    mine = context.Lock(), shared_memory.SharedMemory(create=True, size=8)
    said.put("ready")
    time.sleep(600)

if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    mine = context.Lock(), shared_memory.SharedMemory(create=True, size=8)
    said = context.Queue()
    context.Process(target=child, args=(mine[0], said)).start()
    said.get()
    print("ready", flush=True)
    time.sleep(600)
"""


def start(tmp_path: Path, folder: str) -> subprocess.Popen:
    script = tmp_path / "server.py"
    script.write_text(CODE)
    environment = {
        **os.environ,
        **{"TMPDIR": folder, "PYTHONPATH": NAMES, "AZR_SHARED_PREFIX": Path(folder).name},
    }
    server = subprocess.Popen(
        [sys.executable, str(script)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout.readline() == "ready\n"
    return server


def test_a_killed_server_leaves_nothing_after_the_next_start(tmp_path):
    folder = tempfile.mkdtemp(prefix="azr-vllm-", dir=tmp_path)
    other = shared_memory.SharedMemory(create=True, size=8)
    server = start(tmp_path, folder)
    left = leftovers.bearing(folder)
    assert len([name for name in left if "/sem." in name]) >= 2
    assert len([name for name in left if "/sem." not in name]) == 2
    assert len(leftovers.members(folder)) >= 2

    state = tmp_path / "engines"
    state.mkdir()
    note = {"pid": server.pid, "started": "long ago", "folder": folder, "names": []}
    (state / "1.json").write_text(json.dumps(note))
    server.send_signal(signal.SIGKILL)
    server.wait()
    assert leftovers.members(folder)
    leftovers.sweep(state)
    assert leftovers.members(folder) == []
    assert leftovers.bearing(folder) == []
    assert not Path(folder).exists()
    assert list(state.iterdir()) == []
    assert os.path.exists(f"/dev/shm/{other.name}")
    other.close()
    other.unlink()


def test_a_server_whose_supervisor_lives_is_left_alone(tmp_path):
    folder = tempfile.mkdtemp(prefix="azr-vllm-", dir=tmp_path)
    ledger = leftovers.Ledger(tmp_path / "engines", folder)
    leftovers.sweep(tmp_path / "engines")
    assert ledger.file.exists()
    assert Path(folder).exists()
    ledger.close()
    assert not ledger.file.exists()
