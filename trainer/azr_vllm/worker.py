"""Our extension of each vLLM worker: it loads weights, completely or not at all.

`--worker-extension-cls azr_vllm.worker.Weights` mixes it into the worker, and `/collective_rpc`
calls it. Adapters do not pass through here: vLLM loads those itself.
"""

from pathlib import Path

import torch
from safetensors import safe_open

from azr_trainer.files import files_of, shapes_in

try:
    from vllm.lora.punica_wrapper.punica_cpu import PunicaWrapperCPU
except ImportError:  # checking files needs no vLLM
    PunicaWrapperCPU = None

# vLLM's CPU build does not request AMX from the kernel. If the processor has AMX, bf16 then ends in
# an illegal instruction. Otherwise this has no effect.
if hasattr(torch.cpu, "_init_amx"):
    torch.cpu._init_amx()


# vLLM gives the output head a place for adapters, which we never fill: check_adapter makes sure of
# that. Its CPU build indexes that place by request, though rows are tokens, so several prompts
# scored at once killed the engine.
if PunicaWrapperCPU is not None:
    PunicaWrapperCPU.add_lora_logits = lambda self, logits, *_, **__: logits


def check(served: Path, path: Path, tied: bool) -> None:
    """Checks every name and shape of the served folder, and allows no other. vLLM dies of wrong
    tensors, and only logs missing ones.
    """
    ours, theirs = shapes_in(served), shapes_in(path)
    if tied:
        ours.pop("lm_head.weight", None)
        theirs.pop("lm_head.weight", None)
    wrong = sorted(
        name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
    )
    if wrong:
        name = wrong[0]
        raise ValueError(
            f"Cannot load {path} as {len(wrong)} tensors do not fit {served}: {name} is "
            f"{theirs.get(name)} in place of {ours.get(name)}"
        )


def check_adapter(served: Path, path: Path) -> None:
    """Checks that every matrix of an adapter fits a layer of the served model. vLLM silently
    ignores matrices without a layer, and answers as the bare model.
    """
    weights = shapes_in(served)
    matrices = shapes_in(path)
    if not matrices:
        raise ValueError(f"Cannot load {path} as its adapter is empty")
    for name, shape in sorted(matrices.items()):
        layer, _, part = name.removeprefix("base_model.model.").partition(".lora_")
        if layer == "lm_head":
            raise ValueError(f"Cannot load {path} as {name} changes the output head")
        matrix = weights.get(f"{layer}.weight", ())
        fits = {"A.weight": shape[1:] == matrix[1:], "B.weight": shape[:1] == matrix[:1]}
        if len(matrix) != 2 or not fits.get(part, False):
            raise ValueError(f"Cannot load {path} as {name} {shape} fits no layer of {served}")


def tensors_of(path: Path, tied: bool):
    for file in files_of(path):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys():  # noqa: SIM118
                if not (tied and name == "lm_head.weight"):
                    yield name, tensors.get_tensor(name)


def check_served(model, path: Path) -> None:
    """Checks that the served norms and embedding equal those of the file. This finds a load that
    did nothing, even if the weights changed only a little. vLLM may combine, split or rearrange
    other layers, so the parity gate checks those.
    """
    served = dict(model.named_parameters())
    for file in files_of(path):
        with safe_open(file, framework="pt") as tensors:
            for name in tensors.keys() & served.keys():
                mine = served[name].detach()
                if mine.dim() > 1 and not name.endswith("embed_tokens.weight"):
                    continue
                ours = tensors.get_tensor(name)
                # The vocabulary may be padded or split.
                mine = mine[: len(ours)]
                if mine.shape == ours.shape and not torch.equal(mine, ours.to(mine)):
                    raise ValueError(f"Cannot serve {path} as {name} was not taken over")


def pack_heads(model) -> None:
    """vLLM's CPU build multiplies with a packed copy of a tied output head. A reload does not
    update it, which gives wrong log-probabilities without an error. This packs it again.
    """
    for module in model.modules():
        if hasattr(module, "cpu_linear") and hasattr(module, "num_embeddings"):
            module.quant_method.process_weights_after_loading(module)


class Weights:
    """Mixed into vLLM's worker; `self` is the worker."""

    def azr_check_adapter(self, path: str) -> dict:
        check_adapter(Path(self.model_runner.model_config.model), Path(path))
        return {}

    def azr_fit(self, path: Path) -> bool:
        config = self.model_runner.model_config
        tied = bool(getattr(config.hf_config, "tie_word_embeddings", False))
        check(Path(config.model), path, tied)
        return tied

    def azr_load(self, path: str, version: int) -> dict:
        """Loads a Hugging Face folder or one safetensors file."""
        tied = self.azr_fit(Path(path))
        self.reload_weights(weights_iterator=tensors_of(Path(path), tied))
        self.azr_settle()
        check_served(self.model_runner.get_model(), Path(path))
        return {"version": version}

    def azr_settle(self) -> None:
        pack_heads(self.model_runner.get_model())

    def azr_describe(self) -> dict:
        """The settings of this server, for clients that did not start it."""
        model, adapters = self.model_runner.model_config, self.lora_config
        return {
            "logprobs": str(model.logprobs_mode),
            "length": model.max_model_len,
            "rank": adapters.max_lora_rank if adapters else 0,
        }

    def azr_read(self, path: str) -> dict:
        """The text of a small file, which shows whether this server sees our folder."""
        return {"text": Path(path).read_text()[:100]}
