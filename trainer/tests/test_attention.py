"""Attention over trees of sequences, in every form that a machine may offer, in small models.

Which sequences make a tree is tested in test_packing.py. FlexAttention has no backward pass on a
CPU, so only its blocks are tested, not its kernels.
"""

from pathlib import Path

import numpy as np
import pytest
import torch
from small_models import HF, LORA, OPTIONS, SHAPES, SMALL, far, made, started, transformers
from test_packing import each_alone

from azr_trainer import attention, backbone
from azr_trainer.learner import Learner
from azr_trainer.packing import Room, assemble, plant
from azr_trainer.policy import open_whole
from azr_trainer.settings import Settings


def heads_of_prompts() -> dict[str, np.ndarray]:
    """A batch like a step's: all prompts have a common beginning, then those of a kind, then the
    answers to a prompt. Some answers are equal. They are long enough for several blocks.
    """
    rng = np.random.default_rng(5)
    draw = lambda n: rng.integers(3, 190, n).astype(np.int32)
    frame, kinds = draw(30), [draw(40), draw(25)]
    tasks = [np.concatenate([frame, kinds[n % 2], draw(3 + n % 5)]) for n in range(8)]
    answers = [[draw(1 + (n * 7 + m) % 19) for m in range(2)] for n in range(8)]
    rows = [(task, a) for task, mine in zip(tasks, answers, strict=True) for a in (*mine, mine[0])]
    sizes = np.array([len(answer) for _, answer in rows], np.int32)
    return {
        "ids": np.concatenate([ids for row in rows for ids in row]),
        "lengths": np.array([len(task) for task, _ in rows], np.int32) + sizes,
        "promptLengths": np.array([len(task) for task, _ in rows], np.int32),
        "logprobs": rng.normal(-5, 0.3, sizes.sum()).astype(np.float32),
        "advantages": rng.normal(0, 1, len(rows)).astype(np.float32),
        "weights": np.full(len(rows), 1 / sizes.sum(), np.float32),
        "minibatches": np.zeros(len(rows), np.int32),
    }


def gradient(learner: Learner, arrays: dict, **options) -> torch.Tensor:
    caught = []
    learned = learner.policy.parameters()
    learner.optimizer.register_step_pre_hook(
        lambda *_: caught.append(torch.cat([p.grad.flatten().clone() for p in learned]))
    )
    report = learner.update(arrays, {**OPTIONS, **options})
    assert report["tokens"] == int((arrays["lengths"] - arrays["promptLengths"]).sum())
    return caught[0]


