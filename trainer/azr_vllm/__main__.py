"""`python -m azr_vllm --state DIR -- ARGS…`: runs vLLM's server with ARGS, and removes all that it
leaves.

vLLM watches no pipe, and its engine and workers outlive a killed parent. This process is between:
descriptor 0 is the lifeline. At its end, at a signal and at the server's own exit it ends the whole
group. It also removes their files in shared memory and in the temporary folder.
"""

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from azr_trainer.checks import parsed
from azr_vllm import leftovers

GRACE_SECONDS = 4  # A ready server ends within 2.4 s; one that starts may miss the signal.
LOOK_SECONDS = 1


def others() -> list[int]:
    """Members of our process group except ourselves and zombies."""
    me, found = os.getpid(), []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == me:
            continue
        try:
            fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == os.getpgrp() and fields[0] != "Z":
            found.append(int(entry))
    return found


class Supervisor:
    def __init__(self, state: Path, args: list[str]):
        self.folder = tempfile.mkdtemp(prefix="azr-vllm-")
        self.ledger = leftovers.Ledger(state, self.folder)
        self.lock = threading.Lock()
        names = str(Path(__file__).parent / "names")
        environment = {
            **os.environ,
            **{"TMPDIR": self.folder, "TMP": self.folder},
            "AZR_SHARED_PREFIX": Path(self.folder).name,
            "PYTHONPATH": os.pathsep.join([names, os.environ.get("PYTHONPATH", "")]),
        }
        command = [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *args]
        self.server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment
        )

    def end(self, code: int) -> None:
        """Ends everything, this process last. A second caller waits forever."""
        self.lock.acquire()
        self.ledger.look(others())
        leftovers.end_all(others)
        self.ledger.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(code)

    def watch_lifeline(self) -> None:
        while os.read(0, 4096):
            pass
        self.end(0)

    def stop(self) -> None:
        self.server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.server.wait(GRACE_SECONDS)
        self.end(0)

    def run(self) -> None:
        threading.Thread(target=self.watch_lifeline, daemon=True).start()
        asked = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: asked.set())
        while not asked.wait(LOOK_SECONDS):
            if self.server.poll() is not None:
                # It was not asked to end, so any exit code is a failure.
                self.end(self.server.returncode or 1)
            self.ledger.look(others())
        self.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_vllm", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="where leftovers are noted")
    parser.add_argument("args", nargs="*", help="arguments of vLLM's server, after --")
    options = parsed(parser, {})
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    leftovers.sweep(options.state)
    Supervisor(options.state, options.args).run()


if __name__ == "__main__":
    main()
