"""Pretraining leaves no process behind, even if a shell started it in the background."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TRAINER = Path(__file__).parents[1]


def children_of(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z " not in stat.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_ends_with_all_its_processes(tmp_path, number):
    command = [sys.executable, "-m", "azr_micro", "pretrain", "--steps", "1000000"]
    port = str(29000 + os.getpid() % 500 + number)
    command += ["--out", str(tmp_path / "model"), "--port", port]
    # Ignores SIGINT, as the background jobs of a shell do.
    ignoring = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    process = subprocess.Popen(command, cwd=TRAINER, stderr=subprocess.DEVNULL, **ignoring)
    try:
        while len(children := children_of(process.pid)) < 3:
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(number)
        process.wait(timeout=60)
        for child in children:
            while is_alive(child):
                time.sleep(0.1)
    finally:
        process.kill()