def unpacked(folder: str, arrays: dict, **settings) -> torch.Tensor:
    """Computes each sequence alone, with transformers' own causal attention."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("azr_trainer.update.plant", each_alone)
        learner = started(folder, attention="sdpa", **settings)
        return gradient(learner, arrays, microBatchTokens=1)


FAMILIES = {
    **SHAPES,
    "mistral": lambda: transformers.MistralConfig(**SMALL, sliding_window=None),
    "olmo2": lambda: transformers.Olmo2Config(**SMALL),
}


@pytest.fixture(params=FAMILIES)
def folder(request, tmp_path, monkeypatch) -> str:
    monkeypatch.setitem(SHAPES, request.param, FAMILIES[request.param])
    return made(tmp_path, request.param)


def test_a_tree_gives_the_gradient_of_sequences_done_alone(folder, monkeypatch):
    arrays = heads_of_prompts()
    alone = unpacked(folder, arrays)
    assert alone.norm() > 1e-2
    for name in ("auto", "sdpa", "eager"):
        for tokens in (4096, 150, 1):
            learner = started(folder, attention=name)
            assert far(gradient(learner, arrays, microBatchTokens=tokens), alone) <= 1e-5
    # Logits of five tokens at a time, with layers recomputed in the backward pass.
    monkeypatch.setattr("azr_trainer.logps.LOGITS", 5 * 4 * SMALL["vocab_size"])
    again = started(folder, gradientCheckpointing=True)
    assert far(gradient(again, arrays), alone) <= 1e-5


def test_adapters_learn_the_same_from_a_tree(tmp_path):
    pytest.importorskip("peft")
    folder, arrays = made(tmp_path, "qwen3"), heads_of_prompts()
    alone = unpacked(folder, arrays, **LORA)
    assert far(gradient(started(folder, **LORA), arrays), alone) <= 1e-5


def test_tokens_that_the_loss_leaves_out_are_left_out_of_a_tree(tmp_path):
    """Some sequences have no advantage, and importance drops some tokens."""
    folder, arrays = made(tmp_path, "qwen2.5"), heads_of_prompts()
    arrays["advantages"][::3] = 0
    options = {"importance": "icepop", "importanceFloor": 0.8, "importanceCap": 1.2}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("azr_trainer.update.plant", each_alone)
        alone = gradient(started(folder), arrays, **options)
    assert far(gradient(started(folder), arrays, **options), alone) <= 1e-5
    assert far(gradient(started(folder), arrays), alone) > 0.01


def test_a_pass_holds_no_more_tokens_than_it_is_told(tmp_path):
    learner, arrays = started(made(tmp_path, "smollm2")), heads_of_prompts()
    forward, sizes = learner.passes.forward, []

    def watched(part, temperature):
        sizes.append(part.ids_BT.numel())
        return forward(part, temperature)

    learner.passes.forward = watched
    learner.update(arrays, {**OPTIONS, "microBatchTokens": 150})
    assert max(sizes) <= 150 and len(sizes) > 1
    # Most tokens appear once: the frame, each kind, and each prompt.
    assert sum(sizes) < 0.5 * arrays["lengths"].sum()


def a_part(width: int):
    arrays = heads_of_prompts()
    sequences = np.split(arrays["ids"], np.cumsum(arrays["lengths"])[:-1])
    trees = plant(sequences, arrays["promptLengths"], range(len(sequences)), Room(width))
    return assemble(trees, sequences)


@pytest.mark.parametrize("width", [10**6, 150])
def test_blocks_are_those_of_the_dense_mask(width):
    part = a_part(width)
    blocks, seen = attention.blocks_of(part.until_BT), part.seen_BTT()
    B, T = part.until_BT.shape
    for b in range(B):
        for row in range(-(-T // attention.BLOCK)):
            listed = blocks.kv_indices[b, 0, row, : blocks.kv_num_blocks[b, 0, row]].tolist()
            whole = blocks.full_kv_indices[b, 0, row, : blocks.full_kv_num_blocks[b, 0, row]]
            cut = lambda at: slice(at * attention.BLOCK, (at + 1) * attention.BLOCK)
            pieces = [seen[b, cut(row), cut(at)] for at in range(-(-T // attention.BLOCK))]
            assert whole.tolist() == [
                at for at, piece in enumerate(pieces) if piece.all() and at < row
            ]
            mine = {at for at, piece in enumerate(pieces) if piece.any()} - set(whole.tolist())
            assert set(listed) == mine


def test_flex_attention_gives_the_states_of_dense_attention(tmp_path):
    made(tmp_path, "smollm2")
    part, found = a_part(10**6), {}
    for name in (attention.FLEX, "sdpa"):
        model = backbone.open_backbone(tmp_path, "float32", "cpu", name)
        mask = attention.mask_of(name, part)
        # Compiled for a card only; here its blocks are walked in plain torch.
        with torch.no_grad(), torch.compiler.set_stance("force_eager"):
            found[name] = backbone.states(model, part.ids_BT, part.positions_BT, mask)
    assert far(found[attention.FLEX], found["sdpa"]) <= 1e-5


def test_a_card_gets_what_it_can_compile(monkeypatch):
    monkeypatch.setattr("azr_trainer.attention.find_spec", lambda _: object())
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/gcc" if name == "gcc" else None)
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda: (9, 0))
    assert attention.best_for("cuda") == attention.FLEX
    assert attention.best_for("cpu") == attention.NAME
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda: (7, 5))
    assert attention.best_for("cuda") == "sdpa"
    monkeypatch.setattr("torch.cuda.get_device_capability", lambda: (9, 0))
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert attention.best_for("cuda") == "sdpa"


def test_flex_attention_is_refused_without_a_card(tmp_path):
    with pytest.raises(ValueError, match="FlexAttention without CUDA: use trainer.attention=auto"):
        started(made(tmp_path, "smollm2"), attention="flex")


def test_weights_that_are_read_elsewhere_attend_as_cards_do(tmp_path, monkeypatch):
    folder = Path(made(tmp_path, "smollm2"))
    own = {"cpu": attention.NAME, "cuda": "sdpa"}
    monkeypatch.setattr("azr_trainer.attention.best_for", own.get)
    for computes, name in own.items():
        policy = open_whole(folder, Settings(**HF), "cpu", computes)
        assert policy.attention == policy.module.config._attn_implementation == name
        assert ("forward" in vars(policy.module.model.norm)) == (computes == "cpu")


def test_attention_that_is_more_than_a_tree_is_refused():
    q = torch.zeros(1, 2, 4, 8)
    with pytest.raises(ValueError, match="softcap: set trainer.attention=eager"):
        attention.tree_attention(torch.nn.Module(), q, q, q, None, softcap=30.0)


def test_probed_sequences_share_nothing(tmp_path):
    """The vocabulary has 199 tokens, so sequences of consecutive ids would soon have common
    beginnings.
    """
    learner = started(made(tmp_path, "smollm2"))
    sizes, forward = [], learner.passes.forward

    def watched(part, temperature):
        sizes.append(part.ids_BT.numel())
        return forward(part, temperature)

    learner.passes.forward = watched
    learner.probe(100, {**OPTIONS, "microBatchTokens": 2000})
    assert sum(sizes) == 20 * 99
