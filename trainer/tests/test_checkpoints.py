"""The learner's checkpoints: complete, refused if damaged, never half-written."""

import resource
import shutil

import pytest
from micro_learner import MODEL, OPTIONS, batch, started

from azr_trainer.learner import Learner


@pytest.mark.parametrize("minibatches", [1, 3])
def test_saved_and_loaded_goes_on_bit_for_bit(tmp_path, minibatches):
    learner = started()
    arrays = batch(learner, minibatches=minibatches)
    learner.update(arrays, OPTIONS)
    saved = learner.save(str(tmp_path / "one"))
    straight = learner.update(arrays, OPTIONS)
    other = started(tmp_path / "one")
    assert other.load(str(tmp_path / "one"))["weightsHash"] == saved["weightsHash"]
    assert other.update(arrays, OPTIONS)["weightsHash"] == straight["weightsHash"]
    assert not list(tmp_path.glob(".*"))


def test_what_a_card_wrote_goes_on_where_there_is_none(tmp_path, monkeypatch):
    learner = started()
    arrays = batch(learner)
    learner.update(arrays, OPTIONS)
    # The file then records a card as the device of every tensor.
    monkeypatch.setattr("torch.serialization.location_tag", lambda _: "cuda:0")
    learner.save(str(tmp_path / "one"))
    straight = learner.update(arrays, OPTIONS)
    other = started(tmp_path / "one")
    assert other.update(arrays, OPTIONS)["weightsHash"] == straight["weightsHash"]


def test_export_is_a_folder_of_the_same_model(tmp_path):
    learner = started()
    learner.update(batch(learner), OPTIONS)
    told = learner.export(str(tmp_path / "out"))
    assert (
        started(tmp_path / "out").load(str(tmp_path / "out"))["weightsHash"] == told["weightsHash"]
    )
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"config.json", "tokenizer.json", "model.safetensors"} <= names
    assert "trainer.pt" not in names


def test_a_checkpoint_that_was_torn_or_changed_is_refused(tmp_path):
    learner = started()
    learner.load(str(MODEL))
    for name in ("trainer.pt", "model.safetensors"):
        folder = tmp_path / name
        learner.save(str(folder))
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[:-1])
        with pytest.raises(ValueError, match=f"{name} is not what was saved"):
            learner.load(str(folder))
        flipped = bytes([content[100] ^ 1])
        (folder / name).write_bytes(content[:100] + flipped + content[101:])
        with pytest.raises(ValueError, match=f"{name} is not what was saved"):
            learner.load(str(folder))


def test_what_cannot_be_written_says_why_and_leaves_no_checkpoint(tmp_path):
    learner = started()
    learner.update(batch(learner), OPTIONS)
    learner.save(str(tmp_path / "whole"))
    room = (tmp_path / "whole/trainer.pt").stat().st_size - 1000
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            learner.save(str(tmp_path / "torn"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not (tmp_path / "torn").exists()


def test_saves_a_whole_folder_though_the_one_it_came_from_is_gone(tmp_path):
    learner = started()
    learner.load(str(MODEL))
    learner.save(str(tmp_path / "one"))
    learner.load(str(tmp_path / "one"))
    shutil.rmtree(tmp_path / "one")
    saved = learner.save(str(tmp_path / "two"))
    assert Learner().load(str(tmp_path / "two"))["weightsHash"] == saved["weightsHash"]
