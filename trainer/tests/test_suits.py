"""Reasons why a model cannot be trained are found from its folder, before a weight is read."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from small_models import SMALL, made, transformers

from azr_trainer.suits import suits
from azr_vllm import worker

WEIGHTS = "model.safetensors"


def save(folder, config):
    torch.manual_seed(3)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


def refusal(folder, method="full"):
    found = suits(folder, method)["refusals"]
    return found[0] if found else None


def change(folder, **settings):
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **settings}))


def rewrite(folder, edit):
    tensors = load_file(folder / WEIGHTS)
    edit(tensors)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


def test_a_whole_folder_passes(tmp_path):
    made(tmp_path, "qwen2")
    assert suits(tmp_path, "lora") == {"refusals": [], "notes": []}


def test_old_buffers_and_other_files_beside_the_model_do_no_harm(tmp_path):
    made(tmp_path, "llama3")
    other = load_file(tmp_path / WEIGHTS)
    save_file({"layers.0.weight": torch.zeros(2)}, tmp_path / "consolidated.safetensors")
    rewrite(tmp_path, lambda t: t.update({"model.rotary_emb.inv_freq": torch.ones(4)}))
    assert refusal(tmp_path) is None
    new = tmp_path / "new.safetensors"
    save_file(other, new)
    worker.check(tmp_path, new, tied=False)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (lambda t: t.pop("model.norm.weight"), "its files lack model.norm.weight"),
        (lambda t: t.update(extra=torch.ones(1)), "does not write.*extra"),
        (lambda t: t.update({"model.norm.weight": torch.ones(3)}), r"\(3,\) where its config says"),
    ],
)
def test_tensors_that_are_not_the_config_s(tmp_path, edit, why):
    made(tmp_path, "qwen2")
    rewrite(tmp_path, edit)
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(refusal(tmp_path))


def test_a_file_that_is_torn_or_gone(tmp_path):
    made(tmp_path, "qwen2")
    data = (tmp_path / WEIGHTS).read_bytes()
    (tmp_path / WEIGHTS).write_bytes(data[: len(data) // 2])
    assert "cannot be read" in refusal(tmp_path)
    index = {"weight_map": {"model.norm.weight": "model-00001-of-00002.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    assert "has no model-00001-of-00002" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"model_type": "nobody"}, "has no nobody"),
        ({"model_type": "bert"}, "the causal language model of bert is BertLMHeadModel"),
        ({"model_type": "t5"}, "t5 is no causal language model"),
        (
            {"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}},
            "its weights are quantised",
        ),
        ({"final_logit_softcapping": 30.0}, "more than a linear head.*final_logit_softcapping 30"),
        ({"hidden_size": 7}, "transformers cannot build it|its config says"),
    ],
)
def test_what_the_config_tells_has_a_way_out(tmp_path, settings, why):
    made(tmp_path, "qwen2")
    change(tmp_path, **settings)
    with pytest.raises(AssertionError, match=why):
        raise AssertionError(refusal(tmp_path))
    assert (
        "--model.path=" in refusal(tmp_path)
        or "fetch" in refusal(tmp_path)
        or "take the" in refusal(tmp_path)
    )


def test_adapters_need_linear_layers(tmp_path):
    config = transformers.GPT2Config(
        vocab_size=199, n_embd=48, n_layer=1, n_head=4, bos_token_id=0, eos_token_id=0
    )
    save(tmp_path, config)
    assert refusal(tmp_path) is None
    assert refusal(tmp_path, "lora").endswith("--trainer.method=full")


def test_adapters_say_what_they_leave_of_a_mixture(tmp_path):
    config = transformers.Qwen3MoeConfig(
        **SMALL, head_dim=16, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=32
    )
    save(tmp_path, config)
    assert suits(tmp_path, "full") == {"refusals": [], "notes": []}
    (note,) = suits(tmp_path, "lora")["notes"]
    assert "leave its experts as they are (down_proj, gate_up_proj)" in note
