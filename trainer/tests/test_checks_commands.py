"""Options of commands that cannot be meant are refused in one sentence."""

import io
import json
import sys

import pytest

import azr_engine.__main__
import azr_export.__main__
import azr_trainer.__main__
import azr_trainer.join
import azr_trainer.measure
import azr_vllm.__main__
from azr_trainer.checks import BadRequest

ENGINE = azr_engine.__main__.read_options, ["--model", "x"]
LEARNER = azr_trainer.__main__.read_options, []
JOIN = azr_trainer.join.read_options, ["--meet", "a:1", "--world", "2"]
COMMANDS = [
    (*ENGINE, ["--max-batch", "0"], "max_batch must be a whole number from 1, not 0"),
    (*ENGINE, ["--max-length", "0"], "max_length must be"),
    (*ENGINE, ["--threads", "-1"], "threads must be"),
    (*ENGINE, ["--port", "65536"], "port must be a whole number from 0 to 65535"),
    (*ENGINE, ["--port", "x"], "invalid int value: 'x'"),
    (*ENGINE, ["--max", "3"], "unrecognized arguments: --max"),
    (ENGINE[0], [], [], "required: --model"),
    (*LEARNER, ["--threads", "0"], "threads must be"),
    (*LEARNER, ["--processes", "0"], "processes must be"),
    (*LEARNER, ["--world", "-1"], "world must be"),
    (*LEARNER, ["--meet", "here"], "meet must be HOST:PORT or null, not 'here'"),
    (*LEARNER, ["--meet", "here:70000"], "meet must be HOST:PORT"),
    (*LEARNER, ["--device", "tpu"], "invalid choice: 'tpu'"),
    (*LEARNER, ["--thread", "1"], "unrecognized arguments: --thread"),
    (*JOIN, ["--first", "-1"], "first must be"),
    (*JOIN, ["--world", "0"], "world must be"),
    (azr_trainer.measure.main, [], ["--threads", "0"], "threads must be"),
    (azr_vllm.__main__.main, [], ["--stat", "x"], "required: --state"),
    (azr_export.__main__.main, [], [], "required: folder"),
    (azr_export.__main__.main, [], [""], "folder must be a path"),
]


@pytest.mark.parametrize(("read", "usual", "flags", "why"), COMMANDS)
def test_a_command_refuses_options_that_cannot_be_meant(
    monkeypatch, capsys, read, usual, flags, why
):
    monkeypatch.setattr(sys, "argv", ["azr", *usual, *flags])
    with pytest.raises(SystemExit) as ended:
        read()
    assert ended.value.code == 2
    assert why in capsys.readouterr().err.splitlines()[-1]


def test_the_usual_options_are_taken(monkeypatch):
    for read, usual in (ENGINE, LEARNER, JOIN):
        monkeypatch.setattr(sys, "argv", ["azr", *usual])
        assert read().threads == 1


@pytest.mark.parametrize(
    "point",
    [
        {"step": 1, "tag": "a", "value": None, "at_ms": 1},
        {"step": -1, "tag": "a", "value": 1, "at_ms": 1},
        {"step": 1, "tag": "a", "value": 1},
    ],
)
def test_a_point_that_is_none_is_refused(monkeypatch, tmp_path, point):
    monkeypatch.setattr(sys, "argv", ["azr_export", str(tmp_path)])
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(point) + "\n"))
    with pytest.raises(BadRequest, match="Cannot write a curve"):
        azr_export.__main__.main()
