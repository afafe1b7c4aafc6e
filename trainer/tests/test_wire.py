"""Frames to and from the learner: the examples in test/fixtures/wire bind this side and the other
(test/learner/wire.test.ts)."""

import json
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from azr_trainer import wire

FIXTURES = Path(__file__).parents[2] / "test/fixtures/wire"
CASES = json.loads((FIXTURES / "frames.json").read_text())


def message_of(case: dict) -> dict:
    """A message as JSON has it, with {"array": dtype, "values"} in place of packed arrays."""

    def pack(value):
        if isinstance(value, dict) and "array" in value:
            return wire.pack_array(np.array(value["values"], value["array"]))
        if isinstance(value, dict):
            return {name: pack(inner) for name, inner in value.items()}
        return value

    return pack(case["message"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_reads_and_writes_the_example(case):
    frame = bytes.fromhex(case["frame"])
    assert wire.decode(frame[4:]) == message_of(case)
    assert wire.decode(wire.encode(message_of(case))[4:]) == message_of(case)
    assert struct.unpack(">I", frame[:4])[0] == len(frame) - 4


def test_arrays_come_back_as_they_went():
    for array in (np.arange(-3, 3, dtype=np.int32), np.array([0.1, -np.inf], np.float32)):
        back = wire.unpack_array(wire.pack_array(array))
        assert back.dtype == array.dtype
        np.testing.assert_array_equal(back, array)
    with pytest.raises(TypeError, match="int64"):
        wire.pack_array(np.zeros(1, np.int64))


def through_a_pipe(data: bytes):
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    try:
        return wire.read_frame(reader)
    finally:
        os.close(reader)


def test_a_pipe_that_ends_is_an_end_and_not_an_error():
    assert through_a_pipe(b"") is None
    assert through_a_pipe(wire.encode({"id": 1})[:-1]) is None


def test_a_length_beyond_the_bound_is_refused():
    with pytest.raises(ValueError, match="the bound is"):
        through_a_pipe(struct.pack(">I", wire.MAX_FRAME + 1))
