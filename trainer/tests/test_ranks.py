"""Several processes on a CPU (gloo): the same weights as one, checkpoints under either count, ends.

CUDA and NCCL are not tested, because none of our machines has them. The processes under azr are
tested in test/whole.
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from micro_learner import MODEL, OPTIONS, shared_prompts
from micro_learner import started as started_plain
from safetensors.torch import load_file
from small_models import HF, LORA, batch, made, started
from small_models import OPTIONS as HF_OPTIONS

from azr_trainer import wire
from azr_trainer.learner import Learner

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.long


class Child:
    """A learner as azr starts it: `python -m azr_trainer` with pipes at descriptors 3 and 4."""

    def __init__(self, *flags: str):
        there, back = os.pipe(), os.pipe()
        self.out, self.back = there[1], back[0]
        # Move them away from 3 and 4 first: either may be one of the two.
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in (there[0], back[1])]
        place = lambda: [os.dup2(end, 3 + number) for number, end in enumerate(ends)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "azr_trainer", "--threads", "1", *flags],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            preexec_fn=place,
            pass_fds=(3, 4),
            start_new_session=True,
        )
        for fd in (there[0], back[1], *ends):
            os.close(fd)

    def send(self, verb: str, arrays: dict | None = None, **body) -> dict:
        message = {"id": 1, "verb": verb, "body": body, "arrays": arrays or {}}
        wire.write_frame(self.out, wire.encode(message))
        reply = wire.read_frame(self.back)
        assert reply is not None, self.process.stderr.read().decode()[-3000:]
        assert reply["ok"], reply["error"]
        return reply

    def ask(self, verb: str, **body) -> dict:
        return self.send(verb, **body)["body"]

    def update(self, arrays: dict, options: dict) -> dict:
        return self.send("update", arrays, options=options)["body"]

    def score(self, arrays: dict) -> np.ndarray:
        wanted = {name: arrays[name] for name in ("ids", "lengths")}
        return self.send("score", wanted)["arrays"]["logprobs"]

    def others(self) -> list[int]:
        mine = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in mine.read_text().split()]

    def end(self) -> None:
        os.close(self.out)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()
        os.close(self.back)


@pytest.fixture(scope="module")
def pair():
    child = Child("--processes", "2")
    yield child
    child.end()


def tensors(folder: Path) -> dict:
    """The trained parameters in fp32: the masters if there are any."""
    state = folder / "trainer.pt"
    optimizer = torch.load(state, weights_only=True)["optimizer"] if state.is_file() else {}
    if "masters" in optimizer:
        return {str(n): master for n, master in enumerate(optimizer["masters"])}
    (file,) = (*folder.glob("model.safetensors"), *folder.glob("adapter_model.safetensors"))
    return load_file(file)


def far(one: Path, other: Path) -> float:
    ours, theirs = tensors(one), tensors(other)
    assert {n: t.dtype for n, t in ours.items()} == {n: t.dtype for n, t in theirs.items()}
    return max((ours[n].float() - theirs[n].float()).abs().max().item() for n in ours)


SMALL = {**OPTIONS, "learningRate": 1e-4, "microBatchTokens": 180}
FIGURES = ("loss", "gradientNorm", "entropy", "mismatchKl", "mismatchK3")


def test_two_processes_give_the_weights_of_one(tmp_path, pair):
    alone = started_plain()
    arrays = shared_prompts(alone)
    arrays["minibatches"] = (np.arange(40) % 2).astype(np.int32)
    assert pair.ask("hello")["processes"] == 2
    assert pair.ask("load", path=str(MODEL)) == alone.load(str(MODEL))
    np.testing.assert_allclose(
        pair.score(arrays), alone.score(arrays["ids"], arrays["lengths"]), atol=1e-5
    )
    for _ in range(5):
        one, two = alone.update(arrays, SMALL), pair.update(arrays, SMALL)
        assert two["tokens"] == one["tokens"]
        # An odd number, so that in one minibatch a process has nothing to do in the last pass.
        assert two["microBatches"] == one["microBatches"] == 5
        assert two["skipped"] is None
        for name in FIGURES:
            assert two[name] == pytest.approx(one[name], rel=1e-4, abs=1e-6)
    alone.save(str(tmp_path / "one"))
    saved = pair.ask("save", path=str(tmp_path / "two"))
    assert far(MODEL, tmp_path / "one") > 1e-4
    assert far(tmp_path / "one", tmp_path / "two") <= 1e-5
    assert Learner().load(str(tmp_path / "two"))["weightsHash"] == saved["weightsHash"]


WAYS = {
    "full": {},
    "half": {"dtype": "bfloat16"},
    "adapters": LORA,
    "adapters, half": {**LORA, "dtype": "bfloat16", "gradientCheckpointing": True},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_checkpoint_goes_on_under_either_number(tmp_path, pair, way):
    """Three updates with one number of processes and two with the other: weights and moments carry
    over.
    """
    pytest.importorskip("peft")
    folder = made(tmp_path / "base", "smollm2")
    settings = {**HF, **WAYS[way], "base": folder}
    options = {**HF_OPTIONS, "learningRate": 1e-4, "maxGradientNorm": 1.0, "microBatchTokens": 100}
    alone = Learner()
    one = lambda: alone.update(batch(2), options)["weightsHash"]
    two = lambda: pair.update(batch(2), options)["weightsHash"]
    alone.load(folder, settings)
    pair.ask("load", path=folder, settings=settings)
    for step in (one, two, one, two, one, two):
        step()
    alone.save(str(tmp_path / "one"))
    pair.ask("save", path=str(tmp_path / "two"))
    assert far(tmp_path / "one", tmp_path / "two") <= 1e-5
    # The other way round.
    alone.load(str(tmp_path / "two"), settings)
    pair.ask("load", path=str(tmp_path / "one"), settings=settings)
    for step in (one, two, one, two):
        step()
    alone.save(str(tmp_path / "three"))
    pair.ask("save", path=str(tmp_path / "four"))
    assert far(tmp_path / "three", tmp_path / "four") <= 1e-5
    assert far(tmp_path / "one", tmp_path / "three") > 1e-5
    alone.export(str(tmp_path / "five"), merged=True)
    pair.ask("export", path=str(tmp_path / "six"), merged=True)
    # In half precision a difference below the masters' tolerance may round differently.
    assert far(tmp_path / "five", tmp_path / "six") <= (1e-3 if "half" in way else 1e-5)


def test_what_shards_cannot_be_is_refused_and_the_processes_go_on(tmp_path, pair):
    folder = made(tmp_path, "qwen2.5")
    with pytest.raises(AssertionError, match="Cannot use adamwCpu with several processes"):
        pair.ask("load", path=folder, settings={**HF, "optimizer": "adamwCpu"})
    with pytest.raises(AssertionError, match="is missing"):
        pair.ask("load", path=str(tmp_path / "nowhere"))
    found = pair.ask("load", path=folder, settings=HF)
    assert found == started(folder).load(folder, HF)
    assert pair.ask("probe", longest=64, options=HF_OPTIONS)["microBatchTokens"] == 4096
    arrays = batch()
    arrays["advantages"][3] = np.nan
    assert "nan" in pair.update(arrays, HF_OPTIONS)["skipped"]
    assert pair.ask("load", path=folder, settings=HF) == found


def is_alive(pid: int) -> bool:
    try:
        return "zombie" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("whose", ["first", "other"])
def test_no_process_outlives_another(whose):
    child = Child("--processes", "2")
    child.ask("hello")
    (other,) = child.others()
    os.kill(other if whose == "other" else child.process.pid, signal.SIGKILL)
    # A pipe, or standard error, closes when the process at its other end has ended.
    assert wire.read_frame(child.back) is None
    child.process.stderr.read()
    # Its descriptors close before the process is gone, which takes a while on a busy machine.
    until = time.monotonic() + 10
    while is_alive(other) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_alive(other)
    child.end()


def test_another_machine_joins_through_torchrun(tmp_path):
    """This process plays the part of azr: rank 0 starts no other, torchrun starts rank 1."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    child = Child("--world", "2", "--meet", place)
    flags = ["--meet", place, "--world", "2", "--first", "1", "--device", "cpu"]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=1"]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    joined = subprocess.Popen([*torchrun, "-m", "azr_trainer.join", *flags], env=env)
    try:
        alone = started_plain()
        arrays = shared_prompts(alone)
        assert child.ask("load", path=str(MODEL)) == alone.load(str(MODEL))
        one, two = alone.update(arrays, SMALL), child.update(arrays, SMALL)
        assert two["gradientNorm"] == pytest.approx(one["gradientNorm"], rel=1e-4)
        wire.write_frame(child.out, wire.encode({"id": 2, "verb": "quit"}))
        assert child.process.wait() == 0
        assert joined.wait() == 0
    finally:
        child.end()
        joined.kill()
        joined.wait()
