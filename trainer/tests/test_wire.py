"""Messages to and from the learner. Both sides are tested with the examples in test/fixtures/wire
(the other in test/learner/wire.test.ts).
"""

import json
import os
import random
import struct
from pathlib import Path

import numpy as np
import pytest

from azr_trainer import wire

FIXTURES = Path(__file__).parents[2] / "test/fixtures/wire"
CASES = json.loads((FIXTURES / "frames.json").read_text())


def message_of(case: dict) -> dict:
    arrays = {name: np.array(a["values"], a["type"]) for name, a in case["arrays"].items()}
    return {**case["message"], "arrays": arrays}


def assert_same(found: dict, expected: dict) -> None:
    for name, array in expected["arrays"].items():
        assert found["arrays"][name].dtype == array.dtype
        np.testing.assert_array_equal(found["arrays"][name], array)
    arrays = list(expected["arrays"])
    assert {**found, "arrays": list(found["arrays"])} == {**expected, "arrays": arrays}


def through_a_pipe(data: bytes):
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    try:
        return wire.read_frame(reader)
    finally:
        os.close(reader)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_reads_and_writes_the_example(case):
    frame, message = bytes.fromhex(case["frame"]), message_of(case)
    assert_same(wire.decode(frame), message)
    assert_same(through_a_pipe(frame), message)
    assert_same(wire.decode(wire.encode(message)), message)


def test_arrays_come_back_as_they_went():
    for array in (np.arange(-3, 3, dtype=np.int32), np.array([0.1, -np.inf, np.nan], np.float32)):
        back = through_a_pipe(wire.encode({"verb": "x", "arrays": {"a": array}}))["arrays"]["a"]
        assert back.dtype == array.dtype
        assert back.flags.aligned
        np.testing.assert_array_equal(back, array)
    with pytest.raises(TypeError, match="Cannot send a of int64"):
        wire.encode({"arrays": {"a": np.zeros(1, np.int64)}})


def test_a_number_that_is_none_is_refused_where_it_is_written():
    with pytest.raises(ValueError, match="JSON"):
        wire.encode({"loss": float("nan")})


def test_a_pipe_that_ends_is_an_end_and_not_an_error():
    frame = wire.encode({"id": 1, "arrays": {"a": np.zeros(3, np.int32)}})
    for size in range(len(frame)):
        assert through_a_pipe(frame[:size]) is None


def test_lengths_that_cannot_be_are_refused():
    for total, header in ((wire.MAX_FRAME + 1, 2), (10, 7), (0, 0)):
        with pytest.raises(ValueError, match="its lengths are wrong"):
            through_a_pipe(struct.pack("<II", total, header))


def test_arrays_that_are_not_the_bytes_are_refused():
    frame = wire.encode({"arrays": {"a": np.zeros(3, np.int32)}})
    for text, other in ((b'"int32",3', b'"int32",2'), (b'"int32",3', b'"int32",4')):
        with pytest.raises(ValueError):
            wire.decode(frame.replace(text, other))


def test_bytes_that_are_no_frame_are_refused_or_waited_for_and_never_taken():
    rng = random.Random(3)
    whole = [bytes.fromhex(case["frame"]) for case in CASES]
    for _ in range(1000):
        frame = bytearray(rng.choice(whole))
        for _ in range(rng.randint(1, 4)):
            frame[rng.randrange(len(frame))] = rng.randrange(256)
        try:
            found = through_a_pipe(bytes(frame))
        except (ValueError, KeyError, TypeError):
            continue
        assert found is None or isinstance(found["arrays"], dict)
