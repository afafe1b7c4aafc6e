"""Whether the learner can train the model in a folder, decided before any weight is read.

python -m azr_trainer.suits FOLDER [--method full|lora|qlora]

Prints a JSON line {"refusals", "notes"}. It builds transformers' model without memory for its
weights, and compares names and shapes with the headers of the files. It does not cover what only
the weights show: check_head.
"""

import argparse
import json
from pathlib import Path

import torch

from azr_trainer import adapters, backbone, families
from azr_trainer.checks import one_of, parsed
from azr_trainer.files import shapes_in

OTHER = "choose another model with --model.path=DIR"
SHOWN = 3
HEADS = ("lm_head.weight", "embed_out.weight")


class Unsuitable(ValueError):
    """Why a model cannot be trained, with a way out."""


def open_config(transformers, folder: Path):
    kind = json.loads((folder / "config.json").read_text()).get("model_type")
    try:
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    except Exception as error:
        known = kind in transformers.models.auto.configuration_auto.CONFIG_MAPPING_NAMES
        why = (
            str(error).split("\n")[0]
            if known
            else f"transformers {transformers.__version__} has no {kind}"
        )
        raise Unsuitable(f"{why}: {OTHER}") from error
    if type(config) not in transformers.MODEL_FOR_CAUSAL_LM_MAPPING:
        raise Unsuitable(f"{kind} is no causal language model in transformers: {OTHER}")
    if getattr(config, "is_encoder_decoder", False):
        raise Unsuitable(f"{kind} has an encoder, and only decoders are trained: {OTHER}")
    if getattr(config, "quantization_config", None):
        raise Unsuitable(
            "its weights are quantised, which cannot be trained: take the model that it was made "
            "of (--trainer.method=qlora has it in 4 bits)"
        )
    if scaled := scaling_of(config.get_text_config()):
        raise Unsuitable(
            f"its logits are more than a linear head on its last states ({scaled}): {OTHER}"
        )
    return config


def scaling_of(config) -> str | None:
    """Operations on the logits after the head, which the learner does not support."""
    neutral = {"final_logit_softcapping": None, "logit_scale": 1, "logits_scaling": 1}
    for name, value in neutral.items():
        if getattr(config, name, value) not in (value, None):
            return f"{name} {getattr(config, name)}"
    return None


def built(transformers, config):
    """The model without its weights."""
    try:
        with torch.device("meta"):
            return transformers.AutoModelForCausalLM.from_config(config)
    except Exception as error:
        raise Unsuitable(f"transformers cannot build it ({str(error)[:200]}): {OTHER}") from error


def check_body(model) -> None:
    kind, said = model.config.model_type, model.config.architectures or []
    own = type(model).__name__
    if said and own.lower() not in map(str.lower, said):
        raise Unsuitable(
            f"its config.json names {said[0]}, and the causal language model of {kind} is {own}: "
            f"{OTHER}"
        )
    head = model.get_output_embeddings()
    if not isinstance(head, torch.nn.Linear):
        raise Unsuitable(f"{kind} has no linear head: {OTHER}")
    if not isinstance(model.get_decoder(), torch.nn.Module) or model.get_decoder() is model:
        raise Unsuitable(f"transformers does not say which part of {kind} has its layers: {OTHER}")


def some(names) -> str:
    names = sorted(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def check_files(model, folder: Path) -> None:
    """Engine and learner exchange weights by name, so a folder has to have the names that are
    written.
    """
    tensors = backbone.as_saved(model, model.state_dict())
    ours = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    try:
        theirs = shapes_in(folder)
    except Exception as error:
        raise Unsuitable(f"its files cannot be read ({error}): fetch them again") from error
    head = {name for name in {*ours, *theirs} if name.endswith(HEADS)}
    missing = ours.keys() - theirs.keys() - (head if is_tied(model) else set())
    if missing:
        raise Unsuitable(f"its files lack {some(missing)}: fetch them again, or {OTHER}")
    other = theirs.keys() - ours.keys() - head
    if other:
        raise Unsuitable(
            f"its files hold what {type(model).__name__} does not write, so that the engine could "
            f"not be given it: {some(other)}; save them anew with transformers, or {OTHER}"
        )
    wrong = [name for name in ours if name in theirs and ours[name] != theirs[name]]
    if wrong:
        name = sorted(wrong)[0]
        raise Unsuitable(
            f"{name} is {theirs[name]} where its config says {ours[name]}: fetch both again"
        )


def is_tied(model) -> bool:
    return bool(getattr(model.config.get_text_config(), "tie_word_embeddings", False))


def check_adapters(model, method: str) -> list[str]:
    """The parameters that adapters leave unchanged, in words."""
    if method == "full":
        return []
    if not adapters.targets_of(model):
        raise Unsuitable(adapters.NONE)
    if experts := adapters.frozen_experts(model):
        return [
            f"adapters leave its experts as they are ({some(experts)}): only attention and what is "
            "linear beside them learns; --trainer.method=full trains all"
        ]
    return []


def suits(folder: Path, method: str = "full") -> dict:
    """Refusals and notes. The first refusal hides later ones."""
    try:
        transformers = backbone.import_transformers()
        config = open_config(transformers, folder)
        model = built(transformers, config)
        check_body(model)
        check_files(model, folder)
        notes = check_adapters(model, method)
    except Unsuitable as error:
        return {"refusals": [str(error)], "notes": []}
    if not families.packs(model, config):
        notes.append(
            "its layers take one sequence at a time: prompts that several answers share are "
            "computed once for each"
        )
    return {"refusals": [], "notes": notes}


def main() -> None:
    parser = argparse.ArgumentParser(prog="azr_trainer.suits", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--method", default="full")
    options = parsed(parser, {"method": one_of("full", "lora", "qlora")})
    print(json.dumps(suits(options.folder, options.method)))


if __name__ == "__main__":
    main()
