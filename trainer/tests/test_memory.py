"""The learner when memory is short or a loss is not finite. Both are injected: no memory is really
exhausted. The probe before step 1 is tested in test/whole.
"""

import gc
import json
import resource

import numpy as np
import pytest
import torch
from micro_learner import MODEL, OPTIONS, batch, shared_prompts, started

from azr_trainer.learner import Learner
from azr_trainer.model import Qwen2
from azr_trainer.weights import write_weights


def short_of_memory(learner: Learner, most: int) -> list[tuple]:
    """From now on a pass of more than `most` padded tokens runs out of memory halfway."""
    forward, tried = learner.passes.forward, []

    def limited(part, temperature):
        tried.append(tuple(part.ids_BT.shape))
        found = forward(part, temperature)
        if part.ids_BT.numel() > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return found

    learner.passes.forward = limited
    return tried


@pytest.mark.parametrize("minibatches", [1, 3])
def test_out_of_memory_halves_the_passes_and_loses_nothing(minibatches):
    events = []
    arrays = batch(started(), 30, minibatches)
    learner = Learner(log=lambda event, **detail: events.append((event, detail)))
    learner.load(str(MODEL))
    tried = short_of_memory(learner, 150)
    report = learner.update(arrays, {**OPTIONS, "microBatchTokens": 1000})
    assert max(b * t for b, t in tried) > 150
    assert report["budgets"][-1] == 125
    assert report["skipped"] is None
    assert report["tokens"] == int((arrays["lengths"] - arrays["promptLengths"]).sum())
    assert {event for event, _ in events} == {"memory.short"}
    assert events[-1][1]["microBatchTokens"] == 125
    # The failed passes leave nothing in the gradient: it equals that of an update that used the
    # smaller passes from the start.
    straight = started().update(arrays, {**OPTIONS, "budgets": report["budgets"]})
    assert straight["weightsHash"] == report["weightsHash"]
    assert straight["loss"] == report["loss"]
    other = started().update(arrays, {**OPTIONS, "microBatchTokens": 1000})
    assert other["weightsHash"] != report["weightsHash"]


def test_scoring_halves_its_passes_too_keeps_to_it_and_gives_the_same():
    events = []
    learner = started()
    learner.log = learner.passes.log = lambda event, **detail: events.append((event, detail))
    arrays = batch(learner, 30)
    asked = arrays["ids"], arrays["lengths"]
    before = learner.score(*asked)
    tried = short_of_memory(learner, 150)
    np.testing.assert_allclose(learner.score(*asked, tokens=1000), before, rtol=0, atol=1e-5)
    assert [detail["microBatchTokens"] for _, detail in events] == [500, 250, 125]
    tried.clear()
    learner.score(*asked, tokens=1000)
    assert max(b * t for b, t in tried) <= 150
    assert len(events) == 3


def test_a_sequence_that_never_fits_is_an_error_that_names_the_knobs():
    learner = started()
    arrays = batch(learner, 6)
    short_of_memory(learner, 3)
    with pytest.raises(RuntimeError, match="Cannot fit one sequence of .*gradientCheckpointing"):
        learner.update(arrays, OPTIONS)


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    learner = started()
    arrays = batch(learner, 6)
    learner.passes.forward = lambda *_: (_ for _ in ()).throw(RuntimeError("shapes differ"))
    with pytest.raises(RuntimeError, match="shapes differ"):
        learner.update(arrays, OPTIONS)


def test_the_probe_finds_what_fits_and_leaves_everything_as_it_was():
    learner, untouched = started(), started()
    arrays = shared_prompts(learner)
    tried = short_of_memory(learner, 500)
    found = learner.probe(100, {**OPTIONS, "microBatchTokens": 1600})
    assert found["microBatchTokens"] == 400
    assert found["peakBytes"] > 1 << 20
    assert max(shape[1] for shape in tried) == 99
    options = {**OPTIONS, "microBatchTokens": found["microBatchTokens"]}
    one, other = learner.update(arrays, options), untouched.update(arrays, options)
    assert one["weightsHash"] == other["weightsHash"]


def test_between_updates_no_gradient_is_held():
    learner = started()
    learner.update(batch(learner, 6), OPTIONS)
    assert all(p.grad is None for p in learner.policy.module.parameters())


def test_one_minibatch_that_is_not_finite_is_left_out_alone():
    learner, sound = started(), started()
    arrays = batch(learner, 12, 3)
    bad = {name: values.copy() for name, values in arrays.items()}
    bad["advantages"][bad["minibatches"] == 1] = np.inf
    report = learner.update(bad, OPTIONS)
    assert report["skipped"].startswith("minibatch 2 of 3: gradient norm")
    assert np.isfinite([report["loss"], report["gradientNorm"], report["mismatchKl"]]).all()
    assert 0 < report["tokens"] < sound.update(arrays, OPTIONS)["tokens"]
    assert report["weightsHash"] != started().load(str(MODEL))["weightsHash"]


TINY = {
    **{"model_type": "qwen2", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1},
    **{"num_attention_heads": 2, "num_key_value_heads": 1, "vocab_size": 100},
    **{"rms_norm_eps": 1e-6, "tie_word_embeddings": True},
}


def test_memory_does_not_creep_over_a_thousand_updates(tmp_path):
    """In a tiny model, memory that an update keeps would still show."""
    (tmp_path / "config.json").write_text(json.dumps(TINY))
    write_weights(Qwen2(TINY), tmp_path / "model.safetensors")
    learner = started(tmp_path)
    arrays = batch(learner, 2)
    for _ in range(50):
        learner.update(arrays, OPTIONS)
    count = lambda: sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())
    gc.collect()
    tensors, before = count(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(1000):
        learner.update(arrays, OPTIONS)
    gc.collect()
    assert count() <= tensors
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 8 * 1024  # kilobytes
