"""The variables that torch reads at its import are set before it, unless the user has set them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WATCH = """
import os, sys
class Watch:
    def find_spec(self, name, *_):
        if name == "torch":
            print(os.environ.get("OMP_WAIT_POLICY"))
            raise SystemExit
sys.meta_path.insert(0, Watch())
import {}
"""
PROGRAMS = ["azr_micro.pretrain", "azr_engine.service", "azr_trainer.learner"]


def policy_at_import(program: str, given: dict[str, str]) -> str:
    plain = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    command = [sys.executable, "-c", WATCH.format(program)]
    env = {**plain, "PYTHONPATH": str(ROOT), **given}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("program", PROGRAMS)
def test_threads_of_torch_that_wait_do_not_spin(program):
    assert policy_at_import(program, {}) == "PASSIVE\n"
    assert policy_at_import(program, {"OMP_WAIT_POLICY": "ACTIVE"}) == "ACTIVE\n"
